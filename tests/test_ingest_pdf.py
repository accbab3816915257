"""PDF: spaces, columns, furniture, footnotes, tables, pages; and clear words for what cannot be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from document_writers import FONT, Style, write_pdf
from reportlab.lib import pdfencrypt
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from ingest.blocks import Block, Layout, Mark, Note
from ingest.pdf import read_pdf
from ingest.source import ReadError
from ingest.structure import structure

SHARED = Path(__file__).resolve().parents[2] / "shared"
LONG = "缔约国会议请秘书处在预算外资源允许的情况下继续收集各国为预防腐败所采取措施的资料并予以公布，"


def canvas(path: Path) -> Canvas:
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    page = Canvas(str(path), pagesize=(595, 842))
    page.setFont(FONT, 10.5)
    return page


def blocks(path: Path) -> list[str]:
    return [block.text for block in read_pdf(path).layout.blocks]


def test_justified_characters_are_not_torn_apart_but_real_gaps_are_spaces(tmp_path):
    page = canvas(tmp_path / "a.pdf")
    page.drawString(72, 700, "主席为该项目的实质性讨论作了开场白。", charSpace=4)
    page.drawString(72, 600, "Maria Consuelo")
    page.drawString(170, 600, "Porras")
    page.save()
    assert blocks(tmp_path / "a.pdf") == ["主席为该项目的实质性讨论作了开场白。", "Maria Consuelo Porras"]


def test_text_drawn_twice_for_bold_is_read_once(tmp_path):
    page = canvas(tmp_path / "a.pdf")
    for shift in (0, 0.2):
        page.drawString(72 + shift, 700, "重要结论")
    page.save()
    assert blocks(tmp_path / "a.pdf") == ["重要结论"]


def layout(
    paragraphs: list[str], notes: tuple[Note, ...] = (), marks: dict[int, Mark] | None = None
) -> Layout:
    made = tuple(
        Block(text, ((0, 0),), marks=(marks[n],) if marks and n in marks else ())
        for n, text in enumerate(paragraphs)
    )
    return Layout("", made, notes)


def test_pages_furniture_and_a_footnote_that_interrupts_a_paragraph(tmp_path):
    paragraphs = [f"{n}. " + LONG * 3 + f"这是第{n}段的结尾。" for n in range(1, 41)]
    made = layout(paragraphs, (Note("1", "见 A/RES/58/4 号决议。", ((0, 0),)),), {4: Mark("1", 40)})
    path = write_pdf(made, tmp_path / "a.pdf", Style(spacing=0), header="A/CONF.1/2024/9")
    source = read_pdf(path)
    built = structure(source.layout, "D")
    assert [p.number for p in built.paragraphs] == [str(n) for n in range(1, 41)]
    assert all(
        re.sub(r"^\d+\. ", "", text) == p.text for text, p in zip(paragraphs, built.paragraphs, strict=True)
    )
    assert source.layout.symbol_hint == "A/CONF.1/2024/9"
    assert source.pages == 5
    assert sorted({b.page for b in source.layout.blocks}) == [1, 2, 3, 4]
    assert [(p.number, f.mark, f.text, f.offset) for p in built.paragraphs for f in p.footnotes] == [
        ("5", "1", "见 A/RES/58/4 号决议。", 37)
    ]
    assert [f.name for f in source.layout.furniture].count("running header") == 5
    assert [f.name for f in source.layout.furniture].count("page number") == 5


def test_every_character_is_in_exactly_one_part(tmp_path):
    made = layout([f"{n}. " + LONG for n in range(1, 60)])
    result = read_pdf(write_pdf(made, tmp_path / "a.pdf", Style(columns=2))).layout
    spans = [s for b in result.blocks for s in b.spans] + [f.span for f in result.furniture]
    spans += [s for n in result.notes for s in n.spans]
    inside = sum(len(re.sub(r"\s", "", result.text[a:b])) for a, b in spans)
    assert inside == len(re.sub(r"\s", "", result.text))


def test_a_ruled_table_gives_rows_and_merged_cells_a_line_of_their_own(tmp_path):
    page = canvas(tmp_path / "a.pdf")
    for n, (left, right) in enumerate([("时间", "事项"), ("上午", "通过议程"), ("下午", "讨论")]):
        for x, text in ((72, left), (200, right)):
            page.rect(x, 700 - 20 * n, 128, 20)
            page.drawString(x + 4, 706 - 20 * n, text)
    page.rect(72, 640, 256, 20)
    page.drawString(76, 646, "5月15日星期三")
    page.save()
    found = [(b.role, b.text) for b in read_pdf(tmp_path / "a.pdf").layout.blocks]
    assert found == [
        ("row", "时间\t事项"),
        ("row", "上午\t通过议程"),
        ("row", "下午\t讨论"),
        ("text", "5月15日星期三"),
    ]


def test_a_scanned_file_is_told_from_an_empty_one(tmp_path):
    from PIL import Image

    Image.new("L", (200, 200), 128).save(tmp_path / "scan.png")
    page = canvas(tmp_path / "scan.pdf")
    page.drawImage(str(tmp_path / "scan.png"), 0, 0, 595, 842)
    page.save()
    with pytest.raises(ReadError, match=r"scanned images without text.*OCR=1"):
        read_pdf(tmp_path / "scan.pdf")
    empty = canvas(tmp_path / "empty.pdf")
    empty.showPage()
    empty.save()
    with pytest.raises(ReadError, match="no text"):
        read_pdf(tmp_path / "empty.pdf")


def test_encrypted_and_damaged_files_are_refused_in_one_line(tmp_path):
    page = Canvas(str(tmp_path / "locked.pdf"), encrypt=pdfencrypt.StandardEncryption("secret"))
    page.drawString(72, 700, "text")
    page.save()
    with pytest.raises(ReadError, match="encrypted"):
        read_pdf(tmp_path / "locked.pdf")
    (tmp_path / "cut.pdf").write_bytes(b"%PDF-1.7\n1 0 obj <<")
    with pytest.raises(ReadError, match="damaged") as caught:
        read_pdf(tmp_path / "cut.pdf")
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real documents in ../shared are not here")
@pytest.mark.parametrize(("number", "last", "notes", "pages"), [("000", 88, 3, 12), ("002", 73, 0, 10)])
def test_the_real_documents_equal_their_text_form(number, last, notes, pages):
    from ingest.readers import read_text

    original = next((SHARED / "corpus").glob(f"{number}_*.txt"))
    source = read_pdf(SHARED / "samples" / f"seed{number}.pdf")
    printed, text = structure(source.layout, "D"), structure(read_text(original).layout, "D")

    def facts(built):
        return [
            (
                p.id,
                re.sub(r"\s", "", p.text),
                [
                    (f.mark, re.sub(r"\s", "", f.text), len(re.sub(r"\s", "", p.text[: f.offset])))
                    for f in p.footnotes
                ],
            )
            for p in built.paragraphs
        ]

    assert [p.number for p in printed.paragraphs if p.number] == [str(n) for n in range(1, last + 1)]
    assert facts(printed) == facts(text)
    assert sum(len(p.footnotes) for p in printed.paragraphs) == notes
    assert source.pages == pages
    assert source.layout.symbol_hint == f"CAC/COSP/TEST/{number}"


def test_a_first_page_as_the_united_nations_print_it(tmp_path):
    page = canvas(tmp_path / "a.pdf")

    def line(x: float, y: float, text: str, size: float = 10.5) -> None:
        page.setFont(FONT, size)
        page.drawString(x, y, text)

    line(72, 790, "联合国", 14)
    line(400, 790, "CAC/COSP/2023/9", 14)
    line(72, 740, "联合国反腐败公约", 13)
    line(400, 742, "Distr.: General")
    line(72, 722, "缔约国会议", 13)
    line(400, 722, "4 October 2023")
    line(400, 708, "Chinese")
    line(400, 694, "Original: English")
    line(72, 640, "预防腐败方面的活动：秘书处的说明", 13)
    line(72, 600, "一. 导言", 12)
    line(72, 570, "1. 缔约国会议设立了工作组。")
    page.setFont(FONT, 6.5)
    page.drawString(204, 574, "1")
    line(72, 545, "2. 工作组举行了两次会议。")
    line(72, 120, "__________________")
    line(72, 105, "1", 5.5)
    line(78, 102, "第 3/2 号决议。", 9)
    line(72, 60, "V.23-19000 (C) 171023 181023")
    line(400, 60, "*2319000*")
    line(72, 40, "请回收")
    page.save()
    layout = read_pdf(tmp_path / "a.pdf").layout
    built = structure(layout, "D")
    assert layout.symbol_hint == "CAC/COSP/2023/9"
    assert built.paragraphs[0].text.split("\n") == [
        "联合国反腐败公约", "缔约国会议", "Distr.: General", "4 October 2023", "Chinese", "Original: English",
        "预防腐败方面的活动：秘书处的说明",
    ]  # fmt: skip
    assert [(p.number, p.text, [(f.mark, f.text) for f in p.footnotes]) for p in built.paragraphs[1:]] == [
        ("1", "缔约国会议设立了工作组。", [("1", "第 3/2 号决议。")]),
        ("2", "工作组举行了两次会议。", []),
    ]
    assert sorted(f.name for f in layout.furniture) == ["job number", "job number", "rule", "running header"]
