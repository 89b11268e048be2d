"""Home Assistant sees gates and counts through its own broker, never a person; and nothing when it is off."""

import json
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from pydantic import ValidationError

from edge.config import load
from edge.domain.events import Direction, Kind
from edge.domain.ids import Slug
from sync.broker import Broker, MosquittoBroker
from sync.hub.database import Database
from sync.hub.home_assistant_link import HomeAssistant
from sync.hub.integration_settings import HomeAssistantSettings
from sync.hub.settings import HubSettings
from sync.hub.store import Store
from sync.outbox import Outbox
from sync.wire import Status
from tests.builders import child_id
from tests.sync.parts import (
    CHILD,
    NAME,
    School,
    eventually,
    free_port,
    granted,
    pass_through,
    row,
    running,
    tls_of,
)  # fmt: skip

PASSWORD = "s3cret-of-ha"  # noqa: S105 # of a broker that lives for one test
NODE = "qaqpa_school-7"
ENTITIES = {
    "binary_sensor/main_online", "sensor/main_backlog", "sensor/main_last_passage", "sensor/main_alarms",
    "sensor/inside",
}  # fmt: skip

KEYS = {
    "name", "unique_id", "state_topic", "value_template", "availability_topic", "device", "origin",
    "device_class", "entity_category",
}  # fmt: skip
"""Of every entity."""


@dataclass
class House:
    """Home Assistant's own Mosquitto: TLS with its own certificate, and a login."""

    folder: Path
    ca: Path
    port: int

    def settings(self, **changes: object) -> HomeAssistantSettings:
        secret = self.folder / "password"
        secret.write_text(f"{PASSWORD}\n", "utf-8")
        values = {
            "enabled": True, "host": "localhost", "port": self.port, "ca": self.ca, "username": "qaqpa",
            "password_file": secret, "interval_seconds": 1,
        }  # fmt: skip
        return HomeAssistantSettings.model_validate({**values, **changes})

    def toml(self, enabled: bool) -> str:
        return (
            f"[home_assistant]\nenabled = {str(enabled).lower()}\nhost = 'localhost'\nport = {self.port}\n"
            f"ca = '{self.ca}'\nusername = 'qaqpa'\npassword_file = '{self.folder}/password'\n"
            "interval_seconds = 1\n"
        )

    def retained(self) -> dict[str, bytes]:
        """Everything that the broker would tell a Home Assistant that starts now."""
        found: dict[str, bytes] = {}
        ready: list[bool] = []
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="reader")
        client.tls_set(str(self.ca))
        client.username_pw_set("qaqpa", PASSWORD)
        client.on_message = lambda c, u, message: found.update({message.topic: bytes(message.payload)})
        client.on_connect = lambda c, *rest: c.subscribe("#", 1)
        client.on_subscribe = lambda *rest: ready.append(True)
        client.connect("localhost", self.port)
        deadline = time.monotonic() + 20
        while not ready and time.monotonic() < deadline:
            client.loop(0.05)
        for _ in range(10):
            client.loop(0.05)
        client.disconnect()
        return found

    def configs(self) -> dict[str, dict[str, Any]]:
        pattern = re.compile(rf"homeassistant/(\w+)/{NODE}/([\w-]+)/config")
        found = {topic: payload for topic, payload in self.retained().items() if pattern.fullmatch(topic)}
        return {
            "{}/{}".format(*pattern.fullmatch(topic).groups()): json.loads(payload)  # type: ignore[union-attr] # it did match
            for topic, payload in found.items()
        }

    def value(self, topic: str, key: str) -> object:
        return json.loads(self.retained().get(topic, b"{}")).get(key)


@pytest.fixture
def house(school: School) -> Iterator[House]:
    executable = MosquittoBroker.find()
    if executable is None:
        pytest.skip("mosquitto is not installed")
    folder = school.folder / "ha"
    folder.mkdir()
    subprocess.run(
        ["mosquitto_passwd", "-b", "-c", str(folder / "users"), "qaqpa", PASSWORD],
        check=True,
        capture_output=True,
    )
    port, tls = free_port(), tls_of(school.broker)
    config = folder / "mosquitto.conf"
    config.write_text(
        f"listener {port} 127.0.0.1\ncertfile {tls.cert}\nkeyfile {tls.key}\nallow_anonymous false\n"
        f"password_file {folder}/users\nuser root\nlog_dest none\n",
        "utf-8",
    )
    made = House(folder, tls.ca, port)
    made.settings()
    server = subprocess.Popen([executable, "-c", str(config)], stdin=subprocess.DEVNULL)
    try:
        eventually(lambda: _answers(made), "Home Assistant's broker answers")
        yield made
    finally:
        server.terminate()
        server.wait(20)


def _answers(house: House) -> bool:
    try:
        house.retained()
    except OSError:
        return False
    return True


def rendered(template: str, state: bytes) -> str:
    """As Home Assistant does it: Jinja prints a Python value with str()."""
    key = re.fullmatch(r"\{\{ value_json\.(\w+) \}\}", template)
    assert key is not None
    return str(json.loads(state)[key[1]])


@contextmanager
def telling(
    school: School, house: House, database: Database, *, online: bool = True, **changes: object
) -> Iterator[None]:
    settings = load(school.folder / "hub.toml", HubSettings)
    gates = {"main": Status(online=online, backlog=4, at=datetime.now(UTC))}
    part, stop = HomeAssistant(settings, house.settings(**changes), database, lambda: gates), Event()
    thread = Thread(target=part.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.fixture
def database(school: School) -> Iterator[Database]:
    school.hub_process()
    school.register("json://localhost/mother")
    with closing(Database(school.database)) as opened:
        yield opened


def test_each_gate_appears_with_its_values_and_the_school_with_a_count(
    school: School, house: House, database: Database
) -> None:
    came = replace(granted(), kind=Kind.PASSED)
    alarm = replace(granted(), kind=Kind.ALARM, child=None)
    Store(database).record([row(came, 1), row(alarm, 2)], datetime.now(UTC))
    gate, whole = "qaqpa_ha/school-7/gate/main/state", "qaqpa_ha/school-7/school/state"
    with telling(school, house, database):
        eventually(lambda: house.configs().keys() == ENTITIES, "all are there")
        eventually(lambda: house.value(whole, "inside") == 1, "one is inside")
        assert house.retained()["qaqpa_ha/school-7/availability"] == b"online"
        values = json.loads(house.retained()[gate])
        moment = datetime.fromisoformat(values.pop("last_passage"))
        assert values == {"online": "ON", "backlog": 4, "alarms": 1}
        assert moment == came.occurred.replace(microsecond=0)
        left = replace(granted(), kind=Kind.PASSED, direction=Direction.OUT)
        Store(database).record([row(left, 3)], datetime.now(UTC))
        eventually(lambda: house.value(whole, "inside") == 0, "who left is not inside")
        everything = b" ".join(
            part for topic, payload in house.retained().items() for part in (topic.encode(), payload)
        )
        assert CHILD.value[:8].encode() not in everything
        assert NAME.encode() not in everything
    assert house.retained()["qaqpa_ha/school-7/availability"] == b"offline", "entities become unavailable"


def test_a_districts_database_shows_this_schools_people_only(
    school: School, house: House, database: Database
) -> None:
    """The other school has a gate of the same name."""
    ours = granted(when=datetime.now(UTC) - timedelta(minutes=1))
    elsewhere = replace(granted(), school=Slug("school-8"), child=child_id(8))
    came = [replace(each, kind=Kind.PASSED) for each in (ours, elsewhere)]
    alarm = replace(granted(), school=elsewhere.school, kind=Kind.ALARM, child=None)
    happened = [row(each, number) for number, each in enumerate([*came, alarm], 1)]
    Store(database).record(happened, datetime.now(UTC))
    with telling(school, house, database):
        eventually(lambda: house.value("qaqpa_ha/school-7/gate/main/state", "backlog"), "the gate is told")
        retained = house.retained()
    gate = json.loads(retained["qaqpa_ha/school-7/gate/main/state"])
    assert json.loads(retained["qaqpa_ha/school-7/school/state"]) == {"inside": 1}
    assert gate["alarms"] == 0
    assert datetime.fromisoformat(gate["last_passage"]) == ours.occurred.replace(microsecond=0)


@pytest.mark.parametrize("online", [True, False])
def test_each_configuration_is_one_that_home_assistant_accepts_and_each_value_one_that_it_shows(
    school: School, house: House, database: Database, online: bool
) -> None:
    """The keys of the pages sensor.mqtt and binary_sensor.mqtt, and the rules for those that go together."""
    Store(database).record([row(replace(granted(), kind=Kind.PASSED))], datetime.now(UTC))
    with telling(school, house, database, online=online):
        eventually(lambda: house.configs().keys() == ENTITIES, "all are there")
        configs, retained = house.configs(), house.retained()
    assert len({each["unique_id"] for each in configs.values()}) == len(configs)
    for name, config in configs.items():
        assert config["state_topic"] in retained
        assert config["availability_topic"] in retained
        assert config["origin"]["name"] == "Qaqpa"
        assert len(config["device"]["identifiers"]) == 1
        value = rendered(config["value_template"], retained[config["state_topic"]])
        if name.startswith("binary_sensor/"):
            assert config.keys() <= KEYS | {"payload_on", "payload_off"}
            assert config.get("device_class") in {None, "connectivity"}
            on_off = config.get("payload_on", "ON"), config.get("payload_off", "OFF")
            assert value == on_off[not online], "else Home Assistant ignores it"
        elif config.get("device_class") == "timestamp":
            assert config.keys() <= KEYS
            assert datetime.fromisoformat(value).tzinfo is not None
        else:
            assert config.keys() <= KEYS | {"state_class", "unit_of_measurement"}
            assert config["state_class"] in {"measurement", "total", "total_increasing"}
            assert "device_class" not in config, "its units would be prescribed"
            assert float(value) >= 0
        assert config.get("entity_category") in {None, "diagnostic"}
    devices = {each["device"]["identifiers"][0] for each in configs.values()}
    assert {each["device"].get("via_device") for each in configs.values()} <= devices | {None}


def test_when_it_is_disabled_everything_of_this_school_is_removed_and_nothing_else(
    school: School, house: House, database: Database
) -> None:
    with telling(school, house, database):
        eventually(lambda: house.configs().keys() == ENTITIES, "all are there")
    other = "homeassistant/sensor/qaqpa_school-77/inside/config"
    _publish(house, other)
    with telling(school, house, database, enabled=False):
        eventually(lambda: house.retained().keys() == {other}, "only another school's is left")


def _publish(house: House, topic: str) -> None:
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.tls_set(str(house.ca))
    client.username_pw_set("qaqpa", PASSWORD)
    client.connect("localhost", house.port)
    client.loop_start()
    client.publish(topic, b"{}", 1, retain=True).wait_for_publish(20)
    client.disconnect()
    client.loop_stop()


def test_a_house_that_refuses_the_hub_never_stops_it(
    school: School, house: House, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    with telling(school, house, database, username="stranger"):
        time.sleep(1)
    assert "refuses the hub" in capsys.readouterr().out
    assert house.retained() == {}


def test_a_running_hub_tells_what_a_running_gate_does_and_takes_it_back(
    school: School, house: House, mosquitto: Broker
) -> None:
    """All of it as processes: the school's broker has no topic more, Home Assistant's has its own."""
    hub, publisher = school.hub_process(), school.publisher()
    config = school.folder / "hub.toml"
    plain = config.read_text("utf-8")
    config.write_text(plain + house.toml(enabled=True), "utf-8")
    with Outbox(school.outbox) as outbox, running(hub, publisher):
        pass_through(outbox)
        eventually(lambda: house.value("qaqpa_ha/school-7/school/state", "inside") == 1, "one is inside")
        eventually(lambda: house.configs().keys() == ENTITIES, "the gate is there")
        assert hub.stop() == 0
        config.write_text(plain + house.toml(enabled=False), "utf-8")
        hub.start()
        eventually(lambda: house.retained() == {}, "everything is removed")
        hub.wait_for("home assistant is off")
        for number in range(2, 12):
            pass_through(outbox)
            stored = f"SELECT count(*) = {number} FROM event"
            eventually(lambda query=stored: school.count(query), "the hub goes on without it")  # type: ignore[misc] # bound now
        assert hub.stop() == 0


@pytest.mark.parametrize(
    "wrong",
    [{"tls": False, "host": "ha.example"}, {"cert": "a"}, {"username": None}, {"discovery_prefix": "a/#"}],
)
def test_a_password_never_leaves_in_the_clear(tmp_path: Path, wrong: dict[str, object]) -> None:
    house = House(tmp_path, tmp_path / "ca", 1)
    assert house.settings(tls=False)
    with pytest.raises(ValidationError):
        house.settings(**wrong)
