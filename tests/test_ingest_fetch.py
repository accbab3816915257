"""Fetching by symbol against a local server that behaves as the real one does, its bad days included."""

from __future__ import annotations

import csv
import hashlib
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from ingest.__main__ import main
from ingest.fetch import Fetcher, FetchError, file_name
from ingest.metadata import read_catalogue

PDF = b"%PDF-1.7\n" + b"x" * 100_000 + b"\n%%EOF\n"
PAGE = b"<!DOCTYPE html><html><body>There is no document matching your request.</body></html>"


class Handler(BaseHTTPRequestHandler):
    """/access redirects to /doc/NAME; what that answers depends on the symbol and how often it was asked."""

    def log_message(self, *args):
        pass

    def do_GET(self):
        address = urlsplit(self.path)
        if address.path == "/access":
            self.server.asked.append((dict(self.headers), parse_qs(address.query)))
            symbol = parse_qs(address.query)["s"][0]
            if symbol == "A/AWAY/1":
                self.answer(302, headers={"Location": "http://evil.example/file.pdf"})
                return
            self.answer(302, headers={"Location": f"/doc/{symbol.replace('/', '-')}"})
            return
        name = address.path.rpartition("/")[2]
        self.server.counts[name] += 1
        self.document(name, self.server.counts[name])

    def document(self, name, time):
        kind = {"Content-Type": "application/pdf"}
        if name == "A-NONE-1":
            self.answer(404, PAGE)
        elif name == "A-PAGE-1":
            self.answer(200, PAGE, {"Content-Type": "text/html"})
        elif name == "A-LIE-1":
            self.answer(200, PAGE, kind)
        elif name == "A-BUSY-1" and time < 3:
            self.answer(429, b"", {"Retry-After": "7"})
        elif name == "A-DOWN-1":
            self.answer(503, b"")
        elif name == "A-CUT-1" and time == 1:
            self.answer(200, PDF, kind, sent=len(PDF) // 3)
        elif name == "A-SHORT-1":
            self.answer(200, PDF[:-20], kind)
        elif start := self.headers.get("Range"):
            first = int(start.partition("=")[2].rstrip("-"))
            self.server.resumed.append(first)
            self.answer(206, PDF[first:], kind)
        else:
            self.answer(200, PDF, kind)

    def answer(self, status, body=b"", headers=None, sent=None):
        self.send_response(status)
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if sent is None else body[:sent])


@pytest.fixture
def server():
    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.asked, running.counts, running.resumed = [], Counter(), []
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()


@pytest.fixture
def fetcher(server, tmp_path):
    waits = []
    made = Fetcher(
        tmp_path / "docs", server=f"http://127.0.0.1:{server.server_port}/access", sleep=waits.append
    )
    return made, waits


def test_a_document_is_fetched_checked_and_catalogued(server, fetcher):
    got = fetcher[0].fetch("CAC/COSP/2017/4")
    assert got.path.name == "CAC_COSP_2017_4_zh.pdf"
    assert got.path.read_bytes() == PDF
    assert got.sha256 == hashlib.sha256(PDF).hexdigest()
    headers, query = server.asked[0]
    assert query == {"s": ["CAC/COSP/2017/4"], "l": ["zh"], "t": ["pdf"]}
    assert headers["User-Agent"].startswith("uncac-rag/")
    with (got.path.parent / "documents.csv").open(encoding="utf-8") as stream:
        (row,) = csv.DictReader(stream)
    assert (row["file"], row["symbol"], row["sha256"]) == (got.path.name, "CAC/COSP/2017/4", got.sha256)
    assert row["url"].endswith("/doc/CAC-COSP-2017-4")
    assert read_catalogue(got.path.parent)[got.path.name].symbol == "CAC/COSP/2017/4"


def test_a_second_run_asks_nobody_unless_the_file_changed(server, fetcher):
    first = fetcher[0].fetch("A/RES/58/4")
    assert fetcher[0].fetch("A/RES/58/4").fresh is False
    assert server.counts["A-RES-58-4"] == 1
    first.path.write_bytes(b"changed")
    assert fetcher[0].fetch("A/RES/58/4").fresh is True
    assert first.path.read_bytes() == PDF


def test_requests_are_spaced_and_429_waits_as_long_as_the_server_asks(server, fetcher):
    made, waits = fetcher
    made.fetch("A/RES/58/4")
    made.fetch("A/BUSY/1")
    assert server.counts["A-BUSY-1"] == 3
    assert waits == [2.0, 7.0, 2.0, 7.0, 2.0]


def test_a_broken_download_is_continued_where_it_broke_off(server, fetcher):
    got = fetcher[0].fetch("A/CUT/1")
    assert got.path.read_bytes() == PDF
    assert server.resumed == [len(PDF) // 3]
    assert not list(got.path.parent.glob("*.part"))


@pytest.mark.parametrize(
    ("symbol", "words"),
    [
        ("A/NONE/1", "no such document"),
        ("A/PAGE/1", "a web page instead of a pdf"),
        ("A/LIE/1", "a web page instead of a pdf"),
        ("A/DOWN/1", "503"),
        ("A/SHORT/1", "ends too early"),
        ("A/AWAY/1", "another site"),
        ("../../etc/passwd", "no document symbol"),
    ],
)
def test_what_cannot_be_had_says_why_and_leaves_nothing_behind(fetcher, symbol, words):
    with pytest.raises(FetchError, match=words):
        fetcher[0].fetch(symbol)
    assert not fetcher[0].folder.exists() or not list(fetcher[0].folder.glob("*.pdf"))


def test_a_users_own_rows_and_columns_stay(fetcher):
    made = fetcher[0]
    made.folder.mkdir()
    (made.folder / "documents.csv").write_text(
        "file,symbol,title,date,session,note\nmine.txt,X/1,甲,,,看过\n", encoding="utf-8"
    )
    made.fetch("A/RES/58/4")
    with (made.folder / "documents.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert (rows[0]["file"], rows[0]["note"], rows[1]["symbol"]) == ("mine.txt", "看过", "A/RES/58/4")


def test_the_command_tells_what_it_did_and_goes_on_after_a_failure(server, tmp_path, capsys):
    address = f"http://127.0.0.1:{server.server_port}/access"
    options = ["--server", address, "--pause", "0", "-o", str(tmp_path)]
    assert main(["fetch", "A/NONE/1", "A/RES/58/4", *options]) == 1
    out = capsys.readouterr()
    assert "A/RES/58/4: fetched" in out.out
    assert "A/NONE/1: there is no such document" in out.err
    assert main(["fetch", "A/NONE/1", *options]) == 2
    assert main(["fetch", "A/RES/58/4", *options]) == 0
    assert "already there" in capsys.readouterr().out


def test_file_names_are_safe():
    assert file_name("A/C.1/58/L.2(Part I)/Add.1", "zh", "docx") == "A_C.1_58_L.2(Part_I)_Add.1_zh.docx"
