"""Lines -> blocks: which line opens a block and which continues one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ingest.blocks import Block, Mark, Span
from ingest.furniture import Line
from ingest.inline import clean_inline, columns, is_terminal, join
from ingest.linestyle import LineStyle, ends_block, trim
from ingest.ordinals import LISTING, SECTIONS, Ordinal, parse_ordinal
from ingest.resolutions import opens_clause


@dataclass(slots=True)
class Draft:
    """A block in the making; ``fragments`` map text offsets to source offsets, line by line."""

    text: str
    spans: list[Span]
    fragments: list[tuple[int, int]]
    marks: list[Mark] = field(default_factory=list)
    role: str = "text"
    level: int | None = None
    page: int | None = None
    last_line: Line | None = None
    complete: bool = False

    def offset_before(self, source_offset: int) -> int:
        """The text offset up to which the block stands before a source offset."""
        limit = 0
        for (text_offset, source), following in zip(
            self.fragments, [*self.fragments[1:], (len(self.text), 0)], strict=True
        ):
            if source < source_offset:
                limit = following[0]
            else:
                return min(limit, text_offset)
        return limit

    def remove(self, offset: int, label: str) -> None:
        """Take a glued footnote mark out of the text."""
        size = len(label)
        self.text = self.text[:offset] + self.text[offset + size :]
        self.fragments = [(t - size if t > offset else t, s) for t, s in self.fragments]
        self.marks = [Mark(m.label, m.offset - size if m.offset > offset else m.offset) for m in self.marks]
        self.marks.append(Mark(label, offset))

    def block(self) -> Block:
        """The finished block, its marks in order and within the text."""
        role = self.role if self.role in ("heading", "row") else "text"
        # White space that stood before a mark may have gone in joining.
        kept = (Mark(mark.label, min(mark.offset, len(self.text))) for mark in self.marks)
        marks = tuple(sorted(kept, key=lambda mark: mark.offset))
        return Block(self.text, tuple(self.spans), role, self.level, self.page, marks, self.complete)  # type: ignore[arg-type]


_HEADING = re.compile(r"\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_BULLET = re.compile(r"(\s*)([-+•·●○▪]|\*(?=\s))\s+(?=\S)")
_TABLE_RULE = re.compile(r"\s*\|?[\s:|\-—]*-{2,}[\s:|\-—]*\|?\s*")
_QUOTE = re.compile(r"\s*(?:>\s?)+(?=\S)")
_BOLD_LINE = re.compile(r"\*\*[^*]+\*\*")


class Joiner:
    """Feeds on the body lines in order and decides for each whether it opens a block or continues one."""

    def __init__(self, lines: Sequence[Line], style: LineStyle) -> None:
        self.lines = lines
        self.style = style
        self.drafts: list[Draft] = []
        self.markup: dict[int, str] = {}
        self.previous: int | None = None
        self.last: dict[str, int] = {}  # the last value seen of each scheme of labels

    def finish(self) -> tuple[list[Draft], dict[int, str]]:
        """The blocks in order, and the lines that were only markup, by name."""
        return self.drafts, self.markup

    def add(self, index: int, following: int | None) -> None:
        """Take the next body line; ``following`` is the index of the one after it."""
        line = self.lines[index]
        if "|" in line.text and _TABLE_RULE.fullmatch(line.text):
            self.markup[index] = "table rule"
            return
        if not clean_inline(line.text)[0].strip(" #"):
            self.markup[index] = "markup"  # an image, an anchor, a comment: nothing to read
            return
        if match := _HEADING.match(line.text):
            self._open(line, match[2], "heading", len(match[1]), complete=True)
        elif cells := _row_cells(line):
            self._open(line, "\t".join(cells), "row", complete=True)
        else:
            self._add_text(index, line, following)
        self.previous = index

    def _add_text(self, index: int, line: Line, following: int | None) -> None:
        raw, level = _QUOTE.sub("", line.text, count=1) if _QUOTE.match(line.text) else line.text, None
        bullet = _BULLET.match(raw)
        if bullet and (self.style.wrap is None or bullet[2] in "-+*•●▪"):
            raw, level = raw[bullet.end() :], len(bullet[1])
        text, _ = clean_inline(raw.strip())
        ordinal = parse_ordinal(text)
        opens = bullet or self._opens(index, line, text, ordinal)
        if opens or self._is_heading_line(line, text, following):
            role = "heading" if _BOLD_LINE.fullmatch(line.bare) and not is_terminal(text) else "text"
            indent = len(line.text) - len(line.text.lstrip()) if level is None else level
            self._open(line, raw, role, indent)
            if ordinal:
                self.last[ordinal.scheme] = ordinal.value
        else:
            self._continue(line)

    def _opens(self, index: int, line: Line, text: str, ordinal: Ordinal | None) -> bool:
        if not self.drafts or self.drafts[-1].complete or self.previous is None:
            return True
        draft, before = self.drafts[-1], self.drafts[-1].last_line
        if _label_only(draft.text) and ordinal is None:
            return False  # the number stands on a line of its own, above its paragraph
        if self._is_stray_mark(text):
            return False
        if _ALONE.fullmatch(text):
            return True
        ended = before is None or ends_block(before, draft.text, self.style) or self._parted(index, draft)
        if ordinal is not None:
            expected = ordinal.value == self.last.get(ordinal.scheme, 0) + 1 and ordinal.value > 1
            expected = expected or (
                ordinal.scheme == "arabic" and "arabic" not in self.last and ordinal.value == 1
            )
            listed = ordinal.scheme in LISTING and draft.text.rstrip()[-1:] in "；;：:，,、和及或"
            under = ordinal.scheme in SECTIONS and _heads_section(draft.text)
            return ended or expected or listed or under
        if not ended and _indented(line) and is_terminal(draft.text):
            return True
        return ended or (draft.text[-1:] in "，," and opens_clause(text))

    def _is_heading_line(self, line: Line, text: str, following: int | None) -> bool:
        """A short unfinished line between a finished sentence and a numbered line is a heading.

        The finished sentence may fill its line to the last column, so that width says nothing.
        """
        wrap = self.style.wrap
        if wrap is None or following is None or not is_terminal(self.drafts[-1].text):
            return False
        if self._is_stray_mark(text):
            return False
        after = parse_ordinal(clean_inline(self.lines[following].bare)[0])
        opener = after is not None and after.scheme in ("arabic", "capital", "chinese", "decimal", "article")
        return (
            opener and columns(line.bare) < 0.75 * wrap and not is_terminal(text) and text[-1:] not in "，,、"
        )

    def _is_stray_mark(self, text: str) -> bool:
        """Whether a line of a wrapped text is only a number: a footnote mark that fell off a full line."""
        before = self.drafts[-1].last_line
        full = self.style.wrap is not None and before is not None and not _short(self.drafts[-1], self.style)
        return full and text.isdecimal() and len(text) <= 3

    def _parted(self, index: int, draft: Draft) -> bool:
        """A blank line that parts paragraphs, where blank lines mean that and no page break explains it."""
        if self.style.wrap is None or not self.style.blank_separates or self.previous is None:
            return False
        between = self.lines[self.previous + 1 : index]
        only_blank = bool(between) and all(not line.bare for line in between)
        same_page = self.lines[self.previous].page == self.lines[index].page
        return only_blank and same_page and (is_terminal(draft.text) or _short(draft, self.style))

    def _open(
        self, line: Line, raw: str, role: str, level: int | None = None, complete: bool = False
    ) -> None:
        text, marks = clean_inline(raw if role == "row" else raw.strip().replace("\t", " "))
        self.drafts.append(
            Draft(text, [trim(line)], [(0, line.start)], list(marks), role, level, line.page, line, complete)
        )

    def _continue(self, line: Line) -> None:
        draft = self.drafts[-1]
        tail, marks = clean_inline(line.bare.replace("\t", " "))
        joined = join(draft.text, tail, self.style.spaced)
        offset = len(joined) - len(tail)
        draft.marks += [Mark(mark.label, mark.offset + offset) for mark in marks]
        draft.text = joined
        draft.fragments.append((offset, line.start))
        draft.spans.append(trim(line))
        draft.last_line = line


# Labels that stand alone on a line only as headings.
_ALONE = re.compile(
    r"第\s?[零一二三四五六七八九十百\d]{1,6}\s?(?:[章节節条條部]|部分)|附[件录錄]\s?[一二三四五六七八九十\d]{0,3}|序\s?言"
)


def _heads_section(text: str) -> bool:
    """Whether a text reads like a section heading (二. …), under which the next heading (A. …) may stand."""
    ordinal = parse_ordinal(text)
    return ordinal is not None and ordinal.scheme in SECTIONS and "。" not in text


def _label_only(text: str) -> bool:
    ordinal = parse_ordinal(text)
    return (
        ordinal is not None
        and ordinal.scheme in ("arabic", "decimal", "letter")
        and ordinal.length >= len(text)
    )


def _short(draft: Draft, style: LineStyle) -> bool:
    return draft.last_line is not None and columns(draft.last_line.bare) < 0.8 * (style.wrap or 0)


def _indented(line: Line) -> bool:
    return line.text.startswith(("\u3000\u3000", "    ", "\t"))


def _row_cells(line: Line) -> list[str] | None:
    """The cells of a table row written with tabs or pipes; None for other lines."""
    if line.bare.startswith("|") and line.bare.count("|") >= 2:
        return [cell.strip() for cell in line.bare.strip("|").split("|")]
    cells = [cell.strip() for cell in line.text.rstrip().split("\t")]
    filled = [cell for cell in cells if cell]
    if len(filled) < 2 or _label_only(filled[0]) or parse_ordinal(filled[0] + "\t") is not None:
        return None  # a tab after a label (12.⇥, (a)⇥, 一.⇥) is an indent, not a table
    return cells
