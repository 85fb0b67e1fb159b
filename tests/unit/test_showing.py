"""How lists are shown: within the terminal, page by page, with a word where they were cut short."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click
import pytest

from feeds.cli import show


@pytest.mark.parametrize(
    ("widths", "room", "expected"),
    [
        ([4, 10, 6], 80, [4, 10, 6]),
        ([4, 90, 6], 50, [4, 40, 6]),
        ([40, 60, 6], 50, [22, 22, 6]),
        ([40, 60, 7], 50, [22, 21, 7]),
        ([3, 60, 60, 60], 12, [3, 6, 6, 6]),
        ([], 80, []),
    ],
)
def test_the_widest_columns_give_way_until_all_fit(
    widths: Sequence[int], room: int, expected: list[int]
) -> None:
    assert show.narrowed(widths, room) == expected


class Screen:
    """A terminal of so many columns and lines, and what a pager was given."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, columns: int, lines: int) -> None:
        self.paged: list[str] = []
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setenv("LINES", str(lines))
        monkeypatch.setattr(click, "echo_via_pager", self.paged.append)


def test_a_table_fits_the_terminal_and_a_long_one_is_paged(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    screen = Screen(monkeypatch, 40, 10)
    row = ["ana@example.org", "a filter that is far longer than a terminal is wide", "daily"]
    show.table(["address", "filter", "cadence"], [row] * 8)
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines()[1:])) <= 40
    assert screen.paged == []
    show.table(["address", "filter", "cadence"], [row] * 9)
    assert len(screen.paged[0].splitlines()) == 10


def test_a_list_that_ends_at_its_limit_says_how_to_see_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Screen(monkeypatch, 80, 24)
    with click.Context(click.Command("list")) as context:
        context.params["limit"] = 2
        for number, told in ((2, "These are 2; there may be more: --limit 20\n"), (1, "")):
            show.rows([{"name": "x"}] * number, ["name"], as_json=False, nothing="None.")
            assert capsys.readouterr().err == told
        show.rows([{"name": "x"}] * 2, ["name"], as_json=True, nothing="None.")
        assert capsys.readouterr().err == ""


def test_nothing_is_shown_of_waiting_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    with show.waiting("Publishing") as again:
        assert again() is False
    assert capsys.readouterr() == ("", "")


def test_on_a_terminal_what_runs_is_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Screen(monkeypatch, 80, 24)
    with show.waiting("Publishing", beats=False) as again:
        assert again() is False
    shown = capsys.readouterr()
    assert "Publishing" in shown.err
    assert shown.out == ""
