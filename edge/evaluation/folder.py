"""Lists a folder of the form PERSON/IMAGE."""

from dataclasses import dataclass
from pathlib import Path

from edge.errors import ConfigError
from edge.evaluation.pictures import Problem

GROUPS_FILE = "groups.csv"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of one person."""

    person: str
    path: Path

    @property
    def name(self) -> str:
        """PERSON/IMAGE, as reports write it."""
        return f"{self.person}/{self.path.name}"


@dataclass(frozen=True, slots=True)
class Listing:
    """The pictures in the order of their names, people without any, and files that belong to nobody."""

    entries: tuple[Entry, ...]
    empty: tuple[str, ...]
    outside: tuple[tuple[str, Problem], ...]


def list_folder(directory: Path) -> Listing:
    """Names that begin with a dot are passed over. Raises ConfigError where there is nothing to evaluate."""
    entries: list[Entry] = []
    empty: list[str] = []
    outside: list[tuple[str, Problem]] = []
    for folder, is_folder in _children(directory):
        if not is_folder:
            if folder.name != GROUPS_FILE:
                outside.append((folder.name, Problem.OUTSIDE))
            continue
        if directory.resolve().is_relative_to(folder.resolve()):
            outside.append((folder.name, Problem.LINK_BACK))
            continue
        try:
            files = _children(folder)
        except ConfigError:
            outside.append((folder.name, Problem.UNREADABLE))
            continue
        pictures = [Entry(folder.name, file) for file, is_folder in files if not is_folder]
        outside += [(f"{folder.name}/{file.name}", Problem.FOLDER) for file, is_folder in files if is_folder]
        entries += pictures
        if not pictures:
            empty.append(folder.name)
    if not entries:
        raise ConfigError(
            f"no pictures to evaluate in {directory}",
            "Give every person a folder with their pictures in it: DIR/PERSON/IMAGE",
        )
    return Listing(tuple(entries), tuple(empty), tuple(outside))


def _children(directory: Path) -> list[tuple[Path, bool]]:
    """What lies in a folder, and whether that is a folder itself. Raises ConfigError."""
    try:
        visible = (path for path in directory.iterdir() if not path.name.startswith("."))
        return sorted((path, path.is_dir()) for path in visible)
    except NotADirectoryError:
        raise ConfigError(
            f"{directory} is a file", "Name the folder that holds one folder per person"
        ) from None
    except FileNotFoundError:
        raise ConfigError(f"there is no folder {directory}", "Check the path") from None
    except OSError as error:
        raise ConfigError(
            f"cannot list {directory}: {error.strerror}", "Check the folder and its rights"
        ) from error
