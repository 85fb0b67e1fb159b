"""Is a draft a new item, a changed one, or one we know? (pure)

Owns identity by content (P1), folded so that typography moves nothing, and the
rule for corrected titles, dates, texts and links. Must not know the store:
whoever calls brings the candidates. docs/bulletins.md tells the rule to people.

`folding` says which words are the same, `keys` makes what is looked up and
remembered, `decisions` are the values, `candidates` holds the rule.
"""

from feeds.changes.candidates import Candidates
from feeds.changes.decisions import Changed, Decision, Doubt, Known, New, Same, Wanted, wanted
from feeds.changes.folding import fold, is_cut_short, wording_fold
from feeds.changes.keys import (
    fingerprint,
    former_fingerprint,
    identity,
    item_id,
    link_key,
    office_key,
    same_name,
    source_key,
    statement_key,
    title_key,
    traits,
    translation_key,
)
from feeds.changes.reread import READING, plainest

__all__ = [
    "READING",
    "Candidates",
    "Changed",
    "Decision",
    "Doubt",
    "Known",
    "New",
    "Same",
    "Wanted",
    "fingerprint",
    "fold",
    "former_fingerprint",
    "identity",
    "is_cut_short",
    "item_id",
    "link_key",
    "office_key",
    "plainest",
    "same_name",
    "source_key",
    "statement_key",
    "title_key",
    "traits",
    "translation_key",
    "wanted",
    "wording_fold",
]
