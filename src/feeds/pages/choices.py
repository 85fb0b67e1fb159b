"""How often, when, where to: the fields of the forms beside the filter (pure).

Owns: what can be chosen and what was typed. Must not know which form it stands in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from feeds import cadences, schedule, timewords
from feeds.filters import fold
from feeds.i18n import Translator, catalogues, own_name, translator
from feeds.model import Cadence, Habits, SiteInfo
from feeds.pages.amounts import Estimate, hint_words
from feeds.pages.wishing import FilterForm, TypedFilter

# What the form says for chosen weekdays, and for so many items or days.
DAYS, GATHERED = "days", "gathered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """Everything that stands in a form, as it was ticked and typed."""

    filter: TypedFilter = field(default_factory=TypedFilter)
    cadence: str = Cadence.WEEKLY.value
    on: tuple[str, ...] = ()
    least: str = "5"
    most: str = "7"
    hour: str = "7"
    weekday: str = "1"
    zone: str = "UTC"
    lang: str = "en"
    address: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Pace:
    """One way to get mail, and what it would bring."""

    value: str
    name: str
    on: bool
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceForm:
    """The fields as the template shows them; `wish` is None where the page has several filters or none."""

    wish: FilterForm | None
    paces: Sequence[Pace]
    on: Sequence[tuple[str, str, bool]]
    least: str
    most: str
    hours: Sequence[tuple[str, str]]
    hour: str
    weekdays: Sequence[tuple[str, str]]
    weekday: str
    zone: str
    langs: Sequence[tuple[str, str]]
    lang: str
    address: str
    name: str


def choice_form(
    typed: Typed, wish: FilterForm | None, found: Estimate | None, site: SiteInfo, t: Translator
) -> ChoiceForm:
    """The fields filled in. `found` gives each cadence its estimate."""
    hour, weekday = number(typed.hour, 0, 23), number(typed.weekday, 1, 7)
    return ChoiceForm(
        wish=wish,
        paces=[
            *(
                Pace(
                    one.value,
                    timewords.choice_words(one, 7 if hour is None else hour, weekday or 1, t),
                    one.value == typed.cadence,
                    hint_words(one, found, t),
                )
                for one in Cadence
            ),
            *_more_paces(typed, found, t),
        ],
        on=[(str(each), t.weekday(each), str(each) in typed.on) for each in range(1, 8)],
        least=typed.least,
        most=typed.most,
        hours=[(str(each), f"{each}:00") for each in range(24)],
        hour=typed.hour,
        weekdays=[(str(each), t.weekday(each)) for each in range(1, 8)],
        weekday=typed.weekday,
        zone=typed.zone,
        langs=[(lang, own_name(lang)) for lang in site.langs],
        lang=typed.lang,
        address=typed.address,
        name=typed.name,
    )


def read_habits(typed: Typed, langs: Sequence[str], t: Translator) -> tuple[Habits, dict[str, str]]:
    """Language and times that the fields ask for, and the faults by field."""
    faults = {}
    zone = find_zone(typed.zone)
    if zone is None:
        faults["zone"] = t.gettext(
            "“%(name)s” is no time zone that we know. Write a big city near you, such as Panama or Bogota."
        ) % {"name": typed.zone[:60]}
    hour, weekday = number(typed.hour, 0, 23), number(typed.weekday, 1, 7)
    lang = typed.lang if typed.lang in langs else t.lang
    made = Habits(lang=lang, zone=zone or "UTC", hour=7 if hour is None else hour, weekday=weekday or 1)
    return made, faults


def _more_paces(typed: Typed, found: Estimate | None, t: Translator) -> list[Pace]:
    """The two ways that ask for more: which days, how many items."""
    days = _chosen_days(typed) or (1, 4)
    numbers = number(typed.least, 2, 99) or 5, number(typed.most, 2, 60) or 7
    return [
        Pace(
            DAYS, t.gettext("On days that I choose"), typed.cadence == DAYS,
            hint_words(cadences.on_days(days), found, t),
        ),
        Pace(
            GATHERED, t.gettext("When enough has come together"), typed.cadence == GATHERED,
            hint_words(cadences.gathered(*numbers), found, t),
        ),
    ]  # fmt: skip


def plain_paces(form: ChoiceForm) -> list[tuple[str, str]]:
    """The ways that need no further field."""
    return [(pace.value, pace.name) for pace in form.paces if pace.value in set(Cadence)]


def with_own(paces: Sequence[tuple[str, str]], own: str, t: Translator) -> list[tuple[str, str]]:
    """These, and the one that was chosen elsewhere, whatever it is."""
    try:
        words = timewords.choice_words(Cadence(own), 7, 1, t)
    except ValueError:
        return list(paces)
    return [*paces] if own in dict(paces) else [*paces, (own, words)]


def typed_pace(cadence: Cadence) -> dict[str, Any]:
    """The fields of the form that say this cadence."""
    if cadence.days:
        return {"cadence": DAYS, "on": tuple(str(day) for day in cadence.days)}
    if cadence.gathers:
        least, most = cadence.gathers
        return {"cadence": GATHERED, "least": str(least), "most": str(most)}
    return {"cadence": cadence.value}


def _chosen_days(typed: Typed) -> tuple[int, ...]:
    return tuple(day for each in typed.on if (day := number(each, 1, 7)))


def read_cadence(typed: Typed, t: Translator) -> tuple[Cadence, dict[str, str]]:
    """How often; a value that no form has is a fault."""
    try:
        return Cadence(typed.cadence), {}
    except ValueError:
        pass
    fault = t.gettext("Please choose how often.")
    if typed.cadence == DAYS:
        if days := _chosen_days(typed):
            return cadences.on_days(days), {}
        fault = t.gettext("Please tick the days.")
    if typed.cadence == GATHERED:
        least, most = number(typed.least, 2, 99), number(typed.most, 2, 60)
        if least and most:
            return cadences.gathered(least, most), {}
        fault = t.gettext("Please write 2 to 99 items and 2 to 60 days.")
    return Cadence.WEEKLY, {"cadence": fault}


def find_zone(text: str) -> str | None:
    """The time zone that somebody means by its name or by a city of any language we speak."""
    given = text.strip()
    if schedule.valid_zone(given):
        return given
    return _cities().get(fold(given))


def number(text: str, least: int, most: int) -> int | None:
    """A whole number within bounds, or None."""
    digits = text.strip()
    value = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 5 else -1
    return value if least <= value <= most else None


_CITIES: dict[str, str] = {}


def _cities() -> Mapping[str, str]:
    """Folded names of cities in each language -> zone; made when first needed."""
    if not _CITIES:
        made: dict[str, str] = {}
        for zone in schedule.zones_by_place():
            made.setdefault(fold(zone), zone)
            for lang in catalogues():
                made.setdefault(fold(translator(lang).city(zone)), zone)
        _CITIES.update(made)
    return _CITIES
