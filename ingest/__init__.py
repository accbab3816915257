"""DOCUMENTS -> PARAGRAPHS: readers per format, layout repair, paragraph numbering, metadata."""

from ingest.paragraphs import Document, Footnote, Paragraph, Piece, SubItem

__all__ = ["Document", "Footnote", "Paragraph", "Piece", "SubItem"]
