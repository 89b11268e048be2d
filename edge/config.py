"""Configuration files: TOML, frozen, every key known, every mistake named.

Each process has its own file and its own settings class; this module only loads them.
"""

import tomllib
from pathlib import Path
from typing import Annotated, TypeVar, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError

from edge.domain.ids import Slug
from edge.errors import ConfigError


class Settings(BaseModel):
    """Base of every settings section: frozen, and a key that nobody reads is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


def _slug(value: object) -> object:
    return Slug(value) if isinstance(value, str) else value


SlugField = Annotated[Slug, BeforeValidator(_slug)]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"{name!r} is not a time zone, for example Asia/Almaty") from None
    return name


ZoneName = Annotated[str, AfterValidator(_zone)]
AbsolutePath = Annotated[Path, AfterValidator(lambda path: path.expanduser().absolute())]

SettingsT = TypeVar("SettingsT", bound=Settings)


def load(path: Path, kind: type[SettingsT]) -> SettingsT:
    """Read and validate one file. Raises ConfigError that names the file, the key and what is allowed."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"no configuration file {path}", "Name one with --config") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read {path}: {error}", "Check the file and its rights") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}", "Mend the line it names") from error
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        raise _explain(path, kind, error) from error


def _explain(path: Path, kind: type[Settings], error: ValidationError) -> ConfigError:
    lines = []
    for problem in error.errors(include_url=False, include_input=False):
        key = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            lines.append(f"unknown key {key!r} (known here: {', '.join(_known_keys(kind, problem['loc']))})")
        elif problem["type"] == "union_tag_not_found":
            tag = problem["ctx"]["discriminator"].strip("'")
            names = _choices(_sections_at(kind, problem["loc"]), tag)
            lines.append(f"{key}: '{tag}' is missing, one of {', '.join(names)}")
        else:
            told = problem["msg"].removeprefix("Value error, ")
            lines.append(f"{key}: {told}" if key else told)
    return ConfigError(f"{path}: " + "; ".join(lines), "Mend these keys; --help lists the commands")


def _known_keys(kind: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    for part in location[:-1]:
        sections = _sections_at(kind, (part,))
        if len(sections) != 1:
            break
        kind = sections[0]
    return sorted(kind.model_fields)


def _sections_at(kind: type[BaseModel], location: tuple[int | str, ...]) -> list[type[BaseModel]]:
    sections = [kind]
    for part in location:
        field = sections[0].model_fields.get(str(part)) if len(sections) == 1 else None
        if field is not None:  # else the number of an entry in a list, or a name in a table of tables
            sections = _sections(field.annotation)
    return sections


def _choices(sections: list[type[BaseModel]], tag: str) -> list[str]:
    """What may stand for a key that tells sections apart."""
    return [str(value) for each in sections for value in get_args(each.model_fields[tag].annotation)]


def _sections(annotation: object) -> list[type[BaseModel]]:
    """The settings classes in an annotation: itself, or those of a list, a table or an optional section."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [section for argument in get_args(annotation) for section in _sections(argument)]
