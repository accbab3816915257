"""How a text file writes its lines: hard-wrapped or not, and what tells that a paragraph ends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.blocks import Span
from ingest.furniture import Line
from ingest.inline import columns, is_spaced, is_terminal


@dataclass(frozen=True, slots=True)
class LineStyle:
    """What was measured of a file's lines.

    ``wrap``: width in columns to which the text is hard-wrapped, None when a line is a paragraph.
    ``end_space``: paragraphs end with a space before the line end, wrapped lines do not (as in PDF
    text layers). ``blank_separates``: blank lines stand between paragraphs only.
    """

    wrap: int | None
    end_space: bool
    blank_separates: bool
    spaced: bool


def measure(lines: Sequence[Line], text: str) -> LineStyle:
    """The line style of a file, from the distribution of its line widths and line ends."""
    widths = sorted(columns(line.bare) for line in lines if line.bare)
    wrap: int | None = None
    if len(widths) >= 6:
        candidate = widths[int(0.9 * (len(widths) - 1))]
        near = [w for w in widths if 0.85 * candidate <= w <= 1.12 * candidate]
        if 36 <= candidate <= 130 and len(near) >= 0.4 * len(widths) and widths[-1] <= 1.6 * candidate:
            wrap = candidate
    if wrap is None:
        return LineStyle(None, False, True, is_spaced(text))
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


def ends_block(line: Line, text: str, style: LineStyle) -> bool:
    """Whether a source line, with its cleaned text, is known to be the last of its block."""
    width = columns(line.bare)
    if style.wrap is None:
        # A line is a paragraph; prose that breaks off was cut by a page break, a title was not.
        return is_terminal(text) or width < 60 or not re.search(r"[，。；：]", text)
    if style.end_space:
        return line.text.endswith(" ") and (is_terminal(text) or width < 0.9 * style.wrap)
    return width < 0.75 * style.wrap or (is_terminal(text) and width < 0.97 * style.wrap)


def trim(line: Line) -> Span:
    lead = len(line.text) - len(line.text.lstrip())
    return line.start + lead, line.start + len(line.text.rstrip())
