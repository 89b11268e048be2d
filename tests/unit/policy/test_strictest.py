"""A school that binds itself to one more policy is never bound by less than before, or than by the law."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from edge.policy.library import KNOWN, find, floor, law
from edge.policy.profile import Bound, Edition
from edge.policy.rules import ABOUT, Rules
from edge.policy.strictest import InForceRules, Standing, laxer_than, strictest
from edge.policy.values import Value, as_strict
from tests.unit.policy.made import BOUND, EDITIONS, UNTIMED, actions_for, allows

MADE_UP_LAW = EDITIONS.map(lambda edition: Bound("law", edition.model_copy(update={"services": {}})))
FLOOR = st.builds(lambda made: [made], MADE_UP_LAW) | st.just(list(floor()))


def values(rules: InForceRules) -> dict[str, Value]:
    return {name: rule.value for name, rule in rules.items() if rule.value is not None}


@UNTIMED
@given(bound=BOUND, below=FLOOR)
def test_the_result_is_as_strict_as_each_policy_and_the_floor(
    bound: Sequence[Bound], below: Sequence[Bound]
) -> None:
    found = values(strictest(bound, below))
    for each in [*bound, *below]:
        for name, rule in each.edition.counting().items():
            assert as_strict(found[name], rule.value)


@UNTIMED
@given(bound=BOUND, below=FLOOR, data=st.data())
def test_what_is_in_force_allows_exactly_what_everybody_allows(
    bound: Sequence[Bound], below: Sequence[Bound], data: Any
) -> None:
    found = values(strictest(bound, below))
    for name, value in found.items():
        said = [
            each.edition.counting()[name].value
            for each in [*bound, *below]
            if name in each.edition.counting()
        ]
        action = data.draw(actions_for(data.draw(st.sampled_from(said))))
        assert allows(value, action) == all(allows(each, action) for each in said)


@UNTIMED
@given(bound=BOUND, below=FLOOR, data=st.data())
def test_the_order_in_which_policies_are_named_does_not_matter(
    bound: Sequence[Bound], below: Sequence[Bound], data: Any
) -> None:
    shuffled = data.draw(st.permutations(bound))
    assert strictest(shuffled, below) == strictest(bound, below)


@UNTIMED
@given(bound=BOUND, below=FLOOR)
def test_naming_a_policy_twice_changes_nothing(bound: Sequence[Bound], below: Sequence[Bound]) -> None:
    assert strictest([*bound, *bound], below) == strictest(bound, below)
    again = [Bound(f"{each.policy}-again", each.edition) for each in bound]
    assert values(strictest([*bound, *again], below)) == values(strictest(bound, below))


@UNTIMED
@given(bound=BOUND, below=FLOOR, more=EDITIONS)
def test_one_more_policy_never_loosens(bound: Sequence[Bound], below: Sequence[Bound], more: Edition) -> None:
    before = values(strictest(bound, below))
    after = values(strictest([*bound, Bound("one-more", more)], below))
    assert all(as_strict(after[name], value) for name, value in before.items())


@UNTIMED
@given(made=MADE_UP_LAW, policy=EDITIONS)
def test_each_clause_that_is_laxer_than_the_law_is_told_once_and_changes_nothing(
    made: Bound, policy: Edition
) -> None:
    legal = made.edition.counting()
    laxer = {
        name: rule
        for name, rule in policy.counting().items()
        if name in legal and as_strict(legal[name].value, rule.value) and rule.value != legal[name].value
    }
    silent = dict.fromkeys(Rules.model_fields.keys() - laxer.keys())
    rules = policy.rules.model_copy(update=silent)
    only_laxer = Bound("lax", policy.model_copy(update={"rules": rules}))
    assert len(laxer_than(only_laxer, made)) == len(laxer)
    assert values(strictest([only_laxer], [made])) == values(strictest([], [made]))


@UNTIMED
@given(bound=BOUND, below=FLOOR)
def test_every_rule_names_a_clause_that_decides(bound: Sequence[Bound], below: Sequence[Bound]) -> None:
    """And whoever decides can be left out only where another one says as much."""
    for rule in strictest(bound, below).values():
        assert bool(rule.sources) == (rule.value is not None)
        for each in rule.statements:
            if each.standing in {Standing.LAXER, Standing.LAXER_THAN_LAW}:
                assert rule.value is not None
                assert as_strict(rule.value, each.value)
                assert rule.value != each.value


def bound_by(*names: str) -> InForceRules:
    return strictest([find(name).bound() for name in names], floor())


def test_a_complaint_is_answered_within_the_shorter_term() -> None:
    rule = bound_by("kezekshi", "smartustaz")["complaint_answer"]
    assert str(rule.value) == "within 7 working days"
    assert rule.sources == ("kezekshi 7.1",)
    (lost,) = [each for each in rule.statements if each.policy == "smartustaz"]
    assert (lost.clause, lost.standing) == ("8.2", Standing.LAXER)
    assert str(bound_by("smartustaz")["complaint_answer"].value) == "within 30 calendar days"


def test_the_oldest_age_counts() -> None:
    assert str(bound_by("edoox")["least_age"].value) == "at least 16 years"
    both = bound_by("edoox", "asppm")["least_age"]
    assert (str(both.value), both.sources) == ("at least 18 years", ("asppm 1.1.4",))


def test_what_a_sibling_collects_for_its_own_site_does_not_close_the_gate() -> None:
    rules = bound_by("kezekshi", "smartustaz")
    assert "face_template" in str(rules["data"].value)
    (other,) = [each for each in rules["data"].statements if each.policy == "smartustaz"]
    assert other.standing is Standing.ELSEWHERE
    assert rules["complaint_in_writing"].sources == ("smartustaz 8.2",)


def test_all_five_together_keep_the_law() -> None:
    rules = bound_by(*KNOWN)
    for name, rule in law().editions[-1].counting().items():
        value = rules[name].value
        assert value is not None
        assert as_strict(value, rule.value)
    assert str(rules["stays_in_country"].value) == "required"
    assert str(rules["biometric_purposes"].value) == "only access, attendance, safety"
    assert str(rules["state_bodies"].value) == "only law"


def test_the_clauses_of_the_carried_policies_that_the_law_overrules() -> None:
    told = {
        name: [each.laxer.source for each in laxer_than(find(name).bound(), law().bound())] for name in KNOWN
    }
    assert told == {
        "kezekshi": ["kezekshi 3.12"],
        "edoox": ["edoox 2.2", "edoox 2.1"],
        "smartustaz": ["smartustaz 2.1", "smartustaz 5.1", "smartustaz 5.3"],
        "asppm": ["asppm 2.2", "asppm 2.1", "asppm 5.1"],
        "5qbe": ["5qbe 8.2", "5qbe 6.1", "5qbe 6.2", "5qbe 6.3", "5qbe 2.2"],
    }


def test_every_rule_is_said_by_somebody() -> None:
    """A rule that no policy and no law states is a key for nothing."""
    assert set(bound_by(*KNOWN)) == set(ABOUT)
