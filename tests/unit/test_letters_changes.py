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
OFFICE = "[Regional Office for Mobility] "
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


def heading(rendered: RenderedDigest) -> str:
    found = re.search(r"<h1[^>]*>([^<]*)</h1>", rendered.html)
    assert found
    return found[1]


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize(("name", "count"), [("changes", 3), ("only-changes", 0)])
def test_digests_with_changes_read_as_accepted(lang: str, name: str, count: int) -> None:
    letters = Letters(ENVIRONMENT, sample.site(lang), sample.VOCABULARY)
    made = letters.digest(sample.changed_digest(count, *CHANGES, lang=lang))
    made = letters.personal(made, token="Zt5-m7_xA2")
    sample.golden(f"mails/digest-{name}-{lang}.txt", f"Subject: {made.subject}\n\n{made.text}")
    sample.golden(f"mails/digest-{name}-{lang}.html", made.html)


# Subject, heading, preheader


@pytest.mark.parametrize(
    ("count", "changes", "subject"),
    [
        (0, CHANGES[:1], f"Corrected: {sample.item(1).title}"),
        (0, CHANGES[2:], f"Withdrawn: {sample.item(4).title}"),
        (0, CHANGES[:2], "2 corrections – 20 Nov 2026"),
        (0, CHANGES, "2 corrections, 1 withdrawn – 20 Nov 2026"),
        (0, (sample.withdrawn(1), sample.withdrawn(2)), "2 withdrawn – 20 Nov 2026"),
        (1, CHANGES[:1], "1 new, 1 correction: Panama – 20 Nov 2026"),
        (4, CHANGES, "4 new, 2 corrections, 1 withdrawn: Panama, Honduras, Mexico – 20 Nov 2026"),
        (1, (), sample.item(0).title),
    ],
)
def test_a_subject_counts_what_is_new_and_what_changed_apart(
    count: int, changes: tuple[Correction, ...], subject: str
) -> None:
    assert mail(count, *changes).subject == OFFICE + subject


def test_subjects_of_changes_are_spanish_in_a_spanish_digest() -> None:
    letters = Letters(ENVIRONMENT, sample.site("es"), sample.VOCABULARY)

    def subject(*changes: Correction) -> str:
        made = letters.digest(sample.changed_digest(0, *changes, lang="es"))
        return made.subject.removeprefix("[Oficina Regional de Movilidad] ")

    assert subject(CHANGES[0]) == f"Corregido: {sample.item(1).title}"
    assert subject(CHANGES[2]) == f"Retirado: {sample.item(4).title}"
    assert subject(*CHANGES) == "2 correcciones, 1 retirada – 20 nov 2026"


def test_a_mail_without_news_never_speaks_of_new_items() -> None:
    for changes in (CHANGES, CHANGES[:1], CHANGES[2:]):
        made = mail(0, *changes)
        assert not re.search(r"\b(0|1) new\b|new items", made.subject + made.text + made.html)
        assert "Also new" not in made.html


def test_the_heading_of_both_parts_counts_new_items_and_changes_apart() -> None:
    assert heading(mail(4, *CHANGES)) == "4 new items, 2 corrections and 1 withdrawn item"
    assert heading(mail(0, *CHANGES)) == "2 corrections and 1 withdrawn item"
    assert heading(mail(4)) == "4 new items"
    assert "20 November 2026 · 2 corrections and 1 withdrawn item\n" in mail(0, *CHANGES).text


def test_a_mail_at_once_says_what_has_just_been_done() -> None:
    first = Cadence.IMMEDIATE
    assert "\nJust corrected · " in mail(0, *CHANGES, cadence=first).text
    assert "\nJust withdrawn · " in mail(0, CHANGES[2], cadence=first).text
    assert "\nJust published · " in mail(1, *CHANGES, cadence=first).text
    assert "\nDaily update · " in mail(0, CHANGES[2]).text


def test_the_line_beside_the_subject_tells_what_the_subject_does_not() -> None:
    assert preheader(mail(0, CHANGES[2])) == f"The office took this item back on 20 November 2026. {WHY}"
    assert preheader(mail(0, CHANGES[0])) == "On 20 November 2026 the title and the text were corrected."
    assert preheader(mail(0, *CHANGES)).startswith(f"Withdrawn: {sample.item(4).title} / Corrected: ")
    assert preheader(mail(3, *CHANGES)).startswith(sample.item(0).title)


# Cards


def test_a_correction_is_told_with_link_date_what_changed_and_the_offices_reason() -> None:
    made = mail(0, *CHANGES[:2])
    link = "https://news.example.org/items/k3vq0001zt5m7xa2/"
    assert made.text.count(link) == made.html.count(f'href="{link}"') == 1
    for part in map(told, (made.text, made.html)):
        assert "On 20 November 2026 the title and the text were corrected." in part
        assert "On 20 November 2026 the date was corrected." in part
        assert "Reason: The guide came out on 13 November, not on 3 November." in part
        assert part.count("Reason:") == 1
        assert "You are told because these items were sent to you before." in part
        assert "Withdrawn" not in part
        assert "WITHDRAWN" not in part


def test_a_withdrawn_item_is_named_but_neither_linked_nor_quoted() -> None:
    gone = sample.withdrawn(0, "A mistake")
    made = mail(0, gone)
    for part in map(told, (made.text, made.html)):
        assert gone.item.title in part
        assert "The office took this item back on 20 November 2026." in part
        assert "Reason: A mistake" in part
        assert "/items/" not in part
        assert "coffee harvest" not in part
        assert "orrected" not in part


def test_changes_come_after_what_is_new_the_corrected_first() -> None:
    made = mail(4, *reversed(CHANGES))
    for part, sections in (
        (made.text, ("OTHER NEWS", "CORRECTED", "WITHDRAWN", "You asked")),
        (made.html, (">Other news<", 'id="corrected"', 'id="withdrawn"', "You asked")),
    ):
        places = [part.index(section) for section in sections]
        assert places == sorted(places)


def test_the_list_at_the_top_leads_to_the_changes() -> None:
    html = mail(4, *CHANGES).html
    assert 'href="#corrected"' in html
    assert 'href="#withdrawn"' in html
    assert 'href="#withdrawn"' not in mail(4, *CHANGES[:2]).html
    assert 'href="#corrected"' not in mail(0, *CHANGES).html


def test_the_day_of_a_change_is_that_of_the_readers_zone() -> None:
    digest = sample.changed_digest(0, *CHANGES)
    east = replace(digest, audience=replace(digest.audience, zone="Pacific/Kiritimati"))
    text = LETTERS.digest(east).text
    assert "On 21 November 2026 the date was corrected." in text
    assert "took this item back on 21 November 2026." in text


@pytest.mark.parametrize("kind", [ChangeKind.CORRECTED, ChangeKind.RELABELLED])
def test_a_change_that_names_no_known_field_is_told_with_its_day_alone(kind: ChangeKind) -> None:
    change = replace(sample.corrected(0, "mystery"), kind=kind)
    assert "\n   Corrected on 20 November 2026.\n" in mail(0, change).text


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
        shown = len(re.findall("the title was corrected|took this item back", told(part)))
        rest = re.search(r"(\d+) more items? (?:was|were) corrected or withdrawn", told(part))
        assert 0 < shown <= MOST_CHANGES
        assert shown + int(rest[1] if rest else 0) == changes
    items = len(re.findall(r'href="https://news\.example\.org/items/k3vq', made.html))
    more = re.search(r">(\d+) more on the web<", made.html)
    assert items + int(more[1] if more else 0) == new


def test_of_too_many_changes_the_withdrawn_are_kept() -> None:
    many = [sample.corrected(n, "title") for n in range(MOST_CHANGES)]
    made = mail(0, *many, sample.withdrawn(0), sample.withdrawn(1))
    assert made.text.count("took this item back") == 2
    assert "\n2 more items were corrected or withdrawn.\n" in made.text
    assert "\n1 more item was corrected or withdrawn.\n" in mail(0, *many, sample.withdrawn(0)).text


def test_lines_with_changes_keep_to_76_columns() -> None:
    reason = sample.corrected(0, "title", "summary", "date", reason="word " * 60)
    long = [line for line in mail(4, reason, *CHANGES).text.splitlines() if len(line) > 76]
    assert [line for line in long if "https://" not in line] == []
