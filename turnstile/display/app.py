"""Serves the screen to the browser on this device: loopback only, nothing kept, nothing but the cue."""

import contextlib
from collections.abc import AsyncIterator, Callable
from html import escape
from pathlib import Path
from string import Template

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from turnstile.display.screen import LOST, Screen, as_json
from turnstile.display.words import Language

LOOPBACK = "127.0.0.1"
_HOSTS = [LOOPBACK, "localhost"]
"""Any other name means that a page of the internet sent the browser here (DNS rebinding)."""
_STATIC = Path(__file__).with_name("static")
_TYPES = {".css": "text/css", ".js": "text/javascript"}
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class _SafeHeaders:
    """On every answer, errors too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def create_app(feed: Path, stopping: Callable[[], bool] = lambda: False) -> Starlette:
    """The page, its style and script, and the events; `stopping` ends the streams of events."""
    screen = Screen()

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        with screen.listening(feed):
            yield

    async def page(request: Request) -> Response:
        return HTMLResponse(_page(_languages(request)))

    async def events(request: Request) -> Response:
        languages = _languages(request)

        async def stream() -> AsyncIterator[str]:
            async for shown in screen.each():
                if stopping():
                    return
                yield f"data: {as_json(shown, languages)}\n\n"

        return StreamingResponse(stream(), media_type="text/event-stream")

    return Starlette(
        routes=[
            Route("/", page),
            Route("/events", events),
            *(_static(name) for name in ("page.css", "page.js")),
        ],
        middleware=[Middleware(_SafeHeaders), Middleware(TrustedHostMiddleware, allowed_hosts=_HOSTS)],
        lifespan=lifespan,
    )


def _languages(request: Request) -> list[Language]:
    """Those named by `?lang=kk&lang=ru`; all where none is named that is known."""
    named = request.query_params.getlist("lang")
    return [language for language in Language if language.value in named] or list(Language)


def _page(languages: list[Language]) -> str:
    lost = as_json(LOST, languages)
    return Template((_STATIC / "page.html").read_text("utf-8")).substitute(
        pictograms=(_STATIC / "pictograms.svg").read_text("utf-8"), lost=escape(lost), many=len(languages)
    )


def _static(name: str) -> Route:
    content = (_STATIC / name).read_text("utf-8")

    async def serve(_: Request) -> Response:
        return Response(content, media_type=_TYPES[Path(name).suffix])

    return Route(f"/{name}", serve)
