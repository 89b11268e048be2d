"""A stolen device whose session the broker has not ended yet: the hub takes nothing from it, and says so."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from edge.domain.ids import Slug
from sync.hub.ca import CertificateAuthority
from sync.identity import Identity, Request
from sync.outbox import Outbox
from sync.wire import encode
from tests.sync.conftest import started
from tests.sync.parts import (
    GATE,
    OTHER_GATE,
    SCHOOL,
    Process,
    School,
    eventually,
    granted,
    pass_through,
    row,
    running,
)
from tests.sync.test_bad_input import problems
from tests.sync.test_rights import MINE, MY_CONFIRMATIONS, links

NAME = f"{SCHOOL}/{GATE}"


@dataclass
class Town:
    """A school with an authority of its own and a broker that never hears of its list."""

    school: School
    authority: CertificateAuthority

    def hub(self) -> Process:
        process = self.school.hub_process()
        config = self.school.folder / "hub.toml"
        config.write_text(f'crl = "{self.crl}"\n{config.read_text("utf-8")}', "utf-8")
        return process

    @property
    def crl(self) -> Path:
        return self.authority.register.crl


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    authority = CertificateAuthority.create(tmp_path / "ca", SCHOOL)
    gates = {gate: authority.issue_gate(gate) for gate in (GATE, OTHER_GATE)}
    school = School(tmp_path, authority.issue_broker(), authority.issue_hub(), gates)
    for _ in started("mosquitto", school.plan):
        yield Town(school, authority)


def test_an_open_session_of_a_revoked_device_brings_no_attendance_and_is_counted(town: Town) -> None:
    school, hub, publisher = town.school, town.hub(), town.school.publisher()
    with Outbox(school.outbox) as outbox, running(hub, publisher):
        pass_through(outbox)
        eventually(lambda: outbox.backlog().count == 0, "it is confirmed while nobody is revoked")
        assert town.authority.revoke(NAME) == 1
        pass_through(outbox)
        eventually(lambda: problems(school), "the hub puts it aside")
        assert set(problems(school)) == {"the device is revoked"}
        assert (outbox.backlog().count, school.count("SELECT count(*) FROM event")) == (1, 1)
        status = Process("sync.hub.cli", ["status", "--config", str(school.folder / "hub.toml")], hub.said)
        with running(status):
            assert status.end() == 3
        assert "put aside: " in hub.text
        publisher.stop()

        key = ec.generate_private_key(ec.SECP256R1())
        with town.authority.register.lock():
            town.authority.certify(Request(Identity(SCHOOL, GATE), key.public_key()))
        publisher.start()
        eventually(lambda: outbox.backlog().count == 0, "enrolled again, it brings what it kept")
    assert school.count("SELECT count(*) FROM event") == 2


def test_a_list_that_is_lost_while_the_hub_runs_lets_nobody_back_in(town: Town) -> None:
    hub = town.hub()
    town.authority.revoke(NAME)
    with running(hub), links(town.school, "main") as (main,):
        main.subscribe(MY_CONFIRMATIONS)
        hub.wait_for("online")
        town.crl.write_bytes(town.crl.read_bytes()[:100])
        main.publish(MINE, encode(row(granted())))
        eventually(lambda: problems(town.school), "it is still put aside")
        hub.wait_for("the last revocation list stays in force")
        assert hub.stop() == 0
    assert town.school.count("SELECT count(*) FROM event") == 0


def test_a_hub_does_not_begin_with_a_list_that_it_cannot_trust(town: Town) -> None:
    stranger = CertificateAuthority.create(town.school.folder / "stranger", Slug("school-8"))
    for content, words in (
        (stranger.register.crl.read_bytes(), "another authority's list"),
        (b"", "cannot read the revocation list"),
    ):
        hub = town.hub()
        town.crl.write_bytes(content)
        with running(hub):
            assert hub.end() == 2
        assert words in hub.text
