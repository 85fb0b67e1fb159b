"""The house stands: rooms import downwards only, and each library has one home."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "feeds"

FLOORS: list[set[str]] = [
    {"model", "shipped"},
    {"errors", "log", "i18n", "richtext"},
    {
        "alarms",
        "cadences",
        "reading",
        "labels",
        "filters",
        "schedule",
        "changes",
        "syndication",
        "tokens",
        "templating",
        "wording",
    },
    {"timewords"},
    {"digest", "letters", "pages"},
    {"durable"},
    {"config", "inbox", "site", "store", "mail"},
    {"restoring", "links"},
    {"intake", "publishing", "composing", "delivering", "office", "people", "operating"},
    {"web"},
    {"app"},
    {"demo"},
    {"cli"},
]
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
PURE = FLOORS[2] | FLOORS[3] | FLOORS[4] | {"model", "errors", "richtext"}

HOMES = {
    "feedgen": {"syndication"},
    "lxml": {"syndication", "reading"},  # feedgen's elements; saved pages
    "markdown_it": {"reading"},
    "nh3": {"richtext"},
    "mammoth": {"reading"},
    "pypdf": {"reading"},
    "yaml": {"reading"},
    "jinja2": {"templating", "letters", "pages"},
    "css_inline": {"letters"},
    "babel": {"i18n"},
    "brotli": {"site"},
    "isal": {"site"},
    "ahocorasick_rs": {"labels"},
    "sqlalchemy": {"store"},
    "alembic": {"store"},
    "psycopg": {"store"},
    "aiosmtplib": {"mail"},
    "cryptography": {"mail"},
    "dns": {"mail"},
    "imaplib": {"mail"},
    "email_validator": {"mail"},
    "tomli": {"config"},
    "pydantic": {"config"},
    "apscheduler": {"app"},
    "uvicorn": {"app"},
    "prometheus_client": {"web"},
    "starlette": {"web"},
    "itsdangerous": {"tokens"},
    "watchfiles": {"inbox"},
    "click": {"cli", "demo"},
    "rich": {"cli"},
    "structlog": {"log"},
    "pyroaring": {"filters", "publishing"},
    "zoneinfo": {"config", "schedule", "letters", "reading"},
}
UNCLEAN = {
    "os",
    "pathlib",
    "sqlite3",
    "asyncio",
    "logging",
    "random",
    "secrets",
    "socket",
    "subprocess",
    "time",
}
# Reading a shipped table is part of being a table: importlib.resources is allowed, paths are not.

MODULES = sorted(
    path
    for path in SOURCE.rglob("*.py")
    if path.parent != SOURCE or path.stem not in ("__init__", "__main__")
)


def room_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """Dotted names a module imports, those for type checking only left out."""
    found: set[str] = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    guarded = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in guarded:
            continue
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= (
                {f"feeds.{name.name}" for name in node.names} if node.module == "feeds" else {node.module}
            )
    return found


def name(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def test_every_room_has_a_floor() -> None:
    assert {room_of(path) for path in MODULES} - set(FLOOR) == set()


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_room_imports_only_from_floors_below(path: Path) -> None:
    here = room_of(path)
    rooms = {found.split(".")[1] for found in imports(path) if found.startswith("feeds.")}
    above = {room for room in rooms if room in FLOOR and room != here and FLOOR[room] >= FLOOR[here]}
    assert above == set()


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_each_library_has_one_home(path: Path) -> None:
    used = {found.split(".")[0] for found in imports(path)}
    assert {library for library in used if library in HOMES and room_of(path) not in HOMES[library]} == set()


@pytest.mark.parametrize("path", [path for path in MODULES if room_of(path) in PURE], ids=name)
def test_a_pure_room_touches_no_file_clock_or_chance(path: Path) -> None:
    assert {found.split(".")[0] for found in imports(path)} & UNCLEAN == set()
    calls = {
        node.func.attr
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert calls & {"now", "utcnow", "today"} == set()


def test_no_module_has_a_name_that_says_nothing() -> None:
    empty_names = {"utils", "util", "helpers", "common", "base", "core", "manager", "service", "misc"}
    assert {path.stem for path in MODULES} & empty_names == set()


def test_files_stay_short() -> None:
    # A migration is written out once and never grows.
    modules = [path for path in MODULES if "migrations" not in path.parts]
    long = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules}
    assert {path: lines for path, lines in long.items() if lines > 400} == {}
