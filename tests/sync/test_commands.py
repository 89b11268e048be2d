"""The commands of docs/sync.md do what the page says."""

import re
from pathlib import Path

from sync.outbox import Outbox
from tests.sync.parts import GATE, Process, School, pass_through, running

PAGE = Path(__file__).parents[2] / "docs" / "sync.md"


def ended(process: Process) -> int:
    with running(process):
        return process.end()


def test_school_it_can_make_all_certificates_and_a_wrong_name_is_explained(tmp_path: Path) -> None:
    said, folder = tmp_path / "said", tmp_path / "ca"
    documented = re.findall(r"^qaqpa-hub (ca .*)$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert len(documented) == 2
    for line in documented:
        arguments = [str(folder) if word == "/root/qaqpa-ca" else word for word in line.split()]
        made = Process("sync.hub.cli", arguments, said)
        assert ended(made) == 0, made.text
    names = {path.name for path in folder.iterdir()}
    assert names == {"ca.crl", "issued"} | {
        f"{name}.{kind}" for name in ("ca", "broker", "hub", "main-door") for kind in ("crt", "key")
    }
    wrong = Process("sync.hub.cli", ["ca", "issue", str(folder), "--gate", "Main Door"], said)
    assert ended(wrong) == 2
    assert "error: " in wrong.text
    assert "Traceback" not in wrong.text


def test_school_it_sees_what_waits_and_how_long_the_certificate_lives(school: School) -> None:
    school.publisher()
    status = Process(
        "sync.cli", ["status", "--config", str(school.folder / "sync.toml")], school.folder / "said"
    )
    assert ended(status) == 2, "there is no outbox yet"
    with Outbox(school.outbox) as outbox:
        pass_through(outbox)
        assert ended(status) == 0
    assert "waiting for the hub: 1, oldest: 20" in status.text
    assert re.search(r"certificate valid for 7\d\d days", status.text)


def test_a_wrong_configuration_is_named_and_ends_with_its_own_code(school: School) -> None:
    publisher = school.publisher()
    config = school.folder / "sync.toml"
    config.write_text(config.read_text("utf-8").replace(f'gate = "{GATE}"', 'gaet = "main"'), "utf-8")
    assert ended(publisher) == 2
    assert "unknown key 'gaet'" in publisher.text
