"""What Home Assistant is told: gates and counts, as MQTT discovery wants them; no pseudonym and no name.

Topics and keys: https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery and the pages `sensor.mqtt`
and `binary_sensor.mqtt` beside it. One retained message for each entity.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from importlib.metadata import version
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select

from edge.domain.events import Kind
from edge.domain.ids import Slug
from sync.hub.attendance import inside, sightings
from sync.hub.database import Database
from sync.hub.schema import event
from sync.wire import Status

ONLINE, OFFLINE = b"online", b"offline"


@dataclass(frozen=True, slots=True)
class _Entity:
    """One value of a device; `extra` are keys of its component's page.

    Home Assistant compares a binary sensor's value with its payloads letter by letter; these are ON and OFF.
    """

    key: str
    component: str
    name: str
    extra: Mapping[str, str]


_OF_A_GATE = (
    _Entity(
        "online",
        "binary_sensor",
        "Online",
        {"device_class": "connectivity", "entity_category": "diagnostic"},
    ),
    _Entity(
        "backlog",
        "sensor",
        "Backlog",
        {"state_class": "measurement", "unit_of_measurement": "events", "entity_category": "diagnostic"},
    ),
    _Entity("last_passage", "sensor", "Last passage", {"device_class": "timestamp"}),
    _Entity(
        "alarms",
        "sensor",
        "Alarms today",
        {"state_class": "total_increasing", "unit_of_measurement": "alarms"},
    ),
)
_OF_THE_SCHOOL = (
    _Entity(
        "inside", "sensor", "People inside", {"state_class": "measurement", "unit_of_measurement": "people"}
    ),
)


@dataclass(frozen=True, slots=True)
class Names:
    """Topics of one school. Slugs have no underscore, so that no two of them meet."""

    school: Slug
    prefix: str

    @property
    def node(self) -> str:
        """The device of the whole school."""
        return f"qaqpa_{self.school}"

    @property
    def availability(self) -> str:
        """Where the hub says that it lives."""
        return f"qaqpa_ha/{self.school}/availability"

    def state(self, gate: str | None) -> str:
        """Where the values are: of a gate, or of the school."""
        return f"qaqpa_ha/{self.school}/{'school' if gate is None else f'gate/{gate}'}/state"

    def config(self, entity: _Entity, gate: str | None) -> str:
        """`<prefix>/<component>/<node_id>/<object_id>/config`."""
        place = entity.key if gate is None else f"{gate}_{entity.key}"
        return f"{self.prefix}/{entity.component}/{self.node}/{place}/config"

    @property
    def own(self) -> tuple[str, ...]:
        """Filters for everything of this school that a broker may hold."""
        return (f"{self.prefix}/+/{self.node}/+/config", f"qaqpa_ha/{self.school}/#")


def discovery(names: Names, gates: Mapping[str, Status]) -> Iterator[tuple[str, bytes]]:
    """Topic and payload of each entity's configuration."""
    for gate in (None, *sorted(gates)):
        for entity in _OF_THE_SCHOOL if gate is None else _OF_A_GATE:
            yield names.config(entity, gate), json.dumps(_config(names, entity, gate)).encode()


def _config(names: Names, entity: _Entity, gate: str | None) -> dict[str, Any]:
    return {
        "name": entity.name,
        "unique_id": f"{names.node}_{entity.key}" if gate is None else f"{names.node}_{gate}_{entity.key}",
        "state_topic": names.state(gate),
        "value_template": f"{{{{ value_json.{entity.key} }}}}",
        "availability_topic": names.availability,
        "device": _device(names, gate),
        "origin": {"name": "Qaqpa", "sw_version": version("qaqpa")},
        **entity.extra,
    }


def _device(names: Names, gate: str | None) -> dict[str, Any]:
    if gate is None:
        return {"identifiers": [names.node], "name": f"Qaqpa {names.school}", "manufacturer": "Qaqpa"}
    return {
        "identifiers": [f"{names.node}_{gate}"],
        "name": f"Gate {gate}",
        "manufacturer": "Qaqpa",
        "via_device": names.node,
    }


def states(
    names: Names, gates: Mapping[str, Status], database: Database, now: datetime, zone: ZoneInfo
) -> Iterator[tuple[str, bytes]]:
    """Topic and payload of the values; the database may hold other schools too. Raises SyncRetryable."""
    today = now.astimezone(zone).date()
    present = len(inside(sightings(database, today, zone, names.school)))
    yield names.state(None), json.dumps({"inside": present}).encode()
    last, alarms = _last_passages(database, names.school), _alarms(database, names.school, today, zone)
    for gate, status in sorted(gates.items()):
        passed = last.get(gate)
        values = {
            "online": "ON" if status.online else "OFF",
            "backlog": status.backlog,
            "last_passage": None if passed is None else passed.astimezone(UTC).isoformat(timespec="seconds"),
            "alarms": alarms.get(gate, 0),
        }
        yield names.state(gate), json.dumps(values).encode()


def _last_passages(database: Database, school: Slug) -> dict[str, datetime]:
    """By gate, of what came in the last two days and has a certain time."""
    recent = datetime.now(UTC) - timedelta(days=2)
    query = (
        select(event.c.gate, func.max(event.c.occurred))
        .where(
            event.c.school == school.value,
            event.c.kind == Kind.PASSED.value,
            event.c.received >= recent,
            or_(event.c.clock_synchronised, event.c.corrected),
        )
        .group_by(event.c.gate)
    )
    with database.read() as connection:
        return {gate: moment for gate, moment in connection.execute(query)}


def _alarms(database: Database, school: Slug, day: date, zone: ZoneInfo) -> dict[str, int]:
    start = datetime.combine(day, time.min, zone)
    query = (
        select(event.c.gate, func.count())
        .where(event.c.school == school.value, event.c.kind == Kind.ALARM.value, event.c.received >= start)
        .group_by(event.c.gate)
    )
    with database.read() as connection:
        return {gate: number for gate, number in connection.execute(query)}
