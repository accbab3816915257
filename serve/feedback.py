"""Readers' thumbs, kept in a local SQLite file; with the question only where that is switched on."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

_TABLE = """create table if not exists feedback (
    at text not null, thumb text not null, reason text not null, question text,
    paragraphs text not null, refused integer not null, fingerprint text not null)"""


@dataclass(frozen=True, slots=True)
class Opinion:
    """One thumb: "up" or "down", why, and which answer it was about."""

    thumb: str
    reason: str
    question: str
    paragraphs: tuple[str, ...]
    refused: bool
    fingerprint: str


@dataclass(slots=True)
class FeedbackStore:
    """Writes opinions to ``path``; a file that cannot be written raises ``sqlite3.Error`` or ``OSError``."""

    path: Path
    keep_questions: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, opinion: Opinion) -> None:
        """Store one opinion."""
        row = (
            datetime.now(UTC).isoformat(timespec="seconds"), opinion.thumb, opinion.reason,
            opinion.question if self.keep_questions else None, "\n".join(opinion.paragraphs),
            int(opinion.refused), opinion.fingerprint,
        )  # fmt: skip
        with self._lock, closing(self._open()) as connection, connection:
            connection.execute("insert into feedback values (?, ?, ?, ?, ?, ?, ?)", row)

    def counts(self) -> dict[tuple[str, str], int]:
        """How often each pair of thumb and reason was given."""
        with self._lock, closing(self._open()) as connection:
            rows = connection.execute("select thumb, reason, count(*) from feedback group by 1, 2")
            return {(thumb, reason): count for thumb, reason, count in rows}

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path, timeout=10)
        connection.execute(_TABLE)
        return connection
