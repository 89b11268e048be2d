"""One line of the feed: what the gate shows at this moment and how it is.

There is no field for a child, a full name, a score or a picture. A viewer takes nothing else.
"""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from edge.domain.decisions import Outcome, Reason
from edge.domain.events import Direction
from turnstile.cue import Cue
from turnstile.gate_states import State

LONGEST_LINE = 16_384
RECENT = 8
Count = Annotated[int, Field(ge=0)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Told(_Line):
    """A decision; `number` counts from the start of the gate. `latency_ms`: a face's, from its frame on."""

    number: Count
    at: datetime
    outcome: Outcome
    reason: Reason
    latency_ms: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None


class Snapshot(_Line):
    """The gate now. `recent`: the last decisions, newest last. `counts`: decisions of each outcome so far.

    `name`: the first name to greet with, only with a grant and only where the school wants it. `fps` and
    `frame_age` (seconds) are None while the gate looks at nobody; `backlog`: events the hub has not confirmed
    yet, None where the outbox cannot be read.
    """

    gate: Annotated[str, Field(max_length=40)]
    time: datetime
    cue: Cue
    name: Annotated[str, Field(max_length=40)] | None = None
    state: State
    direction: Direction
    recent: Annotated[tuple[Told, ...], Field(max_length=RECENT)] = ()
    counts: dict[Outcome, Count]
    fps: Seconds | None = None
    frame_age: Seconds | None = None
    backlog: Count | None = None
    controller_lost: bool = False
    clock_synchronised: bool = True

    def line(self) -> bytes:
        """As it is sent."""
        return self.model_dump_json().encode() + b"\n"


def parse(line: bytes) -> Snapshot:
    """Raises ValueError for anything that no gate of this version sends."""
    return Snapshot.model_validate_json(line)
