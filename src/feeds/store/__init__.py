"""The store: SQL once, for SQLite and PostgreSQL.

Owns the rows and nothing else: no rule of the house is decided here. The
modules `items`, `bulletins`, `subscribers`, `digests`, `deliveries`, `notices`
and `publishing` hold the queries, each function taking a connection first.
"""

from sqlalchemy import Connection

from feeds.store.database import Store, open_store
from feeds.store.faults import Conflict, Refused

__all__ = ["Conflict", "Connection", "Refused", "Store", "open_store"]
