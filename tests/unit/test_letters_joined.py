"""A mail that is joined from pieces is the mail that is rendered whole, byte by byte."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from chance import part
from feeds import digest as digests
from feeds.errors import MailError
from feeds.letters import Joining, Letters, links, put_together
from feeds.letters.fitting import HTML_BUDGET
from feeds.model import (
    Audience,
    Cadence,
    ChangeKind,
    Correction,
    Digest,
    Filter,
    Item,
    Kind,
    Label,
    Period,
    RenderedDigest,
    Said,
)
from feeds.templating import environment
from golden.pages import sample

LETTERS = Letters(environment([sample.TEMPLATES]), sample.site(), sample.VOCABULARY)
AT = datetime(2026, 11, 18, 12, tzinfo=UTC)
WORDS = (
    "Panama “opens” the <b>window</b> & a fair's gate in Chiriquí for 1 2 10 100 workers \u00a0 now".split(
        " "
    )
)
PLACES = ("pa", "hn", "mx", "gt", "jp")
TOPICS = ("labour-migration", "covid-19", "health")
PARTS = (
    (Filter(),), (Filter(countries=("pa",)),), (Filter(topics=("health",)),),
    (Filter(countries=("hn", "pa"), topics=("labour-migration",)), Filter(countries=("gt", "mx"))),
    (*(Filter(countries=(one,), words=("opens", "a<b", 'say "x"')) for one in PLACES), Filter()),
    (*(Filter(words=(f"word {n}",)) for n in range(13)), Filter()),
    (Filter(topics=("health",)), Filter(topics=("labour-migration",))),
)  # fmt: skip


def an_item(number: int) -> Item:
    chance = random.Random(number)
    labels = [Label(kind=Kind.COUNTRY, code=code) for code in chance.sample(PLACES, chance.randint(0, 3))]
    labels += [Label(kind=Kind.TOPIC, code=code) for code in chance.sample(TOPICS, chance.randint(0, 2))]
    at = AT - timedelta(hours=number)
    return Item(
        id=f"item{number:04}",
        atom_id=f"tag:{number}",
        date_on=date(2026, 11, chance.randint(1, 18)),
        title=" ".join(chance.choices(WORDS, k=chance.randint(1, 40))),
        summary="\n\n".join(" ".join(chance.choices(WORDS, k=chance.randint(1, 60))) for _ in range(2)),
        lang=chance.choice(["en", "es", ""]),
        accepted_at=at,
        updated_at=at,
        labels=tuple(labels),
    )


def a_digest(chance: random.Random, number: int, corrected: int = 0) -> Digest:
    cadence = chance.choice(list(Cadence))
    audience = Audience(
        cadence=cadence, filters=chance.choice(PARTS), lang=chance.choice(["en", "es"]),
        hour=chance.randint(0, 23), weekday=1, zone="America/Panama",
    )  # fmt: skip
    items = [an_item(n) for n in range(number)]
    period = Period(key="2026-11-18", due_at=AT)
    since_at = AT - timedelta(days=chance.randint(1, 20))
    empty = Digest(audience=audience, period=period, since_at=since_at, until_at=AT, groups=())
    made = digests.build(audience, period, since_at, AT, items, sample.VOCABULARY)
    changes = [a_change(chance, n) for n in range(corrected)]
    return digests.for_member(made, empty, (), changes) or empty


def a_change(chance: random.Random, number: int) -> Correction:
    item = an_item(500 + number)
    was = Said(title=item.title, summary=f"{item.summary} Before.", date_on=item.date_on)
    if chance.random() < 0.3:
        gone = replace(item, withdrawn_at=AT, withdrawn_reason="It was <wrong>.")
        return Correction(item=gone, kind=ChangeKind.WITHDRAWN, n=2)
    return Correction(item=item, kind=ChangeKind.CORRECTED, n=1, fields=("summary",), was=was)


def joined(joining: Joining, digest: Digest) -> RenderedDigest | None:
    body = joining.body(digest)
    if body is None:
        return None
    foot = joining.foot(digest.audience)
    return put_together(body.subject, body.passage, foot, joining.wording(digest))


@pytest.mark.parametrize("seed", range(part(12)))
def test_a_joined_mail_is_the_one_that_is_rendered_whole(seed: int) -> None:
    chance, joining = random.Random(seed), LETTERS.joining()
    for _ in range(6):
        number = chance.choice((0, 1, 1, 2, 5, 7, 8, 9, 12, 13, 20, 48, 60))
        digest = a_digest(chance, number, corrected=chance.choice((0, 0, 0, 1, 3, 33)))
        if not (digest.groups or digest.corrections):
            continue
        whole = LETTERS.digest(digest)
        if len(whole.html.encode()) < HTML_BUDGET - 20_000:
            made = joined(joining, digest)
            assert made is not None
            assert made.text == whole.text
            assert made.html == whole.html
            assert made == whole


def test_bodies_that_are_the_same_have_one_key_and_others_have_others() -> None:
    chance, joining = random.Random(5), LETTERS.joining()
    known: dict[object, tuple[str, str]] = {}
    for n in range(60):
        number = chance.choice((1, 2, 3))
        items = [an_item(k) for k in range(number)]
        audience = Audience(
            cadence=chance.choice(list(Cadence)), filters=chance.choice(PARTS[:4]), lang="en", zone="UTC",
            hour=n % 24, weekday=1 + n % 7,
        )  # fmt: skip
        period = Period(key=str(n), due_at=AT + timedelta(days=n))
        made = digests.build(audience, period, AT - timedelta(days=9), AT, items, sample.VOCABULARY)
        if made is not None:
            body = joining.body(made)
            assert body is not None
            parts = (body.passage.text, body.passage.html)
            assert known.setdefault(joining.key(made), parts) == parts
    assert len(known) > 5


@pytest.mark.parametrize("slot", links.SLOTS)
@pytest.mark.parametrize("number", [1, 2, 14])
def test_an_item_that_smuggles_a_slot_in_is_refused(slot: str, number: int) -> None:
    made = replace(a_digest(random.Random(1), number).audience, filters=(Filter(),), cadence=Cadence.DAILY)
    items = [replace(an_item(n), title=f"a {slot}") for n in range(number)]
    digest = digests.build(made, Period(key="x", due_at=AT), AT, AT, items, sample.VOCABULARY)
    assert digest is not None
    with pytest.raises(MailError):
        joined(LETTERS.joining(), digest)


def own_letters(folder: Path, change: str) -> Letters:
    """Letters of an operator who changed the shipped HTML."""
    (folder / "email/digest").mkdir(parents=True)
    shipped = (Path(sample.TEMPLATES) / "email/digest/body.html").read_text()
    found, put = change.split(" -> ")
    assert found in shipped
    (folder / "email/digest/body.html").write_text(shipped.replace(found, put))
    return Letters(environment([str(folder), sample.TEMPLATES]), sample.site(), sample.VOCABULARY)


@pytest.mark.parametrize(
    "change", ["{{ mark('card') }} -> ", "{{ mark('lead') }}<tr> -> <tr>", "{{ mark('end') }} -> "]
)
def test_a_template_that_lacks_marks_is_rendered_whole_but_its_foot_is_still_shared(
    tmp_path: Path, change: str
) -> None:
    letters = own_letters(tmp_path, change)
    digest = a_digest(random.Random(4), 9)
    assert joined(letters.joining(), digest) == letters.digest(digest)


def test_a_template_whose_foot_cannot_be_cut_out_has_no_body_to_share(tmp_path: Path) -> None:
    letters = own_letters(tmp_path, "{{ mark('foot') }} -> ")
    digest = a_digest(random.Random(4), 9)
    assert letters.joining().body(digest) is None
    assert letters.joining().key(digest) is None
