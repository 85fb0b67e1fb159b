"""E-mail addresses: the form we keep, the key that makes them unique, the form for logs.

The only importer of email_validator. Nothing here asks the network, and
nothing here decides who gets mail.
"""

from __future__ import annotations

import re

from email_validator import EmailNotValidError, validate_email

from feeds.errors import InputError, Problem

# What may stand on an SMTP command line and in To: without any quoting
# (RFC 5321 4.1.2 dot-string, ASCII only). Everything else is refused.
_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_WRITABLE = re.compile(rf"{_ATEXT}(?:\.{_ATEXT})*@{_NAME}(?:\.{_NAME})*\Z")
_LOOKS_LIKE_ADDRESS = re.compile(r"[^\s<>@\"'(),:;]+@[^\s<>@\"'(),:;]+")
# Small letters only before the @: some names are case-blind by decree (RFC 2142).
_PLAIN = re.compile(
    r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[A-Za-z0-9](?:-?[A-Za-z0-9])*\.)+[A-Za-z]{2,}\Z", re.ASCII
)
_LONGEST_PLAIN = 60  # so no part of it is too long either
_RESERVED = {"arpa", "invalid", "local", "localhost", "onion"}  # RFC 6761 and its kin
_LONGEST = 254  # RFC 5321 4.5.3.1.3 less the angle brackets


def normal_address(text: str, *, allow_test: bool = True) -> str:
    """The form of an address that is stored and written to.

    The domain becomes lower-case ASCII (A-labels for international names), the
    local part keeps its case, since only its own server may know it as
    case-blind (RFC 5321 2.4). `allow_test` also takes names under ``.test``
    (RFC 2606). Raises InputError for anything that could not be written on one
    plain line of an envelope.
    """
    bare = text.strip(" \t")
    if _is_plain(bare, allow_test=allow_test):
        local, _, domain = bare.partition("@")
        return f"{local}@{domain.lower()}"
    if any(char < " " or char in "<>\x7f\x85\u2028\u2029" for char in bare):
        raise _refusal("an address has no line breaks, control characters or angle brackets")
    local, at, _ = bare.rpartition("@")
    if at and not local.isascii():
        raise _refusal("letters outside ASCII before the @ cannot be mailed by every server")
    try:
        found = validate_email(
            bare,
            strict=True,  # also the length of the local part (RFC 5321 4.5.3.1.1)
            check_deliverability=False,
            allow_smtputf8=False,
            test_environment=allow_test,
        )
    except EmailNotValidError as error:
        raise _refusal(_plain(str(error))) from error
    address = f"{found.local_part}@{found.ascii_domain.lower()}"
    if not is_writable(address):
        raise _refusal("this is not an address that mail can be sent to")
    return address


def _is_plain(bare: str, *, allow_test: bool) -> bool:
    """Whether an address is of the kind that nearly all are, about which the validator has nothing to say:
    it takes 70 µs, and lists have a million of them."""
    if _PLAIN.match(bare) is None or len(bare) > _LONGEST_PLAIN:
        return False
    last = bare.rpartition(".")[2].lower()
    return last not in _RESERVED and (allow_test or last != "test")


def is_writable(address: str) -> bool:
    """Whether an address fits an envelope and a header as it stands."""
    return len(address) <= _LONGEST and _WRITABLE.match(address) is not None


def address_key(address: str) -> str:
    """The key under which an address is unique: two spellings of one mailbox share it.

    Case is dropped throughout: servers that tell Ana@ from ana@ are a rumour,
    people who type both are not.
    """
    return address.strip().casefold()


def masked(address: str) -> str:
    """An address as logs may show it: ``m…@x.org``."""
    local, at, domain = address.strip().rpartition("@")
    return f"{local[:1]}…@{domain}" if at else "…"


def without_addresses(text: str) -> str:
    """A server's words with every address in them masked (P11)."""
    return _LOOKS_LIKE_ADDRESS.sub(lambda found: masked(found[0]), text)


def _refusal(what: str) -> InputError:
    return InputError([Problem("address", what)])


def _plain(sentence: str) -> str:
    """The validator's sentence as the tail of ours: no capital, no full stop."""
    return (sentence[:1].lower() + sentence[1:]).rstrip(".")
