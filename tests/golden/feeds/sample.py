"""Six items of our own, easy and awkward, from which the golden feeds are made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from feeds.model import FeedKey, FeedListing, Item, Kind, Label, SiteInfo, Strength, Term, Vocabulary
from feeds.syndication import FeedSource

SITE = SiteInfo(
    name="Harbour Office News",
    base_url="https://news.harbour.example",
    languages=("en", "es"),
    description="Bulletins of the Harbour Office",
    publisher="Harbour Office",
    contact="press@harbour.example",
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
)

VOCABULARY = Vocabulary(
    {
        (term.kind, term.code): term
        for term in (
            Term(kind=Kind.COUNTRY, code="pa", names={"en": "Panama", "es": "Panamá"}),
            Term(kind=Kind.COUNTRY, code="tt", names={"en": "Trinidad & Tobago", "es": "Trinidad y Tobago"}),
            Term(kind=Kind.REGION, code="caribbean", names={"en": "Caribbean", "es": "Caribe"}),
            Term(kind=Kind.TOPIC, code="labour-migration", names={"en": "Labour migration"}),
        )
    }
)


def label(kind: Kind, code: str, strength: Strength = Strength.ABOUT) -> Label:
    """A label without evidence: feeds show none."""
    return Label(kind=kind, code=code, strength=strength)


def item(
    number: int,
    title: str,
    summary: str = "",
    *,
    lang: str = "en",
    link: str | None = None,
    labels: tuple[Label, ...] = (),
    day: int = 17,
) -> Item:
    """An item accepted `number` milliseconds after ten o'clock on 1 November 2026."""
    at = datetime(2026, 11, 1, 10, 0, 0, number * 1000, tzinfo=UTC)
    return Item(
        id=f"item{number:04d}",
        atom_id=f"tag:harbour.example,2026:item/item{number:04d}",
        date_on=date(2026, 9, day),
        title=title,
        summary=summary,
        lang=lang,
        link=link,
        accepted_at=at,
        updated_at=at,
        labels=labels,
    )


ITEMS = (
    item(
        6,
        "Ferry crews train in Colón \U0001f6a2",
        "Colón, Panama 17 September 2026:\n\nForty ferry crews from Panama began a boarding course.\n\n"
        "The course lasts <three> weeks & ends with an examination.",
        link="https://harbour.example/news/ferry?id=6&lang=en",
        labels=(
            label(Kind.COUNTRY, "pa"),
            label(Kind.COUNTRY, "gy", Strength.MENTIONS),
            label(Kind.TOPIC, "labour-migration"),
        ),
    ),
    item(
        5,
        "Use of <b>bold</b> claims & <script>alert(1)</script> in bulletins",
        "A note on how markup in a bulletin is shown as it was typed: <i>like this</i>, &amp; so.",
    ),
    item(
        4,
        "Panamá abre una ventanilla para marineros",
        "La ventanilla atiende de lunes a viernes.",
        lang="es",
        link="https://puerto.example/año nuevo",
        labels=(label(Kind.COUNTRY, "pa"), label(Kind.REGION, "caribbean")),
    ),
    item(
        3,
        "R&D on tides: Trinidad & Tobago goes first",
        labels=(label(Kind.COUNTRY, "tt"), label(Kind.COUNTRY, "zz")),
        link="javascript:alert(1)",
        day=16,
    ),
    item(2, "A long account of a long crossing", "Day after day the crossing went on. " * 40, day=16),
    item(
        1,
        "Signs 𠀀 beyond the first plane",
        "Text ends with brackets: ]]> and goes on.\nSecond line.",
        day=15,
    ),
)

LISTINGS: Sequence[tuple[str, Sequence[FeedListing]]] = (
    ("", [FeedListing(key=FeedKey(kind="all"), title="All news", items=6, newest_on=date(2026, 9, 17))]),
    (
        "Countries",
        [
            FeedListing(key=FeedKey(kind="country", code="pa"), title="Panama", items=2),
            FeedListing(key=FeedKey(kind="country", code="tt"), title="Trinidad & Tobago", items=1),
        ],
    ),
    ("Topics", []),
)


def source(
    items: Sequence[Item] = ITEMS,
    key: FeedKey = FeedKey(kind="all"),  # noqa: B008  (frozen)
    site: SiteInfo = SITE,
) -> FeedSource:
    """A feed of `items` in English."""
    return FeedSource(
        key=key,
        feed_id=f"tag:harbour.example,2026:feed/{key.stem}",
        title=f"{site.name}: all news",
        subtitle=site.description,
        lang="en",
        site=site,
        vocabulary=VOCABULARY,
        updated_at=max((item.updated_at for item in items), default=site.created_at),
        items=items,
    )
