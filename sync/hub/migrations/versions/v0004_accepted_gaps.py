"""When a person said that what is missing will not come, so that nobody is called for it again."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """One new column; nothing that is missing is accepted yet."""
    op.add_column("gap", sa.Column("accepted", sa.DateTime(timezone=True)))
