"""Compressed copies of public files, for servers that send them as they lie.

The same bytes give the same copies. Levels are chosen by measuring (docs/speed.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import brotli
from isal import isal_zlib

GZIP_LEVEL = 2
BROTLI_QUALITY = 4
# Of a feed, quality 4 makes a copy that is 1 % smaller than 3 does, and takes two thirds longer; of an
# item's page only 4 gains anything over gzip.
LARGE = 16_384
BROTLI_QUALITY_OF_LARGE = 3


def gzipped(data: bytes) -> bytes:
    """RFC 1952, without name and time."""
    return bytes(isal_zlib.compress(data, GZIP_LEVEL, 31))


def brotlied(data: bytes) -> bytes:
    """RFC 7932, for text."""
    quality = BROTLI_QUALITY if len(data) < LARGE else BROTLI_QUALITY_OF_LARGE
    return bytes(brotli.compress(data, mode=brotli.MODE_TEXT, quality=quality))


COPIES: Mapping[str, Callable[[bytes], bytes]] = {".gz": gzipped, ".br": brotlied}
"""How to make the copy whose name ends so."""
