"""The recipes for the host that a site runs on, tried with the programs that read them: systemd, logrotate,
Postfix, a builder of containers, the shell.
"""

from __future__ import annotations

import os
import re
import shutil
import smtplib
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dkim
import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import rsa

import needs
from conftest import ROOT
from feeds.mail.dkim import Signer, SigningKey
from feeds.mail.message import stuffed, to_bytes, unstuffed
from integration.test_running import wait_until
from smtp_server import ScriptedServer
from unit.test_mail_dkim import letter

RECIPES = ROOT / "docs" / "recipes"
POSTFIX = Path("/usr/lib/postfix/sbin")
SERVICES = (
    "cleanup unix n - n - 0 cleanup", "qmgr unix n - n 300 1 qmgr", "tlsmgr unix - - n 1000? 1 tlsmgr",
    "rewrite unix - - n - - trivial-rewrite", "bounce unix - - n - 0 bounce", "defer unix - - n - 0 bounce",
    "trace unix - - n - 0 bounce", "proxymap unix - - n - - proxymap", "smtp unix - - n - - smtp",
    "relay unix - - n - - smtp", "error unix - - n - - error", "retry unix - - n - - error",
    "anvil unix - - n - 1 anvil", "scache unix - - n - 1 scache", "pickup unix n - n 60 1 pickup",
    "postlog unix-dgram n - n - 1 postlogd",
)  # fmt: skip


def ran(*command: object, **given: object) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in command]
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=600, **given)  # type: ignore[call-overload, no-any-return]


# systemd


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units with a command that is here, and the users of any machine."""
    for path in (*RECIPES.glob("*.service"), *RECIPES.glob("*.timer")):
        text = path.read_text(encoding="utf-8").replace("/srv/venv/bin/feeds", sys.executable)
        (tmp_path / path.name).write_text(text.replace("=feeds\n", "=root\n"), encoding="utf-8")
    return tmp_path


def test_systemd_takes_the_units_without_a_word(units: Path) -> None:
    program = needs.program("systemd-analyze", package="systemd")
    files = sorted(units.iterdir())
    assert len(files) == 3
    said = ran(program, "verify", *files)
    ours = [line for line in said.stderr.splitlines() if str(units) in line]
    assert (said.returncode, ours) == (0, [])


@pytest.mark.parametrize(("unit", "most"), [("feeds.service", 20), ("feeds-backup.service", 35)])
def test_systemd_finds_little_that_a_unit_might_do_to_the_machine(units: Path, unit: str, most: int) -> None:
    program = needs.program("systemd-analyze", package="systemd")
    # As shipped: the user is not root.
    shutil.copy(RECIPES / unit, units / unit)
    said = ran(program, "security", "--offline=true", f"--threshold={most}", units / unit)
    assert said.returncode == 0, said.stdout.splitlines()[-1] + said.stderr


WRITE_OR_EXECUTE = 65  # PR_SET_MDWE, as MemoryDenyWriteExecute= sets it
DENIED = f"""
import ctypes, sys
if ctypes.CDLL(None, use_errno=True).prctl({WRITE_OR_EXECUTE}, 1, 0, 0, 0):
    sys.exit(77)
from feeds.cli import main
main()
"""


@pytest.mark.slow
def test_the_program_works_where_memory_is_never_both_written_and_run(tmp_path: Path) -> None:
    """The one restriction of the unit that could break a library of ours, tried as the kernel does it."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-c", DENIED, "demo", "--once", "--folder", tmp_path / "site"]
    said = ran(*command, env=environment)
    if said.returncode == 77:
        needs.absent("this kernel knows no PR_SET_MDWE")
    assert said.returncode == 0, said.stderr
    assert "mails" in said.stdout


# logrotate


def test_logrotate_takes_the_log_away_and_leaves_the_open_file_in_use(tmp_path: Path) -> None:
    program = needs.program("logrotate", package="logrotate")
    log = tmp_path / "feeds.log"
    log.write_text("one line\n" * 100, encoding="utf-8")
    text = (RECIPES / "logrotate.conf").read_text(encoding="utf-8")
    text = text.replace("/var/log/feeds/feeds.log", str(log)).replace("    su feeds feeds\n", "")
    recipe = tmp_path / "logrotate.conf"
    recipe.write_text(text, encoding="utf-8")
    recipe.chmod(0o600)
    dry = ran(program, "-d", "-s", tmp_path / "state", recipe)
    assert dry.returncode == 0, dry.stderr
    assert "error" not in dry.stderr
    with log.open("a", encoding="utf-8") as kept_open:
        turned = ran(program, "-f", "-s", tmp_path / "state", recipe)
        assert turned.returncode == 0, turned.stderr
        assert log.read_text(encoding="utf-8") == ""
        kept_open.write("after\n")
    assert log.read_text(encoding="utf-8") == "after\n"
    (old,) = tmp_path.glob("feeds.log-*")
    assert old.read_text(encoding="utf-8") == "one line\n" * 100


# Postfix


@contextmanager
def postfix(folder: Path, relay: int) -> Iterator[int]:
    """A real Postfix by the recipe, in a folder of its own; what it takes goes to `relay`. Gives its port."""
    program = needs.program("postfix", package="postfix")
    if os.geteuid() != 0:
        needs.absent("only root may start a Postfix")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    conf = folder / "conf"
    for each in (conf, folder / "queue", folder / "data"):
        each.mkdir()
    shutil.chown(folder / "data", "postfix")
    # Here, other places and no world: one relay takes all.
    text = (
        (RECIPES / "postfix.cf")
        .read_text(encoding="utf-8")
        .replace("inet_protocols = all", "inet_protocols = ipv4")
    )
    places = {
        "queue_directory": folder / "queue", "data_directory": folder / "data", "daemon_directory": POSTFIX,
        "command_directory": "/usr/sbin", "mail_owner": "postfix", "setgid_group": "postdrop",
        "maillog_file": folder / "log", "maillog_file_prefixes": folder, "relayhost": f"[127.0.0.1]:{relay}",
        "alias_maps": "",
    }  # fmt: skip
    own = "".join(f"{name} = {value}\n" for name, value in places.items())
    (conf / "main.cf").write_text(text + own, encoding="utf-8")
    lines = [f"127.0.0.1:{port} inet n - n - - smtpd", *SERVICES]
    (conf / "master.cf").write_text("\n".join(lines) + "\n", encoding="utf-8")
    folder.chmod(0o755)
    began = ran(program, "-c", conf, "start")
    assert began.returncode == 0, began.stderr
    try:
        yield port
    finally:
        ran(program, "-c", conf, "stop")


def test_the_postfix_recipe_has_no_word_that_postfix_does_not_know(tmp_path: Path) -> None:
    program = needs.program("postconf", package="postfix")
    shutil.copy(RECIPES / "postfix.cf", tmp_path / "main.cf")
    (tmp_path / "master.cf").write_text("smtp unix - - n - - smtp\n", encoding="utf-8")
    said = ran(program, "-c", tmp_path, "-n")
    assert said.returncode == 0
    assert "unused parameter" not in said.stderr


def test_postfix_carries_a_signed_letter_that_is_still_believed(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    key = SigningKey("feeds", rsa.generate_private_key(public_exponent=65537, key_size=2048))
    made = letter()
    wire = Signer("example.org", [key]).signed(stuffed(to_bytes(made)), made.date_at)
    folder = tmp_path_factory.mktemp("postfix")
    for above in folder.parents:
        if above.owner() == "root" and above != Path("/"):
            above.chmod(above.stat().st_mode | 0o011)  # Postfix's own user goes through
    with ScriptedServer() as world, postfix(folder, world.port) as port:
        with smtplib.SMTP("127.0.0.1", port, local_hostname="news.example.org", timeout=60) as line:
            assert line.sendmail(made.sender, [made.recipient], unstuffed(wire)) == {}
        wait_until(lambda: world.messages, "the letter comes out at the other end")
    (arrived,) = world.messages
    assert arrived.recipients == (made.recipient,)
    record = {b"feeds._domainkey.example.org.": key.record.encode()}
    assert dkim.verify(arrived.source, dnsfunc=lambda name, timeout=5: record.get(name))
    assert unstuffed(wire).partition(b"\r\n\r\n")[2] in arrived.source


# Containers


def test_the_container_is_built_from_the_locks_and_runs_as_nobody() -> None:
    text = (RECIPES / "Containerfile").read_text(encoding="utf-8")
    for source in re.findall(r"^COPY (?!--from)(.+) \S+$", text, flags=re.MULTILINE):
        assert all((ROOT / word).exists() for word in source.split())
    installs = re.findall(r"pip install .*", text)
    assert installs
    assert all("--require-hashes" in line or "--no-deps --no-build-isolation ." in line for line in installs)
    assert all(
        ":latest" not in image and ":" in image for image in re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    )
    assert re.search(r"^USER [1-9][0-9]+$", text, flags=re.MULTILINE)
    assert not re.search(r"(?i)password|secret", text)


def test_the_compose_file_names_what_is_there_and_keeps_no_password() -> None:
    known = yaml.safe_load((RECIPES / "compose.yaml").read_text(encoding="utf-8"))
    site, database = known["services"]["site"], known["services"]["database"]
    assert (RECIPES / site["build"]["context"] / site["build"]["dockerfile"]).is_file()
    assert site["ports"] == ["127.0.0.1:8000:8000"]
    assert site["read_only"]
    assert site["cap_drop"] == ["ALL"]
    assert int(site["stop_grace_period"].removesuffix("s")) > 15
    used = {mount.partition(":")[0] for one in (site, database) for mount in one["volumes"]}
    assert used == set(known["volumes"])
    secrets = [site["environment"]["FEEDS_STORE_URL"], database["environment"]["POSTGRES_PASSWORD"]]
    assert all("${FEEDS_DB_PASSWORD:?" in value for value in secrets)


@pytest.mark.slow
def test_the_container_can_be_built() -> None:
    builder = next((path for name in ("podman", "docker") if (path := shutil.which(name))), None)
    if builder is None or ran(builder, "info").returncode:
        needs.absent("no builder of containers answers here: the Containerfile was only read")
    built = ran(builder, "build", "-q", "-f", RECIPES / "Containerfile", ROOT)
    assert built.returncode == 0, built.stderr


# The shell


def test_the_shell_completes_commands_and_options() -> None:
    words = {"COMP_WORDS": "feeds subscribers l", "COMP_CWORD": "2", "_FEEDS_COMPLETE": "bash_complete"}
    environment = {**os.environ, **words, "PYTHONPATH": str(ROOT / "src")}
    program = "import sys; sys.argv[0] = 'feeds'; from feeds.cli import main; main()"
    said = ran(sys.executable, "-c", program, env=environment)
    assert said.stdout.split() == ["plain,list"], said.stderr
    script = ran(sys.executable, "-c", program, env={**environment, "_FEEDS_COMPLETE": "bash_source"})
    assert "complete -o nosort -F _feeds_completion feeds" in script.stdout
