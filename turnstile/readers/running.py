"""Makes a reader of any device: a thread serves it, few reads are kept, a lost device is opened again."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

import structlog

from edge.domain.ids import Slug
from edge.errors import ReaderError
from turnstile.readers.device import Device
from turnstile.readers.ports import CardRead

log = structlog.get_logger()
KEPT_READS = 8
FIRST_RETRY_SECONDS = 0.5
LONGEST_RETRY_SECONDS = 10.0


class RunningReader:
    """A `Reader`. The first opening happens here and raises ReaderError; later ones are tried again."""

    def __init__(
        self, name: Slug, open_device: Callable[[], Device], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._name = name
        self._open = open_device
        self._clock = clock
        self._reads: deque[CardRead] = deque(maxlen=KEPT_READS)
        self._dropped = 0
        self._misread_before = 0
        self._feedback: bool | None = None
        self._problem: ReaderError | None = None
        self._lock = threading.Lock()  # reads and feedback pass between the gate and the thread
        self._stop = threading.Event()
        self._device: Device | None = self._first()
        self._thread = threading.Thread(target=self._run, name=f"reader-{name}", daemon=True)
        self._thread.start()

    @property
    def name(self) -> Slug:
        """As `Reader.name`."""
        return self._name

    @property
    def problem(self) -> ReaderError | None:
        """As `Reader.problem`."""
        return self._problem

    @property
    def healthy(self) -> bool:
        """As `Reader.healthy`."""
        return self._problem is None

    @property
    def dropped(self) -> int:
        """As `Reader.dropped`."""
        return self._dropped

    @property
    def misread(self) -> int:
        """As `Reader.misread`."""
        device = self._device
        return self._misread_before + (device.misread if device else 0)

    def poll(self) -> Sequence[CardRead]:
        """As `Reader.poll`."""
        with self._lock:
            reads = tuple(self._reads)
            self._reads.clear()
        return reads

    def feedback(self, accepted: bool) -> None:
        """As `Reader.feedback`; the newest counts if the reader has not shown an older one yet."""
        with self._lock:
            self._feedback = accepted

    def close(self) -> None:
        """As `Reader.close`."""
        self._stop.set()
        self._thread.join()

    def _first(self) -> Device:
        device = self._open()
        try:
            while not (device.ready or self._stop.is_set()):
                self._keep(device.read())
        except ReaderError:
            device.close()
            raise
        return device

    def _run(self) -> None:
        try:
            self._serve_and_reopen()
        finally:
            self._let_go()
            self._problem = ReaderError("the card reader is no longer read", "Open it again")

    def _serve_and_reopen(self) -> None:
        wait = FIRST_RETRY_SECONDS
        while not self._stop.is_set():
            try:
                device = self._device = self._device or self._first()
                if not self._stop.is_set():
                    self._recovered()
                    wait = FIRST_RETRY_SECONDS
                self._serve(device)
            except ReaderError as error:
                self._let_go()
                self._complain(error)
                self._stop.wait(wait)
                wait = min(2 * wait, LONGEST_RETRY_SECONDS)

    def _serve(self, device: Device) -> None:
        while not self._stop.is_set():
            self._keep(device.read())
            with self._lock:
                accepted, self._feedback = self._feedback, None
            if accepted is not None:
                device.feedback(accepted)

    def _keep(self, numbers: Sequence[bytes]) -> None:
        if not numbers:
            return
        at = self._clock()
        with self._lock:
            self._dropped += max(len(self._reads) + len(numbers) - KEPT_READS, 0)
            self._reads.extend(CardRead(number, self._name, at) for number in numbers)

    def _recovered(self) -> None:
        if self._problem is None:
            return
        with self._lock:
            self._feedback = None  # it was for somebody who has gone
        self._problem = None
        log.info("reader back", reader=str(self._name))

    def _complain(self, error: ReaderError) -> None:
        """Once for each kind of trouble, however often it is tried again."""
        if self._problem is None or str(self._problem) != str(error):
            log.error("reader", reader=str(self._name), problem=str(error))
        self._problem = error

    def _let_go(self) -> None:
        device, self._device = self._device, None
        if device is not None:
            self._misread_before += device.misread
            device.close()
