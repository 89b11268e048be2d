"""Staff see at a terminal how the gate does, and a clear sentence where none answers."""

import os
import pty
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from edge.domain.decisions import Outcome, Reason
from edge.domain.events import Direction
from edge.vault.keys import FileKey
from edge.vision.engine import Engine
from tests.display.gates import QAQPA_GATE, Installed, run
from tests.display.parts import gate_shows
from tests.gate.parts import engine_or_skip
from turnstile.cue import Cue
from turnstile.feed.snapshot import Snapshot, Told
from turnstile.gate_states import State
from turnstile.monitor_view import NOBODY, line, panel

ZONE = ZoneInfo("Asia/Almaty")
PATIENCE = 60.0


@pytest.fixture(scope="module")
def engine() -> Engine:
    return engine_or_skip()


def busy() -> Snapshot:
    at = datetime(2026, 9, 1, 3, 0, 5, tzinfo=UTC)
    told = Told(number=7, at=at, outcome=Outcome.REFUSE, reason=Reason.NOT_RECOGNISED, latency_ms=61.4)
    return Snapshot(
        gate="north",
        time=at,
        cue=Cue.USE_CARD,
        state=State.LOCKED,
        direction=Direction.IN,
        recent=(told,),
        counts={Outcome.GRANT: 6, Outcome.REFUSE: 1},
        fps=14.5,
        frame_age=0.041,
        backlog=3,
        clock_synchronised=False,
    )


def printed(snapshot: Snapshot | None) -> str:
    console = Console(width=100, record=True, file=open(os.devnull, "w"))  # noqa: SIM115 - closed below
    console.print(panel(snapshot, ZONE))
    console.file.close()
    return console.export_text()


def test_the_panel_says_what_staff_must_know() -> None:
    text = printed(busy())
    for said in (
        "gate north, in",
        "use_card",
        "grant 6, refuse 1, wait 0",
        "14.5 pictures a second, the newest 41 ms old",
        "3 the hub has not confirmed",
        "08:00:05 (no time service has set it yet)",
        "not_recognised",
        "61",
    ):
        assert said in text


def test_trouble_is_told_in_words() -> None:
    lost = busy().model_copy(update={"controller_lost": True, "backlog": None, "frame_age": None})
    text = printed(lost)
    assert "does not answer: look at its board and cable" in text
    assert "no picture" in text
    assert "cannot be read" in text
    assert "not looked at" in printed(busy().model_copy(update={"fps": None}))
    assert NOBODY in " ".join(printed(None).split())


def test_the_monitor_names_nobody() -> None:
    """It may stand open on a desk; the name is for the child alone."""
    welcome = gate_shows(Cue.WELCOME, "Айша")
    assert "Айша" not in printed(welcome)
    assert "Айша" not in line(welcome, ZONE)


def test_without_a_gate_it_says_how_to_start_one(tmp_path: Path, key: FileKey, engine: Engine) -> None:
    installed = Installed(tmp_path, key, engine)
    done = run("monitor", "--once", "--config", installed.config)
    assert done.returncode == 1
    assert "qaqpa-gate run" in done.stdout


def test_a_gate_without_a_feed_says_which_key_is_missing(
    tmp_path: Path, key: FileKey, engine: Engine
) -> None:
    installed = Installed(tmp_path, key, engine)
    text = installed.config.read_text()
    installed.config.write_text("".join(row for row in text.splitlines(True) if not row.startswith("feed")))
    for command in (["monitor", "--once"], ["display"]):
        done = run(*command, "--config", installed.config)
        assert done.returncode == 2
        assert "Add feed =" in " ".join(done.stderr.split())


def test_a_running_gate_is_shown_in_a_pipe_and_in_a_terminal(
    tmp_path: Path, key: FileKey, engine: Engine
) -> None:
    installed = Installed(tmp_path, key, engine)
    with installed.gate() as gate:
        with installed.process("monitor"):
            until(lambda: "grant recognised" in (tmp_path / "monitor.log").read_text())
        once = run("monitor", "--once", "--config", installed.config)
        assert once.returncode == 0
        assert "gate north, in" in once.stdout
        shown = in_a_terminal(installed, gate)
    assert "pictures a second" in shown
    assert NOBODY.split(".")[0] in shown


def in_a_terminal(installed: Installed, gate: "subprocess.Popen[str]") -> str:
    """What the monitor shows there, before and after the gate is killed; Ctrl-C ends it."""
    ours, theirs = pty.openpty()
    monitor = subprocess.Popen(
        [*QAQPA_GATE, "monitor", "--config", str(installed.config)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(theirs)
    shown = read_until(ours, "pictures a second")
    gate.kill()
    shown += read_until(ours, "No gate answers")
    monitor.send_signal(signal.SIGINT)
    assert monitor.wait(PATIENCE) == 0
    os.close(ours)
    return shown


def read_until(terminal: int, said: str) -> str:
    text = ""
    while said not in text:
        text += os.read(terminal, 65536).decode(errors="replace")
    return text


def until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.1)
