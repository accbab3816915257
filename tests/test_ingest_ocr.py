"""Scanned pages: what the recogniser returns becomes paragraphs like any page; without it the way is named."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from ingest import ocr
from ingest.pdf import read_pdf
from ingest.pdf_pages import arrange, blank_scan
from ingest.structure import structure

# Left, foot, right, top and text as recognised on a page of 595 x 842 points; heights waver as they do.
BOXES = [
    (72.0, 700.0, 180.0, 713.2, "一. 导言"),
    (72.0, 670.0, 82.0, 682.0, "1."),
    (100.0, 669.5, 520.0, 682.5, "缔约国会议请秘书处在预算外资源允许的情况下继续收集各国为预防腐败所采取的"),
    (100.0, 652.0, 235.0, 664.0, "措施的资料并予以公布。"),
    (72.0, 630.0, 82.0, 643.1, "2."),
    (
        100.0,
        630.0,
        520.0,
        641.0,
        "会议还请秘书处向下届会议提出报告，说明本决议的执行情况和所需要的资源数额。",
    ),
]


def test_recognised_lines_become_numbered_paragraphs(monkeypatch):
    page = blank_scan(1, 595.0, 842.0, ocr.glyphs(BOXES))
    monkeypatch.setattr("ingest.pdf._pages", lambda path: (arrange([page]), True))
    layout = read_pdf(Path("scan.pdf")).layout
    built = structure(layout, "D")
    assert [(p.number, p.text) for p in built.paragraphs] == [
        ("1", BOXES[2][4] + BOXES[3][4]),
        ("2", BOXES[5][4]),
    ]
    assert built.paragraphs[0].section == ("一. 导言",)
    assert "recognised from images" in layout.warnings[0]


def test_the_message_names_the_next_step(monkeypatch):
    monkeypatch.setattr(ocr, "installed", lambda: False)
    assert "pip install -r requirements-ocr.txt" in ocr.hint()
    monkeypatch.setenv("OCR", "1")
    assert ocr.wanted() is False
    monkeypatch.setattr(ocr, "installed", lambda: True)
    assert ocr.hint().startswith("set OCR=1")
    assert ocr.wanted() is True
    monkeypatch.setenv("OCR", "0")
    assert ocr.wanted() is False


@pytest.mark.skipif(
    importlib.util.find_spec("rapidocr_onnxruntime") is None, reason="the OCR extra is not installed"
)
def test_a_real_scan_is_recognised(tmp_path, monkeypatch):
    from document_writers import FONT
    from PIL import Image, ImageDraw, ImageFont
    from reportlab.pdfgen.canvas import Canvas

    fonts = sorted(Path("/usr/share/fonts").rglob("NotoSansCJK-Regular.ttc"))
    if not fonts:
        pytest.skip(f"no font file to draw Chinese with ({FONT} is none)")
    image = Image.new("L", (1654, 600), 255)
    ImageDraw.Draw(image).text(
        (150, 200), "1. 缔约国会议通过了决议。", font=ImageFont.truetype(str(fonts[0]), 40)
    )
    image.save(tmp_path / "scan.png")
    page = Canvas(str(tmp_path / "scan.pdf"), pagesize=(595, 216))
    page.drawImage(str(tmp_path / "scan.png"), 0, 0, 595, 216)
    page.save()
    monkeypatch.setenv("OCR", "1")
    assert "缔约国会议通过了决议" in read_pdf(tmp_path / "scan.pdf").layout.text
