"""Staff in the vault: they answer for themselves, children never do, and PINs are theirs alone."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlite_utils import Database

from edge.credentials.check import CardShown, CredentialCheck
from edge.credentials.pin import matches
from edge.domain.credentials import Holder, HolderKind
from edge.domain.ids import Slug
from edge.domain.people import Role, answering_for_oneself, is_adult
from edge.errors import Tampered, VaultError
from edge.vault.schema import MIGRATIONS
from edge.vault.vault import Vault
from tests.builders import (
    ENGINE,
    NOW,
    child,
    child_id,
    consent,
    guardian,
    member,
    member_id,
    put_member,
    unit_vector,
)

PIN = "482915"


def raw(vault: Vault) -> "closing[sqlite3.Connection]":
    connection = sqlite3.connect(vault.path, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    return closing(connection)


def test_staff_come_back_as_staff_and_pupils_as_pupils(vault: Vault) -> None:
    vault.roster.put(child(), [guardian()])
    put_member(vault)
    assert vault.roster.child(child_id(1)) == child()
    assert vault.roster.child(member_id()) == member()
    (own,) = vault.roster.guardians(member_id())
    assert own.is_the_child
    assert not vault.roster.guardians(child_id(1))[0].is_the_child


def test_a_child_never_answers_for_itself(vault: Vault) -> None:
    """Neither through the roster nor by hand: the schema itself refuses such a guardian."""
    with pytest.raises(VaultError, match="pupils never do"):
        vault.roster.put(child(), [answering_for_oneself(child())])
    assert vault.roster.all() == []
    vault.roster.put(child(), [guardian()])
    own = child_id(1).value
    with raw(vault) as sql:
        with pytest.raises(sqlite3.IntegrityError, match="pupils never do"):
            sql.execute("INSERT INTO guardian VALUES (?, ?, x'00')", [own, own])
        with pytest.raises(sqlite3.IntegrityError, match="does not become another"):
            sql.execute("UPDATE guardian SET id = child")
        with pytest.raises(sqlite3.IntegrityError, match="nor staff a pupil"):
            sql.execute("UPDATE child SET role = 'staff'")


def test_nobody_else_answers_for_staff(vault: Vault) -> None:
    put_member(vault)
    with pytest.raises(VaultError, match="staff answer for themselves"):
        vault.roster.put(member(), [replace(guardian(), child=member_id())])


@pytest.mark.parametrize("first", [Role.PUPIL, Role.STAFF])
def test_a_role_never_changes(vault: Vault, first: Role) -> None:
    """Else a pupil's consents would count for a grown-up of that number, or the other way round."""
    pupil, staff = child(), replace(child(), role=Role.STAFF)
    was, becomes = (pupil, staff) if first is Role.PUPIL else (staff, pupil)
    vault.roster.put(was, [])
    with pytest.raises(VaultError, match="nor staff a pupil"):
        vault.roster.put(becomes, [])
    assert vault.roster.child(child_id(1)) == was


def test_a_face_of_staff_is_stored_under_their_own_consent_only(vault: Vault) -> None:
    put_member(vault)
    own = consent(1, id="c-T", child=member_id(), guardian_id=member_id().value)
    vault.consents.add(own)
    vault.templates.add(member_id(), "c-T", ENGINE, [unit_vector(1)], NOW)
    assert [each.consent.child for each in vault.templates.live(ENGINE, NOW)] == [member_id()]
    vault.withdraw(member_id(), NOW)
    assert vault.templates.live(ENGINE, NOW) == []


def test_staff_hold_cards_like_everybody(vault: Vault) -> None:
    put_member(vault)
    vault.credentials.add_card(Holder(HolderKind.CHILD, member_id()), b"card", NOW)
    answer = CredentialCheck(vault, Slug("school-7")).check(CardShown("front", b"card"), 0.0, NOW)
    assert answer == Holder(HolderKind.CHILD, member_id())


def test_a_pin_is_staffs_and_replaced_and_revoked(vault: Vault) -> None:
    put_member(vault, pin="271828")
    put_member(vault, 2)
    vault.roster.put(child(), [guardian()])
    put_member(vault, pin=PIN)
    hashed = vault.pins.hash_of(member_id())
    assert hashed is not None
    assert matches(PIN, hashed)
    assert vault.pins.hash_of(member_id(2)) is None
    assert vault.pins.holders() == {member_id()}
    with pytest.raises(VaultError, match="only staff have PINs"):
        vault.pins.put(child_id(1), hashed)
    assert vault.pins.revoke(member_id())
    assert not vault.pins.revoke(member_id())
    assert vault.pins.hash_of(member_id()) is None


def test_a_pin_outlives_a_withdrawn_consent_under_the_new_key_and_ends_with_its_member(vault: Vault) -> None:
    put_member(vault, pin=PIN)
    before = vault.pins.hash_of(member_id())
    with raw(vault) as sql:
        sealed = sql.execute("SELECT sealed FROM staff_pin").fetchone()
        vault.withdraw(member_id(), NOW + timedelta(minutes=1))
        assert sql.execute("SELECT sealed FROM staff_pin").fetchone() != sealed
        assert vault.pins.hash_of(member_id()) == before
        vault.erase(member_id(), NOW + timedelta(minutes=2))
        assert sql.execute("SELECT count(*) FROM staff_pin").fetchone() == (0,)


def test_a_pins_hash_is_no_ones_to_read_and_no_ones_to_move(vault: Vault) -> None:
    """Six digits are guessed in hours from a bare hash; and nobody gives a member the PIN that he knows."""
    put_member(vault, pin=PIN)
    put_member(vault, 2, pin="271828")
    on_disk = b"".join(file.read_bytes() for file in vault.path.parent.glob("vault.db*"))
    assert b"argon2" not in on_disk
    with raw(vault) as sql:
        sql.execute(
            "UPDATE staff_pin SET sealed = (SELECT sealed FROM staff_pin WHERE child = ?)",
            [member_id(2).value],
        )
    with pytest.raises(Tampered):
        vault.pins.hash_of(member_id())


def test_whoever_was_on_the_roster_before_there_were_staff_is_a_pupil() -> None:
    db = Database(memory=True)
    MIGRATIONS.apply(db, stop_before="m005_staff")
    db.conn.execute("INSERT INTO child VALUES (?, x'00', x'00')", ["a" * 32])
    MIGRATIONS.apply(db)
    assert db.conn.execute("SELECT role FROM child").fetchone() == ("pupil",)
    db.close()


@pytest.mark.parametrize(
    ("born", "adult"),
    [
        (date(2008, 9, 1), True),
        (date(2008, 9, 2), False),
        (date(2008, 2, 29), True),
        (date(1980, 1, 1), True),
    ],
)
def test_who_is_18_on_the_day(born: date, adult: bool) -> None:
    assert is_adult(born, date(2026, 9, 1)) is adult
