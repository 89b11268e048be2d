"""What was kept for its term goes, with its key; everything else stays, and running again changes nothing."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from edge.domain.blocks import Asker, Objection, Restriction
from edge.domain.breach import Breach
from edge.domain.consent import DataCategory
from edge.domain.credentials import Holder, HolderKind
from edge.domain.disclosure import Disclosure, Handed
from edge.domain.events import Uptime
from edge.domain.ids import ChildId
from edge.domain.requests import Outcome, Request, Right, Way
from edge.domain.retention import Reason
from edge.errors import VaultError
from edge.policy.retention import ClockMark, Terms
from edge.vault.keys import FileKey
from edge.vault.vault import Erased, Vault
from tests.builders import (
    ENGINE,
    NOW,
    child,
    child_id,
    consent,
    enrolled,
    guardian,
    member_id,
    put_member,
    unit_vector,
)

DAY = timedelta(days=1)
TERMS = Terms(366 * DAY, 366 * DAY, 1096 * DAY, 90 * DAY, "product rule 3")
UPTIME = Uptime(UUID(int=1), 60.0)


def kept(vault: Vault, now: datetime, terms: Terms = TERMS) -> Erased:
    """One run, guards aside."""
    return vault.erase_due(vault.retention.due(terms, now), terms, ClockMark(now, UPTIME))


def rows(vault: Vault, table: str) -> int:
    with closing(sqlite3.connect(vault.path)) as raw:
        return int(raw.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def used(vault: Vault, key: FileKey, number: int, day: date) -> None:
    """The gate recognised this child on that day."""
    with Vault.open(vault.path, key, now=NOW) as gate:
        writer = gate.trend_writer()
        writer.write(ENGINE, {}, 0.5)
        writer.write(ENGINE, {child_id(number): [0.9]}, 0.5, day)


def test_templates_go_with_their_key_when_the_consent_is_over(vault: Vault) -> None:
    enrolled(vault, 1)
    enrolled(vault, 2)
    vault.consents.add(consent(3, id="later", child=child_id(2), guardian_id="g-2", given_at=NOW))
    before = vault._keyring.dek(child_id(1))
    assert vault.retention.due(TERMS, NOW).nothing
    done = kept(vault, NOW + 300 * DAY)
    assert {each.child for each in done.retired} == {child_id(1), child_id(2)}
    assert rows(vault, "template") == 0
    assert vault._keyring.dek(child_id(1)) != before
    assert vault.roster.child(child_id(1)) == child(1)
    assert len(vault.consents.of(child_id(1))) == 1
    assert vault.retention.due(TERMS, NOW + 300 * DAY).nothing


def test_a_stricter_policy_ends_consents_that_were_given_for_longer(vault: Vault) -> None:
    enrolled(vault, 1)
    strict = replace(TERMS, consent=180 * DAY)
    assert vault.retention.due(strict, NOW + 178 * DAY).nothing
    found = vault.retention.due(strict, NOW + 179 * DAY)
    assert set(found.templates[child_id(1)].values()) == {Reason.CONSENT_ENDED}


def test_a_template_that_let_nobody_in_goes_and_one_in_use_stays(vault: Vault, key: FileKey) -> None:
    enrolled(vault, 1)
    enrolled(vault, 2)
    used(vault, key, 2, (NOW + 100 * DAY).date())
    short = replace(TERMS, unused=120 * DAY)
    found = vault.retention.due(short, NOW + 121 * DAY)
    assert set(found.templates) == {child_id(1)}
    assert set(found.templates[child_id(1)].values()) == {Reason.UNUSED}
    assert set(vault.retention.due(short, NOW + 221 * DAY).templates) == {child_id(1), child_id(2)}


def test_a_trend_of_an_older_version_has_no_day_and_is_read_all_the_same(vault: Vault, key: FileKey) -> None:
    enrolled(vault, 1)
    with Vault.open(vault.path, key, now=NOW) as gate:
        writer = gate.trend_writer()
        writer.write(ENGINE, {}, 0.5)
        writer.write(ENGINE, {child_id(1): [0.9]}, 0.5)
    assert vault.trends.last_uses() == {}
    used(vault, key, 1, date(2026, 9, 3))
    assert vault.trends.last_uses() == {(child_id(1), ENGINE): date(2026, 9, 3)}


def test_who_left_is_erased_and_who_came_back_is_not(vault: Vault) -> None:
    enrolled(vault, 1)
    enrolled(vault, 2)
    for number in (1, 2):
        vault.roster.mark_left(child_id(number), NOW)
    found = vault.retention.due(TERMS, NOW)
    vault.roster.put(child(2), [guardian(2)])
    done = vault.erase_due(found, TERMS, ClockMark(NOW, UPTIME))
    assert [each.child for each in done.left] == [child_id(1)]
    assert vault.roster.all() == [child_id(2)]
    assert vault.templates.count(child_id(2)) == 2
    with pytest.raises(VaultError, match="roster"):
        vault.roster.mark_left(child_id(1), NOW)


def test_data_that_somebody_checks_are_not_erased_for_leaving(vault: Vault) -> None:
    enrolled(vault, 1)
    vault.blocks.restrict(Restriction("r", child_id(1), Asker.AUTHORITY, NOW))
    vault.roster.mark_left(child_id(1), NOW)
    assert vault.retention.due(TERMS, NOW).nothing
    assert vault.retention.due(TERMS, NOW + 300 * DAY).templates
    vault.blocks.lift_restriction("r", NOW)
    assert vault.retention.due(TERMS, NOW).left == {child_id(1)}


def test_records_of_what_ended_go_after_three_years(vault: Vault) -> None:
    enrolled(vault, 1)
    vault.object(Objection("o", child_id(1), None, NOW))
    vault.blocks.lift_objection("o", NOW)
    vault.withdraw(child_id(1), NOW)
    assert vault.retention.due(TERMS, NOW + 1095 * DAY).nothing
    done = kept(vault, NOW + 1096 * DAY)
    assert (done.records[Reason.CONSENT_RECORD], done.records[Reason.BLOCK_RECORD]) == (1, 1)
    assert vault.consents.of(child_id(1)) == []
    assert vault.roster.all() == [child_id(1)]


def test_ended_credentials_go_but_no_issue_number_is_given_twice(vault: Vault) -> None:
    vault.roster.put(child(1), [guardian(1)])
    holder = Holder(HolderKind.CHILD, child_id(1))
    for _ in range(3):
        vault.credentials.issue_pass(holder, NOW + 30 * DAY, NOW)
    vault.credentials.revoke(child_id(1), NOW)
    assert kept(vault, NOW + 91 * DAY).records[Reason.CREDENTIAL] == 2
    assert kept(vault, NOW + 92 * DAY).records[Reason.CREDENTIAL] == 0
    assert vault.credentials.issue_pass(holder, NOW + 200 * DAY, NOW + 92 * DAY).issue == 4


def test_a_card_that_counts_stays_however_old_it_is(vault: Vault) -> None:
    vault.roster.put(child(1), [guardian(1)])
    vault.credentials.add_card(Holder(HolderKind.CHILD, child_id(1)), b"\x01\x02", NOW)
    kept(vault, NOW + 3000 * DAY)
    held = vault.credentials.card(b"\x01\x02")
    assert held is not None
    assert held.revoked is None


def test_visitors_go_after_a_day(vault: Vault) -> None:
    vault.visitors.add("plumber", NOW)
    assert vault.retention.due(TERMS, NOW).nothing
    assert kept(vault, NOW + DAY).records[Reason.VISITOR] == 1


def disclosed(vault: Vault, id_: str = "d1", number: int = 1) -> Disclosure:
    put_member(vault, 1)
    put_member(vault, 2)
    entry = Disclosure(
        id_,
        child_id(number),
        "law",
        NOW,
        "No. 5",
        "Court",
        (member_id(1), member_id(2)),
        frozenset({Handed.IDENTITY}),
        "a" * 64,
    )
    vault.disclosures.add(entry)
    return entry


def test_the_register_of_disclosures_survives_a_new_key_and_keeps_the_fact_after_an_erasure(
    vault: Vault,
) -> None:
    enrolled(vault, 1)
    entry = disclosed(vault)
    vault.withdraw(child_id(1), NOW)
    assert vault.disclosures.of(child_id(1)) == [entry]
    vault.erase(child_id(1), NOW)
    assert vault.disclosures.all() == [Disclosure("d1", None, "law", NOW)]
    with closing(sqlite3.connect(vault.path)) as raw, pytest.raises(sqlite3.IntegrityError, match="nothing"):
        raw.execute("DELETE FROM disclosure")


def test_particulars_of_a_disclosure_and_lists_of_a_breach_go_after_three_years(vault: Vault) -> None:
    enrolled(vault, 1)
    disclosed(vault)
    opened = Breach("b", NOW, NOW, 1, frozenset({DataCategory.NAME}), "a device is gone")
    vault.breaches.open(opened, [child_id(1)])
    kept(vault, NOW + 1096 * DAY)
    assert vault.breaches.children("b") == [child_id(1)]  # open still
    vault.breaches.close("b", NOW, NOW)
    done = kept(vault, NOW + 1096 * DAY)
    assert done.records[Reason.BREACH] == 1
    assert vault.breaches.children("b") == []
    assert vault.disclosures.all() == [Disclosure("d1", None, "law", NOW)]
    assert vault.breaches.all()[0].concerned == 1


def test_of_an_old_request_only_that_somebody_asked_is_left(vault: Vault) -> None:
    enrolled(vault, 1)
    for id_ in ("open", "closed"):
        vault.requests.open(
            Request(id_, child_id(1), Right.ACCESS, Asker.GUARDIAN, "g-1", Way.LETTER, NOW, "what is held?")
        )
    vault.requests.close("closed", Outcome.DONE, NOW, "the archive")
    assert kept(vault, NOW + 1096 * DAY).records[Reason.REQUEST] == 1
    assert [each.id for each in vault.requests.of(child_id(1))] == ["open"]
    left = vault.requests.get("closed")
    assert (left.child, left.text, left.answer, left.outcome) == (None, "", "", Outcome.DONE)


def test_a_breach_is_closed_once_and_its_words_are_sealed(vault: Vault) -> None:
    enrolled(vault, 1)
    opened = Breach("b", NOW, NOW, 1, frozenset({DataCategory.NAME}), "stolen from the lodge")
    vault.breaches.open(opened, [child_id(1)])
    assert vault.breaches.still_open() == [opened]
    vault.breaches.close("b", NOW + DAY, NOW + DAY)
    with pytest.raises(VaultError, match="no open breach"):
        vault.breaches.close("b", NOW, NOW)
    assert b"lodge" not in vault.path.read_bytes()
    vault.erase(child_id(1), NOW)
    assert vault.breaches.children("b") == []
    with pytest.raises(VaultError):
        vault.breaches.open(replace(opened, id="c"), [ChildId("0" * 32)])


def test_a_clock_that_ran_away_destroys_nothing_at_the_next_opening(vault: Vault, key: FileKey) -> None:
    """A dead clock battery, or a wrong time server, and the first command of the morning."""
    enrolled(vault, 1)
    vault.retention.begin(ClockMark(NOW, UPTIME))
    with Vault.open(vault.path, key, now=NOW + 365 * DAY, writable=True) as again:
        assert again.templates.count(child_id(1)) == 2
    assert kept(vault, NOW + 20 * DAY).retired == ()
    with Vault.open(vault.path, key, now=NOW + 50 * DAY, writable=True) as again:
        assert again.retention.mark() == ClockMark(NOW + 20 * DAY, UPTIME)


def test_templates_of_several_consents_go_one_by_one_and_the_key_with_the_last(vault: Vault) -> None:
    enrolled(vault, 1, templates=1)
    vault.consents.add(consent(9, child=child_id(1), guardian_id="g-1", expires_at=NOW + 350 * DAY))
    vault.templates.add(child_id(1), "c-9", ENGINE, [unit_vector(1)], NOW)
    before = vault._keyring.dek(child_id(1))
    assert kept(vault, NOW + 300 * DAY).retired[0].templates == 1
    assert vault._keyring.dek(child_id(1)) == before
    kept(vault, NOW + 350 * DAY)
    assert vault._keyring.dek(child_id(1)) != before
    assert rows(vault, "template") == 0
