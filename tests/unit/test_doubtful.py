"""What becomes of a doubtful file: it waits only where somebody hears of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from feeds import config
from feeds.app.offices import doubtful_of
from feeds.config import OfficeSection
from feeds.intake.examining import Doubtful

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("receipts_to", "desk", "becomes"),
    [
        ("", False, Doubtful.LEAVE_OUT),
        ("press@office.example", False, Doubtful.WAIT),
        ("", True, Doubtful.WAIT),
        ("press@office.example", True, Doubtful.WAIT),
    ],
)
def test_it_waits_where_receipts_go_by_mail_or_somebody_is_at_the_desk(
    receipts_to: str, desk: bool, becomes: Doubtful
) -> None:
    office = OfficeSection(doubtful="wait", receipts_to=receipts_to)
    assert doubtful_of(office, desk=desk) is becomes
    assert doubtful_of(OfficeSection(receipts_to=receipts_to), desk=desk) is Doubtful.GO


def test_people_of_one_office_are_told_of_its_folder_and_those_without_one_of_all(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    folder.mkdir()
    for name in ("topics.toml", "places.toml", "overrides.toml"):
        (folder / name).write_bytes((ROOT / "config" / name).read_bytes())

    def told(people: str) -> list[bool]:
        text = (
            f'[inbox]\nfolders = {{ es = {{ language = "es" }}, fr = {{}} }}\n[desk]\npeople = [{people}]\n'
        )
        (folder / "feeds.toml").write_text(text, encoding="utf-8")
        settings = config.load(folder / "feeds.toml")
        return [settings.is_told_at_the_desk(each) for each in ("", "es", "fr")]

    assert told("") == [False, False, False]
    assert told('{ address = "ana@example.org", office = "es" }') == [False, True, False]
    assert told('{ address = "ana@example.org" }') == [True, True, True]
