"""Which words of a head say that its text is not for publication.

Owns these names and words, of other systems and in four languages. Where a word of a status is not known,
nothing is shown: waiting harms less than what cannot be taken back. Must not know instants.
"""

from __future__ import annotations

from collections.abc import Sequence

from feeds.reading.head.entries import Entry, words

_YES = frozenset("true yes y on 1 si sí oui sim x ja verdadero vrai".split())
_NO = frozenset("false no n off 0 none non não nao never falso faux nein falsch".split())
# Said of what nobody is to see …
_HIDES = frozenset(
    "draft drafts isdraft private unlisted unpublished hidden hide internal confidential embargo "
    "embargoed notforpublication borrador brouillon rascunho entwurf privado privada prive privé oculto "
    "inedito eleventyexcludefromcollections secret topsecret secreto geheim restricted classified "
    "withhold withheld "
    "onhold retener retenido".split()
)
# … and of what everybody may.
_SHOWS = frozenset(
    "published publish ispublished public visible publicado publicada publicar publico público publié publie "
    "publicado render permalink approved isapproved aprobado aprovado approuvé approuve cleared".split()
)
# What is no word of these is doubtful …
_STATES = frozenset(
    "status poststatus visibility publishstatus publicationstatus workflowstate "
    "workflowstatus statut visibilidad visibilidade visibilité "
    "visibilite".split()
)
# … but "state: Chiapas" is a place.
_PERHAPS = frozenset(
    "state estado situacion situación situacao situação access acceso classification clasificación "
    "clasificacion "
    "classificação classificacao confidentiality confidencialidad confidentialité confidentialite "
    "sensitivity "
    "einstufung distribution distribución distribucion distribuição distribuicao".split()
)
# What stands behind such a name in a text, and means nothing else there.
_MARKINGS = frozenset(
    "interno interna interne restringido restringida restreint restreinte restrito restrita "
    "reservado reservada "
    "vertraulich confidentiel confidencial officialsensitive".split()
)
_SHUT = (
    _HIDES
    | _MARKINGS
    | frozenset(
        "pending review inreview underreview scheduled future trash trashed deleted wip archived pendiente "
        "enrevisión enrevision revision revisión pendente programado enattente nopublicar".split()
    )
)
_OPEN = frozenset(
    "publish published public publica pública live final open visible released release approved active "
    "online default publicado publicada publico público publié publie publique aprobado aprobada final "
    "vigente corrected updated new normal everyone all ready".split()
)
# What tags and categories say so; "embargo", "private" and "internal" may be what the text is about.
_TAGS = frozenset("tags tag categories category keywords labels etiquetas categorías categorias".split())
_SHUT_TAGS = frozenset(
    "draft drafts unpublished embargoed embargado embargada notforpublication donotpublish confidential "
    "borrador brouillon rascunho entwurf confidencial nopublicar".split()
)
_TABLES = ("params", "extra", "meta", "metadata", "build", "_build", "attributes", "custom")


def reason_to_wait(entries: Sequence[Entry]) -> Entry | None:
    """The first entry that says that the text is not for publication; None if none does."""
    for entry in entries:
        if tag := _shut_tag(entry):
            return entry._replace(value=tag)
        if _withholds(entry):
            return entry
    return None


def is_withholding_name(name: str) -> bool:
    """Whether a name, as it stands in a head, can say so at all."""
    return _plain(name) in _HIDES | _SHOWS | _STATES | _PERHAPS


def says_so_plainly(name: str, value: str) -> bool:
    """Whether a line "name: value" of a text says so in words that mean nothing else there."""
    name, said = _plain(name.lower()), value.lower().strip(" .!\"'")
    if name in _STATES | _PERHAPS:
        return _plain(said) in _HIDES | _MARKINGS
    return (name in _HIDES and said in _YES) or (name in _SHOWS and said in _NO)


def _shut_tag(entry: Entry) -> str | None:
    if entry.name.rpartition(".")[2] not in _TAGS:
        return None
    each = entry.value if isinstance(entry.value, list) else entry.value.split(",")
    return next((tag.strip() for tag in each if _plain(tag.strip(" .!\"'[]")) in _SHUT_TAGS), None)


def _withholds(entry: Entry) -> bool:
    table, _, name = entry.name.rpartition(".")
    if table and table not in _TABLES:
        return False
    name, said = _plain(name), words(entry.value).lower().strip(" .!\"'")
    if not said or "{{" in said:  # a form that nobody filled in
        return False
    if name in _HIDES:
        return said in _YES if name.startswith("embargo") else said not in _NO
    if name in _SHOWS:
        return said in _NO or _plain(said) in _SHUT
    if name in _PERHAPS:
        return _plain(said) in _SHUT
    return name in _STATES and _plain(said) not in _OPEN


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").replace(" ", "").lower()
