"""PDF pages -> lines with geometry: text, place, size, weight, footnote marks, table rows, reading order.

pdfium's own spaces and line ends are ignored: in justified Chinese they fall between characters.
Spaces come from the file itself or from gaps, lines from baselines, columns from a clear gutter.
"""

from __future__ import annotations

import ctypes
import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

# A space that is only seen as a gap between a Chinese and a Latin character; resolved per document.
GAP = "\ue001"
_MARK = re.compile(r"[0-9]{1,3}|[*†‡§]{1,3}|[a-z]")
_LABEL = re.compile(
    r"\s*(?:[(（]?[0-9a-zA-Z一二三四五六七八九十百]{1,4}[)）.．、]{1,2}|[0-9]{1,3}|\d+(?:\.\d+)+|[*†•●○▪■–—-]+|第.{1,4}[章节条部分]+)\s*"
)


Rule = tuple[float, float, float]  # a drawn line: its place, and where it begins and ends


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character as drawn: left and right edge, baseline, font size, weight."""

    char: str
    left: float
    right: float
    base: float
    size: float
    bold: bool


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
    segments: list[_Segment]
    grid: _Grid
    rules: tuple[Rule, ...]
    images: int
    rotated: str
    unmapped: int


def scan_page(page: Any, number: int) -> Scan:
    """The characters and drawings of one pdfium page."""
    width, height = page.get_size()
    glyphs, rotated, unmapped = _glyphs(page)
    grid, rules, images = _drawings(page)
    return Scan(number, width, height, _segments(glyphs), grid, tuple(rules), images, rotated, unmapped)


def blank_scan(number: int, width: float, height: float, glyphs: Sequence[Glyph]) -> Scan:
    """A page whose characters were recognised from its picture; nothing is known of its drawings."""
    return Scan(number, width, height, _segments(glyphs), _Grid(()), (), 1, "", 0)


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
            lines = _with_rows(_lines(segments, number, 0), rows)
        else:
            lines = _banded(segments, gutter, number, rows)
        pages.append(
            PdfPage(
                number, scan.width, scan.height, tuple(lines), scan.rules,
                scan.images, scan.rotated, scan.unmapped,
            )
        )  # fmt: skip
    return pages


# --- characters ------------------------------------------------------------------------------------


def _glyphs(page: Any) -> tuple[list[Glyph], str, int]:
    """The characters in drawing order, those of turned text apart, and how many had no Unicode value."""
    import pypdfium2.raw as pdfium

    text_page = page.get_textpage()
    handle = text_page.raw
    turn = page.get_rotation()
    x, y, box, matrix = ctypes.c_double(), ctypes.c_double(), pdfium.FS_RECTF(), pdfium.FS_MATRIX()
    styles: dict[int, tuple[float, bool, bool]] = {}
    found: list[Glyph] = []
    rotated: list[str] = []
    seen: dict[tuple[str, int, int], int] = {}
    unmapped = 0
    for index in range(pdfium.FPDFText_CountChars(handle)):
        if pdfium.FPDFText_IsGenerated(handle, index) == 1:
            continue
        char = _character(pdfium.FPDFText_GetUnicode(handle, index))
        if not char:
            unmapped += 1
            continue
        key = ctypes.cast(pdfium.FPDFText_GetTextObject(handle, index), ctypes.c_void_p).value or 0
        style = styles.get(key)
        if style is None:
            style = styles[key] = _style(pdfium, handle, index, matrix, turn)
        pdfium.FPDFText_GetCharOrigin(handle, index, x, y)
        pdfium.FPDFText_GetLooseCharBox(handle, index, box)
        left, base, edge = x.value, y.value, box.right
        if turn:
            left, base = _turned(left, base, turn)
            edge, _ = _turned(box.right, box.top, turn)
        size, bold, is_turned = style
        if is_turned:
            rotated.append(char)
            continue
        place = (char, round(left * 2), round(base * 2))
        # Bold imitated by drawing twice gives every character twice, from another object.
        if not char.isspace() and seen.setdefault(place, key) != key:
            continue
        found.append(Glyph(char, left, max(edge, left), base, size, bold))
    text_page.close()
    return found, "".join(rotated), unmapped


def _turned(x: float, y: float, turn: int) -> tuple[float, float]:
    """Page coordinates as a reader sees them on a page shown turned."""
    return {90: (y, -x), 180: (-x, -y), 270: (-y, x)}.get(turn, (x, y))


@lru_cache(maxsize=65536)
def _character(code: int) -> str:
    """The character of a code; "" without one. Radicals and compatibility forms become the usual ones."""
    if code in (0, 0xFFFE, 0xFFFF, 0xFFFD) or 0xE000 <= code <= 0xF8FF or code > 0x10FFFF:
        return "-" if code == 0xFFFE else ""
    if code == 2:
        return "-"  # pdfium's sign for a hyphen at a line end
    char = chr(code)
    if 0x2E80 <= code <= 0x2FDF or 0xF900 <= code <= 0xFAFF:
        return unicodedata.normalize("NFKC", char)
    if char.isspace():
        return "\u3000" if code == 0x3000 else " "
    return "" if unicodedata.category(char) in ("Cc", "Cf", "Cs") else char


def _style(pdfium: Any, handle: Any, index: int, matrix: Any, turn: int) -> tuple[float, bool, bool]:
    size = float(pdfium.FPDFText_GetFontSize(handle, index))
    is_turned = False
    if pdfium.FPDFText_GetMatrix(handle, index, matrix):
        across = turn in (90, 270)
        along, aside = (matrix.b, matrix.a) if across else (matrix.a, matrix.b)
        is_turned = abs(aside) > abs(along) + 1e-6
        size *= (matrix.c**2 + matrix.d**2) ** 0.5 or 1.0
    weight = pdfium.FPDFText_GetFontWeight(handle, index)
    name = ctypes.create_string_buffer(128)
    flags = ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(handle, index, name, 128, flags)
    bold = weight >= 600 or b"bold" in name.value.lower() or b"heavy" in name.value.lower()
    return size or 1.0, bold, is_turned


# --- segments and lines ----------------------------------------------------------------------------


@dataclass(slots=True)
class _Segment:
    """Characters of one line that were drawn together without a wide gap."""

    glyphs: list[Glyph] = field(default_factory=list)
    base: float = 0.0
    size: float = 0.0

    left: float = 0.0
    right: float = 0.0


def _segments(glyphs: Sequence[Glyph]) -> list[_Segment]:
    """Runs of characters on one baseline; a gap of over 1.2 em, a step back or a new baseline parts them."""
    segments: list[_Segment] = []
    present: _Segment | None = None
    for glyph in glyphs:
        if present is not None and _belongs(present, glyph):
            present.glyphs.append(glyph)
            continue
        present = _Segment([glyph], glyph.base, glyph.size)
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


def _belongs(segment: _Segment, glyph: Glyph) -> bool:
    last = segment.glyphs[-1]
    size = max(segment.size, glyph.size)
    if abs(glyph.base - segment.base) > 0.2 * size and not (
        glyph.size < 0.8 * segment.size and 0 < glyph.base - segment.base < 0.6 * size
    ):
        return False
    return -0.5 * size <= glyph.left - last.right <= 1.2 * size


def _same_line(a: _Segment, b: _Segment) -> bool:
    """Whether two segments share a line: one baseline, or a small one raised beside a larger."""
    big, small = (a, b) if a.size >= b.size else (b, a)
    if abs(a.base - b.base) <= 0.25 * big.size:
        return True
    return small.size < 0.8 * big.size and 0 < small.base - big.base < 0.65 * big.size


def _lines(segments: Sequence[_Segment], number: int, column: int) -> list[PageLine]:
    """Segments of one column gathered into lines, from the top down."""
    groups: list[list[_Segment]] = []
    for segment in sorted(segments, key=lambda s: (-s.size, -s.base)):
        group = next((g for g in groups if _same_line(g[0], segment)), None)
        if group is None:
            groups.append([segment])
        else:
            group.append(segment)
    groups.sort(key=lambda g: -g[0].base)
    return [_line(sorted(group, key=lambda s: s.left), number, column) for group in groups]


def _line(segments: Sequence[_Segment], number: int, column: int) -> PageLine:
    main = _main(segments)
    pieces: list[str] = []
    length = 0
    marks: list[tuple[str, int]] = []
    cells: list[list[str]] = [[]]
    lefts = [segments[0].left]
    last: Glyph | None = None
    stretch = _stretch(segments)
    raised = ""
    bold = 0

    def flush() -> None:
        nonlocal raised, length
        if raised and _MARK.fullmatch(raised):
            marks.append((raised, length))
        elif raised:
            pieces.append(raised)
            cells[-1].append(raised)
            length += len(raised)
        raised = ""

    for segment in segments:
        if (
            last is not None
            and segment.left - last.right - 2 * stretch > 1.6 * main.size
            and "".join(cells[-1]).strip()
        ):
            cells.append([])
            lefts.append(segment.left)
        for glyph in segment.glyphs:
            if glyph.size < 0.8 * main.size and glyph.base - main.base > 0.12 * main.size:
                raised += glyph.char.strip()
                last = glyph
                continue
            flush()
            space = _space(last, glyph, main.size, stretch)
            pieces.append(space + glyph.char)
            cells[-1].append(space + glyph.char)
            length += len(space) + 1
            bold += glyph.bold
            last = glyph
    flush()
    text = "".join(pieces)
    parts = tuple("".join(cell).strip() for cell in cells)
    if len(parts) > 1 and _LABEL.fullmatch(parts[0]):
        # A label and its text are no table: the number hangs in the margin.
        parts = (f"{parts[0]} {parts[1]}", *parts[2:])
        lefts = [lefts[0], *lefts[2:]]
    right = max(segment.right for segment in segments)
    is_bold = bold > 0.6 * max(1, len(text.strip()))
    return PageLine(
        text, segments[0].left, right, main.base, main.size, is_bold, number, column,
        tuple(marks), parts, tuple(lefts),
    )  # fmt: skip


def _main(segments: Sequence[_Segment]) -> _Segment:
    """The segment in the size of most of the line: Latin words may be set larger than the Chinese text."""
    weights: Counter[float] = Counter()
    for segment in segments:
        weights[round(segment.size, 1)] += sum(1 if g.char.isascii() else 3 for g in segment.glyphs)
    size = max(weights, key=lambda s: (weights[s], s))
    return next(segment for segment in segments if round(segment.size, 1) == size)


def _stretch(segments: Sequence[_Segment]) -> float:
    """The usual gap between the Chinese characters of a line: justified lines are stretched."""
    glyphs = [glyph for segment in segments for glyph in segment.glyphs]
    gaps = sorted(
        b.left - a.right
        for a, b in itertools.pairwise(glyphs)
        if not a.char.isascii() and not b.char.isascii()
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


def _gutter(segments: Sequence[_Segment], width: float) -> float | None:
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


def _crossing(segments: Sequence[_Segment], x: float) -> int:
    return sum(s.left < x < s.right for s in segments)


def _is_column(segments: Sequence[_Segment]) -> bool:
    """Running text fills its column: most lines are nearly as wide as the column."""
    if len(segments) < 6:
        return False
    room = max(s.right for s in segments) - min(s.left for s in segments)
    wide = [s for s in segments if s.right - s.left > 0.7 * room]
    return room > 8 * segments[0].size and len(wide) >= 0.45 * len(segments)


def _share_baselines(left: Sequence[_Segment], right: Sequence[_Segment]) -> bool:
    """Whether most lines on the sparser side have a neighbour at their height, as table rows do."""
    few, many = sorted((left, right), key=len)
    return sum(any(abs(a.base - b.base) < 1 for b in many) for a in few) > 0.5 * len(few)


def _side_by_side(left: Sequence[_Segment], right: Sequence[_Segment]) -> bool:
    top = min(max(s.base for s in left), max(s.base for s in right))
    foot = max(min(s.base for s in left), min(s.base for s in right))
    return top - foot > 4 * left[0].size


def _banded(
    segments: Sequence[_Segment], gutter: float, number: int, rows: Sequence[PageLine]
) -> list[PageLine]:
    """Two columns read one after the other between any lines that run across both."""
    across = _lines([s for s in segments if s.left < gutter < s.right], number, 0)
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
    segments: Sequence[_Segment], gutter: float, number: int, rows: Sequence[PageLine]
) -> list[PageLine]:
    left = _lines([s for s in segments if s.left < gutter], number, 1)
    right = _lines([s for s in segments if s.left >= gutter], number, 2)
    in_left = [replace(row, column=1) for row in rows if row.left < gutter]
    in_right = [replace(row, column=2) for row in rows if row.left >= gutter]
    return _with_rows(left, in_left) + _with_rows(right, in_right)


# --- drawn tables ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Table:
    """A ruled grid: the heights of its row borders (top down) and its column borders (x, foot, top)."""

    rows: tuple[float, ...]
    borders: tuple[Rule, ...]

    @property
    def columns(self) -> list[float]:
        """The x of all column borders, from left to right."""
        return _distinct(x for x, _, _ in self.borders)

    def borders_at(self, y: float) -> list[float]:
        """The x of the column borders drawn at one height: merged cells lack some."""
        return _distinct(x for x, foot, top in self.borders if foot - 1 <= y <= top + 1)


@dataclass(frozen=True, slots=True)
class _Grid:
    tables: tuple[_Table, ...]

    def split(self, segments: list[_Segment], number: int) -> tuple[list[PageLine], list[_Segment]]:
        """Table rows with their cells, and the segments outside any table."""
        rows: list[PageLine] = []
        for table in self.tables:
            inside = [s for s in segments if _inside(table, s)]
            segments = [s for s in segments if not _inside(table, s)]
            rows += _table_rows(table, inside, number)
        return rows, segments


def _inside(table: _Table, segment: _Segment) -> bool:
    middle = segment.base + 0.3 * segment.size
    return table.rows[-1] < middle < table.rows[0] and (
        table.columns[0] - 2 < segment.left and segment.right < table.columns[-1] + 2 * segment.size
    )


def _table_rows(table: _Table, segments: Sequence[_Segment], number: int) -> list[PageLine]:
    columns = table.columns
    rows: list[PageLine] = []
    for at, (top, foot) in enumerate(pairwise(table.rows)):
        own = [s for s in segments if foot < s.base + 0.3 * s.size < top]
        if not own:
            continue
        drawn = table.borders_at((top + foot) / 2)
        pieces = [piece for segment in own for piece in _cut(segment, drawn)]
        cells: list[list[_Segment]] = [[] for _ in columns[1:]]
        for piece in pieces:
            # A merged cell belongs to the first of the columns it covers.
            start = max((x for x in drawn if x <= piece.left + 1), default=columns[0])
            cells[min(sum(x < start - 2 for x in columns), len(cells) - 1)].append(piece)
        texts, marks = _cell_texts(cells, number)
        spanning = len(drawn) <= 2
        text = texts[0] if spanning else "\t".join(texts)
        line = _lines(own, number, 0)[0]
        rows.append(
            replace(
                line, text=text, marks=marks, cells=(text,), row=-1 if spanning else at, base=top - 1,
                left=columns[0], right=columns[-1],
            )
        )  # fmt: skip
    return rows


def _cut(segment: _Segment, borders: Sequence[float]) -> list[_Segment]:
    """A segment cut where a column border passes through it."""
    pieces: list[_Segment] = []
    column = -1
    for glyph in segment.glyphs:
        place = sum(border < (glyph.left + glyph.right) / 2 for border in borders)
        if place != column:
            pieces.append(_Segment([], segment.base, segment.size))
            column = place
        pieces[-1].glyphs.append(glyph)
    kept = []
    for piece in pieces:
        drawn = [glyph for glyph in piece.glyphs if not glyph.char.isspace()]
        if drawn:
            piece.left, piece.right = drawn[0].left, max(glyph.right for glyph in drawn)
            kept.append(piece)
    return kept


def _cell_texts(
    cells: Sequence[Sequence[_Segment]], number: int
) -> tuple[list[str], tuple[tuple[str, int], ...]]:
    from ingest.inline import join

    texts: list[str] = []
    marks: list[tuple[str, int]] = []
    offset = 0
    for cell in cells:
        text = ""
        for line in _lines(cell, number, 0):
            bare = line.text.strip()
            text = join(text, bare, False)
            start = offset + len(text) - len(bare)
            marks += [(label, start + at) for label, at in line.marks]
        texts.append(text)
        offset += len(text) + 1
    return texts, tuple(marks)


def _drawings(page: Any) -> tuple[_Grid, list[Rule], int]:
    """The ruled tables of a page, its other horizontal rules (y, left, right), and how many images it has."""
    import pypdfium2.raw as pdfium

    across: list[Rule] = []
    down: list[Rule] = []
    images = 0
    kinds = [pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_IMAGE]
    for number, item in enumerate(page.get_objects(filter=kinds, max_depth=2)):
        if number > 5000:
            break  # a drawing, not a table
        if item.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            images += 1
            continue
        left, foot, right, top = item.get_bounds()
        wide, high = right - left, top - foot
        if high < 3 and wide > 20:
            across.append(((top + foot) / 2, left, right))
        elif wide < 3 and high > 5:
            down.append(((left + right) / 2, foot, top))
        elif wide > 12 and high > 8:
            across += [(top, left, right), (foot, left, right)]
            down += [(left, foot, top), (right, foot, top)]
    tables = _tables(across, down)
    used = [(t.rows[0] + 2, t.rows[-1] - 2) for t in tables]
    rules = [rule for rule in across if not any(foot < rule[0] < top for top, foot in used)]
    return _Grid(tuple(tables)), rules, images


def _tables(across: Sequence[Rule], down: Sequence[Rule]) -> list[_Table]:
    """Grids of at least two columns: borders that touch, by stretches of height that verticals cover."""
    tables = []
    for wide, high in _touching(across, down):
        bands: list[list[float]] = []
        for _, foot, top in sorted(high, key=lambda border: -border[2]):
            if bands and top >= bands[-1][0] - 4:
                bands[-1][0] = min(bands[-1][0], foot)
            else:
                bands.append([foot, top])
        for foot, top in bands:
            rows = _distinct((y for y, _, _ in wide if foot - 3 <= y <= top + 3), reverse=True)
            borders = tuple(line for line in high if line[1] >= foot - 3 and line[2] <= top + 3)
            table = _Table(tuple(rows), borders)
            if len(rows) >= 2 and len(table.columns) >= 3:
                tables.append(table)
    return tables


def _touching(across: Sequence[Rule], down: Sequence[Rule]) -> list[tuple[list[Rule], list[Rule]]]:
    """Horizontal and vertical borders in groups side by side: two tables may stand at one height."""
    groups: list[tuple[float, float, list[Rule], list[Rule]]] = []
    spans = [(left, right, rule, None) for rule in across for left, right in [rule[1:]]]
    every: list[tuple[float, float, Rule | None, Rule | None]] = [*spans]
    every += [(border[0], border[0], None, border) for border in down]
    for left, right, wide, high in sorted(every, key=lambda item: item[0]):
        if groups and left <= groups[-1][1] + 3:
            first, last, wides, highs = groups[-1]
            groups[-1] = first, max(last, right), wides, highs
        else:
            groups.append((left, right, [], []))
        if wide is not None:
            groups[-1][2].append(wide)
        if high is not None:
            groups[-1][3].append(high)
    return [(wides, highs) for _, _, wides, highs in groups]


def _distinct(values: Iterable[float], reverse: bool = False) -> list[float]:
    kept: list[float] = []
    for value in sorted(values, reverse=reverse):
        if not kept or abs(value - kept[-1]) > 3:
            kept.append(value)
    return kept
