"""The arrows of the architecture point one way: a planted violation is caught."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    linter = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [linter, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.mark.parametrize(
    ("module", "line", "broken"),
    [
        ("edge/decide.py", "import sync.outbox", "edge imports no sibling and no network library"),
        ("edge/vault/vault.py", "import socket", "edge imports no sibling and no network library"),
        ("edge/domain/ids.py", "import numpy", "edge.domain is standard library only"),
        ("edge/policy/consent.py", "import edge.vault.vault", "edge.policy is pure"),
        ("sync/publisher.py", "import edge.vault.vault", "sync sees domain, policy, errors and config"),
        ("turnstile/service.py", "import sync.publisher", "turnstile takes only the outbox from sync"),
        ("turnstile/lane.py", "import uvicorn", "only the display's process of turnstile has a web server"),
        (
            "turnstile/journal.py",
            "import turnstile.display.app",
            "the gate's process does not know the display",
        ),
        ("enrollment/desk.py", "import turnstile.gate", "enrollment does not know turnstile or sync"),
    ],
)
def test_a_planted_arrow_against_the_rules_is_caught(
    tmp_path: Path, module: str, line: str, broken: str
) -> None:
    for package in ("edge", "turnstile", "enrollment", "sync"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    planted = tmp_path / module
    planted.write_text(planted.read_text("utf-8") + f"\n{line}\n", "utf-8")
    done = lint(tmp_path)
    assert done.returncode != 0
    assert any(broken in row and "BROKEN" in row for row in done.stdout.splitlines()), done.stdout
