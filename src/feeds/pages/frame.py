"""The frame that all pages share: language, landmarks, links inside the site (pure).

Owns: what every template is given, and the ways between the languages of a page. Must not know
what a page is about.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from feeds.i18n import Translator, own_name, translator
from feeds.model import SiteInfo, Vocabulary
from feeds.pages.views import kicked
from feeds.templating import Environment, macro, render

Self = TypeVar("Self", bound="Frame")


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language in which a page can be read, and its address there; `absolute` is it with the host."""

    lang: str
    name: str
    url: str
    absolute: str
    current: bool


class Frame:
    """Renders pages of one site in one language. Cheap to keep, safe to share between threads."""

    def __init__(self, environment: Environment, site: SiteInfo, vocabulary: Vocabulary) -> None:
        self._environment = environment
        self._site = site
        self._vocabulary = vocabulary
        self._t = translator(site.languages[0])
        self._root = urlsplit(site.base_url).path.rstrip("/")
        self._pieces: dict[tuple[str, ...], str] = {}

    def speaking(self: Self, lang: str) -> Self:
        """The same pages in another language: those behind a link speak as its mail did."""
        other = copy(self)
        other._t = translator(lang)
        other._site = self._site.speaking(lang)
        return other

    @property
    def translator(self) -> Translator:
        """The words of that language."""
        return self._t

    @property
    def lang(self) -> str:
        """The language that these pages speak."""
        return self._t.lang

    def private(self, name: str, heading: str, **values: Any) -> bytes:
        """A page that is nobody's to find: no feed, no canonical address, not indexed."""
        title = f"{heading} – {self._site.name}"
        given = {"title": title, "heading": heading, "description": "", "canonical": "", "here": ""}
        return self._render(name, **{**given, "alternates": (), **values})

    def href(self, path: str) -> str:
        """A link inside the site, without its host, so that a page works wherever it is shown. For what has
        one address in all languages.
        """
        return self._root + path

    def home(self, path: str) -> str:
        """The link to a page in this language: further languages of a site live below ``/es/``."""
        return self._root + self._site.below(self._t.lang) + path

    def tongues(self, path: str) -> Sequence[Tongue]:
        """The languages of a page that each language has at its own address; none if there is but one."""
        langs, current = self._site.langs, self._t.lang
        if len(langs) < 2:
            return ()
        return [
            Tongue(
                lang, own_name(lang), self._root + self._site.below(lang) + path,
                self._site.url(path, lang), lang == current,
            )
            for lang in langs
        ]  # fmt: skip

    def _render(self, name: str, **values: Any) -> bytes:
        frame = {**self._always(), "tongues": (), "kicked": kicked, "shared": self._shared}
        return render(self._environment, f"web/{name}", {**frame, **values}).encode()

    def _always(self) -> dict[str, Any]:
        return {"t": self._t, "site": self._site, "root": self._root, "home": self.home("")}

    def _piece(self, name: str) -> Callable[..., str]:
        """A macro of what is the same wherever it stands."""
        return macro(self._environment, "web/_pieces.html", name, self._always())

    def _shared(self, name: str, *of: str) -> str:
        """Such a piece, rendered once; templates say for which few values."""
        key = (self._t.lang, name, *of)
        if key not in self._pieces:
            self._pieces[key] = self._piece(name)(*of)
        return self._pieces[key]
