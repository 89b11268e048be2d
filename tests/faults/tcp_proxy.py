"""A TCP line that can be cut: everything between a gate and the broker goes through it."""

import selectors
import socket
import struct
import threading
from contextlib import suppress

_CHUNK = 64 * 1024
_LOOK_SECONDS = 0.05


class TcpProxy:
    """Listens on `port` of loopback until `close`, and connects each caller to `target`."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._lines: dict[socket.socket, socket.socket] = {}
        self._lock = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def cut(self) -> int:
        """Reset every connection, as a network that fails does. Returns how many there were."""
        with self._lock:
            ends = list(self._lines)
            for end in ends:
                self._drop(end)
        return len(ends) // 2

    def close(self) -> None:
        """Cut, and listen no more."""
        self._closed = True
        self._thread.join()
        self.cut()
        self._server.close()

    def _run(self) -> None:
        while not self._closed:
            with self._lock, selectors.DefaultSelector() as ready:
                for end in (self._server, *self._lines):
                    ready.register(end, selectors.EVENT_READ)
                for key, _ in ready.select(_LOOK_SECONDS):
                    if key.fileobj is self._server:
                        self._accept()
                    elif isinstance(key.fileobj, socket.socket):
                        self._forward(key.fileobj)

    def _accept(self) -> None:
        near, _ = self._server.accept()
        try:
            far = socket.create_connection(("127.0.0.1", self._target), timeout=1)
        except OSError:
            near.close()
            return
        self._lines[near], self._lines[far] = far, near

    def _forward(self, end: socket.socket) -> None:
        if end not in self._lines:
            return
        with suppress(OSError):
            data = end.recv(_CHUNK)
            if data:
                self._lines[end].sendall(data)
                return
        self._drop(end)

    def _drop(self, end: socket.socket) -> None:
        other = self._lines.pop(end, None)
        if other is None:
            return
        self._lines.pop(other, None)
        for each in (end, other):
            with suppress(OSError):
                # A pending close that sends RST instead of an orderly end.
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            each.close()
