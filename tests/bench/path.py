"""From the outbox to "confirmed", beside a bare paho publisher on the same broker with the same bytes.

Everything is real: TLS with client certificates, Mosquitto, durable databases, processes of their own. The
bare publisher is paho's own loop with QoS 1, beside one process that subscribes: the broker's work is equal.
"""

import json
import multiprocessing
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
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

EVENTS, ROUNDS = 6000, 3
WORKERS = (1, 2, 4)
INGEST_EVENTS, INGEST_BATCH, GATES = 40_000, 2000, 20
INGEST_LIMIT_US = 50.0
BARE, PUBLISHER = "bare paho publisher", "our publisher, to a hub without a database"
INGEST = f"PostgreSQL ingest alone, batches of {INGEST_BATCH}"
ATTENDANCE = str(Topic(SCHOOL, GATE, Channel.ATTENDANCE))
CONFIRMED = str(Topic(SCHOOL, GATE, Channel.CONFIRMED))


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is measured; `full` is an outbox with all events, to be copied."""

    school: School
    full: Path
    cluster: Cluster | None


def path_rows() -> list[Row]:
    """Microseconds for one event; nothing where Mosquitto is missing, SQLite only without PostgreSQL."""
    if MosquittoBroker.find() is None:
        print("path: Mosquitto is not installed")
        return []
    with _place() as place:
        kinds = _measurements(place)
        taken: dict[str, list[float]] = {name: [] for name in kinds}
        for _ in range(ROUNDS):  # in turn, so that other work on the machine meets all alike
            for name, measure in kinds.items():
                taken[name].append(measure())
    times = {name: statistics.median(each) for name, each in taken.items()}
    for name, took in times.items():
        print(f"{name}: {1e6 / took:.0f} events/s")
    bare = times.pop(BARE)
    rows = [
        Row(name, took, bare, "µs", BARE, 0.7 if name == PUBLISHER else 0.5)
        for name, took in times.items()
        if name != INGEST
    ]
    if INGEST in times:
        rows.append(Row(INGEST, times[INGEST], INGEST_LIMIT_US, "µs", "limit"))
    return rows


def _measurements(place: Place) -> dict[str, Callable[[], float]]:
    kinds: dict[str, Callable[[], float]] = {
        BARE: partial(_bare_us, place.school),
        PUBLISHER: partial(_publisher_us, place),
        "outbox to confirmed, SQLite": partial(_whole_us, place, 1),
    }
    if (cluster := place.cluster) is not None:
        for count in WORKERS:
            kinds[f"outbox to confirmed, PostgreSQL, workers: {count}"] = partial(
                _on_server, cluster, place, count
            )
        kinds[INGEST] = partial(_ingest_us, cluster)
    return kinds


@contextmanager
def _place() -> Iterator[Place]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=Path.cwd())))
        memory = Path(stack.enter_context(tempfile.TemporaryDirectory(dir="/dev/shm")))  # to be fast
        school = _school(folder)
        stack.enter_context(MosquittoBroker(school.plan))
        with Outbox(memory / "outbox.db") as outbox:
            for _ in range(EVENTS):
                pass_through(outbox)
        binaries = find_binaries()
        cluster = None if binaries is None else stack.enter_context(_running(binaries))
        yield Place(school, memory / "outbox.db", cluster)


def _on_server(cluster: Cluster, place: Place, workers: int) -> float:
    with cluster.database() as name:
        url = cluster.url(name)
        upgrade(url)
        return _whole_us(replace(place, school=replace(place.school, postgresql=url)), workers)


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


def _publisher_us(place: Place) -> float:
    """Beside a hub that confirms whatever it hears."""
    with _subscriber(place.school, confirm=True):
        return _empty_outbox_us(place)


def _whole_us(place: Place, workers: int) -> float:
    school = place.school
    if isinstance(school.database, Path):
        school.database.unlink(missing_ok=True)
    with closing(Database(school.database)) as database:
        Directory(database).replace([Entry(CHILD, NAME, "mother", "kk", "json://localhost/aisha-mother")])
    hubs = [school.hub_process("ingest") for _ in range(workers)]
    with running(*hubs):
        hubs[0].wait_for('"online"', times=workers)
        took = _empty_outbox_us(place)
    hubs[0].said.unlink()
    return took


def _empty_outbox_us(place: Place) -> float:
    """From the publisher's connection to the last confirmation."""
    school, publisher = place.school, place.school.publisher()
    shutil.copy(place.full, school.outbox)
    with Outbox(school.outbox) as outbox:
        assert outbox.backlog().count == EVENTS
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
            ids = [decode(each.payload).event.id for each in messages] if confirm else []
            for start in range(0, len(ids), MAX_IDS):
                link.publish(CONFIRMED, encode_confirmation(ids[start : start + MAX_IDS]))
            for each in messages:
                link.acknowledge(each)


def _ingest_us(cluster: Cluster) -> float:
    """Store.record alone, events of many gates, a guardian for each child."""
    now = datetime.now(UTC)
    outboxes = [uuid7() for _ in range(GATES)]
    passed = replace(granted(), kind=Kind.PASSED)
    events = [
        Numbered(
            outboxes[number % GATES],
            number // GATES + 1,
            replace(passed, id=uuid7(), gate=Slug(f"gate-{number % GATES}")),
        )
        for number in range(INGEST_EVENTS)
    ]
    with cluster.database() as name:
        upgrade(cluster.url(name))
        with closing(Database(cluster.url(name))) as database:
            Directory(database).replace([Entry(CHILD, NAME, "mother", "kk", "json://localhost/aisha-mother")])
            store = Store(database)
            store.prepare(now)
            begun = time.perf_counter()
            for start in range(0, INGEST_EVENTS, INGEST_BATCH):
                store.record(events[start : start + INGEST_BATCH], now)
            took = time.perf_counter() - begun
    return took / INGEST_EVENTS * 1e6
