"""What the drivers say -> what a person can do (store). The only reader of driver errors.

No row value may get into a sentence or a traceback: they hold addresses (P11).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from feeds.errors import StoreError


class Conflict(StoreError):  # noqa: N818 (it is caught and answered, not shown as an error)
    """Another process got in between; doing the whole transaction again may succeed."""


class Refused(StoreError):  # noqa: N818 (as Conflict)
    """The database took the statement and not its rows: something is wrong with these, not with it."""


_BEHIND = "The database at {where} has no tables yet or older ones: run `feeds migrate`."
_FULL = "The disk of the database at {where} is full: make room; work goes on by itself then."
_CONFLICT = "Another process changed the same rows in the database at {where}: run the command again."
_DENIED = "The database at {where} may not be written or read by this user: check the permissions."

# Longest prefix first where two could match; names as sqlite3 gives them (sqlite_errorname).
_SQLITE: tuple[tuple[str, str], ...] = (
    ("SQLITE_BUSY", "The database at {where} is locked by another process: end it or try again."),
    ("SQLITE_LOCKED", "The database at {where} is locked by another process: end it or try again."),
    ("SQLITE_FULL", _FULL),
    ("SQLITE_READONLY", _DENIED),
    ("SQLITE_PERM", _DENIED),
    ("SQLITE_AUTH", _DENIED),
    (
        "SQLITE_CANTOPEN",
        "The file at {where} cannot be opened: check that its folder exists and may be written.",
    ),
    ("SQLITE_NOTADB", "The file at {where} is no SQLite database: check store.url."),
    ("SQLITE_CORRUPT", "The database at {where} is damaged: restore a backup made by `feeds backup`."),
    ("SQLITE_IOERR", "The disk of the database at {where} fails: check the disk and its free space."),
)

# By SQLSTATE, PostgreSQL appendix A.
_POSTGRES: tuple[tuple[str, str], ...] = (
    ("42P01", _BEHIND),
    ("42703", _BEHIND),
    ("3F000", _BEHIND),
    ("42501", _DENIED),
    ("25006", "The database at {where} is read-only here: name the primary server in store.url."),
    ("53100", _FULL),
    (
        "53300",
        "The database at {where} has no free connection: raise max_connections or run fewer processes.",
    ),
    ("55P03", "The database at {where} is locked by another process: end it or try again."),
    ("25P0", "A transaction in the database at {where} stood still for too long: it is tried again."),
    ("57014", "The database at {where} stopped a statement that took too long: try again."),
    ("57P", "The database server at {where} is shutting down: it is tried again."),
    ("28", "The database at {where} refuses the login: check user and password in store.url."),
    ("3D000", "There is no such database at {where}: create it or correct store.url."),
    ("08", "The connection to the database at {where} was lost: it is tried again."),
)

_RETRY = {"40001", "40P01", "23505"}


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Turn driver errors inside the block into StoreError; `where` names the database without password."""
    try:
        yield
    except DBAPIError as error:
        failure = explain(error, where)
        # These two carry the row's values in the driver's text.
        if isinstance(error, IntegrityError) or _sqlstate(error).startswith("22"):
            raise failure from None
        raise failure from error
    except StatementError as error:
        # A value that no column takes is a bug of ours; show that, not SQLAlchemy's wrapping.
        raise (error.orig or error) from None
    except PoolTimeout as error:
        raise StoreError(
            f"All connections to the database at {where} are busy: it is tried again."
        ) from error


def explain(error: DBAPIError, where: str) -> StoreError:
    """The sentence for one driver error. Lost races (serialization, deadlock, unique key) are `Conflict`."""
    if _sqlstate(error) in _RETRY or _errorname(error) in {
        "SQLITE_CONSTRAINT_UNIQUE",
        "SQLITE_CONSTRAINT_PRIMARYKEY",
    }:
        return Conflict(_CONFLICT.format(where=where))
    kind = Refused if isinstance(error, IntegrityError | DataError) else StoreError
    return kind(_sentence(error).format(where=where))


def _sentence(error: DBAPIError) -> str:
    state, name = _sqlstate(error), _errorname(error)
    for prefix, words in _POSTGRES if state else _SQLITE:
        if (state or name).startswith(prefix):
            return words
    if name == "SQLITE_ERROR" and _line(error).startswith(("no such table", "no such column")):
        return _BEHIND
    if isinstance(error, IntegrityError):
        return f"The database at {{where}} refused rows that break its rules ({_rule(error)})."
    if not state and not name:
        return _away(error)
    return f"The database at {{where}} refused: {_safe(_primary(error))}."


def _away(error: DBAPIError) -> str:
    """psycopg gives no SQLSTATE when it cannot connect or the line breaks."""
    said = _safe(_line(error))
    return f"The database at {{where}} cannot be reached ({said}): check the server and store.url."


def _sqlstate(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def _errorname(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlite_errorname", None) or ""


def _line(error: DBAPIError) -> str:
    return str(error.orig).strip().partition("\n")[0][:200]


def _primary(error: DBAPIError) -> str:
    diag = getattr(error.orig, "diag", None)
    return getattr(diag, "message_primary", None) or _line(error)


def _rule(error: DBAPIError) -> str:
    diag = getattr(error.orig, "diag", None)
    return _safe(getattr(diag, "constraint_name", None) or _errorname(error) or _line(error))


def _safe(words: str) -> str:
    return words.replace("{", "(").replace("}", ")")
