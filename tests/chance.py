"""How many examples hypothesis tries: some in each run, other ones each time; in CI all that are asked.

FEEDS_TEST_EXAMPLES=50 tries fifty times as many: for a night, or after a change of what a rule takes in.
"""

from __future__ import annotations

import os

from hypothesis import settings

THOROUGH = "FEEDS_TEST_THOROUGH"
TIMES = "FEEDS_TEST_EXAMPLES"


def examples(most: int) -> settings:
    """Decorates a test with chance in it. A machine under load is slow, which is no fault: no deadline."""
    times = int(os.environ.get(TIMES, "0"))
    quick = max(10, most // 4)
    tried = most * times if times else most if os.environ.get(THOROUGH) else quick
    return settings(max_examples=tried, deadline=None)
