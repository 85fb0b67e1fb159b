"""Compressed copies of public files, for servers that send them as they lie.

The same bytes give the same copies. Levels are chosen by measuring (docs/speed.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import brotli
from isal import isal_zlib

GZIP_LEVEL = 3
BROTLI_QUALITY = 4


def gzipped(data: bytes) -> bytes:
    """RFC 1952, without name and time."""
    made = isal_zlib.compressobj(GZIP_LEVEL, isal_zlib.DEFLATED, 31)
    return bytes(made.compress(data) + made.flush())


def brotlied(data: bytes) -> bytes:
    """RFC 7932, for text."""
    return bytes(brotli.compress(data, mode=brotli.MODE_TEXT, quality=BROTLI_QUALITY))


COPIES: Mapping[str, Callable[[bytes], bytes]] = {".gz": gzipped, ".br": brotlied}
"""How to make the copy whose name ends so."""
