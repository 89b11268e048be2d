"""Guardians are asked again where a new edition reaches further, and only there."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.policy.edition import REACH, widens
from edge.policy.profile import Edition
from tests.unit.policy.made import EDITIONS, UNTIMED, actions_for, allows


def edition(services: dict[str, str] | None = None, **rules: Any) -> Edition:
    numbered = {name: {"clause": "1", **said} for name, said in rules.items()}
    return Edition.model_validate(
        {"number": 1, "published": date(2026, 1, 1), "rules": numbered, "services": services or {}}
    )


def only(*words: str) -> dict[str, object]:
    return {"only": dict.fromkeys(words, "1")}


@pytest.mark.parametrize(
    ("old", "new", "wider"),
    [
        ({"data": only("name")}, {"data": only("name", "iin")}, ("data",)),
        ({"data": only("name", "iin")}, {"data": only("name")}, ()),
        ({"data": only("name")}, {"data": only("iin")}, ("data",)),
        ({"data": only("name")}, {}, ("data",)),
        ({}, {"data": only("name")}, ()),
        ({"general_purposes": only("meals")}, {"general_purposes": only("library")}, ("general_purposes",)),
        ({"biometric_purposes": only()}, {"biometric_purposes": only("safety")}, ("biometric_purposes",)),
        ({"third_parties": only()}, {"third_parties": only("fraud")}, ("third_parties",)),
        ({"never_sold": {"required": True}}, {"never_sold": {"required": False}}, ("never_sold",)),
        ({"marketing": {"at_least": "consent"}}, {"marketing": {"at_least": "opt_out"}}, ("marketing",)),
        ({"complaint_answer": {"working_days": 7}}, {"complaint_answer": {"working_days": 9}}, ()),
    ],
)  # fmt: skip
def test_what_widens(old: dict[str, Any], new: dict[str, Any], wider: tuple[str, ...]) -> None:
    assert widens(edition(**old), edition(**new)) == wider


def test_another_services_own_lists_widen_nothing_here() -> None:
    there = {"knowledge_tests": "1.1"}
    assert widens(edition(there, data=only("name")), edition(there, data=only("name", "iin"))) == ()
    assert widens(edition({}, data=only("name")), edition(there, data=only("name"))) == ("data",)


@UNTIMED
@given(old=EDITIONS, new=EDITIONS, data=st.data())
def test_what_does_not_widen_allows_nothing_new(old: Edition, new: Edition, data: Any) -> None:
    wider = widens(old, new)
    before, after = old.counting(), new.counting()
    for name in set(REACH) & before.keys() & after.keys() - set(wider):
        action = data.draw(actions_for(after[name].value))
        assert allows(before[name].value, action) or not allows(after[name].value, action)


@UNTIMED
@given(edition=EDITIONS)
def test_an_edition_does_not_widen_itself(edition: Edition) -> None:
    assert widens(edition, edition) == ()
