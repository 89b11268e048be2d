"""QR codes (ISO/IEC 18004): reading them in a camera picture, and drawing them for print and screen."""

from typing import Final

import numpy as np
import zxingcpp
from numpy.typing import NDArray

from edge.vision.frame import Image

QUIET_ZONE: Final = 4
"""White modules that a code needs on every side (ISO/IEC 18004, 9.1)."""
_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_LEVEL = "M"
"""Of error correction. L has larger modules but loses a code to a small reflection; Q has smaller ones."""


def read_codes(image: Image) -> list[str]:
    """The texts of all codes that can be read, however they are turned. Usually none: an empty list."""
    found = zxingcpp.read_barcodes(image, _QR, text_mode=zxingcpp.TextMode.Plain)
    return [code.text for code in found]


def draw_code(text: str) -> NDArray[np.bool_]:
    """The code's modules (n, n), dark ones True, no quiet zone. Raises ValueError for too long a text."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=_LEVEL)
    drawn: NDArray[np.bool_] = np.array(code.to_image(scale=1, add_quiet_zones=False)) == 0
    return drawn
