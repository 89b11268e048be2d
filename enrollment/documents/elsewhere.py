"""What the papers say about gates and the hub, read from the configuration of these processes.

The kiosk does not know their packages; keys that no paper speaks of are passed over. The defaults are those
of `turnstile.settings` and `sync.hub.settings`, and a test holds them to that.
"""

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import ConfigDict

from edge.config import Settings, SlugField, load
from edge.domain.ids import Slug
from edge.errors import ConfigError
from edge.vision.engine_choice import FPIR, EngineName


class _Seen(Settings):
    model_config = ConfigDict(extra="ignore")


class PadSeen(_Seen):
    """Whether a gate also asks for a turn of the head."""

    depth: bool = False


class FacesSeen(_Seen):
    """Share of strangers that may match somebody."""

    fpir: float = FPIR


class GateSeen(_Seen):
    """One access point."""

    school: SlugField
    gate: SlugField
    profile: Literal["production", "unsafe_demo"] = "production"
    direction: Literal["in", "out"] = "in"
    mode: Literal["identify", "verify", "credential_only"] = "identify"
    engine: EngineName = EngineName.SFACE
    presence: Path | None = None
    pad: PadSeen = PadSeen()
    faces: FacesSeen = FacesSeen()

    @property
    def looks_at_faces(self) -> bool:
        """Whether a face is compared here at all."""
        return self.mode != "credential_only"


class NotifySeen(_Seen):
    """When a notice is late, and when it is not sent any more."""

    late_minutes: int = 15
    give_up_hours: int = 24


class HttpSeen(_Seen):
    """Where the hub's pages are served."""

    host: str = "127.0.0.1"


class RetentionSeen(_Seen):
    """For how many days the hub keeps passages, and messages that it did not understand."""

    events_days: int = 366
    quarantine_days: int = 30


class HubSeen(_Seen):
    """The school's hub."""

    school: SlugField
    database: str = ""
    http: HttpSeen = HttpSeen()
    notify: NotifySeen = NotifySeen()
    retention: RetentionSeen = RetentionSeen()

    @property
    def open_pages(self) -> bool:
        """Whether its pages, which show names, can be reached from other machines."""
        return self.http.host not in {"127.0.0.1", "localhost", "::1"}

    @property
    def database_server(self) -> str:
        """The host of a database server; empty where the database is a file at the hub."""
        return urlsplit(self.database).hostname or ""


def read_gate(path: Path, school: Slug) -> GateSeen:
    """Raises ConfigError: another school's, or a demonstration's, about which no paper should be made."""
    gate = load(path, GateSeen)
    _same_school(path, gate.school, school)
    if gate.profile != "production":
        raise ConfigError(
            f"{path}: profile {gate.profile!r} is a demonstration", "Papers speak of gates in production"
        )
    return gate


def read_hub(path: Path, school: Slug) -> HubSeen:
    """Raises ConfigError."""
    hub = load(path, HubSeen)
    _same_school(path, hub.school, school)
    return hub


def _same_school(path: Path, found: Slug, school: Slug) -> None:
    if found != school:
        raise ConfigError(
            f"{path} belongs to the school {str(found)!r}, the kiosk to {str(school)!r}",
            "Name configurations of one school",
        )
