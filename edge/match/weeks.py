"""Which weeks drift is measured on: a gate's first, and its last. Those between are only in the totals.

The first weeks stay as they are. A reference that took in every later week would sink with the scores, and a
fall that takes a year would never be seen.
"""

from datetime import date, timedelta

from edge.match.counts import Period, ScoreCounts

RECENT_WEEKS = 2
"""This one and the one before, so that a Monday has more than a morning to speak of."""
REFERENCE_WEEKS = 4


def this_week(counts: ScoreCounts, day: date, threshold: float) -> Period:
    """The period to count into on `day`, begun if it is new; a week without searches does not exist."""
    monday = day - timedelta(days=day.weekday())
    # A device without a battery clock can begin a day in the past: that goes into the newest week.
    if not counts.recent or monday > counts.recent[-1].since:
        counts.recent.append(Period(monday, threshold))
        if len(counts.recent) > RECENT_WEEKS:
            _retire(counts, counts.recent.pop(0))
    week = counts.recent[-1]
    week.threshold = max(week.threshold, threshold)
    return week


def _retire(counts: ScoreCounts, week: Period) -> None:
    if counts.reference is None:
        counts.reference = week
    elif counts.reference.weeks < REFERENCE_WEEKS:
        counts.reference.absorb(week)
