"""PDF files with a text layer -> blocks: furniture and footnotes out, lines joined over columns and pages.

What is furniture, a footnote or the end of a paragraph is measured (position, repetition, size,
gaps), never a fixed crop. The composed text holds one block after the other; every block knows its page.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from ingest import ocr
from ingest.assembly import Assembler
from ingest.blocks import Layout, Mark, Role
from ingest.inline import columns, is_spaced, is_terminal, join
from ingest.ordinals import parse_ordinal
from ingest.pdf_furniture import find_furniture
from ingest.pdf_lines import GAP, PageLine
from ingest.pdf_notes import PdfNotes, plain
from ingest.pdf_pages import PdfPage, Scan, arrange, scan_page
from ingest.resolutions import opens_clause
from ingest.source import ReadError, Source

MAX_PAGES = 3000
_DRAWN_RULE = re.compile(r"[_＿]{5,}|[─—–-]{6,}")
_MASTHEAD = re.compile(r"Distr\.|Original:|\b(?:19|20)\d\d$|^(?:Chinese|English|General|Limited)$")
_BULLET = re.compile(r"[•●○▪■◦‣·–—-]\s+(?=\S)")


def read_pdf(path: Path) -> Source:
    """A PDF as a layout, each block with its page (from 1).

    Raises ReadError for encrypted, damaged, scanned (no text layer) or oversized files.
    """
    pages, recognised = _pages(path)
    characters = sum(len(line.bare) for page in pages for line in page.lines)
    if _is_scanned(pages, characters):
        pictures = any(page.images for page in pages)
        what = "are scanned images without text" if pictures else "hold no text"
        raise ReadError(f"its {len(pages)} pages {what}; {ocr.hint()}")
    if sum(page.unmapped for page in pages) > characters:
        raise ReadError(f"its fonts do not say which characters they draw; {ocr.hint()}")
    reader = _PdfReader(pages)
    layout = reader.read()
    if not reader.out.blocks:
        raise ReadError("the document contains no text")
    if recognised:
        warning = "the text was recognised from images (OCR) and may contain errors"
        layout = replace(layout, warnings=(*layout.warnings, warning))
    return Source(layout, "pdf", None, len(pages))


def _is_scanned(pages: Sequence[PdfPage], characters: int) -> bool:
    """Whether there is next to no text: at most a stamp or a page number on pages that are pictures."""
    return not characters or (characters < 8 * len(pages) and any(page.images for page in pages))


def _pages(path: Path) -> tuple[list[PdfPage], bool]:
    """The pages with their lines, and whether the text was recognised from pictures."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise ReadError("the PDF is encrypted; save it without a password and try again") from error
        raise ReadError(f"the PDF is damaged or no PDF ({error}); download or export it again") from error
    try:
        count = len(document)
        if count > MAX_PAGES:
            raise ReadError(f"the PDF has {count} pages, more than the {MAX_PAGES} allowed; split it")
        if not count:
            raise ReadError("the PDF has no pages")
        pages = arrange(_scans(document, scan_page))
        characters = sum(len(line.bare) for page in pages for line in page.lines)
        unmapped = sum(page.unmapped for page in pages)
        unreadable = _is_scanned(pages, characters) or unmapped > characters
        if not unreadable or not ocr.wanted() or count > ocr.MAX_PAGES:
            return pages, False
        return arrange(_scans(document, ocr.Recogniser().scan)), True
    except pypdfium2.PdfiumError as error:
        raise ReadError(f"the PDF is damaged ({error}); download or export it again") from error
    finally:
        document.close()


def _scans(document: Any, scan: Callable[[Any, int], Scan]) -> list[Scan]:
    scans = []
    for number in range(len(document)):
        page = document[number]
        scans.append(scan(page, number + 1))
        page.close()
    return scans


# --- blocks ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Draft:
    """A block in the making."""

    text: str
    page: int
    first: PageLine
    last: PageLine
    marks: list[Mark] = field(default_factory=list)
    role: Role = "text"
    level: int | None = None
    lines: int = 1


@dataclass(frozen=True, slots=True)
class _Measures:
    """Measured once per document: text size, line pitch, right margin and left edge of each column."""

    size: float
    pitch: float
    margins: dict[int, float]
    lefts: dict[int, float]
    bold: bool


class _PdfReader:
    def __init__(self, pages: Sequence[PdfPage]) -> None:
        self.pages = pages
        self.out = Assembler()
        self.furniture, self.symbol = find_furniture(pages)
        every = [line for page in pages for line in page.lines if line not in self.furniture]
        self.measures = _measure(every)
        self.spaced = is_spaced("\n".join(line.text.replace(GAP, "") for line in every))
        # Word processors set such gaps with and without a space in the source: follow the document's habit.
        written = any(" " in line.bare for line in every)
        self.gap = " " if self.spaced or not written else ""
        self.notes = PdfNotes(self.measures.size, self.spaced, self.gap)
        self.drafts: list[_Draft] = []
        self._cover_over = False

    def read(self) -> Layout:
        """The layout of all pages."""
        body = [self._body_lines(page) for page in self.pages]
        self._match_doubled_labels(body)
        labels = {note.label for note in self.notes.notes}
        for lines in body:
            for at, line in enumerate(lines):
                self._add(line, lines[at + 1] if at + 1 < len(lines) else None, labels)
        self._write()
        return self.out.layout(self._repairs(), self.symbol)

    def _match_doubled_labels(self, body: Sequence[Sequence[PageLine]]) -> None:
        """A custom mark is typed into its note; where that doubled it, the mark in the text is the half."""
        raised = {label for lines in body for line in lines for label, _ in line.marks}
        for note in self.notes.notes:
            half = note.label[: len(note.label) // 2]
            if note.label not in raised and half + half == note.label and half in raised:
                note.label = half

    def _body_lines(self, page: PdfPage) -> list[PageLine]:
        lines = [line for line in page.lines if line.bare and line not in self.furniture]
        drawn = [line for line in lines if _DRAWN_RULE.fullmatch(line.bare)]
        self.furniture |= dict.fromkeys(drawn, "rule")
        rules = tuple((line.base, line.left, line.right) for line in drawn)
        lines = [line for line in lines if line not in self.furniture]
        lines = self.notes.take(replace(page, rules=page.rules + rules), lines)
        return _mark_rows(_part_masthead(lines) if page.number == 1 else lines)

    def _repairs(self) -> Iterator[str]:
        joined = sum(draft.lines - 1 for draft in self.drafts)
        if joined:
            yield f"{joined} line breaks joined"
        if self.notes.notes:
            yield f"{len(self.notes.notes)} footnotes taken out of the text"
        if self.furniture:
            yield f"{len(self.furniture)} lines of page furniture removed"
        if any(line.column for page in self.pages for line in page.lines):
            yield "two columns read one after the other"

    # joining

    def _add(self, line: PageLine, following: PageLine | None, labels: set[str]) -> None:
        text, marks = self._with_marks(line, labels)
        if line.row is not None and line.row >= 0:
            self.drafts.append(_Draft(text, line.page, line, line, marks, "row"))
            return
        bare = text.strip()
        shift = len(text) - len(text.lstrip())
        marks = [Mark(m.label, max(0, m.offset - shift)) for m in marks]
        if self.drafts and bare in labels and line.size < 0.75 * self.measures.size:
            # A raised mark that did not fit on the line above.
            draft = self.drafts[-1]
            draft.marks.append(Mark(bare, len(draft.text)))
            return
        if not self.drafts or self._starts(line, bare) or self._heads(line, bare, following):
            self._open(line, bare, marks)
            return
        draft = self.drafts[-1]
        joined = join(draft.text, bare, self.spaced or draft.last.text.endswith(" "))
        offset = len(joined) - len(bare)
        draft.marks += [Mark(m.label, m.offset + offset) for m in marks]
        draft.text, draft.last, draft.lines = joined, line, draft.lines + 1

    def _with_marks(self, line: PageLine, labels: set[str]) -> tuple[str, list[Mark]]:
        """The text with gaps resolved; raised characters that mark no footnote go back into it."""
        text, position = "", 0
        marks: list[Mark] = []
        for label, at in line.marks:
            text += line.text[position:at].replace(GAP, self.gap)
            position = at
            if label in labels:
                marks.append(Mark(label, len(text)))
            else:
                text += label
        return text + line.text[position:].replace(GAP, self.gap), marks

    def _open(self, line: PageLine, text: str, marks: list[Mark]) -> None:
        level: int | None = None
        if bullet := _BULLET.match(text):
            text, level = text[bullet.end() :], 1
            marks = [Mark(m.label, max(0, m.offset - bullet.end())) for m in marks]
        self.drafts.append(_Draft(text, line.page, line, line, marks, "text", level))

    def _starts(self, line: PageLine, text: str) -> bool:
        """Whether a line opens a block rather than continuing the last one."""
        draft = self.drafts[-1]
        last, size = draft.last, max(line.size, 1.0)
        if draft.role == "row" or line.row is not None or last.row is not None:
            return True
        same_place = last.page == line.page and last.column == line.column
        gap = last.base - line.base
        if same_place and (gap > 1.3 * self._pitch(line) or gap < 0):
            return True
        if abs(last.size - line.size) > 0.06 * size:
            return True
        if draft.text[-1:] in "，," and opens_clause(text):
            return True
        if draft.text[-1:] in "/_=&" and len(draft.text) > 1:
            return False  # a symbol or address broken over two lines
        ended = is_terminal(draft.text)
        labelled = draft.lines == 1 and parse_ordinal(draft.text) is not None
        wrapped = self._wrapped(last, line, text, ended)
        if last.bold != line.bold and (ended or not wrapped):
            return True
        if _BULLET.match(text) and (ended or not wrapped or not same_place):
            return True
        if parse_ordinal(text) is not None:
            return not wrapped or self._hangs(draft, line) or (ended and not self._hanging(draft, line))
        if not wrapped:
            return True
        indented = self._indent(line) > 1.5 * size and line.left - last.left > 1.5 * size
        return ended and indented and same_place and not labelled

    def _heads(self, line: PageLine, text: str, following: PageLine | None) -> bool:
        """A short unfinished line between a finished sentence and a numbered line is a heading.

        The finished sentence may fill its line, so that nothing else tells them apart.
        """
        if following is None or not is_terminal(self.drafts[-1].text) or is_terminal(text):
            return False
        after = parse_ordinal(following.bare)
        opens = after is not None and after.scheme in ("arabic", "capital", "chinese", "decimal")
        margin = self.measures.margins.get(line.column, line.right)
        left = self.measures.lefts.get(line.column, line.left)
        return opens and line.right - left < 0.75 * (margin - left) and text[-1:] not in "，,、"

    def _pitch(self, line: PageLine) -> float:
        return self.measures.pitch * max(1.0, line.size / self.measures.size)

    def _hangs(self, draft: _Draft, line: PageLine) -> bool:
        """Whether a labelled line stands left of the text above it, as a new label does."""
        return draft.lines > 1 and self._indent(line) < self._indent(draft.last) - 0.8 * line.size

    def _hanging(self, draft: _Draft, line: PageLine) -> bool:
        """Whether a line stands under the text, not under the label, of a block with a hanging label."""
        return draft.lines > 1 and self._indent(line) > self._indent(draft.first) + 0.8 * line.size

    def _indent(self, line: PageLine) -> float:
        """How far a line is set in from the left edge of its column."""
        return line.left - self.measures.lefts.get(line.column, line.left)

    def _wrapped(self, last: PageLine, line: PageLine, text: str, ended: bool) -> bool:
        """Whether the line above is full: what begins this line would not have fitted there."""
        margin = self.measures.margins.get(last.column, last.right)
        slack = (0.6 if ended else 2.2) * line.size
        return last.right + _token_width(text, line.size) + slack >= margin

    # roles and output

    def _write(self) -> None:
        pending = sorted(self.notes.notes, key=lambda note: note.page)
        furniture = sorted(self.furniture.items(), key=lambda item: item[0].page)
        set_off = [d.first for d in self.drafts if d.first.bold or d.first.size > self.measures.size]
        sizes = {round(line.size) for line in set_off}
        for draft in self.drafts:
            while pending and pending[0].page < draft.page:
                note = pending.pop(0)
                self.out.note(note.label, note.text)
            while furniture and furniture[0][0].page < draft.page:
                line, name = furniture.pop(0)
                self.out.drop(name, plain(line, self.gap))
            role, level = self._role(draft, sizes)
            self.out.block(draft.text, role, level, draft.page, draft.marks, complete=False)
        for note in pending:
            self.out.note(note.label, note.text)
        for line, name in furniture:
            self.out.drop(name, plain(line, self.gap))
        for page in self.pages:
            self.out.drop("turned text", page.rotated)

    def _role(self, draft: _Draft, sizes: set[int]) -> tuple[Role, int | None]:
        """Heading for larger or bold unfinished lines after the cover; the rest as it is."""
        if draft.role == "row":
            return draft.role, None
        text = draft.text
        larger = draft.first.size > 1.05 * self.measures.size
        bold = draft.first.bold and draft.last.bold and not self.measures.bold
        self._cover_over |= parse_ordinal(text) is not None or text.endswith("。")
        short = columns(text) <= 300 and not is_terminal(text) and text[-1:] not in "，,、"
        if (larger or bold) and short and self._cover_over:
            return "heading", 1 + sum(size > draft.first.size + 0.3 for size in sizes)
        return "text", draft.level


def _token_width(text: str, size: float) -> float:
    """Width of what stays with the first character: opening marks, a Latin word, closing punctuation."""
    match = re.match(r"[“‘《（〈【「『(]*(?:[\x21-\x7e]+|.)[，。、；：！？”’》）〉】」』]*", text)
    kept = match[0] if match else text[:1]
    return size * sum(0.5 if character.isascii() else 1.0 for character in kept)


def _measure(lines: Sequence[PageLine]) -> _Measures:
    """Text size, line pitch and margins of the running text."""
    weights: Counter[float] = Counter()
    for line in lines:
        weights[round(line.size, 1)] += len(line.bare)
    size = weights.most_common(1)[0][0] if weights else 10.0
    body = [line for line in lines if abs(line.size - size) < 0.06 * size and line.row is None]
    margins: dict[int, float] = {}
    lefts: dict[int, float] = {}
    for column in {line.column for line in body}:
        rights = Counter(round(line.right / 2) * 2 for line in body if line.column == column)
        outer = sorted(rights.elements())[len(list(rights.elements())) // 2]
        # The usual right edge, not the outermost: closing punctuation may hang over it.
        margins[column] = max((r for r in rights if r >= outer), key=lambda r: (rights[r], r))
        lefts[column] = min(line.left for line in body if line.column == column)
    gaps = [
        a.base - b.base
        for a, b in pairwise(body)
        if a.page == b.page and a.column == b.column and 0 < a.base - b.base < 4 * size
        and a.right > margins[a.column] - 3 * size
    ]  # fmt: skip
    # The lower quartile: where paragraphs are short many lines that look full are last ones.
    pitch = sorted(gaps)[len(gaps) // 4] if gaps else 1.5 * size
    bold = sum(len(line.bare) for line in body if line.bold) > 0.5 * sum(len(line.bare) for line in body)
    return _Measures(size, pitch, margins, lefts, bold)


def _part_masthead(lines: list[PageLine]) -> list[PageLine]:
    """The masthead of a first page read as two columns: the organ on the left, then Distr. and date."""
    cued = [at for at, line in enumerate(lines[:16]) if any(_MASTHEAD.search(cell) for cell in line.cells)]
    if not cued or not any(len(lines[at].cells) > 1 for at in cued):
        return lines
    end = max(cued) + 1
    left: list[PageLine] = []
    right: list[PageLine] = []
    for line in lines[:end]:
        starts = line.cell_lefts or (line.left,)
        for cell, start in zip(line.cells, starts, strict=True):
            piece = replace(line, text=cell, left=start, cells=(cell,), cell_lefts=(start,), marks=(), row=-1)
            (right if start > 250 else left).append(piece)
    return left + right + lines[end:]


def _mark_rows(lines: list[PageLine]) -> list[PageLine]:
    """Rows of tables without borders: neighbouring lines whose cells begin at the same places."""
    marked = list(lines)
    for at, line in enumerate(lines):
        if line.row is not None or len(line.cells) < 2:
            continue
        neighbours = [lines[n] for n in (at - 1, at + 1) if 0 <= n < len(lines)]
        if any(_aligned(line, other) for other in neighbours):
            text = "\t".join(line.cells)
            marked[at] = replace(line, text=text, marks=(), row=0)
    return marked


def _aligned(line: PageLine, other: PageLine) -> bool:
    if other.page != line.page or len(other.cells) < 2 or len(line.cells) < 2:
        return False
    starts = [any(abs(a - b) < 6 for b in other.cell_lefts) for a in line.cell_lefts[1:]]
    return all(starts) or (len(other.cells) == len(line.cells) and sum(starts) >= 0.5 * len(starts))
