"""Lines that are the receiver's own business: how to leave a list, why one is on it, one's own copy.

Owns the words by which such lines begin, in five languages. A rule looks at a whole line that begins so,
never into a sentence. Must not know forms.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from feeds.richtext import is_own_business, is_private_link, trimmed, unwrapped_link

LONGEST_PRIVATE = 400
# One pattern a line.
_BEGINNINGS = r"""
(?:click here to |you (?:can|may) )?(?:unsubscribe|opt out)(?: here| now| at any time)?\W*(?:https?:\S+)?$
(?:click here to |you (?:can|may) )?(?:unsubscribe|opt out) from (?:this|these|our|the) (?:mailing )?(?:list|newsletter|e-?mails?)
to (?:unsubscribe|opt out|stop receiving|manage your subscription|update your preferences)\b
if you (?:no longer|do not|don.t) (?:wish|want) to (?:receive|get|hear)
(?:comment(?:ed)?|comentario|comentado|commentaire|coment[áa]rio|kommentar(?:iert)?) \[[A-Z]{1,4}[0-9]{1,4}\]\s?:
(?:to |click here to )?(?:leave|quit) (?:this|our|the) (?:mailing )?(?:list|newsletter|group)\b
(?:to )?stop (?:getting|receiving) (?:these|this|our|such) (?:(?:e-?)?mails?|messages?|newsletters?|mailings?)\b
(?:para )?(?:dejar|abandonar|salir de) (?:esta|la|nuestra) lista\b
(?:pour )?quitter (?:cette|la|notre) liste\b
(?:para )?sair (?:desta|da|da nossa) lista\b
you(?:.re| are| have)? (?:currently )?(?:receiv(?:e|ed|ing)|getting) this (?:e-?mail|message|newsletter|letter|mailing)
this (?:e-?mail|message|newsletter) was sent (?:to|by)\b
why did i get this
view (?:this )?(?:e-?mail|message|newsletter|mailing|it)? ?(?:in|on|with) (?:your |a |the )?(?:web )?(?:browser|web\b)
view (?:this (?:e-?mail|newsletter) )?online\b
web version\W*$
read (?:this )?(?:e-?mail )?online\W*$
(?:having )?(?:trouble|problems|difficulty) (?:viewing|reading|displaying) this
(?:manage|update|change|edit) (?:your |my )?(?:e-?mail |subscription |mailing )?(?:preferences|settings|subscriptions?)\b
(?:forward|send) (?:this (?:e-?mail|message|newsletter) )?to a friend
add us to your address book
(?:this|the information in this|the contents? of this) (?:e-?mail|message|communication)\b.{0,90}(?:confidential|privileged)
(?:caution|warning|attention|external(?: e-?mail)?|notice)\W.{0,60}(?:originated|came|comes|sent|from) .{0,30}(?:outside|external)
(?:este|el presente|esta) (?:correo|mensaje|comunicaci[oó]n|e-?mail)\b.{0,90}confidencial
(?:ce|cet|le pr[ée]sent) (?:message|courriel|e-?mail)\b.{0,90}confidentiel
(?:esta|este|a presente) (?:mensagem|e-?mail)\b.{0,90}confidencia
diese (?:e-?mail|nachricht)\b.{0,90}vertraulich
(?:darse|darme|date) de baja
(?:para|si (?:desea|quiere|prefiere)) (?:darse de baja|dejar de recibir|(?:cancelar|anular) (?:su|la) suscripci[oó]n)
(?:cancelar|anular) (?:su |mi |la |tu )?suscripci[oó]n
si (?:usted )?(?:ya )?no (?:desea|quiere|deseas|quieres) (?:seguir )?recib
(?:usted )?(?:ha recibido|recibe|recibi[oó]|recibes|has recibido|est[aá] recibiendo) este (?:correo|mensaje|bolet[ií]n|e-?mail)
este (?:correo|mensaje|bolet[ií]n) (?:fue|ha sido|se ha) enviado a
ver (?:este )?(?:correo|mensaje|bolet[ií]n|e-?mail)? ?en (?:el|su|tu) navegador
ver (?:versi[oó]n )?(?:en l[ií]nea|web)\W*$
(?:administrar|gestionar|actualizar|modificar|cambiar) (?:sus |tus |mis |las )?(?:preferencias|suscripci[oó]n)
(?:pour )?(?:vous |se |me )?d[ée]s(?:abonner|inscrire)(?: ici)?\W*(?:https?:\S+)?$
(?:pour )(?:vous |se )?d[ée]s(?:abonner|inscrire)\b
d[ée]sabonnement\W*(?:https?:\S+)?$
si vous ne (?:souhaitez|voulez|d[ée]sirez) plus (?:recevoir|[êe]tre)
vous (?:recevez|avez re[çc]u) (?:ce|cet|cette) (?:message|e-?mail|courriel|lettre|newsletter|infolettre)
(?:voir|afficher|consulter|lire) (?:ce|cet|cette) (?:message|e-?mail|courriel|lettre|newsletter).{0,20} (?:dans|en ligne|sur)
(?:g[ée]rer|modifier) (?:vos|mes) (?:pr[ée]f[ée]rences|abonnements)
(?:para )?cancelar (?:a |sua |a sua )?(?:inscri[çc][ãa]o|assinatura|subscri[çc][ãa]o)
(?:para )?(?:se )?descadastrar
se (?:voc[êe] )?n[ãa]o (?:deseja|quer|quiser|desejar) (?:mais )?receber
(?:voc[êe] )?(?:est[áa] recebendo|recebeu|recebe) (?:este|esta|essa|esse) (?:e-?mail|mensagem|boletim|newsletter)
(?:ver|visualizar|visualize|abrir) (?:este |esta )?(?:e-?mail|mensagem|boletim)? ?no (?:seu )?navegador
(?:gerenciar|gerir|atualizar|alterar) (?:suas |as suas |as )?prefer[êe]ncias
(?:newsletter|mailing|e-?mails?)? ?(?:abbestellen|abmelden)\W*(?:https?:\S+)?$
(?:um|wenn sie) (?:sich )?(?:vom|von diesem|aus dem|diesen|diese|keine)\b.{0,40}\b(?:newsletter|verteiler|mails?|nachrichten)\b
sie (?:erhalten|bekommen|haben) (?:diese|diesen) (?:e-?mail|newsletter|nachricht|rundbrief)
.{0,20}\bim browser (?:ansehen|anzeigen|[öo]ffnen|lesen)
"""  # noqa: E501
# What companies write under their mails is long: how it begins, and what it speaks of.
_NOTICES = r"""
(?:e-?mail )?(?:confidentiality|privacy|legal) (?:notice|disclaimer|statement|note)
disclaimer
(?:aviso|nota) (?:de confidencialidad|legal|de privacidad)
(?:avis|clause|mention) de confidentialité
aviso (?:de confidencialidade|legal)
vertraulichkeitshinweis
rechtlicher hinweis
"""
_SPOKEN_OF = (
    r"e-?mail|message|recipient|addressee|correo|mensaje|destinatari|courriel|destinataire|mensagem|nachricht"
    r"|empfänger|adressat"
)
_PRINTING = r"""
please (?:consider|think of) the environment
(?:por favor,? )?(?:antes de imprimir|piens[ea] en el medio ambiente)
pensez à l['’]environnement
(?:antes de imprimir,? )?pense no meio ambiente
bitte denken sie an die umwelt
"""
_NOTICE = re.compile(
    rf"\W{{0,4}}(?:(?:{'|'.join(_NOTICES.split(chr(10))[1:-1])})\b.{{0,300}}\b(?:{_SPOKEN_OF})"
    rf"|(?:{'|'.join(_PRINTING.split(chr(10))[1:-1])})\b)",
    re.IGNORECASE | re.DOTALL,
)
_LINE = re.compile(rf"\W{{0,4}}(?:{'|'.join(_BEGINNINGS.split(chr(10))[1:-1])})", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://|www\.|mailto:)[^\s<>\"']+", re.IGNORECASE)


def is_private_line(row: str) -> bool:
    """Whether a whole line is nobody's news: it begins as a list's footer does, or holds such an address."""
    if _NOTICE.match(row[:LONGEST_PRIVATE]):
        return True
    return len(row) <= LONGEST_PRIVATE and (bool(_LINE.match(row)) or _has(is_own_business, row))


def without_private_links(row: str) -> str:
    """A line of text without the addresses in it that are somebody's own; those that a mail program has
    wrapped into its own stand as they were.
    """
    if "://" not in row and "www." not in row and "mailto:" not in row:
        return row
    made = _ADDRESS.sub(lambda found: _shown(found[0]), row)
    return row if made == row else " ".join(made.split())


def _shown(address: str) -> str:
    whole = trimmed(address)
    return "" if is_private_link(whole) else unwrapped_link(whole) + address[len(whole) :]


def _has(judge: Callable[[str], bool], row: str) -> bool:
    if "://" not in row and "www." not in row and "mailto:" not in row:
        return False
    return any(judge(found[0]) for found in _ADDRESS.finditer(row))
