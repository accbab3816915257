"""The parts of a .docx package, read with the limits of an untrusted file."""

from __future__ import annotations

import posixpath
import zipfile
from io import BytesIO
from pathlib import Path

from ingest.source import ReadError
from ingest.word_numbering import Element

# One part of the package, unpacked: a document of 3 000 pages has some 30 MB of XML.
MAX_PART_BYTES = 40 * 1024 * 1024
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class Package:
    """The parts of a .docx file, each read with a limit on its unpacked size."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as stream:
            start = stream.read(8)
        if start == _OLE:
            raise ReadError(
                "the file is encrypted or an old .doc file; save it without a password as .docx and try again"
            )
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            raise ReadError(f"the file is no Word document or is damaged ({error})") from error
        self._names = {name.lower(): name for name in self._zip.namelist()}

    def read(self, name: str) -> bytes | None:
        """The bytes of a part; None if there is none. Raises ReadError if too large or damaged."""
        stored = self._names.get(name.lower().lstrip("/"))
        if stored is None:
            return None
        info = self._zip.getinfo(stored)
        if info.file_size > MAX_PART_BYTES:
            raise ReadError(
                f"its part {stored} unpacks to {info.file_size / 1e6:.0f} MB, "
                f"more than the {MAX_PART_BYTES / 1e6:.0f} MB allowed"
            )
        if info.flag_bits & 0x1:
            raise ReadError("the file is encrypted; save it without a password and try again")
        try:
            with self._zip.open(info) as stream:
                data = stream.read(MAX_PART_BYTES + 1)
        except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError) as error:
            raise ReadError(f"its part {stored} is damaged ({error})") from error
        except Exception as error:  # zlib.error and lzma.LZMAError share no base class
            raise ReadError(f"its part {stored} is damaged ({error})") from error
        if len(data) > MAX_PART_BYTES:
            raise ReadError(f"its part {stored} unpacks to more than it declares")
        return data

    def tree(self, name: str) -> Element | None:
        """A part as an XML tree; None if there is none. Entities and document types are refused."""
        from lxml import etree  # type: ignore[import-untyped]

        data = self.read(name)
        if data is None:
            return None
        if b"<!DOCTYPE" in data[:65536] or b"<!ENTITY" in data[:65536]:
            raise ReadError(
                f"its part {name} declares XML entities, which Word never writes; it was not opened"
            )
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            return etree.parse(BytesIO(data), parser).getroot()
        except etree.XMLSyntaxError as error:
            raise ReadError(f"its part {name} is damaged XML ({error.msg})") from error

    def targets(self, part: str, kind: str) -> list[str]:
        """The parts of a kind that a part refers to (its relationships), in file order."""
        folder, name = posixpath.split(part)
        tree = self.tree(posixpath.join(folder, "_rels", name + ".rels"))
        found: list[str] = []
        for relation in tree if tree is not None else ():
            inside = relation.get("TargetMode") != "External"
            if inside and str(relation.get("Type", "")).rpartition("/")[2] == kind:
                target = str(relation.get("Target", ""))
                found.append(posixpath.normpath(posixpath.join("/" + folder, target)).lstrip("/"))
        return found

    def first(self, part: str, kind: str) -> Element | None:
        """The tree of the first part of a kind, or None."""
        names = self.targets(part, kind)
        return self.tree(names[0]) if names else None
