"""Which editions of which policies the school adopted, in order. Kept whole: a file may change, these not."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import ValidationError
from sqlite_utils import Database

from edge.errors import ConfigError, VaultError
from edge.policy.edition import widens
from edge.policy.profile import Edition, Profile
from edge.policy.rules import Rules
from edge.vault import records
from edge.vault.database import explained, write


@dataclass(frozen=True, slots=True)
class Adopted:
    """An edition in force at this school. `sequence`: its place among all that were adopted."""

    sequence: int
    policy: str
    edition: Edition
    widens: bool
    at: datetime

    @property
    def leaves(self) -> bool:
        """Whether this stands for the end of the policy here: an edition that says nothing."""
        return not any(self.edition.rules.stated())


class Editions:
    """What was adopted, and what would be next."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def all(self) -> list[Adopted]:
        """Everything that was ever adopted, oldest first."""
        with explained():
            rows = self._db.conn.execute(
                "SELECT sequence, policy, content, widens, adopted_at FROM edition ORDER BY sequence"
            ).fetchall()
        return [
            Adopted(sequence, policy, _edition(content), bool(wide), records.moment(at))
            for sequence, policy, content, wide, at in rows
        ]

    def newest(self) -> Mapping[str, Adopted]:
        """The edition in force of each policy that was not left."""
        return _in_force(self.all())

    def at(self, sequence: int | None) -> Mapping[str, Adopted]:
        """The editions that were in force when a consent with this `edition` was given."""
        return _in_force(each for each in self.all() if each.sequence <= (sequence or 0))

    def shown_at(self, given: datetime) -> int | None:
        """The `edition` of a consent given at this moment: the newest edition that was in force then.

        The first edition of a policy widens nothing, and counts from the beginning.
        """
        shown, seen = None, set[str]()
        for each in self.all():
            if each.at > given and each.policy in seen:
                break
            seen.add(each.policy)
            shown = each.sequence
        return shown

    def next(self, profile: Profile, today: date) -> list[tuple[Edition, tuple[str, ...]]]:
        """What adopting would put in force, in order, each with the rules that it widens.

        The first time that is the newest edition alone, which widens nothing: nobody agreed to another one.
        Raises ConfigError for an edition of the future, or an adopted one whose text in the file has changed.
        """
        newest, before = profile.newest(today), self.newest().get(str(profile.name))
        if before is None:
            return [(newest, ())]
        current = self._unchanged(profile, before)
        steps = []
        for edition in profile.editions:
            if current.number < edition.number <= newest.number:
                steps.append((edition, widens(current, edition)))
                current = edition
        if not steps and profile.editions[-1].number > current.number:
            raise ConfigError(
                f"policy {profile.name}: edition {current.number + 1} has published ="
                f" {profile.edition(current.number + 1).published}, which is to come",
                "Adopt it on that day",
            )
        return steps

    def adopt(self, profile: Profile, today: date, now: datetime) -> list[Adopted]:
        """Put every edition that is next in force, all or none. Raises ConfigError as `next` does."""
        with write(self._db) as sql:
            steps = self.next(profile, today)
            for edition, wider in steps:
                _insert(sql, str(profile.name), edition, bool(wider), now)
        return self.all()[-len(steps) :] if steps else []

    def leave(self, policy: str, now: datetime) -> Adopted:
        """End a policy here, which widens wherever it set a limit. Raises ConfigError if not in force."""
        with write(self._db) as sql:
            current = self.newest().get(policy)
            if current is None:
                raise ConfigError(f"no policy {policy} is in force here", "See: qaqpa-kiosk policy status")
            wider = bool(widens(current.edition, nothing(current)))
            _insert(sql, policy, nothing(current), wider, now)
        return self.all()[-1]

    def in_force(self, profile: Profile, today: date) -> Edition:
        """The adopted edition of a policy, else the newest that is published. Raises ConfigError."""
        adopted = self.newest().get(str(profile.name))
        return profile.newest(today) if adopted is None else self._unchanged(profile, adopted)

    def _unchanged(self, profile: Profile, adopted: Adopted) -> Edition:
        edition = profile.edition(adopted.edition.number)
        if edition != adopted.edition:
            raise ConfigError(
                f"policy {profile.name}: edition {edition.number} is not what the school adopted under this"
                " number",
                "Write changes as a new edition with the next number, and leave the adopted one as it was",
            )
        return edition


def nothing(current: Adopted) -> Edition:
    """What stands for the end of a policy: its edition without a rule."""
    return current.edition.model_copy(update={"rules": Rules()})


def _in_force(adopted: Iterable[Adopted]) -> Mapping[str, Adopted]:
    newest = {each.policy: each for each in adopted}
    return {policy: each for policy, each in newest.items() if not each.leaves}


def _edition(content: str) -> Edition:
    try:
        return Edition.model_validate_json(content)
    except ValidationError:
        raise VaultError(
            "an adopted edition has rules that this version does not know", "Install the newer version again"
        ) from None


def _insert(sql: sqlite3.Connection, policy: str, edition: Edition, wider: bool, now: datetime) -> None:
    """The row's number goes on where a policy ended and was bound again; the content keeps the file's."""
    content = json.dumps(edition.model_dump(mode="json", exclude_none=True), sort_keys=True)
    sql.execute(
        "INSERT INTO edition SELECT 1 + coalesce(max(sequence), 0), :policy,"
        " coalesce(1 + max(number) FILTER (WHERE policy = :policy), :number), :content, :wider, :at"
        " FROM edition",
        {
            "policy": policy,
            "number": edition.number,
            "content": content,
            "wider": int(wider),
            "at": records.stamp(now),
        },
    )
