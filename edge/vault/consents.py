"""Consent records in the vault: added once, withdrawn once, never edited."""

from datetime import datetime

from sqlite_utils import Database

from edge.domain.consent import Consent
from edge.domain.ids import ChildId
from edge.errors import VaultError
from edge.vault import records
from edge.vault.database import explained, write

_USABLE = "withdrawn_at IS NULL AND expires_at > ? AND child NOT IN (SELECT child FROM blocked)"


class Consents:
    """What the guardians agreed to."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, consent: Consent) -> None:
        """Record a consent. Raises VaultError if child and guardian are not on the roster together."""
        row = records.consent_to_row(consent)
        places = ", ".join(f":{name}" for name in row)
        with write(self._db) as sql:
            sql.execute(f"INSERT INTO consent ({', '.join(row)}) VALUES ({places})", row)  # noqa: S608 - fixed names

    def of(self, child: ChildId) -> list[Consent]:
        """All consents of a child, ended ones too, oldest first."""
        return self._select("child = ?", child.value)

    def get(self, id_: str) -> Consent:
        """One consent. Raises VaultError."""
        for found in self._select("id = ?", id_):
            return found
        raise VaultError(f"there is no consent {id_}", "See: qaqpa-kiosk policy agreed")

    def under(self, wording_sha256: str) -> list[Consent]:
        """Every consent to this very text."""
        return self._select("wording_sha256 = ?", wording_sha256)

    def live(self, now: datetime) -> list[Consent]:
        """Every consent that is neither withdrawn, run out nor suspended, of children who are not blocked."""
        return self._select(f"{_USABLE} AND NOT suspended", records.stamp(now))

    def suspended(self, now: datetime) -> list[Consent]:
        """Every consent that would be live, had no wider edition been adopted since."""
        return self._select(f"{_USABLE} AND suspended", records.stamp(now))

    def _select(self, where: str, value: str) -> list[Consent]:
        with explained():
            cursor = self._db.conn.execute(
                f"SELECT * FROM standing_consent WHERE {where} ORDER BY given_at, id",  # noqa: S608 - fixed conditions
                [value],
            )
            names = [column[0] for column in cursor.description]
            rows = cursor.fetchall()
        return [records.consent_from_row(dict(zip(names, row, strict=True))) for row in rows]
