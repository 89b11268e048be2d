"""The commands of docs/sync.md do what the page says."""

import json
import re
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from edge.config import Settings, load
from edge.domain.events import Kind
from sync.broker import Broker, MosquittoBroker
from sync.hub.ca import CertificateAuthority
from sync.hub.database import Database
from sync.hub.quarantine import Quarantine, Refused
from sync.hub.settings import HubSettings
from sync.hub.store import Store
from sync.outbox import Outbox
from sync.settings import PublisherSettings
from sync.wire import Problem
from tests.sync.parts import (
    CHILD,
    GATE,
    NAME,
    SCHOOL,
    Process,
    School,
    eventually,
    granted,
    pass_through,
    row,
    running,
)

CONFIGS = {"sync.cli": "sync.toml", "sync.hub.cli": "hub.toml"}
PAGE = Path(__file__).parents[2] / "docs" / "sync.md"


def ended(process: Process) -> int:
    with running(process):
        return process.end()


def test_school_it_can_make_all_certificates_and_a_wrong_name_is_explained(tmp_path: Path) -> None:
    said, folder = tmp_path / "said", tmp_path / "ca"
    documented = re.findall(r"^qaqpa-hub (ca .*)$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert len(documented) == 2
    for line in documented:
        arguments = [str(folder) if word == "/root/qaqpa-ca" else word for word in line.split()]
        made = Process("sync.hub.cli", arguments, said)
        assert ended(made) == 0, made.text
    names = {path.name for path in folder.iterdir()}
    assert names == {"ca.crl", "issued", "lock"} | {
        f"{name}.{kind}" for name in ("ca", "broker", "hub", "main-door") for kind in ("crt", "key")
    }
    wrong = Process("sync.hub.cli", ["ca", "issue", str(folder), "--gate", "Main Door"], said)
    assert ended(wrong) == 2
    assert "error: " in wrong.text
    assert "Traceback" not in wrong.text


def told(school: School, module: str, *arguments: str) -> tuple[int, str]:
    """Exit code and what a command said, its complaint included."""
    said = school.folder / "said"
    said.unlink(missing_ok=True)
    command = Process(module, [*arguments, "--config", str(school.folder / CONFIGS[module])], said)
    return ended(command), command.text


def test_school_it_sees_what_waits_and_what_needs_a_person(school: School) -> None:
    school.publisher()
    assert told(school, "sync.cli", "status")[0] == 2, "there is no outbox yet"
    with Outbox(school.outbox) as outbox:
        first, second = pass_through(outbox), pass_through(outbox)
        outbox.confirm([first.id])
        code, text = told(school, "sync.cli", "status")
        assert "waiting for the hub: 1, oldest: 20" in text
        assert re.search(r"last confirmed: 20\d\d-", text)
        assert re.search(r"certificate valid for 7\d\d days", text)
        assert re.search(r"disk used: \d+%", text)
        as_json = json.loads(told(school, "sync.cli", "status", "--json")[1])
    assert as_json["waiting"] == 1
    assert datetime.fromisoformat(as_json["oldest"]) == second.occurred.replace(microsecond=0)
    assert code == (3 if as_json["problems"] else 0)
    assert text.count("problem: ") == len(as_json["problems"])


def test_a_forgotten_certificate_is_a_problem_before_it_stops_the_gate(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.hub.ca.TERM", timedelta(days=10))
    school.publisher(CertificateAuthority.create(school.folder / "short", SCHOOL).issue_gate(GATE))
    Outbox(school.outbox).close()
    code, text = told(school, "sync.cli", "status")
    assert code == 3
    assert "problem: The certificate ends in 9 days and is not renewed: try qaqpa-sync renew." in text


def test_everybody_who_connects_sees_that_the_brokers_certificate_ends_before_it_stops_the_school(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the hub it is a file of another service, renewed by hand and copied: or not."""
    if MosquittoBroker.find() is None:
        pytest.skip("mosquitto is not installed")
    monkeypatch.setattr("sync.hub.ca.TERM", timedelta(days=10))
    authority = CertificateAuthority.create(school.folder / "short", SCHOOL)
    school.broker, school.hub = authority.issue_broker(), authority.issue_hub()
    publisher, hub = school.publisher(authority.issue_gate(GATE)), school.hub_process("web")
    with MosquittoBroker(school.plan), running(publisher, hub):
        publisher.wait_for("the broker's certificate ends soon")
        metric = "qaqpa_hub_broker_certificate_expiry_timestamp_seconds"
        eventually(lambda: metric in metrics(school), "the hub's metrics have it")
        code, text = told(school, "sync.hub.cli", "status")
    for server in ("hub", "broker"):
        assert f"problem: The {server}'s certificate ends in 9 days: renew it at the hub" in text
    assert (code, "broker certificate ends: 20" in text) == (3, True)
    assert "broker certificate ends: not seen" in told(school, "sync.hub.cli", "status")[1]
    code, text = told(school, "sync.cli", "status")
    assert (code, "broker's certificate valid for 9 days" in text) == (3, True)
    assert "problem: The broker's certificate ends in 9 days: renew it at the hub" in text


def metrics(school: School) -> str:
    """Of the hub's pages, nothing before they are there."""
    try:
        return httpx.get(f"http://127.0.0.1:{school.http_port}/metrics").text
    except httpx.TransportError:
        return ""


def test_a_hub_whose_certificate_cannot_be_read_or_whose_broker_is_a_stranger_is_called(
    school: School,
) -> None:
    school.broker = CertificateAuthority.create(school.folder / "stranger", SCHOOL).issue_broker()
    school.hub_process()
    if MosquittoBroker.find() is not None:
        with MosquittoBroker(school.plan):
            assert (
                "problem: the broker's certificate is not trusted"
                in told(school, "sync.hub.cli", "status")[1]
            )
    config = school.folder / "hub.toml"
    config.write_text(config.read_text("utf-8").replace("hub.crt", "gone.crt"), "utf-8")
    code, text = told(school, "sync.hub.cli", "status")
    assert (code, "problem: cannot read the certificate" in text) == (3, True)


def test_a_publisher_that_ended_calls_somebody_until_it_works_again(
    school: School, mosquitto: Broker
) -> None:
    """Nobody reads its log: the gate opens on, and parents hear nothing."""
    stranger = CertificateAuthority.create(school.folder / "stranger", SCHOOL).issue_gate(GATE)
    school.publisher(replace(stranger, ca=school.gates[GATE].ca))
    textfile, common = school.folder / "qaqpa.prom", school.folder / "sync.toml"
    metrics = f'[metrics]\ntextfile = "{textfile}"\n'
    common.write_text(common.read_text("utf-8") + metrics, "utf-8")
    assert ended(Process("sync.cli", ["run", "--config", str(common)], school.folder / "publisher.log")) == 3
    code, text = told(school, "sync.cli", "status")
    assert code == 3
    assert re.search(
        r"problem: The publisher stopped at 20\S+: the broker refuses this certificate .*Enrol", text
    )
    assert "the broker refuses" in json.loads(told(school, "sync.cli", "status", "--json")[1])["stopped"]
    assert "qaqpa_sync_stopped 1.0" in textfile.read_text("utf-8")
    publisher = school.publisher()
    common.write_text(common.read_text("utf-8") + metrics, "utf-8")
    with running(publisher):
        publisher.wait_for("online")
        eventually(lambda: "stopped" not in told(school, "sync.cli", "status")[1], "it is over")
        assert publisher.stop() == 0
    assert "qaqpa_sync_stopped 0.0" in textfile.read_text("utf-8")


def test_a_publisher_whose_reason_cannot_be_kept_still_ends_with_it(
    school: School, mosquitto: Broker
) -> None:
    stranger = CertificateAuthority.create(school.folder / "stranger", SCHOOL).issue_gate(GATE)
    publisher = school.publisher(replace(stranger, ca=school.gates[GATE].ca))
    (school.folder / "outbox.db.publisher.new").mkdir()
    assert ended(publisher) == 3
    assert "the publisher's condition is not kept" in publisher.text
    assert "error: the broker refuses this certificate" in publisher.text
    (school.folder / "outbox.db.publisher").write_bytes(b"{")
    code, text = told(school, "sync.cli", "status")
    assert (code, "remove it: it is made anew" in text) == (2, True)


def test_a_disk_that_fills_is_in_the_log_before_it_keeps_the_gate_shut(
    school: School, mosquitto: Broker
) -> None:
    publisher = school.publisher()
    config = school.folder / "sync.toml"
    config.write_text(f"disk_warning = 0.0001\n{config.read_text('utf-8')}", "utf-8")
    with running(publisher):
        publisher.wait_for("a full disk keeps the gate shut")
    assert "full: free space" in told(school, "sync.cli", "status")[1]


def test_the_documented_settings_are_those_that_are_read(tmp_path: Path) -> None:
    """Each TOML block of the page loads, with every line that is commented out put in force."""
    blocks = re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    kinds: tuple[type[Settings], ...] = (PublisherSettings, HubSettings)
    for block, kind in zip(blocks, kinds, strict=True):
        file = tmp_path / "documented.toml"
        file.write_text(re.sub(r"^# (?=\[|[a-z_]+ = )", "", block, flags=re.MULTILINE), "utf-8")
        assert load(file, kind)


def test_school_it_sees_what_a_gate_lost_but_is_not_called_for_what_may_be_on_its_way(school: School) -> None:
    school.hub_process()
    now = datetime.now(UTC)
    assert told(school, "sync.hub.cli", "gaps") == (0, "nothing is missing\n")
    with closing(Database(school.database)) as database:
        Store(database).record([row(granted(), 1), row(granted(), 5)], now - timedelta(minutes=11))
        Store(database).record([row(granted(), 7)], now)
    code, text = told(school, "sync.hub.cli", "gaps")
    assert (code, "2-4" in text, "main" in text) == (3, True, True)
    found, _ = map(json.loads, told(school, "sync.hub.cli", "gaps", "--json")[1].splitlines())
    assert (found["gate"], found["first"], found["last"]) == ("main", 2, 4)
    code, text = told(school, "sync.hub.cli", "status")
    assert code == 3
    assert "problem: Events of the gates that never came: 3. See qaqpa-hub gaps." in text
    assert json.loads(told(school, "sync.hub.cli", "status", "--json")[1])["missing"] == 4
    code, text = told(school, "sync.hub.cli", "gaps", "--accept", "main")
    assert (code, "accepted as lost: 4 events of main" in text) == (0, True)
    assert told(school, "sync.hub.cli", "status")[0] == 0


def test_school_it_hears_of_messages_put_aside_today_and_not_for_ever(school: School) -> None:
    school.hub_process()
    assert told(school, "sync.hub.cli", "quarantine") == (0, "nothing was put aside\n")
    now, forged = datetime.now(UTC), b"{[red]\x1b[2J"
    nonsense, other = (Refused("topic", Problem.FORM, "not a CloudEvent", body) for body in (forged, b"x"))
    with closing(Database(school.database)) as database:
        Quarantine(database).put([nonsense], now - timedelta(hours=25))
        assert told(school, "sync.hub.cli", "status")[0] == 0
        Quarantine(database).put([nonsense, other], now)
    code, text = told(school, "sync.hub.cli", "status")
    assert (code, "quarantined: 2" in text) == (3, True)
    assert "put aside: 2. See qaqpa-hub quarantine." in text
    twice, once = map(json.loads, told(school, "sync.hub.cli", "quarantine", "--json")[1].splitlines())
    assert (twice["reason"], twice["times"], twice["size"]) == ("not a CloudEvent", 2, len(forged))
    first, last = (datetime.fromisoformat(twice[each]) for each in ("first", "last"))
    assert last - first == timedelta(hours=25)
    assert (once["times"], "payload" in once) == (1, False)
    text = told(school, "sync.hub.cli", "quarantine")[1]
    assert "CloudEvent" in text
    assert "[red]" not in text, "what came may hold anything, and is shown when asked for only"
    shown = told(school, "sync.hub.cli", "quarantine", "--payload")[1]
    assert json.loads(shown.splitlines()[0])["payload"] == forged.decode()
    assert "\x1b" not in shown, "it reaches no terminal as a command"


@pytest.mark.parametrize("names", [False, True])
def test_staff_can_watch_passages_live_and_sees_names_only_when_asked(school: School, names: bool) -> None:
    school.register("json://localhost/mother")
    tail = school.hub_process("tail", "--json", *(["--names"] if names else []))
    with closing(Database(school.database)) as database, running(tail):
        for number in (1, 2):
            passed = replace(granted(), kind=Kind.PASSED)
            Store(database).record([row(passed, number)], datetime.now(UTC))
            tail.wait_for('"kind": "passed"', times=number)
        assert tail.stop() == 0
    assert [json.loads(line)["who"] for line in tail.text.splitlines()] == [
        NAME if names else str(CHILD)[:8]
    ] * 2


@pytest.mark.parametrize(
    "words",
    [
        "attendance --day 0001-01-01",
        "attendance --day 9999-12-31",
        "export --day 9000-01-01",
        "export --from 1969-12-31 --to 1970-01-02",
        "export --from 8999-12-31 --to 9000-01-01",
        "report --month 0001-01",
        "report --month 9999-12",
    ],
)
def test_a_day_on_which_nothing_can_be_is_refused_with_a_sentence(school: School, words: str) -> None:
    school.hub_process()
    code, text = told(school, "sync.hub.cli", *words.split())
    assert (code, "Traceback" in text) == (2, False), text
    assert "no day of events" in text


@pytest.mark.parametrize(
    "words",
    [
        "attendance --day 8999-12-31",
        "export --from 1970-01-01 --to 1970-01-02",
        "report --month 1970-01",
        "report --month 8999-12",
    ],
)
def test_the_first_and_the_last_day_can_be_asked_for(school: School, words: str) -> None:
    school.hub_process()
    code, text = told(school, "sync.hub.cli", *words.split())
    assert code == 0, text


def test_a_wrong_configuration_is_named_and_ends_with_its_own_code(school: School) -> None:
    publisher = school.publisher()
    config = school.folder / "sync.toml"
    config.write_text(config.read_text("utf-8").replace(f'gate = "{GATE}"', 'gaet = "main"'), "utf-8")
    assert ended(publisher) == 2
    assert "unknown key 'gaet'" in publisher.text
