"""A card whose device was revoked stays out, whoever has its name now, until a person lets it in."""

from datetime import timedelta
from uuid import UUID

import pytest

from edge.errors import ConfigError
from sync.hub.database import Database
from sync.hub.lockout import Lockout
from sync.hub.revocation import Revocations
from sync.hub.store import Store
from tests.unit.sync.events import GATE, OUTBOX, SCHOOL, WHEN, event, rows

NAME = f"{SCHOOL}/{GATE}"
NEW_CARD = UUID(int=0xC0FFEE)
HOUR = timedelta(hours=1)
OUT = Revocations(frozenset({NAME}), {NAME: WHEN})
BACK = Revocations(frozenset(), {NAME: WHEN})


def is_out(database: Database, revoked: Revocations, outbox: UUID = OUTBOX) -> bool:
    found = Lockout(database).out(rows(event(), outbox=outbox), revoked, WHEN + HOUR)
    assert found <= {(outbox, GATE.value)}
    return bool(found)


def test_what_was_refused_once_is_refused_when_the_name_is_back_and_the_new_card_is_taken(
    database: Database,
) -> None:
    assert not is_out(database, BACK), "the hub never heard of it before"
    assert is_out(database, OUT)
    assert is_out(database, BACK)
    assert not is_out(database, BACK, NEW_CARD)
    assert not is_out(database, Revocations())


def test_a_card_that_kept_silent_while_its_name_was_out_stays_out_too(database: Database) -> None:
    Store(database).record(rows(event()), WHEN - HOUR)
    Store(database).record(rows(event(), outbox=NEW_CARD), WHEN + HOUR)
    assert is_out(database, BACK)
    assert not is_out(database, BACK, NEW_CARD)


def test_a_person_lets_one_card_in_and_the_next_revocation_locks_it_out_again(database: Database) -> None:
    Store(database).record(rows(event()), WHEN - HOUR)
    assert is_out(database, BACK)
    assert is_out(database, OUT, NEW_CARD)
    lockout = Lockout(database)
    for wrong in ("", "0000", "ffffffff"):
        with pytest.raises(ConfigError, match="outboxes that are locked out begin with"):
            lockout.let_in(wrong, WHEN + HOUR)
    assert lockout.let_in(str(OUTBOX), WHEN + HOUR) == OUTBOX
    assert not is_out(database, BACK)
    assert is_out(database, BACK, NEW_CARD)
    assert is_out(database, OUT), "not while the name itself is out"
    lockout.let_in(str(OUTBOX), WHEN + HOUR)
    assert is_out(database, Revocations(frozenset(), {NAME: WHEN + 2 * HOUR}))


def test_a_gate_of_the_same_name_at_another_school_is_not_concerned(database: Database) -> None:
    Store(database).record(rows(event()), WHEN - HOUR)
    theirs = f"school-8/{GATE}"
    assert not is_out(database, Revocations(frozenset({theirs}), {theirs: WHEN}))


def test_a_thief_who_makes_up_outboxes_does_not_fill_the_disk(database: Database) -> None:
    made_up = [each for n in range(250) for each in rows(event(), outbox=UUID(int=n + 1))]
    assert len(Lockout(database).out(made_up, OUT, WHEN)) == 250
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM lockout").scalar_one() == 100
