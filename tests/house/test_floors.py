"""The house stands: rooms import downwards only, and each library has one home."""

from __future__ import annotations

import ast
from collections import deque
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
    {"config", "hub", "inbox", "site", "store", "mail"},
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


def imports(tree: ast.AST) -> set[str]:
    """Dotted names a module imports, those for type checking only left out."""
    found: set[str] = set()
    nodes = deque([tree])
    while nodes:
        node = nodes.popleft()
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= (
                {f"feeds.{name.name}" for name in node.names} if node.module == "feeds" else {node.module}
            )
        nodes.extend(ast.iter_child_nodes(node))
    return found


def name(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


@pytest.fixture(scope="module")
def trees() -> dict[Path, ast.AST]:
    """Each module, read once for all rules."""
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}


@pytest.fixture(scope="module")
def imported(trees: dict[Path, ast.AST]) -> dict[Path, set[str]]:
    return {path: imports(tree) for path, tree in trees.items()}


def test_every_room_has_a_floor() -> None:
    assert {room_of(path) for path in MODULES} - set(FLOOR) == set()


def test_what_is_imported_for_type_checking_only_does_not_count() -> None:
    text = "from a import b\nif TYPE_CHECKING:\n    import c\ndef f():\n    from feeds import d\n"
    assert imports(ast.parse(text)) == {"a", "feeds.d"}


def test_a_room_imports_only_from_floors_below(imported: dict[Path, set[str]]) -> None:
    assert {name(path): above for path, found in imported.items() if (above := _above(path, found))} == {}


def _above(path: Path, found: set[str]) -> set[str]:
    here = room_of(path)
    rooms = {one.split(".")[1] for one in found if one.startswith("feeds.")} - {here}
    return {room for room in rooms if room in FLOOR and FLOOR[room] >= FLOOR[here]}


def test_each_library_has_one_home(imported: dict[Path, set[str]]) -> None:
    used = {path: {one.split(".")[0] for one in found} & HOMES.keys() for path, found in imported.items()}
    away = {path: {one for one in found if room_of(path) not in HOMES[one]} for path, found in used.items()}
    assert {name(path): found for path, found in away.items() if found} == {}


def test_a_pure_room_touches_no_file_clock_or_chance(
    trees: dict[Path, ast.AST], imported: dict[Path, set[str]]
) -> None:
    pure = [path for path in MODULES if room_of(path) in PURE]
    touched = {path: {one.split(".")[0] for one in imported[path]} & UNCLEAN for path in pure}
    called = {path: _called(trees[path]) & {"now", "utcnow", "today"} for path in pure}
    assert {name(path): found for path in pure if (found := touched[path] | called[path])} == {}


def _called(tree: ast.AST) -> set[str]:
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {called.attr for called in calls if isinstance(called, ast.Attribute)}


def test_no_module_has_a_name_that_says_nothing() -> None:
    empty_names = {"utils", "util", "helpers", "common", "base", "core", "manager", "service", "misc"}
    assert {path.stem for path in MODULES} & empty_names == set()


def test_files_stay_short() -> None:
    # A migration is written out once and never grows.
    modules = [path for path in MODULES if "migrations" not in path.parts]
    long = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules}
    assert {path: lines for path, lines in long.items() if lines > 400} == {}
