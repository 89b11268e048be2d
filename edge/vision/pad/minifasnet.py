"""Two small networks that tell a face from a print or a screen by its look and its surroundings.

MiniFASNet V2 and V1SE (Silent-Face-Anti-Spoofing, Minivision 2020). Each sees a window around the face box
whose sides are a multiple of the box's, shrunk and shifted to lie within the picture, squeezed to 80 x 80;
the live probabilities of both are averaged, and so are the frames of a person.
"""

import cv2
import numpy as np

from edge.vision.detect import check_image
from edge.vision.face import Face
from edge.vision.frame import Image
from edge.vision.opencv_network import open_network
from edge.vision.pad.check import THRESHOLD, CheckName, Look
from edge.vision.pad.verdict import Finding, PadReason

SIDE = 80
SCALE_V2, SCALE_V1SE = 2.7, 4.0
LIVE_CLASS = 1
_INSTALL = "Install the PAD models again: see docs/pad.md"


class MiniFASNets:
    """Both networks, run by OpenCV. Not for use by several threads at once."""

    name = CheckName.MINIFASNET.value

    def __init__(self, v2: bytes, v1se: bytes, threshold: float = THRESHOLD) -> None:
        """`v2` and `v1se` are the converted files; `threshold` is the least live probability that passes."""
        if not 0 < threshold < 1:
            raise ValueError("threshold is not between 0 and 1")
        self._threshold = threshold
        self._networks = tuple(
            (scale, open_network(model, "a MiniFASNet model", _INSTALL))
            for scale, model in ((SCALE_V2, v2), (SCALE_V1SE, v1se))
        )

    def live(self, image: Image, face: Face) -> float:
        """Probability of a live face, 0 to 1. Raises ImageError for what is not a picture."""
        check_image(image)
        answers = []
        for scale, network in self._networks:
            network.setInput(_batch(window(image, face.box, scale)))
            answers.append(network.forward()[0, LIVE_CLASS])
        return float(np.mean(answers))

    def begin(self) -> "_Observation":
        """Start on a new person."""
        return _Observation(self, self._threshold)


class _Observation:
    """Mean of the frames so far."""

    def __init__(self, networks: MiniFASNets, threshold: float) -> None:
        self._networks = networks
        self._threshold = threshold
        self._total, self._frames = 0.0, 0

    def add(self, look: Look) -> None:
        self._total += self._networks.live(look.image, look.face)
        self._frames += 1

    def finding(self) -> Finding:
        if not self._frames:
            return Finding(PadReason.NOTHING_SEEN, float("nan"))
        score = self._total / self._frames
        # Written so that a NaN denies.
        return Finding(None if score >= self._threshold else PadReason.LOOKS_LIKE_A_PICTURE, score)


def window(image: Image, box: tuple[float, float, float, float], scale: float) -> Image:
    """80 x 80 BGR: the box enlarged by `scale`, or as far as the picture reaches. Raises ValueError."""
    height, width = image.shape[:2]
    left, top, box_width, box_height = box
    if not (np.isfinite(box).all() and box_width > 0 and box_height > 0):
        raise ValueError("the face has no extent")
    scale = min(scale, width / box_width, height / box_height)
    columns = _span(left + box_width / 2, box_width * scale, width)
    rows = _span(top + box_height / 2, box_height * scale, height)
    return np.asarray(cv2.resize(image[rows, columns], (SIDE, SIDE)), np.uint8)


def _span(centre: float, length: float, limit: int) -> slice:
    start = round(min(max(centre - length / 2, 0), limit - length))
    return slice(start, min(limit, start + max(1, round(length))))


def _batch(crop: Image) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return crop.transpose(2, 0, 1)[np.newaxis].astype(np.float32)
