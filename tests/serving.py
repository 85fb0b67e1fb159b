"""A site's own web server, as `feeds run` has it, in a thread of the test."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from feeds.app.parts import Parts
from feeds.app.serving import Current, listen_on, server_for
from feeds.web import create_app, front_for


@contextmanager
def serving(parts: Parts, listen: str = "127.0.0.1:0") -> Iterator[str]:
    """The address under which it answers."""
    web = parts.web_parts()
    current = Current(create_app(web), front_for(web))
    server = server_for(current, current, time.monotonic)
    listener = listen_on(listen)
    port = listener.getsockname()[1]
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(30)
