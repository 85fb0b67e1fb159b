"""A file that is sent again: what the office changed in it counts, and the receipt tells the truth."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import delete, event, select

from conftest import RunFeeds
from feeds import changes, config
from feeds.app.parts import Parts, now
from feeds.intake.acceptance import accept_where_it_lies
from feeds.intake.examining import examine
from feeds.labels import read_choices
from feeds.model import BulletinReceipt, ChangeKind, Item, Kind, Label, Outcome
from feeds.office import editing
from feeds.publishing.publish import publish
from feeds.store import history, items
from feeds.store.schema import item as item_table
from feeds.store.schema import revision, wording
from integration.test_corrections import join, outcomes, send
from taking import accept_one

FIRST = "The ferry between the two banks runs every hour."
LAST = "Tickets are sold on board."
PLAIN = (
    f"18 November, 2026\n\nFerry of Panama starts again\n\nhttps://news.example.org/one\n\n{FIRST} {LAST}\n"
)
HEAD = "---\ntitle: Ferry of Panama starts again\ndate: 2026-11-18\n{}---\n\n" + f"{FIRST} {LAST}\n"


def take(parts: Parts, text: str, name: str = "news.md", notify: str = "all") -> BulletinReceipt:
    return accept_one(parts, name, text.encode(), now(), notify, filed=True).receipt


def the_item(parts: Parts) -> Item:
    with parts.store.read() as conn:
        (item,) = items.listing(conn, limit=9)
    return item


def revisions(parts: Parts) -> list[history.Revision]:
    with parts.store.read() as conn:
        return history.revisions(conn, items.ids(conn)[0])


def with_head(line: str) -> str:
    return HEAD.format(f"{line}\n" if line else "")


def words_of(parts: Parts, receipt: BulletinReceipt, lang: str) -> str:
    return " ".join(parts.letters.receipt(receipt, lang).split())


def bare(labels: tuple[Label, ...]) -> set[tuple[Kind, str]]:
    return {(label.kind, label.code) for label in labels}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (PLAIN, PLAIN.replace("/one", "/two")),
        (with_head("id: p-1\nlink: https://x.example/1"), with_head("id: p-1\nlink: https://x.example/2")),
    ],
)
def test_another_link_is_a_correction_and_the_old_one_is_kept(
    site: Parts, before: str, after: str, feeds: RunFeeds
) -> None:
    take(site, before)
    old = the_item(site)
    assert outcomes(take(site, after)) == [(Outcome.CHANGED, "link")]
    new = the_item(site)
    assert (new.id, new.link != old.link, new.updated_at > old.updated_at) == (old.id, True, True)
    assert [(one.fields, one.link) for one in revisions(site)] == [(("link",), old.link)]
    assert f"    {old.link}\n" in feeds("--config", site.settings.file, "items", "show", old.id).out
    assert outcomes(take(site, after)) == [(Outcome.SAME, "")]
    assert outcomes(take(site, before)) == [(Outcome.SAME, "earlier link")]
    assert the_item(site) == new


def test_a_capture_without_the_link_takes_none_away(site: Parts) -> None:
    take(site, PLAIN)
    capture = PLAIN.replace("https://news.example.org/one\n\n", "")
    assert outcomes(take(site, capture, "capture.txt")) == [(Outcome.SAME, "")]
    assert outcomes(take(site, capture.replace("hour", "day"), "capture.txt")) == [
        (Outcome.CHANGED, "summary")
    ]
    assert the_item(site).link == "https://news.example.org/one"


@pytest.mark.parametrize(
    ("before", "after", "kind", "codes"),
    [
        ("countries: [HN]", "countries: [PA, CR]", Kind.COUNTRY, {"pa", "cr"}),
        ("", "countries: [HN]", Kind.COUNTRY, {"hn"}),
        ("countries: [HN]", "countries: []", Kind.COUNTRY, set()),
        ("topics: [border-management]", "topics: [labour-migration]", Kind.TOPIC, {"labour-migration"}),
    ],
)
def test_other_labels_in_the_head_are_a_change_that_is_nobodys_mail(
    site: Parts, before: str, after: str, kind: Kind, codes: set[str]
) -> None:
    join(site, "got@example.org")
    take(site, with_head(before))
    assert set(send(site)) == {"got@example.org"}
    publish(site.store, site.press)
    old = the_item(site)
    receipt = take(site, with_head(after))
    assert outcomes(receipt) == [(Outcome.CHANGED, "labels")]
    new = the_item(site)
    assert set(new.codes(kind)) == codes
    assert bare(receipt.lines[0].labels) == bare(new.labels)
    assert new == replace(old, labels=new.labels, stated=new.stated)
    assert [(one.kind, one.fields) for one in revisions(site)] == [(ChangeKind.LABELLED_ANEW, ("labels",))]
    assert publish(site.store, site.press).written != []
    assert send(site) == {}
    assert outcomes(take(site, with_head(after))) == [(Outcome.SAME, "")]
    assert the_item(site) == new


def test_an_older_statement_undoes_no_later_one(site: Parts) -> None:
    take(site, with_head("countries: [HN]"))
    take(site, with_head("countries: [PA]"))
    assert outcomes(take(site, with_head("countries: [HN]"))) == [(Outcome.SAME, "earlier labels")]
    assert the_item(site).codes(Kind.COUNTRY) == ("pa",)


@pytest.mark.parametrize("link", ["https://x.example/", ""])
def test_in_one_burst_links_and_labels_are_decided_as_one_file_after_the_other(
    site: Parts, link: str
) -> None:
    heads = [
        with_head(f"countries: [{code}]" + (f"\nlink: {link}{n}" if link else ""))
        for n, code in ((1, "HN"), (2, "PA"))
    ]
    texts = [heads[0], heads[1], heads[0], heads[1]]
    files = [examine(site.ingest_rules, f"{n}.md", text.encode()) for n, text in enumerate(texts)]
    done = accept_where_it_lies(site.store, site.ingest_rules, files, now(), "all")
    assert [outcomes(one.receipt) for one in done] == [
        [(Outcome.NEW, "")],
        [(Outcome.CHANGED, "link, labels" if link else "labels")],
        [(Outcome.SAME, "earlier labels, earlier link" if link else "earlier labels")],
        [(Outcome.SAME, "")],
    ]
    assert the_item(site).link == (f"{link}2" if link else None)
    assert the_item(site).codes(Kind.COUNTRY) == ("pa",)
    assert [one.link for one in revisions(site)] == [f"{link}1" if link else None]


def test_an_item_with_two_links_in_one_file_stays_what_it_is_when_the_file_is_read_again(site: Parts) -> None:
    twice = PLAIN + "\n" + PLAIN.replace("/one", "/two")
    assert outcomes(take(site, twice, "news.txt")) == [(Outcome.NEW, ""), (Outcome.CHANGED, "link")]
    for _ in range(2):
        again = outcomes(take(site, twice, "news.txt"))
        assert again == [(Outcome.SAME, "earlier link"), (Outcome.SAME, "")]


def test_a_former_slug_of_a_topic_in_the_head_is_no_other_statement(site: Parts) -> None:
    take(site, with_head("topics: [border-management]"))
    site.store.close()
    file = site.settings.root / "config" / "topics.toml"
    old, new = "[topics.border-management]\n", '[topics.borders]\nrenamed_from = ["border-management"]\n'
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    parts = Parts(config.load(site.settings.file))
    assert outcomes(take(parts, with_head("topics: [border-management]"))) == [(Outcome.SAME, "")]
    parts.store.close()


def test_labels_stated_beside_words_that_were_corrected_by_hand_count(site: Parts) -> None:
    take(site, with_head("countries: [HN]"))
    words = editing.Words(summary="The ferry has stopped.")
    editing.correct(site.store, site.labeller, the_item(site).id, words, "", now())
    receipt = take(site, with_head("countries: [PA]"))
    assert outcomes(receipt) == [(Outcome.CHANGED, "labels, earlier wording")]
    assert (the_item(site).summary, the_item(site).codes(Kind.COUNTRY)) == ("The ferry has stopped.", ("pa",))


def test_a_file_that_states_nothing_takes_no_labels_away_be_it_reworded(site: Parts) -> None:
    take(site, with_head("countries: [HN]"))
    assert outcomes(take(site, with_head(""), "other.md")) == [(Outcome.SAME, "")]
    take(site, with_head("").replace("every hour", "to Costa Rica"), "other.md")
    assert the_item(site).codes(Kind.COUNTRY) == ("hn",)
    assert "to Costa Rica" in the_item(site).summary


def test_words_and_labels_that_change_together_are_one_correction(site: Parts) -> None:
    take(site, with_head("countries: [HN]"))
    after = with_head("countries: [PA]").replace("every hour", "every day")
    assert outcomes(take(site, after)) == [(Outcome.CHANGED, "summary, labels")]
    assert [one.kind for one in revisions(site)] == [ChangeKind.CORRECTED]
    assert the_item(site).codes(Kind.COUNTRY) == ("pa",)


def test_labels_chosen_by_hand_win_over_the_head_and_the_receipt_says_so(site: Parts) -> None:
    take(site, with_head("countries: [HN]"))
    choices = read_choices(["+country:cr", "-country:hn"], site.vocabulary)
    editing.relabel(site.store, the_item(site).id, choices, "", now())
    for head in ("countries: [HN]", "countries: [PA]"):
        receipt = take(site, with_head(head))
        assert outcomes(receipt) == [(Outcome.SAME, "chosen labels")]
        assert bare(receipt.lines[0].labels) == bare(the_item(site).labels)
    after = with_head("countries: [PA]").replace("every hour", "every day")
    receipt = take(site, after)
    assert outcomes(receipt) == [(Outcome.CHANGED, "summary, chosen labels")]
    assert the_item(site).codes(Kind.COUNTRY) == ("cr",)
    assert "the labels that were chosen by hand stay" in words_of(site, receipt, "en")


def test_the_labels_of_a_receipt_are_those_of_the_item(site: Parts) -> None:
    take(site, PLAIN, "news.txt")
    choices = read_choices(["+country:cr", "-country:pa"], site.vocabulary)
    editing.relabel(site.store, the_item(site).id, choices, "", now())
    for text in (PLAIN, PLAIN.replace("every hour", "every day")):
        receipt = take(site, text, "news.txt")
        assert bare(receipt.lines[0].labels) == bare(the_item(site).labels)
        assert (Kind.COUNTRY, "cr") in bare(receipt.lines[0].labels)


def test_known_items_are_looked_up_in_one_go_however_many(site: Parts) -> None:
    def statements(count: int) -> int:
        text = "".join(
            f"18 November, 2026\n\nPort {count} {n} opens\n\nShips come in. {n}\n\n" for n in range(count)
        )
        take(site, text, f"{count}.txt")
        seen: list[str] = []
        engine = site.store._engine
        note = lambda *args: seen.append(args[2])  # noqa: E731
        event.listen(engine, "before_cursor_execute", note)
        take(site, text, f"{count}-again.txt")
        event.remove(engine, "before_cursor_execute", note)
        return len(seen)

    assert statements(40) == statements(4)


def test_a_sentence_taken_out_of_the_file_is_taken_out_of_the_item(site: Parts) -> None:
    take(site, PLAIN, "news.txt")
    assert outcomes(take(site, PLAIN.replace(f" {LAST}", ""), "news.txt")) == [(Outcome.CHANGED, "summary")]
    assert the_item(site).summary == FIRST
    assert outcomes(take(site, PLAIN, "news.txt")) == [(Outcome.SAME, "earlier wording")]
    assert the_item(site).summary == FIRST


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "the text stops earlier here"), ("es", "aquí el texto termina antes")]
)
def test_a_capture_that_cuts_shortens_nothing_and_its_receipt_says_what_does(
    site: Parts, lang: str, words: str
) -> None:
    take(site, PLAIN, "news.txt")
    receipt = take(site, PLAIN.replace(f" {LAST}", ""), "capture.txt")
    assert outcomes(receipt) == [(Outcome.SAME, "stops earlier")]
    assert LAST in the_item(site).summary
    text = words_of(site, receipt, lang)
    assert words in text
    assert "feeds items correct" in text


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_file_that_has_an_item_whole_and_cut_leaves_it_whole(site: Parts, order: tuple[int, int]) -> None:
    whole = PLAIN.replace("every hour", "every day")
    both = (whole, whole.replace(f" {LAST}", ""))
    take(site, PLAIN, "news.txt")
    for _ in range(2):
        take(site, "\n".join(both[n] for n in order), "news.txt")
        assert the_item(site).summary == f"{FIRST} {LAST}".replace("every hour", "every day")


@pytest.mark.parametrize(
    ("before", "after"), [("3-5 million", "3.5 million"), ("at 20:30", "at 20, 30"), ("a-b.org", "a.b.org")]
)
def test_a_number_or_an_address_can_be_corrected(site: Parts, before: str, after: str) -> None:
    text = PLAIN.replace("every hour", before)
    take(site, text, "news.txt")
    assert outcomes(take(site, text.replace(before, after), "news.txt")) == [(Outcome.CHANGED, "summary")]
    assert after in the_item(site).summary
    assert outcomes(take(site, text, "news.txt")) == [(Outcome.SAME, "earlier wording")]


def as_an_older_version_left_it(parts: Parts) -> None:
    """Fingerprints by the broad fold only, and nothing kept of links, labels stated or replaced texts."""
    with parts.store.write() as conn:
        conn.execute(delete(wording))
        now_ = select(item_table.c.id, item_table.c.date_on, item_table.c.title, item_table.c.summary)
        was = select(revision.c.item_id, revision.c.date_on, revision.c.title, revision.c.summary)
        rows = {(row[0], changes.former_fingerprint(*row[1:]), changes.identity(row[1], row[2]))
                for query in (now_, was) for row in conn.execute(query)}  # fmt: skip
        conn.execute(
            wording.insert(),
            [dict(zip(("item_id", "fingerprint", "identity"), row, strict=True)) for row in rows],
        )
        conn.execute(revision.update().values(link=None, original=None))
        conn.execute(item_table.update().values(stated=()))


@pytest.mark.parametrize(
    "text",
    [PLAIN, with_head("id: p-1\ncountries: [HN]\ntopics: []"), PLAIN.replace("every hour", "3-5, 20:30?")],
)
def test_a_file_that_is_read_again_after_an_upgrade_is_the_same(site: Parts, text: str) -> None:
    take(site, text)
    as_an_older_version_left_it(site)
    before = the_item(site)
    for name in ("news.md", "other.md"):
        assert outcomes(take(site, text, name)) == [(Outcome.SAME, "")]
    assert the_item(site) == before


@pytest.mark.parametrize("name", ["capture.txt", "news.txt"])
def test_corrections_from_before_an_upgrade_are_not_undone_after_it(site: Parts, name: str) -> None:
    take(site, PLAIN.replace("every hour", "3-5 hours"), "news.txt")
    words = editing.Words(summary=f"{FIRST} {LAST}".replace("every hour", "3.5 hours"))
    editing.correct(site.store, site.labeller, the_item(site).id, words, "", now())
    as_an_older_version_left_it(site)
    again = take(site, PLAIN.replace("every hour", "3-5 hours"), name)
    assert outcomes(again) == [(Outcome.SAME, "earlier wording")]
    assert "3.5 hours" in the_item(site).summary


def test_an_archived_item_that_changes_under_notify_is_news_now(site: Parts) -> None:
    join(site, "reader@example.org")
    take(site, PLAIN, "news.txt", "none")
    assert send(site) == {}
    receipt = take(site, PLAIN.replace("every hour", "every day"), "news.txt", "all")
    assert outcomes(receipt) == [(Outcome.CHANGED, "summary, mailed now")]
    mail = send(site)["reader@example.org"]
    assert "every day" in mail
    assert "orrected" not in mail
    assert outcomes(take(site, PLAIN.replace("every hour", "every day"), "news.txt", "all")) == [
        (Outcome.SAME, "")
    ]
    assert send(site) == {}


def test_an_archived_item_that_changes_without_notify_stays_in_the_archive(site: Parts) -> None:
    join(site, "reader@example.org")
    take(site, PLAIN, "news.txt", "none")
    receipt = take(site, PLAIN.replace("every hour", "every day"), "news.txt", "none")
    assert outcomes(receipt) == [(Outcome.CHANGED, "summary")]
    assert send(site) == {}


def test_the_original_is_that_of_the_file_that_changed_the_item_and_the_former_is_kept(site: Parts) -> None:
    take(site, PLAIN, "news.txt")
    take(site, PLAIN.replace("every hour", "every   day"), "news.txt")
    editing.correct(site.store, site.labeller, the_item(site).id, editing.Words(title="Ferry"), "", now())
    with site.store.read() as conn:
        assert "every   day" in str(conn.scalar(select(item_table.c.original)))
        kept = list(conn.scalars(select(revision.c.original).order_by(revision.c.n)))
    assert len(kept) == 2
    assert "every hour" in str(kept[0])
    assert kept[1] is None


def test_an_id_is_stored_with_its_item_and_given_later_to_one_without(site: Parts) -> None:
    take(site, with_head("id: p-1"))
    other = with_head("id: p-1").replace("starts again", "stops").replace("every hour", "never")
    assert outcomes(take(site, other, "b.md")) == [(Outcome.CHANGED, "title, summary")]
    take(site, with_head("").replace("Panama", "Belize"), "c.md")
    take(site, with_head("id: p-2").replace("Panama", "Belize"), "c.md")
    moved = with_head("id: p-2").replace("Ferry of Panama", "The other ferry").replace("every", "no")
    assert outcomes(take(site, moved, "d.md")) == [(Outcome.CHANGED, "title, summary")]


def test_a_receipt_says_what_of_a_file_is_from_before_a_correction(site: Parts) -> None:
    take(site, PLAIN, "news.txt")
    take(site, PLAIN.replace("/one", "/two").replace(LAST, "More tomorrow."), "news.txt")
    third = take(site, PLAIN.replace(LAST, "More the day after."), "news.txt")
    assert outcomes(third) == [(Outcome.CHANGED, "summary, earlier link")]
    assert "its link is an earlier one and was left out; `feeds items correct` sets it" in words_of(
        site, third, "en"
    )


def test_a_receipt_says_that_its_labels_are_from_before_a_correction(site: Parts) -> None:
    for code in ("HN", "PA"):
        take(site, with_head(f"countries: [{code}]"))
    words = words_of(site, take(site, with_head("countries: [HN]")), "en")
    assert "its labels are earlier ones and were left out; `feeds items relabel` sets them" in words
