"""Numbered paragraphs of the samples, of the real documents where present, and of small made-up layouts."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.corpus import Corpus, account_of, load
from ingest.layout import lay_out
from ingest.metadata import Metadata, from_cover
from ingest.structure import structure
from ingest.writer import Structure

ROOT = Path(__file__).parent.parent
REAL = ROOT.parent / "shared" / "corpus"
EXPECTED = json.loads((ROOT / "tests" / "data" / "samples_expected.json").read_text(encoding="utf-8"))


def squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)


def built(text: str) -> Structure:
    return structure(lay_out(text), "D")


def numbers(structured: Structure) -> list[str]:
    return [p.number for p in structured.paragraphs if p.number]


@pytest.fixture(scope="module")
def samples() -> Corpus:
    return load([ROOT / "corpus" / name for name in EXPECTED])


@pytest.fixture(scope="module")
def real() -> Corpus:
    if not REAL.is_dir():
        pytest.skip("../shared/corpus, the five real documents, is not here")
    return load([REAL])


@pytest.mark.parametrize("name", EXPECTED)
def test_sample_has_exactly_the_expected_paragraphs(samples: Corpus, name: str) -> None:
    truth = EXPECTED[name]
    found = {p.id: p for p in samples.paragraphs if p.doc_id == truth["document_id"]}
    expected = [*truth["paragraphs"], *truth["unnumbered"]]
    for part in expected:
        text = squeeze(found[f"{truth['document_id']}#{part['number']}"].text)
        assert (text[:8], text[-8:], len(text)) == (part["first"], part["last"], part["characters"])
    rows = {f"{truth['document_id']}#{row['number']}": row["cells"] for row in truth["rows"]}
    for row_id, cells in rows.items():
        assert found[row_id].text.split(" | ") == [cell for cell in cells if cell]
    named = {f"{truth['document_id']}#{part['number']}" for part in expected} | set(rows)
    others = {p.kind for p in found.values() if p.id not in named}
    assert others <= {"cover", "list", "closing"}


@pytest.mark.parametrize("name", EXPECTED)
def test_sample_footnotes_stand_at_their_marks(samples: Corpus, name: str) -> None:
    truth = EXPECTED[name]
    found = {
        (p.id, note.mark): (
            squeeze(note.text)[:8],
            squeeze(note.text)[-8:],
            len(squeeze(p.text[: note.offset])),
        )
        for p in samples.paragraphs
        for note in p.footnotes
        if p.doc_id == truth["document_id"]
    }
    assert found == {
        (f"{truth['document_id']}#{note['paragraph']}", note["mark"]): (
            note["first"],
            note["last"],
            note["characters_before"],
        )
        for note in truth["footnotes"]
    }


def test_real_documents_have_exactly_their_numbered_paragraphs(real: Corpus) -> None:
    by_file = {d.source[:3]: [p.number for p in real.paragraphs if p.doc_id == d.id] for d in real.documents}
    counts = {"000": 88, "001": 82, "002": 73, "004": 91}
    for name, count in counts.items():
        assert [n for n in by_file[name] if n] == [str(n) for n in range(1, count + 1)]
    paths = Counter(n.rsplit("/", 1)[0] for n in by_file["003"] if n)
    assert paths == {
        "1(a)": 1, "1(b)": 2, "2": 6, "2(a)(一)": 6, "2(a)(二)": 4, "2(a)(三)": 4, "2(a)(四)": 3,
        "2(a)(五)": 6, "2(b)": 2, "3": 1, "4": 1, "附件": 13,
    }  # fmt: skip


def test_real_footnotes_and_sub_items(real: Corpus) -> None:
    notes = {(p.id, n.mark) for p in real.paragraphs for n in p.footnotes if p.doc_id == "CAC/COSP/2017/4"}
    symbol = "CAC/COSP/2017/4"
    marks = {"1": 4, "2": 10, "3": 13, "4": 57, "5": 58, "6": 60, "7": 68, "8": 68}
    assert notes == {(f"{symbol}#{n}", mark) for mark, n in marks.items()} | {(f"{symbol}#封面/1", "*")}
    paragraphs = {p.id: p for p in real.paragraphs}
    assert "语言版本。2016 年 1 月" in paragraphs[f"{symbol}#68"].text
    assert "CAC/COSP/WG.4/2016/3 号" in paragraphs[f"{symbol}#4"].text
    second = next(p for p in real.paragraphs if p.doc_id.startswith("001") and p.number == "2")
    assert [item.label for item in second.sub_items] == ["(a)", "(b)", "(c)", "(d)"]
    assert second.sub_items[3].text == "协助缔约国会议鼓励社会所有利益相关者和部门为预防腐败相互合作。"
    tenth = next(p for p in real.paragraphs if p.doc_id.startswith("002") and p.number == "10")
    assert [item.label for item in tenth.sub_items] == ["1", "1(a)", "1(b)", "2", "2(a)", "2(b)", "3", "4"]


def test_real_metadata(real: Corpus) -> None:
    documents = {d.source[:3]: d for d in real.documents}
    assert documents["004"].id == documents["004"].symbol == "CAC/COSP/2017/4"
    assert documents["002"].date == "2019-09-16"
    paragraph = next(p for p in real.paragraphs if p.id == "CAC/COSP/2017/4#12")
    assert documents["004"].cite(paragraph) == "CAC/COSP/2017/4，第12段"


@pytest.mark.parametrize("which", ["samples", "real"])
def test_every_character_has_one_place(which: str, request: pytest.FixtureRequest) -> None:
    corpus: Corpus = request.getfixturevalue(which)
    for document in corpus.documents:
        assert account_of(document)[1] == 0, document.id
        kept = Counter("".join(p.text for p in corpus.paragraphs if p.doc_id == document.id))
        kept += Counter(
            "".join(n.text for p in corpus.paragraphs if p.doc_id == document.id for n in p.footnotes)
        )
        for piece in document.pieces:
            if piece.kind in ("heading", "furniture"):
                kept += Counter(document.text[piece.start : piece.end])
        chinese = Counter(c for c in document.text if "一" <= c <= "鿿")
        # Ordinals of sub-paths and marks may be rewritten; no Chinese character of running text is lost.
        missing = {c: n - kept[c] for c, n in chinese.items() if n > kept[c]}
        assert not missing, (document.id, missing)


def test_offsets_lead_back_to_the_source(samples: Corpus) -> None:
    documents = {d.id: d for d in samples.documents}
    for paragraph in samples.paragraphs:
        source = squeeze(documents[paragraph.doc_id].text[paragraph.start : paragraph.end])
        first = squeeze(paragraph.text)[:6] if paragraph.kind != "row" else paragraph.text[:2]
        assert first in source, paragraph.id


def test_a_nested_list_that_runs_past_the_next_number_stays_nested() -> None:
    text = "1. 第一段的内容。\n2. 工作组通过了下列议程：\n1. 开幕。\n2. 选举。\n3. 技术援助。\n4. 通过报告。\n3. 第三段的内容。\n4. 第四段的内容。\n"
    structured = built(text)
    assert numbers(structured) == ["1", "2", "3", "4"]
    assert structured.paragraphs[1].text.endswith("4. 通过报告。")
    assert structured.paragraphs[2].text == "第三段的内容。"


def test_numbers_in_running_text_open_nothing() -> None:
    text = (
        "1. 会议审议了各国提交的资料，与会者讨论了各种问题，特别是在\n20 国集团反腐败问题工作组框架内开展的合作，会议一直开到\n"
        "8 日，并通过了若干建议，其中包括继续开展合作的建议。\n2. 在提交答复的国家中，没有通过国家战略的国家所占的比例为\n"
        "4.3% ，其余国家都已通过或者正在制订国家反腐败战略，其中\n12 个国家还设立了监测机制。\n3. 会议商定继续审议这一议题。\n"
    )
    assert numbers(built(text)) == ["1", "2", "3"]


def test_a_lost_number_is_reported() -> None:
    text = "".join(f"{n}. 这是第{n}个段落的内容。\n" for n in (1, 2, 3, 5, 6, 7))
    structured = built(text)
    assert numbers(structured) == ["1", "2", "3", "5", "6", "7"]
    assert structured.warnings == ("gap in the numbering: paragraph 4 was not found",)


def test_numbers_from_one_hundred_on() -> None:
    structured = built("".join(f"{n}. 这是第{n}个段落的内容。\n\n" for n in range(1, 206)))
    assert numbers(structured) == [str(n) for n in range(1, 206)]


def test_annotated_agenda_without_markup() -> None:
    text = (
        "工作组\n第二十次会议\n\n临时议程说明\n\n临时议程\n1. 组织事项：\n(a) 会议开幕；\n(b) 通过议程。\n2. 技术援助。\n\n说明\n\n"
        "1. 组织事项\n\n(a) 会议开幕\n\n会议将于2030年1月5日星期六上午10时在维也纳国际中心开幕，由主席主持会议。\n\n"
        "(b) 通过议程\n\n工作组不妨通过拟议的议程，工作安排见附件所载的时间表，并视需要作出必要的调整。\n\n"
        "2. 技术援助\n\n工作组将审议下列问题：\n\n(a) 资金；\n(b) 人员。\n\n秘书处将作口头报告，说明过去一年提供的技术援助以及今后的计划。\n"
    )
    structured = built(text)
    assert numbers(structured) == ["1(a)/1", "1(b)/1", "2/1", "2/2"]
    assert structured.paragraphs[2].section == ("1. 组织事项", "(a) 会议开幕")
    assert [p.id for p in structured.paragraphs[:2]] == ["D#封面/1", "D#临时议程/1"]


def test_resolution_with_preamble_and_annexes() -> None:
    text = (
        "第58/4号决议\n\n大会，\n\n回顾其2000年12月4日第55/61号决议，\n\n又回顾其2001年12月21日第56/186号决议，\n\n"
        "1. 表示赞赏特设委员会；\n\n2. 请各国批准：\n(a) 尽早；\n(一) 不设条件；\n\n3. 决定继续审议。\n\n2003年10月31日\n第51次全体会议\n\n"
        "附件一\n\n职权范围\n\n1. 委员会由十人组成。\n\n2. 委员会每年开会。\n\n附件二\n\n1. 经费由捐助方承担。\n\n2. 账目每年审计。\n"
    )
    structured = built(text)
    assert [p.id for p in structured.paragraphs] == [
        "D#封面/1", "D#序言/1", "D#序言/2", "D#1", "D#2", "D#3", "D#结尾/1",
        "D#附件一/1", "D#附件一/2", "D#附件二/1", "D#附件二/2",
    ]  # fmt: skip
    assert [p.label for p in structured.paragraphs[1:4]] == ["序言部分，第1段", "序言部分，第2段", "第1段"]
    assert structured.paragraphs[7].label == "附件一，第1段"
    assert [item.label for item in structured.paragraphs[4].sub_items] == ["(a)", "(a)(一)"]


def test_several_resolutions_number_anew() -> None:
    text = "会议报告\n\n第1/1号决议\n\n审议机制\n\n1. 请缔约国参加。\n2. 请秘书处服务。\n\n第1/2号决议\n\n技术援助\n\n1. 请捐助。\n2. 请报告。\n3. 决定审议。\n"
    structured = built(text)
    assert numbers(structured) == [
        "第1/1号决议/1", "第1/1号决议/2", "第1/2号决议/1", "第1/2号决议/2", "第1/2号决议/3",
    ]  # fmt: skip
    assert structured.paragraphs[-1].label == "第1/2号决议，第3段"


def test_a_resolution_that_annexes_a_treaty() -> None:
    text = (
        "联合国 A/RES/58/4\n\n大 会\nDistr.: General\n21 November 2003\n\n第五十八届会议\n\n58/4. 联合国反腐败公约\n\n大会，\n"
        "回顾其2000年12月4日第55/61号决议，其中设立了一个拟订反腐败国际法律文书问题特设委员会，\n"
        "1. 表示赞赏特设委员会举行了七届会议；\n2. 通过《公约》，并将其开放供各国签署；\n\n2003年10月31日\n\n附件\n联合国反腐败公约\n\n序言\n\n"
        "本公约缔约国，\n关注腐败对社会稳定与安全所造成的问题和构成的威胁的严重性，\n\n第一章\n总则\n第一条\n宗旨声明\n本公约的宗旨是：\n"
        "（一）促进和加强各项措施，以便更加高效而有力地预防和打击腐败；\n第二条\n术语的使用\n在本公约中：\n（一）“公职人员”系指任职的任何人员。\n"
    )
    structured = built(text)
    assert [p.id for p in structured.paragraphs if p.kind == "paragraph"] == [
        "D#序言/1", "D#1", "D#2", "D#附件/1", "D#附件/2", "D#附件/第一条/1", "D#附件/第二条/1",
    ]  # fmt: skip
    assert structured.paragraphs[-1].label == "附件，第二条第1款"
    cover = structured.paragraphs[0].text.split("\n")
    assert from_cover(cover, None) == Metadata(
        "A/RES/58/4", "58/4. 联合国反腐败公约", "2003-11-21", "第五十八届会议"
    )


def test_articles_of_a_treaty_and_of_a_law() -> None:
    treaty = "示例公约\n\n第一章 总则\n\n第一条 宗旨\n\n本公约的宗旨是：\n（一）促进预防；\n（二）提倡廉正。\n\n第五条 政策\n\n一、各缔约国均应当根据本国法律制度的基本原则，制订和执行有效的反腐败政策。\n\n二、各缔约国均应当努力定期评估有关法律文书。\n"
    assert numbers(built(treaty)) == ["第一条/1", "第五条/1", "第五条/2"]
    assert built(treaty).paragraphs[-1].label == "第五条第2款"
    law = "条例\n\n第一章 总则\n\n第一条 为了预防腐败，制定本条例。\n\n第二条 本条例适用于公职人员。\n公职人员包括：\n（一）行政人员；\n\n第三条 公职人员应当申报财产。\n"
    assert numbers(built(law)) == ["第一条", "第二条", "第三条"]


def test_document_without_any_numbers_counts_its_paragraphs() -> None:
    text = "反腐败形势简报\n\n近年来，各国加强了反腐败工作，取得了明显的进展，也面临新的挑战。\n\n公共采购仍然是风险最高的领域，需要继续提高透明度并加强审计。\n"
    structured = built(text)
    assert [(p.id, p.kind) for p in structured.paragraphs] == [
        ("D#封面/1", "cover"),
        ("D#1", "paragraph"),
        ("D#2", "paragraph"),
    ]


def test_ids_stay_unique_when_a_number_stands_twice() -> None:
    text = "附件一\n\n1. 甲项内容。\n2. 乙项内容。\n\n附件一\n\n1. 丙项内容。\n2. 丁项内容。\n"
    ids = [p.id for p in built("正文\n\n1. 正文内容。\n2. 正文内容二。\n\n" + text).paragraphs]
    assert len(ids) == len(set(ids))
    assert "D#附件一/1" in ids
    assert "D#附件一-2/1" in ids


def test_a_number_on_a_line_of_its_own_belongs_to_the_text_below() -> None:
    text = (
        "一. 导言\n\n1.\n缔约国会议决定设立工作组，就有关预防腐败的任务授权向其提供建议和协助，并请秘书处提供\n"
        "必要的支持，以便工作组履行其职能。\n2.\n缔约国会议还决定该工作组应当履行下列各项职能，并在下届会议上提出\n"
        "报告：\n(a)\n发展和积累预防腐败方面的知识；\n3.\n会议通过了报告，并决定继续审议。\n"
    )
    structured = built(text)
    assert numbers(structured) == ["1", "2", "3"]
    assert structured.paragraphs[1].sub_items[0].text == "发展和积累预防腐败方面的知识；"


def test_raised_digits_are_footnote_marks() -> None:
    structured = built(
        "1. 秘书处编写了说明¹。\n2. 另见网站。²\n\n¹ 见 CAC/COSP/2011/1。\n² 见 www.unodc.org。\n"
    )
    assert [[(n.mark, n.offset, n.text) for n in p.footnotes] for p in structured.paragraphs] == [
        [("1", 8, "见 CAC/COSP/2011/1。")],
        [("2", 5, "见 www.unodc.org。")],
    ]


def test_tabs_after_labels_are_indents_and_contents_are_furniture() -> None:
    text = "目录\n章次 段次 页次\n一. 导言 1-2 2\n二. 结论........ 15\n\n一.\t导言\n\n\t1.\t会议决定：\n\n\t(a)\t设立工作组；\n\n\t2.\t完。\n"
    structured = built(text)
    assert numbers(structured) == ["1", "2"]
    assert structured.paragraphs[0].text == "会议决定：\n(a) 设立工作组；"
    assert sum(piece.name == "table of contents" for piece in structured.pieces) == 4


def test_odd_characters_of_text_layers_are_mended() -> None:
    assert built("1. ⼯作组\u200b继续⼯作。\n2. 完\xa0成。\n").paragraphs[0].text == "工作组继续工作。"


def test_converter_markup_is_furniture() -> None:
    text = (
        "![](_page_0_Picture_1.jpeg)\n\n## 一. 导言\n\n1. 工作组审议了各项问题，并提出了若干建议，供缔约国会议审议，其中涉及预防措施、技术援助和\n\n"
        "{3}------------------------------------------------\n\n<!-- page 3 -->\n\n国际合作等内容。$^1$\n\n=== Page 3 ===\n\n"
        "$^1$ 见 CAC/COSP/2019/1。\n\n--- 第 4 页 ---\n\n2. 完成。\n"
    )
    first, second = built(text).paragraphs
    assert first.text.endswith("技术援助和国际合作等内容。")
    assert [(n.mark, n.text) for n in first.footnotes] == [("1", "见 CAC/COSP/2019/1。")]
    assert second.text == "完成。"


@pytest.mark.parametrize(
    ("lines", "labels"),
    [
        ("(a) 甲：\n(i) 一；\n(ii) 二；\n(b) 乙。", ["(a)", "(a)(i)", "(a)(ii)", "(b)"]),
        ("(g) 甲；\n(h) 乙；\n(i) 丙；\n(j) 丁。", ["(g)", "(h)", "(i)", "(j)"]),
        ("(iii) 甲；\n(iv) 乙；\n(v) 丙；\n(vi) 丁。", ["(iii)", "(iv)", "(v)", "(vi)"]),
        ("（1）甲：\n（a）一；\n（b）二；\n（2）乙。", ["(1)", "(1)(a)", "(1)(b)", "(2)"]),
        ("(b) 乙：\n㈠ 一；\n㈡ 二；\n(c) 丙。", ["(b)", "(b)(一)", "(b)(二)", "(c)"]),
    ],
)
def test_listed_items_nest_as_they_open(lines: str, labels: list[str]) -> None:
    (paragraph,) = built(f"1. 请秘书处：\n{lines}\n").paragraphs
    assert [item.label for item in paragraph.sub_items] == labels
    assert paragraph.sub_items[-1].text in ("乙。", "丁。", "丙。")


def test_a_footnote_mark_that_fell_off_a_full_line_is_linked() -> None:
    full = "会议请秘书处继续收集良好做法，并在下届会议之前提供给各国，包括提供"
    text = "".join(
        f"{n}. {full}\n各国有关主管机关，特别是预防腐败机构和执法机关，以便它们能够加强合作。\n\n"
        for n in range(1, 6)
    )
    text += "6. 会议还请\n各国有关主管机关，特别是预防腐败机构和执法机关，以便它们能够加强合作。\n1\n\n7. 完。\n\n_______\n1 见会议室文件。\n"
    structured = built(text)
    assert numbers(structured) == ["1", "2", "3", "4", "5", "6", "7"]
    assert structured.headings == ()
    assert [(n.mark, n.text) for n in structured.paragraphs[5].footnotes] == [("1", "见会议室文件。")]


def test_footnotes_whose_forerunners_are_lost_are_found_by_their_mark() -> None:
    text = (
        "1. 审议组回顾：\n(a) 140个国家完成了内容提要；3\n(b) 其余国家正在答复。\n2. 发言者强调，审议应当\n_______\n"
        "3 可查阅 www.unodc.org/treaties/\ncountry-profile/index.html。\n具有透明性和公正性。\n"
    )
    first, second = built(text).paragraphs
    assert [(n.mark, n.text) for n in first.footnotes] == [
        ("3", "可查阅 www.unodc.org/treaties/country-profile/index.html。")
    ]
    assert first.sub_items[0].text == "140个国家完成了内容提要；"
    assert second.text == "发言者强调，审议应当具有透明性和公正性。"


def test_names_without_a_full_stop_stay_apart() -> None:
    text = "与会者名单\n\n甲国\n\n张三先生，司法部司长\n\n李四女士，一等秘书\n\n乙国\n\n王五先生，审计长\n"
    texts = [p.text for p in built(text).paragraphs]
    assert texts == [
        "与会者名单",
        "甲国",
        "张三先生，司法部司长",
        "李四女士，一等秘书",
        "乙国",
        "王五先生，审计长",
    ]


def test_a_preamble_of_short_clauses() -> None:
    text = "第13/2号决议\n\n资产追回\n\n缔约国会议，\n\n忆及以往决议，\n\n关切腐败，\n\n1. 敦促缔约国行动；\n\n2. 请秘书处报告。\n"
    structured = built(text)
    assert numbers(structured) == ["序言/1", "序言/2", "1", "2"]
    assert structured.paragraphs[0].text.endswith("缔约国会议，")


def test_resolutions_reproduced_in_a_report_interrupt_its_numbering() -> None:
    text = (
        "会议报告\n\n一. 决议和决定\n\nA. 决议\n\n1. 会议通过了下列决议：\n\n第10/1号决议\n预防教育\n\n缔约国会议，\n\n铭记青年的作用，\n\n"
        "1. 请缔约国开展教育；\n\n2. 请秘书处支持。\n\n附件\n\n1. 课程应当免费。\n\n2. 教材应当公开。\n\n第10/2号决议\n国际合作\n\n缔约国会议，\n\n"
        "重申合作的重要性，\n\n一\n总则\n\n1. 鼓励缔约国合作；\n\n二\n后续行动\n\n2. 请秘书处报告。\n\nB. 决定\n\n2. 会议还通过了一项决定：\n\n"
        "第10/1号决定\n会议地点\n\n会议决定接受邀请。\n\n二. 导言\n\n3. 会议设立于2003年。\n\n4. 会议闭幕。\n"
    )
    structured = built(text)
    assert numbers(structured) == [
        "1", "第10/1号决议/序言/1", "第10/1号决议/1", "第10/1号决议/2", "第10/1号决议/附件/1", "第10/1号决议/附件/2",
        "第10/2号决议/序言/1", "第10/2号决议/1", "第10/2号决议/2", "2", "第10/1号决定/1", "3", "4",
    ]  # fmt: skip
    paragraphs = {p.number: p for p in structured.paragraphs}
    assert paragraphs["第10/2号决议/序言/1"].text == "缔约国会议，重申合作的重要性，"
    assert paragraphs["第10/1号决议/附件/1"].label == "第10/1号决议，附件，第1段"
    assert paragraphs["2"].section == ("一. 决议和决定", "B. 决定")
    assert paragraphs["3"].section == ("二. 导言",)
    assert structured.warnings == ()


def test_a_list_of_resolutions_reproduces_none() -> None:
    text = "1. 会议回顾下列决议：\n\n第10/1号决议\n\n第10/2号决议\n\n2. 会议商定：\n\n第10/3号决议\n\n3. 会议闭幕。\n"
    assert numbers(built(text)) == ["1", "2", "3"]


def test_documents_of_an_agenda_item_are_one_list_under_their_heading() -> None:
    text = (
        "临时议程说明\n\n1. 组织事项\n\n(a) 会议开幕\n\n会议将由主席宣布开幕，随后选举主席团。\n\n文件\n\n临时议程（X/2031/1）\n\n工作安排（X/2031/2）\n\n"
        "(b) 通过议程\n\n工作组不妨通过其议程，并商定会议的工作安排。\n\n2. 其他事项\n\n工作组不妨审议其他事项。\n"
    )
    structured = built(text)
    assert numbers(structured) == ["1(a)/1", "1(a)/2", "1(b)/1", "2/1"]
    documents = structured.paragraphs[2]
    assert (documents.kind, documents.section[-1]) == ("list", "文件")
    assert documents.text == "临时议程（X/2031/1）\n工作安排（X/2031/2）"


def test_a_captioned_table_does_not_head_what_follows() -> None:
    text = (
        "# 报告\n\n## 一、导言\n\n**1.** 下表列出答复数目。\n\n表1\n各区域答复数目\n\n| 区域 | 数目 |\n|---|---|\n| 非洲 | 12 |\n| 亚洲 | 10 |\n\n"
        "**2.** 答复率有所提高。\n\n## 二、结论\n\n**3.** 完。\n"
    )
    structured = built(text)
    assert numbers(structured) == ["1", "表1/1", "表1/2", "2", "3"]
    assert structured.paragraphs[1].text == "下表列出答复数目。"
    assert structured.paragraphs[2].section == ("一、导言", "表1", "各区域答复数目", "区域 | 数目")
    assert structured.paragraphs[4].section == ("一、导言",)


def test_numbers_below_chinese_items_are_lists() -> None:
    text = "若干意见\n\n一、任务\n\n（一）健全制度。完善采购制度，堵塞漏洞。\n1．采购。\n2．财务。\n（二）加强监督。\n\n二、实施\n\n各单位应当执行，并按时报告。\n"
    structured = built(text)
    assert numbers(structured) == ["一/1", "二/1"]
    assert [item.label for item in structured.paragraphs[1].sub_items] == ["(一)", "(一)1", "(一)2", "(二)"]


def test_a_foreword_without_markup_is_no_cover() -> None:
    structured = built(
        "示例手册\n\n前言\n\n本手册供工作人员使用。\n\n第一章 概论\n\n1.1 甲。\n\n1.2 乙。\n\n1.3 丙。\n"
    )
    assert [(p.id, p.kind) for p in structured.paragraphs[:2]] == [
        ("D#封面/1", "cover"),
        ("D#前言/1", "paragraph"),
    ]


def test_titles_of_resolutions_and_of_papers_by_a_state() -> None:
    assert from_cover(["第13/2号决议", "资产追回", "缔约国会议，"], None).title == "第13/2号决议 资产追回"
    cover = ["第十六届会议", "示例国提交的会议室文件", "举报人保护：国家经验"]
    assert from_cover(cover, None).title == "举报人保护：国家经验"


def test_a_footnote_that_goes_on_with_a_number_is_one() -> None:
    line = "缔约方会议不妨鼓励各国继续提供资料，并请秘书处向下届会议提交报告，"
    text = "".join(f"{n}. {line}\n说明各国提供资料的情况。{'1' if n == 3 else ''}\n" for n in range(1, 8))
    text += "\n_______\n 1  见X/2032/9，第14段；另见X/2033/2和X/2033/4，以及秘书处的说明，第\n2至5段。\n"
    structured = built(text)
    assert [[n.text for n in p.footnotes] for p in structured.paragraphs if p.footnotes] == [
        ["见X/2032/9，第14段；另见X/2033/2和X/2033/4，以及秘书处的说明，第2至5段。"]
    ]
    assert structured.warnings == ()


def test_a_line_in_italics_is_no_footnote() -> None:
    text = (
        "# **示例报告**\n\n*摘要*\n\n本报告审查了腐败的影响。\n\n# **一. 导言**\n\n1\\. 甲。\n\n2\\. 乙。\n"
    )
    structured = built(text)
    assert [(p.id, p.text) for p in structured.paragraphs[:2]] == [
        ("D#封面/1", "示例报告"),
        ("D#摘要/1", "本报告审查了腐败的影响。"),
    ]


def test_articles_discussed_in_a_section_stand_under_it() -> None:
    text = "二. 审议情况\n\n第2条\n\n1. 没有提出修正案。\n\n第3条\n\n2. 甲国提议增加下列各项：\na. 国家；\nb. 组织。\n"
    structured = built(text)
    assert [p.section for p in structured.paragraphs] == [
        ("二. 审议情况", "第2条"),
        ("二. 审议情况", "第3条"),
    ]
    assert [item.label for item in structured.paragraphs[1].sub_items] == ["a", "b"]


def test_traditional_text_with_stems_and_a_note_at_its_end() -> None:
    blank = "\n" * 45
    text = f"聯合國反腐敗公約      CAC/COSP/2036/3\n\n臨時議程*項目2\n\n導言\n\n１、　審議機制的目標包括：\n\n（甲）　促進宗旨；\n\n（乙）　推動合作。\n\n２、　請注意本說明。{blank}* CAC/COSP/2036/1。\n"
    structured = built(text)
    assert numbers(structured) == ["1", "2"]
    assert [item.label for item in structured.paragraphs[1].sub_items] == ["(甲)", "(乙)"]
    assert [(n.mark, n.text) for n in structured.paragraphs[0].footnotes] == [("*", "CAC/COSP/2036/1。")]
    assert from_cover(structured.paragraphs[0].text.split("\n"), None).symbol == "CAC/COSP/2036/3"


def test_resolutions_of_a_compendium_keep_their_numbers_in_labels() -> None:
    text = (
        "决议选编\n\n100/1. 预防腐败\n\n大会，\n\n回顾决议，\n\n1. 欢迎进展；\n\n2. 请秘书长报告。\n\n附件\n\n1. 准则自愿适用。\n\n2. 准则公开。\n\n"
        "100/2. 国际合作\n\n大会，\n\n重申《宪章》，\n\n1. 促请合作。\n"
    )
    structured = built(text)
    assert numbers(structured) == [
        "100/1/序言/1", "100/1/1", "100/1/2", "100/1/附件/1", "100/1/附件/2", "100/2/序言/1", "100/2/1"
    ]  # fmt: skip
    assert structured.paragraphs[4].label == "100/1，附件，第1段"


def test_a_table_head_printed_again_and_titles_inside_a_paragraph() -> None:
    text = (
        "一. 任务\n\n1. 小组举行了会议。\n\n表1\n会议\n\n会议\t日期\n第一次\t1月5日\n第二次\t3月9日\n\n会议\t日期\n第三次\t6月1日\n\n"
        "2. 小组建议：\n\n建议1\n\n各国应当公布资料。\n\n建议2\n\n各国应当合作。\n\n3. 小组感谢各国。\n"
    )
    structured = built(text)
    assert numbers(structured) == ["1", "表1/1", "表1/2", "表1/3", "2", "3"]
    assert structured.paragraphs[4].text == "小组建议：\n建议1\n各国应当公布资料。\n建议2\n各国应当合作。"


@pytest.mark.parametrize(
    ("rows", "heads", "first"),
    [
        (["省份\t2030年\t2031年", "甲省\t142\t97"], "省份 | 2030年 | 2031年", "甲省 | 142 | 97"),
        (["省份\t2031年的投诉", "甲省\t约1,142"], "", "省份 | 2031年的投诉"),
        (["省份\t2031年的投诉", "甲省\t1,142"], "省份 | 2031年的投诉", "甲省 | 1,142"),
        (["省份\t2030年", "甲省\t良好"], "", "省份 | 2030年"),
        (["省份\t2030年", "甲省\t2031年"], "", "省份 | 2030年"),
        (["省份\t2030年", "甲省\t2031"], "", "省份 | 2030年"),
        (["时间\t议题", "上午9时至12时\t湿地"], "时间 | 议题", "上午9时至12时 | 湿地"),
        (["上午9时至12时\t湿地", "下午2时至5时\t候鸟"], "", "上午9时至12时 | 湿地"),
        (["第1类\t数目", "非洲\t12"], "", "第1类 | 数目"),
    ],
)
def test_a_first_row_names_the_columns(rows: list[str], heads: str, first: str) -> None:
    """With years in its names only above figures; never with hours or other digits."""
    structured = built("# 报告\n\n**1.** 见下表。\n\n" + "\n".join(rows) + "\n乙省\t8\n\n**2.** 完。\n")
    row = next(p for p in structured.paragraphs if p.kind == "row")
    assert row.text.strip() == first
    assert [h for h in row.section if "|" in h] == [heads] * bool(heads)


def test_hours_below_a_date_are_a_row_of_the_programme() -> None:
    text = "# 日程\n\n**1.** 见下表。\n\n2031年3月3日\n\n上午9时至12时\t湿地\n下午2时至5时\t候鸟\n\n**2.** 完。\n"
    rows = [p for p in built(text).paragraphs if p.kind == "row"]
    assert [(p.text, p.section) for p in rows] == [
        ("上午9时至12时 | 湿地", ("2031年3月3日",)),
        ("下午2时至5时 | 候鸟", ("2031年3月3日",)),
    ]


def test_date_lines_of_a_table_without_a_head_do_not_nest() -> None:
    days = "".join(f"2031年3月{day}日\n\n上午9时至12时\t第{day}场\n\n" for day in (3, 4, 5))
    rows = [
        p for p in built(f"# 日程\n\n**1.** 见下表。\n\n{days}**2.** 完。\n").paragraphs if p.kind == "row"
    ]
    assert [row.section[-1] for row in rows] == ["2031年3月3日", "2031年3月4日", "2031年3月5日"]
    assert "2031年3月4日" not in rows[2].section


def test_bracketed_notes_and_quotation_marks_of_markdown() -> None:
    text = "1. 公约已经生效[1]。共有191个缔约国[2]。\n\n2. 会议指出：\n\n> 预防是关键。\n\n[1] 见第六十八条。\n[2] 见网站。\n"
    first, second = built(text).paragraphs
    assert first.text == "公约已经生效。共有191个缔约国。"
    assert [(n.mark, n.offset, n.text) for n in first.footnotes] == [
        ("[1]", 6, "见第六十八条。"),
        ("[2]", 16, "见网站。"),
    ]
    assert second.text == "会议指出：\n预防是关键。"


def test_short_lines_after_a_colon_are_a_list() -> None:
    structured = built(
        "一. 活动\n\n1. 人数如下：\n\n甲国：20人\n乙国：30人\n\n2. 共有\n100. 5万人受益，有所增加。\n\n3. 完。\n"
    )
    assert structured.headings == ("一. 活动",)
    assert structured.paragraphs[0].text == "人数如下：\n甲国：20人\n乙国：30人"
    assert (structured.paragraphs[1].number, structured.paragraphs[1].sub_items) == ("2", ())


def test_a_short_list_in_an_unnumbered_text_numbers_no_paragraphs() -> None:
    prose = "".join(
        f"## 第{n}部分\n\n受益所有权不透明助长腐败，各国应当建立登记册。\n\n各国情况不一。\n\n"
        for n in "甲乙丙"
    )
    structured = built(f"# 简报\n\n{prose}## 标准\n\n1. 《公约》第十二条。\n2. 建议24。\n\n执行情况不一。\n")
    assert numbers(structured) == ["1", "2", "3", "4", "5", "6", "7", "8"]
    assert structured.paragraphs[7].text == "1. 《公约》第十二条。\n2. 建议24。"
    assert structured.paragraphs[7].section == ("标准",)


def test_prose_repeated_in_wrapped_paragraphs_is_no_running_header() -> None:
    line = "9/6号决议执行进展情况的报告和其他各项有关文件（见上文所列清单）提供了更多"
    text = "".join(
        f"{n}. 第{n}项活动已经按照工作计划全部完成，关于缔约国会议题为后续行动的第\n{line}\n"
        "信息，包括各国提交的材料、所取得的经验教训以及今后在这一方面的工作安排等。\n"
        for n in range(1, 7)
    )
    structured = built(text)
    assert numbers(structured) == [str(n) for n in range(1, 7)]
    assert all(line in p.text for p in structured.paragraphs)


def test_citation_form(samples: Corpus) -> None:
    documents = {d.id: d for d in samples.documents}
    paragraph = next(p for p in samples.paragraphs if p.id == "示例/2024/6#附件一/3")
    document = documents["示例/2024/6"]
    assert document.cite(paragraph) == "示例/2024/6，附件一，第3段"
    assert replace(document, symbol=None, title="手册").cite(paragraph) == "《手册》，附件一，第3段"


LINES = st.lists(
    st.one_of(
        st.sampled_from(["", " ", "一. 导言", "A. 背景", "(a) 第一项；", "# 标题", "附件", "摘要", "____________", " 1  见附件。",
                         "V.24-01234 3/9", "CAC/COSP/2024/1", "日期\t项目", "| 甲 | 乙 |", "|---|---|", "- 列表", "\f", "2、",
                         "第10/1号决议", "第10/2号决议", "大会，", "回顾决议，", "一", "B. 决定", "[1] 见附件。", "会议[1]。", "> 引文",
                         "①甲", "（1）乙", "（甲）丙", "表1", "文件", "前言", "第2条", "3", "*摘要*", "人数："]),
        st.integers(1, 30).map(lambda n: f"{n}. 这是第{n}个段落，内容如下。"),
        st.text(alphabet="会议决定工作组请秘书处12,.；。（）*#[]<>|_\\ \t", max_size=60),
    ),
    max_size=40,
)  # fmt: skip


@given(LINES)
@settings(max_examples=150, deadline=None)
def test_nothing_is_lost_from_any_text(lines: list[str]) -> None:
    text = "\n".join(lines)
    structured = built(text)
    owners = Counter(i for piece in structured.pieces for i in range(piece.start, piece.end))
    wrong = [i for i, c in enumerate(text) if not c.isspace() and owners[i] != 1]
    assert wrong == []
    ids = [p.id for p in structured.paragraphs]
    assert len(ids) == len(set(ids))
