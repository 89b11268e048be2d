"""Keeping the terms: what is due, whether it may be erased now, and who left the school."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from edge import device_clock
from edge.audit import AuditTrail
from edge.domain.ids import ChildId
from edge.domain.retention import Due, Reason
from edge.errors import ConfigError, QaqpaError
from edge.policy.retention import ClockMark, Terms, clock_doubts, share_doubts, terms
from edge.vault.vault import Erased, Vault
from enrollment.finding import find_child
from enrollment.looking import note_look
from enrollment.opening import note, opened
from enrollment.policy_desk import PolicyDesk
from enrollment.roster import read_roster
from enrollment.settings import KioskSettings
from enrollment.surplus import drop_surplus, people_with_surplus

_ALWAYS_FEW = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """What is due under which terms, and what speaks against erasing it unasked.

    `surplus`: of whom the roster holds more than the policies in force allow.
    """

    due: Due
    terms: Terms
    doubts: tuple[str, ...]
    surplus: tuple[ChildId, ...]


class RetentionDesk:
    """The kiosk's keeping of terms over one vault; `now` is always given."""

    def __init__(self, vault: Vault, audit: AuditTrail, settings: KioskSettings) -> None:
        self._vault = vault
        self._audit = audit
        self._settings = settings
        self._policies = PolicyDesk(vault, audit, settings)

    def plan(self, now: datetime) -> Plan:
        """What a run would do now. Nothing is changed."""
        rules = self._policies.rules(now)
        limits = terms(rules, self._settings.retention)
        due = self._vault.retention.due(limits, now)
        doubts = [
            *clock_doubts(
                now,
                device_clock.uptime(),
                self._vault.retention.mark(),
                self._vault.credentials.newest_moment(),
                synchronised=device_clock.synchronised(),
            ),
            *share_doubts(due, self._settings.retention.share_percent),
        ]
        return Plan(due, limits, tuple(doubts), people_with_surplus(self._vault, rules))

    def run(self, now: datetime, *, confirmed: bool) -> tuple[Plan, Erased]:
        """Erase what is due. Raises QaqpaError, with nothing erased, where only a person can say go on."""
        plan = self.plan(now)
        if plan.doubts and not confirmed:
            note(self._audit, now, "retention_refused", doubts=len(plan.doubts))
            raise QaqpaError(
                f"nothing was erased: {'; '.join(plan.doubts)}",
                "Look at the clock and at qaqpa-kiosk retention plan;"
                " if both are right: qaqpa-kiosk retention run --yes",
            )
        mark = ClockMark(now, device_clock.uptime())
        erased = self._vault.erase_due(plan.due, plan.terms, mark)
        self._note(plan.due, erased, now, confirmed=confirmed)
        drop_surplus(self._vault, self._audit, plan.surplus, self._policies.rules(now), now)
        return plan, erased

    def numbers(self, children: Collection[ChildId], now: datetime) -> dict[ChildId, str]:
        """Their student numbers, which is a look at each of them."""
        note_look(self._audit, now, "retention plan", sorted(children))
        known = {child: self._vault.roster.child(child) for child in children}
        return {id_: child.student_number for id_, child in known.items() if child is not None}

    def left(self, student_number: str, now: datetime) -> None:
        """Somebody goes to this school no more: the next run erases everything. Raises VaultError."""
        self._mark_left([find_child(self._vault, student_number).id], now)

    def missing(self, roster: Path, now: datetime, *, confirmed: bool) -> list[ChildId]:
        """Who is on the roster and not on this complete file. Raises ConfigError: so many that it is the
        wrong file, unless a person confirmed it."""
        known = set(self._vault.roster.all()) - self._vault.roster.left()
        there = {entry.child.id for entry in read_roster(roster, self._vault.pseudonym_key, now.date())}
        gone = sorted(known - there)
        percent = self._settings.retention.share_percent
        if not confirmed and len(gone) > _ALWAYS_FEW and len(gone) * 100 > len(known) * percent:
            raise ConfigError(
                f"{len(gone)} of {len(known)} people are not on {roster.name}, more than {percent} percent;"
                " nothing was imported",
                "Check that it is the whole roster; if so many really left, add --yes",
            )
        return gone

    def mark_missing(self, children: Collection[ChildId], now: datetime) -> int:
        """They left; returns how many."""
        self._mark_left(children, now)
        return len(children)

    def _mark_left(self, children: Collection[ChildId], now: datetime) -> None:
        for child in children:
            self._vault.roster.mark_left(child, now)
            self._audit.record(now, "left", child=child.value)
        self._audit.sync()

    def _note(self, due: Due, erased: Erased, now: datetime, *, confirmed: bool) -> None:
        reasons = {child: sorted(set(templates.values())) for child, templates in due.templates.items()}
        for each in (*erased.left, *erased.retired):
            self._audit.record(
                now,
                "retention",
                erasure=each.number,
                child=each.child.value,
                reason=" ".join(reasons.get(each.child, [Reason.LEFT])),
                templates=each.templates,
                consents=each.consents,
            )
        counts = {reason.value: count for reason, count in erased.records.items()}
        self._audit.record(
            now,
            "retention_run",
            left=len(erased.left),
            children=len(erased.retired),
            confirmed=confirmed,
            **counts,
        )
        self._audit.sync()
        self._vault.certify_all((*erased.left, *erased.retired), self._settings.school, self._audit.head)


@contextmanager
def open_retention_desk(settings: KioskSettings, now: datetime) -> Iterator[RetentionDesk]:
    """Open the vault for writing and the audit trail, and close both."""
    with opened(settings, now) as (vault, audit):
        yield RetentionDesk(vault, audit, settings)
