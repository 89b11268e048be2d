"""The gate's loop: signals first, then people at the desk, then the camera. One thread decides everything."""

from threading import Event as Flag

from edge.domain.decisions import Outcome, Reason
from edge.domain.events import Direction, Method
from edge.recognise import Recogniser
from turnstile.admission import Admission
from turnstile.announcer import Announcer
from turnstile.attempt import Attempt
from turnstile.clock import SYSTEM, Clock
from turnstile.control import ControlServer
from turnstile.credential_desk import CredentialDesk
from turnstile.gate_states import RESTING, UNDER_WAY, State
from turnstile.journal import Journal
from turnstile.lane import Lane
from turnstile.scorebook import Scorebook
from turnstile.staff_desk import StaffDesk
from turnstile.watch import Watch

FRAME_SECONDS = 0.05
SIGNAL_SECONDS = 0.01
_WATCHING = {*RESTING, *UNDER_WAY, State.PASSING}
"""In these somebody may be the next to pass; a gate that is open for all looks at nobody."""
_SEARCHED = {Reason.RECOGNISED, Reason.NOT_RECOGNISED, Reason.AMBIGUOUS}
"""Verdicts that rest on a search of the gallery, and so have a score to count."""


class GateService:
    """Runs one lane until told to stop."""

    def __init__(
        self,
        *,
        watch: Watch,
        recogniser: Recogniser,
        attempt: Attempt,
        lane: Lane,
        journal: Journal,
        control: ControlServer,
        desk: StaffDesk,
        admission: Admission,
        credentials: CredentialDesk,
        announcer: Announcer,
        direction: Direction,
        scorebook: Scorebook | None = None,
        clock: Clock = SYSTEM,
    ) -> None:
        self._watch = watch
        self._recogniser = recogniser
        self._attempt = attempt
        self._lane = lane
        self._journal = journal
        self._control = control
        self._desk = desk
        self._admission = admission
        self._credentials = credentials
        self._announcer = announcer
        self._direction = direction
        self._scorebook = scorebook
        self._clock = clock

    @property
    def state(self) -> State:
        """Where the gate stands."""
        return self._lane.state

    def run(self, stop: Flag) -> None:
        """Serve until `stop` is set."""
        while not stop.is_set():
            self.step()

    def step(self) -> None:
        """One round: what the turnstile says, what staff ask, what the camera shows."""
        self._lane.step()
        if self._scorebook is not None:
            self._scorebook.step(self._clock.now())
        self._admission.step()
        self._credentials.step()
        asked = self._control.next()
        if asked is not None:
            self._desk.take(asked)
        self._desk.step()
        self._announcer.step(awaited=self._credentials.awaits_face)
        if self._lane.state in _WATCHING or self._lane.may_grant(self._direction):
            self._look()
        else:
            self._clock.sleep(SIGNAL_SECONDS)

    def _look(self) -> None:
        """While one passes the next in the queue is watched already, and decided on when the gate is free."""
        frame = self._watch.frame(FRAME_SECONDS)
        self._announcer.looked(frame)
        if frame is None:
            return
        self._credentials.see(frame)
        if not self._credentials.wants_faces:
            return
        decision = self._watch.decide(frame)
        self._announcer.saw(decision, self._recogniser.hint)
        if not self._lane.may_grant(self._direction):
            return
        verdict = self._attempt.add(decision, self._clock.monotonic())
        if verdict is None:
            return
        if self._scorebook is not None and verdict.reason in _SEARCHED:
            self._scorebook.note(
                verdict,
                self._recogniser.last_match,
                self._recogniser.enrolled,
                threshold=self._recogniser.threshold,
                now=self._clock.now(),
            )
        if self._credentials.decided(verdict) is not None:
            return
        if verdict.outcome is Outcome.REFUSE:
            self._journal.refuse(verdict, self._direction, Method.FACE)
        if verdict.child is not None:
            child = verdict.child
            verdict = self._admission.admit(verdict.reason, child, self._direction, Method.FACE)
            if verdict.outcome is Outcome.WAIT:
                self._announcer.saw(verdict)
                return
            if verdict.reason is not Reason.NOT_DURABLE:
                self._attempt.done_with(child, self._clock.monotonic())
        self._announcer.decided(
            verdict,
            self._direction,
            latency_ms=round(frame.age(self._clock.monotonic()) * 1000, 1),
            hint=self._recogniser.hint if verdict.reason is Reason.LOOK_AGAIN else None,
        )
        self._recogniser.forget()
