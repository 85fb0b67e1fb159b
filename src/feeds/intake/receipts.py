"""Receipts by mail: what became of a bulletin, to the office that dropped it.

Owns which receipts are mailed and under which key, so that the same one is
never queued twice. Must not know how mail is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from feeds import log
from feeds.filters.members import Reach
from feeds.letters import Letters, needs_a_look
from feeds.model import BulletinReceipt, Item, NoticeKind, RenderedMail
from feeds.reading.faults import HELD_FILE_GONE
from feeds.store import Connection, notices

logger = log.get("receipts")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptMails:
    """Where the receipts of one office go, and which.

    `only_faults` leaves out those where all is well. `setting` is the key of the configuration that
    names `address`; instants are told in `zone`. `reach` counts who gets items. `opaque` makes
    unguessable names for Message-IDs; `domain` is their right side.
    """

    letters: Letters
    address: str
    lang: str
    zone: str = "UTC"
    only_faults: bool
    setting: str
    domain: str
    opaque: Callable[[], str]
    reach: Callable[[Sequence[Item]], Reach] | None = None


def receipt_mail(
    mails: ReceiptMails | None, receipt: BulletinReceipt, items: Sequence[Item] = (), text: str = ""
) -> RenderedMail | None:
    """The mail that brings a receipt to its office; None if none is to be sent. `items` are those that the
    bulletin brings, or would: the mail says how many people get them. `text` is the file's, if it is one:
    its lines are shown where something is wrong.

    Nothing of a bulletin that is taken in without mail (`--no-notify`): an archive is nobody's news. A
    receipt that cannot be written, as with a broken template of the operator's, stays beside the file and
    holds up no bulletin (P9).
    """
    if mails is None or not receipt.mailed or (mails.only_faults and not _asks(receipt)):
        return None
    try:
        reach = mails.reach(items) if mails.reach and items else None
        return mails.letters.receipt_mail(receipt, mails.lang, mails.setting, mails.zone, reach, text)
    except Exception:
        logger.exception("receipt-not-written", bulletin=receipt.name)
        return None


def _asks(receipt: BulletinReceipt) -> bool:
    """Whether somebody has to look; what was taken back was looked at."""
    return needs_a_look(receipt) and receipt.undone_at is None


def queue(
    conn: Connection,
    mails: ReceiptMails,
    bulletin_id: int,
    receipt: BulletinReceipt,
    mail: RenderedMail,
    now: datetime,
) -> None:
    """Queue the receipt of one bulletin, in the transaction that accepts, holds, lets go or rejects it (P2).

    Once for each thing that becomes of it, however often it is called.
    """
    new = notices.NewNotice(
        key=f"receipt/{bulletin_id}/{became_of(receipt)}",
        kind=NoticeKind.RECEIPT,
        address=mails.address,
        lang=mails.lang,
        message_id=f"<{mails.opaque()}@{mails.domain}>",
        mail=mail,
        bulletin_id=bulletin_id,
    )
    notices.queue(conn, new, now)


def became_of(receipt: BulletinReceipt) -> str:
    """``rejected``, ``undone``, ``gone``, ``held`` or ``done``; one that was held gets another receipt when
    it is let go or taken back, or when its file is not to be found.
    """
    if receipt.rejected:
        return "rejected"
    if receipt.undone_at:
        return "undone"
    gone = any(line.fault and line.fault.code == HELD_FILE_GONE for line in receipt.lines)
    return "gone" if gone and receipt.held_until else "held" if receipt.held_until else "done"
