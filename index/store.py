"""The index on disk: a folder that describes itself.

``manifest.json`` says what lies in the folder: format version, encoder, documents with the hash of
their text, and size and SHA-256 of every file. The files of one build lie in a subfolder of their own;
the manifest is written last and replaced in one step, so a reader sees the old index or the new one,
never half of either. Nothing is pickled.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest import Document, Footnote, Paragraph, Piece, SubItem

FORMAT = 1
MANIFEST = "manifest.json"
Arrays = Mapping[str, NDArray[Any]]


class StoreError(RuntimeError):
    """An index cannot be opened; the message says why and what to do."""


class IndexNotFound(StoreError):
    """There is no index in the folder."""


class IndexDamaged(StoreError):
    """Files are missing, changed, or of an unknown format."""


class EncoderMismatch(StoreError):
    """The index was built with another encoder than the one asked for."""


def write(
    folder: Path,
    *,
    documents: Iterable[Document],
    paragraphs: Iterable[Paragraph],
    arrays: Arrays,
    settings: Mapping[str, Any],
    fingerprint: str,
) -> None:
    """Write an index into the folder (made where absent); an index already there is replaced at once."""
    generation = f"{fingerprint}-{os.getpid()}"
    target = folder / generation
    working = folder / f".{generation}.tmp"
    shutil.rmtree(working, ignore_errors=True)
    working.mkdir(parents=True)
    try:
        _write_lines(working / "documents.jsonl", map(_document_row, documents))
        _write_lines(working / "paragraphs.jsonl", map(dataclasses.asdict, paragraphs))
        for name, array in arrays.items():
            np.save(working / f"{name}.npy", array, allow_pickle=False)
        files = {p.name: _describe(p) for p in sorted(working.iterdir())}
        shutil.rmtree(target, ignore_errors=True)
        working.rename(target)
    except BaseException:
        shutil.rmtree(working, ignore_errors=True)
        raise
    manifest = {"format": FORMAT, "fingerprint": fingerprint, "data": generation, **settings, "files": files}
    draft = folder / f".{MANIFEST}.{os.getpid()}"
    draft.write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    draft.replace(folder / MANIFEST)
    for old in folder.iterdir():
        if old.is_dir() and old != target and (old / "paragraphs.jsonl").is_file():
            shutil.rmtree(old, ignore_errors=True)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of the index in the folder; raises ``IndexNotFound`` or ``IndexDamaged``."""
    path = folder / MANIFEST
    if not path.is_file():
        raise IndexNotFound(
            f"There is no index in {folder}. Build one: python -m index build DOCUMENTS --index {folder}"
        )
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        version, _ = manifest["format"], (manifest["fingerprint"], manifest["data"], manifest["files"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexDamaged(f"{path} cannot be read ({error!r}). {_rebuild(folder)}") from error
    if version != FORMAT:
        raise IndexDamaged(
            f"The index in {folder} has format {version}, this program reads {FORMAT}. {_rebuild(folder)}"
        )
    return dict(manifest)


def read(folder: Path) -> tuple[dict[str, Any], list[Document], list[Paragraph], dict[str, NDArray[Any]]]:
    """Manifest, documents, paragraphs and arrays of the index in the folder, every file checked.

    Where the index is replaced while it is read, the new one is read instead.
    """
    manifest = read_manifest(folder)
    try:
        return (manifest, *_read_files(folder, manifest))
    except IndexDamaged:
        if read_manifest(folder)["data"] == manifest["data"]:
            raise
        manifest = read_manifest(folder)
        return (manifest, *_read_files(folder, manifest))


def _read_files(
    folder: Path, manifest: Mapping[str, Any]
) -> tuple[list[Document], list[Paragraph], dict[str, NDArray[Any]]]:
    place = folder / str(manifest["data"])
    for name, expected in manifest["files"].items():
        path = place / name
        if not path.is_file():
            raise IndexDamaged(f"{path} is missing. {_rebuild(folder)}")
        if _describe(path) != expected:
            raise IndexDamaged(
                f"{path} is not the file that was written (size or hash differ). {_rebuild(folder)}"
            )
    try:
        documents = [_document(row) for row in _read_lines(place / "documents.jsonl")]
        paragraphs = [_paragraph(row) for row in _read_lines(place / "paragraphs.jsonl")]
        arrays = {
            name.removesuffix(".npy"): np.load(place / name, allow_pickle=False)
            for name in manifest["files"]
            if name.endswith(".npy")
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexDamaged(f"{place} cannot be read ({error!r}). {_rebuild(folder)}") from error
    return documents, paragraphs, arrays


def _rebuild(folder: Path) -> str:
    return f"Build it again: python -m index build DOCUMENTS --index {folder}"


def _describe(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def _write_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", errors="surrogatepass", newline="\n") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _read_lines(path: Path) -> list[dict[str, Any]]:
    with path.open(
        encoding="utf-8", errors="surrogatepass"
    ) as file:  # not splitlines: U+2028 may stand inside a text
        return [json.loads(line) for line in file]


def _document_row(document: Document) -> dict[str, Any]:
    row = {f.name: getattr(document, f.name) for f in dataclasses.fields(document) if f.name != "pieces"}
    return {**row, "pieces": [[p.kind, p.start, p.end, p.name] for p in document.pieces]}


def _document(row: dict[str, Any]) -> Document:
    return Document(**{**row, "pieces": tuple(Piece(*piece) for piece in row["pieces"])})


def _paragraph(row: dict[str, Any]) -> Paragraph:
    nested = {
        "section": tuple(row["section"]),
        "sub_items": tuple(SubItem(**item) for item in row["sub_items"]),
        "footnotes": tuple(Footnote(**note) for note in row["footnotes"]),
    }
    return Paragraph(**{**row, **nested})
