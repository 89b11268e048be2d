"""Another system gets every event, of each gate in order, signed; whatever it does, nothing here suffers."""

import json
import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import ValidationError

from edge.domain.events import Kind
from edge.domain.ids import Slug
from edge.errors import ConfigError
from sync.hub import webhook_signature as signature
from sync.hub.ca import CertificateAuthority
from sync.hub.database import Database
from sync.hub.integration_settings import WebhookSettings
from sync.hub.store import Store
from sync.hub.webhook import Webhook, read_secrets
from sync.hub.webhook_post import Poster
from sync.hub.webhook_queue import WebhookQueue, counts
from sync.rows import Row
from tests.unit.sync.events import CHILD, SCHOOL, WHEN, event, rows
from tests.unit.sync.receiver import Behaviour, Receiver, answers, drips, hangs, lies, receiving

SECRET = b"s" * 32
HOUR = timedelta(hours=1)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def settings(receiver: Receiver, tmp_path: Path) -> WebhookSettings:
    secret = tmp_path / "secret"
    secret.write_text(signature.write_secret(SECRET), "ascii")
    secret.chmod(0o600)
    return WebhookSettings(
        url=receiver.url, secret_file=secret, batch=2, timeout_seconds=0.5, first_retry_seconds=60
    )


@pytest.fixture
def webhook(database: Database, settings: WebhookSettings) -> Webhook:
    return Webhook(WebhookQueue(database), settings)


def store(database: Database, *new: Row, now: datetime = WHEN) -> None:
    Store(database, webhook_kinds=[Kind.PASSED]).record(new, now)


def sequences(receiver: Receiver, gate: str = "main") -> list[list[int]]:
    found = [json.loads(body) for _, body in receiver.came]
    return [
        [each["data"]["sequence"] for each in batch] for batch in found if batch[0]["source"].endswith(gate)
    ]


def at_gate(gate: str, number: int) -> Row:
    passed = replace(event(Kind.PASSED), gate=Slug(gate))
    return Row(UUID(int=len(gate)), number, passed)


def test_the_other_system_gets_each_event_once_signed_and_without_a_name(
    database: Database, webhook: Webhook, receiver: Receiver
) -> None:
    passed = rows(event(Kind.PASSED), event(Kind.PASSED), event(Kind.PASSED))
    store(database, *passed)
    store(database, *passed)
    while webhook.step(WHEN):
        pass
    assert sequences(receiver) == [[1, 2], [3]]
    for headers, body in receiver.came:
        assert signature.verify(SECRET, headers, body, time.time())
        assert "Айша" not in body.decode()
        assert headers["Content-Type"] == "application/cloudevents-batch+json"
    (first, *_) = json.loads(receiver.came[0][1])
    assert (first["id"], first["data"]["child"]) == (str(passed[0].event.id), CHILD.value)
    assert counts(database).waiting == 0


def test_a_school_that_did_not_ask_for_it_queues_nothing(database: Database) -> None:
    Store(database).record(rows(event(Kind.PASSED)), WHEN)
    store(database, *rows(event(Kind.REFUSED), first=2))
    assert counts(database).waiting == 0


@pytest.mark.parametrize(
    "behaviour",
    [answers(500), answers(302, Location="http://127.0.0.1:1/"), answers(410), hangs, drips, lies],
    ids=["fails", "redirects", "is gone", "hangs", "drips", "lies"],
)
def test_what_is_not_taken_is_sent_again_under_the_same_id(
    database: Database, webhook: Webhook, receiver: Receiver, behaviour: Behaviour
) -> None:
    receiver.behaviour = behaviour
    now = datetime.now(UTC)
    store(database, *rows(event(Kind.PASSED)), now=now)
    assert webhook.step(now)
    assert not webhook.step(now + timedelta(seconds=50)), "it waits before it tries again"
    store(database, *rows(event(Kind.PASSED), first=2), now=now)
    receiver.behaviour = answers(200)
    later = now + HOUR
    assert webhook.step(later)
    assert sequences(receiver) == [[1], [1]]
    (first, body), (second, again) = receiver.came
    assert (first["webhook-id"], body) == (second["webhook-id"], again)
    assert webhook.step(later)
    assert sequences(receiver)[-1] == [2], "what came later follows, in order"


def test_a_gate_whose_events_are_refused_does_not_hold_up_another_gate(
    database: Database, webhook: Webhook, receiver: Receiver
) -> None:
    receiver.behaviour = answers(500)
    now = datetime.now(UTC)
    store(database, at_gate("main", 1), now=now)
    webhook.step(now)
    receiver.behaviour = answers(200)
    store(database, at_gate("yard", 1), at_gate("main", 2), now=now)
    while webhook.step(now):
        pass
    assert (sequences(receiver, "yard"), sequences(receiver, "main")) == ([[1]], [[1]])


def test_events_of_a_gate_leave_in_the_gates_order_however_they_came(
    database: Database, webhook: Webhook, receiver: Receiver
) -> None:
    store(database, at_gate("main", 3), at_gate("main", 1))
    store(database, at_gate("main", 2))
    while webhook.step(WHEN):
        pass
    assert sequences(receiver) == [[1, 2], [3]]


def test_a_sender_that_died_while_sending_sends_again_after_its_lease(
    database: Database, webhook: Webhook, receiver: Receiver
) -> None:
    store(database, *rows(event(Kind.PASSED)))
    lost = WebhookQueue(database).claim(WHEN, timedelta(seconds=5), 2)
    assert lost is not None
    assert not webhook.step(WHEN + timedelta(seconds=4)), "another process has it"
    assert webhook.step(WHEN + timedelta(seconds=5))
    assert receiver.came[0][0]["webhook-id"] == str(lost.id)


def test_a_smaller_batch_size_loses_nothing_of_a_batch_that_was_begun(database: Database) -> None:
    store(database, at_gate("main", 1), at_gate("main", 2))
    queue = WebhookQueue(database)
    queue.claim(WHEN, timedelta(0), 2)
    again = queue.claim(WHEN, timedelta(0), 1)
    assert again is not None
    assert len(again.rows) == 2


def test_after_its_term_it_gives_up_says_so_and_a_person_can_have_it_sent_again(
    database: Database, webhook: Webhook, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    receiver.behaviour = answers(500)
    store(database, *rows(event(Kind.PASSED)))
    webhook.step(WHEN)
    late = WHEN + timedelta(hours=73)
    assert not webhook.step(late)
    assert "the webhook gave up" in capsys.readouterr().out
    found = counts(database)
    assert (found.waiting, found.given_up) == (0, 1)
    receiver.behaviour = answers(200)
    assert WebhookQueue(database).retry(late) == 1
    assert webhook.step(late)
    assert receiver.came[0][0]["webhook-id"] == receiver.came[1][0]["webhook-id"]
    assert counts(database) == type(found)(0, None, 0)


def test_an_event_and_its_place_in_the_queue_are_stored_together_or_not_at_all(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.hub.webhook_queue.put", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        store(database, *rows(event(Kind.PASSED)))
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM event").scalar_one() == 0


def test_a_receiver_must_have_a_certificate_that_the_school_trusts(
    settings: WebhookSettings, tmp_path: Path
) -> None:
    issued = CertificateAuthority.create(tmp_path / "ca", SCHOOL).issue_broker()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issued.cert, issued.key)
    with receiving() as receiver:
        receiver.server.socket = context.wrap_socket(receiver.server.socket, server_side=True)
        url = receiver.url.replace("http://127.0.0.1", "https://localhost")
        trusting = settings.model_copy(update={"url": url, "ca": issued.ca, "timeout_seconds": 20})
        assert Poster(trusting).post(b"[]", {}).taken
        stranger = settings.model_copy(update={"url": url})
        assert "certificate is not trusted" in Poster(stranger).post(b"[]", {}).problem
        assert len(receiver.came) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://erp.example/",
        "https://user:s3cret@erp.example/",
        "ftp://localhost/",
        "https:///x",
        "https://a:b/",
    ],
)
def test_events_never_leave_in_the_clear(url: str) -> None:
    with pytest.raises(ValidationError):
        WebhookSettings(url=url, secret_file=Path("secret"))


def test_a_secret_that_everybody_may_read_or_nobody_can_use_is_refused_without_quoting_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "secret"
    path.write_text(signature.write_secret(SECRET), "ascii")
    path.chmod(0o604)
    with pytest.raises(ConfigError, match="everybody may read"):
        read_secrets(path)
    path.chmod(0o600)
    path.write_text("whsec_c2hvcnQ=", "ascii")
    with pytest.raises(ConfigError) as caught:
        read_secrets(path)
    assert "c2hvcnQ" not in str(caught.value)


def test_a_secret_is_replaced_without_a_moment_in_which_the_receiver_must_refuse() -> None:
    both = signature.headers([b"n" * 32, SECRET], "id", 1000, b"[]")
    assert signature.verify(SECRET, both, b"[]", 1000)
    assert signature.verify(b"n" * 32, both, b"[]", 1000)


@pytest.mark.parametrize(
    ("changes", "body", "now"),
    [
        ({}, b"[1]", 1000),
        ({"webhook-id": "other"}, b"[]", 1000),
        ({"webhook-timestamp": "1001"}, b"[]", 1000),
        ({"webhook-timestamp": "١٠٠٠"}, b"[]", 1000),
        ({"webhook-signature": ""}, b"[]", 1000),
        ({"webhook-signature": "v2,é"}, b"[]", 1000),
        ({}, b"[]", 1301),
        ({}, b"[]", 699),
    ],
)
def test_a_receiver_refuses_what_was_changed_forged_or_recorded(
    changes: dict[str, str], body: bytes, now: float
) -> None:
    genuine = signature.headers([SECRET], "id", 1000, b"[]")
    assert signature.verify(SECRET, genuine, b"[]", 1000)
    assert not signature.verify(SECRET, {**genuine, **changes}, body, now)


def test_receivers_verify_with_any_library_of_the_standard() -> None:
    """The example that the project's own libraries are tested with."""
    secret = signature.read_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    made = signature.headers([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
