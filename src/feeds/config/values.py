"""What single values may be: checks that say what is allowed (config).

Each returns the value or raises ValueError with words that go on after
"must be".
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from datetime import date
from ipaddress import ip_network
from typing import Any
from zoneinfo import available_timezones

from feeds import shipped


def base_url(value: str) -> str:
    host = r"([A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*|\[[0-9a-fA-F:]+\])"
    if not re.fullmatch(rf"https?://{host}(:[0-9]{{1,5}})?(/[A-Za-z0-9._~/-]*)?", value) or value.endswith(
        "/"
    ):
        raise ValueError("an http:// or https:// address without a slash at the end")
    return value


def hub(value: str) -> str:
    if value and not re.fullmatch(r"https?://[A-Za-z0-9._\[\]:-]+(/[A-Za-z0-9._~/%=&?:-]*)?", value):
        raise ValueError("the http:// or https:// address of a WebSub hub; empty for none")
    return value


def domain(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*", value):
        raise ValueError("a domain name in lower case, such as news.example.org (RFC 4151)")
    return value


def domain_or_none(value: str) -> str:
    return domain(value) if value else value


def day(value: str) -> str:
    try:
        date.fromisoformat(value)
    except ValueError:
        raise ValueError('a day such as "2026-01-01" (RFC 4151)') from None
    return value


def zone(value: str) -> str:
    if value not in available_timezones() or value in ("localtime", "posixrules", "Factory"):
        near = difflib.get_close_matches(value, available_timezones(), 1)
        hint = f' (did you mean "{near[0]}"?)' if near else ""
        raise ValueError(f'a time zone such as "America/Panama"{hint}')
    return value


def zone_or_none(value: str) -> str:
    return zone(value) if value else value


def store_url(value: str) -> str:
    if not re.match(r"(sqlite:///|postgresql://).+", value):
        raise ValueError('"sqlite:///FILE" or "postgresql://USER@HOST/DATABASE"')
    return value


def listen(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not re.fullmatch("[0-9]{1,5}", port) or int(port) > 65535:
        raise ValueError('an address and a port, such as "127.0.0.1:8000"')
    return value


def host_names(value: list[str]) -> list[str]:
    for name in value:
        if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*|[0-9a-f:]+", name):
            raise ValueError("names in lower case without ports, such as news.example.org")
    return value


def networks(value: list[str]) -> list[str]:
    for one in value:
        try:
            ip_network(one, strict=False)
        except ValueError:
            raise ValueError('addresses or networks, such as "10.0.0.0/8"') from None
    return value


def path_text(value: str) -> str:
    if not value or "\0" in value:
        raise ValueError("a path")
    return value


def one_line(value: str) -> str:
    if re.search(r"[\x00-\x1f\x7f]", value):
        raise ValueError("text on one line")
    return value


def language(value: str) -> str:
    if value not in shipped.languages():
        raise ValueError(f"{_either(shipped.languages())} (docs/languages.md says how to add one)")
    return value


def _either(codes: Sequence[str]) -> str:
    *first, last = (f'"{code}"' for code in codes)
    return f"{', '.join(first)} or {last}" if first else last


def encoding(value: str) -> str:
    try:
        if "a".encode(value).decode(value) != "a":
            raise LookupError
    except (LookupError, UnicodeError, ValueError):
        raise ValueError('an encoding Python knows, such as "cp1252" or "latin-1"') from None
    return value


def folder_names(value: dict[str, Any]) -> dict[str, Any]:
    for name in value:
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name) or name in ("done", "rejected", "held", "undone"):
            raise ValueError(
                "names of sub-folders, of a-z, 0-9, - and _, and not done, rejected, held or undone"
            )
    return value


_ADDRESS = "a mail address such as newsroom@example.org, its domain in ASCII (xn--…)"


def sender(value: str) -> str:
    if not _is_address(value):
        raise ValueError(_ADDRESS)
    return value


def recipient(value: str) -> str:
    if value and not _is_address(value):
        raise ValueError(f"{_ADDRESS}, or empty for none")
    return value


def bounces(value: str) -> str:
    if value and not (_is_address(value) and len(value.rpartition("@")[0]) <= 26 and "+" not in value):
        raise ValueError(
            "a mail address such as bounces@example.org, with at most 26 characters and no plus sign "
            "before the @ (a tag is added there), or empty for none"
        )
    return value


def _is_address(value: str) -> bool:
    atom = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
    label = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    return len(value) <= 254 and bool(re.fullmatch(rf"{atom}(\.{atom})*@{label}(\.{label})*", value))


def mail_name(value: str) -> str:
    # A comma in a From name is refolded wrongly by some mail libraries (cpython #121284).
    if re.search(r'[\r\n\x00-\x1f"<>,]', value):
        raise ValueError("a name without commas, quotes, angle brackets or line breaks")
    return value
