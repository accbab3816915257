"""Footnotes of PDF pages: smaller lines at the foot, or lines under a short rule, with their labels."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.inline import is_terminal, join
from ingest.pdf_lines import GAP, PageLine
from ingest.pdf_pages import PdfPage

_NOTE_LABEL = re.compile(r"(\d{1,3}|[*†‡§]{1,3}|[a-z](?=\s))[.、]?\s*")


def plain(line: PageLine, gap: str) -> str:
    """The text of a line with seen gaps as the document writes them."""
    return line.text.replace(GAP, gap)


@dataclass(slots=True)
class PdfNote:
    label: str
    text: str
    page: int


class PdfNotes:
    """Takes footnotes from the foot of each page: smaller lines, or lines under a short rule."""

    def __init__(self, body_size: float, spaced: bool, gap: str) -> None:
        self.body_size = body_size
        self.spaced = spaced
        self.gap = gap
        self.notes: list[PdfNote] = []
        self._ruled = False

    def take(self, page: PdfPage, lines: list[PageLine]) -> list[PageLine]:
        """The lines of a page without its footnotes, which are kept."""
        rest = list(lines)
        for column in sorted({line.column for line in lines}):
            own = [line for line in rest if line.column == column]
            zone = self._zone(page, own)
            for line in zone:
                self._add(line)
            taken = {id(line) for line in zone}
            rest = [line for line in rest if id(line) not in taken]
        return rest

    def _zone(self, page: PdfPage, lines: list[PageLine]) -> list[PageLine]:
        """The lines at the foot that are footnotes, the first of them with a label or going on."""
        self._ruled = True
        rule = self._rule(page, lines)
        self._ruled = rule is not None
        start = len(lines)
        while start and self._may_be_note(lines[start - 1], rule):
            start -= 1
        while start < len(lines):
            if self._label(lines[start]) or self._goes_on(lines, start, rule):
                return lines[start:]
            start += 1
        return []

    def _rule(self, page: PdfPage, lines: Sequence[PageLine]) -> float | None:
        """Height of the short rule over the footnotes: the lowest one with a labelled line right under it."""
        for y, left, right in sorted(page.rules):
            below = [line for line in lines if line.base < y]
            short = right - left < 0.5 * page.width
            if short and below and len(below) < len(lines) and self._label(below[0]):
                return y
        return None

    def _may_be_note(self, line: PageLine, rule: float | None) -> bool:
        under = rule is not None and line.base < rule
        return line.row is None and (under or line.size < 0.93 * self.body_size)

    def _goes_on(self, lines: Sequence[PageLine], start: int, rule: float | None) -> bool:
        """Whether a line without a label continues the footnote that the previous page broke off."""
        line = lines[start]
        unfinished = bool(self.notes) and not is_terminal(self.notes[-1].text)
        first = start == 0 or not self._may_be_note(lines[start - 1], rule)
        return first and unfinished and self.notes[-1].page == line.page - 1 and start > 0

    def _label(self, line: PageLine) -> tuple[str, str] | None:
        """A footnote's label and the rest of its first line."""
        text = plain(line, " ")
        raised = [label for label, at in line.marks if at <= len(text) - len(text.lstrip())]
        if raised:
            return raised[0], text.strip()
        match = _NOTE_LABEL.match(text.lstrip())
        if match is None or not text.lstrip()[match.end() :].strip():
            return None
        label = match[1]
        spaced = match[0] != label or any(mark == label for mark, _ in line.marks)
        last = next((int(n.label) for n in reversed(self.notes) if n.label.isdigit()), 0)
        expected = not label.isdigit() or int(label) in (1, last + 1)
        rest = text.lstrip()[match.end() :].strip()
        # Under a rule the text may follow its number at once; elsewhere that would be any line with a number.
        glued = self._ruled and not rest[:1].isascii()
        return (label, rest) if expected and (spaced or glued or not label.isdigit()) else None

    def _add(self, line: PageLine) -> None:
        found = self._label(line)
        if found is not None:
            self.notes.append(PdfNote(found[0], found[1], line.page))
        elif self.notes:
            self.notes[-1].text = join(self.notes[-1].text, plain(line, self.gap).strip(), self.spaced)
            self.notes[-1].page = line.page
