"""Labelling long and hostile texts: the work grows with the text, counted in steps, not in time."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import tomli

from chance import part
from feeds.labels import Labeller, build

CONFIG = Path(__file__).resolve().parents[2] / "config"


@cache
def labeller() -> Labeller:
    tables = [tomli.loads((CONFIG / f"{name}.toml").read_text("utf-8")) for name in ("topics", "places")]
    return build(tables[0], tables[1])[0]


def steps(summary: str) -> int:
    """Lines of Python that labelling a text runs; a loop counts each of its turns."""
    counted = 0

    def count(_frame: FrameType, event: str, _arg: object) -> Any:
        nonlocal counted
        counted += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        labeller().labels("News of the week", summary, "en")
    finally:
        sys.settrace(before)
    return counted


@pytest.mark.parametrize(
    "words",
    [
        "child labour , ",
        "funded by X. Andean Japan, ",
        "funded by Japan ",
        "students from Peru, ",
        "consulate Honduran teacher ",
        "Department of Granada ",
        "With funds from Japan, Peru ",
        "Jordan Smith opens, ",
        "US and ",
        "Peru, Chile donates. ",
        "Japan in list, and ",
        "migrants of Lima, funded by Peru and Japan ",
        "Lebanon, Pennsylvania ",
        "unlike Chile, ",
        "Peru sends ",
        "people reached Uganda from Burundi ",
        "an event with the bank, Peru and ",
        "Syria (4%), ",
        "delegations of Peru, Chile and Togo met. ",
    ],
)
def test_twice_the_text_is_at_most_about_twice_the_work(words: str) -> None:
    labeller().labels("News of the week", words * 3, "en")  # what is built when first needed is built
    times = part(120)

    assert steps(words * 2 * times) < 2.4 * steps(words * times)
