"""The units start what exists, alarm where a person must act, and let each process reach only its own."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.test_install import PAGE

ROOT = PAGE.parents[1]
DEPLOY = ROOT / "deploy"
UNITS = {path.name: path for path in sorted(DEPLOY.rglob("*.service"))}
LONG_RUNNING = ["qaqpa-display.service", "qaqpa-gate.service", "qaqpa-hub.service", "qaqpa-sync.service"]
SECTION = PAGE.read_text("utf-8").split("## 5. As services")[1]


def settings(name: str) -> dict[str, str]:
    """Of all sections; none of our units says a thing twice."""
    return dict(re.findall(r"^(\w+)=(.*)$", UNITS[name].read_text("utf-8"), re.M))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_accepts_every_unit(tmp_path: Path) -> None:
    """What it does not understand it leaves out with a warning, a sandbox for instance."""
    for name, path in UNITS.items():
        here = str(Path(sys.executable).parent)
        (tmp_path / name).write_text(path.read_text("utf-8").replace("/opt/qaqpa/.venv/bin", here), "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", *tmp_path.iterdir()], capture_output=True, text=True, check=False
    )
    assert (done.returncode, [line for line in done.stderr.splitlines() if "qaqpa" in line]) == (0, [])


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_a_process_that_waits_for_a_person_is_left_alone_and_somebody_is_told(name: str) -> None:
    unit = settings(name)
    assert (unit["Restart"], unit["RestartPreventExitStatus"]) == ("on-failure", "2 3")
    assert unit["OnFailure"] == "qaqpa-alarm@%n.service"
    assert "daemon.alert" in settings("qaqpa-alarm@.service")["ExecStart"]
    assert {unit["ProtectSystem"], unit["NoNewPrivileges"], unit["LimitCORE"]} == {"strict", "yes", "0"}


def test_whoever_holds_templates_has_no_network_and_still_its_devices() -> None:
    gate = settings("qaqpa-gate.service")
    assert (gate["PrivateNetwork"], gate["IPAddressDeny"]) == ("yes", "any")
    assert not re.search(r"AF_INET|AF_PACKET", gate["RestrictAddressFamilies"])
    assert not {"PrivateDevices", "DevicePolicy", "DeviceAllow"} & gate.keys()


@pytest.mark.parametrize("name", ["qaqpa-gate.service", "qaqpa-sync.service"])
def test_a_process_that_asks_whether_the_clock_is_right_may_ask(name: str) -> None:
    """Both take adjtimex(2) away, and every time would count as uncertain."""
    assert not {"ProtectClock", "SystemCallFilter"} & settings(name).keys()


def test_gate_and_publisher_are_two_users_who_share_the_outbox_only() -> None:
    gate, publisher = settings("qaqpa-gate.service"), settings("qaqpa-sync.service")
    assert gate["UMask"] == publisher["UMask"] == "0007"
    assert gate["User"] != publisher["User"]
    assert publisher["ReadWritePaths"].split()[:2] == ["/var/lib/qaqpa/outbox", "/etc/qaqpa/tls"]


@pytest.mark.skipif(
    os.geteuid() != 0 or not (shutil.which("systemd-sysusers") and shutil.which("systemd-tmpfiles")),
    reason="needs root and systemd's tools",
)
def test_users_and_folders_are_made_so_that_they_can_share_it(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    for tool, *arguments in (("sysusers",), ("tmpfiles", "--create")):
        file = DEPLOY / f"raspberrypi/qaqpa.{tool}.conf"
        subprocess.run(
            [f"systemd-{tool}", f"--root={tmp_path}", *arguments, file], check=True, capture_output=True
        )
    groups = {name: users for name, _, _, users in _lines(tmp_path / "etc/group")}
    users = {name: int(number) for name, _, number, *_ in _lines(tmp_path / "etc/passwd")}
    assert groups["qaqpa-outbox"] == "qaqpa,qaqpa-sync"
    assert groups["qaqpa"] == ""
    assert all("qaqpa" in groups[name].split(",") for name in ("video", "dialout", "gpio", "input"))
    data = tmp_path / "var/lib/qaqpa"
    assert (data.stat().st_uid, data.stat().st_mode & 0o7777) == (users["qaqpa"], 0o711)
    assert ((data / "outbox").stat().st_uid, (data / "outbox").stat().st_mode & 0o7777) == (
        users["qaqpa"],
        0o2770,
    )
    assert (tmp_path / "etc/qaqpa/tls").stat().st_uid == users["qaqpa-sync"]


def _lines(path: Path) -> list[list[str]]:
    return [line.split(":") for line in path.read_text("utf-8").splitlines()]


def test_the_pages_commands_name_what_is_there() -> None:
    """They need root and a machine that systemd runs, so their files are looked at only."""
    commands = [
        line for block in re.findall(r"^```\n(.*?)^```", SECTION, re.M | re.S) for line in block.splitlines()
    ]
    copied = [word for line in commands if line.startswith("cp ") for word in line.split()[1:-1]]
    found = {path.name for word in copied for path in ROOT.glob(word)}
    assert all(any(ROOT.glob(word)) for word in copied)
    assert found == UNITS.keys() | {path.name for path in DEPLOY.rglob("*.conf")}
    started = {word for line in commands if line.startswith("systemctl enable") for word in line.split()[3:]}
    assert started == set(LONG_RUNNING) - {"qaqpa-display.service"}
    assert "`qaqpa-display.service`" in SECTION
