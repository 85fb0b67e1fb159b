"""Everything people get by mail or beside their file, in words (pure).

Owns: the digest mail, its List-* headers, the receipt of a bulletin as a file
and as a mail, and the one way to say a filter in a sentence. Must not know how
mail is sent, who the members are, what a token means, or what time it is.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from feeds.letters.digest import DigestLetters
from feeds.letters.headers import NOTICE_HEADERS, TOKEN_SLOT, list_headers, splice, unsubscribe_url
from feeds.letters.receipt import receipt_text
from feeds.letters.receipt_mail import ReceiptLetters, needs_a_look
from feeds.model import BulletinReceipt, Digest, RenderedDigest, RenderedMail, SiteInfo, Vocabulary
from feeds.templating import Environment
from feeds.wording import describe

__all__ = [
    "NOTICE_HEADERS",
    "TOKEN_SLOT",
    "Letters",
    "describe",
    "list_headers",
    "needs_a_look",
    "unsubscribe_url",
]


class Letters:
    """Writes letters for one site. Cheap to keep, safe to share between threads.

    `list_id` names the mailing list for ever (RFC 2919); without it, it is
    ``digest.`` and the host of the site.
    """

    def __init__(
        self, environment: Environment, site: SiteInfo, vocabulary: Vocabulary, list_id: str = ""
    ) -> None:
        self._environment = environment
        self._site = site
        self._vocabulary = vocabulary
        self._list_id = list_id or f"digest.{urlsplit(site.base_url).hostname}"
        self._digests = DigestLetters(environment, site, vocabulary)
        self._receipts = ReceiptLetters(environment, site, vocabulary)

    def digest(self, digest: Digest) -> RenderedDigest:
        """The mail of a digest in its audience's language, with `TOKEN_SLOT` for the personal links.

        The HTML is under 90 kB whatever the digest holds: long ones end in
        headlines, very long ones in "more on the web". MailError if an item
        smuggles the slot in.
        """
        return self._digests.render(digest)

    def personal(self, rendered: RenderedDigest, *, token: str) -> RenderedDigest:
        """The same mail with one member's token in its links. MailError if the token is not URL-safe."""
        return splice(rendered, token)

    def list_headers(self, token: str) -> tuple[tuple[str, str], ...]:
        """The extra headers of a digest to the member whom `token` names, in order."""
        return list_headers(self._site, token, self._list_id)

    def receipt(self, receipt: BulletinReceipt, lang: str) -> str:
        """``NAME.receipt.txt``: what became of a bulletin, in plain words."""
        return receipt_text(self._environment, self._vocabulary, receipt, lang)

    def receipt_mail(self, receipt: BulletinReceipt, lang: str, setting: str) -> RenderedMail:
        """The same as a mail to the office; `setting` is the configuration's key that sends it.

        The HTML is under 90 kB: long receipts end in headlines, very long ones in the command that
        shows the rest.
        """
        return self._receipts.render(receipt, lang, setting)
