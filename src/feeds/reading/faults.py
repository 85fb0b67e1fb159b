"""What can be wrong with a bulletin, in plain words for the press office.

Owns the list of fault codes and their words: one row each, held against
docs/bulletins.md by a test. Codes are stable, words may change and are
translated. Must not know how a fault is found.
"""

from __future__ import annotations

from collections.abc import Callable

from feeds.model import Fault


def N_(message: str) -> str:  # noqa: N802 - the name that gettext extraction looks for
    """Marks a literal for translation where it stands; `explain` translates it later."""
    return message


# Some text of the file became no item; the rest of the file is read all the same.
_BLOCKING = {
    "text-before-first-date": (
        N_("There is text before the first date, so it belongs to no item: “{detail}”."),
        N_("Put the date of the item on a line of its own above this text, or delete the text."),
    ),
    "date-impossible": (
        N_("There is no such day in the calendar: “{detail}”. The text under it was not taken."),
        N_("Correct the date, for example 27 April, 2021, and drop the file in again."),
    ),
    "date-incomplete": (
        N_("The date has no year of four figures: “{detail}”. The text under it was not taken."),
        N_("Write the year in full, for example 27 April, 2021, and drop the file in again."),
    ),
    "title-missing": (
        N_("There is a date but no title under it: “{detail}”."),
        N_("Write the title under the date, or delete the date if it is there by mistake."),
    ),
    "title-too-long": (
        N_("The title is longer than 500 characters: “{detail}”."),
        N_("Give the item a short title on the line under its date, and put the text below the title."),
    ),
    "summary-too-long": (
        N_("The text of this item is longer than 50,000 characters: “{detail}”."),
        N_("Shorten the text, and check that a date line is not missing between two items."),
    ),
}

# Worth a look, but the item was taken.
_WARNINGS = {
    "summary-missing": (
        N_("The item has a title but no text: “{detail}”."),
        N_("It was taken as it is. If text is missing, add it under the title and drop the file in again."),
    ),
    "encoding-guessed": (
        N_("The file is not UTF-8, so its letters were guessed, first here: “{detail}”."),
        N_("Check accents and quotation marks. To be safe, save the file as “Unicode (UTF-8)” next time."),
    ),
    "encoding-damaged": (
        N_("Some characters are damaged and were replaced by “\ufffd”, first here: “{detail}”."),
        N_("Save the file again as “Unicode (UTF-8)”, check the text, and drop it in again."),
    ),
}

# Nothing was read, the file is in rejected/. Those from file-kind on are the inbox's own.
_REJECTING = {
    "file-empty": (
        N_("The file is empty."),
        N_("Check that the file was saved and copied whole, and drop it in again."),
    ),
    "file-binary": (
        N_("The file is not plain text; it looks like {detail}."),
        N_("Open it in the program it comes from, save it as plain text (UTF-8), and drop in that file."),
    ),
    "file-too-large": (
        N_("The file is larger than this site takes ({detail})."),
        N_("Split it into several files, each with whole items, and drop those in."),
    ),
    "no-items": (
        N_("No line of the file is a date, so no item was found. It begins: “{detail}”."),
        N_("Begin each item with its date on a line of its own, for example 27 April, 2021."),
    ),
    "file-kind": (
        N_("Files of this kind are not read here."),
        N_("Save the bulletin as plain text, with a name that ends in .txt, and drop in that file."),
    ),
    "file-not-regular": (
        N_("This is not a file but a link, a folder or a device."),
        N_("Copy the bulletin itself into the inbox."),
    ),
    "file-unreadable": (
        N_("The file could not be opened."),
        N_("Allow this system to read it (ask whoever runs the site), and drop it in again."),
    ),
    "file-changing": (
        N_("The file was still being written when it was read."),
        N_("Wait until the copy is complete, and drop it in again if it is not taken by then."),
    ),
    "bulletin-failed": (
        N_("This program failed while reading the file ({detail}). That is our fault, not yours."),
        N_("Tell whoever runs the site; once it is mended, drop the file in again."),
    ),
    "file-vanished": (
        N_("The file was gone before it could be read."),
        N_("Drop it in again, if it was not taken away on purpose."),
    ),
}

BLOCKING = frozenset(_BLOCKING)
WARNINGS = frozenset(_WARNINGS)
REJECTING = frozenset(_REJECTING)
WORDS = _BLOCKING | _WARNINGS | _REJECTING
_UNKNOWN = (
    N_("Something in this bulletin could not be read: “{detail}”."),
    N_("Compare the file with the example in the guide to bulletins, or ask whoever runs the site."),
)


def explain(fault: Fault, gettext: Callable[[str], str] = lambda message: message) -> tuple[str, str]:
    """(what is wrong, what to do), translated by `gettext`; a code without a row gives general words."""
    what, remedy = WORDS.get(fault.code, _UNKNOWN)
    detail = fault.detail or "…"
    if fault.code == "file-binary" and fault.detail:
        detail = gettext(fault.detail)
    # Not str.format: the detail is the office's text, and a translation may hold any brace.
    return gettext(what).replace("{detail}", detail), gettext(remedy)


def cut(text: str, limit: int = 80) -> str:
    """The beginning of a shown text, at most `limit` characters, as a fault's detail."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
