"""The carriers of the first stage: a document and its numbered paragraphs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

ParagraphKind = Literal["paragraph", "cover", "summary", "list", "row", "closing"]
PieceKind = Literal["paragraph", "heading", "footnote", "furniture"]


@dataclass(frozen=True, slots=True)
class SubItem:
    """One listed item inside a paragraph: ``(a) …``; offsets into the paragraph's text."""

    label: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Footnote:
    """A footnote and the offset in the paragraph's text at which its mark stood."""

    mark: str
    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class Paragraph:
    """The unit that is searched and cited.

    ``number`` is the number printed in the document ("12"), the path of what an unnumbered
    paragraph stands under ("2(a)(二)/4", "附件/3"), or None for cover, summary and closing parts.
    ``start`` and ``end`` are character offsets into ``Document.text``.
    """

    id: str
    doc_id: str
    number: str | None
    label: str
    section: tuple[str, ...]
    text: str
    sub_items: tuple[SubItem, ...] = ()
    footnotes: tuple[Footnote, ...] = ()
    start: int = 0
    end: int = 0
    page: int | None = None
    kind: ParagraphKind = "paragraph"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the source text and what became of it; pieces never overlap.

    ``name`` is the paragraph id for paragraphs and footnotes, the heading's text for headings,
    and the sort of furniture ("page number", "running header", …) otherwise.
    """

    kind: PieceKind
    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class Document:
    """One document as read: metadata, the decoded text, and the account of every character."""

    id: str
    symbol: str | None
    title: str
    date: str | None
    session: str | None
    language: str
    text: str
    source: str
    format: str = "txt"
    encoding: str | None = None
    pieces: tuple[Piece, ...] = field(default=(), repr=False)

    def cite(self, paragraph: Paragraph) -> str:
        """The United Nations form of a pinpoint citation: ``CAC/COSP/2017/4，第12段``.

        A document without a known symbol is cited by its title in 《》.
        """
        name = self.symbol or (f"《{self.title}》" if self.title else self.id)
        return f"{name}，{paragraph.label}"
