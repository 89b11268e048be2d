"""What the person in front of the gate is told: a closed list, and tables that lead to it. Pure.

The display shows a cue in words and a picture, the lamps show it in light. A cue never tells more than the
person needs: who has no consent, whose face looked false and who is unknown are told the same.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from edge.domain.decisions import Decision, Outcome, Reason
from edge.domain.events import Direction
from edge.vision.quality.component import Hint
from turnstile.gate_states import State


class Cue(StrEnum):
    """What to do, or what is going on."""

    READY = "ready"
    FACE_OR_CODE = "face_or_code"
    CARD_OR_CODE = "card_or_code"
    SHOW_CARD = "show_card"
    SHOW_CODE = "show_code"
    COME_CLOSER = "come_closer"
    LOOK_HERE = "look_here"
    UNCOVER_FACE = "uncover_face"
    ONE_AT_A_TIME = "one_at_a_time"
    WELCOME = "welcome"
    GOODBYE = "goodbye"
    USE_CARD = "use_card"
    USE_CODE = "use_code"
    ASK_STAFF = "ask_staff"
    WAIT = "wait"
    STEP_BACK = "step_back"
    WALK_THROUGH = "walk_through"
    CLOSED = "closed"
    EMERGENCY = "emergency"
    OUT_OF_SERVICE = "out_of_service"


GRANTED = frozenset({Cue.WELCOME, Cue.GOODBYE})
REFUSED = frozenset({Cue.USE_CARD, Cue.USE_CODE, Cue.ASK_STAFF, Cue.CLOSED})

STATES: Mapping[State, Cue | None] = MappingProxyType(
    {
        State.LOCKED: None,
        State.PASSED: None,
        State.TIMED_OUT: None,
        State.RELEASED: None,
        State.PASSING: None,
        State.HELD_OPEN: Cue.WAIT,
        State.WRONG_WAY: Cue.STEP_BACK,
        State.FORCED: Cue.STEP_BACK,
        State.EMERGENCY: Cue.EMERGENCY,
        State.FAULT: Cue.OUT_OF_SERVICE,
        State.HELD_BY_STAFF: Cue.WALK_THROUGH,
        State.CLOSED: Cue.CLOSED,
    }
)
"""What a state of the gate means to everybody; None where it depends on the person."""

REFUSALS: Mapping[Reason, Cue] = MappingProxyType(
    {
        Reason.NOT_RECOGNISED: Cue.USE_CARD,
        Reason.AMBIGUOUS: Cue.USE_CARD,
        Reason.CONSENT_MISSING: Cue.USE_CARD,
        Reason.NOT_LIVE: Cue.USE_CARD,
        Reason.PAD_UNAVAILABLE: Cue.USE_CARD,
        Reason.NO_FACE: Cue.USE_CARD,
        Reason.SEVERAL_FACES: Cue.USE_CARD,
        Reason.COME_CLOSER: Cue.USE_CARD,
        Reason.LOOK_AGAIN: Cue.USE_CARD,
        Reason.FRAME_STALE: Cue.USE_CARD,
        Reason.CREDENTIAL_DAMAGED: Cue.ASK_STAFF,
        Reason.CREDENTIAL_OTHER_SCHOOL: Cue.ASK_STAFF,
        Reason.CREDENTIAL_WRONG_SIGNATURE: Cue.ASK_STAFF,
        Reason.CREDENTIAL_UNKNOWN: Cue.ASK_STAFF,
        Reason.CREDENTIAL_REVOKED: Cue.ASK_STAFF,
        Reason.CREDENTIAL_EXPIRED: Cue.ASK_STAFF,
        Reason.CREDENTIAL_LOCKED: Cue.ASK_STAFF,
        Reason.CLOCK_SET_BACK: Cue.ASK_STAFF,
        Reason.OUTSIDE_HOURS: Cue.ASK_STAFF,
        Reason.ALREADY_INSIDE: Cue.ASK_STAFF,
        Reason.GATE_CLOSED: Cue.CLOSED,
        Reason.OTHER_LANE_OPEN: Cue.WAIT,
        Reason.GATE_UNAVAILABLE: Cue.WAIT,
        Reason.VAULT_UNAVAILABLE: Cue.ASK_STAFF,
        Reason.NOT_DURABLE: Cue.ASK_STAFF,
    }
)
"""What a person is told who was refused; every reason but those that grant."""

HINTS: Mapping[Reason, Cue] = MappingProxyType(
    {
        Reason.COME_CLOSER: Cue.COME_CLOSER,
        Reason.SEVERAL_FACES: Cue.ONE_AT_A_TIME,
        Reason.LOOK_AGAIN: Cue.LOOK_HERE,
        Reason.OTHER_LANE_OPEN: Cue.WAIT,
        Reason.GATE_UNAVAILABLE: Cue.WAIT,
    }
)
"""What helps while nothing is decided yet. Other reasons to wait tell the person nothing to do."""

LOOKS: Mapping[Hint, Cue] = MappingProxyType(
    {
        Hint.COME_CLOSER: Cue.COME_CLOSER,
        Hint.LOOK_AT_CAMERA: Cue.LOOK_HERE,
        Hint.HOLD_STILL: Cue.LOOK_HERE,
        Hint.TOO_DARK: Cue.LOOK_HERE,
        Hint.TOO_BRIGHT: Cue.LOOK_HERE,
        Hint.UNCOVER_FACE: Cue.UNCOVER_FACE,
    }
)
"""What the quality of the face asks of the person; light is not theirs to mend."""


def told(decision: Decision, direction: Direction, *, faces: bool, readers: bool) -> Cue:
    """The cue of a verdict. `faces`: a face alone is enough here; else who is refused has shown a card.

    `readers`: cards can be held to something; else the camera reads codes.
    """
    if decision.outcome is Outcome.GRANT:
        return Cue.WELCOME if direction is Direction.IN else Cue.GOODBYE
    refused = REFUSALS.get(decision.reason, Cue.ASK_STAFF)
    if refused is not Cue.USE_CARD:
        return refused
    if not faces:
        return Cue.ASK_STAFF
    return Cue.USE_CARD if readers else Cue.USE_CODE


def hinted(decision: Decision, hint: Hint | None) -> Cue | None:
    """The cue of one frame while nothing is decided; None where there is nothing to tell."""
    if decision.outcome is not Outcome.WAIT:
        return None
    if decision.reason is Reason.LOOK_AGAIN and hint is not None:
        return LOOKS[hint]
    return HINTS.get(decision.reason)


def resting(*, faces: bool, awaited: bool, camera: bool, readers: bool) -> Cue:
    """The cue of a gate at which nothing happens.

    `faces`: a face alone is enough here. `awaited`: a card was accepted, now its holder's face is compared.
    `camera`: pictures come. `readers`: cards can be held to something.
    """
    if not camera:
        return Cue.SHOW_CARD if readers else Cue.OUT_OF_SERVICE
    if awaited:
        return Cue.LOOK_HERE
    if faces:
        return Cue.READY if readers else Cue.FACE_OR_CODE
    return Cue.CARD_OR_CODE if readers else Cue.SHOW_CODE


def for_everybody(state: State, direction: Direction) -> Cue | None:
    """What a state means whoever stands there; no lockdown closes the way out."""
    return None if state is State.CLOSED and direction is Direction.OUT else STATES[state]


def cue(state: State, direction: Direction, verdict: Cue | None, hint: Cue | None, rest: Cue) -> Cue:
    """What is shown now; `direction` is the lane's."""
    everybody = for_everybody(state, direction)
    if everybody is not None:
        return everybody
    if state is State.RELEASED:  # without a verdict it was the button to leave
        return verdict if verdict in GRANTED else Cue.GOODBYE
    if verdict is not None:
        return verdict
    return Cue.WAIT if state is State.PASSING else hint or rest
