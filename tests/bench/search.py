"""Search of large galleries, beside faiss's flat index: same vectors, same number of threads."""

from itertools import cycle

import faiss
import numpy as np

from edge.match.gallery import Gallery
from edge.match.threshold import OperatingPoint
from edge.vault.templates import Template
from edge.vision.face import Metric
from tests.bench.table import Row, median_ms
from tests.builders import consent

EACH, DIMENSION = 3, 128
SCHOOL_LIMIT_MS = 3.0


def search_rows() -> list[Row]:
    """One probe at a time, as at a gate; a child's templates are searched as their mean."""
    district, peer = _search_ms(100_000, each=1, beside_faiss=True)
    school, _ = _search_ms(10_000, each=EACH, beside_faiss=False)
    return [
        Row("search of 100,000 children", district, peer, "ms", "faiss-cpu IndexFlatIP", 1.0),
        Row("search of 10,000 children x 3 templates", school, SCHOOL_LIMIT_MS, "ms", "limit", 1.0),
    ]


def _search_ms(children: int, *, each: int, beside_faiss: bool) -> tuple[float, float]:
    random = np.random.default_rng(3)
    vectors = random.standard_normal((children * each, DIMENSION)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    consents = [consent(number) for number in range(children)]
    gallery = Gallery.build(
        [Template(consents[row // each], vector) for row, vector in enumerate(vectors)], Metric.COSINE
    )
    probes = cycle(vectors[:200] + np.float32(0.01))
    ours = median_ms(lambda: gallery.search(next(probes), OperatingPoint(0.5, 0.1)), runs=200)
    if not beside_faiss:
        return ours, float("nan")
    faiss.omp_set_num_threads(1)
    index = faiss.IndexFlatIP(DIMENSION)
    index.add(vectors)
    return ours, median_ms(lambda: index.search(next(probes)[None, :], 2), runs=200)
