"""The publish pass: rows that went stale -> feeds and pages on disk (P3).

Only what changed is rewritten: acceptance marks the keys it touched, and a key
stays marked until its files are on disk. Rebuilding everything gives the same
bytes. Nothing here reads the clock: `updated` comes from the rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from feeds import log
from feeds.model import FeedKey, FeedListing, Item, Kind, SiteInfo, Vocabulary
from feeds.pages import Pages
from feeds.publishing.renaming import carry_over, settle_renames
from feeds.site import Site
from feeds.store import Connection, Store, history, items, publishing
from feeds.syndication import FORMATS, FeedSource, opml
from feeds.syndication.keys import ALL, ITEM_PREFIX, UNLABELLED, feed_key

logger = log.get("publish")

FINGERPRINT = "publish-fingerprint"


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """What publishing works with.

    `look` is a digest of templates and settings: when it changes, everything is
    rewritten, by the process that was `started_at` last: an older one with an
    older look does not write it back.
    """

    public: Site
    site: SiteInfo
    vocabulary: Vocabulary
    pages: Pages
    tag: str
    length: int
    formats: Sequence[str]
    style: bytes
    look: str
    started_at: datetime


@dataclass(slots=True)
class PublishReport:
    """Paths below public/ whose bytes changed, and how many were looked at."""

    written: list[str] = field(default_factory=list)
    looked_at: int = 0


def publish(store: Store, press: Press, *, everything: bool = False) -> PublishReport:
    """Write all stale feeds and pages; with `everything`, or after a change of
    templates or settings, all of them. Topics that were renamed are carried over first."""
    report = PublishReport()
    carry_over(store, press.vocabulary, press.started_at)
    # One publisher at a time: a slower one would write its older bytes over newer ones.
    with press.public.exclusive():
        with store.read() as conn:
            stale = publishing.stale(conn)
            everything = everything or _has_new_look(conn, press)
            if not stale and not everything:
                return report
            keys = set(_all_keys(conn, press.vocabulary)) if everything else _touched(stale, press.vocabulary)
            keys = {_current(key, press.vocabulary) for key in keys}
            counts = _counts(conn, press.vocabulary)
            # The front page and the list of feeds carry counts: any change touches them.
            for key in sorted({*keys, ALL.stem}):
                _write_key(conn, press, key, counts, report)
            _write_site(conn, press, counts, report)
        if everything:
            press.public.sweep()

        def settle(conn: Connection) -> None:
            for key, at in stale.items():
                publishing.fresh(conn, key, at)
            addresses = [_addresses(feed_key(key), press.vocabulary) for key in keys if not _is_item(key)]
            publishing.remember(conn, {each.stem for some in addresses for each in some})
            if everything:
                settle_renames(conn, press.vocabulary)
                publishing.set_meta(conn, FINGERPRINT, f"{press.look} {press.started_at.isoformat()}")

        store.transact(settle)
    logger.info("published", written=len(report.written), looked_at=report.looked_at, all=everything)
    return report


def _has_new_look(conn: Connection, press: Press) -> bool:
    look, _, started = (publishing.get_meta(conn, FINGERPRINT) or "").partition(" ")
    return look != press.look and (not started or datetime.fromisoformat(started) < press.started_at)


def _touched(stale: Iterable[str], vocabulary: Vocabulary) -> set[str]:
    """The stale keys, and the regions around the countries and regions among them: their feeds hold the same
    items.
    """
    keys = set(stale)
    countries = {feed_key(key).code for key in keys if feed_key(key).kind == Kind.COUNTRY.value}
    named = {feed_key(key).code for key in keys if feed_key(key).kind == Kind.REGION.value}
    regions = (
        term
        for term in vocabulary.of(Kind.REGION)
        if countries.intersection(term.members) or named.intersection(vocabulary.within(term.code))
    )
    return keys | {FeedKey(kind=Kind.REGION.value, code=term.code).stem for term in regions}


def _is_item(key: str) -> bool:
    return key.startswith(ITEM_PREFIX)


def _current(key: str, vocabulary: Vocabulary) -> str:
    """A topic's key of today, for one marked stale or published under a slug that it had before."""
    if not key.startswith(f"{Kind.TOPIC.value}/"):
        return key
    return FeedKey(kind=Kind.TOPIC.value, code=vocabulary.current(Kind.TOPIC, feed_key(key).code)).stem


def _addresses(key: FeedKey, vocabulary: Vocabulary) -> list[FeedKey]:
    """Where a feed is to be found: its own address, then those that its topic had before."""
    former = vocabulary.formerly(Kind.TOPIC, key.code) if key.kind == Kind.TOPIC.value else ()
    return [key, *(FeedKey(kind=key.kind, code=code) for code in former)]


Counts = Mapping[tuple[str, str], tuple[int, date | None]]


def _counts(conn: Connection, vocabulary: Vocabulary) -> Counts:
    """Number of items and newest date of every feed."""
    regions = {
        (Kind.REGION.value, term.code): items.region_listing(
            conn, term.code, term.members, vocabulary.within(term.code)
        )
        for term in vocabulary.of(Kind.REGION)
    }
    return items.feed_listings(conn) | regions


def _all_keys(conn: Connection, vocabulary: Vocabulary) -> list[str]:
    """Every feed that exists: configured ones, those with items, those ever published, and all items."""
    configured = [
        FeedKey(kind=kind.value, code=term.code)
        for kind in (Kind.REGION, Kind.TOPIC)
        for term in vocabulary.of(kind)
    ]
    seen = [FeedKey(kind=kind, code=code) for kind, code in items.feed_listings(conn)]
    stems = {key.stem for key in [ALL, UNLABELLED, *configured, *seen]} | publishing.remembered(conn)
    return sorted(stems) + [ITEM_PREFIX + item_id for item_id in items.ids(conn)]


def _write_key(conn: Connection, press: Press, key: str, counts: Counts, report: PublishReport) -> None:
    if _is_item(key):
        _write_item(conn, press, key.removeprefix(ITEM_PREFIX), report)
    else:
        _write_feed(conn, press, feed_key(key), counts, report)


def _write_item(conn: Connection, press: Press, item_id: str, report: PublishReport) -> None:
    """A page, or the note that takes its place: `gone.html` is answered with 410."""
    item = items.get(conn, item_id)
    if item is None:
        return
    page, note = f"items/{item.id}/index.html", f"items/{item.id}/gone.html"
    if item.withdrawn_at is not None:
        _put(press, note, press.pages.gone(item), report)
        press.public.remove(page)
    else:
        last = history.last_change(conn, item.id)
        _put(press, page, press.pages.item(item, [last] if last else []), report)


def _write_feed(conn: Connection, press: Press, key: FeedKey, counts: Counts, report: PublishReport) -> None:
    wanted = _where(key, press.vocabulary)
    newest = items.listing(conn, **wanted, limit=press.length)
    updated_at = items.updated_of(
        conn, key.kind, key.code, wanted.get("members", ()), wanted.get("within", ())
    )
    source = feed_source(press, key, newest, updated_at)
    source = replace(source, withdrawn=items.withdrawn(conn, **wanted, limit=press.length))
    addresses = _addresses(key, press.vocabulary)
    for name, form in FORMATS.items():
        data = form.write(source) if name in press.formats else None
        for address in addresses:
            path = f"feeds/{address.stem}.{form.extension}"
            if data is None:
                press.public.remove(path)  # a format that was given up must not grow stale
            else:
                _put(press, path, data, report)
    for address in addresses[1:]:
        _put(press, f"{address.stem}/index.html", press.pages.moved(key), report)
    if key != ALL:
        total = counts.get((key.kind, key.code), (0, None))[0]
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


def _where(key: FeedKey, vocabulary: Vocabulary) -> dict[str, Any]:
    """How the store is asked for the items of a feed."""
    match key.kind:
        case "all":
            return {}
        case "unlabelled":
            return {"unlabelled": True}
        case "region":
            term = vocabulary.get(Kind.REGION, key.code)
            return {
                "kind": key.kind,
                "code": key.code,
                "members": term.members if term else (),
                "within": vocabulary.within(key.code),
            }
        case _:
            return {"kind": key.kind, "code": key.code}


def _write_site(conn: Connection, press: Press, counts: Counts, report: PublishReport) -> None:
    groups = listings(press, counts)
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


def listings(press: Press, counts: Counts) -> list[tuple[str, list[FeedListing]]]:
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
