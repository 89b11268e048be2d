"""Template protection: a school-secret orthogonal matrix (ISO/IEC 24745 renewability and unlinkability).

Distances and inner products are unchanged, so accuracy is too; a stolen template matches nothing elsewhere.
"""

import numpy as np
from numpy.typing import NDArray

from edge.vision.face import Vector


class Rotation:
    """An orthogonal (d, d) float32 matrix; its repr shows nothing."""

    def __init__(self, matrix: NDArray[np.float32]) -> None:
        self._matrix = matrix

    @classmethod
    def random(cls, dimension: int) -> "Rotation":
        """Uniform over the orthogonal group: QR of a Gaussian matrix with the sign fixed (Mezzadri 2007)."""
        entropy = np.random.SeedSequence().entropy
        q, r = np.linalg.qr(np.random.default_rng(entropy).standard_normal((dimension, dimension)))
        return cls((q * np.sign(np.diag(r))).astype(np.float32))

    @classmethod
    def from_bytes(cls, plain: bytes, dimension: int) -> "Rotation":
        """The inverse of `to_bytes`."""
        return cls(np.frombuffer(plain, np.float32).reshape(dimension, dimension))

    def to_bytes(self) -> bytes:
        """Row-major float32."""
        return self._matrix.tobytes()

    def after_undoing(self, other: "Rotation") -> "Rotation":
        """The rotation that takes what `other` rotated to what this one would have made of it."""
        turn = self._matrix.astype(np.float64) @ other._matrix.T.astype(np.float64)
        return Rotation(turn.astype(np.float32))

    def apply(self, vector: Vector) -> Vector:
        """Rotate one (d,) vector."""
        return self._matrix @ vector
