"""What `qaqpa-sync status` calls a person for, and what it leaves to time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.errors import OutboxError
from sync.disk import used_share
from sync.status import PublisherStatus, problems

NOW = datetime(2026, 9, 1, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
WELL = {
    "waiting": 0,
    "oldest": None,
    "last_confirmed": NOW,
    "certificate_ends": NOW + timedelta(days=400),
    "disk_used": 0.5,
    "clock_synchronised": True,
    "uptime_seconds": 1e6,
}


def complaints(**changes: object) -> list[str]:
    return list(problems(PublisherStatus(**{**WELL, **changes}), 0.8, NOW))  # type: ignore[arg-type] # one builder


def test_a_gate_that_works_troubles_nobody() -> None:
    assert complaints() == []
    assert complaints(broker_certificate_ends=NOW + timedelta(days=31)) == []
    assert complaints(waiting=3, oldest=NOW - 2 * HOUR, last_confirmed=NOW - timedelta(minutes=1)) == []
    assert complaints(waiting=3, oldest=NOW - timedelta(minutes=5), last_confirmed=NOW - 9 * HOUR) == []
    assert complaints(clock_synchronised=False, uptime_seconds=60) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"stopped": "no. Enrol it", "stopped_at": NOW},
            "stopped at 2026-09-01T03:00:00+00:00: no. Enrol it.",
        ),
        ({"certificate_ends": NOW - HOUR}, "has expired"),
        ({"certificate_ends": NOW + timedelta(days=119)}, "ends in 119 days"),
        ({"broker_certificate_ends": NOW}, "or this clock is ahead: renew it at the hub"),
        ({"broker_certificate_ends": NOW + timedelta(days=29)}, "broker's certificate ends in 29 days"),
        ({"disk_used": 0.8}, "80% full"),
        ({"waiting": 3, "oldest": NOW - 2 * HOUR, "last_confirmed": NOW - 2 * HOUR}, "confirms none"),
        ({"waiting": 3, "oldest": NOW - 2 * HOUR, "last_confirmed": None}, "confirms none"),
        ({"clock_synchronised": False}, "time service"),
    ],
)
def test_each_thing_that_does_not_cure_itself_is_one_sentence(changes: dict[str, object], words: str) -> None:
    (complaint,) = complaints(**changes)
    assert words in complaint


def test_the_disk_is_measured_as_df_does_and_a_missing_folder_is_named(tmp_path: Path) -> None:
    assert 0 < used_share(tmp_path / "outbox.db") < 1
    with pytest.raises(OutboxError, match="cannot look at the disk"):
        used_share(tmp_path / "nowhere" / "outbox.db")
