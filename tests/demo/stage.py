"""Who stands in front of the demo's camera: a small file that the player writes and the camera reads."""

import os
from pathlib import Path

NOBODY = ""


class Stage:
    """The player's side."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.show(NOBODY)

    def show(self, pupil: str) -> None:
        """Put a pupil in front of the camera, or NOBODY."""
        beside = self._path.with_suffix(".new")
        beside.write_text(pupil)
        os.replace(beside, self._path)


def on_stage(path: Path) -> str:
    """The camera's side: the pupil to film now."""
    return path.read_text().strip()
