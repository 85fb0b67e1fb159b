"""Everything people get by mail or beside their file, in words (pure).

Owns: the digest mail, its List-* headers, the receipt of a bulletin as a file
and as a mail, and the one way to say a filter in a sentence. Must not know how
mail is sent, who the members are, what a token means, or what time it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from feeds.filters.members import Reach
from feeds.letters.digest import DigestLetters
from feeds.letters.headers import NOTICE_HEADERS, TOKEN_SLOT, list_headers, unsubscribe_url
from feeds.letters.joining import Body, Joining, Passage, Wording, put_together
from feeds.letters.links import CHANGE, PAGE, PAUSE, filled, shared, titled
from feeds.letters.receipt import not_read_note, receipt_text
from feeds.letters.receipt_mail import ReceiptLetters, needs_a_look
from feeds.model import BulletinReceipt, Digest, RenderedDigest, RenderedMail, SiteInfo, Vocabulary
from feeds.templating import Environment
from feeds.wording import describe

__all__ = [
    "NOTICE_HEADERS",
    "TOKEN_SLOT",
    "Body",
    "Joining",
    "Letters",
    "Passage",
    "Wording",
    "describe",
    "list_headers",
    "needs_a_look",
    "put_together",
    "unsubscribe_url",
]


class Letters:
    """Writes letters for one site. Cheap to keep, safe to share between threads.

    `list_id` names the mailing list for ever (RFC 2919); without it, it is
    ``digest.`` and the host of the site. `leave_by_mail`: an address whose mails end subscriptions.
    """

    def __init__(
        self,
        environment: Environment,
        site: SiteInfo,
        vocabulary: Vocabulary,
        list_id: str = "",
        leave_by_mail: str = "",
    ) -> None:
        self._environment = environment
        self._site = site
        self._vocabulary = vocabulary
        self._list_id = list_id or f"digest.{urlsplit(site.base_url).hostname}"
        self._leave_by_mail = leave_by_mail
        self._digests = DigestLetters(environment, site, vocabulary)
        self._receipts = ReceiptLetters(environment, site, vocabulary)

    def digest(self, digest: Digest) -> RenderedDigest:
        """The mail of a digest in its audience's language, with slots for what is personal (`links`).

        The HTML is under 90 kB whatever the digest holds: long ones end in
        headlines, very long ones in "more on the web". MailError if an item
        smuggles the slot in.
        """
        return self._digests.render(digest)

    def joining(self) -> Joining:
        """What puts together the same mails for very many audiences, from pieces that are rendered once."""
        return Joining(self._digests)

    def titled(self, rendered: RenderedDigest, name: str = "") -> RenderedDigest:
        """The same mail under the name that a member gave the subscription, or under its own heading."""
        return titled(rendered, name)

    def personal(
        self,
        rendered: RenderedDigest,
        *,
        unsubscribe: str,
        change: str,
        pause: str,
        page: str,
        name: str = "",
    ) -> RenderedMail:
        """The mail of one member: with their tokens and the key of the digest's page in its links.

        MailError if one of them is not URL-safe.
        """
        words = {TOKEN_SLOT: unsubscribe, CHANGE: change, PAUSE: pause, PAGE: page}
        return filled(titled(rendered, name), words)

    def shared(self, rendered: RenderedDigest, *, page: str, name: str = "") -> RenderedMail:
        """What all members get alike who have one `name` for it, with `PERSONAL` slots for their tokens."""
        return shared(rendered, page, name)

    def list_headers(self, token: str) -> tuple[tuple[str, str], ...]:
        """The extra headers of a digest to the member whom `token` names, in order."""
        return list_headers(self._site, token, self._list_id, self._leave_by_mail)

    def receipt(self, receipt: BulletinReceipt, lang: str, zone: str = "UTC") -> str:
        """``NAME.receipt.txt``: what became of a bulletin, in plain words."""
        return receipt_text(self._environment, self._vocabulary, receipt, lang, zone)

    def not_read(self, name: str, folders: Sequence[str], lang: str) -> str:
        """The note beside files of a sub-folder that is not read; `folders` are those that are."""
        return not_read_note(self._environment, name, folders, lang)

    def receipt_mail(
        self,
        receipt: BulletinReceipt,
        lang: str,
        setting: str,
        zone: str = "UTC",
        reach: Reach | None = None,
        text: str = "",
    ) -> RenderedMail:
        """The same as a mail to the office; `setting` is the configuration's key that sends it, `reach`
        how many people get its items, `text` the file's: its lines are shown where something is wrong.

        The HTML is under 90 kB: long receipts end in headlines, very long ones in the command that
        shows the rest.
        """
        return self._receipts.render(receipt, lang, setting, zone, reach, text)
