"""Bulletins and their receipts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from feeds.model import BulletinReceipt, Fault, Outcome, ReceiptLine
from feeds.store import Store, bulletins
from store.making import MINUTE, NOW, about, new_bulletin

LINES = (
    ReceiptLine(
        outcome=Outcome.NEW, line=1, title="A title", date_on=date(2026, 11, 20), item_id="abc",
        labels=(replace(about("pa"), evidence=()),), reason="because",
    ),
    ReceiptLine(outcome=Outcome.FAULTY, line=None, fault=Fault(code="title-missing", line=7, detail="x")),
    ReceiptLine(outcome=Outcome.SAME, line=9),
)  # fmt: skip


def receipt(name: str = "news.txt", **fields) -> BulletinReceipt:
    return BulletinReceipt(**({"name": name, "received_at": NOW, "rejected": False, "lines": LINES} | fields))


def insert(conn, made: BulletinReceipt, sha256: str = "aa", **fields) -> int:
    (key,) = bulletins.insert(conn, [new_bulletin(made, sha256=sha256, size=10, **fields)])
    return key


def waiting(conn, *names: str) -> list[tuple[str, str]]:
    return [(row.name, row.sha256) for row in bulletins.unfiled(conn, names or None)]


def file(conn, bulletin_id: int, name: str, at: datetime = NOW) -> None:
    bulletins.filed(conn, {bulletin_id: name}, at)


def test_a_receipt_comes_back_as_it_was(store: Store) -> None:
    made = receipt(mailed=False)
    with store.write() as conn:
        bulletin_id = insert(conn, made, notify="none")
        found = bulletins.find(conn, bulletin_id)
    assert found is not None
    assert found.receipt == made
    assert (found.id, found.sha256, found.size, found.encoding) == (bulletin_id, "aa", 10, "utf-8")
    assert (found.notify, found.accepted_at, found.filed_at) == ("none", NOW, None)


def test_a_receipt_names_labels_and_leaves_their_evidence_to_the_item(store: Store) -> None:
    line = replace(LINES[0], labels=(about("pa"),))
    with store.write() as conn:
        found = bulletins.find(conn, insert(conn, receipt(lines=(line,))))
    assert found is not None
    assert found.receipt.lines == LINES[:1]


def test_a_rejected_bulletin_keeps_its_fault(store: Store) -> None:
    made = receipt(rejected=True, lines=LINES[1:2])
    with store.write() as conn:
        found = bulletins.find(conn, insert(conn, made))
    assert found is not None
    assert found.receipt == made


def test_a_bulletin_is_unfiled_until_its_file_has_left_the_inbox(store: Store) -> None:
    with store.write() as conn:
        bulletin_id = insert(conn, receipt())
        assert waiting(conn, "other.txt") == []
        assert waiting(conn, "other.txt", "news.txt") == waiting(conn) == [("news.txt", "aa")]
        file(conn, bulletin_id, "news~2.txt", NOW + MINUTE)
        assert waiting(conn) == waiting(conn, "news.txt") == []


def test_many_are_recorded_in_one_go_each_with_its_own_lines(store: Store) -> None:
    made = [receipt(f"{n}.txt", lines=LINES[: n % 3 + 1]) for n in range(40)]
    with store.write() as conn:
        ids = bulletins.insert(conn, [new_bulletin(each) for each in made])
        found = [bulletins.find(conn, key) for key in ids]
    assert [row and row.receipt for row in found] == made


def test_a_file_that_stays_where_it_lies_needs_no_filing(store: Store) -> None:
    with store.write() as conn:
        found = bulletins.find(conn, insert(conn, receipt(), stays=True))
        assert waiting(conn) == []
    assert found is not None
    assert (found.filed_as, found.filed_at) == ("news.txt", NOW)


def test_filing_twice_keeps_the_first(store: Store) -> None:
    with store.write() as conn:
        bulletin_id = insert(conn, receipt())
        file(conn, bulletin_id, "one.txt")
        file(conn, bulletin_id, "two.txt", NOW + MINUTE)
        found = bulletins.find(conn, bulletin_id)
    assert found is not None
    assert (found.filed_as, found.filed_at) == ("one.txt", NOW)


def test_find_takes_an_id_or_a_name_and_then_the_newest(store: Store) -> None:
    with store.write() as conn:
        insert(conn, receipt())
        second = insert(conn, receipt(), "bb")
        digits = insert(conn, receipt("999999999"))
        named, by_id, by_digits = (
            bulletins.find(conn, ref) for ref in ("news.txt", str(second), "999999999")
        )
        assert named is not None
        assert by_id is not None
        assert by_digits is not None
        assert (named.id, by_id.id, by_digits.id) == (second, second, digits)
        assert bulletins.find(conn, "absent.txt") is None
        assert bulletins.find(conn, 10**30) is None
        assert bulletins.find(conn, "٣") is None  # a digit that is no number here


def test_listing_is_newest_first_with_every_receipt(store: Store) -> None:
    with store.write() as conn:
        made = [insert(conn, receipt(f"{n}.txt"), str(n)) for n in range(3)]
        found = bulletins.listing(conn, 2)
    assert [row.id for row in found] == [made[2], made[1]]
    assert [row.receipt.count(Outcome.NEW) for row in found] == [1, 1]
