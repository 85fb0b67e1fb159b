"""The last line of a run: what this machine could not try, and how to get it."""

from __future__ import annotations

import pytest

import needs


def skipped(reasons: list[str], slow: int = 0) -> str:
    return needs.left_out([needs.NOT_HERE + reason for reason in reasons], slow)


def test_nothing_is_said_to_be_left_out_of_a_whole_run() -> None:
    assert skipped([]) == "Nothing was left out."
    assert needs.left_out(["SQLite lets one writer in at a time"], 0) == "Nothing was left out."


def test_programs_are_named_once_with_the_command_that_installs_them() -> None:
    two = [
        "nginx is not installed (Debian and Ubuntu: apt install nginx)",
        "no PostgreSQL (apt install postgresql)",
    ]
    assert skipped([*two, *two], 7) == (
        "Left out: 7 slow tests (./dev check runs them, ./dev test tests too); "
        "what needs nginx, postgresql (./dev test --install installs them on Debian)."
    )


def test_what_no_package_brings_stands_in_its_own_words() -> None:
    assert skipped(["no file system can be mounted here"]) == "Left out: no file system can be mounted here."


def test_in_ci_a_program_that_is_missing_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=r"no-such-program is not installed.*CI must not"):
        needs.program("no-such-program", package="none")
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match=r"^not here: no-such-program is not installed"):
        needs.program("no-such-program", package="none")
