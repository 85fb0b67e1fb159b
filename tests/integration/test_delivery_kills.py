"""F2 and F5: kill -9 at random while the server misbehaves at every stage, pipelining and one by one; on
PostgreSQL two senders at once.

Nothing is lost, and what came twice is excused: the row counts that the answer was lost, and the copies carry
one Message-ID (P4). After each run every letter is accounted for by query (P5). `FEEDS_KILLS` sets how many
kills a run has, where more than a suite's worth is wanted.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from feeds.app import owners
from feeds.delivering.deliver import deliver
from feeds.mail.smtp import SmtpSettings, SmtpTransport
from feeds.model import DeliveryState
from feeds.store import Store, deliveries, open_store
from postgres import schemas
from smtp_server import ScriptedServer
from store.making import queued
from store.test_deliver import RULES

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("FEEDS_KILLS", "5"))
LETTERS = 12 * KILLS
FAULTS = (
    ("connect", "421 busy"), ("mail", "421 4.7.0 slow down"), ("mail", "drop"), ("rcpt", "450 4.2.0 later"),
    ("rcpt", "drop"), ("data", "451 4.3.0 later"), ("data", "drop"), ("end", "451 4.3.0 try later"),
    ("end", "drop"), ("accepted", "drop"), ("accepted", "malformed"),
)  # fmt: skip

# One process of several that die: it says its name, and delivers what is due after so many hours.
PROGRAM = """
import asyncio, signal, sys
from datetime import timedelta
from pathlib import Path
sys.path[:0] = [{src!r}, {tests!r}]
from feeds.app import owners
from feeds.delivering.deliver import deliver
from feeds.mail.outbox import OutboxTransport
from feeds.mail.smtp import SmtpSettings, SmtpTransport
from feeds.store import open_store
from store.test_deliver import RULES, replace
from store.making import NOW

url, where, hours, notes = sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4])

def transport():
    if not where.isdigit():
        return OutboxTransport(Path(where))
    settings = SmtpSettings(
        host="127.0.0.1", port=int(where), local_hostname="feeds.test", timeout_s=5, data_timeout_s=5
    )
    return SmtpTransport(settings)

async def run():
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    rules = replace(RULES, owner=owners.me(), now=lambda: NOW + timedelta(hours=hours), notes=notes)
    lines = [transport() for _ in range(3)]
    store = open_store(url)
    for _ in range(50):  # where a server that is away ends a pass, the next one begins
        if (await deliver(store, lines, rules, stop, dead_owners=owners.dead)).away is None:
            break
    for line in lines:
        await line.close()

asyncio.run(run())
"""


def process(url: str, where: int | Path, hours: int, notes: Path) -> subprocess.Popen[bytes]:
    """One sender to a server at this port, or into this folder; it notes there what it hands over."""
    program = PROGRAM.format(src=str(ROOT / "src"), tests=str(ROOT / "tests"))
    command = [sys.executable, "-c", program, url, str(where), str(hours), str(notes)]
    return subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ)
    )


def killed_after(child: subprocess.Popen[bytes], server: ScriptedServer, commands: int) -> bool:
    """Kill it once the server has heard so many more commands; False: it came to its end before."""
    until = len(server.commands) + commands
    wait_for(child, lambda: len(server.commands) >= until)
    child.kill()
    return child.wait() == -signal.SIGKILL


def wait_for(child: subprocess.Popen[bytes], seen: Callable[[], bool]) -> None:
    """Wait until this is so; or the process came to its end before."""
    pause = threading.Event()
    while child.poll() is None and not seen():
        pause.wait(0.002)


# Where the server falls silent on all three lines, and the sender is killed; how many letters are in doubt
# then, and how many of them the server has.
STEPS = {"data": (0, 0), "end": (3, 0), "accepted": (3, 3)}


@pytest.mark.parametrize("pipelining", [True, False])
@pytest.mark.parametrize("step", STEPS)
def test_in_doubt_after_a_kill_is_what_was_handed_over_and_nothing_else(
    tmp_path: Path, step: str, pipelining: bool
) -> None:
    url = f"sqlite:///{tmp_path / 'feeds.db'}"
    store = filled(url)
    doubtful, taken = STEPS[step]
    with ScriptedServer(pipelining=pipelining) as server:
        server.fail(step, "hang", times=3)
        killed_when(lambda: server.reached[step] == 3, lambda: sent_to(server.port, url, tmp_path))
        with store.read() as conn:
            assert deliveries.accounting(conn)[DeliveryState.SENDING, ""] >= 3
        before = {message_id(each.source) for each in server.messages}
        assert len(before) == taken
        sent_to(server.port, url, tmp_path)
        accounted(store, server)
        received = Counter(message_id(each.source) for each in server.messages)
    with store.read() as conn:
        rows = deliveries.listing(conn, limit=LETTERS)
    store.close()
    in_doubt = {row.message_id for row in rows if row.uncertain}
    assert len(in_doubt) == doubtful
    assert {key for key, copies in received.items() if copies > 1} == before <= in_doubt
    assert {row.tries for row in rows} == {1}
    assert not list(tmp_path.glob("*.handed"))


def killed_when(seen: Callable[[], bool], run: Callable[[], None]) -> None:
    """Run this in a process of its own, and kill that once it is so."""
    child = os.fork()
    if child == 0:
        try:
            run()
        finally:
            os._exit(0)
    pause = threading.Event()
    while not seen():
        pause.wait(0.002)
        assert os.waitpid(child, os.WNOHANG) == (0, 0), "it came to its end before"
    os.kill(child, signal.SIGKILL)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])


def sent_to(port: int, url: str, notes: Path) -> None:
    """Send what is due to the server at this port, on three lines."""
    settings = SmtpSettings(
        host="127.0.0.1", port=port, local_hostname="feeds.test", timeout_s=60, data_timeout_s=60
    )
    rules = replace(RULES, owner=owners.me(), notes=notes)

    async def run() -> None:
        lines = [SmtpTransport(settings) for _ in range(3)]
        await deliver(store, lines, rules, dead_owners=owners.dead)
        for line in lines:
            await line.close()

    store = open_store(url)
    asyncio.run(run())
    store.close()


@pytest.mark.parametrize("pipelining", [True, False])
def test_kills_at_random_while_the_server_misbehaves_lose_nothing_and_double_nothing_unexcused(
    tmp_path: Path, pipelining: bool
) -> None:
    dice = random.Random(20261121 + pipelining)
    url = f"sqlite:///{tmp_path / 'feeds.db'}"
    store = filled(url)
    with ScriptedServer(pipelining=pipelining) as server:
        hours = kills = 0
        for _ in range(KILLS):
            misbehave(server, dice)
            kills += killed_after(process(url, server.port, hours, tmp_path), server, dice.randint(2, 60))
            hours += 3
        assert kills >= KILLS / 2, "hardly anything was killed"
        finished(store, url, server, hours, tmp_path)
        accounted(store, server)
    store.close()


@pytest.mark.parametrize("pipelining", [True, False])
def test_of_two_senders_one_is_killed_the_other_goes_on_and_nothing_is_lost_or_doubled_unexcused(
    tmp_path: Path,
    pipelining: bool,
) -> None:
    dice = random.Random(20261122 + pipelining)
    with schemas() as make, ScriptedServer(pipelining=pipelining) as server:
        url = make()
        store = filled(url)
        hours = kills = 0
        for _ in range((KILLS + 1) // 2):
            misbehave(server, dice)
            other = process(url, server.port, hours, tmp_path)
            mine = process(url, server.port, hours, tmp_path)
            kills += killed_after(mine, server, dice.randint(2, 60))
            assert other.wait(120) == 0
            hours += 3
        assert kills, "nothing was killed"
        finished(store, url, server, hours, tmp_path)
        accounted(store, server)
        store.close()


def test_letters_into_the_outbox_are_there_once_and_whole_however_often_the_sender_is_killed(
    tmp_path: Path,
) -> None:
    dice = random.Random(20261123)
    url, outbox = f"sqlite:///{tmp_path / 'feeds.db'}", tmp_path / "outbox"
    outbox.mkdir()
    store = filled(url)
    for hours in range(KILLS):
        child = process(url, outbox, 3 * hours, tmp_path)
        until = len(list(outbox.iterdir())) + dice.randint(1, 15)
        wait_for(child, lambda until=until: len(list(outbox.iterdir())) >= until)
        child.kill()
        child.wait()
    for hours in range(3 * KILLS, 3 * KILLS + 60, 5):
        if left(store):
            assert process(url, outbox, hours, tmp_path).wait(120) == 0
    with store.read() as conn:
        rows = deliveries.listing(conn, limit=LETTERS)
    store.close()
    # The same Message-ID again is the same file: even what is in doubt is there once.
    mails = [message_id(path.read_bytes()) for path in outbox.glob("*.eml")]
    assert sorted(mails) == sorted(set(mails))
    assert {row.message_id for row in rows if row.state is DeliveryState.SENT} <= set(mails)
    assert {row.state for row in rows} <= {DeliveryState.SENT, DeliveryState.UNCERTAIN}
    assert not [path for path in outbox.glob("*.eml") if not path.read_bytes().rstrip().endswith(b"--")]


def test_told_to_stop_under_load_a_sender_ends_with_nothing_in_hand_and_nothing_in_doubt(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path / 'feeds.db'}"
    store = filled(url)
    with ScriptedServer() as server:
        child = process(url, server.port, 0, tmp_path)
        wait_for(child, lambda: len(server.messages) >= 5)
        child.send_signal(signal.SIGTERM)
        assert child.wait(60) == 0
        with store.read() as conn:
            rows = deliveries.listing(conn, limit=LETTERS)
        sent = {row.message_id for row in rows if row.state is DeliveryState.SENT}
        assert {message_id(each.source) for each in server.messages} == sent
        assert {row.state for row in rows} <= {DeliveryState.SENT, DeliveryState.QUEUED}
        assert {(row.uncertain, row.owner) for row in rows} == {(0, None)}
        finished(store, url, server, 1, tmp_path)
        accounted(store, server)
    store.close()


def filled(url: str) -> Store:
    """A new database with letters to send."""
    store = open_store(url)
    store.migrate()
    queued(store, *(f"p{n}" for n in range(LETTERS)))
    return store


def misbehave(server: ScriptedServer, dice: random.Random) -> None:
    for stage, action in dice.sample(FAULTS, 3):
        server.fail(stage, action)


def finished(store: Store, url: str, server: ScriptedServer, hours: int, notes: Path) -> None:
    """Let processes that nobody kills send what is left."""
    for _ in range(12):
        if not left(store):
            return
        assert process(url, server.port, hours, notes).wait(120) == 0
        hours += 5


def accounted(store: Store, server: ScriptedServer) -> None:
    """Every letter is sent or uncertain, came at least once if sent, and twice only where that is excused."""
    received = Counter(message_id(each.source) for each in server.messages)
    with store.read() as conn:
        rows = {row.message_id: row for row in deliveries.listing(conn, limit=LETTERS)}
        assert sum(deliveries.accounting(conn).values()) == LETTERS
    assert set(received) <= set(rows)
    for key, row in rows.items():
        copies = received[key]
        assert row.state in (DeliveryState.SENT, DeliveryState.UNCERTAIN), row
        assert copies >= 1 or row.state is DeliveryState.UNCERTAIN, f"lost: {row}"
        assert copies - 1 <= row.uncertain, f"{copies} copies, unexcused: {row}"
    twice = sum(copies > 1 for copies in received.values())
    print(f"{LETTERS} letters, {twice} came twice with one Message-ID, all of them excused")


def left(store: Store) -> int:
    """Letters that are still on their way."""
    with store.read() as conn:
        counts = deliveries.accounting(conn)
    return sum(
        n for (state, _), n in counts.items() if state in (DeliveryState.QUEUED, DeliveryState.SENDING)
    )


def message_id(source: bytes) -> str:
    found = re.search(rb"^Message-ID: (\S+)", source, re.MULTILINE)
    assert found
    return found[1].decode()
