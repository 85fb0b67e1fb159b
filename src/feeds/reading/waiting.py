"""Items whose own text says that they are not for publication, or not yet.

Owns what becomes of such a line: it keeps its item out, or the whole file if it stands above all items; an
embargo with an instant holds the file back until then. Must not know which words say so.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from feeds.errors import BulletinError
from feeds.model import Fault, Moment
from feeds.reading.faults import cut
from feeds.reading.head import Setting, may_say, plainly_said, said_by
from feeds.reading.page import Page
from feeds.reading.tally import Tally
from feeds.reading.text.cuts import Cut

# Such a line stands near the top; further down, only what is said plainly is not part of the news.
MOST_LINES = 6


class Waiting:
    """Sees to what the items of a page say of themselves. `until`: the latest embargo so far."""

    def __init__(self, page: Page, setting: Setting, tally: Tally) -> None:
        self.until: Moment | None = None
        self._page, self._setting, self._tally = page, setting, tally
        self._plain = list(plainly_said(page.sheet.scan))

    def sifted(self, piece: Cut) -> Cut | None:
        """The piece without the line that names an instant; None if the piece is not for publication.

        BulletinError: `not-for-publication`, if it is no item but what stands above all of them.
        """
        if piece.day is not None:
            self._look_at_heading(piece)
        lead, lead_waits = self._looked_through(piece.lead, piece.lead_row)
        body, body_waits = self._looked_through(piece.body, piece.body_row)
        waits = lead_waits or body_waits
        if waits is None:
            same = lead is piece.lead and body is piece.body
            return piece if same else piece._replace(lead=lead, body=body)
        if piece.day is None:
            number, words = waits
            raise BulletinError(Fault(code="not-for-publication", line=number, detail=cut(words)))
        self._tally.add("item-not-for-publication", self._page.number(piece.first), waits[1])
        return None

    def _look_at_heading(self, piece: Cut) -> None:
        """ "For release on 30 November 2026" heads an item of that day, and is to be shown then."""
        if not (piece.head and piece.head[0].isalpha() and may_say(piece.head)):
            return
        said = said_by(piece.head, self._page.number(piece.first), self._setting, first=True)
        if said and said.moment:
            self._hold(said.moment)

    def _looked_through(
        self, rows: Sequence[str], first: int
    ) -> tuple[Sequence[str], tuple[int, str] | None]:
        """The rows without embargo lines, and the line that withholds them."""
        gone = set[int]()
        for at in self._telling(rows, first):
            row = rows[at]
            number = self._page.number(first + at)
            said = said_by(row, number, self._setting, first=not any(rows[1:at]))
            if said is None:
                continue
            if said.moment is None:
                return rows, (number, row)
            self._hold(said.moment)
            self._tally.left_out("embargo-line", number)
            self._tally.answered(number)
            gone.add(at)
        return ["" if at in gone else row for at, row in enumerate(rows)] if gone else rows, None

    def _telling(self, rows: Sequence[str], first: int) -> Iterator[int]:
        """The rows that may say something: some of the first, and those that say it plainly."""
        told, at = 0, 0
        while at < len(rows) and told < MOST_LINES:
            told += bool(rows[at])
            if rows[at] and may_say(rows[at]):
                yield at
            at += 1
        if self._plain:
            for row in self._plain[bisect_left(self._plain, first + at) :]:
                if row - first >= len(rows):
                    break
                if rows[row - first]:
                    yield row - first

    def _hold(self, moment: Moment) -> None:
        if self.until is None or moment.at > self.until.at:
            self.until = moment
