"""What the acts of people need from outside: who writes their mails, keys, limits, defaults."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from feeds.errors import FeedsError
from feeds.model import (
    Confirming,
    Filter,
    Item,
    Linking,
    Moved,
    Moving,
    RenderedMail,
    SigningIn,
    Vocabulary,
    Welcoming,
)
from feeds.tokens import Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class JoiningDefaults:
    """What counts for somebody new who says nothing: `weekday` is a name such as ``monday``."""

    lang: str
    zone: str
    hour: int
    weekday: str


class Mails(Protocol):
    """Who writes the mails of people, with slots (`feeds.links`) where links will stand."""

    def confirm(self, told: Confirming) -> RenderedMail: ...
    def welcome(self, told: Welcoming) -> RenderedMail: ...
    def preferences(self, told: Linking) -> RenderedMail: ...
    def sign_in(self, told: SigningIn) -> RenderedMail: ...
    def moving(self, told: Moving) -> RenderedMail: ...
    def moved(self, told: Moved) -> RenderedMail: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is let through: confirmation mails to one address, and acts that cause a mail.

    `per_network` counts an IPv4 /24 or an IPv6 /64 in an hour, `per_site` everybody in an hour.
    `misses`: so many links that we never made may a network try in an hour.
    """

    address_gap: timedelta = timedelta(hours=24)
    address_total: int = 3
    address_window: timedelta = timedelta(days=30)
    links_per_address: int = 3
    per_network: int = 20
    per_site: int = 500
    misses: int = 30
    window: timedelta = timedelta(hours=1)


class Limited(FeedsError):  # noqa: N818 (it is answered with 429, not shown as an error)
    """Too much came from one network, or altogether; it may go on in `retry_after_s` seconds."""

    def __init__(self, retry_after_s: int, *, site: bool) -> None:
        self.retry_after_s = retry_after_s
        self.site = site
        super().__init__("Too many requests came from your network, or altogether: try again later.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleRules:
    """`message_id` makes a new Message-ID; `newest` gives the last items that match one of the filters."""

    mails: Mails
    tokens: Tokens
    vocabulary: Vocabulary
    defaults: JoiningDefaults
    message_id: Callable[[], str]
    newest: Callable[[Sequence[Filter]], Sequence[Item]]
    limits: Limits = field(default_factory=Limits)
