"""Contact chatter must neither count children twice nor hide a fire."""

from hypothesis import given, settings
from hypothesis import strategies as st

from turnstile.inputs.contact import Change, Contact

BOUNCE = 0.03


def test_a_chattering_contact_counts_one_passage() -> None:
    contact = Contact(closed=False, bounce=BOUNCE)
    for step in range(11):
        contact.read(step % 2 == 0, step * 0.001)
    assert contact.changes(0.5) == [Change(True, 0.01)]
    assert contact.closed


def test_a_spike_on_the_line_is_no_passage() -> None:
    contact = Contact(closed=False, bounce=BOUNCE)
    contact.read(True, 1.0)
    contact.read(False, 1.01)
    assert contact.changes(2.0) == []
    assert not contact.closed


def test_a_whole_pulse_between_two_polls_is_not_lost() -> None:
    contact = Contact(closed=False, bounce=BOUNCE)
    contact.read(True, 1.0)
    contact.read(False, 1.5)
    assert contact.changes(9.0) == [Change(True, 1.0), Change(False, 1.5)]


def test_a_change_counts_only_after_it_lasted() -> None:
    contact = Contact(closed=False, bounce=BOUNCE)
    contact.read(True, 1.0)
    assert contact.changes(1.02) == []
    assert contact.changes(1.04) == [Change(True, 1.0)]
    assert contact.changes(1.05) == []


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.floats(0, 0.1))), st.booleans())
def test_whatever_the_chatter_opened_and_closed_alternate_and_the_last_position_wins(
    readings: list[tuple[bool, float]], start: bool
) -> None:
    contact = Contact(closed=start, bounce=BOUNCE)
    now, position = 0.0, start
    for closed, wait in readings:
        now += wait
        position = closed
        contact.read(closed, now)
    told = [change.closed for change in contact.changes(now + 1)]
    assert contact.closed is position
    assert told == [start ^ (number % 2 == 0) for number in range(len(told))]
