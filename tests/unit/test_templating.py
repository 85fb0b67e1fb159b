"""Templates: compiled once a process, and anew when their text has changed."""

from __future__ import annotations

from pathlib import Path

from feeds.templating import environment


def shown(folder: Path) -> str:
    return environment([str(folder)]).get_template("a.txt").render()


def test_a_template_is_compiled_once_for_all_who_use_it(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Good day", encoding="utf-8")
    first, second = (environment([str(tmp_path)]).get_template("a.txt") for _ in range(2))
    assert first.root_render_func is not second.root_render_func
    assert first.root_render_func.__code__ is second.root_render_func.__code__


def test_a_changed_template_is_not_shown_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    for said in ("Good day", "Good evening", "Good day"):
        file.write_text(said, encoding="utf-8")
        assert shown(tmp_path) == said


def test_templates_of_one_name_in_two_folders_are_kept_apart(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("ours", "theirs")]
    for folder in folders:
        folder.mkdir()
        (folder / "a.txt").write_text(folder.name, encoding="utf-8")
    assert [shown(folder) for folder in folders] == ["ours", "theirs"]
