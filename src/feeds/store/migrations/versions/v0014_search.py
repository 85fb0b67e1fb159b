"""Items can be found by their words. The rows come with the first pass of publishing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BYTES = sa.Text(collation="C")
TEXT = sa.Text().with_variant(BYTES, "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
LIST = sa.Text().with_variant(postgresql.ARRAY(BYTES), "postgresql")

OLD = "INSERT INTO item_fts(item_fts, rowid, words) VALUES ('delete', old.place, old.words);"
NEW = "INSERT INTO item_fts(rowid, words) VALUES (new.place, new.words);"
SEARCH = {
    "sqlite": (
        "CREATE VIRTUAL TABLE item_fts USING fts5(words, content='item_words', content_rowid='place',"
        " tokenize='ascii', detail='none', columnsize=0)",
        f"CREATE TRIGGER item_words_put AFTER INSERT ON item_words BEGIN {NEW} END",
        f"CREATE TRIGGER item_words_gone AFTER DELETE ON item_words BEGIN {OLD} END",
        f"CREATE TRIGGER item_words_changed AFTER UPDATE ON item_words BEGIN {OLD} {NEW} END",
    ),
    "postgresql": (
        "CREATE INDEX ix_item_words_words ON item_words USING gin (words) WITH (fastupdate = off)",
    ),
}


def upgrade() -> None:
    """Empty tables: nobody waits for 300,000 items to be read."""
    op.create_table(
        "item_words",
        sa.Column("place", NUMBER, nullable=False, autoincrement=False),
        sa.Column("item_id", TEXT, nullable=False),
        sa.Column("words", LIST, nullable=False),
        sa.PrimaryKeyConstraint("place", name="pk_item_words"),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_item_words_item_id_item"),
        sa.UniqueConstraint("item_id", name="uq_item_words_item_id"),
    )
    for statement in SEARCH[op.get_bind().dialect.name]:
        op.execute(statement)
