"""Each step of the decision, alone: who is let in, who is not, and why."""

from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
import pytest

from edge.decide import Limits, Scene, decide
from edge.domain.consent import Consent, Purpose
from edge.domain.decisions import Decision, Outcome, Reason
from edge.domain.ids import ChildId
from edge.match.score import Match, Verdict
from edge.vision.face import Face
from edge.vision.pad.verdict import PadReason, PadVerdict
from tests.builders import NOW, child_id, consent

MATCHED = Match(Verdict.MATCH, child_id(1))
LIVE = PadVerdict(live=True, reasons=())


def against(*reasons: PadReason) -> PadVerdict:
    return PadVerdict(live=False, reasons=reasons)


def face(width: float = 150) -> Face:
    return Face((10, 10, width, width * 1.2), np.zeros((5, 2), np.float32), 0.9)


@dataclass
class Seen:
    """The nearest person as the test wants it; `searches` counts what would have cost an embedding."""

    pad: PadVerdict = LIVE
    found: Match | None = MATCHED
    searches: list[Match | None] = field(default_factory=list)

    def liveness(self) -> PadVerdict:
        return self.pad

    def match(self) -> Match | None:
        self.searches.append(self.found)
        return self.found


def run(
    *faces: Face, age: float = 0.05, seen: Seen | None = None, given: Consent | None = None, held: bool = True
) -> tuple[Decision, int]:
    subject = seen or Seen()

    def consent_of(child: ChildId) -> Consent | None:
        assert subject.found is not None
        assert child == subject.found.child
        return (given or consent()) if held else None

    decision = decide(Scene(age, faces), lambda _: subject, consent_of, Limits(), NOW)
    return decision, len(subject.searches)


def test_a_consenting_child_alone_in_front_is_granted() -> None:
    assert run(face()) == (Decision(Outcome.GRANT, Reason.RECOGNISED, child_id(1)), 1)


@pytest.mark.parametrize("age", [0.51, 60, -0.1, float("inf"), float("nan")])
def test_an_old_or_future_frame_decides_nothing_and_is_not_embedded(age: float) -> None:
    assert run(face(), age=age) == (Decision(Outcome.WAIT, Reason.FRAME_STALE), 0)


def test_an_empty_scene_waits() -> None:
    assert run() == (Decision(Outcome.WAIT, Reason.NO_FACE), 0)


def test_somebody_far_away_is_not_embedded() -> None:
    assert run(face(60)) == (Decision(Outcome.WAIT, Reason.COME_CLOSER), 0)


def test_two_abreast_are_not_embedded() -> None:
    assert run(face(150), face(120)) == (Decision(Outcome.WAIT, Reason.SEVERAL_FACES), 0)


def test_the_queue_behind_does_not_stop_the_first() -> None:
    assert run(face(150), face(80), face(60))[0].outcome is Outcome.GRANT


@pytest.mark.parametrize("reason", [PadReason.NO_CHECK, PadReason.CHECK_BROKEN])
def test_without_working_presentation_attack_detection_nobody_passes_by_face(reason: PadReason) -> None:
    refused = Decision(Outcome.REFUSE, Reason.PAD_UNAVAILABLE)
    assert run(face(), seen=Seen(against(reason))) == (refused, 0)
    assert run(face(), seen=Seen(against(PadReason.NOTHING_SEEN, reason))) == (refused, 0)


@pytest.mark.parametrize("reason", [PadReason.LOOKS_LIKE_A_PICTURE, PadReason.SCENE_MOVES_ALONG])
def test_a_picture_of_a_child_opens_nothing_and_is_not_embedded(reason: PadReason) -> None:
    assert run(face(), seen=Seen(against(reason))) == (Decision(Outcome.REFUSE, Reason.NOT_LIVE), 0)


def test_a_match_waits_until_every_check_has_seen_enough() -> None:
    unsure = Seen(against(PadReason.NOTHING_SEEN))
    assert run(face(), seen=unsure) == (Decision(Outcome.WAIT, Reason.LOOK_AGAIN), 1)


def test_a_stranger_is_refused_without_waiting_for_that() -> None:
    unsure = Seen(against(PadReason.NOTHING_SEEN), Match(Verdict.NO_MATCH))
    assert run(face(), seen=unsure)[0] == Decision(Outcome.REFUSE, Reason.NOT_RECOGNISED)


def test_too_few_or_too_poor_frames_are_no_reason_to_refuse() -> None:
    assert run(face(), seen=Seen(found=None))[0] == Decision(Outcome.WAIT, Reason.LOOK_AGAIN)


def test_a_stranger_is_refused() -> None:
    decision, _ = run(face(), seen=Seen(found=Match(Verdict.NO_MATCH)))
    assert decision == Decision(Outcome.REFUSE, Reason.NOT_RECOGNISED)


def test_look_alikes_are_refused_as_ambiguous() -> None:
    decision, _ = run(face(), seen=Seen(found=Match(Verdict.AMBIGUOUS)))
    assert decision == Decision(Outcome.REFUSE, Reason.AMBIGUOUS)


@pytest.mark.parametrize(
    "given",
    [
        consent(withdrawn_at=NOW - timedelta(seconds=1)),
        consent(expires_at=NOW),
        consent(given_at=NOW + timedelta(seconds=1)),
        consent(purposes=frozenset({Purpose.MEALS})),
    ],
)
def test_a_match_without_live_consent_for_access_is_refused(given: Consent) -> None:
    assert run(face(), given=given)[0] == Decision(Outcome.REFUSE, Reason.CONSENT_MISSING)


def test_a_match_without_any_consent_is_refused() -> None:
    assert run(face(), held=False)[0] == Decision(Outcome.REFUSE, Reason.CONSENT_MISSING)


def test_a_refusal_can_never_name_a_child_and_a_grant_must() -> None:
    with pytest.raises(ValueError, match="grant names a child"):
        Decision(Outcome.REFUSE, Reason.AMBIGUOUS, child_id(1))
    with pytest.raises(ValueError, match="grant names a child"):
        Decision(Outcome.GRANT, Reason.RECOGNISED)
