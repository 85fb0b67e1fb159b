"""A reader without script: fills in the forms of a page as they stand there, and presses a button."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

Fields = list[tuple[str, str]]


@dataclass
class Form:
    """One form: where it goes, what stands in it, and its buttons by their words."""

    action: str
    method: str
    fields: Fields = field(default_factory=list)
    ticks: Fields = field(default_factory=list)
    buttons: dict[str, tuple[str, str, str]] = field(default_factory=dict)


class Forms(HTMLParser):
    """The forms of a page, with what a browser would send if nothing was touched."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.all: list[Form] = []
        self._button: tuple[str, str, str, str] | None = None
        self._select = ""
        self._first_option = ""
        self._area = ""
        self._words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.all.append(Form(given["action"], given.get("method", "get")))
        if not self.all:
            return
        form = self.all[-1]
        if tag == "input":
            self._input(form, given)
        elif tag == "select":
            self._select, self._first_option = given["name"], ""
        elif tag == "option" and self._select:
            self._first_option = self._first_option or given["value"]
            if "selected" in given:
                form.fields.append((self._select, given["value"]))
        elif tag == "textarea":
            self._area, self._words = given["name"], ""
        elif tag == "button":
            name = given.get("aria-label", "")
            self._button = (name, given.get("name", ""), given.get("value", ""), given.get("formaction", ""))
            self._words = ""

    def _input(self, form: Form, given: dict[str, str]) -> None:
        ticked = given.get("type") in ("checkbox", "radio")
        pair = (given["name"], given.get("value", ""))
        if not ticked or "checked" in given:
            form.fields.append(pair)
        if ticked:
            form.ticks.append(pair)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self.all:
            if self._select not in [name for name, _ in self.all[-1].fields]:
                self.all[-1].fields.append((self._select, self._first_option))
            self._select = ""
        if tag == "textarea" and self._area:
            # A browser leaves the line break out that follows the tag.
            self.all[-1].fields.append((self._area, self._words.removeprefix("\n")))
            self._area = ""
        if tag == "button" and self._button:
            label, name, value, action = self._button
            self.all[-1].buttons[label or " ".join(self._words.split())] = (name, value, action)
            self._button = None

    def handle_data(self, data: str) -> None:
        self._words += data

    def press(self, button: str, **typed: str | list[str]) -> tuple[str, Fields]:
        """Where a button posts and what, with some fields filled in otherwise; a list ticks values."""
        form = next(one for one in self.all if button in one.buttons)
        known = {name for name, _ in [*form.fields, *form.ticks]}
        keys = {name.replace("__", "-"): value for name, value in typed.items()}
        assert keys.keys() <= known, (sorted(keys), sorted(known))
        fields = [pair for pair in form.fields if pair[0] not in keys]
        for name, value in keys.items():
            fields += [(name, one) for one in ([value] if isinstance(value, str) else value)]
        name, value, action = form.buttons[button]
        return (action or form.action).partition("#")[0], [*fields, (name, value)]
