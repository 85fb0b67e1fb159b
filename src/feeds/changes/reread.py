"""What differs from a stored item only because this program reads better than the one that took it in."""

from __future__ import annotations

READING = 1
"""The number of this program's way of reading. Raise it when files of old are read in other words."""
