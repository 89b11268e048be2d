"""Passes and cards in the vault: issued once, revoked once, replaced by the next one, found at the gate."""

import hmac
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from secrets import token_bytes
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlite_utils import Database

from edge.credentials.qr_pass import LAST_ISSUE, QrPass, sign
from edge.domain.credentials import CredentialKind, Holder, HolderKind, Refusal
from edge.domain.ids import ChildId, Slug
from edge.errors import VaultError
from edge.vault import records
from edge.vault.database import explained, write
from edge.vault.keyring import Keyring, unknown_child
from edge.vault.seal import KEY_BYTES

PASS_KEY = "pass_key"  # noqa: S105 - the name of a secret
CARD_KEY = "card_key"
_ABOUT_CARD = b"qaqpa/card/v1\x00"
_COLUMNS = "kind, child, visitor, issue, issued_at, expires_at, revoked_at"


@dataclass(frozen=True, slots=True)
class Credential:
    """One pass or card; a card's number is not in it. A card without `expires` counts until it is revoked."""

    kind: CredentialKind
    holder: Holder
    issue: int
    issued: datetime
    expires: datetime | None
    revoked: datetime | None

    def refusal(self, now: datetime) -> Refusal | None:
        """Why it opens nothing at this moment, or None."""
        if self.revoked is not None:
            return Refusal.REVOKED
        return Refusal.EXPIRED if self.expires is not None and self.expires <= now else None


class Credentials:
    """Who holds which pass and which card. A holder has one live credential of a kind: the newest."""

    def __init__(self, db: Database, keyring: Keyring) -> None:
        self._db = db
        self._keyring = keyring

    def issue_pass(self, holder: Holder, expires: datetime, now: datetime) -> Credential:
        """A new pass; the holder's older ones are revoked. Raises VaultError for an unknown holder."""
        with write(self._db):
            self._keyring.put_secret(PASS_KEY, token_bytes(KEY_BYTES))
            return self._add(CredentialKind.QR, holder, None, now, expires.replace(microsecond=0))

    def pass_text(self, held: Credential, school: Slug) -> str:
        """The text of a pass, signed; the same at every call, so that a lost print can be printed again."""
        if held.kind is not CredentialKind.QR or held.expires is None:
            raise ValueError("this credential is no pass")
        key = Ed25519PrivateKey.from_private_bytes(self._keyring.required_secret(PASS_KEY))
        return sign(QrPass(school, held.holder.id, held.issue, held.expires), key)

    def pass_verifier(self) -> Ed25519PublicKey | None:
        """What verifies the passes of this vault; None before the first was issued."""
        seed = self._keyring.secret(PASS_KEY)
        return None if seed is None else Ed25519PrivateKey.from_private_bytes(seed).public_key()

    def renew_pass_key(self) -> int:
        """Sign with another key from now on: no print that is out opens anything.

        Returns how many passes wait to be printed again, under their old numbers.
        """
        with write(self._db) as sql:
            if self._keyring.secret(PASS_KEY) is not None:
                self._keyring.replace_secret(PASS_KEY, token_bytes(KEY_BYTES))
            return int(
                sql.execute(
                    "SELECT count(*) FROM credential WHERE kind = 'qr' AND revoked_at IS NULL"
                ).fetchone()[0]
            )

    def revoke_all_cards(self, now: datetime) -> int:
        """End every card at once; returns how many. Their numbers can be given out again."""
        with write(self._db) as sql:
            return sql.execute(
                "UPDATE credential SET revoked_at = max(?, issued_at)"
                " WHERE kind = 'card' AND revoked_at IS NULL",
                [records.stamp(now)],
            ).rowcount

    def add_card(
        self, holder: Holder, number: bytes, now: datetime, expires: datetime | None = None
    ) -> Credential:
        """Give a holder this card in place of an earlier one. Raises VaultError if somebody has it."""
        with write(self._db):
            self._keyring.put_secret(CARD_KEY, token_bytes(KEY_BYTES))
            hashed = self._card_hash(number)
            owner = self._one("card_hash = ? AND revoked_at IS NULL", hashed)
            if owner is not None:
                raise _taken(owner.holder == holder)
            return self._add(CredentialKind.CARD, holder, hashed, now, expires)

    def card(self, number: bytes) -> Credential | None:
        """The live credential of this card, else its newest one, else None."""
        if self._keyring.secret(CARD_KEY) is None:
            return None
        return self._one("card_hash = ? ORDER BY revoked_at IS NOT NULL, issued_at DESC, rowid DESC LIMIT 1",
                         self._card_hash(number))  # fmt: skip

    def pass_(self, holder: ChildId, issue: int) -> Credential | None:
        """The pass of this issue number, whatever its state."""
        return self._one("holder = ? AND kind = 'qr' AND issue = ?", holder.value, issue)

    def live(self, holder: ChildId, kind: CredentialKind) -> Credential | None:
        """The holder's newest credential of a kind if it was not revoked; it may have run out."""
        return self._one("holder = ? AND kind = ? AND revoked_at IS NULL", holder.value, kind.value)

    def of(self, holder: ChildId) -> list[Credential]:
        """Everything this holder ever got, the oldest first."""
        with explained():
            rows = self._db.conn.execute(
                f"SELECT {_COLUMNS} FROM credential WHERE holder = ? ORDER BY issued_at, kind, issue",  # noqa: S608 - fixed names
                [holder.value],
            ).fetchall()
        return [_credential(row) for row in rows]

    def revoke(self, holder: ChildId, now: datetime, kind: CredentialKind | None = None) -> int:
        """End what a holder has, of one kind or of all; returns how many were ended."""
        kinds = [kind.value] if kind else [each.value for each in CredentialKind]
        with write(self._db) as sql:
            return sum(
                sql.execute(
                    "UPDATE credential SET revoked_at = max(?, issued_at)"
                    " WHERE holder = ? AND kind = ? AND revoked_at IS NULL",
                    [records.stamp(now), holder.value, each],
                ).rowcount
                for each in kinds
            )

    def newest_moment(self) -> datetime | None:
        """The latest moment that the vault holds of something done: time was at least this."""
        with explained():
            (text,) = self._db.conn.execute(
                "SELECT max(at) FROM (SELECT max(issued_at) AS at FROM credential"
                " UNION ALL SELECT max(revoked_at) FROM credential"
                " UNION ALL SELECT max(given_at) FROM consent"
                " UNION ALL SELECT max(withdrawn_at) FROM consent"
                " UNION ALL SELECT max(created_at) FROM template)"
            ).fetchone()
        return records.moment(text) if text else None

    def _add(
        self,
        kind: CredentialKind,
        holder: Holder,
        hashed: bytes | None,
        now: datetime,
        expires: datetime | None,
    ) -> Credential:
        """Inside the caller's transaction; the schema revokes what this one replaces."""
        sql, (child, visitor) = self._db.conn, _columns(holder)
        (last,) = sql.execute(
            "SELECT coalesce(max(issue), 0) FROM credential WHERE holder = ? AND kind = ?",
            [holder.id.value, kind.value],
        ).fetchone()
        if last >= LAST_ISSUE:
            raise VaultError("this holder's issue numbers are used up", "Erase the child and import it again")
        until = records.stamp(expires) if expires else None
        row = [kind.value, child, visitor, last + 1, hashed, records.stamp(now), until]
        try:
            sql.execute(
                "INSERT INTO credential (kind, child, visitor, issue, card_hash, issued_at, expires_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                row,
            )
        except sqlite3.IntegrityError as error:
            if "FOREIGN KEY" in str(error):
                raise unknown_child() from None
            raise
        return Credential(kind, holder, last + 1, now, expires, None)

    def _card_hash(self, number: bytes) -> bytes:
        """A number is an integer: zeros in front of it change nothing."""
        key = self._keyring.required_secret(CARD_KEY)
        return hmac.digest(key, _ABOUT_CARD + number.lstrip(b"\0"), "sha256")

    def _one(self, where: str, *values: str | int | bytes) -> Credential | None:
        with explained():
            row = self._db.conn.execute(
                f"SELECT {_COLUMNS} FROM credential WHERE {where}",  # noqa: S608 - fixed conditions
                values,
            ).fetchone()
        return None if row is None else _credential(row)


def _columns(holder: Holder) -> tuple[str | None, str | None]:
    child = holder.kind is HolderKind.CHILD
    return (holder.id.value, None) if child else (None, holder.id.value)


def _credential(row: tuple[Any, ...]) -> Credential:
    kind, child, visitor, issue, issued, expires, revoked = row
    return Credential(
        CredentialKind(kind),
        Holder(HolderKind.CHILD if child else HolderKind.VISITOR, ChildId(child or visitor)),
        issue,
        records.moment(issued),
        records.moment(expires) if expires else None,
        records.moment(revoked) if revoked else None,
    )


def _taken(by_the_same: bool) -> VaultError:
    if by_the_same:
        return VaultError("this person has this very card already", "Nothing was changed")
    return VaultError(
        "this card belongs to somebody else",
        "See whose it is with: qaqpa-kiosk card whose; then: qaqpa-kiosk card revoke",
    )
