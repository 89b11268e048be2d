"""Which serial ports this computer has, for messages that help."""

from pathlib import Path

from serial.tools import list_ports

BY_ID = Path("/dev/serial/by-id")


def present_ports() -> list[str]:
    """Names that survive a replug first (/dev/serial/by-id), then ports that have no such name."""
    lasting = sorted(BY_ID.iterdir()) if BY_ID.is_dir() else []
    named = {str(link.resolve()) for link in lasting}
    others = sorted(port.device for port in list_ports.comports() if port.device not in named)
    return [*map(str, lasting), *others]


def how_to_find_a_port() -> str:
    """A sentence for whoever named a port that is not there."""
    ports = present_ports()
    if not ports:
        return (
            f"This computer sees no serial port: plug the board in, then run ls {BY_ID} and name what is new"
        )
    return (
        f"Plug it in or name another port: {', '.join(ports)} (the one that goes when you unplug the board)"
    )
