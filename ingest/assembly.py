"""Building a Layout for formats that know their paragraphs: the text is composed block by block."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from ingest.blocks import Block, Furniture, Layout, Mark, Note, Role
from ingest.furniture import split_lines
from ingest.inline import columns, is_terminal, join
from ingest.layout import lay_out
from ingest.linestyle import measure
from ingest.ordinals import parse_ordinal

_SPACE = re.compile(r"[ \t\r\n\v\f\xa0\u2002-\u200a\u202f]+")
# Zero-width characters carry no text and would part words from what is typed in a search.
_INVISIBLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\xad\u200b-\u200f\u2028-\u202e\u2060\ufeff\ufffe\uffff]")

_LINE_END = re.compile(r"[ \t]*[\r\n][ \t\r\n]*")

Line = tuple[str, tuple[Mark, ...]]


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


class Inline:
    """The text of one paragraph in the making: white space collapsed, marks as offsets, soft breaks apart."""

    def __init__(self) -> None:
        self._lines: list[tuple[list[str], list[Mark]]] = [([], [])]
        self._length = 0
        self._space = False
        self._broken = False

    def add(self, text: str) -> None:
        """Append text; any run of white space counts as one space."""
        text = _SPACE.sub(" ", _INVISIBLE.sub("", text))
        pieces, _ = self._lines[-1]
        if not self._length or self._space:
            text = text.lstrip(" ")
        if text:
            pieces.append(text)
            self._length += len(text)
            self._space = text[-1] == " "

    def add_source(self, text: str) -> None:
        """Append text in which a line end of the source between two Chinese characters is no space.

        After CSS Text Module Level 3, section 4.1.3 (segment breaks); other line ends are spaces.
        """
        text = _INVISIBLE.sub("", text)
        if self._broken:
            text = "\n" + text
        self._broken = False
        pieces_before, marks_before = self._lines[-1]
        # A line end after a raised mark is a space, as after any other Latin character.
        marked = bool(marks_before) and marks_before[-1].offset == self._length
        before = " " if marked or not pieces_before else pieces_before[-1][-1:]
        pieces: list[str] = []
        position = 0
        for match in _LINE_END.finditer(text):
            left = text[match.start() - 1] if match.start() else before
            right = text[match.end() : match.end() + 1]
            pieces.append(text[position : match.start()])
            position = match.end()
            if not right:
                # What follows the line end decides; it may come with the next piece of text.
                self._broken = True
            elif not (_is_wide(left) and _is_wide(right)):
                pieces.append(" ")
        self.add("".join(pieces) + text[position:])

    def mark(self, label: str) -> None:
        """Record a footnote mark at the present end of the text."""
        self._lines[-1][1].append(Mark(label, self._length))

    def soft_break(self) -> None:
        """End the line without ending the paragraph."""
        self._lines.append(([], []))
        self._length, self._space, self._broken = 0, False, False

    def lines(self) -> list[Line]:
        """The text with its marks, as one line wherever a soft break only broke a sentence."""
        joined: list[Line] = []
        for pieces, marks in self._lines:
            text = "".join(pieces).rstrip()
            placed = tuple(Mark(m.label, min(m.offset, len(text))) for m in marks)
            if not text and not placed:
                continue
            if joined and not _parts(joined[-1][0], text):
                head, before = joined[-1]
                whole = join(head, text, True)
                shift = len(whole) - len(text)
                joined[-1] = whole, before + tuple(Mark(m.label, m.offset + shift) for m in placed)
            else:
                joined.append((text, placed))
        return joined

    def flat(self) -> Line:
        """All lines as one, joined by a space where both neighbours need one."""
        text: str = ""
        marks: tuple[Mark, ...] = ()
        for line, placed in self.lines():
            whole = join(text, line, True)
            shift = len(whole) - len(line)
            text, marks = whole, marks + tuple(Mark(m.label, m.offset + shift) for m in placed)
        return text, marks


def _parts(head: str, tail: str) -> bool:
    """Whether a soft break parts two lines: after a finished sentence, before a label, in a masthead."""
    if not head or not tail:
        return False
    return is_terminal(head) or parse_ordinal(tail) is not None or head.isascii() or tail.isascii()


class Assembler:
    """Collects blocks, notes and furniture in order and composes the document's text from them.

    Every non-space character of the composed text is in exactly one span by construction.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._position = 0
        self.blocks: list[Block] = []
        self.notes: list[Note] = []
        self.furniture: list[Furniture] = []
        self.warnings: list[str] = []

    def block(
        self,
        text: str,
        role: Role = "text",
        level: int | None = None,
        page: int | None = None,
        marks: Iterable[Mark] = (),
        complete: bool = True,
    ) -> None:
        """Add a block; white space alone is passed over, its marks going to the block before."""
        lead = len(text) - len(text.lstrip()) if role != "row" else 0
        shown = text.strip() if role != "row" else text
        placed = tuple(Mark(m.label, min(max(m.offset - lead, 0), len(shown))) for m in marks)
        if not shown.strip():
            self._adopt(placed)
            return
        span = self._write(shown)
        self.blocks.append(Block(shown, (span,), role, level, page, placed, complete))

    def _adopt(self, marks: tuple[Mark, ...]) -> None:
        if marks and self.blocks:
            last = self.blocks[-1]
            moved = tuple(Mark(m.label, len(last.text)) for m in marks)
            self.blocks[-1] = Block(
                last.text, last.spans, last.role, last.level, last.page, last.marks + moved, last.complete
            )

    def note(self, label: str, text: str) -> None:
        """Add a footnote; its label is shown in front of its text."""
        self.notes.append(Note(label, text, (self._write(f"{label} {text}".strip()),)))

    def drop(self, name: str, text: str) -> None:
        """Add a stretch of page furniture."""
        if text.strip():
            self.furniture.append(Furniture(name, self._write(text.strip())))

    def _write(self, text: str) -> tuple[int, int]:
        start = self._position
        self._parts.append(text)
        self._position += len(text) + 2
        return start, start + len(text)

    def layout(self, repairs: Iterable[str] = (), symbol_hint: str | None = None) -> Layout:
        """The finished layout; blocks stand two line ends apart."""
        return Layout(
            "\n\n".join(self._parts),
            tuple(self.blocks),
            tuple(self.notes),
            tuple(self.furniture),
            tuple(repairs),
            tuple(dict.fromkeys(self.warnings)),
            symbol_hint,
        )


def rejoined(layout: Layout) -> Layout:
    """The layout itself, or a new one where every line of a hard-wrapped text became a paragraph.

    That is what pasting from a PDF into Word or a web page leaves. Only texts without notes and
    tables are treated, and only when the full lines mostly break off in mid-sentence.
    """
    blocks = layout.blocks
    if layout.notes or len(blocks) < 12 or any(block.role == "row" or block.marks for block in blocks):
        return layout
    text = "\n".join(block.text for block in blocks)
    lines = split_lines(text)
    wrap = measure(lines, text).wrap
    if wrap is None:
        return layout
    full = [line for line in lines if columns(line.bare) >= 0.85 * wrap]
    if sum(not is_terminal(line.bare) for line in full) < 0.6 * len(full):
        return layout
    made = lay_out(text)
    repairs = (*layout.repairs, "its paragraphs were single lines of a wrapped text", *made.repairs)
    return replace(made, repairs=repairs, symbol_hint=layout.symbol_hint or made.symbol_hint)
