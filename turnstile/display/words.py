"""What the screen says for each cue, in Kazakh, Russian and English: one file a language beside this one."""

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType

from pydantic import Field, TypeAdapter

from edge.config import Settings
from turnstile.cue import Cue

_FOLDER = Path(__file__).with_name("words")


class Language(StrEnum):
    """In the order in which they are shown together."""

    KAZAKH = "kk"
    RUSSIAN = "ru"
    ENGLISH = "en"


class Words(Settings):
    """`say` is for everybody in front of the gate, `more` for whoever stands close."""

    say: str = Field(min_length=1, max_length=24)
    more: str = Field(default="", max_length=40)


_WORDS: TypeAdapter[dict[Cue, Words]] = TypeAdapter(dict[Cue, Words])


@cache
def words(language: Language) -> Mapping[Cue, Words]:
    """The words of every cue."""
    text = (_FOLDER / f"{language.value}.toml").read_text("utf-8")
    return MappingProxyType(_WORDS.validate_python(tomllib.loads(text)))
