"""The versions of the hub's tables: what a database has, and how it gets what this program needs.

The steps are Alembic's, in `migrations/versions`; each is frozen once it was released.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from edge.errors import ConfigError
from sync.hub import dialect

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006")
HEAD = REVISIONS[-1]
"""What `schema.py` describes."""

_VERSION_TABLE = "alembic_version"
UPGRADE = "Run: qaqpa-hub db upgrade"
_COLUMNS_OF_0001 = {
    "id", "school", "gate", "child", "direction", "occurred", "claimed", "clock_synchronised", "corrected",
    "method", "kind", "received", "outbox", "number", "boot", "uptime",
}  # fmt: skip


def revision(connection: Connection) -> str | None:
    """The version of its tables, None where there are none. Raises ConfigError for one from the future."""
    inspector = inspect(connection)
    if not inspector.has_table(_VERSION_TABLE):
        return _unnumbered(connection) if inspector.has_table("event") else None
    found = connection.execute(text(f"SELECT version_num FROM {_VERSION_TABLE}")).scalar_one_or_none()  # noqa: S608 # a constant
    if found is not None and found not in REVISIONS:
        raise ConfigError(
            f"the hub's database is of a newer version of this program (tables {found}, known {HEAD})",
            "Update qaqpa on this machine",
        )
    return None if found is None else str(found)


def upgrade(target: Path | str) -> str | None:
    """Bring the tables to HEAD in one transaction, once however many do it; returns what they were."""
    with dialect.opened(target) as engine:
        return _upgrade(engine)


def state(target: Path | str) -> str | None:
    """The version of the tables; an SQLite file that is not there is not made."""
    if isinstance(target, Path) and not target.exists():
        return None
    with dialect.opened(target) as engine, engine.connect() as connection:
        return revision(connection)


def check(engine: Engine) -> None:
    """Bring an SQLite file up to date. Raises ConfigError where a server's tables are not those of HEAD."""
    with engine.connect() as connection:
        found = revision(connection)
        numbered = inspect(connection).has_table(_VERSION_TABLE)
    if found == HEAD and numbered:
        return
    if not dialect.is_postgresql(engine):
        _upgrade(engine)
    elif found is None:
        raise ConfigError("the hub's database has no tables yet", UPGRADE)
    else:
        raise ConfigError(f"the hub's database has tables {found}, this program needs {HEAD}", UPGRADE)


def _upgrade(engine: Engine) -> str | None:
    with dialect.writing(engine) as connection:
        dialect.lock(connection, "tables")
        found = revision(connection)
        if found is not None and not inspect(connection).has_table(_VERSION_TABLE):
            _alembic(connection, "stamp", found)
        _alembic(connection, "upgrade", HEAD)
    return found


def _unnumbered(connection: Connection) -> str:
    """Tables from before there were versions: those of 0001, or older ones that nobody can bring up."""
    if {column["name"] for column in inspect(connection).get_columns("event")} == _COLUMNS_OF_0001:
        return "0001"
    raise ConfigError(
        "the hub's database is of a version before 0.1", "Move it away; the hub begins with an empty one"
    )


def _alembic(connection: Connection, action: str, target: str) -> None:
    from alembic import command  # noqa: PLC0415 # half a second that only an upgrade needs
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "sync.hub:migrations")
    config.attributes["connection"] = connection
    actions: dict[str, Callable[[], None]] = {
        "stamp": partial(command.stamp, config, target),
        "upgrade": partial(command.upgrade, config, target),
    }
    actions[action]()
