"""The demo's outbox: each caught mail as HTML, text and source. Off on a real site."""

from __future__ import annotations

from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from feeds.mail.outbox import OpenedMail, read_mail, read_outbox
from feeds.pages import Pages

# A mail's own styles are inline; nothing else of it may run or load.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
# Its links open beside it: inside the frame our own pages would refuse to be framed.
BASE = '<base target="_blank">'


def outbox_routes(pages: Pages, folder: Path) -> list[Route]:
    """GET /outbox/, /outbox/{name}/ and the bare HTML of a mail for its frame."""

    def page(data: bytes) -> Response:
        return Response(data, 200, {"cache-control": "no-store"}, "text/html; charset=utf-8")

    async def load(request: Request) -> OpenedMail:
        mail = await run_in_threadpool(read_mail, folder, request.path_params["name"])
        if mail is None:
            raise HTTPException(404)
        return mail

    async def mails(_: Request) -> Response:
        return page(pages.outbox(await run_in_threadpool(read_outbox, folder)))

    async def mail(request: Request) -> Response:
        return page(pages.outbox_mail(await load(request)))

    async def html(request: Request) -> Response:
        mail = await load(request)
        response = page(mail.html.replace("<head>", f"<head>{BASE}", 1).encode())
        response.headers["content-security-policy"] = MAIL_POLICY
        return response

    return [
        Route("/outbox/", mails, methods=["GET"]),
        Route("/outbox/{name}/", mail, methods=["GET"]),
        Route("/outbox/{name}/mail.html", html, methods=["GET"]),
    ]
