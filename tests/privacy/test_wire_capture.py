"""All bytes that a publisher sends in a school morning, before encryption: the listed fields, no more."""

import base64
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.rows import Row
from sync.wire import WireError, decode, decode_status
from tests.demo import __main__ as demo
from tests.demo.processes import ROOT
from tests.demo.scenario import Scenario, load_scenario
from tests.demo.school import School, display_name, found_school, student_number
from tests.faults.tls_recorder import TlsRecorder
from tests.gate.parts import engine_or_skip

SHORT = ROOT / "tests" / "scenarios" / "short_morning.toml"
CONNECT, PUBLISH = 1, 3
PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"RIFF")


@pytest.fixture
def recorders(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[TlsRecorder]]:
    """The demo's publisher is sent through a recorder."""
    made: list[TlsRecorder] = []

    def with_recorder(folder: Path, scenario: Scenario, phones_port: int) -> School:
        school = found_school(folder, scenario, phones_port)
        config = school.config("publisher")
        port = tomllib.loads(config.read_text())["broker"]["port"]
        made.append(TlsRecorder(folder / "ca", scenario.gate, port))
        config.write_text(config.read_text().replace(f"port = {port}", f"port = {made[0].port}"))
        return school

    monkeypatch.setattr(demo, "found_school", with_recorder)
    yield made
    for recorder in made:
        recorder.close()


def test_2_nothing_a_publisher_sends_in_a_morning_is_a_name_a_number_a_score_or_a_face(
    tmp_path: Path, recorders: list[TlsRecorder]
) -> None:
    """The morning has faces, a card-less child, a withdrawal, a manual release and a dead broker."""
    engine_or_skip()
    scenario = load_scenario(SHORT)
    results = demo._play(tmp_path / "school", scenario, tmp_path / "report.html")
    assert results.good, [check for check in results.checks if not check.good]
    streams = [bytes(stream) for stream in recorders[0].sent]
    payloads = [payload for stream in streams for payload in published(stream)]
    rows = [row for payload in payloads if (row := listed(payload)) is not None]
    assert len({row.event.id for row in rows}) == len(results.morning.arrivals)
    for pupil in scenario.roster:
        for secret in (display_name(pupil), f"Parent {pupil}", student_number(pupil)):
            for form in encodings(secret):
                assert not any(form in stream for stream in streams), secret
    for picture in PICTURES:
        assert not any(picture in stream for stream in streams)


def listed(payload: bytes) -> Row | None:
    """An event, or None for a status. Anything else fails: the readers know no other field."""
    try:
        return decode(payload)
    except WireError:
        decode_status(payload)
        return None


def encodings(secret: str) -> list[bytes]:
    plain = secret.encode()
    return [
        plain,
        secret.encode("utf-16-le"),
        plain.hex().encode(),
        base64.b64encode(plain).rstrip(b"=")[:-1],
    ]


def published(stream: bytes) -> Iterator[bytes]:
    """The payloads of MQTT PUBLISH packets, sections 2.1 and 3.3; the last may be cut off."""
    place, five = 0, False
    while place + 2 <= len(stream):
        kind, qos = stream[place] >> 4, stream[place] >> 1 & 3
        length, place = variable(stream, place + 1)
        body, place = stream[place : place + length], place + length
        if kind == CONNECT:
            five = body[6] == 5
        if kind == PUBLISH and len(body) == length:
            start = 2 + int.from_bytes(body[:2], "big") + (2 if qos else 0)
            properties, start = variable(body, start) if five else (0, start)
            yield body[start + properties :]


def variable(data: bytes, place: int) -> tuple[int, int]:
    value, shift = 0, 0
    while True:
        byte = data[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if not byte & 0x80:
            return value, place
