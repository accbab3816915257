"""Word files: every number as Word shows it, notes at their marks, changes accepted, limits kept."""

from __future__ import annotations

import re
import zipfile
from itertools import pairwise
from pathlib import Path

import pytest
from word_package import definition, instance, lvl, p, package, t, table

from ingest.source import ReadError
from ingest.structure import structure
from ingest.word import read_word
from ingest.word_numbering import chinese_counting, format_number
from ingest.word_parts import MAX_PART_BYTES

SHARED = Path(__file__).resolve().parents[2] / "shared"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the real documents in ../shared are not here")


def texts(path: Path) -> list[str]:
    return [block.text for block in read_word(path).layout.blocks]


UN_LIST = definition(
    0, lvl(0, "decimal", "%1."), lvl(1, "lowerLetter", "(%2)"), lvl(2, "lowerRoman", "(%3)")
) + definition(1, lvl(0, "chineseCountingThousand", "%1."), lvl(1, "upperLetter", "%2."))


def test_numbers_run_on_and_deeper_levels_restart(tmp_path):
    body = (
        p("导言", numbering=(2, 0))
        + p("第一段。", numbering=(1, 0))
        + p("甲；", numbering=(1, 1))
        + p("乙：", numbering=(1, 1))
        + p("子；", numbering=(1, 2))
        + p("概况", numbering=(2, 1))
        + p("第二段：", numbering=(1, 0))
        + p("丙。", numbering=(1, 1))
        + p("结论", numbering=(2, 0))
        + p("附注", numbering=(2, 1))
    )
    path = package(tmp_path / "a.docx", body, numbering=UN_LIST + instance(1, 0) + instance(2, 1))
    assert texts(path) == [
        "一. 导言",
        "1. 第一段。",
        "(a) 甲；",
        "(b) 乙：",
        "(i) 子；",
        "A. 概况",
        "2. 第二段：",
        "(a) 丙。",
        "二. 结论",
        "A. 附注",
    ]


def test_start_values_overrides_and_a_definition_shared_by_two_instances(tmp_path):
    numbering = (
        definition(0, lvl(0, "decimal", "%1.", start=12))
        + instance(1, 0)
        + instance(2, 0)
        + instance(3, 0, '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>')
        + instance(4, 0, f'<w:lvlOverride w:ilvl="0">{lvl(0, "upperRoman", "%1)")}</w:lvlOverride>')
    )
    body = "".join(p("段", numbering=(n, 0)) for n in (1, 1, 2, 3, 3, 1, 4))
    path = package(tmp_path / "a.docx", body, numbering=numbering)
    assert texts(path) == ["12. 段", "13. 段", "14. 段", "5. 段", "6. 段", "7. 段", "VIII) 段"]


def test_level_restart_can_be_switched_off_and_legal_numbering_shows_digits(tmp_path):
    numbering = definition(
        0,
        lvl(0, "chineseCounting", "第%1章", "<w:suff w:val='nothing'/>"),
        lvl(1, "decimal", "%1.%2", "<w:lvlRestart w:val='0'/><w:isLgl/>"),
    ) + instance(1, 0)
    body = "".join(p("条", numbering=(1, level)) for level in (0, 1, 1, 0, 1))
    path = package(tmp_path / "a.docx", body, numbering=numbering)
    assert texts(path) == ["第一章条", "1.1 条", "1.2 条", "第二章条", "2.3 条"]


def test_styles_carry_numbering_by_inheritance_and_zero_switches_it_off(tmp_path):
    styles = (
        '<w:style w:type="paragraph" w:styleId="Base"><w:name w:val="UN Para"/><w:pPr><w:numPr>'
        '<w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="Sub"><w:basedOn w:val="Base"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="Two"><w:name w:val="UN Two"/><w:pPr><w:numPr>'
        '<w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    )
    numbering = definition(
        0, lvl(0, "decimal", "%1."), lvl(1, "lowerLetter", "(%2)", "<w:pStyle w:val='Two'/>")
    ) + instance(1, 0)
    off = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="0"/></w:numPr>'
    body = (
        p("甲。", "Base")
        + p("乙。", "Sub")
        + p("丙。", "Base", extra=off)
        + p("丁。", "Two")
        + p("戊。", "Sub")
    )
    path = package(tmp_path / "a.docx", body, styles=styles, numbering=numbering)
    assert texts(path) == ["1. 甲。", "2. 乙。", "丙。", "(a) 丁。", "3. 戊。"]


def test_headings_by_name_outline_and_literal_numbers(tmp_path):
    styles = (
        '<w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 2"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="HChG"><w:name w:val="_ H _Ch_G"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="my"><w:name w:val="Mine"/><w:basedOn w:val="1"/></w:style>'
    )
    body = (
        p("一．导言", "HChG")
        + p("A. 概况", "1")
        + p("B. 续", "my")
        + p("背景", extra='<w:outlineLvl w:val="3"/>')
        + p("１２．全角编号的一段。")
        + p("13、\t顿号编号的一段。")
    )
    path = package(tmp_path / "a.docx", body.replace("\t", "</w:t><w:tab/><w:t>"), styles=styles)
    blocks = read_word(path).layout.blocks
    assert [(b.role, b.level) for b in blocks[:4]] == [
        ("heading", 1),
        ("heading", 2),
        ("heading", 2),
        ("heading", 4),
    ]
    built = structure(read_word(path).layout, "D")
    assert [(q.id, q.text) for q in built.paragraphs] == [
        ("D#12", "全角编号的一段。"),
        ("D#13", "顿号编号的一段。"),
    ]


def test_footnotes_endnotes_and_custom_marks_stand_where_their_marks_stood(tmp_path):
    mark = '<w:r><w:footnoteReference w:id="{}"/></w:r>'
    body = p(t("甲") + mark.format(2) + t("乙。")) + p(
        t("丙")
        + '<w:r><w:footnoteReference w:id="7" w:customMarkFollows="1"/><w:t>**</w:t></w:r>'
        + t("丁。")
        + '<w:r><w:endnoteReference w:id="3"/></w:r>'
        + mark.format(4)
        + mark.format(99)
    )
    ref = "<w:r><w:footnoteRef/></w:r>"
    footnotes = (
        '<w:footnote w:type="separator" w:id="0"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
        f'<w:footnote w:id="2"><w:p>{ref}{t(" 见 A/58/422。")}</w:p></w:footnote>'
        f'<w:footnote w:id="4"><w:p>{ref}{t("同上。")}</w:p><w:p>{t("第二行。")}</w:p></w:footnote>'
        f'<w:footnote w:id="7"><w:p>{t("** 再印发。")}</w:p></w:footnote>'
    )
    endnotes = f'<w:endnote w:id="3"><w:p>{t("尾注。")}</w:p></w:endnote>'
    path = package(tmp_path / "a.docx", body, footnotes=footnotes, endnotes=endnotes)
    layout = read_word(path).layout
    assert [b.text for b in layout.blocks] == ["甲乙。", "丙丁。"]
    assert [(m.label, m.offset) for b in layout.blocks for m in b.marks] == [
        ("1", 1),
        ("**", 1),
        ("i", 3),
        ("2", 3),
    ]
    assert [(n.label, n.text) for n in layout.notes] == [
        ("1", "见 A/58/422。"),
        ("**", "再印发。"),
        ("i", "尾注。"),
        ("2", "同上。 第二行。"),
    ]
    assert layout.warnings == ("a footnote mark refers to no footnote",)


def test_tracked_changes_are_accepted_and_a_deleted_paragraph_mark_joins(tmp_path):
    body = (
        p(
            t("保留")
            + f"<w:ins>{t('新增')}</w:ins>"
            + "<w:del><w:r><w:delText>删去</w:delText></w:r></w:del>"
            + t("。"),
            numbering=(1, 0),
        )
        + p("前半", numbering=(1, 0), extra='<w:rPr><w:del w:id="1"/></w:rPr>')
        + p("后半。", numbering=(1, 0))
        + f"<w:moveFrom>{t('移走')}</w:moveFrom>"
        + p("末段。", numbering=(1, 0))
    )
    path = package(tmp_path / "a.docx", body, numbering=UN_LIST + instance(1, 0))
    assert texts(path) == ["1. 保留新增。", "2. 前半后半。", "3. 末段。"]


def test_links_fields_hidden_text_special_characters_and_soft_breaks(tmp_path):
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> REF x </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>{}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    body = (
        p(t("见") + f'<w:hyperlink r:id="x">{t("网站")}</w:hyperlink>' + field.format(t("第3段")) + t("。"))
        + p(
            t("甲")
            + "<w:r><w:rPr><w:vanish/></w:rPr><w:t>隐</w:t></w:r>"
            + t("乙")
            + "<w:r><w:noBreakHyphen/></w:r>"
            + t("\xa0 丙。")
        )
        + p(t("会议在") + "<w:r><w:br/></w:r>" + t("维也纳举行。") + "<w:r><w:br/></w:r>" + t("(a) 另一项；"))
    )
    assert texts(package(tmp_path / "a.docx", body)) == [
        "见网站第3段。",
        "甲乙- 丙。",
        "会议在维也纳举行。",
        "(a) 另一项；",
    ]


def test_a_text_box_is_read_once_and_a_contents_list_is_furniture(tmp_path):
    box = f"<w:txbxContent>{p('框内的话。')}</w:txbxContent>"
    body = p(
        "<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing>" + box + "</w:drawing></mc:Choice>"
        "<mc:Fallback><w:pict>" + box + "</w:pict></mc:Fallback></mc:AlternateContent></w:r>" + t("正文。")
    ) + p("一. 导言 3", "TOC1")
    styles = '<w:style w:type="paragraph" w:styleId="TOC1"><w:name w:val="toc 1"/></w:style>'
    layout = read_word(package(tmp_path / "a.docx", body, styles=styles)).layout
    assert [b.text for b in layout.blocks] == ["正文。", "框内的话。"]
    assert [f.name for f in layout.furniture] == ["table of contents"]


def test_tables_become_rows_and_a_masthead_table_becomes_lines(tmp_path):
    spanning = f'<w:tr><w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr>{p("星期一")}</w:tc></w:tr>'
    merged = f"<w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc><w:tc>{p('丙')}</w:tc></w:tr>"
    data = table(["时间", "事项"], ["上午", "甲"]).replace("</w:tbl>", merged + spanning + "</w:tbl>")
    body = (
        table(["联合国", "A/58/422"], ["", "Distr.: General"])
        + p("一. 导言")
        + table(["本摘要只有一格。"])
        + data
    )
    blocks = read_word(package(tmp_path / "a.docx", body)).layout.blocks
    assert [(b.role, b.text) for b in blocks] == [
        ("text", "联合国"),
        ("text", "A/58/422"),
        ("text", "Distr.: General"),
        ("text", "一. 导言"),
        ("text", "本摘要只有一格。"),
        ("row", "时间\t事项"),
        ("row", "上午\t甲"),
        ("row", "\t丙"),
        ("text", "星期一"),
    ]


def test_the_symbol_comes_from_the_header_and_page_breaks_count_pages(tmp_path):
    brk = "<w:r><w:lastRenderedPageBreak/></w:r>"
    path = package(
        tmp_path / "a.docx", p("1. 甲。") + p(brk + t("2. 乙。")), header=p(t("CAC/COSP/") + t("2017/4"))
    )
    source = read_word(path)
    assert source.layout.symbol_hint == "CAC/COSP/2017/4"
    assert (source.pages, [b.page for b in source.layout.blocks]) == (2, [1, 2])


def test_every_character_is_in_exactly_one_part(tmp_path):
    body = p("甲\u3000乙。") + table(["a", "b"], ["c", "d"]) + p("丙。")
    layout = read_word(package(tmp_path / "a.docx", body)).layout
    spans = sorted(s for b in layout.blocks for s in b.spans)
    inside = "".join(layout.text[a:b] for a, b in spans)
    assert re.sub(r"\s", "", inside) == re.sub(r"\s", "", layout.text)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))


@pytest.mark.parametrize(
    ("value", "scheme", "shown"),
    [
        (105, "chineseCountingThousand", "一百零五"),
        (10, "chineseCounting", "十"),
        (21, "taiwaneseCounting", "二十一"),
        (1010, "chineseCounting", "一千零一十"),
        (20, "ideographDigital", "二〇"),
        (27, "lowerLetter", "aa"),
        (4, "upperRoman", "IV"),
        (7, "decimalZero", "07"),
        (12, "decimalFullWidth", "１２"),
        (3, "ideographTraditional", "丙"),
        (2, "decimalEnclosedCircle", "②"),
        (0, "upperRoman", "0"),
        (5, "unheardOf", "5"),
    ],
)
def test_number_formats(value, scheme, shown):
    assert format_number(value, scheme) == shown


def test_chinese_numbers_read_back_to_their_value():
    from ingest.ordinals import chinese_number

    assert [chinese_number(chinese_counting(n)) for n in range(1, 2000)] == list(range(1, 2000))


def test_bad_files_are_refused_in_one_line(tmp_path):
    cases = {
        "ole.docx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "text.docx": "只是文本".encode(),
        "cut.docx": package(tmp_path / "x.docx", p("甲。")).read_bytes()[:-40],
    }
    for name, data in cases.items():
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(ReadError) as caught:
            read_word(path)
        assert "\n" not in str(caught.value)
    with pytest.raises(ReadError, match="no text"):
        read_word(package(tmp_path / "empty.docx", "<w:p/>"))


def test_lines_of_a_wrapped_text_pasted_as_paragraphs_are_joined_again(tmp_path):
    sentence = "缔约国会议请秘书处在预算外资源允许的情况下继续收集各国为预防腐败所采取措施的资料并予以公布"
    paragraphs = [f"{n}. {sentence}，{sentence}。" for n in range(1, 9)]
    lines = [text[at : at + 36] for text in paragraphs for at in range(0, len(text), 36)]
    layout = read_word(package(tmp_path / "a.docx", "".join(p(line) for line in lines))).layout
    assert [(q.number, q.text) for q in structure(layout, "D").paragraphs] == [
        (str(n), f"{sentence}，{sentence}。") for n in range(1, 9)
    ]
    whole = read_word(package(tmp_path / "b.docx", "".join(p(text) for text in paragraphs))).layout
    assert [block.text for block in whole.blocks] == paragraphs


def test_entities_and_huge_parts_are_refused(tmp_path):
    evil = tmp_path / "evil.docx"
    with zipfile.ZipFile(evil, "w") as archive:
        archive.writestr("word/document.xml", '<!DOCTYPE d [<!ENTITY a "b">]><d>&a;</d>')
    with pytest.raises(ReadError, match="entities"):
        read_word(evil)
    bomb = tmp_path / "bomb.docx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * (MAX_PART_BYTES + 1))
    assert bomb.stat().st_size < 200_000
    with pytest.raises(ReadError, match="more than the 42 MB allowed"):
        read_word(bomb)


@needs_shared
@pytest.mark.parametrize("folder", ["samples", "samples/lo"])
@pytest.mark.parametrize(("number", "last", "notes"), [("000", 88, 3), ("002", 73, 0)])
def test_the_real_documents_equal_their_text_form(folder, number, last, notes):
    from ingest.readers import read_text

    original = next((SHARED / "corpus").glob(f"{number}_*.txt"))
    word = structure(read_word(SHARED / folder / f"seed{number}.docx").layout, "D")
    text = structure(read_text(original).layout, "D")

    def bare(value: str) -> str:
        return re.sub(r"\s", "", value)

    assert [q.number for q in word.paragraphs if q.number] == [str(n) for n in range(1, last + 1)]
    assert [(q.id, bare(q.text)) for q in word.paragraphs] == [(q.id, bare(q.text)) for q in text.paragraphs]
    placed = [
        (q.id, f.mark, f.text, len(bare(q.text[: f.offset]))) for q in word.paragraphs for f in q.footnotes
    ]
    expected = [
        (q.id, f.mark, f.text, len(bare(q.text[: f.offset]))) for q in text.paragraphs for f in q.footnotes
    ]
    assert placed == expected
    assert len(placed) == notes
