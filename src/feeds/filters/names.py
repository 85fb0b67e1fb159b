"""The vocabulary look-up: which code a code or name stands for, and what to say when it is none.

Owns folded names in all languages of the site and the guesses at what was
meant. Knows nothing of how a filter's text or query falls into terms.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import lru_cache

from feeds.errors import Problem
from feeds.filters.words import MAX_WORD_CHARS, fold, quoted, tidy
from feeds.model import Kind, Vocabulary

KINDS = {kind.value: kind for kind in (Kind.COUNTRY, Kind.REGION, Kind.TOPIC)}
_SHAPES = {Kind.COUNTRY: re.compile(r"[a-z]{2}"), Kind.REGION: re.compile(r"[a-z0-9-]{1,64}")}
_SHAPES[Kind.TOPIC] = _SHAPES[Kind.REGION]
_LABELLED = ("en", "es", "fr", "pt")

_LANGUAGE = re.compile(r"[a-z]{2,3}")


def language_code(value: str) -> str | None:
    """The code of a language given as a code or a name; None if it is neither."""
    code = value.lower()
    if not _LANGUAGE.fullmatch(code):
        code = _languages().get(fold(value), code)
    return code if _LANGUAGE.fullmatch(code) else None


@lru_cache(maxsize=1)
def _languages() -> dict[str, str]:
    """Those that pages are in or labels are found in, by their names in each language of pages."""
    from feeds.i18n import catalogues, own_name, translator  # not for who only stores filters

    codes = dict.fromkeys((*catalogues(), *_LABELLED))
    names = {fold(own_name(code)): code for code in codes}
    names |= {fold(translator(lang).language(code)): code for lang in catalogues() for code in codes}
    return names | {"castellano": "es"}


class Lookup:
    """Codes and names of one vocabulary, folded when the first of them is asked for.

    Without a vocabulary any code of the right shape is taken and no name is known.
    """

    def __init__(self, vocabulary: Vocabulary | None) -> None:
        self._vocabulary = vocabulary
        self._folded: dict[Kind, dict[str, list[str]]] = {}

    def code(self, where: str, value: str, kind: Kind) -> str | Problem:
        """The code that `value` means, or a problem of `where`: what is allowed and what is nearest."""
        code = value.lower()
        if self._vocabulary is None:
            return code if _SHAPES[kind].fullmatch(code) else Problem(where, self._allowed(kind))
        if term := self._vocabulary.get(kind, code):
            return term.code
        named = self._names(kind).get(fold(code), [])
        if len(named) > 1:
            both = " or ".join(self._told(kind, one) for one in named)
            return Problem(where, f"could be {both}; write the code")
        if not named:
            return Problem(where, self._allowed(kind) + self._nearest(kind, fold(code)))
        return named[0]

    def no_term(self, chunk: str) -> str:
        """What to say about a term without its kind: ``panama`` is ``country:pa``, perhaps."""
        plain = tidy(chunk)[:MAX_WORD_CHARS].strip()
        if not fold(plain):
            return "asks for nothing; write terms such as country:pa"
        for key, kind in KINDS.items():
            for code in self._names(kind).get(fold(plain), []):
                return f"needs its kind before it; did you mean {key}:{code}?"
        return f"needs its kind before it; for a word write word:{quoted(plain)}"

    def _names(self, kind: Kind) -> dict[str, list[str]]:
        """Codes by folded code and name, in all languages; two codes may share a name."""
        if kind not in self._folded:
            names = self._folded[kind] = {}
            for term in self._vocabulary.of(kind) if self._vocabulary else ():
                for name in {fold(one) for one in (term.code, *term.names.values())}:
                    names.setdefault(name, []).append(term.code)
        return self._folded[kind]

    def _told(self, kind: Kind, code: str) -> str:
        name = self._vocabulary.name(kind, code, "en") if self._vocabulary else code
        return f"{kind}:{code} ({name})"

    def _nearest(self, kind: Kind, value: str) -> str:
        meant = [(other, value) for other in Kind if value in self._names(other)]
        if not meant:
            near = get_close_matches(value[:MAX_WORD_CHARS], list(self._names(kind)), n=1, cutoff=0.7)
            meant = [(kind, name) for name in near]
        if not meant:
            return ""
        one, name = meant[0]
        return f"; did you mean {self._told(one, self._names(one)[name][0])}?"

    def _allowed(self, kind: Kind) -> str:
        codes = sorted(term.code for term in self._vocabulary.of(kind)) if self._vocabulary else []
        if kind is Kind.COUNTRY:
            return "is no country; use a two-letter code such as pa" + (" or a full name" if codes else "")
        if self._vocabulary and not codes:
            return f"is no {kind}; this site has none"
        return f"is no {kind}; use " + (f"one of {', '.join(codes)}" if codes else "a-z, 0-9 and hyphens")
