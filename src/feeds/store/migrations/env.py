"""How alembic runs a revision: on the connection and in the transaction that migrating.py opened."""

from __future__ import annotations

from alembic import context

from feeds.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
