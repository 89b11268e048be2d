"""Messages put aside are there once; counts of refusals and repetitions; outboxes that are locked out."""

from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """What is there already is kept; the counts begin now."""
    _quarantine()
    op.add_column("outbox", sa.Column("repeated", sa.BigInteger, nullable=False, server_default="0"))
    op.create_table(
        "refusal",
        sa.Column("gate", sa.String(40), primary_key=True),
        sa.Column("problem", sa.String(16), primary_key=True),
        sa.Column("total", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "lockout",
        sa.Column("outbox", sa.Uuid, primary_key=True),
        sa.Column("gate", sa.String(40), primary_key=True),
        sa.Column("locked", _TIME),
        sa.Column("let_in", _TIME),
    )


def _quarantine() -> None:
    old = sa.table(
        "quarantine", *map(sa.column, ("id", "topic", "problem", "payload")), sa.column("received", _TIME)
    )
    found = op.get_bind().execute(sa.select(old).order_by(old.c.id)).mappings().all()
    rows: dict[tuple[str, str, bytes], dict[str, Any]] = {}
    for each in found:
        key = (each["topic"], each["problem"], sha256(each["payload"]).digest())
        first = rows.get(key, {"first_received": each["received"], "times": 0})
        rows[key] = {
            **first, "received": each["received"], "times": first["times"] + 1, "topic": each["topic"],
            "problem": each["problem"], "digest": key[2], "size": len(each["payload"]),
            "payload": each["payload"],
        }  # fmt: skip
    op.drop_table("quarantine")
    new = op.create_table(
        "quarantine",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("first_received", _TIME, nullable=False),
        sa.Column("received", _TIME, nullable=False),
        sa.Column("times", sa.BigInteger, nullable=False),
        sa.Column("topic", sa.String(200), nullable=False),
        sa.Column("problem", sa.String(200), nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("outbox", sa.Uuid),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("topic", "problem", "digest"),
    )
    op.create_index("quarantine_by_topic", "quarantine", ["topic", "received"])
    op.bulk_insert(new, list(rows.values()))
