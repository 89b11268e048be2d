"""A breach at the kiosk: its clock, whom it concerns, and the notices about it."""

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_hex
from zoneinfo import ZoneInfo

from edge.audit import AuditTrail
from edge.domain.breach import Breach
from edge.domain.consent import DataCategory
from edge.domain.people import Child, Guardian
from edge.errors import ConfigError, VaultError
from edge.policy.breach import notify_by
from edge.policy.holding import filled
from edge.vault.vault import Vault
from enrollment.breach_reminder import term_of
from enrollment.breach_words import Facts, to_authority, to_guardians
from enrollment.files import write_new
from enrollment.finding import find_child
from enrollment.looking import note_look
from enrollment.opening import note, opened
from enrollment.settings import KioskSettings, Language
from enrollment.text_sheet import text_sheet


@dataclass(frozen=True, slots=True)
class Found:
    """What staff know: what happened, since when they know it, which data, what was done, whom to ask.

    `data`: where none is named, all that is held of those concerned.
    """

    what: str
    at: datetime
    data: frozenset[DataCategory]
    measures: str
    contact: str


@dataclass(frozen=True, slots=True)
class Clock:
    """One breach and the moment before which the authorised body is told."""

    breach: Breach
    notify_by: datetime

    def late(self, now: datetime) -> bool:
        """Whether it was told too late, or is still not told and should be."""
        return (self.breach.told_at or now) >= self.notify_by


class BreachDesk:
    """The kiosk's register of breaches over one vault; `now` is always given."""

    def __init__(self, vault: Vault, audit: AuditTrail, settings: KioskSettings) -> None:
        self._vault = vault
        self._audit = audit
        self._settings = settings
        self._zone = ZoneInfo(settings.time_zone)

    def open(
        self, found: Found, students: Sequence[str], group: str | None, out: Path, now: datetime
    ) -> Clock:
        """Start the clock and write the notices into `out`. Raises ConfigError, VaultError.

        It concerns the named students, else a class, else everybody on this device.
        """
        if not out.is_dir():
            raise ConfigError(f"there is no folder {out}", "Name one with --out")
        if not found.contact.strip():
            raise ConfigError("contact is empty", "Say whom guardians may ask, with --contact")
        concerned = self._concerned(students, group)
        found = replace(found, data=found.data or self._held(concerned))
        try:
            breach = Breach(token_hex(4), found.at, now, len(concerned), found.data, found.what)
        except ValueError as error:
            raise ConfigError(f"the breach is not complete: {error}", "Mend that field") from None
        everybody = not students and group is None
        note_look(self._audit, now, "breach open", None if everybody else [each.id for each in concerned])
        self._vault.breaches.open(breach, [child.id for child in concerned])
        note(self._audit, now, "breach_opened", breach=breach.id, concerned=len(concerned))
        clock = self._clock(breach, now)
        self._write(clock, found, concerned, out)
        return clock

    def close(self, id_: str, told_at: datetime, now: datetime) -> Clock:
        """The authorised body was told. Raises VaultError, ConfigError for a moment that cannot be."""
        known = {each.id: each for each in self._vault.breaches.still_open()}
        if id_ in known and not known[id_].found_at <= told_at <= now:
            raise ConfigError("told_at is before the breach was found, or still to come", "Mend --told-at")
        clock = self._clock(self._vault.breaches.close(id_, told_at, now), now)
        note(self._audit, now, "breach_closed", breach=id_, late=int(clock.late(now)))
        return clock

    def all(self, now: datetime) -> list[Clock]:
        """The register, the oldest first."""
        return [self._clock(each, now) for each in self._vault.breaches.all()]

    def _clock(self, breach: Breach, now: datetime) -> Clock:
        term = term_of(self._vault, self._settings, now)
        return Clock(breach, notify_by(breach.found_at, term, self._zone))

    def _concerned(self, students: Sequence[str], group: str | None) -> list[Child]:
        if students:
            named = {child.id: child for child in (find_child(self._vault, each) for each in students)}
            return list(named.values())
        known = [child for id_ in self._vault.roster.all() if (child := self._vault.roster.child(id_))]
        chosen = [child for child in known if group in (None, child.group)]
        if group is not None and not chosen:
            raise VaultError(f"nobody on the roster is in class {group}", "See: qaqpa-kiosk enroll status")
        return chosen

    def _held(self, concerned: Sequence[Child]) -> frozenset[DataCategory]:
        """What the roster tells of these people and their guardians, their faces and their passages."""
        guardians = [each for child in concerned for each in self._vault.roster.guardians(child.id)]
        people: list[Child | Guardian] = [*concerned, *guardians]
        kinds = {kind for person in people for kind in filled(person).values()}
        return frozenset(kinds | {DataCategory.FACE_TEMPLATE, DataCategory.ATTENDANCE_EVENTS})

    def _write(self, clock: Clock, found: Found, concerned: Sequence[Child], out: Path) -> None:
        facts = Facts(
            clock.breach.id,
            self._settings.operator.name,
            self._settings.operator.bin,
            found.at.astimezone(self._zone),
            (clock.notify_by - timedelta(minutes=1)).astimezone(self._zone),
            found.what,
            found.data,
            clock.breach.concerned,
            found.measures,
            found.contact,
        )
        stem = out / f"breach-{clock.breach.id}"
        for name, written in (("authority", to_authority), ("guardians", to_guardians)):
            texts = [written(facts, language) for language in Language]
            for language, text in zip(Language, texts, strict=True):
                write_new(Path(f"{stem}-{name}.{language}.txt"), text.encode())
            write_new(Path(f"{stem}-{name}.pdf"), text_sheet(facts.operator, texts, self._settings))
        write_new(Path(f"{stem}-recipients.csv"), self._recipients(concerned))

    def _recipients(self, concerned: Sequence[Child]) -> bytes:
        """Whom to send the notice to: one line for each guardian of each child."""
        text = io.StringIO()
        rows = csv.writer(text)
        rows.writerow(["student_number", "full_name", "guardian_name", "phone", "email"])
        for child in concerned:
            for each in self._vault.roster.guardians(child.id):
                rows.writerow([child.student_number, child.full_name, each.full_name, each.phone, each.email])
        return text.getvalue().encode("utf-8-sig")


@contextmanager
def open_breach_desk(settings: KioskSettings, now: datetime) -> Iterator[BreachDesk]:
    """Open the vault for writing and the audit trail, and close both."""
    with opened(settings, now) as (vault, audit):
        yield BreachDesk(vault, audit, settings)
