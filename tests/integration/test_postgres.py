"""The whole job on PostgreSQL, as it is done on SQLite everywhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from feeds import config, demo
from feeds.app.parts import Parts, now
from feeds.labels import read_choices
from feeds.model import Kind, Outcome
from feeds.office import editing, relabel
from feeds.people import signup
from feeds.publishing.renaming import carry_over
from feeds.store import items
from postgres import schemas
from store.making import together


@pytest.fixture
def url() -> Iterator[str]:
    """An empty schema of a PostgreSQL that answers."""
    with schemas() as make:
        yield make()


@pytest.fixture
def site(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tables: object) -> Iterator[Parts]:
    monkeypatch.setenv("FEEDS_STORE_URL", url)
    parts = demo.make_site(tmp_path / "site", 8000)
    parts.__dict__["_labels"] = tables
    yield parts
    parts.store.close()


def mails(parts: Parts) -> int:
    return len(list(parts.outbox.glob("*.eml")))


def test_one_round_of_everything_and_then_nothing_is_left_to_do(site: Parts) -> None:
    did = demo.one_round(site)
    assert did.taken.count(Outcome.NEW) == 41
    assert did.taken.count(Outcome.SAME) == 3
    assert (len(did.composed.composed), mails(site)) == (3, 3)
    again = demo.one_round(site)
    assert (again.taken.receipts, again.published.written, again.composed.composed) == ([], [], [])
    assert mails(site) == 3


def test_corrections_and_leaving_work_there_too(site: Parts) -> None:
    demo.one_round(site)
    with site.store.read() as conn:
        item = items.listing(conn, kind="country", code="pa", limit=1)[0]
    words = editing.Words(title="Panama puts it another way")
    editing.correct(site.store, site.labeller, item.id, words, "A slip.", now())
    demo.one_round(site)
    assert mails(site) == 4
    assert signup.leave(site.store, 1, None, now(), "asked") is not None
    editing.withdraw(site.store, item.id, "Wrong.", now())
    demo.one_round(site)
    assert mails(site) == 4


def test_labelling_anew_and_renamed_topics_work_there_too_and_mail_nothing(site: Parts) -> None:
    demo.one_round(site)
    folder = site.settings.file.parent
    decided = 'words = ["school*"]\ngive = ["country:bz"]\nreason = "a test"\nby = "a test"\n'
    (folder / "overrides.toml").write_text(f"[overrides.x]\n{decided}", encoding="utf-8")
    topics = (folder / "topics.toml").read_text(encoding="utf-8")
    moved = topics.replace("[topics.health]\n", '[topics.well-being]\nrenamed_from = ["health"]\n')
    (folder / "topics.toml").write_text(moved, encoding="utf-8")
    parts = Parts(config.load(site.settings.file))
    changes = list(relabel.preview(parts.store, parts.labeller, parts.vocabulary))
    assert changes
    by_hand = read_choices(["+country:nz"], parts.vocabulary)

    def anew() -> int:
        carry_over(parts.store, parts.vocabulary, now())
        return relabel.apply(parts.store, parts.labeller, parts.vocabulary, now())

    def choose() -> object:
        return editing.relabel(parts.store, changes[0].item.id, by_hand, "", now())

    together(anew, choose, anew)
    with parts.store.read() as conn:
        chosen = items.get(conn, changes[0].item.id)
        topics_there = {code for kind, code in items.feed_listings(conn) if kind == Kind.TOPIC}
    assert chosen is not None
    assert "nz" in chosen.codes(Kind.COUNTRY)
    assert "well-being" in topics_there
    assert "health" not in topics_there
    demo.one_round(parts)
    assert (anew(), mails(parts)) == (0, 3)
    parts.store.close()
