"""The hub's HTTP interface for the school's own pages and monitors."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.middleware.trustedhost import TrustedHostMiddleware

from edge.errors import QaqpaError
from sync.hub import store
from sync.hub.attendance import Sighting, inside, sightings
from sync.hub.database import Database
from sync.hub.days import Day
from sync.hub.metrics import CONTENT_TYPE, HubCollector, exposition
from sync.hub.sequence import missing_by_gate
from sync.hub.settings import HubSettings
from sync.wire import Status


@dataclass(frozen=True, slots=True)
class Live:
    """What only the running process knows."""

    online: Callable[[], bool]
    gates: Callable[[], dict[str, Status]]
    broker_certificate_ends: Callable[[], datetime | None]


def create_app(settings: HubSettings, database: Database, live: Live) -> FastAPI:
    """Read-only pages; no key of the vault, no template and no contact is within their reach."""
    zone = ZoneInfo(settings.time_zone)
    app = FastAPI(title="Qaqpa hub", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(settings.http.allowed_hosts))

    @app.exception_handler(QaqpaError)
    def unavailable(request: Request, error: QaqpaError) -> JSONResponse:
        return JSONResponse({"error": str(error)}, status_code=503)

    @app.get("/healthz")
    def healthz() -> dict[str, Any]:
        """200 while the database answers; `broker` tells whether gates can be heard."""
        counts = store.counts(database)
        return {
            "broker": live.online(),
            "gates": {name: _status(status) for name, status in sorted(live.gates().items())},
            "notices_waiting": counts.notices_waiting,
            "quarantined": counts.quarantined,
            "missing": missing_by_gate(database),
        }

    @app.get("/api/attendance")
    def attendance(day: Day) -> list[dict[str, Any]]:
        """Everything that happened on a day of the school's time zone."""
        return [_sighting(each) for each in sightings(database, day, zone, settings.school)]

    @app.get("/api/inside")
    def inside_now() -> list[dict[str, Any]]:
        """Who came in today and has not left."""
        today = sightings(database, datetime.now(zone).date(), zone, settings.school)
        return [_sighting(each) for each in inside(today)]

    collector = HubCollector(settings, database, live.online, live.gates, live.broker_certificate_ends)

    @app.get("/metrics")
    def metrics() -> Response:
        """Prometheus' text format, numbers only."""
        return Response(exposition(collector), media_type=CONTENT_TYPE)

    return app


def _status(status: Status) -> dict[str, Any]:
    return {
        "online": status.online,
        "backlog": status.backlog,
        "at": status.at.isoformat(),
        "disk_used": status.disk_used,
        "clock_synchronised": status.clock_synchronised,
    }


def _sighting(each: Sighting) -> dict[str, Any]:
    return {
        "occurred": each.occurred.isoformat(timespec="seconds"),
        "claimed": each.claimed.isoformat(timespec="seconds"),
        "time_certain": each.time_certain,
        "gate": each.gate,
        "direction": each.direction.value,
        "method": each.method.value,
        "kind": each.kind.value,
        "child": None if each.child is None else each.child.value,
        "display_name": each.display_name,
    }
