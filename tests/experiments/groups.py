"""Lays the rendered pupils out as `qaqpa-gate evaluate` takes them, with groups (docs/evaluation.md).

    python -m tests.experiments.groups FOLDER
    qaqpa-gate evaluate FOLDER --enrol 3

Rendered faces say nothing about real groups of people: this shows that the table by group works.
"""

import argparse
import csv
import json
import shutil
from pathlib import Path

from edge.evaluation.folder import GROUPS_FILE

PUPILS = Path(__file__).resolve().parents[1] / "pupils"
BANDS = ((7, 9), (10, 12), (13, 15), (16, 17))
"""Years of age, both included."""


def lay_out(folder: Path) -> None:
    """FOLDER/PUPIL/IMAGE with the eight portraits of each, and FOLDER/groups.csv."""
    rows = []
    for pupil in json.loads((PUPILS / "pupils.json").read_text("utf-8"))["pupils"]:
        person = folder / pupil["id"]
        person.mkdir(parents=True, exist_ok=True)
        for name in pupil["images"]:
            shutil.copy(PUPILS / pupil["id"] / name, person / name)
        rows.append((pupil["id"], band_of(pupil["age"]), pupil["sex"], pupil["group"]))
    with (folder / GROUPS_FILE).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("person", "age", "sex", "appearance"), *rows])


def band_of(age: int) -> str:
    """The band that an age falls in."""
    return next(f"{first}-{last}" for first, last in BANDS if first <= age <= last)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    lay_out(parser.parse_args().folder)
