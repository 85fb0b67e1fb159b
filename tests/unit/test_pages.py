"""Pages: whole, readable by people and machines, stable bytes, nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from feeds.letters import Letters
from feeds.model import Evidence, FeedKey, FeedListing, Item, Kind, Label, Neighbour, Strength
from feeds.pages import Pages
from feeds.templating import environment
from golden.pages import sample

ENVIRONMENT = environment([sample.TEMPLATES])
PAGES = Pages(ENVIRONMENT, sample.site(), sample.VOCABULARY)
PANAMA = FeedKey(kind="country", code="pa")
VOID = {"meta", "link", "input", "br", "hr", "img", "wbr", "circle", "path"}


@dataclass(frozen=True)
class Caught:
    name: str
    recipient: str
    subject: str
    date_at: datetime
    size: int


@dataclass(frozen=True)
class Opened:
    headers: tuple[tuple[str, str], ...]
    text: str
    source: str


CAUGHT = Caught(
    "a1.eml", "ana@example.org", "4 new: <Panama>", datetime(2026, 11, 18, 12, tzinfo=UTC), 31_234
)
OPENED = Opened(
    (
        ("From", "news@example.org"),
        ("To", "ana@example.org"),
        ("Subject", "4 new: <Panama>"),
        ("X-Mailer", "x"),
    ),
    "The <text> part",
    "From: news@example.org\n\n=E2=80=93",
)


def feed_page(pages: Pages, key: FeedKey, count: int, total: int) -> bytes:
    return pages.feed(key, pages.feed_title(key), pages.feed_description(key), sample.items(count), total)


def _quiet(listings: Sequence[FeedListing]) -> list[FeedListing]:
    """Feeds as a new site has them: without items, and so without countries."""
    return [replace(row, items=0) for row in listings if row.key.kind != "country"]


BESIDE = {
    0: Neighbour("older1", sample.item(1).title, "en", date(2026, 11, 3)),
    2: Neighbour("related1", sample.item(2).title, "es", date(2025, 10, 30)),
}


def every_page(pages: Pages) -> dict[str, bytes]:
    """One of each kind, by name."""
    return {
        "index": pages.index(sample.items(5), sample.listings()),
        "index-empty": pages.index([], [(kind, _quiet(rows)) for kind, rows in sample.listings()]),
        "country": feed_page(pages, PANAMA, 3, 1240),
        "topic-empty": feed_page(pages, FeedKey(kind="topic", code="health"), 0, 0),
        "unlabelled": feed_page(pages, FeedKey(kind="unlabelled"), 1, 1),
        "moved": pages.moved(FeedKey(kind="topic", code="health")),
        "item": pages.item(sample.item(0), beside=BESIDE),
        "item-bare": pages.item(sample.item(4)),
        "not-found": pages.not_found(),
        "error": pages.error(503),
        "outbox": pages.outbox([CAUGHT]),
        "sample": pages.sample("a.txt", "18 November, 2026\n\n<A title>", "/srv/inbox", dropped=False),
        "outbox-mail": pages.outbox_mail(OPENED),
    }


PUBLIC = ("index", "index-empty", "country", "topic-empty", "unlabelled", "moved", "item", "item-bare")
MADE = every_page(PAGES)


class Page(HTMLParser):
    """A page as a reader's program sees it. Fails on tags that are not closed in order."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self._open: list[str] = []
        self.feed(data.decode())
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        found = [attributes for name, attributes in self.tags if name == tag]
        return [one for one in found if all(one.get(key) == value for key, value in wanted.items())]

    def links(self) -> list[str]:
        return [href for link in self.all("a") if (href := link.get("href"))]


@pytest.mark.parametrize("name", MADE)
def test_pages_look_as_accepted(name: str) -> None:
    sample.golden(f"pages/{name}.html", MADE[name].decode())


def test_the_spanish_front_page_looks_as_accepted() -> None:
    pages = Pages(ENVIRONMENT, sample.site("es"), sample.VOCABULARY)
    sample.golden("pages/index-es.html", pages.index(sample.items(5), sample.listings()).decode())


def test_the_same_items_give_the_same_bytes() -> None:
    again = Pages(environment([sample.TEMPLATES]), sample.site(), sample.VOCABULARY)
    assert every_page(again) == MADE


@pytest.mark.parametrize("name", MADE)
def test_each_page_has_language_title_one_heading_landmarks_and_a_skip_link(name: str) -> None:
    page = Page(MADE[name])
    assert page.all("html")[0]["lang"] == "en"
    assert len(page.all("h1")) == len(page.all("main")) == len(page.all("title")) == 1
    assert page.links()[0] == "#content"
    assert page.all("main", id="content")
    assert {"nav", "header", "footer"} <= {tag for tag, _ in page.tags}
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in zip([0, *levels], levels, strict=False)), levels


@pytest.mark.parametrize("name", MADE)
def test_no_page_runs_or_loads_anything_but_the_one_style_sheet(name: str) -> None:
    page = Page(MADE[name])
    assert page.all("script") == page.all("img") == page.all("style") == []
    assert [link["href"] for link in page.all("link", rel="stylesheet")] == ["/style.css"]
    names = {attribute for _, attributes in page.tags for attribute in attributes}
    assert "style" not in names  # the content security policy would drop it
    assert not [one for one in names if one.startswith("on")]


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_page_names_its_address_and_its_feeds(name: str) -> None:
    page = Page(MADE[name])
    assert len(page.all("link", rel="canonical")) == 1
    assert page.all("meta", name="description")[0]["content"]
    alternates = page.all("link", rel="alternate")
    assert [one["type"] for one in alternates[:3]] == [
        "application/atom+xml",
        "application/rss+xml",
        "application/feed+json",
    ]
    assert all((one["href"] or "").startswith("https://news.example.org/feeds/") for one in alternates)
    assert len({one["title"] for one in alternates}) == len(alternates)


def test_a_pages_own_feed_comes_first() -> None:
    first = {name: Page(MADE[name]).all("link", rel="alternate")[0] for name in PUBLIC}
    assert first["index"]["href"] == "https://news.example.org/feeds/all.atom"
    assert first["country"]["href"] == "https://news.example.org/feeds/country/pa.atom"
    assert first["country"]["title"] == "Panama – Regional Office for Mobility (Atom)"
    assert first["item"]["href"] == "https://news.example.org/feeds/country/pa.atom"
    assert first["item-bare"]["href"] == "https://news.example.org/feeds/all.atom"
    assert (
        Page(MADE["country"]).all("link", rel="canonical")[0]["href"]
        == "https://news.example.org/country/pa/"
    )


def test_the_page_at_a_former_address_leads_on_at_once_and_by_a_link() -> None:
    page = Page(MADE["moved"])
    assert page.all("meta", **{"http-equiv": "refresh"})[0]["content"] == "0; url=/topic/health/"
    assert page.all("link", rel="canonical")[0]["href"] == "https://news.example.org/topic/health/"
    assert "/topic/health/" in page.links()


@pytest.mark.parametrize("name", [name for name in MADE if name not in PUBLIC])
def test_a_private_page_is_not_indexed_and_leaks_nothing(name: str) -> None:
    page = Page(MADE[name])
    assert page.all("meta", name="robots")[0]["content"] == "noindex"
    assert page.all("meta", name="referrer")[0]["content"] == "no-referrer"
    assert page.all("link", rel="canonical") == page.all("link", rel="alternate") == []
    assert [link for link in page.links() if "//" in link] == []


def test_links_inside_the_site_work_below_a_folder() -> None:
    site = replace(sample.site(), base_url="https://example.org/press/news")
    pages = Pages(ENVIRONMENT, site, sample.VOCABULARY)
    page = Page(pages.index(sample.items(2), sample.listings()))
    inside = [link for link in page.links() if link.startswith("/")]
    assert "/press/news/country/pa/" in inside
    assert [link for link in inside if not link.startswith("/press/news/")] == []
    assert page.all("link", rel="stylesheet")[0]["href"] == "/press/news/style.css"


def test_every_list_offers_its_news_by_email_before_its_feed() -> None:
    country, item = Page(MADE["country"]), Page(MADE["item"])
    assert country.links().index("/subscribe?country=pa") < country.links().index(
        "https://news.example.org/feeds/country/pa.atom"
    )
    assert "/subscribe?country=pa" in item.links()
    assert "/subscribe?topic=health" in Page(MADE["topic-empty"]).links()
    assert [link for link in Page(MADE["index"]).links() if "subscribe" in link] == ["/subscribe"] * 2


def test_what_no_filter_can_ask_for_is_offered_as_a_feed_alone() -> None:
    links = Page(MADE["unlabelled"]).links()
    assert [link for link in links if "subscribe" in link] == ["/subscribe"]  # that of the frame


# Lists


def test_the_front_page_has_the_newest_items_and_a_directory_with_counts() -> None:
    page = Page(MADE["index"])
    assert [link for link in page.links() if link.startswith("/items/")] == [
        f"/items/{item.id}/" for item in sample.items(5)
    ]
    assert "/country/pa/" in page.links()
    assert "1,240" in page.words
    assert "/feeds.opml" in page.links()
    assert "1 more without news so far" in page.words
    assert "/topic/health/" in page.links()
    assert page.words.index("Japan") < page.words.index("News without a country")


def test_items_of_one_day_stand_under_one_date() -> None:
    days = [one["datetime"] for one in Page(MADE["index"]).all("time")]
    assert sorted(set(days), reverse=True) == ["2026-11-18", "2026-11-16", "2026-11-13", "2026-11-12"]
    assert days == sorted(days, reverse=True)
    assert len(days) == len(set(days[1:])) + 1  # the leading item has its day to itself


def test_items_keep_their_own_language() -> None:
    page = Page(MADE["index"])
    titles = [one for one in page.all("h2") if "lang" in one] + page.all("h3")
    assert [one["lang"] for one in titles] == ["en", "es", "en", "en", "en"]


def test_a_new_site_says_the_first_step_and_what_there_will_be() -> None:
    page = Page(MADE["index-empty"])
    assert "No news has been published yet" in page.words
    assert "a bulletin dropped into the inbox stands here minutes later" in page.words
    assert {"/subscribe", "/topic/health/"} <= set(page.links())
    assert not any("/country/" in link for link in page.links())
    assert "more without news" not in page.words
    assert "No news has been published yet" not in Page(MADE["index"]).words


def test_only_a_demonstration_has_a_bar_that_says_what_can_be_tried() -> None:
    demo = Pages(ENVIRONMENT, replace(sample.site(), demonstration=True), sample.VOCABULARY)
    tries = ["/demo/", "/outbox/", "/subscribe"]
    for made in every_page(demo).values():
        assert Page(made).links()[1:4] == tries
    assert not any("Demonstration" in made.decode() for made in MADE.values())


def test_the_sample_is_shown_whole_before_it_is_dropped_and_then_where_to_look() -> None:
    page = Page(MADE["sample"])
    assert "18 November, 2026\n\n<A title>" in page.words
    assert "/srv/inbox" in page.words
    assert page.all("form", method="post", action="/demo/")
    assert page.all("input", name="name", value="a.txt")
    after = Page(PAGES.sample("", "", "/srv/inbox", dropped=True))
    assert {"/", "/outbox/"} <= set(after.links())
    assert "All samples were dropped" in after.words
    assert not after.all("form")


def test_a_feed_page_shows_its_feeds_as_links_and_how_much_there_is() -> None:
    page = Page(MADE["country"])
    assert "https://news.example.org/feeds/country/pa.atom" in page.links()
    assert "https://" not in page.words
    assert "The newest 3 of 1,240 items." in page.words
    assert "1 item." in Page(MADE["unlabelled"]).words
    assert "Nothing has been published here yet." in Page(MADE["topic-empty"]).words


def test_only_published_formats_are_linked() -> None:
    pages = Pages(ENVIRONMENT, sample.site(), sample.VOCABULARY, formats=("json",))
    text = feed_page(pages, PANAMA, 1, 1).decode()
    assert "country/pa.atom" in text
    assert "country/pa.json" in text
    assert ".rss" not in text


def test_feeds_have_names_that_tell_them_apart() -> None:
    assert PAGES.feed_title(PANAMA) == "Panama – Regional Office for Mobility"
    assert PAGES.feed_title(FeedKey(kind="all")) == "Regional Office for Mobility"
    assert PAGES.feed_description(PANAMA) == "News that concerns Panama."
    assert PAGES.group_title(Kind.COUNTRY) == PAGES.group_title("country") == "Countries"
    assert PAGES.group_title("Our own") == "Our own"


# Items


def test_an_item_page_leads_to_the_older_and_newer_one_and_to_its_subject_by_their_headlines() -> None:
    page = Page(MADE["item"])
    for other in BESIDE.values():
        assert f"/items/{other.id}/" in page.links()
        assert other.title in page.words
    assert "This is the newest in Panama." in page.words
    assert "oldest" not in page.words
    assert 'lang="es" dir="auto"' in MADE["item"].decode().partition('id="subject"')[2]
    by_mail = next(link for link in page.links() if link.startswith("/subscribe?"))
    assert page.links().index(by_mail) < page.links().index(f"/items/{BESIDE[2].id}/")


def test_an_item_page_has_all_paragraphs_labels_feeds_and_its_source() -> None:
    page = Page(MADE["item"])
    assert "A first window, opened in March" in page.words
    assert {"/country/pa/", "/topic/labour-migration/"} <= set(page.links())
    assert "https://press.example.org/2026/window" in page.links()
    assert "https://news.example.org/feeds/country/pa.atom" in page.links()
    assert "Also named: Japan" in " ".join(page.words.split())


def test_an_item_page_shows_the_words_behind_each_label() -> None:
    found = {reason.name: reason for reason in PAGES.reasons(sample.item(0))}
    assert [one.words for one in found["Panama"].snippets] == ["Panama"]
    japan = found["Japan"].snippets[0]
    assert not found["Japan"].about
    assert (japan.words, japan.where) == ("Japan", "in the summary, as a donor")
    assert japan.before.endswith("Government of ")
    assert japan.before.startswith("…")
    assert japan.after == "."
    assert "<mark>Japan</mark>" in MADE["item"].decode()


def test_evidence_that_no_longer_fits_shows_its_words_alone() -> None:
    stale = Evidence(field="summary", start=5000, end=5006, words="Panama", rule="name")
    item = replace(sample.item(0), labels=(Label(kind=Kind.COUNTRY, code="pa", evidence=(stale,)),))
    snippet = PAGES.reasons(item)[0].snippets[0]
    assert (snippet.before, snippet.words, snippet.after) == ("", "Panama", "")


def test_a_label_without_words_behind_it_is_not_explained() -> None:
    item = replace(sample.item(0), labels=(Label(kind=Kind.COUNTRY, code="pa"),))
    assert PAGES.reasons(item) == []
    assert Page(PAGES.item(item)).all("details") == []


def test_long_evidence_is_counted_not_listed() -> None:
    many = tuple(Evidence(field="title", start=0, end=6, words="Panama", rule="name") for _ in range(9))
    item = replace(sample.item(0), labels=(Label(kind=Kind.COUNTRY, code="pa", evidence=many),))
    assert (len(PAGES.reasons(item)[0].snippets), PAGES.reasons(item)[0].more) == (5, 4)


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "JAVASCRIPT:x", "//evil.example", "mailto:a@b.org"]
)
def test_only_web_addresses_become_source_links(link: str) -> None:
    page = Page(PAGES.item(replace(sample.item(0), link=link)))
    assert link not in page.links()
    assert "Source:" not in page.words


def test_markup_in_items_is_shown_not_obeyed() -> None:
    hostile = '<script>alert(1)</script> {{ 7*7 }} %(x)s </main> & "q" \''
    label = Label(kind=Kind.COUNTRY, code='"><script>', strength=Strength.MENTIONS)
    item: Item = replace(sample.item(0), title=hostile, summary=hostile, labels=(label,))
    for data in (
        PAGES.item(item),
        PAGES.feed(PANAMA, hostile, hostile, [item], 1),
        PAGES.outbox([replace(CAUGHT, subject=hostile, recipient=hostile)]),
        PAGES.outbox_mail(replace(OPENED, text=hostile, source=hostile)),
    ):
        page = Page(data)
        assert page.all("script") == []
        assert hostile in page.words
        assert "49" not in page.words


def test_errors_say_what_to_do_in_the_sites_language() -> None:
    pages = Pages(ENVIRONMENT, sample.site("es"), sample.VOCABULARY)
    assert "Vuelva a intentarlo" in Page(pages.error(503)).words
    assert "Vuelva a intentarlo" in Page(pages.error(599)).words
    assert Page(pages.error(418)).all("html")[0]["lang"] == "es"


# The outbox


def test_a_caught_mail_is_shown_as_html_text_and_source_without_script() -> None:
    page = Page(MADE["outbox-mail"])
    frame = page.all("iframe")[0]
    assert frame["src"] == "mail.html"
    assert "allow-scripts" not in (frame["sandbox"] or "")
    assert "allow-same-origin" not in (frame["sandbox"] or "")
    assert "The <text> part" in page.words
    assert "=E2=80=93" in page.words
    assert "X-Mailer" not in page.words


def test_the_outbox_lists_mails_with_their_addresses() -> None:
    page = Page(MADE["outbox"])
    assert "/outbox/a1.eml/" in page.links()
    assert "31 kB" in page.words
    assert "No mail has been caught yet." in Page(PAGES.outbox([])).words


# The style sheet


def schemes() -> list[dict[str, str]]:
    """The colours of the light and of the dark scheme, each as #rrggbb; the dark one changes some."""
    blocks = re.findall(r":root \{(.*?)\}", PAGES.style().decode(), re.S)
    light, dark = (dict(re.findall(r"--([\w-]+): ([^;]+);", block)) for block in blocks)
    return [{name: _colour(name, scheme) for name in scheme} for scheme in (light, {**light, **dark})]


def _colour(name: str, scheme: dict[str, str]) -> str:
    value = scheme[name]
    if inner := re.fullmatch(r"var\(--([\w-]+)\)", value):
        return _colour(inner[1], scheme)
    return "#" + "".join(2 * digit for digit in value[1:]) if re.fullmatch("#[0-9a-f]{3}", value) else value


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio of two #rrggbb colours."""

    def luminance(colour: str) -> float:
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("scheme", [0, 1])
def test_all_text_stands_out_from_what_is_behind_it(scheme: int) -> None:
    colours = schemes()[scheme]
    for behind in ("ground", "panel"):
        for text in ("ink", "soft", "accent", "alarm"):
            assert contrast(colours[text], colours[behind]) >= 4.5, (text, behind)
    assert contrast(colours["on-accent"], colours["accent"]) >= 4.5
    assert contrast(colours["ink"], colours["mark"]) >= 4.5
    assert contrast(colours["edge"], colours["ground"]) >= 3


def test_the_style_sheet_is_small_and_loads_nothing() -> None:
    style = PAGES.style().decode()
    assert len(style) < 16_000
    assert "url(" not in style
    assert "@import" not in style


def test_a_shown_mail_is_the_one_that_was_written() -> None:
    mail = Letters(ENVIRONMENT, sample.site(), sample.VOCABULARY).digest(sample.digest(1))
    page = Page(PAGES.outbox_mail(replace(OPENED, text=mail.text)))
    assert mail.text in page.words


def test_cards_made_once_give_the_pages_that_items_give() -> None:
    items = sample.items(6)
    cards = [PAGES.card(item) for item in items]
    spanish = Pages(ENVIRONMENT, sample.site(), sample.VOCABULARY).speaking("es")
    for key in (PANAMA, FeedKey(kind="unlabelled"), PANAMA):
        title, words = PAGES.feed_title(key), PAGES.feed_description(key)
        assert PAGES.feed(key, title, words, cards, 9) == PAGES.feed(key, title, words, items, 9)
    assert PAGES.index(cards, []) == PAGES.index(items, [])
    assert spanish.index([spanish.card(item) for item in items], []) == spanish.index(items, [])


def test_templates_of_an_operator_that_know_no_cards_still_show_items(tmp_path: Path) -> None:
    own = tmp_path / "web" / "_parts.html"
    own.parent.mkdir()
    text = (Path(sample.TEMPLATES) / "web" / "_parts.html").read_text(encoding="utf-8")
    before, _, rest = text.partition("{# One item in a list")
    without = before + "{% macro kick" + rest.partition("{% macro kick")[2]
    without = without.replace("{{ card(entry, home ~ here) -}}", "<b>{{ entry.title }}</b>")
    own.write_text(without, encoding="utf-8")
    pages = Pages(environment([str(tmp_path), sample.TEMPLATES]), sample.site(), sample.VOCABULARY)
    page = pages.index(sample.items(2), []).decode()
    assert page.count("<b>") == 2


def test_the_newest_item_leads_and_older_ones_have_less_weight() -> None:
    many = [replace(sample.items(1)[0], id=f"n{n}", title=f"Number {n}") for n in range(12)]
    page = PAGES.index(many, []).decode()
    lead, _, rest = page.partition('<section class="follow"')
    assert "Number 0" in lead
    assert "Number 0" not in rest
    assert rest.count('<article class="big">') == 1
    assert rest.count('<article class="brief">') == 3
    assert page.index("Number 0") < page.index('class="follow"') < page.index("Number 1")


def test_the_year_is_left_out_where_it_is_that_of_the_newest_item() -> None:
    first = sample.items(1)[0]
    items = [replace(first, id=f"n{n}", date_on=date(2027 - n // 2, 1 + n, 3)) for n in range(4)]
    words = Page(PAGES.index(items, [])).words
    assert "3 February" in words
    assert "3 February 2027" not in words
    assert "3 March 2026" in words


def test_a_list_names_at_most_four_places_and_how_many_more_there_are() -> None:
    first = sample.items(1)[0]
    codes = ("pa", "hn", "gt", "mx", "cr", "sv")
    labels = tuple(replace(first.labels[0], kind=Kind.COUNTRY, code=code) for code in codes)
    entry = PAGES.card(replace(first, labels=labels)).entry
    named = [PAGES.heading(FeedKey(kind="country", code=code)) for code in codes[:4]]
    assert [link.name for link in entry.labels][:4] == named
    assert [(link.name, link.url) for link in entry.labels[4:]] == [("2 more", entry.url)]


def test_an_item_tells_messengers_and_search_engines_what_it_is() -> None:
    hostile = replace(sample.items(1)[0], title='"><script>alert(1)</script> & more')
    page = PAGES.item(hostile).decode()
    assert 'property="og:title" content="&#34;&gt;&lt;script&gt;' in page
    assert "<script" not in page
    assert 'itemtype="https://schema.org/NewsArticle"' in page
    for name in ("headline", "datePublished", "articleBody", "publisher", "mainEntityOfPage"):
        assert page.count(f'itemprop="{name}"') == 1, name


@pytest.mark.parametrize("most", [1, 100], ids=["full-memory", "all-kept"])
def test_what_is_kept_for_labels_gives_each_item_its_own_in_its_language(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr("feeds.pages.MOST_AROUNDS", most)
    kept = Pages(ENVIRONMENT, sample.site(), sample.VOCABULARY)
    some = [*sample.items(5), *sample.items(5)]
    other = Neighbour(id="a1", title="Another", lang="en", date_on=date(2026, 11, 17))
    for n, item in enumerate(some):
        for lang in ("en", "es"):
            anew = Pages(ENVIRONMENT, sample.site(), sample.VOCABULARY).speaking(lang)
            beside = {2: other} if n % 2 else {}
            made = kept.speaking(lang).item(item, beside=beside)
            assert made == anew.item(item, beside=beside)
            assert (b"Another" in made) is bool(beside)
    assert len({tuple(item.codes(Kind.COUNTRY)) for item in some}) > 1
