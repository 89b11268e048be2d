"""The hub's configuration for other systems; each section is off until it is there. docs/integrations.md"""

from datetime import date
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from edge.config import AbsolutePath, Settings
from edge.domain.events import Kind
from sync.settings import Port, Seconds

LOOPBACK = ("localhost", "127.0.0.1", "::1")


def _in_order(span: tuple[date, date]) -> tuple[date, date]:
    if span[1] < span[0]:
        raise ValueError("the last day is before the first")
    return span


def _webhook_url(value: str) -> str:
    try:
        url = urlsplit(value)
        host, _ = url.hostname, url.port
    except ValueError:
        raise ValueError("not a URL") from None
    if not host or url.username is not None or url.fragment:
        raise ValueError("https://HOST/PATH, without a login or a fragment in it")
    if url.scheme != "https" and not (url.scheme == "http" and host in LOOPBACK):
        raise ValueError("only https; http only to this machine itself")
    return value


class WebhookSettings(Settings):
    """Another system that takes events, pseudonyms only, without names; see docs/integrations.md."""

    url: Annotated[str, AfterValidator(_webhook_url)]
    secret_file: AbsolutePath
    ca: AbsolutePath | None = None
    kinds: tuple[Kind, ...] = (Kind.PASSED,)
    batch: Annotated[int, Field(ge=1, le=500)] = 100
    timeout_seconds: Annotated[float, Field(gt=0, le=120)] = 10.0
    first_retry_seconds: Seconds = 5.0
    longest_retry_seconds: Seconds = 900.0
    give_up_hours: Annotated[int, Field(ge=1, le=24 * 30)] = 72


class EdFiSettings(Settings):
    """How an Ed-Fi system knows this school and the part of the year."""

    school_id: Annotated[int, Field(ge=1, lt=2**31)]
    session_name: Annotated[str, Field(min_length=1, max_length=60)]


Span = Annotated[tuple[date, date], AfterValidator(_in_order)]


class CalendarSettings(Settings):
    """School days are working days; with `saturdays` these too; `closed` are holidays, both ends included."""

    saturdays: bool = False
    closed: tuple[Span, ...] = ()


class HomeAssistantSettings(Settings):
    """Home Assistant's broker, which is not the school's; while not `enabled`, what is there is removed."""

    enabled: bool = False
    host: Annotated[str, Field(min_length=1)]
    port: Port = 8883
    tls: bool = True
    ca: AbsolutePath | None = None
    cert: AbsolutePath | None = None
    key: AbsolutePath | None = None
    username: Annotated[str, Field(min_length=1)] | None = None
    password_file: AbsolutePath | None = None
    discovery_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$")] = "homeassistant"
    interval_seconds: Annotated[float, Field(ge=1, le=3600)] = 15.0

    @model_validator(mode="after")
    def _safe(self) -> "HomeAssistantSettings":
        if not self.tls and self.host not in LOOPBACK:
            raise ValueError("tls = false only to a broker on this machine itself")
        if (self.cert is None) != (self.key is None):
            raise ValueError("cert and key belong together")
        if self.password_file is not None and self.username is None:
            raise ValueError("password_file without username")
        return self
