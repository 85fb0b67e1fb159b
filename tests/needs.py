"""Programs and servers that some tests need: skipped where they are missing, but never in CI."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from typing import NoReturn

import pytest

NOT_HERE = "not here: "
_PACKAGE = re.compile(r"apt install ([a-z0-9-]+)")


def missing(what: str) -> NoReturn:
    """Skip the test that asks, and say why. In CI that fails: a green run must have tried everything."""
    if os.environ.get("CI"):
        pytest.fail(f"{what}. CI must not go without these tests.", pytrace=False)
    absent(what)


def absent(what: str) -> NoReturn:
    """Skip the test that asks for what not even CI need have; the last line of the run names it."""
    pytest.skip(NOT_HERE + what)


def program(*names: str, package: str) -> str:
    """The path of the first of these programs that is installed; `package` is what Debian calls it."""
    # Servers lie where a plain user does not look.
    places = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"])
    for name in names:
        if found := shutil.which(name, path=places):
            return found
    missing(f"{names[0]} is not installed (Debian and Ubuntu: apt install {package})")


def left_out(reasons: Iterable[str], slow: int) -> str:
    """One line that says what a run did not try, and how to get it.

    `reasons` are those of skipped tests; who has nothing to do on a database, say, lacks nothing. `slow`
    is how many slow tests were not asked for.
    """
    told = dict.fromkeys(reason.removeprefix(NOT_HERE) for reason in reasons if reason.startswith(NOT_HERE))
    packages = sorted({found[1] for reason in told if (found := _PACKAGE.search(reason))})
    others = [reason for reason in told if not _PACKAGE.search(reason)]
    parts = [f"{slow} slow tests (./dev check runs them, ./dev test tests too)"] if slow else []
    if packages:
        parts.append(f"what needs {', '.join(packages)} (./dev test --install installs them on Debian)")
    parts += others
    return f"Left out: {'; '.join(parts)}." if parts else "Nothing was left out."
