"""The pages of the site as bytes (pure).

Owns: what each page says and links to, and the names of feeds. Must not know
where pages are written or served, nor the time: the same items give the same
bytes (P3). A page speaks one language of the site; items keep their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlsplit

from feeds import richtext
from feeds.filters import everything, to_query
from feeds.i18n import N_
from feeds.model import (
    ChangeKind,
    Correction,
    FeedKey,
    FeedListing,
    Filter,
    Item,
    Kind,
    Neighbour,
    SiteInfo,
    Strength,
    Version,
    Vocabulary,
)
from feeds.pages.archives import archive_path
from feeds.pages.besides import Besides
from feeds.pages.corrected import as_html, marked, passages_of
from feeds.pages.explained import Explained, explained
from feeds.pages.lists import ALL, SUMMARY, label_keys
from feeds.pages.names import ERRORS, GROUPS, KINDS
from feeds.pages.sides import Sides
from feeds.pages.views import Around, Card, Entry, FeedLinks, ListedMail, OpenMail, feed_links
from feeds.templating import Environment, clip, one_line, paragraphs, render
from feeds.wording import corrected_line, withdrawn_words

__all__ = ["SUMMARY", "Card", "Pages"]

NONE = Sides()
MOST_AROUNDS = 2_000
"""Sets of labels, in all languages: some 6 MB."""


class Pages(Besides):
    """Writes the reading pages of one site, and those of errors and of the demo.

    `formats` are the extensions of the feeds that are published, and so linked; Atom always is.
    """

    def __init__(
        self,
        environment: Environment,
        site: SiteInfo,
        vocabulary: Vocabulary,
        formats: Sequence[str] = ("atom", "rss", "json"),
    ) -> None:
        super().__init__(environment, site, vocabulary)
        self._formats = formats
        # As many as there are feeds; each page shows some.
        self._links: dict[tuple[str, FeedKey], FeedLinks] = {}
        self._arounds: dict[tuple[str, tuple[FeedKey, ...]], Around] = {}

    def index(
        self, items: Sequence[Item | Card], groups: Sequence[tuple[str, Sequence[FeedListing]]]
    ) -> bytes:
        """``/``: the newest items, or their cards, and the directory of feeds, in the order given.

        A group is named by a `Kind` or ``all``; its listings keep their order.
        """
        directory = self._directory(groups)
        lead, days = self._led(items)
        values = {"lead": lead, "days": days, "directory": directory}
        return self._page("index.html", "/", self._site.name, self.feed_description(ALL), feed=ALL, **values)

    def feed(
        self,
        key: FeedKey,
        title: str,
        description: str,
        items: Sequence[Item | Card],
        total: int,
        sides: Sides = NONE,
    ) -> bytes:
        """The HTML twin of a feed: its newest items of `total`, or their cards, how to follow it, and what
        stands beside them.
        """
        heading = self.heading(key)
        lead, days = self._led(items, key.page)
        values = {
            "lead": lead,
            "heading": heading,
            "kind": self._t.gettext(KINDS[key.kind]) if key.kind in KINDS else "",
            "days": days,
            "shown": len(items),
            "total": total,
            "archive": self.home(archive_path(key)) if total else "",
            "followed": self._t.gettext("this selection") if key.kind == "filter" else heading,
            "panels": self._panels(key, sides),
            "combine": self._combine(key, sides) if total else None,
            "months": [self._month_beside(key, each, sides.months[0]) for each in sides.months],
        }
        return self._page("feed.html", key.page, title, description, feed=key, **values)

    def unknown_filter(self, faults: Sequence[str]) -> bytes:
        """404 for a filter that names what the site does not have: each fault with what may be meant."""
        heading = self._t.gettext("This filter cannot be read")
        return self.private("unknown_filter.html", heading, faults=faults)

    def digest(self, items: Sequence[Item], day: date) -> bytes:
        """``/digests/<key>/``: what a digest of that day told, as it stands now; nobody's to find."""
        heading = self._t.gettext("News of %(date)s") % {"date": self._t.date(day)}
        return self.private("digest.html", heading, days=self._days(items))

    def item(
        self,
        item: Item,
        history: Sequence[Correction] = (),
        versions: Sequence[Version] = (),
        beside: Mapping[int, Neighbour] | None = None,
    ) -> bytes:
        """``/items/<id>/``: one item whole, with its labels, why it has them, and its feeds.

        `history` holds its changes in order; the last correction is told, with the day of
        `updated_at` (UTC, since a page has readers everywhere). Relabelling is not told. `versions` are the
        items that say the same in other languages. `beside` holds at 0 the older item, at 1 the newer one,
        and from 2 on others on its subject.
        """
        keys = label_keys(item)
        told = (ChangeKind.CORRECTED, ChangeKind.RESTORED)
        corrections = [one for one in history if one.kind in told]
        link = item.link if item.link and urlsplit(item.link).scheme in ("http", "https") else ""
        link = "" if link and richtext.is_private_link(link) else link
        around, others = self._around(keys), self._others(beside or {})
        values = {
            "item": item,
            "heading": one_line(item.title),
            "date": self._t.date(item.date_on),
            "paragraphs": paragraphs(item.summary),  # templates of operators may show these
            "text": richtext.as_html(item.body, item.summary),
            "labels": around.labels,
            "labelled": around.labelled,
            "corrected": self._corrected(corrections[-1], item) if corrections else "",
            "reason": one_line(corrections[-1].reason) if corrections else "",
            "changed": passages_of(corrections[-1], self._t) if corrections else [],
            "marked": marked,
            "mentions": self._mentions(item),
            "source": link,
            "source_host": urlsplit(link).hostname or "",
            "reasons": self.reasons(item),
            "feeds": around.feeds,
            "by_mail": around.by_mail,
            "tongue": self._tongue_of(item),
            "beside": self._beside(keys, beside or {}),
            "others": others,
            "subjects": around.subjects,
            "rail": self._rail(around, others),
            "versions": self._versions(versions),
            "tongues": self._tongues_of(item, versions),
        }
        title = f"{one_line(item.title)} – {self._site.name}"
        description = clip(item.summary or item.title, 160)
        path = f"/items/{item.id}/"
        return self._page("item.html", path, title, description, feed=ALL, also=keys, **values)

    def correction(self, last: Correction | None) -> str:
        """What the last correction of an item changed, as HTML for feeds; empty if it changed no words."""
        if last is None:
            return ""
        return as_html(last, self._corrected(last, last.item), self._t)

    def gone(self, item: Item) -> bytes:
        """What stands at ``/items/<id>/`` once the office has taken the item back, to be served as 410.

        It keeps the title, so that a reader who comes by an old link knows what it was; the
        text is gone. ValueError unless the item is withdrawn.
        """
        if item.withdrawn_at is None:
            raise ValueError(f"not withdrawn: {item.id}")
        return self.private(
            "gone.html",
            self._t.gettext("This item was withdrawn"),
            item=item,
            item_title=one_line(item.title),
            date=self._t.date(item.date_on),
            told=withdrawn_words(_utc_day(item.withdrawn_at), self._t),
            reason=one_line(item.withdrawn_reason),
            feeds=self._related(label_keys(item)),
            by_mail=self._by_mail_like(label_keys(item)),
        )

    def moved(self, key: FeedKey) -> bytes:
        """What stands at the address that a topic had before it was renamed: it leads to `key`'s page."""
        heading = self.heading(key)
        values = {"heading": heading, "url": self.home(key.page)}
        return self._page(
            "moved.html", key.page, self.feed_title(key), self.feed_description(key), feed=key, **values
        )

    def reasons(self, item: Item) -> list[Explained]:
        """Why the item has each label that was found in its words, with the words in their place."""
        return [explained(label, item, self._vocabulary, self._t) for label in item.labels if label.evidence]

    def not_found(self) -> bytes:
        """404: also the file that a static server shows."""
        t = self._t
        text = t.gettext("There is nothing at this address. It may have been mistyped or cut short.")
        return self.private("message.html", t.gettext("Page not found"), text=text, number="")

    def error(self, status: int, number: str = "") -> bytes:
        """Any other status, in a sentence that says what to do; `number` finds a fault of ours in the log."""
        t = self._t
        text = ERRORS.get(status) or N_(
            "Something went wrong on our side. Please try again in a few minutes."
        )
        return self.private("message.html", t.gettext("Sorry"), text=t.gettext(text), number=number)

    def outbox(self, mails: Sequence[ListedMail]) -> bytes:
        """``/outbox/`` of the demo: the caught mails in the order given."""
        rows = [(mail, self.href(f"/outbox/{quote(mail.name, safe='')}/")) for mail in mails]
        return self.private("outbox.html", self._t.gettext("Outbox"), mails=rows)

    def outbox_mail(self, mail: OpenMail) -> bytes:
        """``/outbox/NAME/``: one mail as HTML (framed from ``mail.html`` beside it), text and source."""
        found = dict(mail.headers)
        return self.private(
            "outbox_mail.html",
            one_line(found.get("Subject", "")) or self._t.gettext("(no subject)"),
            mail=mail,
            headers=[(name, found[name]) for name in ("From", "To", "Date") if name in found],
            html_url="mail.html",
            up=self.href("/outbox/"),
        )

    def sample(self, name: str, text: str, folder: str, *, dropped: bool) -> bytes:
        """``/demo/``: the sample bulletin that can be dropped next (no `name`: none is left), and the inbox.

        `dropped`: another has just been dropped.
        """
        heading = (
            self._t.gettext("It is on its way") if dropped else self._t.gettext("Drop a sample bulletin")
        )
        given = {"text": text, "folder": folder, "dropped": dropped}
        return self.private("sample.html", heading, file=name, **given)

    def feed_title(self, key: FeedKey) -> str:
        """A feed's name beside those of other sites: ``Panama – Regional Office``."""
        return self._site.name if key.kind == "all" else f"{self.heading(key)} – {self._site.name}"

    def feed_description(self, key: FeedKey) -> str:
        """One sentence about a feed and its page."""
        t, name = self._t, self.heading(key)
        if key.kind == "all":
            return self._site.described(t.lang, t.gettext) or t.gettext("All news, newest first.")
        if key.kind == "unlabelled":
            return t.gettext("News that concerns no single country.")
        if key.kind == "filter":
            return t.gettext("News that fits: %(filter)s.") % {"filter": name}
        if key.kind == "private":
            return t.gettext("News that fits your subscriptions.")
        term = self._vocabulary.get(Kind(key.kind), key.code)
        if term and (told := term.descriptions.get(t.lang)):
            return told
        if key.kind == Kind.TOPIC.value:
            return t.gettext("News about this topic: %(name)s.") % {"name": name}
        return t.gettext("News that concerns %(name)s.") % {"name": name}

    def group_title(self, kind: str) -> str:
        """The heading of a group of feeds; a name that is not a kind stands as it is."""
        return self._t.gettext(GROUPS.get(str(kind), str(kind)))

    def style(self) -> bytes:
        """``/style.css``: the one style sheet of all pages."""
        return render(self._environment, "web/style.css", {}).encode()

    def _page(self, name: str, path: str, title: str, description: str, **values: Any) -> bytes:
        """A public page: canonical address, its own feed first among the alternates."""
        key = values.pop("feed")
        if "by_mail" not in values:
            values["by_mail"] = self._by_mail([key])
        feed = self._feed_links(key)
        also = [self._feed_links(key) for key in values.pop("also", ())]
        return self._render(
            name,
            title=title,
            description=description,
            canonical=self._site.url(path, self._t.lang),
            here=path,
            feed=feed,
            alternates=[*also, feed] if also else [feed],
            **values if "tongues" in values else {**values, "tongues": self.tongues(path)},
        )

    def _by_mail(self, keys: Sequence[FeedKey]) -> str:
        """Where the news of these feeds are asked for by email; empty for what no filter can ask for."""
        if any(key.kind == "unlabelled" for key in keys):
            return ""
        if any(key.kind == "filter" for key in keys):
            return self.home(f"/subscribe?{keys[0].code}")
        return self.home(f"/subscribe{_asked(tuple(keys))}")

    def _by_mail_like(self, keys: Sequence[FeedKey]) -> str:
        """The same for news like an item: of its places, or else on its topics."""
        return self._by_mail([key for key in keys if key.kind != Kind.TOPIC.value] or keys)

    def _around(self, keys: Sequence[FeedKey]) -> Around:
        """What stands around an item that has these labels, made once: most items share theirs."""
        place = (self._t.lang, tuple(keys))
        found = self._arounds.get(place)
        if found is None:
            if len(self._arounds) >= MOST_AROUNDS:
                self._arounds.clear()  # sooner done than to know which of them was not asked for the longest
            found = self._arounds[place] = self._made_around(keys)
        return found

    def _made_around(self, keys: Sequence[FeedKey]) -> Around:
        labels, feeds, by_mail = self._labels(keys), self._related(keys), self._by_mail_like(keys)
        subjects = self._subjects(keys)
        labelled = self._part("kick")(labels)
        around = Around(labels, feeds, by_mail, subjects, labelled, rail="")
        return replace(around, rail=self._rail(around, ()))

    def _rail(self, around: Around, others: Sequence[Entry]) -> str:
        """The ways on from an item, with these others on its subject."""
        if around.rail and not others:
            return around.rail
        return self._part("related")(around.feeds, around.by_mail, around.subjects, others)

    def _feed_links(self, key: FeedKey) -> FeedLinks:
        if key.kind == "filter":  # anybody may ask for any filter: those are not kept
            return self._made_links(key)
        found = self._links.get((self._t.lang, key))
        if found is None:
            found = self._links[self._t.lang, key] = self._made_links(key)
        return found

    def _made_links(self, key: FeedKey) -> FeedLinks:
        links = feed_links(key, self.feed_title(key), self._site, self._t.lang, self._formats)
        head, row = self._piece("alternates"), self._piece("row")
        return replace(links, head=head(links), row=row(self._label_link(key), links))

    def _directory(
        self, groups: Sequence[tuple[str, Sequence[FeedListing]]]
    ) -> list[tuple[str, list[tuple[str, str, int]]]]:
        """Groups of (name, page, count). The feed of all is this very page; news without a
        country belongs, for a reader, at the end of the countries."""
        loose = [row for kind, rows in groups if kind == "all" for row in rows if row.key != ALL]
        listed = [(str(kind), list(rows)) for kind, rows in groups if kind != "all"]
        for kind, rows in listed:
            if kind == Kind.COUNTRY.value:
                rows += loose
                loose = []
        named = [(self.group_title(kind), rows) for kind, rows in (*listed, ("all", loose)) if rows]
        return [(title, [self._listed(row) for row in rows]) for title, rows in named]

    def _listed(self, row: FeedListing) -> tuple[str, str, int]:
        return self.heading(row.key), self.home(row.key.page), row.items

    def _related(self, keys: Sequence[FeedKey]) -> list[tuple[str, str, FeedLinks]]:
        return [(self.heading(key), self.home(key.page), self._feed_links(key)) for key in keys]

    def _corrected(self, last: Correction, item: Item) -> str:
        return corrected_line(last, _utc_day(item.updated_at), self._t)

    def _mentions(self, item: Item) -> list[str]:
        return [
            self._vocabulary.name(label.kind, label.code, self._t.lang)
            for label in item.labels
            if label.strength is Strength.MENTIONS
        ]


@lru_cache(maxsize=4096)
def _asked(keys: tuple[FeedKey, ...]) -> str:
    """The query of a filter for these feeds together; empty for all news."""
    country, region, topic = (tuple(key.code for key in keys if key.kind == kind.value) for kind in Kind)
    wanted = Filter(countries=country, regions=region, topics=topic)
    return "" if everything(wanted) else f"?{to_query(wanted)}"


def _utc_day(at: datetime) -> date:
    return at.astimezone(UTC).date()
