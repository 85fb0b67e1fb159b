"""What becomes of the drafts of a file, as values: outcomes, reasons, rows. No database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from feeds import changes
from feeds.intake.batch_decider import BatchDecider, Decided
from feeds.intake.examining import Examined, IngestRules, Read, refused
from feeds.intake.planning import Task, held_until, with_earlier
from feeds.intake.receipts import became_of
from feeds.intake.releasing import embargo_of, freed
from feeds.intake.stored_items import Loaded
from feeds.labels import Labeller
from feeds.model import (
    WAITS,
    BulletinReceipt,
    ChangeKind,
    Draft,
    Fault,
    Item,
    Kind,
    Label,
    Moment,
    Outcome,
    ReceiptLine,
    Strength,
    Vocabulary,
)
from feeds.reading import ReadingOptions
from feeds.reading.faults import HELD_FILE_GONE
from feeds.store.bulletins import BulletinRow

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
DAY = date(2026, 11, 25)
TEXT = "The ferry between the two banks runs every hour, from six in the morning on."
PANAMA = Label(kind=Kind.COUNTRY, code="pa", strength=Strength.ABOUT)
CUBA = Label(kind=Kind.COUNTRY, code="cu", strength=Strength.ABOUT)
MS = timedelta(milliseconds=1)


class Office:
    """Decides about one file after the other; what a decision writes is what is stored for the next."""

    def __init__(self, tables: tuple[Labeller, Vocabulary]) -> None:
        self.rules = IngestRules(
            reading=ReadingOptions(), labeller=tables[0], vocabulary=tables[1], lang="en", tag="tag:x,2026:",
            max_age=timedelta(days=30),
        )  # fmt: skip
        self.items: dict[str, Item] = {}
        self.known: dict[str, changes.Known] = {}
        self.chosen: set[str] = set()

    def decide(self, *files: Examined, notify: str = "default") -> list[Decided]:
        count = sum(len(file.drafts) for file in files)
        decider = BatchDecider(
            self.rules, files, [NOW + MS * n for n in range(count)], NOW, notify,
            known=lambda _: list(self.known.values()),
            load=lambda ids: Loaded({key: self.items[key] for key in ids}, self.chosen & set(ids)),
        )  # fmt: skip
        return [decider.decide(file) for file in files]

    def take(self, *drafts: Draft, name: str = "a.md", notify: str = "default") -> Decided:
        (decided,) = self.decide(file(*drafts, name=name), notify=notify)
        for key, row in decided.writes.new.items():
            self.items[key] = row.item
        for key, each in decided.writes.changed.items():
            self._remember(key, changes.traits(self.items[key]))
            self.items[key] = each.item
        for said in decided.writes.said:
            self._remember(said.item_id, {said.fingerprint})
        for key in (*decided.writes.new, *decided.writes.changed):
            self._know(key, name)
        return decided

    def _know(self, key: str, name: str) -> None:
        item, before = self.items[key], self.known.get(key)
        now = changes.Known(
            key, item.date_on, item.title, item.summary, link=item.link, source=name,
            wordings=frozenset({changes.fingerprint(item.date_on, item.title, item.summary)}),
        )  # fmt: skip
        if before is not None:
            now = replace(
                now, source=before.source, wordings=now.wordings | before.wordings,
                identities=before.identities | {changes.identity(before.date_on, before.title)},
                earlier=(*before.earlier, before.summary),
            )  # fmt: skip
        self.known[key] = now

    def _remember(self, key: str, wordings: set[str] | frozenset[str]) -> None:
        if key in self.known:
            self.known[key] = replace(self.known[key], wordings=self.known[key].wordings | wordings)


@pytest.fixture
def office(tables: tuple[Labeller, Vocabulary]) -> Office:
    return Office(tables)


def draft(text: str = TEXT, title: str = "Ferry starts again", day: date = DAY, **fields: object) -> Draft:
    made = Draft(line=1, end_line=5, date_on=day, title=title, summary=text, original=f"[{text}]")
    return replace(made, **fields)  # type: ignore[arg-type]


def file(*drafts: Draft, name: str = "a.md", labels: Sequence[Label] = (PANAMA,)) -> Examined:
    def stated(one: Draft) -> tuple[Label, ...]:
        if one.countries is None:
            return tuple(labels)
        return tuple(Label(kind=Kind.COUNTRY, code=code, strength=Strength.ABOUT) for code in one.countries)

    read = tuple(Read(draft=one, lang="en", labels=stated(one)) for one in drafts)
    return Examined(name=name, data=b"x", drafts=read)


def outcomes(receipt: BulletinReceipt) -> list[tuple[str, str]]:
    return [(line.outcome.value, line.fault.code if line.fault else line.reason) for line in receipt.lines]


def test_a_new_item_has_its_words_labels_instant_and_pages(office: Office) -> None:
    decided = office.take(draft(link="https://x.example/", external_id="p-1", body="<p>x</p>"))
    (row,) = decided.writes.new.values()
    item = row.item
    assert (item.title, item.summary, item.date_on, item.lang) == ("Ferry starts again", TEXT, DAY, "en")
    assert (item.link, item.body, item.labels, item.mailable) == (
        "https://x.example/",
        "<p>x</p>",
        (PANAMA,),
        True,
    )
    assert (item.accepted_at, item.updated_at) == (NOW, NOW)
    assert item.atom_id == f"tag:x,2026:item/{item.id}"
    assert (row.line, row.original) == (1, f"[{TEXT}]")
    assert row.office_key == changes.office_key("a.md", draft(external_id="p-1"))
    assert "country/pa" in decided.writes.stale
    (line,) = decided.receipt.lines
    assert (line.item_id, line.labels, line.title, line.date_on) == (item.id, (PANAMA,), item.title, DAY)
    assert (decided.receipt.name, decided.receipt.received_at, decided.receipt.mailed) == ("a.md", NOW, True)


@pytest.mark.parametrize(
    ("notify", "days", "mailable"),
    [("default", 30, True), ("default", 31, False), ("all", 4000, True), ("none", 0, False)],
)
def test_old_items_are_not_mailed_unless_they_are_to_be(
    office: Office, notify: str, days: int, mailable: bool
) -> None:
    decided = office.take(draft(day=DAY - timedelta(days=days)), notify=notify)
    (row,) = decided.writes.new.values()
    assert row.item.mailable is mailable
    assert decided.receipt.lines[0].reason == ("" if mailable else "not mailed")
    assert decided.receipt.mailed is (notify != "none")


def test_the_newest_item_and_the_first_of_its_day_get_the_latest_instants(office: Office) -> None:
    days = [DAY, DAY, DAY - timedelta(days=3), DAY - timedelta(days=1)]
    decided = office.take(*(draft(title=f"Ferry {n} of the town", day=day) for n, day in enumerate(days)))
    at = [row.item.accepted_at for row in decided.writes.new.values()]
    assert sorted(range(4), key=lambda n: at[n]) == [2, 3, 1, 0]


def test_a_corrected_text_is_a_revision_and_moves_updated(office: Office) -> None:
    office.take(draft())
    corrected = draft(TEXT.replace("six", "seven"))
    decided = office.take(corrected)
    assert outcomes(decided.receipt) == [("changed", "summary")]
    ((key, revised),) = decided.writes.changed.items()
    assert revised.item.summary == corrected.summary
    assert (revised.kind, revised.fields, revised.original) == (
        ChangeKind.CORRECTED, ("summary",), corrected.original,
    )  # fmt: skip
    assert (revised.at, revised.item.updated_at) == (NOW, NOW)
    change = revised.revised()
    assert (change.item, change.kind, change.fields) == (revised.item, ChangeKind.CORRECTED, ("summary",))
    assert change.said is not None
    assert change.said.item_id == key
    assert not decided.writes.new
    assert decided.writes.stale >= {"country/pa"}
    assert outcomes(office.take(draft()).receipt) == [("same", "earlier wording")]
    assert outcomes(office.take(corrected).receipt) == [("same", "")]


def test_a_corrected_title_day_and_link_are_told_and_the_rest_stays(office: Office) -> None:
    office.take(draft())
    moved = draft(title="The ferry starts again", link="https://x.example/")
    decided = office.take(moved)
    assert outcomes(decided.receipt) == [("changed", "title, link")]
    (revised,) = decided.writes.changed.values()
    assert (revised.item.title, revised.item.link, revised.item.summary) == (moved.title, moved.link, TEXT)
    earlier = office.take(replace(moved, date_on=DAY - timedelta(days=1)))
    assert outcomes(earlier.receipt) == [("changed", "date")]


def test_other_labels_of_a_head_are_a_change_that_moves_no_instant(office: Office) -> None:
    office.take(draft(countries=("pa",)))
    before = next(iter(office.items.values()))
    decided = office.take(draft(countries=("cu",)))
    assert outcomes(decided.receipt) == [("changed", "labels")]
    (revised,) = decided.writes.changed.values()
    assert (revised.kind, revised.item.updated_at) == (ChangeKind.LABELLED_ANEW, before.updated_at)
    assert revised.item.codes(Kind.COUNTRY) == ("cu",)
    assert decided.writes.stale >= {"country/pa", "country/cu"}
    assert outcomes(office.take(draft(countries=("pa",))).receipt) == [("same", "earlier labels")]


def test_labels_that_were_chosen_stay_and_the_receipt_says_so(office: Office) -> None:
    office.take(draft(countries=("pa",)))
    office.chosen = set(office.items)
    assert outcomes(office.take(draft(countries=("cu",))).receipt) == [("same", "chosen labels")]
    decided = office.take(draft(TEXT + " Bring a chair.", countries=("cu",)))
    assert outcomes(decided.receipt) == [("changed", "summary, chosen labels")]
    (revised,) = decided.writes.changed.values()
    assert revised.item.codes(Kind.COUNTRY) == ("pa",)


def test_what_was_withdrawn_stays_so(office: Office) -> None:
    office.take(draft())
    ((key, item),) = office.items.items()
    office.items[key] = replace(item, withdrawn_at=NOW)
    decided = office.take(draft(TEXT.replace("six", "seven")))
    assert outcomes(decided.receipt) == [("same", "withdrawn")]
    assert not decided.writes.changed


def test_a_text_that_stops_earlier_in_another_file_is_told(office: Office) -> None:
    office.take(draft())
    decided = office.take(draft("The ferry between the two banks runs every hour"), name="b.md")
    assert outcomes(decided.receipt) == [("same", "stops earlier")]


def test_an_item_that_was_never_mailed_is_news_when_all_are_to_be_mailed(office: Office) -> None:
    office.take(draft(), notify="none")
    assert outcomes(office.take(draft()).receipt) == [("same", "")]
    decided = office.take(draft(), notify="all")
    assert outcomes(decided.receipt) == [("same", "mailed now")]
    assert decided.writes.announced == {next(iter(office.items)): NOW}


def test_an_item_becomes_news_once_however_many_files_say_it(office: Office) -> None:
    office.take(draft(), notify="none")
    first, second = office.decide(file(draft()), file(draft(), name="b.md"), notify="all")
    assert outcomes(first.receipt) == [("same", "mailed now")]
    assert outcomes(second.receipt) == [("same", "")]
    assert not second.writes.announced


@pytest.mark.parametrize(
    ("words", "link", "body_now", "link_now"),
    [
        (TEXT, "https://x.example/new", "<p>new</p>", "https://x.example/new"),
        (TEXT, None, "<p>new</p>", "https://x.example/old"),
        (f"{TEXT} See the plan.", "https://x.example/new", "<p>old</p>", "https://x.example/old"),
    ],
)
def test_an_item_of_old_gets_the_form_and_link_of_the_same_words_alone(
    office: Office, words: str, link: str | None, body_now: str, link_now: str
) -> None:
    office.take(draft(body="<p>old</p>", link="https://x.example/old"))
    (key,) = office.items
    office.known[key] = replace(
        office.known[key],
        former=True,
        original=TEXT,
        places=((office.decide(file(draft()))[0].file.sha256, 1),),
    )
    decided = office.take(draft(words, body="<p>new</p>", link=link, original=TEXT))
    assert outcomes(decided.receipt)[0][0] == "same"
    item = decided.writes.read_better.get(key, office.items[key])
    assert (item.body, item.link, item.summary) == (body_now, link_now, TEXT)


def test_doubts_are_lines_of_the_receipt_that_name_the_other_item(office: Office) -> None:
    first = office.take(draft())
    (key,) = first.writes.new
    other = office.take(draft("Quite another notice about the two lifeboats of the town."), name="b.md")
    lines = [line for line in other.receipt.lines if line.fault]
    assert [(line.outcome, line.fault) for line in lines] == [
        (Outcome.WARNING, Fault(code="like-another", line=1, detail=key))
    ]
    replaced = Office((office.rules.labeller, office.rules.vocabulary))
    replaced.take(draft())
    told = replaced.take(draft("Quite another notice about the two lifeboats of the town."))
    assert outcomes(told.receipt) == [("changed", "summary"), ("warning", "text-replaced")]


def test_two_of_one_day_and_title_are_two_with_a_note(office: Office) -> None:
    decided = office.take(draft(), draft("Quite another notice about lifeboats.", line=7))
    assert outcomes(decided.receipt) == [("new", ""), ("new", ""), ("note", "title-again")]
    assert len({row.item.id for row in decided.writes.new.values()}) == 2


def test_a_later_file_of_a_part_knows_what_an_earlier_one_brought(office: Office) -> None:
    first, second, third = office.decide(
        file(draft()), file(draft(TEXT.replace("six", "seven"))), file(draft())
    )
    (key,) = first.writes.new
    assert list(second.writes.changed) == [key]
    assert outcomes(third.receipt) == [("same", "earlier wording")]


def test_a_file_without_items_is_rejected_with_its_faults(office: Office) -> None:
    (decided,) = office.decide(refused("a.txt", [Fault(code="no-items", line=3)]))
    assert decided.receipt.rejected
    assert [(line.outcome, line.line) for line in decided.receipt.lines] == [(Outcome.FAULTY, 3)]


def test_faults_stand_among_the_items_by_their_lines_and_days_ahead_are_told(office: Office) -> None:
    ahead = draft(title="A feast", day=DAY + timedelta(days=40), line=9)
    read = replace(
        file(draft(), ahead), faults=(Fault(code="title-missing", line=5), Fault(code="lines-left-out"))
    )
    (decided,) = office.decide(read)
    assert outcomes(decided.receipt) == [
        ("note", "lines-left-out"), ("new", ""), ("faulty", "title-missing"), ("new", ""),
        ("warning", "date-ahead"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("hold", "embargo", "stays", "releasing", "wait"),
    [
        (0, None, False, False, None),
        (10, None, False, False, 10),
        (10, None, True, False, None),
        (10, 30, False, False, 30),
        (10, 5, False, False, 10),
        (0, 30, True, False, 30),
        (10, 30, False, True, None),
    ],
)
def test_a_file_waits_for_the_hold_or_the_instant_in_its_head(
    office: Office, hold: int, embargo: int | None, stays: bool, releasing: bool, wait: int | None
) -> None:
    task = Task(replace(office.rules, hold=timedelta(minutes=hold)), NOW, stays=stays, releasing=releasing)
    moment = None if embargo is None else Moment(at=NOW + timedelta(minutes=embargo), line=1, words="x")
    until = held_until(task, replace(file(draft()), not_before=moment))
    assert until == (None if wait is None else NOW + timedelta(minutes=wait))
    assert held_until(task, refused("a", [], b"x")) is None


def test_a_file_that_waits_tells_of_the_last_earlier_one_that_goes_by_itself(office: Office) -> None:
    receipt = office.take(draft()).receipt
    soon, later = NOW + timedelta(minutes=5), NOW + timedelta(minutes=9)
    told = with_earlier(receipt, [soon, later, WAITS, None], "America/Panama")
    line, *rest = told.lines
    assert line.fault == Fault(code="earlier-held", detail="2026-11-25 07:09 (America/Panama)")
    assert (line.outcome, tuple(rest)) == (Outcome.WARNING, receipt.lines)
    assert with_earlier(receipt, [WAITS, None], "UTC") is receipt


@pytest.mark.parametrize(
    ("change", "became"),
    [
        ({}, "done"),
        ({"rejected": True}, "rejected"),
        ({"held_until": NOW}, "held"),
        ({"held_until": WAITS}, "held"),
        ({"undone_at": NOW}, "undone"),
    ],
)
def test_each_thing_that_becomes_of_a_bulletin_has_a_receipt_of_its_own(
    office: Office, change: dict[str, object], became: str
) -> None:
    receipt = replace(office.take(draft()).receipt, **change)  # type: ignore[arg-type]
    assert became_of(receipt) == became
    gone = ReceiptLine(outcome=Outcome.WARNING, line=None, fault=Fault(code=HELD_FILE_GONE))
    lost = replace(receipt, lines=(gone, *receipt.lines))
    assert became_of(lost) == ("gone" if became == "held" else became)


END = Moment(at=NOW + timedelta(days=3), line=2, words="expires: soon")


def test_the_end_that_a_file_names_is_that_of_all_its_items(office: Office) -> None:
    one, other = (
        draft(),
        draft(title="A bridge opens", text="It is open to all from today on, day and night."),
    )
    (decided,) = office.decide(replace(file(one, other), expires_at=END))
    assert decided.writes.expires == {line.item_id: END.at for line in decided.receipt.lines}
    assert len(decided.writes.expires) == 2


def test_a_known_item_gets_the_new_end_without_a_change(office: Office) -> None:
    office.take(draft())
    (decided,) = office.decide(replace(file(draft()), expires_at=END))
    assert outcomes(decided.receipt) == [("same", "")]
    assert list(decided.writes.expires.values()) == [END.at]
    assert office.take(draft()).writes.expires == {}  # a file that names none takes none away


def test_a_file_from_before_a_correction_and_a_withdrawn_item_get_no_end(office: Office) -> None:
    office.take(draft())
    office.take(draft(TEXT.replace("from six in the morning on", "from eight in the morning on")))
    (old,) = office.decide(replace(file(draft(), name="b.md"), expires_at=END))
    assert outcomes(old.receipt) == [("same", "earlier wording")]
    assert old.writes.expires == {}
    (key,) = office.items
    office.items[key] = replace(office.items[key], withdrawn_at=NOW)
    (gone,) = office.decide(replace(file(draft()), expires_at=END))
    assert gone.writes.expires == {}


def test_a_new_item_keeps_the_embargo_that_it_waited_for(office: Office) -> None:
    (decided,) = office.decide(replace(file(draft()), waited_for=NOW))
    assert [row.item.not_before for row in decided.writes.new.values()] == [NOW]


def held_row(**fields: object) -> BulletinRow:
    receipt = BulletinReceipt(name="a.md", received_at=NOW, rejected=False, lines=())
    row = BulletinRow(
        id=1, sha256="", size=0, encoding="", notify="default", accepted_at=NOW, filed_at=NOW,
        filed_as="a.md", receipt=receipt,
    )  # fmt: skip
    return replace(row, **fields)  # type: ignore[arg-type]


def test_what_is_stored_of_an_embargo_goes_before_the_head() -> None:
    said = replace(file(draft()), not_before=END)
    assert embargo_of(held_row(), said) == END.at
    assert embargo_of(held_row(embargo_at=NOW), said) == NOW
    assert embargo_of(held_row(), file(draft())) is None


def test_only_an_instant_after_its_coming_was_waited_for() -> None:
    said = replace(file(draft()), not_before=END)
    assert freed(held_row(), said, END.at).waited_for == END.at
    assert freed(held_row(), said, END.at).not_before is None
    for none in (NOW, NOW - timedelta(days=1), None):
        assert freed(held_row(), said, none).waited_for is None
