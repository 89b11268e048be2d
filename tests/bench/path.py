"""From the outbox to "confirmed", beside a bare paho publisher on the same broker with the same bytes.

Everything is real: TLS with client certificates, Mosquitto, durable databases, processes of their own. The
bare publisher is paho's own loop with QoS 1 and one process that subscribes, so that the broker does the same
work.
"""

import json
import multiprocessing
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing.synchronize import Event
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from edge.domain.events import Kind
from edge.domain.ids import Slug, uuid7
from sync.broker import MosquittoBroker
from sync.hub.ca import CertificateAuthority
from sync.hub.database import Database
from sync.hub.directory import Directory, Entry
from sync.hub.migrate import upgrade
from sync.hub.store import Store
from sync.link import connect, unique_name
from sync.outbox import Outbox
from sync.rows import Row as Numbered
from sync.settings import BrokerSettings
from sync.tls import client_context
from sync.wire import MAX_IDS, Channel, Topic, decode, encode, encode_confirmation
from tests.bench.table import Row
from tests.postgres import Cluster, find_binaries
from tests.sync.parts import CHILD, GATE, NAME, SCHOOL, School, granted, pass_through, row, running, tls_of

EVENTS = 6000
WORKERS = (1, 2, 4)
INGEST_EVENTS, INGEST_BATCH, GATES = 40_000, 2000, 20
INGEST_LIMIT_US = 50.0
ATTENDANCE = str(Topic(SCHOOL, GATE, Channel.ATTENDANCE))
CONFIRMED = str(Topic(SCHOOL, GATE, Channel.CONFIRMED))


def path_rows() -> list[Row]:
    """Microseconds for one event; nothing where Mosquitto is missing, SQLite only without PostgreSQL."""
    if MosquittoBroker.find() is None:
        print("path: Mosquitto is not installed")
        return []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=Path.cwd())))
        school = _school(folder)
        stack.enter_context(MosquittoBroker(school.plan))
        bare = _bare_us(school)
        rows = [
            Row(
                "our publisher, to a hub without a database",
                _publisher_us(school),
                bare,
                "µs",
                "bare paho",
                0.7,
            )
        ]
        rows.append(Row("outbox to confirmed, SQLite", _whole_us(school, 1), bare, "µs", "bare paho", 0.5))
        if (binaries := find_binaries()) is not None:
            cluster = stack.enter_context(_running(binaries))
            for count in WORKERS:
                with cluster.database() as name:
                    school.postgresql = cluster.url(name)
                    upgrade(school.postgresql)
                    took = _whole_us(school, count)
                rows.append(
                    Row(
                        f"outbox to confirmed, PostgreSQL, {count} workers",
                        took,
                        bare,
                        "µs",
                        "bare paho",
                        0.5,
                    )
                )
            with cluster.database() as name:
                took = _ingest_us(cluster.url(name))
            rows.append(
                Row(f"PostgreSQL ingest, batches of {INGEST_BATCH}", took, INGEST_LIMIT_US, "µs", "limit")
            )
    for each in rows:
        print(f"{each.what}: {1e6 / each.ours:.0f} events/s (against {1e6 / each.peer:.0f})")
    return rows


def _school(folder: Path) -> School:
    authority = CertificateAuthority.create(folder / "ca", SCHOOL)
    return School(folder, authority.issue_broker(), authority.issue_hub(), {GATE: authority.issue_gate(GATE)})


@contextmanager
def _running(binaries: Path) -> Iterator[Cluster]:
    cluster = Cluster(binaries)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.remove()


def _bare_us(school: School) -> float:
    """As in paho's documentation: a loop thread, publish, wait for every PUBACK."""
    payload = encode(row(replace(granted(), kind=Kind.PASSED)))
    with _subscriber(school):
        client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        client.tls_set_context(client_context(tls_of(school.gates[GATE])))
        client.max_inflight_messages_set(1000)
        client.connect("localhost", school.port)
        client.loop_start()
        while not client.is_connected():
            time.sleep(0.01)
        begun = time.perf_counter()
        sent = [client.publish(ATTENDANCE, payload, qos=1) for _ in range(EVENTS)]
        for each in sent:
            each.wait_for_publish(60)
        took = time.perf_counter() - begun
        client.disconnect()
        client.loop_stop()
    return took / EVENTS * 1e6


def _publisher_us(school: School) -> float:
    """Beside a hub that confirms whatever it hears."""
    with _subscriber(school, confirm=True):
        return _empty_outbox_us(school)


def _whole_us(school: School, workers: int) -> float:
    with closing(Database(school.database)) as database:
        Directory(database).replace([Entry(CHILD, NAME, "mother", "kk", "json://localhost/aisha-mother")])
    hubs = [school.hub_process("ingest") for _ in range(workers)]
    with running(*hubs):
        hubs[0].wait_for('"online"', times=workers)
        took = _empty_outbox_us(school)
    hubs[0].said.unlink()
    return took


def _empty_outbox_us(school: School) -> float:
    """From the publisher's connection to the last confirmation."""
    publisher = school.publisher()
    with Outbox(school.outbox) as outbox:
        outbox._db.conn.execute("PRAGMA synchronous = OFF")  # only of this connection, which fills it
        for _ in range(EVENTS):
            pass_through(outbox)
        with running(publisher):
            publisher.wait_for('"online"')
            while outbox.backlog().count:
                time.sleep(0.02)
            ended = datetime.now(UTC)
    online = next(line for line in publisher.text.splitlines() if '"online"' in line)
    begun = datetime.fromisoformat(json.loads(online)["timestamp"])
    publisher.said.unlink()
    return (ended - begun).total_seconds() / EVENTS * 1e6


@contextmanager
def _subscriber(school: School, *, confirm: bool = False) -> Iterator[None]:
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=_listen, args=(school, confirm, ready))
    process.start()
    try:
        assert ready.wait(30)
        yield
    finally:
        process.terminate()
        process.join()


def _listen(school: School, confirm: bool, ready: Event) -> None:
    broker = BrokerSettings(port=school.port)
    with connect(broker, tls_of(school.hub), unique_name("bench")) as link:
        link.subscribe(ATTENDANCE)
        ready.set()
        while True:
            messages = link.drain(0.1, MAX_IDS)
            if messages and confirm:
                ids = [decode(each.payload).event.id for each in messages]
                link.publish(CONFIRMED, encode_confirmation(ids))
            for each in messages:
                link.acknowledge(each)


def _ingest_us(url: str) -> float:
    """Store.record alone, events of many gates, a guardian for each child."""
    upgrade(url)
    now = datetime.now(UTC)
    outboxes = [uuid7() for _ in range(GATES)]
    events = [
        Numbered(
            outboxes[number % GATES],
            number // GATES + 1,
            replace(granted(Slug(f"gate-{number % GATES}")), kind=Kind.PASSED),
        )
        for number in range(INGEST_EVENTS)
    ]
    with closing(Database(url)) as database:
        Directory(database).replace([Entry(CHILD, NAME, "mother", "kk", "json://localhost/aisha-mother")])
        store = Store(database)
        store.prepare(now)
        begun = time.perf_counter()
        for start in range(0, INGEST_EVENTS, INGEST_BATCH):
            store.record(events[start : start + INGEST_BATCH], now)
        took = time.perf_counter() - begun
    return took / INGEST_EVENTS * 1e6
