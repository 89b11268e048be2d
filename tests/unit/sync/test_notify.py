"""What a guardian reads, and that a dead address, a crash or a full disk neither loses nor repeats it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event, Lock, Thread
from zoneinfo import ZoneInfo

import pytest

from edge.domain.events import Direction, Kind
from sync.hub.database import Database
from sync.hub.messages import LANGUAGES, Text, compose
from sync.hub.notices import Notice, NoticeQueue
from sync.hub.notify import Notifier
from sync.hub.settings import NotifySettings
from sync.hub.store import Store, counts
from tests.sync.parts import eventually
from tests.unit.sync.events import WHEN, event, rows

ALMATY = ZoneInfo("Asia/Almaty")
LATE = timedelta(minutes=15)
HURRIED = NotifySettings(first_retry_seconds=0.05, longest_retry_seconds=0.1, workers=2)


def notice(
    language: str = "en",
    direction: Direction = Direction.IN,
    synchronised: bool = True,
    received: datetime = WHEN,
) -> Notice:
    return Notice(1, 0, direction, WHEN, synchronised, received, language, "Айша", "json://localhost")


@pytest.mark.parametrize(
    ("language", "direction", "body"),
    [
        ("kk", Direction.IN, "Айша: 08:02 кірді"),
        ("kk", Direction.OUT, "Айша: 08:02 шықты"),
        ("ru", Direction.IN, "Айша: вход, 08:02"),
        ("ru", Direction.OUT, "Айша: выход, 08:02"),
        ("en", Direction.IN, "Айша: entered 08:02"),
        ("en", Direction.OUT, "Айша: left 08:02"),
    ],
)
def test_a_guardian_reads_who_when_and_which_way_in_their_language(
    language: str, direction: Direction, body: str
) -> None:
    assert compose(notice(language, direction), ALMATY, WHEN, LATE) == Text("01.09.2026", body, late=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_late_notice_says_so_and_is_never_taken_for_news(language: str) -> None:
    on_time = compose(notice(language), ALMATY, WHEN + LATE, LATE)
    late = compose(notice(language), ALMATY, WHEN + LATE + timedelta(seconds=1), LATE)
    assert (on_time.late, late.late) == (False, True)
    assert late.body.startswith(on_time.body)
    assert late.body != on_time.body


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_gate_with_a_wrong_clock_tells_no_wrong_time(language: str) -> None:
    received = WHEN + timedelta(days=3)
    text = compose(notice(language, synchronised=False, received=received), ALMATY, received, LATE)
    assert "08:02" not in text.body
    assert {"kk": "уақыты нақты емес", "ru": "время неточно", "en": "time not certain"}[language] in text.body
    assert (text.title, text.late) == ("04.09.2026", False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_gate_that_cannot_vouch_for_its_clock_tells_the_time_when_the_hubs_clock_agrees(
    language: str,
) -> None:
    received = WHEN + timedelta(seconds=2)
    text = compose(notice(language, synchronised=False, received=received), ALMATY, received, LATE)
    assert "08:02" in text.body


def test_a_notice_in_a_log_shows_neither_name_nor_address() -> None:
    assert "Айша" not in repr(notice())
    assert "json:" not in repr(notice())


class Service:
    """A messaging service that refuses the first attempts at each address."""

    def __init__(self, refusals: int = 0) -> None:
        self._left: dict[str, int] = {}
        self._refusals = refusals
        self._lock = Lock()
        self.taken: list[tuple[str, str]] = []

    def __call__(self, url: str, text: Text) -> bool:
        with self._lock:
            left = self._left.setdefault(url, self._refusals)
            self._left[url] = left - 1
            if left > 0:
                return False
            self.taken.append((url, text.body))
            return True


@contextmanager
def notifying(
    database: Database, service: Callable[[str, Text], bool], settings: NotifySettings
) -> Iterator[None]:
    notifier, stop = Notifier(NoticeQueue(database), settings, ALMATY, service), Event()
    thread = Thread(target=notifier.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        notifier.wake()
        thread.join()


def passage(database: Database, received: datetime | None = None) -> None:
    now = received or datetime.now(UTC)
    Store(database).record(rows(event(Kind.PASSED, occurred=now)), now)


def test_both_guardians_are_told_although_the_service_refuses_at_first(database: Database) -> None:
    service = Service(refusals=2)
    passage(database)
    with notifying(database, service, HURRIED):
        eventually(lambda: counts(database).notices_waiting == 0, "both are told")
    assert sorted(url for url, _ in service.taken) == ["json://localhost/father", "json://localhost/mother"]


def test_one_dead_address_does_not_keep_the_other_guardian_waiting(database: Database) -> None:
    taken = Service()

    def half_dead(url: str, text: Text) -> bool:
        return "mother" not in url and taken(url, text)

    passage(database)
    with notifying(database, half_dead, HURRIED):
        eventually(lambda: taken.taken, "the father is told")
    assert counts(database).notices_waiting == 1


def test_notices_that_were_waiting_when_the_hub_died_are_sent_after_the_restart(database: Database) -> None:
    passage(database)
    service = Service()
    with notifying(database, service, HURRIED):
        eventually(lambda: counts(database).notices_waiting == 0, "both are told")
    with notifying(database, service, HURRIED):
        pass
    assert len(service.taken) == 2, "told again after a restart"


def test_news_of_yesterday_is_not_sent_as_news_of_today(database: Database) -> None:
    service = Service()
    passage(database, datetime.now(UTC) - timedelta(hours=25))
    with notifying(database, service, HURRIED):
        eventually(lambda: counts(database).notices_waiting == 0, "they expire")
    assert service.taken == []


def test_what_happened_before_the_schools_limit_is_history_and_no_message(database: Database) -> None:
    """A gate comes back after a weekend offline: its passages are stored, and no phone rings for Friday."""
    service, now = Service(), datetime.now(UTC)
    old, fresh = (event(Kind.PASSED, occurred=now - timedelta(hours=hours)) for hours in (25, 1))
    Store(database).record(rows(old, fresh), now)
    with notifying(database, service, HURRIED):
        eventually(lambda: counts(database).notices_waiting == 0, "they are told or expire")
    assert len(service.taken) == 2
    assert all("late" in body or "опозданием" in body or "кешіккен" in body for _, body in service.taken)
    assert counts(database).events == 2


def test_a_notice_is_put_off_before_it_is_sent_so_that_a_crash_cannot_flood_a_parent(
    database: Database,
) -> None:
    patient = NotifySettings(first_retry_seconds=600, longest_retry_seconds=600)
    seen: list[int] = []

    def crashing(url: str, text: Text) -> bool:
        seen.append(len(NoticeQueue(database).due(datetime.now(UTC), 10)))
        raise MemoryError

    passage(database)
    with notifying(database, crashing, patient):
        eventually(lambda: len(seen) == 2, "both are tried")
    assert seen == [0, 0]
    assert counts(database).notices_waiting == 2
