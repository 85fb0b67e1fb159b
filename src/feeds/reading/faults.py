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
    "date-missing": (
        N_("This heading has no date, though others have one: “{detail}”. The text under it was not taken."),
        N_("Write its date under it, or make it a lower heading if it belongs to the item above."),
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
    "item-not-for-publication": (
        N_("A line says that this item is not for publication: “{detail}”. Nothing of the item was taken."),
        N_("When it may be published, take that line out and drop the file in again."),
    ),
    "item-doubtful": (
        N_("Where this item begins or ends is in doubt (see above), so it was not taken: “{detail}”."),
        N_("Mend what is named above, and drop the file in again: what was taken is not announced twice."),
    ),
    "too-many-faults": (
        N_("So much is wrong with this file that {detail} more faults from here on are not listed."),
        N_("Check that the file is a bulletin. Mend what is listed above, and drop it in again."),
    ),
}

# Worth a look, but the item was taken.
_WARNINGS = {
    "summary-missing": (
        N_("The item has a title but no text: “{detail}”."),
        N_("It was taken as it is. If text is missing, add it under the title and drop the file in again."),
    ),
    "date-like-line": (
        N_("This line looks like a date but is none, so it belongs to the item above: “{detail}”."),
        N_("If an item begins here, write its date as 27 April, 2021, and drop the file in again."),
    ),
    "encoding-guessed": (
        N_("Not all of the file is UTF-8, so some letters were guessed, first here: “{detail}”."),
        N_("Check accents and quotation marks. To be safe, save the file as “Unicode (UTF-8)” next time."),
    ),
    "encoding-damaged": (
        N_("Some characters are damaged and were replaced by “\ufffd”, first here: “{detail}”."),
        N_("Save the file again as “Unicode (UTF-8)”, check the text, and drop it in again."),
    ),
    "country-unknown": (
        N_("The head of the file names a country that is not known here: “{detail}”."),
        N_("Write its name in English, Spanish, French or Portuguese, or its code of two letters."),
    ),
    "topic-unknown": (
        N_("The head of the file names a topic that this site does not have: “{detail}”."),
        N_("Use one of the site’s topics, as the guide to labels lists them; the others were taken."),
    ),
    "head-link": (
        N_(
            "The address of the item opens only for the office, or for one person, so it was left "
            "out: “{detail}”."
        ),
        N_("Write the address that readers see, and drop the file in again."),
    ),
    "head-of-one": (
        N_(
            "The head of the file says what one item only can have, but there seem to be several: “{detail}”."
        ),
        N_("Take this line out of the head, or put each item into a file of its own."),
    ),
    "date-ahead": (
        N_("The item is dated ahead, and shown now all the same: {detail}."),
        N_("If it is a slip, correct it in the file. If it has to wait, write “publishDate:” into its head."),
    ),
    "embargoed": (
        N_("The head of the file says that it is to be shown later: “{detail}”. It is kept until then."),
        N_("Nothing, if that is right. Else correct the line and drop the file in again."),
    ),
    "expires-later": (
        N_("The head of the file says that its time will be over: “{detail}”. It was taken for now."),
        N_("Take it back by hand then, with `feeds items withdraw`: nothing else does."),
    ),
    "like-another": (
        N_("It may be item {detail} corrected, but is not surely that one, so both stand now."),
        N_("If it corrects that item, take the old one back: `feeds items withdraw {detail}`."),
    ),
    "text-replaced": (
        N_("Its day, title and file are those of item {detail}, but all its text is another one now."),
        N_("If it is a second notice, give it another title, or an id in its head, and drop it in again."),
    ),
    "title-again": (
        N_("The file has another item of this day and title with another text ({detail}), so there are two."),
        N_("Nothing. If they are one item, join their texts under one title and withdraw one of the two."),
    ),
    "notice-again": (
        N_("These words were there under another day ({detail}), so they are a notice that comes again."),
        N_("If only the day was corrected, take the old one back: `feeds items withdraw {detail}`."),
    ),
    "reads-otherwise": (
        N_("This version reads its words otherwise than they stand in item {detail}; that changes nothing."),
        N_("Compare the two. If the item is wrong, correct it: `feeds items correct {detail}`."),
    ),
    "text-unjudged": (
        N_("The page does not say where its text is, and what judges that is not installed: {detail}."),
        N_("See that nothing but the text was taken, or ask for: pip install 'bulletin-feeds[pages]'."),
    ),
    "date-order": (
        N_("Dates in this file such as 13/04 are only possible with {detail}, so all were read so."),
        N_("Check the dates. To be safe, write the month as a word."),
    ),
    "date-from-name": (
        N_("No line says which day the item is of, so the day in the file’s name was taken: {detail}."),
        N_("Check the day. To be safe, put the date on a line of its own above the title."),
    ),
    "tags-taken": (
        N_("Tags of the head that are names of this site became labels: {detail}."),
        N_("Nothing, if that is right. Else take them out of the head, or use `feeds items relabel`."),
    ),
    "tags-unknown": (
        N_("Tags of the head that are no names of this site gave no label: {detail}."),
        N_("Nothing, if that is right. Else write “topics:” or “countries:” with names of this site."),
    ),
    "lines-left-out": (
        N_("Lines that belong to a page and not to an item were left out: {detail}."),
        N_("Nothing, if the items read well. The guide to bulletins says what these names mean."),
    ),
}
# Of the warnings, those that only tell what was done by rule.
_NOTES = (
    "lines-left-out", "tags-taken", "tags-unknown", "embargoed", "title-again", "notice-again",
    "text-unjudged",
)  # fmt: skip

# Of all faults, those after which two items may be glued together, or one may stand under a wrong day.
DOUBTFUL = frozenset(
    {
        "date-ahead", "date-impossible", "date-incomplete", "date-like-line", "date-missing",
        "text-before-first-date", "title-missing",
    }
)  # fmt: skip

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
    "front-matter-broken": (
        N_("The head of the file, between the two lines of marks, cannot be read here: “{detail}”."),
        N_(
            "Write one “name: value” on each line, each name once, and a second line of marks below the last."
        ),
    ),
    "parts-too-many": (
        N_("The file has more than {detail} paragraphs, list entries and cells of tables."),
        N_("Split it into several files, each with whole items, and drop those in."),
    ),
    "items-too-many": (
        N_("The file has more than {detail} items."),
        N_("Split it into several files, each with whole items, and drop those in."),
    ),
    "front-matter-too-much": (
        N_("The head of the file unfolds into too much to be one, here: “{detail}”."),
        N_("Write a short head, one “name: value” on each line, without lists in lists and references."),
    ),
    "not-for-publication": (
        N_("The head of the file says that it is not for publication: “{detail}”. Nothing of it was taken."),
        N_("When it may be published, take that line out of the head and drop the file in again."),
    ),
    "expired": (
        N_("The head of the file says that its time is over: “{detail}”. Nothing of it was taken."),
        N_("If it is still to be published, correct that line and drop the file in again."),
    ),
    "form-broken": (
        N_("The file is damaged, locked or not what its name says: {detail}."),
        N_("Open it in the program it comes from, save it anew or as plain text, and drop it in again."),
    ),
    "mail-unclear": (
        N_("The mail forwards or answers another one, and which text counts is unclear: “{detail}”."),
        N_("Save the mail that is meant, or its text as a file of its own, and drop that in."),
    ),
    "mail-date-unknown": (
        N_("The day of the forwarded mail cannot be read: “{detail}”."),
        N_("Save that mail itself, or put its date on a line of its own above its text, and drop that in."),
    ),
    "text-missing": (
        N_("The document holds no text, only pictures of it or nothing at all."),
        N_("Save the text itself, not a scan of it, as plain text (UTF-8), and drop in that file."),
    ),
    "extra-missing": (
        N_("This is not read here, because a part of the program is not installed: {detail}."),
        N_("Save it as plain text, or ask whoever runs the site for: pip install 'bulletin-feeds[docs]'."),
    ),
    "file-kind": (
        N_("Files of this kind are not read here."),
        N_("Save the bulletin as plain text with a name that ends in .txt, or as .docx, .pdf, .html or .md."),
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
    "file-costly": (
        N_("Reading this file takes more {detail} than a bulletin may, so it was given up."),
        N_("Save its text as plain text (UTF-8) and drop in that file, or: `feeds bulletins retry`."),
    ),
    "bulletin-failed": (
        N_("This program failed while reading the file ({detail}). That is our fault, not yours."),
        N_("Tell whoever runs the site; once it is mended, drop it in again, or: `feeds bulletins retry`."),
    ),
    "file-vanished": (
        N_("The file was gone before it could be read."),
        N_("Drop it in again, if it was not taken away on purpose."),
    ),
}

BLOCKING = frozenset(_BLOCKING)
WARNINGS = frozenset(_WARNINGS)
NOTES = frozenset(_NOTES)
REJECTING = frozenset(_REJECTING)
WORDS = _BLOCKING | _WARNINGS | _REJECTING
# Their details are words of ours, not the office's.
_SPOKEN = frozenset(
    {"file-binary", "form-broken", "extra-missing", "date-order", "file-costly", "bulletin-failed"}
)
_UNKNOWN = (
    N_("Something in this bulletin could not be read: “{detail}”."),
    N_("Compare the file with the example in the guide to bulletins, or ask whoever runs the site."),
)


def explain(fault: Fault, gettext: Callable[[str], str] = lambda message: message) -> tuple[str, str]:
    """(what is wrong, what to do), translated by `gettext`; a code without a row gives general words."""
    what, remedy = WORDS.get(fault.code, _UNKNOWN)
    detail = fault.detail or "…"
    if fault.code in _SPOKEN and fault.detail:
        detail = gettext(fault.detail)
    # Not str.format: the detail is the office's text, and a translation may hold any brace.
    return gettext(what).replace("{detail}", detail), gettext(remedy).replace("{detail}", detail)


def cut(text: str, limit: int = 80) -> str:
    """The beginning of a shown text, at most `limit` characters, as a fault's detail."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
