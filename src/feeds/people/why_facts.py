"""What the database knows of a person and an item, for `why` to answer from."""

from __future__ import annotations

from datetime import datetime

from feeds.model import Item
from feeds.people.why import Facts
from feeds.store import Connection, answers, requests, sharing, subscribers, translations


def facts_of(conn: Connection, address: str, address_key: str, item: Item | None, now: datetime) -> Facts:
    """All that the answer needs."""
    person = subscribers.by_address(conn, address_key)
    if person is None:
        waiting = requests.waiting(conn, address_key, now)
        return Facts(address=address, now=now, person=None, waiting=waiting, item=item)
    covered: dict[str, datetime] = {}
    for standing in sharing.standings(conn, person.id):
        for text in standing.texts:
            covered[text] = max(covered.get(text, standing.until_at), standing.until_at)
    return Facts(
        address=person.address,
        now=now,
        person=person,
        item=item,
        subscriptions=subscribers.subscriptions_of(conn, person.id, ended=True),
        letters=answers.letters_with(conn, person.id, item.id) if item else (),
        covered_at=covered,
        versions=translations.versions(conn, [item.id]).get(item.id, ()) if item else (),
    )
