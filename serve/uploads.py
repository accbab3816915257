"""Uploaded documents: read (hostile formats in the child of ``ingest.sandbox``), indexed, put in use."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index.retrieval import Index
    from ingest.corpus import Corpus, FileReport
    from serve.service import Service

MOST_FILES = 50


class UploadError(ValueError):
    """The upload as a whole cannot be used; the message says why."""


Say = Callable[[float, str], None]


def safe_name(name: str) -> str:
    """A file name without folders and control characters, whatever a browser sends."""
    base = re.split(r"[/\\]", name)[-1]
    return re.sub(r"[\x00-\x1f<>:\"|?*]", "_", base).lstrip(".")[-120:] or "document"


def add_documents(
    service: Service, files: Sequence[Path], index_dir: str, say: Say = lambda share, what: None
) -> tuple[FileReport, ...]:
    """Read files, add them to the index in use (a document with the same id is replaced), save and swap.

    ``say`` is told the share done and "reading", "indexing" or "saving". Raises UploadError when there are
    no files or too many, or when another rebuild is under way.
    """
    from ingest.corpus import load

    if not files:
        raise UploadError("There are no files.")
    if len(files) > MOST_FILES:
        raise UploadError(f"There are {len(files)} files; at most {MOST_FILES} can be uploaded at a time.")
    with service.rebuilding():
        say(0.1, "reading")
        with tempfile.TemporaryDirectory(prefix="uncac-upload-") as folder:
            copies = _copied(files, Path(folder))
            corpus = load(copies)
        if corpus.documents:
            say(0.5, "indexing")
            index = rebuilt(service.engine.index, corpus)
            say(0.9, "saving")
            index.save(index_dir)
            service.swap(index)
        service.reports = (*corpus.reports, *service.reports)[:500]
        say(1.0, "saving")
        return corpus.reports


def _copied(files: Sequence[Path], folder: Path) -> list[Path]:
    """The files under safe, distinct names: the reader goes by the extension, and reports show the name."""
    copies: list[Path] = []
    for number, file in enumerate(files):
        target = folder / safe_name(file.name)
        if target.exists():
            target = folder / f"{number}-{target.name}"
        shutil.copyfile(file, target)
        copies.append(target)
    return copies


def rebuilt(old: Index, corpus: Corpus) -> Index:
    """The index with the corpus' documents added or replaced; unchanged texts keep their vectors."""
    from index.retrieval import Index, merged

    everything, _ = merged(old, corpus)
    return Index.build(everything, encoder=old.encoder, reuse=old, config=old.config)


def with_encoder(service: Service, name: str, index_dir: str) -> None:
    """Embed all documents with another encoder, save and swap.

    Raises UploadError while another rebuild is under way, and ``index.encoder.EncoderError``.
    """
    from index.encoder import open_encoder
    from index.retrieval import Index, merged

    with service.rebuilding():
        old = service.engine.index
        everything, _ = merged(old, None)
        index = Index.build(everything, encoder=open_encoder(name), config=old.config)
        index.save(index_dir)
        service.swap(index)
