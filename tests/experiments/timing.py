"""Processor time of several ways to do one thing, in turns, so that a busy moment meets all of them."""

import statistics
import time
from collections.abc import Callable, Mapping


def cpu_milliseconds(
    ways: Mapping[str, Callable[[], object]], rounds: int, runs: int = 4
) -> dict[str, float]:
    """Median of rounds * runs calls of each, this thread only; the first call of a turn is not counted."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, work in ways.items():
            work()
            for _ in range(runs):
                start = time.thread_time()
                work()
                times[name].append(1000 * (time.thread_time() - start))
    return {name: statistics.median(all_of_it) for name, all_of_it in times.items()}
