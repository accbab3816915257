"""How a text file writes its lines: hard-wrapped or not, and what tells that a paragraph ends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.blocks import Span
from ingest.furniture import Line
from ingest.inline import columns, is_spaced, is_terminal
from ingest.ordinals import LISTING, SECTIONS, parse_ordinal


@dataclass(frozen=True, slots=True)
class LineStyle:
    """What was measured of a file's lines.

    ``wrap``: width in columns to which the text is hard-wrapped, None when a line is a paragraph.
    ``end_space``: paragraphs end with a space before the line end, wrapped lines do not (as in PDF
    text layers). ``blank_separates``: blank lines stand between paragraphs only. ``numbered``: several
    paragraphs open with a number, so that labelled lines are rather list items than headings.
    """

    wrap: int | None
    end_space: bool
    blank_separates: bool
    spaced: bool
    numbered: bool = True


def measure(lines: Sequence[Line], text: str) -> LineStyle:
    """The line style of a file, from the distribution of its line widths and line ends."""
    widths = sorted(columns(line.bare) for line in lines if line.bare)
    wrap: int | None = None
    if len(widths) >= 6:
        candidate = widths[int(0.9 * (len(widths) - 1))]
        near = [w for w in widths if 0.85 * candidate <= w <= 1.12 * candidate]
        # An address that cannot be broken may stick out of a wrapped text; paragraphs may not.
        out = sum(w > 1.3 * candidate for w in widths)
        if 36 <= candidate <= 130 and len(near) >= 0.4 * len(widths) and out <= 0.04 * len(widths):
            wrap = candidate
    if wrap is None:
        return LineStyle(None, False, True, is_spaced(text), _is_numbered(lines))
    full_at = [
        i for i, line in enumerate(lines) if columns(line.bare) >= 0.85 * wrap and not is_terminal(line.bare)
    ]
    short = [
        line for line in lines if line.bare and columns(line.bare) < 0.75 * wrap and is_terminal(line.bare)
    ]
    spaces_at_full = sum(lines[i].text.endswith(" ") for i in full_at)
    spaces_at_short = sum(line.text.endswith(" ") for line in short)
    end_space = spaces_at_full < 0.15 * max(1, len(full_at)) and spaces_at_short > 0.8 * len(short) > 0
    then_blank = sum(i + 1 < len(lines) and not lines[i + 1].bare for i in full_at)
    return LineStyle(wrap, end_space, then_blank < 0.2 * max(1, len(full_at)), is_spaced(text))


def _is_numbered(lines: Sequence[Line]) -> bool:
    """Whether three lines or more are long sentences behind a number, or only a number."""
    label = re.compile(r"[#*\s]*\d{1,3}\s?\\?[.．、]\s*")
    openers = 0
    for line in lines:
        match = label.match(line.text)
        openers += match is not None and (
            match.end() >= len(line.text) or (columns(line.bare) > 60 and is_terminal(line.bare))
        )
    return openers >= 3


def ends_block(line: Line, text: str, style: LineStyle) -> bool:
    """Whether a source line, with its cleaned text, is known to be the last of its block."""
    width = columns(line.bare)
    if style.wrap is None:
        # A line is a paragraph; prose that breaks off was cut by a page break, a title was not.
        if is_terminal(text) or width < 60 or not re.search(r"[，。；：]", text):
            return True
        ordinal = parse_ordinal(text)
        heads = SECTIONS if style.numbered else (*SECTIONS, "arabic", *LISTING)
        return ordinal is not None and ordinal.scheme in heads and "。" not in text
    if style.end_space:
        return line.text.endswith(" ") and (is_terminal(text) or width < 0.9 * style.wrap)
    return width < 0.75 * style.wrap or (is_terminal(text) and width < 0.97 * style.wrap)


def trim(line: Line) -> Span:
    """The span of a line in the source text without surrounding white space."""
    lead = len(line.text) - len(line.text.lstrip())
    return line.start + lead, line.start + len(line.text.rstrip())
