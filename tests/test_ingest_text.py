"""Decoding, ordinals, inline markup, joining and metadata, on values."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from ingest.blocks import Mark
from ingest.decoding import DecodingError, decode
from ingest.furniture import find_furniture, split_lines
from ingest.inline import clean_inline, columns, is_terminal, join
from ingest.metadata import CatalogueError, Metadata, from_cover, merge, read_catalogue
from ingest.numbering import Candidate, best_chain, gaps
from ingest.ordinals import chinese_number, parse_ordinal, roman_number

SIMPLIFIED = "缔约国会议请秘书处继续开展工作，预防和打击腐败。\r\n第二行。"
TRADITIONAL = "締約國會議請秘書處繼續開展工作，預防和打擊貪污，這是會議的決定。"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (SIMPLIFIED.encode("utf-8"), "utf-8"),
        (SIMPLIFIED.encode("utf-8-sig"), "utf-8-sig"),
        (codecs.BOM_UTF16_LE + SIMPLIFIED.encode("utf-16-le"), "utf-16"),
        (codecs.BOM_UTF16_BE + SIMPLIFIED.encode("utf-16-be"), "utf-16"),
        (SIMPLIFIED.encode("utf-16-le"), "utf-16-le"),
        (SIMPLIFIED.encode("gb18030"), "gb18030"),
    ],
)
def test_simplified_text_in_every_encoding(data: bytes, encoding: str) -> None:
    assert decode(data) == (SIMPLIFIED.replace("\r\n", "\n"), encoding)


def test_big5_is_told_from_gb18030() -> None:
    assert decode(TRADITIONAL.encode("big5")) == (TRADITIONAL, "big5")


@pytest.mark.parametrize(
    "data", [b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" * 9, bytes(range(128, 256)) * 3, b"PK\x03\x04\x00\x00"]
)
def test_binary_data_is_refused(data: bytes) -> None:
    with pytest.raises(DecodingError):
        decode(data)


def test_control_characters_become_spaces_so_that_offsets_hold() -> None:
    assert decode("会\x07议\x00".encode().replace(b"\x00", b"\x01"))[0] == "会 议 "


@pytest.mark.parametrize(
    ("line", "scheme", "value", "label"),
    [
        ("12. 缔约国会议", "arabic", 12, "12"),
        ("１２．缔约国会议", "arabic", 12, "12"),
        ("12、缔约国", "arabic", 12, "12"),
        ("12\\. 缔约国", "arabic", 12, "12"),
        ("１．２０００年", "arabic", 1, "1"),
        ("一. 导言", "chinese", 1, "一"),
        ("十二、结论", "chinese", 12, "十二"),
        ("A. 会议开幕", "capital", 1, "A"),
        ("(a) 会议开幕", "letter", 1, "(a)"),
        ("（一）缘起", "paren_chinese", 1, "(一)"),
        ("(iv) 其他", "roman", 4, "(iv)"),
        ("1.2 采购", "decimal", 2, "1.2"),
        ("2.10. 采购", "decimal", 10, "2.10"),
        ("第三章 国际合作", "chapter", 3, "第三章"),
        ("第十二条 私营部门", "article", 12, "第十二条"),
    ],
)
def test_ordinals(line: str, scheme: str, value: int, label: str) -> None:
    ordinal = parse_ordinal(line)
    assert ordinal is not None
    assert (ordinal.scheme, ordinal.value, ordinal.label) == (scheme, value, label)


@pytest.mark.parametrize(
    "line",
    [
        "20 国集团",
        "8 日举行",
        "2016 年 1 月",
        "4.3% 的国家",
        "第十二条规定",
        "一些发言者",
        "U.S. 代表",
        "第三章的规定",
    ],
)
def test_lines_that_open_nothing(line: str) -> None:
    assert parse_ordinal(line) is None


def test_numerals() -> None:
    cases = {
        "六十三": 63,
        "一百零五": 105,
        "二〇一二": 2012,
        "十": 10,
        "二十": 20,
        "两千三": 2003,
        "会": None,
        "": None,
    }
    assert {text: chinese_number(text) for text in cases} == cases
    assert [roman_number(text) for text in ("iv", "ix", "xiv", "iiii", "vx")] == [4, 9, 14, None, None]


def test_inline_markup_goes_and_marks_stay() -> None:
    text, marks = clean_inline("见**[CAC/COSP/2023/13](#)**。<sup>2</sup>另见 UNODC\\_X[^a]，\\*星")
    assert text == "见CAC/COSP/2023/13。另见 UNODC_X，*星"
    assert marks == (Mark("2", 18), Mark("a", 28))


@pytest.mark.parametrize(
    ("head", "tail", "spaced", "joined"),
    [
        ("联合国反腐败公", "约》规定", True, "联合国反腐败公约》规定"),
        ("CAC/COSP/WG.", "4/2016/3 号", True, "CAC/COSP/WG.4/2016/3 号"),
        ("（www.unodc. ", "org/corruption）", True, "（www.unodc.org/corruption）"),
        ("Maria Consuelo", "Porras", True, "Maria Consuelo Porras"),
        ("2011 年 9", "月", True, "2011 年 9 月"),
        ("2011年9", "月", False, "2011年9月"),
        ("anti-", "corruption", True, "anti-corruption"),
    ],
)
def test_joining_of_wrapped_lines(head: str, tail: str, spaced: bool, joined: str) -> None:
    assert join(head, tail, spaced) == joined


def test_columns_and_terminals() -> None:
    assert columns("中a，") == 5
    assert [is_terminal(t) for t in ("完。", "完。”", "如下：", "未完", "（完）", "甲，")] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]


def test_furniture_is_named() -> None:
    text = "正文没有写完的一句话在这一页的最后中断，下一页\n\nCAC/COSP/2017/4\n\nV.17-05902 3/16\n\n继续写下去，直到句号。\nhttp://undocs.org/ch/CAC/COSP/2017/3\n"
    found, symbol = find_furniture(split_lines(text))
    assert symbol == "CAC/COSP/2017/4"
    assert sorted(found.values()) == ["job number", "link list", "running header"]


def test_best_chain_prefers_the_body_over_a_nested_list() -> None:
    values = [1, 2, 3, 1, 2, 3, 4, 5, 4, 5, 6]
    chain = best_chain([Candidate(i, v, False) for i, v in enumerate(values)])
    assert [c.index for c in chain] == [0, 1, 2, 8, 9, 10]
    assert gaps([Candidate(0, 3, False), Candidate(1, 6, False)]) == [4, 5]


def test_cover_metadata() -> None:
    lines = ["联合国反腐败公约", "缔约国会议", "Distr.: General", "4 October 2023", "Original: English", "第十届会议",
             "2023 年 12 月 11 日至 15 日，亚特兰大", "预防腐败问题工作组的活动", "秘书处的说明"]  # fmt: skip
    assert from_cover(lines, None) == Metadata(
        None, "预防腐败问题工作组的活动：秘书处的说明", "2023-10-04", "第十届会议"
    )
    assert merge(Metadata(title="甲"), Metadata("S/1", "乙")) == Metadata("S/1", "甲")


def test_catalogue(tmp_path: Path) -> None:
    assert read_catalogue(tmp_path) == {}
    (tmp_path / "documents.csv").write_bytes(
        "file,symbol,title,date,session\na.txt,,标题,2024,\n".encode("utf-8-sig")
    )
    assert read_catalogue(tmp_path) == {"a.txt": Metadata(None, "标题", "2024", None)}
    (tmp_path / "documents.csv").write_text("name\na.txt\n", encoding="utf-8")
    with pytest.raises(CatalogueError, match="line 1 must name the columns"):
        read_catalogue(tmp_path)
