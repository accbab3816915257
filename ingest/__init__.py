"""DOCUMENTS -> PARAGRAPHS: readers per format, layout repair, paragraph numbering, metadata."""

from ingest.corpus import Corpus, FileReport, load
from ingest.paragraphs import Document, Footnote, Paragraph, Piece, SubItem

__all__ = ["Corpus", "Document", "FileReport", "Footnote", "Paragraph", "Piece", "SubItem", "load"]
