"""What makes the words of items searchable, in each database's own language (store).

SQLite: an FTS5 table that holds no text of its own and follows `item_words` by triggers. Its tokenizer takes
whatever is not ASCII as letters and parts at spaces: the words were folded and parted before. PostgreSQL: a
GIN index over the lists; without a waiting list, whose clearing would hold up a writer.
"""

from __future__ import annotations

_OLD = "INSERT INTO item_fts(item_fts, rowid, words) VALUES ('delete', old.place, old.words);"
_NEW = "INSERT INTO item_fts(rowid, words) VALUES (new.place, new.words);"

SEARCH: dict[str, tuple[str, ...]] = {
    "sqlite": (
        "CREATE VIRTUAL TABLE item_fts USING fts5(words, content='item_words', content_rowid='place',"
        " tokenize='ascii', detail='none', columnsize=0)",
        f"CREATE TRIGGER item_words_put AFTER INSERT ON item_words BEGIN {_NEW} END",
        f"CREATE TRIGGER item_words_gone AFTER DELETE ON item_words BEGIN {_OLD} END",
        f"CREATE TRIGGER item_words_changed AFTER UPDATE ON item_words BEGIN {_OLD} {_NEW} END",
    ),
    "postgresql": (
        "CREATE INDEX ix_item_words_words ON item_words USING gin (words) WITH (fastupdate = off)",
    ),
}
"""By dialect: the statements that follow the making of the table `item_words`."""
