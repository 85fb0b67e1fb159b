"""DKIM signatures on letters in wire form (RFC 6376 and 8463), relaxed, one for each key.

The only importer of cryptography, which the extra `dkim` installs. A letter is signed last, when every byte
is final. From, Subject and others are signed once more than they stand in it, so that nobody can add one.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from feeds.errors import ConfigError, MailError, Problem
from feeds.mail.message import unstuffed

SHORTEST_RSA = 2048
# Signed once more than they stand in a letter, Reply-To and Cc although ours have none.
_GUARDED = (
    "from", "to", "cc", "subject", "date", "reply-to", "message-id", "mime-version", "content-type",
    "list-unsubscribe", "list-unsubscribe-post",
)  # fmt: skip
_SPACES = re.compile(rb"[ \t]+")
_LINE = 72


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key with the selector under which its public half stands in DNS."""

    selector: str
    private: RSAPrivateKey | Ed25519PrivateKey

    @property
    def algorithm(self) -> str:
        """What stands in ``a=`` of a signature."""
        return f"{self._kind}-sha256"

    @property
    def record(self) -> str:
        """What has to stand in DNS, as TXT at ``SELECTOR._domainkey.DOMAIN``."""
        return f"v=DKIM1; k={self._kind}; p={b64encode(self._public()).decode('ascii')}"

    @property
    def _kind(self) -> str:
        return "rsa" if isinstance(self.private, RSAPrivateKey) else "ed25519"

    def _public(self) -> bytes:
        public = self.private.public_key()
        if isinstance(self.private, RSAPrivateKey):
            return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return public.public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, data: bytes) -> bytes:
        """The signature of what was made ready for it."""
        if isinstance(self.private, RSAPrivateKey):
            return self.private.sign(data, PKCS1v15(), SHA256())
        return self.private.sign(sha256(data).digest())  # RFC 8463 3: of the hash


def read_key(selector: str, pem: bytes, where: str, file: Path) -> SigningKey:
    """The key in a file's bytes. Raises ConfigError, naming the setting `where`, for one that cannot sign."""
    hint = "make one with `openssl genrsa 2048` or `openssl genpkey -algorithm ed25519`"
    try:
        private = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        what = f"{file} holds no private key in PEM form without a password; {hint}"
        raise ConfigError([Problem(where, what)]) from None
    if not isinstance(private, RSAPrivateKey | Ed25519PrivateKey):
        raise ConfigError([Problem(where, f"{file} is neither an RSA nor an Ed25519 key; {hint}")])
    if isinstance(private, RSAPrivateKey) and private.key_size < SHORTEST_RSA:
        what = f"{file} has {private.key_size} bits; {SHORTEST_RSA} or more are needed"
        raise ConfigError([Problem(where, what)])
    return SigningKey(selector, private)


class Signer:
    """Signs letters of one domain with each of its keys."""

    def __init__(self, domain: str, keys: Sequence[SigningKey]) -> None:
        self.domain = domain
        self.keys = tuple(keys)

    def signed(self, wire: bytes, at: datetime) -> bytes:
        """A letter in wire form with its signatures before it. Raises MailError when it has no body."""
        head, found, body = unstuffed(wire).partition(b"\r\n\r\n")
        if not found:
            raise MailError("a letter without a body cannot be signed")
        fields = _fields(head)
        names = _names(fields)
        ready = b"".join(_in_order(fields, names))
        digest = b64encode(sha256(relaxed_body(body)).digest()).decode("ascii")
        made = [self._signature(key, names, digest, ready, int(at.timestamp())) for key in self.keys]
        return b"".join([*made, wire])

    def _signature(self, key: SigningKey, names: Sequence[str], digest: str, ready: bytes, at: int) -> bytes:
        tags = [f"v=1; a={key.algorithm}; c=relaxed/relaxed; d={self.domain};", f"s={key.selector}; t={at};"]
        value = "\r\n ".join([*tags, *_listed(names), f"bh={digest};", "b="])
        own = _canonical(b"DKIM-Signature", value.encode("ascii"))
        signature = b64encode(key.sign(ready + own.removesuffix(b"\r\n"))).decode("ascii")
        folded = "\r\n ".join(signature[n : n + _LINE] for n in range(0, len(signature), _LINE))
        return f"DKIM-Signature: {value}{folded}\r\n".encode("ascii")


def relaxed_body(body: bytes) -> bytes:
    """A body as it is hashed (RFC 6376 3.4.4): one space for several, none at ends of lines, no empty end.

    Searches and replacements of fixed bytes: a pattern takes twenty times as long.
    """
    if b"\t" in body:
        body = body.replace(b"\t", b" ")
    while b"  " in body:
        body = body.replace(b"  ", b" ")
    body = body.replace(b" \r\n", b"\r\n").rstrip(b"\r\n ")
    return body + b"\r\n" if body else b""


def _fields(head: bytes) -> list[tuple[str, bytes]]:
    """The fields of a head, each with its canonical form."""
    found = []
    for line in re.split(rb"\r\n(?![ \t])", head):
        name, _, value = line.partition(b":")
        found.append((name.decode("ascii").lower(), _canonical(name, value)))
    return found


def _canonical(name: bytes, value: bytes) -> bytes:
    """RFC 6376 3.4.2."""
    return name.lower() + b":" + _SPACES.sub(b" ", value.replace(b"\r\n", b"")).strip() + b"\r\n"


def _names(fields: Sequence[tuple[str, bytes]]) -> list[str]:
    """What stands in ``h=``: every field, and the guarded ones once more."""
    present = [name for name, _ in fields]
    return [*present, *_GUARDED]


def _in_order(fields: Sequence[tuple[str, bytes]], names: Sequence[str]) -> list[bytes]:
    """The canonical fields in the order of ``h=``: of several of one name the last comes first."""
    left: dict[str, list[bytes]] = {}
    for name, canonical in fields:
        left.setdefault(name, []).append(canonical)
    return [left[name].pop() for name in names if left.get(name)]


def _listed(names: Sequence[str]) -> list[str]:
    """``h=`` in lines of a bounded length."""
    lines, line = list[str](), "h="
    for n, name in enumerate(names):
        word = name + (";" if n == len(names) - 1 else ":")
        if len(line) + len(word) > _LINE:
            lines.append(line)
            line = ""
        line += word
    return [*lines, line]
