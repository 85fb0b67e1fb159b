"""Words, dates and lists in a reader's language.

Owns: the catalogues in ``locale/*.po`` (English is the message itself), and
every date, number and list that people read. The only importer of babel.
Must not know items, templates, or where a language came from; it reads its
own package data once per language and nothing else.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, get_day_names, get_timezone_location
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from feeds import shipped

SOURCE = "en"
Day = date  # inside Translator, `date` is a method

# Day before month, as the offices that use this write it; CLDR's "en" is American.
_LOCALES = {"en": "en_GB"}
_LONG = {"en": "d MMMM y", "es": "d 'de' MMMM 'de' y", "pt": "d 'de' MMMM 'de' y", "fr": "d MMMM y"}
_YEARLESS = {"en": "d MMMM", "es": "d 'de' MMMM", "pt": "d 'de' MMMM", "fr": "d MMMM"}


def N_(message: str) -> str:  # noqa: N802 - the name that extraction of messages looks for
    """Mark a message for translation where it is written; it is looked up where it is shown."""
    return message


class Translator:
    """One language: messages, dates, numbers, lists. Made by `translator`."""

    def __init__(self, lang: str, catalogue: NullTranslations) -> None:
        self.lang = lang
        self._catalogue = catalogue
        self._locale = Locale.parse(_LOCALES.get(lang, lang))
        self._named = str(self._locale)

    @property
    def dir(self) -> str:
        """``ltr`` or ``rtl``, for HTML."""
        return str(self._locale.text_direction)

    def gettext(self, message: str) -> str:
        """The message in this language, or as it stands."""
        return self._catalogue.gettext(message) if message else ""

    def ngettext(self, one: str, many: str, n: int) -> str:
        """The form that fits `n`."""
        return self._catalogue.ngettext(one, many, n)

    def date(self, day: Day) -> str:
        """``18 November 2026``, ``18 de noviembre de 2026``."""
        return _long_date(day, self.lang, self._named)

    def full_date(self, day: Day) -> str:
        """``Saturday 28 November 2026``, ``sábado 28 de noviembre de 2026``."""
        return f"{self.weekday(day.isoweekday())} {self.date(day)}"

    def weekday(self, number: int) -> str:
        """``Monday`` for 1 … ``Sunday`` for 7, ``lunes`` …"""
        return _weekday(number, self._named)

    def language(self, code: str) -> str:
        """The name of a language: ``Spanish``, ``español``; its code where no name is known."""
        return str(self._locale.languages.get(code, code))

    def city(self, zone: str) -> str:
        """The city that names a time zone: ``Panama``, ``Panamá``; ``UTC`` of UTC."""
        return _city(zone, str(self._locale))

    def at(self, hour: int, minute: int = 0) -> str:
        """``at 7:00``; ``a las 7:00``, but ``a la 1:00``."""
        said = self.gettext("at %(time)s") % {"time": f"{hour}:{minute:02}"}
        return said.replace("a las", "a la") if self.lang == "es" and hour == 1 else said

    def until(self, hour: int, minute: int = 0) -> str:
        """``until 7:00``; ``hasta las 7:00``, but ``hasta la 1:00``."""
        said = self.gettext("until %(time)s") % {"time": f"{hour}:{minute:02}"}
        return said.replace("las", "la") if self.lang == "es" and hour == 1 else said

    def day_month(self, day: Day) -> str:
        """``18 November``, ``18 de noviembre``: where the year is plain."""
        return _day_month(day.replace(year=_LEAP), self.lang, self._named)

    def other_language(self, lang: str) -> str:
        """``in Spanish``, ``en inglés``: a language that is not this one; empty for this or none."""
        name = self._locale.languages.get(lang) if lang and lang != self.lang else None
        return self.gettext("in %(language)s") % {"language": name} if name else ""

    def short_date(self, day: Day) -> str:
        """``18 Nov 2026``, ``18 nov 2026``: for subjects and tables."""
        return format_date(day, "d MMM y", locale="en" if self.lang == "en" else self._locale)

    def month(self, day: Day) -> str:
        """``September 2021``, ``septiembre de 2021``."""
        return format_skeleton("yMMMM", day, locale="en" if self.lang == "en" else self._locale)

    def month_alone(self, day: Day) -> str:
        """``Sep``, ``sept``: under the year."""
        return format_date(day, "LLL", locale="en" if self.lang == "en" else self._locale)

    def day_range(self, first: Day, last: Day) -> str:
        """``14–20 September 2021``: whatever both days share is said once."""
        if first >= last:
            return self.date(last)
        if (first.year, first.month) == (last.year, last.month) and self.lang in _LONG:
            return f"{first.day}–{self.date(last)}"
        if first.year == last.year and self.lang in _YEARLESS:
            return f"{format_date(first, _YEARLESS[self.lang], locale=self._locale)} – {self.date(last)}"
        return f"{self.date(first)} – {self.date(last)}"

    def instant(self, at: datetime) -> str:
        """``18 November 2026, 14:05 UTC`` for an aware instant."""
        at = at.astimezone(UTC)
        return f"{self.date(at.date())}, {at:%H:%M} UTC"

    def number(self, n: int) -> str:
        """``12,345``, ``12.345``."""
        return _number(n, self._named)

    def all_of(self, names: Sequence[str]) -> str:
        """``Panama, Honduras and Mexico``."""
        return self._listed(names, "standard")

    def any_of(self, names: Sequence[str]) -> str:
        """``Panama or Honduras``."""
        return self._listed(names, "or")

    def _listed(self, names: Sequence[str], style: str) -> str:
        """A list with its conjunction; Spanish "o" and "y" change before their own sound."""
        if not names:
            return ""
        text = format_list(list(names), style=style, locale=self._locale)  # type: ignore[arg-type]
        if self.lang != "es" or len(names) < 2:
            return text
        word, spoken = ("o", "u") if style == "or" else ("y", "e")
        tail = f" {word} {names[-1]}"
        if _sounds_like(names[-1], word) and text.endswith(tail):
            return f"{text.removesuffix(tail)} {spoken} {names[-1]}"
        return text


@lru_cache(maxsize=16_384)
def _long_date(day: date, lang: str, locale: str) -> str:
    """Kept for all days of some decades: a rebuild comes by each of them many times."""
    return format_date(day, _LONG.get(lang, "long"), locale=locale)


_LEAP = 2000  # has every day


@lru_cache(maxsize=2048)
def _day_month(day: date, lang: str, locale: str) -> str:
    return format_date(day, _YEARLESS.get(lang, "MMMMd"), locale=locale)


@lru_cache(maxsize=64)
def _weekday(number: int, locale: str) -> str:
    return str(get_day_names("wide", locale=locale)[number - 1])


@lru_cache(maxsize=4096)
def _number(n: int, locale: str) -> str:
    return format_decimal(n, locale=locale)


@lru_cache(maxsize=4096)
def _city(zone: str, locale: str) -> str:
    """ "Knox, Indiana" as CLDR has it; of "Argentina/Buenos Aires" the city alone."""
    try:
        named = str(get_timezone_location(zone, locale=locale, return_city=True))
    except LookupError:
        named = zone
    return named.rpartition("/")[2].replace("_", " ")


def _sounds_like(name: str, word: str) -> bool:
    """Whether a Spanish name begins with the sound of "o" or of "y" (i, not ia or ie)."""
    start = name.casefold().lstrip("“«\"'¿¡").removeprefix("h").translate(str.maketrans("óí", "oi"))
    if word == "o":
        return start.startswith("o")
    return start.startswith("i") and not start.startswith(("ia", "ie", "io"))


@lru_cache(maxsize=32)
def own_name(lang: str) -> str:
    """A language as its readers call it: ``English``, ``Español``; its code where no name is known."""
    try:
        name = Locale.parse(lang).get_display_name(lang) or lang
    except (UnknownLocaleError, ValueError):
        return lang
    return name[:1].upper() + name[1:]


@lru_cache(maxsize=32)
def translator(lang: str) -> Translator:
    """The translator of a language (``es``; of ``es-PA`` the part before the hyphen).

    A language without a catalogue speaks English, dates included, so that no
    sentence is half in one language and half in another.
    """
    base = lang.replace("_", "-").partition("-")[0].lower()
    if base == SOURCE or base not in catalogues():
        return Translator(SOURCE, NullTranslations())
    return Translator(base, _catalogue(base))


def catalogues() -> tuple[str, ...]:
    """Languages that have a catalogue, English first."""
    return shipped.languages()


def _catalogue(lang: str) -> GNUTranslations:
    """The catalogue of a language, compiled in memory: no .mo file to forget in a build."""
    with (files("feeds") / "locale" / f"{lang}.po").open("rb") as source:
        catalogue = read_po(source, locale=lang)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)
