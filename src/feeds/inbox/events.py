"""Events of the inbox folder, as hints that a look is worth while.

The only importer of watchfiles. Events are lost, doubled and early (queues
overflow, network folders send none), so the caller looks at the folder every
few seconds all the same. Must not decide which file is ready.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from watchfiles import awatch

from feeds import log

_RETRY_S = 1.0
_POLL_S = 0.5
_log = log.get("inbox")


class Event(Protocol):
    """asyncio.Event or anyio.Event."""

    def is_set(self) -> bool: ...

    async def wait(self) -> object: ...


async def watch(root: Path, wake: Callable[[], None], stop: Event, *, polling: bool = False) -> None:
    """Call `wake` whenever something may have changed in `root`, until `stop` is set.

    Goes on when the folder is removed and comes back, or may not be read for a
    while; where the kernel sends no events it asks for the folder's date twice a
    second, as it does from the start with `polling` (network folders).
    """
    said = ""
    while not stop.is_set():
        try:
            if polling:
                await _poll(root, wake, stop)
            else:
                await _listen(root, wake, stop)
            said = ""
        except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
            said = _say_once("inbox-unwatched", str(error.strerror or error), said)
            await _pause(stop, _RETRY_S)
        except asyncio.CancelledError:
            raise
        except BaseExceptionGroup as group:
            # One name that is no UTF-8 ends the watch: the folder's date tells as much, whatever is in it.
            said = _say_once("inbox-polling", _reasons(group), said)
            polling = True
        except (OSError, RuntimeError) as error:
            # RuntimeError: what watchfiles makes of other failures of inotify.
            said = _say_once("inbox-polling", str(error), said)
            polling = True


def _reasons(group: BaseExceptionGroup[BaseException]) -> str:
    """The faults inside. Only those are ours: a wish to stop is passed on."""
    wishes, faults = group.split((KeyboardInterrupt, SystemExit, asyncio.CancelledError))
    if wishes is not None:
        raise wishes
    return "; ".join(str(error)[:200] for error in faults.exceptions) if faults else ""


class _Either:
    """A stop sign for the watching thread: awatch sets it itself when cancelled,
    which must not stop the whole application."""

    def __init__(self, outer: Event) -> None:
        self._outer = outer
        self._set = False

    def is_set(self) -> bool:
        return self._set or self._outer.is_set()

    def set(self) -> None:
        self._set = True


async def _listen(root: Path, wake: Callable[[], None], stop: Event) -> None:
    """Until `stop`, or until another folder (or none) stands under the name."""
    watched = _which(root)
    changes = awatch(
        root,
        watch_filter=None,
        step=10,
        debounce=50,
        stop_event=_Either(stop),
        rust_timeout=int(_RETRY_S * 1000),
        yield_on_timeout=True,
        recursive=False,
        force_polling=False,
    )
    wake()  # for what came before we listened
    async for found in changes:
        if found:
            wake()
        if _which(root) != watched:
            return


async def _poll(root: Path, wake: Callable[[], None], stop: Event) -> None:
    before: object = None
    while not stop.is_set():
        # In a thread: a network folder whose server is away blocks for minutes.
        now = await asyncio.to_thread(_state, root)
        if now != before:
            before = now
            wake()
        await _pause(stop, _POLL_S)


def _which(root: Path) -> tuple[int, int]:
    found = root.stat()
    return found.st_dev, found.st_ino


def _state(root: Path) -> tuple[int, int, int]:
    found = root.stat()
    return found.st_dev, found.st_ino, found.st_mtime_ns


async def _pause(stop: Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


def _say_once(event: str, why: str, said: str) -> str:
    if said != event + why:
        _log.warning(event, why=why)
    return event + why
