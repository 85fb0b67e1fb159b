"""Programs and servers that some tests need: skipped where they are missing, but never in CI."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest


def missing(what: str) -> NoReturn:
    """Skip the test that asks, and say why. In CI that fails: a green run must have tried everything."""
    if os.environ.get("CI"):
        pytest.fail(f"{what}. CI must not go without these tests.", pytrace=False)
    pytest.skip(what)


def program(*names: str, package: str) -> str:
    """The path of the first of these programs that is installed; `package` is what Debian calls it."""
    # Servers lie where a plain user does not look.
    places = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"])
    for name in names:
        if found := shutil.which(name, path=places):
            return found
    missing(f"{names[0]} is not installed (Debian and Ubuntu: apt install {package})")
