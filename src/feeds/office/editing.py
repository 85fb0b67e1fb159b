"""What the office may do to an item after it was announced, one transaction each.

Correct its words, choose its labels, withdraw it. The id stays for ever (P1),
the state before is kept, feeds and pages follow at the next publish pass, and
those who were sent the item are told once, in their next digest; new labels
are nobody's mail.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from urllib.parse import urlsplit

from feeds.errors import InputError, Problem
from feeds.labels import Labeller, chosen, label_item
from feeds.model import COMMAND_LINE, Act, By, ChangeKind, Choice, Item
from feeds.reading.clean import clean, shown
from feeds.store import Connection, Store, audit, ends, history, items, publishing
from feeds.syndication.keys import stale_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """New words for an item; None leaves what is there."""

    title: str | None = None
    summary: str | None = None
    date_on: date | None = None
    link: str | None = None


def correct(
    store: Store,
    labeller: Labeller,
    ref: str,
    words: Words,
    reason: str,
    now: datetime,
    by: By = COMMAND_LINE,
) -> Item:
    """Put new words in place of the old. Raises InputError for an unknown or withdrawn item, or no change."""

    def run(conn: Connection) -> Item:
        old = _item(conn, ref)
        item = replace(
            old,
            title=old.title if words.title is None else words.title,
            summary=old.summary if words.summary is None else words.summary,
            body=old.body if words.summary is None else "",  # typed text is plain
            date_on=words.date_on or old.date_on,
            link=old.link if words.link is None else (words.link or None),
        )
        fields = _changed_fields(old, item)
        if not fields:
            raise InputError([Problem(ref, "nothing would change: name a new title, summary, date or link")])
        if {"title", "summary"} & set(fields) and not history.is_labelled_by_hand(conn, old.id):
            item = replace(item, labels=label_item(labeller, item))
        return _write(conn, old, item, ChangeKind.CORRECTED, fields, reason, now, by)

    return store.transact(run)


def withdraw(store: Store, ref: str, reason: str, now: datetime, by: By = COMMAND_LINE) -> Item:
    """Take an item back: feeds show a tombstone (RFC 6721), its page says so."""
    return store.transact(lambda conn: withdraw_item(conn, _item(conn, ref), reason, now, by))


def withdraw_item(conn: Connection, old: Item, reason: str, now: datetime, by: By) -> Item:
    """The same for an item that stands, in the caller's transaction."""
    item = replace(old, withdrawn_at=now, withdrawn_reason=reason)
    return _write(conn, old, item, ChangeKind.WITHDRAWN, (), reason, now, by)


def restore(store: Store, ref: str, reason: str, now: datetime, by: By = COMMAND_LINE) -> Item:
    """A withdrawal was a mistake: the item stands again under its id, with its words and labels.

    Those who were told of the withdrawal are told once. Raises InputError unless it is withdrawn.
    """
    return store.transact(lambda conn: _restore(conn, _withdrawn(conn, ref), reason, now, by))


def _restore(conn: Connection, old: Item, reason: str, now: datetime, by: By) -> Item:
    item = replace(old, withdrawn_at=None, withdrawn_reason="")
    end = ends.expiry(conn, old.id)
    if end is not None and end <= now:  # else it would be withdrawn again at once
        ends.expire_at(conn, {old.id: None})
    return _write(conn, old, item, ChangeKind.RESTORED, (), reason, now, by)


def withdraw_all(
    store: Store,
    bulletin_id: int,
    reason: str,
    now: datetime,
    by: By = COMMAND_LINE,
    *,
    only: Collection[str] | None = None,
) -> list[Item]:
    """Take back all items that came in with a bulletin and still stand, or those of them with the ids in
    `only`.
    """

    def run(conn: Connection) -> list[Item]:
        found = [each for each in items.of_bulletin(conn, bulletin_id) if each.withdrawn_at is None]
        meant = found if only is None else [each for each in found if each.id in only]
        return [withdraw_item(conn, each, reason, now, by) for each in meant]

    return store.transact(run)


def restore_all(
    store: Store, bulletin_id: int, reason: str, now: datetime, by: By = COMMAND_LINE
) -> list[Item]:
    """Let all withdrawn items that came in with a bulletin stand again."""

    def run(conn: Connection) -> list[Item]:
        found = [each for each in items.of_bulletin(conn, bulletin_id) if each.withdrawn_at is not None]
        return [_restore(conn, each, reason, now, by) for each in found]

    return store.transact(run)


def relabel(
    store: Store, ref: str, choices: Sequence[Choice], reason: str, now: datetime, by: By = COMMAND_LINE
) -> Item:
    """Give and take labels by hand. From then on no table and no correction changes them."""

    def run(conn: Connection) -> Item:
        old = _item(conn, ref)
        item = replace(old, labels=chosen(old.labels, choices))
        if item.labels == old.labels:
            raise InputError([Problem(ref, "has just these labels already")])
        return _write(conn, old, item, ChangeKind.RELABELLED, ("labels",), reason, now, by)

    return store.transact(run)


def shown_words(text: str, where: str, *, empty: bool = False) -> str:
    """Typed words as they are shown, cleaned like a bulletin's. Raises InputError when nothing is left."""
    parts = (shown(part) for part in re.split(r"\n\s*\n", clean(text)))
    words = "\n\n".join(part for part in parts if part)
    if not words and not empty:
        raise InputError([Problem(where, "must not be empty")])
    return words


def web_address(text: str, where: str) -> str:
    """An http(s) address, or nothing. Raises InputError for anything else."""
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if text and (parts.scheme not in ("http", "https") or not parts.netloc):
        raise InputError(
            [Problem(where, f"must be an address such as https://example.org/story, not “{text}”")]
        )
    return text


def _item(conn: Connection, ref: str) -> Item:
    item = items.find(conn, ref)
    if item is None:
        raise InputError([Problem(ref, "there is no item whose id begins so; see `feeds items list`")])
    if item.withdrawn_at is not None:
        raise InputError([Problem(ref, "was withdrawn; `feeds items restore` lets it stand again")])
    return item


def _withdrawn(conn: Connection, ref: str) -> Item:
    item = items.find(conn, ref)
    if item is None:
        raise InputError([Problem(ref, "there is no item whose id begins so; see `feeds items list`")])
    if item.withdrawn_at is None:
        raise InputError([Problem(ref, "is not withdrawn: there is nothing to restore")])
    return item


def _changed_fields(old: Item, item: Item) -> tuple[str, ...]:
    pairs = {"title": (old.title, item.title), "summary": (old.summary, item.summary)}
    pairs["date"] = (old.date_on.isoformat(), item.date_on.isoformat())
    pairs["link"] = (old.link or "", item.link or "")
    return tuple(name for name, (before, after) in pairs.items() if before != after)


def _write(
    conn: Connection,
    old: Item,
    item: Item,
    kind: ChangeKind,
    fields: tuple[str, ...],
    reason: str,
    now: datetime,
    by: By,
) -> Item:
    (at,) = items.announce_instants(conn, 1, now)
    history.revise(conn, item, at, kind=kind, fields=fields, reason=reason)
    publishing.mark_stale(conn, stale_keys(old) | stale_keys(item), now)
    audit.write(conn, [audit.NewLine(act=Act(kind.value), item_id=item.id, reason=reason)], by, now)
    return item
