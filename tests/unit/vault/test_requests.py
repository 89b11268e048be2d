"""The register in the vault: nothing in it is lost or rewritten, and an erasure leaves no person in it."""

import sqlite3
from datetime import timedelta

import pytest

from edge.domain.blocks import Asker, Objection
from edge.domain.people import Guardian
from edge.domain.requests import Outcome, Request, Right, Way
from edge.errors import VaultError
from edge.vault.vault import Vault
from tests.builders import NOW, child, child_id, enrolled, guardian, member_id, put_member

SAID = "Марат says the photograph is not hers"
ANSWER = "It was looked at"


def asked(id_: str = "r-1", guardian_id: str | None = "g-1", right: Right = Right.COMPLAINT) -> Request:
    asker = Asker.GUARDIAN if guardian_id else Asker.CHILD
    return Request(id_, child_id(1), right, asker, guardian_id, Way.LETTER, NOW, SAID)


def test_a_request_comes_back_as_it_was_and_its_text_is_sealed(vault: Vault) -> None:
    enrolled(vault)
    vault.requests.open(asked())
    assert vault.requests.get("r-1") == asked()
    assert vault.requests.of(child_id(1)) == [asked()]
    held = vault.path.read_bytes() + vault.path.with_name("vault.db-wal").read_bytes()
    assert SAID.encode() not in held
    assert b"Marat" not in held


def test_a_closed_request_keeps_its_answer_and_is_closed_once(vault: Vault) -> None:
    enrolled(vault)
    vault.requests.open(asked())
    closed = vault.requests.close("r-1", Outcome.REFUSED, NOW + timedelta(days=1), ANSWER)
    assert (closed.text, closed.answer, closed.outcome) == (SAID, ANSWER, Outcome.REFUSED)
    assert vault.requests.still_open() == []
    with pytest.raises(VaultError, match="closed already"):
        vault.requests.close("r-1", Outcome.DONE, NOW)


@pytest.mark.parametrize("why", ["withdrawal", "objection"])
def test_texts_survive_the_new_key_that_a_no_brings(vault: Vault, why: str) -> None:
    """Else the school could not read any more what it has to answer."""
    enrolled(vault)
    vault.requests.open(asked())
    if why == "withdrawal":
        vault.withdraw(child_id(1), NOW)
    else:
        vault.object(Objection("o-1", child_id(1), None, NOW))
    assert vault.requests.get("r-1").text == SAID


def test_a_member_of_staff_who_objects_keeps_the_pin(vault: Vault) -> None:
    """The PIN was sealed under the old key: it would have been lost, and the gate would answer 'tampered'."""
    put_member(vault, pin="482915")
    before = vault.pins.hash_of(member_id())
    vault.object(Objection("o-1", member_id(), None, NOW))
    assert vault.pins.hash_of(member_id()) == before


@pytest.mark.parametrize("closed_before", [True, False])
def test_an_erasure_leaves_only_that_somebody_asked_and_was_answered(
    vault: Vault, closed_before: bool
) -> None:
    enrolled(vault)
    vault.requests.open(asked("r-1", right=Right.ERASURE))
    if closed_before:
        vault.requests.close("r-1", Outcome.DONE, NOW)
    vault.erase(child_id(1), NOW)
    if not closed_before:
        vault.requests.close("r-1", Outcome.DONE, NOW, "no answer is kept")
    left = vault.requests.get("r-1")
    assert left == Request(
        "r-1", None, Right.ERASURE, Asker.GUARDIAN, None, Way.LETTER, NOW, "", NOW, Outcome.DONE
    )
    raw = sqlite3.connect(vault.path)
    (row,) = raw.execute("SELECT * FROM request").fetchall()
    raw.close()
    assert child_id(1).value not in row
    assert row[-1] is None


def test_a_child_that_comes_back_does_not_get_the_old_requests(vault: Vault) -> None:
    enrolled(vault)
    vault.requests.open(asked())
    vault.erase(child_id(1), NOW)
    vault.roster.put(child(1), [guardian(1)])
    assert vault.requests.of(child_id(1)) == []


def test_only_a_guardian_of_this_child_asks(vault: Vault) -> None:
    enrolled(vault, 1)
    enrolled(vault, 2)
    with pytest.raises(VaultError, match="not on the roster as a guardian"):
        vault.requests.open(asked(guardian_id="g-2"))


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM request",
        "UPDATE request SET received_at = '2027-01-01T00:00:00.000000Z'",
        "UPDATE request SET \"right\" = 'access'",
        "UPDATE request SET guardian = 'g-9'",
        "UPDATE request SET closed_at = NULL, outcome = NULL",
        "UPDATE request SET outcome = 'refused'",
    ],
)
def test_the_register_cannot_be_rewritten(vault: Vault, change: str) -> None:
    """Not even by code that goes past `Requests`: a late answer would look like one in time."""
    enrolled(vault)
    vault.requests.open(asked())
    vault.requests.close("r-1", Outcome.DONE, NOW)
    raw = sqlite3.connect(vault.path)
    with pytest.raises(sqlite3.IntegrityError, match="request: "):
        raw.execute(change)
    raw.close()


def test_an_unknown_request_is_told(vault: Vault) -> None:
    with pytest.raises(VaultError, match="there is no request r-9"):
        vault.requests.get("r-9")
    with pytest.raises(VaultError, match="there is no request r-9"):
        vault.requests.close("r-9", Outcome.DONE, NOW)


MINE, OTHER = "150402600004", "850402400008"


def test_another_iin_of_the_same_child_is_refused_with_the_field(vault: Vault) -> None:
    """A mistyped line would turn one child into another one."""
    vault.roster.put(child(1), [guardian(1)])
    other = type(child(1))(child_id(1), "S-1", "Aisha Test1", child(1).born, "5A", OTHER)
    with pytest.raises(VaultError, match=r"^iin: another IIN"):
        vault.roster.put(other, [guardian(1)])
    known = vault.roster.child(child_id(1))
    assert known is not None
    assert known.iin == MINE
    vault.roster.rectify(other, [])
    assert vault.roster.child(child_id(1)) == other


def test_a_roster_without_iins_takes_none_away(vault: Vault) -> None:
    """Else the next file could bring any other one."""
    told = Guardian("g-1", child_id(1), "Saule Test", "mother", iin=OTHER)
    vault.roster.put(child(1), [told])
    bare = type(child(1))(child_id(1), "S-1", "Aisha Test1", child(1).born, "6A")
    vault.roster.put(bare, [Guardian("g-1", child_id(1), "Saule Test", "mother")])
    known = vault.roster.child(child_id(1))
    assert known is not None
    assert (known.iin, known.group) == (MINE, "6A")
    assert vault.roster.guardians(child_id(1)) == [told]
    with pytest.raises(VaultError, match=r"^guardian_iin: another IIN"):
        vault.roster.put(bare, [Guardian("g-1", child_id(1), "Saule Test", "mother", iin=MINE)])
