"""Fuzz target: whatever MQTT delivers is exactly what this version sends, or refused with a reason.

Run: python -m tests.fuzz.fuzz_wire [atheris options]
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from edge.domain.events import AttendanceEvent, Direction, Kind, Method, Uptime
from edge.domain.ids import ChildId, Slug
from sync.rows import Row
from sync.wire import (
    MAX_CONTROL_BYTES,
    MAX_EVENT_BYTES,
    Status,
    WireError,
    decode,
    decode_confirmation,
    decode_status,
    encode,
    encode_confirmation,
    encode_status,
)

NOW = datetime(2026, 9, 1, 3, 2, tzinfo=UTC)
EVENT = AttendanceEvent(
    UUID(int=7),
    Slug("school-7"),
    Slug("main"),
    ChildId("0123456789abcdef" * 2),
    Direction.IN,
    NOW,
    False,
    Method.FACE,
    Kind.PASSED,
    Uptime(UUID(int=8), 12.5),
)
ROW = Row(UUID(int=9), 41, EVENT)
SEEDS = (
    encode(ROW),
    encode(replace(ROW, event=replace(EVENT, child=None, kind=Kind.REFUSED, uptime=None))),
    encode(ROW).replace(b"attendance.v2", b"attendance.v3"),
    encode(ROW).replace(b'"uptime":12.5', b'"uptime":1e999'),
    encode(ROW).replace(b'"sequence":41', b'"sequence":9007199254740993'),
    encode_confirmation([EVENT.id, UUID(int=10)]),
    encode_status(Status(online=True, backlog=3, at=NOW, disk_used=0.8)),
    b'{"data":' * 400,
    b"\xef\xbb\xbf{}",
    b"",
)


def TestOneInput(data: bytes) -> None:  # noqa: N802 - the name that atheris documents
    with suppress(WireError):
        row = decode(data)
        assert len(data) <= MAX_EVENT_BYTES
        assert decode(encode(row)) == row
    readers: tuple[Callable[[bytes], object], ...] = (decode_confirmation, decode_status)
    for read in readers:
        with suppress(WireError):
            read(data)
            assert len(data) <= MAX_CONTROL_BYTES


if __name__ == "__main__":
    from tests.fuzz.run import fuzz

    fuzz(TestOneInput, SEEDS)
