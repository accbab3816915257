"""Writes a laid-out document as .docx, .html and .pdf, as word processors and browsers do.

The tests read these files back: the same document must give the same paragraphs in every format.
Numbers become automatic ones in Word and list items in HTML; in PDF everything is lines on pages
with headers, page numbers and footnotes. The samples in corpus/ are written by the same functions:

    PYTHONPATH=. python tests/document_writers.py
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

from word_package import definition, lvl, package

from ingest.blocks import Block, Layout, Mark
from ingest.ordinals import Ordinal, parse_ordinal

HEADER = "示例文件 样本"


def is_row(block: Block) -> bool:
    return block.role == "row"


def automatic(block: Block) -> Ordinal | None:
    """The number of a block where a word processor's list shows exactly the same label."""
    ordinal = parse_ordinal(block.text)
    if ordinal is None or (block.marks and block.marks[0].offset < ordinal.length):
        return None
    printed = block.text[: ordinal.length]
    shown = {
        "arabic": f"{ordinal.value}. ",
        "letter": f"{ordinal.label} ",
        "paren_chinese": f"{ordinal.label} ",
    }
    return ordinal if shown.get(ordinal.scheme) == printed else None


def cells_of(row: Block) -> Iterator[tuple[str, list[tuple[str, int]]]]:
    """The cells of a table row, each with the footnote marks in it and their offsets."""
    start = 0
    marks = list(row.marks)
    for cell in row.text.split("\t"):
        end = start + len(cell)
        own = [mark for mark in marks if mark.offset <= end]
        marks = [mark for mark in marks if mark.offset > end]
        yield cell, [(mark.label, mark.offset - start) for mark in own]
        start = end + 1


# --- Word ------------------------------------------------------------------------------------------

LEVEL = {"arabic": 0, "letter": 1, "paren_chinese": 2}
LIST = definition(
    0, lvl(0, "decimal", "%1."), lvl(1, "lowerLetter", "(%2)"), lvl(2, "chineseCountingThousand", "(%3)")
)
STYLES = "".join(
    f'<w:style w:type="paragraph" w:styleId="H{n}"><w:name w:val="heading {n}"/></w:style>'
    for n in range(1, 7)
)


@dataclass
class _Numbers:
    """Hands out list instances: a new one with a start override wherever the count does not simply go on."""

    xml: list[str] = field(default_factory=list)
    present: int = 0
    counts: dict[int, int] = field(default_factory=dict)

    def properties(self, ordinal: Ordinal) -> str:
        level = LEVEL[ordinal.scheme]
        if not self.present or self.counts.get(level, 0) + 1 != ordinal.value:
            self.present += 1
            start = (
                f'<w:lvlOverride w:ilvl="{level}"><w:startOverride w:val="{ordinal.value}"/></w:lvlOverride>'
            )
            self.xml.append(f'<w:num w:numId="{self.present}"><w:abstractNumId w:val="0"/>{start}</w:num>')
        self.counts = {n: c for n, c in self.counts.items() if n < level} | {level: ordinal.value}
        return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{self.present}"/></w:numPr>'


def _run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>' if text else ""


class _Footnotes:
    def __init__(self, layout: Layout) -> None:
        self.notes = list(layout.notes)
        self.xml: list[str] = []

    def runs(self, block: Block, skip: int) -> str:
        out, position = "", skip
        for mark in block.marks:
            out += _run(block.text[position : mark.offset])
            position = mark.offset
            out += self._reference(mark.label)
        return out + _run(block.text[position:])

    def _reference(self, label: str) -> str:
        note = next(n for n in self.notes if n.label == label)
        self.notes.remove(note)
        identity = len(self.xml) + 2
        automatic = label.isdigit()
        raised = '<w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'
        own = f"<w:r>{raised}<w:footnoteRef/></w:r>" if automatic else _run(label)
        self.xml.append(f'<w:footnote w:id="{identity}"><w:p>{own}{_run(" " + note.text)}</w:p></w:footnote>')
        if automatic:
            return f'<w:r>{raised}<w:footnoteReference w:id="{identity}"/></w:r>'
        custom = f'<w:footnoteReference w:id="{identity}" w:customMarkFollows="1"/><w:t>{label}</w:t>'
        return f"<w:r>{raised}{custom}</w:r>"


def write_docx(layout: Layout, path: Path, header: str = HEADER) -> Path:
    """The document with automatic numbers, real footnotes, tables, and a page header."""
    numbers, notes = _Numbers(), _Footnotes(layout)
    body = ""
    for row, group in groupby(layout.blocks, is_row):
        if row:
            body += _word_table(list(group), notes)
            continue
        for block in group:
            ordinal = automatic(block)
            heading = block.role == "heading"
            properties = f'<w:pStyle w:val="H{block.level or 1}"/>' if heading else ""
            properties += numbers.properties(ordinal) if ordinal else ""
            runs = notes.runs(block, ordinal.length if ordinal else 0)
            body += f"<w:p><w:pPr>{properties}</w:pPr>{runs}</w:p>"
    # The header is the fourth part, so its relationship is r3.
    body += '<w:sectPr><w:headerReference w:type="default" r:id="r3"/></w:sectPr>'
    separator = '<w:footnote w:type="separator" w:id="0"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
    return package(
        path, body, styles=STYLES, numbering=LIST + "".join(numbers.xml),
        footnotes=separator + "".join(notes.xml), header=f"<w:p>{_run(header)}</w:p>",
    )  # fmt: skip


def _word_table(rows: Sequence[Block], notes: _Footnotes) -> str:
    out = ""
    for row in rows:
        pieces = (
            Block(text, row.spans, "row", marks=tuple(Mark(label, at) for label, at in marks))
            for text, marks in cells_of(row)
        )
        cells = "".join(f"<w:tc><w:p>{notes.runs(piece, 0)}</w:p></w:tc>" for piece in pieces)
        out += f"<w:tr>{cells}</w:tr>"
    edges = "".join(
        f'<w:{e} w:val="single"/>' for e in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    grid = '<w:gridCol w:w="2000"/>' * max(len(row.text.split("\t")) for row in rows)
    return f"<w:tbl><w:tblPr><w:tblBorders>{edges}</w:tblBorders></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{out}</w:tbl>"


# --- HTML ------------------------------------------------------------------------------------------

LIST_TYPE = {"arabic": "1", "letter": "a", "paren_chinese": ""}


def write_html(layout: Layout, path: Path, header: str = HEADER) -> Path:
    """The document as a saved page: lists with their start, linked notes, and a site's parts around it."""
    out: list[str] = []
    for row, group in groupby(layout.blocks, is_row):
        if row:
            rows = ("".join(f"<td>{_html_text(*cell)}</td>" for cell in cells_of(block)) for block in group)
            out.append("<table>" + "".join(f"<tr>{cells}</tr>" for cells in rows) + "</table>")
            continue
        out += [_html_block(block) for block in group]
    notes = "".join(
        f'<p id="fn{n}"><a href="#ref{n}">{html.escape(note.label)}</a> {html.escape(note.text)}</p>'
        for n, note in enumerate(layout.notes)
    )
    menu = "".join(f'<li><a href="/{n}.html">栏目{n}</a></li>' for n in range(6))
    path.write_text(
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>样本</title><style>p {{ margin: 0 }}</style></head>"
        f"<body><header><a href='/'>{header}</a></header><nav><ul>{menu}</ul></nav><main>{''.join(out)}"
        f"<section class='footnotes'>{notes}</section></main><script>document.write('1. 不是正文。')</script>"
        "<footer><p>版权所有</p></footer></body></html>",
        encoding="utf-8",
    )
    path.write_text(_number_links(path.read_text(encoding="utf-8"), layout), encoding="utf-8")
    return path


def _html_block(block: Block) -> str:
    ordinal = automatic(block)
    listed = ordinal is not None and LIST_TYPE[ordinal.scheme] and block.role != "heading"
    skip = ordinal.length if ordinal is not None and listed else 0
    text = _html_text(block.text, [(m.label, m.offset) for m in block.marks], skip)
    if block.role == "heading":
        return f"<h{block.level or 1}>{text}</h{block.level or 1}>\n"
    if ordinal is not None and listed:
        kind = LIST_TYPE[ordinal.scheme]
        inner = f'<ol type="{kind}" start="{ordinal.value}"><li>{text}</li></ol>'
        return f"<ul style='list-style:none'><li>{inner}</li></ul>\n" if kind == "a" else inner + "\n"
    return f"<p>{text}</p>\n"


def _html_text(text: str, marks: Sequence[tuple[str, int]], position: int = 0) -> str:
    out = ""
    for label, offset in marks:
        out += html.escape(text[position:offset]) + f"\x01{label}\x02"
        position = offset
    return out + html.escape(text[position:])


def _number_links(page: str, layout: Layout) -> str:
    """Each mark linked to its note, in order of the notes."""
    for n, note in enumerate(layout.notes):
        link = f'<sup><a id="ref{n}" href="#fn{n}">{html.escape(note.label)}</a></sup>'
        page = page.replace(f"\x01{note.label}\x02", link, 1)
    return page


# --- PDF -------------------------------------------------------------------------------------------

FONT, LATIN = "STSong-Light", "Helvetica"
BODY, NOTE, HEADING = 10.5, 8.5, 12.5
CLOSERS = "，。、；：！？”’》）〉】」』％…"
OPENERS = "“‘《（〈【「『"


@dataclass(frozen=True)
class Style:
    """How the pages are set."""

    columns: int = 1
    spacing: float = 6.0
    hanging: bool = False
    justified: bool = True


Cell = tuple[str, bool]  # a character or Latin word, and whether it is a raised mark


def _cells(text: str, marks: Sequence[tuple[str, int]]) -> list[Cell]:
    """What may not be parted: single Chinese characters, Latin words, marks with what stands before them."""
    at: dict[int, str] = {}
    for label, offset in marks:
        at[offset] = at.get(offset, "") + label
    cells: list[Cell] = []
    for n, char in enumerate(text):
        if n in at:
            cells.append((at[n], True))
        glued = cells and not cells[-1][1] and char.isascii() and char != " " and cells[-1][0].isascii()
        if glued and not cells[-1][0].endswith(" "):
            cells[-1] = (cells[-1][0] + char, False)
        else:
            cells.append((char, False))
    if len(text) in at:
        cells.append((at[len(text)], True))
    return cells


def _width(text: str, size: float) -> float:
    from reportlab.pdfbase.pdfmetrics import stringWidth

    return sum(stringWidth(c, LATIN if c.isascii() else FONT, size) for c in text)


def _broken(cells: Sequence[Cell], size: float, room: float) -> Iterator[Cell]:
    """Addresses that are longer than a line are broken after a slash or anywhere."""
    for text, raised in cells:
        while _width(text, size) > room:
            fits = max(n for n in range(1, len(text)) if _width(text[:n], size) <= room)
            cut = text.rfind("/", 1, fits) + 1 or fits
            yield text[:cut], raised
            text = text[cut:]
        yield text, raised


def _wrap(cells: Sequence[Cell], size: float, first: float, rest: float) -> Iterator[list[Cell]]:
    """Lines of cells; a closing mark never opens a line, an opening one never ends it."""
    line: list[Cell] = []
    used, room = 0.0, first
    for text, raised in _broken(cells, size, min(first, rest)):
        width = _width(text, size * (0.6 if raised else 1))
        if line and used + width > room and not raised and text[0] not in CLOSERS and text != " ":
            carry: list[Cell] = []
            while line and line[-1][0] in OPENERS:
                carry.insert(0, line.pop())
            yield line
            line, room = carry, rest
            used = sum(_width(c, size) for c, _ in carry)
        if not line and text == " ":
            continue
        line.append((text, raised))
        used += width
    if line:
        yield line


class _Pages:
    """Sets lines on pages, keeps room for the footnotes they call, draws what surrounds the text."""

    def __init__(self, path: Path, style: Style, header: str, layout: Layout) -> None:
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.cidfonts import UnicodeCIDFont
        from reportlab.pdfgen.canvas import Canvas

        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
        self.canvas = Canvas(str(path), pagesize=(595, 842), invariant=1)
        self.style, self.header = style, header
        self.notes = list(layout.notes)
        self.width = (595 - 144 - 24 * (style.columns - 1)) / style.columns
        self.page = 1
        self.column = 0
        self.y = 770.0
        self.pending: list[tuple[str, list[list[Cell]]]] = []
        self.foot = 80.0

    @property
    def left(self) -> float:
        return 72 + self.column * (self.width + 24)

    def advance(self, height: float, notes: Sequence[tuple[str, list[list[Cell]]]] = ()) -> None:
        """Make room for a line and the notes it calls."""
        extra = sum(12 * len(lines) for _, lines in notes)
        reserved = sum(12 * len(lines) for _, lines in self.pending) + (10 if self.pending or notes else 0)
        if self.y - height < self.foot + reserved + extra:
            self.finish_column()
        self.pending += notes
        self.y -= height

    def finish_column(self) -> None:
        y = self.foot + sum(12 * len(lines) for _, lines in self.pending)
        if self.pending:
            self.canvas.line(self.left, y + 4, self.left + 90, y + 4)
        for label, lines in self.pending:
            for n, line in enumerate(lines):
                y -= 12
                mark = [(label, True), (" ", False)] if n == 0 else []
                self.draw(mark + line, self.left, y + 4, NOTE)
        self.pending = []
        self.column += 1
        self.y = 770.0
        if self.column == self.style.columns:
            self.finish_page()

    def finish_page(self) -> None:
        self.draw([(self.header, False)], 72, 806, 9)
        self.draw([(f"{self.page}", False)], 290, 40, 9)
        self.canvas.showPage()
        self.page, self.column, self.y = self.page + 1, 0, 770.0

    def draw(self, cells: Sequence[Cell], x: float, y: float, size: float, stretch: float = 0.0) -> None:
        """One line; stretched by widening the space after every character, as typesetters do."""
        for raised, group in groupby(cells, lambda cell: cell[1]):
            own = size * 0.6 if raised else size
            text = "".join(piece for piece, _ in group)
            for latin, run in groupby(text, str.isascii):
                piece = "".join(run)
                self.canvas.setFont(LATIN if latin else FONT, own)
                self.canvas.drawString(x, y + (0.35 * size if raised else 0), piece, charSpace=stretch)
                x += _width(piece, own) + stretch * len(piece)

    def note_lines(self, labels: Sequence[str]) -> list[tuple[str, list[list[Cell]]]]:
        found = []
        for label in labels:
            note = next(n for n in self.notes if n.label == label)
            self.notes.remove(note)
            lines = list(_wrap(_cells(note.text, ()), NOTE, self.width - 12, self.width))
            found.append((label, lines))
        return found

    def block(self, block: Block) -> None:
        size = HEADING if block.role == "heading" else BODY
        ordinal = parse_ordinal(block.text)
        indent = 24.0 * LEVEL.get(ordinal.scheme, 0) if ordinal and block.role != "heading" else 0.0
        hang = 24.0 if self.style.hanging and ordinal and block.role != "heading" else 0.0
        cells = _cells(block.text, [(m.label, m.offset) for m in block.marks])
        room = self.width - indent
        lines = list(_wrap(cells, size, room, room - hang))
        for n, line in enumerate(lines):
            labels = [label for label, raised in line if raised]
            self.advance(17.0, self.note_lines(labels))
            x = self.left + indent + (hang if n else 0)
            used = sum(_width(t, size * 0.6 if r else size) for t, r in line)
            spare = room - (hang if n else 0) - used
            full = n + 1 < len(lines) and 0 < spare < 40 and self.style.justified
            self.draw(
                line, x, self.y, size, spare / max(1, sum(len(t) for t, _ in line) - 1) if full else 0.0
            )
        self.y -= self.style.spacing

    def table(self, rows: Sequence[Block]) -> None:
        """A ruled table; a row is as high as its fullest cell."""
        count = max(len(row.text.split("\t")) for row in rows)
        width = (451.0 if self.style.columns == 1 else self.width) / count
        for row in rows:
            cells = [list(_wrap(_cells(*cell), BODY, width - 8, width - 8)) for cell in cells_of(row)]
            height = 16.0 * max(1, *(len(lines) for lines in cells)) + 4
            self.advance(height, self.note_lines([mark.label for mark in row.marks]))
            for n, lines in enumerate(cells):
                left = self.left + n * width
                self.canvas.rect(left, self.y, width, height)
                for at, line in enumerate(lines):
                    self.draw(line, left + 4, self.y + height - 14 - 16 * at, BODY)
        self.y -= 10

    def save(self) -> None:
        while self.column or self.pending or self.y < 770:
            self.finish_column()
        self.canvas.save()


def write_pdf(layout: Layout, path: Path, style: Style | None = None, header: str = HEADER) -> Path:
    """The document as printed pages."""
    pages = _Pages(path, style or Style(), header, layout)
    for row, group in groupby(layout.blocks, is_row):
        if row:
            pages.table(list(group))
            continue
        for block in group:
            pages.block(block)
    pages.save()
    return path


# --- the samples in corpus/ ----------------------------------------------------------------------

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "tests" / "data" / "sources"
SAMPLES = {
    "sample_10_asset_declarations": ("docx", "示例/2024/10"),
    "sample_11_sport": ("pdf", "示例/2024/11"),
    "sample_12_education": ("html", "示例/2024/12"),
}


def write_samples(folder: Path) -> list[Path]:
    """The samples that are no text files, written from their text sources; the same bytes every time."""
    from ingest.readers import read_text

    writers = {"docx": write_docx, "html": write_html}
    written = []
    for name, (form, symbol) in SAMPLES.items():
        layout = read_text(SOURCES / f"{name}.md").layout
        path = folder / f"{name}.{form}"
        if form == "pdf":
            write_pdf(layout, path, header=symbol)
        else:
            writers[form](layout, path, header=symbol)
        written.append(path)
    return written


if __name__ == "__main__":
    for sample in write_samples(ROOT / "corpus"):
        print(sample.relative_to(ROOT), sample.stat().st_size)
