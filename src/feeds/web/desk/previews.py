"""How a held bulletin will look: the page of each item, its entry in feeds, the mail of any filter."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from feeds import digest, filters, schedule
from feeds.errors import InputError
from feeds.model import Audience, Cadence, Filter, Item, NoticeKind, Outcome, Period, RenderedMail
from feeds.pages.desk.bulletin import OpenItem
from feeds.pages.desk.frame import HOME
from feeds.pages.desk.items import Letter
from feeds.pages.wishing import TypedFilter, read_filter
from feeds.store import bulletins, notices
from feeds.store.bulletins import BulletinRow
from feeds.syndication import FORMS, told
from feeds.web import people
from feeds.web.desk.laying_open import goes_out, looked_at
from feeds.web.desk.parts import DeskParts
from feeds.web.edge import Posted
from feeds.web.outbox import BASE, MAIL_POLICY
from feeds.web.signing_in import Who

# In place of the tokens of a member: nobody's.
_NOBODY = "preview"
MOST_OFFERED = 8
# What fewer people want may tell who they are.
FEWEST_READERS = 5


class Previews:
    """What is shown of a held bulletin before it goes."""

    def __init__(self, parts: DeskParts) -> None:
        self._parts = parts

    def page(self, who: Who, request: Request) -> Response:
        """The page of an item, as the site will show it."""
        return people.page(self._parts.site_pages.item(self._item(who, request)))

    def entry(self, who: Who, request: Request) -> Response:
        """The item in Atom, as feeds will have it."""
        parts, item = self._parts, self._item(who, request)
        text = FORMS["atom"].entry(parts.source, told(parts.source, item)).decode()
        back = f"{HOME}bulletins/{request.path_params['number']}/"
        return people.page(parts.speaking(who).entry(text, back, item.title, parts.seen(who)))

    def mail(self, who: Who, request: Request) -> Response:
        """The mail for a filter in a language of the site, its text and where its HTML is."""
        query = request.query_params
        return self._mail_page(who, self._row(who, request), query.get("filter", ""), query.get("lang", ""))

    def html(self, who: Who, request: Request) -> Response:
        """The HTML part alone, with nothing that runs or loads."""
        row, query = self._row(who, request), request.query_params
        wanted, _ = self._wanted(who, query.get("filter", ""))
        made = self._mail(who, row, wanted, self._lang(who, query.get("lang", ""))) if wanted else None
        if made is None:
            raise HTTPException(404)
        answer = people.page(made.html.replace("<head>", f"<head>{BASE}", 1).encode())
        answer.headers["content-security-policy"] = MAIL_POLICY
        return answer

    def test(self, who: Who, request: Request, form: Posted) -> Response:
        """Mail it to whoever asks, and to nobody else."""
        parts, row, text = self._parts, self._row(who, request), form.one("filter")
        lang = self._lang(who, form.one("lang"))
        wanted, _ = self._wanted(who, text)
        made = self._mail(who, row, wanted, lang) if wanted else None
        if made is None:
            return self._mail_page(who, row, text, lang)
        message_id = parts.message_id()
        new = notices.NewNotice(
            key=f"preview/{message_id}", kind=NoticeKind.PREVIEW, address=who.staff.address,
            lang=lang, message_id=message_id, mail=made,
        )  # fmt: skip
        parts.store.transact(lambda conn: notices.queue(conn, new, parts.now()))
        return people.elsewhere(f"{parts.at.people.prefix}{HOME}bulletins/{row.id}/?said=mailed")

    def _mail_page(self, who: Who, row: BulletinRow, text: str, asked: str) -> Response:
        parts, lang = self._parts, self._lang(who, asked)
        pages = parts.speaking(who)
        wanted, faults = self._wanted(who, text)
        made = self._mail(who, row, wanted, lang) if wanted else None
        shown = Letter(
            wanted=text, lang=lang, faults=faults, told=pages.filter_words(wanted) if wanted else "",
            subject=made.subject if made else "", text=made.text if made else "",
        )  # fmt: skip
        names = parts.at.people.pages.speaking(who.staff.lang).mine.names()
        data = pages.mail(
            parts.seen(who), f"{HOME}bulletins/{row.id}/", shown, names, self._largest(row), parts.languages
        )
        return people.page(data, 422 if faults else 200)

    def _largest(self, row: BulletinRow) -> list[tuple[str, Filter, int]]:
        """Whose mail most readers get of it: text of a filter, the filter, how many have it."""
        news = [each.item for each in self._seen(row) if each.outcome is Outcome.NEW]
        found = self._parts.reaching.largest(news, MOST_OFFERED, FEWEST_READERS)
        return [(text, filters.parse(text), count) for text, count in found]

    def _lang(self, who: Who, asked: str) -> str:
        return asked if asked in self._parts.languages else who.staff.lang

    def _wanted(self, who: Who, text: str) -> tuple[Filter | None, dict[str, str]]:
        """The filter that somebody typed, as names or as commands have it; or what is wrong with it."""
        mine = self._parts.at.people.pages.speaking(who.staff.lang).mine
        if ":" in text:
            try:
                return filters.parse(text, self._parts.vocabulary), {}
            except InputError as error:
                return None, {"filter": "; ".join(problem.what for problem in error.problems)}
        found, faults = read_filter(TypedFilter(names=text), "", mine.known, mine.translator)
        return found, {"filter": " ".join(faults.values())} if faults else {}

    def _mail(self, who: Who, row: BulletinRow, wanted: Filter, lang: str) -> RenderedMail | None:
        """What somebody with this filter would get of it at once; None if nothing of it fits."""
        parts, now = self._parts, self._parts.now()
        news = [each.item for each in self._seen(row) if each.outcome is Outcome.NEW]
        audience = Audience(cadence=Cadence.IMMEDIATE, filters=(wanted,), lang=lang, zone=who.staff.zone)
        period: Period = schedule.immediate_period(now)
        made = digest.build(audience, period, now, now, news, parts.vocabulary)
        if made is None:
            return None
        nobody = {"unsubscribe": _NOBODY, "change": _NOBODY, "pause": _NOBODY, "page": _NOBODY}
        return parts.letters.personal(parts.letters.digest(made), **nobody)

    def _row(self, who: Who, request: Request) -> BulletinRow:
        return self._parts.bulletin(who, request.path_params["number"])

    def _seen(self, row: BulletinRow) -> list[OpenItem]:
        parts, folder = self._parts, self._parts.folder_of(row)
        with parts.store.read() as conn:
            data = bulletins.content(conn, row.id)
        if data is None:
            raise HTTPException(404)
        return goes_out(looked_at(parts, folder, row, parts.examined(folder, row, data), parts.now()))

    def _item(self, who: Who, request: Request) -> Item:
        number = request.path_params["item"]
        every = self._seen(self._row(who, request))
        found = next((each.item for each in every if each.number == number), None)
        if found is None:
            raise HTTPException(404)
        return found
