"""What a gate, a hub and strangers may do on the broker, and what a hub or gate does with nonsense."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace

import pytest

from edge.domain.events import Kind, Moment
from edge.errors import SyncTerminal
from sync.broker import Broker
from sync.link import Link, Message, connect
from sync.outbox import Outbox
from sync.settings import BrokerSettings
from sync.wire import Channel, Topic, decode_confirmation, encode, encode_confirmation
from tests.sync.parts import (
    GATE,
    OTHER_GATE,
    PATIENCE,
    SCHOOL,
    School,
    eventually,
    granted,
    pass_through,
    row,
    running,
    tls_of,
)

MINE = str(Topic(SCHOOL, GATE, Channel.ATTENDANCE))
MY_CONFIRMATIONS = str(Topic(SCHOOL, GATE, Channel.CONFIRMED))


@contextmanager
def links(school: School, *names: str) -> Iterator[list[Link]]:
    identities = {"hub": school.hub, "main": school.gates[GATE], "yard": school.gates[OTHER_GATE]}
    with ExitStack() as stack:
        yield [
            stack.enter_context(connect(BrokerSettings(port=school.port), tls_of(identities[name]), name))
            for name in names
        ]


def listen(link: Link, seconds: float = 0.5) -> list[Message]:
    heard = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        heard += link.step(0.05)
    return heard


def wait_for_one(link: Link) -> Message:
    end = time.monotonic() + PATIENCE
    while not (heard := link.step(0.05)):
        assert time.monotonic() < end, "nothing came"
    return heard[0]


def test_a_gate_cannot_report_in_another_gates_name(school: School, broker: Broker) -> None:
    with links(school, "hub", "yard") as (hub, yard):
        hub.subscribe(MINE)
        yard.publish(MINE, encode(row(granted())))
        with pytest.raises(SyncTerminal) if "Mosquitto" in type(broker).__name__ else ExitStack():
            listen(yard)
        assert listen(hub) == []


def test_a_gate_cannot_forge_the_hubs_confirmation(school: School, broker: Broker) -> None:
    with links(school, "main", "yard") as (main, yard):
        main.subscribe(MY_CONFIRMATIONS)
        yard.publish(MY_CONFIRMATIONS, encode_confirmation([granted().id]))
        with pytest.raises(SyncTerminal) if "Mosquitto" in type(broker).__name__ else ExitStack():
            listen(yard)
        assert listen(main) == []


def test_a_gate_cannot_read_what_another_gate_reports_or_is_told(school: School, broker: Broker) -> None:
    with links(school, "hub", "main", "yard") as (hub, main, yard):
        hub.subscribe(MINE)
        for topic in (MINE, MY_CONFIRMATIONS):
            with suppress(SyncTerminal):  # NATS says no at once, Mosquitto delivers nothing
                yard.subscribe(topic)
        main.publish(MINE, encode(row(granted())))
        assert len(listen(main, 0.1) + listen(hub)) == 1
        hub.publish(MY_CONFIRMATIONS, encode_confirmation([]))
        assert listen(hub, 0.1) + listen(yard) == []


def test_the_hub_stores_an_event_once_however_often_it_comes_and_confirms_it_every_time(
    school: School, mosquitto: Broker
) -> None:
    hub = school.hub_process()
    event = granted()
    with running(hub), links(school, "main") as (main,):
        main.subscribe(MY_CONFIRMATIONS)
        hub.wait_for("online")
        confirmed = []
        for _ in range(3):
            main.publish(MINE, encode(row(event)))
            confirmed.append(decode_confirmation(wait_for_one(main).payload).ids)
        assert confirmed == [(event.id,)] * 3
    assert school.count("SELECT count(*) FROM event") == 1


def test_nonsense_from_a_gate_is_put_aside_and_the_hub_goes_on(school: School, mosquitto: Broker) -> None:
    hub = school.hub_process()
    with running(hub), links(school, "main") as (main,):
        main.subscribe(MY_CONFIRMATIONS)
        hub.wait_for("online")
        main.publish(MINE, b"\xff\x00 not json")
        main.publish(MINE, encode(row(granted(OTHER_GATE))))
        main.publish(str(Topic(SCHOOL, GATE, Channel.STATUS)), b"{}")
        good = granted()
        main.publish(MINE, encode(row(good)))
        assert decode_confirmation(wait_for_one(main).payload).ids == (good.id,)
        assert hub.stop() == 0
    assert school.count("SELECT count(*) FROM quarantine") == 3
    assert school.count("SELECT count(*) FROM event") == 1


def test_only_a_confirmation_of_its_own_rows_makes_a_gate_forget(school: School, mosquitto: Broker) -> None:
    publisher = school.publisher(first_seconds=600)
    with Outbox(school.outbox) as outbox, links(school, "hub") as (hub,), running(publisher):
        hub.subscribe(MINE)
        event = pass_through(outbox)
        unsettled = granted()
        outbox.grant(unsettled)
        wait_for_one(hub)
        for body in (
            b"garbage",
            b'{"ids":[],"open":true}',
            encode_confirmation([granted().id, unsettled.id]),
        ):
            hub.publish(MY_CONFIRMATIONS, body)
        listen(hub, 0.3)
        publisher.wait_for("ignored a message", times=2)
        assert [each.event for each in outbox.pending(10)] == [replace(event, kind=Kind.PASSED)]
        hub.publish(MY_CONFIRMATIONS, encode_confirmation([event.id]))
        listen(hub, 0.1)
        eventually(lambda: outbox.backlog().count == 0, "it is confirmed")
        outbox.settle(unsettled.id, Kind.PASSED, Moment(unsettled.occurred, True))


def test_the_hub_sees_when_a_gate_goes_away(school: School, broker: Broker) -> None:
    publisher = school.publisher()
    status = str(Topic(SCHOOL, GATE, Channel.STATUS))
    with links(school, "hub") as (hub,), running(publisher):
        hub.subscribe(status)
        here = wait_for_one(hub)
        publisher.kill()
        gone = wait_for_one(hub)
    assert b'"online":true' in here.payload
    assert b'"online":false' in gone.payload
