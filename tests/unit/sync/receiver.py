"""Another system that takes webhooks, over a real socket; it may fail, hang, drip or send elsewhere."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Behaviour = Callable[[BaseHTTPRequestHandler], None]


def takes(request: BaseHTTPRequestHandler) -> None:
    request.send_response(204)
    request.end_headers()


def answers(status: int, **headers: str) -> Behaviour:
    def behave(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.end_headers()

    return behave


def hangs(request: BaseHTTPRequestHandler) -> None:
    request.connection.settimeout(20)
    request.rfile.read(1)


def drips(request: BaseHTTPRequestHandler) -> None:
    """Never quiet long enough for a time-out of one read, and never done."""
    with suppress(OSError):
        while True:
            request.wfile.write(b"H")
            time.sleep(0.05)


def lies(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"HTTP/1.1 two hundred OK, honestly\r\n\r\n")


class Receiver:
    """Keeps what came: headers and body of each POST."""

    def __init__(self) -> None:
        self.behaviour: Behaviour = takes
        self.came: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.came.append((dict(self.headers.items()), body))
                receiver.behaviour(self)
                self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:
                """Stay quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/events?school=7"


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        receiver.server.server_close()
        thread.join()
