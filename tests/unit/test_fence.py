"""The fence around passes (P9): what is raised, what is told, what is noted."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from structlog.testing import capture_logs

from feeds.app.fence import SAY_AGAIN_S, Fence, reason_of
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
        return [await fence.run("publish", run) for run in runs]

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


def test_an_error_of_the_machine_is_told_in_one_line_and_one_of_ours_with_its_traceback() -> None:
    full = OSError(28, "No space left on device", "public/x")
    noted = Noted()
    with capture_logs() as logs:
        fenced(Fence(noted), raising(full), raising(ValueError("odd")))  # type: ignore[arg-type]
    assert logs[0]["reason"] == "public/x: No space left on device"
    assert isinstance(logs[1]["exc_info"], ValueError)
    assert [each[-1] for each in noted.seen if each[0] == "ended"] == [
        "public/x: No space left on device", "ValueError",
    ]  # fmt: skip
    assert reason_of(OSError("odd")) == "odd"


def test_a_pass_that_ended_without_doing_what_it_should_is_noted_as_such() -> None:
    noted = Noted()

    async def away() -> int:
        return 421

    fence = Fence(noted)  # type: ignore[arg-type]
    assert asyncio.run(fence.task("deliver", away, lambda code: f"away: {code}")) == 421
    assert noted.seen[-1] == ("ended", "deliver", "away: 421")


def test_small_passes_are_fenced_and_not_noted() -> None:
    noted = Noted()

    async def small() -> int | None:
        return await Fence(noted).run("journal", lambda: 3)  # type: ignore[arg-type]

    assert asyncio.run(small()) == 3
    assert noted.seen == []
