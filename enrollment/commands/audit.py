"""`qaqpa-kiosk audit`: whether a trail is whole, and what happened to one child's record, in plain words."""

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from edge.audit import records
from edge.checkpoints import beside, inspect
from edge.config import load
from edge.device_identity import read_public
from edge.domain.ids import pseudonym
from edge.errors import ConfigError
from edge.vault.vault import Vault
from enrollment.audit_words import about, sentence
from enrollment.console import DEFAULT_CONFIG, Config, Student, console, now
from enrollment.looking import note_look
from enrollment.opening import note, opened, reading
from enrollment.settings import KioskSettings, Language

audit = typer.Typer(
    help="The trail of what was done: is it whole, and what happened to one child's record.",
    no_args_is_help=True,
)
Trail = Annotated[
    Path | None, typer.Option(help="The trail; the kiosk's own if left out. A gate has one too.")
]


@audit.command()
def verify(
    trail: Trail = None,
    checkpoints: Annotated[
        Path | None, typer.Option(help="Its checkpoints; the file beside the trail if left out.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="The device's public key, noted elsewhere; the vault's if left out.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Find any edit, deletion, other order or end cut off, and say where. Note what it prints elsewhere."""
    settings = load(config, KioskSettings)
    file = _existing(trail or settings.audit)
    with reading(settings, now()) as vault:
        public = read_public(key) if key else vault.signer().public_key()
        known = vault.trail_ends.known(file)
        found = inspect(file, checkpoints or beside(file), vault.audit_key, public, known)
    last = f"the last of {found.last.at[:10]} at line {found.last.records}" if found.last else "none yet"
    console.print(
        f"Whole: {found.head.records} lines, {found.checkpoints} checkpoints ({last})."
        f" Last line's chain: {found.head.chain}",
        highlight=False,
        soft_wrap=True,
    )
    if known is None:
        console.print(
            "[yellow]This vault does not know where a trail in this place ended: compare with your notes[/]"
        )


@audit.command()
def of(
    student: Student,
    trail: Annotated[
        list[Path] | None,
        typer.Option(help="Trails to read; repeat for the gates'. The kiosk's if left out."),
    ] = None,
    language: Annotated[
        Language | None, typer.Option(help="Of the sentences; passes.language if left out.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Tell what happened to one child's record, and who looked at it; for the parent to read."""
    settings = load(config, KioskSettings)
    spoken, zone = language or settings.passes.language, ZoneInfo(settings.time_zone)
    files = [_existing(each) for each in trail or [settings.audit]]
    with opened(settings, now()) as (vault, own):
        try:
            child = pseudonym(vault.pseudonym_key, student)
        except ValueError:
            raise ConfigError("this is no student number", "Write it as on the roster") from None
        note_look(own, now(), "audit of", [child])
        found = [record for file in files for record, _ in records(file, vault.audit_key)]
    for record in sorted((each for each in found if about(each, child)), key=lambda each: str(each["at"])):
        console.print(sentence(record, spoken, zone), highlight=False, markup=False, soft_wrap=True)


@audit.command()
def begin_anew(
    trail: Annotated[
        Path | None, typer.Option(help="Where the trail was; the kiosk's own place if left out.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Begin another trail, once one that was cut off was moved to a safe place with its checkpoints."""
    settings = load(config, KioskSettings)
    file = trail or settings.audit
    for each in (file, beside(file)):
        if each.exists():
            raise ConfigError(f"{each} is still there", "Move it to a safe place first: it is evidence")
    with Vault.open(settings.vault.path, settings.vault.key, now=now(), writable=True) as vault:
        before = vault.trail_ends.forget(file)
    with opened(settings, now()) as (_, own):
        note(own, now(), "trail_begun_anew", lines_before=before.records if before else 0)
    console.print("Another trail begins; what was moved away stays evidence")


def _existing(file: Path) -> Path:
    if not file.is_file():
        raise ConfigError(f"there is no audit trail at {file}", "Name one with --trail")
    return file
