"""Sub-folders that nobody reads get a note, once; it goes when they are read, and no link is followed."""

from __future__ import annotations

from pathlib import Path

import pytest

from feeds.inbox import is_ignored, leave_notes
from feeds.inbox.strangers import NOTE
from feeds.letters import Letters
from feeds.templating import environment
from golden.pages import sample

LETTERS = Letters(environment([sample.TEMPLATES]), sample.site(), sample.VOCABULARY)


def note(name: str) -> str:
    return f"{name} is not read\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("es", "de", "done"):
        (tmp_path / name).mkdir()
    return tmp_path


def test_each_unread_folder_gets_its_note_and_no_other(root: Path) -> None:
    leave_notes(root, ["de"], note)
    assert (root / "de" / NOTE).read_text(encoding="utf-8") == "de is not read\n"
    assert not (root / "es" / NOTE).exists()
    assert is_ignored(NOTE)


def test_a_note_that_is_there_is_not_written_again_but_an_old_one_is(root: Path) -> None:
    leave_notes(root, ["de"], note)
    before = (root / "de" / NOTE).stat().st_ino
    leave_notes(root, ["de"], note)
    assert (root / "de" / NOTE).stat().st_ino == before
    leave_notes(root, ["de"], lambda _: "other\n")
    assert (root / "de" / NOTE).read_text(encoding="utf-8") == "other\n"


def test_the_note_goes_when_the_folder_is_read(root: Path) -> None:
    leave_notes(root, ["de", "es"], note)
    leave_notes(root, ["es"], note)
    assert not (root / "de" / NOTE).exists()
    assert (root / "es" / NOTE).exists()


def test_what_cannot_be_written_stops_nothing(root: Path) -> None:
    leave_notes(root, ["gone", "es"], note)
    assert (root / "es" / NOTE).exists()
    leave_notes(root / "no-such-folder", [], note)


def test_a_linked_folder_keeps_what_it_has(tmp_path: Path) -> None:
    inbox, elsewhere = tmp_path / "inbox", tmp_path / "elsewhere"
    for folder in (inbox, elsewhere):
        folder.mkdir()
    (elsewhere / NOTE).write_text("theirs")
    (inbox / "link").symlink_to(elsewhere)
    for unread in (["link"], []):
        leave_notes(inbox, unread, note)
        assert (elsewhere / NOTE).read_text() == "theirs"


def test_the_note_names_the_folders_that_are_read() -> None:
    words = " ".join(LETTERS.not_read("de", ["es", "fr"], "en").split())
    assert "Files in “de” are not read" in words
    assert "one of its folders that are read: es and fr." in words
    alone = " ".join(LETTERS.not_read("de", [], "es").split())
    assert "mueva los archivos a la bandeja de entrada misma." in alone
    assert "carpetas que se leen" not in alone
