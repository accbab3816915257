"""Archives: their documents are read like a folder's, hostile members are refused one by one."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest
from word_package import p, package

from ingest.archive import Archive, kind
from ingest.corpus import load
from ingest.source import ReadError

TEXT = "1. 甲。\n\n2. 乙。\n\n3. 丙。\n"


def packed(path: Path, **members: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


def test_documents_of_an_archive_are_read_with_its_catalogue(tmp_path):
    word = package(tmp_path / "w.docx", p("1. 丁。") + p("2. 戊。")).read_bytes()
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("会议/b.docx", word)
        archive.writestr("会议/a.txt", TEXT)
        archive.writestr("会议/documents.csv", "file,symbol,title,date,session\na.txt,A/1,甲文,2024-01-02,\n")
        archive.writestr("会议/readme.md", "说明")
        archive.writestr("__MACOSX/a.txt", "x")
        archive.writestr("会议/.hidden.txt", "x")
    corpus = load([path])
    assert [(d.id, d.title, d.source) for d in corpus.documents] == [
        ("A/1", "甲文", "a.txt"),
        ("b", "b", "b.docx"),
    ]
    assert [r.path for r in corpus.reports] == [f"{path}/会议/a.txt", f"{path}/会议/b.docx"]
    assert [q.id for q in corpus.paragraphs] == ["A/1#1", "A/1#2", "A/1#3", "b#1", "b#2"]


def test_names_in_gb18030_are_legible(tmp_path):
    # zipfile flags every non-ASCII name as UTF-8, so an ASCII name of equal length is patched afterwards.
    raw = "报告.txt".encode("gb18030")
    path = packed(tmp_path / "gbk.zip", **{"x" * len(raw): TEXT})
    path.write_bytes(path.read_bytes().replace(b"x" * len(raw), raw))
    assert [member.name for member in Archive(path).members()] == ["报告.txt"]
    assert [d.id for d in load([path]).documents] == ["报告"]


def test_hostile_members_are_refused_and_the_rest_is_read(tmp_path):
    path = tmp_path / "evil.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("good.txt", TEXT)
        archive.writestr("../../escape.txt", TEXT)
        archive.writestr("/absolute.txt", TEXT)
        archive.writestr("C:\\windows.txt", TEXT)
        archive.writestr("inner.zip", "PK")
        archive.writestr("bomb.txt", bytes(60_000_000))
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("table.xlsx", "x")
    corpus = load([path])
    refused = {Path(r.path).name: r.message for r in corpus.reports if not r.read}
    assert [d.source for d in corpus.documents] == ["good.txt"]
    for name, word in {
        "escape.txt": "outside the archive", "absolute.txt": "outside the archive", "windows.txt": "outside the archive",
        "inner.zip": "inside an archive", "bomb.txt": "fold", "link.txt": "is a link", "table.xlsx": "unknown file type",
    }.items():  # fmt: skip
        assert word in refused[name], (name, refused[name])
    assert not (tmp_path.parent / "escape.txt").exists()


def test_a_member_that_unpacks_to_more_than_it_declares_is_stopped(tmp_path):
    path = packed(tmp_path / "a.zip", **{"a.txt": "甲" * 100_000})
    data = bytearray(path.read_bytes())
    size = (300_000).to_bytes(4, "little")
    assert data.count(size) == 2
    path.write_bytes(bytes(data).replace(size, (10).to_bytes(4, "little")))
    (report,) = load([path]).reports
    assert not report.read


@pytest.mark.parametrize("content", [b"PK\x03\x04damaged", b"", b"no archive"])
def test_damaged_archives_are_refused(tmp_path, content):
    path = tmp_path / "bad.zip"
    path.write_bytes(content)
    (report,) = load([path]).reports
    assert not report.read
    assert "\n" not in report.message


def test_an_archive_without_documents_says_so(tmp_path):
    reports = load([packed(tmp_path / "a.zip", **{"x.bin": "1"})]).reports
    assert "no readable file" in reports[0].message


def test_kind_tells_word_files_from_archives(tmp_path):
    assert kind(package(tmp_path / "a.docx", p("甲"))) == ".docx"
    assert kind(packed(tmp_path / "a.zip", **{"x.txt": "1"})) == ".zip"
    (tmp_path / "b.zip").write_bytes(b"PK")
    with pytest.raises(ReadError, match="damaged"):
        Archive(tmp_path / "b.zip")
