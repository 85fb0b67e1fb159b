"""What of a mail is said to the colleague who publishes it: a request above the text, a visiting card below.

Owns the words of such requests, in five languages, and the look of such cards. Works on the lines of a
letter; must not know what becomes of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_LONGEST_NOTE = 400
_LONGEST_GREETING = 60
_LONGEST_CARD = 90
_MOST_ON_CARD = 8
_GREETS = re.compile(
    r"(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|hola|buen(?:os|as)? (?:d[ií]as?"
    r"|tardes|noches)|estimad\w+"
    r"|querid\w+|bonjour|bonsoir|salut|ch(?:er|ère|ers|ères)|ol[áa]|oi|bom dia|boa tarde|prezad\w+"
    r"|car[oa]s?|hallo"
    r"|liebe[rs]?|guten tag|sehr geehrte[rs]?|moin)\b[^.?]{0,59}?(?:[,:!]|$)",
    re.IGNORECASE,
)
_ASKS = (
    r"(?:please|kindly|pls|(?:could|can|would|will) you|por favor|favor de|(?:te|le|les) (?:pido"
    r"|ruego|agradec\w+)|puede[sn]?"
    r"|podr[ií]as?|merci de|veuillez|(?:peux|pouvez|pourrais|pourriez)[- ](?:tu|vous)|s['’]il (?:te"
    r"|vous) pla[iî]t|svp"
    r"|agrade[cç]o|poderia|pode|peço|bitte|(?:kannst|könn(?:t|ten|test)) (?:du|ihr|sie))"
)
_TO_PUBLISH = (
    r"(?:publish|post (?:this|it|the)|put (?:this|it|the\b.{0,30}) (?:on|up|online|out|in)|upload"
    r"|include (?:this|it|the)"
    r"|publi(?:que|quen|car|car(?:lo|la)|ca|cas|er|ez|é)\b|sub(?:a|an|ir|ir(?:lo|la)|es)\b|c(?:uelgue|olgar)\w*"
    r"|difund\w+|pon(?:er|gan?)\b|mettre en ligne|mettez|diffuser|divulg\w+|coloc\w+"
    r"|veröffentlich\w*|hochladen"
    r"|einstellen|online stellen)"
)
_HERE_IT_IS = re.compile(
    r"(?:(?:please )?(?:find|see)\b.{0,30}\b(?:below|attached)|(?:below|attached|here) (?:is|are"
    r"|you(?:'ll| will)? find)"
    r"|(?:adjunto|a continuaci[oó]n|abajo|aqu[ií])\b.{0,20}\b(?:va|est[aá]|env[ií]o|le|les|te|encontrar)"
    r"|(?:ci-dessous|ci-joint|voici|veuillez trouver)\b|(?:segue|seguem|abaixo|em anexo)\b|anbei"
    r"|unten (?:findest|finden))"
    r".{0,60}?\b(?:press release|release|text|news|notice|statement|bulletin|comunicad\w+|nota"
    r"|noticia|texto|bolet[ií]\w+"
    r"|communiqué|texte|brève|pressemitteilung|meldung)\b",
    re.IGNORECASE,
)
_REQUEST = re.compile(rf"\b{_ASKS}\b.{{0,80}}?\b{_TO_PUBLISH}", re.IGNORECASE | re.DOTALL)
_NAME = re.compile(
    r"(?:[^\W\d_a-zà-ÿ][\w.'’-]*|de|del|da|do|dos|van|von|der|la|y|e)(?: (?:[^\W\d_a-zà-ÿ][\w.'’-]*"
    r"|de|del|da|do|dos|van|von|der|la|y|e)){1,4},?"
)
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w.-]{3,80}")
_PHONE = re.compile(
    r"(?:^|[\s|,·])(?:t|m|p|c|f|tel|tel[eé]f?|tel[eé]fono|t[ée]l[ée]?phone|phone|mobile|mob|cell?|cel|celular|m[oó]vil|office"
    r"|direct|fijo|fax|telefone|telemóvel|handy|whatsapp)\b[.:]?\s?\(?\+?[0-9][0-9 ().\-/]{5,}",
    re.IGNORECASE,
)


def end_of_note(rows: Sequence[str]) -> int:
    """How many of the first rows are a request to the colleague to publish what stands below; 0 if none are.

    Rows are the lines of a letter, blank ones included. A greeting alone is part of a letter to everybody.
    """
    blocks = _blocks(rows, 3)
    greeted = bool(blocks) and _is_greeting(blocks[0][1])
    at = 1 if greeted and len(blocks) > 1 and not _asks(blocks[0][1]) else 0
    if len(blocks) <= at + 1 or not _asks(blocks[at][1]):
        return 0
    return blocks[at][0]


def is_card(rows: Sequence[str]) -> bool:
    """Whether the last rows of a letter are a visiting card: a name, and how to reach it."""
    said = [row.strip(" *_>\t") for row in rows if row.strip(" *_>\t")]
    if not 1 < len(said) <= _MOST_ON_CARD or not _NAME.fullmatch(said[0]):
        return False
    if any(len(row) > _LONGEST_CARD or row.endswith((".", "?", ":")) for row in said):
        return False
    return any(map(_MAIL.search, said[1:])) or (len(said) > 2 and any(map(_PHONE.search, said[1:])))


def _is_greeting(words: str) -> bool:
    return len(words) <= _LONGEST_GREETING and _GREETS.match(words) is not None


def _asks(words: str) -> bool:
    return len(words) <= _LONGEST_NOTE and bool(_REQUEST.search(words) or _HERE_IT_IS.search(words))


def _blocks(rows: Sequence[str], most: int) -> list[tuple[int, str]]:
    """The first blocks of lines, each with the number of rows up to its end."""
    found: list[tuple[int, str]] = []
    block: list[str] = []
    for at, row in enumerate([*rows, ""]):
        if row.strip():
            block.append(row.strip(" >\t"))
        elif block:
            found.append((at, " ".join(block)))
            block = []
            if len(found) == most:
                break
    return found
