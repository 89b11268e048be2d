"""A program of several commands: only the one that is named is imported, for the others take long to load."""

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

import typer
from rich.console import Console
from rich.markup import escape

from edge.errors import ConfigError, QaqpaError


def run(
    about: str, commands: Mapping[str, str], wrong_input: tuple[type[QaqpaError], ...] = (ConfigError,)
) -> None:
    """Run what was typed. A known error is one line; the exit code is 2 for `wrong_input`, 1 for the rest."""
    try:
        command_line(about, commands, sys.argv[1:])()
    except QaqpaError as error:
        Console(stderr=True).print(
            f"[red]{escape(error.args[0])}.[/] {escape(error.remedy)}", highlight=False, soft_wrap=True
        )
        sys.exit(2 if isinstance(error, wrong_input) else 1)


def command_line(about: str, commands: Mapping[str, str], words: Sequence[str] = ()) -> typer.Typer:
    """A command line of `commands`: names, and `module:attribute` of a function or of a group (a Typer).

    `words` are what was typed. Where they begin with no command, as for help or after a slip, all are there.
    """
    made = typer.Typer(
        help=about,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,  # a traceback with local variables would show what must not be shown
    )
    made.callback()(_commands_follow)
    named = words[:1] if words and words[0] in commands else commands
    for name in named:
        module, _, attribute = commands[name].partition(":")
        command = getattr(import_module(module), attribute)
        if isinstance(command, typer.Typer):
            made.add_typer(command, name=name)
        else:
            made.command(name)(command)
    return made


def _commands_follow() -> None:
    """So a program with one command still wants its name."""
