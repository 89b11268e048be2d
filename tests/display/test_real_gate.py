"""The real gate, the real display, a real browser: who is recognised reads it, and nothing stale stays."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from edge.vault.keys import FileKey
from edge.vision.engine import Engine
from tests.display.gates import Installed, run
from tests.display.parts import browser_or_skip, free_port, sees
from tests.gate.parts import engine_or_skip
from turnstile.cue import Cue

START_MS = 30_000
NAMED = "[display]\nfirst_name = true\ngiven_name_word = 1"


@pytest.fixture(scope="module")
def engine() -> Engine:
    return engine_or_skip()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from browser_or_skip()


def test_a_pupil_reads_a_welcome_and_a_killed_gate_is_out_of_service(
    tmp_path: Path, key: FileKey, engine: Engine, browser: Browser
) -> None:
    installed = Installed(tmp_path, key, engine)
    port = free_port()
    page = browser.new_page()
    with installed.process("display", "--port", port) as display:
        wait_until_it_serves(display)
        page.goto(f"http://127.0.0.1:{port}/")
        sees(page, Cue.OUT_OF_SERVICE)
        with installed.gate() as gate:
            sees(page, Cue.WELCOME, START_MS)
            expect(page.locator("main")).not_to_contain_text("Aisha")
            gate.kill()
            sees(page, Cue.OUT_OF_SERVICE)
        with installed.gate() as gate:
            sees(page, Cue.WELCOME, START_MS)
            gate.send_signal(signal.SIGSTOP)  # it hangs: its sockets stay open
            sees(page, Cue.OUT_OF_SERVICE)
            gate.send_signal(signal.SIGCONT)
            sees(page, Cue.WELCOME, START_MS)
            display.send_signal(signal.SIGSTOP)  # now the page must notice by itself
            sees(page, Cue.OUT_OF_SERVICE)
            display.send_signal(signal.SIGCONT)
    page.close()


def test_a_school_that_allows_it_greets_by_first_name(
    tmp_path: Path, key: FileKey, engine: Engine, browser: Browser
) -> None:
    installed = Installed(tmp_path, key, engine, NAMED)
    port = free_port()
    page = browser.new_page()
    with installed.process("display", "--port", port) as display, installed.gate():
        wait_until_it_serves(display)
        page.goto(f"http://127.0.0.1:{port}/")
        sees(page, Cue.WELCOME, START_MS)
        expect(page.locator("#name")).to_have_text("Aisha")
        expect(page.locator("main")).not_to_contain_text("Test1")
    page.close()


def wait_until_it_serves(display: "subprocess.Popen[str]") -> None:
    """It prints its address once it listens."""
    assert display.stderr is not None
    assert display.stderr.readline().startswith("http://127.0.0.1")


def test_a_port_that_is_taken_is_told(tmp_path: Path, key: FileKey, engine: Engine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = run("display", "--port", port, "--config", Installed(tmp_path, key, engine).config)
    assert done.returncode == 2
    assert f"port {port}" in done.stderr
    assert "another --port" in " ".join(done.stderr.split())


def test_the_gates_process_does_not_load_a_web_server() -> None:
    """What is not loaded cannot be attacked: the gate has no network."""
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, turnstile.commands.run; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "turnstile.assembly" in loaded
    assert not {"starlette", "uvicorn", "turnstile.display"} & set(loaded)
