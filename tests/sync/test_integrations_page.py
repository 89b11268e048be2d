"""Whoever follows docs/integrations.md gets what it promises; names leave only when asked, and are noted."""

import csv
import io
import json
import re
import shlex
import stat
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event

import pytest

from edge.config import load
from edge.domain.events import Kind
from sync.broker import Broker
from sync.hub import webhook_queue, webhook_signature
from sync.hub.database import Database
from sync.hub.settings import HubSettings
from sync.hub.store import Store
from sync.outbox import Outbox
from tests.sync.parts import (
    CHILD,
    NAME,
    PATIENCE,
    Process,
    School,
    eventually,
    granted,
    pass_through,
    row,
    running,
)
from tests.unit.sync.receiver import answers, hangs, receiving

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/integrations.md").read_text("utf-8")
LINES = [
    line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines() if line
]
MORNING = datetime(2026, 10, 1, 3, 0, tzinfo=UTC)


@pytest.fixture
def followed(school: School) -> School:
    """A hub whose configuration is every TOML block of the page, each commented line put in force."""
    school.hub_process()
    school.register("json://localhost/mother")
    config = school.folder / "hub.toml"
    blocks = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 4
    text = re.sub(r"^# (?=[a-z_]+ = )", "", "\n".join(blocks), flags=re.MULTILINE)
    config.write_text(f"{config.read_text('utf-8')}\n{text}", "utf-8")
    (school.folder / "roster.csv").write_text("student_number,class\nS-1,5A\nS-2,10A\n", "utf-8")
    return school


def follow(school: School, line: str) -> tuple[int, str]:
    """One line as a person would type it: exit code and everything it said."""
    local = re.sub(r"/(?:root|etc/qaqpa)/", f"{school.folder}/", line)
    program, *words = shlex.split(local)
    assert program == "qaqpa-hub"
    config = [] if words[:2] == ["webhook", "secret"] else ["--config", str(school.folder / "hub.toml")]
    said = school.folder / "said"
    said.unlink(missing_ok=True)
    process = Process("sync.hub.cli", [*words, *config], said)
    with running(process):
        return process.end(), process.text


def test_every_documented_setting_is_read(followed: School) -> None:
    settings = load(followed.folder / "hub.toml", HubSettings)
    assert settings.home_assistant is not None
    assert settings.webhook is not None
    assert settings.ed_fi is not None
    assert len(settings.calendar.closed) == 2


def test_nothing_is_sent_anywhere_unless_the_school_says_so(school: School) -> None:
    school.hub_process()
    settings = load(school.folder / "hub.toml", HubSettings)
    assert (settings.home_assistant, settings.webhook, settings.ed_fi) == (None, None, None)


def test_every_documented_command_does_what_the_page_says(followed: School) -> None:
    with closing(Database(followed.database)) as database:
        came = replace(granted(when=MORNING), kind=Kind.PASSED)
        Store(database, webhook_kinds=[Kind.PASSED]).record([row(came)], MORNING)
    said = {}
    for line in LINES:
        code, said[line] = follow(followed, line)
        assert code == 0, f"{line}: {said[line]}"
    assert len(said) == 11

    def of(words: str) -> str:
        (found,) = (text for line, text in said.items() if re.search(words, line))
        return found

    assert stat.S_IMODE((followed.folder / "webhook.secret").stat().st_mode) == 0o600
    assert json.loads(of("status --json"))["waiting"] == 1
    assert of("webhook retry") == "due now: 1\n"
    (plain,) = csv.DictReader(io.StringIO(of(r"--day 2026-10-01$")))
    assert (plain["student"], plain["first_in"], "display_name" in plain) == (CHILD.value, "08:00:00", False)
    october = (followed.folder / "october.csv").read_bytes()
    assert october.startswith(b"\xef\xbb\xbf")
    assert stat.S_IMODE((followed.folder / "october.csv").stat().st_mode) == 0o600
    assert NAME in of(r"2026-10-01 --names$")
    ed_fi = of("ed-fi")
    (found,) = json.loads(ed_fi[ed_fi.index("[\n") :])
    assert found["studentReference"] == {"studentUniqueId": "S-1"}
    assert re.findall(r": (.*)", of("audit")) != []
    assert [line.rpartition(": ")[2] for line in of("audit").splitlines()] == ["names", "student numbers"]
    assert CHILD.value not in of("audit")
    assert NAME not in of("audit")
    sheet = (followed.folder / "october.html").read_text("utf-8")
    assert "5A" in sheet
    assert NAME in sheet
    assert "08:00<br>…" in sheet
    assert (followed.folder / "october-report.csv").read_text("utf-8").startswith("\ufeffКласс,")


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("export", "which days is not clear"),
        ("export --from 2026-10-02 --to 2026-10-01", "none or too many"),
        ("export --day 2026-10-01 --format ed-fi --names", "no name"),
    ],
)
def test_an_export_that_makes_no_sense_is_explained_and_nothing_is_noted(
    followed: School, words: str, problem: str
) -> None:
    code, text = follow(followed, f"qaqpa-hub {words}")
    assert (code, problem in text) == (2, True), text
    assert follow(followed, "qaqpa-hub audit")[1] == "nobody took names\n"


def test_a_school_without_ed_fi_is_told_what_to_configure(school: School) -> None:
    school.hub_process()
    code, text = follow(school, "qaqpa-hub export --day 2026-10-01 --format ed-fi")
    assert (code, "[ed_fi] is missing" in text) == (2, True)


def test_school_it_is_called_when_events_were_given_up(followed: School) -> None:
    with closing(Database(followed.database)) as database:
        came = replace(granted(), kind=Kind.PASSED)
        Store(database, webhook_kinds=[Kind.PASSED]).record([row(came)], datetime.now(UTC))
        webhook_queue.WebhookQueue(database).give_up(datetime.now(UTC) + timedelta(hours=1))
    code, text = follow(followed, "qaqpa-hub webhook status")
    assert (code, "problem: Events were given up" in text) == (3, True)
    follow(followed, "qaqpa-hub webhook retry")
    assert follow(followed, "qaqpa-hub webhook status")[0] == 0


def test_what_passes_at_a_gate_reaches_the_other_system_also_when_the_hub_is_killed(
    school: School, mosquitto: Broker
) -> None:
    """The receiver fails, then hangs; the hub dies under a POST: after its lease all comes, in order."""
    under_way = Event()

    def hangs_and_tells(request: BaseHTTPRequestHandler) -> None:
        under_way.set()
        hangs(request)

    hub, publisher = school.hub_process(), school.publisher()
    secret, config = school.folder / "webhook.secret", school.folder / "hub.toml"
    assert follow(school, "qaqpa-hub webhook secret /etc/qaqpa/webhook.secret")[0] == 0
    with receiving() as receiver, Outbox(school.outbox) as outbox:
        receiver.behaviour = answers(503)
        webhook = f'[webhook]\nurl = "{receiver.url}"\nsecret_file = "{secret}"\ntimeout_seconds = 1.0\n'
        retries = "first_retry_seconds = 0.2\nlongest_retry_seconds = 0.5\n"
        config.write_text(f"{config.read_text('utf-8')}\n{webhook}{retries}", "utf-8")
        with running(hub, publisher):
            sent = [pass_through(outbox) for _ in range(3)]
            eventually(lambda: len(receiver.came) >= 2, "it is tried again")
            receiver.behaviour = hangs_and_tells
            assert under_way.wait(PATIENCE)
            hub.kill()
            sent += [pass_through(outbox) for _ in range(3)]
            receiver.behaviour = answers(200)
            hub.start()
            eventually(lambda: school.count("SELECT count(*) FROM event") == 6, "all are stored")
            eventually(lambda: school.count("SELECT count(*) FROM webhook") == 0, "all are taken")
            assert hub.stop() == 0
        key = webhook_signature.read_secret(secret.read_text("ascii"))
        assert all(webhook_signature.verify(key, *came, time.time()) for came in receiver.came)
        numbers = [each["data"]["sequence"] for _, body in receiver.came for each in json.loads(body)]
        ids = [each["id"] for _, body in receiver.came for each in json.loads(body)]
    assert list(dict.fromkeys(ids)) == [str(each.id) for each in sent]
    assert list(dict.fromkeys(numbers)) == [1, 2, 3, 4, 5, 6]
