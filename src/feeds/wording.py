"""Filters, reasons, labels and changes as people say them (pure).

Owns: the one sentence for a filter, and that for a correction or a withdrawal,
used in mails, on pages and by commands.
Must not know templates or storage.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from feeds.i18n import N_, Translator
from feeds.model import ChangeKind, Correction, DigestGroup, FeedKey, Filter, Item, Kind, Vocabulary

# What of an item was corrected: inside a sentence, and in a list.
_FIELDS = {
    "title": (N_("the title"), N_("title")),
    "summary": (N_("the text"), N_("text")),
    "date": (N_("the date"), N_("date")),
    "link": (N_("the link"), N_("link")),
}


def describe(wanted: Filter, vocabulary: Vocabulary, t: Translator) -> str:
    """A filter in words: ``Panama or Honduras, about labour migration``; ``everything``."""
    return ", ".join(_parts(wanted, vocabulary, t))


def _parts(wanted: Filter, vocabulary: Vocabulary, t: Translator) -> Iterator[str]:
    places = places_of(wanted.countries, wanted.regions, vocabulary, t)
    names = dict.fromkeys(vocabulary.name(Kind.TOPIC, code, t.lang) for code in wanted.topics)
    topics = [in_sentence(name) for name in names]  # a former slug and that of today are one topic
    if places:
        yield t.any_of(places)
    if topics and places:
        yield t.gettext("about %(topics)s") % {"topics": t.any_of(topics)}
    elif topics:
        yield t.any_of(topics)
    elif not places:
        yield t.gettext("everything")
    yield from _words(wanted, t)
    yield from _unwanted(wanted, vocabulary, t)
    if wanted.mentions and (places or wanted.not_countries or wanted.not_regions):
        yield t.gettext("even where they are only mentioned")
    regions = len(wanted.regions) or len(wanted.not_regions)
    if regions and not wanted.members:
        yield t.ngettext(
            "only items about the region itself", "only items about the regions themselves", regions
        )
    if wanted.prefer:
        yield once_words(wanted.prefer, t)


def _words(wanted: Filter, t: Translator) -> Iterator[str]:
    for words, listed in ((wanted.words, t.any_of), (wanted.all_words, t.all_of)):
        if words:
            yield t.ngettext("with the word %(words)s", "with the words %(words)s", len(words)) % {
                "words": listed(quoted(words, t))
            }
    if wanted.languages:
        yield t.gettext("in %(languages)s") % {"languages": t.any_of([*map(t.language, wanted.languages)])}


def once_words(prefer: Sequence[str], t: Translator) -> str:
    """That of several versions only one is wanted: ``each in one language only, Spanish first``."""
    first, *more = map(t.language, prefer)
    if more:
        words = t.gettext("each in one language only, in this order: %(languages)s")
        return words % {"languages": ", ".join([first, *more])}
    return t.gettext("each in one language only, %(language)s first") % {"language": first}


def _unwanted(wanted: Filter, vocabulary: Vocabulary, t: Translator) -> Iterator[str]:
    names = places_of(wanted.not_countries, wanted.not_regions, vocabulary, t)
    names += [in_sentence(vocabulary.name(Kind.TOPIC, code, t.lang)) for code in wanted.not_topics]
    if names:
        yield t.gettext("but nothing about %(names)s") % {"names": t.any_of(names)}
    if wanted.without:
        yield t.gettext("but without %(words)s") % {"words": t.any_of(quoted(wanted.without, t))}


def places_of(
    countries: Sequence[str], regions: Sequence[str], vocabulary: Vocabulary, t: Translator
) -> list[str]:
    """Names of countries, then of regions."""
    return [vocabulary.name(Kind.COUNTRY, code, t.lang) for code in countries] + [
        vocabulary.name(Kind.REGION, code, t.lang) for code in regions
    ]


def in_sentence(name: str) -> str:
    """A topic's name inside a sentence: ``labour migration``, but ``COVID-19``."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def quoted(words: Sequence[str], t: Translator) -> list[str]:
    """Words in the quotation marks of the language."""
    return [t.gettext("“%(word)s”") % {"word": word} for word in words]


def group_heading(group: DigestGroup, vocabulary: Vocabulary, t: Translator) -> str:
    """The heading over items of a country, region or topic, or of none."""
    if group.kind is None:
        return t.gettext("Other news")
    return vocabulary.name(group.kind, group.code, t.lang)


def label_names(item: Item, kind: Kind, vocabulary: Vocabulary, t: Translator) -> list[str]:
    """Names of what the item is about, of one kind."""
    return [vocabulary.name(kind, code, t.lang) for code in item.codes(kind)]


def corrected_words(correction: Correction, day: date, t: Translator) -> str:
    """``On 20 November 2026 the title and the text were corrected.``; without fields only the day."""
    fields = [t.gettext(inside) for inside, _ in _named(correction)]
    if not fields:
        return t.gettext("Corrected on %(date)s.") % {"date": t.date(day)}
    words = t.ngettext(
        "On %(date)s %(fields)s was corrected.", "On %(date)s %(fields)s were corrected.", len(fields)
    )
    return words % {"date": t.date(day), "fields": t.all_of(fields)}


def corrected_fields(correction: Correction, t: Translator) -> str:
    """What was corrected, in a sentence: ``The link was corrected.``; empty where nothing is named."""
    fields = [t.gettext(inside) for inside, _ in _named(correction)]
    if not fields:
        return ""
    words = t.ngettext("%(fields)s was corrected.", "%(fields)s were corrected.", len(fields))
    said = words % {"fields": t.all_of(fields)}
    return said[:1].upper() + said[1:]


def corrected_line(correction: Correction, day: date, t: Translator) -> str:
    """The short form, for a line under a title: ``Corrected on 20 November 2026: title, text.``"""
    if correction.kind is ChangeKind.RESTORED:
        return t.gettext("Taken back by mistake, and restored on %(date)s.") % {"date": t.date(day)}
    fields = [t.gettext(listed) for _, listed in _named(correction)]
    if not fields:
        return t.gettext("Corrected on %(date)s.") % {"date": t.date(day)}
    values = {"date": t.date(day), "fields": ", ".join(fields)}
    return t.gettext("Corrected on %(date)s: %(fields)s.") % values


def withdrawn_words(day: date, t: Translator) -> str:
    """``The office took this item back on 20 November 2026.``"""
    return t.gettext("The office took this item back on %(date)s.") % {"date": t.date(day)}


def _named(correction: Correction) -> list[tuple[str, str]]:
    """The fields in reading order, whatever the order in which they were kept; others have no name."""
    return [names for field, names in _FIELDS.items() if field in correction.fields]


def single_feed(filters: Sequence[Filter]) -> FeedKey | None:
    """The published feed that holds exactly what one simple filter asks for, if there is one."""
    if len(filters) != 1:
        return None
    wanted = filters[0]
    bare = Filter(countries=wanted.countries, regions=wanted.regions, topics=wanted.topics)
    if wanted != bare:
        return None
    terms = [(Kind.COUNTRY, code) for code in wanted.countries]
    terms += [(Kind.REGION, code) for code in wanted.regions]
    terms += [(Kind.TOPIC, code) for code in wanted.topics]
    if not terms:
        return FeedKey(kind="all")
    return FeedKey(kind=terms[0][0], code=terms[0][1]) if len(terms) == 1 else None
