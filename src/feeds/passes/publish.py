"""The publish pass: rows that went stale -> feeds and pages on disk (P3).

Only what changed is rewritten: acceptance marks the keys it touched, and a key
stays marked until its files are on disk. Rebuilding everything gives the same
bytes. Nothing here reads the clock: `updated` comes from the rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from feeds import log
from feeds.model import FeedKey, FeedListing, Item, Kind, SiteInfo, Vocabulary
from feeds.pages import Pages
from feeds.site import Site
from feeds.store import Connection, Store, items, publishing
from feeds.syndication import FORMATS, FeedSource, opml

logger = log.get("publish")

ALL = FeedKey(kind="all")
UNLABELLED = FeedKey(kind="unlabelled")
ITEM_PREFIX = "item/"
FINGERPRINT = "publish-fingerprint"


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """What publishing works with. `look` is a digest of templates and settings:
    when it changes, everything is rewritten."""

    public: Site
    site: SiteInfo
    vocabulary: Vocabulary
    pages: Pages
    tag: str
    length: int
    formats: Sequence[str]
    style: bytes
    look: str


@dataclass(slots=True)
class PublishReport:
    """Paths below public/ whose bytes changed, and how many were looked at."""

    written: list[str] = field(default_factory=list)
    looked_at: int = 0


def stale_keys(item: Item) -> set[str]:
    """The keys of all feeds and pages that an item stands on."""
    return {key.stem for key in feed_keys(item)} | {ITEM_PREFIX + item.id}


def feed_keys(item: Item) -> list[FeedKey]:
    """Every feed an item belongs to, by its `about` labels."""
    keys = [ALL]
    for kind in Kind:
        keys += [FeedKey(kind=kind.value, code=code) for code in item.codes(kind)]
    return keys if item.codes(Kind.COUNTRY) else [*keys, UNLABELLED]


def publish(store: Store, press: Press, *, everything: bool = False) -> PublishReport:
    """Write all stale feeds and pages; with `everything`, or after a change of
    templates or settings, all of them."""
    report = PublishReport()
    with store.read() as conn:
        stale = publishing.stale(conn)
        everything = everything or publishing.get_meta(conn, FINGERPRINT) != press.look
    if not stale and not everything:
        return report
    with store.read() as conn:
        keys = _all_keys(conn, press.vocabulary) if everything else list(stale)
        # The front page and the list of feeds carry counts: any change touches them.
        for key in sorted({*keys, ALL.stem}):
            _write_key(conn, press, key, report)
        _write_site(conn, press, report)

    def settle(conn: Connection) -> None:
        for key, at in stale.items():
            publishing.fresh(conn, key, at)
        publishing.set_meta(conn, FINGERPRINT, press.look)

    store.transact(settle)
    logger.info("published", written=len(report.written), looked_at=report.looked_at, all=everything)
    return report


def _all_keys(conn: Connection, vocabulary: Vocabulary) -> list[str]:
    """Every feed that exists: configured topics and regions, countries with items, and all items."""
    configured = [
        FeedKey(kind=kind.value, code=term.code)
        for kind in (Kind.REGION, Kind.TOPIC)
        for term in vocabulary.of(kind)
    ]
    seen = [FeedKey(kind=kind, code=code) for kind, code in items.feed_listings(conn)]
    stems = {key.stem for key in [ALL, UNLABELLED, *configured, *seen]}
    return sorted(stems) + [ITEM_PREFIX + item_id for item_id in items.ids(conn)]


def _write_key(conn: Connection, press: Press, key: str, report: PublishReport) -> None:
    if key.startswith(ITEM_PREFIX):
        _write_item(conn, press, key.removeprefix(ITEM_PREFIX), report)
    else:
        _write_feed(conn, press, feed_key(key), report)


def feed_key(stem: str) -> FeedKey:
    """The key named by a stem such as ``country/pa`` or ``all``."""
    kind, _, code = stem.partition("/")
    return FeedKey(kind=kind, code=code)


def _write_item(conn: Connection, press: Press, item_id: str, report: PublishReport) -> None:
    item = items.get(conn, item_id)
    if item is not None:
        _put(press, f"items/{item.id}/index.html", press.pages.item(item), report)


def _write_feed(conn: Connection, press: Press, key: FeedKey, report: PublishReport) -> None:
    newest = _listing(conn, key, press.length)
    source = feed_source(press, key, newest, items.updated_of(conn, key.kind, key.code))
    for name in press.formats:
        form = FORMATS[name]
        _put(press, f"feeds/{key.stem}.{form.extension}", form.write(source), report)
    if key != ALL:
        total = items.feed_listings(conn).get((key.kind, key.code), (0, None))[0]
        page = press.pages.feed(key, source.title, source.subtitle, newest, total)
        _put(press, f"{key.stem}/index.html", page, report)


def feed_source(
    press: Press, key: FeedKey, newest: Sequence[Item], updated_at: datetime | None
) -> FeedSource:
    """A feed with its words, in the site's first language. An empty feed is as old as the site."""
    return FeedSource(
        key=key,
        feed_id=f"{press.tag}feed/{key.stem}",
        title=press.pages.feed_title(key),
        subtitle=press.pages.feed_description(key),
        lang=press.site.languages[0],
        site=press.site,
        vocabulary=press.vocabulary,
        updated_at=updated_at or press.site.created_at,
        items=newest,
    )


def _listing(conn: Connection, key: FeedKey, limit: int) -> list[Item]:
    match key.kind:
        case "all":
            return items.listing(conn, limit=limit)
        case "unlabelled":
            return items.listing(conn, unlabelled=True, limit=limit)
        case _:
            return items.listing(conn, kind=key.kind, code=key.code, limit=limit)


def _write_site(conn: Connection, press: Press, report: PublishReport) -> None:
    groups = listings(press, items.feed_listings(conn))
    newest = items.listing(conn, limit=press.length)
    _put(press, "index.html", press.pages.index(newest, groups), report)
    _put(
        press,
        "feeds.opml",
        opml(press.site, [(press.pages.group_title(kind), rows) for kind, rows in groups]),
        report,
    )
    _put(press, "style.css", press.style, report)
    _put(press, "404.html", press.pages.not_found(), report)


def listings(
    press: Press, counts: Mapping[tuple[str, str], tuple[int, date | None]]
) -> list[tuple[str, list[FeedListing]]]:
    """The directory of feeds: all news, countries with items by name, then every region and topic."""
    lang = press.site.languages[0]

    def row(key: FeedKey) -> FeedListing:
        count, newest_on = counts.get((key.kind, key.code), (0, None))
        return FeedListing(key=key, title=press.pages.feed_title(key), items=count, newest_on=newest_on)

    def rows(kind: Kind, codes: Iterable[str]) -> list[FeedListing]:
        named = sorted(codes, key=lambda code: press.vocabulary.name(kind, code, lang).casefold())
        return [row(FeedKey(kind=kind.value, code=code)) for code in named]

    countries = [code for kind, code in counts if kind == Kind.COUNTRY.value]
    groups = [("all", [row(ALL), row(UNLABELLED)]), ("country", rows(Kind.COUNTRY, countries))]
    for kind in (Kind.REGION, Kind.TOPIC):
        groups.append((kind.value, rows(kind, [term.code for term in press.vocabulary.of(kind)])))
    return groups


def _put(press: Press, path: str, data: bytes, report: PublishReport) -> None:
    report.looked_at += 1
    if press.public.write(path, data):
        report.written.append(path)


def look(parts: Iterable[bytes]) -> str:
    """A digest of whatever decides how published files look."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
