"""A day at the gate as a file: who is who, what happens when, and what must be on the disk in the evening."""

import re
from datetime import UTC, date, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, model_validator

from edge.config import Settings, SlugField, ZoneName, load
from edge.credentials.lockout import LockoutRule
from edge.domain.decisions import Reason
from edge.domain.events import Direction, Method
from edge.domain.people import Role
from edge.errors import ConfigError
from turnstile.attempt import Patience
from turnstile.boards.people import Behaviour
from turnstile.control import ManualReason
from turnstile.gate import Timing
from turnstile.gate_messages import AlarmKind
from turnstile.mode import Mode
from turnstile.rules_settings import RulesSettings

_RANGE = re.compile(r"([a-z]+)(\d+)-([a-z]+)(\d+)")
_NAME = re.compile(r"[a-z]+\d+")


class Has(StrEnum):
    """What a person has before the day: a face is one under a live consent, a PIN is for staff only."""

    FACE = "face"
    CARD = "card"
    QR = "qr"
    REVOKED_CARD = "revoked_card"
    EXPIRED_QR = "expired_qr"
    PIN = "pin"


class Shows(StrEnum):
    """What a person tries at the gate: a printed pass is `qr`, the same one on a telephone `phone`."""

    FACE = "face"
    CARD = "card"
    QR = "qr"
    PHONE = "phone"
    UNKNOWN_CARD = "unknown_card"
    FORGED_QR = "forged_qr"
    OTHER_SCHOOL = "other_school"
    POSTER = "poster"


class Staff(StrEnum):
    """What staff ask of the gates; all but `release` go to every lane."""

    RELEASE = "release"
    HOLD = "hold"
    CLOSE = "close"
    REOPEN = "reopen"
    RESET = "reset"
    EVACUATE = "evacuate"
    INSIDE = "inside"
    FORGIVE = "forgive"


SIGNED = frozenset({Staff.RELEASE, Staff.HOLD, Staff.REOPEN, Staff.RESET, Staff.FORGIVE})
"""What a member of staff answers for with a PIN; whatever makes people safer needs none."""


class Incident(StrEnum):
    """What befalls the gates. `power_cut` and `fire` befall every lane, the rest one of them."""

    FIRE = "fire"
    FIRE_OVER = "fire_over"
    UNPLUG = "unplug"
    REPLUG = "replug"
    TAMPER = "tamper"
    NOT_READY = "not_ready"
    READY = "ready"
    EXIT_BUTTON = "exit_button"
    WALK_OUT = "walk_out"
    WALK_IN = "walk_in"
    POWER_CUT = "power_cut"


class Noted(StrEnum):
    """What staff did or tried at a gate, as the audit trail calls it."""

    RESET = "reset"
    HELD_OPEN = "held_open"
    CLOSED = "closed"
    REOPENED = "reopened"
    EVACUATION = "evacuation"
    INSIDE_LISTED = "inside_listed"
    FORGIVEN = "forgiven"
    PIN_WRONG = "pin_wrong"
    PIN_LOCKED = "pin_locked"


class Office(StrEnum):
    """What the school's office changes in the vault while the gate runs."""

    REVOKE_CARD = "revoke_card"
    WITHDRAW = "withdraw"


def names(text: str) -> tuple[str, ...]:
    """The people of "p01-p03, p07". Raises ValueError that shows how it is written."""
    found: list[str] = []
    for part in (part.strip() for part in text.split(",")):
        ends = _RANGE.fullmatch(part)
        if ends is not None and ends[1] == ends[3] and int(ends[2]) <= int(ends[4]):
            numbers = range(int(ends[2]), int(ends[4]) + 1)
            found += [f"{ends[1]}{number:0{len(ends[2])}d}" for number in numbers]
        elif _NAME.fullmatch(part):
            found.append(part)
        else:
            raise ValueError(f"{part!r} is neither a name such as p07 nor a range such as p01-p12")
    twice = {name for name in found if found.count(name) > 1}
    if twice:
        raise ValueError(f"{min(twice)} is named twice")
    return tuple(found)


def _named(value: object) -> object:
    return names(value) if isinstance(value, str) else value


Names: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(_named)]
Tries: TypeAlias = Annotated[
    tuple[Shows, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)
]


class People(Settings):
    """Some of the people on the roster, and what each of them owns."""

    who: Names
    group: str
    role: Role = Role.PUPIL
    has: tuple[Has, ...] = ()

    @model_validator(mode="after")
    def _pins_are_for_staff(self) -> Self:
        if Has.PIN in self.has and self.role is not Role.STAFF:
            raise ValueError('has: a PIN needs role = "staff"')
        return self


class Entry(Settings):
    """Something of the day, at one of its lanes."""

    at: time
    way: Direction = Direction.IN


class Arrive(Entry):
    """People come to the gate one after the other, about `every` seconds, in an order that the seed gives.

    Each shows what `shows` says, one thing after the other until something opens, and then does what `does`
    says. `meanwhile` happens while each is in the turnstile. Each comes `times` times.
    """

    who: Names
    shows: Tries
    every: float = Field(default=4.0, gt=0, le=3600)
    times: int = Field(default=1, ge=1, le=100)
    does: Behaviour = Behaviour.PASS
    meanwhile: tuple[Incident, ...] = ()


class StaffAsk(Entry):
    """Staff ask something of the gates; for `release`, who is let through, why, and what that person does.

    `by` signs with a PIN what must be signed; with `pin` "wrong" it is somebody who guesses it.
    """

    ask: Staff
    by: str | None = None
    pin: Literal["right", "wrong"] = "right"
    who: str | None = None
    reason: ManualReason | None = None
    does: Behaviour = Behaviour.PASS

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.ask in SIGNED and self.by is None:
            raise ValueError(f'ask = "{self.ask}" needs the key by: who signs it')
        if self.ask in {Staff.RELEASE, Staff.FORGIVE} and self.who is None:
            raise ValueError(f'ask = "{self.ask}" needs the key who')
        if self.ask is Staff.RELEASE and self.reason is None:
            raise ValueError('ask = "release" needs the key reason')
        return self


class Happen(Entry):
    """Something befalls the gates, `times` times, `every` seconds apart."""

    what: Incident
    times: int = Field(default=1, ge=1, le=1000)
    every: float = Field(default=2.0, gt=0, le=3600)


class OfficeAct(Entry):
    """The office changes something about some people."""

    does: Office
    who: Names


class GateSection(Settings):
    """What every lane is configured with; the keys are those of `gate.toml`."""

    mode: Mode = Mode.IDENTIFY
    rules: RulesSettings = RulesSettings()
    lockout: LockoutRule = LockoutRule()
    patience: Patience = Patience()
    timing: Timing = Timing()


class Expected(Settings):
    """How often what must be found on one lane's disk; what is not named must not be there."""

    passed: dict[Method, int] = Field(default_factory=dict)
    granted_not_passed: dict[Method, int] = Field(default_factory=dict)
    refused: dict[Reason, int] = Field(default_factory=dict)
    alarm: dict[AlarmKind, int] = Field(default_factory=dict)
    manual_release: dict[ManualReason, int] = Field(default_factory=dict)
    staff: dict[Noted, int] = Field(default_factory=dict)
    unanswered: dict[Shows, int] = Field(default_factory=dict)


class Scenario(Settings):
    """The whole file."""

    title: str
    school: SlugField
    day: date
    zone: ZoneName = "Asia/Almaty"
    seed: int = 1
    lanes: tuple[Direction, ...] = (Direction.IN,)
    gate: GateSection = GateSection()
    people: tuple[People, ...]
    arrive: tuple[Arrive, ...]
    staff: tuple[StaffAsk, ...] = ()
    happen: tuple[Happen, ...] = ()
    office: tuple[OfficeAct, ...] = ()
    expected: dict[Direction, Expected]

    def moment(self, at: time) -> datetime:
        """A time of this day, in UTC."""
        return datetime.combine(self.day, at, ZoneInfo(self.zone)).astimezone(UTC)

    @property
    def roster(self) -> dict[str, People]:
        """Everyone on the roster by name."""
        return {name: people for people in self.people for name in people.who}

    @property
    def passages(self) -> int:
        """How many times somebody comes to the gate and wants to pass, staff's releases included."""
        by_hand = sum(each.ask is Staff.RELEASE for each in self.staff)
        return by_hand + sum(len(each.who) * each.times for each in self.arrive)

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        known: set[str] = set()
        for people in self.people:
            twice = known & set(people.who)
            if twice:
                raise ValueError(f"people: {min(twice)} is named twice")
            known |= set(people.who)
        self._check_lanes()
        self._check_things()
        asked = [(ask.at, name) for ask in self.staff for name in (ask.who, ask.by) if name is not None]
        changed = [(act.at, name) for act in self.office for name in act.who]
        for at, name in (*asked, *changed):
            if name not in known:
                raise ValueError(f"who: {name} at {at} is not among the people")
        return self

    def _check_lanes(self) -> None:
        if not self.lanes or len(set(self.lanes)) != len(self.lanes):
            raise ValueError('lanes: name "in", "out", or both once each')
        entries: tuple[Entry, ...] = (*self.arrive, *self.staff, *self.happen)
        for entry in entries:
            if entry.way not in self.lanes:
                raise ValueError(f'way: there is no lane "{entry.way}" at {entry.at}; see the key lanes')
        extra = set(self.expected) - set(self.lanes)
        if extra:
            raise ValueError(f'expected: there is no lane "{min(extra)}"; see the key lanes')

    def _check_things(self) -> None:
        """Nobody shows a card that they never had; a stranger has a face, and what is forged."""
        roster = self.roster
        needs = {
            Shows.CARD: {Has.CARD, Has.REVOKED_CARD},
            Shows.QR: {Has.QR, Has.EXPIRED_QR},
            Shows.PHONE: {Has.QR, Has.EXPIRED_QR},
        }
        for arrive in self.arrive:
            for name in arrive.who:
                has = set(roster[name].has) if name in roster else set()
                for shown in arrive.shows:
                    if shown in needs and not needs[shown] & has:
                        raise ValueError(f"shows: {name} has no {shown} to show at {arrive.at}")


def load_scenario(path: Path) -> Scenario:
    """Read a scenario. Raises ConfigError that names the key."""
    if not path.is_file():
        raise ConfigError(f"there is no scenario {path}", "Name one with --scenario; see docs/scenarios.md")
    return load(path, Scenario)
