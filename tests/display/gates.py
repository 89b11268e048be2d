"""A real gate and its viewers, each a process of its own, as they are installed."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.vault.keys import FileKey
from edge.vault.vault import Vault
from edge.vision.engine import Engine
from tests.builders import KEY
from tests.gate.parts import PUPILS, enrol

QAQPA_GATE = (sys.executable, "-c", "from turnstile.cli import main; main()")
"""`qaqpa-gate`, of the code that is under test."""


class Installed:
    """A gate's folder: a vault with one pupil, who walks up to the camera again and again."""

    def __init__(self, folder: Path, key: FileKey, engine: Engine, display: str = "") -> None:
        self.folder = folder
        self.config = folder / "gate.toml"
        self.feed = folder / "feed"
        with Vault.create(folder / "gate-vault.db", key, KEY) as vault:
            enrol(vault, engine, ["p01"])
        self.config.write_text(
            f"""profile = "unsafe_demo"
school = "school-7"
gate = "north"
audit = "{folder}/audit.jsonl"
outbox = "{folder}/outbox.db"
control = "{folder}/control"
feed = "{self.feed}"
[vault]
path = "{folder}/gate-vault.db"
[vault.key]
provider = "file"
key_file = "{key.key_file}"
[camera]
source = "directory"
path = "{PUPILS}/p01/approach"
fps = 10
[pad]
unsafe_leave_out = ["minifasnet"]
[turnstile]
driver = "simulated"
[inputs]
source = "simulated"
{display}
"""
        )

    @contextmanager
    def process(self, *arguments: object) -> Iterator[subprocess.Popen[str]]:
        """A command of the gate that keeps running; it is ended afterwards if it still runs."""
        log = (self.folder / f"{arguments[0]}.log").open("w")
        process = subprocess.Popen(
            [*QAQPA_GATE, *map(str, arguments), "--config", str(self.config)],
            stdout=log,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield process
        finally:
            process.terminate()
            process.communicate()
            log.close()

    @contextmanager
    def gate(self) -> Iterator[subprocess.Popen[str]]:
        """The gate, ready."""
        with self.process("run") as process:
            assert process.stderr is not None
            for line in process.stderr:
                if line.startswith("{") and json.loads(line).get("event") == "ready":
                    break
            else:
                raise AssertionError("the gate did not start")
            yield process


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself."""
    return subprocess.run(
        [*QAQPA_GATE, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=60
    )
