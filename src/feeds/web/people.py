"""What the forms of those who get mail share: the parts they work with, stamps, addresses, answers.

Each path has a module of its own; whatever a person may do is decided in `people`.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from feeds import filters
from feeds.errors import InputError
from feeds.i18n import Translator
from feeds.mail.addresses import normal_address
from feeds.model import Filter
from feeds.pages.choices import Typed
from feeds.pages.people import PeoplePages
from feeds.pages.privacy import PrivacyFacts
from feeds.pages.wishing import TypedFilter
from feeds.people.estimating import Amount, Estimate, estimate
from feeds.people.rules import PeopleRules
from feeds.store import Store, items
from feeds.tokens import Tokens
from feeds.web.edge import Networks, Posted, client_of

# Nobody fills a form in faster than this, and a form that was open for a day may ask for what is gone.
LEAST_TIME, MOST_TIME = timedelta(seconds=2), timedelta(hours=24)
KEPT_S, MOST_KEPT = 60.0, 500
PRIVATE = {"cache-control": "no-store", "x-robots-tag": "noindex"}
# The one page with a script of ours: it fills in the browser's time zone.
SCRIPT_POLICY = "script-src 'self'"


@dataclass(slots=True)
class Counts:
    """What a short memory spares the database: items by label, and estimates."""

    busy: tuple[float, Mapping[tuple[str, str], int]] | None = None
    estimates: dict[str, tuple[float, Estimate]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleParts:
    """What these routes work with.

    `origins` are those of our own pages, `langs` the languages of the site, the first without a path of its
    own; `prefix` is the path below which the world reaches the site; `secure`: cookies only over https.
    `amounts` tells how much filters bring, of all of somebody's at once.
    """

    store: Store
    rules: PeopleRules
    pages: PeoplePages
    langs: tuple[str, ...]
    sender: str
    facts: PrivacyFacts
    origins: frozenset[str]
    proxies: Networks
    prefix: str
    secure: bool
    now: Callable[[], datetime]
    script: bytes
    amounts: Callable[[Sequence[Filter]], Mapping[Filter, Amount]]
    least_time: timedelta = LEAST_TIME
    counts: Counts = field(default_factory=Counts)

    def speaking(self, lang: str) -> PeoplePages:
        """The pages in a language of the site, else in its first one."""
        return self.pages.speaking(lang if lang in self.langs else self.langs[0])

    def client(self, request: Request) -> str:
        """From which address somebody asks."""
        return client_of(request, self.proxies)

    def busy(self) -> Mapping[tuple[str, str], int]:
        """How many items carry each label, as of a minute ago at most."""
        kept = self.counts.busy
        if kept is None or time.monotonic() - kept[0] > KEPT_S:
            with self.store.read() as conn:
                busy = {key: count for key, (count, _) in items.feed_listings(conn).items()}
            kept = self.counts.busy = (time.monotonic(), busy)
        return kept[1]

    def found(self, wanted: Filter | None) -> Estimate | None:
        """What a filter brings, as of a minute ago at most."""
        if wanted is None:
            return None
        text, kept = filters.canonical(wanted), self.counts.estimates
        known = kept.get(text)
        if known is None or time.monotonic() - known[0] > KEPT_S:
            if len(kept) >= MOST_KEPT:
                kept.clear()
            known = (time.monotonic(), estimate(self.store, self.rules.vocabulary, wanted, self.now()))
            kept[text] = known
        return known[1]

    def defaults(self, lang: str, wanted: TypedFilter | None = None) -> Typed:
        """What stands in a form before anybody typed."""
        given = self.rules.defaults
        return Typed(filter=wanted or TypedFilter(), hour=str(given.hour), zone=given.zone, lang=lang)


def page(data: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A page that nobody else may keep."""
    return Response(data, status, {**PRIVATE, **(headers or {})}, "text/html; charset=utf-8")


def elsewhere(path: str) -> Response:
    """Go and see there (303), on this very site."""
    return Response(status_code=303, headers={**PRIVATE, "location": path})


def stamp(tokens: Tokens, now: datetime) -> str:
    """When a form was made, signed, so that one filled in by a machine at once is seen."""
    made = f"{int(now.timestamp()):x}"
    return f"{made}.{tokens.hash('form.made', made)}"


def stamp_fault(parts: PeopleParts, given: str, t: Translator) -> str:
    """Why a form is asked for once more, empty when it is well."""
    made, _, signed = given.partition(".")
    tokens = parts.rules.tokens
    good = (
        [each for each in tokens.hashes("form.made", made) if hmac.compare_digest(each, signed)]
        if signed.isascii()
        else []
    )
    if not good:
        return t.gettext("This form was not sent from our page. Please press the button once more.")
    age = parts.now() - datetime.fromtimestamp(int(made, 16), UTC)
    if age < parts.least_time:
        return t.gettext(
            "That was very fast. Please look whether all is right, and press the button once more."
        )
    if age > MOST_TIME:
        return t.gettext(
            "This page was open for long. Please look whether all is right, and press the button once more."
        )
    return ""


def form_faults(parts: PeopleParts, form: Posted, t: Translator) -> dict[str, str]:
    """What a form that causes a mail shows of a machine; told, so that a person can go on (no captcha)."""
    if form.one("website"):
        return {"website": t.gettext("One field is for machines only. Please press the button once more.")}
    fault = stamp_fault(parts, form.one("form"), t)
    return {"address": fault} if fault else {}


def read_address(text: str, t: Translator) -> tuple[str, dict[str, str]]:
    """An address in the form that is written to, or what is wrong with it, beside its field."""
    if not text.strip():
        return "", {"address": t.gettext("Please type your email address.")}
    try:
        return normal_address(text), {}
    except InputError:
        local = text.strip().rpartition("@")[0]
    if local and not local.isascii():
        said = t.gettext(
            "Letters such as ñ or é before the @ cannot be mailed by every server. Please use an"
            " address without them."
        )
    else:
        said = t.gettext("This is not an address that mail can be sent to. It looks like name@example.org.")
    return "", {"address": said}


def typed_filter(form: Posted, prefix: str = "") -> TypedFilter:
    """The fields of one filter as they were posted."""
    return TypedFilter(
        countries=form.all(f"{prefix}country"),
        regions=form.all(f"{prefix}region"),
        topics=form.all(f"{prefix}topic"),
        names=form.one(f"{prefix}names"),
        words=form.one(f"{prefix}word"),
        all_words=form.one(f"{prefix}q"),
        without=form.one(f"{prefix}without"),
        mentions=form.one(f"{prefix}mentions") == "yes",
        only_regions=form.one(f"{prefix}members") == "no",
        languages=form.all(f"{prefix}language"),
        prefer=form.one(f"{prefix}prefer"),
    )


def typed(form: Posted, before: Typed) -> Typed:
    """Everything that was posted; what the form does not have stays as it is in `before`."""
    return Typed(
        filter=typed_filter(form),
        cadence=form.one("cadence", before.cadence),
        on=form.all("on") if form.has("cadence") else before.on,
        least=form.one("least", before.least),
        most=form.one("most", before.most),
        hour=form.one("hour", before.hour),
        weekday=form.one("weekday", before.weekday),
        zone=form.one("zone", before.zone),
        lang=form.one("lang", before.lang),
        address=form.one("address"),
        name=form.one("name"),
    )
