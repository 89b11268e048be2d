"""Shows the child in front of the kiosk's camera, and staff beside it, what to do at this moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

from enrollment.capture import Tell


@contextmanager
def instructions(console: Console) -> Iterator[Tell]:
    """In place on a terminal; elsewhere a line for every change, so that a log can be followed."""
    shown = ""

    def tell(text: str) -> None:
        nonlocal shown
        if text == shown:
            return
        shown = text
        if console.is_terminal:
            status.update(f"[bold]{escape(text)}[/]")
        else:
            console.print(text, markup=False, highlight=False, soft_wrap=True)

    with console.status("The camera starts") as status:
        yield tell
