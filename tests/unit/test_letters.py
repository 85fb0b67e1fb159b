"""The digest mail: complete, safe, small enough, and nobody's token in anybody else's mail."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from feeds.errors import MailError
from feeds.letters import TOKEN_SLOT, Letters, links, list_headers
from feeds.letters.digest import MOST_CARDS, MOST_HEADLINES
from feeds.letters.fitting import HTML_BUDGET
from feeds.model import (
    Cadence,
    Digest,
    DigestEntry,
    DigestGroup,
    Filter,
    Item,
    Kind,
    Label,
    Reason,
    RenderedDigest,
    RenderedMail,
    Strength,
)
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


def own(shared: RenderedDigest, name: str = "", token: str = TOKEN) -> RenderedMail:
    """The mail of one member."""
    return LETTERS.personal(
        shared, unsubscribe=token, change=f"{token}c", pause=f"{token}p", page="page-of-this", name=name
    )


@pytest.mark.parametrize("lang", ["en", "es"])
def test_digests_read_as_accepted(lang: str) -> None:
    letters = Letters(ENVIRONMENT, sample.site(lang), sample.VOCABULARY)
    mail = own(letters.digest(sample.digest(5, lang)))
    sample.golden(f"mails/digest-{lang}.txt", f"Subject: {mail.subject}\n\n{mail.text}")
    sample.golden(f"mails/digest-{lang}.html", mail.html)


def test_the_same_digest_gives_the_same_mail() -> None:
    again = Letters(environment([sample.TEMPLATES]), SITE, sample.VOCABULARY)
    assert LETTERS.digest(sample.digest(5)) == again.digest(sample.digest(5))


# Subjects


def test_a_subject_says_what_happened_and_how_many_more() -> None:
    title = sample.item(0).title
    assert LETTERS.digest(sample.digest(1)).subject == title
    assert LETTERS.digest(sample.digest(2)).subject == f"{title}, and 1 more"
    assert LETTERS.digest(sample.digest(5)).subject == f"{title}, and 4 more"


def test_a_mail_leads_with_an_item_in_its_own_language_where_there_is_one() -> None:
    assert [sample.item(n).lang for n in (0, 1)] == ["en", "es"]
    assert LETTERS.digest(sample.digest(1, "es")).subject == sample.item(0).title
    assert LETTERS.digest(sample.digest(5, "es")).subject == f"{sample.item(1).title}, y 4 más"


def test_a_mail_leads_with_what_fits_most_of_the_wishes_then_with_the_newest() -> None:
    digest = long_digest(3, "Plain")
    group = digest.groups[0]
    old, new, asked = group.entries
    newer = replace(new, item=replace(new.item, date_on=new.item.date_on + timedelta(days=1), title="Newer"))
    wanted = replace(asked, reason=Reason(countries=("pa",), topics=("health",)))
    wanted = replace(wanted, item=replace(wanted.item, title="Wanted"))
    assert LETTERS.digest(replace(digest, groups=(replace(group, entries=(old, newer)),))).subject.startswith(
        "Newer"
    )
    mail = LETTERS.digest(replace(digest, groups=(replace(group, entries=(old, newer, wanted)),)))
    assert mail.subject == "Wanted, and 2 more"
    assert mail.text.index("1. Wanted") < mail.text.index("2. Plain")


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
    shared = LETTERS.digest(with_first(sample.digest(1), title=title))
    for subject in (shared.subject, own(shared, title[:10]).subject):
        bad = r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\u200e\u200f]"
        assert not re.search(bad, subject)
        assert "  " not in subject


def test_a_long_headline_gives_way_at_a_word_never_the_number_of_the_others() -> None:
    mail = LETTERS.digest(with_first(sample.digest(2), title="word " * 99))
    assert len(mail.subject) <= 80
    assert mail.subject.endswith("word…, and 1 more")


def test_a_short_name_of_a_subscription_goes_in_front_where_all_fits_and_stands_over_the_mail() -> None:
    shared = LETTERS.digest(with_first(sample.digest(3), title="Harbour opens"))
    named = own(shared, "Ports & <ships>")
    assert named.subject == "Ports & <ships>: Harbour opens, and 2 more"
    assert named.text.startswith("Ports & <ships>\n===============\n")
    assert "Ports &amp; &lt;ships&gt;<br>" in named.html
    assert own(shared, "A name of more than 24 letters").subject == "Harbour opens, and 2 more"
    assert own(shared, "A name of more than 24 letters").text.startswith("A name of more than 24 letters\n=")
    full = LETTERS.digest(with_first(sample.digest(1), title="x" * 75))
    assert own(full, "Ports").subject == "x" * 75


def test_without_a_name_the_filters_stand_over_the_mail() -> None:
    assert LETTERS.digest(sample.digest(4, filters=PANAMA)).heading == "Panama"
    assert LETTERS.digest(sample.digest(4, filters=EVERYTHING)).heading == "All news"
    both = (Filter(countries=("hn", "pa"), topics=("health",)),)
    assert LETTERS.digest(sample.digest(4, filters=both)).heading == "Health: Honduras and Panama"
    many = tuple(Filter(words=(f"word number {n}",)) for n in range(9))
    assert LETTERS.digest(sample.digest(4, filters=many)).heading == "Your subscriptions"


# Personal links


def test_each_slot_stands_in_its_own_link_in_both_parts() -> None:
    shared = LETTERS.digest(sample.digest(4))
    for path, slot in (("unsubscribe", TOKEN_SLOT), ("change", links.CHANGE), ("pause", links.PAUSE)):
        link = f"https://news.example.org/{path}/{slot}"
        assert (shared.text.count(link), shared.text.count(slot)) == (1, 1)
        assert (shared.html.count(link), shared.html.count(slot)) == (1, 1)
    assert not set(links.SLOTS) & set(shared.subject + shared.heading)


def test_a_personal_mail_has_its_tokens_and_no_slot_left() -> None:
    mail = own(LETTERS.digest(sample.digest(4)))
    for path in (f"unsubscribe/{TOKEN}", f"change/{TOKEN}c", f"pause/{TOKEN}p", "digests/page-of-this/"):
        assert f"https://news.example.org/{path}\n" in mail.text
        assert f'href="https://news.example.org/{path}"' in mail.html
    assert not set(links.SLOTS) & set(mail.text + mail.html)


def test_a_digest_of_before_there_were_pages_and_headings_is_finished_as_it_stands() -> None:
    old = RenderedDigest(subject="[Site] 4 new", text=f"Leave: {TOKEN_SLOT}\n", html=f"<p>{TOKEN_SLOT}</p>")
    mail = own(old)
    assert (mail.subject, mail.text, mail.html) == ("[Site] 4 new", f"Leave: {TOKEN}\n", f"<p>{TOKEN}</p>")


@pytest.mark.parametrize("slot", links.SLOTS)
@pytest.mark.parametrize("field", ["title", "summary"])
def test_an_item_that_smuggles_a_slot_in_is_refused(field: str, slot: str) -> None:
    with pytest.raises(MailError):
        LETTERS.digest(with_first(sample.digest(4), **{field: f"look {slot} here"}))


@pytest.mark.parametrize("token", ["", "a b", 'x"><script>', "a\nb", "a/b", TOKEN_SLOT, "x" * 201])
def test_a_token_that_is_not_url_safe_is_refused(token: str) -> None:
    with pytest.raises(MailError):
        own(RenderedDigest(subject="", text="", html=""), token=token)


def test_a_template_without_unsubscribe_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "email/digest").mkdir(parents=True)
    (tmp_path / "email/digest/body.txt").write_text("Only news.\n")
    broken = Letters(environment([str(tmp_path), sample.TEMPLATES]), SITE, sample.VOCABULARY)
    with pytest.raises(MailError, match="text part"):
        broken.digest(sample.digest(1))


def test_an_operators_template_wins_over_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "email/_base").mkdir(parents=True)
    (tmp_path / "email/_base/foot.txt").write_text("Our own foot")
    theirs = Letters(environment([str(tmp_path), sample.TEMPLATES]), SITE, sample.VOCABULARY)
    assert theirs.digest(sample.digest(4)).text.endswith("Our own foot\n")


# Both parts


def test_both_parts_hold_every_item_once_the_leading_one_first_the_rest_in_order() -> None:
    digest = sample.digest(20)
    mail = LETTERS.digest(digest)
    link = re.compile(r"https://news\.example\.org/items/(\w+)/")
    first, *rest = link.findall(mail.text)
    assert link.findall(mail.html) == [first, *rest]
    ids = [entry.item.id for entry in digest.entries()]
    assert rest == [each for each in ids if each != first]
    assert len(ids) == len(rest) + 1


def test_the_text_part_keeps_to_76_columns_but_never_breaks_an_address() -> None:
    mail = own(LETTERS.digest(sample.digest(20)), token="t" * 90)
    long = [line for line in mail.text.splitlines() if len(line) > 76]
    assert [line for line in long if "https://" not in line] == []
    assert f"  https://news.example.org/unsubscribe/{'t' * 90}" in long


def test_contents_come_first_from_eight_items_up() -> None:
    assert "In this mail" in LETTERS.digest(sample.digest(8)).html
    assert "In this mail: " in LETTERS.digest(sample.digest(8)).text
    assert "In this mail" not in LETTERS.digest(sample.digest(7)).html


def test_a_group_says_how_many_it_has_beside_the_one_that_leads() -> None:
    entries = tuple(
        replace(e, reason=Reason(countries=("pa",))) for e in long_digest(3, "T").groups[0].entries
    )
    panama = DigestGroup(kind=Kind.COUNTRY, code="pa", entries=entries)
    honduras = DigestGroup(kind=Kind.COUNTRY, code="hn", entries=entries[:1])
    html = LETTERS.digest(replace(sample.digest(1), groups=(panama,))).html
    assert ">2 more<" in html
    other = replace(honduras.entries[0], item=replace(honduras.entries[0].item, id="other"))
    html = LETTERS.digest(
        replace(sample.digest(1), groups=(panama, replace(honduras, entries=(other,))))
    ).html
    assert ">1 item<" in html


def test_what_stands_in_the_heading_is_not_said_again_at_the_item() -> None:
    both = Label(kind=Kind.COUNTRY, code="hn", strength=Strength.ABOUT, evidence=())
    item = replace(sample.item(0), id="b", labels=(*sample.item(0).labels, both), lang="es")
    lead, under = (DigestEntry(item=one, reason=Reason(countries=("pa",) * n))
                   for one, n in ((sample.item(0), 2), (item, 1)))  # fmt: skip
    group = DigestGroup(kind=Kind.COUNTRY, code="pa", entries=(lead, under))
    text = LETTERS.digest(replace(sample.digest(1), groups=(group,))).text
    assert "18 November · Panama · Labour migration\n" in text
    assert "18 November · also on Honduras · Labour migration · in Spanish\n" in text


def test_an_item_says_why_it_came_only_where_the_first_wish_does_not() -> None:
    mail = LETTERS.digest(sample.digest(4))
    assert mail.text.count("Included because you follow Mexico, about labour migration.") == 1
    assert mail.html.count("Included because you follow") == 1
    alone = LETTERS.digest(sample.digest(4, filters=EVERYTHING))
    assert "Included because" not in alone.text + alone.html
    assert "because you follow everything." in alone.text


def test_a_single_item_at_once_is_the_mail_its_title_the_heading() -> None:
    mail = own(LETTERS.digest(sample.digest(1, cadence=Cadence.IMMEDIATE)), "My ports")
    tags = [tag for tag, _ in Tags(mail.html).tags if re.fullmatch(r"h\d", tag)]
    assert tags == ["h1", "h2"]  # the title, and the foot
    assert mail.text.startswith(f"{sample.item(0).title}\n====")
    assert "The full text:\n  https://news.example.org/items/" in mail.text
    assert "Read the full text" in mail.html
    assert "My ports" in mail.text


@pytest.mark.parametrize(("place", "limit"), [(0, 420), (1, 320)])
def test_summaries_are_cut_the_leading_one_later(place: int, limit: int) -> None:
    mail = LETTERS.digest(long_digest(5, "T", "word " * 200))
    shown = re.findall(r"(?:word\s+)+word…", mail.text)
    assert len(shown) == 5
    assert limit - 10 < len(" ".join(shown[place].split())) <= limit


def test_the_same_news_are_offered_as_a_feed_for_each_of_the_first_three_filters() -> None:
    one = LETTERS.digest(sample.digest(4, filters=PANAMA))
    assert "https://news.example.org/feeds/country/pa.atom" in one.text
    assert "/feeds/all.atom" in LETTERS.digest(sample.digest(4, filters=EVERYTHING)).text
    both = LETTERS.digest(sample.digest(4, filters=(Filter(countries=("pa",), topics=("health",)),)))
    assert "https://news.example.org/filter.atom?country=pa&amp;topic=health" in both.html
    assert "https://news.example.org/filter.atom?country=pa&topic=health" in both.text
    many = LETTERS.digest(sample.digest(4, filters=tuple(Filter(words=(f"w{n}",)) for n in range(5))))
    assert many.text.count("/filter.atom") == 3


def test_who_gets_it_forwarded_is_offered_the_same() -> None:
    assert (
        "https://news.example.org/subscribe?country=pa"
        in LETTERS.digest(sample.digest(4, filters=PANAMA)).text
    )


def test_a_week_is_told_as_a_range_of_days_and_a_day_by_its_name() -> None:
    weekly = LETTERS.digest(sample.digest(4, cadence=Cadence.WEEKLY))
    assert "11–18 November 2026 · " in weekly.text
    assert "It comes every " in weekly.html
    assert "Wednesday 18 November 2026 · " in LETTERS.digest(sample.digest(4)).text
    assert "Miércoles 18 de noviembre de 2026 · " in LETTERS.digest(sample.digest(4, "es")).text


def test_the_day_is_that_of_the_readers_zone() -> None:
    digest = sample.digest(4)
    late = replace(digest, audience=replace(digest.audience, zone="Pacific/Kiritimati"))
    assert "Thursday 19 November 2026" in LETTERS.digest(late).text
    unknown = replace(digest, audience=replace(digest.audience, zone="Nowhere/Land"))
    assert "Wednesday 18 November 2026" in LETTERS.digest(unknown).text


def test_the_first_weekly_digest_does_not_claim_years() -> None:
    digest = sample.digest(4, cadence=Cadence.WEEKLY)
    first = replace(digest, since_at=digest.since_at - timedelta(days=9000))
    assert "11–18 November 2026" in LETTERS.digest(first).text


def test_news_without_a_country_alone_needs_no_heading() -> None:
    mail = LETTERS.digest(long_digest(2, "T"))
    assert "OTHER NEWS" not in mail.text
    tags = [tag for tag, _ in Tags(mail.html).tags if re.fullmatch(r"h\d", tag)]
    assert tags == ["h1", "h2", "h3", "h2"]


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
    assert [one.get("lang") for one in tags.all("h3")] == ["es", None, None]  # the mail's own needs no word
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


def test_beyond_twelve_items_the_rest_are_headlines_and_then_a_number() -> None:
    html = LETTERS.digest(long_digest(MOST_CARDS + MOST_HEADLINES + 5, "Short")).html
    tags = Tags(html)
    assert len(tags.all("h3")) == MOST_CARDS - 1
    assert len(tags.all("li")) == MOST_HEADLINES + len(sample.digest(1).audience.filters)
    assert ">5 more on the web<" in html


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
        ("Feedback-ID", "digest:a8f82ad81a96"),
        ("Precedence", "bulk"),
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


def test_where_mails_to_leave_are_read_they_go_there_and_not_to_the_contact() -> None:
    lines = dict(list_headers(SITE, TOKEN, "d.example.org", "bounces+unsubscribe@example.org"))
    assert lines["List-Unsubscribe"].endswith(
        f", <mailto:bounces+unsubscribe@example.org?subject=unsubscribe%20{TOKEN}>"
    )
    assert lines["List-Help"] == "<mailto:press@example.org?subject=help>"


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


def test_the_postal_address_stands_at_the_foot_of_both_parts_if_there_is_one() -> None:
    where = "Avenida Balboa 12, Panama"
    made = Letters(ENVIRONMENT, replace(SITE, address=where), sample.VOCABULARY)
    mail = made.digest(sample.digest(3))
    assert mail.text.count(where) == mail.html.count(where) == 1
    receipt = made.receipt_mail(sample.mixed_receipt(), "en", "inbox.receipts_to")
    assert receipt.text.count(where) == receipt.html.count(where) == 1
    bare = LETTERS.digest(sample.digest(3))
    assert "\n\n\n\n" not in bare.text.rpartition("----")[2]
