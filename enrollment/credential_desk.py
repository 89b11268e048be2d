"""What is done about passes and cards, for everybody on the roster, with or without consent to faces."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from edge.audit import AuditTrail
from edge.credentials.card import card_number
from edge.domain.credentials import CredentialKind, Holder, HolderKind
from edge.domain.people import Child
from edge.errors import ConfigError, VaultError
from edge.vault.credentials import Credential
from edge.vault.vault import Vault
from edge.vault.visitors import Visitor
from enrollment.finding import find_child
from enrollment.looking import note_look, who
from enrollment.opening import note, opened
from enrollment.settings import KioskSettings, Shows

LONGEST_PASS = timedelta(days=732)
LONGEST_VISIT = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class PrintedPass:
    """One pass as it is printed; `group` is empty for a visitor."""

    text: str = field(repr=False)
    label: str = field(repr=False)
    group: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """What one child has."""

    student_number: str
    group: str
    qr: Credential | None
    card: Credential | None


class CredentialDesk:
    """The kiosk's acts on passes and cards of one vault; `now` is always given."""

    def __init__(self, vault: Vault, audit: AuditTrail, settings: KioskSettings) -> None:
        self._vault = vault
        self._audit = audit
        self._settings = settings

    def issue(self, students: Sequence[str], until: datetime, now: datetime) -> int:
        """A new pass for each of these children; earlier ones end. All numbers are checked first."""
        return self._issue([find_child(self._vault, student) for student in students], until, now)

    def issue_missing(self, group: str | None, until: datetime, now: datetime) -> int:
        """A pass for everyone of a class, or of the school, who has none that counts now."""
        return self._issue(
            [child for child in self._class(group) if self._valid(child, now) is None], until, now
        )

    def printable(
        self, students: Sequence[str], group: str | None, now: datetime
    ) -> tuple[list[PrintedPass], int]:
        """The valid passes of these children, or of a class, or of all; and how many of them have none."""
        named = [find_child(self._vault, student) for student in students]
        chosen = named or self._class(group)
        held = [(child, self._valid(child, now)) for child in chosen]
        passes = [self._printed(child, own) for child, own in held if own is not None]
        if not passes:
            raise VaultError("nobody here has a valid pass", "Issue them first: qaqpa-kiosk pass issue")
        whom = None if not named and group is None else [child.id for child in chosen]
        note_look(self._audit, now, "pass sheet", whom)
        note(self._audit, now, "passes_printed", passes=len(passes))
        return passes, len(chosen) - len(passes)

    def revoke(self, students: Sequence[str], kind: CredentialKind, now: datetime) -> int:
        """End the pass, or the card, of these children; returns how many were ended."""
        children = [find_child(self._vault, student) for student in students]
        ended = 0
        for child in children:
            count = self._vault.credentials.revoke(child.id, now, kind)
            note(self._audit, now, "credential_revoked", kind=kind.value, child=child.id.value, ended=count)
            ended += count
        return ended

    def visitor(self, label: str, until: datetime, now: datetime) -> PrintedPass:
        """A pass for a visitor, who is on no roster. Raises ConfigError."""
        _require_within(LONGEST_VISIT, until, now)
        try:
            visitor = self._vault.visitors.add(label, until)
        except ValueError as error:
            raise ConfigError(str(error), "Write what staff should read, such as: plumber") from None
        held = self._vault.credentials.issue_pass(visitor.holder, until, now)
        note(
            self._audit,
            now,
            "visitor_pass",
            visitor=visitor.holder.id.value,
            until=until.isoformat("T", "minutes"),
        )
        return PrintedPass(
            self._vault.credentials.pass_text(held, self._settings.school), visitor.label, "", until
        )

    def revoke_visitor(self, label: str, now: datetime) -> int:
        """End the passes of every visitor with this label."""
        meant = [visitor for visitor in self._vault.visitors.all() if visitor.label == label.strip()]
        if not meant:
            raise VaultError(f"no visitor is called {label!r}", "See their labels: qaqpa-kiosk pass list")
        ended = 0
        for visitor in meant:
            ended += self._vault.credentials.revoke(visitor.holder.id, now)
            note(self._audit, now, "credential_revoked", kind="qr", visitor=visitor.holder.id.value)
        return ended

    def visitors(self) -> list[tuple[Visitor, Credential | None]]:
        """Every visitor remembered, with the pass if it was not revoked."""
        passes = self._vault.credentials
        return [(each, passes.live(each.holder.id, CredentialKind.QR)) for each in self._vault.visitors.all()]

    def held(self, group: str | None, now: datetime) -> Iterator[Held]:
        """What everyone of a class, or of the school, has; without names."""
        children = self._class(group)
        note_look(self._audit, now, "pass list", None if group is None else [child.id for child in children])
        for child in children:
            qr, card = (
                self._vault.credentials.live(child.id, kind)
                for kind in (CredentialKind.QR, CredentialKind.CARD)
            )
            yield Held(child.student_number, child.group, qr, card)

    def add_card(self, student: str, number: str, until: datetime | None, now: datetime) -> None:
        """Give a child this card in place of an earlier one."""
        child = find_child(self._vault, student)
        held = self._vault.credentials.add_card(_holder(child), self._number(number), now, until)
        note(self._audit, now, "card_added", child=child.id.value, issue=held.issue)

    def whose(self, number: str, now: datetime) -> str:
        """The student number of whoever holds this card. Raises VaultError if nobody does."""
        held = self._vault.credentials.card(self._number(number))
        child = self._vault.roster.child(held.holder.id) if held and held.revoked is None else None
        if child is None:
            raise VaultError("nobody holds this card", "Give it to somebody: qaqpa-kiosk card add")
        note(self._audit, now, "card_looked_up", child=child.id.value, by=who())
        return child.student_number

    def _issue(self, children: Sequence[Child], until: datetime, now: datetime) -> int:
        _require_within(LONGEST_PASS, until, now)
        for child in children:
            held = self._vault.credentials.issue_pass(_holder(child), until, now)
            note(self._audit, now, "pass_issued", child=child.id.value, issue=held.issue)
        return len(children)

    def _class(self, group: str | None) -> list[Child]:
        """A class, or everybody, ordered by class and number. Raises VaultError for an unknown class."""
        known = [child for id_ in self._vault.roster.all() if (child := self._vault.roster.child(id_))]
        chosen = [child for child in known if group in (None, child.group)]
        if not chosen:
            groups = ", ".join(sorted({child.group for child in known}))
            raise VaultError(
                f"nobody on the roster is in class {group}" if known else "the roster is empty",
                f"Classes on the roster: {groups}" if known else "Import it: qaqpa-kiosk enroll roster FILE",
            )
        return sorted(chosen, key=lambda child: (child.group, child.student_number))

    def _valid(self, child: Child, now: datetime) -> Credential | None:
        held = self._vault.credentials.live(child.id, CredentialKind.QR)
        return held if held is not None and held.refusal(now) is None else None

    def _printed(self, child: Child, held: Credential) -> PrintedPass:
        text = self._vault.credentials.pass_text(held, self._settings.school)
        return PrintedPass(text, self._label(child), child.group, held.expires or held.issued)

    def _number(self, typed: str) -> bytes:
        try:
            return card_number(typed, self._settings.cards)
        except ValueError as error:
            raise ConfigError(
                str(error), "Hold the card to the reader again, or see digits in the section [cards]"
            ) from None

    def _label(self, child: Child) -> str:
        chosen = self._settings.passes
        if chosen.shows is Shows.NOTHING:
            return ""
        if chosen.shows is Shows.NUMBER:
            return child.student_number
        words = child.full_name.split()
        return words[min(chosen.first_name_word, len(words)) - 1]


@contextmanager
def open_credential_desk(settings: KioskSettings, now: datetime) -> Iterator[CredentialDesk]:
    """Open the vault for writing and the audit trail, and close both."""
    with opened(settings, now) as (vault, audit):
        yield CredentialDesk(vault, audit, settings)


def _holder(child: Child) -> Holder:
    return Holder(HolderKind.CHILD, child.id)


def _require_within(longest: timedelta, until: datetime, now: datetime) -> None:
    if until > now + longest:
        raise ConfigError(f"such a pass counts for {longest.days} days at most", "Name an earlier --until")
