"""Filters by chance over the places, topics and words of the tests' bulletins."""

from __future__ import annotations

from hypothesis import strategies as st

from feeds import filters
from feeds.errors import InputError
from feeds.model import Filter

places = st.lists(st.sampled_from(["pa", "hn", "mx", "gt"]), max_size=2).map(tuple)
regions = st.lists(st.sampled_from(["central-america", "caribbean"]), max_size=1).map(tuple)
topics = st.lists(st.sampled_from(["labour-migration", "health", "border-management"]), max_size=2).map(tuple)
words = st.lists(st.sampled_from(["school", "work permits", "CAFE", "number 4", "nothing"]), max_size=1).map(
    tuple
)
wishes = st.builds(
    Filter, countries=places, regions=regions, topics=topics, words=words, all_words=words, without=words,
    mentions=st.booleans(), members=st.booleans(), not_countries=places, not_topics=topics,
    languages=st.sampled_from([(), ("en",), ("es", "en"), ("fr",)]),
    prefer=st.sampled_from([(), ("en",), ("es",), ("fr", "es")]),
)  # fmt: skip


def _can_be_written(wanted: Filter) -> bool:
    """Whether somebody could ask for it: not for nothing at all, nor for what contradicts itself."""
    try:
        return filters.parse(filters.canonical(wanted)) == wanted
    except InputError:
        return False


written = wishes.map(filters.normal).filter(_can_be_written)
