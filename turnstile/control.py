"""The gate's local control: a Unix socket that only the gate's own user and root can open. No network.

One JSON line in, one JSON line out. The gate's loop answers, so that nothing here touches the turnstile.
"""

import json
import socket
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Annotated, Literal, TypeAlias

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from edge.config import Settings
from edge.domain.events import Direction
from edge.errors import TurnstileError
from turnstile.local_socket import listen_at

ANSWER_SECONDS = 5.0
_AT_ONCE = 8
"""Conversations at the same time: nobody who evacuates stands behind a release that waits for its turn."""
LONGEST_LINE = 4096

Answer: TypeAlias = Mapping[str, str | int | bool | Sequence[Mapping[str, str]] | None]


class ManualReason(StrEnum):
    """Why staff let somebody through by hand. The list is closed: the audit trail has no room for stories."""

    NOT_RECOGNISED = "not_recognised"
    NO_CONSENT = "no_consent"
    CARD_FORGOTTEN = "card_forgotten"
    CARD_BROKEN = "card_broken"
    READER_BROKEN = "reader_broken"
    OUTSIDE_HOURS = "outside_hours"
    NEEDS_HELP = "needs_help"


class SignedRequest(Settings):
    """What a member of staff answers for, with number and PIN; neither is ever shown."""

    model_config = ConfigDict(hide_input_in_errors=True)

    staff: str = Field(repr=False)
    pin: str = Field(repr=False)


class ReleaseRequest(SignedRequest):
    """Let one named person through."""

    ask: Literal["release"] = "release"
    student: str
    direction: Direction
    reason: ManualReason


class StatusRequest(Settings):
    """How the gate is."""

    ask: Literal["status"] = "status"


class ResetRequest(SignedRequest):
    """A person has looked: end an emergency, or holding the gate open."""

    ask: Literal["reset"] = "reset"


class HoldRequest(SignedRequest):
    """Hold the gate open; staff answer for who walks through, until a reset."""

    ask: Literal["hold"] = "hold"


class CloseRequest(Settings):
    """Lockdown: nobody comes in, everybody may leave."""

    ask: Literal["close"] = "close"


class ReopenRequest(SignedRequest):
    """End a lockdown."""

    ask: Literal["reopen"] = "reopen"


class EvacuateRequest(Settings):
    """Open everything, as in a fire."""

    ask: Literal["evacuate"] = "evacuate"


class InsideRequest(Settings):
    """Who is in the building, or who was when the last emergency began."""

    ask: Literal["inside"] = "inside"
    at_alarm: bool = False


class ForgiveRequest(SignedRequest):
    """Forget where one person, or everybody, was last seen: anti-passback holds nobody back wrongly."""

    ask: Literal["forgive"] = "forgive"
    student: str | None


Request: TypeAlias = (
    ReleaseRequest
    | StatusRequest
    | ResetRequest
    | HoldRequest
    | CloseRequest
    | ReopenRequest
    | EvacuateRequest
    | InsideRequest
    | ForgiveRequest
)
_REQUESTS: TypeAdapter[Request] = TypeAdapter(Annotated[Request, Field(discriminator="ask")])


def read_request(line: bytes) -> Request:
    """Raises ValidationError for anything else."""
    return _REQUESTS.validate_json(line)


@dataclass(slots=True)
class Asked:
    """A request that waits for the gate's loop to answer it."""

    request: Request
    given_up: bool = False
    """Whoever asked was told that no answer came: what they asked is not done any more."""
    _done: threading.Event = field(default_factory=threading.Event)
    _answer: Answer = field(default_factory=dict)

    def answer(self, answer: Answer) -> None:
        """Give the answer; called once, by the loop."""
        self._answer = answer
        self._done.set()

    def wait(self) -> Answer:
        """The loop's answer, or that it did not come."""
        if not self._done.wait(ANSWER_SECONDS):
            self.given_up = True
            return {"error": "the gate did not answer. Look at its log"}
        return self._answer


class ControlServer:
    """Listens in a thread of its own, talks to each who asks in another, and queues what is asked."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._asked: SimpleQueue[Asked] = SimpleQueue()
        self._socket = listen_at(path, "control")
        self._conversations = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="asked")
        self._thread = threading.Thread(target=self._serve, name="control", daemon=True)
        self._thread.start()

    def next(self) -> Asked | None:
        """The oldest request not taken yet."""
        try:
            return self._asked.get_nowait()
        except Empty:
            return None

    def close(self) -> None:
        """Stop listening and remove the socket."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(timeout=ANSWER_SECONDS)
        self._conversations.shutdown()
        self._path.unlink(missing_ok=True)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._conversations.submit(self._converse, connection)

    def _converse(self, connection: socket.socket) -> None:
        with suppress(OSError), connection, connection.makefile("rwb") as stream:
            connection.settimeout(1.0)
            line = stream.readline(LONGEST_LINE)
            try:
                asked = Asked(read_request(line))
            except ValidationError:
                answer: Answer = {"error": "this is no request. See qaqpa-gate --help"}
            else:
                self._asked.put(asked)
                answer = asked.wait()
            stream.write(json.dumps(answer).encode() + b"\n")


def ask(path: Path, request: Request) -> Answer:
    """Send one request to a running gate. Raises TurnstileError if none runs."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(ANSWER_SECONDS + 1)
            client.connect(str(path))
            with client.makefile("rwb") as stream:
                stream.write(request.model_dump_json().encode() + b"\n")
                stream.flush()
                answer: Answer = json.loads(stream.readline())
    except (OSError, json.JSONDecodeError) as error:
        raise TurnstileError(
            "no gate answers here", "Start it with: qaqpa-gate run, as the same user"
        ) from error
    return answer
