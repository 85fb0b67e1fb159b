"""The envelope sender of a letter: our bounce address with a tag that names the letter (VERP; pure).

Servers send what they could not deliver there. Whose letter it was stands in the tag, whatever they write;
who may make tags is not known here.
"""

from __future__ import annotations

import re

# A part before the @ has 64 octets at most (RFC 5321 4.5.3.1.1): a plus sign and the longest tag take 38.
LONGEST_NAME = 26
# Small letters and digits only: some servers change the case of an address.
_TAG = r"([a-z]?[0-9]{1,19}-[a-z2-7]{16})"
_UNSUBSCRIBE = "unsubscribe"


class BounceAddress:
    """Where bounces go, such as ``bounces@example.org``: its server takes ``bounces+anything@``, too."""

    __slots__ = ("_domain", "_name", "_tags", "address")

    def __init__(self, address: str) -> None:
        self.address = address
        self._name, _, self._domain = address.rpartition("@")
        name, domain = re.escape(self._name), re.escape(self._domain)
        self._tags = re.compile(rf"(?<![\w.+-]){name}\+{_TAG}@{domain}(?![\w-]|\.\w)", re.IGNORECASE)

    @property
    def unsubscribe(self) -> str:
        """Where mails of people who want to leave go; their subject says what."""
        return self.tagged(_UNSUBSCRIBE)

    def tagged(self, tag: str) -> str:
        """The envelope sender of the letter that this tag names."""
        return f"{self._name}+{tag}@{self._domain}"

    def tags(self, text: str) -> list[str]:
        """The tags of all such addresses in a text, each once, genuine or not."""
        return list(dict.fromkeys(found.lower() for found in self._tags.findall(text)))
