"""Web pages: the main text, list numbers as shown, footnotes by links and by raised marks, encodings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ingest.source import ReadError
from ingest.structure import structure
from ingest.web import read_web

SHARED = Path(__file__).resolve().parents[2] / "shared"


def page(tmp_path: Path, body: str, head: str = "") -> Path:
    path = tmp_path / "page.html"
    path.write_text(f"<html><head>{head}</head><body>{body}</body></html>", encoding="utf-8")
    return path


def blocks(path: Path) -> list[tuple[str, str]]:
    return [(block.role, block.text) for block in read_web(path).layout.blocks]


def texts(path: Path) -> list[str]:
    return [text for _, text in blocks(path)]


def test_list_numbers_are_those_a_browser_shows(tmp_path):
    body = (
        '<ol start="12"><li>甲。</li><li>乙：<ol type="a"><li>子；</li><li>丑。</li></ol></li><li value="20">丙。</li></ol>'
        '<ol type="A"><li>概况</li></ol><ol reversed><li>末</li><li>首</li></ol>'
        '<ol style="list-style-type: cjk-ideographic" start="11"><li>章</li></ol>'
        '<ol type="i"><li>罗马</li></ol><ol style="list-style:none"><li>3. 字面编号。</li></ol><ol start="7"><li>7. 重复。</li></ol>'
    )
    assert texts(page(tmp_path, body)) == [
        "12. 甲。", "13. 乙：", "(a) 子；", "(b) 丑。", "20. 丙。", "A. 概况", "2. 末", "1. 首", "十一. 章",
        "(i) 罗马", "3. 字面编号。", "7. 重复。",
    ]  # fmt: skip


def test_the_site_around_the_text_is_dropped(tmp_path):
    links = "".join(f"<li><a href='/{n}'>栏目{n}</a></li>" for n in range(5))
    body = (
        f"<header><a href='/'>首页</a></header><nav>{links}</nav><ul class='x'>{links}</ul><div class='breadcrumb'>您在这里</div>"
        "<div hidden>隐藏</div><p style='display:none'>看不见</p><script>1</script>"
        "<main><h1>一. 导言</h1><p>1. 正文第一段，足够长，可以看出这里才是页面的主体部分。</p></main>"
        "<aside>相关</aside><footer><p>版权所有</p></footer>"
    )
    assert blocks(page(tmp_path, body)) == [
        ("heading", "一. 导言"),
        ("text", "1. 正文第一段，足够长，可以看出这里才是页面的主体部分。"),
    ]


def test_a_title_in_the_pages_header_stays(tmp_path):
    body = "<header><h1>关于预防腐败的决议</h1></header><p>1. 请缔约国采取措施。</p><footer>联系我们</footer>"
    assert texts(page(tmp_path, body)) == ["关于预防腐败的决议", "1. 请缔约国采取措施。"]


def test_pages_saved_from_word_keep_their_typed_numbers(tmp_path):
    body = (
        "<div class=WordSection1><p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><![if !supportLists]>"
        "<span lang=EN-US><span style='mso-list:Ignore'>12.<span style='font:7.0pt \"Times New Roman\"'>&nbsp;&nbsp; "
        "</span></span></span><![endif]>缔约国会议<o:p></o:p></p><p class=MsoNormal>&nbsp;</p></div>"
    )
    assert texts(page(tmp_path, body)) == ["12. 缔约国会议"]


def test_a_list_of_documents_with_links_is_text(tmp_path):
    body = (
        "<main><h2>文件</h2><ul>"
        + "".join(
            f"<li><a href='/{n}.pdf'>秘书处关于第{n}个问题的说明（CAC/COSP/2017/{n}）</a></li>"
            for n in range(1, 6)
        )
        + "</ul></main>"
    )
    assert len(texts(page(tmp_path, body))) == 6


@pytest.mark.parametrize(
    "notes",
    [
        # as LibreOffice writes them, as Word does, as Markdown converters do, and raised marks only
        ('<sup><a name="f1anc" href="#f1sym"><sup>1</sup></a></sup>',
         '<div id="sdfootnote1"><p><a name="f1sym" href="#f1anc">1</a> 见决议。</p></div>'),
        ('<a href="#_ftn1" name="_ftnref1" title=""><span>[1]</span></a>',
         '<div style="mso-element:footnote" id="ftn1"><p><a href="#_ftnref1" name="_ftn1">[1]</a> 见决议。</p></div>'),
        ('<sup id="fnref1"><a href="#fn1">1</a></sup>',
         '<section class="footnotes"><ol><li id="fn1"><p>见决议。<a href="#fnref1">↩</a></p></li></ol></section>'),
        ("<sup>1</sup>", "<hr><p><sup>1</sup> 见决议。</p>"),
    ],
)  # fmt: skip
def test_footnotes_stand_at_their_marks(tmp_path, notes):
    mark, note = notes
    path = page(tmp_path, f"<p>1. 甲{mark}乙。</p><p>2. 丙。</p>{note}")
    built = structure(read_web(path).layout, "D")
    assert [
        (p.number, p.text, [(f.mark, f.text, f.offset) for f in p.footnotes]) for p in built.paragraphs
    ] == [
        ("1", "甲乙。", [("1", "见决议。", 1)]),
        ("2", "丙。", []),
    ]


def test_a_raised_ordinal_without_a_note_stays_in_the_text(tmp_path):
    assert texts(page(tmp_path, "<p>面积 5 m<sup>2</sup>。</p>")) == ["面积 5 m2。"]


def test_line_ends_of_the_source_are_no_spaces_between_chinese_characters(tmp_path):
    body = "<p>联合国\n  <b>反腐败</b>\n公约 2003\n年 United\nNations</p><p>会议在<br>维也纳举行。<br>(a) 另一项；</p>"
    assert texts(page(tmp_path, body)) == [
        "联合国反腐败公约 2003 年 United Nations", "会议在维也纳举行。", "(a) 另一项；",
    ]  # fmt: skip


def test_tables_with_spans_and_tables_for_layout(tmp_path):
    body = (
        "<p>1. 开头。</p><table><tr><th>日期</th><th>事项</th></tr><tr><td rowspan=2>周一</td><td>甲</td></tr>"
        "<tr><td>乙</td></tr><tr><td colspan=2>周二</td></tr></table>"
        "<table role='presentation'><tr><td>左</td><td>右</td></tr></table>"
    )
    assert blocks(page(tmp_path, body))[1:] == [
        ("row", "日期\t事项"), ("row", "周一\t甲"), ("row", "\t乙"), ("text", "周二"), ("text", "左"), ("text", "右"),
    ]  # fmt: skip


def test_declared_encodings_and_preformatted_pages(tmp_path):
    path = tmp_path / "old.htm"
    path.write_bytes(
        '<html><meta charset="gb2312"><body><p>１．预防腐败。</p></body></html>'.encode("gb18030")
    )
    assert (read_web(path).encoding, texts(path)) == ("gb18030", ["１．预防腐败。"])
    path.write_bytes("<html><body><p>預防貪污的措施與國際合作的關係。</p></body></html>".encode("big5"))
    assert read_web(path).encoding == "big5"
    path.write_text("<html><body><pre>一. 导言\n\n1. 甲。\n\n2. 乙。\n</pre></body></html>", encoding="utf-8")
    assert [p.number for p in structure(read_web(path).layout, "D").paragraphs] == ["1", "2"]


def test_deep_nesting_and_pages_without_text_end_well(tmp_path):
    deep = page(tmp_path, "<div>" * 1000 + "<p>最里面的一段。</p>" + "</div>" * 1000)
    assert "最里面的一段。" in read_web(deep).layout.text
    with pytest.raises(ReadError, match="no text"):
        read_web(page(tmp_path, "<script>x</script>"))


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real documents in ../shared are not here")
def test_the_real_page_equals_its_text_form():
    from ingest.readers import read_text

    def facts(built):
        return [
            (p.id, re.sub(r"\s", "", p.text), [(f.mark, re.sub(r"\s", "", f.text)) for f in p.footnotes])
            for p in built.paragraphs
        ]

    web = structure(read_web(SHARED / "samples" / "lo" / "seed000.html").layout, "D")
    text = structure(read_text(next((SHARED / "corpus").glob("000_*.txt"))).layout, "D")
    assert [p.number for p in web.paragraphs if p.number] == [str(n) for n in range(1, 89)]
    assert facts(web) == facts(text)
    assert web.paragraphs[10].section[0].startswith("二. ")
