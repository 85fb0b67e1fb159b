"""A file may cost what it may cost: its reading is ended, the others go on, the third death parks it."""

from __future__ import annotations

import io
import os
import resource
import signal
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from conftest import RunFeeds
from feeds.app.parts import Parts, now
from feeds.errors import BulletinError
from feeds.intake.folders import IngestReport, WatchedFolder
from feeds.intake.ingest import ingest_ready
from feeds.intake.limited_reading import LimitedReader, ReadingDiedError
from feeds.intake.limits import Limits
from feeds.model import Bulletin
from feeds.reading import ReadingOptions, read

MEBIBYTE = 1_048_576
TEXT = "25 November, 2026\n\nFerry starts again\n\nIt runs every hour.\n"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def docx(more: str = "", encoding: str = "utf-8", head: str = "") -> bytes:
    paragraphs = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in TEXT.split("\n\n"))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{TYPES}"><Override PartName="/word/document.xml" ContentType="{WORD}"/></Types>',
        )
        parts.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r" Type="{OFFICE}" '
            'Target="word/document.xml"/></Relationships>',
        )
        body = f'{head}<w:document xmlns:w="{W}"><w:body>{paragraphs}{more}</w:body></w:document>'
        parts.writestr("word/document.xml", body.encode(encoding))
    return file.getvalue()


@pytest.fixture
def reader() -> Iterator[LimitedReader]:
    made = LimitedReader(lambda _: Limits(seconds=20, memory=200 * MEBIBYTE, patience=60))
    yield made
    made.close()


def limited(**fields: float) -> LimitedReader:
    whole = {"seconds": 20, "memory": 200 * MEBIBYTE, "patience": 60} | fields
    return LimitedReader(lambda _: Limits(whole["seconds"], int(whole["memory"]), whole["patience"]))


def test_a_document_read_in_the_process_is_what_it_is_here(reader: LimitedReader) -> None:
    options = ReadingOptions()
    assert reader("a.docx", docx(), options) == read("a.docx", docx(), options)
    with pytest.raises(BulletinError, match="form-broken"):
        reader("a.pdf", b"%PDF-1.7 and nothing", options)


@pytest.mark.parametrize(
    ("limits", "what"), [({"memory": 4 * MEBIBYTE}, "memory"), ({"seconds": 0.0}, "time")]
)
def test_what_takes_too_much_is_a_fault_and_the_next_file_is_read(
    limits: dict[str, float], what: str
) -> None:
    reader = limited(**limits)
    with pytest.raises(BulletinError) as caught:
        reader("a.docx", docx("<w:p/>" * 100_000), ReadingOptions())
    assert (caught.value.fault.code, caught.value.fault.detail) == ("file-costly", what)
    reader._limits = lambda _: Limits(20, 200 * MEBIBYTE, 60)
    assert len(reader("b.docx", docx(), ReadingOptions()).drafts) == 1
    reader.close()


def test_a_process_that_is_killed_or_answers_nothing_is_begun_anew(reader: LimitedReader) -> None:
    options = ReadingOptions()
    assert len(reader("a.docx", docx(), options).drafts) == 1
    assert reader._child is not None
    os.kill(reader._child.pid, signal.SIGKILL)  # while nobody asks: nothing is lost
    reader._child.wait()
    assert len(reader("a.docx", docx(), options).drafts) == 1
    slow = limited(patience=0.0)
    with pytest.raises(ReadingDiedError):
        slow("a.docx", docx(), options)
    assert slow._child is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
def test_a_document_type_is_seen_in_any_encoding(encoding: str) -> None:
    bomb = f'<?xml version="1.0" encoding="{encoding[:6]}"?><!DOCTYPE w [<!ENTITY a "b">]>'
    with pytest.raises(BulletinError, match="form-broken"):
        read("a.docx", docx(encoding=encoding, head=bomb), ReadingOptions())


class Death(BaseException):
    """Stands for the end of the whole process."""


def reading_with(site: Parts, ending: type[BaseException]) -> WatchedFolder:
    """The inbox of a program that ends over documents."""
    (folder,) = site.watched_folders

    def dies(name: str, data: bytes, options: ReadingOptions) -> Bulletin:
        if name.endswith(".docx"):
            raise ending("SIGKILL")
        return read(name, data, options)

    return replace(folder, rules=replace(folder.rules, reader=dies))


def drop_settled(root: Path, name: str, data: bytes) -> None:
    (root / name).write_bytes(data)
    os.utime(root / name, (1, 1))


def take_in(folder: WatchedFolder) -> IngestReport:
    return ingest_ready(folder, now)


def names(path: Path) -> set[str]:
    return {each.name for each in path.iterdir() if each.is_file()}


@pytest.mark.parametrize("ending", [ReadingDiedError, Death])
def test_the_third_death_parks_the_file_and_others_go_on(site: Parts, ending: type[BaseException]) -> None:
    folder = reading_with(site, ending)
    drop_settled(folder.inbox.root, "a.docx", docx())
    for count in range(3):
        drop_settled(folder.inbox.root, f"b{count}.txt", TEXT.replace("Ferry", f"Ferry {count}").encode())
        try:
            take_in(folder)
        except Death:
            assert count < 3  # the next process begins where this one ended
    report = take_in(folder)
    assert names(folder.inbox.root) == set()
    done, parked = names(folder.inbox.root / "done"), names(folder.inbox.root / "rejected")
    assert {"b0.txt", "b1.txt", "b2.txt"} <= done
    assert parked == {"a.docx", "a.docx.receipt.txt"}
    assert report.failed == []
    slip = (folder.inbox.root / "rejected" / "a.docx.receipt.txt").read_text(encoding="utf-8")
    assert "feeds bulletins retry" in " ".join(slip.split())


def test_a_parked_file_that_is_sent_back_is_read_again(site: Parts) -> None:
    folder = reading_with(site, ReadingDiedError)
    drop_settled(folder.inbox.root, "a.docx", docx())
    for _ in range(3):
        take_in(folder)
    folder.inbox.put_back("a.docx", "rejected")
    os.utime(folder.inbox.root / "a.docx", (1, 1))
    (report,) = [ingest_ready(replace(folder, rules=site.ingest_rules), now)]
    assert [receipt.rejected for receipt in report.receipts] == [False]
    site.reader.close()


def test_a_try_that_came_to_a_good_end_is_forgotten(site: Parts) -> None:
    folder = reading_with(site, Death)
    good = replace(folder, rules=site.ingest_rules)
    for round_ in range(3):
        drop_settled(folder.inbox.root, "a.docx", docx())
        for _ in range(2):
            with pytest.raises(Death):
                take_in(folder)
        assert [receipt.rejected for receipt in take_in(good).receipts] == [False], round_
    site.reader.close()


def test_what_may_be_costly_is_explained_within_limits(feeds: RunFeeds, tmp_path: Path) -> None:
    path = tmp_path / "flood.docx"
    path.write_bytes(docx("<w:p/>" * 900_000))
    ran = feeds("explain", "--json", path)
    assert ran.code == 1
    assert "file-costly" in ran.out


def test_a_process_with_a_thousand_open_files_reads_documents_all_the_same() -> None:
    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < 2_000:
        pytest.skip("this process may not open two thousand files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (2_000, most))
    held, reader = [os.open(os.devnull, os.O_RDONLY) for _ in range(1_100)], LimitedReader()
    try:
        assert reader("a.docx", docx(), ReadingOptions()).drafts
    finally:
        reader.close()
        for handle in held:
            os.close(handle)
        resource.setrlimit(resource.RLIMIT_NOFILE, (before, most))
