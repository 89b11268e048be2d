"""The configuration on the rules page is one that a gate takes."""

import inspect
import re
from pathlib import Path

from edge.config import load
from edge.policy.passback import Mode as Passback
from tests.docs.test_install import BLOCK, PAGE
from turnstile import cli
from turnstile.commands import staff
from turnstile.control import ManualReason
from turnstile.mode import Mode
from turnstile.settings import GateSettings

RULES = PAGE.with_name("rules.md")


def test_the_rules_on_the_page_are_taken_as_they_stand(tmp_path: Path) -> None:
    install = {name.strip(): text for _, name, text in BLOCK.findall(PAGE.read_text("utf-8"))}
    shown = re.findall(r"^```toml\n(.*?)^```", RULES.read_text("utf-8"), re.M | re.S)[0]
    top, sections = shown.split("\n[", 1)
    (tmp_path / "gate.toml").write_text(f"{top}\n{install['gate.toml']}\n[{sections}")
    settings = load(tmp_path / "gate.toml", GateSettings)
    assert settings.mode is Mode.IDENTIFY
    assert settings.rules.passback.mode is Passback.HARD
    assert set(settings.rules.schedule().hours) == {"*", "9B", "staff"}


def test_every_reason_and_every_command_of_staff_is_on_the_page() -> None:
    page = RULES.read_text("utf-8")
    for reason in ManualReason:
        assert f"`{reason.value}`" in page
    signed = {row[0]: row[1] for row in re.findall(r"^\| `qaqpa-gate (\w+).*?` \| (yes|no) \|", page, re.M)}
    for command in (getattr(staff, name) for name, where in cli.COMMANDS.items() if ".staff:" in where):
        asks = "pin_stdin" in inspect.signature(command).parameters
        assert command.__name__ == "status" or signed[command.__name__] == ("yes" if asks else "no")
