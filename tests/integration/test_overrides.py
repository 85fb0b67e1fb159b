"""The overrides file of a site: it decides when items come in, and its faults stop every command."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import RunFeeds
from feeds import changes, config
from feeds.app.parts import Parts, now
from feeds.errors import ConfigError
from feeds.model import Item, Kind
from feeds.office import editing, relabel
from feeds.publishing.publish import publish
from feeds.store import items
from taking import accept_one

TITLE = "A course for border teachers"
TEXT = "Twelve teachers of both banks learn how to receive families, for the third year in a row."
PLAIN = f"18 November, 2026\n\n{TITLE}\n\n{TEXT}\n"
NONE = f"---\ncountries: []\ntopics: []\n---\n18 November, 2026\n\nHonduras opens a clinic\n\n{TEXT}\n"
DECIDED = 'give = ["country:bz"]\nreason = "r"\nby = "b"\n'
BELIZE = f'[overrides.course]\ndate = 2026-11-18\ntitle = "{TITLE}"\n{DECIDED}'


def take(parts: Parts, text: str, name: str = "news.txt") -> Item:
    """Take a bulletin in; its first item as it is stored."""
    done = accept_one(parts, name, text.encode(), now(), "all", filed=True)
    with parts.store.read() as conn:
        found = items.get(conn, done.receipt.lines[0].item_id or "")
    assert found is not None
    return found


def with_overrides(parts: Parts, text: str) -> Parts:
    """The same site, opened anew with this overrides file."""
    (parts.settings.root / "config" / "overrides.toml").write_text(text, encoding="utf-8")
    return Parts(config.load(parts.settings.file))


def test_an_item_taken_in_gets_what_was_decided_and_its_page_says_why(site: Parts) -> None:
    parts = with_overrides(site, BELIZE)
    item = take(parts, PLAIN)
    assert item.codes(Kind.COUNTRY) == ("bz",)
    publish(parts.store, parts.press)
    page = (parts.press.public.read(f"items/{item.id}/index.html") or b"").decode()
    assert "by the office’s list of decisions" in page
    assert b"A course for border teachers" in (parts.press.public.read("feeds/country/bz.atom") or b"")
    parts.store.close()


def test_a_decision_by_id_follows_the_item_through_a_corrected_title(site: Parts) -> None:
    item = take(site, PLAIN)
    parts = with_overrides(
        site, BELIZE.replace(f'date = 2026-11-18\ntitle = "{TITLE}"', f'item = "{item.id}"')
    )
    changed = take(parts, PLAIN.replace(TITLE, "A course for many border teachers"))
    assert (changed.id, changed.title) == (item.id, "A course for many border teachers")
    assert changed.codes(Kind.COUNTRY) == ("bz",)
    words = editing.Words(title="A course in Honduras")
    corrected = editing.correct(parts.store, parts.labeller, item.id, words, "", now())
    assert set(corrected.codes(Kind.COUNTRY)) == {"bz", "hn"}
    parts.store.close()


def test_a_head_that_says_none_wins_and_outlives_a_correction(site: Parts) -> None:
    decided = BELIZE.replace(TITLE, "Honduras opens a clinic")
    parts = with_overrides(site, decided)
    item = take(parts, NONE, "head.md")
    assert item.labels == ()
    words = editing.Words(title="Honduras opens a second clinic")
    assert editing.correct(parts.store, parts.labeller, item.id, words, "", now()).labels == ()
    parts.store.close()


def test_explain_honours_the_overrides_of_the_site(
    feeds: RunFeeds, site: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    (site.settings.root / "config" / "overrides.toml").write_text(BELIZE, encoding="utf-8")
    (tmp_path / "one.txt").write_text(PLAIN, encoding="utf-8")
    ran = feeds("--config", site.settings.file, "explain", tmp_path / "one.txt")
    assert "country: Belize" in ran.out
    assert "by the overrides file" in ran.out
    assert f"    {TEXT}\n" in ran.out  # the text itself, without codes of a terminal
    assert "\x1b" not in ran.out


def test_faults_stop_a_command_with_file_line_and_key(feeds: RunFeeds, site: Parts) -> None:
    text = BELIZE.replace('"country:bz"', '"country:zz"')
    (site.settings.root / "config" / "overrides.toml").write_text(text, encoding="utf-8")
    file = site.settings.root / "config" / "topics.toml"
    file.write_text("title_weight = 0\n" + file.read_text(encoding="utf-8").replace("title_weight = 2\n", ""))
    ran = feeds("--config", site.settings.file, "check")
    assert ran.code == 2
    assert "overrides.toml line 4: overrides.course.give[0]: this site has no country 'zz'" in ran.err
    assert "topics.toml line 1: title_weight" in ran.err
    site.settings.file.write_text('[site]\nlanguages = "en"\n')
    ran = feeds("--config", site.settings.file, "check")
    assert ran.code == 2
    assert "site.languages" in ran.err
    assert "overrides.toml line 4" in ran.err


def test_a_site_without_the_file_needs_none_but_one_that_names_another_does(site: Parts) -> None:
    (site.settings.root / "config" / "overrides.toml").unlink()
    assert config.load(site.settings.file).overrides == {}
    text = site.settings.file.read_text(encoding="utf-8")
    site.settings.file.write_text(text.replace('"overrides.toml"', '"decisions.toml"'), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"decisions\.toml: cannot be read"):
        config.load(site.settings.file)


@pytest.mark.parametrize(
    "title",
    ["A course, for border-teachers", "a COURSE for “border teachers”!", "A course  for border teachers"],
)
def test_a_title_names_its_item_whatever_its_marks_as_for_bulletins(site: Parts, title: str) -> None:
    item = take(site, PLAIN)
    assert changes.identity(item.date_on, title) == changes.identity(item.date_on, item.title)
    parts = with_overrides(site, BELIZE.replace(f'"{TITLE}"', f"'{title}'"))
    (change,) = relabel.preview(parts.store, parts.labeller, parts.vocabulary)
    assert isinstance(change, relabel.Change)
    assert ("country", "bz") in [(kind, code) for kind, code, _ in change.gained]
    parts.store.close()


def test_a_title_of_other_words_or_telling_signs_names_another_item(site: Parts) -> None:
    take(site, PLAIN.replace(TITLE, "A course of C++"))
    parts = with_overrides(site, BELIZE.replace(TITLE, "A course of C#"))
    assert list(relabel.preview(parts.store, parts.labeller, parts.vocabulary)) == []
    assert [each.name for each in relabel.unmet(parts.store, parts.labeller.overrides)] == ["course"]
    parts.store.close()


def test_decisions_that_met_no_stored_item_are_told_with_their_lines(feeds: RunFeeds, site: Parts) -> None:
    item = take(site, PLAIN)
    met = f'[overrides.met]\nitem = "{item.id}"\n{DECIDED}[overrides.too]\nwords = ["teachers"]\n{DECIDED}'
    slips = (
        f'[overrides.id]\nitem = "{"a" * 16}"\n{DECIDED}[overrides.words]\nwords = ["nurses"]\n{DECIDED}'
        f'[overrides.title]\ndate = 2026-11-19\ntitle = "{TITLE}"\n{DECIDED}'
    )
    with_overrides(site, met + BELIZE + slips).store.close()
    told = [
        f"overrides.toml line {line}: overrides.{name}: no stored item has its {what}; "
        "see `feeds items list`, or take it out"
        for line, name, what in ((17, "id", "id"), (22, "words", "words"), (27, "title", "date and title"))
    ]
    ran = feeds("--config", site.settings.file, "relabel", "--all")
    assert [line for line in ran.err.splitlines() if "overrides.toml" in line] == told
    ran = feeds("--config", site.settings.file, "check")
    assert (ran.code, "usable, with 3 warnings" in ran.out) == (0, True)
    assert [f"warning        {line}" in ran.out for line in told] == [True] * 3
    with_overrides(site, met + BELIZE).store.close()
    assert "all good" in feeds("--config", site.settings.file, "check").out
    assert feeds("--config", site.settings.file, "relabel", "--all", "--yes").err.count("overrides.") == 0


@pytest.mark.parametrize("broken", ["topics.toml", "places.toml", "overrides.toml", "feeds.toml"])
def test_a_file_that_is_no_toml_hides_no_fault_of_the_others(
    feeds: RunFeeds, site: Parts, tmp_path: Path, broken: str
) -> None:
    folder = site.settings.file.parent
    wrong = {
        "topics.toml": ("title_weight = 0\n", "topics.toml line 1: title_weight"),
        "places.toml": ("[places.zz]\n", "places.toml line 1: places.zz"),
        "overrides.toml": (
            BELIZE.replace("country:bz", "country:zz"),
            "overrides.toml line 4: overrides.course",
        ),
        "feeds.toml": ("[site]\nlanguages = 1\n", "feeds.toml: site.languages"),
    }
    for name, (text, _) in wrong.items():
        (folder / name).write_text(text if name != broken else "a = [\n", encoding="utf-8")
    told = [where for name, (_, where) in wrong.items() if name != broken]
    (tmp_path / "one.txt").write_text(PLAIN, encoding="utf-8")
    for command in (("check",), ("explain", tmp_path / "one.txt")):
        ran = feeds("--config", site.settings.file, *command)
        assert ran.code == 2
        assert f"{broken}: not valid TOML" in ran.err
        assert [where for where in told if where not in ran.err] == []
        assert len(ran.err.splitlines()) == len(wrong)
