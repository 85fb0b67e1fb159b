"""The way back from a backup: what a copy of the database may do, and who left since.

In: a database that may be a copy, and the journal that was kept outside it. Out: no mail until a person
releases it, and then nothing old. Knows nothing of how copies are made (`store.backups`) or of people's rules
(`people.departing` applies the journal).
"""

from feeds.restoring.copies import Held, release, require_released

__all__ = ["Held", "release", "require_released"]
