"""Why somebody did, or did not, get an item: one sentence, then the facts (pure; `why_facts` asks for them).

The operator's question. The first reason that holds is told, in the order in which an item meets the
hindrances on its way: the person, the item, the wishes, the time, the letter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from feeds import filters, schedule
from feeds.filters.missing import only_mentioned, unmet
from feeds.i18n import Translator, translator
from feeds.model import Cadence, DeliveryState, Filter, Item, Kind, SubscriberState, Version, Vocabulary
from feeds.store.answers import LetterWithItem
from feeds.store.requests import RequestRow
from feeds.store.subscribers import SubscriberRow, SubscriptionRow
from feeds.wording import describe


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a person and an item. `covered_at`: by canonical filter, up to when digests with it
    have brought this person. `versions`: the item in other languages.
    """

    address: str
    now: datetime
    person: SubscriberRow | None
    waiting: RequestRow | None = None
    item: Item | None = None
    subscriptions: Sequence[SubscriptionRow] = ()
    letters: Sequence[LetterWithItem] = ()
    covered_at: dict[str, datetime] | None = None
    versions: Sequence[Version] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A sentence; `code` names the reason for machines."""

    code: str
    sentence: str
    facts: Sequence[str] = ()


def why(facts: Facts, vocabulary: Vocabulary) -> Answer:
    """Why this person got this item, or did not, or is to get it; without an item, whether they get mail."""
    words = translator("en")
    person = facts.person
    if person is None:
        return _nobody(facts)
    told = list(_told_of(facts, vocabulary, words))
    if facts.item is not None and facts.letters:
        return _of_letters(facts.letters, person, told)
    if person.state not in (SubscriberState.ACTIVE, SubscriberState.PAUSED):
        return Answer(code=person.state.value, sentence=_away(person), facts=told)
    if facts.item is None:
        return _of_person(facts, person, told)
    return _of_item(facts, facts.item, vocabulary, words, told)


def _nobody(facts: Facts) -> Answer:
    if facts.waiting is None:
        return Answer(code="unknown", sentence=f"Nobody subscribes as {facts.address}.")
    asked, ends = _at(facts.waiting.asked_at), _at(facts.waiting.ends_at)
    return Answer(
        code="unconfirmed",
        sentence=f"{facts.address} asked on {asked}, but has not confirmed; the link ends on {ends}.",
    )


def _away(person: SubscriberRow) -> str:
    since = f" since {_at(person.ended_at)}" if person.ended_at else ""
    reason = f": {person.ended_reason}" if person.ended_reason else ""
    said = {
        SubscriberState.LEFT: "has left",
        SubscriberState.BOUNCED: "gets no mail, because their mailbox refused it",
        SubscriberState.COMPLAINED: "gets no mail, because they reported it as spam",
        SubscriberState.BLOCKED: "is blocked by the operator",
        SubscriberState.PENDING: "has not confirmed yet",
        SubscriberState.ERASED: "was erased at their wish",
    }
    return f"{person.address} {said.get(person.state, person.state.value)}{since}{reason}."


def _of_letters(letters: Sequence[LetterWithItem], person: SubscriberRow, told: list[str]) -> Answer:
    """The letter that counts: one that was sent, else the newest."""
    news = [each for each in letters if each.change == 0] or list(letters)
    sent = [each for each in news if each.state is DeliveryState.SENT]
    letter = (sent or news)[-1]
    facts = [*(_line(each) for each in letters), *told]
    return Answer(code=letter.state.value, sentence=_became(letter, person), facts=facts)


def _became(letter: LetterWithItem, person: SubscriberRow) -> str:
    to = f"to {person.address}"
    when = _at(letter.finished_at or letter.queued_at)
    match letter.state:
        case DeliveryState.SENT:
            return f"It was sent {to} on {when}; the server answered: {letter.reason or 'nothing'}."
        case DeliveryState.QUEUED if letter.tries:
            again = _at(letter.next_at)
            return f"It waits {to}: tried {letter.tries} times ({letter.reason}), again on {again}."
        case DeliveryState.QUEUED:
            return f"It waits {to} since {_at(letter.queued_at)}, due {_at(letter.next_at)}."
        case DeliveryState.SENDING:
            return f"It is being sent {to} right now."
        case DeliveryState.REFUSED:
            return f"It was refused {to} on {when}: {letter.reason}."
        case DeliveryState.SUPPRESSED:
            return f"It was not sent {to}, taken out on {when}: {letter.reason}."
        case DeliveryState.UNCERTAIN:
            return f"It may have been sent {to} on {when}: the answer was lost twice ({letter.reason})."


def _line(letter: LetterWithItem) -> str:
    kind = f"change {letter.change} of the item" if letter.change else "news"
    return (
        f"letter {letter.id} ({letter.period}, {kind}): {letter.state.value}, {letter.tries} tries, "
        f"Message-ID {letter.message_id}; “{letter.subject}”"
    )


def _of_person(facts: Facts, person: SubscriberRow, told: list[str]) -> Answer:
    held = [each for each in facts.subscriptions if each.ended_at is None]
    going = [each for each in held if not _is_paused(each, facts.now)]
    if not held:
        return Answer(code="no-filters", sentence=f"{person.address} asks for nothing any more.", facts=told)
    if not going:
        until = max(each.paused_until for each in held if each.paused_until)
        return Answer(code="paused", sentence=f"{person.address} pauses until {_at(until)}.", facts=told)
    nexts = [_next(each.cadence, person, facts.now) for each in going]
    return Answer(code="active", sentence=f"{person.address} gets mail: {_any(nexts)}.", facts=told)


def _of_item(facts: Facts, item: Item, vocabulary: Vocabulary, words: Translator, told: list[str]) -> Answer:
    if item.withdrawn_at is not None:
        reason = f" ({item.withdrawn_reason})" if item.withdrawn_reason else ""
        sentence = f"The item was withdrawn on {_at(item.withdrawn_at)}{reason}, before it was sent."
        return Answer(code="withdrawn", sentence=sentence, facts=told)
    matching = [each for each in facts.subscriptions if _wants(each, item, vocabulary)]
    if not matching:
        sentence = _nearest_miss(facts.subscriptions, item, vocabulary, words)
        return Answer(code="filtered", sentence=sentence, facts=told)
    if not item.mailable:
        sentence = (
            "It came in as old news (older than digest.max_age, or without --notify): published, not mailed."
        )
        return Answer(code="too-old", sentence=sentence, facts=told)
    return _of_time(facts, item, matching, told)


def _of_time(facts: Facts, item: Item, matching: Sequence[SubscriptionRow], told: list[str]) -> Answer:
    person, now = facts.person, facts.now
    assert person is not None
    held = [each for each in matching if each.ended_at is None]
    if not held:
        ended = max(each.ended_at for each in matching if each.ended_at)
        sentence = f"The filter that matches was given up on {_at(ended)}."
        return Answer(code="ended", sentence=sentence, facts=told)
    since = min(each.created_at for each in held)
    if since > item.accepted_at:
        sentence = (
            f"They asked for it on {_at(since)}, after the item was announced on {_at(item.accepted_at)}."
        )
        return Answer(code="asked-later", sentence=sentence, facts=told)
    going = [each for each in held if not _is_paused(each, now)]
    if not going:
        until = max(each.paused_until for each in held if each.paused_until)
        later = any(each.catch_up for each in held)
        brought = "then it comes in one mail with the rest" if later else "what comes meanwhile is left out"
        return Answer(code="paused", sentence=f"It is paused until {_at(until)}; {brought}.", facts=told)
    # Up to an instant includes it: whose digests have come to the item's own have passed it.
    covered = facts.covered_at or {}
    open_ = [
        each
        for each in going
        if each.filter_text not in covered or covered[each.filter_text] < item.accepted_at
    ]
    if open_:
        nexts = _any([_next(each.cadence, person, now) for each in open_])
        return Answer(code="waiting", sentence=f"It waits: {nexts}.", facts=told)
    if facts.versions and all(filters.parse(each.filter_text).prefer for each in going):
        others = ", ".join(f"{each.id} ({each.lang})" for each in facts.versions)
        sentence = f"They ask for each item in one language only, and it has other versions: {others}."
        return Answer(code="other-version", sentence=sentence, facts=told)
    sentence = (
        "No letter holds it, although a digest has passed over it: it was corrected, relabelled or asked for "
        "since; see the facts."
    )
    return Answer(code="passed-over", sentence=sentence, facts=told)


def _nearest_miss(
    every: Sequence[SubscriptionRow], item: Item, vocabulary: Vocabulary, words: Translator
) -> str:
    """For the filter that lacks the least: what it asks for, and what the item is."""
    held = [each for each in every if each.ended_at is None] or list(every)
    if not held:
        return "They ask for nothing."
    misses = [(filters.parse(each.filter_text), each) for each in held]
    wanted, _ = min(misses, key=lambda pair: len(unmet(pair[0], item, vocabulary)))
    asks = describe(wanted, vocabulary, words)
    return f"Their filter asks for {asks}; {_what_it_is(wanted, item, vocabulary, words)}."


def _what_it_is(wanted: Filter, item: Item, vocabulary: Vocabulary, words: Translator) -> str:
    lacking = unmet(wanted, item, vocabulary)
    about = _names(item, Kind.COUNTRY, vocabulary, words) or ["no country"]
    if "place" in lacking and only_mentioned(wanted, item, vocabulary):
        return f"the item is about {words.all_of(about)} and only mentions the place"
    if "place" in lacking:
        return f"the item is about {words.all_of(about)}"
    if "topic" in lacking:
        topics = _names(item, Kind.TOPIC, vocabulary, words) or ["no topic of the site"]
        return f"the item is about {words.all_of(topics)}"
    if lacking and lacking[0].startswith("not "):
        return "the item has what the filter excludes"
    if "language" in lacking:
        return f"the item is in {words.language(item.lang)}"
    return "the item has not the words"


def _names(item: Item, kind: Kind, vocabulary: Vocabulary, words: Translator) -> list[str]:
    return [vocabulary.name(kind, code, words.lang) for code in item.codes(kind)]


def _wants(row: SubscriptionRow, item: Item, vocabulary: Vocabulary) -> bool:
    return filters.match(filters.parse(row.filter_text), item, vocabulary) is not None


def _is_paused(row: SubscriptionRow, now: datetime) -> bool:
    return row.paused_until is not None and row.paused_until > now


def _next(cadence: Cadence, person: SubscriberRow, now: datetime) -> str:
    if cadence is Cadence.IMMEDIATE:
        return "with the next pass, as it is published"
    due = schedule.next_due(cadence, person.zone, person.hour, person.weekday, now)
    local = schedule.wall_clock(due, person.zone)
    return f"{cadence.value} on {local:%A %-d %B %Y at %H:%M} ({person.zone})"


def _any(nexts: Sequence[str]) -> str:
    return "; ".join(dict.fromkeys(nexts))


def _told_of(facts: Facts, vocabulary: Vocabulary, words: Translator) -> Iterator[str]:
    person = facts.person
    if person is None:
        return
    yield f"subscriber {person.id}: {person.state.value} since {_at(person.created_at)}"
    for each in facts.subscriptions:
        asked = describe(filters.parse(each.filter_text), vocabulary, words)
        until = f", paused until {_at(each.paused_until)}" if each.paused_until else ""
        ended = f", ended {_at(each.ended_at)} ({each.ended_reason})" if each.ended_at else ""
        yield f"{each.cadence.value}: {asked}, since {_at(each.created_at)}{until}{ended}"
    if facts.item is not None:
        yield (
            f"item {facts.item.id}, announced {_at(facts.item.accepted_at)}: “{facts.item.title}”; about "
            + words.all_of(_names(facts.item, Kind.COUNTRY, vocabulary, words) or ["no country"])
        )


def _at(at: datetime | None) -> str:
    return "?" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"
