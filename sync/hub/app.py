"""The hub's HTTP interface for the school's own pages and monitors."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.middleware.trustedhost import TrustedHostMiddleware

from edge.errors import QaqpaError
from sync.hub import store
from sync.hub.attendance import Sighting, inside, sightings
from sync.hub.database import Database
from sync.hub.sequence import gaps
from sync.hub.settings import HubSettings
from sync.wire import Status


@dataclass(frozen=True, slots=True)
class Live:
    """What only the running process knows."""

    online: Callable[[], bool]
    gates: Callable[[], dict[str, Status]]


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
            "missing": _missing(database),
        }

    @app.get("/api/attendance")
    def attendance(day: date) -> list[dict[str, Any]]:
        """Everything that happened on a day of the school's time zone."""
        return [_sighting(each) for each in sightings(database, day, zone, settings.school)]

    @app.get("/api/inside")
    def inside_now() -> list[dict[str, Any]]:
        """Who came in today and has not left."""
        today = sightings(database, datetime.now(zone).date(), zone, settings.school)
        return [_sighting(each) for each in inside(today)]

    @app.get("/metrics", response_class=PlainTextResponse)
    def metrics() -> str:
        """Prometheus' text format, numbers only."""
        counts = store.counts(database)
        gates = [
            line for name, status in sorted(live.gates().items()) for line in _gate_metrics(name, status)
        ]
        return "\n".join(
            [
                f"qaqpa_hub_broker_online {int(live.online())}",
                f"qaqpa_hub_events {counts.events}",
                f"qaqpa_hub_notices_waiting {counts.notices_waiting}",
                f"qaqpa_hub_quarantined {counts.quarantined}",
                *(
                    f'qaqpa_hub_missing{{gate="{gate}"}} {n}'
                    for gate, n in sorted(_missing(database).items())
                ),
                *gates,
                "",
            ]
        )

    return app


def _status(status: Status) -> dict[str, Any]:
    return {
        "online": status.online,
        "backlog": status.backlog,
        "at": status.at.isoformat(),
        "disk_used": status.disk_used,
        "clock_synchronised": status.clock_synchronised,
    }


def _gate_metrics(name: str, status: Status) -> list[str]:
    values = {"online": status.online, "backlog": status.backlog, "disk_used": status.disk_used}
    return [
        f'qaqpa_hub_gate_{what}{{gate="{name}"}} {float(value):g}'
        for what, value in values.items()
        if value is not None
    ]


def _missing(database: Database) -> dict[str, int]:
    """Of each gate, how many of its numbers never came."""
    missing: dict[str, int] = {}
    for each in gaps(database):
        missing[each.gate] = missing.get(each.gate, 0) + each.missing
    return missing


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
