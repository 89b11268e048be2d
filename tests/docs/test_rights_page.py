"""The data officer's page works as it stands, and its table is the program's own."""

import re
from pathlib import Path
from zipfile import ZipFile

from edge.domain.requests import Right
from edge.policy.rights import FLOOR
from enrollment.rights_desk import AT_ONCE
from tests.docs.test_install import BLOCK, follow

DOCS = Path(__file__).resolve().parents[2] / "docs"
TEXT = (DOCS / "rights.md").read_text("utf-8")
INSTALL = {name.strip(): text for _, name, text in BLOCK.findall((DOCS / "install.md").read_text("utf-8"))}


def test_following_the_page_answers_everything(tmp_path: Path) -> None:
    (tmp_path / "kiosk.toml").write_text(INSTALL["kiosk.toml"])
    (tmp_path / "roster.csv").write_text(INSTALL["roster.csv"])
    (tmp_path / "passphrase").write_text("four words nobody guesses")
    for name in ("paper.pdf", "wording.txt"):
        (tmp_path / name).write_text(f"%PDF-1.7 {name}")
    for command in ("init", "enroll roster roster.csv"):
        follow(f"qaqpa-kiosk {command} --config kiosk.toml", tmp_path)
    for _, _, text in BLOCK.findall(TEXT):
        for line in text.strip().splitlines():
            follow(line.replace("REQUEST", the_open_complaint("REQUEST" in line)), tmp_path)
    assert ZipFile(tmp_path / "archive.zip").namelist() == ["record.json", "record.pdf"]
    follow("test -z \"$(qaqpa-kiosk rights list --config kiosk.toml | grep -E 'open|overdue')\"", tmp_path)


def the_open_complaint(wanted: bool) -> str:
    """As a person would copy it from the list."""
    return (
        "$(qaqpa-kiosk rights list --config kiosk.toml | grep complaint | grep -oE '[0-9a-f]{8}')"
        if wanted
        else ""
    )


def test_the_pages_terms_are_the_ones_that_count() -> None:
    told = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", TEXT, re.M))
    assert {told_of for told_of in told if told_of in set(Right)} == set(Right)
    for right, term in FLOOR.items():
        days = term.working_days
        counted = f"{days} working {'day' if days == 1 else 'days'}"
        assert told[right] == ("done as it is entered" if right in AT_ONCE else counted)
