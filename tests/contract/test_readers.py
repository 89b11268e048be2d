"""What every card reader must do, seen from the gate's loop."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.errors import ReaderError
from tests.contract.readers import HARNESSES, NAME, PATIENCE, Harness, reads
from tests.contract.turnstiles import becomes
from turnstile.readers.lines import PAUSE_SECONDS
from turnstile.readers.running import KEPT_READS

CARD = bytes.fromhex("39AB11")
OTHER = bytes.fromhex("0BC614")
ANOTHER = bytes.fromhex("7FEDCBA9")
AGAIN_SECONDS = 1.0


@pytest.fixture(params=HARNESSES.values(), ids=list(HARNESSES))
def harness(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Harness]:
    harness: Harness = request.param(tmp_path)
    yield harness
    harness.close()


def numbers(harness: Harness, count: int) -> list[bytes]:
    return [read.number for read in reads(harness.reader, count)]


def held_until_read(harness: Harness, card: bytes) -> set[bytes]:
    """Every number read until `card` was: whom the reader did not hear holds the card to it again.

    After noise an encrypted line may build its channel anew, and forgets who stood there meanwhile.
    """
    got: set[bytes] = set()
    until = time.monotonic() + PATIENCE
    while not got and time.monotonic() < until:
        harness.hold(card)
        got.update(read.number for read in reads(harness.reader, 1, AGAIN_SECONDS))
    return got


def test_a_card_is_read_once_with_its_reader_and_time(harness: Harness) -> None:
    before = time.monotonic()
    harness.hold(CARD)
    (read,) = reads(harness.reader, 1)
    assert (read.number, read.reader) == (CARD, NAME)
    assert before <= read.at <= time.monotonic()
    harness.hold(OTHER)
    assert numbers(harness, 1) == [OTHER]


def test_cards_come_in_their_order_and_have_one_number_at_every_reader(harness: Harness) -> None:
    for card in (CARD, ANOTHER, OTHER):
        harness.hold(card)
    assert numbers(harness, 3) == [CARD, ANOTHER, OTHER.lstrip(b"\0")]


def test_a_reader_to_which_nobody_holds_a_card_is_silent(harness: Harness) -> None:
    assert harness.reader.healthy
    assert harness.reader.problem is None
    assert list(harness.reader.poll()) == []
    assert (harness.reader.dropped, harness.reader.misread) == (0, 0)


def test_no_card_number_can_slip_into_a_log(harness: Harness) -> None:
    harness.hold(CARD)
    (read,) = reads(harness.reader, 1)
    for told in (repr(read), str(read)):
        assert CARD.hex() not in told.lower()
        assert str(CARD) not in told
        assert str(int.from_bytes(CARD)) not in told


def test_a_reader_that_floods_keeps_the_newest_few_and_counts_the_rest(harness: Harness) -> None:
    flood = [CARD[:2] + bytes([number]) for number in range(1, 41)]
    for card in flood:
        harness.hold(card)
    assert becomes(lambda: harness.reader.dropped, len(flood) - KEPT_READS)
    assert [read.number for read in harness.reader.poll()] == flood[-KEPT_READS:]
    harness.hold(OTHER)
    assert numbers(harness, 1) == [OTHER]


def test_noise_is_no_card_and_does_not_stop_the_next_one(harness: Harness) -> None:
    for _ in range(3):
        harness.noise()
    time.sleep(2 * PAUSE_SECONDS)
    assert held_until_read(harness, CARD) == {CARD}


def test_half_a_message_never_becomes_part_of_another_card(harness: Harness) -> None:
    harness.half(ANOTHER)
    time.sleep(2 * PAUSE_SECONDS)
    assert held_until_read(harness, CARD) == {CARD}


def test_a_damaged_message_is_no_card_and_is_counted(harness: Harness) -> None:
    harness.damaged(CARD)
    assert becomes(lambda: harness.reader.misread, 1)
    harness.hold(OTHER)
    assert numbers(harness, 1) == [OTHER]


@pytest.mark.parametrize("accepted", [True, False])
def test_the_person_is_told_where_the_reader_can(harness: Harness, accepted: bool) -> None:
    harness.reader.feedback(accepted)
    if harness.shown() is not None:
        assert becomes(harness.shown, [accepted])
    harness.hold(CARD)
    assert numbers(harness, 1) == [CARD]


def test_a_pulled_cable_is_told_and_disturbs_nobody(harness: Harness) -> None:
    harness.unplug()
    assert becomes(lambda: harness.reader.healthy, False)
    problem = harness.reader.problem
    assert isinstance(problem, ReaderError)
    assert problem.retryable
    assert problem.remedy
    assert list(harness.reader.poll()) == []
    harness.reader.feedback(True)


def test_a_reader_that_was_plugged_in_again_reads_on(harness: Harness) -> None:
    harness.unplug()
    assert becomes(lambda: harness.reader.healthy, False)
    harness.replug()
    assert becomes(lambda: harness.reader.healthy, True)
    harness.hold(CARD)
    assert numbers(harness, 1) == [CARD]


def test_a_reader_whose_cable_is_gone_still_closes(harness: Harness) -> None:
    harness.unplug()
    harness.reader.close()


def test_closing_twice_harms_nothing_and_a_closed_reader_is_not_healthy(harness: Harness) -> None:
    harness.reader.close()
    harness.reader.close()
    assert not harness.reader.healthy
    assert list(harness.reader.poll()) == []
