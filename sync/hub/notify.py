"""Tells the guardians: takes due notices from the queue and tries each until it is told or too old."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event, Lock
from zoneinfo import ZoneInfo

import structlog

from edge.errors import QaqpaError
from sync.hub.messages import Text, compose
from sync.hub.notices import Notice, NoticeQueue
from sync.hub.settings import NotifySettings

_IDLE_SECONDS = 1.0
_MOST_DOUBLINGS = 20

log = structlog.get_logger()

Sender = Callable[[str, Text], bool]


class Notifier:
    """Sends with a few workers, so that one dead address does not hold up the others.

    Several notifiers may share one queue: what one of them has claimed is not sent by another.
    """

    def __init__(self, queue: NoticeQueue, settings: NotifySettings, zone: ZoneInfo, send: Sender) -> None:
        self._queue = queue
        self._settings = settings
        self._zone = zone
        self._send = send
        self._wake = Event()
        self._lock = Lock()
        self._busy: set[int] = set()

    def wake(self) -> None:
        """There may be something to send."""
        self._wake.set()

    def run(self, stop: Event) -> None:
        """Work until `stop` is set; then finish what is being sent."""
        with ThreadPoolExecutor(self._settings.workers, thread_name_prefix="notify") as pool:
            while not stop.is_set():
                self._wake.clear()
                try:
                    for notice in self._claim(datetime.now(UTC)):
                        pool.submit(self._deliver, notice).add_done_callback(_report)
                except QaqpaError as error:
                    log.warning("notices wait", problem=str(error))
                self._wake.wait(_IDLE_SECONDS)

    def _claim(self, now: datetime) -> list[Notice]:
        """Due notices for the free workers; no other notifier has them."""
        with self._lock:
            busy = set(self._busy)
        free = self._settings.workers - len(busy)
        claimed = self._queue.claim(now, free, busy, lambda notice: self._lease(notice, now))
        with self._lock:
            self._busy.update(notice.id for notice in claimed)
        return claimed

    def _lease(self, notice: Notice, now: datetime) -> datetime | None:
        if now - notice.moment > timedelta(hours=self._settings.give_up_hours):
            log.warning("too old to be news; kept in the history", attempts=notice.attempts)
            self._wake.set()
            return None
        return now + max(self._pause(notice.attempts), timedelta(seconds=self._settings.lease_seconds))

    def _deliver(self, notice: Notice) -> None:
        late_after = timedelta(minutes=self._settings.late_minutes)
        try:
            text = compose(notice, self._zone, datetime.now(UTC), late_after)
            if self._send(notice.notify_url, text):
                self._queue.delivered(notice.id, datetime.now(UTC), late=text.late)
                log.info("notice delivered", late=text.late, attempts=notice.attempts + 1)
            else:
                self._queue.postpone(notice.id, datetime.now(UTC) + self._pause(notice.attempts))
                log.warning("a notice was not taken", attempts=notice.attempts + 1)
        except QaqpaError as error:
            log.warning("a delivery could not be noted", problem=str(error))
        finally:
            with self._lock:
                self._busy.discard(notice.id)
            self._wake.set()

    def _pause(self, attempts: int) -> timedelta:
        first, longest = self._settings.first_retry_seconds, self._settings.longest_retry_seconds
        return timedelta(seconds=min(first * 2 ** min(attempts, _MOST_DOUBLINGS), longest))


def _report(delivery: "Future[None]") -> None:
    """A defect in a worker is seen; only its type, because its text may quote the message."""
    if (error := delivery.exception()) is not None:
        log.error("a delivery failed", problem=type(error).__name__)
