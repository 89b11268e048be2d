"""What the page says, in every language, and that nobody but this device's browser gets it."""

import http.client
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.display.parts import running_display
from turnstile import display
from turnstile.cue import Cue
from turnstile.display.screen import RESTING_TONE, as_json
from turnstile.display.words import Language, words
from turnstile.showing import Shown
from turnstile.signals.patterns import Lamp

PICTOGRAMS = (Path(display.__file__).parent / "static" / "pictograms.svg").read_text("utf-8")
TONES = [*(lamp.value for lamp in Lamp), RESTING_TONE]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_display(tmp_path_factory.mktemp("display") / "feed") as running:
        yield running


@dataclass(frozen=True, slots=True)
class Got:
    status: int
    headers: http.client.HTTPMessage
    text: str


def got(address: str, path: str, host: str | None = None) -> Got:
    where = urlsplit(address)
    with closing(http.client.HTTPConnection(str(where.hostname), where.port, timeout=10)) as connection:
        connection.request("GET", path, headers={"Host": host} if host else {})
        answer = connection.getresponse()
        return Got(answer.status, answer.headers, answer.read().decode())


@pytest.mark.parametrize("language", Language)
def test_every_cue_has_words_in_every_language(language: Language) -> None:
    assert set(words(language)) == set(Cue)


@pytest.mark.parametrize("cue", Cue)
def test_every_cue_has_its_pictogram(cue: Cue) -> None:
    """Small children cannot read yet."""
    assert f'<symbol id="{cue.value}" ' in PICTOGRAMS


@pytest.mark.parametrize("tone", TONES)
def test_every_tone_has_a_shape_as_well_as_a_colour(tone: str) -> None:
    """One boy in twelve does not tell red from green."""
    shapes = dict(re.findall(r'<symbol id="frame-(\w+)"[^>]*>(.*?)</symbol>', PICTOGRAMS))
    assert [other for other in TONES if shapes[other] == shapes[tone]] == [tone]


def test_the_words_for_a_cue_are_those_of_the_languages_asked_for() -> None:
    told = as_json(Shown(Cue.CLOSED), [Language.RUSSIAN])
    assert "Закрыто" in told
    assert "Жабық" not in told


@pytest.mark.parametrize("path", ["/", "/page.js", "/page.css", "/nothing"])
def test_every_answer_forbids_what_the_page_does_not_need(address: str, path: str) -> None:
    headers = got(address, path).headers
    policy = headers.get("Content-Security-Policy", "")
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers.get("Cache-Control") == "no-store"
    assert headers.get("X-Content-Type-Options") == "nosniff"
    assert headers.get("Access-Control-Allow-Origin") is None
    assert headers.get("Server") is None


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example"])
@pytest.mark.parametrize("path", ["/", "/events"])
def test_a_page_of_the_internet_that_rebinds_its_name_gets_nothing(
    address: str, host: str, path: str
) -> None:
    assert got(address, path, host).status == 400


def test_it_listens_on_this_device_only(address: str) -> None:
    assert urlsplit(address).hostname == "127.0.0.1"
    port = f"{urlsplit(address).port:04X}"
    listening = [
        line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines() if f":{port} " in line
    ]
    assert f"0100007F:{port}" in listening
    assert f"00000000:{port}" not in listening


def test_the_page_has_nothing_inline_that_its_policy_would_forbid(address: str) -> None:
    page = got(address, "/").text
    assert " style=" not in page
    assert "<style" not in page
    assert not re.search(r"<script(?![^>]*src=)", page)
    assert not re.search(r"\son[a-z]+=", page)


def test_an_unknown_language_shows_all(address: str) -> None:
    page = got(address, "/?lang=xx").text
    assert 'data-many="3"' in page
    assert 'data-many="1"' in got(address, "/?lang=kk").text


def test_a_page_without_a_gate_is_out_of_service_from_its_first_byte(address: str) -> None:
    page = got(address, "/").text
    assert "Жұмыс істемейді" in page
    assert "Қош келдіңіз" not in page
