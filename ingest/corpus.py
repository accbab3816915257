"""Files and folders -> documents and paragraphs, with a report on every file."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest import metadata
from ingest.metadata import CATALOGUE, CatalogueError, Metadata
from ingest.paragraphs import Document, Paragraph
from ingest.readers import READERS, read
from ingest.source import ReadError
from ingest.structure import structure


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file.

    ``account`` counts the non-space characters of the text by what they became (paragraph, heading,
    footnote, furniture); ``lost`` counts those in none, which is zero unless a reader has a fault.
    """

    path: str
    status: str
    message: str = ""
    document_id: str | None = None
    format: str | None = None
    encoding: str | None = None
    pages: int | None = None
    paragraphs: int = 0
    footnotes: int = 0
    account: dict[str, int] = field(default_factory=dict)
    lost: int = 0
    furniture: dict[str, int] = field(default_factory=dict)
    repairs: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def read(self) -> bool:
        """Whether the file became a document."""
        return self.status == "read"


@dataclass(frozen=True, slots=True)
class Corpus:
    """The outcome of reading: documents, their paragraphs in order, and one report per file."""

    documents: tuple[Document, ...]
    paragraphs: tuple[Paragraph, ...]
    reports: tuple[FileReport, ...]


def load(paths: Sequence[Path], *, progress: bool = False) -> Corpus:
    """Read files and folders (recursively, in name order) into a corpus.

    Faults of single files end in their report, never in an exception; ``progress`` draws a bar on
    stderr when there is much to read.
    """
    documents: list[Document] = []
    paragraphs: list[Paragraph] = []
    reports: list[FileReport] = []
    files, faults = _expand(paths)
    reports += faults
    taken: Counter[str] = Counter()
    catalogues: dict[Path, dict[str, Metadata]] = {}
    for path in _with_progress(files, progress):
        catalogue, fault = _catalogue(path.parent, catalogues)
        reports += fault
        report, document, parts = read_file(path, catalogue.get(path.name, Metadata()), taken)
        reports.append(report)
        if document is not None:
            documents.append(document)
            paragraphs += parts
    return Corpus(tuple(documents), tuple(paragraphs), tuple(reports))


def read_file(
    path: Path, catalogued: Metadata, taken: Counter[str]
) -> tuple[FileReport, Document | None, tuple[Paragraph, ...]]:
    """One file as a document with its paragraphs, or a report that says why not.

    ``taken`` counts the document ids in use: the same symbol a second time gets ``~2`` appended.
    """
    try:
        source = read(path)
    except ReadError as error:
        return FileReport(str(path), "refused", str(error)), None, ()
    layout = source.layout
    provisional = structure(layout, "")
    cover = [line for p in provisional.paragraphs if p.kind == "cover" for line in p.text.split("\n")]
    found = metadata.merge(catalogued, metadata.from_cover(cover, layout.symbol_hint))
    base = found.symbol or path.stem
    taken[base] += 1
    doc_id = base if taken[base] == 1 else f"{base}~{taken[base]}"
    built = structure(layout, doc_id)
    document = Document(
        doc_id, found.symbol, found.title or path.stem, found.date, found.session, "zh",
        layout.text, path.name, source.format, source.encoding, built.pieces,
    )  # fmt: skip
    warnings = list(layout.warnings + built.warnings)
    if taken[base] > 1:
        warnings.append(f"another file has the symbol {base} too; this one is cited as {doc_id}")
    if not built.paragraphs:
        return FileReport(str(path), "refused", "no paragraph was found in it"), None, ()
    report = _report(path, document, built.paragraphs, source.pages, layout.repairs, warnings)
    return report, document, built.paragraphs


def _report(
    path: Path,
    document: Document,
    paragraphs: Sequence[Paragraph],
    pages: int | None,
    repairs: tuple[str, ...],
    warnings: list[str],
) -> FileReport:
    account, lost = account_of(document)
    furniture = Counter(piece.name for piece in document.pieces if piece.kind == "furniture")
    if lost:
        warnings.append(f"{lost} characters could not be placed")
    return FileReport(
        path=str(path),
        status="read",
        document_id=document.id,
        format=document.format,
        encoding=document.encoding,
        pages=pages,
        paragraphs=len(paragraphs),
        footnotes=sum(len(p.footnotes) for p in paragraphs),
        account=account,
        lost=lost,
        furniture=dict(furniture),
        repairs=repairs,
        warnings=tuple(dict.fromkeys(warnings)),
    )


def account_of(document: Document) -> tuple[dict[str, int], int]:
    """Non-space characters by what they became, and how many are in no piece or in two."""
    owners = bytearray(len(document.text))
    account: Counter[str] = Counter()
    for piece in document.pieces:
        stretch = document.text[piece.start : piece.end]
        account[piece.kind] += len(stretch) - sum(map(str.isspace, stretch))
        for position in range(piece.start, piece.end):
            owners[position] = min(owners[position] + 1, 2)
    lost = sum(1 for c, owner in zip(document.text, owners, strict=True) if owner != 1 and not c.isspace())
    return dict(account), lost


def _expand(paths: Sequence[Path]) -> tuple[list[Path], list[FileReport]]:
    """The files named, with folders walked; hidden files and the catalogue are passed over."""
    files: list[Path] = []
    faults: list[FileReport] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(_walk(path))
            if not inside:
                faults.append(
                    FileReport(str(path), "refused", f"the folder holds no readable file ({_known()})")
                )
            files += inside
        elif path.exists() or path.is_symlink():
            files.append(path)
        else:
            faults.append(FileReport(str(path), "refused", "there is no such file or folder"))
    return list(dict.fromkeys(files)), faults


def _known() -> str:
    return " ".join(sorted(READERS))


def _walk(folder: Path) -> Iterable[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            if not name.startswith(".") and name != CATALOGUE and not name.lower().startswith("readme."):
                yield Path(root) / name


def _catalogue(
    folder: Path, known: dict[Path, dict[str, Metadata]]
) -> tuple[dict[str, Metadata], list[FileReport]]:
    if folder in known:
        return known[folder], []
    try:
        known[folder] = metadata.read_catalogue(folder)
    except CatalogueError as error:
        known[folder] = {}
        return {}, [FileReport(str(folder / CATALOGUE), "refused", str(error))]
    return known[folder], []


def _with_progress(files: list[Path], progress: bool) -> Iterable[Path]:
    if not progress or len(files) < 3:
        return files
    from tqdm import tqdm

    bar: Iterable[Path] = tqdm(files, desc="reading", unit="file", leave=False)
    return bar
