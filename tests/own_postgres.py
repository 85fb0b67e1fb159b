"""A PostgreSQL server of a test's own, which it may stop, kill and start again."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from needs import missing

_BEHIND = "/usr/lib/postgresql"


class OwnServer:
    """One cluster in a folder of its own, on a port of this machine."""

    def __init__(self, programs: Path, folder: Path, port: int, user: str | None) -> None:
        self._programs, self._folder, self._port, self._user = programs, folder, port, user
        self.url = f"postgresql://postgres@127.0.0.1:{port}/postgres"

    def make(self) -> None:
        self._run("initdb", "--auth=trust", "--username=postgres", "--no-sync", f"--pgdata={self._data}")

    def start(self) -> None:
        options = f"-p {self._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self._folder}"
        self._control("start", "--wait", f"--options={options}", f"--log={self._folder}/log")

    def stop(self, mode: str = "immediate") -> None:
        """``immediate``: as if the machine had lost its power."""
        self._control("stop", "--wait", f"--mode={mode}")

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _control(self, *words: str) -> None:
        self._run("pg_ctl", f"--pgdata={self._data}", "--silent", *words)

    def _run(self, program: str, *words: str) -> None:
        command = [str(self._programs / program), *words]
        done = subprocess.run(
            command, user=self._user, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd="/",
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr


def _programs() -> Path:
    found = sorted(Path(_BEHIND).glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    plain = shutil.which("initdb")
    if plain is None:
        missing("initdb is not installed (Debian and Ubuntu: apt install postgresql)")
    return Path(plain).parent


def _user() -> str | None:
    """The server refuses to run as root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        missing("there is no user postgres to run a server as")


@contextmanager
def own_server() -> Iterator[OwnServer]:
    """A server that runs."""
    programs, user = _programs(), _user()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="feeds-pg-") as name:
        folder = Path(name)
        if user is not None:
            shutil.chown(folder, user)
        server = OwnServer(programs, folder, port, user)
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop()
