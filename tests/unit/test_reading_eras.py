"""Dates whose years are counted from another beginning: Japan's eras, the Republic of China, the Buddha."""

from __future__ import annotations

from datetime import date

import pytest

from feeds.reading import read
from feeds.reading.text.dates import NotADay, dressed, parse

DAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    "line",
    [
        "令和8年11月25日", "令和 8年 11月 25日", "令和８年１１月２５日", "令和8年11月25日 水曜日",
        "中華民國115年11月25日", "民國115年11月25日", "民国115年11月25日", "民國１１５年１１月２５日 星期三",
        "25 พฤศจิกายน 2569", "25 พฤศจิกายน พ.ศ. 2569", "วันที่ 25 พฤศจิกายน 2569", "วันพุธที่ 25 พฤศจิกายน 2569",
        "๒๕ พฤศจิกายน ๒๕๖๙", "25 พ.ย. 2569", "25 พฤศจิกายน 2026",
        "25 November B.E. 2569", "25 November 2569 BE", "25 November 2569 B.E", "November 25, B.E. 2569",
        "25 November, BE 2569",
    ],
)  # fmt: skip
def test_a_year_of_another_beginning_is_read(line: str) -> None:
    assert parse(line) == DAY
    draft = read("a.txt", f"{line}\n\nFerry starts\n\nIt runs.\n".encode()).drafts[0]
    assert (draft.date_on, draft.title, draft.summary) == (DAY, "Ferry starts", "It runs.")


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("令和元年5月1日", date(2019, 5, 1)), ("平成31年4月30日", date(2019, 4, 30)),
        ("平成元年1月8日", date(1989, 1, 8)), ("昭和64年1月7日", date(1989, 1, 7)),
        ("昭和元年12月25日", date(1926, 12, 25)), ("大正15年12月24日", date(1926, 12, 24)),
        ("大正元年7月30日", date(1912, 7, 30)), ("民國1年1月1日", date(1912, 1, 1)),
        ("中華民国元年1月1日", date(1912, 1, 1)),
    ],
)  # fmt: skip
def test_an_era_has_its_first_and_its_last_day(line: str, day: date) -> None:
    assert parse(line) == day


@pytest.mark.parametrize(
    "line",
    ["令和元年4月30日", "平成31年5月1日", "平成元年1月7日", "昭和64年1月8日", "昭和元年12月24日",
     "大正15年12月25日", "大正元年7月29日", "令和8年2月30日", "令和8年13月1日", "31 กุมภาพันธ์ 2569",
     "31 February B.E. 2569"],
)  # fmt: skip
def test_a_day_that_no_era_had_is_told_of(line: str) -> None:
    assert parse(line) == NotADay("date-impossible")


def test_months_of_thai_texts_are_read_long_and_short() -> None:
    long = "มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม"
    short = "ม.ค. ก.พ. มี.ค. เม.ย. พ.ค. มิ.ย. ก.ค. ส.ค. ก.ย. ต.ค. พ.ย. ธ.ค."
    for names in (long, short):
        for number, name in enumerate(names.split(), 1):
            assert parse(f"7 {name} 2569") == date(2026, number, 7)


def test_years_of_the_buddha_begin_behind_those_of_other_texts() -> None:
    assert parse("7 มกราคม 2443") == date(1900, 1, 7)
    assert parse("7 มกราคม 2199") == date(2199, 1, 7)


@pytest.mark.parametrize(
    "line",
    ["令和の渡し船", "令和8年", "R8.11.26", "民國115年", "25 พฤศจิกายน", "25 November 2569", "B.E. 2569",
     "Room 12 B.E. 2569", "25 November 2026 BE", "元旦"],
)  # fmt: skip
def test_what_is_no_whole_date_of_an_era_is_none(line: str) -> None:
    assert not isinstance(parse(line), date)


def test_such_a_date_may_have_a_day_of_the_week_in_brackets() -> None:
    beside = dressed("令和8年11月25日（水）", "dmy")
    assert beside is not None
    assert beside[0] == DAY


def test_each_date_of_a_file_begins_an_item() -> None:
    text = "".join(f"令和8年11月{day}日\n\n渡し船{day}\n\n毎時運航します。\n\n" for day in (25, 26, 27))
    assert [draft.date_on.day for draft in read("a.txt", text.encode()).drafts] == [25, 26, 27]
