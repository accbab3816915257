"""PDF pages in reading order: columns by a clear gutter, table rows at their height."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ingest.pdf_glyphs import Glyph, read_glyphs
from ingest.pdf_lines import PageLine, Segment, find_segments, gather_lines
from ingest.pdf_tables import Grid, Rule, find_drawings


@dataclass(frozen=True, slots=True)
class PdfPage:
    """A page's lines in reading order, the rules drawn on it, and what was left out."""

    number: int
    width: float
    height: float
    lines: tuple[PageLine, ...]
    rules: tuple[Rule, ...]
    images: int
    rotated: str = ""
    unmapped: int = 0


@dataclass(frozen=True, slots=True)
class Scan:
    """A page as drawn, not yet in reading order."""

    number: int
    width: float
    height: float
    segments: list[Segment]
    grid: Grid
    rules: tuple[Rule, ...]
    images: int
    rotated: str
    unmapped: int


def scan_page(page: Any, number: int) -> Scan:
    """The characters and drawings of one pdfium page."""
    width, height = page.get_size()
    glyphs, rotated, unmapped = read_glyphs(page)
    grid, rules, images = find_drawings(page)
    return Scan(number, width, height, find_segments(glyphs), grid, tuple(rules), images, rotated, unmapped)


def blank_scan(number: int, width: float, height: float, glyphs: Sequence[Glyph]) -> Scan:
    """A page whose characters were recognised from its picture; nothing is known of its drawings."""
    return Scan(number, width, height, find_segments(glyphs), Grid(()), (), 1, "", 0)


def arrange(scans: Sequence[Scan]) -> list[PdfPage]:
    """The pages' lines in reading order; a gutter that some pages show clearly holds for the others too."""
    free = [scan.grid.split(scan.segments, scan.number) for scan in scans]
    gutters = [_gutter(segments, scan.width) for scan, (_, segments) in zip(scans, free, strict=True)]
    seen = [gutter for gutter in gutters if gutter is not None]
    usual = sorted(seen)[len(seen) // 2] if len(seen) >= 0.3 * len(scans) else None
    pages = []
    for scan, (rows, segments), own in zip(scans, free, gutters, strict=True):
        gutter = own
        if gutter is None and usual is not None and _crossing(segments, usual) <= 0.3 * len(segments):
            gutter = usual
        number = scan.number
        if gutter is None:
            lines = _with_rows(gather_lines(segments, number, 0), rows)
        else:
            lines = _banded(segments, gutter, number, rows)
        pages.append(
            PdfPage(
                number, scan.width, scan.height, tuple(lines), scan.rules,
                scan.images, scan.rotated, scan.unmapped,
            )
        )  # fmt: skip
    return pages


# --- reading order ---------------------------------------------------------------------------------


def _with_rows(lines: list[PageLine], rows: Sequence[PageLine]) -> list[PageLine]:
    """Table rows put between the lines at their height."""
    for row in rows:
        at = next(
            (n for n, line in enumerate(lines) if line.row is None and line.base < row.base), len(lines)
        )
        while at < len(lines) and lines[at].row is not None and lines[at].base > row.base:
            at += 1
        lines.insert(at, row)
    return lines


def _gutter(segments: Sequence[Segment], width: float) -> float | None:
    """The x of a gutter between two columns of running text, or None."""
    if len(segments) < 16:
        return None
    best: tuple[int, float] | None = None
    for step in range(35, 66):
        x = width * step / 100
        crossing = sum(s.left < x < s.right for s in segments)
        if best is None or crossing < best[0]:
            best = crossing, x
    if best is None or best[0] > 0.2 * len(segments):
        return None
    # The middle of the gap, not its edge.
    x = best[1]
    free = [c for step in range(35, 66) if (c := width * step / 100) and _crossing(segments, c) == best[0]]
    x = sum(free) / len(free)
    left = [s for s in segments if s.right <= x]
    right = [s for s in segments if s.left >= x]
    both = _is_column(left) and _is_column(right)
    one = (
        best[0] <= 1
        and min(len(left), len(right)) >= 8
        and (_is_column(left) or _is_column(right))
        and not _share_baselines(left, right)
    )
    return x if (both or one) and _side_by_side(left, right) else None


def _crossing(segments: Sequence[Segment], x: float) -> int:
    return sum(s.left < x < s.right for s in segments)


def _is_column(segments: Sequence[Segment]) -> bool:
    """Running text fills its column: most lines are nearly as wide as the column."""
    if len(segments) < 6:
        return False
    room = max(s.right for s in segments) - min(s.left for s in segments)
    wide = [s for s in segments if s.right - s.left > 0.7 * room]
    return room > 8 * segments[0].size and len(wide) >= 0.45 * len(segments)


def _share_baselines(left: Sequence[Segment], right: Sequence[Segment]) -> bool:
    """Whether most lines on the sparser side have a neighbour at their height, as table rows do."""
    few, many = sorted((left, right), key=len)
    return sum(any(abs(a.base - b.base) < 1 for b in many) for a in few) > 0.5 * len(few)


def _side_by_side(left: Sequence[Segment], right: Sequence[Segment]) -> bool:
    top = min(max(s.base for s in left), max(s.base for s in right))
    foot = max(min(s.base for s in left), min(s.base for s in right))
    return top - foot > 4 * left[0].size


def _banded(
    segments: Sequence[Segment], gutter: float, number: int, rows: Sequence[PageLine]
) -> list[PageLine]:
    """Two columns read one after the other between any lines that run across both."""
    across = gather_lines([s for s in segments if s.left < gutter < s.right], number, 0)
    across += [row for row in rows if row.left < gutter < row.right]
    rest = [s for s in segments if not s.left < gutter < s.right]
    rows = [row for row in rows if not row.left < gutter < row.right]
    lines: list[PageLine] = []
    for crossing in sorted(across, key=lambda line: -line.base):
        above = [s for s in rest if s.base > crossing.base]
        rest = [s for s in rest if s.base <= crossing.base]
        lines += _columns(above, gutter, number, [row for row in rows if row.base > crossing.base])
        rows = [row for row in rows if row.base <= crossing.base]
        lines.append(crossing)
    return lines + _columns(rest, gutter, number, rows)


def _columns(
    segments: Sequence[Segment], gutter: float, number: int, rows: Sequence[PageLine]
) -> list[PageLine]:
    left = gather_lines([s for s in segments if s.left < gutter], number, 1)
    right = gather_lines([s for s in segments if s.left >= gutter], number, 2)
    in_left = [replace(row, column=1) for row in rows if row.left < gutter]
    in_right = [replace(row, column=2) for row in rows if row.left >= gutter]
    return _with_rows(left, in_left) + _with_rows(right, in_right)
