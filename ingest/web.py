"""Web pages (.html) -> blocks: the main text found, list numbers written out, footnotes linked.

Navigation, scripts and hidden parts are dropped; ``<ol start>``, ``type``, ``value`` and ``reversed``
are honoured as a browser shows them; notes are found by their links or by raised marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ingest.assembly import Assembler, Inline, Line, rejoined
from ingest.blocks import Mark, Role
from ingest.layout import lay_out
from ingest.ordinals import parse_ordinal
from ingest.source import ReadError, Source
from ingest.web_notes import find_notes, note_text
from ingest.web_page import (
    BLOCKS,
    MAX_HTML_BYTES,
    Element,
    bare_text,
    clean,
    decode_page,
    parse_page,
    preformatted,
    tag_of,
)
from ingest.word_numbering import format_number

MAX_DEPTH = 200

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_STYLES = {
    "1": "decimal",
    "a": "lowerLetter",
    "A": "upperLetter",
    "i": "lowerRoman",
    "I": "upperRoman",
    "decimal": "decimal",
    "lower-alpha": "lowerLetter",
    "lower-latin": "lowerLetter",
    "upper-alpha": "upperLetter",
    "upper-latin": "upperLetter",
    "lower-roman": "lowerRoman",
    "upper-roman": "upperRoman",
    "decimal-leading-zero": "decimalZero",
    "cjk-ideographic": "chineseCounting",
    "cjk-decimal": "ideographDigital",
    "simp-chinese-informal": "chineseCounting",
    "trad-chinese-informal": "chineseCounting",
    "simp-chinese-formal": "chineseLegalSimplified",
    "cjk-heavenly-stem": "ideographTraditional",
}


def read_web(path: Path) -> Source:
    """A saved web page as a layout. Raises ReadError for empty, binary or oversized files."""
    size = path.stat().st_size
    if size == 0:
        raise ReadError("the file is empty")
    if size > MAX_HTML_BYTES:
        raise ReadError(
            f"the page has {size / 1e6:.0f} MB, more than the {MAX_HTML_BYTES / 1e6:.0f} MB allowed"
        )
    text, encoding = decode_page(path.read_bytes())
    root = parse_page(text)
    whole = preformatted(root)
    if whole is not None:
        return Source(lay_out(whole), "html", encoding)
    reader = _WebReader(root)
    reader.read()
    if not reader.out.blocks:
        raise ReadError("the page contains no text")
    layout = reader.out.layout(reader.repairs(), reader.page.symbol)
    return Source(layout if reader.labels else rejoined(layout), "html", encoding)


class _WebReader:
    """One parsed page on its way to blocks."""

    def __init__(self, root: Element) -> None:
        self._generator = _generator(root)
        self.page = clean(root)
        self.notes = find_notes(self.page.main)
        self.out = Assembler()
        self.labels = 0
        self._inline = Inline()
        self._body_begun = False

    def read(self) -> None:
        """Walk through the main text, then write the notes."""
        self._walk(self.page.main, 0, 0)
        self._flush()
        for element, label in self.notes.blocks.items():
            self.out.note(label, note_text(element, label))

    def repairs(self) -> Iterator[str]:
        """What was done to the page, for the report."""
        if self.labels:
            yield f"{self.labels} list numbers written out"
        if self.out.notes:
            yield f"{len(self.out.notes)} footnotes taken out of the text"
        if self.page.dropped:
            yield f"{self.page.dropped} navigation and other parts of the page dropped"

    # blocks

    def _walk(self, element: Element, depth: int, lists: int) -> None:
        if depth > MAX_DEPTH:
            self.out.warnings.append(
                "the page is nested too deeply; its deepest parts were read as plain text"
            )
            self._inline.add_source(str(element.text_content()))
            return
        self._inline.add_source(element.text or "")
        for inner in element:
            self._child(inner, depth, lists)
            self._inline.add_source(inner.tail or "")

    def _child(self, inner: Element, depth: int, lists: int) -> None:
        tag = tag_of(inner)
        if inner in self.notes.blocks:
            self._flush()
        elif inner in self.notes.marks:
            self._inline.mark(self.notes.marks[inner])
        elif tag == "br":
            self._inline.soft_break()
        elif tag == "table":
            self._flush()
            self._table(inner, depth, lists)
        elif tag in ("ol", "ul", "menu"):
            self._flush()
            self._list(inner, depth, lists + 1)
        elif tag in _HEADINGS:
            self._flush()
            self._walk(inner, depth + 1, lists)
            self._flush("heading", _HEADINGS[tag])
        elif tag in BLOCKS:
            self._flush()
            self._walk(inner, depth + 1, lists)
            self._flush()
        elif tag != "rt" and tag != "rp":
            self._walk(inner, depth + 1, lists)

    def _flush(self, role: Role = "text", level: int | None = None, label: str = "") -> None:
        lines = self._inline.lines()
        self._inline = Inline()
        if role == "heading" and len(lines) > 1:
            title = " ".join(text for text, _ in lines)
            lines = [(title, tuple(mark for _, marks in lines for mark in marks))]
        if label and lines:
            lines[0] = _labelled(lines[0], label)
        for text, marks in lines:
            self._body_begun |= role == "heading" or parse_ordinal(text) is not None
            self.out.block(text, role, level, marks=marks)

    # lists

    def _list(self, element: Element, depth: int, lists: int) -> None:
        ordered = tag_of(element) == "ol"
        items = [item for item in element if tag_of(item) == "li"]
        value = _number(element.get("start"))
        step = -1 if element.get("reversed") is not None else 1
        count = (len(items) if step < 0 else 1) if value is None else value
        for inner in element:
            if inner in self.notes.blocks:
                continue
            if tag_of(inner) != "li":
                self._child(inner, depth, lists)
                continue
            own = _number(inner.get("value"))
            count = count if own is None else own
            label = self._label(element, inner, count) if ordered else ""
            self._item(inner, label, depth, lists)
            count += step

    def _label(self, element: Element, item: Element, count: int) -> str:
        """The number of a list item as United Nations documents write it: 1. (a) (i) A. 一."""
        style = _list_style(item) or _list_style(element) or element.get("type") or "1"
        if style == "none":
            return ""
        scheme = _STYLES.get(style, "decimal")
        headed = next((child for child in item if tag_of(child) in _HEADINGS), None)
        if (
            headed is not None
            and scheme == "decimal"
            and tag_of(headed) == "h1"
            and "office" in self._generator
        ):
            # LibreOffice exports Chinese chapter numbers as a plain list; only the headings use it.
            scheme = "chineseCounting"
        number = format_number(count, scheme)
        return f"({number}) " if scheme in ("lowerLetter", "lowerRoman") else f"{number}. "

    def _item(self, item: Element, label: str, depth: int, lists: int) -> None:
        literal = parse_ordinal(re.sub(r"\s+", " ", str(item.text_content())).strip())
        if label and literal is not None and parse_ordinal(label) is not None:
            own = parse_ordinal(label)
            if own is not None and (own.scheme, own.value) == (literal.scheme, literal.value):
                label = ""  # the number is typed in the text as well
        self.labels += bool(label)
        before = len(self.out.blocks)
        level = lists - 1 if label else lists
        self._inline.add_source(item.text or "")
        pending = label
        for inner in item:
            tag = tag_of(inner)
            if tag in BLOCKS:
                # The first block of the item carries its number.
                if self._inline.lines():
                    self._flush("text", level, pending)
                    pending = ""
                if tag in _HEADINGS or tag in ("p", "div"):
                    heading = tag in _HEADINGS
                    if inner in self.notes.blocks:
                        continue
                    if not heading and _has_blocks(inner):
                        self._child(inner, depth + 1, lists)
                    else:
                        self._walk(inner, depth + 1, lists)
                        filled = bool(self._inline.lines())
                        self._flush("heading" if heading else "text", _HEADINGS.get(tag, level), pending)
                        pending = "" if filled else pending
                else:
                    self._child(inner, depth + 1, lists)
            else:
                self._child(inner, depth + 1, lists)
            self._inline.add_source(inner.tail or "")
        self._flush("text", level, pending if len(self.out.blocks) == before else "")

    # tables

    def _table(self, table: Element, depth: int, lists: int) -> None:
        rows = [row for row in table.iter("tr") if _table_of(row) is table]
        cells = [[cell for cell in row if tag_of(cell) in ("td", "th")] for row in rows]
        caption = table.find("caption")
        if caption is not None:
            self._walk(caption, depth, lists)
            self._flush()
        if self._is_layout(table, cells):
            for row in cells:
                for cell in row:
                    self._walk(cell, depth + 1, lists)
                    self._flush()
            return
        width = max((sum(_span(cell, "colspan") for cell in row) for row in cells), default=0)
        waiting: dict[int, int] = {}
        for row in cells:
            self._row(row, width, waiting)

    def _is_layout(self, table: Element, rows: list[list[Element]]) -> bool:
        if (table.get("role") or "") in ("presentation", "none") or table.find(".//table") is not None:
            return True
        filled = [[cell for cell in row if bare_text(cell)] for row in rows]
        if all(len(row) <= 1 for row in filled):
            return True
        if any(element.tag in _HEADINGS for element in table.iter() if isinstance(element.tag, str)):
            return True
        joined = " ".join(str(cell.text_content()) for row in filled for cell in row)
        if not self._body_begun and ("Distr." in joined or "Original:" in joined):
            return True
        return any(
            len(cell.findall("p")) > 6 or len(cell.findall("div")) > 6 for row in filled for cell in row
        )

    def _row(self, row: list[Element], width: int, waiting: dict[int, int]) -> None:
        texts: list[str] = []
        marks: list[Mark] = []
        for cell in row:
            while waiting.get(len(texts), 0) > 0:
                waiting[len(texts)] -= 1
                texts.append("")
            text, placed = self._cell(cell)
            offset = sum(len(t) + 1 for t in texts)
            marks += [Mark(m.label, m.offset + offset) for m in placed]
            if (down := _span(cell, "rowspan")) > 1:
                waiting[len(texts)] = down - 1
            texts += [text] + [""] * (_span(cell, "colspan") - 1)
        while len(texts) < width and waiting.get(len(texts), 0) > 0:
            waiting[len(texts)] -= 1
            texts.append("")
        if width > 1 and len(row) == 1 and _span(row[0], "colspan") >= width:
            self.out.block(texts[0], marks=marks)
        else:
            self.out.block("\t".join(texts), "row", marks=marks)

    def _cell(self, cell: Element) -> Line:
        outer, self._inline = self._inline, Inline()
        self._cell_text(cell)
        inner, self._inline = self._inline, outer
        return inner.flat()

    def _cell_text(self, element: Element) -> None:
        self._inline.add_source(element.text or "")
        for inner in element:
            if inner in self.notes.marks:
                self._inline.mark(self.notes.marks[inner])
            elif tag_of(inner) == "br":
                self._inline.soft_break()
            else:
                if tag_of(inner) in BLOCKS:
                    self._inline.soft_break()
                self._cell_text(inner)
            self._inline.add_source(inner.tail or "")


def _labelled(line: Line, label: str) -> Line:
    text, marks = line
    return label + text, tuple(Mark(m.label, m.offset + len(label)) for m in marks)


def _generator(root: Element) -> str:
    for meta in root.iter("meta"):
        if (meta.get("name") or "").lower() == "generator":
            return (meta.get("content") or "").lower()
    return ""


def _has_blocks(element: Element) -> bool:
    return any(tag_of(inner) in BLOCKS for inner in element)


def _number(value: str | None) -> int | None:
    return int(value) if value is not None and re.fullmatch(r"\s*-?\d{1,6}\s*", value) else None


def _list_style(element: Element) -> str | None:
    match = re.search(r"list-style(?:-type)?\s*:\s*([\w-]+)", element.get("style") or "")
    return match[1].lower() if match else None


def _table_of(row: Element) -> Element | None:
    return next((e for e in row.iterancestors("table")), None)


def _span(cell: Element, name: str) -> int:
    return max(1, min(_number(cell.get(name)) or 1, 64))
