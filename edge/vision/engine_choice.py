"""Which recognition engines there are, and where to set the bar for each. Nothing is loaded for this."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from edge.match.threshold import NonMatedTail, Strictness
from edge.vision.models.catalogue import ModelName


class EngineName(StrEnum):
    """As the configuration spells them."""

    SFACE = "sface"
    DLIB = "dlib"
    FUSED = "sface+dlib"


EMBEDDING: Mapping[EngineName, tuple[ModelName, ...]] = MappingProxyType(
    {
        EngineName.SFACE: (ModelName.SFACE,),
        EngineName.DLIB: (ModelName.DLIB,),
        EngineName.FUSED: (ModelName.SFACE, ModelName.DLIB),
    }
)
"""The networks that make an engine's vectors."""


FPIR = 0.003
"""Share of strangers that may match somebody, unless a school asks for less (or accepts up to 1 %)."""

# Where to begin; a school calibrates each gate. From 20,604 non-mated pairs of portraits of 102 adults (Face
# Research Lab London Set, neutral and smiling), by tests/experiments/tails.py, which says how. Of what a gate
# searches with, portraits gave the strictest tail: in good, equal light strangers are most alike. Spoilt
# frames, and mean vectors of their best three, ask for 0.01 to 0.07 less with 1,000 enrolled. What half of
# the people foretold held for the other half with 25 and 50 enrolled (docs/calibration.md). More is
# extrapolation. Nothing was measured on children, and other cameras and people move all figures.
#
# `least` is what the tail asks for with 100 enrolled; a smaller gallery would be given what was never tried.
# `margin`: 19 in 20 strangers have a smaller gap between the best two. On these portraits it cost no mated
# search: own minus best other of 102 was at least 0.34 with SFace, 0.10 with dlib, 0.20 with both.
#
# The mirrored crop: with SFace only in what is enrolled, where its time does not count; with dlib, for 8 ms,
# in both; in the fused engine, for those who would rather spend time than miss a child, everywhere
# (docs/recognition.md). By raw distance, as face_recognition compares, its tolerance of 0.6 gave an FMR of
# 8e-3 here: 37 % of strangers matched.
DEFAULTS: Mapping[EngineName, Strictness] = MappingProxyType(
    {
        EngineName.SFACE: Strictness(FPIR, 0.10, least=0.55, tails=(NonMatedTail(0.32, 0.01548, 0.0368),)),
        EngineName.DLIB: Strictness(FPIR, 0.06, least=0.75, tails=(NonMatedTail(0.58, 0.01801, 0.0267),)),
        EngineName.FUSED: Strictness(FPIR, 0.06, least=0.74, tails=(NonMatedTail(0.60, 0.01980, 0.0218),)),
    }
)
