"""Do the tests bite? Small changes of the code, one at a time, and which of them no test notices.

    ./dev mutate [ROOM] [--number 60] [--seed 1]

ROOM is a folder or file below src/feeds (default: all rooms that are tried, a sample over all of them). For
each change the unit tests of its room run in a copy of this tree, until one fails; if none does, also the
tests of store and integration that import what was changed, on SQLite. A change that no test notices is
printed with its line; some of these change nothing that could be seen, which a person has to judge. Aim: at
most one in ten.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "feeds"
# Each room whose rules can be tried by themselves, and the tests that speak for it, below tests. What they do
# not notice is shown to the tests of store and integration that import the changed module.
TESTS = {
    "reading": "unit/test_reading*.py",
    "labels": "unit/test_labels*.py",
    "changes": "unit/test_changes*.py",
    "filters": "unit/test_filters*.py unit/test_marking.py unit/test_wishing.py unit/test_members.py",
    "syndication": "unit/test_syndication*.py",
    "letters": "unit/test_letters*.py unit/test_mail_support.py unit/test_receipt_mail.py",
    "pages": "unit/test_pages*.py unit/test_choices.py unit/test_wishing.py unit/test_marking.py",
    "people": "unit/test_people*.py unit/test_owners.py",
    "intake": "unit/test_intake*.py",
    "mail": "unit/test_mail*.py unit/test_envelope.py",
    "schedule.py": "unit/test_schedule*.py",
    "digest.py": "unit/test_digest*.py",
    "richtext": "unit/test_richtext*.py",
}
FURTHER = ("store", "integration")
# The same on a second database, and what takes longer than all the others of its file.
LEFT_OUT = "postgresql or thousand"
COPIED = ("src", "tests", "templates", "config", "pyproject.toml", "locale", "docs", "scripts", "README.md")
# A change may make a test wait for ever: so many times as long as without it is enough.
LONGEST, LEAST_S = 4, 60

Node = ast.AST
Change = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed line of a file."""

    path: Path
    line: int
    before: str
    after: str


def main() -> int:
    """Make a sample, try each, print what survived."""
    given = _arguments()
    found = list(_mutants(given.room))
    if not found:
        print(f"there is nothing to change in {given.room or 'any room'}")
        return 2
    sample = random.Random(given.seed).sample(found, min(given.number, len(found)))
    survived = []
    with tempfile.TemporaryDirectory(prefix="feeds-mutate-") as name:
        tests = Tests(_copied(Path(name)))
        for n, mutant in enumerate(sample, 1):
            noticed = _is_noticed(tests, mutant)
            mark = "noticed" if noticed else "SURVIVED"
            print(f"{n:3}/{len(sample)} {mark:8} {mutant.path.relative_to(SOURCE)}:{mutant.line}", flush=True)
            if not noticed:
                print(f"        - {mutant.before.strip()}\n        + {mutant.after.strip()}", flush=True)
                survived.append(mutant)
    told = f"(seed {given.seed}, of {len(found)} possible)"
    print(f"{len(survived)} of {len(sample)} changes went unnoticed {told}")
    return 1 if len(survived) * 10 > len(sample) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev mutate", description="Do the tests bite?")
    parser.add_argument("room", nargs="?", default="", help="a folder or file below src/feeds")
    parser.add_argument("--number", type=int, default=60, help="how many changes (60)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other changes (1)")
    return parser.parse_args()


def _mutants(room: str) -> Iterator[Mutant]:
    for top in [room] if room else TESTS:
        place = SOURCE / top
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            yield from _of_file(path)


def _of_file(path: Path) -> Iterator[Mutant]:
    """Every change of a file that still is Python, each on one line."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    tree = ast.parse(text)
    told = {id(node) for parent in ast.walk(tree) for node in _not_code(parent)}
    for node in ast.walk(tree):
        if id(node) in told or getattr(node, "end_lineno", 0) != getattr(node, "lineno", -1):
            continue
        for old, new in _swaps(node):
            line = lines[node.lineno - 1]  # type: ignore[attr-defined]
            after = _replaced(line, node, old, new)
            if after is not None and after != line:
                yield Mutant(path, node.lineno, line, after)  # type: ignore[attr-defined]


def _not_code(parent: Node) -> Iterator[Node]:
    """Docstrings, annotations and what decorators are told change nothing that runs, or everything."""
    body = getattr(parent, "body", None)
    if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
        yield from ast.walk(body[0])
    for each in getattr(parent, "decorator_list", ()):
        yield from ast.walk(each)
    for name in ("annotation", "returns"):
        if isinstance(found := getattr(parent, name, None), ast.AST):
            yield from ast.walk(found)


def _swaps(node: Node) -> Iterator[tuple[str, str]]:
    """What of a node's own words is put in place of what."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        pairs = {
            ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"), ast.Gt: (">", ">="), ast.GtE: (">=", ">"),
            ast.Eq: ("==", "!="), ast.NotEq: ("!=", "=="), ast.In: (" in ", " not in "),
            ast.NotIn: (" not in ", " in "), ast.Is: (" is ", " is not "), ast.IsNot: (" is not ", " is "),
        }  # fmt: skip
        if pair := pairs.get(type(node.ops[0])):
            yield pair
    elif isinstance(node, ast.BoolOp):
        yield (" and ", " or ") if isinstance(node.op, ast.And) else (" or ", " and ")
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not ", ""
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        yield (" + ", " - ") if isinstance(node.op, ast.Add) else (" - ", " + ")
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield str(node.value), str(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield str(node.value), str(node.value + 1)
    elif isinstance(node, ast.Name) and node.id in ("min", "max", "any", "all"):
        yield node.id, {"min": "max", "max": "min", "any": "all", "all": "any"}[node.id]


def _replaced(line: str, node: Node, old: str, new: str) -> str | None:
    """The line with the first such words inside the node replaced; None if it is Python no more."""
    raw = line.encode()
    start, end = node.col_offset, node.end_col_offset  # type: ignore[attr-defined]
    inside = raw[start:end].decode()
    if old not in inside:
        return None
    return raw[:start].decode() + inside.replace(old, new, 1) + raw[end:].decode()


def _copied(folder: Path) -> Path:
    """A copy of this tree to change, which the environment of this one runs."""
    copy = folder / ROOT.name
    copy.mkdir()
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy(source, copy / name)
    shared = ROOT.parent / "shared"
    if shared.is_dir():
        (folder / "shared").symlink_to(shared)
    return copy


def _is_noticed(tests: Tests, mutant: Mutant) -> bool:
    """Whether a test that speaks for it fails, or the file is no Python any more."""
    target = tests.copy / mutant.path.relative_to(ROOT)
    kept = target.read_text(encoding="utf-8")
    lines = kept.splitlines()
    lines[mutant.line - 1] = mutant.after
    changed = "\n".join(lines) + "\n"
    try:
        ast.parse(changed)
    except SyntaxError:
        return True
    _write(target, changed)
    try:
        return any(tests.fail(files) for files in tests.of(mutant.path))
    finally:
        _write(target, kept)


def _write(target: Path, text: str) -> None:
    """A change of the same length within a second of the last one must not run as that one did."""
    target.write_text(text, encoding="utf-8")
    for stale in (target.parent / "__pycache__").glob(f"{target.stem}.*"):
        stale.unlink()


@dataclass(slots=True)
class Tests:
    """The tests of a copy of this tree, and how long those that were asked take when nothing is changed."""

    copy: Path
    took: dict[tuple[str, ...], float] = field(default_factory=dict)

    def of(self, path: Path) -> Iterator[tuple[str, ...]]:
        """The files of tests that speak for a module: those of its room, then those that import it."""
        room = path.relative_to(SOURCE).parts[0]
        folder = self.copy / "tests"
        found = [
            each for pattern in TESTS.get(room, "unit/test_*.py").split() for each in folder.glob(pattern)
        ]
        yield tuple(sorted({str(each) for each in found}))
        for further in self._importing(path):  # one after the other: most changes fail in the first
            yield (str(further),)

    def _importing(self, path: Path) -> list[Path]:
        """Which of the further tests import this module by its name."""
        parts = path.relative_to(SOURCE).with_suffix("").parts
        room, name = ".".join(("feeds", *parts[:-1])), parts[-1]
        module = re.compile(
            rf"^from {re.escape(room)} import .*\b{name}\b|^from {re.escape(room)}\.{name} ", re.M
        )
        files = [each for top in FURTHER for each in sorted((self.copy / "tests" / top).glob("test_*.py"))]
        return [each for each in files if module.search(_on_one_line(each.read_text(encoding="utf-8")))]

    def fail(self, files: tuple[str, ...]) -> bool:
        """Whether one fails, or never ends. Raises SystemExit if one fails with nothing changed."""
        if files not in self.took:
            self._measure(files)
        try:
            return self._run(files, max(self.took[files] * LONGEST, LEAST_S)) != 0
        except subprocess.TimeoutExpired:
            return True

    def _measure(self, files: tuple[str, ...]) -> None:
        # What is changed now is another copy's business: this one is asked as it stands in the tree.
        with tempfile.TemporaryDirectory(prefix="feeds-unchanged-") as name:
            plain = Tests(_copied(Path(name)))
            here = tuple(str(plain.copy / Path(each).relative_to(self.copy)) for each in files)
            begun = time.monotonic()
            if plain._run(here, None) != 0:
                sys.exit(f"a test fails with nothing changed: {' '.join(here)}")
            self.took[files] = time.monotonic() - begun

    def _run(self, files: tuple[str, ...], longest_s: float | None) -> int:
        command = [
            sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--no-header",
            "-k", f"not ({LEFT_OUT})", *files,
        ]  # fmt: skip
        environment = {**os.environ, "PYTHONPATH": str(self.copy / "src")}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        return subprocess.run(
            command, cwd=self.copy, env=environment, capture_output=True, timeout=longest_s, check=False
        ).returncode


def _on_one_line(text: str) -> str:
    """A text of Python whose imports in brackets stand on one line each."""
    return re.sub(r"\(\n[^()]*\)", lambda found: " ".join(found[0].split()), text)


if __name__ == "__main__":
    sys.exit(main())
