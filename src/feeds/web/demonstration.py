"""What only a demonstration shows: caught mails, and sample bulletins to drop. Off on a real site."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from feeds.pages import Pages
from feeds.web.edge import posted
from feeds.web.outbox import outbox_routes


@dataclass(frozen=True, slots=True)
class Sample:
    """A bulletin that can be dropped into the inbox, as it would be written there."""

    name: str
    text: str


class Samples(Protocol):
    """The bulletins that wait to be dropped, and the folder that they go to."""

    @property
    def folder(self) -> str: ...

    def next(self) -> Sample | None: ...

    def drop(self, name: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What a demonstration works with: the folder of caught mails, and samples."""

    outbox: Path
    samples: Samples


def demonstration_routes(pages: Pages, parts: Demonstration, ours: frozenset[str]) -> list[Route]:
    """The outbox, and ``/demo/``: GET shows the next sample, POST from `ours` drops it and leads back."""
    samples = parts.samples

    async def show(request: Request) -> Response:
        sample = await run_in_threadpool(samples.next)
        name, text = (sample.name, sample.text) if sample else ("", "")
        dropped = "dropped" in request.query_params
        data = pages.sample(name, text, samples.folder, dropped=dropped)
        return Response(data, 200, {"cache-control": "no-store"}, "text/html; charset=utf-8")

    async def drop(request: Request) -> Response:
        form = await posted(request, ours)
        await run_in_threadpool(samples.drop, form.one("name"))
        return RedirectResponse(f"{request.url.path}?dropped", 303)

    return [
        *outbox_routes(pages, parts.outbox),
        Route("/demo/", show, methods=["GET"]),
        Route("/demo/", drop, methods=["POST"]),
    ]
