"""What one digest holds, in which order and under which headings.

Owns audience + items -> Digest | None. Knows nothing of words and layout
(letters), of who the members are (store) or of when it is due (schedule).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain

from feeds.filters import fold, match
from feeds.model import (
    Audience,
    Correction,
    Digest,
    DigestEntry,
    DigestGroup,
    Item,
    Kind,
    Period,
    Reason,
    Vocabulary,
)

_Heading = tuple[Kind | None, str]
_FIELDS = {Kind.COUNTRY: "countries", Kind.REGION: "regions", Kind.TOPIC: "topics"}
_KINDS = tuple(_FIELDS)
_Asked = Mapping[Kind, tuple[str, ...]]


def build(
    audience: Audience,
    period: Period,
    since_at: datetime,
    until_at: datetime,
    items: Sequence[Item],
    vocabulary: Vocabulary,
) -> Digest | None:
    """Each item that any of the audience's filters wants, once, with all its reasons; None if there is none.

    `items` are those announced after `since_at` and up to `until_at`; choosing
    them is the caller's part. Groups stand in the reader's order: countries
    as the filters name them, other countries by name, regions likewise, or
    topics; at last what has none. Inside a group the newest come first.
    """
    groups: dict[_Heading, list[DigestEntry]] = {}
    asked = {kind: _asked(audience, kind) for kind in _KINDS}
    for item in {item.id: item for item in items}.values():
        reason = _reason(audience, item, vocabulary)
        if reason is not None:
            entry = DigestEntry(item=item, reason=reason)
            groups.setdefault(_heading(asked, entry), []).append(entry)
    if not groups:
        return None
    return Digest(
        audience=audience,
        period=period,
        since_at=since_at,
        until_at=until_at,
        groups=tuple(
            DigestGroup(kind=kind, code=code, entries=_newest_first(groups[kind, code]))
            for kind, code in _in_reading_order(audience.lang, asked, groups, vocabulary)
        ),
    )


def for_member(
    digest: Digest | None, empty: Digest, had: Collection[str], corrections: Sequence[Correction]
) -> Digest | None:
    """What one member gets: the digest less what they `had` (P4), and these corrections of it.

    `digest` None means that no news matched; `empty` then carries audience and
    period. None if there is nothing to say.
    """
    left = without(digest, had) if digest else None
    if left is None and not corrections:
        return None
    return replace(left or empty, corrections=tuple(corrections))


def owed(
    corrections: Sequence[Correction], had: Mapping[str, datetime], told: Mapping[str, int]
) -> tuple[Correction, ...]:
    """The corrections that a member has to be told.

    `had` says what they were sent, and up to which instant that digest knew of
    changes; `told` the last change of each item that they were told.
    """
    return tuple(
        each
        for each in corrections
        if each.item.id in had
        and had[each.item.id] < each.item.updated_at
        and told.get(each.item.id, 0) < each.n
        # Of a withdrawal that was a mistake hear only those who were told of it.
        and told.get(each.item.id, 0) >= each.undoes
    )


def without(digest: Digest, item_ids: Collection[str]) -> Digest | None:
    """The digest less the items a member already got (P4); None if nothing is left."""
    gone = frozenset(item_ids)
    kept = (
        replace(group, entries=tuple(entry for entry in group.entries if entry.item.id not in gone))
        for group in digest.groups
    )
    groups = tuple(group for group in kept if group.entries)
    return replace(digest, groups=groups) if groups else None


def variant(digest: Digest) -> str:
    """16 hexadecimal characters that tell apart digests of one audience and period by their items."""
    told = [f"{each.item.id} {each.n}" for each in digest.corrections]
    ids = "\n".join([*(entry.item.id for entry in digest.entries()), *told])
    return hashlib.sha256(ids.encode()).hexdigest()[:16]


def _reason(audience: Audience, item: Item, vocabulary: Vocabulary) -> Reason | None:
    """The union of what all the filters matched, in their order."""
    matched = (match(filter, item, vocabulary) for filter in audience.filters)
    reasons = [reason for reason in matched if reason is not None]
    if not reasons:
        return None
    return Reason(
        countries=_union(reason.countries for reason in reasons),
        regions=_union(reason.regions for reason in reasons),
        topics=_union(reason.topics for reason in reasons),
        words=_union(reason.words for reason in reasons),
    )


def _heading(asked: _Asked, entry: DigestEntry) -> _Heading:
    """Where an item stands: first under what was asked for, else under what it is about.

    Who follows topics, several and no place, is told by topic; with a single one places tell more.
    """
    about = entry.item.codes(Kind.COUNTRY)
    followed = [code for code in asked[Kind.COUNTRY] if code in about]
    candidates: tuple[tuple[Kind, Sequence[str]], ...] = (
        (Kind.COUNTRY, entry.reason.countries),
        (Kind.REGION, entry.reason.regions),
        (Kind.TOPIC, entry.reason.topics if _by_topic(asked) else ()),
        (Kind.COUNTRY, followed or about),
        (Kind.REGION, entry.item.codes(Kind.REGION)),
    )
    return next(((kind, codes[0]) for kind, codes in candidates if codes), (None, ""))


def _by_topic(asked: _Asked) -> bool:
    return len(asked[Kind.TOPIC]) > 1 and not (asked[Kind.COUNTRY] or asked[Kind.REGION])


def _in_reading_order(
    lang: str, asked: _Asked, headings: Iterable[_Heading], vocabulary: Vocabulary
) -> list[_Heading]:
    kinds = (*_KINDS, None)

    def place(heading: _Heading) -> tuple[int, int, str, str]:
        kind, code = heading
        if kind is None:
            return kinds.index(kind), 0, "", ""
        followed = asked[kind]
        at = followed.index(code) if code in followed else len(followed)
        name = "" if code in followed else fold(vocabulary.name(kind, code, lang))
        return kinds.index(kind), at, name, code

    return sorted(headings, key=place)


def _asked(audience: Audience, kind: Kind) -> tuple[str, ...]:
    """The countries, regions or topics of all the filters, in their order."""
    return _union(getattr(filter, _FIELDS[kind]) for filter in audience.filters)


def _newest_first(entries: Iterable[DigestEntry]) -> tuple[DigestEntry, ...]:
    return tuple(sorted(entries, key=lambda e: (e.item.date_on, e.item.updated_at), reverse=True))


def _union(parts: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(parts)))
