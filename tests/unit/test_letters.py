"""The digest mail: complete, safe, small enough, and nobody's token in anybody else's mail."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from feeds.errors import MailError
from feeds.letters import TOKEN_SLOT, Letters, list_headers
from feeds.letters.fitting import HTML_BUDGET, MOST_CARDS
from feeds.model import Cadence, Digest, DigestEntry, DigestGroup, Filter, Item, Reason, RenderedDigest
from feeds.templating import environment
from golden.pages import sample

ENVIRONMENT = environment([sample.TEMPLATES])
SITE = sample.site()
LETTERS = Letters(ENVIRONMENT, SITE, sample.VOCABULARY)
EVERYTHING = (Filter(),)
PANAMA = (Filter(countries=("pa",)),)
TOKEN = "Zt5-m7_xA2"


class Tags(HTMLParser):
    """Start tags with their attributes, and the text between."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def with_first(digest: Digest, **changes: object) -> Digest:
    """The digest with the first item changed."""
    group, *rest = digest.groups
    first, *others = group.entries
    entry = replace(first, item=replace(first.item, **changes))
    return replace(digest, groups=(replace(group, entries=(entry, *others)), *rest))


def long_digest(count: int, title: str, summary: str = "") -> Digest:
    """A digest of `count` items that all have this title and summary."""
    items = [replace(sample.item(0), id=f"i{n}", title=title, summary=summary) for n in range(count)]
    entries = tuple(DigestEntry(item=one, reason=Reason(countries=("pa",))) for one in items)
    return replace(sample.digest(1), groups=(DigestGroup(kind=None, code="", entries=entries),))


@pytest.mark.parametrize("lang", ["en", "es"])
def test_digests_read_as_accepted(lang: str) -> None:
    letters = Letters(ENVIRONMENT, sample.site(lang), sample.VOCABULARY)
    mail = letters.personal(letters.digest(sample.digest(5, lang)), token=TOKEN)
    sample.golden(f"mails/digest-{lang}.txt", f"Subject: {mail.subject}\n\n{mail.text}")
    sample.golden(f"mails/digest-{lang}.html", mail.html)


def test_the_same_digest_gives_the_same_mail() -> None:
    again = Letters(environment([sample.TEMPLATES]), SITE, sample.VOCABULARY)
    assert LETTERS.digest(sample.digest(5)) == again.digest(sample.digest(5))


# Subjects


def test_a_subject_tells_the_count_the_places_and_the_day() -> None:
    assert LETTERS.digest(sample.digest(4)).subject == (
        "[Regional Office for Mobility] 4 new: Panama, Honduras, Mexico – 18 Nov 2026"
    )
    assert LETTERS.digest(sample.digest(4, "es")).subject.endswith(
        "4 nuevas: Panamá, Honduras, México – 18 nov 2026"
    )


def test_the_subject_of_a_single_item_is_its_title() -> None:
    mail = LETTERS.digest(sample.digest(1))
    assert mail.subject == f"[Regional Office for Mobility] {sample.item(0).title}"


def test_a_subject_without_places_has_no_stray_colon() -> None:
    mail = LETTERS.digest(long_digest(2, "A title"))
    assert mail.subject == "[Regional Office for Mobility] 2 new – 18 Nov 2026"


def test_the_day_of_a_subject_is_that_of_the_readers_zone() -> None:
    digest = sample.digest(4)
    late = replace(digest, audience=replace(digest.audience, zone="Pacific/Kiritimati"))
    assert LETTERS.digest(late).subject.endswith("19 Nov 2026")
    unknown = replace(digest, audience=replace(digest.audience, zone="Nowhere/Land"))
    assert LETTERS.digest(unknown).subject.endswith("18 Nov 2026")


@pytest.mark.parametrize(
    "title",
    [
        "Two\r\nBcc: victim@example.org lines",
        "A\u2028line\u2029separator\x0b\x85here",
        "\u202eevil\u202c \u2066isolated\u2069 \u200fmark",
        "NUL\x00 and ESC\x1b[31m",
    ],
)
def test_a_subject_has_no_line_break_control_or_bidi_character(title: str) -> None:
    subject = LETTERS.digest(with_first(sample.digest(1), title=title)).subject
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\u200e\u200f]", subject)
    assert "  " not in subject


def test_a_long_subject_is_cut_after_a_word() -> None:
    subject = LETTERS.digest(with_first(sample.digest(1), title="word " * 99)).subject
    assert len(subject) <= 120
    assert subject.endswith("word…")


# Personal links


def test_the_token_stands_in_the_unsubscribe_links_and_nowhere_else() -> None:
    shared = LETTERS.digest(sample.digest(4))
    link = f"https://news.example.org/unsubscribe/{TOKEN_SLOT}"
    assert (shared.text.count(link), shared.text.count(TOKEN_SLOT)) == (1, 1)
    assert (shared.html.count(link), shared.html.count(TOKEN_SLOT)) == (1, 1)
    assert TOKEN_SLOT not in shared.subject


def test_a_personal_mail_has_its_token_and_no_slot_left() -> None:
    mail = LETTERS.personal(LETTERS.digest(sample.digest(4)), token=TOKEN)
    assert f"https://news.example.org/unsubscribe/{TOKEN}\n" in mail.text
    assert f'href="https://news.example.org/unsubscribe/{TOKEN}"' in mail.html
    assert TOKEN_SLOT not in mail.text + mail.html


@pytest.mark.parametrize("field", ["title", "summary"])
def test_an_item_that_smuggles_the_slot_in_is_refused(field: str) -> None:
    with pytest.raises(MailError):
        LETTERS.digest(with_first(sample.digest(4), **{field: f"look {TOKEN_SLOT} here"}))


@pytest.mark.parametrize("token", ["", "a b", 'x"><script>', "a\nb", "a/b", TOKEN_SLOT, "x" * 201])
def test_a_token_that_is_not_url_safe_is_refused(token: str) -> None:
    with pytest.raises(MailError):
        LETTERS.personal(RenderedDigest(subject="", text="", html=""), token=token)


def test_a_template_without_unsubscribe_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "email/digest").mkdir(parents=True)
    (tmp_path / "email/digest/body.txt").write_text("Only news.\n")
    broken = Letters(environment([str(tmp_path), sample.TEMPLATES]), SITE, sample.VOCABULARY)
    with pytest.raises(MailError, match="text part"):
        broken.digest(sample.digest(1))


def test_an_operators_template_wins_over_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "email/digest").mkdir(parents=True)
    (tmp_path / "email/digest/subject.txt").write_text("Our own {{ count }}")
    own = Letters(environment([str(tmp_path), sample.TEMPLATES]), SITE, sample.VOCABULARY)
    assert own.digest(sample.digest(4)).subject == "Our own 4"


# Both parts


def test_both_parts_hold_every_item_in_the_same_order() -> None:
    digest = sample.digest(20)
    mail = LETTERS.digest(digest)
    ids = [entry.item.id for entry in digest.entries()]
    link = re.compile(r"https://news\.example\.org/items/(\w+)/")
    assert link.findall(mail.text) == ids
    assert link.findall(mail.html) == ids


def test_the_text_part_keeps_to_76_columns_but_never_breaks_an_address() -> None:
    mail = LETTERS.personal(LETTERS.digest(sample.digest(20)), token="t" * 90)
    long = [line for line in mail.text.splitlines() if len(line) > 76]
    assert [line for line in long if "https://" not in line] == []
    assert f"https://news.example.org/unsubscribe/{'t' * 90}" in long


def test_headlines_come_first_from_three_items_up() -> None:
    assert 'href="#item-3"' in LETTERS.digest(sample.digest(3)).html
    assert 'href="#item-' not in LETTERS.digest(sample.digest(2)).html
    html = Tags(LETTERS.digest(sample.digest(5)).html)
    anchors = {attributes.get("id") for _, attributes in html.tags}
    wanted = {href[1:] for link in html.all("a") if (href := link["href"] or "").startswith("#")}
    assert len(wanted) == 5
    assert wanted <= anchors


def test_an_item_says_why_it_came_unless_everything_was_asked_for() -> None:
    mail = LETTERS.digest(sample.digest(4))
    assert "Because: Mexico / labour migration" in mail.text
    assert "Because: Mexico / labour migration" in mail.html
    everything = LETTERS.digest(sample.digest(4, filters=EVERYTHING))
    assert "Because:" not in everything.text + everything.html
    assert "  - everything\n" in everything.text


@pytest.mark.parametrize(("count", "limit"), [(15, 400), (16, 250)])
def test_summaries_are_cut_shorter_when_there_are_many(count: int, limit: int) -> None:
    mail = LETTERS.digest(long_digest(count, "T", "word " * 200))
    shown = re.findall(r"(?:word\s+)+word…", mail.text)
    assert len(shown) == count
    assert limit - 10 < len(" ".join(shown[0].split())) <= limit


def test_the_feed_is_offered_when_one_simple_filter_has_one() -> None:
    one = LETTERS.digest(sample.digest(4, filters=PANAMA))
    assert "https://news.example.org/feeds/country/pa.atom" in one.text
    assert "https://news.example.org/country/pa/" in one.html
    topic = LETTERS.digest(sample.digest(4, filters=(Filter(topics=("health",)),)))
    assert "https://news.example.org/feeds/topic/health.atom" in topic.html
    assert "/feeds/all.atom" in LETTERS.digest(sample.digest(4, filters=EVERYTHING)).text
    for several in (
        sample.digest(4).audience.filters,
        (Filter(countries=("pa",), topics=("health",)),),
        (Filter(countries=("pa",), mentions=True),),
        (Filter(countries=("pa",), without=("football",)),),
        (Filter(regions=("central-america",)),),
    ):
        mail = LETTERS.digest(sample.digest(4, filters=several))
        assert "/feeds/" not in mail.text + mail.html


def test_a_week_is_told_as_a_range_of_days() -> None:
    weekly = LETTERS.digest(sample.digest(4, cadence=Cadence.WEEKLY))
    assert "Weekly update · 11–18 November 2026" in weekly.text
    assert "one e-mail a week" in weekly.html


def test_the_first_weekly_digest_does_not_claim_years() -> None:
    digest = sample.digest(4, cadence=Cadence.WEEKLY)
    first = replace(digest, since_at=digest.since_at - timedelta(days=9000))
    assert "11–18 November 2026" in LETTERS.digest(first).text


def test_news_without_a_country_alone_needs_no_heading() -> None:
    mail = LETTERS.digest(long_digest(2, "T"))
    assert "OTHER NEWS" not in mail.text
    tags = [tag for tag, _ in Tags(mail.html).tags if re.fullmatch(r"h\d", tag)]
    assert tags == ["h1", "h2", "h2"]


# Safety


HOSTILE = '<script>alert(1)</script> {{ 7*7 }} {% raw %} %(x)s & "quotes" \' </td></table>'


def test_markup_in_items_is_shown_not_obeyed() -> None:
    mail = LETTERS.digest(with_first(sample.digest(1), title=HOSTILE, summary=HOSTILE))
    html = Tags(mail.html)
    assert html.all("script") == []
    assert "{{ 7*7 }}" in mail.text
    assert "49" not in mail.text + "".join(html.words).replace("4,200", "")
    assert HOSTILE in "".join(html.words)


def test_a_mail_loads_nothing_and_runs_nothing() -> None:
    html = LETTERS.digest(sample.digest(20)).html
    tags = Tags(html)
    assert {"img", "link", "script", "iframe", "form", "object"}.isdisjoint(tag for tag, _ in tags.tags)
    assert "url(" not in html
    assert "@import" not in html
    assert not [name for _, attributes in tags.tags for name in attributes if name.startswith(("on", "src"))]


def test_layout_tables_are_no_tables_to_a_screen_reader_and_styles_are_inline() -> None:
    tags = Tags(LETTERS.digest(sample.digest(4)).html)
    assert {table.get("role") for table in tags.all("table")} == {"presentation"}
    assert all("font-size" in (link.get("style") or "") for link in tags.all("h3"))
    assert tags.all("html")[0]["lang"] == "en"
    assert [one.get("lang") for one in tags.all("h3")] == ["en", "es", "en", "en"]
    assert len(tags.all("h1")) == 1


def test_dark_mode_survives_inlining() -> None:
    html = LETTERS.digest(sample.digest(1)).html
    assert "@media (prefers-color-scheme: dark)" in html
    assert html.count("<style") == 1
    assert '<meta name="color-scheme" content="light dark">' in html
    inline = re.findall(r' style="([^"]*)"', html)
    assert inline
    assert not [style for style in inline if "!important" in style]


# Size


@pytest.mark.parametrize(
    ("count", "title"),
    [
        (1, "&" * 500),
        (61, "A title of common length that says what happened and where"),
        (60, "&<>\"'" * 100),
        (400, "ñ" * 500),
        (700, "A title of common length that says what happened and where"),
    ],
)
def test_the_html_stays_under_the_limit_and_accounts_for_every_item(count: int, title: str) -> None:
    mail = LETTERS.digest(long_digest(count, title, "Word & word. " * 60))
    assert len(mail.html.encode()) <= HTML_BUDGET < 90_000
    shown = len(re.findall(r"https://news\.example\.org/items/", mail.html))
    told = re.search(r">(\d+) more on the web<", mail.html)
    assert shown + int(told[1] if told else 0) == count
    assert mail.text.count("/items/") == shown
    assert mail.html.index("/unsubscribe/") > 0


def test_beyond_sixty_items_the_rest_are_headlines() -> None:
    html = LETTERS.digest(long_digest(MOST_CARDS + 5, "Short")).html
    tags = Tags(html)
    assert sum((cell.get("id") or "").startswith("item-") for cell in tags.all("td")) == MOST_CARDS
    assert sum(cell.get("class") == "also" for cell in tags.all("td")) == 5


def test_many_filters_do_not_swell_the_mail() -> None:
    wishes = tuple(Filter(words=tuple(f"word{n}x{m}" + "y" * 40 for m in range(60))) for n in range(40))
    mail = LETTERS.digest(sample.digest(4, filters=wishes))
    assert len(mail.html.encode()) < 30_000
    assert "and 30 more" in mail.text


# Headers


def test_list_headers_are_those_of_the_rfcs_in_order() -> None:
    assert list_headers(SITE, TOKEN, "digest.news.example.org") == (
        ("List-Id", '"Regional Office for Mobility" <digest.news.example.org>'),
        (
            "List-Unsubscribe",
            f"<https://news.example.org/unsubscribe/{TOKEN}>,"
            f" <mailto:press@example.org?subject=unsubscribe%20{TOKEN}>",
        ),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("List-Archive", "<https://news.example.org/>"),
        ("List-Help", "<mailto:press@example.org?subject=help>"),
        ("Auto-Submitted", "auto-generated"),
    )
    assert LETTERS.list_headers(TOKEN) == list_headers(SITE, TOKEN, "digest.news.example.org")


@pytest.mark.parametrize(
    "contact", ["", "https://example.org/contact", "a@b.org\r\nBcc: c@d.org", "a@b, c@d"]
)
def test_without_an_address_there_is_no_mailto(contact: str) -> None:
    lines = dict(list_headers(replace(SITE, contact=contact), TOKEN, "d.example.org"))
    assert lines["List-Unsubscribe"] == f"<https://news.example.org/unsubscribe/{TOKEN}>"
    assert "List-Help" not in lines


def test_a_name_that_needs_encoding_is_left_out_of_the_list_id() -> None:
    lines = dict(list_headers(replace(SITE, name="Oficina – Noticias de Panamá"), TOKEN, "d.example.org"))
    assert lines["List-Id"] == "<d.example.org>"


@pytest.mark.parametrize("token", ["a\r\nBcc: x@y.org", "ñ", "a\x00"])
def test_a_header_that_would_break_out_of_its_line_is_refused(token: str) -> None:
    with pytest.raises(MailError):
        list_headers(SITE, token, "d.example.org")


def test_items_are_frozen_values_so_rendering_cannot_change_them() -> None:
    digest = sample.digest(4)
    before = repr(digest)
    LETTERS.digest(digest)
    assert repr(digest) == before
    assert isinstance(digest.entries()[0].item, Item)
