"""Trends are sealed with the child's key, end with the templates they are of, and are all it can write."""

import os
import resource
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from edge.domain.ids import ChildId
from edge.errors import Tampered, VaultBusy, VaultError
from edge.match.trend import Proposal
from edge.vault.database import connect_for
from edge.vault.keys import FileKey, write_new_key
from edge.vault.schema import MIGRATIONS
from edge.vault.trends import TrendWriter, trends_only
from edge.vault.vault import Vault
from tests.builders import ENGINE, NOW, child_id, consent, enrolled, unit_vector

BAR = 0.55
FALLING = [0.95] * 100 + [0.80] * 40


@pytest.fixture
def gate(vault: Vault, key: FileKey) -> Iterator[Vault]:
    """The gate's view of a vault in which children 1 and 2 are enrolled."""
    enrolled(vault, 1)
    enrolled(vault, 2)
    with Vault.open(vault.path, key, now=NOW) as opened:
        yield opened


@pytest.fixture
def writer(gate: Vault) -> TrendWriter:
    ready = gate.trend_writer()
    ready.write(ENGINE, {}, BAR)
    return ready


def rows(vault: Vault) -> dict[str, bytes]:
    with closing(sqlite3.connect(vault.path)) as raw:
        return dict(raw.execute("SELECT child, sealed FROM trend").fetchall())


@contextmanager
def raw_vault(vault: Vault) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(vault.path, isolation_level=None)) as raw:
        raw.execute("PRAGMA foreign_keys = ON")
        yield raw


def test_what_the_gate_notices_staff_can_read(vault: Vault, writer: TrendWriter) -> None:
    writer.write(ENGINE, {child_id(1): FALLING, child_id(2): [0.9] * 60}, BAR)
    assert vault.trends.proposals() == {child_id(1): Proposal.SUNK}


def test_a_trend_goes_on_from_one_write_to_the_next(vault: Vault, writer: TrendWriter) -> None:
    for score in FALLING:
        writer.write(ENGINE, {child_id(1): [score]}, BAR)
    assert vault.trends.proposals() == {child_id(1): Proposal.SUNK}
    assert len(rows(vault)) == 1


def test_a_stored_trend_shows_nothing_not_even_how_long_it_is(vault: Vault, writer: TrendWriter) -> None:
    writer.write(ENGINE, {child_id(1): FALLING, child_id(2): [0.9]}, BAR)
    one, two = rows(vault).values()
    assert len(one) == len(two)
    assert one[12:30] != two[12:30]


def test_trends_never_rebuild_the_gallery(gate: Vault, writer: TrendWriter) -> None:
    before = gate.generation()
    writer.write(ENGINE, {child_id(1): FALLING}, BAR)
    writer.write(ENGINE, {child_id(1): FALLING}, BAR)
    assert gate.generation() == before


def test_withdrawal_takes_the_trend_and_every_trace_of_it(vault: Vault, writer: TrendWriter) -> None:
    writer.write(ENGINE, {child_id(1): FALLING, child_id(2): [0.9]}, BAR)
    (sealed, kept) = (rows(vault)[child_id(number).value] for number in (1, 2))
    vault.withdraw(child_id(1), NOW)
    assert rows(vault) == {child_id(2).value: kept}
    on_disk = b"".join(file.read_bytes() for file in vault.path.parent.glob("vault.db*"))
    assert sealed not in on_disk
    assert kept in on_disk


def test_the_rule_holds_below_the_code(vault: Vault, writer: TrendWriter) -> None:
    """A consent that ends in raw SQL takes the trend along, and none can be put in its place."""
    writer.write(ENGINE, {child_id(1): FALLING, child_id(2): FALLING}, BAR)
    with raw_vault(vault) as raw:
        at = "2026-09-01T03:00:00.000000Z"
        raw.execute("UPDATE consent SET withdrawn_at = ? WHERE child = ?", [at, child_id(1).value])
        assert set(rows(vault)) == {child_id(2).value}
        with pytest.raises(sqlite3.IntegrityError, match="no template stands behind"):
            raw.execute("INSERT INTO trend VALUES (?, ?, x'00')", [child_id(1).value, ENGINE])
        raw.execute("DELETE FROM child WHERE id = ?", [child_id(2).value])
    assert rows(vault) == {}


def test_erasing_a_child_takes_its_trend(vault: Vault, writer: TrendWriter) -> None:
    writer.write(ENGINE, {child_id(1): FALLING, child_id(2): [0.9]}, BAR)
    vault.erase(child_id(1), NOW)
    assert set(rows(vault)) == {child_id(2).value}


def test_a_consent_that_runs_out_takes_the_trend(vault: Vault, writer: TrendWriter, key: FileKey) -> None:
    writer.write(ENGINE, {child_id(1): FALLING}, BAR)
    Vault.open(vault.path, key, now=NOW + timedelta(days=301), writable=True).close()
    assert rows(vault) == {}


def test_a_new_enrolment_begins_a_new_trend(vault: Vault, writer: TrendWriter) -> None:
    writer.write(ENGINE, {child_id(1): FALLING, child_id(2): FALLING}, BAR)
    vault.templates.add(child_id(1), "c-1", ENGINE, [unit_vector(3)], NOW)
    assert vault.trends.proposals() == {child_id(2): Proposal.SUNK}


def test_scores_from_before_a_new_enrolment_do_not_begin_the_new_trend(
    vault: Vault, writer: TrendWriter
) -> None:
    """They wait in the gate's memory while the child is enrolled anew, or its consent withdrawn."""
    vault.templates.add(child_id(1), "c-1", ENGINE, [unit_vector(3)], NOW)
    writer.write(ENGINE, {child_id(1): FALLING}, BAR)
    assert rows(vault) == {}
    writer.write(ENGINE, {child_id(1): [0.9]}, BAR)
    assert set(rows(vault)) == {child_id(1).value}


def test_a_child_without_templates_of_the_engine_gets_no_trend(vault: Vault, writer: TrendWriter) -> None:
    writer.write("another-engine", {child_id(1): FALLING}, BAR)
    writer.write(ENGINE, {ChildId("0" * 32): FALLING}, BAR)
    assert rows(vault) == {}


def test_a_changed_or_moved_trend_is_tampering(vault: Vault, writer: TrendWriter) -> None:
    writer.write(ENGINE, {child_id(1): FALLING, child_id(2): FALLING}, BAR)
    with raw_vault(vault) as raw:
        one, two = (rows(vault)[child_id(number).value] for number in (1, 2))
        for false in (two, one[:-1] + bytes([one[-1] ^ 1])):
            raw.execute("UPDATE trend SET sealed = ? WHERE child = ?", [false, child_id(1).value])
            with pytest.raises(Tampered):
                vault.trends.proposals()
            with pytest.raises(Tampered):
                writer.write(ENGINE, {child_id(1): [0.9]}, BAR)


def test_trends_outlive_a_change_of_the_device_key(
    vault: Vault, gate: Vault, writer: TrendWriter, key: FileKey, tmp_path: Path
) -> None:
    writer.write(ENGINE, {child_id(1): FALLING[:120]}, BAR)
    write_new_key(tmp_path / "next.key")
    vault.rekey(FileKey(provider="file", key_file=tmp_path / "next.key"))
    (tmp_path / "next.key").replace(key.key_file)
    writer.write(ENGINE, {}, BAR)
    gate.follow_key()
    writer.write(ENGINE, {child_id(1): FALLING[120:]}, BAR)
    assert vault.trends.proposals() == gate.trends.proposals() == {child_id(1): Proposal.SUNK}


def test_a_busy_vault_refuses_at_once_and_takes_the_scores_later(
    vault: Vault, writer: TrendWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gate that waited as staff at the kiosk do would find the vault free before long, and write."""
    monkeypatch.setattr("edge.vault.database._BUSY_SECONDS", 20.0)
    refused = threading.Event()
    with closing(sqlite3.connect(vault.path, isolation_level=None, check_same_thread=False)) as holder:
        holder.execute("BEGIN IMMEDIATE")

        def let_go() -> None:
            refused.wait(5.0)
            holder.execute("ROLLBACK")

        kiosk = threading.Thread(target=let_go)
        kiosk.start()
        try:
            with pytest.raises(VaultBusy):
                writer.write(ENGINE, {child_id(1): FALLING}, BAR)
        finally:
            refused.set()
            kiosk.join()
    writer.write(ENGINE, {child_id(1): FALLING}, BAR)
    assert vault.trends.proposals() == {child_id(1): Proposal.SUNK}


def test_a_full_disk_refuses_and_leaves_the_vault_whole(vault: Vault, writer: TrendWriter) -> None:
    writer.write(ENGINE, {child_id(1): [0.9]}, BAR)
    before = rows(vault)
    with no_file_may_grow_beyond(os.path.getsize(f"{vault.path}-wal")), pytest.raises(VaultError):
        writer.write(ENGINE, {child_id(1): FALLING, child_id(2): FALLING}, BAR)
    assert rows(vault) == before
    writer.write(ENGINE, {child_id(2): FALLING}, BAR)
    assert vault.trends.proposals() == {child_id(2): Proposal.SUNK}


def test_a_vault_that_is_gone_or_may_not_be_written_is_an_error_of_the_vault(
    vault: Vault, writer: TrendWriter
) -> None:
    with raw_vault(vault) as raw:
        raw.execute("ALTER TABLE generation RENAME TO gone")
    with pytest.raises(VaultError):
        writer.write(ENGINE, {child_id(1): FALLING}, BAR)
    vault.path.rename(vault.path.with_name("elsewhere.db"))
    with pytest.raises(VaultError, match="there is no vault"):
        writer.write(ENGINE, {child_id(1): FALLING}, BAR)
    assert not vault.path.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO template VALUES ('t', 'c', 'c-1', 'e', '2026', x'00')",
        "INSERT INTO consent SELECT * FROM consent",
        "INSERT INTO child VALUES ('c', x'00', x'00')",
        "UPDATE consent SET withdrawn_at = NULL",
        "UPDATE child SET wrapped_key = x'00'",
        "UPDATE generation SET value = value + 1",
        "UPDATE meta SET value = x'00'",
        "DELETE FROM template",
        "DELETE FROM child",
        "DELETE FROM trend",
        "DELETE FROM look_alike",
        "DROP TRIGGER trend_needs_template",
        "DROP TABLE trend",
        "CREATE TABLE t (x)",
        "CREATE TEMP TRIGGER t AFTER INSERT ON trend BEGIN DELETE FROM template; END",
        "ALTER TABLE trend ADD COLUMN x",
        "ATTACH ':memory:' AS other",
        "PRAGMA writable_schema = ON",
        "PRAGMA foreign_keys = OFF",
        "SELECT sealed FROM template",
        "SELECT sealed FROM child",
        "SELECT * FROM consent",
        "SELECT value FROM meta",
        "VACUUM",
    ],
)
def test_the_gates_writing_connection_can_do_nothing_else(gate: Vault, statement: str) -> None:
    with closing(connect_for(gate.path, trends_only)) as db:
        with pytest.raises(sqlite3.DatabaseError, match=r"not authorized|prohibited|denied"):
            db.conn.execute(statement)
        assert not db.conn.in_transaction


def test_an_older_vault_gets_its_table_when_staff_open_it_and_keeps_what_it_holds(
    vault: Vault, key: FileKey
) -> None:
    enrolled(vault, 1)
    with raw_vault(vault) as raw:
        raw.execute("DROP TABLE trend")
        raw.execute("DROP INDEX template_by_child")
        for trigger in ("template_in_ends_trend", "template_out_ends_trend"):
            raw.execute(f"DROP TRIGGER {trigger}")
        raw.execute("DELETE FROM _sqlite_migrations WHERE name = 'm003_trends'")
    with pytest.raises(VaultError, match="older version"):
        Vault.open(vault.path, key, now=NOW)
    with Vault.open(vault.path, key, now=NOW, writable=True) as staffs:
        assert not MIGRATIONS.pending(staffs._db)
        assert len(staffs.templates.live(ENGINE, NOW)) == 2
        assert staffs.consents.of(child_id(1)) == [consent()]
        writer = staffs.trend_writer()
        writer.write(ENGINE, {}, BAR)
        writer.write(ENGINE, {child_id(1): FALLING}, BAR)
        assert staffs.trends.proposals() == {child_id(1): Proposal.SUNK}


@contextmanager
def no_file_may_grow_beyond(size: int) -> Iterator[None]:
    """A disk that takes no more, as far as this process can tell (setrlimit(2), RLIMIT_FSIZE)."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
