"""Characters -> lines: by baseline, with footnote marks taken out and spaces from the file or from gaps."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ingest.pdf_glyphs import Glyph

# A space that is only seen as a gap between a Chinese and a Latin character; resolved per document.
GAP = "\ue001"
_MARK = re.compile(r"[0-9]{1,3}|[*†‡§]{1,3}|[a-z]")
_LABEL = re.compile(
    r"\s*(?:[(（]?[0-9a-zA-Z一二三四五六七八九十百]{1,4}[)）.．、]{1,2}|[0-9]{1,3}|\d+(?:\.\d+)+|[*†•●○▪■–—-]+|第.{1,4}[章节条部分]+)\s*"
)


@dataclass(frozen=True, slots=True)
class PageLine:
    """One line of a page; ``cells`` has more than one member where wide gaps part it.

    ``marks`` are raised small characters with their offset in ``text``, already taken out of it;
    y counts upwards from the foot of the page, all lengths are in points.
    """

    text: str
    left: float
    right: float
    base: float
    size: float
    bold: bool
    page: int
    column: int = 0
    marks: tuple[tuple[str, int], ...] = ()
    cells: tuple[str, ...] = ()
    cell_lefts: tuple[float, ...] = ()
    row: int | None = None

    @property
    def bare(self) -> str:
        """The text without surrounding white space."""
        return self.text.strip()


@dataclass(slots=True)
class Segment:
    """Characters of one line that were drawn together without a wide gap."""

    glyphs: list[Glyph] = field(default_factory=list)
    base: float = 0.0
    size: float = 0.0

    left: float = 0.0
    right: float = 0.0


def find_segments(glyphs: Sequence[Glyph]) -> list[Segment]:
    """Runs of characters on one baseline; a gap of over 1.2 em, a step back or a new baseline parts them."""
    segments: list[Segment] = []
    present: Segment | None = None
    for glyph in glyphs:
        if present is not None and _belongs(present, glyph):
            present.glyphs.append(glyph)
            continue
        present = Segment([glyph], glyph.base, glyph.size)
        segments.append(present)
    kept = []
    for segment in segments:
        drawn = [glyph for glyph in segment.glyphs if not glyph.char.isspace()]
        if drawn:
            segment.left, segment.right = drawn[0].left, max(glyph.right for glyph in drawn)
            sizes: Counter[float] = Counter()
            for glyph in drawn:
                sizes[round(glyph.size, 1)] += 1 if glyph.char.isascii() else 3
            segment.size = max(sizes, key=lambda s: (sizes[s], s))
            segment.base = next(g.base for g in segment.glyphs if round(g.size, 1) == segment.size)
            kept.append(segment)
    return kept


def _belongs(segment: Segment, glyph: Glyph) -> bool:
    last = segment.glyphs[-1]
    size = max(segment.size, glyph.size)
    if abs(glyph.base - segment.base) > 0.2 * size and not (
        glyph.size < 0.8 * segment.size and 0 < glyph.base - segment.base < 0.6 * size
    ):
        return False
    return -0.5 * size <= glyph.left - last.right <= 1.2 * size


def _same_line(a: Segment, b: Segment) -> bool:
    """Whether two segments share a line: one baseline, or a small one raised beside a larger."""
    big, small = (a, b) if a.size >= b.size else (b, a)
    if abs(a.base - b.base) <= 0.25 * big.size:
        return True
    return small.size < 0.8 * big.size and 0 < small.base - big.base < 0.65 * big.size


def gather_lines(segments: Sequence[Segment], number: int, column: int) -> list[PageLine]:
    """Segments of one column gathered into lines, from the top down."""
    groups: list[list[Segment]] = []
    for segment in sorted(segments, key=lambda s: (-s.size, -s.base)):
        group = next((g for g in groups if _same_line(g[0], segment)), None)
        if group is None:
            groups.append([segment])
        else:
            group.append(segment)
    groups.sort(key=lambda g: -g[0].base)
    return [_line(sorted(group, key=lambda s: s.left), number, column) for group in groups]


@dataclass(slots=True)
class _LineText:
    """The text of a line in the making, its cells, and the raised marks taken out of it."""

    text: str = ""
    cells: list[str] = field(default_factory=lambda: [""])
    marks: list[tuple[str, int]] = field(default_factory=list)
    raised: str = ""

    def add(self, text: str) -> None:
        """Append characters on the baseline."""
        self.end_mark()
        self.text += text
        self.cells[-1] += text

    def end_mark(self) -> None:
        """Raised characters are over: a mark if they look like one, else text."""
        raised, self.raised = self.raised, ""
        if raised and _MARK.fullmatch(raised):
            self.marks.append((raised, len(self.text)))
        elif raised:
            self.text += raised
            self.cells[-1] += raised


def _line(segments: Sequence[Segment], number: int, column: int) -> PageLine:
    main = _main(segments)
    stretch = _stretch(segments)
    made = _LineText()
    lefts = [segments[0].left]
    last: Glyph | None = None
    bold = 0
    for segment in segments:
        gap = segment.left - last.right - 2 * stretch if last is not None else 0.0
        if gap > 1.6 * main.size and made.cells[-1].strip():
            made.end_mark()
            made.cells.append("")
            lefts.append(segment.left)
        for glyph in segment.glyphs:
            if glyph.size < 0.8 * main.size and glyph.base - main.base > 0.12 * main.size:
                made.raised += glyph.char.strip()
            else:
                made.add(_space(last, glyph, main.size, stretch) + glyph.char)
                bold += glyph.bold
            last = glyph
    made.end_mark()
    parts = tuple(cell.strip() for cell in made.cells)
    if len(parts) > 1 and _LABEL.fullmatch(parts[0]):
        # A label and its text are no table: the number hangs in the margin.
        parts = (f"{parts[0]} {parts[1]}", *parts[2:])
        lefts = [lefts[0], *lefts[2:]]
    right = max(segment.right for segment in segments)
    is_bold = bold > 0.6 * max(1, len(made.text.strip()))
    return PageLine(
        made.text, segments[0].left, right, main.base, main.size, is_bold, number, column,
        tuple(made.marks), parts, tuple(lefts),
    )  # fmt: skip


def _main(segments: Sequence[Segment]) -> Segment:
    """The segment in the size of most of the line: Latin words may be set larger than the Chinese text."""
    weights: Counter[float] = Counter()
    for segment in segments:
        weights[round(segment.size, 1)] += sum(1 if g.char.isascii() else 3 for g in segment.glyphs)
    size = max(weights, key=lambda s: (weights[s], s))
    return next(segment for segment in segments if round(segment.size, 1) == size)


def _stretch(segments: Sequence[Segment]) -> float:
    """The usual gap between the Chinese characters of a line: justified lines are stretched."""
    glyphs = [glyph for segment in segments for glyph in segment.glyphs]
    gaps = sorted(
        b.left - a.right for a, b in pairwise(glyphs) if not a.char.isascii() and not b.char.isascii()
    )
    return max(0.0, gaps[len(gaps) // 2]) if gaps else 0.0


def _space(last: Glyph | None, glyph: Glyph, size: float, stretch: float) -> str:
    """The space that a gap stands for: none between Chinese characters unless it is wide."""
    if last is None or (gap := glyph.left - last.right) <= 0.12 * size:
        return ""
    if last.char.isspace() or glyph.char.isspace():
        return ""
    if last.char.isascii() and glyph.char.isascii():
        return " " if gap > 0.18 * size else ""
    if gap - 2 * stretch > 0.9 * size:
        return " "
    letters = [c for c in (last.char, glyph.char) if not c.isascii()]
    if any(unicodedata.category(c) != "Lo" for c in letters):
        return ""  # full-width punctuation brings its own room
    if len(letters) == 2:
        return " " if stretch < 0.05 * size and gap > 0.2 * size else ""
    return GAP if gap - stretch > 0.12 * size else ""
