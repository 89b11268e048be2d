"""Viewers hear the gate at once, believe nothing else, and can neither slow it down nor learn who passes."""

import json
import socket
import stat
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.domain.decisions import Outcome, Reason
from edge.domain.events import Direction
from edge.errors import ConfigError
from turnstile.cue import Cue
from turnstile.feed.listen import listen
from turnstile.feed.server import MOST_LISTENERS, FeedServer
from turnstile.feed.snapshot import Snapshot, Told, parse
from turnstile.gate_states import State

NOW = datetime(2026, 9, 1, 3, 0, tzinfo=UTC)
PATIENCE = 10.0


def snapshot(cue: Cue = Cue.READY, **fields: object) -> Snapshot:
    told = Told(number=1, at=NOW, outcome=Outcome.GRANT, reason=Reason.RECOGNISED, latency_ms=61.2)
    shown = {
        "gate": "north",
        "time": NOW,
        "cue": cue,
        "state": State.LOCKED,
        "direction": Direction.IN,
        "recent": (told,),
        "counts": {Outcome.GRANT: 1},
        "fps": 14.5,
        "frame_age": 0.04,
        "backlog": 2,
    }
    return Snapshot.model_validate({**shown, **fields})


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FeedServer]:
    made = FeedServer(tmp_path / "feed")
    yield made
    made.close()


def connected(path: Path) -> socket.socket:
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.settimeout(PATIENCE)
    client.connect(str(path))
    return client


def test_only_the_gates_own_user_can_listen(server: FeedServer, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "feed").stat().st_mode) == 0o600


def test_whoever_connects_hears_the_newest_at_once_and_then_each_change(
    server: FeedServer, tmp_path: Path
) -> None:
    server.publish(snapshot(Cue.CLOSED))
    server.publish(snapshot(Cue.READY))
    heard = listen(tmp_path / "feed")
    assert next(heard) == snapshot(Cue.READY)
    server.publish(snapshot(Cue.WELCOME, name="Айша"))
    assert next(heard) == snapshot(Cue.WELCOME, name="Айша")


def test_a_hung_listener_is_dropped_and_neither_the_gate_nor_another_listener_waits(
    server: FeedServer, tmp_path: Path
) -> None:
    server.publish(snapshot())
    hung = connected(tmp_path / "feed")
    heard = listen(tmp_path / "feed")
    next(heard)
    last: list[Snapshot | None] = []
    for number in range(3000):
        server.publish(snapshot(backlog=number))
        newest = next(heard)
        if newest is not None and newest.backlog == number:
            last = [newest]
    assert last[0] is not None
    assert last[0].backlog == 2999
    received = 0
    while part := hung.recv(1 << 20):  # what the kernel kept for it, and then the end
        received += len(part)
    assert 0 < received < 3000 * len(snapshot().line())
    hung.close()


def test_a_gate_that_ends_is_told_at_once(tmp_path: Path) -> None:
    server = FeedServer(tmp_path / "feed")
    server.publish(snapshot())
    heard = listen(tmp_path / "feed")
    assert next(heard) is not None
    server.close()
    assert next(heard) is None
    assert not (tmp_path / "feed").exists()


def test_a_gate_that_hangs_is_not_believed_to_be_alive(
    server: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection stands, but nothing comes any more: an old welcome must not stay on the screen."""
    monkeypatch.setattr("turnstile.feed.listen.SILENCE_SECONDS", 0.2)
    server.publish(snapshot(Cue.WELCOME))
    heard = listen(tmp_path / "feed")
    assert next(heard) is not None
    assert next(heard) is None


def test_whoever_connects_to_a_gate_that_hangs_is_not_told_what_it_showed_before(
    server: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The feed's thread may outlive the loop: a viewer that tries again must not get the old welcome anew."""
    monkeypatch.setattr("turnstile.feed.server.FRESH_SECONDS", 0.0)
    monkeypatch.setattr("turnstile.feed.listen.SILENCE_SECONDS", 0.5)
    server.publish(snapshot(Cue.WELCOME))
    assert next(listen(tmp_path / "feed")) is None


def test_a_viewer_that_is_there_before_the_gate_hears_it_when_it_starts(tmp_path: Path) -> None:
    heard = listen(tmp_path / "feed")
    assert next(heard) is None
    server = FeedServer(tmp_path / "feed")
    server.publish(snapshot())
    assert any(each is not None for each, _ in zip(heard, range(20), strict=False))
    server.close()


def test_a_viewer_that_is_told_to_stop_stops(tmp_path: Path) -> None:
    stop = threading.Event()
    heard = listen(tmp_path / "nobody", stop.is_set)
    assert next(heard) is None
    stop.set()
    assert list(heard) == []


def test_more_viewers_than_there_is_room_for_are_turned_away(server: FeedServer, tmp_path: Path) -> None:
    server.publish(snapshot())
    clients = []
    for _ in range(MOST_LISTENERS):
        clients.append(connected(tmp_path / "feed"))
        assert clients[-1].recv(1)
    extra = connected(tmp_path / "feed")
    assert extra.recv(1) == b""
    for client in (*clients, extra):
        client.close()


def test_what_a_listener_says_changes_nothing(server: FeedServer, tmp_path: Path) -> None:
    server.publish(snapshot())
    with connected(tmp_path / "feed") as client, client.makefile("rb") as heard:
        assert parse(heard.readline()).cue is Cue.READY
        client.sendall(b'{"ask": "release"}\n' * 100)
        server.publish(snapshot(Cue.WAIT))
        assert parse(heard.readline()).cue is Cue.WAIT


def test_a_folder_that_is_not_there_to_write_in_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "feed").mkdir()
    with pytest.raises((ConfigError, OSError)):
        FeedServer(tmp_path / "feed")


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_noise_is_no_snapshot(noise: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse(noise)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_snapshot_with_anything_else_in_it_is_not_believed(data: st.DataObject) -> None:
    """Least of all a field that could carry a child, a score or a picture."""
    sent = json.loads(snapshot().line())
    key = data.draw(st.sampled_from([*sent, "child", "score", "image", "full_name"]))
    junk = data.draw(
        st.integers(max_value=-1)
        | st.text("#", min_size=41)
        | st.lists(st.integers(), min_size=9, max_size=12)
    )
    with pytest.raises(ValueError, match=r".*"):
        parse(json.dumps({**sent, key: junk}).encode())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=60), max_size=4))
def test_a_stranger_on_the_socket_is_heard_as_no_gate(tmp_path: Path, pieces: list[bytes]) -> None:
    path = tmp_path / f"s{time.monotonic_ns()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stranger:
        stranger.bind(str(path))
        stranger.listen(1)
        heard = listen(path)
        said = threading.Thread(target=say, args=(stranger, pieces))
        said.start()
        assert next(heard) is None
        said.join()


def say(stranger: socket.socket, pieces: list[bytes]) -> None:
    client, _ = stranger.accept()
    with client:
        try:
            for piece in pieces:
                client.sendall(piece + b"\n")
        except OSError:
            return


def test_a_line_without_an_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stranger:
        stranger.bind(str(tmp_path / "feed"))
        stranger.listen(1)
        said = threading.Thread(target=say, args=(stranger, [b"#" * 5_000_000]))
        said.start()
        assert next(listen(tmp_path / "feed")) is None
        said.join()
