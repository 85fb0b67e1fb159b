"""A process that dies by kill -9 at its n-th step: each change of a name, each new file, each commit."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import event

from feeds import config
from feeds.app.parts import Parts

STEPS = ("replace", "rename", "unlink")  # what changes names; and each new file, each commit


def opened(folder: Path, tables: object) -> Parts:
    """The site of a folder; its tables of labels are made already."""
    parts = Parts(config.load(folder / "config" / "feeds.toml"))
    parts.__dict__["_labels"] = tables
    return parts


def killed_at(fatal: int, folder: Path, tables: object, run: Callable[[Parts], None]) -> bool:
    """Run in a process that dies at its n-th step; False when it came to its end before."""
    child = os.fork()
    if child == 0:
        try:
            parts = opened(folder, tables)
            die_at(fatal, parts)
            run(parts)
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def die_at(fatal: int, parts: Parts) -> None:
    """From now on this process counts its steps, and ends at that one."""
    count = 0

    def step(*_: object) -> None:
        nonlocal count
        count += 1
        if count == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            step()
            return real(*args, **kwargs)

        return run

    opening = os.open
    os.open = lambda path, flags, *rest, **named: (
        step() if flags & os.O_CREAT else None,
        opening(path, flags, *rest, **named),
    )[1]
    for name in STEPS:
        setattr(os, name, counted(getattr(os, name)))
    event.listen(parts.store._engine, "commit", step)
