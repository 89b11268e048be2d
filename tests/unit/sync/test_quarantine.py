"""What the hub refuses is counted and told apart by gate, however much one of them sends."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sync.hub.database import Database
from sync.hub.quarantine import Kept, Quarantine, Refused
from sync.hub.store import counts
from sync.wire import Channel, Problem, Topic
from tests.unit.sync.events import GATE, SCHOOL, WHEN

MINE = str(Topic(SCHOOL, GATE, Channel.ATTENDANCE))
YARD = MINE.replace(GATE.value, "yard")


def refused(topic: str, *bodies: bytes, problem: str = "what") -> list[Refused]:
    return [Refused(topic, Problem.FORM, problem, body) for body in bodies]


def numbered(first: int, last: int) -> list[bytes]:
    return [f"{number}".encode() for number in range(first, last)]


def test_a_gate_that_resends_for_ever_pushes_out_nobody_and_is_counted_for_ever(database: Database) -> None:
    quarantine = Quarantine(database)
    quarantine.put(refused(YARD, b"once"), WHEN)
    for minute in range(1, 6):
        quarantine.put(refused(MINE, *numbered(0, 400), *numbered(0, 400)), WHEN + timedelta(minutes=minute))
    kept = quarantine.kept()
    assert [each.times for each in kept if each.topic == MINE] == [10] * 400
    last = WHEN + timedelta(minutes=5)
    assert {(each.first, each.last) for each in kept[:400]} == {(WHEN + timedelta(minutes=1), last)}
    assert kept[400:] == [Kept(YARD, "what", 1, WHEN, WHEN, 4, None, b"once")]
    assert quarantine.totals() == {("main", "form"): 4000, ("yard", "form"): 1}
    assert quarantine.since(WHEN + timedelta(seconds=1)) == 400


def test_a_flood_of_nonsense_does_not_fill_the_disk_and_its_total_does_not_fall(database: Database) -> None:
    quarantine = Quarantine(database)
    quarantine.put(refused(MINE, b"x" * 50_000, problem="p" * 5000), WHEN)
    (long,) = quarantine.kept()
    assert (long.size, len(long.payload), len(long.problem)) == (50_000, 4096, 200)
    quarantine.put(refused(YARD, b"once"), WHEN)
    quarantine.put(refused(MINE, *numbered(0, 1200)), WHEN + timedelta(minutes=1))
    assert counts(database).quarantined == 1001
    kept = {each.payload for each in quarantine.kept()}
    assert kept == {b"once", *numbered(200, 1200)}, "the newest thousand, and what another gate sent"
    assert quarantine.totals() == {("main", "form"): 1201, ("yard", "form"): 1}


def test_the_same_message_for_another_reason_is_told_as_well(database: Database) -> None:
    quarantine = Quarantine(database)
    for problem in ("what", "the device is revoked"):
        quarantine.put(refused(MINE, b"?", problem=problem), WHEN)
    assert len(quarantine.kept()) == 2


def test_topics_that_no_gate_has_make_no_new_labels_for_a_monitor(database: Database) -> None:
    quarantine = Quarantine(database)
    for number in range(5):
        quarantine.put(refused(f"qaqpa/v1/{number}/x" + "y" * 5000, b"?"), WHEN)
    assert quarantine.totals() == {("", "form"): 5}


def test_workers_that_refuse_the_same_at_once_count_everything(database: Database) -> None:
    messages = refused(MINE, *numbered(0, 50))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: Quarantine(database).put(messages, WHEN), range(8)))
    assert {each.times for each in Quarantine(database).kept()} == {8}
    assert Quarantine(database).totals() == {("main", "form"): 400}
