"""The edge to a WebSub hub: telling it that a feed has changed (https://www.w3.org/TR/websub/).

How a publisher tells its hub is left open there; hubs take what PubSubHubbub 0.4, section 7, had: a form
with ``hub.mode=publish`` and the feed's address as ``hub.url`` (some want ``hub.topic``, so both are sent).
"""

from __future__ import annotations

import http.client
import ssl
from urllib.parse import urlencode, urlsplit

from feeds.errors import FeedsError

TIMEOUT_S = 10.0
_ANSWER_BYTES = 300
# Those statuses of 4xx that say "later" (RFC 9110 15.5.9, RFC 6585 4).
_LATER = (408, 429)


class HubAwayError(FeedsError):
    """The hub did not take a feed now; ask again later."""


class HubRefusedError(FeedsError):
    """The hub will not take this feed, however often it is asked."""


class HubLine:
    """Tells one hub, over one connection as long as the hub keeps it open."""

    def __init__(self, hub: str, timeout_s: float = TIMEOUT_S) -> None:
        parts = urlsplit(hub)
        self._target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        self._name = hub
        host, port = parts.hostname or "", parts.port
        self._line: http.client.HTTPConnection
        if parts.scheme == "https":
            context = ssl.create_default_context()
            self._line = http.client.HTTPSConnection(host, port, timeout=timeout_s, context=context)
        else:
            self._line = http.client.HTTPConnection(host, port, timeout=timeout_s)

    def tell(self, topic: str) -> None:
        """Say that the feed at this address has changed. Raises HubAwayError or HubRefusedError."""
        body = urlencode({"hub.mode": "publish", "hub.url": topic, "hub.topic": topic})
        fresh = self._line.sock is None
        try:
            status, said = self._post(body)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            # A kept connection that the hub has closed meanwhile says nothing of the hub.
            if not fresh:
                return self.tell(topic)
            raise HubAwayError(f"the hub {self._name} cannot be reached: {_reason(error)}") from None
        if fault := fault_of(status):
            raise fault(f"the hub {self._name} answered {status} for {topic}{said}")
        return None

    def close(self) -> None:
        """Give the connection up; the next feed opens another."""
        self._line.close()

    def _post(self, body: str) -> tuple[int, str]:
        headers = {"content-type": "application/x-www-form-urlencoded", "user-agent": "bulletin-feeds"}
        self._line.request("POST", self._target, body, headers)
        answer = self._line.getresponse()
        words = answer.read(_ANSWER_BYTES)
        if answer.read(1):
            self.close()  # more than an answer need be: not read to its end
        said = " ".join(words.decode("utf-8", "replace").split())
        return answer.status, f": {said}" if said else ""


def fault_of(status: int) -> type[FeedsError] | None:
    """What an answer means: None for 2xx, which take the feed."""
    if 200 <= status < 300:
        return None
    return HubRefusedError if 300 <= status < 500 and status not in _LATER else HubAwayError


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error) or type(error).__name__
