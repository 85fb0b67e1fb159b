"""What the integration tests share: tables of labels, which take longer to build than most tests last."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import pytest

KEPT = 6


@pytest.fixture(autouse=True, scope="session")
def _tables_are_built_once() -> Iterator[None]:
    """Sites with the same configuration share their tables: what is built depends on nothing else."""
    from feeds.app import parts

    real, made = parts.build, OrderedDict[str, Any]()

    def build(*args: Any, **kwargs: Any) -> Any:
        key = json.dumps([args, kwargs], default=repr)
        if key not in made:
            made[key] = real(*args, **kwargs)
            if len(made) > KEPT:
                made.popitem(last=False)
        made.move_to_end(key)
        return made[key]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(parts, "build", build)
        yield
