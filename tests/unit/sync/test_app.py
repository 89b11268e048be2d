"""The hub's pages: names for the staff on this machine, numbers for monitors, nothing for strangers."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from edge.domain.events import Direction, Kind
from edge.domain.ids import Slug
from edge.errors import SyncRetryable
from sync.hub.app import Live, create_app
from sync.hub.database import Database
from sync.hub.settings import HubSettings
from sync.hub.store import Store
from sync.settings import TlsSettings
from sync.wire import Status
from tests.builders import child_id
from tests.unit.sync.events import SCHOOL, WHEN, event, rows

FILES = TlsSettings(ca=Path("ca"), cert=Path("cert"), key=Path("key"))
SETTINGS = HubSettings(school=SCHOOL, database=Path("hub.db"), pseudonym_key=Path("key"), tls=FILES)
LATER = timedelta(milliseconds=1)
GATES = {"main": Status(online=True, backlog=2, at=WHEN, disk_used=0.83)}
MAIN = {"online": True, "backlog": 2, "at": WHEN.isoformat(), "disk_used": 0.83, "clock_synchronised": None}


def get(database: Database, path: str, host: str = "localhost") -> httpx.Response:
    app = create_app(SETTINGS, database, Live(lambda: True, lambda: GATES, lambda: None))

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
            return await client.get(path)

    return asyncio.run(ask())


def test_staff_sees_a_day_with_names_and_local_times(database: Database) -> None:
    Store(database).record(rows(event(Kind.PASSED), event(Kind.REFUSED, WHEN + LATER, child=None)), WHEN)
    passed, refused = get(database, "/api/attendance?day=2026-09-01").json()
    assert (passed["display_name"], passed["occurred"]) == ("Айша", "2026-09-01T08:02:00+05:00")
    assert (refused["display_name"], refused["child"], refused["kind"]) == (None, None, "refused")
    assert get(database, "/api/attendance?day=2026-09-02").json() == []
    assert get(database, "/api/attendance?day=yesterday").status_code == 422


@pytest.mark.parametrize("day", ["0001-01-01", "1969-12-31", "9000-01-01", "9999-12-31"])
def test_a_day_on_which_nothing_can_be_is_refused_with_a_sentence(database: Database, day: str) -> None:
    answer = get(database, f"/api/attendance?day={day}")
    assert answer.status_code == 422
    assert "give one from 1970-01-01 to 8999-12-31" in answer.text


@pytest.mark.parametrize("day", ["1970-01-01", "8999-12-31"])
def test_the_first_and_the_last_day_can_be_asked_for(database: Database, day: str) -> None:
    assert get(database, f"/api/attendance?day={day}").json() == []


def test_staff_sees_who_is_inside_now(database: Database) -> None:
    now = datetime.now(UTC)
    gone = child_id(2)
    Store(database).record(
        rows(
            event(Kind.PASSED, now),
            event(Kind.PASSED, now, Direction.IN, gone),
            event(Kind.PASSED, now + LATER, Direction.OUT, gone),
        ),
        now,
    )
    assert [each["display_name"] for each in get(database, "/api/inside").json()] == ["Айша"]


def test_staff_of_one_school_sees_no_child_of_another_in_the_districts_database(database: Database) -> None:
    now = datetime.now(UTC)
    elsewhere = replace(event(Kind.PASSED, now), school=Slug("school-8"))
    Store(database).record(rows(elsewhere), now)
    day = now.astimezone(ZoneInfo("Asia/Almaty")).date()
    assert get(database, "/api/inside").json() == []
    assert get(database, f"/api/attendance?day={day}").json() == []


def test_a_monitor_sees_numbers_and_no_names(database: Database) -> None:
    Store(database).record(rows(event(Kind.PASSED)), WHEN)
    health, metrics = get(database, "/healthz"), get(database, "/metrics")
    assert health.json()["gates"] == {"main": MAIN}
    assert health.json()["notices_waiting"] == 2
    for line in ("online{} 1.0", "backlog_events{} 2.0", "disk_used_ratio{} 0.83"):
        assert "qaqpa_hub_gate_" + line.replace("{}", '{gate="main"}') in metrics.text
    assert "Айша" not in health.text + metrics.text


def test_a_strange_page_in_the_browser_reads_nothing(database: Database) -> None:
    assert get(database, "/api/inside", host="evil.example").status_code == 400


def test_a_monitor_learns_that_the_database_is_away(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(database: Database) -> None:
        raise SyncRetryable("the disk is gone", "Look at it")

    monkeypatch.setattr("sync.hub.store.counts", away)
    assert get(database, "/healthz").status_code == 503


def test_a_monitor_is_warned_of_events_that_never_came(database: Database) -> None:
    Store(database).record(rows(event(Kind.REFUSED), first=4), WHEN)
    assert 'qaqpa_hub_missing_events{gate="main"} 3.0' in get(database, "/metrics").text
    assert get(database, "/healthz").json()["missing"] == {"main": 3}
