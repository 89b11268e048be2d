"""The hub's configuration."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PlainValidator
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from edge.config import AbsolutePath, Settings, SlugField, ZoneName
from edge.domain.ids import Slug
from sync.hub.integration_settings import (
    CalendarSettings,
    EdFiSettings,
    HomeAssistantSettings,
    WebhookSettings,
)
from sync.settings import BrokerSettings, Port, RetrySettings, Seconds, TlsSettings

_SCHEME = "postgresql://"


def _database(value: object) -> Path | str:
    if isinstance(value, str | Path) and "://" not in str(value):
        return Path(value).expanduser().absolute()
    if not isinstance(value, str) or not value.startswith(_SCHEME):
        raise ValueError(f"a path of an SQLite file, or {_SCHEME}USER@HOST/NAME")
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        raise ValueError(f"not a URL, for example {_SCHEME}qaqpa@db.school.example/qaqpa") from None
    if url.password is not None or "password" in url.query:
        raise ValueError(
            "a password does not belong here: put it into a file in the format of libpq's .pgpass and name"
            " it, ?passfile=/etc/qaqpa/pgpass"
        )
    return value


DatabaseField = Annotated[Path | str, PlainValidator(_database)]
"""The path of an SQLite file, or a URL of a PostgreSQL database, which never holds a password."""


class HttpSettings(Settings):
    """The pages show names: they stay on this machine unless a proxy with a login stands in front."""

    host: str = "127.0.0.1"
    port: Port = 8090
    allowed_hosts: tuple[str, ...] = ("localhost", "127.0.0.1")


class NotifySettings(Settings):
    """An event older than `late_minutes` is announced as late, one older than `give_up_hours` not at all.

    A notice waits up to `clock_wait_seconds` for a gate that has just started to learn the time. One that is
    being sent is nobody else's for `lease_seconds`, which no service takes to answer.
    """

    late_minutes: Annotated[int, Field(ge=1, le=1440)] = 15
    give_up_hours: Annotated[int, Field(ge=1, le=24 * 30)] = 24
    lease_seconds: Seconds = 60.0
    clock_wait_seconds: Annotated[float, Field(ge=0, le=3600)] = 60.0
    workers: Annotated[int, Field(ge=1, le=64)] = 8
    first_retry_seconds: Seconds = 5.0
    longest_retry_seconds: Seconds = 600.0


class RetentionSettings(Settings):
    """For how many days events are kept, and messages that were put aside; three years at most.

    Of a larger share of all events than `share_percent` nothing is erased unasked.
    """

    events_days: Annotated[int, Field(ge=1, le=1096)] = 366
    quarantine_days: Annotated[int, Field(ge=1, le=366)] = 30
    share_percent: Annotated[int, Field(ge=1, le=25)] = 10


class HubSettings(Settings):
    """`qaqpa-hub`, one for each school or district.

    `school` is whose gates it takes and whose pages it shows. A worker of a district takes the gates of
    `schools` instead, which are some schools or, with "*", all that the broker lets it read. `crl` is the
    authority's revocation list: what a device that is out sends is put aside, also while its session lasts.
    """

    school: SlugField
    schools: Literal["*"] | tuple[SlugField, ...] = ()
    database: DatabaseField
    time_zone: ZoneName = "Asia/Almaty"
    pseudonym_key: AbsolutePath
    broker: BrokerSettings = BrokerSettings()
    tls: TlsSettings
    crl: AbsolutePath | None = None
    retry: RetrySettings = RetrySettings()
    http: HttpSettings = HttpSettings()
    notify: NotifySettings = NotifySettings()
    retention: RetentionSettings = RetentionSettings()
    home_assistant: HomeAssistantSettings | None = None
    webhook: WebhookSettings | None = None
    ed_fi: EdFiSettings | None = None
    calendar: CalendarSettings = CalendarSettings()

    @property
    def served(self) -> tuple[Slug | None, ...]:
        """Whose gates are taken; None stands for every school."""
        return (None,) if self.schools == "*" else self.schools or (self.school,)
