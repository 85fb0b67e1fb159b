"""An invented site, its vocabulary and items, for the goldens of pages and mails."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from feeds.model import (
    Audience,
    BulletinReceipt,
    Cadence,
    ChangeKind,
    Correction,
    Digest,
    DigestEntry,
    DigestGroup,
    Evidence,
    Fault,
    FeedKey,
    FeedListing,
    Filter,
    Item,
    Kind,
    Label,
    Outcome,
    Period,
    Reason,
    ReceiptLine,
    Said,
    SiteInfo,
    Strength,
    Term,
    Vocabulary,
)

ROOT = Path(__file__).resolve().parents[3]
TEMPLATES = str(ROOT / "templates")


def golden(path: str, got: str) -> None:
    """Hold `got` against tests/golden/`path`; with FEEDS_ACCEPT=1 it becomes the golden file."""
    file = ROOT / "tests" / "golden" / path
    if os.environ.get("FEEDS_ACCEPT") == "1":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(got, encoding="utf-8", newline="")
    assert file.is_file(), f"no golden file {path}: look at the result, then run with FEEDS_ACCEPT=1"
    with file.open(encoding="utf-8", newline="") as kept:
        assert got == kept.read()


_NAMES = {
    (Kind.COUNTRY, "pa"): ("Panama", "Panamá"),
    (Kind.COUNTRY, "hn"): ("Honduras", "Honduras"),
    (Kind.COUNTRY, "mx"): ("Mexico", "México"),
    (Kind.COUNTRY, "gt"): ("Guatemala", "Guatemala"),
    (Kind.COUNTRY, "jp"): ("Japan", "Japón"),
    (Kind.REGION, "central-america"): ("Central America", "Centroamérica"),
    (Kind.TOPIC, "labour-migration"): ("Labour migration", "Migración laboral"),
    (Kind.TOPIC, "covid-19"): ("COVID-19", "COVID-19"),
    (Kind.TOPIC, "border-management"): ("Border management", "Gestión de fronteras"),
    (Kind.TOPIC, "health"): ("Health", "Salud"),
}
VOCABULARY = Vocabulary(
    {
        (kind, code): Term(kind=kind, code=code, names={"en": en, "es": es})
        for (kind, code), (en, es) in _NAMES.items()
    }
)

# (date, language, title, summary, about labels)
_TEXTS = (
    (
        date(2026, 11, 18),
        "en",
        "Panama opens a second window for seasonal workers in Chiriquí",
        "The window in David registers workers for the coffee harvest and checks their contracts before they"
        " travel. It is open from Monday to Saturday and costs nothing.\n\nA first window, opened in March,"
        " has served 4,200 people so far. Equipment was paid for by the Government of Japan.",
        ("pa", "labour-migration"),
    ),
    (
        date(2026, 11, 18),
        "es",
        "Honduras y Guatemala coordinan turnos en el paso de Agua Caliente",
        "Las autoridades de ambos países acordaron abrir el paso una hora antes durante la temporada alta,"
        " con equipos mixtos que hablan con las familias en la fila.",
        ("hn", "gt", "border-management"),
    ),
    (
        date(2026, 11, 16),
        "en",
        "Nurses from five countries compare how clinics receive people on the move",
        "At a three-day meeting, nurses shared what a clinic needs when a hundred people arrive in one night:"
        " water first, then a list of names, then a doctor.",
        ("central-america", "health", "covid-19"),
    ),
    (
        date(2026, 11, 13),
        "en",
        "Mexico publishes a plain-language guide to work permits",
        "Twelve pages explain who needs a permit, what it costs and how long it takes. The guide answers the"
        " forty questions that information desks hear most often.",
        ("mx", "labour-migration"),
    ),
    (date(2026, 11, 12), "en", "A map of help for people far from home", "", ()),
)


def site(lang: str = "en") -> SiteInfo:
    """The invented office, its pages in `lang`."""
    told = {
        "en": "News from the Regional Office for Mobility, sorted by country and topic.",
        "es": "Noticias de la Oficina Regional de Movilidad, por país y por tema.",
    }
    names = {"en": "Regional Office for Mobility", "es": "Oficina Regional de Movilidad"}
    return SiteInfo(
        name=names[lang],
        base_url="https://news.example.org",
        languages=(lang,),
        description=told[lang],
        publisher=names[lang],
        contact="press@example.org",
        created_at=datetime(2026, 1, 5, tzinfo=UTC),
    )


def label(code: str, strength: Strength = Strength.ABOUT, *evidence: Evidence) -> Label:
    """A label of the sample vocabulary by its code."""
    kind = next(kind for kind, known in _NAMES if known == code)
    return Label(kind=kind, code=code, strength=strength, evidence=evidence)


def item(number: int) -> Item:
    """Item `number` counted from 0; after the written ones they repeat, eight days earlier each time."""
    on, lang, title, summary, codes = _TEXTS[number % len(_TEXTS)]
    labels = tuple(_labelled(code, title, summary) for code in codes)
    if "Japan" in summary:
        start = summary.index("Japan")
        donor = Evidence(
            field="summary", start=start, end=start + 5, words="Japan", rule="name", role="donor"
        )
        labels += (label("jp", Strength.MENTIONS, donor),)
    at = datetime(2026, 11, 18, 12, tzinfo=UTC) - timedelta(hours=number)
    return Item(
        id=f"k3vq{number:04d}zt5m7xa2",
        atom_id=f"tag:news.example.org,2026:k3vq{number:04d}",
        date_on=on - timedelta(days=number // len(_TEXTS) * 8),
        title=title,
        summary=summary,
        lang=lang,
        accepted_at=at,
        updated_at=at,
        link="https://press.example.org/2026/window" if number == 0 else None,
        labels=labels,
    )


def _labelled(code: str, title: str, summary: str) -> Label:
    """The label with its name as evidence, wherever the name stands."""
    words = VOCABULARY.name(label(code).kind, code, "en")
    found = [
        Evidence(field=field, start=start, end=start + len(words), words=words, rule="name")
        for field, text in (("title", title), ("summary", summary))
        if (start := text.find(words)) >= 0
    ]
    return label(code, Strength.ABOUT, *found)


def items(count: int) -> list[Item]:
    """The newest `count` items, newest first."""
    return sorted((item(n) for n in range(count)), key=lambda one: one.updated_at, reverse=True)


def digest(
    count: int, lang: str = "en", cadence: Cadence = Cadence.DAILY, filters: Sequence[Filter] | None = None
) -> Digest:
    """A digest of the newest `count` items by first country, those without one last."""
    wanted = (
        filters
        if filters is not None
        else (
            Filter(countries=("hn", "pa")),
            Filter(countries=("mx",), topics=("labour-migration",)),
        )
    )
    due = datetime(2026, 11, 18, 12, tzinfo=UTC)
    asked = {code for one in wanted for code in one.countries + one.topics}
    groups: dict[str, list[DigestEntry]] = {}
    for one in items(count):
        reason = Reason(
            countries=tuple(code for code in one.codes(Kind.COUNTRY) if code in asked),
            topics=tuple(code for code in one.codes(Kind.TOPIC) if code in asked),
        )
        first = next(iter(one.codes(Kind.COUNTRY)), "")
        groups.setdefault(first, []).append(DigestEntry(item=one, reason=reason))
    rest = groups.pop("", None)
    made = [DigestGroup(kind=Kind.COUNTRY, code=code, entries=tuple(rows)) for code, rows in groups.items()]
    if rest:
        made.append(DigestGroup(kind=None, code="", entries=tuple(rest)))
    return Digest(
        audience=Audience(
            cadence=cadence, filters=tuple(wanted), lang=lang, zone="America/Panama", hour=7, weekday=3
        ),
        period=Period(key="2026-11-18", due_at=due),
        since_at=due - timedelta(days=7 if cadence is Cadence.WEEKLY else 1),
        until_at=due,
        groups=tuple(made),
    )


def listings() -> list[tuple[str, list[FeedListing]]]:
    """The directory of the sample's feeds with invented counts."""
    counts = {"pa": 1240, "hn": 87, "mx": 64, "gt": 31, "jp": 1, "labour-migration": 310, "health": 0}
    rows: dict[str, list[FeedListing]] = {
        "all": [
            FeedListing(key=FeedKey(kind="all"), title="All", items=1893),
            FeedListing(key=FeedKey(kind="unlabelled"), title="No country", items=112),
        ]
    }
    for kind, code in _NAMES:
        listing = FeedListing(key=FeedKey(kind=kind.value, code=code), title=code, items=counts.get(code, 12))
        rows.setdefault(kind.value, []).append(listing)
    return list(rows.items())


CHANGED_AT = datetime(2026, 11, 20, 15, tzinfo=UTC)


def corrected(number: int, *fields: str, reason: str = "") -> Correction:
    """Item `number`, put right on 20 November: it had said something else in these fields."""
    now = replace(item(number), updated_at=CHANGED_AT)
    was = Said(
        title=f"Wrong: {now.title}" if "title" in fields else now.title,
        summary=now.summary.replace(" and ", " but ") if "summary" in fields else now.summary,
        date_on=date(2026, 11, 3) if "date" in fields else now.date_on,
    )
    return Correction(item=now, kind=ChangeKind.CORRECTED, n=1, fields=fields, reason=reason, was=was)


def withdrawn(number: int, reason: str = "") -> Correction:
    """Item `number`, taken back on 20 November."""
    gone = replace(item(number), withdrawn_at=CHANGED_AT, withdrawn_reason=reason)
    return Correction(item=gone, kind=ChangeKind.WITHDRAWN, n=1, reason=reason)


def changed_digest(
    count: int, *corrections: Correction, lang: str = "en", cadence: Cadence = Cadence.DAILY
) -> Digest:
    """A digest of 20 November of the newest `count` items and these corrections."""
    due = CHANGED_AT + timedelta(hours=2)
    made = digest(count, lang, cadence) if count else replace(digest(1, lang, cadence), groups=())
    period = Period(key="2026-11-20", due_at=due)
    return replace(
        made, period=period, since_at=due - timedelta(days=1), until_at=due, corrections=corrections
    )


RECEIVED_AT = datetime(2026, 11, 18, 14, 5, tzinfo=UTC)


def receipt_line(outcome: Outcome, number: int, reason: str = "") -> ReceiptLine:
    """What became of item `number` of a bulletin."""
    one = item(number)
    return ReceiptLine(
        outcome=outcome, line=1 + 8 * number, title=one.title, date_on=one.date_on, item_id=one.id,
        labels=one.labels, reason=reason,
    )  # fmt: skip


def receipt_fault(fault: Fault, outcome: Outcome = Outcome.FAULTY) -> ReceiptLine:
    """A fault, or a warning, of a bulletin."""
    return ReceiptLine(outcome=outcome, line=fault.line, fault=fault)


def receipt(*lines: ReceiptLine, name: str = "news.txt") -> BulletinReceipt:
    """A receipt with these lines."""
    return BulletinReceipt(name=name, received_at=RECEIVED_AT, rejected=False, lines=lines)


def mixed_receipt() -> BulletinReceipt:
    """A receipt with a line of every outcome."""
    return receipt(
        receipt_line(Outcome.NEW, 0),
        receipt_line(Outcome.NEW, 1, reason="not mailed"),
        receipt_line(Outcome.CHANGED, 2, reason="title, summary"),
        receipt_line(Outcome.SAME, 3),
        receipt_fault(Fault(code="date-impossible", line=44, detail="31 February, 2026")),
        receipt_fault(Fault(code="summary-missing", line=50, detail="A map"), Outcome.WARNING),
        name="2026-11-18-newsroom.txt",
    )
