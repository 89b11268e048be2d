"""What every command of the hub that reads its file has in common."""

from pathlib import Path
from typing import Annotated

import typer

DEFAULT_CONFIG = Path("/etc/qaqpa/hub.toml")
Config = Annotated[Path, typer.Option(help="The hub's TOML file.")]
