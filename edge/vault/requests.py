"""The register of requests in the vault: opened once, closed once, kept when the child is erased."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from edge.domain.blocks import Asker
from edge.domain.ids import ChildId
from edge.domain.requests import Outcome, Request, Right, Way
from edge.errors import VaultError
from edge.vault import records
from edge.vault.database import snapshot, write
from edge.vault.keyring import Keyring, about
from edge.vault.seal import seal, unseal

_COLUMNS = 'id, child, "right", asked_by, guardian, way, received_at, closed_at, outcome, sealed'


class Requests:
    """What was asked about whom; the free text is sealed under the child's key."""

    def __init__(self, db: Database, keyring: Keyring) -> None:
        self._db = db
        self._keyring = keyring

    def open(self, request: Request) -> None:
        """Enter a new request. Raises VaultError for a child or a guardian who is not on the roster."""
        if request.child is None:
            raise ValueError("a new request is about somebody on the roster")
        with write(self._db) as sql:
            sql.execute(
                f"INSERT INTO request ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, NULL, NULL, ?)",  # noqa: S608 - fixed names
                [
                    request.id,
                    request.child.value,
                    request.right.value,
                    request.asked_by.value,
                    request.guardian_id,
                    request.way.value,
                    records.stamp(request.received_at),
                    self._sealed(request.id, request.child, (request.text, request.answer)),
                ],
            )

    def close(self, id_: str, outcome: Outcome, now: datetime, answer: str = "") -> Request:
        """End an open request; about an erased child no answer is kept. Raises VaultError if not open."""
        with write(self._db) as sql:
            request = self._get(id_)
            if request.closed_at is not None:
                raise VaultError(f"request {id_} is closed already", "See it: qaqpa-kiosk rights show")
            texts = (request.text, answer)
            sealed = self._sealed(id_, request.child, texts) if request.child else None
            sql.execute(
                "UPDATE request SET closed_at = max(?, received_at), outcome = ?, sealed = ? WHERE id = ?",
                [records.stamp(now), outcome.value, sealed, id_],
            )
            return self._get(id_)

    def get(self, id_: str) -> Request:
        """One request. Raises VaultError for an unknown id."""
        with snapshot(self._db):
            return self._get(id_)

    def of(self, child: ChildId) -> list[Request]:
        """All of one child, the oldest first."""
        return self._select("child = ?", child.value)

    def still_open(self) -> list[Request]:
        """Every request that nobody has closed, the oldest first; without the texts."""
        return self._select("closed_at IS NULL", texts=False)

    def all(self) -> list[Request]:
        """The whole register, the oldest first; without the texts."""
        return self._select("1", texts=False)

    def texts(self, child: ChildId) -> dict[str, tuple[str, str]]:
        """The free texts of a child's requests, to be put again after it got another key."""
        return {request.id: (request.text, request.answer) for request in self.of(child)}

    def put_again(self, child: ChildId, texts: Mapping[str, tuple[str, str]]) -> None:
        """Seal these texts under the child's key of now, inside the caller's transaction."""
        for id_, both in texts.items():
            self._db.conn.execute(
                "UPDATE request SET sealed = ? WHERE id = ?", [self._sealed(id_, child, both), id_]
            )

    def _get(self, id_: str) -> Request:
        row = self._db.conn.execute(f"SELECT {_COLUMNS} FROM request WHERE id = ?", [id_]).fetchone()  # noqa: S608 - fixed names
        if row is None:
            raise VaultError(
                f"there is no request {id_}", "See which there are: qaqpa-kiosk rights list --all"
            )
        return self._request(row)

    def _select(self, where: str, *values: str, texts: bool = True) -> list[Request]:
        with snapshot(self._db) as sql:
            rows = sql.execute(
                f"SELECT {_COLUMNS} FROM request WHERE {where} ORDER BY received_at, id",  # noqa: S608 - fixed conditions
                values,
            ).fetchall()
            return [self._request(row, texts=texts) for row in rows]

    def _request(self, row: tuple[Any, ...], *, texts: bool = True) -> Request:
        id_, child, right, asked_by, guardian, way, received, closed, outcome, sealed = row
        text, answer = self._unsealed(id_, ChildId(child), sealed) if child and texts else ("", "")
        return Request(
            id_,
            ChildId(child) if child else None,
            Right(right),
            Asker(asked_by),
            guardian,
            Way(way),
            records.moment(received),
            text,
            records.maybe_moment(closed),
            Outcome(outcome) if outcome else None,
            answer,
        )

    def _sealed(self, id_: str, child: ChildId, texts: tuple[str, str]) -> bytes:
        return seal(self._keyring.dek(child), json.dumps(texts).encode(), about("request", id_, child.value))

    def _unsealed(self, id_: str, child: ChildId, sealed: bytes) -> tuple[str, str]:
        text, answer = json.loads(
            unseal(self._keyring.dek(child), sealed, about("request", id_, child.value))
        )
        return text, answer
