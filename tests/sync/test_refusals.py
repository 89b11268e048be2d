"""What a broker says no to: waited out where time helps, told to a person where not; nothing is lost."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from edge.errors import QaqpaError, SyncRetryable, SyncTerminal
from sync.broker import Broker, MosquittoBroker
from sync.hub.ca import CertificateAuthority, Issued
from sync.link import Link, connect
from sync.outbox import Outbox
from sync.settings import BrokerSettings
from sync.wire import Channel, Topic
from tests.sync.fake_broker import Answers, FakeBroker
from tests.sync.parts import GATE, SCHOOL, School, eventually, pass_through, running, tls_of

MINE = str(Topic(SCHOOL, GATE, Channel.ATTENDANCE))
EXPIRED = "the broker's certificate has expired, or this clock is ahead. Renew it at the hub"
Dial = Callable[[Answers], Link]


@pytest.fixture
def dial(identities: dict[str, Issued]) -> Iterator[Dial]:
    with ExitStack() as stack:

        def connected(answers: Answers) -> Link:
            broker = FakeBroker(identities["broker"], answers)
            stack.callback(broker.close)
            settings = BrokerSettings(port=broker.port)
            return stack.enter_context(connect(settings, tls_of(identities["main"]), "gate"))

        yield connected


def published(link: Link) -> None:
    link.publish(MINE, b"{}")
    end = time.monotonic() + 1
    while time.monotonic() < end and not link.no_subscribers:
        link.step(0.05)


@pytest.mark.parametrize(
    ("reason", "kind", "words"),
    [
        (135, SyncTerminal, "not authorised"),
        (144, SyncTerminal, "refuses what this version sends"),
        (153, SyncTerminal, "refuses what this version sends"),
        (128, SyncRetryable, "takes no message now"),
        (131, SyncRetryable, "takes no message now"),
        (151, SyncRetryable, "takes no message now"),
    ],
)
def test_a_refused_message_stops_the_publisher_only_where_a_person_must_act(
    dial: Dial, reason: int, kind: type[QaqpaError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        published(dial(Answers(puback=reason)))


def test_no_matching_subscribers_is_known_for_what_it_is(dial: Dial) -> None:
    link = dial(Answers(puback=16))
    published(link)
    assert link.no_subscribers


def test_a_broker_that_never_acknowledges_proves_nothing_and_harms_nothing(dial: Dial) -> None:
    link = dial(Answers(puback=None))
    published(link)
    assert not link.no_subscribers


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        (133, SyncTerminal),
        (134, SyncTerminal),
        (135, SyncTerminal),
        (138, SyncTerminal),
        (140, SyncTerminal),
        (136, SyncRetryable),
        (137, SyncRetryable),
        (151, SyncRetryable),
        (159, SyncRetryable),
    ],
)
def test_a_refused_connection_is_tried_again_only_where_time_helps(
    dial: Dial, reason: int, kind: type[QaqpaError]
) -> None:
    with pytest.raises(kind):
        dial(Answers(connack=reason))


def test_a_silent_broker_is_left_and_tried_again(dial: Dial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.link.CONNECT_SECONDS", 0.5)
    with pytest.raises(SyncRetryable, match="does not answer"):
        dial(Answers(connack=None))


def test_a_publisher_without_a_hub_says_so_and_keeps_its_events(school: School, mosquitto: Broker) -> None:
    """Mosquitto acknowledges such a message as a success (reason 16): believing it would lose the event."""
    publisher = school.publisher()
    with Outbox(school.outbox) as outbox, running(publisher):
        pass_through(outbox)
        publisher.wait_for("no hub listens")
        publisher.wait_for("sending again")
        assert outbox.backlog().count == 1
        assert publisher.stop() == 0


def test_a_gate_whose_certificate_has_expired_stops_and_says_why(
    school: School, mosquitto: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.hub.ca.TERM", timedelta(minutes=-1))
    expired = _same_authority(school.broker.ca.parent, school.folder / "expired").issue_gate(GATE)
    publisher = school.publisher(expired)
    with Outbox(school.outbox) as outbox, running(publisher):
        pass_through(outbox)
        assert publisher.end() == 3
        assert outbox.backlog().count == 1
    assert "error: the broker refuses this certificate" in publisher.text
    assert "EXPIRED" in publisher.text


def test_a_broker_whose_certificate_has_expired_is_not_trusted_and_is_heard_again_once_it_is_renewed(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One forgotten renewal at the hub must not send somebody to every gate."""
    if MosquittoBroker.find() is None:
        pytest.skip("mosquitto is not installed")
    good = school.plan
    monkeypatch.setattr("sync.hub.ca.TERM", timedelta(minutes=-1))
    school.broker = _same_authority(school.broker.ca.parent, school.folder / "expired").issue_broker()
    publisher, hub = school.publisher(), school.hub_process("ingest")
    with Outbox(school.outbox) as outbox, running(publisher, hub):
        pass_through(outbox)
        with MosquittoBroker(school.plan):
            for process in (publisher, hub):
                process.wait_for(EXPIRED, times=2)
            assert outbox.backlog().count == 1
        with MosquittoBroker(good):
            eventually(lambda: outbox.backlog().count == 0, "the hub confirms")
        assert (publisher.stop(), hub.stop()) == (0, 0)
    told = [json.loads(line) for line in publisher.text.splitlines() if EXPIRED in line]
    assert {line["level"] for line in told} == {"error"}


def _same_authority(folder: Path, copy: Path) -> CertificateAuthority:
    """In a folder of its own, because no certificate is ever overwritten."""
    copy.mkdir()
    for name in ("ca.crt", "ca.key"):
        (copy / name).write_bytes((folder / name).read_bytes())
    return CertificateAuthority.open(copy)
