"""A gate process for the soak: passages and refusals into its outbox, each noted once it is on the disk.

Run: python -m tests.soak.gate OUTBOX GATE LEDGER EVENTS_A_SECOND
"""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from edge import device_clock
from edge.domain.events import AttendanceEvent, Direction, Kind, Method, Moment
from edge.domain.ids import Slug, pseudonym, uuid7
from edge.errors import OutboxError
from sync.outbox import Outbox
from tests.sync.parts import KEY, SCHOOL

REFUSED_EVERY = 5
CHILDREN = 500


def happening(gate: Slug, number: int, kind: Kind) -> AttendanceEvent:
    """Something at this gate, now."""
    return AttendanceEvent(
        id=uuid7(),
        school=SCHOOL,
        gate=gate,
        child=None if kind is Kind.REFUSED else pseudonym(KEY, f"S-{number % CHILDREN}"),
        direction=Direction.IN if number % 2 else Direction.OUT,
        occurred=datetime.now(UTC),
        clock_synchronised=True,
        method=Method.FACE,
        kind=kind,
        uptime=device_clock.uptime(),
    )


def one(outbox: Outbox, gate: Slug, number: int) -> AttendanceEvent:
    """One event made durable; a grant is settled as its passage."""
    if number % REFUSED_EVERY == 0:
        refused = happening(gate, number, Kind.REFUSED)
        outbox.append(refused)
        return refused
    grant = happening(gate, number, Kind.GRANTED_NOT_PASSED)
    outbox.grant(grant)
    return outbox.settle(grant.id, Kind.PASSED, Moment(datetime.now(UTC), True, device_clock.uptime()))


def main(path: str, gate: str, ledger: str, rate: str) -> None:
    """Until killed."""
    number = 0
    with Outbox(Path(path)) as outbox, Path(ledger).open("a", encoding="ascii", buffering=1) as noted:
        outbox.settle_leftovers()
        while True:
            number += 1
            try:
                noted.write(f"{one(outbox, Slug(gate), number).id}\n")
            except OutboxError as error:
                print(error, file=sys.stderr)
            time.sleep(1 / float(rate))


if __name__ == "__main__":
    main(*sys.argv[1:])
