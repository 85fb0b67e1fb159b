"""How many examples hypothesis tries: some in each run, other ones each time; in CI all that are asked."""

from __future__ import annotations

import os

from hypothesis import settings

THOROUGH = "FEEDS_TEST_THOROUGH"


def examples(most: int) -> settings:
    """Decorates a test with chance in it. A machine under load is slow, which is no fault: no deadline."""
    quick = max(10, most // 4)
    return settings(max_examples=most if os.environ.get(THOROUGH) else quick, deadline=None)
