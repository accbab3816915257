"""Word documents (.docx) -> blocks: automatic numbers resolved, footnotes linked, tracked changes accepted.

The package is read directly, with the zip and XML limits of an untrusted file; converters that lose
or restart numbers are not used. Both flavours of the format (transitional and strict) are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest.assembly import Assembler, Inline, Line, rejoined
from ingest.blocks import Mark
from ingest.furniture import SYMBOL
from ingest.ordinals import parse_ordinal
from ingest.source import ReadError, Source
from ingest.word_numbering import Element, Label, Numbering, attribute, child, format_number, integer, local
from ingest.word_parts import Package
from ingest.word_styles import Style, Styles

_BLOCK_TAGS = {"p", "tbl", "sdt", "customXml", "ins", "moveTo", "smartTag"}
_WRAPPERS = {
    "hyperlink", "ins", "moveTo", "smartTag", "sdtContent", "customXml", "fldSimple", "dir", "bdo",
    "rubyBase", "oMath", "oMathPara",
}  # fmt: skip
_DROPPED = {"del", "moveFrom", "instrText", "delText", "rt", "pPr", "rPr", "sdtPr", "sdtEndPr"}
_CONTENTS_NAME = re.compile(r"(?:toc|目录|目錄)\s*\d", re.IGNORECASE)
_MASTHEAD = re.compile(r"Distr\.|Original:|(?:General|Limited)$")


@dataclass(slots=True)
class _Notes:
    """Foot- or endnotes: their texts by id and the counter of their automatic marks."""

    root: Element | None
    format: str
    count: int = 0
    texts: dict[str, Element] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for element in self.root if self.root is not None else ():
            if attribute(element, "type") in (None, "normal"):
                self.texts[attribute(element, "id") or ""] = element


@dataclass(slots=True)
class _Counts:
    """What was repaired or dropped, for the report."""

    labels: int = 0
    insertions: int = 0
    deletions: int = 0
    boxes: int = 0


class _Runs:
    """Walks through the inline content of one paragraph."""

    def __init__(self, reader: WordReader) -> None:
        self.reader = reader
        self.inline = Inline()
        self.boxes: list[Element] = []
        self.page: int | None = None

    def walk(self, element: Element) -> None:
        """Add the content of a paragraph or of one of its wrappers."""
        for inner in element:
            tag = local(inner)
            if tag in _DROPPED:
                self.reader.counts.deletions += tag in ("del", "moveFrom")
            elif tag == "r":
                self._run(inner)
            elif tag == "AlternateContent":
                self._alternate(inner)
            elif tag in ("sdt", "ruby") or tag in _WRAPPERS:
                self.reader.counts.insertions += tag in ("ins", "moveTo")
                self.walk(inner)
            elif list(inner) and tag not in ("tbl", "p"):
                self.walk(inner)

    def _alternate(self, element: Element) -> None:
        chosen = child(element, "Choice")
        chosen = child(element, "Fallback") if chosen is None else chosen
        if chosen is not None:
            self._content(chosen)

    def _run(self, run: Element) -> None:
        if child(child(run, "rPr"), "vanish") is not None and attribute(
            child(child(run, "rPr"), "vanish")
        ) not in ("0", "false", "off"):
            return
        self._content(run)

    def _content(self, run: Element) -> None:
        for inner in run:
            tag = local(inner)
            if tag == "fldChar":
                self.reader.field(attribute(inner, "fldCharType") or "")
            elif self.reader.in_instruction or tag in _DROPPED:
                continue
            elif tag in ("footnoteReference", "endnoteReference"):
                self._reference(inner, tag)
            else:
                self._piece(inner, tag)

    def _piece(self, inner: Element, tag: str) -> None:
        if tag in ("t", "sym"):
            self._text(_text_of(inner))
        elif tag in ("tab", "ptab"):
            self.inline.add(" ")
        elif tag in ("br", "cr"):
            if attribute(inner, "type") in (None, "textWrapping"):
                self.inline.soft_break()
            else:
                self.reader.pages += attribute(inner, "type") == "page" and not self.reader.rendered
        elif tag == "noBreakHyphen":
            self.inline.add("-")
        elif tag == "lastRenderedPageBreak":
            self.reader.pages += 1
        elif tag == "AlternateContent":
            self._alternate(inner)
        elif tag in ("pict", "drawing", "object", "ruby", "txbxContent"):
            self._graphic(inner, tag)

    def _text(self, text: str) -> None:
        if self.reader.pending_mark is not None and text.strip():
            # Word writes a custom mark into the run of its reference or into the next one.
            kind, identity = self.reader.pending_mark
            self.reader.pending_mark = None
            label = text.split()[0][:8]
            if self.reader.note_used(kind, identity, label):
                self.inline.mark(label)
            text = text.lstrip()[len(label) :]
        if self.page is None and text.strip() and self.reader.rendered:
            self.page = self.reader.pages
        self.inline.add(text)

    def _graphic(self, inner: Element, tag: str) -> None:
        if tag == "ruby":
            self.walk(inner)
            return
        boxes = [e for e in inner.iter() if local(e) == "txbxContent"] if tag != "txbxContent" else [inner]
        self.boxes += [box for box in boxes if not _within_fallback(box, inner)]

    def _reference(self, inner: Element, tag: str) -> None:
        kind = "footnote" if tag == "footnoteReference" else "endnote"
        identity = attribute(inner, "id") or ""
        if attribute(inner, "customMarkFollows") in ("1", "true", "on"):
            self.reader.pending_mark = (kind, identity)
            return
        label = self.reader.note_used(kind, identity, None)
        if label:
            self.inline.mark(label)


def _within_fallback(element: Element, top: Element) -> bool:
    """Whether a text box is the old-format copy of one that the file also holds in the new format."""
    parent = element.getparent()
    while parent is not None and parent is not top:
        if local(parent) in ("Fallback", "txbxContent"):
            return True
        parent = parent.getparent()
    return False


def _text_of(element: Element) -> str:
    if local(element) != "sym":
        return element.text or ""
    code = attribute(element, "char") or ""
    try:
        value = int(code, 16)
    except ValueError:
        return ""
    # Symbol fonts sit in the private use area; their ASCII half is legible, the rest is ornament.
    value = value - 0xF000 if 0xF020 <= value <= 0xF07E else value
    return chr(value) if 0x20 <= value < 0xE000 else ""


class WordReader:
    """One .docx file on its way to a layout."""

    def __init__(self, path: Path) -> None:
        self.package = Package(path)
        main = self.package.targets("", "officeDocument")
        self.main = main[0] if main else "word/document.xml"
        root = self.package.tree(self.main)
        body = child(root, "body")
        if body is None:
            raise ReadError("the file holds no Word document (no body); save it again as .docx")
        self.body: Any = body
        styles = self.package.first(self.main, "styles")
        self.styles = Styles(styles)
        self.numbering = Numbering(self.package.first(self.main, "numbering"), self.styles.lists)
        settings = self.package.first(self.main, "settings")
        self.notes = {
            kind: _Notes(self.package.first(self.main, kind + "s"), self._note_format(settings, kind))
            for kind in ("footnote", "endnote")
        }
        self.out = Assembler()
        self.counts = _Counts()
        self.rendered = any(local(e) == "lastRenderedPageBreak" for e in self.body.iter())
        self.pages = 1
        self.pending_mark: tuple[str, str] | None = None
        self.used_notes: list[tuple[str, str, str]] = []
        self._fields: list[str] = []
        self._carry: Inline | None = None
        self._body_begun = False

    def _note_format(self, settings: Element | None, kind: str) -> str:
        """How automatic marks look: from the document's settings or its sections, else the default."""
        places = [child(settings, kind + "Pr")]
        places += [child(e, kind + "Pr") for e in self.body.iter() if local(e) == "sectPr"]
        found = [attribute(child(place, "numFmt")) for place in places]
        return next((f for f in found if f), "decimal" if kind == "footnote" else "lowerRoman")

    # fields

    def field(self, kind: str) -> None:
        """Follow a complex field: its instruction is no text, its result is."""
        if kind == "begin":
            self._fields.append("instruction")
        elif kind == "separate" and self._fields:
            self._fields[-1] = "result"
        elif kind == "end" and self._fields:
            self._fields.pop()

    @property
    def in_instruction(self) -> bool:
        """Whether the present run is the instruction of a field and not its result."""
        return "instruction" in self._fields

    # notes

    def note_used(self, kind: str, identity: str, custom: str | None) -> str:
        """Register a reference to a note and return its label; "" for a dangling reference."""
        notes = self.notes[kind]
        if identity not in notes.texts:
            self.out.warnings.append(f"a {kind} mark refers to no {kind}")
            return ""
        if custom is None:
            notes.count += 1
            custom = format_number(notes.count, notes.format)
        self.used_notes.append((kind, identity, custom))
        return custom

    def _write_notes(self) -> None:
        for kind, identity, label in list(self.used_notes):
            element = self.notes[kind].texts[identity]
            lines = []
            for paragraph in (e for e in element.iter() if local(e) == "p"):
                runs = _Runs(self)
                runs.walk(paragraph)
                lines.append(runs.inline.flat()[0])
            text = " ".join(line for line in lines if line).strip()
            while text.startswith(label) and not text[len(label) : len(label) + 1].isalnum():
                # A custom mark is typed into the note; some programs then type it twice.
                text = text[len(label) :].strip()
            self.out.note(label, text)

    # blocks

    def read(self) -> None:
        """Walk through the body in order."""
        self._blocks(self.body)
        if self._carry is not None:
            self._emit(self._carry.lines(), "text", None)
        self._write_notes()

    def _blocks(self, parent: Element) -> None:
        for element in parent:
            tag = local(element)
            if tag == "p":
                self._paragraph(element)
            elif tag == "tbl":
                self._table(element)
            elif tag == "sdt":
                content = child(element, "sdtContent")
                if content is not None:
                    self._blocks(content)
            elif tag in _BLOCK_TAGS:
                self._blocks(element)
            elif tag == "AlternateContent":
                chosen = child(element, "Choice")
                self._blocks(chosen if chosen is not None else element)

    def _paragraph(self, element: Element) -> None:
        properties = child(element, "pPr")
        runs = _Runs(self)
        if self._carry is not None:
            runs.inline, self._carry = self._carry, None
        runs.walk(element)
        mark = child(properties, "rPr")
        if child(mark, "del") is not None or child(mark, "moveFrom") is not None:
            # The paragraph mark was deleted: the text goes on in the next paragraph.
            self.counts.deletions += 1
            self._carry = runs.inline
            return
        style = self.styles.get(attribute(child(properties, "pStyle")))
        label = self._label(properties, style)
        lines = runs.inline.lines()
        outline = integer(child(properties, "outlineLvl"))
        heading = outline + 1 if outline is not None and 0 <= outline <= 8 else style.heading
        self._place(lines, style, label, heading, runs.page)
        for box in runs.boxes:
            self.counts.boxes += 1
            self._blocks(box)

    def _place(
        self,
        lines: list[Line],
        style: Style,
        label: Label | None,
        heading: int | None,
        page: int | None,
    ) -> None:
        if _CONTENTS_NAME.match(style.name):
            self.out.drop("table of contents", " ".join(text for text, _ in lines))
            return
        if not any(text for text, _ in lines):
            self._emit(lines, "text", None, page)
            return
        level: int | None = None
        if label is not None:
            level = label.level + 1 if label.bullet else label.level
            self.counts.labels += not label.bullet
            text, marks = lines[0]
            shift = len(label.text)
            lines[0] = label.text + text, tuple(Mark(m.label, m.offset + shift) for m in marks)
        if heading is not None:
            self._body_begun = True
            self._emit(lines, "heading", heading, page)
            return
        self._body_begun |= label is not None or parse_ordinal(lines[0][0]) is not None
        self._emit(lines, "text", level, page)

    def _emit(self, lines: list[Line], role: Any, level: int | None, page: int | None = None) -> None:
        if role == "heading" and len(lines) > 1:
            # A heading broken by hand is one heading.
            title = " ".join(text for text, _ in lines)
            self.out.block(title, role, level, page, [mark for _, marks in lines for mark in marks])
            return
        for text, marks in lines:
            self.out.block(text, role, level, page, marks)

    def _label(self, properties: Element | None, style: Style) -> Label | None:
        direct = child(properties, "numPr")
        instance = attribute(child(direct, "numId"))
        level = integer(child(direct, "ilvl"))
        if instance is None:
            instance = style.instance
            if level is None and instance is not None:
                level = self.numbering.level_of_style(instance, style.numbered_by)
        if instance is None or instance == "0":
            return None
        level = style.level if level is None else level
        return self.numbering.label(instance, level or 0)

    # tables

    def _table(self, table: Element) -> None:
        rows = [row for row in _rows(table) if child(child(row, "trPr"), "del") is None]
        cells = [list(_cells(row)) for row in rows]
        if self._is_layout(cells):
            for row in cells:
                for cell in row:
                    self._blocks(cell)
            return
        width = max((sum(_span(cell) for cell in row) for row in cells), default=0)
        for row in cells:
            self._row(row, width)

    def _is_layout(self, rows: list[list[Element]]) -> bool:
        """Whether a table only places text: a box with one column, a masthead, cells full of paragraphs."""
        filled = [[cell for cell in row if _plain(cell)] for row in rows]
        if all(len(row) <= 1 for row in filled):
            return True
        text = "\n".join(_plain(cell) for row in filled for cell in row)
        if not self._body_begun and (_MASTHEAD.search(text) or SYMBOL.search(text)):
            return True
        crowded = [
            cell
            for row in filled
            for cell in row
            if sum(local(e) == "p" and bool(_plain(e)) for e in cell) > 6
        ]
        return bool(crowded)

    def _row(self, row: list[Element], width: int) -> None:
        texts: list[str] = []
        marks: list[Mark] = []
        page = self.pages if self.rendered else None
        boxes: list[Element] = []
        for cell in row:
            text, placed, inner = self._cell(cell)
            boxes += inner
            offset = sum(len(t) + 1 for t in texts)
            texts.append(text)
            marks += [Mark(m.label, m.offset + offset) for m in placed]
            texts += [""] * (_span(cell) - 1)
        if width > 1 and len(row) == 1 and _span(row[0]) == width:
            self.out.block(texts[0], page=page, marks=marks)
        else:
            self.out.block("\t".join(texts), "row", page=page, marks=marks)
        for box in boxes:
            self._blocks(box)

    def _cell(self, cell: Element) -> tuple[str, tuple[Mark, ...], list[Element]]:
        """A cell's paragraphs on one line; the continuation of a merged cell is empty."""
        merge = child(child(cell, "tcPr"), "vMerge")
        if merge is not None and attribute(merge) != "restart":
            return "", (), []
        inline = Inline()
        boxes: list[Element] = []
        for paragraph in (e for e in cell.iter() if local(e) == "p" and not _within_fallback(e, cell)):
            properties = child(paragraph, "pPr")
            label = self._label(properties, self.styles.get(attribute(child(properties, "pStyle"))))
            inline.soft_break()
            if label is not None:
                inline.add(label.text)
            runs = _Runs(self)
            runs.inline = inline
            runs.walk(paragraph)
            boxes += runs.boxes
        text, marks = inline.flat()
        return text, marks, boxes

    # headers and footers

    def symbol(self) -> str | None:
        """The document's symbol as its page headers and footers show it, or None."""
        for kind in ("header", "footer"):
            for name in self.package.targets(self.main, kind):
                tree = self.package.tree(name)
                text = (
                    "".join(_text_of(e) for e in tree.iter() if local(e) == "t") if tree is not None else ""
                )
                if match := SYMBOL.search(text):
                    return match[0]
        return None

    def repairs(self) -> Iterator[str]:
        """What was done to the text, for the report."""
        counts = self.counts
        if counts.labels:
            yield f"{counts.labels} automatic numbers written out"
        if self.out.notes:
            yield f"{len(self.out.notes)} footnotes taken out of the text"
        if counts.insertions or counts.deletions:
            yield f"tracked changes accepted: {counts.insertions} insertions, {counts.deletions} deletions"
        if counts.boxes:
            yield f"{counts.boxes} text boxes put in line"
        headers = sum(len(self.package.targets(self.main, kind)) for kind in ("header", "footer"))
        if headers:
            yield f"{headers} page headers and footers removed"


def read_word(path: Path) -> Source:
    """A .docx file as a layout. Raises ReadError for damaged, encrypted, oversized or empty files."""
    reader = WordReader(path)
    reader.read()
    if not reader.out.blocks:
        raise ReadError("the document contains no text")
    layout = reader.out.layout(reader.repairs(), reader.symbol())
    if not reader.counts.labels:
        layout = rejoined(layout)
    return Source(layout, "docx", None, reader.pages if reader.rendered else None)


def _rows(table: Element) -> Iterator[Element]:
    """The rows of a table itself, not those of tables inside its cells."""
    for element in table:
        tag = local(element)
        if tag == "tr":
            yield element
        elif tag in ("sdt", "sdtContent", "customXml", "ins", "moveTo"):
            yield from _rows(element)


def _cells(row: Element) -> Iterator[Element]:
    for element in row:
        tag = local(element)
        if tag == "tc":
            yield element
        elif tag in ("sdt", "sdtContent", "customXml"):
            yield from _cells(element)


def _span(cell: Element) -> int:
    return max(1, min(integer(child(child(cell, "tcPr"), "gridSpan")) or 1, 64))


def _plain(element: Element) -> str:
    return "".join(e.text or "" for e in element.iter() if local(e) == "t").strip()
