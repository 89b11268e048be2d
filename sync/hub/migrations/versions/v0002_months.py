"""Indexes for arrivals and for guardians who leave; in PostgreSQL a partition of `event` for each month."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from sync.hub import partitions

revision = "0002"
down_revision = "0001"

_MONTHS_BACK = 24
_UNCERTAIN = sa.text("NOT clock_synchronised AND NOT corrected")


def upgrade() -> None:
    """On a server it takes as long as copying all events."""
    if op.get_bind().dialect.name == "postgresql":
        _partition()
    op.create_index("event_by_arrival", "event", ["received"], if_not_exists=True)
    op.create_index("notice_by_guardian", "notice", ["guardian"])


def _partition() -> None:
    op.drop_constraint("notice_event_fkey", "notice")
    op.rename_table("event", "event_before")
    op.execute("ALTER TABLE event_before DROP CONSTRAINT event_pkey")
    op.execute("DROP INDEX event_by_time, event_time_uncertain")
    op.execute("CREATE TABLE event (LIKE event_before) PARTITION BY RANGE (id)")
    op.execute("ALTER TABLE event ADD PRIMARY KEY (id)")
    op.execute(f"CREATE TABLE {partitions.OTHER} PARTITION OF event DEFAULT")
    op.create_index("event_by_time", "event", ["occurred"])
    op.create_index("event_time_uncertain", "event", ["gate", "boot"], postgresql_where=_UNCERTAIN)
    today = datetime.now(UTC).date()
    for month in partitions.months(today, _MONTHS_BACK, 0):
        if partitions.holds_any(op.get_bind(), "event_before", month):
            partitions.create(op.get_bind(), month)
    partitions.keep_ahead(op.get_bind(), today)
    op.execute("INSERT INTO event SELECT * FROM event_before")
    op.execute("DROP TABLE event_before")
    op.create_foreign_key("notice_event_fkey", "notice", "event", ["event"], ["id"])
