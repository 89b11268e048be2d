"""Sets up a small school on this machine: keys, certificates, configurations, roster, consents, faces."""

import csv
import json
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from edge.domain.ids import Slug
from edge.domain.iin import check_iin
from sync.broker import Broker, BrokerPlan, local_broker
from sync.hub.ca import HUB, CertificateAuthority, Issued
from sync.settings import TlsSettings
from tests.demo.processes import ROOT, run
from tests.demo.scenario import Scenario

PUPILS = ROOT / "tests" / "pupils"
CALIBRATION = PUPILS / "calibration.json"
ENROL_PICTURES = ("enrol_1.jpg", "enrol_2.jpg", "enrol_3.jpg")
STAFF = "T-01"
PIN = "482915"
"""Of the member of staff who is at the gate in the demo."""
WORDING = "I agree that the school lets my child in by face. I can withdraw this at any time."


@dataclass(frozen=True, slots=True)
class School:
    """Where everything of the demo school is."""

    folder: Path
    stage: Path
    broker: Broker
    http_port: int

    def config(self, process: str) -> Path:
        """The configuration file of a process."""
        return self.folder / f"{process}.toml"

    @property
    def outbox(self) -> Path:
        """The gate's outbox."""
        return self.folder / "gate" / "outbox.db"


def student_number(pupil: str) -> str:
    """The school's number of a rendered pupil."""
    return f"S-26{pupil[1:]}"


def iin(pupil: str, age: int) -> str:
    """Made up, with a right control digit: born in March of that year, then the pupil's number."""
    eleven = f"{born(age).year % 100:02d}03015{int(pupil[1:]):04d}"
    for control in range(10):
        with suppress(ValueError):
            return check_iin(f"{eleven}{control}")
    return ""


def born(age: int) -> date:
    """A day that gives a pupil this age in the autumn of the demo."""
    return date(2026 - age, 3, 1)


def ages() -> dict[str, int]:
    """Of each rendered pupil, in years."""
    return {each["id"]: each["age"] for each in json.loads((PUPILS / "pupils.json").read_text())["pupils"]}


def display_name(pupil: str) -> str:
    """What the parents' messages call the pupil; rendered pupils have no names."""
    return f"Pupil {pupil[1:]}"


def found_school(folder: Path, scenario: Scenario, phones_port: int) -> School:
    """Write every file of the school; its broker is not started yet."""
    for part in ("gate", "hub", "ca", "broker"):
        (folder / part).mkdir(parents=True)
    school, gate = Slug(scenario.school), Slug(scenario.gate)
    authority = CertificateAuthority.create(folder / "ca", school)
    mqtt, http = _free_port(), _free_port()
    plan = BrokerPlan(folder / "broker", mqtt, _tls(authority.issue_broker()), school, [gate], HUB)
    made = School(folder, folder / "stage", local_broker(plan), http)
    (folder / "passphrase").write_text("a demo passphrase; a school chooses its own")
    _write_configs(made, scenario, mqtt, authority)
    _write_rosters(folder, scenario, phones_port)
    run("qaqpa-kiosk", "init", "--config", made.config("kiosk"))
    run("qaqpa-kiosk", "hub-key", folder / "hub" / "school.key", "--config", made.config("kiosk"))
    run("qaqpa-hub", "directory", "import", folder / "directory.csv", "--config", made.config("hub"))
    return made


def enrol_everyone(school: School, scenario: Scenario, progress: Callable[[str], None]) -> None:
    """Roster, a PIN, then consent and face of each pupil whose guardian agreed, as staff would do it."""
    kiosk = ("--config", school.config("kiosk"))
    run("qaqpa-kiosk", "enroll", "roster", school.folder / "roster.csv", *kiosk)
    run("qaqpa-kiosk", "staff", "pin", STAFF, *kiosk, typed=f"{PIN}\n{PIN}\n")
    wording = school.folder / "wording.txt"
    wording.write_text(WORDING)
    paper = school.folder / "paper.pdf"
    paper.write_text(f"%PDF-1.7 {WORDING} Signed.")
    for pupil in scenario.consenting:
        progress(pupil)
        number = student_number(pupil)
        run(
            "qaqpa-kiosk", "enroll", "consent", number, "--guardian", f"Parent {pupil}",
            "--evidence", paper, "--wording", wording, *kiosk,
        )  # fmt: skip
        pictures = [f"--picture={PUPILS / pupil / name}" for name in ENROL_PICTURES]
        run("qaqpa-kiosk", "enroll", "face", number, *pictures, *kiosk)


def _write_configs(school: School, scenario: Scenario, mqtt: int, authority: CertificateAuthority) -> None:
    folder = school.folder
    vault = f"""
[vault]
path = "{folder}/vault.db"
[vault.key]
provider = "passphrase"
passphrase_file = "{folder}/passphrase"
"""
    camera = [sys.executable, "-m", "tests.demo.camera", str(PUPILS), str(school.stage)]
    school.config("kiosk").write_text(f"""school = "{scenario.school}"
audit = "{folder}/kiosk-audit.jsonl"
{vault}
[operator]
name = "{scenario.school}"
bin = "230840002814"
""")
    school.config("gate").write_text(f"""profile = "unsafe_demo"
school = "{scenario.school}"
gate = "{scenario.gate}"
audit = "{folder}/gate/audit.jsonl"
outbox = "{school.outbox}"
control = "{folder}/gate/control"
{vault}
[camera]
source = "command"
command = {json.dumps(camera)}
[faces]
# Rendered faces are more alike than people are, so the demo's gate is calibrated as a school's would be.
calibration = "{CALIBRATION}"
fpir = 0.01
[pad]
# The networks are in no package registry. Without them a real gate asks for the card; see docs/pad.md.
unsafe_leave_out = ["minifasnet"]
[turnstile]
driver = "simulated"
walk_seconds = 0.4
[inputs]
source = "simulated"
""")
    school.config("publisher").write_text(f"""school = "{scenario.school}"
gate = "{scenario.gate}"
outbox = "{school.outbox}"
{_broker_section(mqtt, authority.issue_gate(Slug(scenario.gate)))}
""")
    school.config("hub").write_text(f"""school = "{scenario.school}"
database = "{folder}/hub/hub.db"
pseudonym_key = "{folder}/hub/school.key"
{_broker_section(mqtt, authority.issue_hub())}
[http]
port = {school.http_port}
""")


def _broker_section(port: int, files: Issued) -> str:
    return f"""[broker]
host = "localhost"
port = {port}
[tls]
ca = "{files.ca}"
cert = "{files.cert}"
key = "{files.key}"
[retry]
first_seconds = 0.5
longest_seconds = 2.0"""


def _write_rosters(folder: Path, scenario: Scenario, phones_port: int) -> None:
    years = ages()
    with (folder / "roster.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(
            [
                "student_number",
                "full_name",
                "born",
                "group",
                "guardian_name",
                "relation",
                "role",
                "guardian_born",
                "iin",
            ]
        )
        rows.writerow([STAFF, "Staff 01", "1980-05-17", "staff", "", "", "staff", "", ""])
        for pupil in scenario.roster:
            age = years[pupil]
            rows.writerow(
                [
                    student_number(pupil), display_name(pupil), born(age), f"{age - 6}A",
                    f"Parent {pupil}", "mother", "pupil", "1985-04-02", iin(pupil, age),
                ]
            )  # fmt: skip
    with (folder / "directory.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["student_number", "display_name", "guardian", "language", "notify_url"])
        for number, pupil in enumerate(scenario.roster):
            language = ("kk", "ru", "en")[number % 3]
            url = f"json://127.0.0.1:{phones_port}/{pupil}"
            rows.writerow([student_number(pupil), display_name(pupil), f"Parent {pupil}", language, url])


def _tls(issued: Issued) -> TlsSettings:
    return TlsSettings(ca=issued.ca, cert=issued.cert, key=issued.key)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
