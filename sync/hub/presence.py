"""What the gates last said about themselves, for the pages: the broker keeps it, not the database."""

from datetime import datetime
from threading import Event

from sync.backoff import Backoff, keep_trying
from sync.hub.revocation import RevokedNames
from sync.hub.settings import HubSettings
from sync.link import Message, connect, in_turn, unique_name
from sync.wire import Channel, Status, WireError, decode_status, every_gate, parse_topic

_WAIT_SECONDS = 0.1


class Presence:
    """A listener of its own, so that the pages need no ingest in their process."""

    def __init__(self, settings: HubSettings) -> None:
        """Raises ConfigError for a revocation list that cannot be used."""
        self._settings = settings
        self._next_broker = in_turn(settings.broker)
        self._revoked = RevokedNames(settings.crl, settings.tls.ca)
        self.online = False
        self.gates: dict[str, Status] = {}
        self.broker_certificate_ends: datetime | None = None

    def run(self, stop: Event) -> None:
        """Work until `stop` is set. Raises what waiting cannot cure."""
        backoff = Backoff(self._settings.retry.first_seconds, self._settings.retry.longest_seconds)
        keep_trying(lambda: self._session(stop, backoff), stop, backoff)

    def _session(self, stop: Event, backoff: Backoff) -> None:
        name = unique_name(f"qaqpa-{self._settings.school}-pages")
        try:
            with connect(self._next_broker(), self._settings.tls, name) as link:
                link.subscribe(every_gate(self._settings.school, Channel.STATUS), qos=link.hub_qos)
                self.online = True
                self.broker_certificate_ends = link.certificate_ends
                backoff.reset()
                while not stop.is_set():
                    said = dict(self.gates)
                    for message in link.step(_WAIT_SECONDS):
                        link.acknowledge(message)
                        _hear(message, said)
                    self.gates = self._believed(said)
        finally:
            self.online = False

    def _believed(self, said: dict[str, Status]) -> dict[str, Status]:
        """A device that is out is not believed, and nobody waits for it to come online."""
        school, out = self._settings.school, self._revoked.now().out
        return {gate: status for gate, status in said.items() if f"{school}/{gate}" not in out}


def _hear(message: Message, said: dict[str, Status]) -> None:
    try:
        said[parse_topic(message.topic).gate.value] = decode_status(message.payload)
    except WireError:
        return  # ingest hears it too, and puts it aside
