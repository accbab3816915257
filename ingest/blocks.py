"""What every reader delivers: blocks of text in reading order, footnotes, and page furniture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["text", "heading", "row", "title"]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Mark:
    """A footnote mark that stood at ``offset`` in a block's text and has been taken out of it."""

    label: str
    offset: int


@dataclass(frozen=True, slots=True)
class Block:
    """A logical line or paragraph: one numbered paragraph, heading, list item or table row, or a part of one.

    ``text`` is joined and free of markup, its ordinal label still in front; ``spans`` are the
    stretches of ``Document.text`` that it was made from, in order. ``role`` is what the format
    itself says ("heading" for a Markdown or Word heading); ``level`` its level or indent there.
    ``complete`` says that the format knows the block to end here (a Word paragraph), so that it is
    never joined with the next.
    """

    text: str
    spans: tuple[Span, ...]
    role: Role = "text"
    level: int | None = None
    page: int | None = None
    marks: tuple[Mark, ...] = ()
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A footnote text and where it stood; ``position`` orders it among the blocks' spans."""

    label: str
    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Furniture:
    """Page furniture: ``name`` says which ("page number", "running header", "link list", …)."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Layout:
    """The outcome of reading one document: every non-space character of ``text`` is in exactly one part."""

    text: str
    blocks: tuple[Block, ...]
    notes: tuple[Note, ...] = ()
    furniture: tuple[Furniture, ...] = ()
    repairs: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    symbol_hint: str | None = None
