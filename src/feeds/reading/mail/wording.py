"""The words by which mail programs set a letter apart from those that it forwards or answers.

Owns these words in English, Spanish, French, Portuguese, German, Italian and Dutch. Must not know what
becomes of what they mark.
"""

from __future__ import annotations

import re

# What a line of a letterhead says, by the words before its colon.
_FIELDS = {
    "from": "from|de|von|da|van|expéditeur|remitente",
    "date": "date|sent|fecha|enviado|enviado el|enviada em|enviado em|data|envoyé|envoyé le|datum|gesendet"
    "|inviato|verzonden|le",
    "subject": "subject|asunto|assunto|objet|betreff|oggetto|onderwerp|sujet",
    "other": "to|para|à|a|an|aan|cc|bcc|copie à|copie|kopie|con copia|cco|cci|reply-to|responder a|répondre à"
    "|antwort an|destinataire|importance|attachments|adjuntos|datos adjuntos|anexos|pièces jointes|anlagen"
    "|organization",
}
FIELDS = {word: name for name, words in _FIELDS.items() for word in words.split("|")}
_NAMES = "|".join(sorted(map(re.escape, FIELDS), key=len, reverse=True))
FIELD = re.compile(rf"[>\s*_|]{{0,10}}({_NAMES})[*_]{{0,2}}\s?:[*_]{{0,2}}\s?(.*)", re.IGNORECASE)

_FORWARDED = r"""
forwarded message|begin forwarded message|mensaje reenviado|inicio del mensaje reenviado|mensaje transmitido
message transféré|début du message transféré|début du message réexpédié|message réexpédié
mensagem encaminhada|mensagem reencaminhada|início da mensagem encaminhada|início da mensagem reencaminhada
weitergeleitete nachricht|anfang der weitergeleiteten (?:nachricht|e-mail)|messaggio inoltrato
inizio messaggio inoltrato|doorgestuurd bericht|forwarded by .{1,80}
"""
_ORIGINAL = r"""
original message|original appointment|mensaje original|message d[’']origine|message original|mensagem original
ursprüngliche nachricht|originalnachricht|messaggio originale|oorspronkelijk bericht
"""


def _alternatives(words: str) -> str:
    return "|".join(part for line in words.split("\n") for part in line.split("|") if part)


FORWARD_MARK = re.compile(
    rf"[>\s]{{0,6}}[-–—_*\s]{{0,40}}(?:{_alternatives(_FORWARDED)})\s?:?[-–—_*\s]{{0,40}}", re.I
)
ORIGINAL_MARK = re.compile(
    rf"[>\s]{{0,6}}[-–—_*\s]{{2,40}}(?:{_alternatives(_ORIGINAL)})\s?:?[-–—_*\s]{{0,40}}", re.I
)
RULE = re.compile(r"[>\s]{0,6}[-–—_]{5,80}")
# “On Thu, 26 Nov 2026 at 09:00, Luis Gomez <luis@…> wrote:”, perhaps over two lines.
_WROTE = re.compile(
    r"[>\s]{0,6}(?:(?:on|el|le|em|am|il|op|in)\b.{4,240}|.{4,160})"
    r"(?:\bwrote|\bescribió|\ba écrit|\bescreveu|\bha scritto|\bschreef|\bschrieb\b.{0,100})\s?:\s{0,3}$",
    re.IGNORECASE,
)

_VERBS = ("wrote", "escribi", "écrit", "escreveu", "scritto", "schreef", "schrieb")

FORWARDS = re.compile(r"(?:fwd?|rv|tr|enc|wg|doorst|reenv|encaminhado)\s?:\s*", re.IGNORECASE)
ANSWERS = re.compile(r"(?:re|res|aw|antw|sv|resp)(?:\[[0-9]{1,3}\])?\s?:\s*", re.IGNORECASE)
_TAG = re.compile(r"\[([^\[\]]{1,40})\]\s*")
_TAG_WORDS = frozenset(
    "external extern externo externe ext external-email externer spam suspect caution encrypt secure".split()
)
_LIST_NAME = re.compile(r"[\w.-]*(?:list|liste|lista|announce|press|prensa|presse)[\w.-]*", re.IGNORECASE)

_PHONE = re.compile(
    r"(?:sent (?:from|via|with|by|using) (?:my |the )?.{1,60}|get outlook for .{1,20}"
    r"|enviado (?:desde|con|por) (?:mi |meu |el |o )?.{1,60}|enviado do meu .{1,60}"
    r"|obtener outlook (?:para|el) .{1,20}"
    r"|envoyé (?:de(?:puis)?|avec|à partir de) (?:mon |ma |l[’'])?.{1,60}|obtenez outlook pour .{1,20}"
    r"|télécharger outlook .{1,20}|obter o outlook .{1,20}"
    r"|(?:von meinem .{1,60}|gesendet (?:von|mit|über) .{1,60})"
    r"|(?:outlook für .{1,20} (?:herunterladen|beziehen)))\.?",
    re.IGNORECASE,
)
_DEVICE = re.compile(
    r"iphone|ipad|android|samsung|galaxy|huawei|xiaomi|smartphone|mobile|móvil|movil|celular|telefon|teléfono"
    r"|téléphone|telefone|phone|handy|blackberry|outlook|yahoo|gmail|mail app|windows|correo|tablet|tableta"
    r"|proton|mac\b",
    re.IGNORECASE,
)


_GREETING = re.compile(
    r"(?:(?:with )?(?:best|kind|warm|kindest|warmest|many)(?: regards| wishes| thanks)?|regards|cheers"
    r"|yours (?:sincerely|faithfully|truly)|sincerely(?: yours)?|thanks(?: and regards)?|thank you"
    r"|(?:un )?(?:cordial(?:es)? |atentos? )?saludos?(?: cordial(?:es)?| atentos?)?|atentamente|cordialmente"
    r"|muchas gracias|gracias|(?:bien )?cordialement|(?:bien )?[àa] vous|salutations(?: distingu[ée]es)?"
    r"|atenciosamente|(?:com os )?(?:melhores )?cumprimentos|abra[çc]os?|obrigad[oa]"
    r"|(?:mit )?(?:freundlichen?|besten?|herzlichen?|viele|liebe) gr[uü](?:ß|ss)en?|mfg|vg)\s?[,.!–—-]?",
    re.IGNORECASE,
)


def is_farewell(row: str) -> bool:
    """Whether a line takes leave, as letters do above a name: "Best regards,"."""
    return len(row) <= 60 and bool(_GREETING.fullmatch(row.strip(" *_\t")))


def is_phones_line(row: str) -> bool:
    """Whether a line is what a telephone or a program writes under each mail."""
    return len(row) <= 90 and bool(_PHONE.fullmatch(row.strip(" -–—*_"))) and bool(_DEVICE.search(row))


def says_wrote(row: str) -> bool:
    """Whether a line says that somebody wrote what stands below."""
    if len(row) > 400 or (":" not in row[-3:] and "schrieb" not in row):
        return False
    return any(verb in row for verb in _VERBS) and bool(_WROTE.match(row))


def without_prefixes(subject: str, lists: frozenset[str] = frozenset()) -> str:
    """A subject without “Fwd:” and “Re:” and without what servers and lists put before it.

    `lists` are the names of the lists that the mail came by, in lower case.
    """
    while True:
        tag = _TAG.match(subject)
        found = (
            FORWARDS.match(subject)
            or ANSWERS.match(subject)
            or (tag if tag and _is_tag(tag[1], lists) else None)
        )
        if not found or found.end() == len(subject):
            return subject
        subject = subject[found.end() :]


def kind_of(subject: str, lists: frozenset[str] = frozenset()) -> str:
    """What a subject says of its mail: it ``forwards`` another one, ``answers`` one, or neither."""
    while (tag := _TAG.match(subject)) and _is_tag(tag[1], lists):
        subject = subject[tag.end() :]
    return "forwards" if FORWARDS.match(subject) else "answers" if ANSWERS.match(subject) else ""


def _is_tag(words: str, lists: frozenset[str]) -> bool:
    words = words.strip().lower()
    return words in lists or re.split(r"[\s:]", words)[0] in _TAG_WORDS or bool(_LIST_NAME.fullmatch(words))
