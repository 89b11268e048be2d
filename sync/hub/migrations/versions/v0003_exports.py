"""What waits for another system's webhook, and the note of each export with names."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Two new tables; nothing that is there changes."""
    op.create_table(
        "webhook",
        sa.Column("event", sa.Uuid, sa.ForeignKey("event.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("gate", sa.String(40), nullable=False),
        sa.Column("outbox", sa.Uuid, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("batch", sa.Uuid),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("queued", _TIME, nullable=False),
        sa.Column("next_try", _TIME, nullable=False),
    )
    op.create_index("webhook_by_gate", "webhook", ["state", "gate", "number"])
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("account", sa.String(100), nullable=False),
        sa.Column("action", sa.String(200), nullable=False),
    )
