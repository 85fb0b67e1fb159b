"""One file's drafts, decided in their order; what stands earlier in the same file counts as known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime

from feeds import changes
from feeds.intake.examining import Examined, IngestRules, Read
from feeds.intake.stored_items import StoredItems
from feeds.intake.writes import Revised, Writes
from feeds.labels import codes, decided_labels, labels_after, restated_kinds, stated_kinds
from feeds.model import Draft, Fault, Item, Kind, Outcome, ReceiptLine
from feeds.richtext import is_private_link
from feeds.store import items, wordings
from feeds.syndication.keys import stale_keys

# Reasons in receipts, beside the fields that changed; the words for people are in letters.receipt.
EARLIER = "earlier wording"
EARLIER_LINK = "earlier link"
EARLIER_LABELS = "earlier labels"
CUT = "stops earlier"
CHOSEN = "chosen labels"
WITHDRAWN = "withdrawn"
NOT_MAILED = "not mailed"
MAILED_NOW = "mailed now"

_OUTDATED = frozenset({EARLIER, EARLIER_LINK, EARLIER_LABELS})


class FileDecider:
    """Decides about the drafts of one file; `writes`, `lines` and `faults` are what comes of it."""

    def __init__(
        self,
        rules: IngestRules,
        candidates: changes.Candidates,
        stored: StoredItems,
        mailable_from: date,
        file: Examined,
    ) -> None:
        self.writes = Writes()
        self.lines: list[ReceiptLine] = []
        self.faults: list[Fault] = []
        self._rules = rules
        self._candidates = candidates
        self._stored = stored
        self._mailable_from = mailable_from
        self._source = file.name
        self._digest = file.sha256
        stated = Counter(changes.identity(seen.draft.date_on, seen.draft.title) for seen in file.drafts)
        self._stated = set(stated)
        self._repeated = {key for key, times in stated.items() if times > 1}
        self._newest = max((seen.draft.date_on for seen in file.drafts), default=date.max)
        # What its drafts surely are no other draft of it is; then it holds items that we know.
        self._claimed = candidates.claimed((file.name, seen.draft) for seen in file.drafts)
        self._recaptured = bool(self._claimed)

    def take(self, seen: Read, at: datetime) -> None:
        """Decide about one draft."""
        draft = seen.draft
        decision = self._candidates.decide(
            draft, self._stated, source=self._source, recaptured=self._recaptured, repeated=self._repeated,
            claimed=self._claimed, newest=self._newest, digest=self._digest,
        )  # fmt: skip
        self._claimed.add(decision.item_id)
        self._tell(draft, decision)
        if isinstance(decision, changes.New):
            outcome = Outcome.NEW
            reasons = [] if self._add(seen, decision.item_id, at).mailable else [NOT_MAILED]
        else:
            outcome, reasons = self._again(seen, decision, at)
            self._remember(seen, decision.item_id)
        item = self._stored.item(decision.item_id)
        self.lines.append(
            ReceiptLine(
                outcome=outcome, line=draft.line, title=draft.title, date_on=draft.date_on,
                item_id=item.id, labels=item.labels, reason=", ".join(reasons),
            )
        )  # fmt: skip

    def _tell(self, draft: Draft, decision: changes.Decision) -> None:
        """A line about what the draft might be besides, for a person to decide."""
        match decision:
            case changes.New(doubt=changes.Doubt() as doubt, other=other):
                fault = Fault(code=doubt, line=draft.line, detail=other)
            case changes.Changed(replaced=True, item_id=item_id):
                fault = Fault(code="text-replaced", line=draft.line, detail=item_id)
            case changes.Same(reread=True, earlier=False, cut=False, item_id=item_id) if self._differs(
                draft, item_id
            ):
                fault = Fault(code="reads-otherwise", line=draft.line, detail=item_id)
            case _:
                return
        self.faults.append(fault)

    def _differs(self, draft: Draft, item_id: str) -> bool:
        """Whether the words of a draft, and not only their form, are other ones than an item's."""
        item = self._stored.item(item_id)
        pairs = ((draft.title, item.title), (draft.summary, item.summary))
        other = any(changes.plainest(mine) != changes.plainest(theirs) for mine, theirs in pairs)
        return item.withdrawn_at is None and (other or draft.date_on != item.date_on)

    def _remember(self, seen: Read, item_id: str) -> None:
        """These words, and the id that the office gave them, are the item's from now on."""
        if self._candidates.hear(seen.draft, item_id):
            self.writes.said.append(wordings.said(item_id, seen.draft))
        key = changes.office_key(self._source, seen.draft)
        if key and self._candidates.name(item_id, key):
            self.writes.office_keys[item_id] = key
        self._relate(seen.draft, item_id)

    def _relate(self, draft: Draft, item_id: str) -> None:
        """To the items that say the same in other languages, whether they are here already or come later."""
        if key := changes.translation_key(self._source, draft):
            self.writes.translations[item_id] = key

    def _add(self, seen: Read, item_id: str, at: datetime) -> Item:
        draft = seen.draft
        item = Item(
            id=item_id, atom_id=f"{self._rules.tag}item/{item_id}", date_on=draft.date_on,
            title=draft.title, summary=draft.summary, body=draft.body, lang=seen.lang,
            accepted_at=at, updated_at=at, link=draft.link,
            mailable=draft.date_on >= self._mailable_from, labels=seen.labels,
            stated=stated_kinds(draft),
        )  # fmt: skip
        if item_id != changes.item_id(changes.identity(draft.date_on, draft.title)):
            item = replace(item, labels=decided_labels(self._rules.labeller, item))
        key = changes.office_key(self._source, draft)
        self.writes.new[item_id] = items.NewItem(
            item=item, line=draft.line, original=draft.original, office_key=key,
            said=wordings.said(item_id, item),
        )  # fmt: skip
        self._relate(draft, item_id)
        self._stands(item, key)
        return item

    def _stands(self, item: Item, office_key: str = "") -> None:
        """The item as it is now: on which pages, and for whatever comes next."""
        self.writes.stale |= stale_keys(item)
        self._stored.put(item)
        self._candidates.add(
            changes.Known(
                item.id, item.date_on, item.title, item.summary, source=self._source, link=item.link,
                office_key=office_key,
            )
        )  # fmt: skip

    def _again(
        self, seen: Read, decision: changes.Changed | changes.Same, at: datetime
    ) -> tuple[Outcome, list[str]]:
        """A known item: what the draft corrects, the labels that its file states, and what does not count."""
        old = self._stored.item(decision.item_id)
        fields = decision.fields if isinstance(decision, changes.Changed) else ()
        if old.withdrawn_at is not None:  # what was taken back stays so
            return Outcome.SAME, [WITHDRAWN]
        if isinstance(decision, changes.Same) and decision.reread:
            old = self._read_better(old, seen.draft)
        whole = isinstance(decision, changes.Same) and decision.whole
        restated, left = ([], []) if whole else self._restated(seen, old)
        left += [_outdated(seen.draft, old, fields)] if decision.earlier else []
        left += [CUT] if decision.cut else []
        if restated:
            fields = (*fields, "labels")
        item = self._corrected(old, seen, fields, restated) if fields else old
        if self._is_news(item) and (fields or _OUTDATED.isdisjoint(left)):
            item = replace(item, mailable=True, accepted_at=at)
            self.writes.announced[item.id] = at
            left.append(MAILED_NOW)
        if fields:
            self._change(old, item, fields, at, seen.draft.original)
        else:
            self._stored.put(item)
        return (Outcome.CHANGED if fields else Outcome.SAME), [*fields, *left]

    def _read_better(self, old: Item, draft: Draft) -> Item:
        """An item of old with the form of its text, and without an address that is somebody's own.

        Words stay as they were announced: where they differ, the form is not that of these words.
        """
        same = changes.plainest(draft.summary) == changes.plainest(old.summary)
        link = draft.link if draft.link or (old.link and is_private_link(old.link)) else old.link
        item = replace(old, body=draft.body if same else old.body, link=link if same else old.link)
        if item != old:
            self.writes.read_better[item.id] = item
            self.writes.stale |= stale_keys(item)
        return item

    def _restated(self, seen: Read, old: Item) -> tuple[list[Kind], list[str]]:
        """The kinds of labels that the file states anew, and why others that it states do not count."""
        stated = restated_kinds(seen.draft, seen.labels, old, self._rules.vocabulary)
        if self._stored.is_chosen(old.id):
            return [], [CHOSEN] if stated else []
        anew = [kind for kind in stated if not self._was_stated(old.id, seen, kind)]
        return anew, [EARLIER_LABELS] if len(anew) < len(stated) else []

    def _was_stated(self, item_id: str, seen: Read, kind: Kind) -> bool:
        """Whether a file stated these labels before: it undoes no later statement."""
        key = changes.statement_key(item_id, kind, codes(seen.labels, kind))
        return self._candidates.had(item_id, key)

    def _is_news(self, item: Item) -> bool:
        """With `--notify`, an item that was known but never mailed becomes news now."""
        return self._mailable_from == date.min and not item.mailable and item.id not in self.writes.new

    def _corrected(self, old: Item, seen: Read, fields: Collection[str], restated: Collection[Kind]) -> Item:
        """Only what was decided changes: a text that merely stops earlier does not shorten ours."""
        draft = seen.draft
        reworded = "title" in fields or "summary" in fields
        stated = {*old.stated, *restated, *(stated_kinds(draft) if reworded else ())}
        item = replace(
            old,
            title=draft.title if "title" in fields else old.title,
            date_on=draft.date_on if "date" in fields else old.date_on,
            summary=draft.summary if "summary" in fields else old.summary,
            body=draft.body if "summary" in fields else old.body,
            link=draft.link if "link" in fields else old.link,
            lang=seen.lang if reworded else old.lang,
        )
        if self._stored.is_chosen(old.id):
            return item
        labels = labels_after(seen.labels, old, restated, reworded=reworded)
        item = replace(item, labels=labels, stated=tuple(kind for kind in Kind if kind in stated))
        return replace(item, labels=decided_labels(self._rules.labeller, item))

    def _change(self, old: Item, item: Item, fields: Sequence[str], at: datetime, original: str) -> None:
        if (new := self.writes.new.get(item.id)) is not None:
            # No revision keeps it.
            self.writes.said += [wordings.said(item.id, old), *wordings.outdated(old, item)]
            self.writes.new[item.id] = replace(new, item=item, original=original)
        else:
            self.writes.changed[item.id] = self._revised(item, fields, at, original)
            item = self.writes.changed[item.id].item
        self._candidates.learn(item.id, changes.traits(old))
        self.writes.stale |= stale_keys(old)
        self._stands(item)

    def _revised(self, item: Item, fields: Sequence[str], at: datetime, original: str) -> Revised:
        """The item with what this file changed so far; new labels alone move no instant."""
        before = self.writes.changed.get(item.id)
        every = tuple(dict.fromkeys((*(before.fields if before else ()), *fields)))
        if set(fields) == {"labels"}:
            at = before.at if before else at
        else:
            item = replace(item, updated_at=at)
        return Revised(item=item, fields=every, at=at, original=original)


def _outdated(draft: Draft, old: Item, fields: Collection[str]) -> str:
    """What of a draft is from before a correction: its words, or its link if these count or stand so."""
    as_it_stands = changes.fingerprint(draft.date_on, draft.title, draft.summary) == changes.fingerprint(
        old.date_on, old.title, old.summary
    )
    return EARLIER_LINK if fields or as_it_stands else EARLIER
