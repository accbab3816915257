"""Files and folders -> documents and paragraphs, with a report on every file."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from ingest import metadata
from ingest.archive import SUFFIX as ARCHIVE_SUFFIX
from ingest.archive import Archive, kind
from ingest.metadata import CATALOGUE, CatalogueError, Metadata
from ingest.paragraphs import Document, Paragraph
from ingest.readers import SUFFIXES, read
from ingest.source import ReadError, Source
from ingest.structure import structure
from ingest.writer import Structure


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
    reading = _Reading()
    files, faults = _expand(paths)
    reading.reports += faults
    for path in _with_progress(files, progress):
        if path.suffix.lower() == ARCHIVE_SUFFIX and path.is_file() and kind(path) == ARCHIVE_SUFFIX:
            reading.archive(path)
        else:
            reading.file(path)
    return Corpus(tuple(reading.documents), tuple(reading.paragraphs), tuple(reading.reports))


class _Reading:
    """What has been read so far; ``taken`` counts the document ids in use."""

    def __init__(self) -> None:
        self.documents: list[Document] = []
        self.paragraphs: list[Paragraph] = []
        self.reports: list[FileReport] = []
        self.taken: Counter[str] = Counter()
        self._catalogues: dict[Path, dict[str, Metadata]] = {}

    def file(self, path: Path) -> None:
        """Read one file with the row that the catalogue beside it has for it."""
        self._read(path, str(path), self._catalogued(path.parent).get(path.name, Metadata()))

    def archive(self, path: Path) -> None:
        """Read the files of a .zip one after the other; each has a report of its own."""
        try:
            packed = Archive(path)
        except (ReadError, OSError) as error:
            self.reports.append(FileReport(str(path), "refused", str(error)))
            return
        members = list(packed.members())
        if not any(PurePosixPath(member.name).suffix.lower() in SUFFIXES for member in members):
            self.reports.append(FileReport(str(path), "refused", "the archive holds no readable file"))
        catalogues: dict[str, dict[str, Metadata]] = {}
        for member in members:
            inside = PurePosixPath(member.name)
            if inside.name.lower().startswith("readme.") or (inside.name == CATALOGUE and not member.fault):
                continue
            folder = str(inside.parent)
            with tempfile.TemporaryDirectory(prefix="ingest-") as scratch:
                shown = f"{path}/{member.name}"
                if folder not in catalogues:
                    catalogues[folder] = self._packed_catalogue(packed, folder, Path(scratch), shown)
                try:
                    unpacked = packed.extract(member, Path(scratch))
                except ReadError as error:
                    self.reports.append(FileReport(shown, "refused", str(error)))
                    continue
                self._read(unpacked, shown, catalogues[folder].get(inside.name, Metadata()))
        packed.close()

    def _packed_catalogue(
        self, packed: Archive, folder: str, scratch: Path, shown: str
    ) -> dict[str, Metadata]:
        for member in packed.members():
            inside = PurePosixPath(member.name)
            if inside.name == CATALOGUE and str(inside.parent) == folder and not member.fault:
                try:
                    packed.extract(member, scratch)
                    return metadata.read_catalogue(scratch)
                except (CatalogueError, ReadError) as error:
                    message = str(error).replace(str(scratch), str(Path(shown).parent))
                    self.reports.append(FileReport(str(Path(shown).parent / CATALOGUE), "refused", message))
        return {}

    def _catalogued(self, folder: Path) -> dict[str, Metadata]:
        if folder not in self._catalogues:
            try:
                self._catalogues[folder] = metadata.read_catalogue(folder)
            except CatalogueError as error:
                self._catalogues[folder] = {}
                self.reports.append(FileReport(str(folder / CATALOGUE), "refused", str(error)))
        return self._catalogues[folder]

    def _read(self, path: Path, shown: str, catalogued: Metadata) -> None:
        try:
            source = read(path)
        except ReadError as error:
            self.reports.append(FileReport(shown, "refused", str(error)))
            return
        document, paragraphs, warnings = _document(source, path, catalogued, self.taken)
        if not paragraphs:
            self.reports.append(FileReport(shown, "refused", "no paragraph was found in it"))
            return
        self.documents.append(document)
        self.paragraphs += paragraphs
        self.reports.append(_report(shown, document, paragraphs, source, warnings))


def _document(
    source: Source, path: Path, catalogued: Metadata, taken: Counter[str]
) -> tuple[Document, tuple[Paragraph, ...], list[str]]:
    """A read file as a document with its paragraphs, and what seemed odd.

    ``taken`` counts the document ids in use: the same symbol a second time gets ``~2`` appended.
    """
    layout = source.layout
    built = structure(layout, "")
    cover = [line for p in built.paragraphs if p.kind == "cover" for line in p.text.split("\n")]
    found = metadata.merge(catalogued, metadata.from_cover(cover, layout.symbol_hint))
    base = found.symbol or path.stem
    warnings = list(layout.warnings + built.warnings)
    if built.paragraphs:
        taken[base] += 1
    doc_id = base if taken[base] < 2 else f"{base}~{taken[base]}"
    if taken[base] > 1:
        warnings.append(f"another file has the symbol {base} too; this one is cited as {doc_id}")
    built = _named(built, doc_id)
    document = Document(
        doc_id, found.symbol, found.title or path.stem, found.date, found.session, "zh",
        layout.text, path.name, source.format, source.encoding, built.pieces,
    )  # fmt: skip
    return document, built.paragraphs, warnings


def _named(built: Structure, doc_id: str) -> Structure:
    """The structure of a document whose id became known only from its cover."""
    paragraphs = tuple(replace(p, id=doc_id + p.id, doc_id=doc_id) for p in built.paragraphs)
    pieces = tuple(
        replace(piece, name=doc_id + piece.name) if piece.kind in ("paragraph", "footnote") else piece
        for piece in built.pieces
    )
    return replace(built, paragraphs=paragraphs, pieces=pieces)


def _report(
    shown: str, document: Document, paragraphs: Sequence[Paragraph], source: Source, warnings: list[str]
) -> FileReport:
    account, lost = account_of(document)
    furniture = Counter(piece.name for piece in document.pieces if piece.kind == "furniture")
    if lost:
        warnings.append(f"{lost} characters could not be placed")
    return FileReport(
        path=shown,
        status="read",
        document_id=document.id,
        format=document.format,
        encoding=document.encoding,
        pages=source.pages,
        paragraphs=len(paragraphs),
        footnotes=sum(len(p.footnotes) for p in paragraphs),
        account=account,
        lost=lost,
        furniture=dict(furniture),
        repairs=source.layout.repairs,
        warnings=tuple(dict.fromkeys(warnings)),
    )


def account_of(document: Document) -> tuple[dict[str, int], int]:
    """Non-space characters by what they became, and how many are in no piece or in two."""
    account: Counter[str] = Counter()
    lost, position = 0, 0
    for piece in sorted(document.pieces, key=lambda piece: piece.start):
        account[piece.kind] += _inked(document.text[piece.start : piece.end])
        lost += _inked(document.text[position : piece.start])
        lost += _inked(document.text[piece.start : min(position, piece.end)])
        position = max(position, piece.end)
    return dict(account), lost + _inked(document.text[position:])


def _inked(text: str) -> int:
    """How many characters are not white space."""
    return len("".join(text.split()))


def _expand(paths: Sequence[Path]) -> tuple[list[Path], list[FileReport]]:
    """The files named, with folders walked; hidden files and the catalogue are passed over."""
    files: list[Path] = []
    faults: list[FileReport] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(_walk(path, faults))
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
    return " ".join(sorted(SUFFIXES))


def _walk(folder: Path, faults: list[FileReport]) -> Iterable[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in folders:
            if Path(name).suffix.lower() in SUFFIXES:
                where = Path(root) / name
                faults.append(FileReport(str(where), "refused", "it is a folder; the files in it are read"))
        for name in names:
            if not name.startswith(".") and name != CATALOGUE and not name.lower().startswith("readme."):
                yield Path(root) / name


def _with_progress(files: list[Path], progress: bool) -> Iterable[Path]:
    if not progress or len(files) < 3:
        return files
    from tqdm import tqdm

    bar: Iterable[Path] = tqdm(files, desc="reading", unit="file", leave=False)
    return bar
