"""`make bench`: every figure beside its peer or limit of the same run. Exits 1 where a goal is missed."""

import sys

from threadpoolctl import threadpool_limits

from tests.bench.erasure import erasure_rows
from tests.bench.frame import frame_rows
from tests.bench.lanes import lane_rows
from tests.bench.outbox import outbox_rows
from tests.bench.path import path_rows
from tests.bench.process import process_rows
from tests.bench.release import release_rows
from tests.bench.retention import retention_rows
from tests.bench.search import search_rows
from tests.bench.shown import shown_rows
from tests.bench.table import print_rows


def main() -> int:
    """Run all, print one table."""
    with threadpool_limits(1, user_api="blas"):  # as the gate does
        rows = [
            *frame_rows(),
            *process_rows(),
            *release_rows(),
            *outbox_rows(),
            *path_rows(),
            *shown_rows(),
            *lane_rows(),
            *search_rows(),
            *erasure_rows(),
            *retention_rows(),
        ]
    print_rows(rows)
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
