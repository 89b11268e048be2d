"""Monitoring alarms on names that exist: programs, page, rules and dashboard name the same metrics."""

import json
import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from edge.config import load
from edge.domain.events import Kind
from sync import condition
from sync.broker import Broker
from sync.condition import Condition
from sync.hub.database import Database
from sync.hub.metrics import HubCollector, exposition
from sync.hub.quarantine import Quarantine, Refused
from sync.hub.settings import HubSettings
from sync.hub.store import Store
from sync.metrics import TextFile, Traffic
from sync.outbox import Outbox
from sync.settings import PublisherSettings
from sync.wire import Channel, Problem, Status, Topic
from tests.sync.parts import GATE, SCHOOL, School, eventually, granted, pass_through, row, running

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/metrics.md").read_text("utf-8")
RULES = yaml.safe_load((ROOT / "deploy/prometheus/qaqpa.rules.yml").read_text("utf-8"))
DASHBOARD = json.loads((ROOT / "deploy/grafana/qaqpa.json").read_text("utf-8"))
DOCUMENTED = set(re.findall(r"^\| `(qaqpa_\w+)` \|", PAGE, re.MULTILINE))
OTHERS = {"up", "node_textfile_mtime_seconds"}
NOT_METRICS = {
    "time",
    "rate",
    "increase",
    "sum",
    "count",
    "vector",
    "or",
    "gate",
    "file",
    "job",
    "problem",
    "label_values",
}
GATES = {"main": Status(online=True, backlog=2, at=datetime.now(UTC), disk_used=0.5, clock_synchronised=True)}
BROKER_ENDS = datetime(2028, 1, 1, tzinfo=UTC)


def values(text: str) -> dict[str, float]:
    """Of each sample's name the last value."""
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def umask() -> Iterator[None]:
    """What docs/sync.md gives the publisher."""
    before = os.umask(0o007)
    yield
    os.umask(before)


@pytest.fixture
def hub(school: School) -> dict[str, float]:
    school.hub_process()
    school.register("json://localhost/mother")
    with closing(Database(school.database)) as database:
        passed = replace(granted(), kind=Kind.PASSED)
        store = Store(database, webhook_kinds=[Kind.PASSED])
        for again in (1, 2):
            store.record([row(passed, 4)] * again, datetime.now(UTC))
        nonsense = [Refused(str(Topic(SCHOOL, GATE, Channel.ATTENDANCE)), Problem.FORM, "what", b"?")] * 3
        Quarantine(database).put(nonsense, datetime.now(UTC))
        settings = load(school.folder / "hub.toml", HubSettings)
        collector = HubCollector(settings, database, lambda: True, lambda: GATES, lambda: BROKER_ENDS)
        return values(exposition(collector).decode())


@pytest.fixture
def gate(school: School) -> dict[str, float]:
    school.publisher()
    settings = load(school.folder / "sync.toml", PublisherSettings)
    with Outbox(school.outbox) as outbox:
        first, _ = pass_through(outbox), pass_through(outbox)
        outbox.confirm([first.id])
    condition.note(school.outbox, Condition(BROKER_ENDS))
    TextFile(settings, school.folder / "qaqpa.prom", Traffic(sent=3)).write()
    return values((school.folder / "qaqpa.prom").read_text("utf-8"))


def test_every_documented_metric_is_given_and_every_given_one_documented(
    hub: dict[str, float], gate: dict[str, float]
) -> None:
    assert hub.keys() | gate.keys() == DOCUMENTED


def test_the_numbers_are_those_of_database_and_outbox(hub: dict[str, float], gate: dict[str, float]) -> None:
    told = {
        "events": 1, "gate_events_total": 1, "missing_events": 3, "notices_waiting": 1,
        "webhook_waiting_events": 1, "gate_backlog_events": 2, "refused_messages_total": 3,
        "quarantined_messages": 1, "repeated_events_total": 2,
    }  # fmt: skip
    assert {name: hub[f"qaqpa_hub_{name}"] for name in told} == told
    assert (gate["qaqpa_sync_backlog_events"], gate["qaqpa_sync_sent_events_total"]) == (1, 3)
    assert time.time() - 3600 < hub["qaqpa_hub_last_event_timestamp_seconds"] <= time.time()
    later = datetime.now(UTC).timestamp() + 365 * 86400
    assert hub["qaqpa_hub_certificate_expiry_timestamp_seconds"] > later
    assert gate["qaqpa_sync_certificate_expiry_timestamp_seconds"] > later
    brokers = {
        told[f"qaqpa_{where}_broker_certificate_expiry_timestamp_seconds"]
        for where, told in (("hub", hub), ("sync", gate))
    }
    assert brokers == {BROKER_ENDS.timestamp()}


def test_a_hub_whose_certificate_is_gone_is_alarmed_and_still_counted(school: School) -> None:
    school.hub_process()
    settings = load(school.folder / "hub.toml", HubSettings)
    broken = settings.model_copy(update={"tls": settings.tls.model_copy(update={"cert": Path("/nowhere")})})
    with closing(Database(school.database)) as database:
        found = values(exposition(HubCollector(broken, database, lambda: False, dict, lambda: None)).decode())
    assert found["qaqpa_hub_certificate_expiry_timestamp_seconds"] == 0


def queries() -> Iterator[str]:
    for group in RULES["groups"]:
        yield from (rule["expr"] for rule in group["rules"])
    for panel in DASHBOARD["panels"]:
        yield from (target["expr"] for target in panel["targets"])
    for variable in DASHBOARD["templating"]["list"]:
        yield from [variable["definition"]] if variable["type"] == "query" else []


@pytest.mark.parametrize("query", list(queries()))
def test_no_alert_and_no_panel_waits_for_a_metric_that_nobody_gives(query: str) -> None:
    bare = re.sub(r'"[^"]*"|\[\w+\]', "", query)
    names = set(re.findall(r"[a-z_][a-z0-9_]*", bare)) - NOT_METRICS
    assert names
    assert names <= DOCUMENTED | OTHERS


def test_each_alert_tells_a_person_what_to_do() -> None:
    alerts = [rule["alert"] for group in RULES["groups"] for rule in group["rules"]]
    assert sorted(alerts) == sorted(
        re.findall(r"`(Qaqpa\w+)`", PAGE.split("## Alerts")[1].split("| alert |")[1])
    )
    for group in RULES["groups"]:
        for rule in group["rules"]:
            assert rule["labels"]["severity"] in {"warning", "critical"}
            assert rule["annotations"]["summary"]


def test_the_dashboard_can_be_imported_into_any_grafana() -> None:
    """The fields of Grafana's classic JSON model; no data source of one installation is written into it."""
    assert DASHBOARD["id"] is None
    assert DASHBOARD["schemaVersion"] >= 36
    panels: list[dict[str, Any]] = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, f"{panel['title']} covers another"
        assert max(x for x, _ in cells) < 24
        taken |= cells
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"]) > 0


def test_a_dead_ingest_beside_living_pages_shows_in_what_the_gates_keep(
    school: School, mosquitto: Broker
) -> None:
    """Two processes of one hub: only the pages can be scraped, and they hear the gates by themselves."""
    with Outbox(school.outbox) as outbox:
        pass_through(outbox)
        with running(school.hub_process("web"), school.publisher()):
            eventually(lambda: scraped(school).get("qaqpa_hub_gate_backlog_events") == 1, "it is shown")
            assert "qaqpa_hub_last_event_timestamp_seconds" not in scraped(school)
    rules = {rule["alert"]: rule for group in RULES["groups"] for rule in group["rules"]}
    rule = rules["QaqpaGateBacklog"]
    assert (rule["expr"], rule["for"]) == ("qaqpa_hub_gate_backlog_events > 0", "30m")


def scraped(school: School) -> dict[str, float]:
    """What a monitor reads now; nothing while the pages are not there."""
    try:
        with urlopen(f"http://127.0.0.1:{school.http_port}/metrics") as answer:
            return values(answer.read().decode())
    except URLError:
        return {}


@pytest.mark.usefixtures("umask")
def test_a_running_publisher_keeps_its_file_readable_for_the_monitor(
    school: School, mosquitto: Broker
) -> None:
    publisher, file = school.publisher(), school.folder / "qaqpa.prom"
    config = school.folder / "sync.toml"
    (block,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    documented = block.replace("/var/lib/prometheus/node-exporter/qaqpa.prom", str(file))
    config.write_text(config.read_text("utf-8") + "\n" + documented, "utf-8")
    with running(publisher):
        eventually(lambda: file.exists() and stat.S_IMODE(file.stat().st_mode) == 0o644, "others may read it")
        assert publisher.stop() == 0
    assert "qaqpa_sync_connections_total" in values(file.read_text("utf-8"))


def test_metrics_that_cannot_be_written_never_stop_the_publisher(
    school: School, capsys: pytest.CaptureFixture[str]
) -> None:
    school.publisher()
    Outbox(school.outbox).close()
    settings = load(school.folder / "sync.toml", PublisherSettings)
    TextFile(settings, school.folder / "nowhere" / "qaqpa.prom", Traffic()).write()
    assert "metrics are not written" in capsys.readouterr().out
