"""`feeds relabel --all`: shows first, keeps what people gave, rewrites what it touches, mails nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from conftest import RunFeeds
from feeds import config
from feeds.app.parts import Parts, now
from feeds.composing.compose import compose
from feeds.delivering.deliver import deliver
from feeds.filters import parse
from feeds.labels import read_choices
from feeds.model import Cadence, ChangeKind, Item, Kind
from feeds.office import editing, relabel
from feeds.people import signup
from feeds.publishing.publish import publish
from feeds.publishing.renaming import carry_over
from feeds.publishing.standing import waiting
from feeds.store import Conflict, history, items, publishing
from taking import accept_one

TEXT = "Twelve teachers of both banks learn how to receive families, for the third year in a row."
JUG = f"18 November, 2026\n\nA course opens in Gallon Jug\n\n{TEXT}\n"
PANAMA = f"18 November, 2026\n\nPanama opens a course\n\n{TEXT}\n"
HEADED = f"---\ncountries: [HN]\ntopics: []\n---\n18 November, 2026\n\nA clinic in Gallon Jug\n\n{TEXT}\n"
SPANISH = "18 de noviembre de 2026\n\nUn curso en Gallon Jug\n\nDoce maestras de las dos orillas aprenden.\n"


def with_town(text: str) -> str:
    return text + '\n[places.bz.surfaces]\nmul = ["Gallon Jug"]\n'


def edited(parts: Parts, edit: Callable[[str], str], name: str = "places.toml") -> Parts:
    """The same site, opened anew after somebody edited a file of its config/."""
    file = parts.settings.root / "config" / name
    file.write_text(edit(file.read_text(encoding="utf-8")), encoding="utf-8")
    return Parts(config.load(parts.settings.file))


@pytest.fixture
def later(site: Parts) -> Iterator[Parts]:
    """A published site with two items, whose tables learned a town of one of them since."""
    take(site, JUG)
    take(site, PANAMA, "two.txt")
    publish(site.store, site.press)
    site.store.close()
    parts = edited(site, with_town)
    yield parts
    parts.store.close()


def changes_so_far(parts: Parts) -> int:
    with parts.store.read() as conn:
        return publishing.latest_change(conn)


def changed_since(parts: Parts, head: int) -> set[str]:
    with parts.store.read() as conn:
        return set(publishing.changes_between(conn, head, changes_so_far(parts), 1000))


def take(parts: Parts, text: str, name: str = "news.txt", at: datetime | None = None) -> None:
    accept_one(parts, name, text.encode(), at or now(), "all", filed=True)


def stored(parts: Parts, title: str) -> Item:
    with parts.store.read() as conn:
        return next(each for each in items.listing(conn, limit=20) if title in each.title)


def apply(parts: Parts) -> int:
    carry_over(parts.store, parts.vocabulary, now())
    return relabel.apply(parts.store, parts.labeller, parts.vocabulary, now())


def outcomes(parts: Parts) -> list[relabel.Outcome]:
    return list(relabel.preview(parts.store, parts.labeller, parts.vocabulary))


def changes(parts: Parts) -> list[relabel.Change]:
    found = outcomes(parts)
    gained = [each for each in found if isinstance(each, relabel.Change)]
    assert len(gained) == len(found)
    return gained


def join(parts: Parts, address: str, text: str, cadence: Cadence, at: datetime | None = None) -> None:
    joining = signup.Joining(
        address=address, filters=(parse(text),), cadence=cadence, lang="en", zone="UTC",
        hour=7, weekday=1, consent="a test",
    )  # fmt: skip
    signup.join(parts.store, joining, parts.joining_defaults, at or now())


def mailed(parts: Parts, at: datetime | None = None, *, early: bool = False) -> list[str]:
    """Compose and deliver as at that time; the sources of the new mails."""
    before, clock = set(parts.outbox.glob("*.eml")), at or now()
    compose(parts.store, parts.compose_rules, clock, early=early)
    rules = replace(parts.deliver_rules, now=lambda: clock + timedelta(seconds=1))
    asyncio.run(deliver(parts.store, parts.transports(), rules))
    return [path.read_text() for path in sorted(set(parts.outbox.glob("*.eml")) - before)]


# -- what would change ----------------------------------------------------------------------------


def test_a_preview_names_what_each_item_gains_and_loses_and_changes_nothing(later: Parts) -> None:
    before = stored(later, "Gallon Jug")
    (change,) = changes(later)
    assert change.item.title == "A course opens in Gallon Jug"
    assert [(kind, code) for kind, code, _ in change.gained] == [(Kind.COUNTRY, "bz")]
    assert change.lost == ()
    assert stored(later, "Gallon Jug") == before
    assert waiting(later.store, later.public) == 0


def test_a_changed_strength_is_a_label_lost_and_one_gained(site: Parts) -> None:
    take(site, PANAMA)
    decision = 'words = ["opens a course"]\nmention = ["country:pa"]\nreason = "r"\nby = "b"\n'
    parts = edited(site, lambda _: f"[overrides.x]\n{decision}", "overrides.toml")
    (change,) = changes(parts)
    assert [(code, strength.value) for _, code, strength in change.gained] == [("pa", "mentions")]
    assert [(code, strength.value) for _, code, strength in change.lost] == [("pa", "about")]
    parts.store.close()


def test_with_the_tables_of_before_nothing_would_change(site: Parts) -> None:
    take(site, JUG)
    take(site, PANAMA, "two.txt")
    take(site, HEADED, "head.md")
    take(site, SPANISH, "es.txt")
    assert changes(site) == []


# -- applying -------------------------------------------------------------------------------------


def test_applying_rewrites_just_the_feeds_and_pages_of_old_and_new_labels(later: Parts) -> None:
    publish(later.store, later.press)  # the changed table itself rewrites what it must
    before = stored(later, "Gallon Jug")
    head = changes_so_far(later)
    assert apply(later) == 1
    after = stored(later, "Gallon Jug")
    assert after.codes(Kind.COUNTRY) == ("bz",)
    assert (after.updated_at, after.accepted_at) == (before.updated_at, before.accepted_at)
    assert changed_since(later, head) == {"all", "unlabelled", "country/bz", f"item/{after.id}"} | {
        f"topic/{code}" for code in after.codes(Kind.TOPIC)
    }
    written = publish(later.store, later.press).written
    assert {"feeds/country/bz.atom", "feeds/unlabelled.atom", "feeds/region/central-america.atom"} <= set(
        written
    )
    assert not [path for path in written if "country/pa" in path]
    assert publish(later.store, later.press, everything=True).written == []


def test_applying_again_changes_nothing(later: Parts) -> None:
    assert apply(later) == 1
    assert apply(later) == 0
    assert changes(later) == []


def test_only_the_items_page_is_rewritten_where_only_the_evidence_changes(
    feeds: RunFeeds, site: Parts
) -> None:
    take(site, PANAMA)
    decision = 'words = ["opens a course"]\ngive = ["country:pa"]\nreason = "r"\nby = "b"\n'
    parts = edited(site, lambda _: f"[overrides.x]\n{decision}", "overrides.toml")
    publish(parts.store, parts.press)
    (outcome,) = outcomes(parts)
    assert isinstance(outcome, relabel.NewEvidence)
    assert outcome.labels != outcome.item.labels
    ran = feeds("--config", parts.settings.file, "relabel", "--all")
    assert ran.out == "1 items keep their labels and get other evidence for them\n"
    assert feeds("--config", parts.settings.file, "relabel", "--all", "--json").out == ""
    head = changes_so_far(parts)
    assert apply(parts) == 1
    item = stored(parts, "Panama")
    assert changed_since(parts, head) == {f"item/{item.id}"}
    with parts.store.read() as conn:
        assert history.revisions(conn, item.id) == []
    parts.store.close()


def test_killed_in_the_middle_and_run_again_it_ends_in_the_same_state(
    site: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relabel, "BATCH", 1)
    for number in range(4):
        take(site, JUG.replace("A course", f"Course {number}"), f"{number}.txt")
    parts = edited(site, with_town)

    def killed(batches: relabel.Batches) -> Iterator[object]:
        yield from batches[:2]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        relabel.apply(parts.store, parts.labeller, parts.vocabulary, now(), killed)  # type: ignore[arg-type]
    assert len(changes(parts)) == 2
    assert apply(parts) == 2
    with parts.store.read() as conn:
        found = items.listing(conn, kind="country", code="bz", limit=9)
        assert [len(history.revisions(conn, each.id)) for each in found] == [1, 1, 1, 1]
    parts.store.close()


def test_a_batch_that_lost_a_race_is_decided_anew_by_what_is_stored_then(
    later: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, lost = relabel._write, []

    def write(*arguments: object) -> None:
        ours(*arguments)  # type: ignore[arg-type]
        if not lost:
            lost.append(True)
            raise Conflict("somebody was first")

    monkeypatch.setattr(relabel, "_write", write)
    assert apply(later) == 1
    with later.store.read() as conn:
        assert len(history.revisions(conn, stored(later, "Gallon Jug").id)) == 1


def test_the_history_of_an_item_tells_it_apart_from_a_choice_by_hand(feeds: RunFeeds, later: Parts) -> None:
    apply(later)
    item = stored(later, "Gallon Jug")
    with later.store.read() as conn:
        (change,) = history.revisions(conn, item.id)
        assert change.kind is ChangeKind.LABELLED_ANEW
        assert not history.is_labelled_by_hand(conn, item.id)
    ran = feeds("--config", later.settings.file, "items", "show", item.id)
    assert "labelled-anew labels; before:" in ran.out
    words = editing.Words(title="A course opens in Honduras")
    corrected = editing.correct(later.store, later.labeller, item.id, words, "", now())
    assert corrected.codes(Kind.COUNTRY) == ("hn",)


# -- what people gave stays -------------------------------------------------------------------------


def test_labels_that_people_gave_stay_those_of_other_kinds_follow(site: Parts) -> None:
    take(site, HEADED, "head.md")
    take(site, JUG)
    hand = stored(site, "A course")
    chosen = ["+country:gt", *(f"-topic:{code}" for code in hand.codes(Kind.TOPIC))]
    editing.relabel(site.store, hand.id, read_choices(chosen, site.vocabulary), "", now())
    assert [label.code for label in stored(site, "A course").labels] == ["gt"]
    before = {title: stored(site, title).labels for title in ("A clinic", "A course")}
    parts = edited(site, with_town)
    assert changes(parts) == []
    assert apply(parts) == 0
    assert {title: stored(parts, title).labels for title in before} == before
    parts.store.close()


def test_what_was_withdrawn_stays_as_it_was(later: Parts) -> None:
    item = stored(later, "Gallon Jug")
    editing.withdraw(later.store, item.id, "a slip", now())
    assert changes(later) == []
    assert apply(later) == 0


def test_the_language_of_an_item_stays_and_chooses_its_patterns(site: Parts) -> None:
    take(site, SPANISH)
    assert stored(site, "Un curso").lang == "es"
    parts = edited(site, with_town)
    assert apply(parts) == 1
    assert stored(parts, "Un curso").lang == "es"
    assert stored(parts, "Un curso").codes(Kind.COUNTRY) == ("bz",)
    parts.store.close()


def test_a_renamed_topic_is_no_change_to_look_at_but_applying_carries_it_over(site: Parts) -> None:
    take(site, PANAMA)
    old = "[topics.capacity-building]\n"
    assert "capacity-building" in stored(site, "Panama").codes(Kind.TOPIC)
    parts = edited(
        site,
        lambda text: text.replace(old, '[topics.courses]\nrenamed_from = ["capacity-building"]\n'),
        "topics.toml",
    )
    assert changes(parts) == []
    assert apply(parts) == 0
    assert "courses" in stored(parts, "Panama").codes(Kind.TOPIC)
    parts.store.close()


def retired(text: str) -> str:
    """Courses are given to nothing new."""
    head, _, rest = text.partition("[topics.capacity-building]")
    section = '[topics.capacity-building]\nnames.en = "Courses"\nretired = true\n\n'
    return head + section + rest[rest.index("[topics.") :]


def test_old_items_keep_a_topic_that_was_retired_and_new_ones_do_not_get_it(site: Parts) -> None:
    take(site, PANAMA)
    assert "capacity-building" in stored(site, "Panama").codes(Kind.TOPIC)
    parts = edited(site, retired, "topics.toml")
    assert [each for each in outcomes(parts) if isinstance(each, relabel.Change) and each.lost] == []
    apply(parts)
    assert "capacity-building" in stored(parts, "Panama").codes(Kind.TOPIC)
    publish(parts.store, parts.press)
    assert b"Panama opens" in (parts.press.public.read("feeds/topic/capacity-building.atom") or b"")
    assert (apply(parts), changes(parts)) == (0, [])
    words = editing.Words(summary="Another text about a course.")
    item = stored(parts, "Panama")
    corrected = editing.correct(parts.store, parts.labeller, item.id, words, "", now())
    assert "capacity-building" in corrected.codes(Kind.TOPIC)
    take(parts, PANAMA.replace("Panama", "Honduras"), "two.txt")
    assert "capacity-building" not in stored(parts, "Honduras").codes(Kind.TOPIC)
    parts.store.close()


def test_a_retired_topic_that_a_decision_gave_goes_with_the_decision(site: Parts) -> None:
    take(site, "18 November, 2026\n\nPanama opens a door\n\nIt is a very wide one, made of old oak.\n")
    assert "capacity-building" not in stored(site, "Panama").codes(Kind.TOPIC)
    decision = '[overrides.x]\nwords = ["door"]\ngive = ["topic:capacity-building"]\nreason = "r"\nby = "b"\n'
    edited(site, retired, "topics.toml").store.close()
    parts = edited(site, lambda _: decision, "overrides.toml")
    apply(parts)
    assert "capacity-building" in stored(parts, "Panama").codes(Kind.TOPIC)
    parts = edited(parts, lambda _: "", "overrides.toml")
    apply(parts)
    assert "capacity-building" not in stored(parts, "Panama").codes(Kind.TOPIC)
    parts.store.close()


# -- mail -------------------------------------------------------------------------------------------


def test_nobody_is_mailed_what_was_announced_before_neither_as_news_nor_as_a_correction(
    site: Parts,
) -> None:
    join(site, "belize@example.org", "country:bz", Cadence.IMMEDIATE)
    join(site, "weekly@example.org", "country:bz", Cadence.WEEKLY)
    join(site, "all@example.org", "all", Cadence.IMMEDIATE)
    take(site, JUG)
    assert len(mailed(site, early=True)) == 1
    parts = edited(site, with_town)
    assert apply(parts) == 1
    join(parts, "new@example.org", "country:bz", Cadence.DAILY)
    assert mailed(parts, early=True) == []
    take(parts, PANAMA, "two.txt")
    (mail,) = mailed(parts, now() + timedelta(days=8), early=True)
    assert "all@example.org" in mail
    assert "Gallon Jug" not in mail
    parts.store.close()


def test_an_item_not_yet_digested_goes_out_once_by_its_new_labels(site: Parts) -> None:
    join(site, "belize@example.org", "country:bz", Cadence.DAILY)
    take(site, JUG)
    parts = edited(site, with_town)
    assert apply(parts) == 1
    (mail,) = mailed(parts, early=True)
    assert "A course opens in Gallon Jug" in mail
    assert "orrected" not in mail
    assert mailed(parts, now() + timedelta(days=2), early=True) == []
    parts.store.close()


def test_an_item_not_yet_digested_is_not_mailed_for_a_label_that_it_lost(site: Parts) -> None:
    join(site, "panama@example.org", "country:pa", Cadence.DAILY)
    take(site, PANAMA)
    decision = 'words = ["opens a course"]\ntake = ["country:pa"]\nreason = "r"\nby = "b"\n'
    parts = edited(site, lambda _: f"[overrides.x]\n{decision}", "overrides.toml")
    assert apply(parts) == 1
    assert mailed(parts, early=True) == []
    parts.store.close()


def test_who_changes_what_they_follow_is_not_mailed_what_an_earlier_digest_had_passed_over(
    site: Parts,
) -> None:
    join(site, "one@example.org", "country:mx", Cadence.DAILY)
    take(site, JUG)
    assert mailed(site, early=True) == []  # its period is over for them: nothing of it matched
    parts = edited(site, with_town)
    apply(parts)
    join(parts, "one@example.org", "country:bz", Cadence.DAILY)
    assert mailed(parts, now() + timedelta(days=2), early=True) == []
    parts.store.close()


def test_a_letter_that_is_written_already_goes_out_as_it_is(site: Parts) -> None:
    join(site, "panama@example.org", "country:pa", Cadence.IMMEDIATE)
    take(site, PANAMA)
    compose(site.store, site.compose_rules, now())
    decision = 'words = ["opens a course"]\ntake = ["country:pa"]\nreason = "r"\nby = "b"\n'
    parts = edited(site, lambda _: f"[overrides.x]\n{decision}", "overrides.toml")
    apply(parts)
    (mail,) = mailed(parts)
    assert "Panama opens a course" in mail
    parts.store.close()


# -- the command ------------------------------------------------------------------------------------


def test_the_command_shows_labels_with_examples_and_in_a_pipe_changes_nothing(
    feeds: RunFeeds, later: Parts
) -> None:
    item = stored(later, "Gallon Jug")
    ran = feeds("--config", later.settings.file, "relabel", "--all")
    assert ran.code == 0
    assert "country:bz (Belize): 1 gained, 0 lost" in ran.out
    assert f"    + {item.id}  2026-11-18  A course opens in Gallon Jug" in ran.out
    assert "Nothing was changed: add --yes to do it." in ran.err
    assert stored(later, "Gallon Jug") == item


def test_with_yes_it_is_done_and_said(feeds: RunFeeds, later: Parts) -> None:
    ran = feeds("--config", later.settings.file, "relabel", "--all", "--yes")
    assert ran.code == 0
    assert "1 items relabelled" in ran.err
    assert stored(later, "Gallon Jug").codes(Kind.COUNTRY) == ("bz",)
    again = feeds("--config", later.settings.file, "relabel", "--all", "--yes")
    assert "Nothing would change" in again.out


def test_json_has_a_line_for_each_item_with_what_it_gains_and_loses(feeds: RunFeeds, later: Parts) -> None:
    ran = feeds("--config", later.settings.file, "relabel", "--all", "--json")
    item = stored(later, "Gallon Jug")
    (line,) = ran.out.splitlines()
    assert json.loads(line) == {
        "id": item.id, "date": "2026-11-18", "title": item.title, "gained": ["country:bz"], "lost": [],
    }  # fmt: skip


def test_what_is_shown_is_bounded_however_much_changes(feeds: RunFeeds, site: Parts) -> None:
    texts = [JUG.replace("A course opens", f"Course number {n} opens") for n in range(40)]
    take(site, "\n".join(texts))
    edited(site, with_town).store.close()
    ran = feeds("--config", site.settings.file, "relabel", "--all")
    assert "country:bz (Belize): 40 gained, 0 lost" in ran.out
    assert "    + and 38 more" in ran.out
    assert len(ran.out.splitlines()) < 10


NONE = "---\ncountries: []\n---\n18 November, 2026\n\nA clinic in Gallon Jug\n\n" + TEXT + "\n"


def as_before_the_upgrade(parts: Parts) -> None:
    """What a database knew of its items when heads were not kept."""
    with parts.store.write() as conn:
        conn.execute(text("UPDATE item SET stated = '[]'"))
        newest = conn.scalar(text("SELECT max(accepted_at) FROM item"))
        publishing.set_meta(conn, "heads-unknown-until", str(newest))


def test_labels_that_a_head_may_have_refused_before_the_upgrade_are_told(
    feeds: RunFeeds, site: Parts
) -> None:
    take(site, NONE, "head.md")
    as_before_the_upgrade(site)
    take(site, NONE.replace("A clinic", "A school").replace("countries: []\n", "lang: en\n"), "later.md")
    parts = edited(site, with_town)
    ran = feeds("--config", site.settings.file, "relabel", "--all")
    assert "country:bz (Belize): 2 gained, 0 lost" in ran.out
    assert "items from before the upgrade without a country, or topic, that get one: 1; where" in ran.out
    parts.store.close()


def test_a_head_that_is_known_is_no_question(feeds: RunFeeds, site: Parts) -> None:
    take(site, NONE, "head.md")
    take(site, JUG)
    parts = edited(site, with_town)
    ran = feeds("--config", site.settings.file, "relabel", "--all")
    assert "country:bz (Belize): 1 gained, 0 lost" in ran.out
    assert "before the upgrade" not in ran.out
    parts.store.close()


def test_without_all_the_command_names_the_way_for_one_item(feeds: RunFeeds, site: Parts) -> None:
    ran = feeds("--config", site.settings.file, "relabel")
    assert ran.code == 2
    assert "feeds items relabel ID" in ran.err


def test_faults_of_the_tables_come_before_anything_is_looked_at(
    feeds: RunFeeds, later: Parts, tmp_path: Path
) -> None:
    edited(later, lambda _: "[overrides.x]\n", "overrides.toml").store.close()
    ran = feeds("--config", later.settings.file, "relabel", "--all", "--yes")
    assert ran.code == 2
    assert "overrides.toml line 1: overrides.x" in ran.err
