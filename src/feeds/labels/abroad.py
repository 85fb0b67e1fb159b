"""A people in another country: "Ecuadorians in Murcia vote" (labels, floor 1).

Owns: whether a title names one. What that says of an item is the matter of topics.toml (`abroad`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from feeds.labels.places import REGION, Hit
from feeds.labels.scanner import Text

_STANDING_IN = (
    re.compile(  # "Syrian doctors in Germany", "Tunisiens de France", "la communauté malgache à Lyon"
        r"(?: \w+){0,2} (?:in|of|en|de|del|em|no|na|nos|nas|do|da|dans|du|des|a|au|aux|desde|from)"
        r" (?:the |la |el |las |los |o |as |os |l')?"
    )
)


def people_abroad(text: Text, hits: Sequence[Hit]) -> bool:
    """Whether the title first tells of a people and, a word or two later, of another country where they are.

    `hits` are the places of the text in the order of the text. A people that the title names later is
    mostly acted on: "Moldova closes the Russian consulate in Chișinău".
    """
    return len(hits) > 1 and hits[1].start < text.edge and _are_in(text.plain, *hits[:2])


def _are_in(plain: str, people: Hit, place: Hit) -> bool:
    return (
        people.surface.demonym
        and not place.surface.demonym
        and REGION not in (people.surface.rule, place.surface.rule)
        and set(people.surface.codes).isdisjoint(place.surface.codes)
        and _STANDING_IN.fullmatch(plain, people.end, place.start) is not None
    )
