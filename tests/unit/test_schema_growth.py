"""The schema only grows: a process of the release before goes on writing beside this one."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, create_engine, inspect

from feeds.store.schema import metadata

BEFORE = (
    "v0001_first_tables", "v0002_office_keys", "v0003_notices", "v0004_stated_labels",
    "v0005_links_in_history", "v0006_heads_before", "v0007_people", "v0008_bodies", "v0009_digest_pages",
    "v0010_changes", "v0011_handed_over", "v0012_outdated",
)  # fmt: skip


@pytest.fixture(scope="module")
def before() -> dict[str, set[str]]:
    """The columns of each table as the release before has them."""
    with create_engine("sqlite://").begin() as conn:
        for name in BEFORE:
            with Operations.context(MigrationContext.configure(conn)):
                import_module(f"feeds.store.migrations.versions.{name}").upgrade()
        seen = inspect(conn)
        return {table: {each["name"] for each in seen.get_columns(table)} for table in seen.get_table_names()}


def test_what_is_new_in_a_table_may_be_left_out_by_who_does_not_know_it(before: dict[str, set[str]]) -> None:
    new: list[Column[object]] = [
        column
        for table, columns in before.items()
        for column in metadata.tables[table].columns
        if column.name not in columns
    ]
    assert {"body_id", "foot_id", "next_at"} <= {column.name for column in new}
    needed = [f"{column.table.name}.{column.name}" for column in new
              if not column.nullable and column.server_default is None]  # fmt: skip
    assert needed == []


def test_each_migration_follows_the_one_of_the_number_before() -> None:
    """Two that were written beside each other have one number until somebody sees it."""
    folder = Path(str(import_module("feeds.store.migrations.versions").__path__[0]))
    names = sorted(path.stem for path in folder.glob("v*.py"))
    numbers = [name[1:5] for name in names]
    assert numbers == [f"{n:04}" for n in range(1, len(names) + 1)]
    made = [import_module(f"feeds.store.migrations.versions.{name}") for name in names]
    assert [each.revision for each in made] == numbers
    assert [each.down_revision for each in made] == [None, *numbers[:-1]]


def test_nothing_of_the_release_before_has_gone(before: dict[str, set[str]]) -> None:
    for table, columns in before.items():
        assert columns <= {column.name for column in metadata.tables[table].columns}, table
