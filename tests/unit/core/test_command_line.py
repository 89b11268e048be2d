"""Staff wait for the command they typed, not for what the others need; a worker loads no web server."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import sync.hub.cli as hub
from edge.command_line import command_line

SHOW = "import sys; from {} import main\ntry: main()\nexcept SystemExit: pass\nprint(*sys.modules)"


def loaded(module: str, *words: str) -> set[str]:
    """What a process has imported once the command ended for want of its configuration."""
    line = [sys.executable, "-c", SHOW.format(module), *words]
    return set(subprocess.run(line, capture_output=True, text=True, check=True).stdout.split())


@pytest.mark.parametrize(
    ("module", "words", "never"),
    [
        ("sync.hub.cli", ("ingest", "--config", "/nowhere"), {"fastapi", "uvicorn", "sync.fleet.cli"}),
        ("sync.hub.cli", ("ca", "list", "/nowhere"), {"fastapi", "sqlalchemy", "apprise"}),
        ("turnstile.cli", ("evacuate", "--config", "/nowhere"), {"cv2", "sqlite_utils", "starlette"}),
        (
            "enrollment.cli",
            ("card", "whose", "--config", "/nowhere"),
            {"reportlab", "enrollment.commands.enroll"},
        ),
    ],
)
def test_a_command_loads_nothing_that_only_others_need(
    module: str, words: tuple[str, ...], never: set[str]
) -> None:
    found = loaded(module, *words)
    assert "edge.command_line" in found
    assert not never & found


def test_help_lists_every_command_and_a_slip_is_answered_with_the_nearest() -> None:
    told = CliRunner().invoke(command_line(hub.ABOUT, hub.COMMANDS, ["--help"]), ["--help"]).output
    assert all(name in told for name in hub.COMMANDS)
    slip = CliRunner().invoke(command_line(hub.ABOUT, hub.COMMANDS, ["quarantin"]), ["quarantin"])
    assert slip.exit_code == 2
    assert "'quarantine'" in slip.output


def test_a_program_of_one_command_still_wants_its_name() -> None:
    one = command_line("One.", {"db": hub.COMMANDS["db"]}, ["db"])
    assert isinstance(one, typer.Typer)
    assert CliRunner().invoke(one, ["db", "--help"]).exit_code == 0
    assert CliRunner().invoke(one, ["upgrade"]).exit_code == 2


@pytest.mark.parametrize("module", ["turnstile.cli", "enrollment.cli"])
def test_a_section_that_an_error_names_is_read_as_it_stands(module: str, tmp_path: Path) -> None:
    """Square brackets are colours to the terminal's library, and would be gone."""
    line = [sys.executable, "-c", f"from {module} import main; main()"]
    words = {"turnstile.cli": ["status"], "enrollment.cli": ["policy", "status"]}[module]
    done = subprocess.run(
        [*line, *words, "--config", f"{tmp_path}/[red]kiosk.toml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert f"{tmp_path}/[red]kiosk.toml" in done.stderr
