"""The turnstile as the service sees it: the pure gate, its driver and its inputs, kept in step."""

from collections.abc import Sequence
from uuid import UUID

import structlog

from edge.domain.events import Direction, Kind
from edge.errors import TurnstileError
from turnstile.clock import SYSTEM, Clock
from turnstile.gate import Gate, Inputs, Turnstile
from turnstile.gate_messages import (
    Close,
    Command,
    ControllerBack,
    ControllerLost,
    Event,
    ExitRequested,
    FireAlarm,
    Granted,
    HoldOpen,
    Lock,
    OpenAll,
    RaiseAlarm,
    RecordNotPassed,
    RecordPassed,
    Release,
    Reopen,
    Reset,
    Tick,
)
from turnstile.gate_states import SHUT, UNDER_WAY, State
from turnstile.interlock import Interlock
from turnstile.journal import Journal

log = structlog.get_logger()
_RECONNECT_SECONDS = 2.0
_PROBE_SECONDS = 2.0
_OPEN_FOR_ONE = frozenset({*UNDER_WAY, State.PASSING, State.HELD_OPEN})
EXIT_SECONDS = 15.0
"""How long a button press waits for the other lane of a pair at most: nobody is locked in."""


class Lane:
    """Feeds signals to the gate and carries out its commands, in order."""

    def __init__(
        self,
        gate: Gate,
        turnstile: Turnstile,
        inputs: Inputs,
        journal: Journal,
        way: Direction,
        *,
        interlock: Interlock | None = None,
        clock: Clock = SYSTEM,
    ) -> None:
        self._gate = gate
        self._turnstile = turnstile
        self._inputs = inputs
        self._journal = journal
        self._way = way
        self._interlock = interlock
        self._clock = clock
        self._exit_asked: float | None = None
        self._fire = False
        self._next_reconnect = 0.0
        self._next_probe = 0.0

    @property
    def state(self) -> State:
        """Where the gate stands."""
        return self._gate.state

    @property
    def controller_lost(self) -> bool:
        """Whether the turnstile's controller is away."""
        return self._gate.controller_lost

    @property
    def longest_grant(self) -> float:
        """Seconds after which a grant has ended, or its person stands in the passage and is called for."""
        return self._gate.longest_grant

    def may_grant(self, direction: Direction) -> bool:
        """Whether the gate is free to release in this direction now."""
        return self._gate.may_grant(direction)

    def release(self, event_id: UUID, direction: Direction) -> None:
        """Open for one person whose grant is durable already; `may_grant` must say so."""
        self._handle(Granted(event_id, direction, self._clock.monotonic()))

    def hold_open(self) -> None:
        """Staff hold the gate open, until `reset`. The gate must be shut."""
        self._handle(HoldOpen())

    def close_entry(self) -> None:
        """Nobody comes in any more; leaving stays free."""
        self._handle(Close(self._clock.monotonic()))

    def reopen(self) -> None:
        """People may come in again."""
        self._handle(Reopen())

    def evacuate(self) -> None:
        """Open everything, as if it burnt."""
        self._handle(FireAlarm())

    def reset(self) -> bool:
        """A person ends an emergency or a held-open alarm; false where there is none, or the fire goes on."""
        if self._fire or self._gate.state not in {State.EMERGENCY, State.HELD_OPEN, State.HELD_BY_STAFF}:
            return False
        self._handle(Reset())
        return True

    def step(self) -> None:
        """Take in what happened and let deadlines pass; never waits."""
        signals = self._inputs.poll()
        self._fire = FireAlarm() in signals
        now = self._clock.monotonic()
        for signal in signals:
            if not isinstance(signal, ExitRequested):
                self._handle(signal)
            elif self._exit_asked is None:
                self._exit_asked = now
        self._let_out(now)
        self._keep_other_shut()
        if self._gate.deadline is not None and now >= self._gate.deadline:
            self._handle(Tick(now))
        if self._gate.controller_lost and now >= self._next_reconnect:
            self._reconnect(now)
        elif self._gate.state in SHUT and now >= self._next_probe:
            self._next_probe = now + _PROBE_SECONDS
            self._carry_out([Lock()])  # the only way to learn that a silent controller has gone
        if not self._gate.controller_lost:
            self._attend()
        self._journal.step()

    def _let_out(self, now: float) -> None:
        """Whoever pressed the button goes as soon as the other lane is shut, or has waited long enough."""
        if self._exit_asked is None:
            return
        alone = self._interlock is None or self._gate.state not in SHUT or self._interlock.take()
        if alone or now - self._exit_asked >= EXIT_SECONDS:
            self._exit_asked = None
            self._handle(ExitRequested(now))

    def _keep_other_shut(self) -> None:
        """Whoever had waited long enough went past an open lane: once that is shut, it stays so meanwhile."""
        if self._interlock is not None and self._gate.state in _OPEN_FOR_ONE:
            self._interlock.take()

    def _attend(self) -> None:
        try:
            self._turnstile.step()
        except TurnstileError as error:
            self._lose(error)

    def _reconnect(self, now: float) -> None:
        self._next_reconnect = now + _RECONNECT_SECONDS
        try:
            self._turnstile.reconnect()
        except TurnstileError:
            return
        log.info("turnstile back")
        self._handle(ControllerBack())

    def _handle(self, event: Event) -> None:
        before = self._gate.state
        commands = self._gate.handle(event)
        after = self._gate.state
        if after is not before:
            log.info("gate", state=after.value, was=before.value)
        self._carry_out(commands)
        if (after is State.EMERGENCY) is not (before is State.EMERGENCY):
            self._journal.emergency(after is State.EMERGENCY)  # opened first, written down second

    def _carry_out(self, commands: Sequence[Command]) -> None:
        lost: TurnstileError | None = None
        for command in commands:
            try:
                self._do(command)
            except TurnstileError as error:
                lost = error
        if lost is not None:
            self._lose(lost)

    def _lose(self, error: TurnstileError) -> None:
        log.error("turnstile", problem=str(error))
        self._next_reconnect = self._clock.monotonic() + _RECONNECT_SECONDS
        if not self._gate.controller_lost:
            self._handle(ControllerLost())

    def _do(self, command: Command) -> None:
        match command:
            case Release(direction):
                self._turnstile.release(direction)
            case Lock():
                self._turnstile.lock()
            case OpenAll():
                self._turnstile.open_all()
            case RecordPassed(event_id):
                self._journal.settle(event_id, Kind.PASSED)
            case RecordNotPassed(event_id):
                self._journal.settle(event_id, Kind.GRANTED_NOT_PASSED)
            case RaiseAlarm(kind):
                self._journal.alarm(kind, self._way)
