"""The hub's tables in SQLAlchemy Core, for SQLite and PostgreSQL. No vector, no score, no picture.

They come into being by the steps in `migrations`: a change here needs a new step there.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.types import TypeDecorator

from edge.domain.ids import ChildId

METADATA = MetaData()


class UtcTime(TypeDecorator[datetime]):
    """An aware time; SQLite forgets the zone, so it is always UTC there."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without zone")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


class ChildKey(TypeDecorator[ChildId]):
    """A child's pseudonym."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: ChildId | None, dialect: Dialect) -> str | None:
        """As text."""
        return None if value is None else value.value

    def process_result_value(self, value: str | None, dialect: Dialect) -> ChildId | None:
        """From text."""
        return None if value is None else ChildId(value)


_TIME_UNCERTAIN = text("NOT clock_synchronised AND NOT corrected")

event = Table(
    "event",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("school", String(40), nullable=False),
    Column("gate", String(40), nullable=False),
    Column("child", ChildKey),
    Column("direction", String(8), nullable=False),
    Column("occurred", UtcTime, nullable=False),
    Column("claimed", UtcTime, nullable=False),
    Column("clock_synchronised", Boolean, nullable=False),
    Column("corrected", Boolean, nullable=False),
    Column("method", String(8), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("received", UtcTime, nullable=False),
    Column("outbox", Uuid, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("boot", Uuid),
    Column("uptime", Double),
    Index("event_by_time", "occurred"),
    Index("event_by_arrival", "received"),
    Index(
        "event_time_uncertain",
        "gate",
        "boot",
        sqlite_where=_TIME_UNCERTAIN,
        postgresql_where=_TIME_UNCERTAIN,
    ),
    postgresql_partition_by="RANGE (id)",
)
"""`claimed` is what the gate's clock said, `occurred` what the hub makes of it, differing if `corrected`."""

outbox = Table(
    "outbox",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("gate", String(40), primary_key=True),
    Column("highest", BigInteger, nullable=False),
    Column("first_seen", UtcTime, nullable=False),
    Column("repeated", BigInteger, nullable=False, server_default="0"),
)
"""The outboxes whose events came here, the highest number of each, and how many came once more."""

lockout = Table(
    "lockout",
    METADATA,
    Column("outbox", Uuid, primary_key=True),
    Column("gate", String(40), primary_key=True),
    Column("locked", UtcTime),
    Column("let_in", UtcTime),
)
"""Outboxes of revoked devices; `locked` is null since a person let one in, and `let_in` says when."""

gap = Table(
    "gap",
    METADATA,
    Column("outbox", Uuid, primary_key=True),
    Column("gate", String(40), primary_key=True),
    Column("first", BigInteger, primary_key=True, autoincrement=False),
    Column("last", BigInteger, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("accepted", UtcTime),
)
"""Numbers below the highest that never came, both ends included; a row goes when they come after all.

`accepted` is when a person said that they will not come.
"""

boot = Table(
    "boot",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("gate", String(40), primary_key=True),
    Column("began", UtcTime, nullable=False),
)
"""When each boot of a gate began, known since its clock was synchronised: what an uptime is added to."""

child = Table(
    "child",
    METADATA,
    Column("id", ChildKey, primary_key=True),
    Column("display_name", String(200), nullable=False),
)

guardian = Table(
    "guardian",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("child", ChildKey, ForeignKey("child.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("language", String(2), nullable=False),
    Column("notify_url", String(2000), nullable=False),
    UniqueConstraint("child", "name"),
)

notice = Table(
    "notice",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("event", Uuid, nullable=False),
    Column("guardian", Integer, ForeignKey("guardian.id", ondelete="CASCADE"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_try", UtcTime, nullable=False),
    Column("delivered_at", UtcTime),
    Column("late", Boolean),
    UniqueConstraint("event", "guardian"),
    Index("notice_due", "state", "next_try"),
    Index("notice_by_guardian", "guardian"),
)
"""What a guardian is owed of an event. It is stored in the event's own transaction and goes before it does.

`event` is no foreign key: to check one in a partitioned table costs PostgreSQL more than to store the event.
"""

quarantine = Table(
    "quarantine",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("first_received", UtcTime, nullable=False),
    Column("received", UtcTime, nullable=False),
    Column("times", BigInteger, nullable=False),
    Column("topic", String(200), nullable=False),
    Column("problem", String(200), nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("outbox", Uuid),
    Column("size", BigInteger, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    UniqueConstraint("topic", "problem", "digest"),
    Index("quarantine_by_topic", "topic", "received"),
)
"""Different messages that were refused; `received` is the last time, `digest` SHA-256 of the whole body.

`outbox` is known where a message was understood and its device is revoked.
"""

refusal = Table(
    "refusal",
    METADATA,
    Column("gate", String(40), primary_key=True),
    Column("problem", String(16), primary_key=True),
    Column("total", BigInteger, nullable=False),
)
"""How many messages were ever refused; the gate is empty where the topic is not a gate's."""

webhook = Table(
    "webhook",
    METADATA,
    Column("event", Uuid, ForeignKey("event.id", ondelete="CASCADE"), primary_key=True),
    Column("gate", String(40), nullable=False),
    Column("outbox", Uuid, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("batch", Uuid),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("queued", UtcTime, nullable=False),
    Column("next_try", UtcTime, nullable=False),
    Index("webhook_by_gate", "state", "gate", "number"),
)
"""Events that another system has not taken yet; a row goes when it has. `batch` is the POST it belongs to."""

audit = Table(
    "audit",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("account", String(100), nullable=False),
    Column("action", String(200), nullable=False),
)
"""Who took names out of the hub, and when; never whose."""
