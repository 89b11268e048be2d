"""Asks a guardian at the kiosk, or through the phone that stands on the roster, and keeps a record of it.

The kiosk has no network: staff send the code from the school's phone. The record says what the kiosk saw. It
proves no more than that somebody who had the guardian's phone told the code, or typed the name here.
"""

import json
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from edge.domain.consent import Channel
from edge.domain.people import Guardian
from edge.errors import ConfigError, VaultError
from enrollment.one_time_code import OneTimeCode
from enrollment.papers import sha256_of
from enrollment.roster import as_written

_PHONE_DIGITS = 4
_AGREE = (
    "Келіссеңіз, аты-жөніңізді толық жазыңыз",
    "Если согласны, напишите своё полное имя",
    "If you agree, type your full name",
)


def ask_for_consent(
    channel: Channel, guardian: Guardian, wording: Path, console: Console, clock: Callable[[], datetime]
) -> bytes | None:
    """The record of what the guardian did here and now; None for a paper, which was signed elsewhere."""
    if channel is Channel.PAPER:
        return None
    hashed = sha256_of(wording)
    if channel is Channel.SMS_CODE:
        return by_code(guardian, hashed, console, clock)
    return in_person(guardian, wording, hashed, console, clock)


def by_code(
    guardian: Guardian, wording_sha256: str, console: Console, clock: Callable[[], datetime]
) -> bytes:
    """The record of a code that came back from the guardian's phone. Raises ConfigError, VaultError."""
    digits = "".join(filter(str.isdigit, guardian.phone))
    if len(digits) < _PHONE_DIGITS:
        raise VaultError(
            "phone: this guardian has none on the roster", "Add it and import the roster, or sign on paper"
        )
    code = OneTimeCode(clock())
    console.print(f"Send to the phone that ends in {digits[-_PHONE_DIGITS:]}: the text, and the code")
    console.print(f"[bold]{code.digits}[/]", highlight=False)
    while not code.accepts(_typed("The code that came back from that phone: "), clock()):
        console.print("This is another code; look again", highlight=False)
    return _record(
        Channel.SMS_CODE,
        guardian,
        wording_sha256,
        phone_ends_in=digits[-_PHONE_DIGITS:],
        sent_at=_stamp(code.made_at),
        confirmed_at=_stamp(clock()),
        tries=code.tries,
    )


def in_person(
    guardian: Guardian, wording: Path, wording_sha256: str, console: Console, clock: Callable[[], datetime]
) -> bytes:
    """The record of a guardian who read the text here and typed the own name. Raises ConfigError."""
    shown_at = clock()
    console.print(escape(_text_of(wording)), highlight=False)
    for line in _AGREE:
        console.print(f"[bold]{line}[/]")
    typed = _typed("> ")
    if as_written(typed) != as_written(guardian.full_name):
        raise ConfigError(
            "this is not the guardian's name as on the roster", "Nothing was recorded; type the full name"
        )
    return _record(
        Channel.KIOSK,
        guardian,
        wording_sha256,
        shown_at=_stamp(shown_at),
        confirmed_at=_stamp(clock()),
        typed=typed.strip(),
    )


def _record(channel: Channel, guardian: Guardian, wording_sha256: str, **seen: str | int) -> bytes:
    told = {
        "channel": channel.value,
        "child": guardian.child.value,
        "guardian": guardian.id,
        "wording_sha256": wording_sha256,
        **seen,
    }
    return (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode()


def _typed(question: str) -> str:
    """A line from whoever stands here. Raises ConfigError where nobody does."""
    if sys.stdin.isatty():
        return input(question)
    line = sys.stdin.readline()
    if not line:
        raise ConfigError("nobody answered", "Run this where the guardian, or staff, can type")
    return line


def _text_of(wording: Path) -> str:
    try:
        return wording.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise ConfigError(
            f"{wording.name} cannot be shown here", "Give the wording as a text file in UTF-8"
        ) from None


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
