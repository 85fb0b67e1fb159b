"""The Jinja environment that letters and pages share.

Owns: escaping, translation inside templates, and the few text filters.
Must not know items, sites or what a template is for. Text of a bulletin is
only ever a value here, never a template (threat T2).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from functools import lru_cache
from types import CodeType
from typing import Any

from jinja2 import (
    BytecodeCache,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    Template,
    pass_context,
    select_autoescape,
)
from jinja2.bccache import Bucket
from jinja2.runtime import Context
from markupsafe import Markup, escape

__all__ = ["Environment"]

_WIDTH = 76
_LISTED = re.compile(r" *(?:- |[0-9]{1,4}\. |> )+")


class _Compiled(BytecodeCache):
    """The code of each template, made once a process: letters, pages and a changed configuration share it."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self._made.get(bucket.key, ("", None))
        if checksum == bucket.checksum:  # of the text: one that was changed is compiled anew
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._made[bucket.key] = (bucket.checksum, bucket.code)


_COMPILED = _Compiled()


class _Quick(Template):
    """A template whose values are escaped by `_escaped`."""

    @classmethod
    def from_code(
        cls,
        environment: Environment,
        code: CodeType,
        globals: MutableMapping[str, Any],
        uptodate: Callable[[], bool] | None = None,
    ) -> Template:
        """As Jinja has it; code knows the function by this name."""
        made = super().from_code(environment, code, globals, uptodate)
        made.root_render_func.__globals__["escape"] = _escaped
        return made


def _escaped(value: object) -> str:
    """As `markupsafe.escape` writes a value, to be joined at once: not marked as escaped, which takes longer
    than escaping, and a page has a hundred values.
    """
    if type(value) is Markup:
        return value
    if type(value) is not str:
        return escape(value)
    text = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&#34;").replace("'", "&#39;")


def environment(folders: Sequence[str]) -> Environment:
    """Templates from `folders`, the first that has a name wins (an operator's before the shipped).

    Names ending in html or xml escape every value; text templates do not. A
    missing value is an error, not a blank. Templates find the reader's language
    in ``t`` (an `i18n.Translator`). Not sandboxed: an operator's template is the operator's code.
    """
    made = Environment(
        loader=FileSystemLoader(list(folders)),
        autoescape=select_autoescape(("html", "xml"), default=False, default_for_string=True),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        bytecode_cache=_COMPILED,
        auto_reload=False,  # what counts is what stood there at the start: `looks` tells of a change
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.template_class = _Quick
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.globals["gettext"] = _gettext  # in place of one that looks each word up through two calls more
    made.filters.update(clip=clip, paragraphs=paragraphs, one_line=one_line)
    made.filters.update(wrapped=wrapped, laid_out=laid_out, ruled=ruled, underlined=underlined, tied=tied)
    return made


@pass_context
def _gettext(context: Context, message: str, /, **values: Any) -> str:
    """Words in the language of who reads, as Jinja's own function does it; without values, looked up once."""
    html, t = context.eval_ctx.autoescape, context["t"]
    return _said(t, message, html) % values if values else _plainly_said(t, message, html)


@lru_cache(maxsize=4096)
def _plainly_said(t: Any, message: str, html: bool) -> str:
    return _said(t, message, html) % {}


def _said(t: Any, message: str, html: bool) -> str:
    found: str = t.gettext(message)
    return Markup(found) if html else found  # noqa: S704 (catalogues are ours)


@pass_context
def _ngettext(context: Context, one: str, many: str, n: int) -> str:
    found: str = context["t"].ngettext(one, many, n)
    return found


def one_line(text: str) -> str:
    """Text that stays on its line: breaks and controls become spaces, bidi controls go (T5)."""
    if not text.isprintable():  # nearly all are, and then there is nothing to look for
        text = _BREAKS.sub(" ", _TURNS.sub("", text))
    return " ".join(text.split())


_SPACE = Markup(" ")
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_TURNS = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def clip(text: str, limit: int) -> str:
    """At most `limit` characters on one line, cut after a whole word, with an ellipsis if cut."""
    line = one_line(text)
    if len(line) <= limit:
        return line
    head = line[: limit - 1]
    if line[limit - 1] != " ":
        head = head.rpartition(" ")[0] or head
    return head.rstrip(" ,;:.–-") + "…"


def whole_sentences(text: str, limit: int) -> str:
    """The first sentences of a text on one line, as many as fit; the text as it is if it is short.

    Nothing is cut inside a sentence: where the first one alone is longer, nothing is given.
    """
    line = one_line(text)
    if len(line) <= limit:
        return line
    ends = [match.end() for match in _SENTENCE_END.finditer(line, 0, limit + 1) if match.end() <= limit]
    return line[: ends[-1]].rstrip() if ends else ""


# Not after an initial or "Dr", which end no sentence as a rule.
_SENTENCE_END = re.compile(
    r"(?:(?<=[^\W\d_A-ZÀ-Ý]{2})|(?<=[0-9]{2})|(?<=[)\]%’”»]))[.!?…]+[”»’)]?(?= [\W_]*[^\W\d_a-zà-ÿ])"
)


def paragraphs(text: str) -> list[str]:
    """Paragraphs of a summary (separated by a blank line), each on one line."""
    return [line for part in text.split("\n\n") if (line := one_line(part))]


def wrapped(text: str, indent: int = 0, hang: int | None = None) -> str:
    """Lines of at most 76 columns; a longer word (an address) stays whole. `hang` indents the rest.

    A line with a word that is still to come (`later`) is wrapped when it is there (`filled_in`).
    """
    rest = indent if hang is None else hang
    line = one_line(text)
    if LATER in line:
        return f"{_WRAP_LATER}{indent},{rest}{_WRAP_LATER}{line}"
    if indent + len(line) <= _WIDTH:
        return " " * indent + line if line else ""
    lines, start, used = [], " " * indent, indent
    words: list[str] = []
    for word in line.split(" "):  # as `textwrap` does it, in a tenth of its time
        if words and used + len(word) > _WIDTH:
            lines.append(start + " ".join(words))
            words, start, used = [], " " * rest, rest
        words.append(word)
        used += len(word) + 1
    return "\n".join([*lines, start + " ".join(words)])


# Unicode noncharacters, as are the slots of letters: no bulletin holds one, nothing escapes or changes them.
LATER = "\ufdd8"
_WRAP_LATER = "\ufdda"
_TO_WRAP = re.compile(f"{_WRAP_LATER}([0-9]+),([0-9]+){_WRAP_LATER}(.*)")


def later(name: str) -> str:
    """The slot of a word that is put in when the rest was rendered: see `filled_in`."""
    return f"{LATER}{name}{LATER}"


def filled_in(text: str, words: Mapping[str, str]) -> str:
    """A text part with these words in the slots of their names; only now its lines can be wrapped."""
    for name, word in words.items():
        text = text.replace(later(name), word)
    return _TO_WRAP.sub(lambda found: wrapped(found[3], int(found[1]), int(found[2])), text)


def filled_in_html(html: str, words: Mapping[str, str]) -> str:
    """The same for HTML: words are escaped as the CSS inliner writes text and attributes."""
    for name, word in words.items():
        written = word.replace("&", "&amp;").replace("\u00a0", "&nbsp;")
        html = html.replace(f'="{later(name)}"', '="{}"'.format(written.replace('"', "&quot;")))
        html = html.replace(later(name), written.replace("<", "&lt;").replace(">", "&gt;"))
    return html


def laid_out(text: str, indent: int = 0) -> str:
    """The lines of a text, each wrapped; the entries of a list and quotations hang on their marks."""
    lines = []
    for line in text.split("\n"):
        mark = _LISTED.match(line)
        before = indent + (len(line) - len(line.lstrip()))
        hang = indent + (len(mark[0]) if mark else before - indent)
        lines.append(wrapped(line, before, hang) if line.strip() else "")
    return "\n".join(lines)


def ruled(text: str, rule: str = "-") -> str:
    """A heading of the text part: the line and a rule as wide."""
    line = one_line(text)
    return f"{line}\n{rule * min(len(line), _WIDTH)}"


def underlined(text: str, rule: str = "-") -> str:
    """A heading of several lines: a rule below the last one, as wide as the widest."""
    return f"{text}\n{rule * max(map(len, text.split(chr(10))))}"


def tied(text: str) -> str:
    """Facts set apart by dots, so that no line begins with one."""
    return text.replace(" · ", "\u00a0· ")


def render(environment: Environment, name: str, values: dict[str, Any]) -> str:
    """The template `name` with `values`, ending in one line break."""
    return environment.get_template(name).render(values).rstrip() + "\n"


def macro(environment: Environment, name: str, of: str, values: dict[str, Any]) -> Callable[..., str]:
    """The macro `of` in the template `name`, to be called by itself; it gives nothing if there is none."""
    module = environment.get_template(name).make_module(values)
    found: Callable[..., str] = getattr(module, of, lambda *_: Markup())
    return found


def spaced(pieces: Iterable[str]) -> str:
    """Pieces that macros gave, as one, with spaces between."""
    return _SPACE.join(pieces)


def joined(pieces: Iterable[str]) -> str:
    """Pieces that macros gave, as one."""
    return Markup().join(pieces)


def marked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Text as HTML with some places marked; they are in order and apart."""
    pieces, done = [], 0
    for start, end in spans:
        pieces += [escape(text[done:start]), Markup("<mark>{}</mark>").format(text[start:end])]
        done = end
    return Markup().join([*pieces, escape(text[done:])])
