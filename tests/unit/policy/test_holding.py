"""What a consent lists is what a roster may hold: no field of it stands outside the list."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest

from edge.domain.consent import DataCategory, Purpose
from edge.domain.people import Child, Guardian
from edge.policy.edition import widens
from edge.policy.holding import CHILD, GUARDIAN, filled, listed, objections, surplus, without_surplus
from edge.policy.library import KNOWN, find, floor
from edge.policy.profile import Bound, Edition
from edge.policy.strictest import InForceRules, strictest
from tests.builders import child, guardian

ACCESS = frozenset({Purpose.ACCESS})
PSEUDONYMS = {"id", "child"}


def edition(number: int, *words: str) -> Edition:
    rules = {"data": {"clause": "3", "only": dict.fromkeys(words, f"3.{number}")}}
    return Edition.model_validate({"number": number, "rules": rules})


def under(*words: str) -> InForceRules:
    """The floor and a school's own policy, which allows what the product needs and these."""
    needed = ("name", "student_number", "contacts", "face_template", "attendance_events")
    return strictest([Bound("school-7", edition(1, *needed, *words))], floor())


@pytest.mark.parametrize(("person", "kinds"), [(Child, CHILD), (Guardian, GUARDIAN)])
def test_no_field_of_a_person_is_without_a_kind_of_data(
    person: type[Any], kinds: Mapping[str, DataCategory]
) -> None:
    """A field that is added to the roster has to be added to the list that guardians read."""
    assert {each.name for each in fields(person)} - PSEUDONYMS == set(kinds)


@pytest.mark.parametrize("words", [(), ("birth_date",), ("iin",), ("iin", "birth_date")])
def test_whatever_a_policy_allows_the_list_has_all_that_a_roster_then_holds(
    words: tuple[str, ...],
) -> None:
    rules = under(*words)
    parent = replace(guardian(), iin="850402400008", born=date(1985, 4, 2))
    everybody: list[Child | Guardian] = [child(), parent]
    for person in everybody:
        kept = without_surplus(person, rules)
        assert frozenset(filled(kept).values()) <= listed([], rules)
        assert objections(filled(kept), rules) == []
        assert surplus(kept, rules) == ()


def test_what_a_policy_leaves_out_is_not_listed_and_an_iin_tells_the_birthday() -> None:
    birthday, iin = DataCategory.BIRTH_DATE, DataCategory.IIN
    assert not {birthday, iin} & listed(ACCESS, under())
    assert listed(ACCESS, under("birth_date")) == listed(ACCESS, under()) | {birthday}
    assert listed(ACCESS, under("iin")) == listed(ACCESS, under()) | {birthday, iin}


@pytest.mark.parametrize("name", KNOWN)
def test_every_policy_that_comes_along_lets_a_school_hold_what_the_product_needs(name: str) -> None:
    rules = strictest([find(name).bound()], floor())
    assert listed(ACCESS, rules) == frozenset(DataCategory)


def test_fields_that_are_not_allowed_are_named_with_the_clause() -> None:
    (line,) = objections(filled(child()), under())
    assert line.startswith("born, iin: birth_date, iin is not among what is in force, only attendance_events")
    assert line.endswith("(data: school-7 3)")


def test_a_birthday_beside_an_iin_is_nothing_more_and_without_one_it_widens() -> None:
    assert widens(edition(1, "name", "iin"), edition(2, "name", "iin", "birth_date")) == ()
    assert widens(edition(1, "name", "iin"), edition(2, "name", "birth_date")) == ()
    assert widens(edition(1, "name"), edition(2, "name", "birth_date")) == ("data",)
    assert widens(edition(1, "name", "birth_date"), edition(2, "name", "iin")) == ("data",)
