"""Folders packed as .zip: members are taken out one at a time, with their size and names checked."""

from __future__ import annotations

import posixpath
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ingest.source import ReadError

SUFFIX = ".zip"
MAX_MEMBERS = 5000
MAX_MEMBER_BYTES = 256 * 1024**2
MAX_TOTAL_BYTES = 2 * 1024**3
# Text compresses 5- to 20-fold; a member beyond this ratio that is also large is a bomb.
MAX_RATIO = 200
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive: its name inside, made legible, or why it is not opened."""

    name: str
    info: zipfile.ZipInfo
    fault: str = ""


def kind(path: Path) -> str:
    """What a zip file holds, as a suffix: .docx, .odt or .zip."""
    try:
        with zipfile.ZipFile(path) as packed:
            names = packed.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return path.suffix.lower()
    if any(name.startswith("word/") for name in names):
        return ".docx"
    return ".odt" if "content.xml" in names and "mimetype" in names else SUFFIX


class Archive:
    """An opened .zip. Raises ReadError when it is damaged or has too many members."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            raise ReadError(f"the archive is damaged ({error}); pack it again") from error
        self._taken = 0
        if len(self._zip.infolist()) > MAX_MEMBERS:
            count = len(self._zip.infolist())
            self._zip.close()
            raise ReadError(f"the archive has {count} members, more than the {MAX_MEMBERS} allowed; split it")

    def close(self) -> None:
        """Close the file."""
        self._zip.close()

    def members(self) -> Iterator[Member]:
        """Its files in name order; folders, hidden files and system files are passed over."""
        named = sorted((_legible(info), info) for info in self._zip.infolist() if not info.is_dir())
        for name, info in named:
            parts = PurePosixPath(name).parts
            if any(part.startswith((".", "__MACOSX")) for part in parts if part not in ("..", ".")):
                continue
            yield Member(name, info, _fault(name, info))

    def extract(self, member: Member, folder: Path) -> Path:
        """Write a member into a folder under its own last name and return its path.

        Raises ReadError when it is larger than allowed or declared, encrypted or damaged.
        """
        if member.fault:
            raise ReadError(member.fault)
        target = folder / PurePosixPath(member.name).name
        written = 0
        try:
            with self._zip.open(member.info) as stream, target.open("wb") as out:
                while chunk := stream.read(_CHUNK):
                    written += len(chunk)
                    self._taken += len(chunk)
                    if written > MAX_MEMBER_BYTES or self._taken > MAX_TOTAL_BYTES:
                        raise ReadError("it unpacks to more than allowed; unpack the archive by hand")
                    out.write(chunk)
        except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError) as error:
            raise ReadError(f"it cannot be unpacked ({error})") from error
        except ReadError:
            raise
        except Exception as error:  # zlib.error and lzma.LZMAError share no base class
            raise ReadError(f"it cannot be unpacked ({error})") from error
        return target


def _legible(info: zipfile.ZipInfo) -> str:
    """The member's name; without the UTF-8 flag Chinese Windows writes it in GB18030."""
    name = info.filename
    if not info.flag_bits & 0x800:
        try:
            name = name.encode("cp437").decode("gb18030")
        except UnicodeError:
            name = info.filename
    return name.replace("\\", "/")


def _fault(name: str, info: zipfile.ZipInfo) -> str:
    """Why a member must not be opened; "" for none."""
    pure = PurePosixPath(name)
    if (
        pure.is_absolute()
        or ".." in pure.parts
        or posixpath.splitdrive(name)[0]
        or ":" in name
        or "\x00" in name
    ):
        return "its name points outside the archive; it was not opened"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "it is a link, which an archive of documents does not need; it was not opened"
    if info.flag_bits & 0x1:
        return "it is encrypted; unpack the archive with its password first"
    if info.file_size > MAX_MEMBER_BYTES:
        return (
            f"it unpacks to {info.file_size / 1e6:.0f} MB, more than {MAX_MEMBER_BYTES / 1e6:.0f} MB allowed"
        )
    if info.file_size > 20_000_000 and info.file_size > MAX_RATIO * max(1, info.compress_size):
        return f"it unpacks {info.file_size // max(1, info.compress_size)}-fold, as no document does"
    if pure.suffix.lower() == SUFFIX:
        return "it is an archive inside an archive; unpack it first"
    return ""
