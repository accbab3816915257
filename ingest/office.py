"""Old Word, RTF and OpenDocument files: converted to .docx by LibreOffice, where that is installed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.source import ReadError

OFFICE_SUFFIXES = frozenset({".doc", ".rtf", ".odt"})
MAX_SECONDS = 120.0
MAX_BYTES = 64 * 1024**2
_PROGRAMS = ("soffice", "libreoffice", "/Applications/LibreOffice.app/Contents/MacOS/soffice")


def find_office() -> str | None:
    """The LibreOffice program on this machine, or None."""
    return next((found for name in _PROGRAMS if (found := shutil.which(name))), None)


@contextmanager
def converted(path: Path, suffix: str) -> Iterator[Path]:
    """A .docx copy of the file for the duration of the block.

    Raises ReadError without LibreOffice, when it fails or takes too long. It runs with an empty
    profile of its own, so that no macro, template or running window of the user has a part in it.
    """
    program = find_office()
    if program is None:
        raise ReadError(
            f"{suffix} files are read through LibreOffice, which is not installed; "
            "install it (Debian: apt-get install libreoffice-writer-nogui) or save the file as .docx"
        )
    if path.stat().st_size > MAX_BYTES:
        raise ReadError(f"the file has over {MAX_BYTES / 1e6:.0f} MB, too much to convert; save it as .docx")
    with tempfile.TemporaryDirectory(prefix="ingest-") as folder:
        # A plain name: what LibreOffice gets to see is neither an option nor a URL.
        source = Path(folder, "in", f"document{suffix}")
        source.parent.mkdir()
        shutil.copyfile(path, source)
        out = Path(folder, "out")
        _convert(program, source, out, Path(folder, "profile"))
        result = out / "document.docx"
        if not result.is_file():
            raise ReadError("LibreOffice could not read the file; it is damaged or needs a password")
        yield result


def _convert(program: str, source: Path, out: Path, profile: Path) -> None:
    command = [
        program, "--headless", "--norestore", "--nolockcheck", f"-env:UserInstallation={profile.as_uri()}",
        "--convert-to", "docx:Office Open XML Text", "--outdir", str(out), str(source),
    ]  # fmt: skip
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        process.wait(MAX_SECONDS)
    except subprocess.TimeoutExpired as error:
        # soffice starts the real program as a child of its own: the whole group must go.
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()
        raise ReadError(f"LibreOffice took more than {MAX_SECONDS:.0f} seconds; it was given up") from error
