"""Which of four languages a short text is in (labels, floor 1).

Owns: the tables of common words, words of news, endings and letters. Needs no download and
nothing but the text; undecided is an answer.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from feeds.labels.tongues import is_other, may_be_other

_WORDS = {
    "en": "the of and to in for with on from by is are was were has have had that this these as at their they"
    " its an will be been new more how which who about after into through during over not it than between"
    " monday tuesday wednesday thursday friday january february march june july august october",
    "es": "el la los las de del y en a para por con una un unos se que al su sus es son fue ha han más como"
    " sobre entre desde hasta este esta inicia nuevo nueva lo hacia ante tras sin cada también país mil"
    " ya hay así lunes martes miércoles jueves viernes enero febrero mayo junio julio octubre",
    "fr": "le la les des du de et en à pour par avec une un sur dans au aux est sont ont qui que plus leur"
    " ses son cette ce pays nouveau nouvelle ne pas sans chaque aussi mille entre"
    " lundi mardi mercredi jeudi vendredi janvier février mars avril juin juillet août octobre",
    "pt": "o a os as de do da dos das e em no na nos nas para por com uma um se que ao aos à é são foi mais"
    " pelo pela seu sua não novo nova país entre sem cada também mil já há até"
    " segunda terça quarta quinta sexta janeiro fevereiro março maio junho julho outubro",
}
# Words of news in each language: they settle short titles that have no common word.
_NEWS = {
    "en": "a people families workers children women men officials refugees back home up down out way"
    " day days week year years against across under border police staff aid help law new first"
    " more meeting training health labour labor work jobs rights return study survey report"
    " launches opens hosts gets gives brings visits speeds adds seeks moves lists breaks receives"
    " strengthens supports trains signs government agency shelter clinic nurses teachers judges"
    " record reach reaches adopts adopt flight firm",
    "es": "familias trabajadores trabajadoras personas mujeres niñez niños niñas jóvenes policías"
    " acuerdo acuerdan gobierno gobiernos ley países firman firma entregan entrega recibe reciben"
    " abren abre escuela huyen hospital simplifica otorga lanzan lanza inaugura capacitan taller"
    " curso salud derechos frontera fronteras trabajo empleo retorno estudio encuesta informe"
    " migración ministro ministra ciudad capital dentro hacen amplían",
    "fr": "familles travailleurs travailleuses personnes femmes enfants jeunes accord gouvernement loi"
    " frontière frontières travail emploi santé droits réfugiés étude enquête rapport atelier"
    " formation ouvre lance forme accueille déplacés école ville aide lutte traite centre rentrent"
    " décrit",
    "pt": "famílias trabalhadores trabalhadoras pessoas mulheres crianças jovens acordo governo"
    " governos lei fronteira fronteiras trabalho emprego saúde direitos estudo inquérito relatório"
    " oficina lança abre acolhe recebe escola cidade ajuda empresas contratam migrações refugiados"
    " simplifica ensina assinam deixa países",
}
_ENDINGS = {
    "en": re.compile(r"(?:ing|tion|tions|ed|ly|ship|ness|ees|ers)$"),
    "es": re.compile(
        r"(?:ción|ciones|sión|dad|dades|iento|ientos|eros|eras|eños?|eñas?|adas?|ados?|anas?|anos?|ivas?|ivos?)$"
    ),
    "fr": re.compile(r"(?:tion|tions|ment|ments|eux|euse|ique|iques|aire|aires|ité|ée|ées|és|ois)$"),
    "pt": re.compile(
        r"(?:ção|ções|são|dade|dades|mentos?|eiros?|eiras?|ados?|adas?|anas?|anos?|ivas?|ivos?|agem|inho)$"
    ),
}
_LETTERS = {"es": "ñ¿¡", "pt": "ãõ", "fr": "èêœùëî"}
_TOKEN = re.compile(r"[^\W\d_]+")
_COMMON = {language: frozenset(words.split()) for language, words in _WORDS.items()}
_FAMILIES = {language: words.union(_NEWS[language].split()) for language, words in _COMMON.items()}
# Common words of one language only: a few of them settle it without a look at each word.
_OWN = {
    language: frozenset(
        word for word in words if sum(word in other for other in _FAMILIES.values()) == 1 and len(word) > 1
    )
    for language, words in _FAMILIES.items()
}
_OTHERS = {code: frozenset().union(*(own for other, own in _OWN.items() if other != code)) for code in _OWN}
_ENOUGH = 240  # characters; more text does not change the answer
_GLANCE = 160  # characters of a summary that are enough to see that nothing speaks against a language
_CLEAR = 4  # different words of one language, and at most a third of that of another
_RARELY = 6  # one small word in so many is common in any text of a language
_FEWEST = 8  # fewer small words than these say nothing
_ALONE = 2  # different words of one language, and none of another

UNKNOWN = "und"  # as ISO 639-2 and BCP 47 call it
STOP_WORDS = frozenset(word for words in _COMMON.values() for word in words)


def language(title: str, summary: str, default: str) -> str:
    """`en`, `es`, `fr` or `pt`; UNKNOWN for another language, `default` without evidence or for a draw."""
    text = f"{title[:_ENOUGH]}\n{summary[:_ENOUGH]}"
    words = set(text.lower().split())
    if not may_be_other(words, text, STOP_WORDS):
        clear, _ = _glance(words)
        if clear and len(words & _FAMILIES[clear]) * _RARELY >= len(words):
            return clear
    return _carefully(text, default)


def _carefully(text: str, default: str) -> str:
    words = set(_TOKEN.findall(text.lower()))
    known = max(len(words & family) for family in _FAMILIES.values())
    if is_other(words, text, known) or (known * _RARELY < len(words) and _is_strange(text)):
        return UNKNOWN
    return _at_a_glance(text) or _word_by_word(text) or default


def _is_strange(text: str) -> bool:
    """Whether hardly any of the small words of a text is a common word of the four, or ends like theirs."""
    small = {word for word in _TOKEN.findall(text) if word.islower()}
    if len(small) < _FEWEST:
        return False
    return all(_RARELY * sum(_is_like(word, code) for word in small) < len(small) for code in _FAMILIES)


def _is_like(word: str, code: str) -> bool:
    return word in _FAMILIES[code] or (len(word) > 4 and _ENDINGS[code].search(word) is not None)


def each_language(title: str, summary: str, default: str) -> tuple[str, str]:
    """The languages of both fields: they can differ. One look is enough when no word speaks against it."""
    words = set(f"{title[:_ENOUGH]}\n{summary[:_GLANCE]}".lower().split())
    if default in _OWN and len(words & _OWN[default]) >= _ALONE and words.isdisjoint(_OTHERS[default]):
        return default, default
    both, against = _glance(words)
    if both and not against:
        return both, both
    # Where the whole is clear, its longer part is: only the title may still differ.
    return language(title, "", default), both or language("", summary, default)


def _at_a_glance(text: str) -> str:
    return _glance(set(text.lower().split()))[0]


def _glance(words: set[str]) -> tuple[str, int]:
    """The language, if it is clear, and how many words speak for another one."""
    best, second, leader = 0, 0, ""
    for code, own in _OWN.items():
        count = len(words & own)
        if count > best:
            best, second, leader = count, best, code
        elif count > second:
            second = count
    clear = best >= _ALONE if not second else best >= _CLEAR and best >= 3 * second
    return (leader if clear else ""), second


def _word_by_word(text: str) -> str:
    ranked = _scores(text).most_common(2)
    if not ranked or ranked[0][1] < 3:
        return ""
    if len(ranked) > 1 and ranked[0][1] == ranked[1][1]:
        return ""
    return ranked[0][0]


@lru_cache(maxsize=8192)
def _word_scores(token: str) -> tuple[tuple[str, int], ...]:
    """What one word says of each language; words repeat, so answers are kept."""
    word = token.lower()
    scores = []
    for code, common in _FAMILIES.items():
        if word in common:
            scores.append((code, 4))
        elif 4 < len(word) < 40 and _ENDINGS[code].search(word):
            # A capitalised word is often a name, and names belong to no language.
            scores.append((code, 1 if token[0].isupper() else 2))
    return tuple(scores)


def _scores(text: str) -> Counter[str]:
    scores: Counter[str] = Counter()
    for token in _TOKEN.findall(text):
        for code, score in _word_scores(token):
            scores[code] += score
    if not text.isascii():
        lowered = text.lower()
        for code, letters in _LETTERS.items():
            scores[code] += 4 * sum(letter in lowered for letter in letters)
    return scores
