"""How fast published files are answered, beside nginx from Debian: requests a second, and the ratio.

    python benchmarks/serving.py [SECONDS]

A folder of files of the sizes that a site has is made; `feeds run --roles web` and nginx (one worker, its
usual settings, gzip_static) serve it, each on the first core, `wrk` asks from the second one over 32 kept
connections: a feed of 40 kB plain, the same as gzip, a page of 9 kB, and a 304. Rounds alternate; medians.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

ROUNDS = 3
FEED, PAGE = "/feeds/all.atom", "/country/pa/"
NGINX = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; gzip_static on;
    types {{ application/atom+xml atom; text/html html; }}
    client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
    uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
    server {{ listen 127.0.0.1:{port} backlog=512; root {public}; index index.html; }}
}}
"""


def main(arguments: list[str]) -> int:
    seconds = int(arguments[0]) if arguments else 3
    missing = [name for name in ("nginx", "wrk") if shutil.which(name) is None]
    if missing:
        print(f"not installed: {', '.join(missing)} (Debian packages of those names); nothing was measured")
        return 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        public = made(folder)
        with ours(folder) as here, nginx(folder, public) as there:
            print(f"{'case':<12}{'feeds/s':>10}{'nginx/s':>10}{'ratio':>8}")
            for case, path, headers in cases(here):
                told = {**headers}
                rates: dict[int, list[float]] = {here: [], there: []}
                for _ in range(ROUNDS):
                    for port in (here, there):
                        if "if-none-match" in told:
                            told["if-none-match"] = etag(port, path)
                        rates[port].append(asked(port, path, told, seconds))
                mine, theirs = statistics.median(rates[here]), statistics.median(rates[there])
                print(f"{case:<12}{mine:>10,.0f}{theirs:>10,.0f}{mine / theirs:>8.2f}")
    return 0


def cases(port: int) -> list[tuple[str, str, dict[str, str]]]:
    return [
        ("feed", FEED, {}),
        ("feed, gzip", FEED, {"accept-encoding": "gzip"}),
        ("page", PAGE, {}),
        ("304", FEED, {"if-none-match": etag(port, FEED)}),
    ]


def made(folder: Path) -> Path:
    """A site with a feed and a page in it, with compressed copies of the same time."""
    feeds = Path(sys.executable).with_name("feeds")
    subprocess.run([feeds, "init", folder / "site"], check=True, capture_output=True)
    public = folder / "site" / "public"
    for path, size in (("feeds/all.atom", 40_000), ("country/pa/index.html", 9_000)):
        file = public / path
        file.parent.mkdir(parents=True, exist_ok=True)
        text = "".join(f"<entry><title>{n} news of the harbour</title></entry>\n" for n in range(size // 50))
        file.write_text(text[:size])
        copy = zlib.compressobj(wbits=31)
        file.with_name(file.name + ".gz").write_bytes(copy.compress(file.read_bytes()) + copy.flush())
        for each in (file, file.with_name(file.name + ".gz")):
            os.utime(each, (1_700_000_000, 1_700_000_000))
    for each in [folder, folder / "site", public, *public.rglob("*")]:
        each.chmod(0o755 if each.is_dir() else 0o644)
    return public


@contextmanager
def ours(folder: Path) -> Iterator[int]:
    port = free()
    config = folder / "site" / "config" / "feeds.toml"
    config.write_text(config.read_text().replace("127.0.0.1:8000", f"127.0.0.1:{port}"))
    feeds = Path(sys.executable).with_name("feeds")
    with running(["taskset", "-c", "0", feeds, "--config", config, "run", "--roles", "web"], port):
        yield port


@contextmanager
def nginx(folder: Path, public: Path) -> Iterator[int]:
    port = free()
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, port=port, public=public))
    with running(["taskset", "-c", "0", "nginx", "-c", config], port):
        yield port


@contextmanager
def running(command: list[object], port: int) -> Iterator[None]:
    process = subprocess.Popen([str(part) for part in command], stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def etag(port: int, path: str) -> str:
    with urlopen(Request(f"http://127.0.0.1:{port}{path}")) as answer:
        return str(answer.headers["etag"])


def asked(port: int, path: str, headers: dict[str, str], seconds: int) -> float:
    told = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = ["taskset", "-c", "1", "wrk", "-t1", "-c32", f"-d{seconds}s", *told]
    done = subprocess.run(
        [*command, f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=True
    )
    line = next(line for line in done.stdout.splitlines() if line.startswith("Requests/sec"))
    if "Non-2xx" in done.stdout and "if-none-match" not in headers:
        raise RuntimeError(done.stdout)
    return float(line.split()[1])


def free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
