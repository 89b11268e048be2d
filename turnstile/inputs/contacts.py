"""What the dry contacts of one gate mean: readings in, signals out. Pure; time is an argument."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from edge.domain.events import Direction
from turnstile.gate_messages import ExitRequested, FireAlarm, Signal, Tampered
from turnstile.inputs.contact import Contact
from turnstile.inputs.passages import Motion, Passages


class Name(StrEnum):
    """The contacts that a turnstile, a fire panel and a door button may offer."""

    PASSAGE_IN = "passage_in"
    PASSAGE_OUT = "passage_out"
    READY = "ready"
    FIRE = "fire"
    TAMPER = "tamper"
    REQUEST_TO_EXIT = "request_to_exit"


@dataclass(frozen=True, slots=True)
class Rules:
    """How the contacts rest and when a change counts, in seconds."""

    passage_rests_closed: bool
    ready_closed: bool
    bounce: float
    together: float

    def rests_closed(self, name: Name) -> bool:
        """Whether a contact is closed while nothing happens."""
        match name:
            case Name.PASSAGE_IN | Name.PASSAGE_OUT:
                return self.passage_rests_closed
            case Name.READY:
                return self.ready_closed
            case Name.FIRE | Name.TAMPER:
                return True
            case Name.REQUEST_TO_EXIT:
                return False


_DIRECTIONS = {Name.PASSAGE_IN: Direction.IN, Name.PASSAGE_OUT: Direction.OUT}


class Contacts:
    """The contacts that are wired."""

    def __init__(self, rules: Rules, wired: Collection[Name]) -> None:
        self._rules = rules
        self._contacts = {
            name: Contact(closed=rules.rests_closed(name), bounce=rules.bounce)
            for name in Name
            if name in wired
        }
        ways = len(_DIRECTIONS.keys() & wired)
        # Alone a contact has no other to move together with, so that nothing needs to be waited for.
        alone = ways == 1 and Name.READY not in wired
        self._passages = Passages(rules.together, 0.0 if alone else rules.together + rules.bounce, ways)

    def read(self, name: Name, closed: bool, at: float) -> None:
        """Take one reading of a contact, oldest first."""
        self._contacts[name].read(closed, at)

    def signals(self, now: float) -> list[Signal]:
        """What happened since the last call, then FireAlarm as long as the fire contact is open."""
        told: list[Signal] = [*self._passages.signals(self._motions(now), now)]
        told += [Tampered(at) for at in self._departures(Name.TAMPER, now)]
        told += [ExitRequested(at) for at in self._departures(Name.REQUEST_TO_EXIT, now)]
        fire = self._contacts.get(Name.FIRE)
        if fire is not None:
            fire.changes(now)
            if not fire.closed:
                told.append(FireAlarm())
        return told

    def _motions(self, now: float) -> list[Motion]:
        motions = [
            Motion(_DIRECTIONS.get(name), change.closed is not self._rules.rests_closed(name), change.at)
            for name in (*_DIRECTIONS, Name.READY)
            if name in self._contacts
            for change in self._contacts[name].changes(now)
        ]
        return sorted(motions, key=lambda motion: motion.at)

    def _departures(self, name: Name, now: float) -> list[float]:
        contact = self._contacts.get(name)
        if contact is None:
            return []
        rests_closed = self._rules.rests_closed(name)
        return [change.at for change in contact.changes(now) if change.closed is not rests_closed]
