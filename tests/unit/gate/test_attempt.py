"""Nobody is told no too early, nobody hears it twice, and nobody waits for ever before an unclear camera."""

from edge.domain.decisions import Decision, Outcome, Reason
from tests.builders import child_id
from turnstile.attempt import Attempt, Patience

YES = Decision(Outcome.GRANT, Reason.RECOGNISED, child_id(1))
OTHER = Decision(Outcome.GRANT, Reason.RECOGNISED, child_id(2))
NO = Decision(Outcome.REFUSE, Reason.NOT_RECOGNISED)
EMPTY = Decision(Outcome.WAIT, Reason.NO_FACE)
UNCLEAR = Decision(Outcome.WAIT, Reason.LOOK_AGAIN)
TWO = Decision(Outcome.WAIT, Reason.SEVERAL_FACES)


def verdicts(decisions: list[Decision], patience: Patience | None = None) -> list[Decision]:
    attempt = Attempt(patience or Patience(refuse_frames=4, unclear_s=2, clear_s=0.5, repeat_s=5))
    found = [attempt.add(decision, 0.1 * step) for step, decision in enumerate(decisions)]
    return [verdict for verdict in found if verdict is not None]


def test_whoever_is_not_seen_well_is_asked_for_a_card_after_some_seconds_and_once() -> None:
    assert verdicts([UNCLEAR] * 20) == []
    assert verdicts([UNCLEAR] * 60) == [Decision(Outcome.REFUSE, Reason.LOOK_AGAIN)]


def test_a_face_that_was_seen_in_between_is_given_its_time_again() -> None:
    assert verdicts(([UNCLEAR] * 15 + [NO]) * 3) == []


def test_two_abreast_are_left_to_sort_themselves_out() -> None:
    assert verdicts([TWO] * 100) == []


def test_a_stranger_is_refused_once_after_some_patience() -> None:
    assert verdicts([NO, NO, NO]) == []
    assert verdicts([NO] * 30) == [NO]


def test_the_reason_told_is_the_one_seen_most() -> None:
    ambiguous = Decision(Outcome.REFUSE, Reason.AMBIGUOUS)
    assert verdicts([ambiguous, NO, ambiguous, ambiguous]) == [ambiguous]


def test_a_refused_child_who_then_looks_up_still_gets_in() -> None:
    assert verdicts([NO, NO, NO, NO, YES]) == [NO, YES]


def test_the_next_stranger_is_told_too() -> None:
    assert verdicts([NO] * 4 + [EMPTY] * 8 + [NO] * 4) == [NO, NO]


def test_a_short_loss_of_the_face_is_the_same_person() -> None:
    assert verdicts([NO] * 4 + [EMPTY] * 2 + [NO] * 8) == [NO]


def test_a_child_that_was_let_in_is_not_let_in_again_by_the_next_frame() -> None:
    attempt = Attempt(Patience(repeat_s=5))
    assert attempt.add(YES, 0.0) == YES
    attempt.done_with(child_id(1), 0.0)
    assert attempt.add(YES, 1.0) is None
    assert attempt.add(OTHER, 1.1) == OTHER
    assert attempt.add(YES, 5.1) == YES
