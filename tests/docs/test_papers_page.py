"""A school that follows the page on papers gets them, and the hash that it is told about."""

import hashlib
import re
from pathlib import Path

from enrollment.documents.make import NEEDS
from tests.docs.test_install import PAGE
from tests.docs.test_policies_page import BLOCK, run

PAPERS = PAGE.with_name("papers.md")


def test_the_pages_commands_make_every_paper(tmp_path: Path) -> None:
    told = []
    for kind, name, text in BLOCK.findall(PAPERS.read_text("utf-8")):
        if kind == "sh":
            told += [run(line, tmp_path) for line in text.splitlines()]
        else:
            (tmp_path / name.strip()).write_text(text, "utf-8")
    made = {path.name for path in (tmp_path / "papers").iterdir()}
    assert {f"{paper.value}.{language}.pdf" for paper in NEEDS for language in ("kk", "ru", "en")} - made == {
        f"sign.{language}.pdf" for language in ("kk", "ru", "en")
    }
    assert "sign.main-door.kk.pdf" in made
    assert hashlib.sha256((tmp_path / "papers" / "consent.ru.txt").read_bytes()).hexdigest() in told[-1]


def test_the_page_names_every_paper() -> None:
    assert re.findall(r"^\| `(\w+)` \|", PAPERS.read_text("utf-8"), re.M) == [paper.value for paper in NEEDS]
