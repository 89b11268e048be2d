"""What both processes do at their edges: stop on a signal, end with a clear line and a telling exit code."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from types import FrameType

from edge.errors import ConfigError, QaqpaError, SyncTerminal

EXIT_FAILED = 1
EXIT_CONFIG = 2
EXIT_TERMINAL = 3


def stop_on_signal() -> Event:
    """An event that SIGTERM and SIGINT set."""
    stop = Event()

    def handle(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)
    return stop


@contextmanager
def beside(work: Callable[[Event], None], stop: Event) -> Iterator[None]:
    """`work` in a thread of its own while the block runs; both end when `stop` is set or the block ends."""
    thread = Thread(target=work, args=(stop,), name="beside")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def guarded(program: Callable[[], object]) -> None:
    """Run a command line; our errors become one line on stderr and an exit code, never a trace."""
    try:
        program()
    except QaqpaError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(_exit_code(error)) from None


def _exit_code(error: QaqpaError) -> int:
    if isinstance(error, SyncTerminal):
        return EXIT_TERMINAL
    return EXIT_CONFIG if isinstance(error, ConfigError) else EXIT_FAILED
