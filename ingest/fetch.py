"""Official documents by symbol, from the United Nations Official Document System.

    python -m ingest fetch CAC/COSP/2017/4 A/RES/58/4 --language zh -o documents/
    python -m ingest fetch A/RES/58/4 --type docx -o documents/

Every file is checked (type by its first bytes, length, end of file), gets a row in documents.csv
with its checksum and address, and is not fetched again while the checksum holds. One request at a
time with a pause between them; 429 and server errors are retried with growing pauses.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import http.client
import os
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO, Any

from ingest.metadata import CATALOGUE

SERVER = "https://documents.un.org/api/symbol/access"
USER_AGENT = "uncac-rag/0.1 (reads single official documents by symbol; one request at a time)"
LANGUAGES = ("zh", "en", "fr", "ru", "es", "ar")
TYPES = {"pdf": b"%PDF-", "docx": b"PK\x03\x04", "doc": b"\xd0\xcf\x11\xe0"}
MAX_BYTES = 256 * 1024**2
COLUMNS = ("file", "symbol", "title", "date", "session", "language", "sha256", "url", "retrieved")
_SYMBOL = re.compile(r"[A-Z][A-Za-z0-9.()-]*(?:/[A-Za-z0-9.()*-]+)+")
_RETRIED = {408, 425, 429, 500, 502, 503, 504}


class FetchError(Exception):
    """A document that cannot be had; the message says why, in one line."""


class _Again(Exception):
    """An attempt that failed in a way that may pass; ``pause`` is what the server asked for, in seconds."""

    def __init__(self, reason: str, pause: float | None = None) -> None:
        super().__init__(reason)
        self.pause = pause


@dataclass(frozen=True, slots=True)
class Fetched:
    """One document on disk, its address and checksum; ``fresh`` is False if it was there already."""

    symbol: str
    path: Path
    sha256: str
    url: str
    fresh: bool


@dataclass(slots=True)
class Fetcher:
    """Downloads documents into a folder. ``pause`` seconds lie between requests, ``sleep`` is for tests."""

    folder: Path
    language: str = "zh"
    kind: str = "pdf"
    server: str = SERVER
    pause: float = 2.0
    attempts: int = 5
    timeout: float = 60.0
    sleep: Callable[[float], None] = time.sleep
    _asked: bool = field(default=False, init=False)

    def fetch(self, symbol: str) -> Fetched:
        """One document by its symbol. Raises FetchError when it cannot be had."""
        if not _SYMBOL.fullmatch(symbol):
            raise FetchError(f"{symbol!r} is no document symbol such as CAC/COSP/2017/4")
        target = self.folder / file_name(symbol, self.language, self.kind)
        row = _rows(self.folder).get(target.name)
        if row is not None and target.is_file() and row.get("sha256") == _sha256(target):
            return Fetched(symbol, target, row["sha256"], row.get("url", ""), fresh=False)
        self.folder.mkdir(parents=True, exist_ok=True)
        part = target.with_name(target.name + ".part")
        url = self._download(symbol, part)
        digest = _sha256(part)
        os.replace(part, target)
        _record(self.folder, symbol, target.name, self.language, digest, url)
        return Fetched(symbol, target, digest, url, fresh=True)

    def _download(self, symbol: str, part: Path) -> str:
        """Write the document to ``part``; what an earlier attempt left is continued, not fetched again."""
        query = urllib.parse.urlencode({"s": symbol, "l": self.language, "t": self.kind})
        wait = 2.0
        for attempt in range(1, self.attempts + 1):
            if self._asked:
                self.sleep(self.pause)
            self._asked = True
            try:
                return self._attempt(symbol, f"{self.server}?{query}", part)
            except _Again as again:
                if attempt == self.attempts:
                    raise FetchError(f"{symbol}: {again} ({attempt} attempts); try again later") from again
                self.sleep(min(again.pause if again.pause is not None else wait, 120.0))
                wait *= 2
        raise FetchError(f"{symbol}: no attempt was allowed")

    def _attempt(self, symbol: str, url: str, part: Path) -> str:
        have = part.stat().st_size if part.is_file() else 0
        headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
        if have:
            headers["Range"] = f"bytes={have}-"
        opener = urllib.request.build_opener(_SameSite(self.server))
        try:
            with opener.open(urllib.request.Request(url, headers=headers), timeout=self.timeout) as response:
                self._save(symbol, response, part, have)
                return str(response.url)
        except urllib.error.HTTPError as error:
            if error.code == 416 and have:
                part.unlink()
                raise _Again("the part fetched before is no longer valid") from error
            if error.code in _RETRIED:
                raise _Again(f"the server answered {error.code}", _retry_after(error.headers)) from error
            if error.code in (404, 410):
                wanted = f"in {self.language} as {self.kind}"
                raise FetchError(f"{symbol}: there is no such document {wanted} ({error.code})") from error
            raise FetchError(f"{symbol}: the server answered {error.code} {error.reason}") from error
        except (urllib.error.URLError, TimeoutError, http.client.HTTPException, ConnectionError) as error:
            raise _Again(f"no connection ({getattr(error, 'reason', error)})") from error

    def _save(self, symbol: str, response: Any, part: Path, have: int) -> None:
        resumed = response.status == 206 and have > 0
        have = have if resumed else 0
        declared = response.headers.get("Content-Length")
        total = have + int(declared) if declared and declared.isdigit() else None
        if total is not None and total > MAX_BYTES:
            raise FetchError(f"{symbol}: the document has {total / 1e6:.0f} MB, more than allowed")
        with part.open("ab" if resumed else "wb") as out:
            size = have + _copy(response, out, symbol)
        if total is not None and size < total:
            raise _Again(f"the connection broke off after {size} of {total} bytes")
        self._check(symbol, part, response.headers.get("Content-Type") or "")

    def _check(self, symbol: str, part: Path, content_type: str) -> None:
        """The file is what was asked for; error pages come with status 200 and any type."""
        with part.open("rb") as stream:
            start = stream.read(1024)
            stream.seek(max(0, part.stat().st_size - 2048))
            end = stream.read()
        if not start.startswith(TYPES[self.kind]):
            part.unlink()
            is_page = b"<html" in start.lower() or b"<!doctype" in start.lower() or "html" in content_type
            what = "a web page" if is_page else f"something else ({content_type or 'no type'})"
            raise FetchError(
                f"{symbol}: the server sent {what} instead of a {self.kind} file; the document may not exist "
                f"in {self.language} or as {self.kind}"
            )
        if self.kind == "pdf" and b"%%EOF" not in end:
            part.unlink()
            raise _Again("the file ends too early")


class _SameSite(urllib.request.HTTPRedirectHandler):
    """Follows redirects within the server and within un.org, over https where the server has it."""

    def __init__(self, server: str) -> None:
        self._home = urllib.parse.urlsplit(server)

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        """The next request, or FetchError when the address leaves the site."""
        target = urllib.parse.urlsplit(newurl)
        host = (target.hostname or "").lower()
        known = host == self._home.hostname or host == "un.org" or host.endswith(".un.org")
        if not known or target.scheme not in ("https", self._home.scheme):
            raise FetchError(f"the server points to another site ({host or newurl}); it was not followed")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def file_name(symbol: str, language: str, kind: str) -> str:
    """``CAC/COSP/2017/4`` -> ``CAC_COSP_2017_4_zh.pdf``."""
    return f"{re.sub(r'[^A-Za-z0-9.()-]+', '_', symbol)}_{language}.{kind}"


def _copy(response: Any, out: IO[bytes], symbol: str) -> int:
    size = 0
    try:
        while chunk := response.read(1 << 16):
            size += len(chunk)
            if size > MAX_BYTES:
                raise FetchError(f"{symbol}: the document has over {MAX_BYTES / 1e6:.0f} MB")
            out.write(chunk)
    except (http.client.IncompleteRead, ConnectionError, TimeoutError) as error:
        raise _Again(f"the connection broke off after {size} bytes") from error
    return size


def _retry_after(headers: Message) -> float | None:
    """What a Retry-After header asks for, in seconds: a number or a date."""
    value = headers.get("Retry-After")
    if value is None:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _rows(folder: Path) -> dict[str, dict[str, str]]:
    """The rows of the folder's catalogue by file name."""
    path = folder / CATALOGUE
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return {row["file"]: row for row in csv.DictReader(stream) if row.get("file")}


def _record(folder: Path, symbol: str, name: str, language: str, digest: str, url: str) -> None:
    """Add or replace a document's row; a user's own rows and columns stay."""
    rows = _rows(folder)
    row = rows.setdefault(name, {"file": name})
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    row |= {"symbol": symbol, "language": language, "sha256": digest, "url": url, "retrieved": now}
    columns = list(dict.fromkeys([*(c for r in rows.values() for c in r if c), *COLUMNS]))
    columns.sort(key=lambda column: COLUMNS.index(column) if column in COLUMNS else len(COLUMNS))
    scratch = folder / f".{CATALOGUE}.new"
    with scratch.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows.values())
    os.replace(scratch, folder / CATALOGUE)


def main(arguments: Sequence[str]) -> int:
    """Exit code 0 when all were fetched, 1 when some were, 2 when none was."""
    parser = argparse.ArgumentParser(
        prog="python -m ingest fetch",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("symbols", nargs="+", metavar="SYMBOL")
    parser.add_argument("--language", choices=LANGUAGES, default="zh")
    parser.add_argument("--type", choices=sorted(TYPES), default="pdf", dest="kind")
    parser.add_argument("-o", "--output", type=Path, default=Path("documents"), metavar="DIR")
    parser.add_argument("--pause", type=float, default=2.0, help="seconds between requests (default 2)")
    parser.add_argument("--server", default=SERVER, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    fetcher = Fetcher(options.output, options.language, options.kind, options.server, max(0.0, options.pause))
    failed = 0
    for symbol in dict.fromkeys(options.symbols):
        try:
            got = fetcher.fetch(symbol)
        except (FetchError, OSError, csv.Error, UnicodeError) as error:
            failed += 1
            print(f"python -m ingest fetch: {error}", file=sys.stderr)
            continue
        state = "fetched" if got.fresh else "already there"
        print(f"{symbol}: {state}: {got.path} ({got.path.stat().st_size} bytes, sha256 {got.sha256[:12]}…)")
    return 0 if not failed else 2 if failed == len(dict.fromkeys(options.symbols)) else 1
