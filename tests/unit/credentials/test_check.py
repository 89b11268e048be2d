"""At the gate: whoever holds a good credential is named, whoever holds a bad one is told why."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.credentials.check import HELD_SECONDS, CardShown, CredentialCheck, QrShown
from edge.credentials.qr_pass import PREFIX, sign
from edge.domain.credentials import Refusal
from edge.domain.ids import Slug
from edge.vault.keys import FileKey, write_new_key
from edge.vault.vault import Vault
from tests.builders import NOW, child, child_id, guardian
from tests.unit.credentials.made import ENDS, LATER, SCHOOL, made, pupil

CARD = CardShown("desk", bytes.fromhex("bc614e"))
YEAR = timedelta(days=365)


@pytest.fixture
def vault(vault: Vault) -> Vault:
    for number in (1, 2):
        vault.roster.put(child(number), [guardian(number)])
    return vault


@pytest.fixture
def gate(vault: Vault) -> CredentialCheck:
    return CredentialCheck(vault, SCHOOL)


def issued(vault: Vault, number: int = 1, reader: str = "camera") -> QrShown:
    held = vault.credentials.issue_pass(pupil(number), ENDS, NOW)
    return QrShown(reader, vault.credentials.pass_text(held, SCHOOL))


def strangers_pass(number: int) -> QrShown:
    """Whole, of this school, and signed by somebody else."""
    return QrShown("camera", sign(made(issue=number), Ed25519PrivateKey.generate()))


def test_a_pass_and_a_card_name_their_holder(vault: Vault, gate: CredentialCheck) -> None:
    vault.credentials.add_card(pupil(2), CARD.number, NOW)
    assert gate.check(issued(vault), 0.0, NOW) == pupil(1)
    assert gate.check(CARD, 0.0, NOW) == pupil(2)


def test_a_reader_that_fills_up_with_zeros_reads_the_same_card(vault: Vault, gate: CredentialCheck) -> None:
    vault.credentials.add_card(pupil(), b"\0" + CARD.number, NOW)
    for zeros in range(3):
        assert gate.check(CardShown("desk", b"\0" * zeros + CARD.number), 0.0, NOW) == pupil()
    assert gate.check(CardShown("desk", b"\0"), 0.0, NOW) is Refusal.DAMAGED


def test_a_visitor_enters_until_the_end(vault: Vault, gate: CredentialCheck) -> None:
    visitor = vault.visitors.add("plumber", NOW + timedelta(hours=2))
    held = vault.credentials.issue_pass(visitor.holder, visitor.ends, NOW)
    read = QrShown("camera", vault.credentials.pass_text(held, SCHOOL))
    assert gate.check(read, 0.0, NOW) == visitor.holder
    assert gate.check(read, 7200.0, NOW + timedelta(hours=2)) is Refusal.EXPIRED


def test_before_the_first_pass_and_card_nothing_opens(gate: CredentialCheck) -> None:
    assert gate.check(strangers_pass(1), 0.0, NOW) is Refusal.WRONG_SIGNATURE
    assert gate.check(CARD, 0.0, NOW) is Refusal.UNKNOWN


def test_a_gate_started_before_the_first_pass_takes_it(vault: Vault, gate: CredentialCheck) -> None:
    gate.check(strangers_pass(1), 0.0, NOW)
    assert gate.check(issued(vault), 1.0, NOW) == pupil(1)


def revoked(vault: Vault) -> QrShown:
    read = issued(vault)
    vault.credentials.revoke(child_id(1), NOW)
    return read


refusals: dict[Refusal, Callable[[Vault], QrShown | CardShown]] = {
    Refusal.NOT_A_PASS: lambda _: QrShown("camera", "https://school.example"),
    Refusal.OTHER_VERSION: lambda _: QrShown("camera", "QQ9:ABC"),
    Refusal.DAMAGED: lambda _: CardShown("desk", b""),
    Refusal.OTHER_SCHOOL: lambda _: QrShown(
        "camera", sign(made(school=Slug("school-8")), Ed25519PrivateKey.generate())
    ),
    Refusal.WRONG_SIGNATURE: lambda _: strangers_pass(1),
    Refusal.UNKNOWN: lambda _: CardShown("desk", b"\x04\x04"),
    Refusal.REVOKED: revoked,
    Refusal.REPLACED: lambda vault: (issued(vault), issued(vault))[0],
}


@pytest.mark.parametrize("refusal", refusals)
def test_each_refusal_is_told(vault: Vault, gate: CredentialCheck, refusal: Refusal) -> None:
    read = refusals[refusal](vault)
    issued(vault, 2)
    assert gate.check(read, 0.0, NOW) is refusal


def test_a_child_that_left_is_unknown_at_once(vault: Vault, gate: CredentialCheck) -> None:
    read = issued(vault)
    assert gate.check(read, 0.0, NOW) == pupil(1)
    vault.erase(child_id(1), NOW)
    assert gate.check(read, 1.0, NOW) is Refusal.UNKNOWN


def test_a_clock_set_back_a_year_makes_nothing_valid_again(vault: Vault, gate: CredentialCheck) -> None:
    read = issued(vault)
    assert gate.check(read, 0.0, LATER) is Refusal.EXPIRED
    assert gate.check(read, 10.0, LATER - YEAR) is Refusal.CLOCK_SET_BACK
    assert gate.check(read, 20.0, LATER) is Refusal.EXPIRED


def test_after_a_restart_the_vault_still_knows_how_late_it_was(vault: Vault) -> None:
    read = issued(vault)
    vault.credentials.issue_pass(pupil(2), ENDS + YEAR, LATER)
    fresh = CredentialCheck(vault, SCHOOL)
    assert fresh.check(read, 0.0, LATER - YEAR) is Refusal.CLOCK_SET_BACK


def bus_card(number: int) -> CardShown:
    """A card that nobody here was given."""
    return CardShown("desk", b"bus" + number.to_bytes(2))


def test_a_wallet_full_of_bus_cards_locks_nobody_out(vault: Vault, gate: CredentialCheck) -> None:
    """Every morning some hold their whole wallet to the reader, or a transit card first."""
    vault.credentials.add_card(pupil(1), CARD.number, NOW)
    for number in range(20):
        assert gate.check(bus_card(number), number * 3.0, NOW) is Refusal.UNKNOWN
    assert gate.check(CARD, 60.0, NOW) == pupil(1)


def test_the_same_strange_card_locks_itself_and_no_reader(vault: Vault, gate: CredentialCheck) -> None:
    vault.credentials.add_card(pupil(1), CARD.number, NOW)
    apart = HELD_SECONDS + 0.1
    answers = [gate.check(bus_card(1), apart * number, NOW) for number in range(40)]
    assert answers[:5] == [Refusal.UNKNOWN] * 5
    assert answers[5] is Refusal.LOCKED
    assert gate.check(CARD, apart * 40, NOW) == pupil(1)


def test_thirty_different_strangers_in_five_minutes_lock_the_reader_and_no_other(
    vault: Vault, gate: CredentialCheck
) -> None:
    good, elsewhere = issued(vault), issued(vault, 2, reader="hall")
    for number in range(30):
        assert gate.check(strangers_pass(number + 1), float(number), NOW) is Refusal.WRONG_SIGNATURE
    assert gate.check(good, 30.0, NOW) is Refusal.LOCKED
    assert gate.check(elsewhere, 30.0, NOW) == pupil(2)
    assert gate.check(good, 58.9, NOW) is Refusal.LOCKED
    assert gate.check(good, 59.1, NOW) == pupil(1)


def test_strangers_over_a_whole_day_lock_nothing(vault: Vault, gate: CredentialCheck) -> None:
    for number in range(300):
        assert gate.check(bus_card(number), number * 11.0, NOW) is Refusal.UNKNOWN


def test_people_with_their_own_cards_in_between_show_that_nobody_guesses(
    vault: Vault, gate: CredentialCheck
) -> None:
    vault.credentials.add_card(pupil(1), CARD.number, NOW)
    for number in range(40):
        if number == 20:
            assert gate.check(CARD, float(number), NOW) == pupil(1)
        assert gate.check(bus_card(number), float(number), NOW) is Refusal.UNKNOWN


def test_whoever_guesses_numbers_cannot_go_on_with_an_own_card_in_between(
    vault: Vault, gate: CredentialCheck
) -> None:
    vault.credentials.add_card(pupil(1), CARD.number, NOW)
    answers = []
    for number in range(40):
        gate.check(CARD, number * 2.0, NOW)
        answers.append(gate.check(bus_card(number), number * 2.0 + 1, NOW))
    assert answers == [Refusal.UNKNOWN] * 30 + [Refusal.LOCKED] * 10


def test_a_wrong_pass_held_to_the_camera_is_one_try(vault: Vault, gate: CredentialCheck) -> None:
    wrong, good = strangers_pass(1), issued(vault)
    for frame in range(200):
        assert gate.check(wrong, frame / 10, NOW) is Refusal.WRONG_SIGNATURE
    assert gate.check(good, 20.0, NOW) == pupil(1)


def test_arevoked_pass_locks_itself_and_nobody_else(vault: Vault, gate: CredentialCheck) -> None:
    old, new = revoked(vault), issued(vault, 2)
    apart = HELD_SECONDS + 0.1
    answers = [gate.check(old, apart * number, NOW) for number in range(7)]
    assert answers == [Refusal.REVOKED] * 5 + [Refusal.LOCKED] * 2
    assert gate.check(new, apart * 7, NOW) == pupil(2)


def test_a_card_in_a_strangers_hand_is_locked_after_five_wrong_faces(
    vault: Vault, gate: CredentialCheck
) -> None:
    vault.credentials.add_card(pupil(), CARD.number, NOW)
    for number in range(5):
        assert gate.check(CARD, float(number), NOW) == pupil(1)
        gate.mismatch(CARD, float(number), NOW)
    assert gate.check(CARD, 5.0, NOW) is Refusal.LOCKED
    assert gate.check(CARD, 34.1, NOW) == pupil(1)


def test_posters_and_adverts_never_lock_the_reader(vault: Vault, gate: CredentialCheck) -> None:
    good = issued(vault)
    for number in range(100):
        poster = QrShown("camera", f"https://shop.example/{number}")
        assert gate.check(poster, float(number), NOW) is Refusal.NOT_A_PASS
    assert gate.check(good, 100.0, NOW) == pupil(1)


def test_a_vault_that_cannot_be_read_refuses_and_locks_nobody(
    vault: Vault, gate: CredentialCheck, key: FileKey, tmp_path: Path
) -> None:
    """Staff changed the passphrase and the gate has no new one yet."""
    read = issued(vault)
    write_new_key(tmp_path / "next.key")
    with Vault.open(vault.path, key, now=NOW) as gates_view:
        gate = CredentialCheck(gates_view, SCHOOL)
        vault.rekey(FileKey(provider="file", key_file=tmp_path / "next.key"))
        for number in range(10):
            assert gate.check(read, number * 3.0, NOW) is Refusal.VAULT_UNAVAILABLE
        key.key_file.unlink()
        assert gate.check(read, 40.0, NOW) is Refusal.VAULT_UNAVAILABLE
        (tmp_path / "next.key").replace(key.key_file)
        assert gate.check(read, 50.0, NOW) == pupil(1)


def test_nothing_that_was_read_shows_in_a_repr() -> None:
    assert "xbc" not in repr(CARD)
    assert PREFIX not in repr(QrShown("camera", PREFIX + "AB"))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200), st.binary(max_size=100), st.floats(0, 1e9))
def test_whatever_is_read_is_refused_with_a_reason(
    gate: CredentialCheck, text: str, number: bytes, at: float
) -> None:
    for read in (QrShown("camera", text), QrShown("camera", PREFIX + text), CardShown("desk", number)):
        assert isinstance(gate.check(read, at, NOW), Refusal)
