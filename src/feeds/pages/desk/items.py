"""One item at the desk: correct it, relabel it, withdraw or restore it, with who will be told (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from feeds.model import Filter, Item, Kind
from feeds.pages.desk.bulletin import BulletinPages, Deed
from feeds.pages.desk.frame import HOME, Seen
from feeds.templating import one_line
from feeds.wording import describe


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What stands in the form that corrects an item."""

    title: str
    summary: str
    day: str
    link: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The mail of somebody with a filter as it is shown; without subject and text where nothing of it fits.

    `wanted` is the filter as it was typed, `told` the same in words, `faults` what is wrong with it.
    """

    wanted: str
    lang: str
    told: str
    subject: str
    text: str
    faults: Mapping[str, str]


def typed_of(item: Item) -> Typed:
    """An item as its form shows it."""
    return Typed(title=item.title, summary=item.summary, day=item.date_on.isoformat(), link=item.link or "")


class ItemPages(BulletinPages):
    """One item that is out."""

    def item_desk(
        self,
        item: Item,
        seen: Seen,
        told: int,
        trail: Sequence[Deed],
        typed: Typed | None = None,
        said: str = "",
        faults: Mapping[str, str] | None = None,
        bulletin: int | None = None,
    ) -> bytes:
        """Its words in a form, its labels, and what happened; `told`: who gets to know of a change, or
        that it stands again."""
        here = f"{HOME}items/{item.id}/"
        return self.desk(
            "item.html",
            one_line(item.title),
            seen,
            said=said,
            faults=faults or {},
            action=self.href(f"{here}do"),
            page=self.href(f"/items/{item.id}/"),
            typed=typed or typed_of(item),
            told=self.people(told),
            number=told,
            withdrawn=item.withdrawn_at is not None,
            why=one_line(item.withdrawn_reason),
            lang=item.lang,
            back=self.href(f"{HOME}bulletins/{bulletin}/") if bulletin else self.href(HOME),
            labels=[self.reason(label, item) for label in item.labels],
            relabel=self.href(f"{here}labels"),
            trail_rows=self.trail(trail, seen),
            kinds=[kind.value for kind in Kind],
        )

    def words_of(self, what: str) -> str:
        """What is wrong with a field of the form that corrects."""
        t = self._t
        return {
            "title": t.gettext("The title must not be empty."),
            "day": t.gettext("Please give a day such as 2026-11-18."),
            "link": t.gettext("Please give an address such as https://example.org/story, or none."),
            "same": t.gettext("Nothing would change: these are its words already."),
        }[what]

    def nobody_told(self) -> str:
        """What labels of an item that is out do."""
        return self._t.gettext("Pages and feeds follow. Nobody is mailed about new labels.")

    def new(
        self,
        seen: Seen,
        kinds: Sequence[str],
        megabytes: str,
        typed: str = "",
        name: str = "",
        faults: Mapping[str, str] | None = None,
    ) -> bytes:
        """Where a bulletin is dropped or pasted."""
        return self.desk(
            "new.html",
            self._t.gettext("New bulletin"),
            seen,
            action=self.href(f"{HOME}new"),
            typed=typed,
            named=name,
            faults=faults or {},
            kinds=", ".join(kind.removeprefix("*") for kind in kinds),
            most=megabytes,
            here="/desk/new",
            accept=",".join(kind.removeprefix("*") for kind in kinds),
        )

    def no_bulletin(self) -> str:
        """For a form without a file and without a text."""
        return self._t.gettext("Choose a file, or paste the text of the bulletin.")

    def history(self, deeds: Sequence[tuple[Deed, str]], seen: Seen) -> bytes:
        """Who did what lately, newest first, each with where it leads."""
        rows = [(self.trail([deed], seen)[0], self.href(url) if url else "") for deed, url in deeds]
        return self.desk("history.html", self._t.gettext("History"), seen, rows=rows, here="/desk/history/")

    def entry(self, text: str, back: str, heading: str, seen: Seen) -> bytes:
        """An item as it will stand in feeds."""
        return self.desk("entry.html", heading, seen, text=text, back=self.href(back))

    def filter_words(self, wanted: Filter) -> str:
        """For whom the mail is."""
        said = self._t.gettext("For somebody who follows %(what)s.")
        return said % {"what": describe(wanted, self._vocabulary, self._t)}

    @property
    def languages(self) -> Sequence[str]:
        """The languages of the site."""
        return self._site.languages

    def mail(
        self,
        seen: Seen,
        back: str,
        letter: Letter,
        names: Sequence[str],
        largest: Sequence[tuple[str, Filter, int]] = (),
        languages: Sequence[str] = (),
    ) -> bytes:
        """The mail that a bulletin would be for somebody with a filter; `largest`: those of most readers."""
        t, here = self._t, f"{back}preview/mail"
        lang = f"&lang={letter.lang}"
        return self.desk(
            "mail.html",
            t.gettext("The email"),
            seen,
            back=self.href(back),
            letter=letter,
            faults=letter.faults,
            frame=self.href(f"{here}.html?filter={quote(letter.wanted)}{lang}"),
            action=self.href(here),
            names=names,
            languages=[(code, t.language(code)) for code in languages],
            largest=[
                (describe(each, self._vocabulary, t), self.href(f"{here}?filter={quote(text)}{lang}"), n)
                for text, each, n in largest
            ],
        )
