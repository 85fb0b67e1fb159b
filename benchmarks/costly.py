"""What files cost that were made to cost much: seconds, memory, and how long anything else had to wait.

    PYTHONPATH=src python benchmarks/costly.py [NAME…]

Each file is made on the fly, dropped into the inbox of a new site and taken in, in a process of its own.
Shown are the seconds from the look to the receipt, those of the processor (of both processes), the longest
write transaction by the clock and by the processor, the most memory of the process that takes files in and of
the one that reads documents (0: none was needed), and what became of the file. On a machine that others use,
too, the processor's seconds tell more: LATE is a file that kept within the bounds by these but not by the
clock. No case may take more than two minutes.
"""

from __future__ import annotations

import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[0] = str(ROOT / "src")  # in place of this folder, where a module is called like one of Python's

from sqlalchemy import Connection  # noqa: E402

from feeds import log  # noqa: E402
from feeds.app.founding import found  # noqa: E402
from feeds.app.parts import Parts, now  # noqa: E402
from feeds.intake.ingest import ingest_ready  # noqa: E402
from feeds.model import Outcome  # noqa: E402
from feeds.store import Store  # noqa: E402

MOST_SECONDS, MOST_MEGABYTES, MOST_WAIT = 10.0, 200, 120
TRANSACTION_SECONDS = 0.2  # for up to 1,000 items, and for each further 1,000
DAY = "25 November, 2026"
WIND = "The boats stay in port all day. Please keep away from the quay and the beach."
TEXT = f"{DAY}\n\nFerry starts again\n\nIt runs every hour.\n\n"


def main(names: list[str]) -> int:
    """Prints the table; 0 if every file keeps within the bounds."""
    print(
        f"{'file':34}{'kB':>6}{'s':>7}{'cpu s':>7}{'write s':>9}{'cpu s':>7}{'MB':>5}{'reader':>8}  outcome"
    )
    broken = 0
    for name in names or FILES:
        one = measured(name)
        if one is None:
            broken += 1
            continue
        bound = TRANSACTION_SECONDS * max(1.0, one["items"] / 1000)
        bad = (
            one["cpu"] > MOST_SECONDS
            or max(one["mb"], one["reader"]) > MOST_MEGABYTES
            or one["write_cpu"] > bound
        )
        late = one["s"] > MOST_SECONDS or one["write"] > bound
        mark = "   BROKEN" if bad else "   LATE" if late else ""
        broken += bad or late
        print(
            f"{name:34}{one['kb']:6.0f}{one['s']:7.2f}{one['cpu']:7.2f}{one['write']:9.3f}"
            f"{one['write_cpu']:7.3f}{one['mb']:5.0f}{one['reader']:8.0f}"
            f"  {one['outcome']}{mark}",
            flush=True,
        )
    return 1 if broken else 0


def measured(name: str) -> dict[str, Any] | None:
    """The figures of one file, from a process of its own; None (and a line) if there are none."""
    try:
        raw = subprocess.run(
            [sys.executable, __file__, "--one", name],
            capture_output=True, text=True, check=False, timeout=MOST_WAIT,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        print(f"{name:34}  no end within {MOST_WAIT} s   BROKEN", flush=True)
        return None
    if not raw.stdout:
        print(f"{name:34}  died: {raw.stderr[-200:]}   BROKEN", flush=True)
        return None
    found: dict[str, Any] = json.loads(raw.stdout.splitlines()[-1])
    return found


def take_in(name: str) -> dict[str, Any]:
    """One file, taken in by a new site."""
    log.configure("critical", "plain")
    file, makers = name.split(":")[0].strip(), FILES[name]
    with tempfile.TemporaryDirectory() as folder:
        parts = found(Path(folder) / "site", {})
        _ = parts.labeller, parts.letters
        *before, data = makers()
        for number, each in enumerate(before):
            drop(parts, f"{number}-{file}", each)
            ingest_ready(parts.watched_folders[0], now, "none")
        drop(parts, file, data)
        with timed_transactions() as spent, watched_children() as most:
            start, before_cpu = time.perf_counter(), time.process_time()
            report = ingest_ready(parts.watched_folders[0], now, "none")
            seconds, cpu = time.perf_counter() - start, time.process_time() - before_cpu
            parts.reader.close()
        theirs = resource.getrusage(resource.RUSAGE_CHILDREN)
        write, write_cpu = max(spent, default=(0.0, 0.0))
        return {
            "kb": len(data) / 1000, "s": seconds, "cpu": cpu + theirs.ru_utime + theirs.ru_stime,
            "write": write, "write_cpu": write_cpu,
            "items": sum(map(report.count, (Outcome.NEW, Outcome.CHANGED, Outcome.SAME))),
            "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6, "reader": max(most),
            "outcome": told(report.receipts[0]) if report.receipts else f"left: {report.failed}",
        }  # fmt: skip


def drop(parts: Parts, name: str, data: bytes) -> None:
    """Put a file into the inbox, settled."""
    path = parts.inbox.root / name
    path.write_bytes(data)
    os.utime(path, (time.time() - 60,) * 2)


@contextmanager
def timed_transactions() -> Iterator[list[tuple[float, float]]]:
    """The seconds of each write transaction, by the clock and by the processor."""
    spent: list[tuple[float, float]] = []
    whole = Store.write

    @contextmanager
    def write(store: Store) -> Iterator[Connection]:
        with whole(store) as conn:
            start, cpu = time.perf_counter(), time.process_time()
            yield conn
        spent.append((time.perf_counter() - start, time.process_time() - cpu))

    setattr(Store, "write", write)  # noqa: B010 - mypy knows no other way to measure a method
    yield spent
    setattr(Store, "write", whole)  # noqa: B010


@contextmanager
def watched_children() -> Iterator[list[float]]:
    """The most memory that a child had as itself, in MB, looked at often; the last figure counts.

    What the system keeps of children that ended would count the moment before each became a program of its
    own, and so our memory instead of its.
    """
    most, over = [0.0], threading.Event()

    def watch() -> None:
        while not over.wait(0.01):
            most.append(max([most[-1], *map(peak_of, children())]))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield most
    finally:
        over.set()
        thread.join()


def children() -> list[str]:
    """The processes that any thread of this one has begun."""
    found: list[str] = []
    for task in Path("/proc/self/task").iterdir():
        with suppress(OSError):
            found += (task / "children").read_text().split()
    return found


def peak_of(process: str) -> float:
    """The most memory of a process so far, in MB; 0 of one that is gone or has not begun."""
    with suppress(OSError):
        if b"reading_child" in Path(f"/proc/{process}/cmdline").read_bytes():
            status = Path(f"/proc/{process}/status").read_text()
            return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6 if "VmHWM" in status else 0.0
    return 0.0


def told(receipt: Any) -> str:
    """What became of a file, in a few words."""
    codes = {line.fault.code for line in receipt.lines if line.fault}
    counts = [f"{n} {outcome}" for outcome in Outcome if (n := receipt.count(outcome))]
    return ("rejected: " + " ".join(sorted(codes))) if receipt.rejected else ", ".join(counts)


def items(count: int, title: Callable[[int], str], text: Callable[[int], str]) -> bytes:
    """Plain text with many items of one day, at most 1 MB."""
    whole = "".join(f"{DAY}\n\n{title(n)}\n\n{text(n)}\n\n" for n in range(count))
    return whole.encode()[:1_048_576]


def docx(body: str, zeros: dict[str, int] | None = None, encoding: str = "utf-8", head: str = "") -> bytes:
    """A Word document; `zeros` are parts of so many MiB."""
    package = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org"
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    words = f"{office}/wordprocessingml/2006/main"
    document = f'{head}<w:document xmlns:w="{words}"><w:body>{body}</w:body></w:document>'
    made = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Override '
        f'PartName="/word/document.xml" ContentType="{kind}"/></Types>'.encode(),
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r" '
        f'Type="{office}/officeDocument/2006/relationships/officeDocument" '
        'Target="word/document.xml"/></Relationships>'.encode(),
        "word/document.xml": document.encode(encoding),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as parts:
        for name, data in made.items():
            parts.writestr(name, data)
        for name, size in (zeros or {}).items():
            with parts.open(name, "w") as part:
                for _ in range(size):
                    part.write(bytes(1_048_576))
    return file.getvalue()


def paragraphs(*lines: str) -> str:
    """Lines as paragraphs of a Word document."""
    return "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in lines)


def pdf(pages: int, words: int) -> bytes:
    """A PDF document whose pages are long streams of single letters."""
    stream = (
        b"BT /F1 12 Tf "
        + b"".join(b"1 0 0 1 %d %d Tm (a)Tj " % (n % 600, n // 600) for n in range(words))
        + b"ET"
    )
    packed = zlib.compress(stream, 9)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (pages, b" ".join(b"%d 0 R" % (n + 5) for n in range(pages))),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n" % len(packed) + packed + b"\nendstream",
        *[b"<</Type/Page/Parent 2 0 R/Resources<</Font<</F1 3 0 R>>>>/Contents 4 0 R>>"] * pages,
    ]
    raw, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(raw))
        raw += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    end = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (size, len(raw))
    return raw + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + end


def nested_mails(depth: int) -> bytes:
    """Mails in mails."""
    mail = b"Subject: innermost\r\nDate: Wed, 25 Nov 2026 09:00:00 +0000\r\n\r\nIt runs.\r\n"
    for n in range(depth):
        mark = b"b%d" % n
        mail = (
            b"MIME-Version: 1.0\r\nSubject: again\r\nContent-Type: multipart/mixed; boundary=%s\r\n\r\n"
            b"--%s\r\nContent-Type: message/rfc822\r\n\r\n%s\r\n--%s--\r\n" % (mark, mark, mail, mark)
        )
    return mail


def yaml_bomb() -> bytes:
    """A head that unfolds."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    return ("---\ntitle: T\ndate: 2026-11-25\n" + "\n".join(lines) + "\n---\n\nText.\n").encode()


def of_one_day() -> bytes:
    """One title and day, other texts."""
    return items(5_000, lambda _: "Job vacancy", lambda n: f"{WIND} Number {n * 7919 % 104729}.")


def of_one_title() -> bytes:
    """One title but a number, other texts but a number."""
    return items(7_000, lambda n: f"Notice number {n}", lambda n: f"{WIND} The number is {n}.")


PAIR = paragraphs(DAY, "Ferry starts again", "It runs every hour.")
ENTITIES = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE w [<!ENTITY a "aaaaaaaaaa">]>'
FILES: dict[str, Callable[[], list[bytes]]] = {
    "plain.txt": lambda: [TEXT.encode()],
    "small.docx": lambda: [docx(PAIR)],
    "one-title.txt: 7,000 numbers": lambda: [of_one_title()],
    "one-title.txt: again": lambda: [of_one_title(), of_one_title()],
    "one-title.txt: all corrected": lambda: [
        of_one_title(),
        of_one_title().replace(b"all day", b"all night"),
    ],
    "one-day.txt: 5,000 of one title": lambda: [of_one_day()],
    "one-day.txt: again": lambda: [of_one_day(), of_one_day()],
    "one-day.txt: all corrected": lambda: [of_one_day(), of_one_day().replace(b"all day", b"all night")],
    "same-text.txt: 7,000 titles": lambda: [
        items(7_000, lambda n: f"Room {n} of the school", lambda _: WIND)
    ],
    "empty.txt: 30,000 without text": lambda: [items(30_000, lambda n: f"T{n}", lambda _: "")],
    "empty.docx: 900,000 paragraphs": lambda: [docx(PAIR + "<w:p/>" * 900_000)],
    "words.docx: 60,000 paragraphs": lambda: [docx(PAIR + paragraphs(*(f"Line {n}" for n in range(60_000))))],
    "bomb.docx: 1 GiB of zeros": lambda: [docx(PAIR, {"word/media/a.bin": 1024})],
    "entities.docx: UTF-16": lambda: [docx(PAIR, encoding="utf-16", head=ENTITIES)],
    "letters.pdf: 300 pages": lambda: [pdf(300, 60_000)],
    "flood.html: attributes": lambda: [b"<html><body>" + b"<p a=1 b=2 c=3 d=4 e=5>x" * 42_000],
    "flood-1.html: on one tag": lambda: [
        b"<html><h1 " + b" ".join(b"a%d=1" % n for n in range(110_000)) + b">x"
    ],
    "deep.html": lambda: [b"<html><body>" + b"<div>" * 200_000],
    "open.html: unclosed tags": lambda: [b"<html><body>" + b"<b><i><p>x" * 100_000],
    "tables.html: in tables": lambda: [b"<html>" + b"<table><tr><td>" * 60_000],
    "styles.html: white words": lambda: [
        b"<html><style>.a{opacity:0}"
        + b".x .y z" * 28_000
        + b"{opacity:1}</style><body>"
        + b"<p style='color:#fff;font-size:0'><b style='font-size:1em;color:#fff'>x" * 11_000
    ],
    "white.docx: 20,000 runs": lambda: [
        docx(
            PAIR
            + paragraphs("x")
            + '<w:p><w:r><w:rPr><w:color w:val="FFFFFF"/></w:rPr><w:t>x</w:t></w:r></w:p>' * 20_000
        )
    ],
    "news.html: 3,700 items": lambda: [
        b"<html>"
        + b"".join(
            b"<h2>News %d</h2><p>25 November 2026</p><p>%s</p>" % (n, WIND.encode() * 2) for n in range(3_700)
        )
    ],
    "quotes.md: nested": lambda: [b"---\ntitle: T\ndate: 2026-11-25\n---\n\n" + b">" * 1_000_000],
    "links.md: open brackets": lambda: [b"---\ntitle: T\ndate: 2026-11-25\n---\n\n" + b"[a](" * 250_000],
    "tags.md": lambda: [b"---\ntitle: T\ndate: 2026-11-25\n---\n\n" + b"<b>" * 330_000],
    "list.md: 200,000 entries": lambda: [b"---\ntitle: T\ndate: 2026-11-25\n---\n\n" + b"- a \n" * 200_000],
    "table.md: 100,000 rows": lambda: [
        b"---\ntitle: T\ndate: 2026-11-25\n---\n\n| a | b |\n|---|---|\n" + b"| a | b |\n" * 100_000
    ],
    "bomb.md: YAML": lambda: [yaml_bomb()],
    "nested.eml: 1,000 mails": lambda: [nested_mails(1_000)],
    "html.eml: a flood": lambda: [
        b"Subject: x\nDate: Wed, 25 Nov 2026 09:00:00 +0000\nContent-Type: text/html\n\n"
        + b"<p a=1 b=2>x" * 85_000
    ],
}

if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(take_in(sys.argv[2])))
    else:
        sys.exit(main(sys.argv[1:]))
