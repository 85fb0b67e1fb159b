"""Headings that name the whole and no item: "News", "Comunicados de prensa", "What's new".

Owns these words, in five languages. Must not know what a heading stands over.
"""

from __future__ import annotations

import re

_NAMES = """
(?:the |our |all )?(?:latest |recent |current |local |weekly |daily |monthly )?(?:news|headlines|updates?|announcements?|notices?)
news (?:and|&) (?:events|updates|announcements|notices|media)|news of the (?:day|week|month)|what['’]s new|latest|newsroom|news ?letter
(?:press|media|news) (?:releases?|room|centre|center|statements?|notes?|notices?)|(?:the |our )?(?:weekly |daily |monthly )?bulletin
(?:[uú]ltimas |nuestras )?(?:noticias|novedades)|noticias (?:del d[ií]a|de la semana|del mes|recientes|y eventos)|lo [uú]ltimo
actualidad|avisos?|anuncios|(?:notas?|comunicados?|bolet[ií]n|sala) de prensa|comunicados?|bolet[ií]n(?: (?:semanal|de noticias))?
(?:derni[eè]res |nos )?(?:nouvelles|actualit[eé]s|actus|br[eè]ves)|communiqu[eé]s?(?: de presse)?|salle de presse|annonces?
bulletin d['’]information|(?:[uú]ltimas |nossas )?not[ií]cias(?: do dia| da semana)?|novidades|sala de imprensa|avisos e not[ií]cias
(?:notas?|comunicados?) (?:de|[aà]) imprensa|boletim(?: semanal)?|aktuelle?s?|nachrichten|neuigkeiten|meldungen|pressemitteilung(?:en)?
"""  # noqa: E501
_WHOLE = re.compile(rf"(?:{'|'.join(_NAMES.split(chr(10))[1:-1])})(?: (?:19|20)[0-9]{{2}})?", re.IGNORECASE)


def names_whole(words: str) -> bool:
    """Whether a heading is a name of the whole page or bulletin; a year may stand behind it."""
    return len(words) <= 60 and _WHOLE.fullmatch(words.strip(" .:!»>")) is not None
