"""Two lanes on two cores: two gates beside each other lose no frame of their cameras."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from edge.vision.engine_choice import EngineName
from tests.bench.table import Row
from turnstile.commands.bench_lane import quiet
from turnstile.simulation.rehearsal import Plan, rehearse
from turnstile.simulation.walks import SHIPPED

LANES, PEOPLE, PER_MINUTE, FPS, PASSAGE = 2, 24, 60, 15, 0.6
MOST_FILMED_PER_DECIDED = 1.01


def lane_rows() -> list[Row]:
    """A short rush before both; 1 would be no frame lost at all."""
    plan = Plan(SHIPPED, PEOPLE, PER_MINUTE, FPS, PASSAGE, EngineName.SFACE)
    with ProcessPoolExecutor(LANES, mp_context=get_context("spawn"), initializer=quiet) as pool:
        lanes = list(pool.map(rehearse, [plan] * LANES))
    ratio = sum(lane.shown for lane in lanes) / sum(lane.given for lane in lanes)
    title = f"{LANES} lanes at {FPS} frames a second, filmed per frame decided on"
    return [Row(title, ratio, MOST_FILMED_PER_DECIDED, "", "limit", 1.0)]
