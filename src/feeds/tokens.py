"""Signed links, and hashes that only we can make: what may be done by whoever holds one.

Owns the form of tokens, their purposes and the keys' order; the only importer
of itsdangerous. Knows nothing of the web, of addresses or of where the keys
are kept. A signed token is stored nowhere and cannot be taken back: what it
names must still exist. Of secrets that are stored the database has a keyed
hash, which tells nothing without our keys (T11).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b32encode
from binascii import b2a_base64
from collections.abc import Sequence

from itsdangerous import BadSignature, Signer
from itsdangerous.signer import HMACAlgorithm

from feeds.errors import ConfigError, Problem

MIN_KEY_BYTES = 32
_UNSUBSCRIBE = "feeds.unsubscribe"
_CHANGE = "feeds.change"
_PAUSE = "feeds.pause"
_BOUNCE = "feeds.bounce"
_HASH = "feeds.hash."
_IDS = re.compile(r"([0-9a-f]{1,16})-([0-9a-f]{1,16})")
# The library skips characters that are not base64, so the form is checked first:
# there is exactly one spelling of each token.
_FORM = re.compile(r"[0-9a-f-]{3,33}\.[A-Za-z0-9_-]{24}")
_SIGNATURE_BYTES = 18
_IDS_END = 1 << 64
_BLOCK = 64  # of SHA-256, as RFC 2104 names it
# Of a bounce address: 80 bits, which 16 letters of base32 hold, since an address is short and has no case.
_TAG = re.compile(r"([a-z]?[0-9]{1,19})-[a-z2-7]{16}")
_TAG_BYTES = 10
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def _begun(key: bytes) -> tuple[hashlib._Hash, hashlib._Hash]:
    """HMAC with this key, begun: what its inner and its outer hash take first (RFC 2104 section 2)."""
    padded = key.ljust(_BLOCK, b"\0")
    pads = (bytes(byte ^ pad for byte in padded) for pad in (0x36, 0x5C))
    inner, outer = map(hashlib.sha256, pads)
    return inner, outer


def _mac(begun: tuple[hashlib._Hash, hashlib._Hash], message: bytes) -> bytes:
    inner, outer = begun[0].copy(), begun[1].copy()
    inner.update(message)
    outer.update(inner.digest())
    return outer.digest()


class _ShortHmac(HMACAlgorithm):
    """HMAC-SHA256 cut to 144 bits, which RFC 2104 section 5 allows: links stay short in plain-text mails.

    18 bytes fill 24 base64 characters exactly; a cut at 16 would leave four
    bits of the last character unread, and so 16 spellings of one signature.
    """

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return super().get_signature(key, value)[:_SIGNATURE_BYTES]


class Tokens:
    """Makes and reads tokens; `keys` newest first: the first signs, all of them verify.

    Raises ConfigError if there is no key or one has under 32 bytes, naming
    each by its place and never by its content.
    """

    __slots__ = ("_keyed", "_keys", "_newest_tag_key")

    def __init__(self, keys: Sequence[bytes]) -> None:
        problems = [
            Problem(
                f"secret key {n}", f"has {len(key)} bytes; at least {MIN_KEY_BYTES} random ones are needed"
            )
            for n, key in enumerate(keys, 1)
            if len(key) < MIN_KEY_BYTES
        ]
        if not keys:
            problems = [Problem("secret keys", "there is none; one of 32 random bytes or more is needed")]
        if problems:
            raise ConfigError(problems)
        # The library wants them oldest first.
        self._keys = list(reversed(keys))
        self._keyed: dict[str, tuple[hashlib._Hash, hashlib._Hash]] = {}
        self._newest_tag_key = self._tag_key(keys[0])

    def unsubscribe(self, subscriber_id: int, audience_id: int) -> str:
        """The token of an unsubscribe link: letters, digits, ``-_.`` only, about 30 characters, for ever.

        It is the same each time for the same key, so a letter rendered twice is the same letter.
        Raises ValueError for ids that no database gives (below 0 or beyond 64 bits).
        """
        return self._of_ids(_UNSUBSCRIBE, subscriber_id, audience_id)

    def read_unsubscribe(self, token: str) -> tuple[int, int] | None:
        """Subscriber and audience, or None for anything that we did not sign for this purpose."""
        return self._ids(_UNSUBSCRIBE, token)

    def change(self, subscriber_id: int, audience_id: int) -> str:
        """The token of the "Change" link of a mail, which only mails its owner a link to the preferences."""
        return self._of_ids(_CHANGE, subscriber_id, audience_id)

    def read_change(self, token: str) -> tuple[int, int] | None:
        """As `read_unsubscribe`, for "Change"."""
        return self._ids(_CHANGE, token)

    def pause(self, subscriber_id: int, audience_id: int) -> str:
        """The token of the "Pause" link of a mail."""
        return self._of_ids(_PAUSE, subscriber_id, audience_id)

    def read_pause(self, token: str) -> tuple[int, int] | None:
        """As `read_unsubscribe`, for "Pause"."""
        return self._ids(_PAUSE, token)

    def bounce(self, letter: str) -> str:
        """The tag of this letter's bounce address: small letters, digits and a hyphen; the same each time.

        `letter` is its number, with the mark of its queue. Raises ValueError for anything else.
        """
        tag = f"{letter}-{self._tag_mac(self._newest_tag_key, letter)}"
        if not _TAG.fullmatch(tag):
            raise ValueError(f"not the number of a letter: {letter!a}")
        return tag

    def read_bounce(self, tag: str) -> str | None:
        """The letter's number, or None for a tag that we did not make (T22)."""
        found = _TAG.fullmatch(tag)
        if found is None:
            return None
        made = (f"{found[1]}-{self._tag_mac(self._tag_key(key), found[1])}" for key in self._keys)
        return found[1] if any(hmac.compare_digest(tag, each) for each in made) else None

    @staticmethod
    def _tag_key(key: bytes) -> tuple[hashlib._Hash, hashlib._Hash]:
        return _begun(hmac.digest(key, _BOUNCE.encode(), "sha256"))

    @staticmethod
    def _tag_mac(keyed: tuple[hashlib._Hash, hashlib._Hash], letter: str) -> str:
        mac = _mac(keyed, letter.encode("utf-8", "surrogatepass"))
        return b32encode(mac[:_TAG_BYTES]).decode("ascii").lower()

    def hash(self, purpose: str, secret: str) -> str:
        """What is stored of a secret (a link that works once, a suppressed address) for one purpose."""
        return self.hashes(purpose, secret)[0]

    def hashes(self, purpose: str, secret: str) -> list[str]:
        """What may be stored of a secret, by each key, newest first: look for all of them."""
        salt = f"{_HASH}{purpose}".encode()
        return [
            hmac.digest(hmac.digest(key, salt, "sha256"), secret.encode(), "sha256").hex()
            for key in reversed(self._keys)
        ]

    def _of_ids(self, purpose: str, subscriber_id: int, audience_id: int) -> str:
        if not (0 <= subscriber_id < _IDS_END and 0 <= audience_id < _IDS_END):
            raise ValueError(f"not an id: {subscriber_id}, {audience_id}")
        return self._sign(purpose, f"{subscriber_id:x}-{audience_id:x}")

    def _ids(self, purpose: str, token: str) -> tuple[int, int] | None:
        payload = self._read(purpose, token)
        ids = _IDS.fullmatch(payload) if payload else None
        return (int(ids[1], 16), int(ids[2], 16)) if ids else None

    def _sign(self, purpose: str, payload: str) -> str:
        """As the library signs, without making its objects anew: each letter needs three tokens."""
        keyed = self._keyed.get(purpose)
        if keyed is None:
            keyed = self._keyed[purpose] = _begun(self._signer(purpose).derive_key())
        mac = _mac(keyed, payload.encode("ascii"))
        signature = b2a_base64(mac[:_SIGNATURE_BYTES], newline=False).translate(_URL_SAFE)
        return f"{payload}.{signature.decode('ascii')}"

    def _read(self, purpose: str, token: str) -> str | None:
        if not _FORM.fullmatch(token):
            return None
        try:
            return self._signer(purpose).unsign(token).decode("ascii")
        except BadSignature:
            return None

    def _signer(self, purpose: str) -> Signer:
        return Signer(
            self._keys,
            salt=purpose,
            key_derivation="hmac",
            digest_method=hashlib.sha256,
            algorithm=_ShortHmac(hashlib.sha256),
        )
