"""Signatures (RFC 6376, 8463): an independent verifier takes them, and nothing that was changed."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import dkim
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from chance import examples
from feeds.errors import ConfigError
from feeds.letters import NOTICE_HEADERS
from feeds.mail.dkim import Signer, SigningKey, read_key, relaxed_body
from feeds.mail.message import stuffed, to_bytes, unstuffed
from feeds.mail.shared import SharedMail
from feeds.model import Letter
from store.making import NOW

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EDWARDS = ed25519.Ed25519PrivateKey.generate()
KEYS = [SigningKey("r1", RSA), SigningKey("e1", EDWARDS)]
SIGNER = Signer("example.org", KEYS)
RECORDS = {f"{key.selector}._domainkey.example.org.": key.record.encode() for key in KEYS}
HEADERS = (
    ("List-Id", '"Labour news" <digest.example.org>'),
    ("List-Unsubscribe", f"<https://news.example.org/unsubscribe/{'t' * 60}>, <mailto:b@x.org?subject=u>"),
    ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    ("Auto-Submitted", "auto-generated"),
)  # fmt: skip


def letter(**changes: object) -> Letter:
    made = Letter(
        message_id="<m1@example.org>", sender="news@example.org", sender_name="News",
        recipient="ana@example.org",
        subject="Labour migration: Honduras and Mexico agree on contracts for nine hundred, and 8 more",
        text="Dear  reader \t of\ttabs  \n.dots at the beginning\n\nñandú  \n\n\n",
        html="<p>  x  </p>\n" * 50,
        date_at=NOW, headers=HEADERS,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def dns(name: bytes, timeout: int = 5) -> bytes | None:
    return RECORDS.get(name.decode())


class _VerifyKey:
    """What dkimpy asks of PyNaCl, by the library that is here: the arithmetic only, no rule of DKIM."""

    def __init__(self, public: bytes, encoder: object = None) -> None:
        self._public = ed25519.Ed25519PublicKey.from_public_bytes(b64decode(public) if encoder else public)

    def verify(self, data: bytes, signature: bytes) -> bytes:
        try:
            self._public.verify(signature, data)
        except InvalidSignature as error:
            raise ValueError from error
        return data


@pytest.fixture(autouse=True)
def _edwards(monkeypatch: pytest.MonkeyPatch) -> None:
    names = SimpleNamespace
    library = names(
        signing=names(VerifyKey=_VerifyKey), encoding=names(Base64Encoder=object()),
        exceptions=names(BadSignatureError=ValueError),
    )  # fmt: skip
    monkeypatch.setattr(dkim, "nacl", library, raising=False)


def verdicts(raw: bytes) -> list[bool]:
    """What the verifier says of each signature, in the order in which they stand."""
    found = dkim.DKIM(raw)
    count = raw.lower().count(b"dkim-signature:")
    return [_verdict(found, n) for n in range(count)]


def _verdict(found: dkim.DKIM, n: int) -> bool:
    try:
        return found.verify(n, dnsfunc=dns)
    except dkim.ValidationError:
        return False


def signed(made: Letter) -> bytes:
    return unstuffed(SIGNER.signed(stuffed(to_bytes(made)), made.date_at))


def test_a_verifier_of_others_takes_both_signatures() -> None:
    assert verdicts(signed(letter())) == [True, True]
    assert verdicts(signed(letter(headers=NOTICE_HEADERS, subject="Niño", text=".", html="."))) == [
        True,
        True,
    ]


def test_a_shared_letter_is_signed_for_each_of_its_readers() -> None:
    model = letter(
        text="Leave: SLOT", html="<a href='SLOT'>leave</a>", headers=(("List-Unsubscribe", "<x/SLOT>"),)
    )
    shared = SharedMail(model, ["SLOT"])
    for reader in ("ana", "bob"):
        wire = shared.to(f"{reader}@example.org", f"<{reader}@example.org>", NOW, {"SLOT": f"token-{reader}"})
        assert verdicts(unstuffed(SIGNER.signed(wire, NOW))) == [True, True]


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "subject": lambda raw: raw.replace(b"Honduras", b"Honduran"),
    "body": lambda raw: raw.replace(b"Dear", b"Deer"),
    "link": lambda raw: raw.replace(b"unsubscribe/ttt", b"unsubscribe/xtt"),
    "one-click": lambda raw: raw.replace(b"List-Unsubscribe-Post:", b"X-Unsubscribe-Post:"),
    "appended": lambda raw: raw + b"more\r\n",
    "second from": lambda raw: b"From: evil@example.net\r\n" + raw,
    "second subject": lambda raw: b"Subject: evil\r\n" + raw,
    "reply-to": lambda raw: b"Reply-To: evil@example.net\r\n" + raw,
    "content type": lambda raw: b"Content-Type: text/html\r\n" + raw,
    "date": lambda raw: raw.replace(b"Date: ", b"Date: Mon, 1 Jan 2001 00:00:00 +0000\r\nX: "),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_or_added_on_the_way_is_refused(change: str) -> None:
    raw = signed(letter())
    changed = CHANGES[change](raw)
    assert changed != raw
    assert verdicts(changed) == [False, False]


def test_what_relays_do_to_white_space_breaks_no_signature() -> None:
    raw = signed(letter())
    for changed in (
        raw.replace(b"Subject: ", b"SUBJECT:   "),
        raw.replace(b"\r\n on", b" on"),
        raw.rstrip(b"\r\n") + b"\r\n",
        raw.replace(b"<p>  x", b"<p> x"),
        b"Received: by relay\r\n" + raw,
    ):
        assert verdicts(changed) == [True, True]


def test_no_line_of_a_signature_is_long_and_each_letter_has_its_time() -> None:
    head = signed(letter()).partition(b"From:")[0]
    assert max(map(len, head.split(b"\r\n"))) <= 78
    assert f"t={int(NOW.timestamp())};".encode() in head
    assert head.count(b"l=") == 0
    later = SIGNER.signed(stuffed(to_bytes(letter())), NOW + timedelta(seconds=1))
    assert later != SIGNER.signed(stuffed(to_bytes(letter())), NOW)


@examples(60)
@given(st.lists(st.sampled_from([b"a", b" ", b"\t", b"\r\n", b".", b"=20"]), max_size=40).map(b"".join))
def test_a_body_is_made_ready_as_the_verifier_does_it(body: bytes) -> None:
    body += b"\r\n"
    assert relaxed_body(body) == dkim.canonicalization.Relaxed.canonicalize_body(body)


def pem(private: object, form: PrivateFormat = PrivateFormat.PKCS8) -> bytes:
    return private.private_bytes(Encoding.PEM, form, NoEncryption())  # type: ignore[attr-defined]


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_keys_are_read_in_the_forms_that_openssl_writes(form: PrivateFormat) -> None:
    assert read_key("s", pem(RSA, form), "dkim.key_file", Path("k")).record == KEYS[0].record
    assert read_key("s", pem(EDWARDS), "dkim.key_file", Path("k")).algorithm == "ed25519-sha256"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "PEM"), (b"junk", "PEM"),
        (pem(rsa.generate_private_key(public_exponent=65537, key_size=1024)), "1024 bits"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "neither"),
    ],
)  # fmt: skip
def test_a_key_that_cannot_sign_is_a_fault_of_its_setting(data: bytes, told: str) -> None:
    with pytest.raises(ConfigError, match=told) as caught:
        read_key("s", data, "dkim.key_file", Path("k"))
    assert "dkim.key_file" in str(caught.value)
