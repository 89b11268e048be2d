"""Search of 100,000 templates, beside faiss's flat index: same vectors, same number of threads."""

import faiss
import numpy as np

from edge.match.gallery import Gallery
from edge.match.score import OperatingPoint
from edge.vault.templates import Template
from edge.vision.face import Metric
from tests.bench.table import Row, median_ms
from tests.builders import consent

CHILDREN, EACH, DIMENSION = 33_334, 3, 128


def search_rows() -> list[Row]:
    """One probe at a time, as at a gate."""
    random = np.random.default_rng(3)
    vectors = random.standard_normal((CHILDREN * EACH, DIMENSION)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    consents = [consent(number) for number in range(CHILDREN)]
    gallery = Gallery.build(
        [Template(consents[row // EACH], vector) for row, vector in enumerate(vectors)], Metric.COSINE
    )
    index = faiss.IndexFlatIP(DIMENSION)
    index.add(vectors)
    probes = iter(np.concatenate([vectors[:200] + 0.01] * 10))
    others = iter(np.concatenate([vectors[:200] + 0.01] * 10))
    ours = median_ms(lambda: gallery.search(next(probes), OperatingPoint(0.5, 0.1)), runs=200)
    peer = median_ms(lambda: index.search(next(others)[None, :], 2), runs=200)
    return [Row("search of 100,000 templates", ours, peer, "ms", "faiss-cpu IndexFlatIP", 1.0)]
