"""A gate that starts without knowing the time neither loses, reorders nor misdates a child's day."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.domain.events import AttendanceEvent, Direction, Kind, Uptime
from sync.hub.attendance import Sighting, inside, sightings
from sync.hub.database import Database
from sync.hub.directory import Directory
from sync.hub.messages import compose
from sync.hub.notices import NoticeQueue
from sync.hub.store import Store
from tests.unit.sync.conftest import MOTHER
from tests.unit.sync.events import WHEN, event, rows

ALMATY = ZoneInfo("Asia/Almaty")
DAY = date(2026, 9, 1)
BOOT = UUID(int=0xB007)
WRONG = datetime(2026, 6, 1, tzinfo=UTC)
"""What a Pi believes after a summer without power: the time at which it was last switched off."""
WAIT = timedelta(seconds=60)


def after(seconds: float, *, known: bool, direction: Direction = Direction.IN) -> AttendanceEvent:
    """A passage so many seconds after the gate was started at WHEN."""
    occurred = (WHEN if known else WRONG) + timedelta(seconds=seconds)
    return event(Kind.PASSED, occurred, direction, clock_synchronised=known, uptime=Uptime(BOOT, seconds))


def shown(database: Database, day: date = DAY) -> list[Sighting]:
    return sightings(database, day, ALMATY)


def test_a_passage_before_the_time_was_known_gets_the_right_time_later(database: Database) -> None:
    store = Store(database)
    store.record(rows(after(10, known=False)), WHEN + timedelta(minutes=20))
    assert [each.time_certain for each in shown(database)] == [False]
    store.record(rows(after(30, known=True), first=2), WHEN + timedelta(minutes=20))
    first, second = shown(database)
    assert (first.occurred, first.time_certain) == (WHEN + timedelta(seconds=10), True)
    assert first.claimed == WRONG + timedelta(seconds=10)
    assert second.occurred == second.claimed
    assert shown(database, date(2026, 6, 1)) == []


def test_an_early_event_that_comes_last_is_corrected_too(database: Database) -> None:
    Store(database).record(rows(after(30, known=True), first=2), WHEN)
    Store(database).record(rows(after(10, known=False)), WHEN)
    assert [each.occurred for each in shown(database)] == [WHEN + timedelta(seconds=n) for n in (10, 30)]


def test_another_boot_or_another_gate_tells_nothing_about_this_one(database: Database) -> None:
    Store(database).record(rows(after(10, known=False)), WHEN)
    stranger = event(Kind.REFUSED, uptime=Uptime(uuid4(), 10))
    Store(database).record(rows(stranger, first=2), WHEN)
    assert [each.time_certain for each in shown(database)] == [False, True]


def test_a_child_whose_time_is_uncertain_still_stands_on_the_list_in_a_fire(database: Database) -> None:
    Store(database).record(rows(after(10, known=False)), WHEN + timedelta(hours=1))
    assert len(inside(shown(database))) == 1


def test_a_child_who_left_is_not_inside_because_a_clock_was_set_back(database: Database) -> None:
    came = event(Kind.PASSED, WHEN)
    left = event(Kind.PASSED, WHEN - timedelta(minutes=30), Direction.OUT)
    Store(database).record(rows(came, left), WHEN)
    assert inside(shown(database)) == []


def test_a_parent_waits_a_little_for_the_right_time_and_then_hears_that_it_is_not_certain(
    database: Database,
) -> None:
    store, queue, now = Store(database, WAIT), NoticeQueue(database), WHEN + timedelta(minutes=5)
    store.record(rows(after(10, known=False)), now)
    assert queue.due(now, 10) == []
    assert [each.time_certain for each in queue.due(now + WAIT, 10)] == [False, False]
    store.record(rows(after(30, known=True), first=2), now)
    told = [each for each in queue.due(now, 10) if each.occurred == WHEN + timedelta(seconds=10)]
    assert [each.time_certain for each in told] == [True, True]


def test_a_parent_does_not_wait_where_the_hubs_clock_agrees(database: Database) -> None:
    close = event(Kind.PASSED, WHEN, clock_synchronised=False, uptime=Uptime(BOOT, 5))
    Store(database, WAIT).record(rows(close), WHEN + timedelta(seconds=2))
    assert len(NoticeQueue(database).due(WHEN + timedelta(seconds=2), 10)) == 2


@dataclass(frozen=True)
class Happening:
    """One event as it truly was, and as the gate tells it."""

    true: datetime
    told: AttendanceEvent


@st.composite
def days(draw: st.DrawFn) -> list[Happening]:
    """Some boots in a row, each with a clock that says anything until it is set, perhaps never."""
    moment, made = WHEN, list[Happening]()
    for _ in range(draw(st.integers(1, 3))):
        began, boot = moment, uuid4()
        learns = draw(st.integers(0, 6))
        for number in range(draw(st.integers(1, 6))):
            moment += timedelta(seconds=draw(st.integers(1, 600)))
            known = number >= learns
            claimed = moment if known else draw(st.datetimes(datetime(1970, 1, 2), datetime(2099, 1, 1)))
            uptime = Uptime(boot, (moment - began).total_seconds())
            occurred = claimed if known else claimed.replace(tzinfo=UTC)
            told = event(Kind.PASSED, occurred, clock_synchronised=known, uptime=uptime)
            made.append(Happening(moment, told))
    return made


@settings(deadline=None, database=None, max_examples=40)
@given(days(), st.randoms(use_true_random=False), st.integers(1, 5))
def test_whatever_clocks_say_nothing_is_lost_reordered_or_left_wrong(
    day: Sequence[Happening], chance: Random, size: int
) -> None:
    """In whatever order and however often the rows come: the end is the same."""
    numbered = rows(*(each.told for each in day))
    sent = [*numbered, *chance.sample(numbered, len(numbered) // 2)]
    chance.shuffle(sent)
    now = day[-1].true
    with TemporaryDirectory() as folder, closing(Database(Path(folder) / "hub.db")) as database:
        for start in range(0, len(sent), size):
            Store(database).record(sent[start : start + size], now)
        found = shown(database)
    learnt = {each.told.uptime.boot for each in day if each.told.uptime and each.told.clock_synchronised}
    assert [each.claimed for each in found] == [each.told.occurred for each in day]
    for happening, sighting in zip(day, found, strict=True):
        assert happening.told.uptime is not None
        assert sighting.time_certain == (happening.told.uptime.boot in learnt)
        if sighting.time_certain:
            assert abs(sighting.occurred - happening.true) < timedelta(milliseconds=1)


ANY_TIME = st.datetimes(datetime(1970, 1, 1), datetime(8999, 12, 31), timezones=st.just(UTC))


@settings(max_examples=30, deadline=None)
@given(claimed=ANY_TIME, uptime=st.floats(0, 1e9), known=st.booleans())
def test_no_parent_is_told_of_a_time_that_cannot_be_and_nobody_is_missing_in_a_fire(
    claimed: datetime, uptime: float, known: bool
) -> None:
    """Whatever a gate claims of its clock, and whatever a later event says of when its boot began."""
    passed = event(Kind.PASSED, claimed, clock_synchronised=known, uptime=Uptime(BOOT, uptime))
    with TemporaryDirectory() as folder, closing(Database(Path(folder) / "hub.db")) as database:
        Directory(database).replace([MOTHER])
        Store(database).record(rows(passed), WHEN)
        Store(database).record(rows(after(30, known=True), first=2), WHEN + timedelta(minutes=1))
        for notice in NoticeQueue(database).due(WHEN + timedelta(minutes=1), 10):
            text = compose(notice, ALMATY, WHEN + timedelta(minutes=1), timedelta(minutes=15))
            told = datetime.strptime(text.title, "%d.%m.%Y").date()
            assert date(2024, 1, 1) <= told <= DAY
            assert notice.time_certain or "уақыты нақты емес" in text.body
        here = [each for each in shown(database) if each.claimed == claimed]
        if claimed > WHEN + timedelta(minutes=6):
            assert here, "it stands on the day on which the hub heard of it"


def test_a_synchronised_clock_is_believed_a_little_ahead_of_the_hub_and_not_from_the_future(
    database: Database,
) -> None:
    ahead = [event(Kind.PASSED, WHEN + timedelta(minutes=minutes)) for minutes in (5, 6)]
    ancient = event(Kind.PASSED, datetime(2023, 12, 31, tzinfo=UTC))
    Store(database).record(rows(*ahead, ancient), WHEN)
    assert [each.time_certain for each in shown(database)] == [True, False, False]
    assert {each.claimed for each in shown(database)} == {
        *(each.occurred for each in ahead),
        ancient.occurred,
    }
