"""What staff may ask of a running gate, answered by the gate's own loop."""

from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from edge.domain.decisions import Outcome, Reason
from edge.domain.events import Method
from edge.domain.ids import ChildId, Slug, pseudonym
from edge.errors import QaqpaError
from edge.vault.vault import Vault
from turnstile.admission import Admission
from turnstile.announcer import Announcer
from turnstile.clock import SYSTEM, Clock
from turnstile.control import (
    Answer,
    Asked,
    CloseRequest,
    EvacuateRequest,
    ForgiveRequest,
    HoldRequest,
    InsideRequest,
    ReleaseRequest,
    ReopenRequest,
    Request,
    ResetRequest,
    SignedRequest,
    StatusRequest,
)
from turnstile.gate_states import RESTING, UNDER_WAY, State
from turnstile.journal import Journal
from turnstile.lane import Lane
from turnstile.muster import muster
from turnstile.pin_desk import PinDesk, Signed
from turnstile.presence import LISTED, Presence
from turnstile.scorebook import Scorebook

_NO_PRESENCE: Answer = {
    "error": 'this gate does not keep who is inside. Add presence = "FILE" to its configuration'
}
_REFUSED = {
    Reason.NOT_DURABLE: "the grant could not be made durable. Free space on the disk",
    Reason.OTHER_LANE_OPEN: "the other lane is open. Wait a moment and try again",
}


WAIT_SECONDS = 3.0
"""How long a release that was signed while another person passes is kept for its turn, as a card is."""
_SOON_FREE = frozenset({*UNDER_WAY, State.PASSING})


class _NotYet(Exception):
    """The gate is busy with somebody else."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """What is tried until it is done, or until that time has come."""

    signed: Signed
    until: float


class StaffDesk:
    """One lane's desk. Every act is written down; nothing here is reachable over a network."""

    def __init__(
        self,
        *,
        gate: Slug,
        zone: ZoneInfo,
        lane: Lane,
        admission: Admission,
        journal: Journal,
        announcer: Announcer,
        vault: Vault,
        pins: PinDesk,
        presence: Presence | None = None,
        scorebook: Scorebook | None = None,
        clock: Clock = SYSTEM,
    ) -> None:
        self._gate = gate
        self._zone = zone
        self._lane = lane
        self._admission = admission
        self._journal = journal
        self._announcer = announcer
        self._vault = vault
        self._pins = pins
        self._presence = presence
        self._scorebook = scorebook
        self._clock = clock
        self._waiting: list[_Waiting] = []
        self._handlers: dict[type[Request], Callable[..., Answer]] = {
            StatusRequest: self._status,
            CloseRequest: self._close,
            EvacuateRequest: self._evacuate,
            InsideRequest: self._inside,
        }
        self._signed: dict[type[SignedRequest], Callable[..., Answer]] = {
            ReleaseRequest: self._release,
            ResetRequest: self._reset,
            HoldRequest: self._hold,
            ReopenRequest: self._reopen,
            ForgiveRequest: self._forgive,
        }

    def take(self, asked: Asked) -> None:
        """Answer what is asked, at once or, where a member of staff signs, when the PIN was checked."""
        request = asked.request
        if asked.given_up:
            return
        if isinstance(request, SignedRequest):
            answer = _explained(lambda: self._pins.begin(asked, request, self._clock.monotonic()))
        else:
            answer = _explained(lambda: self._handlers[type(request)](request))
        if answer is not None:
            asked.answer(answer)

    def step(self) -> None:
        """Do what was signed rightly; called from the gate's loop, never waits."""
        now = self._clock.monotonic()
        signed = self._pins.finished(now)
        if signed is not None:
            self._waiting.append(_Waiting(signed, now + WAIT_SECONDS))
        self._waiting = [waiting for waiting in self._waiting if not self._over(waiting, now)]

    def _over(self, waiting: _Waiting, now: float) -> bool:
        """Do it, unless the gate is busy and it can wait."""
        signed = waiting.signed
        if signed.asked.given_up:
            return True
        handler = self._signed[type(signed.request)]
        try:
            answer = _explained(lambda: handler(signed.request, signed.member))
        except _NotYet as busy:
            if now < waiting.until:
                return False
            answer = {"error": str(busy)}
        signed.asked.answer(answer or {})
        return True

    def as_before(self) -> None:
        """After a restart: closed if staff closed it, open if an emergency opened it. Raises OutboxError."""
        if self._presence is not None and self._presence.closed(self._gate):
            self._lane.close_entry()
        if self._presence is not None and self._presence.emergency(self._gate):
            self._lane.evacuate()

    def _release(self, request: ReleaseRequest, member: ChildId) -> Answer:
        child = self._known(request.student)
        if child is None:
            return {"error": "this number is not on the roster. Check the number"}
        if not self._lane.may_grant(request.direction):
            told = f"the gate is {self._lane.state.value}. Wait a moment and try again"
            if self._lane.state in _SOON_FREE:
                raise _NotYet(told)
            return {"error": told}
        if not self._admission.alone():
            raise _NotYet(_REFUSED[Reason.OTHER_LANE_OPEN])
        self._journal.note("manual_release", child=child.value, why=request.reason.value, staff=member.value)
        decision = self._admission.admit(Reason.MANUAL_RELEASE, child, request.direction, Method.MANUAL)
        self._announcer.decided(decision, request.direction)
        if decision.outcome is not Outcome.GRANT:
            return {"error": _REFUSED.get(decision.reason, decision.reason.value)}
        return {"released": True}

    def _status(self, _: StatusRequest) -> Answer:
        told: dict[str, str | int] = {} if self._scorebook is None else self._scorebook.status()
        state = self._lane.state.value
        return {"state": state, "time": self._clock.now().isoformat(), **told}

    def _reset(self, _: ResetRequest, member: ChildId) -> Answer:
        done = self._lane.reset()
        self._journal.note("reset", done=int(done), staff=member.value)
        return {"state": self._lane.state.value, "reset": done}

    def _hold(self, _: HoldRequest, member: ChildId) -> Answer:
        if self._lane.state not in (*RESTING, State.CLOSED):
            return {"error": f"the gate is {self._lane.state.value}. Wait a moment and try again"}
        if not self._admission.alone():
            return {"error": _REFUSED[Reason.OTHER_LANE_OPEN]}
        self._journal.note("held_open", staff=member.value)
        self._lane.hold_open()
        return {"state": self._lane.state.value}

    def _close(self, _: CloseRequest) -> Answer:
        if self._presence is None:  # a restart would open what staff closed
            return _NO_PRESENCE
        self._presence.set_closed(self._gate, True)
        self._journal.note("closed")
        self._lane.close_entry()
        return {"state": self._lane.state.value, "closed": True}

    def _reopen(self, _: ReopenRequest, member: ChildId) -> Answer:
        if self._presence is not None:
            self._presence.set_closed(self._gate, False)
        self._journal.note("reopened", staff=member.value)
        self._lane.reopen()
        return {"state": self._lane.state.value, "closed": False}

    def _evacuate(self, _: EvacuateRequest) -> Answer:
        self._journal.note("evacuation")
        self._lane.evacuate()
        return {"state": self._lane.state.value}

    def _inside(self, request: InsideRequest) -> Answer:
        if self._presence is None:
            return _NO_PRESENCE
        now = self._clock.now()
        inside = self._presence.inside_at_alarm() if request.at_alarm else self._presence.inside(now - LISTED)
        people = muster(inside, self._vault, now, self._zone)
        self._journal.note("inside_listed", people=len(people))
        return {"inside": people}

    def _forgive(self, request: ForgiveRequest, member: ChildId) -> Answer:
        child = None if request.student is None else self._known(request.student)
        if child is None and request.student is not None:
            return {"error": "this number is not on the roster. Check the number"}
        if self._presence is None:
            return _NO_PRESENCE
        if child is None:
            self._presence.forgive_all(self._clock.now())
        else:
            self._presence.forgive(child)
        self._journal.note("forgiven", child=child.value if child else None, staff=member.value)
        return {"forgiven": True}

    def _known(self, student: str) -> ChildId | None:
        child = pseudonym(self._vault.pseudonym_key, student)
        return None if self._vault.roster.child(child) is None else child


def _explained(act: Callable[[], Answer | None]) -> Answer | None:
    """What the act answers, or why it could not be done. Never raises for what a person can mend."""
    try:
        return act()
    except (QaqpaError, ValueError) as error:
        return {"error": str(error)}
