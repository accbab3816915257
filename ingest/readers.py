"""One reader per format: a file becomes a Layout. New formats register here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ingest.decoding import DecodingError, decode
from ingest.layout import lay_out
from ingest.pdf import read_pdf
from ingest.source import ReadError, Source
from ingest.web import read_web
from ingest.word import read_word

# Larger text files are refused rather than exhausting memory: 64 MB is some 20 000 pages of Chinese.
MAX_TEXT_BYTES = 64 * 1024 * 1024


def read_text(path: Path) -> Source:
    """A .txt or .md file in any encoding known to ``decoding``."""
    size = path.stat().st_size
    if size == 0:
        raise ReadError("the file is empty")
    if size > MAX_TEXT_BYTES:
        raise ReadError(
            f"the file has {size / 1e6:.0f} MB, more than the {MAX_TEXT_BYTES / 1e6:.0f} MB allowed; split it"
        )
    try:
        text, encoding = decode(path.read_bytes())
    except DecodingError as error:
        raise ReadError(f"{error}; convert it to UTF-8 text") from error
    if not text.strip():
        raise ReadError("the file contains only white space")
    pages = text.count("\f") + 1 if "\f" in text else None
    return Source(lay_out(text), path.suffix.lower().lstrip("."), encoding, pages)


READERS: dict[str, Callable[[Path], Source]] = {
    ".txt": read_text,
    ".md": read_text,
    ".markdown": read_text,
    ".docx": read_word,
    ".docm": read_word,
    ".pdf": read_pdf,
    ".html": read_web,
    ".htm": read_web,
    ".xhtml": read_web,
}


def read(path: Path) -> Source:
    """The layout of one file by its extension.

    Raises ReadError for unknown extensions and unreadable, empty or binary files.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        known = " ".join(sorted(READERS))
        raise ReadError(f"unknown file type {path.suffix or '(no extension)'}; readable are {known}")
    if not path.is_file():
        raise ReadError("it is not a regular file")
    try:
        return reader(path)
    except OSError as error:
        raise ReadError(f"it cannot be opened: {error.strerror or error}") from error
