"""What items are looked up by and remembered by: hashes of their words, links and labels (changes)."""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from feeds.changes.folding import fold, wording_fold
from feeds.model import Draft, Item, Kind


@lru_cache(maxsize=4096)
def identity(date_on: date, title: str) -> str:
    """What makes two captures one item: sha256 in hex of the day and the folded title."""
    return digest(date_on.isoformat(), fold(title))


@lru_cache(maxsize=4096)
def title_key(title: str) -> str:
    """What finds items of one title on any day."""
    return digest(fold(title))


@lru_cache(maxsize=4096)
def fingerprint(date_on: date, title: str, summary: str) -> str:
    """Moves when words of the item change, and not for quotes, dashes, case or spaces."""
    return digest("wording", date_on.isoformat(), wording_fold(title), wording_fold(summary))


@lru_cache(maxsize=4096)
def former_fingerprint(date_on: date, title: str, summary: str) -> str:
    """By the broad fold, as it was made before migration 0005: databases may hold it."""
    return digest(date_on.isoformat(), fold(title), fold(summary))


def office_key(source: str, draft: Draft) -> str:
    """What makes two drafts one item by the office's own id; empty without one.

    An id counts within one folder of the inbox and one stated language: offices count on their own, and
    two language versions may share an id. `source` is the bulletin's name, with its folder.
    """
    if not draft.external_id:
        return ""
    return digest("id", source.rpartition("/")[0], draft.lang or "", draft.external_id)


def translation_key(source: str, draft: Draft) -> str:
    """What items have in common that say the same in several languages; empty for one that names no id.

    It is the office's id for them all, or the one of the item that another is a translation of. It counts
    within a folder of the inbox, as ids do, but for all languages.
    """
    named = draft.translation_of or draft.external_id
    return digest("translation", source.rpartition("/")[0], named) if named else ""


_COPY_WORD = r"(?:copy|copia|copie|cópia)"
_COPY = re.compile(
    rf"""(?: [ ]?\(\d{{1,3}}\) | ~\d{{1,3}}
      | [ ]?-[ ]?{_COPY_WORD}(?:[ ]?\(\d{{1,3}}\))? | [ ]?\({_COPY_WORD}(?:[ ]\d{{1,3}})?\)
      | [ ]?[(\[][^()\[\]]{{0,80}}?(?:conflict|conflit|konflikt)[^()\[\]]{{0,80}}[)\]]
      | [._-]sync-conflict-[0-9A-Z-]* )+
    (?=\.[^.]{{1,10}}$|$)""",
    re.IGNORECASE | re.VERBOSE,
)


def same_name(name: str) -> str:
    """A file's name as names are compared: the accents of a Mac are those of any other machine."""
    return unicodedata.normalize("NFC", name)


def source_key(name: str) -> str:
    """The name of the file that this one is a copy of.

    ``bol (1).txt``, ``bol~2.txt`` and ``bol - Copy.txt`` are ``bol.txt`` again, and so is what a program
    calls a conflicted copy.
    """
    name = same_name(name)
    whole = _COPY.sub("", name)
    return name if whole.rpartition("/")[2][:1] in ("", ".") else whole


def link_key(item_id: str, link: str) -> str:
    """By which an item remembers a link that it had."""
    return digest("link", item_id, link)


def statement_key(item_id: str, kind: Kind, codes: Iterable[str]) -> str:
    """By which an item remembers labels of one kind that a file stated for it, be it none."""
    return digest("labels", item_id, kind, *sorted(codes))


def traits(item: Item) -> frozenset[str]:
    """The keys of what a file said of an item beside its words: its link and its labels."""
    stated = {statement_key(item.id, kind, item.codes(kind, None)) for kind in item.stated}
    return frozenset(stated | ({link_key(item.id, item.link)} if item.link else set()))


def item_id(identity: str) -> str:
    """The public id: 16 characters ``a-z2-7``, the first 80 bits of an `identity`."""
    return base64.b32encode(bytes.fromhex(identity)[:10]).decode("ascii").lower()


def digest(*parts: str) -> str:
    """One hash of all the parts, in hex."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
