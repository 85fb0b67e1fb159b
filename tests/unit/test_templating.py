"""Templates: compiled once a process, and anew when their text has changed."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import pytest
from markupsafe import Markup, escape

from feeds.i18n import translator
from feeds.templating import environment, render


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


class Drawn:
    def __html__(self) -> str:
        return "<b>&</b>"


@pytest.mark.parametrize(
    "value",
    ["a <b> & \"c\" 'd'", Markup("<i>&amp;</i>"), "", 7, None, Drawn(), ["<"], StrEnum("Of", {"X": "<"}).X],
)
def test_values_are_escaped_as_markupsafe_escapes_them(tmp_path: Path, value: object) -> None:
    (tmp_path / "a.html").write_text(
        "{% macro m(x) %}<p>{{ x }}</p>{% endmacro %}{{ value }}|{{ m(value) }}", encoding="utf-8"
    )
    made = render(environment([str(tmp_path)]), "a.html", {"value": value})
    assert made == f"{escape(value)}|<p>{escape(value)}</p>\n"


def test_words_are_found_for_each_language_and_stay_apart_in_html_and_text(tmp_path: Path) -> None:
    text = "{% trans %}5 %{% endtrans %} {% trans %}All news{% endtrans %}"
    text += " {% trans n=who %}By {{ n }}{% endtrans %}"
    (tmp_path / "a.html").write_text(text, encoding="utf-8")
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    made = environment([str(tmp_path)])

    def said(name: str, lang: str) -> str:
        return render(made, name, {"t": translator(lang), "who": "<A>"})

    for _ in range(2):
        assert said("a.html", "en") == "5 % All news By &lt;A&gt;\n"
        assert said("a.txt", "en") == "5 % All news By <A>\n"
        assert said("a.html", "es") == "5 % Todas las noticias By &lt;A&gt;\n"
