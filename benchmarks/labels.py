"""How good are the labels? Precision, recall, F1 against a labelled set, and every error with its evidence.

    python benchmarks/labels.py LABELS.jsonl TEXT…            our labeller with config/
    python benchmarks/labels.py LABELS.jsonl TEXT… --errors   and each error, with the words that caused it
    python benchmarks/labels.py LABELS.jsonl TEXT… --items OUT.jsonl
    python benchmarks/labels.py LABELS.jsonl TEXT… --predicted IN.jsonl

LABELS is one JSON object a line (or a JSON array): `title_sha1` (or `file` and `n`), `countries`,
`mentioned`, `topics`, and where known `lang`, `regions`, `class`. TEXT are the bulletins. `--items` writes
the texts for another program, `--predicted` scores what that program found (`countries` per `title_sha1`).

strict: the countries that we call `about` against `countries`. lenient: a found country that is in
`mentioned` costs nothing. micro: over all decisions; macro: the mean of the classes' F1.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

import tomli  # noqa: E402

from feeds.labels import build, language  # noqa: E402
from feeds.model import Evidence, Kind, Label, Strength  # noqa: E402
from feeds.reading import ReadingOptions, read  # noqa: E402


@dataclass(frozen=True, slots=True)
class Case:
    """One item with what people say of it."""

    key: str
    title: str
    summary: str
    wanted: Mapping[str, Any]

    def codes(self, part: str) -> frozenset[str]:
        """Wanted codes, countries in lower case."""
        return frozenset(str(code).lower() for code in self.wanted.get(part, ()))


@dataclass(frozen=True, slots=True)
class Found:
    """What a labeller says of one item."""

    countries: frozenset[str]
    mentioned: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    language: str = ""
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of right, wrong and missed decisions."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """Of what was found, how much is right; 1 if nothing was found."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Of what was wanted, how much was found; 1 if nothing was wanted."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def __str__(self) -> str:
        figures = f"P {self.precision:.3f}  R {self.recall:.3f}  F1 {self.f1:.3f}"
        return f"{figures}   ({self.right} right, {self.wrong} wrong, {self.missed} missed)"


def main(arguments: list[str] | None = None) -> int:
    """Print the figures; 1 if a labelled item is not in the texts."""
    options = _options(arguments)
    cases, lost = cases_of(options.labels, options.texts)
    if options.items:
        _write_items(options.items, cases)
        return 0
    found = _predicted(options.predicted, cases) if options.predicted else ours(cases)
    report(cases, found)
    if options.errors:
        for case, one in zip(cases, found, strict=True):
            _print_errors(case, one)
    for name in lost:
        print(f"labelled, but in none of the texts: {name}", file=sys.stderr)
    return 1 if lost else 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("labels", type=Path)
    parser.add_argument("texts", type=Path, nargs="+")
    parser.add_argument("--errors", action="store_true", help="print every error with its evidence")
    parser.add_argument("--items", type=Path, help="write the items as JSON lines for another program")
    parser.add_argument("--predicted", type=Path, help="score this program's answers instead of ours")
    return parser.parse_args(arguments)


# -- reading ------------------------------------------------------------------------------------


def title_sha1(title: str) -> str:
    """The key of an item: its title after NFKC and casefold, all but letters and digits as one space."""
    plain = re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", title).casefold()).strip()
    return hashlib.sha1(plain.encode()).hexdigest()


def cases_of(labels: Path, texts: Sequence[Path]) -> tuple[list[Case], list[str]]:
    """Labelled items with their texts, and the names of those whose text was not found."""
    by_title: dict[str, tuple[str, str]] = {}
    by_place: dict[tuple[str, int], tuple[str, str]] = {}
    for path in texts:
        bulletin = read(path.name, path.read_bytes(), ReadingOptions())
        for number, draft in enumerate(bulletin.drafts, start=1):
            by_title[title_sha1(draft.title)] = by_place[path.name, number] = (draft.title, draft.summary)
    cases, lost = [], []
    for row in _rows(labels):
        place = (str(row.get("file", "")), int(row.get("n", 0)))
        text = by_title.get(str(row.get("title_sha1"))) or by_place.get(place)
        if text is None:
            lost.append(f"{place[0]} {place[1]}")
        else:
            cases.append(Case(str(row.get("title_sha1") or title_sha1(text[0])), *text, row))
    return cases, lost


def _rows(path: Path) -> list[dict[str, Any]]:
    text = path.read_text(encoding="utf-8")
    if text.lstrip().startswith("["):
        return list(json.loads(text))
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def ours(cases: Iterable[Case]) -> list[Found]:
    """What our labeller says, with the shipped configuration."""
    files = [
        tomli.loads((ROOT / "config" / f"{name}.toml").read_text("utf-8")) for name in ("topics", "places")
    ]
    labeller, _ = build(files[0], files[1])
    answers = []
    for case in cases:
        lang = language(case.title, case.summary, "")
        labels = labeller.labels(case.title, case.summary, lang or "en")
        answers.append(_found(labels, lang))
    return answers


def _found(labels: tuple[Label, ...], lang: str) -> Found:
    def codes(kind: Kind, strength: Strength) -> frozenset[str]:
        return frozenset(one.code for one in labels if one.kind is kind and one.strength is strength)

    return Found(
        countries=codes(Kind.COUNTRY, Strength.ABOUT),
        mentioned=codes(Kind.COUNTRY, Strength.MENTIONS),
        regions=codes(Kind.REGION, Strength.ABOUT),
        topics=codes(Kind.TOPIC, Strength.ABOUT),
        language=lang,
        labels=labels,
    )


def _predicted(path: Path, cases: Iterable[Case]) -> list[Found]:
    said = {str(row["title_sha1"]): row for row in _rows(path)}
    return [
        Found(countries=frozenset(str(c).lower() for c in said.get(case.key, {}).get("countries", ())))
        for case in cases
    ]


def _write_items(path: Path, cases: Iterable[Case]) -> None:
    rows = [
        {"title_sha1": c.key, "lang": c.wanted.get("lang", ""), "title": c.title, "summary": c.summary}
        for c in cases
    ]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


# -- scoring ------------------------------------------------------------------------------------


def score(pairs: Iterable[tuple[frozenset[str], frozenset[str]]]) -> Score:
    """Micro counts over (found, wanted) sets."""
    right = wrong = missed = 0
    for found, wanted in pairs:
        right += len(found & wanted)
        wrong += len(found - wanted)
        missed += len(wanted - found)
    return Score(right, wrong, missed)


def by_class(pairs: Sequence[tuple[frozenset[str], frozenset[str]]]) -> dict[str, Score]:
    """One score for each code that was found or wanted."""
    codes = {code for found, wanted in pairs for code in found | wanted}
    return {
        code: score((found & {code}, wanted & {code}) for found, wanted in pairs) for code in sorted(codes)
    }


def report(cases: Sequence[Case], found: Sequence[Found]) -> None:
    """Print all figures."""
    both = list(zip(cases, found, strict=True))
    print(f"{len(cases)} items")
    strict = [(one.countries, case.codes("countries")) for case, one in both]
    lenient = [(one.countries - case.codes("mentioned"), case.codes("countries")) for case, one in both]
    _print_scores("countries, strict", strict)
    _print_scores("countries, lenient", lenient)
    for lang in sorted({str(case.wanted.get("lang", "")) for case in cases}):
        chosen = [
            pair for (case, _), pair in zip(both, strict, strict=True) if case.wanted.get("lang") == lang
        ]
        print(f"  strict, {lang or '?'}: {len(chosen)} items   {score(chosen)}")
    _report_parts(both)
    _report_groups(both)


def _report_parts(both: Sequence[tuple[Case, Found]]) -> None:
    if any("regions" in case.wanted for case, _ in both) and any(one.labels for _, one in both):
        _print_scores("regions", [(one.regions, case.codes("regions")) for case, one in both])
    if any(one.topics for _, one in both):
        topics = [(one.topics, case.codes("topics")) for case, one in both]
        _print_scores("topics", topics)
        for lang in sorted({str(case.wanted.get("lang", "")) for case, _ in both}):
            chosen = [
                pair for (case, _), pair in zip(both, topics, strict=True) if case.wanted.get("lang") == lang
            ]
            print(f"  topics, {lang or '?'}: {len(chosen)} items   {score(chosen)}")
        print("topics, each:")
        for code, one_score in by_class(topics).items():
            print(f"  {code:26} {one_score}")
        wrong = [case for case, one in both if case.wanted.get("lang") not in (None, one.language)]
        print(f"language: {len(both) - len(wrong)} of {len(both)} right")


def _report_groups(both: Sequence[tuple[Case, Found]]) -> None:
    groups: dict[str, list[tuple[frozenset[str], frozenset[str]]]] = defaultdict(list)
    for case, one in both:
        if "class" in case.wanted:
            groups[str(case.wanted["class"])].append((one.countries, case.codes("countries")))
    if groups:
        print("countries, strict, by kind of difficulty:")
    for name, pairs in sorted(groups.items()):
        print(f"  {name:16} {len(pairs):3} items   {score(pairs)}")


def _print_scores(name: str, pairs: Sequence[tuple[frozenset[str], frozenset[str]]]) -> None:
    classes = by_class(pairs)
    macro = sum(one.f1 for one in classes.values()) / len(classes) if classes else 1.0
    print(f"{name:20} micro {score(pairs)}   macro F1 {macro:.3f} of {len(classes)}")


def _print_errors(case: Case, found: Found) -> None:
    parts: list[tuple[str, Kind, frozenset[str]]] = [
        ("countries", Kind.COUNTRY, found.countries),
        ("regions", Kind.REGION, found.regions),
        ("topics", Kind.TOPIC, found.topics),
    ]
    lines = []
    for part, kind, said in parts:
        if part not in case.wanted:
            continue
        for code in sorted(said ^ case.codes(part)):
            verdict = "wrong" if code in said else "missed"
            if verdict == "wrong" and code in case.codes("mentioned"):
                verdict = "only mentioned"
            lines.append(f"    {verdict} {part}: {code}   {_why(found.labels, kind, code)}")
    if case.wanted.get("lang") not in (None, found.language) and found.labels:
        lines.append(f"    language: {found.language or 'none'} for {case.wanted['lang']}")
    if lines:
        print(f"\n[{case.wanted.get('class', '')}] {case.title}\n  {case.summary}")
        print("\n".join(lines))


def _why(labels: Iterable[Label], kind: Kind, code: str) -> str:
    line: Callable[[Evidence], str] = lambda e: f"{e.words!r} ({e.field}, {e.rule}, {e.role})"  # noqa: E731
    return ", ".join(line(e) for one in labels if (one.kind, one.code) == (kind, code) for e in one.evidence)


if __name__ == "__main__":
    sys.exit(main())
