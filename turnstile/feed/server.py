"""The gate's side of the feed: a Unix socket that only the gate's own user and root can open.

Listeners only listen: what they send is never read. The newest snapshot replaces an older one that is not
sent yet, and a listener that does not keep up is dropped, so that nobody can make the gate wait.
"""

import selectors
import socket
import threading
import time
from pathlib import Path

import structlog

from turnstile.feed.snapshot import Snapshot
from turnstile.local_socket import listen_at

log = structlog.get_logger()
MOST_LISTENERS = 16
STOP_SECONDS = 5.0
FRESH_SECONDS = 2.0
"""A gate whose loop hangs tells nobody who connects what it showed before: they must hear its silence."""


class FeedServer:
    """Sends from a thread of its own. Raises ConfigError where the socket cannot be made."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._listening = listen_at(path, "feed")
        self._wake, self._woken = socket.socketpair()
        for end in (self._wake, self._woken, self._listening):
            end.setblocking(False)
        self._lock = threading.Lock()
        self._newest: Snapshot | None = None
        self._known = b""
        self._known_at = float("-inf")
        self._closing = False
        self._listeners: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, name="feed", daemon=True)
        self._thread.start()

    def publish(self, snapshot: Snapshot) -> None:
        """Send it to everybody who listens; never waits."""
        with self._lock:
            self._newest = snapshot
        self._nudge()

    def close(self) -> None:
        """Stop, hang up and remove the socket."""
        self._closing = True
        self._nudge()
        self._thread.join(timeout=STOP_SECONDS)
        for each in (*self._listeners, self._listening, self._wake, self._woken):
            each.close()
        self._path.unlink(missing_ok=True)

    def _nudge(self) -> None:
        try:
            self._wake.send(b"\n")
        except BlockingIOError:
            return  # the thread has been woken often enough and will look

    def _serve(self) -> None:
        with selectors.DefaultSelector() as ready:
            ready.register(self._listening, selectors.EVENT_READ)
            ready.register(self._woken, selectors.EVENT_READ)
            while not self._closing:
                knocked = False
                for key, _ in ready.select():
                    if key.fileobj is self._listening:
                        knocked = True
                    else:
                        self._woken.recv(4096)
                self._send_newest()
                if knocked:
                    self._welcome()

    def _send_newest(self) -> None:
        with self._lock:
            newest, self._newest = self._newest, None
        if newest is not None:
            self._known, self._known_at = newest.line(), time.monotonic()
            self._send(self._known)

    def _welcome(self) -> None:
        """Whoever connects is told at once what the others know."""
        try:
            listener, _ = self._listening.accept()
        except OSError:  # it went again
            return
        listener.setblocking(False)
        fresh = time.monotonic() - self._known_at < FRESH_SECONDS
        if len(self._listeners) >= MOST_LISTENERS or not _taken(listener, self._known if fresh else b""):
            listener.close()
            return
        self._listeners.append(listener)

    def _send(self, line: bytes) -> None:
        for listener in list(self._listeners):
            if not _taken(listener, line):
                self._listeners.remove(listener)
                listener.close()


def _taken(listener: socket.socket, line: bytes) -> bool:
    """Whether the kernel took it whole: it keeps some hundred lines for a listener before it does not."""
    try:
        if listener.send(line) == len(line):
            return True
    except BlockingIOError:
        pass
    except OSError:  # it has gone
        return False
    log.warning("feed", problem="a viewer does not keep up and was dropped. Start it again")
    return False
