"""How much tests of chance and of growth try: a part in each run, in CI all that is asked.

FEEDS_TEST_EXAMPLES=50 tries fifty times as many examples: for a night, or after a change of a rule.
"""

from __future__ import annotations

import os

from hypothesis import settings

THOROUGH = "FEEDS_TEST_THOROUGH"
TIMES = "FEEDS_TEST_EXAMPLES"


def examples(most: int) -> settings:
    """Decorates a test with chance in it. A machine under load is slow, which is no fault: no deadline."""
    times = int(os.environ.get(TIMES, "0"))
    return settings(max_examples=most * times if times else max(10, part(most)), deadline=None)


def part(most: int) -> int:
    """A quarter of so many seeds, lines or days; all of them in a thorough run."""
    return most if os.environ.get(THOROUGH) else most // 4
