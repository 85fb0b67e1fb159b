"""Which addresses may stand in what everybody reads, and which are the receiver's own business.

An address that unsubscribes somebody, opens somebody's settings, shows somebody's copy of a mail, or
tells who clicked it, is never shown. Marks that only count visits are taken off. Must not know where
an address stood.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

LONGEST_LINK = 2_000
_UNWRAPPED = 3  # a wrapped address may be wrapped again

# What a path, a host's label or a query's key says of an address that is somebody's own.
_PRIVATE = frozenset(
    """
    unsubscribe unsubscribed unsubscription unsub optout opt-out opt_out listunsubscribe one-click-unsubscribe
    list-unsubscribe subscription-preferences subscription_preferences update-profile update_profile
    email-preferences email_preferences emailpreferences manage-preferences manage_preferences
    managepreferences manage-subscription manage-subscriptions managesubscription subscription-center
    preference-center preferences-center preferencecenter profile-center
    view-in-browser viewinbrowser view_in_browser viewonline view-online webversion web-version web_version
    viewemail view-email mirrorpage forward-to-friend forwardtoafriend
    darse-de-baja darsedebaja desuscribir desuscribirse cancelar-suscripcion baja-boletin
    desabonnement desabonnement-newsletter se-desabonner desinscription cancelar-inscricao descadastrar
    abmelden abbestellen newsletter-abmelden
    """.split()
)
_PRIVATE_TOGETHER = (  # a word of a path, and a key of the query without which the page is everybody's
    (frozenset({"preferences", "settings", "profile", "subscription", "subscriptions", "manage", "view"}),
     frozenset({"u", "e", "uid", "token", "email", "key", "id", "hash", "subscriber", "c", "mid"})),
)  # fmt: skip
# What opens only for who works on a page, or is logged in: an editor's view, a trial machine, a session.
_WORKSHOP_HOST = re.compile(
    r"(?:^|\.)(?:[\w-]+-)?(?:staging|preprod|preproduction|uat|intranet|preview|drafts?)\."
)
_WORKSHOP_PATH = re.compile(
    r"/(?:wp-admin|wp-login\.php|administrator/index\.php|node/[0-9]+/edit|umbraco|typo3)(?:[/?]|$)"
    r"|^/(?:document|spreadsheets|presentation|forms)/(?:u/[0-9]/)?d/[^/]+/edit\b|;jsessionid=",
    re.IGNORECASE,
)
_SESSIONS = frozenset(
    "sessionid session_id phpsessid jsessionid aspsessionid sessid access_token auth_token "
    "authtoken id_token magic_link magiclink preview_id preview_nonce _wpnonce".split()
)
_ONCE = (
    frozenset(
        "reset reset-password password-reset resetpassword login signin sign-in verify activate confirm "
        "invite invitation accept auth magic".split()
    ),
    frozenset({"token", "code", "key", "hash", "t", "signature", "otp"}),
)
_LISTS_OWN = re.compile(r"[\w.-]*\.list-manage\d?\.com/(?:profile|unsubscribe|vcard)\b", re.IGNORECASE)
_CLICKED = re.compile(
    r"""^(?:
        [\w.-]*\.list-manage\d?\.com/track\b
      | [\w.-]*/(?:ls|wf)/click\b | [\w.-]*/track(?:ing)?/click\b | [\w.-]*/e/c/ | [\w.-]*/f/a/\S*~
      | (?:click|clicks|links?\d*|trk|track|tracking|t|email|go|url\d+)\.[\w.-]+/(?:[a-z]{1,3}/)?[\w~=+-]{24,}
      | [\w.-]*\.(?:sendgrid\.net|mailgun\.org|mandrillapp\.com|hubspotlinks\.com|rs6\.net|exct\.net)/
      | [\w.-]*\.(?:cmail\d+|createsend\d*|sparkpostmail|mailjet|mjt)\.(?:com|net|lu)/
      | [\w.-]*\.(?:ccsend|sendinblue|sibautomation)\.com/
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_WRAPPERS = (
    (re.compile(r"(?:^|\.)safelinks\.protection\.outlook\.com$"), ("url",)),
    (re.compile(r"^(?:www\.)?google\.[a-z.]{2,6}$"), ("q", "url")),
    (re.compile(r"^l\.(?:facebook|instagram)\.com$"), ("u",)),
    (re.compile(r"(?:^|\.)urldefense\.proofpoint\.com$"), ("u",)),
    (re.compile(r"^slack-redir\.net$"), ("url",)),
)
_COUNTERS = re.compile(
    r"(?:utm_\w+|mc_[ce]id|fbclid|gclid|dclid|msclkid|yclid|igshid|_hsenc|_hsmi|mkt_tok|vero_(?:id|conv)"
    r"|oly_(?:enc|anon)_id|ml_subscriber\w*|s_cid|trk_\w+|spm|wickedid|_openstat|cmpid|ss_email_id)$",
    re.IGNORECASE,
)
_MAILTO = re.compile(r"mailto:([\w.+%'-]{1,64}@[\w-]+(?:\.[\w-]+)+)(?:\?(.*))?", re.IGNORECASE)
# Machines that nobody outside of one house can reach.
_AT_HOME = re.compile(
    r"localhost|.+\.(?:localhost|local|lan|internal|intranet)|127(?:\.[0-9]{1,3}){3}|10(?:\.[0-9]{1,3}){3}"
    r"|192\.168(?:\.[0-9]{1,3}){2}|172\.(?:1[6-9]|2[0-9]|3[01])(?:\.[0-9]{1,3}){2}|::1",
    re.IGNORECASE,
)
_SCHEMES = ("http", "https")


def public_link(address: str) -> str | None:
    """An absolute web or mail address as everybody may see it; None for any other, and for one that is
    somebody's own.
    """
    address = _tidied(address)
    if address[:7].lower() == "mailto:":
        return _mail_address(address)
    for _ in range(_UNWRAPPED):
        parts = _parts(address)
        if parts is None:
            return None
        inside = _unwrapped(parts)
        if inside is None:
            return None if _is_private(parts) else _without_counters(address, parts)
        address = _tidied(inside)
    return None


def is_private_link(address: str) -> bool:
    """Whether an address, whole or relative to a page, is one receiver's own or tells who followed it."""
    address = _tidied(address)[: 4 * LONGEST_LINK]
    if address[:7].lower() == "mailto:":
        return bool(_MAILTO.fullmatch(address)) and _mail_address(address) is None
    try:
        parts = urlsplit(address)
        inside = _unwrapped(parts)
        return _is_private(parts) or (inside is not None and _is_private(urlsplit(inside)))
    except ValueError:
        return False


def unwrapped_link(address: str) -> str:
    """An address that a mail program has wrapped into its own, as it was; any other as it stands."""
    try:
        inside = _unwrapped(urlsplit(address[: 4 * LONGEST_LINK]))
    except ValueError:
        return address
    return address if inside is None else public_link(address) or ""


def readable_link(address: str) -> str:
    """An address as people say it in a text: without ``mailto:``."""
    return address[7:] if address[:7].lower() == "mailto:" else address


def is_own_business(address: str) -> bool:
    """Whether an address is for its receiver alone; not one that leads everybody on and counts who goes."""
    address = _tidied(address)[: 4 * LONGEST_LINK]
    if address[:7].lower() == "mailto:":
        return is_private_link(address)
    try:
        parts = urlsplit(address)
        inside = _unwrapped(parts)
        return _is_owned(parts) or (inside is not None and _is_owned(urlsplit(inside)))
    except ValueError:
        return False


def _is_private(parts: SplitResult) -> bool:
    host = (parts.hostname or "").lower()
    named = "@" in parts.netloc
    return (
        named or _is_owned(parts) or bool(_CLICKED.match(f"{host}{parts.path}")) or _is_workshop(host, parts)
    )


def _is_workshop(host: str, parts: SplitResult) -> bool:
    """Whether an address is that of somebody at work on a page, or of one session, or works once."""
    if _WORKSHOP_HOST.search(host) or _WORKSHOP_PATH.search(parts.path):
        return True
    if not parts.query:
        return False
    said = {key.lower(): value.lower() for key, value in parse_qsl(parts.query, max_num_fields=None)}
    if not _SESSIONS.isdisjoint(said) or said.get("preview") in ("true", "1"):
        return True
    path, keys = _ONCE
    return not path.isdisjoint(parts.path.lower().split("/")) and not keys.isdisjoint(said)


@lru_cache(maxsize=256)  # each link of a page is asked about twice in a row
def _is_owned(parts: SplitResult) -> bool:
    host, path = (parts.hostname or "").lower(), parts.path.lower()
    said = {re.sub(r"\.\w{2,5}$", "", part) for part in path.split("/") if part}
    keys = {key.lower() for key, _ in parse_qsl(parts.query, keep_blank_values=True, max_num_fields=None)}
    if not _PRIVATE.isdisjoint(said | keys | set(host.split(".")[:-2])):
        return True
    if any(said & words and keys & names for words, names in _PRIVATE_TOGETHER):
        return True
    return bool(_LISTS_OWN.match(f"{host}{parts.path}"))


def _tidied(address: str) -> str:
    address = address.strip()
    return f"https://{address}" if address[:4].lower() == "www." else address


def _parts(address: str) -> SplitResult | None:
    """The parts of a web address that a feed can carry; none with a name or password in it."""
    if len(address) > LONGEST_LINK or not address.isprintable() or " " in address or "\\" in address:
        return None
    try:
        parts = urlsplit(address)
        named = parts.hostname and parts.port is not None and "@" in parts.netloc
    except ValueError:
        return None
    if parts.scheme.lower() not in _SCHEMES or not parts.hostname or named or "@" in parts.netloc:
        return None
    if _AT_HOME.fullmatch(parts.hostname):
        return None
    return parts


def _unwrapped(parts: SplitResult) -> str | None:
    """The address that a mail program or a search engine has wrapped into its own."""
    host = (parts.hostname or "").lower()
    for known, keys in _WRAPPERS:
        if known.search(host):
            said = dict(parse_qsl(parts.query))
            return next((said[key] for key in keys if said.get(key, "")[:4].lower() == "http"), None)
    return None


def _without_counters(address: str, parts: SplitResult) -> str:
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = [pair for pair in pairs if not _COUNTERS.match(pair[0])]
    if len(kept) == len(pairs):
        return address
    return urlunsplit(parts._replace(query=urlencode(kept)))


def _mail_address(address: str) -> str | None:
    """A mail address alone; one with a subject such as “unsubscribe” is a button, not an address."""
    found = _MAILTO.fullmatch(address)
    if found is None or any(word in (found[2] or "").lower() for word in ("unsubscribe", "optout")):
        return None
    local = found[1].partition("@")[0].lower()
    return None if _PRIVATE & set(re.split(r"[+.]", local)) else f"mailto:{found[1]}"
