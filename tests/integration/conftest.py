"""What the integration tests share: tables of labels, which take longer to build than most tests last, and a
site with a reader on each database."""

from __future__ import annotations

import json
import uuid
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from feeds import demo
from feeds.app.parts import Parts, now
from feeds.intake.ingest import ingest_ready
from feeds.mail.outbox import OpenedMail
from postgres import schemas
from reader import Clock, Reader, reader

KEPT = 6


@pytest.fixture(autouse=True, scope="session")
def _tables_are_built_once() -> Iterator[None]:
    """Sites with the same configuration share their tables: what is built depends on nothing else."""
    from feeds.app import parts

    real, made = parts.build, OrderedDict[str, Any]()

    def build(*args: Any, **kwargs: Any) -> Any:
        key = json.dumps([args, kwargs], default=repr)
        if key not in made:
            made[key] = real(*args, **kwargs)
            if len(made) > KEPT:
                made.popitem(last=False)
        made.move_to_end(key)
        return made[key]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(parts, "build", build)
        yield


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def parts(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, tables: object
) -> Iterator[Parts]:
    """A demo site with its items on one database; the tests share it and use addresses of their own."""
    patch = pytest.MonkeyPatch()
    folder = tmp_path_factory.mktemp("subscribing") / "site"
    with patch.context() as patched, ExitStack() as stack:
        if request.param == "postgresql":
            patched.setenv("FEEDS_STORE_URL", stack.enter_context(schemas())())
        made = demo.make_site(folder, 8000)
        made.__dict__["_labels"] = tables
        ingest_ready(made.watched_folders[0], now)
        yield made
        made.store.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ana(parts: Parts, clock: Clock) -> Iterator[Reader]:
    yield from reader(parts, clock, f"ana+{uuid.uuid4().hex[:8]}@reader.example")


@pytest.fixture
def welcome(ana: Reader) -> OpenedMail:
    ana.signs_up(cadence="immediate")
    ana.open(ana.link("confirm"))
    ana.press("Confirm subscription")
    (mail,) = ana.mails()
    return mail
