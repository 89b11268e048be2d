"""A broker that answers as a real one seldom does: any reason code of MQTT 5, or nothing at all."""

import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass

from sync.hub.ca import Issued

_CONNECT, _PUBLISH, _SUBSCRIBE = 1, 3, 8


@dataclass(frozen=True)
class Answers:
    """Reason codes of CONNACK and PUBACK; None keeps silent."""

    connack: int | None = 0
    puback: int | None = 0


class FakeBroker:
    """One connection at a time, until `close`."""

    def __init__(self, issued: Issued, answers: Answers) -> None:
        self._answers = answers
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(issued.cert, issued.key)
        self._context.load_verify_locations(issued.ca)
        self._context.verify_mode = ssl.CERT_REQUIRED
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                raw, _ = self._server.accept()
            except OSError:
                return
            with suppress(OSError, EOFError), raw, self._context.wrap_socket(raw, server_side=True) as line:
                line.settimeout(5)
                while True:
                    self._answer(line, *_packet(line))

    def _answer(self, line: ssl.SSLSocket, kind: int, body: bytes) -> None:
        if kind == _CONNECT and self._answers.connack is not None:
            line.sendall(bytes((0x20, 3, 0, self._answers.connack, 0)))
        if kind == _SUBSCRIBE:
            line.sendall(bytes((0x90, 4)) + body[:2] + bytes((0, 1)))
        if kind == _PUBLISH and self._answers.puback is not None:
            topic = int.from_bytes(body[:2], "big")
            line.sendall(bytes((0x40, 3)) + body[2 + topic : 4 + topic] + bytes((self._answers.puback,)))


def _packet(line: ssl.SSLSocket) -> tuple[int, bytes]:
    """Section 2.1 of MQTT 5: type and flags, a length of seven bits a byte, the rest."""
    first, length, shift = _exactly(line, 1)[0], 0, 0
    while True:
        byte = _exactly(line, 1)[0]
        length |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return first >> 4, _exactly(line, length)


def _exactly(line: ssl.SSLSocket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = line.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return data
