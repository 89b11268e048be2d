"""The installation page works as it stands: its files are written, its commands run, and parents are told."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from edge.config import load
from sync.outbox import Outbox
from tests.demo.receiver import Phones
from tests.gate.parts import PUPILS, engine_or_skip
from turnstile.settings import GateSettings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "install.md"
BLOCK = re.compile(r"^```(sh|toml|csv)( \S+)?\n(.*?)^```", re.M | re.S)
ENVIRONMENT = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
PHONES_PORT = 8099
READY_SECONDS = 60.0


def test_following_the_page_tells_both_parents(tmp_path: Path) -> None:
    engine_or_skip()
    (tmp_path / "pupils").symlink_to(PUPILS)
    phones = Phones(lambda _: None, PHONES_PORT)
    with ExitStack() as running:
        running.callback(phones.close)
        for kind, name, text in BLOCK.findall(PAGE.read_text("utf-8")):
            if kind != "sh":
                (tmp_path / name.strip()).write_text(text, "utf-8")
            elif name.strip() == "background":
                running.enter_context(started(text.strip(), tmp_path))
            else:
                for line in text.strip().splitlines():
                    follow(line, tmp_path)
        wait_for(lambda: len(phones.notices) >= 2, "both parents are told")
        wait_for(lambda: nothing_waits(tmp_path), "the hub confirms everything")
    told = {notice.guardian: notice.text for notice in phones.notices}
    assert "Aisha" in told["parent-one"]
    assert "Daniyar" in told["parent-two"]


def follow(line: str, folder: Path) -> None:
    """Run one line as a newcomer would; a gate that is passing somebody just now is asked again."""
    deadline = time.monotonic() + READY_SECONDS
    while True:
        done = subprocess.run(
            ["sh", "-c", line],
            cwd=folder,
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        if done.returncode == 0 or only_the_clock(done.stderr):
            return
        busy = "try again" in done.stderr or "no gate answers" in done.stderr or "no outbox" in done.stderr
        assert busy, f"{line}\n{done.stdout}{done.stderr}"
        assert time.monotonic() < deadline, f"{line}\n{done.stderr}"
        time.sleep(0.3)


def only_the_clock(said: str) -> bool:
    """A machine without a time service, as many that run tests, is told so and nothing else is wrong."""
    return "problem: The clock is not synchronised" in said and said.count("problem: ") == 1


@contextmanager
def started(line: str, folder: Path) -> Iterator[None]:
    """A command that keeps running."""
    log = (folder / f"{'-'.join(line.split()[:2])}.log").open("w")
    process = subprocess.Popen(
        ["sh", "-c", f"exec {line}"], cwd=folder, env=ENVIRONMENT, stdout=log, stderr=log
    )
    try:
        yield
        assert process.poll() is None, Path(log.name).read_text()
    finally:
        process.terminate()
        process.wait(20)
        log.close()


def nothing_waits(folder: Path) -> bool:
    """Whether the outbox is empty; the gate may just be adding another passage."""
    with Outbox(folder / "outbox.db") as outbox:
        return outbox.backlog().count == 0


def wait_for(done: Callable[[], bool], what: str) -> None:
    """Until it is so."""
    deadline = time.monotonic() + READY_SECONDS
    while not done():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def test_the_pages_gate_configuration_is_complete(tmp_path: Path) -> None:
    blocks = {name.strip(): text for _, name, text in BLOCK.findall(PAGE.read_text("utf-8"))}
    (tmp_path / "gate.toml").write_text(blocks["gate.toml"])
    assert str(load(tmp_path / "gate.toml", GateSettings).gate) == "north"
