"""An auditor who follows a row of the table finds the clause, the module and the test."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from edge.policy.library import KNOWN, find, law, product
from edge.policy.profile import Profile
from edge.policy.rules import ABOUT, Held, OnlyRule
from tests.docs.test_install import PAGE

ROOT = PAGE.parents[1]
CONTROLS = PAGE.with_name("privacy-controls.md").read_text("utf-8")
ROWS = [[cell.strip() for cell in line.split("|")[1:-1]] for line in CONTROLS.splitlines() if line[:1] == "|"]
BY_RULE = {row[0].strip("`"): row for row in ROWS if row[0].strip("`") in ABOUT}
INVARIANTS = {row[0]: row for row in ROWS if row[0].isdigit()}
PROFILES = (*map(find, KNOWN), law(), product())
"""The five policies and the floor."""
NAMED = re.compile(r"`([a-z_/]+\.py)(?:::(\w+))?`")


def clauses_of(profile: Profile, name: str) -> str | None:
    """`kezekshi 3.16, 3.16.1`: the clause and those of its words; None where the policy says nothing."""
    rule = getattr(profile.editions[-1].rules, name)
    if rule is None:
        return None
    words = rule.only.values() if isinstance(rule, OnlyRule) else ()
    return f"{profile.name} {', '.join(dict.fromkeys([rule.clause, *words]))}"


@cache
def names_in(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return frozenset(
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


@pytest.mark.parametrize("name", list(ABOUT))
def test_every_clause_of_every_policy_has_its_row(name: str) -> None:
    said = [clauses_of(profile, name) for profile in PROFILES]
    assert BY_RULE[name][1] == "; ".join(each for each in said if each is not None)


@pytest.mark.parametrize("name", [name for name, about in ABOUT.items() if about.held is not Held.PEOPLE])
def test_what_the_program_keeps_has_a_module_and_a_test(name: str) -> None:
    assert NAMED.search(BY_RULE[name][3])
    assert "::" in BY_RULE[name][4]


def test_each_invariant_of_the_architecture_has_its_row() -> None:
    page = PAGE.with_name("architecture.md").read_text("utf-8")
    stated = dict(re.findall(r"^(\d)\. \*\*([^*]+)\*\*", page, re.M))
    assert {number: row[1] for number, row in INVARIANTS.items()} == stated
    for number, row in INVARIANTS.items():
        assert f"::test_{number}_" in row[4]


@pytest.mark.parametrize(("path", "test"), sorted(set(NAMED.findall(CONTROLS))))
def test_every_module_and_test_that_is_named_is_there(path: str, test: str) -> None:
    assert (ROOT / path).is_file()
    if test:
        assert test.startswith("test_")
        assert test in names_in(ROOT / path)
