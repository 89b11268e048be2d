"""The tables that hubs made for themselves before there were versions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_TIME = sa.DateTime(timezone=True)
_UNCERTAIN = sa.text("NOT clock_synchronised AND NOT corrected")


def upgrade() -> None:
    """Everything, in an order that foreign keys allow."""
    _event()
    _numbers()
    _directory()
    _notice()
    op.create_table(
        "quarantine",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("received", _TIME, nullable=False),
        sa.Column("topic", sa.String(200), nullable=False),
        sa.Column("problem", sa.String(200), nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
    )


def _event() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("school", sa.String(40), nullable=False),
        sa.Column("gate", sa.String(40), nullable=False),
        sa.Column("child", sa.String(32)),
        sa.Column("direction", sa.String(8), nullable=False),
        sa.Column("occurred", _TIME, nullable=False),
        sa.Column("claimed", _TIME, nullable=False),
        sa.Column("clock_synchronised", sa.Boolean, nullable=False),
        sa.Column("corrected", sa.Boolean, nullable=False),
        sa.Column("method", sa.String(8), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("received", _TIME, nullable=False),
        sa.Column("outbox", sa.Uuid, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("boot", sa.Uuid),
        sa.Column("uptime", sa.Double),
    )
    op.create_index("event_by_time", "event", ["occurred"])
    op.create_index(
        "event_time_uncertain",
        "event",
        ["gate", "boot"],
        sqlite_where=_UNCERTAIN,
        postgresql_where=_UNCERTAIN,
    )


def _numbers() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("gate", sa.String(40), primary_key=True),
        sa.Column("highest", sa.BigInteger, nullable=False),
        sa.Column("first_seen", _TIME, nullable=False),
    )
    op.create_table(
        "gap",
        sa.Column("outbox", sa.Uuid, primary_key=True),
        sa.Column("gate", sa.String(40), primary_key=True),
        sa.Column("first", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("since", _TIME, nullable=False),
    )
    op.create_table(
        "boot",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("gate", sa.String(40), primary_key=True),
        sa.Column("began", _TIME, nullable=False),
    )


def _directory() -> None:
    op.create_table(
        "child",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("display_name", sa.String(200), nullable=False),
    )
    op.create_table(
        "guardian",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("child", sa.String(32), sa.ForeignKey("child.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("notify_url", sa.String(2000), nullable=False),
        sa.UniqueConstraint("child", "name"),
    )


def _notice() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("event", sa.Uuid, sa.ForeignKey("event.id"), nullable=False),
        sa.Column("guardian", sa.Integer, sa.ForeignKey("guardian.id", ondelete="CASCADE"), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_try", _TIME, nullable=False),
        sa.Column("delivered_at", _TIME),
        sa.Column("late", sa.Boolean),
        sa.UniqueConstraint("event", "guardian"),
    )
    op.create_index("notice_due", "notice", ["state", "next_try"])
