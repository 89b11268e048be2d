"""A wider edition stops matching at once, until the guardian agrees again; nothing of it is stored twice."""

import sqlite3
from datetime import date, timedelta
from pathlib import Path

import pytest

from edge.errors import ConfigError, ConsentRequired, VaultDamaged, VaultError
from edge.match.live import LiveGallery
from edge.match.score import Verdict
from edge.policy.profile import Edition, Profile
from edge.vault import schema
from edge.vault.keys import FileKey
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
    unit_vector,
)

TODAY = NOW.date()
NARROW, WIDE = ["name", "face_template"], ["name", "face_template", "iin"]


def profile(*data: list[str], name: str = "school-7", first: date = TODAY - timedelta(days=9)) -> Profile:
    """A policy with an edition for each list of data, one a day from `first` on."""
    return Profile.model_validate(
        {
            "name": name,
            "title": "School 7",
            "operator": "School 7",
            "editions": [
                {
                    "number": 1 + place,
                    "published": first + timedelta(days=place),
                    "rules": {"data": {"clause": "3", "only": dict.fromkeys(words, "3.1")}},
                }
                for place, words in enumerate(data)
            ],
        }
    )


def adopt(vault: Vault, *data: list[str], name: str = "school-7") -> None:
    vault.editions.adopt(profile(*data, name=name), TODAY, NOW)


def gallery(vault: Vault) -> LiveGallery:
    return LiveGallery(vault, ENGINE, DIMENSION, Metric.COSINE)


def test_a_wider_edition_stops_matching_before_the_next_decision(vault: Vault, key: FileKey) -> None:
    adopt(vault, NARROW)
    enrolled(vault)
    with Vault.open(vault.path, key, now=NOW) as gates_view:
        live = gallery(gates_view)
        assert live.search(unit_vector(1), STRICT, NOW).verdict is Verdict.MATCH
        adopt(vault, NARROW, WIDE)
        assert live.search(unit_vector(1), STRICT, NOW).verdict is Verdict.NO_MATCH
        assert live.verify(child_id(1), unit_vector(1), STRICT, NOW).verdict is Verdict.NO_MATCH
        assert live.consent(child_id(1)) is None
    (held,) = vault.consents.of(child_id(1))
    assert held.suspended
    assert held.withdrawn_at is None
    assert vault.consents.live(NOW) == []
    assert vault.consents.suspended(NOW) == [held]
    assert vault.templates.count(child_id(1)) == 2


def test_a_narrower_edition_suspends_nobody(vault: Vault) -> None:
    adopt(vault, WIDE)
    enrolled(vault)
    adopt(vault, WIDE, NARROW)
    assert gallery(vault).search(unit_vector(1), STRICT, NOW).verdict is Verdict.MATCH
    assert [each.widens for each in vault.editions.all()] == [False, False]


def test_the_first_edition_of_one_more_policy_suspends_nobody(vault: Vault) -> None:
    enrolled(vault)
    adopt(vault, WIDE)
    adopt(vault, WIDE, name="another")
    assert gallery(vault).search(unit_vector(1), STRICT, NOW).verdict is Verdict.MATCH


def test_matching_resumes_with_the_consent_to_the_new_edition_and_with_no_new_picture(vault: Vault) -> None:
    adopt(vault, NARROW)
    enrolled(vault)
    enrolled(vault, 2)
    adopt(vault, NARROW, WIDE)
    later = NOW + timedelta(days=1)
    again = consent(id="again", given_at=NOW, edition=2)
    vault.consents.add(again)
    assert vault.templates.carry_over(again, later) == 2
    live = gallery(vault)
    assert live.search(unit_vector(1), STRICT, later).child == child_id(1)
    assert live.search(unit_vector(2), STRICT, later).verdict is Verdict.NO_MATCH
    assert vault.templates.count(child_id(1)) == 2
    assert vault.templates.carry_over(again, later) == 0


def test_templates_are_carried_only_under_a_consent_that_covers_them(vault: Vault) -> None:
    adopt(vault, NARROW)
    enrolled(vault)
    adopt(vault, NARROW, WIDE)
    older = consent(id="older", given_at=NOW, edition=1)
    vault.consents.add(older)
    with pytest.raises(ConsentRequired):
        vault.templates.carry_over(older, NOW + timedelta(days=1))
    assert vault.templates.count(child_id(1)) == 2


def test_a_withdrawn_consent_carries_nothing_over(vault: Vault) -> None:
    adopt(vault, NARROW)
    enrolled(vault)
    adopt(vault, NARROW, WIDE)
    vault.withdraw(child_id(1), NOW)
    again = consent(id="again", given_at=NOW, edition=2)
    vault.consents.add(again)
    assert vault.templates.carry_over(again, NOW + timedelta(days=1)) == 0


def test_a_consent_that_forgets_its_edition_is_suspended(vault: Vault) -> None:
    """Whoever adds a consent and does not say which edition was shown errs on the child's side."""
    adopt(vault, NARROW)
    adopt(vault, NARROW, WIDE)
    vault.roster.put(child(), [guardian()])
    vault.consents.add(consent())
    assert vault.consents.of(child_id(1))[0].suspended


def test_editions_between_are_adopted_one_by_one_and_one_that_widened_counts(vault: Vault) -> None:
    adopt(vault, NARROW)
    enrolled(vault)
    adopt(vault, NARROW, WIDE, NARROW)
    assert [(each.edition.number, each.widens) for each in vault.editions.all()] == [
        (1, False),
        (2, True),
        (3, False),
    ]
    assert vault.consents.live(NOW) == []


def test_an_edition_of_the_future_waits_for_its_day(vault: Vault) -> None:
    ahead, tomorrow = profile(NARROW, WIDE, first=TODAY), TODAY + timedelta(days=1)
    assert len(vault.editions.adopt(ahead, TODAY, NOW)) == 1
    with pytest.raises(ConfigError, match="edition 2 has published = 2026-09-02, which is to come"):
        vault.editions.adopt(ahead, TODAY, NOW)
    assert len(vault.editions.all()) == 1
    assert len(vault.editions.adopt(ahead, tomorrow, NOW)) == 1
    with pytest.raises(ConfigError, match="which is to come"):
        vault.editions.adopt(profile(NARROW, name="new", first=tomorrow), TODAY, NOW)


def test_an_adopted_edition_that_was_rewritten_in_its_file_is_noticed(vault: Vault) -> None:
    """Else a school could widen what guardians agreed to without a new number."""
    adopt(vault, NARROW)
    with pytest.raises(ConfigError, match="edition 1 is not what the school adopted"):
        adopt(vault, WIDE)
    with pytest.raises(ConfigError, match="edition 1 is not what the school adopted"):
        vault.editions.in_force(profile(WIDE), TODAY)
    assert len(vault.editions.all()) == 1


def test_adopting_again_changes_nothing(vault: Vault) -> None:
    adopt(vault, NARROW)
    before = vault.generation()
    adopt(vault, NARROW)
    assert len(vault.editions.all()) == 1
    assert vault.generation() == before


def test_what_was_in_force_when_a_consent_was_given_can_be_told(vault: Vault) -> None:
    adopt(vault, NARROW)
    adopt(vault, NARROW, name="another")
    adopt(vault, NARROW, WIDE)
    then = {name: each.edition.number for name, each in vault.editions.at(2).items()}
    assert then == {"school-7": 1, "another": 1}
    assert vault.editions.at(None) == {}
    assert {name: each.edition.number for name, each in vault.editions.newest().items()} == {
        "school-7": 2,
        "another": 1,
    }


def test_not_even_raw_sql_leaves_a_gap_or_rewrites_history(vault: Vault) -> None:
    adopt(vault, NARROW)
    enrolled(vault)
    vault.wordings.keep(b"I agree", 1, NOW)
    raw = sqlite3.connect(vault.path, isolation_level=None)
    insert = "INSERT INTO edition VALUES (?, 'school-7', ?, '{}', 0, '2026')"
    for row in ([2, 3], [3, 2], [2, 1]):
        with pytest.raises(sqlite3.IntegrityError, match="without a gap"):
            raw.execute(insert, row)
    for statement in (
        "UPDATE edition SET widens = 0",
        "DELETE FROM edition",
        "UPDATE consent SET edition = 1",
        "UPDATE wording SET content = x'00'",
        "DELETE FROM wording",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="never"):
            raw.execute(statement)
    raw.close()


def test_a_text_is_kept_once_and_given_back_by_its_hash(vault: Vault) -> None:
    sha256 = "6f5f1a7aae4ea3d2d60ae9e2ae7a9ffd0d1a1a4d3d8e0b6a1a0e1f3f7c7d1f11"
    assert vault.wordings.content(sha256) is None
    vault.wordings.keep("Келісемін".encode(), None, NOW)
    vault.wordings.keep("Келісемін".encode(), None, NOW + timedelta(days=1))
    raw = sqlite3.connect(vault.path, isolation_level=None)
    ((stored, edition),) = raw.execute("SELECT sha256, edition FROM wording").fetchall()
    assert edition is None
    assert vault.wordings.content(stored) == "Келісемін".encode()
    raw.execute("DROP TRIGGER wording_never_changes")
    raw.execute("UPDATE wording SET content = ?", [b"something else"])
    raw.close()
    with pytest.raises(VaultDamaged, match="not what its hash says"):
        vault.wordings.content(stored)


@pytest.mark.parametrize("content", [b"", b"x" * (4 * 2**20 + 1)], ids=["empty", "too large"])
def test_an_empty_or_endless_text_is_refused(vault: Vault, content: bytes) -> None:
    with pytest.raises(ConfigError, match="the wording has"):
        vault.wordings.keep(content, None, NOW)


def test_a_text_from_before_a_wider_edition_cannot_stand_for_the_new_one(vault: Vault) -> None:
    """A paper that was signed last week says nothing about what is added today."""
    adopt(vault, NARROW)
    vault.wordings.keep(b"I agree to little", 1, NOW)
    adopt(vault, NARROW, WIDE)
    with pytest.raises(ConfigError, match="before a wider edition was adopted"):
        vault.wordings.check(b"I agree to little")
    vault.wordings.check(b"I agree to more")


def test_a_vault_of_the_version_before_keeps_its_consents(vault: Vault, key: FileKey) -> None:
    """The migration adds a column under live consents; the gate goes on matching them."""
    path = older_vault(vault)
    with pytest.raises(VaultError, match="older version"):
        Vault.open(path, key, now=NOW)
    with Vault.open(path, key, now=NOW, writable=True) as migrated:
        assert migrated.consents.of(child_id(1)) == [consent()]
        assert gallery(migrated).search(unit_vector(1), STRICT, NOW).verdict is Verdict.MATCH
        adopt(migrated, NARROW)
        assert migrated.consents.live(NOW) == [consent()]
        adopt(migrated, NARROW, WIDE)
        assert migrated.consents.live(NOW) == []


FIRST = Path(schema.__file__).parent / "sql" / "m001_tables_and_rules.sql"


def older_vault(vault: Vault) -> Path:
    """The vault as it was before editions: what the migration made is taken away again."""
    enrolled(vault)
    vault.close()
    raw = sqlite3.connect(vault.path, isolation_level=None)
    (old_trigger,) = (
        statement
        for statement in schema._statements(FIRST.read_text("utf-8"))
        if "template_needs_live_consent" in statement
    )
    for statement in (
        "DROP TRIGGER template_needs_live_consent",
        old_trigger,
        "DROP TRIGGER consent_keeps_its_edition",
        "DROP VIEW standing_consent",
        "ALTER TABLE consent DROP COLUMN edition",
        "DROP TABLE wording",
        "DROP TABLE edition",
        "DELETE FROM _sqlite_migrations WHERE name = 'm008_editions'",
    ):
        raw.execute(statement)
    raw.close()
    return vault.path


def test_an_edition_of_a_newer_version_is_said_to_be_one(vault: Vault) -> None:
    raw = sqlite3.connect(vault.path, isolation_level=None)
    raw.execute(
        "INSERT INTO edition VALUES (1, 'school-7', 1, '{\"new\": 1}', 0, '2026-09-01T00:00:00.000000Z')"
    )
    raw.close()
    with pytest.raises(VaultError, match="does not know"):
        vault.editions.all()


def test_an_edition_comes_back_as_it_was(vault: Vault) -> None:
    adopt(vault, WIDE)
    edition: Edition = vault.editions.all()[0].edition
    assert edition == profile(WIDE).editions[0]
