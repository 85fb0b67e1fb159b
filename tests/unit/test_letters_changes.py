"""Corrections and withdrawals in a digest: told in words, counted apart, never cut without a word."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from feeds.errors import MailError
from feeds.letters import TOKEN_SLOT, Letters
from feeds.letters.changes import MOST_CHANGES
from feeds.letters.fitting import HTML_BUDGET
from feeds.model import Cadence, ChangeKind, Correction, RenderedDigest
from feeds.templating import environment
from golden.pages import sample

ENVIRONMENT = environment([sample.TEMPLATES])
LETTERS = Letters(ENVIRONMENT, sample.site(), sample.VOCABULARY)
WHY = "It was sent out before the map was ready."
CHANGES = (
    sample.corrected(1, "summary", "title"),
    sample.corrected(3, "date", reason="The guide came out on 13 November, not on 3 November."),
    sample.withdrawn(4, WHY),
)


def mail(count: int, *corrections: Correction, cadence: Cadence = Cadence.DAILY) -> RenderedDigest:
    return LETTERS.digest(sample.changed_digest(count, *corrections, cadence=cadence))


def told(part: str) -> str:
    """Words as they are read, whatever their lines."""
    return " ".join(part.split())


def preheader(rendered: RenderedDigest) -> str:
    found = re.search(r'class="preheader"[^>]*>([^<\u034f&]*)', rendered.html)
    assert found
    return found[1].strip()


def subject(count: int, *changes: Correction) -> str:
    return mail(count, *changes).subject


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize(("name", "count"), [("changes", 3), ("only-changes", 0)])
def test_digests_with_changes_read_as_accepted(lang: str, name: str, count: int) -> None:
    letters = Letters(ENVIRONMENT, sample.site(lang), sample.VOCABULARY)
    shared = letters.digest(sample.changed_digest(count, *CHANGES, lang=lang))
    made = letters.personal(
        shared, unsubscribe="Zt5-m7_xA2", change="Zt5-m7_xA3", pause="Zt5-m7_xA4", page="page-of-this"
    )
    sample.golden(f"mails/digest-{name}-{lang}.txt", f"Subject: {made.subject}\n\n{made.text}")
    sample.golden(f"mails/digest-{name}-{lang}.html", made.html)


# Subject, preheader


def test_a_subject_counts_changes_after_what_is_new() -> None:
    one = with_title(sample.corrected(1, "summary"), "Farms inspected")
    two = with_title(sample.withdrawn(4, WHY), "Visa dropped")
    assert subject(0, one) == "Corrected: Farms inspected"
    assert subject(0, two) == "Withdrawn: Visa dropped"
    assert subject(0, one, two) == "Withdrawn: Visa dropped, and 1 more"
    assert subject(1, one) == f"{sample.item(0).title}; 1 correction"
    assert subject(4, one, one, two).endswith("…, and 3 more; 2 corrections, 1 withdrawal")
    assert len(subject(4, one, one, two)) <= 80
    assert ";" not in subject(4)


def with_title(one: Correction, title: str) -> Correction:
    return replace(one, item=replace(one.item, title=title))


def test_subjects_of_changes_are_spanish_in_a_spanish_digest() -> None:
    letters = Letters(ENVIRONMENT, sample.site("es"), sample.VOCABULARY)

    def said(count: int, *changes: Correction) -> str:
        return letters.digest(sample.changed_digest(count, *changes, lang="es")).subject

    assert said(0, with_title(CHANGES[0], "Puerto")) == "Corregida: Puerto"
    assert said(0, with_title(CHANGES[2], "Puerto")) == "Retirada: Puerto"
    assert said(2, *CHANGES).endswith(", y 1 más; 2 correcciones, 1 retirada")


def test_the_head_of_a_mail_with_news_says_what_stands_at_the_end() -> None:
    said = "At the end: 2 corrections and 1 withdrawal of news that we sent you."
    for part in (mail(4, *CHANGES).text, mail(4, *CHANGES).html):
        assert said in told(part)
    assert "At the end" not in mail(0, *CHANGES).text + mail(4).text


def test_the_line_beside_the_subject_tells_changes_first_and_never_what_the_subject_says() -> None:
    assert preheader(mail(0, CHANGES[2])) == ""
    assert preheader(mail(0, *CHANGES)).startswith(f"Corrected: {sample.item(1).title}")
    assert preheader(mail(3, *CHANGES)).startswith(f"Withdrawn: {sample.item(4).title} · Corrected: ")
    assert preheader(mail(3)).startswith(sample.item(1).title)


# Cards


def test_a_correction_shows_what_was_said_and_what_is_said_the_changed_words_marked() -> None:
    made = mail(0, *CHANGES[:2])
    link = "https://news.example.org/items/k3vq0001zt5m7xa2/"
    assert made.text.count(link) == made.html.count(f'href="{link}"') == 1
    for part in map(told, (made.text, made.html)):
        assert "Corrected on 20 November, " in part
        assert "Reason: The guide came out on 13 November, not on 3 November." in part
        assert part.count("Reason:") == 1
        assert "You are told because these items were sent to you before." in part
        assert "Withdrawn" not in part
    assert "   Was: 3 November 2026\n   Now: 13 November 2026\n" in made.text
    assert re.search(r"<del[^>]*>3 November 2026</del>", made.html)
    assert re.search(r"<ins[^>]*>13 November 2026</ins>", made.html)
    assert re.search(r"<del[^>]*>Wrong:</del> Honduras", made.html)


def test_a_correction_of_the_link_alone_is_told_in_words() -> None:
    assert "\n   The link was corrected.\n" in mail(0, sample.corrected(0, "link")).text


def test_a_withdrawn_item_is_named_but_neither_linked_nor_quoted() -> None:
    gone = sample.withdrawn(0, "A mistake")
    made = mail(0, gone)
    for part in map(told, (made.text, made.html)):
        assert gone.item.title in part
        assert "Withdrawn on 20 November, " in part
        assert "Please do not use this item." in part
        assert "Reason: A mistake" in part
        assert "/items/" not in part
        assert "coffee harvest" not in part


def test_changes_come_after_what_is_new() -> None:
    made = mail(4, *reversed(CHANGES))
    for part, sections in (
        (made.text, ("OTHER NEWS", "CORRECTED AND WITHDRAWN", "YOUR SUBSCRIPTION")),
        (made.html, (">Other news ", ">Corrected and withdrawn<", ">Your subscription<")),
    ):
        places = [part.index(section) for section in sections]
        assert places == sorted(places)


def test_the_day_of_a_change_is_that_of_the_readers_zone() -> None:
    digest = sample.changed_digest(0, *CHANGES)
    east = replace(digest, audience=replace(digest.audience, zone="Pacific/Kiritimati"))
    text = LETTERS.digest(east).text
    assert "Corrected on 21 November, " in text
    assert "Withdrawn on 21 November, " in text


@pytest.mark.parametrize("kind", [ChangeKind.CORRECTED, ChangeKind.RELABELLED])
def test_a_change_that_names_no_known_field_is_told_with_its_day_alone(kind: ChangeKind) -> None:
    change = replace(sample.corrected(0, "mystery"), kind=kind)
    text = mail(0, change).text
    assert "Corrected on 20 November, " in text
    assert "Was:" not in text
    assert "corrected." not in text


def test_without_changes_a_mail_says_nothing_of_them() -> None:
    made = mail(4)
    assert not re.search("orrected|ithdrawn|You are told", made.text + made.html)


# Safety and size


def test_markup_in_a_reason_is_shown_not_obeyed_and_keeps_to_its_line() -> None:
    hostile = "<script>alert(1)</script> {{ 7*7 }} %(x)s\nSubject: x\u202e"
    made = mail(0, sample.withdrawn(0, hostile), sample.corrected(1, "title", reason=hostile))
    assert "<script" not in made.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }} %(x)s Subject: x" in made.html
    assert "\nSubject:" not in made.text
    assert "\u202e" not in made.text + made.html


@pytest.mark.parametrize("make", [sample.withdrawn, lambda n, reason: sample.corrected(n, reason=reason)])
def test_a_reason_that_smuggles_the_slot_in_is_refused(make: object) -> None:
    with pytest.raises(MailError):
        mail(0, make(0, reason=f"look {TOKEN_SLOT} here"))  # type: ignore[operator]


@pytest.mark.parametrize(
    ("new", "changes", "sign"), [(200, 400, "A"), (4, 60, "&"), (0, 60, "ñ"), (200, 30, "'"), (9, 2, "&")]
)
def test_the_html_stays_under_the_limit_and_accounts_for_every_item_and_change(
    new: int, changes: int, sign: str
) -> None:
    def named(one: Correction, n: int) -> Correction:
        return replace(one, item=replace(one.item, id=f"c{n}", title=sign * 500), reason=sign * 900)

    many = [named(sample.withdrawn(0) if n % 2 else sample.corrected(0, "title"), n) for n in range(changes)]
    made = mail(new, *many)
    assert len(made.html.encode()) <= HTML_BUDGET < 90_000
    for part in (made.html, made.text):
        shown = len(re.findall("(?:Corrected|Withdrawn) on 20 November", told(part)))
        rest = re.search(r"(\d+) more items? (?:was|were) corrected or withdrawn", told(part))
        assert 0 < shown <= MOST_CHANGES
        assert shown + int(rest[1] if rest else 0) == changes
    items = len(re.findall(r'href="https://news\.example\.org/items/k3vq', made.html))
    more = re.search(r">(\d+) more on the web<", made.html)
    assert items + int(more[1] if more else 0) == new


def test_of_too_many_changes_the_withdrawn_are_kept() -> None:
    many = [sample.corrected(n, "title") for n in range(MOST_CHANGES)]
    made = mail(0, *many, sample.withdrawn(0), sample.withdrawn(1))
    assert made.text.count("Withdrawn on ") == 2
    assert "\n2 more items were corrected or withdrawn.\n" in made.text
    assert "\n1 more item was corrected or withdrawn.\n" in mail(0, *many, sample.withdrawn(0)).text


def test_lines_with_changes_keep_to_76_columns() -> None:
    reason = sample.corrected(0, "title", "summary", "date", reason="word " * 60)
    long = [line for line in mail(4, reason, *CHANGES).text.splitlines() if len(line) > 76]
    assert [line for line in long if "https://" not in line] == []
