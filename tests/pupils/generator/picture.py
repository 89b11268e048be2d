"""From a rendered pupil to a camera's JPEG: school hall behind, softness, vignette and grain."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from tests.pupils.generator.figure import HEIGHT, WIDTH
from tests.pupils.generator.identity import Pupil, stable_seed
from tests.pupils.generator.shots import LIGHTS, Shot

JPEG_QUALITY: Final = 88

Picture = npt.NDArray[np.uint8]


def backdrop(lobbies: Path, shot: Shot, seed: int) -> Picture:
    """A blurred piece of a lobby, as bright as the shot's light leaves it."""
    rng = np.random.default_rng(seed)
    whole = cv2.imread(str(lobbies / f"lobby_{shot.lobby}.png"))
    assert whole is not None
    scale = 1.25 if shot.name.startswith("approach") else float(rng.uniform(1.0, 1.35))
    height, width = whole.shape[:2]
    cut_w, cut_h = int(width / scale), int(width / scale * HEIGHT / WIDTH)
    x, y = int(rng.uniform(0, width - cut_w)), int(rng.uniform(0.2, 0.8) * (height - cut_h))
    view = cv2.resize(whole[y : y + cut_h, x : x + cut_w], (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    if rng.random() < 0.5:
        view = view[:, ::-1]
    blur = 4.5 if shot.name.startswith("approach") else float(rng.uniform(5.0, 9.0))
    soft = cv2.GaussianBlur(np.ascontiguousarray(view), (0, 0), blur).astype(np.float32)
    gain = LIGHTS[shot.light].room * 2 ** (LIGHTS[shot.light].exposure * 0.5)
    warm = np.array([0.90, 0.98, 1.05] if shot.light == "warm" else [1, 1, 1], np.float32)
    out: Picture = np.clip(soft * gain**0.6 * warm, 0, 255).astype(np.uint8)
    return out


def develop(png: Path, behind: Picture, seed: int) -> Picture:
    """The pupil over the backdrop, with the softness and noise of a small camera."""
    rng = np.random.default_rng(seed)
    stored = cv2.imread(str(png), cv2.IMREAD_UNCHANGED)
    assert stored is not None
    full = cv2.resize(stored.astype(np.float32), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    rgba = np.clip(full, 0, 255).astype(np.float32)
    alpha = rgba[..., 3:] / 255
    mixed = rgba[..., :3] * alpha + behind.astype(np.float32) * (1 - alpha)
    image = cv2.GaussianBlur(mixed, (0, 0), 0.45).astype(np.float32)
    yy, xx = np.mgrid[:HEIGHT, :WIDTH]
    image *= (1 - 0.10 * (((xx / WIDTH - 0.5) ** 2 + (yy / HEIGHT - 0.5) ** 2) / 0.5))[..., None]
    grain = rng.normal(0, 1, (HEIGHT, WIDTH, 1)) * 1.3 + rng.normal(0, 1, (HEIGHT, WIDTH, 3)) * 0.7
    out: Picture = np.clip(
        image + cv2.GaussianBlur(grain.astype(np.float32), (0, 0), 0.6) * 1.5, 0, 255
    ).astype(np.uint8)
    return out


def finish(folder: Path, lobbies: Path, shots: Sequence[Shot], target: Path, pupil: Pupil) -> int:
    """Write the JPEGs of every rendered shot; returns how many there are."""
    done = 0
    for shot in shots:
        png, out = folder / f"{shot.name}.png", target / pupil.id / f"{shot.name}.jpg"
        if not png.exists():
            continue
        out.parent.mkdir(parents=True, exist_ok=True)
        still = "approach" if shot.name.startswith("approach") else shot.name
        picture = develop(
            png,
            backdrop(lobbies, shot, stable_seed(pupil.id, still)),
            stable_seed(pupil.id, shot.name, "grain"),
        )
        cv2.imwrite(str(out), picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY, cv2.IMWRITE_JPEG_OPTIMIZE, 1])
        done += 1
    return done
