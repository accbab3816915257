"""Ruled tables of a PDF page: grids found from the drawn lines, rows with their cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from ingest.inline import join
from ingest.pdf_lines import PageLine, Segment, gather_lines

Rule = tuple[float, float, float]  # a drawn line: its place, and where it begins and ends


@dataclass(frozen=True, slots=True)
class Table:
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
class Grid:
    tables: tuple[Table, ...]

    def split(self, segments: list[Segment], number: int) -> tuple[list[PageLine], list[Segment]]:
        """Table rows with their cells, and the segments outside any table."""
        rows: list[PageLine] = []
        for table in self.tables:
            inside = [s for s in segments if _inside(table, s)]
            segments = [s for s in segments if not _inside(table, s)]
            rows += _table_rows(table, inside, number)
        return rows, segments


def _inside(table: Table, segment: Segment) -> bool:
    middle = segment.base + 0.3 * segment.size
    return table.rows[-1] < middle < table.rows[0] and (
        table.columns[0] - 2 < segment.left and segment.right < table.columns[-1] + 2 * segment.size
    )


def _table_rows(table: Table, segments: Sequence[Segment], number: int) -> list[PageLine]:
    columns = table.columns
    rows: list[PageLine] = []
    for at, (top, foot) in enumerate(pairwise(table.rows)):
        own = [s for s in segments if foot < s.base + 0.3 * s.size < top]
        if not own:
            continue
        drawn = table.borders_at((top + foot) / 2)
        pieces = [piece for segment in own for piece in _cut(segment, drawn)]
        cells: list[list[Segment]] = [[] for _ in columns[1:]]
        for piece in pieces:
            # A merged cell belongs to the first of the columns it covers.
            start = max((x for x in drawn if x <= piece.left + 1), default=columns[0])
            cells[min(sum(x < start - 2 for x in columns), len(cells) - 1)].append(piece)
        texts, marks = _cell_texts(cells, number)
        spanning = len(drawn) <= 2
        text = texts[0] if spanning else "\t".join(texts)
        line = gather_lines(own, number, 0)[0]
        rows.append(
            replace(
                line, text=text, marks=marks, cells=(text,), row=-1 if spanning else at, base=top - 1,
                left=columns[0], right=columns[-1],
            )
        )  # fmt: skip
    return rows


def _cut(segment: Segment, borders: Sequence[float]) -> list[Segment]:
    """A segment cut where a column border passes through it."""
    pieces: list[Segment] = []
    column = -1
    for glyph in segment.glyphs:
        place = sum(border < (glyph.left + glyph.right) / 2 for border in borders)
        if place != column:
            pieces.append(Segment([], segment.base, segment.size))
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
    cells: Sequence[Sequence[Segment]], number: int
) -> tuple[list[str], tuple[tuple[str, int], ...]]:
    texts: list[str] = []
    marks: list[tuple[str, int]] = []
    offset = 0
    for cell in cells:
        text = ""
        for line in gather_lines(cell, number, 0):
            bare = line.text.strip()
            text = join(text, bare, False)
            start = offset + len(text) - len(bare)
            marks += [(label, start + at) for label, at in line.marks]
        texts.append(text)
        offset += len(text) + 1
    return texts, tuple(marks)


def find_drawings(page: Any) -> tuple[Grid, list[Rule], int]:
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
    return Grid(tuple(tables)), rules, images


def _tables(across: Sequence[Rule], down: Sequence[Rule]) -> list[Table]:
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
            table = Table(tuple(rows), borders)
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
