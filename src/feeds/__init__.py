"""Dated bulletins in a folder become feeds, pages and e-mail digests."""

__version__ = "0.1.0"
