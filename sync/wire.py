"""What goes over MQTT: a closed list of fields as CloudEvents 1.0, confirmations and a gate's status.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
A body that is too long, malformed or carries one field more than listed here is refused whole. `type` names
the version: another one is refused as such, and a gate that was updated first is not taken for a broken one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Final, Literal, TypeVar
from uuid import UUID

import msgspec

from edge.domain.events import AttendanceEvent, Direction, Kind, Method, Uptime
from edge.domain.ids import ChildId, Slug
from edge.errors import QaqpaError
from sync.rows import Row

MAX_EVENT_BYTES = 1024
MAX_CONTROL_BYTES = 16 * 1024
MAX_IDS = 256
_ROOT = "qaqpa/v1"
_VERSION: Final = 2
_TYPE: Final = "qaqpa.attendance.v2"
_ANY_VERSION = re.compile(r"qaqpa\.attendance\.v([1-9][0-9]{0,3})")
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9000, 1, 1, tzinfo=UTC)
"""Beyond these years, arithmetic on times and time zones overflows."""
_LONGEST_UPTIME = 1e9
_LAST_NUMBER = 2**53 - 1
"""JSON readers elsewhere hold integers only up to here exactly."""


class Problem(StrEnum):
    """Why a message is refused, in as few words as a monitor can count by."""

    TOPIC = "topic"
    SIZE = "size"
    FORM = "form"
    VERSION = "version"
    NAME = "name"
    NUMBER = "number"
    REVOKED = "revoked"


class WireError(QaqpaError):
    """A message is not what this version sends; it is put aside, never acted on."""

    def __init__(self, message: str, problem: Problem = Problem.FORM) -> None:
        super().__init__(message, "Bring gate and hub to the same version; see qaqpa-hub quarantine")
        self.problem = problem


class Channel(StrEnum):
    """The three topics of a gate."""

    ATTENDANCE = "attendance"
    STATUS = "status"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Topic:
    """`qaqpa/v1/{school}/{gate}/{channel}`."""

    school: Slug
    gate: Slug
    channel: Channel

    def __str__(self) -> str:
        return f"{_ROOT}/{self.school}/{self.gate}/{self.channel.value}"


def parse_topic(text: str) -> Topic:
    """Raises WireError for any topic that is not a gate's."""
    try:
        product, version, school, gate, channel = text.split("/")
        if f"{product}/{version}" != _ROOT:
            raise ValueError("another product or version")
        return Topic(Slug(school), Slug(gate), Channel(channel))
    except ValueError as error:
        raise WireError("not a topic of a gate", Problem.TOPIC) from error


def every_gate(school: Slug | None, channel: Channel) -> str:
    """The subscription filter for one channel of all gates of a school; None stands for every school."""
    return f"{_ROOT}/{school or '+'}/+/{channel.value}"


def shared(topic_filter: str) -> str:
    """The same subscription shared by all workers of the hub: each message goes to one (MQTT 5, 4.8.2)."""
    return f"$share/hub/{topic_filter}"


class _Data(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    child: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}\Z")] | None
    direction: Direction
    clock_synchronised: bool
    method: Method
    kind: Kind
    boot: UUID | None
    uptime: Annotated[float, msgspec.Meta(ge=0, le=_LONGEST_UPTIME)] | None
    outbox: UUID
    sequence: Annotated[int, msgspec.Meta(ge=1, le=_LAST_NUMBER)]


class _CloudEvent(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    specversion: Literal["1.0"]
    type: Literal["qaqpa.attendance.v2"]
    source: Annotated[str, msgspec.Meta(max_length=100)]
    id: UUID
    time: Annotated[datetime, msgspec.Meta(tz=True)]
    datacontenttype: Literal["application/json"]
    data: _Data


class _Typed(msgspec.Struct, frozen=True):
    """Of a message that is not understood: what it says it is."""

    type: str


class Confirmation(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Ids of events that the hub has stored; an empty list only says that the hub is there."""

    ids: Annotated[tuple[UUID, ...], msgspec.Meta(max_length=MAX_IDS)]


class Status(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What a gate says about itself; the broker sends `online: false` in its name when it is lost."""

    online: bool
    backlog: Annotated[int, msgspec.Meta(ge=0)]
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    disk_used: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    clock_synchronised: bool | None = None


_StructT = TypeVar("_StructT", bound=msgspec.Struct)


def encode(row: Row) -> bytes:
    """An attendance event with its place in its outbox, as structured JSON."""
    event, uptime = row.event, row.event.uptime
    return msgspec.json.encode(
        _CloudEvent(
            specversion="1.0",
            type=_TYPE,
            source=f"/{event.school}/{event.gate}",
            id=event.id,
            time=event.occurred.astimezone(UTC),
            datacontenttype="application/json",
            data=_Data(
                child=None if event.child is None else event.child.value,
                direction=event.direction,
                clock_synchronised=event.clock_synchronised,
                method=event.method,
                kind=event.kind,
                boot=None if uptime is None else uptime.boot,
                uptime=None if uptime is None else uptime.seconds,
                outbox=row.outbox,
                sequence=row.number,
            ),
        )
    )


def decode(body: bytes) -> Row:
    """Raises WireError for anything that `encode` would not have made."""
    try:
        parsed = _parse(body, _CloudEvent, MAX_EVENT_BYTES)
    except WireError as error:
        raise _another_version(body) or error from error
    data = parsed.data
    try:
        empty, school, gate = parsed.source.split("/")
        if empty:
            raise ValueError("source does not begin with /")
        event = AttendanceEvent(
            id=parsed.id,
            school=Slug(school),
            gate=Slug(gate),
            child=None if data.child is None else ChildId(data.child),
            direction=data.direction,
            occurred=_sane(parsed.time),
            clock_synchronised=data.clock_synchronised,
            method=data.method,
            kind=data.kind,
            uptime=_uptime(data.boot, data.uptime),
        )
        return Row(data.outbox, data.sequence, event)
    except ValueError as error:
        raise WireError("not an attendance event: its source, time, uptime or child") from error


def encode_confirmation(ids: Sequence[UUID]) -> bytes:
    """At most MAX_IDS ids. Raises ValueError beyond."""
    if len(ids) > MAX_IDS:
        raise ValueError(f"a confirmation holds at most {MAX_IDS} ids")
    return msgspec.json.encode(Confirmation(tuple(ids)))


def decode_confirmation(body: bytes) -> Confirmation:
    """Raises WireError."""
    return _parse(body, Confirmation, MAX_CONTROL_BYTES)


def encode_status(status: Status) -> bytes:
    """A gate's status."""
    return msgspec.json.encode(status)


def decode_status(body: bytes) -> Status:
    """Raises WireError."""
    return _parse(body, Status, MAX_EVENT_BYTES)


def _parse(body: bytes, kind: type[_StructT], longest: int) -> _StructT:
    if len(body) > longest:
        raise WireError(f"longer than {longest} bytes", Problem.SIZE)
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(f"not a {kind.__name__.strip('_')}: {_without_values(error)}") from error


def _another_version(body: bytes) -> WireError | None:
    if len(body) > MAX_CONTROL_BYTES:
        return None
    try:
        found = _ANY_VERSION.fullmatch(msgspec.json.decode(body, type=_Typed).type)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if found is None or int(found[1]) == _VERSION:
        return None
    age = "a newer" if int(found[1]) > _VERSION else "an older"
    told = f"from {age} version of the gate: {found[1]} where {_VERSION} is understood"
    return WireError(told, Problem.VERSION)


def _without_values(error: Exception) -> str:
    """What is wrong and where; values quoted from a stranger's message stay out of the log."""
    where = str(error).rpartition(" - at ")[2] if " - at " in str(error) else "its JSON"
    return f"{type(error).__name__} at {where}"


def _uptime(boot: UUID | None, seconds: float | None) -> Uptime | None:
    if boot is None and seconds is None:
        return None
    if boot is None or seconds is None:
        raise ValueError("an uptime without its boot, or the reverse")
    return Uptime(boot, seconds)


def _sane(moment: datetime) -> datetime:
    if not EARLIEST <= moment < LATEST:
        raise ValueError("its time is out of range")
    return moment.astimezone(UTC)
