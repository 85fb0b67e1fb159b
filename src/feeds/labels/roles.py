"""What part a place plays where it is named (labels, floor 1).

Owns: the cues before and after a place that make it a donor, a
venue, a nationality, a neighbour, a comparison or an institution's name. Does not
decide on labels.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from functools import cache
from operator import attrgetter

from feeds.labels.cues import DONOR, HOMEWARD, Cues, Found
from feeds.labels.datelines import opening_places
from feeds.labels.folding import DASH, fold_surface
from feeds.labels.places import REGION, Hit
from feeds.labels.scanner import Text
from feeds.labels.sentences import REACH, WORD, bridged, in_list, sentence, subject, words_before
from feeds.labels.tables import cue_words

PLAIN = "plain"
PARTY = "party"
VENUE = "venue"
ORIGIN = "origin"  # people come or came back from there
DATELINE = "dateline"
NATIONALITY = "nationality"
NEIGHBOUR = "neighbour"
COMPARISON = "comparison"
ASIDE = "aside"
PASSING = "passing"  # where a storm moves, what is sold where: never all that an item is about
GUEST = "guest"
FIRM = "firm"  # the home of a company, its ships and customers: in the summary a guest
INSTITUTION = "institution"
DELEGATE = "delegate"  # delegations and officials: `parties` decides whether they take part
PEOPLE = "people"  # others "from Uganda": they may take part, too
GIVES = "gives"
AUTHORITY = "authority"
LAND = "land"
BODY = "body"
WHERE = "where"
AUXILIARY = "auxiliary"

_PLURAL_FROM = re.compile(r"(\w{3,}s) from (?:the )?$")  # "teachers from Uganda", whatever they are
_FEW_FROM = re.compile(  # "a judge from Canada", "dos fiscales de Italia": they come to teach or to speak
    r"\b(?:an?|one|two|three|une?|una|dos|tres|deux|trois|uma?|dois|duas) (?:\w+ ){0,2}?(\w+)"
    r" (?:from|of|de|del|da|do|du|des|d') ?(?:the |la |l')?$"
)
_OF = ("from ", "of ", "de ", "del ", "da ", "do ", "du ", "des ", "d'", "the ", "la ", "l'")
_RECIPIENTS = 8  # places of a title that are looked at
_RECIPIENT = re.compile(
    r" (?:to|for|with|a|al|para|au|aux|en|ao|com) (?:the |la |las |los |el |o |a |os |as )?$|\bl'$"
)
_FROM_ENDS = ("from ", " the ")
_FROM = frozenset({"from", "of", "de", "du", "des", "do", "da"})
_NAME_AFTER = re.compile(r"(?: (?:of|for|on|and|the|de|para|[^\W\d_a-z][\w-]+))+")  # goes on in capitals
_NAME_BEFORE = re.compile(r"[^\W\d_a-z]\w+ (?:[^\W\d_a-z]\w+ )?(?:(?:de|del|para|of|the|la|el|las|los) )*$")
_WITH = (" with", " con", " avec", " com")
_SENTENCE_ENDS = re.compile(rf"[.;!?\n{re.escape(DASH)}]")
_OWN = re.compile(r"'s? \w+(?: \w+){0,2}")
_CLAUSE = re.compile(rf"[^,.;:!?()\n{re.escape(DASH)}]+")


_FEW = 8
_START, _END = attrgetter("start"), attrgetter("end")


def roles(
    text: Text, hits: Sequence[Hit], runs: Sequence[tuple[int, int]], cues: Cues, dateline: int
) -> list[str]:
    """One role for each hit. `runs` are the lists of hits, `dateline` is an offset into the summary."""
    given = _roles_before(text.plain, hits, runs, cues)
    after = _roles_after(text, hits, cues) if cues.after else None
    edge = text.edge
    opened = _dateline(text, hits, dateline)
    for index, hit in enumerate(hits):
        role = given[index]
        in_title = hit.start < edge
        if not in_title and hit.start < opened:
            given[index] = DATELINE
            continue
        if in_title and role != PLAIN:
            role = _in_title(text.plain, hits, index, role)
        if after and (role == PLAIN or after[index] == PARTY):
            role = after[index]  # "thanked Peru for welcoming them" is no thanks for money
        if role == FIRM:
            role = PLAIN if in_title else GUEST
        if role in (NATIONALITY, PEOPLE) and cues.has(HOMEWARD) and goes_home(text.plain, hit, cues):
            role = PLAIN
        if role == PLAIN and not in_title and hit.surface.rule == REGION:
            role = _of_region(text, hit, cues)
        given[index] = role
    return _still_paying(text, hits, given) if DONOR in given else given


def _dateline(text: Text, hits: Sequence[Hit], dateline: int) -> int:
    """Where the dateline ends in the folded text; 0 if there is none."""
    if not dateline:
        return opening_places(text, hits)
    for hit in hits:
        if hit.start >= text.edge and text.in_summary(hit.end - 1) >= dateline:
            return hit.start
    return len(text.plain)


def _in_title(plain: str, hits: Sequence[Hit], index: int, role: str) -> str:
    """The role that a cue gives, as a title means it: it tells where people live or go, who meets, and both
    sides of "the border between Syria and Jordan".
    """
    if role in (ASIDE, PASSING, DELEGATE, PARTY) or (role == NEIGHBOUR and _between(plain, hits, index)):
        return PLAIN
    return role


def _between(plain: str, hits: Sequence[Hit], index: int) -> bool:
    """Whether a hit is one of two in a list."""
    return (index + 1 < len(hits) and in_list(plain, hits[index].end, hits[index + 1].start)) or (
        index > 0 and in_list(plain, hits[index - 1].end, hits[index].start)
    )


def _still_paying(text: Text, hits: Sequence[Hit], given: list[str]) -> list[str]:
    """Who pays in one place pays in the rest of the summary, too: "Korea has given … The Korean minister"."""
    paying = {hit.surface.codes for hit, role in zip(hits, given, strict=True) if role == DONOR}
    if all(hit.surface.codes in paying for hit in hits):
        return given  # nobody else is named: it is the news of who pays
    for index, hit in enumerate(hits):
        if given[index] == PLAIN and hit.surface.codes in paying:
            if hit.start < text.edge:
                paying.discard(hit.surface.codes)
            else:
                given[index] = DONOR
    return given


def _of_region(text: Text, hit: Hit, cues: Cues) -> str:
    """The role of a region in the summary that no cue stands beside."""
    if _follows_donor(text.plain, hit, cues):
        return DONOR
    return INSTITUTION if _in_body_name(text, hit) else PLAIN


def _in_body_name(text: Text, hit: Hit) -> bool:
    """Whether a region is part of a body's name: "Caribbean Health Agency", "Facultad Latinoamericana"."""
    bodies = cue_words(BODY)
    after = _NAME_AFTER.match(text.words(hit.end - 1, min(len(text.plain), hit.end + REACH)), 1)
    before = _NAME_BEFORE.search(text.words(max(0, hit.start - 40), hit.start))
    named = (after[0] if after else "").split()[:5] + (before[0] if before else "").split()[-3:]
    return any(fold_surface(word) in bodies for word in named)


def after_division(hit: Hit, cues: Cues) -> bool:
    """Whether "department of" or the like stands right before the hit."""
    at = bisect_right(cues.division, hit.start, key=_END)
    return at > 0 and cues.division[at - 1].end >= hit.start - 1


@cache
def _authority_or_land() -> frozenset[str]:
    return cue_words(AUTHORITY) | cue_words(LAND)


def speaks_for_country(plain: str, hit: Hit, *, land: bool = True) -> bool:
    """Whether a place belongs to a country's institutions, law or, if `land`, its land, not to people who
    come from it: "Honduran police", "autoridades hondureñas", "the Government of Honduras".
    """
    authority = _authority_or_land() if land else cue_words(AUTHORITY)
    if hit.surface.demonym:
        if any(word in authority for word in plain[hit.start : hit.end].split()[:-1]):
            return True  # "governo americano" is one surface
        following = _CLAUSE.match(plain, hit.end, hit.end + 30)
        if following and any(word in authority for word in WORD.findall(following[0])[:2]):
            return True
    else:
        following = _OWN.match(plain, hit.end, hit.end + 40)
        if following and any(word in authority for word in following[0].split()[1:4]):
            return True  # "Peru's fisheries ministry"
    before = words_before(plain, hit.start)
    fillers = cue_words("filler")
    for word in reversed(before[-4:]):
        if word in authority:
            return True
        if word not in fillers:
            return False
    return False


def happens_in(plain: str, hit: Hit) -> bool:
    """Whether a list that begins with the hit tells where something is done ("interviews in Peru, ...")."""
    before = words_before(plain, hit.start)
    return bool(before) and before[-1] in cue_words(WHERE)


def _roles_before(plain: str, hits: Sequence[Hit], runs: Sequence[tuple[int, int]], cues: Cues) -> list[str]:
    own = [_nearest_before(plain, hit, cues.before) for hit in hits]
    given = [role or PLAIN for role in own]
    if len(hits) == 1 or own.count(None) == len(hits):
        return given
    for first, end in runs:
        if end - first == 1 or None not in own[first:end]:
            continue
        # What stands in front of a list holds for all of it; in front of a sentence, up to its subject.
        ended = subject(plain, hits, first, end) if own[first] else end
        for index in range(first + 1, end):
            if index != ended:
                given[index] = own[index] or given[index - 1]
    return given


def _nearest_before(plain: str, hit: Hit, cues: Sequence[Found]) -> str | None:
    start = hit.start
    best: Found | None = None
    for found in _near(cues, start - REACH, start, _END):
        if not start - REACH <= found.end <= start or (best is not None and not _closer(found, best)):
            continue
        if (
            found.end >= start - 1
            or bridged(plain, found.end, start)
            or (found.role == GUEST and _among(plain, found, start))
        ) and _fits(plain, found, hit):
            best = found
    if best is not None:
        return best.role
    if plain[start - 5 : start] in _FROM_ENDS:
        people = _PLURAL_FROM.search(plain, start - 40, start)
        if people is not None:
            return NATIONALITY if people[1] in cue_words("mover") else PEOPLE
    if not hit.surface.demonym and plain.endswith(_OF, 0, start):
        few = _FEW_FROM.search(plain, start - 60, start)
        if few is not None and few[1] in cue_words("person"):
            return GUEST
    return None


def _closer(found: Found, best: Found) -> bool:
    """Whether a cue ends nearer to its place, or is the more telling of two that end there."""
    if found.end != best.end:
        return found.end > best.end
    return best.role != PARTY and (found.role == PARTY or found.start > best.start)


def _among(plain: str, found: Found, start: int) -> bool:
    """Whether a place is one of those that an event was held with: "an event with the bank, the Government
    of Samoa and two schools".
    """
    words = plain[found.start : start]
    return plain.endswith(_WITH, 0, found.end) and not _SENTENCE_ENDS.search(words)


def _near(cues: Sequence[Found], low: int, high: int, key: Callable[[Found], int]) -> Sequence[Found]:
    """Of many cues those between two places; of a few all, which is quicker than to look for them."""
    if len(cues) <= _FEW:
        return cues
    return cues[bisect_left(cues, low, key=key) : bisect_right(cues, high, key=key)]


def _fits(plain: str, found: Found, hit: Hit) -> bool:
    # "migrantes haitianos" tells a nationality, "migrantes" before a country's name does not;
    # "migrants from Haiti" ends in a preposition and takes either.
    if found.role != NATIONALITY or hit.surface.demonym:
        return True
    return plain[found.start : found.end].rsplit(" ", 1)[-1] in _FROM


def _roles_after(text: Text, hits: Sequence[Hit], cues: Cues) -> list[str]:
    plain = text.plain
    given = [PLAIN] * len(hits)
    last = PLAIN
    for index in range(len(hits) - 1, -1, -1):
        hit = hits[index]
        role = None
        for found in _near(cues.after, hit.end, hit.end + REACH, _START):
            if hit.end <= found.start <= hit.end + REACH and _follows(plain, hit, found):
                role = found.role
                if role == GIVES:
                    role = DONOR if _to_another(text, hits, index) else None
                break
        if role is None and last != PLAIN and in_list(plain, hit.end, hits[index + 1].start):
            role = last
        last = given[index] = role or PLAIN
    return given


def _follows(plain: str, hit: Hit, found: Found) -> bool:
    if found.role == NATIONALITY and not hit.surface.demonym:
        return False
    return bridged(plain, hit.end, found.start, AUXILIARY)


def _to_another(text: Text, hits: Sequence[Hit], index: int) -> bool:
    """Whether the title names who gets what the place gives ("Canada sends vaccines to Madagascar"; in
    "Ghanaians in Hamburg ship …" the town gives nothing), or what is given in the summary is given where
    the title tells.
    """
    giver = hits[index]
    if giver.start >= text.edge:
        return any(hit.surface.codes != giver.surface.codes for hit in _titled(text, hits))
    for other in hits[index + 1 : index + 1 + _RECIPIENTS]:
        if other.start >= text.edge:
            break
        if other.surface.codes != giver.surface.codes and _RECIPIENT.search(
            text.plain, other.start - 12, other.start
        ):
            return not (happens_in(text.plain, giver) or _people(text.plain[giver.end : other.start]))
    return False


def _people(words: str) -> bool:
    """Whether what is sent is people: "Timor-Leste sends 120 workers to Australia" is no gift."""
    return not (cue_words("mover") | cue_words("person")).isdisjoint(WORD.findall(words))


def _titled(text: Text, hits: Sequence[Hit]) -> Sequence[Hit]:
    """The first hits of the title."""
    return [hit for hit in hits[:_RECIPIENTS] if hit.start < text.edge]


def goes_home(plain: str, hit: Hit, cues: Cues) -> bool:
    """Whether the hit's sentence speaks of return, consulates or diaspora: then its country is concerned."""
    return cues.within(HOMEWARD, *sentence(plain, hit))


def _follows_donor(plain: str, hit: Hit, cues: Cues) -> bool:
    """Whether a region stands later in a sentence that tells who paid: "funded by its facility for …"."""
    at = bisect_right(cues.donor, hit.start, key=_END)
    return at > 0 and cues.donor[at - 1].start >= sentence(plain, hit)[0]
