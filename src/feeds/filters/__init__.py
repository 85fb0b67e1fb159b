"""Filters: what a person wants, as text, as a URL's query, and as a question put to an item.

Owns the grammar, the one canonical form and the matching. Knows nothing of
subscribers, feeds, SQL or the web: a vocabulary comes in as a parameter.
Text form: ``country:hn,pa topic:labour-migration word:visa,"work permit" q:"free text" language:es
-country:mx -word:football mentions:yes prefer:es,en``; values of a key are any of them, all words of ``q``
are asked for. A region takes its member countries' items too, unless the filter says ``members:no``. With
``prefer:es`` items that are versions of one another count once: the Spanish one, if it has the rest of what
is asked for.
"""

from feeds.filters.form import QUERY_KEYS, canonical, everything, normal, to_query
from feeds.filters.marking import spans
from feeds.filters.matching import current, match, match_text
from feeds.filters.once import once
from feeds.filters.phrases import phrases_apart
from feeds.filters.reading import MAX_TERMS, MAX_TEXT_CHARS, from_query, of_canonical, parse
from feeds.filters.terms import MAX_SHOWN_CHARS
from feeds.filters.words import MAX_WORD_CHARS, fold, folded

__all__ = [
    "MAX_SHOWN_CHARS",
    "MAX_TERMS",
    "MAX_TEXT_CHARS",
    "MAX_WORD_CHARS",
    "QUERY_KEYS",
    "canonical",
    "current",
    "everything",
    "fold",
    "folded",
    "from_query",
    "match",
    "match_text",
    "normal",
    "of_canonical",
    "once",
    "parse",
    "phrases_apart",
    "spans",
    "to_query",
]
