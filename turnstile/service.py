"""The gate's loop: signals first, then people at the desk, then the camera. One thread decides everything."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event as Flag

import structlog

from edge.domain.decisions import Decision, Outcome, Reason
from edge.domain.events import Direction, Method
from edge.domain.ids import pseudonym
from edge.errors import OutboxError, QaqpaError
from edge.recognise import Recogniser
from edge.vault.vault import Vault
from turnstile.attempt import Attempt
from turnstile.control import Answer, Asked, ControlServer, ReleaseRequest, ResetRequest, StatusRequest
from turnstile.gate_states import RESTING, UNDER_WAY, State
from turnstile.journal import Journal
from turnstile.lane import Lane
from turnstile.scorebook import Scorebook
from turnstile.watch import Watch

log = structlog.get_logger()
FRAME_SECONDS = 0.05
SIGNAL_SECONDS = 0.01
_WATCHING = {*RESTING, *UNDER_WAY, State.PASSING}
"""In these somebody may be the next to pass; a gate that is open for all or shut to all looks at nobody."""
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
        vault: Vault,
        direction: Direction,
        scorebook: Scorebook | None = None,
    ) -> None:
        self._watch = watch
        self._recogniser = recogniser
        self._attempt = attempt
        self._lane = lane
        self._journal = journal
        self._control = control
        self._vault = vault
        self._direction = direction
        self._scorebook = scorebook

    def run(self, stop: Flag) -> None:
        """Serve until `stop` is set."""
        while not stop.is_set():
            self.step()

    def step(self) -> None:
        """One round: what the turnstile says, what staff ask, what the camera shows."""
        self._lane.step()
        if self._scorebook is not None:
            self._scorebook.step(datetime.now(UTC))
        asked = self._control.next()
        if asked is not None:
            self._answer(asked)
        if self._lane.state in _WATCHING:
            self._look()
        else:
            time.sleep(SIGNAL_SECONDS)

    def _look(self) -> None:
        """While one passes the next in the queue is watched already, and decided on when the gate is free."""
        seen = self._watch.look(FRAME_SECONDS)
        if seen is None or not self._lane.may_grant(self._direction):
            return
        frame, decision = seen
        verdict = self._attempt.add(decision, time.monotonic())
        if verdict is None:
            return
        if self._scorebook is not None and verdict.reason in _SEARCHED:
            self._scorebook.note(
                verdict,
                self._recogniser.last_match,
                self._recogniser.enrolled,
                threshold=self._recogniser.threshold,
                now=datetime.now(UTC),
            )
        if verdict.outcome is Outcome.REFUSE:
            self._journal.refuse(verdict, self._direction, Method.FACE)
        else:
            verdict = self._grant(verdict, self._direction, Method.FACE)
        log.info(
            "decision",
            outcome=verdict.outcome.value,
            reason=verdict.reason.value,
            latency_ms=round(frame.age(time.monotonic()) * 1000, 1),
            hint=self._hint(verdict),
        )
        self._recogniser.forget()

    def _hint(self, verdict: Decision) -> str | None:
        hint = self._recogniser.hint if verdict.reason is Reason.LOOK_AGAIN else None
        return None if hint is None else hint.value

    def _grant(self, decision: Decision, direction: Direction, method: Method) -> Decision:
        """Make it durable, then open; the other way round a power cut could lose a passage."""
        assert decision.child is not None  # noqa: S101 - a grant names a child, Decision sees to it
        try:
            event_id = self._journal.grant(decision, direction, method)
        except OutboxError as error:
            log.error("outbox", problem=str(error))
            refused = Decision(Outcome.REFUSE, Reason.NOT_DURABLE)
            self._journal.note_decision(refused)
            return refused
        self._lane.release(event_id, direction)
        self._attempt.granted(decision.child, time.monotonic())
        return decision

    def _answer(self, asked: Asked) -> None:
        handlers: dict[type, Callable[..., Answer]] = {
            ReleaseRequest: self._manual_release,
            StatusRequest: self._status,
            ResetRequest: self._reset,
        }
        try:
            asked.answer(handlers[type(asked.request)](asked.request))
        except (QaqpaError, ValueError) as error:
            asked.answer({"error": str(error)})

    def _manual_release(self, request: ReleaseRequest) -> Answer:
        child = pseudonym(self._vault.pseudonym_key, request.student)
        if self._vault.roster.child(child) is None:
            return {"error": "this student number is not on the roster. Check the number"}
        if not self._lane.may_grant(request.direction):
            return {"error": f"the gate is {self._lane.state.value}. Wait a moment and try again"}
        self._journal.note("manual_release", child=child.value, why=request.reason.value)
        decision = self._grant(
            Decision(Outcome.GRANT, Reason.MANUAL_RELEASE, child), request.direction, Method.MANUAL
        )
        log.info("decision", outcome=decision.outcome.value, reason=decision.reason.value)
        if decision.outcome is not Outcome.GRANT:
            return {"error": "the grant could not be made durable. Free space on the disk"}
        return {"released": True}

    def _status(self, _: StatusRequest) -> Answer:
        learnt = self._scorebook.status() if self._scorebook is not None else {}
        return {"state": self._lane.state.value, "time": datetime.now(UTC).isoformat(), **learnt}

    def _reset(self, _: ResetRequest) -> Answer:
        done = self._lane.reset()
        self._journal.note("reset", done=int(done))
        return {"state": self._lane.state.value, "reset": done}
