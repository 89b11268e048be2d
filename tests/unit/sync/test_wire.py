"""Only what is on the list crosses the wire, in both directions, and nothing crashes the reader."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import paho.mqtt.client as mqtt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.domain.events import AttendanceEvent, Direction, Kind, Method, Uptime
from edge.domain.ids import ChildId, Slug
from sync.rows import Row
from sync.wire import (
    MAX_CONTROL_BYTES,
    MAX_EVENT_BYTES,
    MAX_IDS,
    Channel,
    Status,
    Topic,
    WireError,
    decode,
    decode_confirmation,
    decode_status,
    encode,
    encode_confirmation,
    encode_status,
    every_gate,
    parse_topic,
)
from tests.unit.sync.events import GATE, SCHOOL, event, rows

FIELDS = [
    "child",
    "direction",
    "clock_synchronised",
    "method",
    "kind",
    "boot",
    "uptime",
    "outbox",
    "sequence",
]
unhurried = settings(deadline=None, database=None)
SLUGS = st.from_regex(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?", fullmatch=True).map(Slug)
CHILDREN = st.from_regex(r"[0-9a-f]{32}", fullmatch=True).map(ChildId)
TIMES = st.datetimes(datetime(1970, 1, 2), datetime(8999, 12, 30), timezones=st.just(UTC))
EVENTS = st.builds(
    AttendanceEvent,
    id=st.uuids(),
    school=SLUGS,
    gate=SLUGS,
    child=CHILDREN,
    direction=st.sampled_from(Direction),
    occurred=TIMES,
    clock_synchronised=st.booleans(),
    method=st.sampled_from(Method),
    kind=st.sampled_from(Kind),
    uptime=st.none() | st.builds(Uptime, st.uuids(), st.floats(0, 1e9)),
)
ROWS = st.builds(Row, outbox=st.uuids(), number=st.integers(1, 2**53 - 1), event=EVENTS)


def row(kind: Kind = Kind.GRANTED_NOT_PASSED, **changes: Any) -> Row:
    return rows(event(kind, **changes))[0]


@unhurried
@given(ROWS)
def test_what_the_gate_saw_is_what_the_hub_stores(sent: Row) -> None:
    assert decode(encode(sent)) == sent


@unhurried
@given(ROWS)
def test_every_event_fits_and_carries_only_listed_fields(sent: Row) -> None:
    body = encode(sent)
    parsed = json.loads(body)
    assert len(body) <= MAX_EVENT_BYTES
    assert set(parsed) == {"specversion", "type", "source", "id", "time", "datacontenttype", "data"}
    assert list(parsed["data"]) == FIELDS


@unhurried
@given(st.binary(max_size=2 * MAX_EVENT_BYTES))
def test_no_bytes_crash_a_reader(body: bytes) -> None:
    for read in (decode, decode_confirmation, decode_status):
        with suppress(WireError):
            read(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)


@unhurried
@given(ROWS, st.sampled_from([(), ("data",)]), st.text(max_size=12), JSON)
def test_a_field_that_is_not_listed_is_refused_or_must_be_a_valid_listed_one(
    sent: Row, where: tuple[str, ...], name: str, value: object
) -> None:
    parsed = json.loads(encode(sent))
    inner = parsed["data"] if where else parsed
    known = name in inner
    inner[name] = value
    try:
        decode(json.dumps(parsed).encode())
    except WireError:
        return
    assert known


@pytest.mark.parametrize("name", ["name", "iin", "score", "image", "vector", "template", "full_name"])
def test_nothing_personal_or_biometric_is_let_through(name: str) -> None:
    parsed = json.loads(encode(row()))
    for where in (parsed, parsed["data"]):
        where[name] = "x"
        with pytest.raises(WireError):
            decode(json.dumps(parsed).encode())
        del where[name]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("specversion", "0.3"),
        ("type", "another"),
        ("source", "school-7/main"),
        ("source", "/school-7/main/more"),
        ("source", "/school-7/Main Door"),
        ("source", "x/school-7/main"),
        ("time", "2026-09-01T03:02:00"),
        ("time", "0001-01-01T00:00:00+23:59"),
        ("time", "9999-12-31T23:59:59-23:59"),
        ("id", "1"),
    ],
)
def test_a_wrong_envelope_is_refused(field: str, value: str) -> None:
    parsed = json.loads(encode(row()))
    parsed[field] = value
    with pytest.raises(WireError):
        decode(json.dumps(parsed).encode())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("child", "A" * 32),
        ("child", "a" * 32 + "\n"),
        ("kind", "open"),
        ("clock_synchronised", 1),
        ("sequence", 0),
        ("sequence", 1.5),
        ("sequence", None),
        ("outbox", "x"),
        ("uptime", 5.0),
        ("boot", "00000000-0000-0000-0000-000000000001"),
        ("uptime", -1.0),
    ],
)
def test_wrong_data_is_refused(field: str, value: object) -> None:
    parsed = json.loads(encode(row()))
    parsed["data"][field] = value
    with pytest.raises(WireError):
        decode(json.dumps(parsed).encode())


@pytest.mark.parametrize(("version", "word"), [(1, "older"), (3, "newer"), (9999, "newer")])
def test_a_gate_of_another_version_is_not_taken_for_a_broken_one(version: int, word: str) -> None:
    """School IT reads in the quarantine which side to update, whatever else that version carries."""
    parsed = json.loads(encode(row())) | {"type": f"qaqpa.attendance.v{version}", "more": "x" * 2000}
    with pytest.raises(WireError, match=f"{word} version of the gate: {version} where 2"):
        decode(json.dumps(parsed).encode())


@pytest.mark.parametrize("name", ["qaqpa.attendance.v2", "qaqpa.attendance.v0", "qaqpa.attendance.v3x", "x"])
def test_nonsense_does_not_pass_for_another_version(name: str) -> None:
    parsed = json.loads(encode(row())) | {"type": name, "more": 1}
    with pytest.raises(WireError, match="not a CloudEvent"):
        decode(json.dumps(parsed).encode())


def test_a_passage_of_nobody_is_refused() -> None:
    parsed = json.loads(encode(row(Kind.REFUSED, child=None)))
    parsed["data"]["kind"] = "passed"
    with pytest.raises(WireError):
        decode(json.dumps(parsed).encode())


def test_an_error_does_not_repeat_what_a_stranger_wrote() -> None:
    parsed = json.loads(encode(row()))
    parsed["data"]["kind"] = "Aisha Test1"
    with pytest.raises(WireError) as caught:
        decode(json.dumps(parsed).encode())
    assert "Aisha" not in str(caught.value)
    parsed = json.loads(encode(row())) | {"Aisha Test1": 1}
    with pytest.raises(WireError) as caught:
        decode(json.dumps(parsed).encode())
    assert "Aisha" not in str(caught.value)


def test_a_time_of_another_zone_arrives_as_the_same_moment() -> None:
    moment = datetime(2026, 9, 1, 8, 2, tzinfo=timezone(timedelta(hours=5)))
    assert decode(encode(row(occurred=moment))).event.occurred == moment


def test_a_body_beyond_the_limit_is_not_even_parsed() -> None:
    with pytest.raises(WireError, match="longer"):
        decode(b" " * MAX_EVENT_BYTES + encode(row()))
    with pytest.raises(WireError, match="longer"):
        decode_confirmation(b" " * MAX_CONTROL_BYTES + encode_confirmation([]))


def test_the_fullest_confirmation_fits() -> None:
    ids = [event().id for _ in range(MAX_IDS)]
    body = encode_confirmation(ids)
    assert len(body) <= MAX_CONTROL_BYTES
    assert decode_confirmation(body).ids == tuple(ids)
    with pytest.raises(ValueError, match="at most"):
        encode_confirmation([*ids, ids[0]])
    with pytest.raises(WireError):
        decode_confirmation(msgspec.json.encode({"ids": [*ids, ids[0]]}))


def test_a_status_arrives_as_sent() -> None:
    status = Status(online=True, backlog=3, at=datetime(2026, 9, 1, tzinfo=UTC))
    assert decode_status(encode_status(status)) == status


@unhurried
@given(SLUGS, SLUGS, st.sampled_from(Channel))
def test_a_topic_is_read_as_it_was_written(school: Slug, gate: Slug, channel: Channel) -> None:
    assert parse_topic(str(Topic(school, gate, channel))) == Topic(school, gate, channel)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "qaqpa/v1/school-7/main",
        "qaqpa/v2/school-7/main/status",
        "other/v1/school-7/main/status",
        "qaqpa/v1/school-7/main/status/more",
        "qaqpa/v1/school-7/main/open",
        "qaqpa/v1/School/main/status",
        "qaqpa/v1/+/main/status",
        "/qaqpa/v1/school-7/main/status",
    ],
)
def test_other_topics_are_refused(text: str) -> None:
    with pytest.raises(WireError):
        parse_topic(text)


def test_the_hub_listens_to_every_gate_of_its_school() -> None:
    assert every_gate(SCHOOL, Channel.STATUS) == str(Topic(SCHOOL, GATE, Channel.STATUS)).replace("main", "+")


def test_a_districts_filter_matches_the_topics_of_all_schools_and_a_schools_only_its_own() -> None:
    topic = str(Topic(Slug("school-8"), Slug("main"), Channel.ATTENDANCE))
    assert mqtt.topic_matches_sub(every_gate(None, Channel.ATTENDANCE), topic)
    assert mqtt.topic_matches_sub(every_gate(Slug("school-8"), Channel.ATTENDANCE), topic)
    assert not mqtt.topic_matches_sub(every_gate(Slug("school-7"), Channel.ATTENDANCE), topic)
    assert not mqtt.topic_matches_sub(every_gate(None, Channel.STATUS), topic)
