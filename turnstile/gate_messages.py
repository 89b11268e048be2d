"""What the gate is told and what it tells others to do: small frozen values, no behaviour.

Times (`at`) are in seconds of the monotonic clock.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from edge.domain.events import Direction


class AlarmKind(StrEnum):
    """What a member of staff should look at."""

    FORCED = "forced"
    WRONG_WAY = "wrong_way"
    TAILGATING = "tailgating"
    HELD_OPEN = "held_open"
    FIRE = "fire"
    CONTROLLER_LOST = "controller_lost"
    TAMPER = "tamper"


@dataclass(frozen=True, slots=True)
class Granted:
    """A person may pass once; the grant is already durable under `event_id`."""

    event_id: UUID
    direction: Direction
    at: float


@dataclass(frozen=True, slots=True)
class PassageStarted:
    """Somebody is in the passage."""

    direction: Direction
    at: float


@dataclass(frozen=True, slots=True)
class PassageCompleted:
    """Somebody left the passage on the far side; a controller may report this alone."""

    direction: Direction
    at: float


@dataclass(frozen=True, slots=True)
class ExitRequested:
    """Somebody inside pressed the button to leave."""

    at: float


@dataclass(frozen=True, slots=True)
class Tampered:
    """The turnstile's housing was opened."""

    at: float


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""

    at: float


@dataclass(frozen=True, slots=True)
class FireAlarm:
    """The fire input is on; it may be repeated as long as it stays so."""


@dataclass(frozen=True, slots=True)
class Reset:
    """A person looked at the gate and says that it may work again."""


@dataclass(frozen=True, slots=True)
class HoldOpen:
    """Staff open both ways and answer for who walks through, until `Reset`."""


@dataclass(frozen=True, slots=True)
class Close:
    """Nobody may come in any more; leaving stays free."""

    at: float


@dataclass(frozen=True, slots=True)
class Reopen:
    """People may come in again."""


@dataclass(frozen=True, slots=True)
class ControllerLost:
    """The turnstile's controller no longer answers or obeys."""


@dataclass(frozen=True, slots=True)
class ControllerBack:
    """The controller is there again, in the state that it has after power-up."""


Signal: TypeAlias = (
    PassageStarted | PassageCompleted | ExitRequested | Tampered | FireAlarm | ControllerLost | ControllerBack
)
Event: TypeAlias = Granted | Tick | Reset | HoldOpen | Close | Reopen | Signal


@dataclass(frozen=True, slots=True)
class Release:
    """Let one person through in this direction."""

    direction: Direction


@dataclass(frozen=True, slots=True)
class Lock:
    """Withdraw every release."""


@dataclass(frozen=True, slots=True)
class OpenAll:
    """Open both directions until told otherwise."""


@dataclass(frozen=True, slots=True)
class RecordPassed:
    """The person of this grant went through."""

    event_id: UUID


@dataclass(frozen=True, slots=True)
class RecordNotPassed:
    """The grant ended, and no passage of it was seen to complete."""

    event_id: UUID


@dataclass(frozen=True, slots=True)
class RaiseAlarm:
    """Call staff."""

    kind: AlarmKind


Command: TypeAlias = Release | Lock | OpenAll | RecordPassed | RecordNotPassed | RaiseAlarm
