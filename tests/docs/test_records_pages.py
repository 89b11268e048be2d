"""A data officer who follows the pages on terms and on breaches gets what they say."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edge.policy.retention import LONGEST_RECORD, RetentionSettings
from edge.vault.visitors import KEPT
from sync.hub.settings import RetentionSettings as HubRetention
from tests.docs.test_install import PAGE
from tests.docs.test_policies_page import BLOCK, run

UNITS = PAGE.parents[1] / "deploy/raspberrypi"
TERMS, BREACH = PAGE.with_name("retention.md"), PAGE.with_name("breach.md")


def followed(page: Path, folder: Path) -> str:
    """Everything that the page's commands said."""
    told: list[str] = []
    for kind, name, text in BLOCK.findall(page.read_text("utf-8")):
        if kind == "sh":
            told += [run(line, folder) for line in text.splitlines()]
        else:
            (folder / name.strip()).write_text(text, "utf-8")
    return "\n".join(told)


def test_the_pages_commands_do_what_they_say(tmp_path: Path) -> None:
    said = followed(TERMS, tmp_path)
    assert "Marked as left: 1" in said
    assert re.search(r"children who left, with everything\s+│ at once\s+│ 2 ", said)
    assert "2026-03" in said
    assert "District Court" in said
    assert {path.suffix for path in tmp_path.glob("disclosure-*")} == {".json", ".txt", ".pdf"}
    said = followed(BREACH, tmp_path)
    assert "3 people concerned" in said
    assert "OVERDUE" in said
    assert "2 ended" in said
    assert "FAILED" not in said
    assert len(list(tmp_path.glob("breach-*"))) == 9


def test_the_page_tells_the_terms_that_the_program_keeps() -> None:
    page, ours, hub = TERMS.read_text("utf-8"), RetentionSettings(), HubRetention()
    for term, key in (
        (f"{ours.unused_days} days since", "unused_days"),
        (f"{ours.records_days} days", "records_days"),
        (f"{ours.credentials_days} days;", "credentials_days"),
        (f"{hub.events_days} days, three years", "events_days"),
        (f"{hub.quarantine_days} days", "quarantine_days"),
    ):
        assert re.search(rf"^\| [^|]+ \| {re.escape(term)}[^|]* \| `{key}` \|", page, re.M), key
    assert f"| visitors | {KEPT.days} day |" in page
    assert f"Three years ({LONGEST_RECORD} days)" in page


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_the_nightly_timer_is_one_that_systemd_accepts(tmp_path: Path) -> None:
    """A timer with a mistake in it never runs, and nobody notices that nothing is erased."""
    for unit in UNITS.glob("qaqpa-retention.*"):
        here = str(Path(sys.executable).parent)
        (tmp_path / unit.name).write_text(unit.read_text("utf-8").replace("/opt/qaqpa/.venv/bin", here))
    done = subprocess.run(
        ["systemd-analyze", "verify", *tmp_path.iterdir()], capture_output=True, text=True, check=False
    )
    assert (done.returncode, [line for line in done.stderr.splitlines() if "qaqpa" in line]) == (0, [])


def test_the_nightly_timer_never_says_yes() -> None:
    (command,) = re.findall(r"^ExecStart=\S+/(.*)$", (UNITS / "qaqpa-retention.service").read_text(), re.M)
    assert command == "qaqpa-kiosk retention run"
