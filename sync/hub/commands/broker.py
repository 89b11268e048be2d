"""`qaqpa-hub broker`: run one for a small school, or write the files of an installed Mosquitto or NATS."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from edge.errors import ConfigError
from sync.broker import BrokerPlan, local_broker
from sync.files import replace
from sync.hub import mosquitto, nats
from sync.hub.ca import HUB, CertificateAuthority
from sync.hub.commands.ca import slug
from sync.identity import Identity, utc_now
from sync.process import stop_on_signal
from sync.settings import TlsSettings

app = typer.Typer(help="The MQTT broker between gates and hub.", no_args_is_help=True)
console = Console(soft_wrap=True, highlight=False)

Authority = Annotated[Path, typer.Option("--ca", help="The authority's folder, made by 'ca init'.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="TLS port.")]


@app.command()
def run(
    *,
    folder: Annotated[Path, typer.Argument(help="Where its configuration and log go.")],
    authority: Authority,
    school: Annotated[str, typer.Option(help="The school's name in topics.")],
    gate: Annotated[list[str], typer.Option(help="A gate that may connect; repeat.")],
    port: Port = 8883,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Run a broker for a small school until stopped: Mosquitto if it is installed, else NATS."""
    tls = TlsSettings(ca=authority / "ca.crt", cert=authority / "broker.crt", key=authority / "broker.key")
    plan = BrokerPlan(folder, port, tls, slug(school), [slug(name) for name in gate], HUB, host, authority)
    chosen = local_broker(plan)
    console.print(f"{type(chosen).__name__} on {host}:{port}; Ctrl-C ends it")
    chosen.serve(stop_on_signal())


@app.command()
def config(
    *,
    folder: Annotated[Path, typer.Argument(help="Where to write qaqpa.conf and qaqpa.acl.")],
    authority: Authority,
    installed: Annotated[Path, typer.Option(help="Where Mosquitto will find certificates and list.")] = Path(
        "/etc/mosquitto/qaqpa"
    ),
    port: Port = 8883,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "0.0.0.0",  # noqa: S104 # gates connect from other machines
) -> None:
    """Write the files of a Mosquitto 2 that systemd runs. How to install them stands in qaqpa.conf."""
    school = CertificateAuthority.open(authority).school
    folder.mkdir(parents=True, exist_ok=True)
    text = mosquitto.configuration(school, host, port, installed)
    replace(folder / "qaqpa.conf", text.encode(), 0o644)
    replace(folder / "qaqpa.acl", mosquitto.access_list(school, HUB).encode(), 0o600)
    console.print(
        f"{folder}/qaqpa.conf and {folder}/qaqpa.acl; from {authority}: ca.crt, ca.crl, broker.crt, .key"
    )


@app.command()
def cluster(
    *,
    folder: Annotated[Path, typer.Argument(help="Where to write a file for each node.")],
    authority: Authority,
    node: Annotated[list[str], typer.Option(help="Name of a node's machine; repeat, three or five times.")],
    installed: Annotated[Path, typer.Option(help="Where NATS will find the certificates.")] = Path(
        "/etc/nats-server/qaqpa"
    ),
    store: Annotated[Path, typer.Option(help="Where a node keeps its messages.")] = Path("/var/lib/nats"),
    port: Port = 8883,
    route_port: Annotated[int, typer.Option(min=1, max=65535, help="TLS port between the nodes.")] = 6222,
) -> None:
    """Write the files of a district's NATS cluster; again after each new or revoked gate."""
    known = CertificateAuthority.open(authority)
    if not known.district:
        raise ConfigError(f"{authority} is one school's", "Make one with: qaqpa-hub ca init --district")
    folder.mkdir(parents=True, exist_ok=True)
    gates = _gates(known)
    users = nats.district_users(known.school.value, gates)
    routes = [f"{name}:{route_port}" for name in node]
    for name in node:
        files = mosquitto.Files(*(installed / file for file in ("ca.crt", "broker.crt", "broker.key")))
        server = nats.Server("0.0.0.0", port, store, files, nats.Cluster(name, route_port, routes))  # noqa: S104 # gates connect from other machines
        replace(
            folder / f"{name}.conf", json.dumps(nats.configuration(server, users), indent=1).encode(), 0o600
        )
        console.print(f"{folder}/{name}.conf")
    console.print(f"gates that are let in: {len(gates)}")


def _gates(authority: CertificateAuthority) -> list[Identity]:
    """Whoever has a valid certificate; a name of which one was revoked is out for good."""
    entries = authority.register.entries()
    revoked, now = {each.name for each in entries if each.revoked}, utc_now()
    names = {each.name for each in entries if each.lives(now) and "/" in each.name}
    return [
        Identity(slug(school), slug(gate))
        for school, gate in (name.split("/") for name in sorted(names - revoked))
        if gate != HUB.value
    ]
