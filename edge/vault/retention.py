"""What the vault has kept for its term: found, counted, forgotten. Times come from the caller."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlite_utils import Database

from edge.domain.events import Uptime
from edge.domain.ids import ChildId
from edge.domain.retention import Due, Reason
from edge.policy.retention import ClockMark, Terms
from edge.vault import records
from edge.vault.database import explained, snapshot, write
from edge.vault.trends import Trends
from edge.vault.visitors import KEPT

_NEWEST_STAYS = (
    "issue < (SELECT max(issue) FROM credential n WHERE n.holder = credential.holder"
    " AND n.kind = credential.kind)"
)
"""Its number must never be given twice: an old print would count again."""
_ENDED = "min(coalesce({one}, {other}), coalesce({other}, {one}))"
_OLD: tuple[tuple[Reason, str, str], ...] = (
    (
        Reason.CONSENT_RECORD,
        "consent",
        _ENDED.format(one="withdrawn_at", other="expires_at") + " <= :records",
    ),
    (Reason.BLOCK_RECORD, "objection", "lifted_at <= :records"),
    (Reason.BLOCK_RECORD, "restriction", "lifted_at <= :records"),
    (
        Reason.CREDENTIAL,
        "credential",
        _ENDED.format(one="revoked_at", other="expires_at") + " <= :credentials AND " + _NEWEST_STAYS,
    ),
    (Reason.VISITOR, "visitor", "ends_at <= :visitors"),
    (
        Reason.BREACH,
        "breach_child",
        "breach IN (SELECT id FROM breach WHERE closed_at <= :records)",
    ),
)
_HELD = "SELECT child FROM restriction WHERE lifted_at IS NULL"
"""Whose data somebody checks: they are neither used nor, on account of leaving, erased until that is done."""
_LEFT = f"SELECT id FROM child WHERE left_at <= ? AND id NOT IN ({_HELD})"  # noqa: S608 - fixed conditions
_LEFT_AND_HELD = f"SELECT id FROM child WHERE left_at <= ? AND id IN ({_HELD})"  # noqa: S608 - fixed conditions
_CUT: tuple[tuple[Reason, str, str, str], ...] = (
    (Reason.DISCLOSURE, "disclosure", "child = NULL, sealed = NULL", "at <= :records"),
    (Reason.REQUEST, "request", "child = NULL, guardian = NULL, sealed = NULL", "closed_at <= :records"),
)
"""Of these registers the entry stays, without whom and what it was about."""
_TEMPLATES = (
    "SELECT t.id, t.child, t.engine, t.created_at, c.given_at, c.expires_at FROM template t"  # noqa: S608 - fixed conditions
    " JOIN consent c ON c.id = t.consent JOIN child k ON k.id = t.child"
    f" WHERE k.left_at IS NULL OR k.id IN ({_HELD})"
)


class Retention:
    """What is due, and the moment at which terms were last kept."""

    def __init__(self, db: Database, trends: Trends) -> None:
        self._db = db
        self._trends = trends

    def due(self, terms: Terms, now: datetime) -> Due:
        """Everything that is due at `now`. Raises Tampered."""
        with snapshot(self._db) as sql:
            left = sql.execute(_LEFT, [records.stamp(now)]).fetchall()
            held = sql.execute(_LEFT_AND_HELD, [records.stamp(now)]).fetchall()
            (roster,) = sql.execute("SELECT count(*) FROM child").fetchone()
            (enrolled,) = sql.execute("SELECT count(DISTINCT child) FROM template").fetchone()
            return Due(
                frozenset(ChildId(id_) for (id_,) in left),
                self._templates(terms, now),
                self._records(terms, now),
                roster,
                enrolled,
                frozenset(ChildId(id_) for (id_,) in held),
            )

    def forget(self, terms: Terms, now: datetime) -> dict[Reason, int]:
        """Erase old records inside the caller's transaction; returns how many of each kind."""
        sql, limits = self._db.conn, _limits(terms, now)
        gone = dict.fromkeys((reason for reason, _, _ in _OLD), 0)
        for reason, table, where in _OLD:
            gone[reason] += sql.execute(f"DELETE FROM {table} WHERE {where}", limits).rowcount  # noqa: S608 - the fixed table above
        for reason, table, cut, where in _CUT:
            gone[reason] = sql.execute(
                f"UPDATE {table} SET {cut} WHERE child IS NOT NULL AND {where}",  # noqa: S608 - the fixed table above
                limits,
            ).rowcount
        return gone

    def mark(self) -> ClockMark | None:
        """When terms were last kept; None before the first time."""
        with explained():
            row = self._db.conn.execute("SELECT at, boot, uptime FROM clock_mark").fetchone()
        return None if row is None else ClockMark(records.moment(row[0]), Uptime(UUID(row[1]), row[2]))

    def begin(self, mark: ClockMark) -> None:
        """Note when a new vault was made: from then on the clock is watched."""
        with write(self._db):
            self.put_mark(mark)

    def put_mark(self, mark: ClockMark) -> None:
        """Note that terms were kept, inside the caller's transaction."""
        self._db.conn.execute(
            "INSERT OR REPLACE INTO clock_mark VALUES (1, ?, ?, ?)",
            [records.stamp(mark.at), str(mark.uptime.boot), mark.uptime.seconds],
        )

    def _records(self, terms: Terms, now: datetime) -> dict[Reason, int]:
        limits = _limits(terms, now)
        found = dict.fromkeys((reason for reason, _, _ in _OLD), 0)
        cut = [(reason, table, f"child IS NOT NULL AND {where}") for reason, table, _, where in _CUT]
        for reason, table, where in (*_OLD, *cut):
            (count,) = self._db.conn.execute(f"SELECT count(*) FROM {table} WHERE {where}", limits).fetchone()  # noqa: S608 - the fixed table above
            found[reason] = found.get(reason, 0) + count
        return found

    def _templates(self, terms: Terms, now: datetime) -> dict[ChildId, dict[str, Reason]]:
        used = self._trends.last_uses()
        found: dict[ChildId, dict[str, Reason]] = {}
        for each in _rows(self._db.conn):
            reason = _reason(each, used.get((each.child, each.engine)), terms, now)
            if reason is not None:
                found.setdefault(each.child, {})[each.id] = reason
        return found


@dataclass(frozen=True, slots=True)
class _Template:
    """One template, without its vector, and the term of its consent."""

    id: str
    child: ChildId
    engine: str
    created: datetime
    given: datetime
    expires: datetime


def _rows(sql: sqlite3.Connection) -> list[_Template]:
    return [
        _Template(id_, ChildId(child), engine, *(records.moment(text) for text in moments))
        for id_, child, engine, *moments in sql.execute(_TEMPLATES).fetchall()
    ]


def _reason(template: _Template, used: date | None, terms: Terms, now: datetime) -> Reason | None:
    if min(template.expires, template.given + terms.consent) <= now:
        return Reason.CONSENT_ENDED
    last = max(template.created.date(), used or date.min)
    return Reason.UNUSED if last + terms.unused < now.date() else None


def _limits(terms: Terms, now: datetime) -> Mapping[str, str]:
    ago = {"records": terms.records, "credentials": terms.credentials, "visitors": KEPT}
    return {name: records.stamp(now - term) for name, term in ago.items()}
