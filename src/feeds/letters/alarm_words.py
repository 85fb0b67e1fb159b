"""What is said of each trouble: what is broken, what that means, what to do, what the system does (pure).

Sentences are looked up in the catalogue; what stands in %(…)s are the values of the alarm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from feeds.alarms import Trouble
from feeds.i18n import N_


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """`steps` are sentences with the command of each, which may be empty; `well` says that it is over."""

    title: str
    lead: str
    steps: Sequence[tuple[str, str]]
    meanwhile: str
    well: str
    readers: str = ""


_GOES_ON = N_("The system goes on trying by itself. You get one mail when it is over.")
_ONE_MAIL = N_("You get one mail when it is over, and none until then.")

WORDS = {
    Trouble.SILENT: Words(
        title=N_("Days without a bulletin: %(days)s"),
        lead=N_("Either the press office had no news, or its files do not arrive."),
        steps=[
            (N_("See what came last, and what lies in the inbox."), "feeds status"),
            (N_("Ask the press office whether it dropped something."), ""),
        ],
        meanwhile=_ONE_MAIL, well=N_("A bulletin came"),
        readers=N_("nothing new, and no mail"),
    ),
    Trouble.INBOX: Words(
        title=N_("The inbox cannot be read"),
        lead=N_("New bulletins are not taken in. What was taken in before is not touched."),
        steps=[
            (N_("See what is wrong with the folder."), "feeds check"),
            (N_("Mend its rights, or bring the network folder back. Nothing has to be restarted."), ""),
        ],
        meanwhile=_GOES_ON, well=N_("The inbox can be read again"),
        readers=N_("nothing new"),
    ),
    Trouble.PUBLISHING: Words(
        title=N_("Feeds and pages are behind"),
        lead=N_("What came in is stored, but does not stand on the site of this host. Nothing is lost."),
        steps=[
            (N_("See what is in the way."), "feeds publish"),
            (N_("See whether the disk is full, or a process stands still."), "feeds status"),
        ],
        meanwhile=_GOES_ON, well=N_("Feeds and pages are up to date again"),
        readers=N_("the newest items are missing"),
    ),
    Trouble.MAIL: Words(
        title=N_("Mail is behind; waiting: %(waiting)s"),
        lead=N_("Messages that were due have not left. None is lost, and none will be sent twice."),
        steps=[
            (N_("See whether the mail server answers now."), "feeds check --smtp"),
            (N_("If it does, send what waits now."), "feeds queue retry --all"),
            (N_("If it limits connections, lower mail.rate in feeds.toml and restart. Or hold what waits."),
             "feeds queue hold --all"),
        ],
        meanwhile=_GOES_ON, well=N_("Mail is on time again"),
        readers=N_("their mails are late"),
    ),
    Trouble.FEEDS: Words(
        title=N_("Feeds are not served as they should be"),
        lead=N_("A look from outside, as a feed reader looks, found a fault."),
        steps=[
            (N_("Open the address in a browser, and see what answers there."), ""),
            (N_("Compare the web server before the program with docs/recipes/nginx.conf."), ""),
        ],
        meanwhile=_ONE_MAIL, well=N_("Feeds are served as they should be again"),
        readers=N_("feed readers see an error, or fetch everything each time"),
    ),
    Trouble.DISK: Words(
        title=N_("The disk is nearly full: %(free)s left"),
        lead=N_("On a full disk nothing is taken in, published or mailed. Nothing is lost by that."),
        steps=[
            (N_("See what fills it."), "du -xh --max-depth=2 . | sort -h | tail"),
            (N_("Old files in inbox/done/ and backups can be moved away."), ""),
        ],
        meanwhile=_ONE_MAIL, well=N_("The disk has room again"),
    ),
    Trouble.BOUNCES: Words(
        title=N_("%(number)s messages of a day came back"),
        lead=N_("Of %(sent)s that were sent. Mail servers think ill of who goes on like that."),
        steps=[
            (N_("See what servers say of us."), "feeds check --smtp --dns"),
            (N_("If a list was taken in lately, see where its addresses come from."),
             "feeds queue list --state refused"),
        ],
        meanwhile=N_("Whose mailbox is gone gets no more mail; that needs nobody."),
        well=N_("Few messages come back again"),
    ),
    Trouble.COMPLAINTS: Words(
        title=N_("%(number)s readers called our mail spam"),
        lead=N_("Of %(sent)s messages of a day. From three in a thousand on, large providers refuse mail."),
        steps=[
            (N_("Hold what waits until you know why."), "feeds queue hold --all"),
            (N_("See who was added lately, and whether they had asked for it."), "feeds subscribers list"),
        ],
        meanwhile=N_("Who complained gets no more mail."), well=N_("Few readers complain again"),
    ),
    Trouble.CERTIFICATE: Words(
        title=N_("The certificate of the site ends soon, or is not believed"),
        lead=N_("Browsers and feed readers will refuse to open the site."),
        steps=[(N_("Renew it where your web server keeps it, and reload that."), "certbot renew")],
        meanwhile=_ONE_MAIL, well=N_("The certificate is good again"),
        readers=N_("warnings instead of pages, once it has ended"),
    ),
    Trouble.DNS: Words(
        title=N_("What DNS says of the sender is wrong"),
        lead=N_("Mail servers compare it with our mail, and will put it aside or refuse it."),
        steps=[(N_("See each fault with what to put there."), "feeds check --dns")],
        meanwhile=_ONE_MAIL, well=N_("DNS says the right things of the sender again"),
        readers=N_("mails in the spam folder, or none"),
    ),
    Trouble.CANARY: Words(
        title=N_("A test mailbox missed %(number)s of our mails"),
        lead=N_("They were sent, and the server took them; but they have not arrived."),
        steps=[
            (N_("Look into the spam folder of that mailbox."), ""),
            (N_("See what the world thinks of the sender."), "feeds check --smtp --dns"),
            (N_("See whether the box of bounces is read."), "feeds bounces"),
        ],
        meanwhile=_ONE_MAIL, well=N_("The test mailbox gets our mails again"),
        readers=N_("perhaps no mail, though it left"),
    ),
}  # fmt: skip
