"""Old Word, RTF and OpenDocument files through LibreOffice; without it a message that says so."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from word_package import definition, instance, lvl, p, package

from ingest import office
from ingest.corpus import load
from ingest.readers import read
from ingest.source import ReadError
from ingest.structure import structure

SHARED = Path(__file__).resolve().parents[2] / "shared"
needs_office = pytest.mark.skipif(office.find_office() is None, reason="LibreOffice is not installed")


@pytest.fixture
def word_file(tmp_path):
    numbering = definition(0, lvl(0, "decimal", "%1."), lvl(1, "lowerLetter", "(%2)")) + instance(1, 0)
    body = p("第一段：", numbering=(1, 0)) + p("甲；", numbering=(1, 1)) + p("第二段。", numbering=(1, 0))
    return package(tmp_path / "a.docx", body, numbering=numbering)


@needs_office
@pytest.mark.parametrize("form", ["doc", "odt"])
def test_numbers_survive_the_old_formats(word_file, form):
    profile = word_file.parent / "profile"
    subprocess.run(
        [office.find_office(), "--headless", f"-env:UserInstallation={profile.as_uri()}", "--convert-to", form,
         "--outdir", str(word_file.parent), str(word_file)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    source = read(word_file.with_suffix(f".{form}"))
    assert source.format == form
    built = structure(source.layout, "D")
    assert [(q.number, q.text) for q in built.paragraphs] == [("1", "第一段：\n(a) 甲；"), ("2", "第二段。")]


@needs_office
def test_a_damaged_old_file_is_one_clear_line(tmp_path):
    (tmp_path / "bad.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000))
    (report,) = load([tmp_path / "bad.doc"]).reports
    assert not report.read
    assert "\n" not in report.message


@needs_office
@pytest.mark.skipif(not SHARED.is_dir(), reason="the real documents in ../shared are not here")
def test_the_real_old_file_has_all_paragraphs():
    built = structure(read(SHARED / "samples" / "lo" / "seed000.doc").layout, "D")
    assert [q.number for q in built.paragraphs if q.number] == [str(n) for n in range(1, 89)]
    assert sum(len(q.footnotes) for q in built.paragraphs) == 3


def test_without_libreoffice_the_message_names_the_remedy(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    (tmp_path / "old.rtf").write_text(r"{\rtf1 text}")
    with pytest.raises(
        ReadError, match=r"LibreOffice, which is not installed; install it .* or save the file as \.docx"
    ):
        read(tmp_path / "old.rtf")


def test_a_conversion_that_hangs_is_killed(tmp_path, monkeypatch):
    program = tmp_path / "soffice"
    program.write_text("#!/bin/sh\nsleep 60\n")
    program.chmod(0o755)
    monkeypatch.setattr(office, "find_office", lambda: str(program))
    monkeypatch.setattr(office, "MAX_SECONDS", 0.3)
    (tmp_path / "old.rtf").write_text(r"{\rtf1 text}")
    with pytest.raises(ReadError, match="took more than"):
        read(tmp_path / "old.rtf")
