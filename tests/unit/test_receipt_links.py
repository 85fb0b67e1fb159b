"""The links of a receipt: which there are, what their pages say, and when an act makes no sense any more."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from starlette.datastructures import FormData

from feeds import links
from feeds.filters.members import Pace, Reach, Reached
from feeds.i18n import translator
from feeds.labels import term_named
from feeds.letters import Letters
from feeds.letters.links import ACTS, SLOTS, receipt_url
from feeds.letters.receipt_mail import acts_of, button_words
from feeds.model import WAITS, BulletinReceipt, Kind, LinkPurpose, Outcome, ReceiptAct
from feeds.pages.receipts import MOST_ITEMS, Facts, ReceiptPages
from feeds.store.bulletins import BulletinRow
from feeds.templating import environment
from feeds.web.edge import Posted
from feeds.web.receipts import chosen, possible
from golden.pages import sample
from golden.pages.sample import receipt, receipt_line

NOW = datetime(2026, 11, 28, 15, 28, tzinfo=UTC)
NEW, SAME = receipt_line(Outcome.NEW, 0), receipt_line(Outcome.SAME, 1)
HELD = replace(receipt(NEW), held_until=NOW)
WAITING = replace(receipt(NEW), held_until=WAITS)
ENVIRONMENT = environment([sample.TEMPLATES])
PAGES = ReceiptPages(ENVIRONMENT, sample.site(), sample.VOCABULARY)
REACH = {Pace.AT_ONCE: 312, Pace.DAILY: 1046, Pace.WEEKLY: 0, Pace.OTHERWISE: 1}
FACTS = Facts(
    name="a.txt", token="T0k", zone="America/Panama", items=(sample.item(0), sample.item(1)), reach=REACH,
    until=NOW,
)  # fmt: skip


def words(page: bytes) -> str:
    main = re.search(r"<main.*</main>", page.decode(), re.S)
    assert main
    return " ".join(re.sub(r"<[^>]+>", " ", main[0]).split())


@pytest.mark.parametrize(
    ("made", "acts"),
    [
        (HELD, [ReceiptAct.RELEASE, ReceiptAct.LOOK, ReceiptAct.LABELS, ReceiptAct.TAKE_BACK]),
        (WAITING, [ReceiptAct.RELEASE, ReceiptAct.LOOK, ReceiptAct.LABELS, ReceiptAct.TAKE_BACK]),
        (receipt(NEW), [ReceiptAct.LOOK, ReceiptAct.LABELS, ReceiptAct.WITHDRAW]),
        (receipt(SAME), []),
        (replace(receipt(NEW), rejected=True), []),
        (replace(receipt(NEW), undone_at=NOW), []),
    ],
)
def test_a_receipt_has_links_for_what_can_be_done_now(made: BulletinReceipt, acts: list[ReceiptAct]) -> None:
    assert list(acts_of(made)) == acts
    mail = Letters(ENVIRONMENT, sample.site(), sample.VOCABULARY).receipt_mail(made, "en", "x")
    for act in ReceiptAct:
        assert (receipt_url(sample.site(), act) in mail.text) is (act in acts)
        assert (receipt_url(sample.site(), act) in mail.html) is (act in acts)


@pytest.mark.parametrize(
    ("act", "made", "said"),
    [
        (ReceiptAct.RELEASE, HELD, "Release now"),
        (ReceiptAct.RELEASE, WAITING, "Let it go as it is"),
        (ReceiptAct.LOOK, WAITING, "See how it will look"),
        (ReceiptAct.LOOK, receipt(NEW), "See it as readers do"),
        (ReceiptAct.TAKE_BACK, HELD, "Take it back"),
    ],
)
def test_a_button_says_what_it_is_for(act: ReceiptAct, made: BulletinReceipt, said: str) -> None:
    assert button_words(act, made, translator("en")) == said


def test_the_mail_says_how_many_people_get_it_and_when() -> None:
    letters = Letters(ENVIRONMENT, sample.site(), sample.VOCABULARY)
    mail = letters.receipt_mail(HELD, "en", "x", reach=Reach(Reached(REACH), {}))
    assert "WHO WILL GET IT: 1,359 PEOPLE\n-----" in mail.text
    assert "  312 at once\n  1,046 in their next daily email\n  1 on the days they chose" in mail.text
    assert "weekly" not in mail.text
    assert "Who will get it: 1,359 people" in mail.html
    assert (
        "Who gets it" in letters.receipt_mail(receipt(NEW), "en", "x", reach=Reach(Reached(REACH), {})).html
    )
    assert "ho will get it" not in letters.receipt_mail(HELD, "en", "x").text
    nobody = letters.receipt_mail(HELD, "en", "x", reach=Reach(Reached({Pace.DAILY: 0}), {})).text
    assert "WHO WILL GET IT: 0 PEOPLE" in nobody


def test_each_act_has_a_slot_of_its_own_and_a_link_lives_for_seven_days() -> None:
    assert set(ACTS) == set(ReceiptAct)
    assert len(set(ACTS.values())) == len(ACTS)
    assert not set(ACTS.values()) & set(SLOTS)
    assert links.LIVES[LinkPurpose.RECEIPT] == timedelta(days=7)


@pytest.mark.parametrize("act", list(ReceiptAct))
def test_what_a_link_is_for_is_read_as_it_was_stored(act: ReceiptAct) -> None:
    assert links.read_about(links.about_bulletin(12, act)) == (12, act)


@pytest.mark.parametrize("about", ["", "12", "x/release", "12/everything"])
def test_a_link_for_nothing_known_is_refused(about: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        links.read_about(about)


def row(made: BulletinReceipt) -> BulletinRow:
    return BulletinRow(
        id=1, sha256="", size=0, encoding="", notify="default", accepted_at=NOW, filed_at=NOW,
        filed_as="a.txt", receipt=made,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("act", "while_held", "when_out", "without_items"),
    [
        (ReceiptAct.LOOK, True, True, False),
        (ReceiptAct.RELEASE, True, False, True),
        (ReceiptAct.TAKE_BACK, True, False, True),
        (ReceiptAct.LABELS, True, True, False),
        (ReceiptAct.WITHDRAW, False, True, False),
    ],
)
def test_an_act_is_possible_as_long_as_it_makes_sense(
    act: ReceiptAct, while_held: bool, when_out: bool, without_items: bool
) -> None:
    items = [sample.item(0)]
    assert possible(act, row(HELD), items) is while_held
    assert possible(act, row(receipt(NEW)), items) is when_out
    assert possible(act, row(HELD if while_held else receipt(NEW)), []) is without_items


def test_labels_that_are_not_ticked_go_and_those_that_were_typed_come_once() -> None:
    item = sample.item(0)
    kept, *others = item.labels
    form = Posted(FormData([(f"keep-{item.id}", f"{kept.kind.value}:{kept.code}"), ("keep-other", "x:y")]))
    typed = {"Chile": (Kind.COUNTRY, "cl"), "chile": (Kind.COUNTRY, "cl"), "Nowhere": None}
    made = chosen(item, form, typed)
    assert [(each.kind, each.code) for each in made if not each.give] == [
        (one.kind, one.code) for one in others
    ]
    assert [(each.kind, each.code) for each in made if each.give] == [(Kind.COUNTRY, "cl")]


def test_a_term_is_named_in_any_language_of_the_site() -> None:
    assert term_named(" PANAMÁ ", sample.VOCABULARY) == (Kind.COUNTRY, "pa")
    assert term_named("Panama", sample.VOCABULARY) == (Kind.COUNTRY, "pa")
    assert term_named("Nowhere", sample.VOCABULARY) is None


def test_the_page_that_asks_to_release_says_to_whom_and_when_it_would_go_by_itself() -> None:
    page = words(PAGES.ask_release(FACTS))
    assert "Release this now?" in page
    assert "It goes out by itself: 28 November 2026, 10:28, Panama time." in page
    assert (
        "1,359 people will get it at once 312 in their next daily email 1,046 on the days they chose" in page
    )
    assert "Release now to 1,359 people" in page
    assert sample.item(1).title in page
    assert 'action="/receipt/T0k"' in PAGES.ask_release(FACTS).decode()
    one = replace(FACTS, reach={Pace.DAILY: 1})
    assert "Release now to 1 person" in words(PAGES.ask_release(one))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"waits": True, "until": None}, "It waits until somebody says so; nothing happens by itself."),
        ({"until": None}, "It is out."),
        ({"until": None, "undone": True}, "It was taken back: nothing of it was announced."),
        (
            {"embargo": NOW + timedelta(hours=1)},
            "Its embargo holds until then: 28 November 2026, 11:28, Panama time.",
        ),
    ],
)
def test_a_page_says_how_things_stand(change: dict[str, object], said: str) -> None:
    facts = replace(FACTS, **change)  # type: ignore[arg-type]
    assert said in words(PAGES.look(facts))
    assert said in words(PAGES.over(facts))


def test_looking_has_nothing_to_press_and_says_whether_readers_see_it() -> None:
    held, out = PAGES.look(FACTS), PAGES.look(replace(FACTS, until=None))
    assert "As readers will see it" in words(held)
    assert "As readers will see it" in words(PAGES.look(replace(FACTS, until=None, waits=True)))
    assert "As readers see it" in words(out)
    assert b"<button" not in held + out


def test_withdrawing_says_how_many_are_told() -> None:
    assert "1 person was sent one of them and is told" in words(PAGES.ask_withdraw(replace(FACTS, told=1)))
    assert "1,200 people were sent one of them" in words(PAGES.ask_withdraw(replace(FACTS, told=1200)))
    assert "Nobody was sent one of them so far" in words(PAGES.ask_withdraw(FACTS))


def test_words_that_name_no_label_are_told() -> None:
    page = words(PAGES.ask_labels(FACTS, unknown=["Now\nhere"]))
    assert "Nothing was saved" in page
    assert "Now here" in page
    assert "Nothing was saved" not in words(PAGES.ask_labels(FACTS))


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (ReceiptAct.RELEASE, "Released a.txt: It goes out within seconds."),
        (ReceiptAct.TAKE_BACK, "Taken back a.txt: Nothing of it was announced."),
        (ReceiptAct.LABELS, "Labels saved a.txt: It stays held; 1,359 people will get it."),
        (ReceiptAct.WITHDRAW, "Withdrawn a.txt: Those who were sent it are told once"),
    ],
)
def test_each_act_ends_in_a_sentence(act: ReceiptAct, said: str) -> None:
    assert said in words(PAGES.done(act, FACTS))


def test_people_that_are_being_counted_are_told_as_such_and_by_no_number() -> None:
    counting = replace(FACTS, reach=None)
    page = words(PAGES.ask_release(counting))
    assert "How many people will get it is being counted" in page
    assert "Release now" in page
    assert "Release now to" not in page
    assert words(PAGES.done(ReceiptAct.LABELS, counting)).endswith("It stays held.")


def test_labels_of_what_is_held_say_whom_it_reaches_and_of_what_is_out_that_nobody_is_mailed() -> None:
    out = replace(FACTS, until=None)
    assert "1,359 people will get it" in words(PAGES.ask_labels(FACTS))
    assert "It stays held" in words(PAGES.ask_labels(FACTS))
    assert "will get it" not in words(PAGES.ask_labels(out))
    assert "Nobody gets an email about it." in words(PAGES.ask_labels(out))
    assert "Pages and feeds follow now." in words(PAGES.done(ReceiptAct.LABELS, out))


def test_releasing_what_is_under_embargo_says_that_it_goes_later() -> None:
    later = replace(FACTS, embargo=NOW)
    assert "Its embargo holds until then" in words(PAGES.done(ReceiptAct.RELEASE, later))
    assert "within seconds" not in words(PAGES.done(ReceiptAct.RELEASE, later))


def test_very_many_items_end_in_their_number() -> None:
    many = replace(FACTS, items=[sample.item(0)] * (MOST_ITEMS + 2))
    page = words(PAGES.look(many))
    assert page.count(sample.item(0).title) == MOST_ITEMS
    assert "and 2 more" in page
    assert "more" not in words(PAGES.look(replace(FACTS, items=[sample.item(0)] * MOST_ITEMS))).split()


def test_a_link_that_was_never_ours_says_that_nothing_changed() -> None:
    assert "Nothing has changed" in words(PAGES.over())
    assert "Nada ha cambiado" in words(PAGES.speaking("es").over())
