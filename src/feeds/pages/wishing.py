"""A filter as a form: ticks and typed words -> a filter, and back (pure).

Owns: the names of the form's fields, which names a person may type for a country, region or topic,
and what to say beside a field. What a filter means is `filters`' alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from urllib.parse import parse_qsl

from feeds import filters
from feeds.errors import InputError, Problem
from feeds.i18n import Translator, own_name
from feeds.model import Filter, Kind, Vocabulary

# A form's choices: so many countries at once, the others folded away.
_FIRST_COUNTRIES = 12
_MORE_COUNTRIES = 60
_KINDS = (Kind.COUNTRY, Kind.REGION, Kind.TOPIC)
_SWITCHES = ("mentions", "members")
_NOT = {Kind.COUNTRY: "not-country", Kind.REGION: "not-region", Kind.TOPIC: "not-topic"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedFilter:
    """What stands in the fields of one filter, as it was ticked and typed."""

    countries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    names: str = ""
    words: str = ""
    all_words: str = ""
    without: str = ""
    mentions: bool = False
    only_regions: bool = False
    languages: tuple[str, ...] = ()
    prefer: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """One box to tick."""

    value: str
    name: str
    on: bool
    lang: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterForm:
    """One filter as the template shows it; its fields' names begin with `prefix`."""

    prefix: str
    countries: Sequence[Tick]
    more_countries: Sequence[Tick]
    regions: Sequence[Tick]
    topics: Sequence[Tick]
    names: str
    words: str
    all_words: str
    without: str
    mentions: bool
    only_regions: bool
    languages: Sequence[Tick]
    prefer: str
    versions: Sequence[tuple[str, str]]
    refined: bool


@dataclass(slots=True)
class KnownNames:
    """Every name and code of a vocabulary, in all its languages, folded."""

    vocabulary: Vocabulary
    _by_name: dict[str, list[tuple[Kind, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for kind in _KINDS:
            for term in self.vocabulary.of(kind):
                names = {filters.fold(name) for name in (*term.names.values(), term.code)}
                for name in names:
                    self._by_name.setdefault(name, []).append((kind, term.code))

    def find(self, name: str) -> tuple[Kind, str] | None:
        """The term that somebody means; a country before a region before a topic of the same name."""
        found = self._by_name.get(filters.fold(name))
        return found[0] if found else None

    def nearest(self, name: str, lang: str) -> str:
        """The name that somebody may have meant, in their language; empty if none is near."""
        near = get_close_matches(filters.fold(name)[:60], list(self._by_name), n=1, cutoff=0.75)
        return self.vocabulary.name(*self._by_name[near[0]][0], lang) if near else ""

    def listed(self, lang: str) -> list[str]:
        """All names in one language, for a field that completes them."""
        every = (
            self.vocabulary.name(kind, term.code, lang)
            for kind in _KINDS
            for term in self.vocabulary.of(kind)
        )
        return sorted(set(every))


def read_filter(
    typed: TypedFilter, prefix: str, known: KnownNames, t: Translator
) -> tuple[Filter | None, dict[str, str]]:
    """The filter that the fields ask for, or the faults by field; nothing asked for is everything."""
    faults: dict[str, str] = {}
    pairs = list(_pairs(typed, prefix, known, t, faults))
    if faults:
        return None, faults
    asks = any(key not in _SWITCHES for key, _ in pairs)
    try:
        return filters.from_query(pairs if asks else [*pairs, ("all", "yes")], known.vocabulary), {}
    except InputError as error:
        return None, dict(_said(problem, prefix, t) for problem in error.problems)


def typed_from(wanted: Filter, vocabulary: Vocabulary, t: Translator) -> TypedFilter:
    """The fields filled in with a filter."""
    asked = dict(parse_qsl(filters.to_query(wanted)))
    codes = {
        key: tuple(asked.get(key, "").split(",")) if key in asked else ()
        for key in (*_NOT.values(), "language")
    }
    left_out = [vocabulary.name(kind, code, t.lang) for kind, key in _NOT.items() for code in codes[key]]
    return TypedFilter(
        countries=wanted.countries,
        regions=wanted.regions,
        topics=tuple(vocabulary.current(Kind.TOPIC, code) for code in wanted.topics),
        words=", ".join(wanted.words),
        all_words=" ".join(wanted.all_words),
        without=", ".join([*left_out, *wanted.without]),
        mentions=wanted.mentions,
        only_regions=not wanted.members,
        languages=codes["language"],
        prefer=",".join(wanted.prefer),
    )


def filter_form(
    typed: TypedFilter,
    prefix: str,
    vocabulary: Vocabulary,
    busy: Mapping[tuple[str, str], int],
    languages: Sequence[str],
    t: Translator,
) -> FilterForm:
    """The fields of one filter. `busy` counts items by kind and code: who has most stands first."""
    chosen = set(typed.countries)
    counted = [code for kind, code in busy if kind == Kind.COUNTRY.value]
    by_news = sorted(counted, key=lambda code: (-busy[Kind.COUNTRY.value, code], code))
    first = chosen | set(by_news[:_FIRST_COUNTRIES])
    rest = set(by_news[:_MORE_COUNTRIES]) - first
    return FilterForm(
        prefix=prefix,
        countries=_ticks(Kind.COUNTRY, first, chosen, vocabulary, t),
        more_countries=_ticks(Kind.COUNTRY, rest, chosen, vocabulary, t),
        regions=_ticks(Kind.REGION, _codes(Kind.REGION, vocabulary), typed.regions, vocabulary, t),
        topics=_ticks(Kind.TOPIC, _codes(Kind.TOPIC, vocabulary), typed.topics, vocabulary, t),
        names=typed.names,
        words=typed.words,
        all_words=typed.all_words,
        without=typed.without,
        mentions=typed.mentions,
        only_regions=typed.only_regions,
        languages=[Tick(lang, own_name(lang), lang in typed.languages, lang) for lang in languages],
        prefer=typed.prefer,
        versions=versions(languages, t, typed.prefer),
        refined=bool(
            typed.words
            or typed.all_words
            or typed.without
            or typed.mentions
            or typed.only_regions
            or typed.languages
            or typed.prefer
        ),
    )


def _pairs(
    typed: TypedFilter, prefix: str, known: KnownNames, t: Translator, faults: dict[str, str]
) -> Iterator[tuple[str, str]]:
    """The pairs of a filter's query; a name that is none goes into `faults`."""
    for kind, codes in zip(_KINDS, (typed.countries, typed.regions, typed.topics), strict=True):
        yield from ((kind.value, code) for code in codes)
    for name in _split(typed.names):
        if term := known.find(name):
            yield term[0].value, term[1]
        else:
            faults[f"{prefix}names"] = _unknown(name, known, t)
    yield from (("word", _quoted(word)) for word in _split(typed.words))
    if all_words := typed.all_words.replace('"', " ").strip():
        yield "q", all_words
    for name in _split(typed.without):
        left_out = known.find(name)
        yield (_NOT[left_out[0]], left_out[1]) if left_out else ("without", _quoted(name))
    yield from (("language", lang) for lang in typed.languages)
    if typed.prefer:
        yield "prefer", typed.prefer
    if typed.mentions:
        yield "mentions", "yes"
    if typed.only_regions:
        yield "members", "no"


def versions(languages: Sequence[str], t: Translator, chosen: str = "") -> list[tuple[str, str]]:
    """What a form offers for items that are there in several languages: all versions, or one, by a language
    of the site first, or as it was `chosen` before. The value is what ``prefer`` holds.
    """
    asked = dict.fromkeys([*languages, chosen])
    named = [(each, ", ".join(map(t.language, each.split(",")))) for each in asked if each]
    first = t.gettext("only one, %(languages)s first")
    return [("", t.gettext("all of them")), *((each, first % {"languages": names}) for each, names in named)]


def _split(text: str) -> list[str]:
    """Names between commas, semicolons or line breaks."""
    parts = text.replace(";", ",").replace("\n", ",").split(",")
    return [part for one in parts if (part := one.replace('"', " ").strip())]


def _quoted(word: str) -> str:
    return f'"{word}"'


def _unknown(name: str, known: KnownNames, t: Translator) -> str:
    near = known.nearest(name, t.lang)
    shown = name[: filters.MAX_WORD_CHARS]
    if near:
        said = t.gettext("“%(name)s” is no country, region or topic of this site. Did you mean %(near)s?")
        return said % {"name": shown, "near": near}
    said = t.gettext(
        "“%(name)s” is no country, region or topic of this site. If it is a word, put it under “certain"
        " words”."
    )
    return said % {"name": shown}


def _said(problem: Problem, prefix: str, t: Translator) -> tuple[str, str]:
    """The field that a fault of the filter belongs to, and what to say there."""
    if "both asked for and excluded" in problem.what:
        return f"{prefix}without", t.gettext("The same cannot be asked for and left out at once.")
    key = problem.where.partition("=")[0].partition(":")[0].lstrip("-")
    if key == "filter":
        said = t.gettext(
            "That is too much for one subscription: at most %(num)s countries, topics and words."
        )
        return f"{prefix}names", said % {"num": filters.MAX_TERMS}
    if key in ("word", "q", "without"):
        said = t.gettext("A word or phrase needs a letter or digit and has at most %(num)s characters.")
        return f"{prefix}{key}", said % {"num": filters.MAX_WORD_CHARS}
    return f"{prefix}names", t.gettext(
        "One of these countries, regions or topics is not known here any more."
    )


def _ticks(
    kind: Kind, codes: Iterable[str], on: Collection[str], vocabulary: Vocabulary, t: Translator
) -> list[Tick]:
    """Boxes by name, as the language sorts them."""
    ticks = [Tick(code, vocabulary.name(kind, code, t.lang), code in on) for code in codes]
    return sorted(ticks, key=lambda tick: filters.fold(tick.name))


def _codes(kind: Kind, vocabulary: Vocabulary) -> list[str]:
    return [term.code for term in vocabulary.of(kind)]
