"""Word and PDF documents become HTML and text, if the extra `docs` is installed.

Owns the two libraries that open them, and the limits on what a small file may
unfold into. They are imported when a document is there, not before. Must not
know what the text means.
"""

from __future__ import annotations

import importlib
import io
import zipfile
import zlib
from collections.abc import Iterable
from typing import Any

from feeds.errors import BulletinError
from feeds.model import Fault
from feeds.reading.clean import shown
from feeds.reading.documents.hidden_text import HIDDEN, without_hidden
from feeds.reading.documents.unseen_pdf import SIGNS, Unseen
from feeds.reading.faults import N_
from feeds.reading.text.furniture import rule_of

# A document unfolds to some ten times its file; more than this is a bomb or a book.
MOST_UNFOLDED = 64 * 1_048_576
MOST_PARTS = 2_000
MOST_PAGES = 300
MOST_TEXT = 4 * 1_048_576

WORD = N_("Word documents")
PDF = N_("PDF documents")
_NOT_WHOLE = N_("its parts do not fit together")
_TOO_LARGE = N_("it unfolds into too much")
_LOCKED = N_("it is locked with a password")


def is_word(data: bytes) -> bool:
    """Whether a zip file is a Word document (.docx)."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            return "word/document.xml" in parts.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return False


def html_of_word(data: bytes) -> tuple[str, list[tuple[str, int]]]:
    """A Word document as HTML; rule and paragraph of what nobody is to read of it, which is left out.

    BulletinError: `extra-missing`, `form-broken`.
    """
    mammoth = _library("mammoth", WORD)
    _check_parts(data)
    try:
        seen, hidden = without_hidden(data)
        # No pictures: they may be addresses on the network or paths on this machine.
        made = mammoth.convert_to_html(io.BytesIO(seen), convert_image=lambda _: [])
        return str(made.value), hidden
    except MemoryError:  # whoever set the limit says so: one answer, wherever it is reached
        raise
    except RecursionError:
        raise _broken(_TOO_LARGE) from None
    except Exception:  # the library has no error of its own
        raise _broken(_NOT_WHOLE) from None


def text_of_pdf(data: bytes) -> tuple[str, list[tuple[str, int]]]:
    """The text of a PDF document, its pages one after the other; rule and line of what nobody sees of it.

    BulletinError as above.
    """
    pypdf = _library("pypdf", PDF)
    try:
        pages = pypdf.PdfReader(io.BytesIO(data))
        if pages.is_encrypted and not pages.decrypt(""):
            raise _broken(_LOCKED)
        if len(pages.pages) > MOST_PAGES:
            raise _broken(_TOO_LARGE)
        hidden: list[tuple[str, int]] = []
        return _joined((_seen(page) for page in pages.pages), hidden), hidden
    except (BulletinError, MemoryError):
        raise
    except RecursionError:
        raise _broken(_TOO_LARGE) from None
    except Exception:  # a damaged file can fail anywhere in the library
        raise _broken(_NOT_WHOLE) from None


def _seen(page: Any) -> tuple[str, int]:
    """The text of a page that a reader sees, and how many pieces of text there are besides."""
    content = page.get_contents()
    if content is None or not SIGNS.search(content.get_data()):
        return str(page.extract_text()), 0
    kinds = {
        str(name): str(each.get_object().get("/Subtype"))
        for name, each in (page.get("/Resources", {}).get_object().get("/XObject") or {}).items()
    }
    pictures = "/Image" in kinds.values()
    unseen = Unseen(lambda name: kinds.get(name) == "/Image", has_pictures=pictures)
    return str(page.extract_text(visitor_operand_before=unseen.watch)), unseen.taken


def _joined(pages: Iterable[tuple[str, int]], hidden: list[tuple[str, int]]) -> str:
    """One text, so that a paragraph goes on over the page; the pages' own numbers are not text."""
    text = ""
    for page, unseen in pages:
        hidden += [(HIDDEN, text.count("\n") + text.count("\f") + 1)] * unseen
        lines = page.strip().split("\n")
        while lines and rule_of(shown(lines[-1]), alone=True) == "page-number":
            lines.pop()
        if lines and rule_of(shown(lines[0]), alone=True) == "page-number":
            del lines[0]
        text += "\n".join(lines) + "\f"
        if len(text) > MOST_TEXT:
            raise _broken(_TOO_LARGE)
    return text


def _check_parts(data: bytes) -> None:
    """Refuse what would unfold without end, and XML that brings its own entities, before it is opened."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            listed = parts.infolist()
            if len(listed) > MOST_PARTS or sum(part.file_size for part in listed) > MOST_UNFOLDED:
                raise _broken(_TOO_LARGE)
            if any(_has_document_type(parts.read(part)) for part in listed if _is_xml(part.filename)):
                raise _broken(_NOT_WHOLE)
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, RuntimeError, NotImplementedError, EOFError):
        raise _broken(_NOT_WHOLE) from None


def _has_document_type(xml: bytes) -> bool:
    """Whether it may bring its own entities; in UTF-16 there is a zero beside each letter."""
    return b"<!DOCTYPE" in (xml.replace(b"\0", b"") if b"\0" in xml[:64] else xml)


def _is_xml(name: str) -> bool:
    return name.endswith((".xml", ".rels"))


def _library(name: str, what: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise BulletinError(Fault(code="extra-missing", detail=what)) from None


def _broken(why: str) -> BulletinError:
    return BulletinError(Fault(code="form-broken", detail=why))
