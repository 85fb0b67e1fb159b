"""Whose claims may be taken back at once: those of processes that surely run no more."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from feeds.app import owners

if not owners.here().known:
    pytest.skip("this system does not say where a process runs", allow_module_level=True)

NAME = "import sys; from feeds.app import owners; print(owners.me(), flush=True); sys.stdin.read()"


@contextmanager
def process() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Another process of this program, and its name as an owner."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", NAME]
    started = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    )
    assert started.stdout is not None
    yield started, started.stdout.readline().strip()
    started.kill()
    started.communicate()


@pytest.fixture(scope="module")
def killed() -> str:
    """The name of a process that was alive, then was killed."""
    with process() as (child, owner):
        assert owners.dead([owner, owners.me()]) == []
        child.kill()
        # It has ended, and its number is still taken: its parent did not ask for it yet.
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert owners.dead([owner, owners.me()]) == [owner]
    return owner


def changed(owner: str, part: int, value: str) -> str:
    parts = owner.split("/")
    parts[part] = value
    return "/".join(parts)


def test_a_name_says_host_boot_namespace_process_and_start() -> None:
    host, boot, namespace, pid, started = owners.me().split("/")
    assert (host, boot, namespace) == (owners.here().host, owners.here().boot, owners.here().namespace)
    assert len(boot) == 8
    assert namespace.isdigit()
    assert int(pid) == os.getpid()
    assert started.isdigit()
    assert owners.me() == owners.me()


def test_who_runs_is_alive_and_who_was_killed_is_dead(killed: str) -> None:
    assert owners.dead([killed, owners.me()]) == [killed]
    beside = owners.for_work(killed, "alarms")
    assert owners.dead([beside, owners.for_work(owners.me(), "alarms")]) == [beside]


@pytest.mark.parametrize(("part", "value"), [(0, "elsewhere"), (1, "00000000"), (2, "1"), (1, ""), (2, "")])
def test_the_same_number_in_another_place_says_nothing(killed: str, part: int, value: str) -> None:
    assert owners.dead([changed(killed, part, value)]) == []


def test_a_number_that_was_given_away_again_belongs_to_a_dead_process() -> None:
    earlier = changed(owners.me(), 4, "1")
    assert owners.dead([earlier]) == [earlier]


def test_a_process_that_cannot_tell_its_start_has_a_name_that_no_other_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with process() as (_, other):
        monkeypatch.setattr(owners, "_stat", lambda pid: ("", ""))
        started = owners.me().rpartition("/")[2]
        assert len(started) > 8
        assert owners.me().endswith(f"/{os.getpid()}/{started}")
        assert not other.endswith(started)
        assert owners.dead([owners.me()]) == []


def test_a_process_that_proc_does_not_show_is_alive_as_long_as_it_exists(
    killed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owners, "_stat", lambda pid: ("", ""))
    assert owners.dead([changed(killed, 3, str(os.getppid())), changed(killed, 3, "1")]) == []
    assert owners.dead([killed]) == [killed]


@pytest.mark.parametrize("owner", ["", "me", "host/1/2", "host/boot/ns/x/y", "/////", "a/b/c/d/e/f"])
def test_a_name_of_another_form_is_taken_for_a_living_one(owner: str) -> None:
    assert owners.dead([owner, owners.me() + "/more"]) == []


def test_a_number_or_start_that_is_none_is_taken_for_a_living_one(killed: str) -> None:
    assert owners.dead([changed(killed, 3, "x"), changed(killed, 4, ""), changed(killed, 4, "x")]) == []


def test_where_our_own_place_is_not_known_nobody_is_dead(
    killed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owners, "_boot", lambda: "")
    monkeypatch.setattr(owners, "_namespace", lambda: "")
    assert owners.dead([killed, changed(changed(killed, 1, ""), 2, "")]) == []
