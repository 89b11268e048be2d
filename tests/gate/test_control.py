"""The gate's local socket: only its own requests, only its own user, and never a crash."""

import json
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from edge.domain.events import Direction
from edge.errors import TurnstileError
from turnstile.control import (
    CloseRequest,
    ControlServer,
    EvacuateRequest,
    ForgiveRequest,
    HoldRequest,
    ManualReason,
    ReleaseRequest,
    ReopenRequest,
    Request,
    ResetRequest,
    SignedRequest,
    StatusRequest,
    ask,
)

RELEASE = {
    "ask": "release",
    "student": "S-1",
    "direction": "in",
    "reason": "no_consent",
    "staff": "T-1",
    "pin": "482915",
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ControlServer]:
    made = ControlServer(tmp_path / "control")
    yield made
    made.close()


def say(path: Path, line: bytes) -> dict[str, object]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(5)
        client.connect(str(path))
        client.sendall(line + b"\n")
        client.shutdown(socket.SHUT_WR)
        with client.makefile("rb") as stream:
            answer: dict[str, object] = json.loads(stream.readline())
    return answer


def test_only_the_gates_own_user_can_open_the_socket(server: ControlServer, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "control").stat().st_mode) == 0o600


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200).filter(lambda line: b"\n" not in line))
def test_noise_is_answered_with_an_error_and_never_reaches_the_gate(
    server: ControlServer, tmp_path: Path, line: bytes
) -> None:
    assert "no request" in str(say(tmp_path / "control", line)["error"])
    assert server.next() is None


@pytest.mark.parametrize(
    "request_",
    [
        {"ask": "open"},
        {"ask": "release"},
        {"ask": "release", "student": "S-1", "direction": "in", "reason": "no_consent"},
        {"ask": "release", "student": "S-1", "direction": "in", "reason": "no_consent", "staff": "T-1"},
        {**RELEASE, "reason": "because"},
        {**RELEASE, "direction": "up"},
        {"ask": "hold"},
        {"ask": "status", "and": "open"},
    ],
)
def test_what_is_not_on_the_closed_list_is_no_request(
    server: ControlServer, tmp_path: Path, request_: dict[str, str]
) -> None:
    assert "error" in say(tmp_path / "control", json.dumps(request_).encode())
    assert server.next() is None


def test_without_a_gate_staff_are_told_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(TurnstileError, match="qaqpa-gate run"):
        ask(tmp_path / "nobody", StatusRequest())


def test_a_gate_that_hangs_is_told_within_seconds(
    server: ControlServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("turnstile.control.ANSWER_SECONDS", 0.2)
    why = ManualReason.CARD_FORGOTTEN
    request = ReleaseRequest(student="S-1", direction=Direction.IN, reason=why, staff="T-1", pin="482915")
    assert "did not answer" in str(ask(tmp_path / "control", request)["error"])


def test_a_request_shows_neither_pin_nor_number_and_its_faults_neither() -> None:
    """Requests end up in logs and tracebacks when something else breaks."""
    request = ReleaseRequest.model_validate(RELEASE)
    assert "482915" not in repr(request)
    assert "T-1" not in repr(request)
    with pytest.raises(ValidationError) as fault:
        ReleaseRequest.model_validate({**RELEASE, "pin": 482915})
    assert "482915" not in str(fault.value)


def test_everything_that_opens_a_gate_is_signed_and_nothing_that_is_urgent() -> None:
    signed = {kind for kind in get_args(Request) if issubclass(kind, SignedRequest)}
    assert signed == {ReleaseRequest, HoldRequest, ReopenRequest, ResetRequest, ForgiveRequest}
    assert {CloseRequest, EvacuateRequest} < set(get_args(Request)) - signed
