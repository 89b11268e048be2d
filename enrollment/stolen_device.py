"""A device was stolen: what this device can do about it at once, and what people do elsewhere, in order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from edge.audit import AuditTrail
from edge.domain.ids import Slug
from edge.errors import QaqpaError
from edge.vault.vault import Vault
from enrollment.opening import note

_HUB = "qaqpa-hub"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: the command that does it alone, and what came of it; `done` is None where people do it."""

    what: str
    command: str
    done: bool | None
    result: str


def respond(vault: Vault, audit: AuditTrail, device: Slug, now: datetime, *, cards: bool) -> Iterator[Step]:
    """Do every step that can be done here, each by itself: one that fails stops no other."""
    yield Step("lock its certificate out", f"{_HUB} ca revoke CA-FOLDER {device}", None, "at the hub, first")
    yield _tried(
        "rotate face templates anew",
        "qaqpa-kiosk renew-templates",
        lambda: f"{vault.renew_templates()} renewed",
    )
    yield _tried(
        "sign passes with another key",
        "qaqpa-kiosk breach revoke-device",
        lambda: f"{vault.credentials.renew_pass_key()} wait to be printed",
    )
    yield _tried(
        "end PINs of staff", "qaqpa-kiosk staff revoke-pin", lambda: f"{vault.pins.revoke_all()} ended"
    )
    if cards:
        yield _tried(
            "end cards",
            "qaqpa-kiosk card revoke",
            lambda: f"{vault.credentials.revoke_all_cards(now)} ended",
        )
    note(audit, now, "device_revoked", device=device.value, cards=int(cards))
    yield from _by_people(cards)


def _by_people(cards: bool) -> Iterator[Step]:
    yield Step("change the passphrase", "qaqpa-kiosk rekey NEW-FILE", None, "if both devices had the same")
    yield Step("print the passes again", "qaqpa-kiosk pass sheet", None, "old prints open nothing here")
    yield Step("set PINs again", "qaqpa-kiosk staff pin NUMBER", None, "each member of staff")
    if cards:
        yield Step("give cards again", "qaqpa-kiosk card add STUDENT", None, "each child")
    yield Step("start the clock", "qaqpa-kiosk breach open", None, "it runs since the theft was found")


def _tried(what: str, command: str, act: Callable[[], str]) -> Step:
    try:
        return Step(what, command, True, act())
    except QaqpaError as error:
        return Step(what, command, False, str(error))
