"""Receipts of erasures: given to the guardian, printed again, verified by anybody, anywhere."""

from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from edge.config import load
from edge.device_identity import public_pem, read_public
from edge.domain.erasure import Destruction
from edge.domain.ids import pseudonym
from edge.errors import ConfigError, QaqpaError
from edge.receipt import verify_receipt
from edge.vault.vault import Vault
from enrollment.console import DEFAULT_CONFIG, Config, Student, console, now
from enrollment.looking import note_look
from enrollment.opening import opened
from enrollment.receipt_sheet import write_receipt_sheet
from enrollment.settings import KioskSettings

ReceiptFile = Annotated[
    Path | None,
    typer.Option(
        "--receipt", help="The guardian's receipt, and a PDF beside it; else receipt-SCHOOL-NUMBER.json."
    ),
]


def receipt(student: Student, receipt: ReceiptFile = None, config: Config = DEFAULT_CONFIG) -> None:
    """Write a student's newest receipt again, also if the student is on the roster no more."""
    require_new(receipt)
    settings = load(config, KioskSettings)
    with opened(settings, now()) as (vault, audit):
        try:
            child = pseudonym(vault.pseudonym_key, student)
        except ValueError:
            raise ConfigError("this is no student number", "Write it as on the roster") from None
        done = vault.erasures.of(child)
        if not done:
            raise QaqpaError("nothing of this student was destroyed here", "Check the number")
        note_look(audit, now(), "receipt", [child])
        hand_over(vault.erasures.receipt(done[-1].number), done[-1], receipt, settings)


def device_key(
    file: Annotated[Path, typer.Argument(help="Where to write it; anybody may have it.")],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Write this device's public key, with which receipts and checkpoints of audit trails are verified."""
    settings = load(config, KioskSettings)
    with Vault.open(settings.vault.path, settings.vault.key, now=now()) as vault:
        _write(file, public_pem(vault.signer().public_key()))
    console.print(f"Written: {file}")


def verify_receipt_(
    file: Annotated[Path, typer.Argument(help="The receipt.")],
    key: Annotated[
        Path | None,
        typer.Option(
            help="The device's public key, and no other; without it device.pem beside the receipt, else this"
            " device's own."
        ),
    ] = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Say whether a device signed this receipt as it stands. With a key it needs no vault and no network."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot read {file}: {error.strerror}", "Name the receipt") from None
    whose, public = _known_key(file, key, config)
    told = verify_receipt(content, public)
    console.print(
        f"Genuine: device {told['device']} of {told['school']} signed erasure {told['number']}"
        f" ({told['reason']}) of {told['gone_at']}; nothing was changed since."
        f" Checked against {whose}",
        highlight=False,
        soft_wrap=True,
    )


def _known_key(receipt: Path, key: Path | None, config: Path) -> tuple[str, Ed25519PublicKey]:
    """Whose key a receipt is checked against, and the key. Raises ConfigError where none is known."""
    if key is not None:
        return f"the key in {key}", read_public(key)
    beside = receipt.with_name("device.pem")
    if beside.is_file():
        return f"{beside}; compare it with the key that the school published", read_public(beside)
    if not config.is_file():
        raise ConfigError(
            "no key is known to check the receipt against",
            "Name the device's public key with --key, or put it beside the receipt as device.pem",
        )
    settings = load(config, KioskSettings)
    with Vault.open(settings.vault.path, settings.vault.key, now=now()) as vault:
        return "the key of this device's own vault", vault.signer().public_key()


def require_new(file: Path | None) -> None:
    """Raise ConfigError, before anything is destroyed, for a file that is there already."""
    if file is not None and file.exists():
        raise ConfigError(f"{file} exists already", "Name a new file with --receipt; nothing was changed")


def hand_over(receipt: bytes | None, done: Destruction, file: Path | None, settings: KioskSettings) -> None:
    """Write the receipt and its PDF, and say where they are."""
    if receipt is None:
        console.print("[yellow]Another process still reads what was before. The receipt comes later with:[/]")
        console.print("  qaqpa-kiosk receipt STUDENT", highlight=False)
        return
    file = file or Path(f"receipt-{settings.school}-{done.number}.json")
    _write(file, receipt)
    console.print(f"Receipt for the guardian: {file}", highlight=False, soft_wrap=True)
    sheet = file.with_suffix(".pdf")
    write_receipt_sheet(receipt, settings, sheet)
    console.print(f"The same to print: {sheet}", highlight=False, soft_wrap=True)


def _write(file: Path, content: bytes) -> None:
    try:
        file.touch(mode=0o600)
        file.write_bytes(content)
    except OSError as error:
        raise ConfigError(
            f"cannot write {file}: {error.strerror}", "Name another file; write a receipt again any time"
        ) from None
