"""Configuration that publisher and hub share, and the publisher's own."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, field_validator, model_validator

from edge.config import AbsolutePath, Settings, SlugField

Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]


_ADDRESS = re.compile(r"(?P<host>[^\s:/]+)(?::(?P<port>[0-9]{1,5}))?")


def _prom(path: Path) -> Path:
    if path.suffix != ".prom":
        raise ValueError("node_exporter reads only files whose name ends with .prom")
    return path


class BrokerSettings(Settings):
    """Where the MQTT broker listens; each host must be a name in its certificate.

    A cluster has several: `hosts` then replaces `host`, each a name or name:port, and any of them will do.
    """

    host: Annotated[str, Field(min_length=1)] = "localhost"
    port: Port = 8883
    hosts: tuple[str, ...] = ()

    @field_validator("hosts")
    @classmethod
    def _addresses(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for each in hosts:
            found = _ADDRESS.fullmatch(each)
            if found is None or not 1 <= int(found["port"] or 1) <= 65535:
                raise ValueError("write each broker as NAME or NAME:PORT")
        return hosts

    def each(self) -> tuple["BrokerSettings", ...]:
        """One for each broker of the cluster, with a single host."""
        found = [_ADDRESS.fullmatch(each) for each in self.hosts]
        several = [BrokerSettings(host=m["host"], port=int(m["port"] or self.port)) for m in found if m]
        return tuple(several) or (self,)


class TlsSettings(Settings):
    """PEM files. There is no way to connect without them."""

    ca: AbsolutePath
    cert: AbsolutePath
    key: AbsolutePath


class RetrySettings(Settings):
    """Waiting times grow from the first to the longest, with jitter."""

    first_seconds: Seconds = 2.0
    longest_seconds: Seconds = 60.0

    @model_validator(mode="after")
    def _in_order(self) -> "RetrySettings":
        if self.longest_seconds < self.first_seconds:
            raise ValueError("longest_seconds is shorter than first_seconds")
        return self


class RenewalSettings(Settings):
    """Where the certificate is renewed: the enrolment service, `https://HOST:PORT`."""

    hub: Annotated[str, Field(pattern=r"^https://[^/\s]+:[0-9]+/?$")]


class MetricsSettings(Settings):
    """A file for node_exporter's textfile collector; its name must end with `.prom`."""

    textfile: Annotated[AbsolutePath, AfterValidator(_prom)]


class PublisherSettings(Settings):
    """`qaqpa-sync`, one for each gate; its certificate's name is `school/gate`."""

    school: SlugField
    gate: SlugField
    outbox: AbsolutePath
    broker: BrokerSettings = BrokerSettings()
    tls: TlsSettings
    retry: RetrySettings = RetrySettings()
    renewal: RenewalSettings | None = None
    metrics: MetricsSettings | None = None
    window: Annotated[int, Field(ge=1, le=1000)] = 500
    disk_warning: Annotated[float, Field(gt=0, lt=1)] = 0.8
