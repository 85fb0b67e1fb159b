"""What its own text, or the head over one item of several, says is not for publication is not read (F1)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from feeds.errors import BulletinError
from feeds.model import Bulletin
from feeds.reading import ReadingOptions, read

SECRET = "Nobody may read this yet."
ITEM = "25 November, 2026\n\n{line}\n\nFerry starts again\n\n" + SECRET + "\n"


def _read(text: str, name: str = "a.txt") -> Bulletin:
    return read(name, text.encode(), ReadingOptions())


def _codes(bulletin: Bulletin) -> list[tuple[str, int | None]]:
    return [(fault.code, fault.line) for fault in bulletin.faults]


@pytest.mark.parametrize(
    "line",
    [
        "Status: draft", ":status: draft", "Estado: borrador", "Visibility: private", "Draft: yes",
        "Published: no",
        "NOT FOR PUBLICATION", "*** Not yet for publication ***", "DRAFT - DO NOT PUBLISH", "[Draft]",
        "Confidential",
        "Not for release until Monday", "Embargoed until the minister has spoken", "BORRADOR – NO PUBLICAR",
        "Ne pas diffuser", "Não divulgar", "Nicht zur Veröffentlichung", "Internal use only",
        "Top secret", "Secret", "Reservado", "Private and confidential", "Official-Sensitive",
        "Do not forward",
        "Not for onward distribution", "For internal distribution only", "*** INTERNAL - DO NOT FORWARD ***",
        "Solo para uso interno", "De circulación restringida", "Diffusion restreinte", "Ne pas transmettre",
        "Não encaminhar", "Só para uso interno", "Nicht weiterleiten", "VS-Nur für den Dienstgebrauch",
        "Classification: restricted", "Clasificación: reservada", "Distribution: interne", "Approved: no",
        "[Note to editors: not for publication: the mayor is ill]", "Note: not for publication",
        "Not for publication: call Luis on 555 0100", "(No publicar) El alcalde está enfermo",
        "Nota interna, no publicar: el alcalde está enfermo",
    ],
)  # fmt: skip
def test_a_line_near_the_top_keeps_its_item_out(line: str) -> None:
    bulletin = _read("26 November, 2026\n\nSchool opens\n\nAt seven.\n\n" + ITEM.format(line=line))
    assert [draft.title for draft in bulletin.drafts] == ["School opens"]
    assert ("item-not-for-publication", 7) in _codes(bulletin)
    assert SECRET not in str(bulletin.drafts)


@pytest.mark.parametrize(
    "line",
    [
        "Status: open", "State: Chiapas", "Draft law on fisheries", "Draft: beer",
        "A confidential talk with voters",
        "Not for release, publication or distribution in the United States", "Embargo on arms is lifted",
        "Private: the last of the islands", "The board decided not to publish the list",
        "Secret gardens open on Sunday", "Restricted area grows", "Do not share needles, clinic says",
        "Classification: football league", "Distribution: 400 parcels", "Approved: new bus line",
        "Internal market grows", "Not for distribution in the United States", "Do not publish and be damned",
        "Note on a publication: ferry times", "Do not share: a campaign against rumours",
    ],
)  # fmt: skip
def test_words_that_only_sound_so_keep_nothing_out(line: str) -> None:
    bulletin = _read(ITEM.format(line=line))
    assert [draft.title for draft in bulletin.drafts] == [line]
    assert bulletin.not_before is None


@pytest.mark.parametrize("title", [
    "DRAFT: Ferry starts", "[Draft] Ferry starts", "EMBARGOED - Ferry starts",
    "Ferry starts (DRAFT)", "Ferry starts [draft]", "Ferry starts - BORRADOR", "Ferry starts | CONFIDENTIAL",
    "Ferry starts – not for publication", "Ferry starts: do not publish",
    "Ferry starts - borrador no publicar",
    "Ferry starts - do not publish before Monday", "Ferry starts (EMBARGOED UNTIL NOON)",
])  # fmt: skip
def test_a_title_that_begins_or_ends_so_keeps_its_item_out(title: str) -> None:
    for name, text in (
        ("a.txt", f"25 November, 2026\n\n{title}\n\n{SECRET}\n"),
        ("a.md", f'---\ntitle: "{title}"\ndate: 2026-11-25\n---\n\n{SECRET}\n'),
        ("a.html", f"<h1>{title}</h1><p>25 November 2026</p><p>{SECRET}</p>"),
    ):
        bulletin = _read(text, name)
        assert not bulletin.drafts
        assert [code for code, _ in _codes(bulletin)] == ["item-not-for-publication"]


def test_far_down_such_words_are_part_of_the_news() -> None:
    lines = "\n\n".join(f"Paragraph {number}." for number in range(5))
    (draft,) = _read(f"25 November, 2026\n\nTitle\n\n{lines}\n\nConfidential\n\nThe end.\n").drafts
    assert "Confidential" in draft.summary
    assert not _read(f"25 November, 2026\n\nTitle\n\n{lines[:-16]}\n\nConfidential\n\nThe end.\n").drafts


@pytest.mark.parametrize(
    "line",
    ["NOT FOR PUBLICATION", "*** Not for publication ***", "BORRADOR", "DRAFT", "- DRAFT - DO NOT PUBLISH -",
     "CONFIDENTIAL", "No publicar", "Embargoed until the minister has spoken", "EMBARGO",
     "Embargado hasta nuevo aviso", "Sperrfrist bis Montag", "BORRADOR v3", "DRAFT v2 - 24/11",
     "Documento de trabajo - no difundir", "PROJET - NE PAS PUBLIER", "MINUTA - NÃO PUBLICAR",
     "Not to be published",
     "Don't publish", "Please do not publish yet", "PARA USO INTERNO",
     "FOR INTERNAL USE", "USO INTERNO - CONFIDENCIAL", "TOP SECRET", "SECRET", "RESTRICTED", "CLASSIFIED",
     "FOR OFFICIAL USE ONLY", "OFFICIAL-SENSITIVE", "EYES ONLY", "DO NOT FORWARD", "Do not forward",
     "Not for further distribution", "INTERNAL - NOT FOR CIRCULATION", "No reenviar", "DIFFUSION RESTREINTE",
     "NUR FÜR DEN DIENSTGEBRAUCH", "NUR INTERN - NICHT WEITERGEBEN", "RESERVADO", "ALTO SECRETO",
     "[Note to the editor: not for publication yet: the mayor is ill]",
     "Not for publication: the mayor is ill",
     "NB: ne pas publier", "Contact (not for publication): Luis, 555 0100", "Luis [no publicar] lo dijo",
     "Embargoed for release Monday", "Embargoed for publication", "Não publicar: o presidente está doente"],
)  # fmt: skip
def test_far_down_a_line_that_says_so_plainly_keeps_its_item_out(line: str) -> None:
    lines = "\n\n".join(f"Paragraph {number}." for number in range(30))
    bulletin = _read(f"25 November, 2026\n\nTitle\n\n{lines}\n\n{line}\n\nThe end.\n\n"
                     "24 November, 2026\n\nSchool opens\n\nAt seven.\n")  # fmt: skip
    assert [draft.title for draft in bulletin.drafts] == ["School opens"]
    assert _codes(bulletin) == [("item-not-for-publication", 1)]


@pytest.mark.parametrize(
    "line",
    ["Draft", "Documento de trabajo", "No publication is perfect", "Working draft of the law",
     "The board decided not to publish the list.", "NOT FOR CHILDREN", "Draft law: see below",
     "Do not publish what you cannot prove, she said.", "Top secret", "Secret", "Restricted",
     "TOP SECRET FILES", "The list (not for publication yet, she said) is long", "Embargoed for years",
     "DO NOT USE", "Note to editors: photographs on request", "Note: the publication is late",
     "RESTRICTED AREA", "Do not share your password: the bank never asks for it."],
)  # fmt: skip
def test_far_down_what_may_be_prose_keeps_nothing_out(line: str) -> None:
    lines = "\n\n".join(f"Paragraph {number}." for number in range(30))
    (draft,) = _read(f"25 November, 2026\n\nTitle\n\n{lines}\n\n{line}\n\nThe end.\n").drafts
    assert line in draft.summary


def test_far_down_an_embargo_with_its_instant_holds_the_file_back() -> None:
    lines = "\n\n".join(f"Paragraph {number}." for number in range(30))
    bulletin = _read(
        f"25 November, 2026\n\nTitle\n\n{lines}\n\nEMBARGADO HASTA EL 30 DE NOVIEMBRE DE 2026\n\nEnd.\n"
    )
    assert bulletin.not_before is not None
    assert (bulletin.not_before.at.day, bulletin.not_before.line) == (30, 65)
    assert "EMBARGADO" not in bulletin.drafts[0].summary


@pytest.mark.parametrize(
    "tags",
    ["tags: [draft]", "tags: [ferry, Embargoed]", "categories:\n  - ferry\n  - drafts", "category: Borrador",
     "keywords: ferry, not for publication"],
)  # fmt: skip
def test_a_tag_that_says_so_keeps_the_file_out(tags: str) -> None:
    with pytest.raises(BulletinError) as caught:
        _read(f"---\ntitle: T\ndate: 2026-11-25\n{tags}\n---\n{SECRET}\n", "a.md")
    assert (caught.value.fault.code, caught.value.fault.line) == ("not-for-publication", 4)


@pytest.mark.parametrize(
    "tags", ["tags: [draft horses]", "tags: [embargo]", "tags: [private schools]", "tags:"]
)
def test_a_tag_that_names_a_subject_keeps_nothing_out(tags: str) -> None:
    assert _read(f"---\ntitle: T\ndate: 2026-11-25\n{tags}\n---\nText.\n", "a.md").drafts


def test_above_all_items_it_keeps_the_file_out() -> None:
    with pytest.raises(BulletinError) as caught:
        _read("NOT FOR PUBLICATION\n\n" + ITEM.format(line="Title"))
    assert (caught.value.fault.code, caught.value.fault.line) == ("not-for-publication", 1)


@pytest.mark.parametrize(
    ("line", "at"),
    [
        ("EMBARGOED UNTIL 30 November 2026, 10:00", datetime(2026, 11, 30, 10, tzinfo=UTC)),
        ("Embargo: 00:01 GMT, 1 December 2026", datetime(2026, 12, 1, 0, 1, tzinfo=UTC)),
        ("Embargado hasta el 30 de noviembre de 2026", datetime(2026, 11, 30, tzinfo=UTC)),
        ("Not for publication before 9 am EST on 2 December 2026", datetime(2026, 12, 2, 14, tzinfo=UTC)),
        ("Sous embargo jusqu'au 30 novembre 2026 à 10h", datetime(2026, 11, 30, 10, tzinfo=UTC)),
        ("UNDER EMBARGO UNTIL NOV 30, 2026 10AM ET", datetime(2026, 11, 30, 15, tzinfo=UTC)),
        ("Sperrfrist: 30. November 2026, 10:00 Uhr", datetime(2026, 11, 30, 10, tzinfo=UTC)),
        ("PARA PUBLICAR A PARTIR DEL 30 DE NOVIEMBRE DE 2026", datetime(2026, 11, 30, tzinfo=UTC)),
        ("For release on 30 November 2026 at 10:00", datetime(2026, 11, 30, 10, tzinfo=UTC)),
        ("HOLD FOR RELEASE UNTIL 30 November 2026", datetime(2026, 11, 30, tzinfo=UTC)),
        ("Prohibida su difusión hasta el 30 de noviembre de 2026", datetime(2026, 11, 30, tzinfo=UTC)),
        ("EMBARGO - NO PUBLICAR hasta el 30/11/2026 10:00", datetime(2026, 11, 30, 10, tzinfo=UTC)),
        ("Release date: 30 November 2026", datetime(2026, 11, 30, tzinfo=UTC)),
    ],
)
def test_an_embargo_with_its_instant_holds_the_file_back(line: str, at: datetime) -> None:
    for text in (ITEM.format(line=line), f"{line}\n\n" + ITEM.format(line="")):
        bulletin = _read(text)
        assert [draft.title for draft in bulletin.drafts] == ["Ferry starts again"]
        assert bulletin.not_before is not None
        assert (bulletin.not_before.at, bulletin.not_before.words) == (at, line)
        assert bulletin.not_before.line == (3 if text.startswith("25") else 1)
        assert [fault.detail for fault in bulletin.faults if fault.code == "lines-left-out"] == [
            "embargo-line 1"
        ]


def test_a_day_of_release_at_the_head_of_an_item_holds_the_file_back() -> None:
    bulletin = _read(f"For release: 30 November 2026\n\nFerry starts again\n\n{SECRET}\n")
    assert [draft.date_on.day for draft in bulletin.drafts] == [30]
    assert bulletin.not_before is not None
    assert (bulletin.not_before.at.day, bulletin.not_before.line) == (30, 1)


@pytest.mark.parametrize(
    "line", ["FOR IMMEDIATE RELEASE: 30 November 2026", "30 November 2026", "Issued: 30 November 2026"]
)
def test_a_date_alone_holds_nothing_back(line: str) -> None:
    assert _read(f"{line}\n\nFerry starts again\n\nIt runs.\n").not_before is None


def test_a_release_that_the_text_tells_of_holds_nothing_back() -> None:
    text = (
        "25 November 2026\n\nA film of the harbour\n\nIt was made in May.\n\nRelease date: 30 November 2026\n"
    )
    assert _read(text).not_before is None


def test_the_latest_of_several_embargoes_holds() -> None:
    later = ITEM.format(line="Embargo: 30 November 2026")
    bulletin = _read(later + "\n" + later.replace("30 November", "28 November"))
    assert bulletin.not_before is not None
    assert bulletin.not_before.at.day == 30


BLOCKS = """Title: First
Date: 2026-11-25
Author: Ana
Country: Haiti

Public one.

Title: Second
Date: 2026-11-24
Status: draft

Nobody may read this yet.

It goes on.

Title: Third
Date: 23 November 2026

Public too.
"""


@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_each_head_of_several_is_of_its_item(name: str) -> None:
    bulletin = _read(BLOCKS, name)
    told = [
        (draft.line, draft.date_on.day, draft.title, draft.summary, draft.countries)
        for draft in bulletin.drafts
    ]
    assert told == [(1, 25, "First", "Public one.", ("ht",)), (16, 23, "Third", "Public too.", None)]
    assert _codes(bulletin) == [("lines-left-out", 3), ("item-not-for-publication", 8)]
    assert bulletin.faults[0].detail == "line-of-head 1"


def test_heads_between_lines_of_dashes_too() -> None:
    fenced = "---\ntitle: {0}\ndate: 2026-11-2{1}\n{2}\n---\n\nText of {0}.\n\n"
    text = (
        fenced.format("A", 5, "draft: false")
        + fenced.format("B", 4, "draft: true")
        + fenced.format("C", 3, "x: y")
    )
    for name in ("a.txt", "a.md"):
        bulletin = _read(text, name)
        assert [(draft.title, draft.summary) for draft in bulletin.drafts] == [
            ("A", "Text of A."), ("C", "Text of C."),
        ]  # fmt: skip
        assert ("item-not-for-publication", 9) in _codes(bulletin)


def test_embargo_and_end_of_one_head_hold_for_the_file() -> None:
    text = BLOCKS.replace("Author: Ana", "Embargo: 2026-12-01").replace(
        "Status: draft", "expiryDate: 2027-01-01"
    )
    bulletin = _read(text.replace("Country: Haiti", "publishDate: 2026-11-30"))
    assert bulletin.not_before is not None
    assert bulletin.expires_at is not None
    assert (bulletin.not_before.at.isoformat()[:10], bulletin.not_before.line) == ("2026-12-01", 3)
    assert (bulletin.expires_at.at.isoformat()[:10], bulletin.expires_at.line) == ("2027-01-01", 10)
    assert len(bulletin.drafts) == 3


def test_a_head_without_a_date_among_several_is_told_of_with_its_text() -> None:
    bulletin = _read(BLOCKS.replace("Date: 2026-11-24\nStatus: draft", "Author: Ben"))
    assert [draft.title for draft in bulletin.drafts] == ["First", "Third"]
    assert ("date-missing", 8) in _codes(bulletin)
    assert SECRET not in str(bulletin.drafts)


MAIL = "From: a@b.example\nSubject: {0}\nDate: Fri, 27 Nov 2026 09:00:00 +0000\n{1}\n{2}"


@pytest.mark.parametrize(
    ("subject", "header", "text"),
    [
        ("DRAFT: Ferry", "", SECRET), ("[Embargoed] Ferry", "", SECRET),
        ("Fwd: BORRADOR - Ferry", "", SECRET),
        ("Ferry", "Sensitivity: Company-Confidential\n", SECRET),
        ("Ferry", "", "Title: A\nDate: 2026-11-25\nStatus: draft\n\n" + SECRET),
    ],
)  # fmt: skip
def test_a_mail_that_says_so_is_not_read(subject: str, header: str, text: str) -> None:
    with pytest.raises(BulletinError) as caught:
        _read(MAIL.format(subject, header, text), "a.eml")
    assert caught.value.fault.code == "not-for-publication"


def test_a_page_whose_head_says_so_is_not_read() -> None:
    page = '<html><head>\n<meta name="status" content="{}"></head><h1>A</h1><p>25 November 2026</p><p>B</p>'
    with pytest.raises(BulletinError) as caught:
        _read(page.format("draft"), "a.html")
    assert (caught.value.fault.code, caught.value.fault.line) == ("not-for-publication", 2)
    assert len(_read(page.format("published"), "a.html").drafts) == 1


def test_an_embargo_that_was_understood_is_not_told_of_as_a_date_besides() -> None:
    line = "Embargo: 30 November 2026"
    for each, codes in ((line, ["lines-left-out"]), (line.replace("Embargo", "Stand"), ["date-like-line"])):
        bulletin = _read(f"25 November 2026\n\nFerry\n\nIt runs.\n\n{each}\n\nA new boat\n\nIt is green.\n")
        assert [code for code, _ in _codes(bulletin)] == codes


@pytest.mark.parametrize("title", ["Parliament reads the budget (draft)", "What is a draft",
                                   "The road to secret",
                                   "Ferry starts (restricted on Sundays)", "A DRAFT HORSE",
                                   "Life – a draft"])  # fmt: skip
def test_a_title_that_only_sounds_so_stays(title: str) -> None:
    assert [draft.title for draft in _read(f"25 November, 2026\n\n{title}\n\nText.\n").drafts] == [title]


@pytest.mark.parametrize("said", ["approved: false", "classification: Restricted",
                                  "confidentiality: internal",
                                  "withhold: yes", "secret: true", "cleared: no",
                                  "sensitivity: Confidential"])  # fmt: skip
def test_a_head_that_marks_its_text_keeps_it_out(said: str) -> None:
    with pytest.raises(BulletinError) as caught:
        _read(f"---\ntitle: T\ndate: 2026-11-25\n{said}\n---\n{SECRET}\n", "a.md")
    assert (caught.value.fault.code, caught.value.fault.line) == ("not-for-publication", 4)


@pytest.mark.parametrize("said", ["approved: true", "approved: Ana", "classification: sports",
                                  "secret: false",
                                  "distribution: print, radio", "cleared: 2026-11-24"])  # fmt: skip
def test_a_head_that_speaks_of_something_else_keeps_nothing_out(said: str) -> None:
    assert _read(f"---\ntitle: T\ndate: 2026-11-25\n{said}\n---\nText.\n", "a.md").drafts


@pytest.mark.parametrize(
    "kind", ["post status-draft", "status-private", "hentry post-status-pending", "status-future"]
)
@pytest.mark.parametrize("tag", ["article", "div", "body"])
def test_a_page_of_an_editors_own_view_is_not_read(kind: str, tag: str) -> None:
    page = f'<html>\n<{tag} class="{kind}"><h1>A</h1><p>25 November 2026</p><p>{SECRET}</p></{tag}></html>'
    with pytest.raises(BulletinError) as caught:
        _read(page, "a.html")
    assert caught.value.fault.code == "not-for-publication"
    assert "status-" in caught.value.fault.detail


@pytest.mark.parametrize("kind", ["status-publish", "my-status-draft", "status-draft-horses", "draft"])
def test_a_page_of_another_status_is_read(kind: str) -> None:
    page = f'<html><article class="{kind}"><h1>A</h1><p>25 November 2026</p><p>Text.</p></article></html>'
    assert _read(page, "a.html").drafts


@pytest.mark.parametrize(
    "line",
    ["EMBARGO: do not use before 10:00 on 30 November 2026",
     "Embargoed for release at 10 a.m. UTC, Nov. 30, 2026",
     "Embargoed for release on 30 November 2026, 10:00", "Embargo: do not use until 30 November 2026, 10:00"],
)  # fmt: skip
def test_an_embargo_in_other_words_holds_the_file_back_wherever_it_stands(line: str) -> None:
    for above in ("", "\n\n".join(f"Paragraph {number}." for number in range(30)) + "\n\n"):
        bulletin = _read(f"25 November, 2026\n\nTitle\n\n{above}{line}\n\nThe end.\n")
        assert bulletin.not_before is not None
        assert bulletin.not_before.at == datetime(2026, 11, 30, 10, tzinfo=UTC)
        assert line not in bulletin.drafts[0].summary


@pytest.mark.parametrize(
    "name", ["published", "published_at", "publishedOn", "datePublished", "visible-from"]
)
def test_a_head_that_tells_a_day_of_publication_holds_its_text_until_then(name: str) -> None:
    head = "---\ntitle: T\ndate: 2026-11-25\n{}: {}\n---\nText.\n"
    told = _read(head.format(name, "2026-12-01"), "a.md").not_before
    assert told is not None
    assert (told.at, told.line) == (datetime(2026, 12, 1, tzinfo=UTC), 4)
    assert _read(head.format(name, "true"), "a.md").not_before is None


def test_the_latest_of_all_days_of_a_head_holds() -> None:
    head = "---\ntitle: T\ndate: 2026-11-25\npublished: 2026-12-{}\npublishDate: 2026-12-02\n---\nText.\n"
    for day, held in (("01", 2), ("03", 3)):
        told = _read(head.format(day), "a.md").not_before
        assert told is not None
        assert told.at.day == held


def test_marks_in_brackets_are_found_in_the_last_line_too() -> None:
    lines = "\n\n".join(f"Paragraph {number}." for number in range(30))
    bulletin = _read(f"25 November, 2026\n\nTitle\n\n{lines}\n\nLuis (not for publication)")
    assert not bulletin.drafts
