"""The command line as the press office, the operator and a script see it."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from conftest import Ran, RunFeeds
from feeds.app.founding import with_values

BULLETIN = """18 November, 2026

Panama opens a school at the border

Children learn in Panama, with teachers from Costa Rica.

31 February, 2026

A day that never comes

Nobody will read this.
"""


@pytest.fixture
def newsroom(feeds: RunFeeds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site made by `feeds init`, with the working folder in it."""
    folder = tmp_path / "newsroom"
    made = feeds("init", folder, "--name", "Sala de prensa", "--base-url", "https://news.example.org/")
    assert made.code == 0, made.err
    # What a new site does with a bulletin in its first ten minutes is shown in test_holding.py.
    file = folder / "config" / "feeds.toml"
    at_once = {"inbox.hold": "0.0", "inbox.doubtful": '"go"'}
    file.write_text(with_values(file.read_text(encoding="utf-8"), at_once), encoding="utf-8")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def bulletin(tmp_path: Path) -> Path:
    path = tmp_path / "bulletin.txt"
    path.write_text(BULLETIN, encoding="utf-8")
    return path


def lines(ran: Ran) -> list[dict[str, object]]:
    return [json.loads(line) for line in ran.out.splitlines()]


def test_init_writes_a_site_that_check_finds_good(feeds: RunFeeds, newsroom: Path) -> None:
    ran = feeds("check")
    assert ran.code == 0, ran.err
    assert "Sala de prensa, https://news.example.org" in ran.out
    text = (newsroom / "config" / "feeds.toml").read_text(encoding="utf-8")
    assert 'tag_domain = "news.example.org"' in text
    assert 'from = "newsroom@news.example.org"' in text
    assert (newsroom / "state" / "secret.key").stat().st_mode & 0o777 == 0o600
    assert (newsroom / "state").stat().st_mode & 0o077 == 0


def test_init_never_overwrites(feeds: RunFeeds, newsroom: Path) -> None:
    before = (newsroom / "config" / "feeds.toml").read_bytes()
    ran = feeds("init", newsroom)
    assert ran.code == 2
    assert "there is a site here already" in ran.err
    assert (newsroom / "config" / "feeds.toml").read_bytes() == before


def test_no_site_is_wrong_use_and_names_the_way_out(
    feeds: RunFeeds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = feeds("status")
    assert ran.code == 2
    assert "feeds init DIR" in ran.err
    assert "Traceback" not in ran.err


def test_a_wrong_configuration_shows_every_fault_and_ends_with_2(feeds: RunFeeds, newsroom: Path) -> None:
    config = newsroom / "config"
    text = (config / "feeds.toml").read_text(encoding="utf-8")
    (config / "feeds.toml").write_text(
        text.replace("port = 25 ", "port = 0 ").replace("hour = 7 ", "hour = 25 ")
    )
    topics = (config / "topics.toml").read_text(encoding="utf-8")
    (config / "topics.toml").write_text(
        topics + '\n[topics.Bad_Slug]\nnames = { en = "x" }\n', encoding="utf-8"
    )
    ran = feeds("check")
    assert ran.code == 2
    assert "mail.port" in ran.err
    assert "digest.hour" in ran.err
    line = topics.count("\n") + 2  # the table stands after an empty one
    assert f"topics.toml line {line}: topics.Bad_Slug" in ran.err


def test_a_database_without_tables_is_not_ready_and_names_migrate(feeds: RunFeeds, newsroom: Path) -> None:
    (newsroom / "state" / "feeds.db").unlink()
    ran = feeds("items", "list")
    assert ran.code == 3
    assert "feeds migrate" in ran.err
    assert feeds("migrate").code == 0
    assert feeds("items", "list").out == "No items yet.\n"


def test_explain_needs_no_site_and_gives_one_object_an_item(
    feeds: RunFeeds, bulletin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = feeds("explain", bulletin, "--json")
    assert ran.code == 0, ran.err
    item, fault = lines(ran)
    assert list(item) == [
        "file", "line", "date", "title", "summary", "lang", "countries", "mentions", "regions", "topics",
        "evidence", "faults",
    ]  # fmt: skip
    assert item["date"] == "2026-11-18"
    assert "PA" in item["countries"]  # type: ignore[operator]
    assert {piece["code"] for piece in item["evidence"]} >= {"PA"}  # type: ignore[attr-defined]
    assert fault["line"] == 7
    assert fault["faults"][0]["code"] == "date-impossible"  # type: ignore[index]
    assert fault["faults"][0]["remedy"]  # type: ignore[index]


def test_explain_for_people_shows_the_words_and_the_fault(feeds: RunFeeds, bulletin: Path) -> None:
    ran = feeds("explain", bulletin)
    assert "Panama opens a school at the border" in ran.out
    assert "“Panama” in the title (name, plain)" in ran.out
    assert "bulletin.txt:7:" in ran.out


def on_a_terminal(*command: object, **environment: str) -> str:
    """What a command prints where its output is a terminal."""
    ours, theirs = pty.openpty()
    asked = {**os.environ, "TERM": "xterm", "COLUMNS": "100", **environment}
    words = [sys.executable, "-m", "feeds", *map(str, command)]
    printed = b""
    with subprocess.Popen(words, stdout=theirs, env=asked) as process:
        os.close(theirs)
        with suppress(OSError), os.fdopen(ours, "rb", buffering=0) as terminal:
            while data := terminal.read(65536):
                printed += data
    assert process.returncode == 0
    return printed.decode()


def test_marked_words_have_no_colour_where_none_is_wanted(
    bulletin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    coloured, plain = (on_a_terminal("explain", bulletin, NO_COLOR=wish) for wish in ("", "1"))
    assert "\x1b[33m\x1b[1m\x1b[4mPanama\x1b[0m" in coloured
    assert "\x1b[1m\x1b[4mPanama\x1b[0m" in plain
    assert re.findall(r"\x1b\[[39][0-9]m", plain) == []


def test_ingest_takes_the_good_item_and_says_what_is_wrong_with_the_other(
    feeds: RunFeeds, newsroom: Path, bulletin: Path
) -> None:
    ran = feeds("ingest", "--notify", bulletin)
    assert ran.code == 0, ran.err
    assert "Line 7" in ran.out
    assert bulletin.exists()
    assert [row["title"] for row in lines(feeds("items", "list", "--json"))] == [
        "Panama opens a school at the border"
    ]


def test_a_dry_run_stores_nothing(feeds: RunFeeds, newsroom: Path, bulletin: Path) -> None:
    ran = feeds("ingest", "--dry-run", bulletin)
    assert "Panama opens a school" in ran.out
    assert feeds("items", "list").out == "No items yet.\n"


def test_the_inbox_is_put_in_order_with_a_receipt_beside_each_file(feeds: RunFeeds, newsroom: Path) -> None:
    inbox = newsroom / "inbox"
    (inbox / "good.txt").write_text(BULLETIN, encoding="utf-8")
    (inbox / "empty.txt").write_bytes(b"")
    (inbox / "photo.txt").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)))
    (inbox / "huge.txt").write_bytes(b"x" * 1_100_000)
    config = newsroom / "config" / "feeds.toml"
    config.write_text(
        config.read_text(encoding="utf-8").replace("settle = 2.0", "settle = 0.0"), encoding="utf-8"
    )
    ran = feeds("ingest")
    assert ran.code == 1
    assert sorted(path.name for path in (inbox / "done").iterdir()) == ["good.txt", "good.txt.receipt.txt"]
    assert sorted(path.name for path in (inbox / "rejected").iterdir()) == [
        "empty.txt",
        "empty.txt.receipt.txt",
        "huge.txt",
        "huge.txt.receipt.txt",
        "photo.txt",
        "photo.txt.receipt.txt",
    ]
    receipt = (inbox / "rejected" / "huge.txt.receipt.txt").read_text(encoding="utf-8")
    assert "larger" in receipt
    assert "Split" in receipt
    shown = feeds("bulletins", "show", "good.txt")
    assert shown.out.strip() == (inbox / "done" / "good.txt.receipt.txt").read_text(encoding="utf-8").strip()
    listed = {row["name"]: row for row in lines(feeds("bulletins", "list", "--json"))}
    assert listed["good.txt"]["new"] == 1
    assert listed["huge.txt"]["rejected"] is True


def test_a_missing_file_is_wrong_use_and_nothing_is_taken(
    feeds: RunFeeds, newsroom: Path, bulletin: Path, tmp_path: Path
) -> None:
    ran = feeds("ingest", bulletin, tmp_path / "nothing.txt")
    assert ran.code == 2
    assert "nothing.txt: there is no such file" in ran.err
    assert feeds("items", "list").out == "No items yet.\n"


def test_every_fault_of_a_subscriber_is_shown_at_once(feeds: RunFeeds, newsroom: Path) -> None:
    ran = feeds(
        "subscribers", "add", "not an address", "--filter", "country:atlantis topic:labour-migratoin",
        "--zone", "America/Panam", "--consent", "x",
    )  # fmt: skip
    assert ran.code == 2
    for word in ("address", "atlantis", "labour-migration", "America/Panam"):
        assert word in ran.err, word


def test_an_import_names_its_bad_rows_and_takes_the_others(
    feeds: RunFeeds, newsroom: Path, tmp_path: Path
) -> None:
    table = tmp_path / "people.csv"
    table.write_text(
        "address,filter,cadence,lang,hour\n"
        'ana@example.org,"country:pa,hn",daily,es,8\n'
        "broken@@example.org,all,daily,en,8\n"
        "luis@example.org,country:pa,hn,daily,es,8\n"
        "eva@example.org,country:mx;topic:health,weekly,en,\n"
        "omar@example.org,all,hourly,en,99\n",
        encoding="utf-8",
    )
    ran = feeds("subscribers", "import", table, "--consent", "moved from the old list")
    assert ran.code == 1
    assert "2 imported, 3 with faults" in ran.out
    assert "people.csv:3: address:" in ran.err
    assert "people.csv:4: there are more cells than columns" in ran.err
    assert "people.csv:6: cadence:" in ran.err
    assert "people.csv:6: hour:" in ran.err
    people = lines(feeds("subscribers", "list", "--json"))
    assert [row["address"] for row in people] == ["ana@example.org", "eva@example.org"]


def test_an_import_without_the_needed_columns_says_which(
    feeds: RunFeeds, newsroom: Path, tmp_path: Path
) -> None:
    table = tmp_path / "people.csv"
    table.write_text("whereto,filter\nana@example.org,all\n", encoding="utf-8")
    ran = feeds("subscribers", "import", table, "--consent", "x")
    assert ran.code == 2
    assert "the column “address” is missing" in ran.err
    assert "there is no column “whereto”" in ran.err


def test_the_four_passes_by_hand(feeds: RunFeeds, newsroom: Path, bulletin: Path) -> None:
    feeds("subscribers", "add", "ana@example.org", "--filter", "country:pa", "--lang", "es", "--consent", "x")
    feeds("ingest", "--notify", bulletin)
    assert "files written" in feeds("publish").out
    assert "No digest is due" in feeds("compose").out
    dry = lines(feeds("compose", "--early", "--dry-run", "--json"))
    real = lines(feeds("compose", "--early", "--json"))
    assert [row["members"] for row in dry] == [row["members"] for row in real] == [1]
    assert [row["state"] for row in lines(feeds("queue", "list", "--json"))] == ["queued"]
    assert feeds("deliver").out == "1 sent\n"
    assert feeds("deliver").out == "No letter is due.\n"
    status = json.loads(feeds("status", "--json").out)
    assert status["items"] == 1
    assert status["deliveries"] == {"sent": 1}
    shown = feeds("subscribers", "show", "ana@example.org")
    assert "country:pa" in shown.out
    assert "sent" in shown.out
    assert len(list((newsroom / "outbox").glob("*.eml"))) == 1


def test_letters_are_counted_before_they_are_held_cancelled_or_sent_again(
    feeds: RunFeeds, newsroom: Path, bulletin: Path
) -> None:
    for name in ("ana@example.org", "bob@example.net"):
        feeds("subscribers", "add", name, "--filter", "country:pa", "--consent", "x")
    feeds("ingest", "--notify", bulletin)
    feeds("compose", "--early")
    assert feeds("queue", "hold", "--host", "example.net", "--dry-run").out == "would hold 1 letter\n"
    asked = feeds("queue", "hold", "--host", "example.net")  # nobody is there to answer
    assert "Hold 1 letter (example.net)?" in asked.out
    assert asked.code != 0
    machine = feeds("queue", "hold", "--host", "example.net", "--json")
    assert "would touch 1 letter: add --yes" in machine.err
    held = lines(feeds("queue", "hold", "--host", "example.net", "--json", "--yes"))
    assert held == [{"act": "hold", "letters": 1, "done": True}]
    assert feeds("deliver").out == "1 sent\n"
    (row,) = lines(feeds("queue", "list", "--host", "example.net", "--json"))
    assert (row["state"], row["reason"]) == ("queued", "held by hand")
    assert feeds("queue", "retry", row["number"]).out == "1 letter is queued again\n"
    assert feeds("queue", "cancel", "--all", "--yes").out == "1 letter is cancelled\n"
    assert feeds("deliver").out == "No letter is due.\n"
    for words in (["retry"], ["hold", "x7"], ["cancel", "--all"], ["retry", "--address", "ana@example.org"]):
        ran = feeds("queue", *words)
        assert ran.code == 2
        assert "feeds: " in ran.err


def test_a_backup_holds_everything(feeds: RunFeeds, newsroom: Path, bulletin: Path, tmp_path: Path) -> None:
    feeds("ingest", bulletin)
    ran = feeds("backup", tmp_path / "copy.db")
    assert ran.code == 0, ran.err
    (newsroom / "state" / "feeds.db").write_bytes((tmp_path / "copy.db").read_bytes())
    assert len(lines(feeds("items", "list", "--json"))) == 1


@pytest.mark.parametrize(
    "words", [["ingst"], ["run", "--roles", "cook"], ["queue", "retry", "7"], ["items", "show", "zz"]]
)
def test_wrong_use_ends_with_2_and_no_traceback(feeds: RunFeeds, newsroom: Path, words: list[str]) -> None:
    ran = feeds(*words)
    assert ran.code == 2
    assert ran.err
    assert "Traceback" not in ran.err


def settings(newsroom: Path, **values: str) -> None:
    """Change keys of the site's configuration; they must be there once."""
    file = newsroom / "config" / "feeds.toml"
    text = file.read_text(encoding="utf-8")
    for key, value in values.items():
        (line,) = [line for line in text.splitlines() if line.startswith(f"{key} = ")]
        text = text.replace(line, f"{key} = {value}")
    file.write_text(text, encoding="utf-8")


def test_a_sub_folder_speaks_its_own_offices_language(feeds: RunFeeds, newsroom: Path) -> None:
    settings(newsroom, folders='{ es = { language = "es" } }', settle="0.0")
    assert feeds("check").code == 0
    folder = newsroom / "inbox" / "es"
    (folder / "nota.txt").write_text(
        "18 de noviembre de 2026\n\nPanamá abre\n\nUna escuela.\n", encoding="utf-8"
    )
    assert feeds("ingest").code == 0
    receipt = (folder / "done" / "nota.txt.receipt.txt").read_text(encoding="utf-8")
    assert "1 nueva" in receipt
    assert [row["name"] for row in lines(feeds("bulletins", "list", "--json"))] == ["es/nota.txt"]


def test_a_sub_folder_cannot_be_called_done(feeds: RunFeeds, newsroom: Path) -> None:
    settings(newsroom, folders='{ done = { language = "es" } }')
    ran = feeds("check")
    assert ran.code == 2
    assert "inbox.folders" in ran.err


def test_a_mended_bulletin_is_read_again_by_retry(feeds: RunFeeds, newsroom: Path) -> None:
    settings(newsroom, settle="0.0")
    (newsroom / "inbox" / "bad.txt").write_text("No date here.\n", encoding="utf-8")
    assert feeds("ingest").code == 1
    mended = newsroom / "inbox" / "rejected" / "bad.txt"
    mended.write_text(BULLETIN, encoding="utf-8")
    assert feeds("bulletins", "retry", "bad.txt").code == 0
    assert feeds("ingest").code == 0
    assert (newsroom / "inbox" / "done" / "bad.txt").exists()
    assert not (newsroom / "inbox" / "rejected" / "bad.txt.receipt.txt").exists()
    assert len(lines(feeds("items", "list", "--json"))) == 1
    assert feeds("bulletins", "retry", "nothing.txt").code == 2


def test_labels_stand_apart_by_spaces_or_commas_and_the_usage_says_that_there_may_be_several(
    feeds: RunFeeds, newsroom: Path, bulletin: Path
) -> None:
    feeds("ingest", bulletin)
    item = str(lines(feeds("items", "list", "--json"))[0]["id"])
    ran = feeds("items", "relabel", item, "+country:bz,-country:pa", "+country:cr, +country:hn,")
    assert [word for word in ran.out.split() if word.startswith("country:")] == [
        "country:bz", "country:cr", "country:hn",
    ]  # fmt: skip
    ran = feeds("items", "relabel", item, "+country:zz,cr")
    assert (ran.code, "no country “zz”" in ran.err, "cr: write +KIND:CODE" in ran.err) == (2, True, True)
    assert feeds("items", "relabel", item, ",").code == 2
    assert "ID LABELS…\n" in feeds("items", "relabel", "--help").out


def test_an_item_is_corrected_relabelled_and_withdrawn_by_command(
    feeds: RunFeeds, newsroom: Path, bulletin: Path
) -> None:
    feeds("ingest", bulletin)
    item = str(lines(feeds("items", "list", "--json"))[0]["id"])
    assert feeds("items", "correct", item, "--date", "19 November, 2026", "--reason", "A slip.").code == 0
    assert feeds("items", "correct", item, "--date", "31 February, 2026").code == 2
    assert feeds("items", "relabel", item, "+country:cr", "-country:pa").code == 0
    assert "no country “zz”" in feeds("items", "relabel", item, "+country:zz").err
    assert feeds("items", "correct", item, "--link", "javascript:alert(1)").code == 2
    assert feeds("items", "correct", item, "--link", "https://example.org/x").code == 0
    assert feeds("items", "relabel", item, "country:cr").code == 2
    shown = feeds("items", "show", item).out
    assert "A slip." in shown
    assert "2026-11-18 Panama opens a school" in shown
    assert feeds("items", "withdraw", item, "--reason", "Never happened.").code == 0
    assert feeds("items", "list").out == "No items yet.\n"
    assert "Never happened." in feeds("items", "show", item).out


def test_explain_warns_of_a_date_far_ahead_as_the_receipt_will(feeds: RunFeeds, tmp_path: Path) -> None:
    file = tmp_path / "ahead.txt"
    file.write_text(
        "20 November, 2099\n\nA school opens in Panama\n\nChildren learn there.\n", encoding="utf-8"
    )
    assert "The item is dated ahead, and shown now all the same: 2099-11-20" in feeds("explain", file).out


def test_a_named_file_that_was_taken_tells_what_to_look_at(
    feeds: RunFeeds, newsroom: Path, tmp_path: Path
) -> None:
    path = tmp_path / "one.txt"
    path.write_text("25 November, 2026\n\nFerry starts\n\nIt runs.\n\nRead more\n", encoding="utf-8")
    told = feeds("ingest", path).out
    assert "one.txt:7: Lines that belong to a page and not to an item were left out: read-more 1." in told
    assert "What to do" not in told
