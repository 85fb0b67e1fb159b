"""What a copied web page or a printed page brings along and no reader wants.

Owns the named rules by which a line is left out (docs/bulletins.md lists them)
and the lines that are an address. A rule looks at a whole line, never into a
sentence. Must not know items or dates.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from feeds.richtext import trimmed

LONGEST = 60
LONGEST_LINK = 2_000
_AROUND = " .…:;,-–—>»›<«‹→←[](){}|*·•+"

_MORE = """
read more|read more here|read full story|read the full story|read the full article|continue reading
learn more|see more|view more|more info|more information|full story|leer más|leer mas|lea más|lea mas
leer más aquí|leer nota completa|ver más|ver mas|seguir leyendo|continuar leyendo|continúe leyendo
más información|conozca más|lire la suite|lire plus|en savoir plus|voir plus|leia mais|ler mais
saiba mais|ver mais|continue lendo|continuar lendo
"""
_SHARE = """
share|share this|share this page|print|print this page|tweet|share on facebook|share on twitter|share on x
share by e-mail|share by email|share this story|share this article|share this post|share this news|follow us
comparte esta noticia|compartir esta noticia|comparta esta noticia|partager cet article|partager sur
compartilhe esta notícia|artikel teilen|teilen|drucken|seite teilen
facebook|twitter|whatsapp|linkedin|telegram|pinterest|reddit|copy link|copiar enlace|copier le lien
compartir|comparta|imprimir|compartir en facebook|compartir en twitter
partager|imprimer|compartilhar|compartilhe|back to top|volver arriba|haut de page|voltar ao topo
"""
_LANGUAGES = """
english|español|espanol|français|francais|português|portugues|inglés|ingles|spanish|french|portuguese
english version|versión en español|version en español|versión en inglés|version française|version anglaise
versão em português|versão em inglês|read in english|leer en español|leer en inglés|ver en español
available in english|available in spanish|disponible en español|disponible en inglés|disponible en français
"""
_COMMENTS = """
no comments|leave a comment|leave a reply|add a comment|post a comment|add comment
sin comentarios|deja un comentario|dejar un comentario|añadir comentario|añadir un comentario
aucun commentaire|laisser un commentaire|ajouter un commentaire
sem comentários|deixe um comentário|deixar um comentário|nenhum comentário
keine kommentare|kommentar schreiben|kommentar hinterlassen
"""
_COUNTED = re.compile(
    r"[0-9]{1,5} (?:comments?|repl(?:y|ies)|responses?|comentarios?|commentaires?|comentários?|kommentare?)"
)
_CODES = frozenset({"en", "es", "fr", "pt", "eng", "esp", "fra", "por"})
_PAGER = frozenset(
    "previous prev next first last older newer page anterior siguiente primera primero última último próximo "
    "próxima página précédent précédente suivant suivante première dernière primeira seguinte".split()
)
_PAGE = re.compile(r"(?:page|página|pagina|pág\.?|pag\.?|p\.) ?[0-9]{1,4}(?: ?(?:of|de|sur|/) ?[0-9]{1,4})?")
_BARE_PAGE = re.compile(r"[0-9]{1,3}(?: ?(?:of|de|sur|/) ?[0-9]{1,3})?")
_BETWEEN = re.compile(r"[\s|/·•,.…<>«»‹›\[\]()-]+")
_LINK = re.compile(
    r"(?:[^\W\d_][^\n:.!?;]{0,30}:\s?)?[<(\[]?((?:https?://|www\.)[^\s<>\"'()\[\]]+)[>)\]]?\.?", re.IGNORECASE
)


def _phrases(words: str) -> list[str]:
    return [phrase.strip() for phrase in re.split(r"[|\n]", words) if phrase.strip()]


_RULES = (
    dict.fromkeys(_phrases(_MORE), "read-more")
    | dict.fromkeys(_phrases(_SHARE), "share-line")
    | dict.fromkeys(_phrases(_LANGUAGES), "language-switch")
    | dict.fromkeys(_phrases(_COMMENTS), "readers-comments")
)


def rule_of(row: str, alone: bool) -> str | None:
    """The rule by which a shown line is left out, None for a line that stays.

    `alone`: blank lines stand around it. A number without the word "page" needs that.
    """
    if len(row) > LONGEST:
        return None
    words = row.lower().strip(_AROUND)
    if found := _RULES.get(words):
        return found
    if not words or not (words[0].isdigit() or words[0] in "p" or _BETWEEN.search(words)):
        return None
    if _COUNTED.fullmatch(words):
        return "readers-comments"
    if _PAGE.fullmatch(words) or (alone and _BARE_PAGE.fullmatch(words)):
        return "page-number"
    return _by_its_words(words)


def _by_its_words(words: str) -> str | None:
    """Lists of languages ("EN | ES") and of pages ("« Previous 1 2 3 Next »")."""
    parts = [part for part in _BETWEEN.split(words) if part]
    if len(parts) < 2 or len(words) < 4:
        return None
    if all(part in _CODES or _RULES.get(part) == "language-switch" for part in parts):
        return "language-switch"
    turns = sum(part in _PAGER for part in parts)
    if all(part in _PAGER or part.isdigit() for part in parts) and turns and (len(parts) > 2 or turns > 1):
        return "pager"
    return None


def link_line(row: str) -> str | None:
    """The address, if the line is nothing else; words with a colon may stand before it ("Link: …")."""
    if "://" not in row and "www." not in row[:LONGEST].lower():
        return None
    match = _LINK.fullmatch(row)
    return web_link(trimmed(match[1])) if match else None


def web_link(address: str) -> str | None:
    """An absolute http or https address as it may stand in a feed, or None."""
    address = address.strip()
    if address[:4].lower() == "www.":
        address = f"https://{address}"
    if len(address) > LONGEST_LINK or not address.isprintable() or " " in address:
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme.lower() in ("http", "https") and parts.hostname else None
