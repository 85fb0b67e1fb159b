"""Mails use only HTML and CSS that Gmail, Outlook and Apple Mail show, or may ignore without harm."""

from __future__ import annotations

import json
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
MAILS = sorted((TESTS / "golden" / "mails").glob("*.html"))

# Longhands and elements that the table treats under another name.
SAME = {
    "css-padding-left": "css-padding", "css-padding-right": "css-padding", "css-padding-top": "css-padding",
    "css-padding-bottom": "css-padding", "css-margin-top": "css-margin", "css-margin-left": "css-margin",
    "css-border-top": "css-border", "css-border-left": "css-border", "css-border-bottom": "css-border",
    "css-border-top-color": "css-border", "css-border-bottom-color": "css-border",
    "css-border-color": "css-border", "css-border-left-color": "css-border", "css-font-family": "css-font",
    "html-h1": "html-h1-h6", "html-h2": "html-h1-h6", "html-h3": "html-h1-h6", "html-ul": "html-lists",
    "html-ol": "html-lists", "html-li": "html-lists", "html-tr": "html-table", "html-td": "html-table",
    "html-th": "html-table", "html-tbody": "html-table", "html-thead": "html-table",
    "html-a": "html-anchor-links",
}  # fmt: skip
# As old as the web, and not in the table: every mail program shows them.
PLAIN = {
    "css-color", "css-supported-color-schemes", "html-html", "html-head", "html-title", "html-meta",
    "html-br", "html-b", "html-em", "html-strong",
}  # fmt: skip
# Used although not everybody has it, and what is seen where it is missing.
HARMLESS = {
    "css-at-media-prefers-color-scheme": "the light colours, or the program's own dark ones",
    "css-at-media": "the wide sides of 32 px also on a narrow screen",
    "css-color-scheme": "the program chooses",
    "css-display-none": "the preheader in one pixel, in the colour of the ground",
    "css-display": "a button as wide as its words; the period stands after a line break of its own",
    "css-max-height": "as for display: none",
    "css-overflow": "as for display: none; a long address stands out of the column",
    "css-max-width": "Outlook has a table of 600 px around it",
    "css-letter-spacing": "letters a third of a pixel apart",
    "css-line-height": "lines a little closer",
    "css-word-break": "a long address stands out of the column",
    "css-border-collapse": "cells have no borders that could collapse",
    "css-border-spacing": "tables have cellspacing to fall back on, and no borders",
    "css-text-decoration": "a link with or without its line",
    "css-margin": "Outlook's own distances",
    "css-padding": "Outlook keeps it on cells, where the frame has it",
    "css-important": "the rules of the narrow and the dark view do not count",
    "css-width": "the width attribute stands beside it",
    "css-height": "the gap above the foot is as high as its line",
    "css-vertical-align": "cells in the middle of their line",
    "css-background-color": "Outlook keeps it on cells, where it stands",
    "css-font": "the program's own font",
    "css-border": "solid lines of whole pixels are shown, and no others are used",
    "css-border-radius": "square corners",
    "css-font-size": "sizes in pixels are shown, and no others are used",
    "css-font-weight": "bold and normal are shown, and no others are used",
    "css-overflow-wrap": "a long address stands out of the column",
    "css-text-align": "left and right are shown, and no others are needed",
    "css-opacity": "as for display: none",
    "css-text-transform": "the letters as they are written",
    "html-anchor-links": "mails have none: links lead to the web",
    "html-del": "the words are told apart by “Was” and “Now”",
    "html-ins": "the words are told apart by “Was” and “Now”",
    "html-style": "light colours and wide sides",
    "html-body": "its colour stands on the outer table, too",
    "html-div": "its margins do not count in Outlook; distances stand on cells",
    "html-span": "",
    "html-p": "Outlook's own distances",
    "html-lists": "Outlook's own indent",
}


class Used(HTMLParser):
    """The elements and CSS properties of a mail."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.features: set[str] = set()
        self._in_style = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.features.add(f"html-{tag}")
        self._in_style = tag == "style"
        self.declared(dict(attrs).get("style") or "")

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if self._in_style:
            for block in re.findall(r"\{([^{}]*)\}", data):
                self.declared(block)
            self.features |= {f"css-at-{rule}" for rule in re.findall(r"@([a-z-]+)", data)}
            if "prefers-color-scheme" in data:
                self.features.add("css-at-media-prefers-color-scheme")

    def declared(self, block: str) -> None:
        for declaration in block.split(";"):
            name, colon, value = declaration.partition(":")
            if not colon:
                continue
            name = name.strip().lower()
            kind = value.split("!")[0].strip()
            apart = name == "display" and kind in ("none", "flex", "grid")
            self.features.add(f"css-display-{kind}" if apart else f"css-{name}")
            if "!important" in value:
                self.features.add("css-important")


@cache
def supported() -> dict[str, dict[str, str]]:
    table: dict[str, dict[str, str]] = json.loads((TESTS / "mail_support.json").read_text())["features"]
    return table


def doubtful(feature: str) -> str:
    """Why a feature may not be used without a reason; empty when it may."""
    slug = SAME.get(feature, feature)
    if feature in PLAIN or slug in HARMLESS or slug.startswith("css-mso-"):
        return ""
    if slug not in supported():
        return f"{feature} is not in the table"
    lacking = [client for client, found in supported()[slug].items() if found != "y"]
    return f"{feature} is not shown by {', '.join(lacking)}" if lacking else ""


@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.stem)
def test_a_mail_uses_only_what_mail_programs_show_or_may_ignore(path: Path) -> None:
    used = Used(path.read_text(encoding="utf-8")).features
    assert len(used) > 20
    assert sorted(filter(None, map(doubtful, used))) == []


@pytest.mark.parametrize(
    "html",
    ["<p style='display:flex'>", "<style>.a { position: sticky }</style>", "<video>", "<p style='gap: 1px'>"],
)
def test_what_a_program_does_not_show_is_found(html: str) -> None:
    assert [why for why in map(doubtful, Used(html).features) if why]


def test_no_excuse_is_kept_for_what_no_mail_uses() -> None:
    used = {
        SAME.get(each, each) for path in MAILS for each in Used(path.read_text(encoding="utf-8")).features
    }
    assert sorted(HARMLESS.keys() - used) == []
