"""How a child stands: derived each time from what was said, and stored nowhere.

One guardian's consent is needed and enough; any guardian's objection overrides it, and the child's own
objection overrides everyone (Protection of Freedoms Act 2012, sections 26 to 28). A restriction holds until a
person lifts it. A block that was raised later than `now` blocks all the same: it is the clock that is wrong.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from edge.domain.blocks import Objection, Restriction
from edge.domain.consent import Consent, Purpose
from edge.policy.consent import MAY_MATCH, ConsentActive, Policy


class Block(StrEnum):
    """Why a child may not be matched, the strongest first."""

    CHILD_OBJECTS = "child_objects"
    GUARDIAN_OBJECTS = "guardian_objects"
    RESTRICTED = "restricted"
    SUSPENDED = "suspended"
    NO_CONSENT = "no_consent"


@dataclass(frozen=True, slots=True)
class History:
    """Everything that was ever said about one child and is still on record."""

    consents: tuple[Consent, ...] = ()
    objections: tuple[Objection, ...] = ()
    restrictions: tuple[Restriction, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """Either the consent under which the child may be matched, or what is against it."""

    consent: Consent | None
    block: Block | None


def standing(history: History, now: datetime, policy: Policy = MAY_MATCH) -> Standing:
    """How the child stands at this moment, under the consent that lasts longest."""
    block = _objection(history) or _restriction(history)
    if block is not None:
        return Standing(None, block)
    live = [consent for consent in history.consents if policy.allows(consent, now)]
    if not live:
        waiting = any(policy.allows(replace(consent, suspended=False), now) for consent in history.consents)
        return Standing(None, Block.SUSPENDED if waiting else Block.NO_CONSENT)
    return Standing(max(live, key=lambda consent: (consent.expires_at, consent.id)), None)


def agreed_until(consents: Iterable[Consent], now: datetime) -> dict[Purpose, datetime]:
    """Every purpose that a live consent names, and until when. Blocks are about faces, so none is in it."""
    live = [consent for consent in consents if ConsentActive().allows(consent, now)]
    return {
        purpose: max(consent.expires_at for consent in live if purpose in consent.purposes)
        for purpose in Purpose
        if any(purpose in consent.purposes for consent in live)
    }


def _objection(history: History) -> Block | None:
    open_ = [objection for objection in history.objections if objection.lifted_at is None]
    if any(objection.guardian_id is None for objection in open_):
        return Block.CHILD_OBJECTS
    return Block.GUARDIAN_OBJECTS if open_ else None


def _restriction(history: History) -> Block | None:
    held = any(restriction.lifted_at is None for restriction in history.restrictions)
    return Block.RESTRICTED if held else None
