"""A notice refers to its event without a foreign key: see `schema.notice`."""

from alembic import op

revision = "0006"
down_revision = "0005"

_NAMES = {"fk": "%(table_name)s_%(column_0_name)s_fkey"}
"""As PostgreSQL names them; SQLite gave none."""


def upgrade() -> None:
    """SQLite copies the table; no row changes."""
    with op.batch_alter_table("notice", naming_convention=_NAMES) as notice:
        notice.drop_constraint("notice_event_fkey", type_="foreignkey")
