"""QR passes as the camera of a lane sees them: printed on a card, or shining on a telephone."""

import cv2
import numpy as np

from edge.vision.frame import Image
from edge.vision.qr import QUIET_ZONE, draw_code
from turnstile.simulation.walks import empty_lane

_PAPER, _INK = 225, 30
_GLASS, _DARK, _CASE = 255, 8, 18
_PRINT_PIXELS, _SCREEN_PIXELS = 5, 6
"""Camera pixels a module; a pass of some 45 modules is then half the height of the picture."""


def on_paper(text: str) -> Image:
    """A printed pass held up in the lane, a little turned as nobody holds it straight."""
    frame = empty_lane()
    code = _modules(text, _PRINT_PIXELS, _PAPER, _INK)
    height, width = frame.shape[:2]
    side = code.shape[0]
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), 7.0, 1.0)
    turn[:, 2] += ((width - side) / 2, (height - side) / 2)
    cv2.warpAffine(
        cv2.cvtColor(code, cv2.COLOR_GRAY2BGR),
        turn,
        (width, height),
        dst=frame,
        flags=cv2.INTER_AREA,
        borderMode=cv2.BORDER_TRANSPARENT,
    )
    return frame


def on_phone(text: str) -> Image:
    """The same pass on a bright screen in a dark case, before a lane that looks darker for it."""
    frame = (empty_lane() * 0.45).astype(np.uint8)
    code = _modules(text, _SCREEN_PIXELS, _GLASS, _DARK)
    height, width = frame.shape[:2]
    side = code.shape[0]
    top, left = (height - side) // 2, (width - side) // 2
    frame[:, left - 12 : left + side + 12] = _CASE
    frame[top : top + side, left : left + side] = code[:, :, None]
    return frame


def _modules(text: str, pixels: int, light: int, dark: int) -> Image:
    """The code with its quiet zone, `pixels` a module, one grey channel."""
    modules = np.pad(draw_code(text), QUIET_ZONE)
    grey: Image = np.where(modules, dark, light).astype(np.uint8)
    return np.kron(grey, np.ones((pixels, pixels), np.uint8))
