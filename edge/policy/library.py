"""Where policies are found: those that come with the product, a school's own files, the floor below all."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from edge.config import load
from edge.errors import ConfigError
from edge.policy.profile import Bound, Profile

_HERE = Path(__file__).parent
KNOWN = tuple(sorted(path.stem for path in (_HERE / "profiles").glob("*.toml")))
"""Names of the policies that come with the product."""
LAW = "law"
PRODUCT = "product"


@cache
def law() -> Profile:
    """What the law of Kazakhstan asks for, whatever a policy says."""
    return load(_HERE / "floor" / f"{LAW}.toml", Profile)


@cache
def product() -> Profile:
    """The product's own rules, stricter than the law."""
    return load(_HERE / "floor" / f"{PRODUCT}.toml", Profile)


def floor() -> tuple[Bound, Bound]:
    """Law and product, which bind every school."""
    return law().bound(), product().bound()


def find(name: str) -> Profile:
    """A policy by its name, or by the path of a school's own file (it ends in .toml). Raises ConfigError."""
    if not is_file(name):
        if name not in KNOWN:
            raise unknown(name)
        return load(_HERE / "profiles" / f"{name}.toml", Profile)
    if not Path(name).is_file():
        raise ConfigError(f"there is no policy file {name}", f"Or name one that is known: {', '.join(KNOWN)}")
    profile = load(Path(name), Profile)
    if str(profile.name) in {*KNOWN, LAW, PRODUCT}:
        raise ConfigError(
            f"{name}: name: {str(profile.name)!r} is taken by a policy that comes with the product",
            "Give a school's own policy another name",
        )
    return profile


def find_all(names: Iterable[str]) -> tuple[Profile, ...]:
    """Several policies, each once. Raises ConfigError where two have one name."""
    profiles = tuple(find(name) for name in dict.fromkeys(names))
    seen: set[str] = set()
    for profile in profiles:
        if str(profile.name) in seen:
            raise ConfigError(f"two policies have the name {profile.name}", "Give each its own `name`")
        seen.add(str(profile.name))
    return profiles


def is_file(name: str) -> bool:
    """Whether this names a school's own file."""
    return name.endswith(".toml")


def unknown(name: str) -> ConfigError:
    """The complaint about a name that is no policy."""
    return ConfigError(
        f"there is no policy {name!r}",
        f"Known are {', '.join(KNOWN)}; a school's own is named by its file, such as ./school.toml",
    )
