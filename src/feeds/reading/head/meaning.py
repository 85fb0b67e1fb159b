"""What the names in a head mean, whichever system it was written for.

Owns the table of names (docs/bulletins.md), which of two wins, and what must not be said twice. Must not
know how a head is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from feeds.errors import BulletinError
from feeds.model import Fault, Moment
from feeds.reading.clean import shown
from feeds.reading.faults import cut
from feeds.reading.head.entries import Entry, Value, broken, decoded, untagged, words
from feeds.reading.head.moments import Stamp, midnight, stamp
from feeds.reading.head.withheld import is_withholding_name, reason_to_wait
from feeds.reading.page import Context
from feeds.reading.text import dates
from feeds.reading.text.countries import country_code
from feeds.reading.text.furniture import web_link
from feeds.richtext import is_private_link

_LONGEST_ID = 200
_MOST_TAGS = 100
# What is said twice, perhaps under two of these names, would be lost once.
_STRICT = {
    "title": "title",
    "date": "date",
    "lang": "lang",
    "language": "lang",
    "link": "link",
    "url": "link",
    "country": "countries",
    "countries": "countries",
    "topic": "topics",
    "topics": "topics",
    "id": "id",
    "translation-of": "translation",
    "translation_of": "translation",
}
# Where those say nothing: the first of these names that a head has.
_INSTEAD = {
    "title": ("headline", "título", "titulo", "titre"),
    "date": (
        "published", "publishdate", "publish_date", "pubdate", "fecha", "published_at", "created",
        "created_at", "lastmod", "modified", "updated",
    ),
    "link": ("canonical_url", "canonicalurl", "canonical", "permalink"),
    "countries": ("país", "pais", "países", "paises", "pays"),
    "summary": ("description", "summary", "excerpt", "abstract", "resumen", "descripción", "descripcion"),
}  # fmt: skip
_TAGS = ("tags", "tag", "categories", "category", "keywords", "etiquetas", "categorías", "categorias")
_TABLES = ("params", "extra", "taxonomies", "metadata")
_START = frozenset(
    "embargo embargountil embargoeduntil embargodate publishdate publishon publishat publishafter pubdate "
    "golive notbefore releasedate scheduled scheduledfor scheduledat publicationdate".split()
)
# These say a day in some systems, and yes or no in others.
_MAYBE_START = frozenset("published publishedat publishedon publisheddate datepublished visiblefrom".split())
_END = frozenset(
    "expirydate expires expirationdate expiredate unpublishdate expireson expiresat validuntil".split()
)
_NO_MOMENT = frozenset("false no none never lifted 0 n".split())
_LANG = re.compile(r"[a-z]{2,3}(?:[-_][a-z0-9]{2,8})*", re.IGNORECASE)
_NAMED = {"english": "en", "español": "es", "espanol": "es", "spanish": "es", "french": "fr",
          "français": "fr",           "portuguese": "pt", "português": "pt"}  # fmt: skip
_KNOWN = frozenset((*_STRICT, *_TAGS, *_TABLES, *(name for names in _INSTEAD.values() for name in names)))


@dataclass(frozen=True, slots=True)
class Setting:
    """How an office writes dates, and the zone of its site."""

    order: dates.DateOrder = "dmy"
    zone: str = "UTC"


def is_known(name: str) -> bool:
    """Whether a name, in lower case, says something here."""
    return has_to_be_read(name) or name in _KNOWN


def has_to_be_read(name: str) -> bool:
    """Whether a file is refused if what stands under a name, in lower case, cannot be read."""
    return name in _STRICT or _bare(name) in _START | _END or is_withholding_name(name)


def strict_name(name: str) -> str:
    """What a name, in lower case, says of a bulletin beyond doubt; empty if it says nothing."""
    return _STRICT.get(name) or ("withheld" if name in ("draft", "published", "status", "embargo") else "")


def meaning(entries: Sequence[Entry], setting: Setting) -> tuple[Context, tuple[Fault, ...]]:
    """What a head says, and warnings. BulletinError: `not-for-publication`, `front-matter-broken`."""
    if waits := reason_to_wait(entries):
        raise BulletinError(Fault(code="not-for-publication", line=waits.line, detail=cut(waits.words())))
    found = _found(entries)
    faults: list[Fault] = []
    day = _day(found.get("date"), setting)
    title = shown(untagged(words(found["title"].value))) if "title" in found else ""
    own = {name: entry for name, entry in found.items() if entry.name in _STRICT}
    context = Context(
        date_on=day.day if day else None,
        title=title or None,
        lang=_lang(found.get("lang")),
        link=_link(found.get("link"), faults),
        countries=_countries(found.get("countries"), faults),
        topics=tuple(_many(found["topics"].value)) if "topics" in found else None,
        external_id=_id(found.get("id")),
        translation_of=_id(found.get("translation")),
        summary=_paragraphs(found["summary"].value) if "summary" in found else "",
        tags=tuple(_tags(entries)),
        one_item=bool(title or day),
        said=tuple((name, entry.line, words(entry.value)) for name, entry in own.items()),
        not_before=_start(entries, found.get("date"), day, setting),
        expires_at=_moment(_first(entries, _END), setting),
    )
    return context, tuple(faults)


def _id(entry: Entry | None) -> str | None:
    """An id of the office's own."""
    return words(entry.value)[:_LONGEST_ID] or None if entry else None


def _link(entry: Entry | None, faults: list[Fault]) -> str | None:
    """The address that a head gives, if it is for everybody; a warning where it is not."""
    address = web_link(words(entry.value)) if entry else None
    if entry and address and is_private_link(address):
        faults.append(Fault(code="head-link", line=entry.line, detail=cut(address)))
        return None
    return address


def _found(entries: Iterable[Entry]) -> Mapping[str, Entry]:
    """The entry that says each thing; BulletinError where one is said twice."""
    found: dict[str, Entry] = {}
    by_name: dict[str, Entry] = {}
    for entry in entries:
        name = _STRICT.get(entry.name)
        if name == "link" and entry.name == "url" and words(entry.value).startswith("/"):
            continue  # where the page stands on its own site
        if name and name in found:
            raise broken(entry.line, entry.words())
        if name:
            found[name] = entry
        if words(entry.value):
            by_name.setdefault(_untabled(entry.name), entry)
    for name, others in _INSTEAD.items():
        said = name in found and words(found[name].value)
        other = next((by_name[other] for other in others if other in by_name), None)
        if other and not said:
            found[name] = other
    return found


def _untabled(name: str) -> str:
    table, _, inner = name.rpartition(".")
    return inner if table in _TABLES else name


def _bare(name: str) -> str:
    return _untabled(name).replace("_", "").replace("-", "").replace(" ", "")


def _day(entry: Entry | None, setting: Setting) -> Stamp | None:
    if entry is None or not (said := words(entry.value)):
        return None
    if found := stamp(said, setting.order, setting.zone):
        return found
    if entry.name != "date":  # "published: true" and the like
        return None
    raise broken(entry.line, entry.words())


def _start(
    entries: Sequence[Entry], date_entry: Entry | None, day: Stamp | None, setting: Setting
) -> Moment | None:
    """When the text may be shown first: the latest of what the head says, else the hour beside its date."""
    said = [_moment(entry, setting) for entry in entries if _bare(entry.name) in _START]
    maybe = (entry for entry in entries if _bare(entry.name) in _MAYBE_START)
    said += [
        _moment(entry, setting) for entry in maybe if stamp(words(entry.value), setting.order, setting.zone)
    ]
    moments = [moment for moment in said if moment]
    if moments:
        return max(moments, key=lambda moment: moment.at)
    if day and day.at and date_entry and date_entry.name not in ("lastmod", "modified", "updated"):
        return Moment(at=day.at, line=date_entry.line, words=date_entry.words())
    return None


def _first(entries: Iterable[Entry], names: frozenset[str]) -> Entry | None:
    return next((entry for entry in entries if _bare(entry.name) in names), None)


def _moment(entry: Entry | None, setting: Setting) -> Moment | None:
    """The instant of an entry; a day alone begins at midnight. BulletinError if it cannot be read."""
    said = words(entry.value) if entry else ""
    if entry is None or not said or said.lower() in _NO_MOMENT or "{{" in said:
        return None
    found = stamp(said, setting.order, setting.zone)
    if found is None:
        raise broken(entry.line, entry.words())
    at = found.at or midnight(found.day, setting.zone)
    return Moment(at=at, line=entry.line, words=entry.words())


def _lang(entry: Entry | None) -> str | None:
    said = words(entry.value) if entry else ""
    if not entry or not said:
        return None
    said = _NAMED.get(said.lower(), said)
    if not _LANG.fullmatch(said):
        raise broken(entry.line, said)
    return said.replace("_", "-").partition("-")[0].lower()


def _countries(entry: Entry | None, faults: list[Fault]) -> tuple[str, ...] | None:
    if entry is None:
        return None
    codes: list[str] = []
    for name in _many(entry.value):
        code = country_code(name)
        if code:
            codes.append(code)
        else:
            faults.append(Fault(code="country-unknown", line=entry.line, detail=cut(name)))
    return tuple(dict.fromkeys(codes))


def _tags(entries: Iterable[Entry]) -> Iterable[str]:
    """The words of all tags and categories, each once; words without commas stay together."""
    said = [each for entry in entries if _untabled(entry.name) in _TAGS for each in _many(entry.value)]
    return list(dict.fromkeys(said))[:_MOST_TAGS]


def _paragraphs(value: Value) -> str:
    """A text of several lines, its paragraphs one blank line apart."""
    text = untagged(decoded(" ".join(value) if isinstance(value, list) else value))
    return "\n\n".join(kept for part in re.split(r"\n\s*\n", text) if (kept := shown(part)))


def _many(value: Value) -> list[str]:
    """A list, or one text with commas."""
    parts = value if isinstance(value, list) else value.split(",")
    return list(dict.fromkeys(kept for part in parts if (kept := shown(decoded(part)))))
