"""The page on card readers works as it stands: its commands run, and one card is one number."""

import re
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest

from edge.config import load
from tests.docs.test_install import BLOCK, ENVIRONMENT, follow, started, wait_for
from turnstile.settings import GateSettings

DOCS = Path(__file__).resolve().parents[2] / "docs"
BLOCKS = BLOCK.findall((DOCS / "readers.md").read_text("utf-8"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With the gate of the installation page in it."""
    page = (DOCS / "install.md").read_text("utf-8")
    gate = next(text for _, name, text in BLOCK.findall(page) if name.strip() == "gate.toml")
    (tmp_path / "gate.toml").write_text(gate)
    return tmp_path


def test_following_the_page_reads_one_card_at_two_readers(folder: Path) -> None:
    heard = ""
    with ExitStack() as running:
        for kind, name, text in BLOCKS:
            if kind == "toml":
                (folder / name.strip()).write_text(text)
            elif name.strip() == "background":
                running.enter_context(started(text.strip(), folder))
                (link,) = re.findall(r"--link (\S+)", text)
                wait_for((folder / link).exists, f"{link} is there")
            elif "listen" in text:
                heard = run(text, folder)
            else:
                follow(text.strip(), folder)
    told = re.findall(r"(north-\w+): a card of 3 bytes, (\w+)", heard)
    assert len(told) == 4
    assert set(told) == {("north-in", "bc614e"), ("north-out", "bc614e")}


def run(command: str, folder: Path) -> str:
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", [name.strip() for kind, name, _ in BLOCKS if kind == "toml"])
def test_every_configuration_on_the_page_is_valid(folder: Path, name: str) -> None:
    text = next(text for _, other, text in BLOCKS if other.strip() == name)
    with (folder / "gate.toml").open("a") as file:
        file.write(text)
    assert load(folder / "gate.toml", GateSettings).readers
