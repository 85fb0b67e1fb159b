"""A site that mails people has to be reached by them."""

from __future__ import annotations

import pytest

from feeds.config import Sections, is_local, out_of_reach


def told(**values: dict[str, str]) -> list[str]:
    return [warning.split(" is ")[0] for warning in out_of_reach(Sections.model_validate(values))]


SENDER, SITE = (
    {"transport": "smtp", "from": "news@ministry.example"},
    {"base_url": "https://news.example.org", "address": "Avenida Balboa 12, Panama"},
)
HERE = {"address": "Avenida Balboa 12, Panama"}


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST", "127.0.0.1", "10.0.0.7", "192.168.1.4", "::1", "[::1]", "newsroom",
     "mail.local", "a.localdomain", "pc.lan", "x.internal", "localhost."],
)  # fmt: skip
def test_a_host_of_this_machine_or_network_is_local(host: str) -> None:
    assert is_local(host)


@pytest.mark.parametrize(
    "host", ["news.example.org", "local.example.org", "8.8.8.8", "lan.pa", "2001:4860:4860::8888"]
)
def test_another_host_is_not(host: str) -> None:
    assert not is_local(host)


def test_a_sender_and_an_address_that_lead_nowhere_are_told_of_where_mail_goes_out() -> None:
    assert told(mail={"transport": "smtp"}, site=HERE) == ["mail.from", "site.base_url"]
    assert told(mail=SENDER, site=HERE) == ["site.base_url"]
    assert told(mail={"transport": "smtp"}, site=SITE) == ["mail.from"]
    assert told(mail=SENDER, site=SITE) == []
    assert told() == []


def test_a_site_that_mails_people_without_a_postal_address_is_told_of_it() -> None:
    public = {"base_url": "https://news.example.org"}
    assert told(mail=SENDER, site=public) == ["site.address"]
    assert told(site=public) == []
