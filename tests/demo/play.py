"""Plays the script against the running processes and notes what came of each arrival."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from edge.domain.decisions import Reason
from tests.demo.processes import Line, Service, run, says
from tests.demo.scenario import Scenario, Step
from tests.demo.school import PIN, STAFF, School, student_number
from tests.demo.stage import NOBODY, Stage

GAP_SECONDS = 0.9
IN_FLIGHT_SECONDS = 0.5
RECONNECT_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Arrival:
    """One pupil at the gate: what the script wants, what the gate said, how long it took."""

    pupil: str
    expected: Reason
    reason: Reason
    latency_ms: float | None
    passed_at: float | None


@dataclass(slots=True)
class Morning:
    """Everything that was seen."""

    arrivals: list[Arrival] = field(default_factory=list)
    began: float = field(default_factory=time.time)
    broker_dead: list[tuple[float, float]] = field(default_factory=list)

    def held_up(self, moment: float) -> bool:
        """Whether the broker was dead then, or its clients had not found it again."""
        return any(
            began - IN_FLIGHT_SECONDS <= moment <= ended + RECONNECT_SECONDS
            for began, ended in self.broker_dead
        )


class Player:
    """Moves pupils, staff and the broker as the script says."""

    def __init__(self, school: School, gate: Service, say: Callable[[str], None]) -> None:
        self._school = school
        self._gate = gate
        self._say = say
        self._stage = Stage(school.stage)
        self.morning = Morning()
        self._dead_since = 0.0

    def play(self, scenario: Scenario) -> Morning:
        """Every step in order. Raises DemoFailed where a process does not answer."""
        for step in scenario.step:
            self._say(step.say)
            self._play(step)
        self._stage.show(NOBODY)
        return self.morning

    def _play(self, step: Step) -> None:
        if step.broker == "kill":
            self._school.broker.kill()
            self._dead_since = time.time()
        if step.broker == "start":
            self._school.broker.start()
            self.morning.broker_dead.append((self._dead_since, time.time()))
        withdrawal = self._withdrawing(step.withdraw) if step.withdraw else None
        for pupil in step.arrive:
            assert step.expect is not None, step.say
            self._arrive(pupil, step.expect)
        if withdrawal is not None:
            self._say(f"  [magenta]kiosk:[/] {withdrawal.result()}")
        if step.release is not None:
            self._release(step)

    def _arrive(self, pupil: str, expected: Reason) -> None:
        self._stage.show(pupil)
        _, line = self._gate.wait_for(says("decision"), f"a decision about {pupil}")
        self._note(pupil, expected, line)

    def _release(self, step: Step) -> None:
        assert step.release is not None
        assert step.reason is not None
        number, config = student_number(step.release), self._school.config("gate")
        run(
            "qaqpa-gate", "release", number, "--reason", step.reason.value, "--staff", STAFF, "--pin-stdin",
            "--config", config, typed=PIN,
        )  # fmt: skip
        _, line = self._gate.wait_for(says("decision"), "the manual release")
        self._note(step.release, Reason.MANUAL_RELEASE, line)

    def _note(self, pupil: str, expected: Reason, line: Line) -> None:
        passed_at = None
        if line["outcome"] == "grant":
            passed_at, _ = self._gate.wait_for(_has_passed, f"the passage of {pupil}")
            self._stage.show(NOBODY)
        else:
            self._stage.show(NOBODY)
            time.sleep(GAP_SECONDS)
        arrival = Arrival(pupil, expected, Reason(line["reason"]), line.get("latency_ms"), passed_at)
        self.morning.arrivals.append(arrival)
        mark = "[green]✓[/]" if arrival.reason is expected else "[red]✗[/]"
        took = f" [dim]{arrival.latency_ms:.0f} ms[/]" if arrival.latency_ms is not None else ""
        self._say(f"  {mark} {pupil}: {arrival.reason.value.replace('_', ' ')}{took}")

    def _withdrawing(self, pupil: str) -> Future[str]:
        """Staff at the kiosk and pupils at the gate, at the same time."""
        kiosk = ThreadPoolExecutor(1)
        config, receipt = self._school.config("kiosk"), self._school.folder / f"receipt-{pupil}.json"
        answer = kiosk.submit(
            run, "qaqpa-kiosk", "enroll", "withdraw", student_number(pupil), "--receipt", receipt,
            "--config", config,
        )  # fmt: skip
        kiosk.shutdown(wait=False)
        return answer


def _has_passed(line: Line) -> bool:
    return bool(line.get("event") == "gate" and line.get("state") == "passed")
