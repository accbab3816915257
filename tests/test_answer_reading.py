from dataclasses import replace

import pytest
from answer_fakes import FakeIndex, corpus

from answer.evidence import unmet_facts
from answer.expected import defines
from answer.extractive import extract
from answer.facts import facts
from answer.questions import read_question
from answer.sentences import normalise


@pytest.mark.parametrize(
    ("text", "asked", "not_asked"),
    [
        ("邻近几个国家商量着搞条约，想互通什么？", "what", "how_many"),
        ("有几个国家参加？", "how_many", "what"),
        ("最晚什么时候把信息网站建好？", "when", "url"),
        ("材料在哪个网站？", "url", "when"),
        ("啥时候开会？", "when", "what"),
    ],
)
def test_kinds_of_answer(text, asked, not_asked):
    kinds = {kind for part in read_question(text).parts for kind in part.kinds}
    assert asked in kinds
    assert not_asked not in kinds


def test_the_month_asked_for_is_not_a_month_stated():
    assert [f for f in read_question("培训班哪一年哪一月启动？").facts if f.kind == "date"] == []
    assert [f.value[1] for f in read_question("2021年一月启动了什么？").facts if f.kind == "date"] == [1]


def test_a_small_number_stated_as_a_fact_has_to_be_met():
    document, paragraphs = corpus()
    asked = read_question("那三份采购合同是哪一年审查的？")
    claimed = read_question("第四次会议只有三个国家出席，在哪里举行？")
    assert [f.value[0] for f in unmet_facts(claimed, paragraphs[0], document)] == [3.0]
    assert unmet_facts(asked, paragraphs[4], document) == []


def test_each_years_document_is_cited_where_a_question_names_several():
    index = FakeIndex()
    first, paragraphs = corpus()
    second = replace(first, id="TEST/WG/2021/1", symbol="TEST/WG/2021/1", date="2021-07-01")
    other = replace(
        paragraphs[4],
        id="TEST/WG/2021/1#5",
        doc_id=second.id,
        text="秘书处审查了52份采购合同，其中9份没有按规定公布。",
    )
    index.documents = (first, second)
    index.paragraphs = (*paragraphs, other)
    index.fingerprint = "two-documents"
    question = read_question("2021年审查了多少份采购合同，2023年又审查了多少份？")
    extraction = extract(index, question, index.search(question.text), index.search)
    cited = {c.paragraph_id for s in extraction.sentences for c in s.citations}
    assert cited == {"TEST/WG/2021/1#5", "TEST/WG/2023/1#5"}


@pytest.mark.parametrize(
    ("question", "text", "defined"),
    [
        ("什么是资产追回？", "资产的追回是指把资产返还给有权取得者的过程。", True),
        ("资产追回是什么意思？", "资产追回系指返还资产。", True),
        ("什么是资产追回？", "会议设立了资产追回工作组，这是指第1/4号决议。", False),
        ("资产追回有多少件？", "资产追回是指返还资产。", False),
    ],
)
def test_a_definition_is_recognised(question, text, defined):
    part = read_question(question).parts[0]
    assert defines(part, text) is defined


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("2030年投诉142，2031年投诉97", [142, 97]),
        ("2030年投诉1,142，2031年投诉97", [1142, 97]),
        ("共1,142,203人", [1142203]),
    ],
)
def test_a_comma_before_a_year_groups_no_digits(text, numbers):
    assert [f.value[0] for f in facts(normalise(text).text) if f.kind == "number"] == numbers


@pytest.mark.parametrize(
    ("text", "years", "numbers"),
    [
        ("2021、2022、2023三个年头", [2021, 2022, 2023], [3]),
        ("2021、2022和2023这三年", [2021, 2022, 2023], [3]),
        ("2019与2021两个年度", [2019, 2021], [2]),
        ("2019和2021两份报告", [2019, 2021], [2]),
        ("2021、2022、2023三个部门", [], [2021, 2022, 2023, 3]),
    ],
)
def test_years_run_together_are_years_where_years_are_counted(text, years, numbers):
    found = facts(normalise(text).text)
    assert [f.value[0] for f in found if f.kind == "date"] == years
    assert [f.value[0] for f in found if f.kind == "number"] == numbers


def test_a_year_of_two_digits_is_a_year_of_the_question():
    assert [f.value[0] for f in read_question("19年那份报告说了什么？").facts if f.kind == "date"] == [2019]
    assert [f for f in read_question("近12年来有什么进展？").facts if f.kind == "date"] == []
