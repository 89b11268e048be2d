"""Whoever follows a document or an error message types a command that exists, with options that exist."""

import re
from pathlib import Path

import pytest
import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

import enrollment.cli
import sync.cli
import sync.hub.cli
import turnstile.cli
from edge.command_line import command_line

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = {
    "qaqpa-gate": command_line(turnstile.cli.ABOUT, turnstile.cli.COMMANDS),
    "qaqpa-kiosk": command_line(enrollment.cli.ABOUT, enrollment.cli.COMMANDS),
    "qaqpa-sync": sync.cli.app,
    "qaqpa-hub": command_line(sync.hub.cli.ABOUT, sync.hub.cli.COMMANDS),
}
SOURCES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "deploy").rglob("*.service")),
    *(
        path
        for package in ("edge", "turnstile", "enrollment", "sync")
        for path in sorted((ROOT / package).rglob("*.py"))
    ),
]
MENTION = re.compile(r"(qaqpa-(?:gate|kiosk|sync|hub)) ([a-z][^`'\"\n#;),]*)")


def mentions() -> list[tuple[str, str, str]]:
    found = []
    for path in SOURCES:
        for program, words in MENTION.findall(path.read_text("utf-8")):
            found.append((str(path.relative_to(ROOT)), program, words.strip().rstrip(".:")))
    return sorted(set(found))


def test_there_are_commands_to_check() -> None:
    assert len(mentions()) > 20


@pytest.mark.parametrize(("where", "program", "words"), mentions())
def test_a_command_that_is_mentioned_exists(where: str, program: str, words: str) -> None:
    command = typer.main.get_command(PROGRAMS[program])
    rest = words.split()
    while isinstance(command, TyperGroup) and rest and re.fullmatch(r"[a-z][a-z-]*", rest[0]):
        name = rest.pop(0)
        assert name in command.commands, f"{where}: {program} {words}: no command {name!r}"
        command = command.commands[name]
    options = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    for word in rest:
        if word.startswith("--"):
            assert word.split("=")[0] in options, f"{where}: {program} {words}: no option {word}"


@pytest.mark.parametrize("program", sorted(PROGRAMS))
def test_every_command_explains_itself(program: str) -> None:
    def walk(command: object, path: str) -> None:
        assert isinstance(command, TyperGroup | TyperCommand)
        assert command.help, f"{path} has no help"
        for parameter in command.params:
            if isinstance(parameter, TyperOption) and parameter.name not in {"help"}:
                assert parameter.help, f"{path} {parameter.opts[0]} has no help"
        if isinstance(command, TyperGroup):
            for name, below in command.commands.items():
                walk(below, f"{path} {name}")

    walk(typer.main.get_command(PROGRAMS[program]), program)
