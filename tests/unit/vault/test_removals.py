"""A guardian who was removed counts for nothing any more, even where the code above the vault is wrong."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from sqlite_utils import Database

from edge.domain.blocks import Asker, Objection, Restriction
from edge.domain.ids import ChildId
from edge.domain.removal import Removal, RemovalReason
from edge.domain.requests import Request, Right, Way
from edge.errors import VaultError
from edge.match.live import LiveGallery
from edge.policy.standing import Block, standing
from edge.vault.keys import FileKey
from edge.vault.schema import MIGRATIONS
from edge.vault.vault import Vault
from edge.vision.face import Metric
from tests.builders import (
    DIMENSION,
    ENGINE,
    NOW,
    STRICT,
    child,
    child_id,
    consent,
    enrolled,
    guardian,
    member_id,
    put_member,
    unit_vector,
)

LATER = NOW + timedelta(days=1)


def removal(number: int = 1, guardian_id: str | None = None, of: ChildId | None = None) -> Removal:
    id_ = guardian_id or f"g-{number}"
    return Removal(id_, of or child_id(number), LATER, RemovalReason.RIGHTS_ENDED, "aigul", id_)


@pytest.fixture
def raw(vault: Vault) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(vault.path, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        yield connection


def test_a_removed_guardian_says_nothing_for_the_child_any_more(
    vault: Vault, raw: sqlite3.Connection
) -> None:
    enrolled(vault)
    vault.remove_guardian([removal()])
    asked = Request("r-1", child_id(1), Right.ACCESS, Asker.GUARDIAN, "g-1", Way.LETTER, LATER)
    for said in (
        lambda: vault.consents.add(consent(id="c-9", given_at=LATER)),
        lambda: vault.object(Objection("o-1", child_id(1), "g-1", LATER)),
        lambda: vault.requests.open(asked),
        lambda: vault.roster.put(child(), [guardian()]),
    ):
        with pytest.raises(VaultError, match="removed"):
            said()
    for statement in (
        "UPDATE guardian SET sealed = x'01'",
        "UPDATE removal SET reason = 'own_wish'",
        "UPDATE consent SET withdrawn_at = NULL",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            raw.execute(statement)
    assert vault.roster.guardians(child_id(1)) == []


def test_even_a_bare_row_empties_the_entry_and_ends_the_consent(
    vault: Vault, raw: sqlite3.Connection
) -> None:
    enrolled(vault)
    raw.execute(
        "INSERT INTO removal VALUES ('g-1', ?, '2026-09-02T03:00:00.000000Z', 'own_wish', 'aigul', 'g-1')",
        [child_id(1).value],
    )
    assert raw.execute("SELECT sealed FROM guardian").fetchall() == [(b"",)]
    assert raw.execute("SELECT count(*) FROM template").fetchone() == (0,)
    assert vault.consents.live(LATER) == []


def test_a_running_gate_forgets_the_child_before_its_next_decision(vault: Vault, key: FileKey) -> None:
    enrolled(vault)
    with Vault.open(vault.path, key, now=NOW) as gate:
        live = LiveGallery(gate, ENGINE, DIMENSION, Metric.COSINE)
        assert live.close_to(unit_vector(1), STRICT, NOW) == [child_id(1)]
        vault.remove_guardian([removal()])
        assert live.close_to(unit_vector(1), STRICT, LATER) == []


def test_templates_of_before_open_under_the_other_guardians_consent(vault: Vault) -> None:
    enrolled(vault)
    vault.roster.put(child(), [guardian(id="g-2")])
    vault.consents.add(consent(id="c-2", guardian_id="g-2"))
    vault.remove_guardian([removal()])
    held = vault.templates.live(ENGINE, LATER)
    assert [each.consent.id for each in held] == ["c-2", "c-2"]
    assert [each.withdrawn_at for each in vault.consents.of(child_id(1))] == [LATER, None]


def test_while_somebody_checks_the_data_nothing_goes_on_under_another_consent(vault: Vault) -> None:
    enrolled(vault)
    vault.roster.put(child(), [guardian(id="g-2")])
    vault.consents.add(consent(id="c-2", guardian_id="g-2"))
    vault.blocks.restrict(Restriction("r-1", child_id(1), Asker.GUARDIAN, NOW))
    (done,) = vault.remove_guardian([removal()])
    assert done.templates == 2
    assert vault.templates.count(child_id(1)) == 0


def test_an_objection_outlives_whoever_raised_it(vault: Vault) -> None:
    enrolled(vault)
    vault.object(Objection("o-1", child_id(1), "g-1", NOW))
    vault.remove_guardian([removal()])
    (kept,) = vault.blocks.objections(child_id(1))
    assert (kept.guardian_id, kept.lifted_at) == ("g-1", None)
    assert standing(vault.history(child_id(1)), LATER).block is Block.GUARDIAN_OBJECTS


def test_all_children_or_none(vault: Vault) -> None:
    """One transaction: nobody is removed from the first because the second was a mistake."""
    enrolled(vault, 1)
    enrolled(vault, 2)
    with pytest.raises(VaultError):
        vault.remove_guardian([removal(1), removal(2, "g-7")])
    assert len(vault.templates.live(ENGINE, NOW)) == 4
    assert vault.roster.guardians(child_id(1)) == [guardian()]
    assert [each.child for each in vault.remove_guardian([removal(1), removal(2)])] == [
        child_id(1),
        child_id(2),
    ]
    assert vault.templates.live(ENGINE, LATER) == []


def test_what_was_held_of_a_removed_guardian_is_in_no_file(vault: Vault) -> None:
    """Not the sealed bytes either, in the database, its log or a page that is free."""
    for number in (1, 2, 3):
        enrolled(vault, number)
    with closing(sqlite3.connect(vault.path)) as look:
        (sealed,) = look.execute("SELECT sealed FROM guardian WHERE id = 'g-1'").fetchone()
    assert sealed in vault.path.read_bytes() + vault.path.with_name(f"{vault.path.name}-wal").read_bytes()
    vault.remove_guardian([removal()])
    for file in vault.path.parent.iterdir():
        for part in (sealed[:16], sealed[-16:]):
            assert part not in file.read_bytes(), file


def test_staff_answer_for_themselves_and_are_not_removed(vault: Vault) -> None:
    put_member(vault)
    with pytest.raises(VaultError, match="staff answer for themselves"):
        vault.remove_guardian([removal(1, member_id().value, member_id())])


def test_a_vault_of_before_keeps_its_list_of_erasures(tmp_path_factory: pytest.TempPathFactory) -> None:
    db = Database(sqlite3.connect(tmp_path_factory.mktemp("old") / "vault.db", isolation_level=None))
    MIGRATIONS.apply(db, stop_before="m014_removals")
    db.conn.execute(
        "INSERT INTO erasure (number, pseudonym, reason, at, destroyed, consents_ended)"
        f" VALUES (7, '{'a' * 32}', 'erasure', '2026-09-01', '{{}}', 2)"
    )
    db.conn.execute("UPDATE erasure SET gone_at = '2026-09-02', receipt = x'01'")
    before = db.conn.execute("SELECT * FROM erasure").fetchall()
    MIGRATIONS.apply(db)
    assert db.conn.execute("SELECT * FROM erasure").fetchall() == before
    for statement in ("DELETE FROM erasure", "UPDATE erasure SET receipt = x'02'"):
        with pytest.raises(sqlite3.IntegrityError, match="erasure: "):
            db.conn.execute(statement)
    db.close()
