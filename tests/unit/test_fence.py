"""Whatever a pass raises ends that pass alone; what a person can put right is a line, told once a minute."""

from __future__ import annotations

import asyncio
from errno import ENOSPC

import pytest

from feeds.app import fence
from feeds.app.fence import Fence, reason_of
from feeds.errors import FeedsError


class Told(list[dict[str, object]]):
    def __call__(self, event: str, **facts: object) -> None:
        self.append({"event": event, **facts})


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    lines = Told()
    monkeypatch.setattr(fence.logger, "error", lines)
    return lines


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    at = [1000.0]
    monkeypatch.setattr(fence.time, "monotonic", lambda: at[0])
    return at


def failing(error: Exception) -> object:
    def work() -> None:
        raise error

    return work


def run(one: Fence, work: object) -> object:
    return asyncio.run(one.run("compose", work))  # type: ignore[arg-type]


def test_what_a_pass_gives_is_handed_on(told: Told) -> None:
    assert run(Fence(), lambda: 7) == 7
    assert told == []


def test_the_same_reason_is_told_once_a_minute_and_another_one_at_once(
    told: Told, clock: list[float]
) -> None:
    one = Fence()
    for at, words in ((0, "full"), (59, "full"), (59, "away"), (60, "away"), (119, "away")):
        clock[0] = 1000.0 + at
        assert run(one, failing(FeedsError(words))) is None
    assert [line["reason"] for line in told] == ["full", "away", "away"]


def test_what_comes_back_after_a_pass_that_went_well_is_told_again(told: Told, clock: list[float]) -> None:
    one = Fence()
    for work in (failing(FeedsError("full")), lambda: 1, failing(FeedsError("full"))):
        run(one, work)
    assert len(told) == 2


def test_a_full_disk_is_a_line_and_a_fault_of_ours_has_its_traceback(told: Told) -> None:
    run(Fence(), failing(OSError(ENOSPC, "No space left on device", "/srv/inbox/done/a.txt")))
    run(Fence(), failing(KeyError("x")))
    assert told[0]["reason"] == "/srv/inbox/done/a.txt: No space left on device"
    assert "reason" not in told[1]
    assert isinstance(told[1]["exc_info"], KeyError)


def test_reasons_name_the_file_where_there_is_one() -> None:
    assert reason_of(OSError(ENOSPC, "No space left on device")) == "No space left on device"
    assert reason_of(OSError("odd")) == "odd"
    assert reason_of(FeedsError("words")) == "words"
