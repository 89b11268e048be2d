"""`qaqpa-kiosk retention`: erases what was kept for its term, once a day."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Annotated

import typer
from rich.table import Table

from edge.config import load
from edge.domain.retention import Due, Reason
from edge.vault.vault import Erased, Vault
from enrollment.console import DEFAULT_CONFIG, Config, console, now, whole_table
from enrollment.retention_desk import Plan, RetentionDesk, open_retention_desk
from enrollment.settings import KioskSettings

retention = typer.Typer(
    help="Erase what was kept for its term: the policies in force and the configuration say how long.",
    no_args_is_help=True,
)
_WHAT = {
    Reason.LEFT: "children who left, with everything",
    Reason.CONSENT_ENDED: "templates whose consent is over",
    Reason.UNUSED: "templates that let nobody in",
    Reason.CONSENT_RECORD: "records of consents that ended",
    Reason.BLOCK_RECORD: "lifted objections and restrictions",
    Reason.CREDENTIAL: "ended passes and cards",
    Reason.VISITOR: "visitors who are gone",
    Reason.REQUEST: "particulars of closed requests",
    Reason.DISCLOSURE: "particulars of disclosures",
    Reason.BREACH: "lists of closed breaches",
}


@retention.command()
def plan(
    students: Annotated[
        bool, typer.Option("--students", help="Also the student number of each child concerned.")
    ] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Show what is due, and why. Nothing is changed."""
    _show_plan(load(config, KioskSettings), students=students)


@retention.command()
def run(
    yes: Annotated[
        bool, typer.Option("--yes", help="A person looked: the clock is right, and so many are due.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Erase nothing: show what is due, as retention plan does.")
    ] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Erase what is due. A doubtful clock, or very many children at once, stops it without --yes."""
    if dry_run:
        _show_plan(load(config, KioskSettings), students=False)
        return
    with open_retention_desk(load(config, KioskSettings), now()) as desk:
        found, erased = desk.run(now(), confirmed=yes)
    console.print(_table(_erased(found, erased), found, "erased"))
    if erased.left or erased.retired:
        console.print(
            "The vault keeps a receipt for each child: qaqpa-kiosk receipt STUDENT", highlight=False
        )


def _show_plan(settings: KioskSettings, *, students: bool) -> None:
    with _reading(settings) as desk:
        found = desk.plan(now())
        numbers = _students(desk, found) if students else None
    console.print(_table(_due(found.due), found, "due"))
    if found.due.held:
        console.print(
            f"[yellow]{len(found.due.held)} who left stay until their restriction is lifted:[/]"
            " qaqpa-kiosk rights unblock",
            highlight=False,
        )
    for doubt in found.doubts:
        console.print(f"[yellow]A run would stop and ask: {doubt}.[/]", highlight=False)
    if numbers is not None:
        console.print(numbers)


def _due(due: Due) -> Counter[Reason]:
    counts: Counter[Reason] = Counter(due.records)
    counts[Reason.LEFT] = len(due.left)
    counts.update(reason for templates in due.templates.values() for reason in templates.values())
    return counts


def _erased(plan: Plan, erased: Erased) -> Counter[Reason]:
    counts: Counter[Reason] = Counter(erased.records)
    counts[Reason.LEFT] = len(erased.left)
    counts.update(reason for each in erased.retired for reason in plan.due.templates[each.child].values())
    return counts


def _table(counts: Counter[Reason], plan: Plan, verb: str) -> Table:
    terms = plan.terms
    after = {
        Reason.LEFT: "at once",
        Reason.CONSENT_ENDED: f"{terms.consent.days} days at most ({terms.source})",
        Reason.UNUSED: f"{terms.unused.days} days",
        Reason.CREDENTIAL: f"{terms.credentials.days} days",
        Reason.VISITOR: "1 day",
    }
    table = whole_table("what", "kept for", verb)
    for reason, what in _WHAT.items():
        table.add_row(what, after.get(reason, f"{terms.records.days} days"), str(counts[reason]))
    table.add_row("people with fields not allowed", "not at all", str(len(plan.surplus)))
    return table


def _students(desk: RetentionDesk, plan: Plan) -> Table:
    reasons = {child: {Reason.LEFT} for child in plan.due.left}
    reasons |= {child: set(templates.values()) for child, templates in plan.due.templates.items()}
    why = {child: ", ".join(sorted(_WHAT[each] for each in found)) for child, found in reasons.items()}
    why |= dict.fromkeys(plan.due.held, "left, and stays: restricted")
    table = whole_table("student", "why")
    for child, number in sorted(desk.numbers(why, now()).items(), key=lambda known: known[1]):
        table.add_row(number, why[child])
    return table


@contextmanager
def _reading(settings: KioskSettings) -> Iterator[RetentionDesk]:
    """A desk over a vault that cannot be written: opening it for writing would erase already."""
    with (
        Vault.open(settings.vault.path, settings.vault.key, now=now()) as vault,
        closing(vault.open_trail(settings.audit)) as audit,
    ):
        yield RetentionDesk(vault, audit, settings)
