"""From files to vectors: every picture is acquired or has a reason why not. Vectors stay in memory."""

import hashlib
import multiprocessing
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from edge.errors import ImageError
from edge.evaluation.folder import Entry, Listing
from edge.evaluation.pictures import FAILURES_TO_ACQUIRE, Problem, decode, read_bytes
from edge.vision.embed import Views
from edge.vision.engine import Engine, load_engine
from edge.vision.engine_choice import EngineName
from edge.vision.face import Metric
from edge.vision.models.store import Store

Engines = Mapping[EngineName, Engine]
Vectors = Mapping[EngineName, Views]
Progress = Callable[[int], None]
"""Called with how many pictures are done."""

_CHUNK = 8
_ALONE = 24  # for so few pictures it takes longer to start other processes than to do the work


@dataclass(frozen=True, slots=True)
class Sample:
    """The largest face of one picture, as every engine sees it."""

    entry: Entry
    vectors: Vectors = field(repr=False)


@dataclass(frozen=True, slots=True)
class Acquisition:
    """What became of every file; `problems` names each one that gave nothing, as PERSON/IMAGE and reason."""

    listing: Listing
    samples: tuple[Sample, ...]
    problems: tuple[tuple[Entry, Problem], ...]
    metrics: Mapping[EngineName, Metric]

    @property
    def readable(self) -> int:
        """Proper pictures: the ones that can fail to be acquired."""
        return len(self.samples) + sum(self.failures.values())

    @property
    def failures(self) -> Counter[str]:
        """Failures to acquire per person."""
        return Counter(entry.person for entry, problem in self.problems if problem in FAILURES_TO_ACQUIRE)

    @property
    def acquired(self) -> Counter[str]:
        """Acquired pictures per person."""
        return Counter(sample.entry.person for sample in self.samples)


def acquire(
    listing: Listing, names: Sequence[EngineName], store: Store, workers: int, progress: Progress
) -> Acquisition:
    """Detect and embed every picture once for all engines, with `workers` processes of one thread each.

    Raises ModelError, and ImageError if a picture brings a worker down.
    """
    paths = [entry.path for entry in listing.entries]
    engines = {name: load_engine(name, store=store) for name in names}
    found: list[Result] = []
    with _results(paths, engines, store, workers) as results:
        for result in results:
            found.append(result)
            progress(len(found))
    samples: list[Sample] = []
    problems: list[tuple[Entry, Problem]] = []
    for entry, once in zip(listing.entries, _once(listing.entries, found), strict=True):
        if isinstance(once, Problem):
            problems.append((entry, once))
        else:
            samples.append(Sample(entry, once))
    metrics = {name: engine.embedder.metric for name, engine in engines.items()}
    return Acquisition(listing, tuple(samples), tuple(problems), metrics)


Result = tuple[bytes, Vectors | Problem]
"""SHA-256 of the file, and what was found in it."""


def _once(entries: Sequence[Entry], results: Sequence[Result]) -> Iterator[Vectors | Problem]:
    """Only the first of equal files of one person; none of those that lie in two people's folders.

    Compared with itself a picture says nothing about the engine; as two people it would be a false match.
    """
    owners: dict[bytes, set[str]] = {}
    for entry, (digest, _) in zip(entries, results, strict=True):
        owners.setdefault(digest, set()).add(entry.person)
    seen: set[bytes] = set()
    for digest, found in results:
        if isinstance(found, Problem):
            yield found
        elif len(owners[digest]) > 1:
            yield Problem.SHARED
        else:
            yield Problem.DUPLICATE if digest in seen else found
        seen.add(digest)


def look(path: Path, engines: Engines) -> Result:
    """One file: its largest face in all engines, or the reason why there is none."""
    data = read_bytes(path)
    if isinstance(data, Problem):
        return b"", data
    digest = hashlib.sha256(data).digest()
    image = decode(data)
    if isinstance(image, Problem):
        return digest, image
    faces = next(iter(engines.values())).detector.detect(image)  # all engines share one kind of detector
    if not faces:
        return digest, Problem.NO_FACE
    try:
        return digest, {name: engine.embedder.views(image, faces[0]) for name, engine in engines.items()}
    except ImageError:
        return digest, Problem.BAD_LANDMARKS


@contextmanager
def _results(
    paths: Sequence[Path], engines: Engines, store: Store, workers: int
) -> Iterator[Iterator[Result]]:
    if workers < 2 or len(paths) <= _ALONE:
        yield (look(path, engines) for path in paths)
        return
    # Spawned, not forked: OpenCV's and onnxruntime's threads would not survive a fork.
    pool = ProcessPoolExecutor(
        workers, multiprocessing.get_context("spawn"), _begin, (tuple(engines), store.folder)
    )
    try:
        yield pool.map(_look, paths, chunksize=_CHUNK)
    except BrokenProcessPool as error:
        raise ImageError(
            "a worker process died while it read pictures",
            "Is there enough memory? If so, look for a damaged picture in the folder and take it out",
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


_engines: dict[EngineName, Engine] = {}


def _begin(names: Sequence[EngineName], models: Path) -> None:
    """Load the engines of one worker process; Ctrl-C is the parent's to answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _engines.update({name: load_engine(name, store=Store(models)) for name in names})


def _look(path: Path) -> Result:
    return look(path, _engines)
