"""`feeds check` asks the mail server, the box and DNS, and says in one line each what is to be put right."""

from __future__ import annotations

from email import message_from_bytes, policy
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from conftest import RunFeeds
from dns_server import NameServer, Records
from feeds.app import signing
from feeds.app.founding import found
from feeds.app.parts import Parts
from integration.test_bounces import send, site
from smtp_server import ScriptedServer


def key_file(folder: Path, *, short: bool = False) -> Path:
    """An RSA key as `openssl genrsa` writes it, for its owner alone."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=1024 if short else 2048)
    path = folder / "dkim.key"
    path.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(0o600)
    return path


def public_site(folder: Path, **values: str) -> Parts:
    """A site that the world reaches, sending by this machine under the name news.example.org."""
    shared = {
        "site.base_url": '"https://news.example.org"', "site.tag_domain": '"news.example.org"',
        "mail.from": '"news@example.org"', "mail.transport": '"smtp"', "mail.tls": '"none"',
        "site.address": '"1 Main Street"',
    }  # fmt: skip
    return found(folder, shared | values)


def records(parts: Parts) -> Records:
    """A zone in which everything is right."""
    zone: Records = {
        "example.org": [("TXT", '"v=spf1 ip4:192.0.2.7 -all"'), ("MX", "10 mx.example.org.")],
        "news.example.org": [("A", "192.0.2.7")],
        "7.2.0.192.in-addr.arpa": [("PTR", "news.example.org.")],
        "_dmarc.example.org": [("TXT", '"v=DMARC1; p=none"')],
    }
    for key in signing.sending(parts.settings).keys:
        halves = key.record[:200], key.record[200:]
        zone[f"{key.selector}._domainkey.example.org"] = [("TXT", " ".join(f'"{half}"' for half in halves))]
    return zone


def check(feeds: RunFeeds, parts: Parts, *options: str):
    return feeds("--config", parts.settings.file, "check", *options)


def test_a_zone_that_is_right_is_told_line_by_line(feeds: RunFeeds, tmp_path: Path) -> None:
    parts = public_site(tmp_path / "site", **{"dkim.key_file": f'"{key_file(tmp_path)}"'})
    with NameServer(records(parts)) as server:
        ran = check(feeds, parts, "--dns", "--resolver", server.where)
    assert ran.code == 0, ran.out
    heads = [line.partition(" ")[0] for line in ran.out.splitlines()]
    assert heads[-6:] == ["PTR", "SPF", "DKIM", "DMARC", "MX", "all"]


def test_each_fault_in_dns_is_one_line_with_what_to_put_there(feeds: RunFeeds, tmp_path: Path) -> None:
    parts = public_site(tmp_path / "site", **{"dkim.key_file": f'"{key_file(tmp_path)}"'})
    with NameServer({"news.example.org": [("A", "192.0.2.7")]}) as server:
        ran = check(feeds, parts, "--dns", "--resolver", server.where)
    lines = {line[:15].strip(): line[15:] for line in ran.out.splitlines()}
    (key,) = signing.sending(parts.settings).keys
    assert ran.code == 1
    assert "5 faults in DNS" in ran.out
    assert {name for name, line in lines.items() if line.startswith("fault: ")} == {
        "PTR", "SPF", "DKIM", "DMARC", "MX",
    }  # fmt: skip
    assert lines["DKIM"].endswith(f'put right: feeds._domainkey.example.org TXT "{key.record}"')
    assert lines["SPF"].endswith(
        'example.org TXT "v=spf1 ip4:192.0.2.7 -all", and no other that begins with v=spf1'
    )


def test_a_name_server_that_is_no_address_is_wrong_use(feeds: RunFeeds, tmp_path: Path) -> None:
    ran = check(feeds, public_site(tmp_path / "site"), "--dns", "--resolver", "dns.example.org")
    assert (ran.code, "--resolver" in ran.err) == (2, True)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_signing_key_that_others_can_read_is_a_fault(feeds: RunFeeds, tmp_path: Path, mode: int) -> None:
    path = key_file(tmp_path)
    parts = public_site(tmp_path / "site", **{"dkim.key_file": f'"{path}"'})
    path.chmod(mode)
    ran = check(feeds, parts)
    assert (ran.code, f"chmod 600 {path}" in ran.err, "dkim.key_file" in ran.err) == (2, True, True)


def test_a_signing_key_that_is_short_or_missing_is_a_fault(feeds: RunFeeds, tmp_path: Path) -> None:
    parts = public_site(tmp_path / "site", **{"dkim.key_file": f'"{key_file(tmp_path, short=True)}"'})
    assert "1024 bits" in check(feeds, parts).err
    (tmp_path / "dkim.key").unlink()
    assert "cannot be read" in check(feeds, parts).err


def test_a_sender_of_this_machine_on_a_public_site_is_a_fault(feeds: RunFeeds, tmp_path: Path) -> None:
    parts = public_site(tmp_path / "site", **{"mail.from": '"newsroom@localhost"'})
    ran = check(feeds, parts)
    assert ran.code == 2
    assert "mail.from: newsroom@localhost" in ran.err
    assert "newsroom@news.example.org" in ran.err


def test_the_mail_server_and_the_box_are_asked(feeds: RunFeeds, tmp_path: Path) -> None:
    with ScriptedServer(pipelining=True) as server:
        values = {
            "mail.port": str(server.port), "bounces.address": '"bounces@example.org"',
            "bounces.maildir": f'"{tmp_path / "Maildir"}"',
        }  # fmt: skip
        parts = public_site(tmp_path / "site", **values)
        away = check(feeds, parts, "--smtp")
        assert (away.code, "new, cur and tmp" in away.err) == (1, True)
        for name in ("new", "cur", "tmp"):
            (tmp_path / "Maildir" / name).mkdir(parents=True)
        ran = check(feeds, parts, "--smtp")
    assert ran.code == 0, ran.err
    assert "mail server    in clear, asks for no login, pipelining\n" in ran.out
    assert f"bounces        bounces@example.org, read from {tmp_path / 'Maildir'}\n" in ran.out


@pytest.mark.parametrize("pipelining", [True, False])
def test_letters_go_out_signed_and_what_arrives_is_verified(tmp_path: Path, pipelining: bool) -> None:
    with ScriptedServer(pipelining=pipelining) as server:
        values = {
            "mail.from": '"news@example.org"', "dkim.key_file": f'"{key_file(tmp_path)}"',
            "bounces.address": '"bounces@example.org"',
        }  # fmt: skip
        parts = site(tmp_path / "site", server, 3, **values)
        assert dict(send(parts).outcomes) == {"sent": 3}
        (key,) = signing.sending(parts.settings).keys
        for received in server.messages:
            assert dkim.verify(received.source, dnsfunc=lambda *_, **__: key.record.encode())
            head = message_from_bytes(received.source, policy=policy.default)
            signed = str(head["DKIM-Signature"])
            assert all(
                f":{name}" in signed for name in ("list-unsubscribe-post", "list-unsubscribe", "subject")
            )
            assert str(head["List-Unsubscribe"]).endswith(">")
            assert (
                "<mailto:bounces+unsubscribe@example.org?subject=unsubscribe%20" in head["List-Unsubscribe"]
            )
        parts.store.close()


def test_both_keys_sign_where_both_are_configured(tmp_path: Path) -> None:
    second = tmp_path / "second.key"
    private = ed25519.Ed25519PrivateKey.generate()
    second.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    second.chmod(0o600)
    keys = {"dkim.key_file": f'"{key_file(tmp_path)}"', "dkim.second_key_file": f'"{second}"'}
    parts = public_site(tmp_path / "site", **keys)
    sending = signing.sending(parts.settings)
    assert [key.selector for key in sending.keys] == ["feeds", "feeds-ed25519"]
    assert sending.signing == "example.org"
    assert "k=ed25519" in sending.keys[1].record
