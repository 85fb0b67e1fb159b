"""The words by which a line of a text says that it is not for publication, or not before some day.

Data and the patterns made of it, in English, Spanish, French, Portuguese and German: one pattern a line.
Must not know where such a line stands.
"""

from __future__ import annotations

import re


def _any(lines: str) -> str:
    return "(?:" + "|".join(lines.strip().split("\n")) + ")"


DRAFT = "(?:draft|borrador|brouillon|rascunho|entwurf)"
PRIVATE = _any("""
(?:strictly |private and )?confidential
(?:estrictamente |privado y )?confidencial
(?:strictement )?confidentiel
(?:streng )?vertraulich
(?:top |strictly )?secret
classified
(?:official[ -])?sensitive
restricted
(?:for )?(?:your )?eyes only
(?:for )?official use only
(?:alto |ultra )?secreto
ultrasecreto
reservado
(?:tr[eè]s )?secret(?: d[ée]fense)?
diffusion restreinte
sigiloso
divulga[cç][aã]o restrita
(?:streng )?geheim
(?:vs[ -])?nur f[uü]r den dienstgebrauch
""")
NEVER = _any("""
(?:strictly )?not (?:yet )?(?:for|to be) (?:publication|release|broadcast|published|released|circulated)
(?:please )?do(?: not|n['’]t) (?:publish|release|circulate|distribute|forward|share|disseminate)(?: yet)?
not for (?:onward |further |public |general |external )?(?:distribution|circulation|dissemination)
not for public release
(?:for )?internal (?:use|distribution|circulation|information|eyes)(?: only)?
(?:por favor )?no (?:publicar|difundir|divulgar|circular|distribuir)(?: a[uú]n| todav[ií]a)?
(?:por favor )?no (?:reenviar|compartir)(?: a[uú]n| todav[ií]a)?
(?:(?:solo|s[oó]lo) )?(?:(?:para|de) )?uso interno(?: exclusivo| [uú]nicamente)?
(?:de )?(?:circulaci[oó]n|distribuci[oó]n|difusi[oó]n) (?:interna|restringida)
(?:pas|non) (?:encore )?(?:pour publication|destiné à la publication)
(?:à )?(?:usage|diffusion) interne(?: uniquement| seulement)?
ne pas (?:publier|diffuser|divulguer|transmettre|transf[ée]rer|partager|faire suivre)
n[ãa]o (?:publicar|divulgar|difundir|encaminhar|reencaminhar|partilhar|compartilhar)(?: ainda)?
(?:apenas |somente |s[oó] )?(?:para )?(?:uso interno|circula[cç][aã]o interna)
nicht (?:weiterleiten|weitergeben)
(?:noch )?nicht (?:ver[oö]ffentlichen|zur ver[oö]ffentlichung)
nur (?:f[uü]r internen gebrauch|intern)
zur internen verwendung
""")
# These may stand beside such words, and say nothing alone.
BESIDE = _any("""
documento de trabajo
versi[oó]n preliminar
working (?:draft|paper)
preliminary version
document de travail
version provisoire
documento de trabalho
vers[ãa]o preliminar
minuta
projet
vorabversion
arbeitspapier
internal
interno
interne
nur intern
""")
# What an office writes to a colleague within a text begins with one of these, and tells why behind it.
TO_PUBLISH = _any("""
(?:strictly )?not (?:yet )?(?:for|to be) (?:publication|release|broadcast|published|released)(?: yet)?
(?:please )?do(?: not|n['’]t) (?:publish|release)(?: yet)?
(?:for )?internal use(?: only)?
(?:por favor )?no publicar(?: a[uú]n| todav[ií]a)?
(?:para )?uso interno
(?:pas|non) (?:encore )?(?:pour publication|destiné à la publication)
(?:à )?usage interne(?: uniquement)?
ne pas (?:publier|diffuser)
n[ãa]o publicar(?: ainda)?
(?:noch )?nicht (?:ver[oö]ffentlichen|zur ver[oö]ffentlichung)
""")
EMBARGO = _any(r"""
(?:strictly )?(?:under )?embargo(?:ed)?(?:\W{1,3}do not use)?
embargad[oa]
bajo embargo
sous embargo
sob embargo
sperrfrist
""")
UNTIL = _any("""
until
till
before
hasta(?: el| las?)?
antes(?: del?| de las?)?
jusqu['’]?(?:au|à)?
avant
at[ée]
bis
vor
""")
# "For release on 30 November": not to be seen before. Elsewhere than at the top it may tell of a book.
FROM = _any("""
(?:hold )?(?:for )?(?:release|publication|broadcast) (?:only after|not before|after|from|on|until)
hold (?:for release )?until
(?:to be )?(?:released|published) (?:after|from|not before)
not before
(?:para )?(?:publicar|publicaci[oó]n|difundir|difusi[oó]n) (?:solo )?(?:a partir|desde|no antes)(?: del?)?
no antes del?
prohibida su (?:publicaci[oó]n|difusi[oó]n|reproducci[oó]n)
(?:à )?(?:publier|diffuser|para[iî]tre) (?:à partir|apr[eè]s|pas avant)(?: du)?
(?:para )?(?:publicar|divulgar|divulga[cç][aã]o) (?:(?:somente )?a partir|n[aã]o antes) d[eo]
(?:frei(?:gabe)?|ver[oö]ffentlichung) (?:erst )?(?:ab|am|nicht vor)
""")
DAY_OF = _any("""
(?:publication|release) date
for (?:release|publication)(?: on)?
date of (?:publication|release)
fecha de (?:publicaci[oó]n|difusi[oó]n)
date de (?:publication|diffusion)
data de (?:publica[cç][aã]o|divulga[cç][aã]o)
ver[oö]ffentlichungs(?:datum|termin)
""")
STEMS = (
    "draft", "borrador", "brouillon", "rascunho", "entwurf", "confiden", "vertraulich", "embarg", "publi",
    "release", "broadcast", "circul", "distrib", "internal use", "usage interne", "difu", "divulg", "diffus",
    "intern", "veröffentlich", "veroffentlich", "sperrfrist", "antes del", "not before", "hold until", "frei",
    "secret", "geheim", "classified", "sensitive", "restric", "restringid", "restreint", "restrita",
    "reservado",
    "eyes only", "official use", "sigilos", "dienstgebrauch", "forward", "share", "disseminat", "reenvi",
    "compart", "transmet", "transf", "partag", "faire suivre", "encaminh", "partilh", "weiter", "uso interno",
)  # fmt: skip
# How the lines begin that say so wherever they stand; one quick search of a whole text finds them.
_BEGINNINGS = _any("""
draft|borr|brou|rasc|entw
strict|estrict|confiden|vertr
not|do|please|for|internal
no|por favor|s[oó]lo|solo|para|uso
pas|non|ne|à usage|usage
n[ãa]o|apenas
noch|nicht|nur|zur
under|embarg|bajo|sous|sob|sperr
docum|versi|vers[ãa]|working|prelim|minuta|projet|vorab|arbeitsp
top|secret|ultra|alto|tr[eè]s|classified|official|sensitive|restric|eyes|your|private|privado|reserv
circul|distrib|difus|diffusion|divulga|sigil|streng|geheim|vs|interno|interne|somente
note|nota|nb|remark|hinweis|anmerkung|remarque
""")
LONGEST = 120
_MAYBE = rf"[^\w\n]{{0,12}}(?i:{_BEGINNINGS})[^\n]{{0,{LONGEST}}}+$"
MAYBE = re.compile(_MAYBE, re.MULTILINE), re.compile("\n" + _MAYBE, re.MULTILINE)
