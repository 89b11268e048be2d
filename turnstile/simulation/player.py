"""Lets the people, the staff and the incidents of a scenario act at the gates."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from edge.domain.decisions import Reason
from edge.domain.events import Direction
from edge.errors import ConfigError
from turnstile.boards.people import Behaviour
from turnstile.gate_messages import ReadyBack, ReadyLost, Tampered
from turnstile.gate_states import SHUT, State
from turnstile.simulation.codes import on_paper, on_phone
from turnstile.simulation.lanes import ReplayedLane
from turnstile.simulation.premises import Premises
from turnstile.simulation.requests import request_of
from turnstile.simulation.scenario import Happen, Incident, Office, OfficeAct, Shows, Staff, StaffAsk
from turnstile.simulation.timeline import Act, Visit
from turnstile.simulation.walks import Walker

_DONE_WITH = frozenset({*SHUT, State.EMERGENCY, State.HELD_BY_STAFF, State.FAULT})
_GOOD = frozenset({Shows.FACE, Shows.CARD, Shows.QR, Shows.PHONE})
_FACE_SECONDS, _THING_SECONDS = 8.0, 4.0
"""How long people show a face, or a thing, before they give up."""
_QUEUE_SECONDS, _AWAY_SECONDS, _ENTERS_SECONDS = 15.0, 1.0, 5.0
_BETWEEN_SECONDS, _THROUGH_SECONDS = 0.5, 60.0


@dataclass(frozen=True, slots=True)
class Tried:
    """What one person got for one try; without a reason the gate said nothing."""

    at: datetime
    name: str
    way: Direction
    shows: Shows
    reason: Reason | None


class Player:
    """Plays one act after the other, and remembers what people saw for themselves."""

    def __init__(self, premises: Premises, walkers: Mapping[str, Walker]) -> None:
        self._premises = premises
        self._walkers = walkers
        self.tries: list[Tried] = []
        self.left: Counter[Direction] = Counter()
        """Who set out to leave through a lane, by the lane."""

    def play(self, act: Act) -> None:
        """Let one thing happen. Raises ConfigError for somebody without a walk or a pass."""
        match act:
            case Visit():
                self._visit(act)
            case StaffAsk():
                self._ask(act)
            case OfficeAct():
                self._change(act)
            case Happen():
                self._befall(act.what, self._premises.lanes[act.way])
        self._premises.stir()

    def _visit(self, visit: Visit) -> None:
        lane = self._premises.lanes[visit.arrive.way]
        self._queue(lane, visit.arrive.does)
        for shows in visit.arrive.shows:
            reason = self._try(lane, visit.name, shows)
            if reason is not None and reason.grants:
                self._through(lane, visit.arrive.does, visit.arrive.meanwhile)
                return
            self._premises.rounds(_AWAY_SECONDS)
            if reason is None and shows in _GOOD and lane.way is Direction.OUT and lane.state is State.CLOSED:
                self.left[lane.way] += 1  # whoever leaves may, also when nobody may come in

    def _queue(self, lane: ReplayedLane, does: Behaviour) -> None:
        """Wait for those in front, but not for ever, and know what to do when it is one's turn."""
        self._premises.rounds(_QUEUE_SECONDS, lambda: lane.state in SHUT and not lane.turnstile.walking)
        lane.turnstile.next_does(does)

    def _try(self, lane: ReplayedLane, name: str, shows: Shows) -> Reason | None:
        """Show one thing and wait for the gate to decide."""
        lane.decision()
        heard: list[Reason] = []

        def answered() -> bool:
            reason = lane.decision()
            heard.extend([] if reason is None else [reason])
            return bool(heard)

        self._show(lane, name, shows)
        self._premises.rounds(_FACE_SECONDS if shows is Shows.FACE else _THING_SECONDS, answered)
        lane.camera.leave()
        reason = heard[-1] if heard else None
        self.tries.append(Tried(self._premises.clock.now(), name, lane.way, shows, reason))
        return reason

    def _show(self, lane: ReplayedLane, name: str, shows: Shows) -> None:
        roll = self._premises.roll
        match shows:
            case Shows.FACE:
                lane.camera.show(self._walker(name))
            case Shows.CARD | Shows.UNKNOWN_CARD:
                lane.reader.present(roll.card(name, shows))
            case Shows.PHONE:
                lane.camera.show(on_phone(roll.code(name, shows)))
            case _:
                lane.camera.show(on_paper(roll.code(name, shows)))

    def _walker(self, name: str) -> Walker:
        if name not in self._walkers:
            raise ConfigError(f"shows: there is no walk of {name}", "Name another folder with --walks")
        return self._walkers[name]

    def _through(self, lane: ReplayedLane, does: Behaviour, meanwhile: tuple[Incident, ...]) -> None:
        """The person whom the gate let in, until the gate is done with it."""
        if lane.way is Direction.OUT and does in {Behaviour.PASS, Behaviour.SLOW}:
            self.left[lane.way] += 1
        if meanwhile:
            self._premises.rounds(_ENTERS_SECONDS, lambda: lane.turnstile.inside > 0)
        for incident in meanwhile:
            self._befall(incident, lane)
            self._premises.rounds(_BETWEEN_SECONDS)
        self._premises.rounds(
            _THROUGH_SECONDS, lambda: lane.state in _DONE_WITH and not lane.turnstile.walking
        )

    def _befall(self, incident: Incident, lane: ReplayedLane) -> None:
        lanes, now = self._premises.lanes.values(), self._premises.clock.monotonic()
        match incident:
            case Incident.FIRE:
                for each in lanes:
                    each.turnstile.fire()
            case Incident.FIRE_OVER:
                for each in lanes:
                    each.turnstile.fire_over()
            case Incident.POWER_CUT:
                self._premises.power_cut()
            case Incident.UNPLUG:
                lane.turnstile.unplug()
            case Incident.REPLUG:
                lane.turnstile.replug()
            case Incident.TAMPER:
                lane.turnstile.happen(Tampered(now))
            case Incident.NOT_READY | Incident.READY:
                lane.turnstile.happen(ReadyBack() if incident is Incident.READY else ReadyLost())
            case Incident.EXIT_BUTTON | Incident.WALK_OUT | Incident.WALK_IN:
                self._walk(incident, lane)

    def _walk(self, incident: Incident, lane: ReplayedLane) -> None:
        """Somebody goes through whom the gate did not decide about."""
        if incident is Incident.WALK_IN:
            lane.turnstile.walk(Direction.IN)
            return
        self.left[lane.way] += 1
        if incident is Incident.EXIT_BUTTON:
            lane.press_exit()
        else:
            lane.turnstile.walk(Direction.OUT)

    def _change(self, act: OfficeAct) -> None:
        roll, now = self._premises.roll, self._premises.clock.now()
        for name in act.who:
            if act.does is Office.REVOKE_CARD:
                roll.revoke_card(name, now)
            else:
                roll.withdraw(name, now)

    def _ask(self, staff: StaffAsk) -> None:
        if staff.ask is not Staff.RELEASE:
            for each in self._premises.lanes.values():
                each.ask(request_of(staff))
            return
        lane = self._premises.lanes[staff.way]
        self._queue(lane, staff.does)
        if lane.ask(request_of(staff)).get("released"):
            self._through(lane, staff.does, ())
