"""`qaqpa-hub ca`: the school's own certificates."""

from pathlib import Path
from typing import Annotated

import typer
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from rich.console import Console
from rich.table import Table

from edge.domain.ids import Slug
from edge.errors import ConfigError
from sync.files import replace
from sync.hub.approval import Approval
from sync.hub.ca import BROKER, HUB, CertificateAuthority, Issued
from sync.hub.enrolment import PORT, EnrolmentServer
from sync.identity import (
    MAX_REQUEST_BYTES,
    Identity,
    Request,
    fingerprint,
    read_code,
    read_request,
    utc_now,
)
from sync.process import stop_on_signal

app = typer.Typer(help="The school's own certificates.", no_args_is_help=True)
console = Console(soft_wrap=True, highlight=False)

Folder = Annotated[Path, typer.Argument(help="The authority's folder.")]
School = Annotated[str | None, typer.Option(help="Of a district's authority: the gate's school.")]
Code = Annotated[str, typer.Argument(help="The code on the device's screen.")]


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="A new folder; only the authority's account may read it.")],
    school: Annotated[str, typer.Option(help="The school's name in topics.")],
    host: Annotated[list[str], typer.Option(help="Name or address of the hub's machine; repeat.")] = [],  # noqa: B006 # typer reads it, nobody changes it
    *,
    district: Annotated[
        bool,
        typer.Option("--district", help="For gates of several schools; --school is the district's name."),
    ] = False,
) -> None:
    """Make the authority and the certificates of the broker and the hub."""
    authority = CertificateAuthority.create(folder, slug(school), district=district)
    _show(authority.issue_broker(host))
    _show(authority.issue_hub())
    console.print(f"fingerprint: {fingerprint(authority.certificate)}")


@app.command()
def issue(
    folder: Folder,
    gate: Annotated[str, typer.Option(help="The gate's name, as in its file.")],
    school: School = None,
) -> None:
    """Make a gate's key and certificate here. Better: let the device make its key, qaqpa-sync enroll."""
    _show(CertificateAuthority.open(folder).issue_gate(slug(gate), None if school is None else slug(school)))


@app.command()
def serve(
    folder: Folder,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "0.0.0.0",  # noqa: S104 # devices ask from other machines
    port: Annotated[int, typer.Option(min=0, max=65535, help="TLS port; 0 takes a free one.")] = PORT,
) -> None:
    """Run the enrolment service until stopped: devices ask here, and renew their certificates."""
    server = EnrolmentServer(folder, host, port)
    console.print(f"enrolment on {host}:{server.server_address[1]}")
    server.serve(stop_on_signal())


@app.command()
def pending(folder: Folder) -> None:
    """Which devices wait for approval. Codes are not shown: read them from the device itself."""
    table = Table("gate", "since")
    for request, since in _approval(folder).pending.waiting(utc_now()):
        table.add_row(str(request.identity), f"{since:%H:%M:%S}")
    console.print(table)


@app.command()
def approve(
    folder: Folder,
    code: Code,
    request: Annotated[Path | None, typer.Option(help="The request on a stick, if it came so.")] = None,
    certificate: Annotated[Path | None, typer.Option(help="Write the device's certificate here.")] = None,
    replace_old: Annotated[
        bool, typer.Option("--replace", help="Revoke the old certificate; the hub takes no more of its card.")
    ] = False,
) -> None:
    """Give the device its certificate, if its request has this code."""
    approval, now = _approval(folder), utc_now()
    listed = approval.crl.read_bytes()
    found = approval.pending.find(read_code(code), now) if request is None else _from_file(request, code)
    issued = approval.approve(found, now, replace=replace_old)
    if certificate is not None:
        authority = CertificateAuthority.open(folder).certificate
        replace(certificate, _pem(issued) + _pem(authority), 0o644)
    console.print(f"approved: {found.identity} until {issued.not_valid_after_utc:%Y-%m-%d}")
    if approval.crl.read_bytes() != listed:
        _tell_broker(folder)


@app.command()
def reject(folder: Folder, code: Code) -> None:
    """Say no to a device that waits."""
    _approval(folder).pending.reject(read_code(code), utc_now())
    console.print("rejected")


@app.command("list")
def list_(folder: Folder) -> None:
    """Every certificate, and the authority's fingerprint."""
    authority, now = CertificateAuthority.open(folder), utc_now()
    table = Table("name", "valid until", "days", "state", "serial")
    for each in authority.register.entries():
        ends = each.certificate.not_valid_after_utc
        state = "revoked" if each.revoked else "valid" if each.lives(now) else "expired"
        serial = f"{each.certificate.serial_number:x}"[:12]
        table.add_row(each.name, f"{ends:%Y-%m-%d}", str((ends - now).days), state, serial)
    console.print(table)
    days = (authority.certificate.not_valid_after_utc - now).days
    console.print(f"authority and revocation list: {days} days left")
    console.print(f"fingerprint: {fingerprint(authority.certificate)}")


@app.command()
def revoke(
    folder: Folder, gate: Annotated[str, typer.Argument(help="The gate's name.")], school: School = None
) -> None:
    """Lock a lost or stolen device out: every certificate it had, and at the hub its card."""
    authority = CertificateAuthority.open(folder)
    identity = Identity(authority.school if school is None else slug(school), slug(gate))
    known = {each.name for each in authority.register.entries()}
    if str(identity) not in known:
        raise ConfigError(f"{identity.gate} has no certificate of this authority", "See qaqpa-hub ca list")
    console.print(f"revoked: {identity}, certificates newly on the list: {authority.revoke(str(identity))}")
    _tell_broker(folder)


@app.command()
def renew(folder: Folder) -> None:
    """Give the hub and the broker certificates for another term, for the same keys."""
    authority = CertificateAuthority.open(folder)
    for file in (HUB.value, BROKER):
        certificate = authority.renew_own(file)
        console.print(f"{folder / file}.crt until {certificate.not_valid_after_utc:%Y-%m-%d}")
    console.print("Put them in place of the old ones; restart broker, hub and 'ca serve'")


def slug(text: str) -> Slug:
    """A name of a school or gate. Raises ConfigError."""
    try:
        return Slug(text)
    except ValueError as error:
        raise ConfigError(str(error), "Use for example school-7 or main-door") from error


def _from_file(path: Path, code: str) -> Request:
    try:
        with path.open("rb") as file:
            found = read_request(file.read(MAX_REQUEST_BYTES + 1))
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}", "Is the stick in place?") from error
    if found.code != read_code(code):
        raise ConfigError(
            "the code does not belong to this request",
            "Read it again from the device's screen; if it is right, the file was changed on its way",
        )
    return found


def _approval(folder: Path) -> Approval:
    return Approval(folder, CertificateAuthority.open(folder))


def _tell_broker(folder: Path) -> None:
    console.print(
        f"Give {folder / 'ca.crl'} to hub and broker; restart the broker, a reload keeps open sessions"
    )
    console.print(
        "The hub goes on refusing the old card's events, also when another device has the name. If that very"
        " card is to send again: qaqpa-hub quarantine --let-in OUTBOX"
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


def _show(issued: Issued) -> None:
    console.print(f"{issued.cert} and {issued.key}")
