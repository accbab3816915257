"""What a reader returns for one file, and the one error it may raise."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.blocks import Layout


class ReadError(ValueError):
    """A file that cannot be read; the message says why and what to do, in one line."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file as its reader delivers it."""

    layout: Layout
    format: str
    encoding: str | None = None
    pages: int | None = None
