"""All bytes that a publisher sends in a school morning, before encryption: the listed fields, no more."""

import base64
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.config import load
from edge.vault.vault import Vault
from enrollment.settings import KioskSettings
from sync.rows import Row
from sync.wire import WireError, decode, decode_status
from tests.demo import __main__ as demo
from tests.demo.processes import ROOT
from tests.demo.scenario import Scenario, load_scenario
from tests.demo.school import School, ages, display_name, found_school, iin, student_number
from tests.faults.tls_recorder import TlsRecorder
from tests.gate.parts import engine_or_skip

MORNING = ROOT / "tests" / "scenarios" / "school_morning.toml"
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
    scenario = load_scenario(MORNING)
    results = demo._play(tmp_path / "school", scenario, tmp_path / "report.html")
    assert results.good, [check for check in results.checks if not check.good]
    streams = [bytes(stream) for stream in recorders[0].sent]
    payloads = [payload for stream in streams for payload in published(stream)]
    rows = [row for payload in payloads if (row := listed(payload)) is not None]
    assert len({row.event.id for row in rows}) == len(results.morning.arrivals)
    years, sent = ages(), b"\n".join(streams)
    for pupil in scenario.roster:
        numbers = (student_number(pupil), iin(pupil, years[pupil]))
        for secret in (display_name(pupil), f"Parent {pupil}", *numbers):
            assert secret
            for form in encodings(secret):
                assert form not in sent, secret
    vectors = templates(tmp_path / "school")
    assert len(vectors) >= len(scenario.consenting) - 1, "all but the one who withdrew"
    for vector in vectors:
        assert not any(form in sent for form in forms(vector))
    assert not any(picture in sent for picture in PICTURES)


def listed(payload: bytes) -> Row | None:
    """An event, or None for a status. Anything else fails: the readers know no other field."""
    try:
        return decode(payload)
    except WireError:
        decode_status(payload)
        return None


def templates(school: Path) -> list[NDArray[np.float32]]:
    """What the device holds of the faces after the morning."""
    settings, now = load(school / "kiosk.toml", KioskSettings), datetime.now(UTC)
    with Vault.open(settings.vault.path, settings.vault.key, now=now) as vault:
        return [each.vector for each in vault.templates.live("sface-2021dec", now)]


def forms(vector: NDArray[np.float32]) -> Iterator[bytes]:
    """How the first numbers of a vector could stand in a message."""
    first = vector[:4]
    for kind in (np.float16, np.float32, np.float64):
        yield first.astype(kind).tobytes()
        yield base64.b64encode(vector.astype(kind).tobytes())[:20]
    yield from (f"{number:.8f}".lstrip("-0").encode() for number in first)


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
