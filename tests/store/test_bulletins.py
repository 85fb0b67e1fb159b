"""Bulletins and their receipts."""

from __future__ import annotations

from datetime import date

from feeds.model import BulletinReceipt, Fault, Outcome, ReceiptLine
from feeds.store import Store, bulletins
from store.making import MINUTE, NOW, about

LINES = (
    ReceiptLine(
        outcome=Outcome.NEW, line=1, title="A title", date_on=date(2026, 11, 20), item_id="abc",
        labels=(about("pa"),), reason="because",
    ),
    ReceiptLine(outcome=Outcome.FAULTY, line=None, fault=Fault(code="title-missing", line=7, detail="x")),
    ReceiptLine(outcome=Outcome.SAME, line=9),
)  # fmt: skip


def receipt(name: str = "news.txt", **fields) -> BulletinReceipt:
    return BulletinReceipt(**({"name": name, "received_at": NOW, "rejected": False, "lines": LINES} | fields))


def insert(conn, made: BulletinReceipt, sha256: str = "aa", **fields) -> int:
    return bulletins.insert(conn, made, sha256=sha256, size=10, encoding="utf-8", **fields)


def test_a_receipt_comes_back_as_it_was(store: Store) -> None:
    made = receipt(mailed=False)
    with store.write() as conn:
        bulletin_id = insert(conn, made, notify="none", accepted_at=NOW + MINUTE)
        found = bulletins.find(conn, bulletin_id)
    assert found is not None
    assert found.receipt == made
    assert (found.id, found.sha256, found.size, found.encoding) == (bulletin_id, "aa", 10, "utf-8")
    assert (found.notify, found.accepted_at, found.filed_at) == ("none", NOW + MINUTE, None)


def test_a_rejected_bulletin_keeps_its_fault(store: Store) -> None:
    made = receipt(rejected=True, lines=LINES[1:2])
    with store.write() as conn:
        found = bulletins.find(conn, insert(conn, made))
    assert found is not None
    assert found.receipt == made


def test_a_bulletin_is_unfiled_until_its_file_has_left_the_inbox(store: Store) -> None:
    with store.write() as conn:
        bulletin_id = insert(conn, receipt())
        assert bulletins.unfiled(conn, "news.txt", "bb") is None  # other bytes under the same name
        assert bulletins.unfiled(conn, "other.txt", "aa") is None
        waiting = bulletins.unfiled(conn, "news.txt", "aa")
        assert waiting is not None
        assert (waiting.id, waiting.receipt) == (bulletin_id, receipt())
        assert bulletins.filed(conn, bulletin_id, "news~2.txt", NOW + MINUTE)
        assert bulletins.unfiled(conn, "news.txt", "aa") is None


def test_filing_twice_keeps_the_first(store: Store) -> None:
    with store.write() as conn:
        bulletin_id = insert(conn, receipt())
        assert bulletins.filed(conn, bulletin_id, "one.txt", NOW)
        assert not bulletins.filed(conn, bulletin_id, "two.txt", NOW + MINUTE)
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
