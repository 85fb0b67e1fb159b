"""Whether a colour can be read: contrast as WCAG 2.2 reckons it (1.4.3; relative luminance)."""

from __future__ import annotations

import re

LEAST = 4.5
"""Of text on its ground."""
# What stands under and on the accent, as templates/web/style.css has it: (ground, text on a button).
DAY, NIGHT = ("#ffffff", "#ffffff"), ("#111514", "#05241b")
_COLOUR = re.compile(r"#[0-9a-f]{6}")


def accent_by_day(value: str) -> str:
    """An accent on white, and under white."""
    return _readable(value, DAY)


def accent_by_night(value: str) -> str:
    """An accent on the dark ground, and under dark letters."""
    return _readable(value, NIGHT)


def _readable(value: str, against: tuple[str, str]) -> str:
    """The colour in lower case; empty stays empty. ValueError with words that go on after "must be"."""
    colour = value.lower()
    if not colour:
        return ""
    if not _COLOUR.fullmatch(colour):
        raise ValueError('a colour such as "#00604a", or empty')
    for other in dict.fromkeys(against):
        if (found := contrast(colour, other)) < LEAST:
            raise ValueError(
                f"a colour with a contrast of at least {LEAST}:1 to {other} (this one has {found:.1f}:1)"
            )
    return colour


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black and white)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
