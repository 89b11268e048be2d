"""A school that follows the page on policies gets what it says, and the page names every rule there is."""

import re
import subprocess
from pathlib import Path

from edge.policy.library import KNOWN, product
from edge.policy.rules import ABOUT
from tests.docs.test_install import ENVIRONMENT, PAGE

POLICIES = PAGE.with_name("policies.md")
BLOCK = re.compile(r"^```(sh|toml|csv)((?: \S+)*)\n(.*?)^```", re.M | re.S)


def test_the_pages_commands_do_what_it_says(tmp_path: Path) -> None:
    told: list[str] = []
    for kind, words, text in BLOCK.findall(POLICIES.read_text("utf-8")):
        if kind == "sh":
            told += [run(line, tmp_path) for line in text.splitlines()]
        else:
            *how, name = words.split()
            with (tmp_path / name).open("a" if how == ["append"] else "w", encoding="utf-8") as file:
                file.write(text)
    said = "\n".join(told)
    assert "within 7 working days" in said
    assert "within 5 working days" in said
    assert "1 child will pass by card" in said
    assert "ask again: a wider policy" in said
    assert "waits: a wider edition came after it" in said
    assert "school-7 binds this school no more" in told[-1]
    assert {path.read_text() for path in (tmp_path / "texts").iterdir()} == {
        (tmp_path / "wording.txt").read_text(),
        (tmp_path / "wording-2.txt").read_text(),
    }


def run(line: str, folder: Path) -> str:
    environment = {**ENVIRONMENT, "COLUMNS": "200"}
    done = subprocess.run(
        ["sh", "-c", line],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    return done.stdout


def test_the_page_names_every_rule_and_who_keeps_it() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| [^|]+ \| ([^|]+) \|$", POLICIES.read_text("utf-8"), re.M)
    assert rows == [(name, about.title, about.held.value) for name, about in ABOUT.items()]


def test_the_page_names_every_policy_and_every_rule_of_the_product() -> None:
    page = POLICIES.read_text("utf-8")
    for name in KNOWN:
        assert f"| `{name}` |" in page
    for rule in {rule.clause for _, rule in product().editions[-1].rules.stated()}:
        assert f"| {rule} |" in page
