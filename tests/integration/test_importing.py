"""Lists of people as other programs and Excel write them, in any encoding, resumed and rehearsed."""

from __future__ import annotations

import csv
import io
import itertools
import json
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from conftest import Ran, RunFeeds
from feeds import filters
from feeds.app.parts import Parts
from feeds.errors import FeedsError, InputError
from feeds.model import Cadence, Suppression
from feeds.people import ending, erasing, import_memory, signup
from feeds.people.ahead import judged_ahead
from feeds.people.entries import EntryReader, Refused, judged
from feeds.people.import_parts import ImportRules
from feeds.people.importing import Imported, import_rows
from feeds.people.tables import Form, Row, open_table
from feeds.store import digests, sharing, subscribers
from feeds.store import importing as stored
from feeds.store.schema import suppression
from taking import accept_one

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture
def newsroom(feeds: RunFeeds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "newsroom"
    assert feeds("init", folder).code == 0
    monkeypatch.chdir(folder)
    return folder


def listed(feeds: RunFeeds) -> list[dict[str, Any]]:
    ran = feeds("subscribers", "list", "--json")
    return [json.loads(line) for line in ran.out.splitlines() if line.startswith("{")]


def shown(feeds: RunFeeds, address: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(feeds("subscribers", "show", address, "--json").out)
    return found


def imported(feeds: RunFeeds, tmp_path: Path, data: bytes | str, *more: object) -> Ran:
    file = tmp_path / "people.csv"
    file.write_bytes(data if isinstance(data, bytes) else data.encode())
    return feeds("subscribers", "import", file, *more)


SPANISH = (
    "Correo;Filtro;Frecuencia;Idioma;Consentimiento\r\n"
    '"ana@example.org";"country:pa;topic:health";diaria;es;"Feria, 2024 ""niños"""\r\n'
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_a_list_from_a_spanish_excel_is_read_in_every_encoding(
    feeds: RunFeeds, newsroom: Path, tmp_path: Path, encoding: str
) -> None:
    ran = imported(feeds, tmp_path, SPANISH.encode(encoding))
    assert (ran.code, ran.err) == (0, ""), ran.err
    found = shown(feeds, "ana@example.org")
    assert found["subscriber"]["lang"] == "es"
    assert found["subscriber"]["consent"] == 'Feria, 2024 "niños"'
    assert {(row["filter_text"], row["cadence"]) for row in found["subscriptions"]} == {
        ("country:pa", "daily"), ("topic:health", "daily"),
    }  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        "sep=;\naddress;filter\nana@example.org;country:pa\n",
        "address\tfilter\nana@example.org\tcountry:pa\n",
        "filter|address\ncountry:pa|ana@example.org\n",
        'address,filter\r\n\r\n"ana@example.org","country:pa"\r\n,\r\n',
    ],
)
def test_any_separator_will_do(feeds: RunFeeds, newsroom: Path, tmp_path: Path, data: str) -> None:
    ran = imported(feeds, tmp_path, data, "--consent", "by phone")
    assert ran.code == 0, ran.err
    assert [row["address"] for row in listed(feeds)] == ["ana@example.org"]


def test_every_fault_of_every_row_is_named_with_its_line(
    feeds: RunFeeds, newsroom: Path, tmp_path: Path
) -> None:
    rows = [
        "address,filter,cadence,zone,hour,consent",
        'ana@example.org,"country:pa\n",,,,"on\ntwo lines"',
        "not an address,country:xx,hourly,Mars/Base,99,",
        "eva@example.org,country:pa,,,,form,one too many",
        "eva@example.org,country:pa,daily,America/Panama,7,form",
    ]
    ran = imported(feeds, tmp_path, "\n".join(rows))
    assert ran.code == 1
    faults = ran.err.splitlines()
    at_five = [line.partition(": ")[2] for line in faults if line.startswith("people.csv:5:")]
    assert [each.partition(":")[0] for each in at_five] == [
        "address", "filter", "cadence", "zone", "hour", "consent",
    ]  # fmt: skip
    assert [line for line in faults if line.startswith("people.csv:6:")] == [
        'people.csv:6: there are more cells than columns: put a filter with commas in "double quotes"'
    ]
    assert len(faults) == 7
    assert "2 imported, 2 with faults" in ran.out
    assert {row["address"] for row in listed(feeds)} == {"ana@example.org", "eva@example.org"}


def test_a_list_without_what_is_needed_says_so_before_anything_is_stored(
    feeds: RunFeeds, newsroom: Path, tmp_path: Path
) -> None:
    ran = imported(feeds, tmp_path, "name,colour\nAna,red\n")
    assert ran.code == 2
    assert "the column “address” is missing" in ran.err
    assert "the column “filter” is missing; or say --filter for all rows" in ran.err
    assert "there is no column “colour”" in ran.err
    assert imported(feeds, tmp_path, "address\nana@example.org\n", "--filter", "country:xx").code == 2
    assert listed(feeds) == []


LISTMONK = (
    "uuid,email,name,attributes,status,created_at,updated_at\n"
    '1,ana@example.org,Ana,"{""city"": ""Colón, x""}",enabled,2023-02-01T10:00:00Z,2024-01-01\n'
    "2,bob@example.org,Bob,{},blocklisted,2023-02-01T10:00:00Z,2024-01-01\n"
)
MAILCHIMP = (
    '"Email Address","First Name","Last Name",MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,'
    "LAST_CHANGED,LEID,EUID,NOTES,TAGS\n"
    'ana@example.org,Ana,Paz,2,"2022-05-01 10:00:00",,"2022-05-01 10:02:00",192.0.2.1,x,1,a,,\n'
)
# As an audience of today is exported: its own fields first, a street among them; quoted by Excel's rules.
MAILCHIMP_NOW = (
    '"Email Address","First Name","Last Name",Address,"Phone Number",Birthday,MEMBER_RATING,OPTIN_TIME,'
    "OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,LAST_CHANGED,LEID,"
    "EUID,NOTES,TAGS\n"
    'ana@example.org,Ana,"Paz, Díaz","Calle 50  Ciudad de Panamá","+507 123",05/12,2,"2022-05-01 10:00:00",'
    '192.0.2.1,"2022-05-01 10:02:00",192.0.2.1,8.98,-79.5,-5,-5,America/Panama,PA,8,'
    '"2024-01-01 00:00:00",17,ab12cd,"she said ""yes""","""press"",""2022"""\n'
    'bob@example.org,,,,,,2,"2021-03-01 09:00:00",,"2021-03-01 09:00:00",198.51.100.7,,,,,,,,'
    '"2024-01-01 00:00:00",18,ef34ab,,\n'
)
# As listmonk writes it: Go's instants, attributes as JSON.
LISTMONK_NOW = (
    "uuid,email,name,attributes,status,created_at,updated_at\n"
    '5f1c,ana@example.org,"Paz, Ana","{""city"": ""Colón"", ""tags"": [""a"", ""b""]}",enabled,'
    "2023-02-01 10:00:00.123456 +0000 UTC,2024-01-01 00:00:00 +0000 UTC\n"
    "6f1c,bob@example.org,Bob,{},disabled,2023-02-01 10:00:00 +0000 UTC,2024-01-01 00:00:00 +0000 UTC\n"
)
MAILMAN = "ana@example.org\nAna Paz <Bob@example.org>\n\n"


def test_an_export_of_listmonk_is_read_as_it_is(feeds: RunFeeds, newsroom: Path, tmp_path: Path) -> None:
    assert imported(feeds, tmp_path, LISTMONK).code == 2  # a filter is needed
    ran = imported(feeds, tmp_path, LISTMONK, "--filter", "country:pa", "--consent", "old list")
    assert ran.code == 1
    assert "people.csv:3: is blocklisted in listmonk" in ran.err
    found = shown(feeds, "ana@example.org")
    assert found["subscriber"]["consent"] == "old list; listmonk: subscribed 2023-02-01T10:00:00Z"
    assert [row["name"] for row in found["subscriptions"]] == [None]


def test_an_export_of_mailchimp_brings_its_own_proof_of_consent(
    feeds: RunFeeds, newsroom: Path, tmp_path: Path
) -> None:
    ran = imported(feeds, tmp_path, MAILCHIMP, "--filter", "all", "--cadence", "daily", "--lang", "es")
    assert ran.code == 0, ran.err
    found = shown(feeds, "ana@example.org")
    assert found["subscriber"]["consent"] == (
        "mailchimp: asked 2022-05-01 10:00:00, confirmed 2022-05-01 10:02:00, from 192.0.2.1"
    )
    assert (found["subscriber"]["lang"], found["subscriptions"][0]["cadence"]) == ("es", "daily")


@pytest.mark.parametrize("separator", [",", ";"])
def test_a_street_is_no_address_and_a_table_saved_again_is_the_same(
    feeds: RunFeeds, newsroom: Path, tmp_path: Path, separator: str
) -> None:
    """The whole export of an audience, as it comes and as a Spanish Excel saves it."""
    rows = csv.reader(io.StringIO(MAILCHIMP_NOW))
    made = io.StringIO()
    csv.writer(made, delimiter=separator, lineterminator="\r\n").writerows(rows)
    ran = imported(feeds, tmp_path, "\ufeff" + made.getvalue(), "--filter", "country:pa")
    assert (ran.code, ran.err) == (0, ""), ran.err
    assert [row["address"] for row in listed(feeds)] == ["ana@example.org", "bob@example.org"]
    assert [shown(feeds, f"{name}@example.org")["subscriber"]["consent"] for name in ("ana", "bob")] == [
        "mailchimp: asked 2022-05-01 10:00:00, from 192.0.2.1, confirmed 2022-05-01 10:02:00, from 192.0.2.1",
        "mailchimp: asked 2021-03-01 09:00:00, confirmed 2021-03-01 09:00:00, from 198.51.100.7",
    ]


def test_a_head_in_spanish_is_mailchimps_all_the_same(
    feeds: RunFeeds, newsroom: Path, tmp_path: Path
) -> None:
    data = MAILCHIMP_NOW.replace('"Email Address"', '"Dirección de correo electrónico"').replace(
        ",Address,", ",Dirección,"
    )
    assert imported(feeds, tmp_path, data, "--filter", "all").code == 0
    assert [row["address"] for row in listed(feeds)] == ["ana@example.org", "bob@example.org"]


def test_instants_and_attributes_of_listmonk_are_taken_as_they_stand(
    feeds: RunFeeds, newsroom: Path, tmp_path: Path
) -> None:
    ran = imported(feeds, tmp_path, LISTMONK_NOW, "--filter", "all", "--consent", "old list")
    assert ran.err == "people.csv:3: is disabled in listmonk\n"
    consent = shown(feeds, "ana@example.org")["subscriber"]["consent"]
    assert consent == "old list; listmonk: subscribed 2023-02-01 10:00:00.123456 +0000 UTC"


def test_names_of_mailman_hold_commas_and_letters_of_before_utf8(
    feeds: RunFeeds, newsroom: Path, tmp_path: Path
) -> None:
    data = '"Paz, Ana" <ana@example.org>\nRenée Ñandú <Renee@example.org>\nbob@example.org\n'
    ran = imported(feeds, tmp_path, data.encode("latin-1"), "--filter", "all", "--consent", "press list")
    assert (ran.code, ran.err) == (0, ""), ran.err
    assert [row["address"] for row in listed(feeds)] == [
        "ana@example.org", "Renee@example.org", "bob@example.org",
    ]  # fmt: skip


def test_who_left_or_bounced_at_mailchimp_is_named_and_not_taken_in(
    feeds: RunFeeds, newsroom: Path, tmp_path: Path
) -> None:
    head = '"Email Address",OPTIN_TIME,UNSUB_TIME,LEID\n'
    ran = imported(feeds, tmp_path, head + "ana@example.org,2022-01-01,2023-01-01,1\n", "--filter", "all")
    assert "people.csv:2: left there on 2023-01-01" in ran.err
    assert listed(feeds) == []


def test_members_of_mailman_are_addresses_with_or_without_names(
    feeds: RunFeeds, newsroom: Path, tmp_path: Path
) -> None:
    assert imported(feeds, tmp_path, MAILMAN, "--filter", "all").code == 1  # whose consent?
    ran = imported(feeds, tmp_path, MAILMAN, "--filter", "all", "--consent", "press list, 2019")
    assert ran.code == 0, ran.err
    assert sorted(row["address"] for row in listed(feeds)) == ["Bob@example.org", "ana@example.org"]


def test_a_rehearsal_tells_all_and_stores_nothing(feeds: RunFeeds, newsroom: Path, tmp_path: Path) -> None:
    data = "address,filter\nana@example.org,all\nbad,all\n"
    ran = imported(feeds, tmp_path, data, "--consent", "x", "--dry-run")
    assert ran.code == 1
    assert "people.csv:3: address:" in ran.err
    assert "1 would be imported, 1 with faults; people who are new: 1" in ran.out
    assert listed(feeds) == []


# As functions


def reader(site: Parts, **given: Any) -> EntryReader:
    return EntryReader(site.vocabulary, "by phone", ("all",), given)


def rules(site: Parts) -> ImportRules:
    return ImportRules(
        vocabulary=site.vocabulary, defaults=site.joining_defaults, tokens=site.tokens, clock=lambda: 0.0
    )


def rows(*cells: dict[str, str]) -> list[Row]:
    return [Row(number, each) for number, each in enumerate(cells, 2)]


def take(site: Parts, *cells: dict[str, str], at: datetime = NOON, **more: Any) -> tuple[Imported, list[str]]:
    faults: list[str] = []
    report = import_rows(
        site.store, rules(site), rows(*cells), more.pop("reader", None) or reader(site), more.pop("key", "k"),
        at, lambda fault: faults.append(f"{fault[0]}: {fault[1]}"), **more,
    )  # fmt: skip
    return report, faults


def state_of(site: Parts) -> dict[str, Any]:
    """What is stored of everybody: who they are, what they want, and where they stand."""
    found: dict[str, Any] = {}
    with site.store.read() as conn:
        for person in subscribers.listing(conn):
            wishes = {
                r.filter_text: (r.cadence, r.name) for r in subscribers.subscriptions_of(conn, person.id)
            }
            mine = [each.audience_id for each in sharing.standings(conn, person.id)]
            audiences = [
                (each.audience, each.last_period) for each in digests.audiences(conn, ids=sorted(mine))
            ]
            who = (person.lang, person.zone, person.hour, person.weekday, person.consent)
            found[person.address] = (who, wishes, sorted(audiences, key=str))
    return found


BOTH = {"filter": "country:pa;topic:health", "cadence": "daily", "zone": "America/Panama"}
SPREAD = (
    {"address": "ana@example.org", **BOTH},
    {"address": "bob@example.org", "filter": "country:pa", "cadence": "immediate", "hour": "5", "name": "H"},
    {"address": "Ana@example.org", "filter": "country:hn", "cadence": "weekly", "lang": "es"},
    {"address": "eva@example.org", **BOTH},
    {"address": "bob@example.org", "filter": "country:pa", "cadence": "daily", "consent": "on paper"},
    {"address": "eva@example.org", "filter": "country:mx", "cadence": "daily"},
    {"address": "bob@example.org", "filter": "country:hn"},
)  # fmt: skip


@pytest.mark.parametrize("size", [1, 2, 50])
def test_a_list_leaves_what_adding_each_row_by_itself_leaves(
    site: Parts, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "bounds", lambda _: stored.Bounds(0.1, size, size))
    take(site, *SPREAD)
    at_once = state_of(site)
    with site.store.read() as conn:
        everybody = [row.id for row in subscribers.listing(conn)]
    for number in everybody:
        erasing.erase(site.store, site.tokens, number, NOON)
    one_by_one = reader(site)
    for row in rows(*SPREAD):
        entry = one_by_one.read(row)
        joining = signup.Joining(
            address=entry.address, filters=tuple(map(filters.parse, entry.texts)), name=entry.name,
            cadence=entry.habits.cadence, lang=entry.habits.lang, zone=entry.habits.zone,
            hour=entry.habits.hour, weekday=entry.habits.weekday, consent=entry.consent,
        )  # fmt: skip
        signup.join(site.store, joining, site.joining_defaults, NOON, vocabulary=site.vocabulary)
    found = state_of(site)
    assert at_once.keys() == {"ana@example.org", "bob@example.org", "eva@example.org"}
    assert at_once == found


def test_an_import_ended_in_the_middle_goes_on_where_it_was(
    site: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "bounds", lambda _: stored.Bounds(0.1, 2, 2))
    cells = [{"address": f"p{n}@example.org", "filter": "all"} for n in range(9)]

    def broken(fault: object) -> None:
        raise KeyboardInterrupt

    mixed = rows(*cells[:5], {"address": "bad"}, *cells[5:])
    with pytest.raises(KeyboardInterrupt):
        import_rows(site.store, rules(site), mixed, reader(site), "k", NOON, broken)
    with site.store.read() as conn:
        assert len(subscribers.listing(conn)) == 4
    other, _ = take(site, *cells[:1], key="another list")
    assert (other.skipped, other.good) == (0, 1)
    report, faults = take(site, *cells[:5], {"address": "bad"}, *cells[5:])
    assert (report.skipped, report.good, len(faults)) == (4, 5, 1)
    again, _ = take(site, *cells[:5], {"address": "bad"}, *cells[5:])
    assert (again.skipped, again.added) == (0, 0)  # it was finished: it begins anew, and all are there


def test_a_list_brings_nobody_back_who_is_suppressed(site: Parts) -> None:
    names = ("left", "bounced", "complained", "erased", "blocked")
    take(site, *({"address": f"{name}@example.org"} for name in names[:4]))
    with site.store.read() as conn:
        ids = {row.address.partition("@")[0]: row.id for row in subscribers.listing(conn)}
    signup.leave(site.store, ids["left"], None, NOON, "link")
    for name in ("bounced", "complained"):
        ending.end(site.store, site.tokens, ids[name], Suppression(name), "", NOON)
    erasing.erase(site.store, site.tokens, ids["erased"], NOON)
    ending.block(site.store, site.tokens, "blocked@example.org", NOON)
    report, faults = take(site, *({"address": f"{name}@example.org"} for name in names))
    assert (report.good, report.added, report.faults) == (0, 0, 5)
    for name, fault in zip(names, sorted(faults), strict=True):
        assert name in fault
        assert "ask them" in fault


def test_an_import_moves_nobody_s_news(site: Parts) -> None:
    take(site, {"address": "ana@example.org", "filter": "country:pa", "cadence": "daily"})
    accept_one(site, "n.txt", b"18 November, 2026\n\nPanama opens\n\nAt seven.\n", NOON)
    with site.store.read() as conn:
        (before,) = digests.audiences(conn)
    take(site, {"address": "ana@example.org", "filter": "country:hn", "cadence": "daily"})
    take(site, {"address": "bob@example.org", "filter": "country:pa", "cadence": "daily"})
    with site.store.read() as conn:
        ana = subscribers.by_address(conn, "ana@example.org")
        bob = subscribers.by_address(conn, "bob@example.org")
        assert ana is not None
        assert bob is not None
        (hers,) = sharing.standings(conn, ana.id)
        (his,) = sharing.standings(conn, bob.id)
    assert hers.until_at == before.covered_at  # what waited for Panama comes along
    assert his.until_at >= before.covered_at
    with site.store.read() as conn:
        (audience,) = digests.audiences(conn, ids=[his.audience_id])
    assert audience.audience.cadence is Cadence.DAILY


def test_a_list_is_told_from_others_and_of_its_form(tmp_path: Path) -> None:
    digests_ = set()
    for data, form in ((LISTMONK, Form.LISTMONK), (MAILCHIMP, Form.MAILCHIMP), (MAILMAN, Form.MAILMAN)):
        file = tmp_path / "a.csv"
        file.write_text(data)
        table = open_table(file, needs_filter=False)
        assert table.form is form
        digests_.add(table.digest)
    assert len(digests_) == 3
    (tmp_path / "b.csv").write_bytes(b"")
    with pytest.raises(InputError):
        open_table(tmp_path / "b.csv", needs_filter=False)


# In two processes


MIXED = (
    *SPREAD, {"address": "no address", "filter": "country:xx", "cadence": "daily"},
    {"address": "zoé@example.org", "consent": "on paper", "name": "Ñ"}, {"address": "leo@bücher.example"},
)  # fmt: skip


def test_reading_in_a_process_of_its_own_gives_what_reading_here_gives(site: Parts) -> None:
    def plain(found: Any) -> list[Any]:
        return [(one.line, one.error.problems) if isinstance(one, Refused) else one for one in found]

    many = rows(*(MIXED * 150))  # more than go over at once
    assert plain(judged_ahead(many, reader(site))) == plain(judged(many, reader(site)))
    assert list(judged_ahead([], reader(site))) == []


def test_a_list_taken_in_by_two_processes_is_in_as_by_one(site: Parts) -> None:
    report, faults = take(site, *MIXED)
    before = state_of(site)
    with site.store.read() as conn:
        everybody = [row.id for row in subscribers.listing(conn)]
    for number in everybody:
        erasing.erase(site.store, site.tokens, number, NOON)
        with site.store.write() as conn:
            conn.execute(suppression.delete())
    again, told = take(site, *MIXED, in_two=True)
    assert (again.good, again.faults, told) == (report.good, report.faults, faults)
    assert state_of(site) == before


def test_a_fault_of_the_reading_process_is_raised_here(site: Parts) -> None:
    def broken() -> Iterator[Row]:
        yield from rows(*SPREAD)
        raise OSError(5, "the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        list(judged_ahead(broken(), reader(site)))

    def killed() -> Iterator[Row]:
        yield from rows(*SPREAD)
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(FeedsError, match="start the import again"):
        list(judged_ahead(killed(), reader(site)))


def test_the_reading_process_ends_with_the_one_that_asked(
    site: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    fork = os.fork

    def watched() -> int:
        made.append(fork())
        return made[-1]

    monkeypatch.setattr(os, "fork", watched)
    found = judged_ahead(itertools.cycle(rows(*SPREAD)), reader(site))
    next(found)
    found.close()  # waits for it: an endless list would never end
    assert len(made) == 1
    with pytest.raises(ChildProcessError):
        os.waitpid(made[0], os.WNOHANG)


def test_a_list_that_says_ever_new_things_is_forgotten_in_between(
    site: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an import remembers has a bound, and what was forgotten is looked up again."""
    monkeypatch.setattr(import_memory, "_FILTERS", 3)
    monkeypatch.setattr(import_memory, "_OTHERS", 3)
    monkeypatch.setattr(stored, "bounds", lambda _: stored.Bounds(0.1, 2, 2))
    seen: list[int] = []
    shrink = import_memory.Memory.shrink

    def watched(memory: import_memory.Memory) -> None:
        shrink(memory)
        seen.append(
            max(map(len, (memory.filters, memory.audiences, memory.habits, memory.bare, memory.whens)))
        )

    monkeypatch.setattr(import_memory.Memory, "shrink", watched)
    cells = [
        {"address": f"p{n}@example.org", "filter": f"q:word{n % 7}", "hour": str(n % 5), "cadence": "daily"}
        for n in range(60)
    ]
    take(site, *cells)
    assert max(seen) <= 3
    with site.store.read() as conn:
        people = {
            each.address: (each.hour, [s.filter_text for s in subscribers.subscriptions_of(conn, each.id)])
            for each in subscribers.listing(conn)
        }
        audiences = digests.audiences(conn)
    assert people == {f"p{n}@example.org": (n % 5, [f"q:word{n % 7}"]) for n in range(60)}
    assert len(audiences) == 35
