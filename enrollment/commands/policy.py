"""`qaqpa-kiosk policy`: which policies bind the school, what is in force, and new editions."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from edge.config import load
from edge.errors import ConfigError
from edge.policy.library import KNOWN, find, find_all, floor
from edge.policy.profile import Profile
from edge.policy.rules import ABOUT
from edge.policy.strictest import InForce, InForceRules, Overruled, Standing, Statement, laxer_than, strictest
from edge.policy.values import Value
from enrollment.console import DEFAULT_CONFIG, Config, Student, console, day, now, whole_table
from enrollment.desk import Desk, open_desk
from enrollment.settings import KioskSettings

policy = typer.Typer(
    help="The policies that bind the school. The strictest rule is in force, never less than the law.",
    no_args_is_help=True,
)
Profiles = Annotated[
    list[str] | None,
    typer.Option(
        "--profile", help="A policy's name or a .toml file; repeat for several. Default: the kiosk's."
    ),
]
_WIDE = 120
"""Columns that the table of rules needs; in a narrower terminal, or piped, they are told line by line."""
PolicyName = Annotated[str, typer.Argument(help="The policy's name.")]


@policy.command("list")
def list_() -> None:
    """The policies that come with the product, and the floor below them. Needs no vault."""
    table = whole_table("name", "operator", "edition", "rules", "laxer than the floor")
    for profile in map(find, KNOWN):
        table.add_row(*_summary(profile), str(len(_laxer(profile))))
    for bound in floor():
        table.add_row(
            bound.policy,
            "[dim]floor[/]",
            str(bound.edition.number),
            str(len(list(bound.edition.rules.stated()))),
            "",
        )
    console.print(table)


@policy.command()
def explain(
    profile: Profiles = None,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Each rule in force, the clause it comes from, and what every other policy said. Needs no vault.

    Editions are the newest that are published; what a vault has adopted so far: policy status.
    """
    names = profile or load(config, KioskSettings).policy.profiles
    profiles = find_all(names)
    rules = strictest([each.bound(each.newest(_today())) for each in profiles], floor())
    if as_json:
        typer.echo(json.dumps(_as_json(profiles, rules), ensure_ascii=False, indent=2))
        return
    if console.width < _WIDE:
        _tell(rules)
    else:
        console.print(_explained(rules))
    _warn(profiles)


@policy.command()
def check(
    file: Annotated[Path, typer.Argument(help="A school's own policy, as a .toml file.")],
) -> None:
    """Whether a file is a policy that a school can bind itself to. Needs no vault."""
    if file.suffix != ".toml":
        raise ConfigError(f"{file} does not end in .toml", "Name the file of a school's own policy")
    profile = find(str(file))
    for each in profile.editions:
        to_come = "" if each.is_out(_today()) else " [yellow](to come)[/]"
        rules = ", ".join(name for name, _ in each.rules.stated())
        console.print(
            f"Edition {each.number} of {each.published or 'no date'}{to_come}: {rules}", highlight=False
        )
    console.print(f"{profile.name} is good. Bind it: profiles = [..., {str(file)!r}] in \\[policy]")
    _warn([profile])


@policy.command()
def status(config: Config = DEFAULT_CONFIG) -> None:
    """Which editions this vault has adopted, and how many children wait for a new consent."""
    with _desk(config) as (desk, settings):
        table = whole_table("policy", "edition", "adopted", "widens")
        for each in desk.policies.history():
            wide = "[yellow]yes[/]" if each.widens else "no"
            number = "left" if each.leaves else str(each.edition.number)
            table.add_row(each.policy, number, day(each.at, settings), wide)
        console.print(table)
        for name in desk.policies.unnamed():
            console.print(
                f"[yellow]{name} is not named in policy.profiles any more; it binds on until you leave it:[/]"
                f" qaqpa-kiosk policy leave {name}",
                highlight=False,
                soft_wrap=True,
            )
        console.print(_waiting(len(desk.policies.waiting(now()))))
        unlisted = desk.policies.unlisted(now())
        if unlisted:
            kinds = ", ".join(sorted(frozenset[str]().union(*unlisted.values())))
            console.print(
                f"[yellow]Consents for {_children(len(unlisted))} do not list {kinds};[/] they count for what"
                " they list. Make the form anew, and ask again: qaqpa-kiosk papers make --only consent",
                highlight=False,
                soft_wrap=True,
            )


@policy.command()
def adopt(
    name: PolicyName,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Put a new edition in force. One that widens suspends faces until the guardians agree again."""
    with _desk(config) as (desk, _):
        steps, matched = desk.policies.next(name, now()), len(desk.policies.matched(now()))
    if not steps:
        console.print(f"The newest edition of {name} is in force already")
        return
    _warn_of_widening({rule for _, rules in steps for rule in rules}, matched)
    if not yes and any(rules for _, rules in steps):
        typer.confirm("Put it in force?", abort=True)
    with _desk(config) as (desk, _):
        policies = desk.policies
        for each in policies.adopt(name, now()):
            console.print(f"In force: {each.policy}, edition {each.edition.number}")
        console.print(_waiting(len(policies.waiting(now()))))


@policy.command()
def leave(
    name: PolicyName,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """End a policy that the configuration names no more. Where it set a limit, guardians are asked again."""
    with _desk(config) as (desk, _):
        wider, matched = desk.policies.ending(name), len(desk.policies.matched(now()))
    _warn_of_widening(set(wider), matched)
    if not yes:
        typer.confirm(f"Leave {name}?", abort=True)
    with _desk(config) as (desk, _):
        policies = desk.policies
        policies.leave(name, now())
        console.print(f"{name} binds this school no more. {_waiting(len(policies.waiting(now())))}")


@policy.command()
def agreed(
    student: Student,
    out: Annotated[
        Path | None, typer.Option(help="A folder for the texts that were shown, named by their hash.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """What was agreed to for a child: term, editions, and the very text that the guardian was shown."""
    with _desk(config) as (desk, settings):
        table = whole_table("given", "until", "editions", "data", "state", "text (SHA-256)")
        for each in desk.agreed(student, now()):
            editions = ", ".join(f"{one.policy} {one.edition.number}" for one in each.editions)
            given, until = day(each.consent.given_at, settings), day(each.consent.expires_at, settings)
            data, text = ", ".join(sorted(each.consent.data)), each.consent.wording_sha256[:12]
            table.add_row(given, until, editions, data, each.state, text)
            if out is not None and each.text is not None:
                out.mkdir(parents=True, exist_ok=True)
                (out / each.consent.wording_sha256).write_bytes(each.text)
        console.print(table)


@contextmanager
def _desk(config: Path) -> Iterator[tuple[Desk, KioskSettings]]:
    settings = load(config, KioskSettings)
    with open_desk(settings, now()) as desk:
        yield desk, settings


def _summary(profile: Profile) -> tuple[str, str, str, str]:
    last = profile.editions[-1]
    return str(profile.name), profile.operator, str(last.number), str(len(list(last.rules.stated())))


def _laxer(profile: Profile) -> list[Overruled]:
    """Each clause that the floor overrules, once: by the law or, where that allows it, by Qaqpa."""
    found: dict[str, Overruled] = {}
    for below in floor():
        for each in laxer_than(profile.bound(), below):
            found.setdefault(each.rule, each)
    return list(found.values())


def _warn(profiles: Sequence[Profile]) -> None:
    for profile in profiles:
        for each in _laxer(profile):
            about, laxer, wins = ABOUT[each.rule].title, each.laxer, each.wins
            console.print(
                f'[yellow]{escape(laxer.source)}[/] ({about}) says "{laxer.value}";'
                f' [yellow]{escape(wins.source)}[/] says "{wins.value}", is stricter and wins',
                highlight=False,
                soft_wrap=True,
            )


def _tell(rules: InForceRules) -> None:
    """The same as the table, each fact on one line, however long."""
    for rule in rules.values():
        about = ABOUT[rule.rule]
        value = str(rule.value) if rule.value is not None else "nothing here"
        console.print(f"[bold]{about.title}[/]: {value}", highlight=False, soft_wrap=True)
        facts = [("from", each) for each in rule.sources]
        facts += [("others say", each) for each in _others(rule)]
        for name, fact in [*facts, ("kept by", about.held.value)]:
            console.print(f"  {name:<10}  {escape(fact)}", highlight=False, soft_wrap=True)


def _warn_of_widening(rules: set[str], matched: int) -> None:
    if rules:
        titles = ", ".join(sorted(ABOUT[rule].title for rule in rules))
        console.print(f"[yellow]It widens: {titles}.[/]", highlight=False)
        console.print(f"{_children(matched)} will pass by card until a guardian agrees again.")


def _explained(rules: InForceRules) -> Table:
    table = whole_table("rule", "in force", "from", "the others say", "kept by")
    for rule in rules.values():
        about = ABOUT[rule.rule]
        value = str(rule.value) if rule.value is not None else "[dim]nothing here[/]"
        table.add_row(about.title, value, "\n".join(rule.sources), "\n".join(_others(rule)), about.held.value)
    return table


def _others(rule: InForce) -> Iterator[str]:
    for each in rule.statements:
        if each.standing is not Standing.DECIDES:
            yield f"{each.source}: {each.value} ({_why(each, rule)})"


def _why(statement: Statement, rule: InForce) -> str:
    if statement.standing is Standing.LAXER:
        return f"laxer than {rule.sources[0]}"
    return statement.standing.value


def _as_json(profiles: Sequence[Profile], rules: InForceRules) -> dict[str, object]:
    return {
        "profiles": {str(each.name): each.editions[-1].number for each in profiles},
        "rules": {
            rule.rule: {
                "title": ABOUT[rule.rule].title,
                "in_force": None if rule.value is None else str(rule.value),
                "value": None if rule.value is None else _plain(rule.value),
                "from": list(rule.sources),
                "kept_by": ABOUT[rule.rule].held.value,
                "said": [
                    {
                        "policy": each.policy,
                        **each.rule.model_dump(mode="json", exclude_none=True),
                        "says": str(each.value),
                        "standing": "decides" if each.standing is Standing.DECIDES else _why(each, rule),
                    }
                    for each in rule.statements
                ],
            }
            for rule in rules.values()
        },
        "warnings": [each.laxer.source for profile in profiles for each in _laxer(profile)],
    }


def _plain(value: Value) -> dict[str, object]:
    """Its fields, for JSON."""
    found = {field.name: getattr(value, field.name) for field in fields(value)}  # type: ignore[arg-type] # all are
    return {name: sorted(each) if isinstance(each, frozenset) else each for name, each in found.items()}


def _today() -> date:
    return now().astimezone().date()


def _children(count: int) -> str:
    return "1 child" if count == 1 else f"{count} children"


def _waiting(count: int) -> str:
    return f"{_children(count)} wait{'s' if count == 1 else ''} for a guardian to agree again"
