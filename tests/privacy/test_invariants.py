"""One test per invariant of docs/architecture.md, named after it. Each was seen to fail with its rule broken:
see README.md beside this file."""

import sqlite3
import struct
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import fields
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from structlog.testing import capture_logs

from edge.audit import AuditTrail, verify
from edge.credentials.check import CardShown, CredentialCheck, QrShown
from edge.domain.consent import DataCategory, Purpose
from edge.domain.credentials import Holder, HolderKind, Refusal
from edge.domain.decisions import Decision, Outcome, Reason
from edge.domain.events import AttendanceEvent, Direction, Kind, Method, Uptime
from edge.domain.ids import Slug
from edge.errors import ConsentRequired, OutboxError, VaultError
from edge.match.live import LiveGallery
from edge.match.score import Match, Verdict
from edge.match.trend import Proposal
from edge.policy.profile import Profile
from edge.vault.database import connect_for
from edge.vault.keys import FileKey
from edge.vault.templates import Template
from edge.vault.trends import trends_only
from edge.vault.vault import Vault
from edge.vision.face import Face, Metric
from edge.vision.frame import Frame
from sync.outbox import Outbox
from sync.rows import Row
from sync.wire import encode
from tests.builders import (
    DIMENSION,
    ENGINE,
    KEY,
    NOW,
    STRICT,
    child,
    child_id,
    consent,
    enrolled,
    guardian,
    unit_vector,
)
from turnstile.gate import Gate, Timing
from turnstile.gate_messages import (
    Event,
    FireAlarm,
    Granted,
    OpenAll,
    PassageStarted,
    Signal,
)
from turnstile.gate_states import State
from turnstile.journal import Journal
from turnstile.lane import Lane
from turnstile.scorebook import Scorebook
from turnstile.trendbook import Trendbook

GRANT = Decision(Outcome.GRANT, Reason.RECOGNISED, child_id(1))


class Recorder:
    """A turnstile that notes what was durable at the moment it was told to open."""

    def __init__(self, outbox: Path) -> None:
        self._outbox = outbox
        self.held_at_release: list[int] = []

    def release(self, direction: Direction) -> None:
        with sqlite3.connect(self._outbox) as other_process:
            self.held_at_release.append(other_process.execute("SELECT count(*) FROM held").fetchone()[0])
        other_process.close()

    def lock(self) -> None: ...
    def open_all(self) -> None: ...
    def step(self) -> None: ...
    def reconnect(self) -> None: ...
    def close(self) -> None: ...


class NoInputs:
    def poll(self) -> Sequence[Signal]:
        return []

    def close(self) -> None: ...


def journal(tmp_path: Path, outbox: Outbox) -> Journal:
    audit = AuditTrail(tmp_path / "audit.jsonl", KEY)
    return Journal(outbox, audit, Slug("school-7"), Slug("north"), lambda: True)


def test_1_no_template_without_a_live_consent(vault: Vault) -> None:
    """Even raw SQL cannot store a template without a live consent, or keep one after it."""
    vault.roster.put(child(), [guardian()])
    raw = sqlite3.connect(vault.path, isolation_level=None)
    raw.execute("PRAGMA foreign_keys = ON")
    insert = "INSERT INTO template VALUES ('t', ?, 'c-1', 'e', ?, x'00')"
    at = "2026-09-01T03:00:00.000000Z"
    with pytest.raises(sqlite3.IntegrityError, match="no live consent"):
        raw.execute(insert, [child_id(1).value, at])
    vault.consents.add(consent())
    raw.execute(insert, [child_id(1).value, at])
    for change in ("withdrawn_at = NULL", "expires_at = '2099-01-01'", 'purposes = \'["access","ads"]\''):
        with pytest.raises(sqlite3.IntegrityError, match="never changed"):
            raw.execute(f"UPDATE consent SET {change}")
    raw.execute("UPDATE consent SET withdrawn_at = ?", [at])
    assert raw.execute("SELECT count(*) FROM template").fetchone() == (0,)
    with pytest.raises(sqlite3.IntegrityError, match="no live consent"):
        raw.execute(insert, [child_id(1).value, at])
    raw.close()


def test_1_no_template_under_a_consent_that_a_wider_edition_suspends(vault: Vault) -> None:
    """Not through the code, not through raw SQL; and the child's stored ones are not matched."""
    policy = Profile.model_validate(
        {
            "name": "school-7",
            "title": "School 7",
            "operator": "School 7",
            "editions": [
                {"number": 1, "rules": {"third_parties": {"clause": "5", "only": {}}}},
                {"number": 2, "published": NOW.date(), "rules": {}},
            ],
        }
    )
    vault.editions.adopt(policy, NOW.date() - timedelta(days=1), NOW)
    enrolled(vault)
    (adopted,) = vault.editions.adopt(policy, NOW.date(), NOW)
    assert adopted.widens
    with pytest.raises(ConsentRequired):
        vault.templates.add(child_id(1), "c-1", ENGINE, [unit_vector(1)], NOW)
    raw = sqlite3.connect(vault.path, isolation_level=None)
    raw.execute("PRAGMA foreign_keys = ON")
    with pytest.raises(sqlite3.IntegrityError, match="no live consent"):
        raw.execute(
            "INSERT INTO template VALUES ('t', ?, 'c-1', 'e', '2026-09-01T03:00:00.000000Z', x'00')",
            [child_id(1).value],
        )
    raw.close()
    assert vault.templates.live(ENGINE, NOW) == []


def test_1_the_gate_may_write_trends_and_no_template_or_consent(vault: Vault, key: FileKey) -> None:
    """Neither through the vault it reads nor through the connection that writes trends."""
    enrolled(vault)
    vault.roster.put(child(2), [guardian(2)])
    with Vault.open(vault.path, key, now=NOW) as gate:
        writer = gate.trend_writer()
        writer.write(ENGINE, {}, STRICT.least)
        writer.write(ENGINE, {child_id(1): [0.9]}, STRICT.least)
        for attempt in (
            lambda: gate.consents.add(consent(2)),
            lambda: gate.templates.add(child_id(1), "c-1", ENGINE, [unit_vector(1)], NOW),
            lambda: gate.withdraw(child_id(1), NOW),
        ):
            with pytest.raises(VaultError, match="only read"):
                attempt()
    with closing(connect_for(vault.path, trends_only)) as narrow:
        for statement in (
            "INSERT INTO template SELECT 't', child, consent, engine, created_at, sealed FROM template",
            "INSERT INTO consent SELECT * FROM consent",
            "UPDATE consent SET withdrawn_at = NULL",
            "DELETE FROM template",
            "DROP TRIGGER template_needs_live_consent",
            "PRAGMA writable_schema = ON",
        ):
            with pytest.raises(sqlite3.DatabaseError, match=r"not authorized|prohibited"):
                narrow.conn.execute(statement)
    with closing(sqlite3.connect(vault.path)) as raw:
        counted = [
            raw.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("consent", "template", "trend")
        ]
    assert counted == [1, 2, 1]


def test_2_biometrics_never_leave_the_device() -> None:
    """The event type has no field for them, the wire adds nothing, and sync cannot import them."""
    assert {field.name for field in fields(AttendanceEvent)} == {
        "id", "school", "gate", "child", "direction", "occurred", "clock_synchronised", "method", "kind",
        "uptime",
    }  # fmt: skip
    assert {field.name for field in fields(Uptime)} == {"boot", "seconds"}
    assert {field.name for field in fields(Row)} == {"outbox", "number", "event"}
    event = AttendanceEvent(
        UUID(int=7),
        Slug("school-7"),
        Slug("north"),
        child_id(1),
        Direction.IN,
        NOW,
        True,
        Method.FACE,
        Kind.PASSED,
    )
    assert len(encode(Row(UUID(int=8), 1, event))) < 700
    code = (
        "import sys, sync.publisher, sync.outbox, sync.wire, sync.cli\n"
        "biometric = ('edge.vault', 'edge.vision', 'edge.match', 'cv2')\n"
        "held = [m for m in sys.modules if m.startswith(biometric)]\n"
        "sys.exit(repr(held) if held else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_2_nothing_biometric_shows_in_a_repr_and_so_in_a_log() -> None:
    vector = np.full(DIMENSION, 0.123456, np.float32)
    image = np.full((4, 4, 3), 77, np.uint8)
    shown = [
        Template(consent(), vector),
        Frame(image, 1.0),
        Face((1, 2, 3, 4), np.full((5, 2), 0.123456, np.float32), 0.9),
        Match(Verdict.MATCH, child_id(1), score=0.123456, runner_up=0.123456),
    ]
    for value in shown:
        assert "0.123" not in repr(value)
        assert "77" not in repr(value)


def test_2_a_childs_scores_stand_nowhere_in_clear(vault: Vault, key: FileKey, tmp_path: Path) -> None:
    """Not in the log, the audit trail, the outbox, the counts, an answer to staff, or the vault's bytes."""
    enrolled(vault)
    score = 0.6180339887
    match = Match(Verdict.MATCH, child_id(1), score, runner_up=0.2)
    with (
        Vault.open(vault.path, key, now=NOW) as gate,
        Outbox(tmp_path / "outbox.db") as outbox,
        capture_logs() as lines,
    ):
        trends = Trendbook(gate, ENGINE)
        book, written = Scorebook(tmp_path / "scores.json", ENGINE, trends), journal(tmp_path, outbox)
        for day in range(40):
            now = NOW + timedelta(days=day)
            book.step(now)
            book.note(GRANT, match, 300, threshold=0.60, now=now)
            written.settle(written.grant(GRANT, Direction.IN, Method.FACE), Kind.PASSED)
            book.save()
        told = [*map(repr, lines), *map(repr, book.status().items()), repr(trends), repr(match)]
        proposals = gate.trends.proposals()
        on_disk = {file.name: file.read_bytes() for file in tmp_path.iterdir() if file.is_file()}
    assert proposals == {child_id(1): Proposal.NEAR}
    assert {"vault.db", "vault.db-wal", "scores.json", "audit.jsonl", "outbox.db"} <= set(on_disk)
    assert any("'children': 1" in each for each in told)
    for each in told:
        assert "0.61" not in each
    in_clear = [b"0.618033988", struct.pack("<d", score), struct.pack(">d", score), struct.pack("<f", score)]
    for name, content in on_disk.items():
        for secret in in_clear:
            assert secret not in content, name
        if name == "scores.json":
            assert child_id(1).value.encode() not in content


def test_3_a_match_is_attempted_only_for_a_purpose_the_consent_names(vault: Vault) -> None:
    vault.roster.put(child(), [guardian()])
    vault.consents.add(consent(purposes=frozenset({Purpose.MEALS, Purpose.LIBRARY})))
    with pytest.raises(ConsentRequired):
        vault.templates.add(child_id(1), "c-1", ENGINE, [unit_vector(1)], NOW)
    vault.consents.add(consent(id="c-2", data=frozenset({DataCategory.NAME})))
    with pytest.raises(ConsentRequired):
        vault.templates.add(child_id(1), "c-2", ENGINE, [unit_vector(1)], NOW)


def test_4_withdrawal_is_destruction_before_the_next_decision(vault: Vault, key: FileKey) -> None:
    """The key and the sealed template are gone from every file of the vault; the gate's gallery is empty."""
    enrolled(vault)
    trends = vault.trend_writer()
    trends.write(ENGINE, {}, STRICT.least)
    trends.write(ENGINE, {child_id(1): [0.9]}, STRICT.least)
    raw = sqlite3.connect(vault.path)
    (wrapped,) = raw.execute("SELECT wrapped_key FROM child").fetchone()
    sealed = [row[0] for row in raw.execute("SELECT sealed FROM template UNION SELECT sealed FROM trend")]
    assert len(sealed) == 3
    raw.close()
    with Vault.open(vault.path, key, now=NOW) as gates_view:
        gallery = LiveGallery(gates_view, ENGINE, DIMENSION, Metric.COSINE)
        assert gallery.search(unit_vector(1), STRICT, NOW).verdict is Verdict.MATCH
        held = gallery._gallery.vectors
        vault.withdraw(child_id(1), NOW)
        assert gallery.search(unit_vector(1), STRICT, NOW).verdict is Verdict.NO_MATCH
        assert not held.any()
    on_disk = b"".join(file.read_bytes() for file in vault.path.parent.glob("vault.db*"))
    for secret in (wrapped, *sealed):
        assert secret not in on_disk


def test_5_never_a_locked_in_child() -> None:
    """From every state the fire input opens everything."""
    ways: list[list[Event]] = [
        [],
        [Granted(UUID(int=1), Direction.IN, 0.0)],
        [Granted(UUID(int=1), Direction.IN, 0.0), PassageStarted(Direction.IN, 0.5)],
    ]
    for prepare in ways:
        gate = Gate(Timing())
        for event in prepare:
            gate.handle(event)
        commands = gate.handle(FireAlarm())
        assert gate.state is State.EMERGENCY
        assert OpenAll() in commands


def test_6_a_grant_is_on_the_disk_before_the_turnstile_is_told_to_open(tmp_path: Path) -> None:
    with Outbox(tmp_path / "outbox.db") as outbox:
        written = journal(tmp_path, outbox)
        turnstile = Recorder(tmp_path / "outbox.db")
        lane = Lane(Gate(Timing()), turnstile, NoInputs(), written, Direction.IN)
        lane.release(written.grant(GRANT, Direction.IN, Method.FACE), Direction.IN)
        assert turnstile.held_at_release == [1]


def test_6_without_a_durable_grant_nothing_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.outbox._BUSY_SECONDS", 0.05)
    with Outbox(tmp_path / "outbox.db") as outbox:
        written = journal(tmp_path, outbox)
        holder = sqlite3.connect(tmp_path / "outbox.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(OutboxError):
            written.grant(GRANT, Direction.IN, Method.FACE)
        holder.close()


def test_7_a_child_without_consent_can_be_on_the_roster_and_is_never_stored_as_a_face(vault: Vault) -> None:
    vault.roster.put(child(), [guardian()])
    with pytest.raises(ConsentRequired):
        vault.templates.add(child_id(1), "none", ENGINE, [unit_vector(1)], NOW)
    assert vault.roster.all() == [child_id(1)]
    assert vault.templates.count(child_id(1)) == 0


def test_7_a_child_without_consent_holds_a_pass_and_a_card_until_it_leaves(vault: Vault) -> None:
    """Neither asks for a consent, neither ends with one, and both are gone with the child."""
    vault.roster.put(child(), [guardian()])
    enrolled(vault, 2)
    school, gate = Slug("school-7"), CredentialCheck(vault, Slug("school-7"))
    shown: list[QrShown | CardShown] = []
    for number in (1, 2):
        holder = Holder(HolderKind.CHILD, child_id(number))
        held = vault.credentials.issue_pass(holder, NOW + timedelta(days=300), NOW)
        vault.credentials.add_card(holder, bytes([number]), NOW)
        shown += [
            QrShown("camera", vault.credentials.pass_text(held, school)),
            CardShown("desk", bytes([number])),
        ]
    vault.withdraw(child_id(2), NOW)
    holders = [gate.check(each, 0.0, NOW) for each in shown]
    assert [each.id for each in holders if isinstance(each, Holder)] == [
        child_id(1), child_id(1), child_id(2), child_id(2),
    ]  # fmt: skip
    for number in (1, 2):
        vault.erase(child_id(number), NOW)
    assert {gate.check(each, 10.0, NOW) for each in shown} == {Refusal.UNKNOWN}
    with closing(sqlite3.connect(vault.path)) as raw:
        assert raw.execute("SELECT count(*) FROM credential").fetchone() == (0,)


def test_7_neither_a_cards_number_nor_a_visitors_label_stands_in_the_vault(vault: Vault) -> None:
    vault.roster.put(child(), [])
    vault.credentials.add_card(Holder(HolderKind.CHILD, child_id(1)), b"card-4711", NOW)
    visitor = vault.visitors.add("Saule from the bank", NOW + timedelta(hours=1))
    vault.credentials.issue_pass(visitor.holder, visitor.ends, NOW)
    on_disk = b"".join(file.read_bytes() for file in vault.path.parent.glob("vault.db*"))
    for secret in (b"card-4711", sha256(b"card-4711").digest(), b"Saule"):
        assert secret not in on_disk


def test_8_every_decision_has_a_reason_and_lands_in_the_trail_without_personal_data(tmp_path: Path) -> None:
    with Outbox(tmp_path / "outbox.db") as outbox:
        written = journal(tmp_path, outbox)
        written.grant(GRANT, Direction.IN, Method.FACE)
        for reason in Reason:
            written.refuse(Decision(Outcome.REFUSE, reason), Direction.IN, Method.FACE)
    lines = (tmp_path / "audit.jsonl").read_text().splitlines()
    assert len(lines) == 1 + len(Reason)
    assert all(f'"reason":"{reason.value}"' in line for reason, line in zip(Reason, lines[1:], strict=True))
    assert verify(tmp_path / "audit.jsonl", KEY).records == len(lines)
    for secret in ("Aisha", "S-1", "Saule", "score"):
        assert secret not in "".join(lines)


def test_importing_edge_loads_no_network_library() -> None:
    """The library that knows biometrics cannot talk to anyone: not even through what it imports."""
    code = (
        "import importlib, pkgutil, sys, edge\n"
        "for module in pkgutil.walk_packages(edge.__path__, 'edge.'):\n"
        "    importlib.import_module(module.name)\n"
        # The standard library's e-mail parser, which reads package metadata, loads `socket` for host names.
        "held = {name for name, module in list(sys.modules.items()) if name.startswith('edge')\n"
        "    for value in vars(module).values() if getattr(value, '__name__', '') in ('socket', '_socket')}\n"
        "network = held | {'ssl', 'asyncio', 'http.client', 'urllib.request', 'requests', 'urllib3',\n"
        "    'httpx', 'paho', 'fastapi', 'smtplib', 'ftplib', 'socketserver'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(network)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


def test_time_without_a_zone_never_reaches_a_consent() -> None:
    with pytest.raises(ValueError, match="time zone"):
        consent(given_at=datetime(2026, 1, 1))
