"""The gate process as a whole: start to ready, and memory, with 1,000 children x 3 templates."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import psutil

from edge.vision.engine import load_engine
from edge.vision.engine_choice import EngineName
from tests.bench.gallery import CHILDREN, EACH, full_vault
from tests.bench.table import Row
from turnstile.simulation.walks import empty_lane

READY_LIMIT_S, MEMORY_LIMIT_MB, IDLE_LIMIT_PERCENT = 4.0, 400.0, 15.0
SERVE_SECONDS = 5.0


def process_rows() -> list[Row]:
    """Runs the real command once for each figure, against the limits."""
    embedder = load_engine(EngineName.SFACE).embedder
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path, key = full_vault(folder, embedder)
        cv2.imwrite(str(folder / "lobby.png"), empty_lane())
        config = folder / "gate.toml"
        config.write_text(_config(folder, path, key.key_file))
        seconds, megabytes, percent = _run(config)
    size = f"{CHILDREN * EACH:,} templates"
    return [
        Row(f"gate, start to ready, {size}", seconds, READY_LIMIT_S, "s", "limit", 1.0),
        Row(f"gate process, memory in service, {size}", megabytes, MEMORY_LIMIT_MB, "MB", "limit", 1.0),
        Row("idle lane at 15 frames a second, of one core", percent, IDLE_LIMIT_PERCENT, "%", "limit", 1.0),
    ]


def _run(config: Path) -> tuple[float, float, float]:
    start = time.perf_counter()
    command = [str(Path(sys.executable).with_name("qaqpa-gate")), "run", "--config", str(config)]
    gate = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert gate.stderr is not None
        for line in gate.stderr:
            if line.startswith("{") and json.loads(line).get("event") == "ready":
                break
        seconds = time.perf_counter() - start
        process = psutil.Process(gate.pid)
        process.cpu_percent()
        time.sleep(SERVE_SECONDS)
        return seconds, process.memory_info().rss / 1e6, process.cpu_percent()
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
source = "file"
path = "{folder}/lobby.png"
fps = 15
[turnstile]
driver = "simulated"
[inputs]
source = "simulated"
"""
