"""A stolen device whose session the broker has not ended yet: the hub takes nothing from it, and says so."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from edge.domain.ids import Slug
from sync.hub.ca import CertificateAuthority, Issued
from sync.identity import Identity, Request
from sync.outbox import Outbox
from sync.wire import Channel, Status, Topic, encode, encode_status
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
from tests.sync.test_bad_input import confirmed, problems
from tests.sync.test_rights import MINE, MY_CONFIRMATIONS, links

NAME = f"{SCHOOL}/{GATE}"
REVOKED = "the device is revoked"


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

    def certified_anew(self) -> Issued:
        """Another device under the name of the first, with a key of its own."""
        key, folder = ec.generate_private_key(ec.SECP256R1()), self.school.folder
        with self.authority.register.lock():
            certificate = self.authority.certify(Request(Identity(SCHOOL, GATE), key.public_key()))
        issued = Issued(self.school.hub.ca, folder / "anew.crt", folder / "anew.key")
        issued.cert.write_bytes(certificate.public_bytes(Encoding.PEM))
        issued.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return issued

    def command(self, *words: str, code: int = 0) -> str:
        said = self.school.folder / "said"
        said.unlink(missing_ok=True)
        command = Process("sync.hub.cli", [*words, "--config", str(self.school.folder / "hub.toml")], said)
        with running(command):
            assert command.end() == code, command.text
        return command.text

    def refused(self) -> int:
        """How often it heard a revoked device."""
        return self.school.count("SELECT coalesce(sum(total), 0) FROM refusal WHERE problem = 'revoked'")

    def gates(self) -> dict[str, object]:
        """Of which gates the pages know something."""
        with urlopen(f"http://127.0.0.1:{self.school.http_port}/healthz") as answer:
            found: dict[str, object] = json.load(answer)["gates"]
        return found


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    authority = CertificateAuthority.create(tmp_path / "ca", SCHOOL)
    gates = {gate: authority.issue_gate(gate) for gate in (GATE, OTHER_GATE)}
    school = School(tmp_path, authority.issue_broker(), authority.issue_hub(), gates)
    for _ in started("mosquitto", school.plan):
        yield Town(school, authority)


def test_an_open_session_of_a_revoked_device_brings_no_attendance_and_is_counted(town: Town) -> None:
    """Revoked by mistake, it is enrolled again with its card, which a person lets in: nothing is lost."""
    school, hub, publisher = town.school, town.hub(), town.school.publisher()
    with Outbox(school.outbox) as outbox, running(hub, publisher):
        pass_through(outbox)
        eventually(lambda: outbox.backlog().count == 0, "it is confirmed while nobody is revoked")
        assert town.authority.revoke(NAME) == 1
        pass_through(outbox)
        eventually(lambda: problems(school), "the hub puts it aside")
        assert set(problems(school)) == {REVOKED}
        assert (outbox.backlog().count, school.count("SELECT count(*) FROM event")) == (1, 1)
        assert town.command("status", code=3).count("put aside: 1. See qaqpa-hub quarantine") == 1
        publisher.stop()

        school.publisher(town.certified_anew())
        publisher.start()
        publisher.wait_for("online", times=2)
        refused = town.refused()
        eventually(lambda: town.refused() > refused, "the card stays out under its new certificate")
        asides = map(json.loads, town.command("quarantine", "--json").splitlines())
        (aside,) = [each for each in asides if each["topic"] == MINE]
        assert (aside["reason"], aside["times"] >= 2) == (REVOKED, True)
        town.command("quarantine", "--let-in", aside["outbox"][:8])
        eventually(lambda: outbox.backlog().count == 0, "let in, it brings what it kept")
    assert school.count("SELECT count(*) FROM event") == 2


@pytest.mark.parametrize("silent", [False, True])
def test_a_stolen_card_stays_out_although_its_gate_has_a_new_device(town: Town, silent: bool) -> None:
    """Its session was never ended; it sent something, or nothing, before its name had a certificate again."""
    hub, school = town.hub(), town.school
    with running(hub), links(school, "main") as (stolen,):
        stolen.subscribe(MY_CONFIRMATIONS)
        hub.wait_for("online")
        assert confirmed(stolen, granted())
        with closing(sqlite3.connect(str(school.database))) as connection, connection:
            connection.execute("UPDATE outbox SET first_seen = '2026-01-01 00:00:00.000000'")
        town.authority.revoke(NAME)
        if not silent:
            stolen.publish(MINE, encode(row(granted(), 8)))
            eventually(town.refused, "it is put aside")
        there = replace(school, folder=school.folder / "new", gates={GATE: town.certified_anew()})
        there.folder.mkdir()
        with Outbox(there.outbox) as outbox, running(there.publisher()):
            pass_through(outbox)
            eventually(lambda: outbox.backlog().count == 0, "the new device is heard")
            before = town.refused()
            stolen.publish(MINE, encode(row(granted(), 9)))
            eventually(lambda: town.refused() > before, "the old one is put aside")
    assert set(problems(school)) == {REVOKED}
    assert school.count("SELECT count(*) FROM event") == 2


def test_nobody_believes_what_a_revoked_device_says_of_itself(town: Town) -> None:
    """And nobody is called because it is offline."""
    hub, status = town.hub(), str(Topic(SCHOOL, GATE, Channel.STATUS))
    here = encode_status(Status(online=True, backlog=0, at=datetime.now(UTC)))
    with running(hub), links(town.school, "main") as (main,):
        hub.wait_for("online")
        main.publish(status, here, retain=True)
        eventually(lambda: main.step(0.02) or "main" in town.gates(), "it is shown")
        town.authority.revoke(NAME)
        eventually(lambda: town.gates() == {}, "it is not shown any more")
        main.publish(status, here, retain=True)
        eventually(lambda: main.step(0.02) or problems(town.school) == [REVOKED], "it is put aside")
        assert town.gates() == {}


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
