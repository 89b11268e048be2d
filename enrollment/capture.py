"""From pictures or a camera to face vectors good enough to enrol; the pictures themselves are not kept."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from edge.errors import ImageError
from edge.vision.camera import Camera
from edge.vision.engine import Engine
from edge.vision.face import Face, Vector
from edge.vision.frame import Image

MIN_FACE_WIDTH = 90
LARGEST_FILE = 40_000_000
SECOND_FACE = 0.5
CAMERA_TRIES = 150


def read_picture(path: Path) -> Image:
    """Decode one picture file, EXIF rotation applied. Raises ImageError that names the file."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ImageError(f"{path.name} is larger than 40 MB", "Take an ordinary photograph")
        content = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise ImageError(f"cannot read {path.name}: {error.strerror}", "Check the path") from None
    image = cv2.imdecode(content, cv2.IMREAD_COLOR) if content.size else None
    if image is None:
        raise ImageError(f"{path.name} is not a picture", "Use a JPEG or PNG file")
    return image.astype(np.uint8, copy=False)


def vector_of(engine: Engine, image: Image, name: str) -> Vector:
    """What to enrol of a picture's one face. Raises ImageError that says what is wrong with it."""
    return engine.embedder.views(image, only_face(engine.detector.detect(image), name)).reference


def only_face(faces: list[Face], name: str) -> Face:
    """The single, large enough face. Raises ImageError."""
    if not faces:
        raise ImageError(f"no face in {name}", "Look straight at the camera, in good light")
    if len(faces) > 1 and faces[1].box[2] > SECOND_FACE * faces[0].box[2]:
        raise ImageError(f"more than one face in {name}", "One child at a time")
    if faces[0].box[2] < MIN_FACE_WIDTH:
        raise ImageError(
            f"the face in {name} is {faces[0].box[2]:.0f} pixels wide, {MIN_FACE_WIDTH} are needed",
            "Come closer",
        )
    return faces[0]


def vectors_from_camera(engine: Engine, camera: Camera, wanted: int) -> Iterator[Vector]:
    """Yield `wanted` vectors of different frames. Raises ImageError with the last problem."""
    problem = ImageError("the camera gave no picture", "Check that the camera is plugged in")
    found = 0
    for _ in range(CAMERA_TRIES):
        frame = camera.newest(timeout=1.0)
        if frame is None:
            continue
        try:
            yield vector_of(engine, frame.image, "the camera picture")
        except ImageError as error:
            problem = error
            continue
        found += 1
        if found == wanted:
            return
    raise problem
