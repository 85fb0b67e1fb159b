"""The press desk: what comes in waits, is mended, previewed, released, corrected, withdrawn and restored."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desk_people import ANA, JOSE, number_in, officer, with_desk
from feeds.app.parts import Parts
from feeds.app.parts import now as parts_now
from feeds.inbox import Inbox
from feeds.intake import dropping, letting_go, mending
from feeds.intake.ingest import ingest_ready
from feeds.model import WAITS, Act, By, Kind, Outcome
from feeds.store import audit, bulletins, items
from feeds.store.bulletins import BulletinRow
from feeds.web.desk import desk_routes
from reader import OURS, Clock, Reader


@pytest.fixture(scope="module")
def house(parts: Parts) -> Parts:
    return with_desk(parts)


@pytest.fixture
def ana(house: Parts, clock: Clock) -> Iterator[Reader]:
    yield from officer(house, clock)


@pytest.fixture
def jose(house: Parts, clock: Clock) -> Iterator[Reader]:
    yield from officer(house, clock, JOSE)


def text(day: str = "", title: str = "") -> str:
    title = title or f"A post opens at Paso Canoas {uuid.uuid4().hex[:6]}"
    day = day or "28 Novembr 2026"
    first = f"{TODAY}\n\n{title}\n\nPanama opens a post for families.\n\n"
    return f"{first}{day}\n\nHonduras ships coffee {uuid.uuid4().hex[:6]}\n\nSix towns.\n"


TODAY = "27 November 2026"


def drops(who: Reader, typed: str, name: str = "") -> int:
    who.open("/desk/new")
    button = "Leerlo" if who.address == JOSE else "Read it"
    data = {"form": re.search(r'name="form" value="([^"]+)"', who.html)[1], "text": typed, "name": name}  # type: ignore[index]
    answer = who.client.post("/desk/new", data=data, files={"file": ("", b"")}, headers=OURS)
    assert button
    assert answer.status_code == 303, answer.text
    who.open(answer.headers["location"])
    return number_in(answer.headers["location"])


def stored(house: Parts, number: int) -> BulletinRow:
    with house.store.read() as conn:
        row = bulletins.find(conn, number)
    assert row is not None
    return row


def ingest(house: Parts, clock: Clock) -> None:
    for folder in house.watched_folders:
        ingest_ready(folder, clock)


def test_what_is_dropped_waits_with_everything_told_and_nothing_goes_out(
    ana: Reader, house: Parts, clock: Clock
) -> None:
    number = drops(ana, text())
    assert "It was read and waits." in ana.html
    assert "Waits for you" in ana.html
    assert "looks like a date but is none" in ana.html  # beside its line
    assert "Headline, item 1" in ana.html
    assert re.search(r"[\d,]+ readers? get it", ana.html)
    row = stored(house, number)
    assert row.receipt.held_until == WAITS
    clock.on(days=400)
    ingest(house, clock)
    assert stored(house, number).receipt.held_until == WAITS
    assert (house.watched_folders[0].inbox.root / "held" / str(row.filed_as)).is_file()
    with house.store.read() as conn:
        (line,) = audit.of_bulletin(conn, number, 10)
    assert (line.act, line.who, line.way) == (Act.CAME_IN, ANA, "desk")


def test_a_mistake_is_mended_and_only_the_mended_text_goes_out(
    ana: Reader, house: Parts, clock: Clock
) -> None:
    number = drops(ana, text())
    assert stored(house, number).receipt.count(Outcome.NEW) == 1  # two items glued
    mended = text(day="28 November 2026")
    ana.press("Save the text: it stays held", text=mended)
    assert "The text was mended." in ana.html
    row = stored(house, number)
    assert (row.receipt.count(Outcome.NEW), row.receipt.held_until) == (2, WAITS)
    assert (house.watched_folders[0].inbox.root / "held" / str(row.filed_as)).read_text() == mended
    release(ana)
    ingest(house, clock)
    row = stored(house, number)
    assert row.receipt.held_until is None
    with house.store.read() as conn:
        titles = {item.title for item in items.of_bulletin(conn, number)}
        acts = [line.act for line in audit.of_bulletin(conn, number, 10)]
    assert len(titles) == 2
    assert acts == [Act.RELEASED, Act.MENDED, Act.CAME_IN]
    assert (house.watched_folders[0].inbox.root / "done" / str(row.filed_as)).read_text() == mended


def release(who: Reader, **typed: str) -> str:
    button = next(each for each in _buttons(who.html) if each.startswith(("Release it", "Publicarlo")))
    return who.press(button, **{"when": "now", **typed})


def _buttons(html: str) -> list[str]:
    found = re.findall(r"<button[^>]*>(.*?)</button>", html, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", "", each).split()) for each in found]


def button_of(html: str, start: str) -> str:
    return next(each for each in _buttons(html) if each.startswith(start))


@pytest.mark.parametrize("ended", ["before its file was written", "before that was remembered"])
def test_a_process_that_ends_over_a_drop_leaves_a_bulletin_that_waits(
    ana: Reader, house: Parts, clock: Clock, monkeypatch: pytest.MonkeyPatch, ended: str
) -> None:
    class KilledError(BaseException):
        pass

    def killed(*_: object) -> None:
        raise KilledError

    written = text(day="28 November 2026")
    desk = house.web_parts().desk
    assert desk is not None
    where = (Inbox, "put") if ended.startswith("before its") else (dropping, "remember_filed")
    name = f"{uuid.uuid4().hex}.txt"
    with monkeypatch.context() as patched:
        patched.setattr(*where, killed)
        with pytest.raises(KilledError):
            dropping.drop(desk.folders[0], name, written.encode(), clock(), By("desk", ANA))
    with house.store.read() as conn:
        (row,) = bulletins.unfiled(conn)
    ingest(house, clock)
    assert stored(house, row.id).filed_at is not None
    assert stored(house, row.id).receipt.held_until == WAITS
    ana.open(f"/desk/bulletins/{row.id}/")
    release(ana)
    ingest(house, clock)
    with house.store.read() as conn:
        assert len(items.of_bulletin(conn, row.id)) == 2


WORD = Path(__file__).parents[1] / "golden" / "reading" / "word-document" / "bulletin.docx"


def drops_word(house: Parts, name: str) -> int:
    folder, by = house.watched_folders[0], By("desk", ANA)
    return dropping.drop(folder, name, WORD.read_bytes(), parts_now(), by).bulletin_id


def test_a_document_is_mended_as_the_text_that_was_read_and_stays_itself(
    ana: Reader, house: Parts, clock: Clock
) -> None:
    name, inbox = f"{uuid.uuid4().hex}.docx", house.watched_folders[0].inbox.root
    number = drops_word(house, name)
    page = ana.open(f"/desk/bulletins/{number}/")
    read = "12 May 2025\n\nTwo towns share one ambulance\n\nThe ambulance stands for a week in each town."
    assert read in page
    assert "The document itself is kept" in page
    ana.press("Save the text: it stays held", text=f"{read.replace('Two', 'Three')}\n")
    assert "Three towns share one ambulance" in ana.html
    row = stored(house, number)
    assert (row.name, row.receipt.held_until) == (f"{name}.txt", WAITS)
    assert (inbox / "held" / f"{name}.txt").read_text(encoding="utf-8").count("Three towns") == 1
    assert (inbox / "undone" / name).read_bytes() == WORD.read_bytes()
    assert not (inbox / "held" / name).exists()
    release(ana)
    ingest(house, clock)
    with house.store.read() as conn:
        (item,) = items.of_bulletin(conn, number)
    assert item.title == "Three towns share one ambulance"
    assert (inbox / "done" / f"{name}.txt").exists()


@pytest.mark.parametrize(
    "ended", [(Inbox, "put"), (mending, "remember_filed"), (Inbox, "refile")], ids=lambda each: each[1]
)
def test_a_process_that_ends_over_mending_a_document_loses_neither_text_nor_document(
    house: Parts, clock: Clock, monkeypatch: pytest.MonkeyPatch, ended: tuple[object, str]
) -> None:
    class KilledError(BaseException):
        pass

    def killed(*_: object) -> None:
        raise KilledError

    name, folder, by = f"{uuid.uuid4().hex}.docx", house.watched_folders[0], By("desk", ANA)
    row = stored(house, drops_word(house, name))
    title = f"A town {name[:8]}"
    mended = f"12 May 2025\n\n{title}\n\nText.\n".encode()
    with monkeypatch.context() as patched:
        patched.setattr(*ended, killed)
        with pytest.raises(KilledError):
            mending.mend(folder, row, row.sha256, mended, clock(), by)
    ingest(house, clock)
    now_held = stored(house, row.id)
    assert (now_held.name, now_held.receipt.held_until) == (f"{name}.txt", WAITS)
    assert (folder.inbox.root / "held" / name).read_bytes() == WORD.read_bytes()
    assert letting_go.release_now(house.store, row.id, clock(), by)
    ingest(house, clock)
    with house.store.read() as conn:
        assert [item.title for item in items.of_bulletin(conn, row.id)] == [title]


def test_a_document_that_is_dropped_again_takes_the_place_of_its_mended_text(house: Parts) -> None:
    name, folder = f"{uuid.uuid4().hex}.docx", house.watched_folders[0]
    row = stored(house, drops_word(house, name))
    mended = b"12 May 2025\n\nOne town\n\nText.\n"
    assert mending.mend(folder, row, row.sha256, mended, parts_now(), By("desk", ANA))
    drops_word(house, name)
    assert stored(house, row.id).receipt.undone_at is not None


def test_a_text_from_which_nothing_is_read_changes_nothing(ana: Reader, house: Parts) -> None:
    number = drops(ana, text())
    before = stored(house, number)
    ana.press("Save the text: it stays held", text="no date at all")
    assert ana.status == 422
    assert "No line of the file is a date" in ana.html
    assert "no date at all" in ana.html  # what was typed is not lost
    assert stored(house, number) == before


def test_who_mends_an_older_text_than_is_held_is_told(ana: Reader, house: Parts) -> None:
    number = drops(ana, text())
    page = ana.html
    ana.press("Save the text: it stays held", text=text(day="28 November 2026"))
    sha = stored(house, number).sha256
    ana.html = page
    ana.press("Save the text: it stays held", text=text(title="Another"))
    assert "somebody else has changed it" in ana.html
    assert stored(house, number).sha256 == sha


def test_labels_chosen_while_it_is_held_are_those_of_the_item(
    ana: Reader, house: Parts, clock: Clock
) -> None:
    number = drops(ana, text(day="28 November 2026"))
    ana.open(f"/desk/bulletins/{number}/labels/1")
    ana.press("Save the labels", country=["mx"], topic=[], region=[])
    assert "The labels were changed." in ana.html
    assert "chosen by the office" in ana.html
    assert [
        label.code for label in stored(house, number).receipt.lines[0].labels if label.kind is Kind.COUNTRY
    ] == ["mx"]
    release(ana)
    ingest(house, clock)
    with house.store.read() as conn:
        item = next(each for each in items.of_bulletin(conn, number) if "Paso Canoas" in each.title)
    assert item.codes(Kind.COUNTRY) == ("mx",)
    assert Kind.COUNTRY in item.stated


@pytest.mark.parametrize("choice", ["soon", "at"])
def test_it_goes_out_at_the_chosen_time_and_not_before(
    ana: Reader, house: Parts, clock: Clock, choice: str
) -> None:
    clock.stop()
    number = drops(ana, text(day="28 November 2026"))
    wall = clock() - timedelta(hours=5) + timedelta(minutes=30)  # Panama
    release(ana, when=choice, day=wall.date().isoformat(), hour=f"{wall:%H:%M}")
    assert "The time is set." in ana.html
    until = stored(house, number).receipt.held_until
    assert until is not None
    ahead = until - clock()
    expected = timedelta(minutes=10) if choice == "soon" else timedelta(minutes=29)
    assert expected - timedelta(minutes=1) < ahead <= expected + timedelta(minutes=1)
    clock.on(seconds=ahead.total_seconds() - 1)
    ingest(house, clock)
    assert stored(house, number).receipt.held_until is not None
    clock.on(seconds=2)
    ingest(house, clock)
    assert stored(house, number).receipt.held_until is None


def test_a_time_set_at_the_desk_is_an_embargo_that_only_another_time_moves(
    ana: Reader, house: Parts, clock: Clock
) -> None:
    clock.stop()
    number = drops(ana, text(day="28 November 2026"))
    release(ana, when="at", day="2030-01-02", hour="06:00")
    assert stored(house, number).embargo_at == datetime(2030, 1, 2, 11, tzinfo=UTC)
    for sooner in ("now", "soon"):
        release(ana, when=sooner)
        assert "its embargo holds" in ana.html
        clock.on(minutes=11)
        ingest(house, clock)
        assert stored(house, number).receipt.held_until == datetime(2030, 1, 2, 11, tzinfo=UTC)
    wall = clock() - timedelta(hours=5) + timedelta(minutes=30)  # Panama
    release(ana, when="at", day=wall.date().isoformat(), hour=f"{wall:%H:%M}")
    clock.on(minutes=31)
    ingest(house, clock)
    assert stored(house, number).receipt.held_until is None
    with house.store.read() as conn:
        out = items.of_bulletin(conn, number)
    assert {item.not_before for item in out} == {wall.replace(second=0, microsecond=0) + timedelta(hours=5)}


@pytest.mark.parametrize(
    ("day", "hour"), [("2020-01-01", "10:00"), ("tomorrow", "10:00"), ("2030-01-01", "")]
)
def test_a_time_that_is_none_or_over_changes_nothing(ana: Reader, house: Parts, day: str, hour: str) -> None:
    number = drops(ana, text())
    release(ana, when="at", day=day, hour=hour)
    assert ana.status == 422
    assert "still to come" in ana.html
    assert stored(house, number).receipt.held_until == WAITS


def test_what_is_taken_back_never_goes_out(ana: Reader, house: Parts, clock: Clock) -> None:
    number = drops(ana, text())
    ana.press("Take back: nobody gets it")
    assert "It is taken back. Nobody got it." in ana.html
    assert stored(house, number).receipt.undone_at is not None
    clock.on(hours=3)
    ingest(house, clock)
    with house.store.read() as conn:
        assert items.of_bulletin(conn, number) == []
    assert "Taken back" in ana.open("/desk/")


def test_previews_show_page_entry_and_mail_and_change_nothing(ana: Reader, house: Parts) -> None:
    title = f"Preview {uuid.uuid4().hex[:6]} in Panama"
    number = drops(ana, text(day="28 November 2026", title=title))
    here = f"/desk/bulletins/{number}/preview"
    assert title in ana.open(f"{here}/1/page")
    assert "&lt;entry" in ana.open(f"{here}/1/entry")
    assert title in ana.open(f"{here}/mail?filter=country:pa")
    assert title in ana.open(f"{here}/mail?filter=Panamá,+Mexico")
    assert "For somebody who follows Mexico or Panama." in ana.html
    spanish = ana.open(f"{here}/mail?filter=country:pa&lang=es")
    assert f'lang="es">{title}' in spanish.replace("\n", "")
    assert "Recibe este correo porque sigue" in spanish
    assert "Recibe este correo" in ana.open(f"{here}/mail.html?filter=country:pa&lang=es")
    assert "Nothing of this bulletin fits" in ana.open(f"{here}/mail?filter=country:jp")
    assert title in ana.open(f"{here}/mail.html?filter=country:pa")
    for wrong in ("nonsense:x", "Nowhereland"):
        ana.open(f"{here}/mail?filter={wrong}")
        assert ana.status == 422
        assert wrong.partition(":")[0] in ana.html
    assert stored(house, number).receipt.held_until == WAITS
    with house.store.read() as conn:
        assert items.of_bulletin(conn, number) == []


def test_a_test_mail_goes_to_whoever_asks_and_to_nobody_else(ana: Reader) -> None:
    title = f"Test mail {uuid.uuid4().hex[:6]} in Panama"
    number = drops(ana, text(day="28 November 2026", title=title))
    ana.mails()
    ana.open(f"/desk/bulletins/{number}/preview/mail?filter=country:pa")
    ana.press(button_of(ana.html, "Mail it to me"))
    assert "on its way to you" in ana.html
    (mail,) = ana.mails()
    assert title in mail.text


def out(ana: Reader, house: Parts, clock: Clock) -> tuple[int, str]:
    """A bulletin that is out, and the id of its first item."""
    number = drops(ana, text(day="28 November 2026"))
    release(ana)
    ingest(house, clock)
    with house.store.read() as conn:
        item = next(each for each in items.of_bulletin(conn, number) if "Paso Canoas" in each.title)
    return number, item.id


def test_an_item_is_corrected_relabelled_withdrawn_and_restored(
    ana: Reader, house: Parts, clock: Clock
) -> None:
    number, item_id = out(ana, house, clock)
    ana.open(f"/desk/bulletins/{number}/")
    assert "Correct, relabel or withdraw" in ana.html
    page = ana.open(f"/desk/items/{item_id}/")
    assert "0 readers got it by email" in page
    ana.press(button_of(page, "Correct it"), title="Another title", reason="A slip", day="2026-11-26")
    assert "Corrected." in ana.html
    item = _item(house, item_id)
    assert (item.title, item.date_on.isoformat()) == ("Another title", "2026-11-26")
    ana.open(f"/desk/items/{item_id}/labels")
    ana.press("Save the labels", country=["hn"], topic=[], region=[])
    assert _item(house, item_id).codes(Kind.COUNTRY) == ("hn",)
    ana.press(button_of(ana.html, "Withdraw it"))
    assert ana.status == 422
    assert "Please say why" in ana.html
    ana.press(button_of(ana.html, "Withdraw it"), reason="It was wrong")
    assert _item(house, item_id).withdrawn_reason == "It was wrong"
    ana.press(button_of(ana.html, "Restore it; 0 readers are told"), reason="It was right")
    assert _item(house, item_id).withdrawn_at is None
    with house.store.read() as conn:
        lines = audit.listing(conn, limit=10, item_id=item_id)
    assert [line.act for line in lines] == [Act.RESTORED, Act.WITHDRAWN, Act.RELABELLED, Act.CORRECTED]
    assert {(line.who, line.way) for line in lines} == {(ANA, "desk")}
    history = ana.open("/desk/history/")
    assert "Restored, ana@press.example, at the desk" in history


def _item(house: Parts, item_id: str):  # type: ignore[no-untyped-def]
    with house.store.read() as conn:
        item = items.get(conn, item_id)
    assert item is not None
    return item


def test_a_correction_that_is_none_or_wrong_changes_nothing(ana: Reader, house: Parts, clock: Clock) -> None:
    _, item_id = out(ana, house, clock)
    before = _item(house, item_id)
    page = ana.open(f"/desk/items/{item_id}/")
    ana.press(button_of(page, "Correct it"))
    assert (ana.status, "Nothing would change" in ana.html) == (422, True)
    ana.press(button_of(ana.html, "Correct it"), title=" ", day="soon", link="javascript:alert(1)")
    assert ana.status == 422
    for told in ("must not be empty", "a day such as", "an address such as"):
        assert told in ana.html
    assert _item(house, item_id) == before


def test_a_whole_bulletin_is_withdrawn_and_restored(ana: Reader, house: Parts, clock: Clock) -> None:
    number, _ = out(ana, house, clock)
    ana.open(f"/desk/bulletins/{number}/")
    ana.press(button_of(ana.html, "Withdraw 2 items; 0 readers are told"))
    assert ana.status == 422
    ana.press(button_of(ana.html, "Withdraw 2 items"), reason="All wrong")
    with house.store.read() as conn:
        assert all(item.withdrawn_at for item in items.of_bulletin(conn, number))
    ana.press(button_of(ana.html, "Restore 2 withdrawn items; 0 readers are told"))
    with house.store.read() as conn:
        assert not any(item.withdrawn_at for item in items.of_bulletin(conn, number))


def test_a_file_is_looked_at_before_it_is_read(ana: Reader) -> None:
    ana.open("/desk/new")
    stamp = re.search(r'name="form" value="([^"]+)"', ana.html)[1]  # type: ignore[index]
    cases = [
        ("news.exe", b"MZ\x90\x00", "Files of this kind"),
        ("news.txt", b"", "The file is empty"),
        ("news.txt", b"\x89PNG\r\n\x1a\n" + b"x" * 20, "not plain text"),
        ("news.docx", b"27 November 2026\n\nTitle\n\nText\n", "not plain text"),
        ("news.txt", b"a" * 1_048_577, "larger than"),
        ("../news.txt", b"x", "Files of this kind"),
        (".news.txt", b"x", "Files of this kind"),
    ]
    for name, data, told in cases:
        answer = ana.client.post(
            "/desk/new", data={"form": stamp}, files={"file": (name, data)}, headers=OURS
        )
        assert (answer.status_code, told in answer.text) == (422, True), (name, answer.text[:2000])
    answer = ana.client.post(
        "/desk/new", data={"form": stamp, "text": " "}, files={"file": ("", b"")}, headers=OURS
    )
    assert "Choose a file" in answer.text
    answer = ana.client.post(
        "/desk/new", data={"form": stamp}, files={"file": ("b.txt", b"x" * 4_000_000)}, headers=OURS
    )
    assert answer.status_code == 413


def test_an_office_drops_into_its_own_folder_and_sees_no_other(
    ana: Reader, jose: Reader, house: Parts, clock: Clock
) -> None:
    theirs, ours = drops(ana, text()), drops(jose, text())
    assert stored(house, ours).name.startswith("es/")
    listed = jose.open("/desk/")
    assert f"/desk/bulletins/{ours}/" in listed
    assert f"/desk/bulletins/{theirs}/" not in listed
    assert f"/desk/bulletins/{ours}/" in ana.open("/desk/")
    assert "es/" not in re.sub(r'href="[^"]*"', "", jose.open("/desk/history/")).replace("es/desk", "")


def _paths(number: int, item_id: str, house: Parts) -> list[tuple[str, str]]:
    """(method, path) of every route of the desk that is behind the door."""
    web = house.web_parts()
    assert web.desk is not None
    found = []
    for route in desk_routes(web.desk):
        path = (
            route.path.replace("{number:int}", str(number))
            .replace("{item:int}", "1")
            .replace("{item}", item_id)
        )
        if path.startswith("/sign-in") or path in ("/desk/", "/es/desk/", "/desk/desk.css"):
            continue
        found += [(method, path) for method in sorted(route.methods or ()) if method != "HEAD"]
    return found


def test_every_route_is_closed_without_a_session_and_for_another_office(
    ana: Reader, jose: Reader, house: Parts, clock: Clock
) -> None:
    number, item_id = out(ana, house, clock)
    held = drops(ana, text())
    paths = [*_paths(number, item_id, house), *_paths(held, item_id, house)]
    assert len(paths) > 30
    before = stored(house, held), _item(house, item_id)
    stamp = re.search(r'name="form" value="([^"]+)"', jose.open("/desk/"))[1]  # type: ignore[index]
    fields = [("form", stamp), ("do", "take-back"), ("when", "now"), ("reason", "x"), ("text", text())]
    for method, path in paths:
        named = str(number) in path.split("/") or str(held) in path.split("/") or item_id in path
        if named:
            answer = jose.client.get(path) if method == "GET" else jose.post(path, fields)
            assert answer.status_code == 404, (method, path)
    cookies = dict(ana.client.cookies)
    ana.client.cookies.clear()
    for method, path in paths:
        answer = ana.client.get(path) if method == "GET" else ana.post(path, fields)
        assert answer.status_code == 403, (method, path)
        assert "Mail me the link" in answer.text
    ana.client.cookies.update(cookies)
    for method, path in paths:
        if method == "POST":
            wrong = ana.post(path, [*fields[1:], ("form", "made-up")])
            assert wrong.status_code == 403, path
            assert ana.post(path, fields, {"sec-fetch-site": "cross-site"}).status_code == 403, path
    assert (stored(house, held), _item(house, item_id)) == before
