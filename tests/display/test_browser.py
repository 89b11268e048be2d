"""A real browser before a feed: what a child sees, and above all that it never sees what is over."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.display.parts import browser_or_skip, free_port, gate_shows, running_display, sees
from turnstile.cue import Cue
from turnstile.feed.server import FeedServer
from turnstile.feed.snapshot import Snapshot

SIZES = [(800, 480), (480, 800)]
AT_ONCE_MS = 2000
"""Less than the silence that the page and the display put up with: what ends is told, not guessed."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from browser_or_skip()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    made = browser.new_page(viewport={"width": 800, "height": 480})
    complaints: list[str] = []
    made.on("console", lambda message: complaints.append(message.text))
    yield made
    made.close()
    assert not [text for text in complaints if "Content Security Policy" in text]


class Gate:
    """Says over and over, as a gate does, what it shows."""

    def __init__(self, feed: Path, first: Snapshot) -> None:
        self._server = FeedServer(feed)
        self._shown = first
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat)
        self._thread.start()

    def shows(self, cue: Cue, name: str | None = None) -> None:
        self._shown = gate_shows(cue, name)
        self._server.publish(self._shown)

    def hang(self) -> None:
        self._stop.set()
        self._thread.join()

    def end(self) -> None:
        self.hang()
        self._server.close()

    def _beat(self) -> None:
        while not self._stop.wait(0.5):
            self._server.publish(self._shown)


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    return tmp_path / "feed"


@pytest.fixture
def gate(feed: Path) -> Iterator[Gate]:
    made = Gate(feed, gate_shows(Cue.READY))
    yield made
    made.end()


@pytest.fixture
def address(feed: Path) -> Iterator[str]:
    with running_display(feed) as running:
        yield running


def test_a_grant_is_shown_with_the_name_and_the_next_child_does_not_read_it(
    page: Page, gate: Gate, address: str
) -> None:
    page.goto(address)
    sees(page, Cue.READY)
    gate.shows(Cue.WELCOME, "Айша")
    sees(page, Cue.WELCOME)
    expect(page.locator("main")).to_contain_text("Айша")
    expect(page.locator("main")).to_contain_text("Қош келдіңіз")
    gate.shows(Cue.READY)
    sees(page, Cue.READY)
    expect(page.locator("main")).not_to_contain_text("Айша")


def test_a_name_is_text_and_never_markup(page: Page, gate: Gate, address: str) -> None:
    page.goto(address)
    gate.shows(Cue.WELCOME, "<img src=x onerror=1>")
    sees(page, Cue.WELCOME)
    expect(page.locator("main img")).to_have_count(0)
    expect(page.locator("#name")).to_have_text("<img src=x onerror=1>")


def test_a_gate_that_ends_is_out_of_service_at_once(page: Page, feed: Path, address: str) -> None:
    gate = Gate(feed, gate_shows(Cue.WELCOME, "Айша"))
    page.goto(address)
    sees(page, Cue.WELCOME)
    gate.end()
    sees(page, Cue.OUT_OF_SERVICE, AT_ONCE_MS)
    expect(page.locator("main")).not_to_contain_text("Айша")
    again = Gate(feed, gate_shows(Cue.READY))
    sees(page, Cue.READY)
    again.end()


def test_a_gate_that_hangs_is_out_of_service(page: Page, gate: Gate, address: str) -> None:
    page.goto(address)
    gate.shows(Cue.WELCOME)
    sees(page, Cue.WELCOME)
    gate.hang()
    sees(page, Cue.OUT_OF_SERVICE)


def test_a_display_that_ends_leaves_no_welcome_on_the_screen_and_comes_back(
    page: Page, gate: Gate, feed: Path
) -> None:
    port = free_port()
    with running_display(feed, port) as address:
        page.goto(address)
        gate.shows(Cue.WELCOME)
        sees(page, Cue.WELCOME)
    sees(page, Cue.OUT_OF_SERVICE, 700)  # told by the end of the stream, not by its silence
    with running_display(feed, port):
        sees(page, Cue.WELCOME)


def test_one_language_is_shown_where_one_is_asked_for(page: Page, gate: Gate, address: str) -> None:
    page.goto(f"{address}?lang=ru")
    gate.shows(Cue.CLOSED)
    sees(page, Cue.CLOSED)
    expect(page.locator("#words p")).to_have_count(1)
    expect(page.locator("#words p")).to_have_attribute("lang", "ru")


def test_the_page_can_be_read_aloud_to_who_cannot_see_it(page: Page, gate: Gate, address: str) -> None:
    page.goto(address)
    sees(page, Cue.READY)
    expect(page.locator("main")).to_have_attribute("aria-live", "assertive")
    languages = page.locator("#words p").evaluate_all("all => all.map(one => one.lang)")
    assert languages == ["kk", "ru", "en"]


@pytest.mark.parametrize("query", ["", "?lang=kk", "?lang=ru", "?lang=kk&lang=ru"])
@pytest.mark.parametrize("size", SIZES)
def test_no_word_is_cut_off_on_the_screens_it_is_made_for(
    page: Page, gate: Gate, address: str, query: str, size: tuple[int, int]
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(address + query)
    for cue in Cue:
        gate.shows(cue, "Мұхаммедәли" if cue in (Cue.WELCOME, Cue.GOODBYE) else None)
        sees(page, cue)
        outside = page.evaluate(
            """() => [...document.querySelectorAll('#name, .say, .more, main > svg')].filter(one => {
                const box = one.getBoundingClientRect();
                return box.left < 0 || box.right > innerWidth + 1
                    || box.top < 0 || box.bottom > innerHeight + 1
                    || one.scrollWidth > one.clientWidth + 1 && one.tagName !== 'svg';
            }).map(one => one.textContent)"""
        )
        assert outside == [], cue
