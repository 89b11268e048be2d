"""What gates, strangers and disks do to a hub: put aside or refused with a reason, never a wrong record."""

import json
import resource
import sqlite3
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from edge.domain.events import AttendanceEvent, Kind
from edge.errors import SyncRetryable
from sync.broker import Broker
from sync.link import Link
from sync.outbox import Outbox
from sync.wire import decode_confirmation, encode
from tests.fuzz.test_reader_parsers import damaged
from tests.sync.parts import GATE, OTHER_GATE, Phone, School, eventually, granted, pass_through, row, running
from tests.sync.test_rights import MINE, MY_CONFIRMATIONS, links, listen, wait_for_one

FUZZED = 150
EVENTS, NOTICES, ASIDE = (f"SELECT count(*) FROM {table}" for table in ("event", "notice", "quarantine"))


def confirmed(main: Link, event: AttendanceEvent) -> bool:
    """The hub lives: it takes this one and says so."""
    main.publish(MINE, encode(row(event, 7)))
    return decode_confirmation(wait_for_one(main).payload).ids == (event.id,)


def problems(school: School) -> list[str]:
    with closing(sqlite3.connect(school.database)) as connection:
        return [text for (text,) in connection.execute("SELECT problem FROM quarantine ORDER BY id")]


def test_damaged_messages_are_counted_and_put_aside_and_make_no_attendance(
    school: School, mosquitto: Broker
) -> None:
    """Each with a gate's right to send; whatever still reads as an event must be one, of this gate."""
    hub, chance = school.hub_process(), Random(3)  # noqa: S311 # the same damage in every run
    seed = encode(row(replace(granted(), kind=Kind.PASSED)))
    bodies = [damaged(seed, chance) for _ in range(FUZZED)]
    with running(hub), links(school, "main") as (main,):
        main.subscribe(MY_CONFIRMATIONS)
        hub.wait_for("online")
        for body in bodies:
            main.publish(MINE, body)
        listen(main, 2.0)
        assert confirmed(main, granted())
        assert hub.stop() == 0
    assert school.count(ASIDE) > FUZZED * 0.8, "most damage is not harmless"
    assert school.count(f"SELECT count(*) FROM event WHERE gate <> '{GATE}'") == 0
    assert all(problems(school))
    assert "Traceback" not in hub.text


def test_a_message_of_a_later_version_says_which_side_to_update(school: School, mosquitto: Broker) -> None:
    hub = school.hub_process()
    with running(hub), links(school, "main") as (main,):
        main.subscribe(MY_CONFIRMATIONS)
        hub.wait_for("online")
        later = json.loads(encode(row(granted()))) | {"type": "qaqpa.attendance.v3", "mood": "good"}
        main.publish(MINE, json.dumps(later).encode())
        assert confirmed(main, granted())
    assert problems(school) == ["from a newer version of the gate: 3 where 2 is understood"]
    assert school.count(EVENTS) == 1


def test_topic_and_body_that_disagree_are_put_aside(school: School, mosquitto: Broker) -> None:
    hub = school.hub_process()
    with running(hub), links(school, "main") as (main,):
        main.subscribe(MY_CONFIRMATIONS)
        hub.wait_for("online")
        main.publish(MINE, encode(row(granted(OTHER_GATE))))
        assert confirmed(main, granted())
        hub.wait_for('"reasons": {"topic and body name different gates": 1}')
    assert problems(school) == ["topic and body name different gates"]
    assert school.count(EVENTS) == 1


def test_an_event_with_an_absurd_number_is_put_aside_and_no_number_is_missing_for_it(
    school: School, mosquitto: Broker
) -> None:
    hub = school.hub_process()
    with running(hub), links(school, "main") as (main,):
        main.subscribe(MY_CONFIRMATIONS)
        hub.wait_for("online")
        main.publish(MINE, encode(row(granted(), 2**53 - 1)))
        assert confirmed(main, granted())
    assert problems(school) == ["its number is too far ahead"]
    assert school.count("SELECT max(last) FROM gap") == 6


@pytest.mark.parametrize("size", [20_000, 1_000_000])
def test_a_huge_message_neither_stops_the_hub_nor_fills_its_disk(
    school: School, mosquitto: Broker, size: int
) -> None:
    """The broker drops whoever sends a megabyte; what it lets through is cut short in the quarantine."""
    hub = school.hub_process()
    with running(hub):
        hub.wait_for("online")
        with links(school, "main") as (main,), suppress(SyncRetryable):
            main.publish(MINE, json.dumps({"data": ["x" * 100] * (size // 104)}).encode())
            listen(main)
        with links(school, "main") as (main,):
            main.subscribe(MY_CONFIRMATIONS)
            assert confirmed(main, granted())
    assert problems(school) == (["longer than 1024 bytes"] if size == 20_000 else [])
    assert school.count("SELECT coalesce(max(length(payload)), 0) FROM quarantine") <= 4096


def test_yesterdays_events_sent_again_are_no_news(school: School, mosquitto: Broker, phone: Phone) -> None:
    """A gate put back from a copy of its card sends a day again: no second record, no second message."""
    school.register(phone.url)
    hub, yesterday = school.hub_process(), datetime.now(UTC) - timedelta(hours=20)
    day = [replace(granted(when=yesterday), kind=Kind.PASSED) for _ in range(20)]
    with running(hub), links(school, "main") as (main,):
        main.subscribe(MY_CONFIRMATIONS)
        hub.wait_for("online")
        for _ in range(2):
            for number, event in enumerate(day, 1):
                main.publish(MINE, encode(row(event, number)))
            said = 0
            while said < len(day):
                said += len(decode_confirmation(wait_for_one(main).payload).ids)
        eventually(lambda: len(phone.messages) == len(day), "each is told once")
        assert confirmed(main, granted())
    assert (school.count(EVENTS), school.count(NOTICES)) == (len(day) + 1, len(day))
    assert len(phone.messages) == len(day)


def test_a_hub_whose_disk_is_full_refuses_and_takes_everything_once_there_is_space(
    school: School, mosquitto: Broker, phone: Phone
) -> None:
    school.register(phone.url)
    hub = school.hub_process()
    with Outbox(school.outbox) as outbox, running(hub, school.publisher()):
        hub.wait_for("online")
        _, most = resource.prlimit(hub.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        events = {pass_through(outbox).id for _ in range(5)}
        hub.wait_for("hub's database cannot be used", times=2)
        assert outbox.backlog().count == len(events)
        assert school.count(EVENTS) == 0
        resource.prlimit(hub.pid, resource.RLIMIT_FSIZE, (most, most))
        eventually(lambda: outbox.backlog().count == 0, "all are confirmed")
        eventually(lambda: len(phone.messages) == len(events), "all are told")
    assert (school.count(EVENTS), school.count(NOTICES)) == (len(events), len(events))


def test_a_hub_whose_database_is_away_confirms_nothing_and_comes_back_by_itself(
    school: School, mosquitto: Broker
) -> None:
    """Held by somebody else for longer than the hub waits."""
    hub = school.hub_process()
    with Outbox(school.outbox) as outbox, running(hub, school.publisher()):
        hub.wait_for("online")
        with closing(sqlite3.connect(school.database, isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            pass_through(outbox)
            hub.wait_for("hub's database cannot be used")
            assert outbox.backlog().count == 1
            holder.execute("ROLLBACK")
        eventually(lambda: outbox.backlog().count == 0, "it is confirmed")
    assert school.count(EVENTS) == 1
