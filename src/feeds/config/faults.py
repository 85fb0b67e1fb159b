"""Faults of a configuration in plain words: file, key, what is allowed, what is there (config)."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from feeds.config.sections import Sections
from feeds.errors import Problem


def contradictions(file_name: str, sections: Sections) -> list[Problem]:
    mail = sections.mail
    found = []
    loopback = mail.host in _LOOPBACK
    if mail.transport == "smtp" and mail.tls == "none" and not loopback:
        found.append(Problem(f"{file_name}: mail.tls", '"none" is allowed only with a host on this machine'))
    if mail.username and mail.tls == "none" and not loopback:
        found.append(Problem(f"{file_name}: mail.username", "a login needs tls, or it could be overheard"))
    found += _returns(file_name, sections)
    found += _other_way(file_name, sections)
    found += _nested(file_name, sections)
    found += _staff(file_name, sections)
    if "atom" not in sections.publish.formats:
        found.append(
            Problem(f"{file_name}: publish.formats", 'must hold "atom"; "rss" and "json" may follow')
        )
    return found


def _returns(file_name: str, sections: Sections) -> list[Problem]:
    """A box without an address that fills it, two boxes, or a password that could be overheard."""
    box = sections.bounces
    found = []
    if (box.maildir or box.imap_host) and not box.address:
        what = "name the address whose mails lie in that box, or leave maildir and imap_host empty"
        found.append(Problem(f"{file_name}: bounces.address", what))
    if box.maildir and box.imap_host:
        found.append(Problem(f"{file_name}: bounces.maildir", "name a maildir or an imap_host, not both"))
    if box.imap_tls == "none" and box.imap_host not in ("", *_LOOPBACK):
        found.append(
            Problem(f"{file_name}: bounces.imap_tls", '"none" is allowed only with a host on this machine')
        )
    return found


def _other_way(file_name: str, sections: Sections) -> list[Problem]:
    """A second server for mails of alarms that nobody gets, that is the first one, or that is overheard."""
    alarms, mail = sections.alarms, sections.mail
    if not alarms.host:
        return []
    found = []
    if not alarms.to:
        found.append(Problem(f"{file_name}: alarms.to", "name who is mailed, or leave alarms.host empty"))
    if mail.transport == "smtp" and (alarms.host, alarms.port) == (mail.host, mail.port):
        what = "must be another server than mail.host: when that is away, no alarm would leave"
        found.append(Problem(f"{file_name}: alarms.host", what))
    if alarms.tls == "none" and alarms.host not in _LOOPBACK:
        what = '"none" is allowed only with a host on this machine'
        found.append(Problem(f"{file_name}: alarms.tls", what))
    return found


def _staff(file_name: str, sections: Sections) -> list[Problem]:
    """People of an office that there is not, or who stand there twice: nobody knows which of them counts."""
    found = []
    for n, person in enumerate(sections.desk.people):
        if person.office and person.office not in sections.inbox.folders:
            known = ", ".join(sections.inbox.folders) or "none"
            what = f'must be a folder of inbox.folders ({known}) or empty for all, not "{person.office}"'
            found.append(Problem(f"{file_name}: desk.people.{n}.office", what))
    for key, people in (("desk", sections.desk.people), ("operator", sections.operator.people)):
        addresses = [person.address.casefold() for person in people]
        found += [
            Problem(f"{file_name}: {key}.people.{n}.address", f"{address} stands there before")
            for n, address in enumerate(addresses)
            if address in addresses[:n]
        ]
    return found


def is_local(host: str) -> bool:
    """Whether a name or an address means something on this machine or in its own network only."""
    name = host.lower().strip("[]").rstrip(".")
    try:
        return not ip_address(name).is_global
    except ValueError:
        return "." not in name or name.endswith(_LOCAL)


def out_of_reach(sections: Sections) -> list[str]:
    """What a site that mails people says of itself that leads nowhere, or leaves out: hardly meant so."""
    if sections.mail.transport != "smtp":
        return []
    sender, url = sections.mail.sender, sections.site.base_url
    found = []
    if is_local(sender.rpartition("@")[2]):
        found.append(
            f"mail.from is {sender}: other mail servers refuse it; set an address of your own domain"
        )
    if is_local(urlsplit(url).hostname or ""):
        found.append(
            f"site.base_url is {url}: links in mails, unsubscribe too, lead nowhere; set the public one"
        )
    if not sections.site.address:
        found.append(
            "site.address is empty: where the law wants a postal address in such mails (CAN-SPAM), set yours"
        )
    return found


def sender_fault(sections: Sections) -> Problem | None:
    """A sender of this machine or network where the site is public and mails people: they never get it."""
    sender, host = sections.mail.sender, urlsplit(sections.site.base_url).hostname or ""
    if sections.mail.transport != "smtp" or is_local(host) or not is_local(sender.rpartition("@")[2]):
        return None
    what = f"{sender} is no address in the world: other mail servers refuse such mail, and nobody can answer"
    return Problem("mail.from", f"{what}; set one of your own domain, such as newsroom@{host}")


def _nested(file_name: str, sections: Sections) -> list[Problem]:
    """Mails or bulletins in the public folder would be there for everybody to read."""
    folders = {
        "inbox.path": sections.inbox.path, "mail.outbox": sections.mail.outbox,
        "web.secret_file": sections.web.secret_file, "bounces.maildir": sections.bounces.maildir,
        "dkim.key_file": sections.dkim.key_file, "dkim.second_key_file": sections.dkim.second_key_file,
        "metrics.token_file": sections.metrics.token_file,
        "store.url": sections.store.url.removeprefix("sqlite:///"),
    }  # fmt: skip
    public = Path(os.path.normpath(sections.publish.path))
    found = []
    for key, value in folders.items():
        if not value:
            continue
        other = Path(os.path.normpath(value))
        if public in (other, *other.parents) or (
            key in ("inbox.path", "mail.outbox") and other in public.parents
        ):
            found.append(
                Problem(f"{file_name}: {key}", "must lie apart from publish.path, which everybody can read")
            )
    return found


_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_LOCAL = (".localhost", ".localdomain", ".local", ".lan", ".internal", ".home.arpa", ".invalid")
WORDS = {
    "string_type": "must be text in quotes",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "list_type": "must be a list such as [\"a\", \"b\"]",
    "model_type": "must be a section such as [mail]",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
}  # fmt: skip


def problem(file_name: str, fault: Mapping[str, Any]) -> Problem:
    """One pydantic fault in plain words: file, key, what is allowed, what is there."""
    key = ".".join(str(part) for part in fault["loc"])
    where = f"{file_name}: {key}"
    if fault["type"] == "extra_forbidden":
        return Problem(where, f"there is no such key{_nearest(fault['loc'])}")
    if fault["type"] == "missing":
        return Problem(where, "must be there")
    context = fault.get("ctx") or {}
    if fault["type"] == "literal_error":
        allowed = f"must be {context['expected'].replace(chr(39), chr(34))}"
    elif fault["type"] == "value_error":
        allowed = f"must be {context['error']}"
    elif bounds := _bounds(context):
        allowed = f"must be {bounds}"
    else:
        allowed = WORDS.get(fault["type"], fault["msg"])
    return Problem(where, f"{allowed}, not {_shown(fault['input'])}")


def _bounds(context: Mapping[str, Any]) -> str:
    words = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    words["max_length"] = "no longer than"
    return " and ".join(f"{word} {context[key]}" for key, word in words.items() if key in context)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _fields_within(kind: Any) -> dict[str, FieldInfo]:
    """The keys of a section, or of what a list or a table of the configuration holds; none for a value."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind.model_fields
    return next((found for part in get_args(kind) if (found := _fields_within(part))), {})


def _nearest(loc: tuple[str | int, ...]) -> str:
    fields = Sections.model_fields
    for part in loc[:-1]:
        if isinstance(part, str) and part in fields:
            fields = _fields_within(fields[part].annotation) or fields
    known = [field.alias or name for name, field in fields.items()]
    near = difflib.get_close_matches(str(loc[-1]), known, 1)
    return f' (did you mean "{near[0]}"?)' if near else f"; known are {', '.join(known)}"
