"""Plain text and Markdown -> blocks: hard-wrapped lines joined, furniture and footnotes taken out.

The same code serves clean files (a line is a paragraph) and PDF text layers (a paragraph is many
lines, interrupted by footnotes and page furniture); what a file is, is measured from its lines.
"""

from __future__ import annotations

from collections.abc import Sequence

from ingest.blocks import Block, Furniture, Layout, Note
from ingest.footnotes import collect_notes, link_glued_marks
from ingest.furniture import find_furniture, split_lines
from ingest.joining import Joiner
from ingest.linestyle import LineStyle, measure, trim


def lay_out(text: str) -> Layout:
    """The blocks, footnotes and page furniture of a plain text or Markdown document."""
    lines = split_lines(text)
    style = measure(lines, text)
    named, symbol = find_furniture(lines)
    notes, note_lines, rules = collect_notes(lines, named, style)
    furniture = [Furniture(name, trim(lines[i])) for i, name in sorted((named | rules).items())]
    body = [
        i
        for i, line in enumerate(lines)
        if line.bare and i not in named and i not in rules and i not in note_lines
    ]
    builder = Joiner(lines, style)
    for position, index in enumerate(body):
        builder.add(index, body[position + 1] if position + 1 < len(body) else None)
    drafts, markup = builder.finish()
    furniture += [Furniture(name, trim(lines[i])) for i, name in markup.items()]
    warnings = link_glued_marks(drafts, notes)
    blocks = tuple(draft.block() for draft in drafts)
    repairs = _repairs(blocks, notes, furniture, style)
    return Layout(text, blocks, tuple(notes), tuple(furniture), repairs, tuple(warnings), symbol)


def _repairs(
    blocks: Sequence[Block], notes: Sequence[Note], furniture: Sequence[Furniture], style: LineStyle
) -> tuple[str, ...]:
    joined = sum(len(block.spans) - 1 for block in blocks)
    repairs = []
    if joined:
        what = f"wrapped at {style.wrap} columns" if style.wrap else "cut by page breaks"
        repairs.append(f"{joined} line breaks joined ({what})")
    if notes:
        repairs.append(f"{len(notes)} footnotes taken out of the text")
    if furniture:
        repairs.append(f"{len(furniture)} lines of page furniture removed")
    return tuple(repairs)
