"""What the pages of the press desk cost the server, and who gets it, at 100,000 items.

    PYTHONPATH=src python benchmarks/desk.py [--items 100000] [--people STORE]

A site in a temporary folder gets so many items, in bulletins of ten, and one bulletin that is held. Each page
is asked for 60 times by the application itself, without a network; CPU milliseconds stand beside wall time,
because they hold on a busy machine, too. With --people, who gets it is asked for of a store that
`benchmarks/subscriptions.py --store URL --import-only` has filled.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from starlette.testclient import TestClient

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from stock import drawn

from feeds import demo, links
from feeds.app.parts import Parts, now
from feeds.composing.reaching import Reaching
from feeds.intake import dropping
from feeds.model import BulletinReceipt, By, LinkPurpose, Outcome, ReceiptLine
from feeds.store import bulletins, items, open_store
from feeds.web import create_app

HELD = """27 November 2026

Panama opens a border post

Officers check papers at one counter.
"""
TIMES = 60


def fill(parts: Parts, count: int) -> int:
    """So many items in bulletins of ten; the number of the last bulletin."""
    made = list(drawn(parts, count, random.Random(1)))
    last = 0
    for start in range(0, count, 2_000):
        groups = [made[n : n + 10] for n in range(start, min(start + 2_000, count), 10)]
        rows = []
        for group in groups:
            lines = tuple(
                ReceiptLine(
                    outcome=Outcome.NEW, line=1, title=each.title, date_on=each.date_on, item_id=each.id
                )
                for each in group
            )
            name = f"{group[0].id}.txt"
            receipt = BulletinReceipt(
                name=name, received_at=group[0].accepted_at, rejected=False, lines=lines
            )
            rows.append(
                bulletins.NewBulletin(receipt=receipt, sha256=name, size=1, encoding="utf-8", stays=True)
            )

        def run(conn: object, rows: list[bulletins.NewBulletin] = rows, groups: list[list] = groups) -> int:  # type: ignore[type-arg]
            ids = bulletins.insert(conn, rows)  # type: ignore[arg-type]
            new = [
                items.NewItem(item=each, line=1, bulletin_id=key)
                for key, group in zip(ids, groups, strict=True)
                for each in group
            ]
            items.insert(conn, new)  # type: ignore[arg-type]
            return ids[-1]

        last = parts.store.transact(run)
    return last


def signed_in(parts: Parts, client: TestClient) -> None:
    """With a session of the press office."""
    mark = links.staff_marks(parts.tokens, demo.PRESS)[0]
    session = parts.store.transact(
        lambda conn: links.mint(conn, parts.tokens, LinkPurpose.DESK_SESSION, now(), about=mark)
    )
    client.cookies.set("desk", session)


def timed(act: Callable[[], object], times: int = TIMES) -> str:
    """p50 and p95 of wall time and of CPU, in milliseconds."""
    walls, spent = [], []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        act()
        walls.append((time.perf_counter() - wall) * 1e3)
        spent.append((time.process_time() - cpu) * 1e3)
    return f"wall {_told(walls)}, CPU {_told(spent)}"


def _told(found: list[float]) -> str:
    ordered = sorted(found)
    return f"p50 {ordered[len(ordered) // 2]:6.1f} p95 {ordered[int(len(ordered) * 0.95)]:6.1f} ms"


def pages(count: int) -> None:
    """Each page of the desk."""
    with tempfile.TemporaryDirectory() as folder:
        parts = demo.make_site(Path(folder) / "site", 8000)
        last = fill(parts, count)
        web = parts.web_parts()
        assert web.desk is not None
        by, soon = By("desk", demo.PRESS), now()
        held = dropping.drop(web.desk.folders[0], "held.txt", HELD.encode(), soon, by).bulletin_id
        with parts.store.read() as conn:
            item = items.of_bulletin(conn, last)[0].id
        with TestClient(create_app(replace(web, hosts=None)), base_url="http://127.0.0.1:8000") as client:
            signed_in(parts, client)
            for path in (
                "/desk/", f"/desk/?before={last // 2}", "/desk/new", f"/desk/bulletins/{held}/",
                f"/desk/bulletins/{held}/labels/1", f"/desk/bulletins/{held}/preview/mail",
                f"/desk/bulletins/{last}/", f"/desk/items/{item}/", "/desk/history/",
            ):  # fmt: skip
                assert client.get(path).status_code == 200, path
                print(f"{path.replace(item, 'ID'):<40}{timed(lambda path=path: client.get(path))}")
        parts.store.close()


def reach(url: str) -> None:
    """Who gets it, for bulletins of several sizes."""
    from crowd import news, vocabulary

    store = open_store(url)
    asked = Reaching(store, vocabulary(), time.monotonic, lambda _: None)
    every = news()
    print(f"a page while nobody was counted yet: {timed(lambda: asked.reach_soon(every[:1]), 3)}")
    print(f"who has what, read as a whole, and the index: {timed(asked.prepare, 1)}")
    for size in (1, 4, 10):
        told = timed(lambda size=size: asked.reach(random.sample(every, size)), 30)
        print(f"who gets it, {size:2} items: {told}")
    print(f"what most readers follow: {timed(lambda: asked.largest(random.sample(every, 4), 8, 5), 30)}")
    store.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--people", default="")
    given = parser.parse_args()
    if given.people:
        reach(given.people)
    else:
        pages(given.items)
