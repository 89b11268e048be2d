"""A technician's mistake in a configuration file stops the start and is named."""

from pathlib import Path

import pytest
from pydantic import Field

from edge.config import Settings, SlugField, ZoneName, load
from edge.errors import ConfigError


class Inner(Settings):
    port: int = 1


class Outer(Settings):
    school: SlugField
    timezone: ZoneName = "Asia/Almaty"
    inner: Inner = Inner()
    entries: tuple[Inner, ...] = ()
    table: dict[str, Inner] = Field(default_factory=dict)


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "a.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_good_file_is_read(tmp_path: Path) -> None:
    settings = load(written(tmp_path, 'school = "school-7"\n[inner]\nport = 5'), Outer)
    assert (str(settings.school), settings.inner.port) == ("school-7", 5)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (
            'school = "s"\nthreshhold = 1',
            r"unknown key 'threshhold' \(known here: entries, inner, school, table, timezone\)",
        ),
        ('school = "s"\n[inner]\nprot = 5', r"unknown key 'inner.prot' \(known here: port\)"),
        ('school = "s"\n[inner]\nport = "x"', r"inner.port: .*integer"),
        ('school = "s"\n[[entries]]\nprot = 5', r"unknown key 'entries.0.prot' \(known here: port\)"),
        ('school = "s"\n[table.x]\nprot = 5', r"unknown key 'table.x.prot' \(known here: port\)"),
        ("", "school: Field required"),
        ('school = "Шко ла"', "school: .*a-z"),
        ('school = "s"\ntimezone = "Mars/Base"', "timezone: .*not a time zone"),
        ("school = ", "is not TOML"),
    ],
)
def test_a_mistake_is_named_with_what_would_be_right(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        load(written(tmp_path, text), Outer)


def test_a_missing_file_says_how_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--config"):
        load(tmp_path / "none.toml", Outer)


def test_settings_cannot_be_changed_while_running(tmp_path: Path) -> None:
    settings = load(written(tmp_path, 'school = "s"'), Outer)
    with pytest.raises(ValueError, match="frozen"):
        settings.timezone = "UTC"
