"""`qaqpa-sync enroll` and `renew`: the device's own certificate."""

from pathlib import Path
from threading import Event
from typing import Annotated

import typer

from edge.config import load
from edge.errors import ConfigError
from sync.enrol import Device, HubClient, read_bundle
from sync.files import replace
from sync.identity import Identity, read_fingerprint, read_request
from sync.process import stop_on_signal
from sync.renewal import Renewal
from sync.settings import PublisherSettings

Config = Annotated[Path, typer.Option(help="The publisher's TOML file.")]
DEFAULT_CONFIG = Path("/etc/qaqpa/sync.toml")


def enroll(
    config: Config = DEFAULT_CONFIG,
    request: Annotated[
        Path | None, typer.Option(help="Write the request here, for example on a stick.")
    ] = None,
    certificate: Annotated[Path | None, typer.Option(help="What 'ca approve' wrote for this device.")] = None,
    hub: Annotated[str | None, typer.Option(help="Or over the network: https://HOST:PORT")] = None,
    ca_fingerprint: Annotated[
        str | None, typer.Option(help="Of the authority, from 'qaqpa-hub ca list'.")
    ] = None,
) -> None:
    """Get this device's certificate: by files on a stick, or over the network."""
    settings = load(config, PublisherSettings)
    device = Device(Identity(settings.school, settings.gate), settings.tls)
    if [request, certificate, hub].count(None) != 2:
        raise ConfigError("how is the request to travel?", "Give one of --request, --certificate, --hub")
    if request is not None:
        _by_file(device, request)
        return
    if ca_fingerprint is None:
        raise ConfigError("which authority?", "Give --ca-fingerprint, from qaqpa-hub ca list")
    expected = read_fingerprint(ca_fingerprint)
    if certificate is not None:
        device.accept(*read_bundle(certificate, expected))
        typer.echo(f"enrolled as {device.identity}: {settings.tls.cert}")
    elif hub is not None:
        _by_network(device, HubClient(hub), expected, stop_on_signal())


def _by_file(device: Device, path: Path) -> None:
    pem = device.request()
    replace(path, pem, 0o644)
    typer.echo(f"code of {device.identity}: {read_request(pem).spoken}")
    typer.echo("At the hub: qaqpa-hub ca approve, with the file and this code")


def _by_network(device: Device, hub: HubClient, expected: str, stop: Event) -> None:
    authority = hub.authority(expected)
    pem = device.request()
    typer.echo(f"code of {device.identity}: {read_request(pem).spoken}")
    typer.echo("At the hub: qaqpa-hub ca approve, with this code. Ctrl-C ends the waiting.")
    said = ""

    def waiting(words: str) -> None:
        nonlocal said
        if words != said:
            typer.echo(words)
            said = words

    issued = hub.wait(pem, authority, stop, waiting)
    if issued is None:
        typer.echo("not enrolled yet; run it again to go on waiting")
        raise typer.Exit(1)
    device.accept(issued, authority)
    typer.echo(f"enrolled as {device.identity}: {device.tls.cert}")


def renew(config: Config = DEFAULT_CONFIG) -> None:
    """Ask the hub for a new certificate for the same key. `run` does so by itself in time."""
    certificate = Renewal(load(config, PublisherSettings)).renew()
    typer.echo(f"certificate valid until {certificate.not_valid_after_utc:%Y-%m-%d}")
