"""Judges of feeds: RFC 4287's grammar in our own words, JSON Feed's rules, and the W3C feed validator.

The validator is nowhere to be had as a package. Where FEEDS_FEEDVALIDATOR names the folder that holds its
``feedvalidator`` package (``src`` of github.com/w3c/feedvalidator), and FEEDS_FEEDVALIDATOR_PYTHON a Python
that has html5lib, lxml and rdflib, it is asked as well; else its tests are skipped, in CI too.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

import needs

ATOM = "{http://www.w3.org/2005/Atom}"
_VERSION = "https://jsonfeed.org/version/1.1"

_ASK = """
import json, sys
sys.path.insert(0, sys.argv[1])
import feedvalidator
from feedvalidator import logging
told = {}
for line in sys.stdin:
    path, own = json.loads(line)
    data = open(path, "rb").read()
    found = feedvalidator.validateString(data, firstOccurrenceOnly=0, base=own)["loggedEvents"]
    bad = [e for e in found if isinstance(e, (logging.Error, logging.Warning))]
    told[own] = [len(found), [[type(e).__name__, str(e.params)] for e in bad]]
print(json.dumps(told))
"""


@cache
def _grammar() -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(Path(__file__).parent / "grammars" / "atom.rng"))


def atom_faults(data: bytes) -> list[str]:
    """What RFC 4287 forbids in an Atom feed: by its grammar, and by its rules that no grammar can tell."""
    feed = etree.fromstring(data)
    grammar = _grammar()
    grammar.validate(feed)
    faults = [str(each) for each in grammar.error_log]
    entries = feed.findall(f"{ATOM}entry")
    if feed.find(f"{ATOM}author") is None and any(e.find(f"{ATOM}author") is None for e in entries):
        faults.append("an entry without an author (4.1.2)")
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    if len(set(ids)) != len(ids):
        faults.append("an id stands twice (4.1.1)")
    for entry in (feed, *entries):
        links = [(link.get("rel", "alternate"), link.get("type"), link.get("hreflang"))
                 for link in entry.findall(f"{ATOM}link")]  # fmt: skip
        alternates = [link for link in links if link[0] == "alternate"]
        if len(set(alternates)) != len(alternates):
            faults.append("two alternates of one type and language (4.1.1)")
        if entry is not feed and not alternates and entry.find(f"{ATOM}content") is None:
            faults.append("neither content nor alternate (4.1.2)")
    if "self" not in [link.get("rel") for link in feed.findall(f"{ATOM}link")]:
        faults.append("no link to itself (4.1.1)")
    return faults


def json_faults(data: bytes) -> list[str]:
    """What JSON Feed 1.1 forbids."""
    feed: dict[str, Any] = json.loads(data)
    faults = [f"{name} is no text" for name in ("version", "title") if not isinstance(feed.get(name), str)]
    if feed.get("version") != _VERSION:
        faults.append("another version")
    faults += [f"{name} is no address" for name in ("feed_url", "home_page_url") if not _url(feed.get(name))]
    ids = [each.get("id") for each in feed["items"]]
    if len(set(ids)) != len(ids):
        faults.append("an id stands twice")
    for each in feed["items"]:
        faults += _item_faults(each)
    return faults


def _item_faults(item: Mapping[str, Any]) -> list[str]:
    faults = []
    if not isinstance(item.get("id"), str) or not item["id"]:
        faults.append("an id that is no text")
    if not (item.get("content_html") or item.get("content_text")):
        faults.append("an item without content")
    faults += [
        f"{name} is no address" for name in ("url", "external_url") if name in item and not _url(item[name])
    ]
    for name in ("date_published", "date_modified"):
        if name in item and datetime.fromisoformat(item[name]).tzinfo is None:
            faults.append(f"{name} without its zone")
    if not all(isinstance(tag, str) for tag in item.get("tags", [])):
        faults.append("a tag that is no text")
    return faults


def _url(value: object) -> bool:
    return isinstance(value, str) and urlsplit(value).scheme in ("http", "https")


def validator_says(files: Mapping[str, bytes], folder: Path) -> dict[str, tuple[int, list[list[str]]]]:
    """By address of each feed, what the W3C feed validator notes (how much in all, and its errors and
    warnings). Skips the test where there is none.
    """
    source = os.environ.get("FEEDS_FEEDVALIDATOR")
    if not source:
        needs.absent("FEEDS_FEEDVALIDATOR does not name a copy of the W3C feed validator")
    asked = []
    for n, (own, data) in enumerate(files.items()):
        (folder / str(n)).write_bytes(data)
        asked.append(json.dumps([str(folder / str(n)), own]))
    python = os.environ.get("FEEDS_FEEDVALIDATOR_PYTHON", sys.executable)
    done = subprocess.run(
        [python, "-c", _ASK, source], input="\n".join(asked), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return {own: (events, faults) for own, (events, faults) in json.loads(done.stdout).items()}
