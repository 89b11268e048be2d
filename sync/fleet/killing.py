"""One node of the trial's cluster dies in the middle of a run."""

from threading import Timer
from types import TracebackType

from sync.broker import Broker


class Killing:
    """Kills `node` as a power cut would, so many seconds after `start`; nothing is under way after `with`."""

    def __init__(self, node: Broker, after: float) -> None:
        self.done = ""
        """What was killed and when, once it was."""
        self._node = node
        self._told = f"{node.plan.folder.name} after {after:g} s"
        self._timer = Timer(after, self._kill)

    def __enter__(self) -> "Killing":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if self._timer.ident is not None:
            self._timer.join()

    def start(self) -> None:
        """Call once."""
        self._timer.start()

    def _kill(self) -> None:
        self._node.kill()
        self.done = self._told
