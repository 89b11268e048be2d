"""What is done about people's rights: a request is entered, acted on and closed, each with an audit line."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from secrets import token_hex

from edge.audit import AuditTrail
from edge.domain.blocks import Asker, Objection, Restriction
from edge.domain.erasure import Destruction
from edge.domain.people import Child
from edge.domain.requests import Outcome, Request, Right, Way
from edge.errors import ConfigError, VaultError
from edge.policy.holding import objections
from edge.policy.rights import State, due, most_urgent_first, state
from edge.vault.vault import Vault
from enrollment.archive import archive_of
from enrollment.desk import Desk
from enrollment.files import write_new
from enrollment.finding import find_child, find_guardian
from enrollment.looking import note_look, who
from enrollment.opening import note, opened
from enrollment.record import record_of
from enrollment.rectify import Corrections, corrected
from enrollment.reminder import clock_of
from enrollment.settings import KioskSettings, Language

AT_ONCE = frozenset({Right.RESTRICTION, Right.OBJECTION, Right.WITHDRAWAL})
"""They stop the use of a face and need no judgement, so they are done as soon as they are entered."""
_ONLY_BY_ACT = AT_ONCE | {Right.ERASURE}
DESTROYS = frozenset({Right.OBJECTION, Right.WITHDRAWAL})
"""Of these, what leaves nothing of a face: whoever asked takes a receipt home."""


@dataclass(frozen=True, slots=True)
class Registered:
    """One request as staff see it; `student_number` is None once the child is erased.

    `destroyed`: what entering it destroyed at once.
    """

    request: Request
    student_number: str | None
    due: datetime
    state: State
    destroyed: Destruction | None = None


class RightsDesk:
    """The kiosk's acts on the register of one vault; `now` is always given."""

    def __init__(self, vault: Vault, audit: AuditTrail, settings: KioskSettings, now: datetime) -> None:
        self._vault = vault
        self._audit = audit
        self._settings = settings
        self._clock = clock_of(vault, settings, now)
        self._desk = Desk(vault, audit, settings)

    def open(
        self,
        right: Right,
        student: str,
        asker: Asker,
        guardian: str | None,
        *,
        way: Way,
        received: datetime,
        now: datetime,
        text: str = "",
        whole: bool = False,
    ) -> Registered:
        """Enter a request; one that stops the use of a face is done at once and closed.

        `whole`: a withdrawal ends the other guardians' consents too. Raises ConfigError, VaultError.
        """
        if received > now:
            raise ConfigError("received is in the future", "Name the day on which the request came")
        if right is Right.OBJECTION and asker is Asker.AUTHORITY:
            raise ConfigError(
                "an authority does not object", "Enter a restriction: qaqpa-kiosk rights open restriction"
            )
        child = find_child(self._vault, student)
        theirs = find_guardian(self._vault, child.id, guardian).id if guardian is not None else None
        request = Request(token_hex(4), child.id, right, asker, theirs, way, received, text)
        self._vault.requests.open(request)
        self._note(request, now, "request_opened", right=right.value, asked_by=asker.value)
        if right not in AT_ONCE:
            return self._registered(request, now)
        destroyed = self._stop_use(request, child, now, whole)
        return replace(self._registered(self._close(request, now, Outcome.DONE), now), destroyed=destroyed)

    def receipt(self, destroyed: Destruction) -> bytes | None:
        """See `Desk.receipt`."""
        return self._desk.receipt(destroyed)

    def close(self, id_: str, outcome: Outcome, answer: str, now: datetime) -> Registered:
        """End a request with its answer. What an act would have done is not called done without it."""
        request = self._vault.requests.get(id_)
        if outcome is Outcome.DONE and request.right in _ONLY_BY_ACT and request.child is not None:
            raise ConfigError(
                f"nothing was done about this {request.right.value} yet",
                "An erasure is done with: qaqpa-kiosk rights erase; the others by entering them again",
            )
        return self._registered(self._close(request, now, outcome, answer), now)

    def register(self, now: datetime, *, closed: bool = False) -> list[Registered]:
        """The open requests, the most urgent first; on demand the closed ones after them. It is a look."""
        held = self._vault.requests.all() if closed else self._vault.requests.still_open()
        note_look(self._audit, now, "rights list", sorted({each.child for each in held if each.child}))
        return [self._registered(each, now) for each in most_urgent_first(held, now, self._clock)]

    def show(self, id_: str, now: datetime) -> Registered:
        """One request with its texts; that it was looked at is noted."""
        request = self._vault.requests.get(id_)
        self._note(request, now, "request_seen")
        return self._registered(request, now)

    def unblock(self, student: str, now: datetime) -> int:
        """Lift every restriction after somebody looked; returns how many. Raises VaultError if none asked."""
        child, request = self._waiting(student, Right.UNBLOCKING)
        held = [each for each in self._vault.blocks.restrictions(child.id) if each.lifted_at is None]
        if not held:
            raise VaultError(
                "nothing restricts this child", "See why it is blocked: qaqpa-kiosk enroll status"
            )
        for restriction in held:
            self._vault.blocks.lift_restriction(restriction.id, now)
        self._note(request, now, "restrictions_lifted", restrictions=len(held))
        self._close(request, now, Outcome.DONE)
        return len(held)

    def take_back(self, student: str, now: datetime) -> int:
        """Lift the objections of whoever asks for it, and nobody else's; returns how many.

        Whoever has none may lift those of a guardian who was removed, who cannot do it any more.
        """
        child, request = self._waiting(student, Right.UNBLOCKING)
        still = [each for each in self._vault.blocks.objections(child.id) if each.lifted_at is None]
        own = [each for each in still if each.guardian_id == request.guardian_id]
        if not own:
            removed = self._removed(child)
            own = [each for each in still if each.guardian_id in removed]
        if not own or request.asked_by is Asker.AUTHORITY:
            raise VaultError(
                "whoever asks has raised no objection", "Only who objected takes it back; enter who asks"
            )
        for objection in own:
            self._vault.blocks.lift_objection(objection.id, now)
        self._note(request, now, "objections_taken_back", objections=len(own))
        self._close(request, now, Outcome.DONE)
        return len(own)

    def rectify(self, student: str, corrections: Corrections, now: datetime) -> tuple[str, ...]:
        """Correct roster fields; returns their names. Neither old nor new values are noted anywhere."""
        child, request = self._waiting(student, Right.RECTIFICATION)
        entry, guardians = corrected(self._vault, child, corrections, now.date())
        against = objections(corrections.kinds, self._desk.policies.rules(now))
        if against:
            raise ConfigError(
                f"nothing was corrected: {against[0]}", "See what is in force: qaqpa-kiosk policy explain"
            )
        self._vault.roster.rectify(entry, guardians)
        self._note(request, now, "rectified", fields=",".join(corrections.fields))
        self._close(request, now, Outcome.DONE)
        return corrections.fields

    def archive(self, student: str, out: Path, language: Language, now: datetime) -> None:
        """Write everything held about somebody into a new ZIP file. Raises ConfigError, VaultError."""
        child, request = self._waiting(student, Right.ACCESS)
        self._note(request, now, "record_read")
        record = record_of(self._vault, self._settings, child, request, now)
        write_new(out, archive_of(record, self._settings, language))
        self._close(request, now, Outcome.DONE)

    def erase(self, student: str, now: datetime) -> Destruction:
        """Destroy everything held about a child; only that it was asked for and done stays."""
        _, request = self._waiting(student, Right.ERASURE)
        destroyed = self._desk.erase(student, now)
        self._close(request, now, Outcome.DONE)
        return destroyed

    def _stop_use(self, request: Request, child: Child, now: datetime, whole: bool) -> Destruction | None:
        """What was destroyed, if anything."""
        if request.right is Right.RESTRICTION:
            self._vault.blocks.restrict(Restriction(token_hex(16), child.id, request.asked_by, now))
            self._note(request, now, "restricted")
            return None
        if request.right is Right.OBJECTION:
            return self._desk.object(Objection(token_hex(16), child.id, request.guardian_id, now), now)
        only = None if whole else request.guardian_id
        return self._desk.withdraw(child.student_number, now, guardian_id=only)

    def _waiting(self, student: str, right: Right) -> tuple[Child, Request]:
        """The oldest open request for this right. Raises VaultError if nobody asked.

        One of a guardian who was removed is closed by hand: nothing is handed to them any more.
        """
        child = find_child(self._vault, student)
        removed = self._removed(child)
        for request in self._vault.requests.of(child.id):
            if request.right is right and request.closed_at is None and request.guardian_id not in removed:
                return child, request
        raise VaultError(
            f"nobody has asked for {right.value} of this child's data",
            f"Enter the request first: qaqpa-kiosk rights open {right.value}",
        )

    def _removed(self, child: Child) -> frozenset[str]:
        return frozenset(each.guardian_id for each in self._vault.removals.of(child.id))

    def _close(self, request: Request, now: datetime, outcome: Outcome, answer: str = "") -> Request:
        closed = self._vault.requests.close(request.id, outcome, now, answer)
        self._note(closed, now, "request_closed", outcome=outcome.value)
        return closed

    def _registered(self, request: Request, now: datetime) -> Registered:
        child = self._vault.roster.child(request.child) if request.child else None
        number = child.student_number if child else None
        return Registered(request, number, due(request, self._clock), state(request, now, self._clock))

    def _note(self, request: Request, now: datetime, what: str, **details: str | int) -> None:
        about: Mapping[str, str] = {"child": request.child.value} if request.child else {}
        note(self._audit, now, what, request=request.id, **about, **details, by=who())


@contextmanager
def open_rights_desk(settings: KioskSettings, now: datetime) -> Iterator[RightsDesk]:
    """Open the vault for writing and the audit trail, and close both."""
    with opened(settings, now) as (vault, audit):
        yield RightsDesk(vault, audit, settings, now)
