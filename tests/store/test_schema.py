"""Migrations build the very schema that the queries expect, in one transaction, however often they run."""

from __future__ import annotations

import re
import shutil
from importlib import import_module
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, inspect, text

from feeds.errors import StoreError
from feeds.model import BulletinReceipt, Outcome, ReceiptLine
from feeds.store import Store, bulletins, migrating, open_store, publishing
from feeds.store.schema import metadata
from store.making import NOW, bulletin, item, new_bulletin, put, together

HEAD = [f"{n:04}" for n in range(1, 26)]
NEXT = "0999"


def test_the_migrated_schema_has_what_the_tables_say(store: Store) -> None:
    def of_ours(name: str | None, kind: str, parents: object) -> bool:
        # What makes words searchable is no table that SQLAlchemy knows; the next test holds it.
        return not str(name).startswith(("item_fts", "ix_item_words_words"))

    with store.read() as conn:
        context = MigrationContext.configure(conn, opts={"include_name": of_ours})
        assert compare_metadata(context, metadata) == []


def test_migrated_and_created_schemas_are_the_same_to_the_last_index(empty: Store, store: Store) -> None:
    if empty.where.startswith("/"):
        Path(empty.where).touch()  # a store writes only into a file that is there
    with empty.write() as conn:
        metadata.create_all(conn)
    with empty.read() as created, store.read() as migrated:
        ours, theirs = _catalogue(created), _catalogue(migrated)
    assert len(ours) > 100
    assert ours == theirs


def _catalogue(conn: Connection) -> list[tuple[str, ...]]:
    """Everything the database itself says of our tables, in its own words."""
    if conn.dialect.name == "sqlite":
        master = conn.execute(text("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE '%alembic%'"))
        parts = [(row.name, part) for row in master for part in _parts(row.sql or "")]
        return sorted(parts)
    queries = (
        "SELECT table_name, column_name, ordinal_position::text, data_type, is_nullable, collation_name, "
        "column_default FROM information_schema.columns WHERE table_schema = current_schema()",
        "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()",
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = current_schema()::regnamespace",
    )
    schema = conn.scalar(text("SELECT current_schema()"))
    rows = [
        tuple(str(value).replace(f"{schema}.", "") for value in row)
        for q in queries
        for row in conn.execute(text(q))
    ]
    return sorted(row for row in rows if "alembic_version" not in row[0])


def _parts(sql: str) -> list[str]:
    # SQLite quotes the name of a table that was made anew on the way.
    sql = re.sub(r'^CREATE TABLE "(\w+)"', r"CREATE TABLE \1", sql)
    # A column that a migration added stands at the end, on the line of the one before it.
    split = re.split(r",\s*\n|, (?=[a-z_]+ [A-Z]+\b)", sql)
    return [re.sub(r"\s+", " ", part).strip(" )") for part in split]


def test_migrating_says_what_it_applied_and_the_second_time_nothing(empty: Store) -> None:
    assert empty.pending() == HEAD
    assert empty.migrate() == HEAD
    assert empty.pending() == []
    assert empty.migrate() == []
    empty.require_current()


def test_an_upgrade_remembers_until_when_nothing_is_known_of_heads(empty: Store) -> None:
    empty.migrate()
    with empty.write() as conn:
        assert publishing.heads_unknown_until(conn) is None  # a new site
        put(conn, item("a", at=NOW), item("b", at=NOW.replace(hour=1)))
        with Operations.context(MigrationContext.configure(conn)):
            import_module("feeds.store.migrations.versions.v0006_heads_before").upgrade()
    with empty.read() as conn:
        latest = max(NOW, NOW.replace(hour=1))
        assert publishing.heads_unknown_until(conn) == latest


def test_a_database_without_tables_is_told_to_migrate(empty: Store) -> None:
    with pytest.raises(StoreError, match="run `feeds migrate`"):
        empty.require_current()
    with pytest.raises(StoreError, match="run `feeds migrate`"), empty.read() as conn:
        bulletins.listing(conn, 1)


def test_asking_what_is_pending_makes_no_file(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'absent.db'}")
    assert store.pending() == HEAD
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_a_newer_program_is_refused(empty: Store) -> None:
    empty.migrate()
    with empty.write() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        conn.execute(text("DELETE FROM meta WHERE key = 'runs-with'"))
    with pytest.raises(StoreError, match="newer version of feeds"):
        empty.require_current()
    with pytest.raises(StoreError, match="newer version of feeds"):
        empty.migrate()


def test_two_that_migrate_at_once_apply_each_revision_once(empty: Store) -> None:
    assert sorted(together(*[empty.migrate] * 4)) == [[], [], [], HEAD]


@pytest.fixture
def next_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Adds a revision NEXT with this body to a copy of the migrations."""

    def add(body: str) -> None:
        folder = tmp_path / "migrations"
        shutil.copytree(migrating._FOLDER, folder)
        lines = [
            "import sqlalchemy as sa",
            "from alembic import op",
            f'revision = "{NEXT}"',
            f'down_revision = "{HEAD[-1]}"',
        ]
        lines += ["def upgrade():", *(f"    {line}" for line in body.splitlines())]
        (folder / "versions" / f"v{NEXT}_test.py").write_text("\n".join(lines), encoding="utf-8")
        monkeypatch.setattr(migrating, "_FOLDER", folder)

    return add


def test_changing_a_parent_table_keeps_its_children(empty: Store, next_revision) -> None:
    empty.migrate()
    with empty.write() as conn:
        put(conn, item("kept"))
        line = ReceiptLine(outcome=Outcome.NEW, line=1, item_id="kept")
        receipt = BulletinReceipt(
            name="a.txt", received_at=item("x").accepted_at, rejected=False, lines=(line,)
        )
        (bulletin_id,) = bulletins.insert(conn, [new_bulletin(receipt)])
    next_revision(
        "with op.batch_alter_table('bulletin', recreate='auto') as batch:\n"
        "    batch.alter_column('encoding', nullable=True)"
    )
    assert empty.migrate() == [NEXT]
    with empty.read() as conn:
        found = bulletins.find(conn, bulletin_id)
        assert found is not None
        assert found.receipt.lines == (line,)


def test_a_migration_that_fails_changes_nothing(empty: Store, next_revision) -> None:
    empty.migrate()
    next_revision(
        "op.create_table('half', sa.Column('id', sa.Integer))\nop.execute('SELECT no_such FROM half')"
    )
    with pytest.raises(StoreError):
        empty.migrate()
    assert empty.pending() == [NEXT]
    with empty.read() as conn:
        assert not inspect(conn).has_table("half")


def test_a_migration_that_leaves_rows_pointing_nowhere_is_taken_back(sqlite: Store, next_revision) -> None:
    with sqlite.write() as conn:
        put(conn, item("orphan"))
    next_revision("op.execute('DELETE FROM bulletin')")
    with pytest.raises(StoreError, match="point nowhere \\(in item\\)"):
        sqlite.migrate()
    with sqlite.read() as conn:
        assert bulletins.listing(conn, 5) != []


def test_a_number_once_given_never_comes_back(store: Store) -> None:
    with store.write() as conn:
        first = bulletin(conn)
        conn.execute(text("DELETE FROM bulletin"))
        assert bulletin(conn) > first
