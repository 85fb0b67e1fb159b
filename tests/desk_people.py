"""People at the press desk, for tests: two of them, one of an office, with the site that knows them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from feeds.app.parts import Parts
from feeds.config.sections import DeskPersonSection, DeskSection, OfficeSection
from reader import Clock, Reader, reader

ANA, JOSE = "ana@press.example", "jose@press.example"
DESK = DeskSection(
    people=[
        DeskPersonSection(address=ANA, zone="America/Panama"),
        DeskPersonSection(address=JOSE, language="es", office="es"),
    ]
)


def with_desk(parts: Parts, desk: DeskSection = DESK) -> Parts:
    """The same site with these people at its desk, and an office."""
    inbox = parts.settings.inbox.model_copy(update={"folders": {"es": OfficeSection(language="es")}})
    made = Parts(parts.settings.model_copy(update={"desk": desk, "inbox": inbox}))
    made.__dict__.update({"store": parts.store, "_labels": parts.__dict__["_labels"]})
    return made


def officer(house: Parts, clock: Clock, address: str = ANA) -> Iterator[Reader]:
    """Somebody who has signed in."""
    for who in reader(house, clock, address):
        who.mails()
        spanish = address == JOSE
        who.open("/es/desk/" if spanish else "/desk/")
        who.press("Enviarme el enlace" if spanish else "Mail me the link", address=address)
        who.open(who.link("sign-in/desk"))
        who.press("Abrir la redacción" if spanish else "Open the press desk")
        yield who


def number_in(html: str) -> int:
    """The number of the bulletin that a page is about."""
    found = re.search(r"/desk/bulletins/(\d+)/", html)
    assert found
    return int(found[1])
