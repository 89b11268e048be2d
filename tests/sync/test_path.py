"""The whole path with real processes: gate, publisher, broker, hub, phone; and what may die on the way."""

from datetime import date
from zoneinfo import ZoneInfo

import httpx

from sync.broker import Broker, MosquittoBroker
from sync.hub.ca import CertificateAuthority
from sync.outbox import Outbox
from tests.sync.parts import (
    GATE,
    NAME,
    SCHOOL,
    Phone,
    School,
    eventually,
    pass_through,
    running,
)

ZONE = ZoneInfo("Asia/Almaty")
CHILDREN = 60


def test_a_parent_learns_of_the_passage_and_only_then_the_outbox_forgets_it(
    school: School, broker: Broker, phone: Phone
) -> None:
    school.register(phone.url)
    hub, publisher = school.hub_process(), school.publisher()
    with Outbox(school.outbox) as outbox, running(hub, publisher):
        event = pass_through(outbox)
        eventually(lambda: phone.messages, "the phone rings")
        eventually(lambda: outbox.backlog().count == 0, "the hub confirms")

        assert len(phone.messages) == 1
        assert NAME in phone.messages[0]
        assert "кірді" in phone.messages[0]
        assert _names(school, event.occurred.astimezone(ZONE).date()) == [NAME]
        expected = '"mqtt": "5"' if isinstance(broker, MosquittoBroker) else '"mqtt": "3.1.1"'
        assert expected in publisher.text
        assert publisher.stop() == 0
        assert hub.stop() == 0
    for word in (NAME, "aisha-mother", str(event.child), "json://"):
        assert word not in hub.text + publisher.text, "personal data in a log"


def test_no_event_is_lost_when_the_broker_dies_in_the_middle(
    school: School, broker: Broker, phone: Phone
) -> None:
    school.register(phone.url)
    with Outbox(school.outbox) as outbox, running(school.hub_process(), school.publisher()):
        for number in range(CHILDREN):
            pass_through(outbox)
            if number == CHILDREN // 3:
                eventually(lambda: school.count("SELECT count(*) FROM event") > 0, "some arrive")
                broker.kill()
            if number == 2 * CHILDREN // 3:
                broker.start()
        _all_arrive_once(school, outbox, phone)


def test_no_event_is_lost_or_doubled_when_the_hub_dies_in_the_middle(
    school: School, mosquitto: Broker, phone: Phone
) -> None:
    school.register(phone.url)
    hub = school.hub_process()
    with Outbox(school.outbox) as outbox, running(hub, school.publisher()):
        for number in range(CHILDREN):
            pass_through(outbox)
            if number == CHILDREN // 2:
                eventually(lambda: school.count("SELECT count(*) FROM event") > 0, "some arrive")
                hub.kill()
        hub.start()
        _all_arrive_once(school, outbox, phone)


def test_no_event_is_lost_when_the_publisher_dies_in_the_middle(
    school: School, mosquitto: Broker, phone: Phone
) -> None:
    school.register(phone.url)
    publisher = school.publisher()
    with Outbox(school.outbox) as outbox, running(school.hub_process(), publisher):
        for number in range(CHILDREN):
            pass_through(outbox)
            if number == CHILDREN // 2:
                eventually(lambda: school.count("SELECT count(*) FROM event") > 0, "some arrive")
                publisher.kill()
        publisher.start()
        _all_arrive_once(school, outbox, phone)


def test_a_hub_that_comes_back_is_told_at_once_although_the_gate_waits_long(
    school: School, broker: Broker, phone: Phone
) -> None:
    school.register(phone.url)
    publisher = school.publisher(first_seconds=600)
    with Outbox(school.outbox) as outbox, running(publisher):
        publisher.wait_for("online")
        pass_through(outbox)
        eventually(lambda: outbox.changed() or outbox.backlog().count == 1, "it is stored")
        with running(school.hub_process()):
            eventually(lambda: outbox.backlog().count == 0, "the hub confirms")
            eventually(lambda: phone.messages, "the phone rings")


def test_a_gate_with_a_foreign_certificate_stops_and_says_why(school: School, broker: Broker) -> None:
    stranger = CertificateAuthority.create(school.folder / "stranger", SCHOOL).issue_gate(GATE)
    wrong = type(stranger)(school.broker.ca, stranger.cert, stranger.key)
    publisher = school.publisher(wrong)
    with running(publisher):
        assert publisher.end() == 3
    assert "error: the broker refuses this certificate" in publisher.text
    assert "Traceback" not in publisher.text


def test_a_gate_that_does_not_know_this_broker_stops_and_says_why(school: School, mosquitto: Broker) -> None:
    other = CertificateAuthority.create(school.folder / "other", SCHOOL).issue_gate(GATE)
    mixed = type(other)(other.ca, school.gates[GATE].cert, school.gates[GATE].key)
    publisher = school.publisher(mixed)
    with running(publisher):
        assert publisher.end() == 3
    assert "the broker's certificate is not trusted" in publisher.text


def test_a_publisher_with_another_gates_certificate_stops_instead_of_dropping_events(
    school: School, mosquitto: Broker
) -> None:
    publisher = school.publisher(next(each for gate, each in school.gates.items() if gate != GATE))
    with Outbox(school.outbox) as outbox, running(publisher):
        pass_through(outbox)
        assert publisher.end() == 3
        assert outbox.backlog().count == 1
    assert "not authorised" in publisher.text


def test_a_gate_without_network_stops_when_told_and_keeps_its_events(school: School) -> None:
    publisher = school.publisher()
    with Outbox(school.outbox) as outbox, running(publisher):
        pass_through(outbox)
        publisher.wait_for("offline", times=2)
        assert publisher.stop() == 0
        assert outbox.backlog().count == 1


def test_a_page_from_elsewhere_cannot_read_names_through_the_browser(
    school: School, mosquitto: Broker
) -> None:
    hub = school.hub_process()
    with running(hub):
        hub.wait_for("online")
        eventually(lambda: _get(school, "/healthz"), "the pages answer")
        refused = _get(school, "/api/inside", host="evil.example")
        assert refused is not None
        assert refused.status_code == 400


def test_staff_can_import_the_directory_and_see_the_day_from_the_command_line(school: School) -> None:
    file = school.folder / "directory.csv"
    file.write_text(
        "student_number,display_name,guardian,language,notify_url\n"
        f"S-1,{NAME},mother,kk,json://localhost/a\nS-1,{NAME},father,ru,json://localhost/b\n",
        "utf-8",
    )
    importing = school.hub_process("directory", "import", str(file))
    with running(importing):
        assert importing.end() == 0, importing.text
    assert "people: 1, of whom nobody is told about 0; guardians: 2" in importing.text
    showing = school.hub_process("attendance")
    with running(showing):
        assert showing.end() == 0, showing.text


def _all_arrive_once(school: School, outbox: Outbox, phone: Phone) -> None:
    eventually(lambda: outbox.backlog().count == 0, "the hub confirms all")
    eventually(
        lambda: school.count("SELECT count(*) FROM notice WHERE state = 'delivered'") >= CHILDREN,
        "all are told",
    )
    assert school.count("SELECT count(*) FROM event") == CHILDREN
    assert school.count("SELECT count(*) FROM notice") == CHILDREN
    assert len(phone.messages) >= CHILDREN


def _get(school: School, path: str, host: str = "localhost") -> httpx.Response | None:
    try:
        return httpx.get(f"http://127.0.0.1:{school.http_port}{path}", headers={"Host": host})
    except httpx.ConnectError:
        return None


def _names(school: School, day: date) -> list[str]:
    answer = _get(school, f"/api/attendance?day={day}")
    assert answer is not None
    return [each["display_name"] for each in answer.json()]
