"""The gate process as a whole: start to ready, and memory, with 1,000 children x 3 templates."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from edge.vision.engine import EngineName, load_engine
from tests.bench.frame import CHILDREN, EACH, PUPILS, full_vault
from tests.bench.table import Row

READY_LIMIT_S, MEMORY_LIMIT_MB = 4.0, 400.0
SERVE_SECONDS = 5.0


def process_rows() -> list[Row]:
    """Runs the real command once for each figure, against the limits."""
    embedder = load_engine(EngineName.SFACE).embedder
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path, key = full_vault(folder, embedder.name, embedder.dimension)
        config = folder / "gate.toml"
        config.write_text(_config(folder, path, key.key_file))
        seconds, megabytes = _run(config)
    size = f"{CHILDREN * EACH:,} templates"
    return [
        Row(f"gate, start to ready, {size}", seconds, READY_LIMIT_S, "s", "limit", 1.0),
        Row(f"gate process, memory in service, {size}", megabytes, MEMORY_LIMIT_MB, "MB", "limit", 1.0),
    ]


def _run(config: Path) -> tuple[float, float]:
    start = time.perf_counter()
    command = [str(Path(sys.executable).with_name("qaqpa-gate")), "run", "--config", str(config)]
    gate = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert gate.stderr is not None
        for line in gate.stderr:
            if line.startswith("{") and json.loads(line).get("event") == "ready":
                break
        seconds = time.perf_counter() - start
        time.sleep(SERVE_SECONDS)
        return seconds, psutil.Process(gate.pid).memory_info().rss / 1e6
    finally:
        gate.terminate()
        gate.communicate()


def _config(folder: Path, vault: Path, key: Path) -> str:
    return f"""school = "bench"
gate = "north"
audit = "{folder}/audit.jsonl"
outbox = "{folder}/outbox.db"
control = "{folder}/control"
[vault]
path = "{vault}"
[vault.key]
provider = "file"
key_file = "{key}"
[camera]
source = "directory"
path = "{PUPILS}/p01"
[turnstile]
driver = "simulated"
[inputs]
source = "simulated"
"""
