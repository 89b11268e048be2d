"""NATS server's configuration: MQTT over mutual TLS 1.3, each name its own topics; alone or one of a cluster.

https://docs.nats.io/running-a-nats-service/configuration/mqtt
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sync.hub.ca import HUB
from sync.hub.mosquitto import Files
from sync.identity import Identity
from sync.wire import MAX_CONTROL_BYTES

_LOOPBACK = "127.0.0.1"
_ROOT = "qaqpa.v1"
_REPLICAS = 3
# QoS 1 subscriptions are delivered on this subject, section "Permissions" of the NATS MQTT documentation.
_DELIVERY = "$MQTT.sub.>"


@dataclass(frozen=True, slots=True)
class Cluster:
    """Nodes are names in the brokers' certificate; `routes` are host:port of every node, this one too."""

    node: str
    port: int
    routes: Sequence[str]


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server listens, and where its store and certificates are."""

    host: str
    port: int
    store: Path
    files: Files
    cluster: Cluster | None = None


def school_users(school: str, gates: Iterable[Identity]) -> list[dict[str, object]]:
    """The gates of one school and its hub."""
    return [*map(_gate, gates), _hub(school, f"{_ROOT}.{school}")]


def district_users(district: str, gates: Iterable[Identity]) -> list[dict[str, object]]:
    """The gates of all schools, and the district's hub, which hears and answers all of them."""
    return [*map(_gate, gates), _hub(district, f"{_ROOT}.*")]


def configuration(server: Server, users: list[dict[str, object]]) -> dict[str, object]:
    """To be written as JSON, which the server reads."""
    files, cluster = server.files, server.cluster
    certificates = {"ca_file": str(files.ca), "cert_file": str(files.cert), "key_file": str(files.key)}
    tls = {**certificates, "verify_and_map": True, "min_version": "1.3"}
    mqtt = {
        "listen": f"{server.host}:{server.port}",
        "ack_wait": "10s",
        "max_ack_pending": 1000,
        "tls": tls,
    }
    store = {"store_dir": str(server.store)}
    config: dict[str, object] = {
        "server_name": "qaqpa" if cluster is None else cluster.node,
        "max_payload": 2 * MAX_CONTROL_BYTES,
        # NATS' own protocol cannot be switched off: it gets the same certificates and rights.
        "listen": f"{_LOOPBACK}:-1",
        "tls": tls,
        "jetstream": {**store, "sync_interval": "always"},
        "mqtt": mqtt,
        "authorization": {"users": users},
    }
    if cluster is not None:
        mqtt["stream_replicas"] = min(_REPLICAS, len(cluster.routes))
        config["cluster"] = {
            "name": "qaqpa",
            "listen": f"{server.host}:{cluster.port}",
            "routes": [f"tls://{each}" for each in cluster.routes],
            # Whoever joins as a route reads and writes everything: a gate's certificate names no host.
            "tls": {**certificates, "verify_cert_and_check_known_urls": True, "min_version": "1.3"},
        }
        # Two nodes have what a third loses; waiting for three disks at each message would only cost time.
        config["jetstream"] = store
    return config


def _gate(identity: Identity) -> dict[str, object]:
    own = f"{_ROOT}.{identity.school}.{identity.gate}"
    return _user(str(identity), [f"{own}.attendance", f"{own}.status"], [f"{own}.confirmed"])


def _hub(name: str, root: str) -> dict[str, object]:
    return _user(f"{name}/{HUB}", [f"{root}.*.confirmed"], [f"{root}.*.attendance", f"{root}.*.status"])


def _user(name: str, publish: list[str], subscribe: list[str]) -> dict[str, object]:
    return {
        "user": f"CN={name}",
        "permissions": {"publish": publish, "subscribe": [*subscribe, _DELIVERY]},
    }
