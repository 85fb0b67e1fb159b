"""How often, as people write it (pure): ``weekly``, ``mon+wed``, ``lunes, jueves``, ``5 items or 7 days``."""

from __future__ import annotations

import re
from collections.abc import Iterable

from feeds.model import DAY_NAMES, Cadence

_WORDS = {
    "inmediato": Cadence.IMMEDIATE, "inmediata": Cadence.IMMEDIATE, "al momento": Cadence.IMMEDIATE,
    "diario": Cadence.DAILY, "diaria": Cadence.DAILY, "semanal": Cadence.WEEKLY,
}  # fmt: skip
_SPANISH = ("lun", "mar", "mi", "jue", "vie", "s", "dom")
_GATHERS = re.compile(r"(\d+)\D*?(?:items?|noticias?)\D*?(\d+)\D*?(?:days?|d[ií]as?)")
HOW = "immediate, daily, weekly, days such as mon+wed+fri, or 5-items-or-7-days"


def read_cadence(text: str) -> Cadence:
    """The cadence that a text names. ValueError says what can be written."""
    said = " ".join(text.lower().split())
    if said in _WORDS:
        return _WORDS[said]
    try:
        if found := _GATHERS.fullmatch(said):
            return gathered(int(found[1]), int(found[2]))
        days = [_day(word) for word in re.split(r"[^\w]+|\b(?:and|y)\b", said) if word.strip()]
        return on_days(day for day in days if day) if days and all(days) else Cadence(said)
    except ValueError:
        raise ValueError(f"must be one of {HOW}, not “{text[:60]}”") from None


def on_days(days: Iterable[int]) -> Cadence:
    """Chosen weekdays, 1 for Monday; all seven are daily. ValueError for none."""
    chosen = sorted(set(days))
    return Cadence.DAILY if len(chosen) == 7 else Cadence("+".join(DAY_NAMES[day - 1] for day in chosen))


def gathered(items: int, days: int) -> Cadence:
    """Once so many items have come together, and none waits longer than so many days. ValueError where either
    is out of bounds: 2 to 99 items, 2 to 60 days."""
    return Cadence(f"{items}-items-or-{days}-days")


def _day(word: str) -> int:
    """The weekday that a word names, in English or Spanish; 0 for none."""
    for number, (english, spanish) in enumerate(zip(DAY_NAMES, _SPANISH, strict=True), 1):
        if word.startswith(english) or (word.startswith(spanish) and word[-1:] in "stoe" and word != "sun"):
            return number
    return 0
