"""Stands between a publisher and its broker, with the certificates of both, and keeps what is sent."""

import select
import socket
import ssl
import threading
from contextlib import suppress
from pathlib import Path

_LOOK_SECONDS = 0.1
_CHUNK = 64 * 1024


class TlsRecorder:
    """`folder` is that of the authority: broker.crt for the publisher, the gate's own pair for the broker."""

    def __init__(self, folder: Path, gate: str, target: int) -> None:
        self.sent: list[bytearray] = []
        """The bytes of each connection, in order."""
        self._target = target
        self._inner = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._inner.load_cert_chain(folder / "broker.crt", folder / "broker.key")
        self._outer = ssl.create_default_context(cafile=str(folder / "ca.crt"))
        self._outer.load_cert_chain(folder / f"{gate}.crt", folder / f"{gate}.key")
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(_LOOK_SECONDS)
        self.port = int(self._server.getsockname()[1])
        self._closed = False
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def close(self) -> None:
        self._closed = True
        self._thread.join()
        self._server.close()

    def _run(self) -> None:
        while not self._closed:
            try:
                near, _ = self._server.accept()
            except TimeoutError:
                continue
            with suppress(OSError), near:
                near.settimeout(None)
                far = socket.create_connection(("127.0.0.1", self._target))
                with (
                    far,
                    self._inner.wrap_socket(near, server_side=True) as publisher,
                    self._outer.wrap_socket(far, server_hostname="localhost") as broker,
                ):
                    self._pump(publisher, broker)

    def _pump(self, publisher: ssl.SSLSocket, broker: ssl.SSLSocket) -> None:
        self.sent.append(bytearray())
        ways = ((publisher, broker), (broker, publisher))
        while not self._closed:
            # What came with a handshake waits inside OpenSSL, where select(2) does not see it: read first.
            moved = [self._move(source, target) for source, target in ways]
            if b"" in moved:
                return
            if moved[0]:
                self.sent[-1] += moved[0]
            if moved == [None, None]:
                select.select([publisher, broker], [], [], _LOOK_SECONDS)

    def _move(self, source: ssl.SSLSocket, target: ssl.SSLSocket) -> bytes | None:
        """What was there and is sent on; empty at the end, None where nothing waits."""
        source.setblocking(False)
        try:
            data = source.recv(_CHUNK)
        except ssl.SSLWantReadError:
            return None
        target.setblocking(True)
        target.sendall(data)
        return data
