"""Values are checked once, when they are made, and what they show of people is nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.domain.events import AttendanceEvent, Direction, Kind, Method
from edge.domain.ids import ChildId, Slug, pseudonym, uuid7
from edge.policy.consent import MAY_MATCH, AllOf, ConsentActive
from tests.builders import KEY, NOW, child, child_id, consent, guardian


def test_repr_of_people_shows_no_name_and_no_number() -> None:
    shown = repr(child()) + repr(guardian())
    for secret in ("Aisha", "Saule", "S-1", "150402600001", "+7701", "saule@"):
        assert secret not in shown


def test_the_same_number_gives_the_same_pseudonym_only_under_the_same_key() -> None:
    assert pseudonym(KEY, " S-1 ") == pseudonym(KEY, "S-1")
    assert pseudonym(KEY, "S-1") != pseudonym(b"x" * 32, "S-1")
    assert pseudonym(KEY, "S-1") != pseudonym(KEY, "S-2")


def test_a_short_key_or_empty_number_makes_no_pseudonym() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        pseudonym(b"short", "S-1")
    with pytest.raises(ValueError, match="empty"):
        pseudonym(KEY, "  ")


@pytest.mark.parametrize("name", ["", "A", "a/b", "a+b", "a#", "-a", "a-", "a" * 41, "a b", "қақпа"])
def test_names_that_could_break_a_topic_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="a-z"):
        Slug(name)


@pytest.mark.parametrize("value", ["", "A" * 32, "0" * 31, "0" * 33, "g" * 32])
def test_a_child_id_is_a_pseudonym_and_nothing_else(value: str) -> None:
    with pytest.raises(ValueError, match="hex"):
        ChildId(value)


@given(st.floats(0, 2**38), st.floats(0, 2**38))
def test_event_ids_sort_by_time(first: float, second: float) -> None:
    a, b = uuid7(first), uuid7(second)
    assert a.version == b.version == 7
    if int(first * 1000) < int(second * 1000):
        assert a.int < b.int
    assert a.int >> 80 == int(first * 1000)


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("purposes", frozenset(), "purposes"),
        ("data", frozenset(), "data"),
        ("evidence_sha256", "", "evidence_sha256"),
        ("wording_sha256", "Z" * 64, "wording_sha256"),
        ("guardian_id", " ", "guardian_id"),
        ("expires_at", NOW - timedelta(days=2), "expires_at"),
        ("expires_at", NOW + timedelta(days=400), "more than 366 days"),
        ("given_at", datetime(2026, 1, 1), "given_at"),
        ("withdrawn_at", NOW - timedelta(days=9), "withdrawn_at"),
    ],
)
def test_an_incomplete_consent_names_the_field(field: str, value: object, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        consent(1, **{field: value})


def test_an_empty_policy_denies() -> None:
    assert not AllOf(()).allows(consent(), NOW)
    assert AllOf((ConsentActive(),)).allows(consent(), NOW)
    assert MAY_MATCH.allows(consent(), NOW)


def test_a_suspended_consent_allows_no_match() -> None:
    assert not MAY_MATCH.allows(consent(suspended=True), NOW)


def test_a_passage_without_a_child_cannot_be_written() -> None:
    def event(kind: Kind) -> AttendanceEvent:
        return AttendanceEvent(
            uuid7(), Slug("s"), Slug("g"), None, Direction.IN, datetime.now(UTC), True, Method.FACE, kind
        )

    assert event(Kind.REFUSED).child is None
    with pytest.raises(ValueError, match="child"):
        event(Kind.PASSED)
    assert child_id(1) != child_id(2)
