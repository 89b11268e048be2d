"""A parent's phone for the demo: a local HTTP server that takes Apprise's JSON notices and keeps them."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Notice:
    """One message as it arrived; `at` is wall time in seconds."""

    guardian: str
    text: str
    at: float


class Phones:
    """All parents' phones, one URL path each."""

    def __init__(self, ring: Callable[[Notice], None], port: int = 0) -> None:
        self.notices: list[Notice] = []
        phones = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                notice = Notice(self.path.strip("/"), str(body.get("message", "")), time.time())
                phones.notices.append(notice)
                ring(notice)
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Switch the phones off."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
