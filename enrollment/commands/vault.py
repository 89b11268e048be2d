"""`qaqpa-kiosk init`, `hub-key`, `rekey` and `renew-templates`: the vault of this device and its keys."""

from pathlib import Path
from typing import Annotated

import typer

from edge import device_clock
from edge.config import load
from edge.errors import ConfigError
from edge.policy.retention import ClockMark
from edge.vault.keys import FileKey, PassphraseKey, write_new_key
from edge.vault.vault import Vault
from enrollment.console import DEFAULT_CONFIG, Config, console, now
from enrollment.desk import open_desk
from enrollment.files import write_new
from enrollment.reminder import remind
from enrollment.settings import KioskSettings


def init(
    config: Config = DEFAULT_CONFIG,
    school_key: Annotated[
        Path | None, typer.Option(help="Second device of a school: the key file of the first (see hub-key).")
    ] = None,
) -> None:
    """Make the vault of this device; it is done once."""
    settings = load(config, KioskSettings)
    if isinstance(settings.vault.key, FileKey):
        console.print("[yellow]Key provider 'file' is for development: it does not stop a thief.[/]")
        if not settings.vault.key.key_file.exists():
            write_new_key(settings.vault.key.key_file)
    pseudonym_key = school_key.read_bytes() if school_key else None
    with Vault.create(settings.vault.path, settings.vault.key, pseudonym_key) as vault:
        vault.retention.begin(ClockMark(now(), device_clock.uptime()))
    console.print(f"Vault made: {settings.vault.path}")


def hub_key(
    file: Annotated[Path, typer.Argument(help="Where to write it; move it to the hub by hand.")],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Write the school's pseudonym key for the hub. It opens no template and no name."""
    settings = load(config, KioskSettings)
    with Vault.open(settings.vault.path, settings.vault.key, now=now()) as vault:
        remind(vault, settings, now())
        write_new(file, vault.pseudonym_key)
    console.print(f"Written: {file}")


def rekey(
    new_passphrase: Annotated[Path, typer.Argument(help="Its file takes the place of the old one.")],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Change the vault's passphrase. A running gate goes on with the new one by itself."""
    settings = load(config, KioskSettings)
    key = settings.vault.key
    if not isinstance(key, PassphraseKey):
        raise ConfigError("this vault has no passphrase", "This command is for the provider 'passphrase'")
    with Vault.open(settings.vault.path, key, now=now(), writable=True) as vault:
        remind(vault, settings, now())
        vault.rekey(PassphraseKey(provider="passphrase", passphrase_file=new_passphrase))
        new_passphrase.replace(key.passphrase_file)
    console.print("The vault has its new passphrase; the file with the old one was replaced")


def renew_templates(config: Config = DEFAULT_CONFIG) -> None:
    """Rotate every template anew, as after a theft: what leaked before matches nothing from now on."""
    with open_desk(load(config, KioskSettings), now()) as desk:
        console.print(
            f"Renewed: {desk.renew_templates(now())} templates; the gate goes on with them by itself"
        )
