"""`qaqpa-kiosk enroll`: roster, consent, faces, withdrawal."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from edge.config import load
from edge.domain.consent import Channel, Consent, Purpose
from edge.domain.ids import ChildId
from edge.errors import ConfigError
from edge.vision.cameras.factory import open_camera
from edge.vision.engine import Engine, load_engine
from edge.vision.engine_choice import DEFAULTS
from edge.vision.face import Vector
from edge.vision.pad.challenge import Side
from enrollment.asking import ask_for_consent
from enrollment.capture import read_picture, vector_of, vectors_from_camera
from enrollment.commands.receipt import ReceiptFile, hand_over, require_new
from enrollment.commands.status import status
from enrollment.consent_desk import Told
from enrollment.console import DEFAULT_CONFIG, Config, Student, console, day, last_of, moment_of, now
from enrollment.desk import Desk, open_desk
from enrollment.head_turn import ChallengeFailed, vectors_of_turning_head
from enrollment.instructions import instructions
from enrollment.retention_desk import open_retention_desk
from enrollment.roster_desk import KeptOut
from enrollment.settings import KioskSettings

enroll = typer.Typer(
    help="Roster, consent, faces, withdrawal. A school's order: roster, consent, face.", no_args_is_help=True
)
enroll.command()(status)

TURNS = 2
"""Turns of the head in a challenge: a film prepared for one order is right one time in four."""


@enroll.command()
def roster(
    file: Annotated[
        Path, typer.Argument(help="CSV in UTF-8, one line a pupil and guardian, or a member of staff.")
    ],
    complete: Annotated[
        bool, typer.Option("--complete", help="It is the whole roster: whoever is not on it has left.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --complete: so many really left.")] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Import pupils with their guardians, and staff. All lines are checked first; importing again updates."""
    gone: list[ChildId] = []
    if complete:
        with open_retention_desk(load(config, KioskSettings), now()) as leaving:
            gone = leaving.missing(file, now(), confirmed=yes)
    with _desk(config) as (desk, settings):
        imported = desk.roster.import_file(file, now())
        console.print(f"Imported from the roster file: {imported.people}")
        for each in imported.kept_out:
            _tell_kept_out(each, settings)
    if complete:
        with open_retention_desk(settings, now()) as leaving:
            console.print(f"Marked as left: {leaving.mark_missing(gone, now())}")


def _tell_kept_out(each: KeptOut, settings: KioskSettings) -> None:
    """Somebody on the file who lost the rights over a child must not come back unseen, nor by it."""
    why = each.removal.reason.value.replace("_", " ")
    console.print(
        f"[yellow]Not brought back to {escape(each.student_number)}: the {escape(each.relation)}, removed as"
        f" a guardian on {day(each.removal.at, settings)} ({why}).[/] If they are one again:"
        f" qaqpa-kiosk guardian add {escape(each.student_number)} --guardian NAME",
        highlight=False,
        soft_wrap=True,
    )


@enroll.command()
def left(student: Student, config: Config = DEFAULT_CONFIG) -> None:
    """Somebody goes to this school no more: the next retention run erases everything about them."""
    with open_retention_desk(load(config, KioskSettings), now()) as desk:
        desk.left(student, now())
    console.print("Marked as left; an import of the roster with this person takes it back until then")


@enroll.command()
def consent(
    *,
    student: Student,
    evidence: Annotated[
        Path,
        typer.Option(
            help="Scan of the signed paper; else the file to write the record of what the guardian did."
            " The vault keeps its hash only, the school keeps the file."
        ),
    ],
    wording: Annotated[
        Path, typer.Option(help="The text that was shown, without names: it is kept for good.")
    ],
    guardian: Annotated[
        str | None, typer.Option(help="The guardian's name as on the roster; staff sign for themselves.")
    ] = None,
    channel: Annotated[Channel, typer.Option(help="How the consent was given.")] = Channel.PAPER,
    purpose: Annotated[list[Purpose], typer.Option(help="What for; repeat for several.")] = [  # noqa: B006 - typer reads it, nobody changes it
        Purpose.ACCESS,
        Purpose.ATTENDANCE,
    ],
    days: Annotated[
        int | None,
        typer.Option(min=1, max=366, help="For how many days; the longest in force is the default."),
    ] = None,
    given: Annotated[
        str | None, typer.Option(help="Paper: the day it was signed, such as 2027-01-31; today if left out.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="The last day, instead of --days.")] = None,
    guardian_born: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Where the roster tells no date of birth; not kept."),
    ] = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Record the consent of a guardian, or of a member of staff, with every field the law asks for."""
    born = guardian_born.date() if guardian_born else None
    if given is not None and channel is not Channel.PAPER:
        raise ConfigError("given_at: only a paper can be older than today", "Leave --given out")
    settings = load(config, KioskSettings)
    told = Told(
        student,
        guardian,
        frozenset(purpose),
        channel,
        evidence,
        wording,
        days,
        moment_of(given, settings) if given else None,
        last_of(until, settings) if until else None,
        born,
    )
    with _desk(config) as (desk, settings):
        asked = desk.consents.asked(told, now())
    record = ask_for_consent(channel, asked, wording, console, now)
    with _desk(config) as (desk, settings):
        recorded = desk.consents.record(told, now(), record)
        console.print(
            f"Consent recorded by {settings.operator.name} until {day(recorded.expires_at, settings)}"
        )
        if recorded.suspended:
            console.print(
                "[yellow]It was given before a wider edition was adopted, and waits:[/] the child passes by"
                " card until a guardian agrees to that one"
            )


@enroll.command()
def face(
    student: Student,
    *,
    picture: Annotated[
        list[Path] | None, typer.Option(help="A picture of this child alone; repeat for several.")
    ] = None,
    camera: Annotated[bool, typer.Option("--camera", help="Use the kiosk's camera instead.")] = False,
    frames: Annotated[int, typer.Option(min=1, max=10, help="How many camera frames to enrol.")] = 3,
    challenge: Annotated[
        bool,
        typer.Option("--challenge", help="With --camera: the child turns the head, which no picture can."),
    ] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Enrol a child's face. Without a live consent no picture is even opened; no picture is kept."""
    pictures = picture or []
    if bool(pictures) == camera:
        raise ConfigError(
            "no pictures and no camera, or both", "Give --picture FILE (several times) or --camera"
        )
    if challenge and not camera:
        raise ConfigError("a picture cannot turn its head", "Use --challenge with --camera")
    with _desk(config) as (desk, settings):
        standing = desk.consents.require(student, now())
    # Others work here while the child looks into the camera, and may withdraw: it is asked again below.
    engine = load_engine(settings.engine)
    if camera:
        try:
            vectors = _from_camera(settings, engine, frames, challenge)
        except ChallengeFailed as failed:
            with _desk(config) as (desk, _):
                desk.note_refusal(standing, failed.reason, now())
            raise
    else:
        vectors = [vector_of(engine, read_picture(path), path.name) for path in pictures]
    with _desk(config) as (desk, _):
        standing = desk.consents.require(student, now())
        _enrol(desk, standing, student, engine, vectors, head_turned=challenge)


def _from_camera(settings: KioskSettings, engine: Engine, frames: int, challenge: bool) -> list[Vector]:
    if settings.camera is None:
        raise ConfigError("the kiosk has no camera", "Add a [camera] section to its configuration")
    source = open_camera(settings.camera)
    try:
        with instructions(console) as tell:
            if not challenge:
                return list(vectors_from_camera(engine, source, frames, tell))
            return vectors_of_turning_head(
                engine,
                source,
                frames,
                sides=[secrets.choice(list(Side)) for _ in range(TURNS)],
                threshold=DEFAULTS[settings.engine].point(1).threshold,
                tell=tell,
            )
    finally:
        source.close()


def _enrol(
    desk: Desk,
    standing: Consent,
    student: str,
    engine: Engine,
    vectors: list[Vector],
    *,
    head_turned: bool,
) -> None:
    """Store the templates, and tell staff who else looks like this child."""
    alike = desk.similar(standing, engine.embedder, vectors, now())
    count = desk.enrol(standing, engine.embedder.name, vectors, now(), head_turned=head_turned)
    console.print(f"Enrolled with {count} template{'s' if count > 1 else ''}")
    for other in alike:
        console.print(f"[yellow]Looks like {other}. If they are hard to tell apart, mark them:[/]")
        console.print(f"  qaqpa-kiosk enroll look-alikes {student} {other}", highlight=False)


@enroll.command()
def look_alikes(
    student: Student,
    other: Annotated[str, typer.Argument(help="The one who looks like that child.")],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Mark twins, or two who are hard to tell apart: the gate never guesses, both pass by card."""
    with _desk(config) as (desk, _):
        desk.mark_look_alikes(student, other, now())
        console.print("Marked: from now on the gate asks both for their card")


@enroll.command()
def withdraw(student: Student, receipt: ReceiptFile = None, config: Config = DEFAULT_CONFIG) -> None:
    """A guardian withdraws: templates and their key are destroyed, the gate forgets the child at once."""
    require_new(receipt)
    with _desk(config) as (desk, settings):
        done = desk.withdraw(student, now())
        given = desk.receipt(done)
        console.print(
            f"Destroyed: {done.templates} templates and their key; consents ended: {done.consents}."
            " From now on the child passes by card."
        )
        hand_over(given, done, receipt, settings)


@enroll.command()
def erase(
    student: Student,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    receipt: ReceiptFile = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Destroy everything held about a child, the roster entry too."""
    require_new(receipt)
    if not yes:
        typer.confirm("Everything about this child will be gone for good. Go on?", abort=True)
    with _desk(config) as (desk, settings):
        done = desk.erase(student, now())
        given = desk.receipt(done)
        console.print(f"Erased: {done.templates} templates, {done.consents} consents and the child's record")
        hand_over(given, done, receipt, settings)


@contextmanager
def _desk(config: Path) -> Iterator[tuple[Desk, KioskSettings]]:
    settings = load(config, KioskSettings)
    with open_desk(settings, now()) as desk:
        yield desk, settings
