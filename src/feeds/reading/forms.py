"""Which form has this file: plain text, Markdown, HTML, a mail, a Word or PDF document?

Owns that decision (content first, then the name) and how each form becomes a
page. Must not know items.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from itertools import accumulate

from feeds.errors import BulletinError
from feeds.model import Fault
from feeds.reading.clean import shown
from feeds.reading.documents import converting as documents
from feeds.reading.encoding import Decoded, decode
from feeds.reading.faults import cut
from feeds.reading.head import Head, Setting, blocks_of, head_of, is_withheld_title
from feeds.reading.head.blocks import Blocks
from feeds.reading.mail import letterhead as letters
from feeds.reading.mail import message as mailed
from feeds.reading.mail.days import day_of
from feeds.reading.mail.wording import without_prefixes
from feeds.reading.markup import hypertext, markdown
from feeds.reading.markup.boxes import boxes_of
from feeds.reading.markup.hypertext import OneArticle, Structure
from feeds.reading.markup.siblings import Siblings
from feeds.reading.markup.template_marks import without_marks
from feeds.reading.page import LINK_ALONE, Context, Mark, Page, Rows
from feeds.reading.text import dates
from feeds.reading.text.dates import DateOrder
from feeds.reading.text.lines import Sheet
from feeds.reading.text.wholes import names_whole

_HTML_START = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_MOST_PASSED = 50_000
_MARKS = ("---", "+++")
_CHARSET = re.compile(
    rb"<(?:\?xml|meta)[^>]{0,200}?(?:charset|encoding)\s{0,5}=\s{0,5}[\"']?\s{0,5}([\w.:-]{2,40})",
    re.IGNORECASE,
)


def page(name: str, data: bytes, fallback: str, setting: Setting) -> Page:
    """The page of a file, whatever its form.

    BulletinError: `file-binary`, `file-empty`, `front-matter-broken`, `front-matter-too-much`,
    `not-for-publication`, `form-broken`, `extra-missing`, `text-missing`.
    """
    ending = name.lower().rpartition(".")[2]
    if data.startswith(b"%PDF-"):
        return _pdf(data)
    if data.startswith(b"PK\x03\x04") and (ending == "docx" or documents.is_word(data)):
        return _word(data)
    if ending == "eml" or mailed.looks_like_mail(data):
        return _mail(data, fallback, setting)
    is_html = ending in ("html", "htm", "xhtml")
    decoded = decode(data, fallback, _declared(data) if is_html or b"<" in data[:4_096] else None)
    if is_html or _HTML_START.match(decoded.text[:4_096]):
        return _web_with_head(decoded, setting)
    return _text(decoded, setting, is_markdown=ending in ("md", "markdown", "mdown"))


def _declared(data: bytes) -> str | None:
    """The encoding that an HTML file says it has."""
    found = _CHARSET.search(data[:2_048])
    return found[1].decode("ascii", "replace") if found else None


def _text(decoded: Decoded, setting: Setting, *, is_markdown: bool) -> Page:
    """Plain text or Markdown, either with a head."""
    sheet, context, faults, above = Sheet(decoded.text), Context(), decoded.faults, 0
    several = blocks_of(sheet.scan, setting, "# " if is_markdown else "")
    if several:
        return _several(decoded, sheet, several, is_markdown=is_markdown)
    head, text = head_of(sheet.scan, setting), decoded.text
    if head:
        text, context, above = text[head.start :], head.context, head.lines
        faults = (*faults, *head.faults)
    if not is_markdown:
        sheet = Sheet(text) if head else sheet
        return Page(sheet=sheet, encoding=decoded.encoding, faults=faults, context=context, above=above)
    text, dropped = without_marks(Sheet(text).scan if head else sheet.scan)
    found = _page(markdown.rows_of(text, above), decoded.encoding, context)
    left_out = [("template-mark", above + line) for line in dropped]
    left_out += found.left_out
    return replace(found, faults=faults, source=sheet.scan.split("\n"), left_out=left_out)


def _several(decoded: Decoded, sheet: Sheet, several: Blocks, *, is_markdown: bool) -> Page:
    """A text in which each item has a head of its own."""
    made = Page(sheet=Sheet(several.text), encoding=decoded.encoding)
    if is_markdown:
        text, dropped = without_marks(several.text)
        several.left_out += [("template-mark", line) for line in dropped]
        made = _page(markdown.rows_of(text, 0), decoded.encoding, Context())
    return replace(
        made,
        context=several.context(),
        faults=(*decoded.faults, *several.faults),
        source=sheet.scan.split("\n") if is_markdown else None,
        left_out=[*several.left_out, *made.left_out],
    )


def _web_with_head(decoded: Decoded, setting: Setting) -> Page:
    """A web page as it is written for a site generator: with a head, and marks in it."""
    scan = Sheet(decoded.text).scan
    head = head_of(scan, setting) if scan[:200].lstrip().startswith((*_MARKS, "{")) else None
    if not head:
        return _web(decoded)
    text, dropped = without_marks("\n" * head.lines + scan[head.start :])
    made = _web(Decoded(text, decoded.encoding, decoded.faults))
    context = _joined(head, made.context)
    left_out = [("template-mark", line) for line in dropped]
    left_out += made.left_out
    return replace(made, context=context, faults=(*made.faults, *head.faults), left_out=left_out)


def _joined(head: Head, own: Context) -> Context:
    """What the head says, else the page itself."""
    link, lang = head.context.link or own.link, head.context.lang or own.lang
    return replace(head.context, link=link, lang=lang)


def _page(rows: Rows, encoding: str, context: Context) -> Page:
    return Page(
        sheet=Sheet("\n".join(rows.text)),
        encoding=encoding,
        context=context,
        marks=rows.marks,
        rich=rows.rich,
        left_out=rows.left_out,
        passed="\n".join(rows.passed)[:_MOST_PASSED],
        numbers=rows.numbers or [1],
    )


def _web(decoded: Decoded) -> Page:
    """A web page, which may have menus and the like round its items."""
    return _boxed(decoded, hypertext.structure_of(decoded.text), lists=True)


def _boxed(decoded: Decoded, found: Structure, *, lists: bool) -> Page:
    """The page of a structure, with the parts of it that are items; `lists`: entries may be items."""
    marks = _without_names(found.rows)
    beside = Siblings(found.rows.text, marks, found.spans, found.days)
    boxes = beside.dated(boxes_of(marks, found.spans, found.days))
    if lists and len(entries := beside.entries()) > len(boxes):
        boxes = entries
    own = sum(0 < found.rows.marks[row].heading < LINK_ALONE for row in found.days if row in found.rows.marks)
    if own > max(len(boxes), 1):  # dates that are headings: what stands under each belongs to it
        boxes = []
    one = found.article and not names_whole(found.article.title)
    if found.article and one and own < 2 and sum(box.title in found.article.rows for box in boxes) < 2:
        return _article(decoded, found, found.article)
    made = _page(found.rows, decoded.encoding, found.context)
    undated = beside.undated(boxes) if boxes else []
    return replace(made, faults=decoded.faults, boxes=boxes, undated=undated, bare=True)


def _without_names(rows: Rows) -> dict[int, Mark]:
    """The marks of a page without headings that name the whole of it ("News"): they title no item."""
    text = rows.text
    return {
        row: mark for row, mark in rows.marks.items() if not (mark.heading and names_whole(text[row - 1]))
    }


def _article(decoded: Decoded, found: Structure, article: OneArticle) -> Page:
    """A page that holds one article: its rows alone, and what the page says of it."""
    rows = found.rows
    for row, words in enumerate(rows.text, 1):
        if words and row not in article.rows:
            if words.casefold() != article.title.casefold():
                rows.left_out.append(("outside-items", rows.numbers[row - 1]))
            rows.clear(row)
    context = replace(found.context, title=article.title, date_on=article.day, one_item=True)
    made = _page(rows, decoded.encoding, context)
    lacks = [Fault(code="text-unjudged", detail="trafilatura")] if article.unjudged else []
    return replace(made, faults=(*decoded.faults, *lacks), bare=True)


def _word(data: bytes) -> Page:
    """A Word document: its "lines" are its paragraphs, and all its text is meant."""
    text, hidden = documents.html_of_word(data)
    made = _boxed(Decoded(text, "docx"), hypertext.structure_of(text, saved=False), lists=False)
    rows = made.sheet.rows(made.sheet.scan)
    numbers = list(accumulate(int(bool(row)) for row in rows))
    left_out = [*hidden, *made.left_out]
    return replace(made, context=Context(), numbers=numbers, bare=False, left_out=left_out)


def _mail(data: bytes, fallback: str, setting: Setting) -> Page:
    """A mail: its subject and date stand in where its text has no date; a head between marks goes before."""
    mail, head = mailed.mail_of(data, fallback), None
    if mail is None:
        raise BulletinError(Fault(code="text-missing"))
    if mail.is_html:
        found = hypertext.structure_of(mail.decoded.text, saved=False)
        letter = letters.letter_of(found.rows.text, forwards=mail.forwards, answers=mail.answers)
        _take_out(found, letter)
        made = _boxed(mail.decoded, found, lists=True)
    else:
        lines = Sheet(mail.decoded.text.replace("\r\n", "\n")).scan.split("\n")
        letter = letters.letter_of(lines, forwards=mail.forwards, answers=mail.answers)
        text = letters.text_of(letter, lines)
        decoded, several = mail.decoded, blocks_of(text, setting)
        if several is None and (head := head_of(text, setting)):
            text = "\n" * head.lines + text[head.start :]
        made = _plain(Decoded(text, decoded.encoding, decoded.faults))
        if several:
            made = _several(decoded, Sheet(text), several, is_markdown=False)
        passed = "\n".join(lines[at] for _, at in letter.left_out)
        made = replace(made, passed=passed[:_MOST_PASSED])
    if letter.unclear:
        raise BulletinError(Fault(code="mail-unclear", detail=cut(shown(letter.unclear))))
    left_out = [(rule, made.number(at + 1)) for rule, at in letter.left_out]
    made = replace(made, left_out=[*made.left_out, *left_out])
    context = _said_of(made, mail, letter, setting.order)
    return replace(made, context=_over(head, context) if head else context)


def _over(head: Head, own: Context) -> Context:
    """What a head says, else the mail round it."""
    said = _joined(head, own)
    return replace(said, title=said.title or own.title, date_on=said.date_on or own.date_on)


def _said_of(page: Page, mail: mailed.Mail, letter: letters.Letter, order: DateOrder) -> Context:
    """What a mail says of its items beside its text: its subject, and the day that it was sent.

    One date alone near the top is that of a letter, and no heading of an item.
    """
    subject, day = mail.subject, mail.day
    if letter.said is not None:
        told = letter.said.get("subject", "")
        subject = without_prefixes(shown(told)) or subject
        day = day_of(letter.said.get("date", ""), order)
    rows = page.sheet.rows(page.sheet.scan)
    only = letters.only_day(rows, order)
    # A day after the letter was sent is one that it speaks of.
    ahead = only is not None and day is not None and only[1] > day
    dated = only is not None and not ahead and letters.is_letters_day(rows, only[0])
    subjects = (mail.whole_subject, subject or "")
    if mail.is_withheld or any(is_withheld_title(each, of_mail=True) for each in subjects):
        raise BulletinError(Fault(code="not-for-publication", detail=cut(mail.whole_subject)))
    context = replace(page.context, title=subject or page.context.title, link=page.context.link)
    if letter.said is not None and day is None and not dated:
        detail = cut(shown(letter.said.get("date", "")) or subject or "")
        raise BulletinError(Fault(code="mail-date-unknown", detail=detail))
    if subject and dated and only:
        # What stands alone on its line is taken out of the text.
        bare = isinstance(dates.parse(rows[only[0]], order), date)
        return replace(context, date_on=None if bare else only[1], one_item=True)
    return replace(context, date_on=day, one_item=bool(subject and ahead))


def _take_out(found: Structure, letter: letters.Letter) -> None:
    """Only what is the letter's stays of a structure."""
    kept = {at + 1 for at in letter.kept}
    for row, words in enumerate(found.rows.text, 1):
        if words and row not in kept:
            found.rows.clear(row)
            found.days.pop(row, None)


def _plain(decoded: Decoded) -> Page:
    return Page(sheet=Sheet(decoded.text), encoding=decoded.encoding, faults=decoded.faults)


def _pdf(data: bytes) -> Page:
    text, hidden = documents.text_of_pdf(data)
    if not text.strip():
        raise BulletinError(Fault(code="text-missing"))
    return replace(_plain(Decoded(text, "pdf")), left_out=hidden)
