"""The fence around passes (P9): what is raised, what is told, what is noted."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from structlog.testing import capture_logs

from feeds.app.fencing import SAY_AGAIN_S, Fence
from feeds.errors import FeedsError


@dataclass
class Noted:
    """What was noted, in its order."""

    seen: list[tuple[str, ...]] = field(default_factory=list)

    def begun(self, name: str) -> None:
        self.seen.append(("begun", name))

    def ended(self, name: str, failed: str = "") -> None:
        self.seen.append(("ended", name, failed))


def raising(error: Exception) -> Any:
    def run() -> None:
        raise error

    return run


def fenced(fence: Fence, *runs: Any) -> list[Any]:
    async def all_of() -> list[Any]:
        return [await fence.thread("publish", run) for run in runs]

    return asyncio.run(all_of())


def test_a_pass_that_goes_well_is_noted_and_gives_what_it_found() -> None:
    noted = Noted()
    assert fenced(Fence(noted), lambda: 7) == [7]  # type: ignore[arg-type]
    assert noted.seen == [("begun", "publish"), ("ended", "publish", "")]


def test_a_pass_that_fails_ends_alone_and_is_noted_with_its_reason() -> None:
    noted = Noted()
    with capture_logs() as logs:
        assert fenced(Fence(noted), raising(FeedsError("disk full")), raising(KeyError("x")), lambda: 1) == [
            None,
            None,
            1,
        ]  # type: ignore[arg-type]
    assert [each[-1] for each in noted.seen if each[0] == "ended"] == ["disk full", "KeyError", ""]
    assert [(each["event"], each.get("reason")) for each in logs] == [
        ("pass-failed", "disk full"), ("pass-failed", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("times", "reasons", "told"),
    [
        ([100.0, 101.0], ["full", "full"], 1),
        ([100.0, 100.0 + SAY_AGAIN_S], ["full", "full"], 2),
        ([100.0, 101.0], ["full", "read-only"], 2),
    ],
)
def test_what_stays_wrong_is_told_once_a_minute(times: list[float], reasons: list[str], told: int) -> None:
    ticks = iter(times)
    fence = Fence(Noted(), lambda: next(ticks))  # type: ignore[arg-type]
    with capture_logs() as logs:
        fenced(fence, *(raising(FeedsError(reason)) for reason in reasons))
    assert len(logs) == told


def test_after_it_went_well_the_same_trouble_is_told_again() -> None:
    ticks = iter([100.0, 102.0])
    fence = Fence(Noted(), lambda: next(ticks))  # type: ignore[arg-type]
    with capture_logs() as logs:
        fenced(fence, raising(FeedsError("full")), lambda: 1, raising(FeedsError("full")))
    assert len(logs) == 2
