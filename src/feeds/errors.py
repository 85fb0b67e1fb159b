"""The errors that reach people.

FeedsError
|-- ConfigError       faults in configuration, all at once        exit 2
|-- InputError        what a person typed or imported is wrong    exit 2, web 400
|-- BulletinError     a whole file cannot be read                 rejected/, the pass goes on
|-- StoreError        the database: away, behind, or in conflict  exit 3, web 503
`-- MailError         a letter cannot be written as asked         that letter only

Anything else that escapes is a bug of ours. One letter's fate is not an error
but a receipt (`model.Receipt`); a lost race is a value.
"""

from __future__ import annotations

from dataclasses import dataclass

from feeds.model import Fault


class FeedsError(Exception):
    """Something a person can put right; its text says how."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a configuration or in a form: where, what, what is allowed."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


class ConfigError(FeedsError):
    """Faults of a configuration, each with its file and key."""

    exit_code = 2

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


class InputError(FeedsError):
    """Faults in what a person typed; `where` is the field, option or row."""

    exit_code = 2

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


class BulletinError(FeedsError):
    """The whole file is unreadable; the file goes to rejected/ with this fault."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault.code)


class StoreError(FeedsError):
    """The database cannot be used now; the text says what to run."""

    exit_code = 3


class MailError(FeedsError):
    """A letter cannot be written as asked (a header or address is unsafe)."""
