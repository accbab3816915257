"""One reader per format: a file becomes a Layout. New formats register here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ingest import archive
from ingest.decoding import DecodingError, decode
from ingest.layout import lay_out
from ingest.office import OFFICE_SUFFIXES, converted
from ingest.pdf import read_pdf
from ingest.sandbox import Sandbox, shared_sandbox
from ingest.source import ReadError, Source
from ingest.web import read_web
from ingest.word import read_word

# Larger text files are refused rather than exhausting memory: 64 MB is some 20 000 pages of Chinese.
MAX_TEXT_BYTES = 64 * 1024 * 1024
MAX_FILE_BYTES = 256 * 1024 * 1024


def read_text(path: Path) -> Source:
    """A .txt or .md file in any encoding known to ``decoding``."""
    size = path.stat().st_size
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


TEXTS: dict[str, Callable[[Path], Source]] = dict.fromkeys((".txt", ".md", ".markdown"), read_text)
# These parse formats that can be hostile; they run in the child process (see ``sandbox``).
PARSERS: dict[str, Callable[[Path], Source]] = {
    ".docx": read_word,
    ".docm": read_word,
    ".pdf": read_pdf,
    ".html": read_web,
    ".htm": read_web,
    ".xhtml": read_web,
}
SUFFIXES = frozenset({*TEXTS, *PARSERS, *OFFICE_SUFFIXES, archive.SUFFIX})
_SIGNS = (
    (b"%PDF-", ".pdf"),
    (b"PK\x03\x04", ".docx"),
    (b"{\\rtf", ".rtf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".doc"),
)


def read(path: Path, sandbox: Sandbox | None = None) -> Source:
    """The layout of one file by its extension, or by what it really is.

    Raises ReadError for unknown extensions and unreadable, empty, binary, damaged or oversized files.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        known = " ".join(sorted(SUFFIXES))
        raise ReadError(f"unknown file type {path.suffix or '(no extension)'}; readable are {known}")
    try:
        if path.is_dir():
            raise ReadError("it is a folder, not a file")
        if not path.is_file():
            raise ReadError("it is no regular file" if path.exists() else "it is a link to nothing")
        size = path.stat().st_size
        if size == 0:
            raise ReadError("the file is empty")
        if size > MAX_FILE_BYTES:
            raise ReadError(
                f"the file has {size / 1e6:.0f} MB, more than the {MAX_FILE_BYTES / 1e6:.0f} MB allowed"
            )
        return _read(path, suffix, sandbox or shared_sandbox())
    except OSError as error:
        raise ReadError(f"it cannot be opened: {error.strerror or error}") from error


def _read(path: Path, suffix: str, sandbox: Sandbox) -> Source:
    real = actual_suffix(path, suffix)
    if real in TEXTS:
        return TEXTS[real](path)
    if real in OFFICE_SUFFIXES:
        with converted(path, real) as word_file:
            source = replace(sandbox.read(word_file, ".docx"), format=real.lstrip("."))
    else:
        source = sandbox.read(path, real)
    if real == suffix or (real in (".docx", ".html") and suffix in (".docm", ".htm", ".xhtml")):
        return source
    warning = f"the file is named {suffix} but holds {real}; it was read as {real}"
    return replace(source, layout=replace(source.layout, warnings=(*source.layout.warnings, warning)))


def actual_suffix(path: Path, suffix: str) -> str:
    """The suffix of what a file holds: a .doc may be a web page, a .pdf an error page."""
    if suffix in TEXTS:
        return suffix
    with path.open("rb") as stream:
        start = stream.read(1024)
    for sign, real in _SIGNS:
        if start.startswith(sign) or (real == ".pdf" and sign in start):
            if real == ".docx":
                return suffix if suffix in (".docx", ".docm", ".odt") else archive.kind(path)
            return suffix if suffix in (".docx", ".docm") and real == ".doc" else real
    head = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype html", b"<html")) or b"<html" in head[:600]:
        return ".html"
    return suffix
