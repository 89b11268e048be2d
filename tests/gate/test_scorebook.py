"""What the gate learns from its scores never makes a child wait, and reaches staff once it is certain."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import numpy as np
import pytest
from structlog.testing import capture_logs

from edge.domain.decisions import Decision, Outcome, Reason
from edge.domain.ids import ChildId
from edge.match.counts import load_counts
from edge.match.score import Match, Verdict
from edge.match.trend import Proposal
from edge.vault.keys import FileKey, write_new_key
from edge.vault.vault import Vault
from tests.builders import ENGINE, NOW, child_id, enrolled
from tests.unit.calibration.traffic import School, school_days
from turnstile.scorebook import Scorebook
from turnstile.trendbook import Trendbook

BAR = 0.55
REFUSED = Decision(Outcome.REFUSE, Reason.NOT_RECOGNISED)


@pytest.fixture
def gate(vault: Vault, key: FileKey) -> Iterator[Vault]:
    """The gate's view of a vault with two children; it only reads."""
    enrolled(vault, 1)
    enrolled(vault, 2)
    with Vault.open(vault.path, key, now=NOW) as opened:
        yield opened


@pytest.fixture
def book(gate: Vault, tmp_path: Path) -> Scorebook:
    made = Scorebook(tmp_path / "scores.json", ENGINE, Trendbook(gate, ENGINE))
    made.step(NOW)
    return made


def passed(book: Scorebook, child: ChildId, scores: list[float], now: datetime = NOW) -> None:
    grant = Decision(Outcome.GRANT, Reason.RECOGNISED, child)
    for score in scores:
        book.note(grant, Match(Verdict.MATCH, child, score, 0.2), 2, threshold=BAR, now=now)


def falls(book: Scorebook, child: ChildId) -> None:
    passed(book, child, [0.95] * 50)
    book.save()
    passed(book, child, [0.80] * 40)
    book.save()


def test_a_verdict_touches_no_file(book: Scorebook, vault: Vault, tmp_path: Path) -> None:
    with closing(sqlite3.connect(vault.path)) as other:
        before = other.execute("PRAGMA data_version").fetchone()
        passed(book, child_id(1), [0.9] * 30)
        book.note(REFUSED, Match(Verdict.NO_MATCH, None, 0.3, 0.2), 2, threshold=BAR, now=NOW)
        book.step(NOW)
        assert other.execute("PRAGMA data_version").fetchone() == before
        assert not (tmp_path / "scores.json").exists()
        book.save()
        assert other.execute("PRAGMA data_version").fetchone() != before
    assert (tmp_path / "scores.json").exists()


def test_the_loop_writes_by_itself_when_it_is_time(
    gate: Vault, vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("turnstile.trendbook._WRITE_SECONDS", 0.0)
    monkeypatch.setattr("turnstile.scorebook._SAVE_SECONDS", 0.0)
    book = Scorebook(tmp_path / "scores.json", ENGINE, Trendbook(gate, ENGINE))
    book.step(NOW)
    passed(book, child_id(1), [0.95] * 50)
    book.step(NOW)
    passed(book, child_id(1), [0.80] * 40)
    book.step(NOW)
    assert vault.trends.proposals() == {child_id(1): Proposal.SUNK}
    assert load_counts(tmp_path / "scores.json").re_enrol == 1


def test_a_vault_in_use_neither_stops_nor_delays_the_gate_and_no_score_is_lost(
    book: Scorebook, vault: Vault
) -> None:
    passed(book, child_id(1), [0.95] * 50)
    book.save()
    with closing(sqlite3.connect(vault.path, isolation_level=None)) as kiosk:
        kiosk.execute("BEGIN IMMEDIATE")
        with capture_logs() as lines:
            for _ in range(3):
                passed(book, child_id(1), [0.80] * 10)
                book.save()
        kiosk.execute("ROLLBACK")
    assert [line["problem"] for line in lines] == [
        "the vault is in use by another process. Wait a moment and try again"
    ]
    passed(book, child_id(1), [0.80] * 10)
    book.save()
    assert vault.trends.proposals() == {child_id(1): Proposal.SUNK}


def test_a_vault_that_stays_in_use_does_not_fill_the_memory(book: Scorebook, vault: Vault) -> None:
    with closing(sqlite3.connect(vault.path, isolation_level=None)) as kiosk:
        kiosk.execute("BEGIN IMMEDIATE")
        for _ in range(20):
            passed(book, child_id(1), [0.9] * 10)
            book.save()
        assert book._trends is not None
        assert [len(scores) for scores in book._trends._passages.values()] == [50]


def test_a_damaged_vault_is_told_and_the_gate_goes_on(book: Scorebook, vault: Vault) -> None:
    with closing(sqlite3.connect(vault.path)) as raw:
        raw.execute("ALTER TABLE trend RENAME TO gone")
    with capture_logs() as lines:
        falls(book, child_id(1))
        book.step(NOW + timedelta(days=1))
    assert lines
    assert all(line["event"] == "trends" for line in lines)
    assert book.status() == {"drift": "too few searches yet to compare"}


def test_scores_of_a_withdrawn_child_die_in_memory(book: Scorebook, vault: Vault) -> None:
    passed(book, child_id(1), [0.9] * 30)
    vault.withdraw(child_id(1), NOW)
    book.save()
    with closing(sqlite3.connect(vault.path)) as raw:
        assert raw.execute("SELECT count(*) FROM trend").fetchone() == (0,)


def test_only_the_child_that_was_matched_and_granted_gets_the_score(book: Scorebook, vault: Vault) -> None:
    """A refusal, an ambiguous match, or a match of another child than the verdict's count for nobody."""
    grant = Decision(Outcome.GRANT, Reason.RECOGNISED, child_id(1))
    for verdict, match in (
        (REFUSED, Match(Verdict.NO_MATCH, None, 0.5, 0.2)),
        (Decision(Outcome.REFUSE, Reason.AMBIGUOUS), Match(Verdict.AMBIGUOUS, None, 0.9, 0.85)),
        (grant, Match(Verdict.MATCH, child_id(2), 0.9, 0.2)),
    ):
        book.note(verdict, match, 2, threshold=BAR, now=NOW)
    book.save()
    with closing(sqlite3.connect(vault.path)) as raw:
        assert raw.execute("SELECT count(*) FROM trend").fetchone() == (0,)


def test_drift_and_proposals_are_logged_once_a_day_as_counts(book: Scorebook) -> None:
    pupils, noon = School(np.random.default_rng(1), 100), time(12, tzinfo=UTC)
    days = list(school_days(10))
    for number, day in enumerate(days):
        pupils.fallen = 0.06 if number >= 40 else 0.0
        pupils.a_day(book._counts, day, BAR)
    falls(book, child_id(1))
    today = datetime.combine(days[-1], noon)
    with capture_logs() as lines:
        for hours in (0, 1, 2, 24, 25):
            book.step(today + timedelta(hours=hours))
    assert [line["event"] for line in lines] == ["drift", "re-enrol"] * 2
    assert all(line["log_level"] == "warning" for line in lines)
    assert lines[0]["problem"].startswith("recognised scores have sunk by 0.06 since 2026-11-02:")
    assert lines[1]["children"] == 1
    told = book.status()
    assert str(told["drift"]).startswith("recognised scores have sunk")
    assert told["re-enrol"] == 1


def test_a_changed_device_key_is_followed_and_not_taken_for_tampering(
    book: Scorebook, vault: Vault, key: FileKey, tmp_path: Path
) -> None:
    falls(book, child_id(1))
    write_new_key(tmp_path / "next.key")
    vault.rekey(FileKey(provider="file", key_file=tmp_path / "next.key"))
    (tmp_path / "next.key").replace(key.key_file)
    with capture_logs() as lines:
        assert book.status()["re-enrol"] == 1
    assert lines == []


def test_trends_need_no_file_of_counts(gate: Vault, vault: Vault, tmp_path: Path) -> None:
    book = Scorebook(None, ENGINE, Trendbook(gate, ENGINE))
    book.step(NOW)
    before = set(tmp_path.iterdir())
    falls(book, child_id(1))
    assert vault.trends.proposals() == {child_id(1): Proposal.SUNK}
    assert set(tmp_path.iterdir()) == before


def test_a_restarted_gate_goes_on_where_it_was(book: Scorebook, gate: Vault, tmp_path: Path) -> None:
    passed(book, child_id(1), [0.95] * 50)
    book.save()
    again = Scorebook(tmp_path / "scores.json", ENGINE, Trendbook(gate, ENGINE))
    again.step(NOW)
    passed(again, child_id(1), [0.80] * 40)
    again.save()
    counts = load_counts(tmp_path / "scores.json")
    assert (int(counts.accepted.sum()), int(counts.recent[0].accepted.sum()), counts.re_enrol) == (90, 90, 1)
