"""Several things asked of invented documents: a programme, two yearly reports, a list over paragraphs."""

import pytest
from answer_fakes import Given, document, paragraph

from answer.extractive import extract
from answer.questions import read_question


def cited(index, question):
    made = extract(index, read_question(question), index.hits(), lambda text: index.hits())
    return made, list(dict.fromkeys(s.citations[0].paragraph_id for s in made.sentences))


@pytest.fixture
def programme():
    rows = [
        ("1", "2031年3月3日", "上午9时至12时 | 湿地保护"),
        ("2", "2031年3月3日", "下午2时至5时 | 候鸟普查"),
        ("3", "2031年3月4日", "上午9时至12时 | 河流治理"),
        ("4", "2031年3月4日", "下午2时至5时 | 通过报告"),
    ]
    made = [paragraph("P", n, text, ("附件", day), "row") for n, day, text in rows]
    return Given([document("P", "湿地大会日程")], made)


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ("第二天上午讨论什么？", ["P#3"]),
        ("最后一天下午讨论什么？", ["P#4"]),
        ("第一天上下午各讨论什么？", ["P#1", "P#2"]),
    ],
)
def test_rows_of_the_day_and_half_day_asked_for(programme, question, rows):
    assert cited(programme, question)[1] == rows


def test_each_of_the_parallel_paragraphs_is_cited():
    texts = ["来自甲省的林业专家介绍了防火瞭望塔。", "来自乙省的林业专家介绍了无人机巡护。"]
    texts += ["来自丙省的林业专家介绍了护林员培训。", "会议于中午休会。"]
    index = Given([document("L", "林业座谈")], [paragraph("L", str(n), t) for n, t in enumerate(texts, 1)])
    assert cited(index, "哪三个省的林业专家作了介绍？")[1] == ["L#1", "L#2", "L#3"]


def test_one_paragraph_where_one_thing_is_asked():
    texts = ["来自甲省的林业专家介绍了防火瞭望塔。", "来自乙省的林业专家介绍了无人机巡护。"]
    index = Given([document("L", "林业座谈")], [paragraph("L", str(n), t) for n, t in enumerate(texts, 1)])
    assert cited(index, "甲省的林业专家介绍了什么？")[1] == ["L#1"]


def test_each_year_has_its_document_and_what_stands_beside():
    old = paragraph("A", "1", "图书馆继续开展流动书车活动。书车走访了31个村庄。")
    new = paragraph("B", "1", "图书馆继续开展流动书车活动。书车走访了58个村庄。")
    documents = [
        document("A", "2031年图书馆年报", "2031-01-01"),
        document("B", "2033年图书馆年报", "2033-01-01"),
    ]
    made, ids = cited(Given(documents, [old, new]), "流动书车2031年和2033年各开展得怎么样？")
    assert ids == ["A#1", "B#1"]
    text = "".join(s.text for s in made.sentences)
    assert "31个村庄" in text
    assert "58个村庄" in text
    assert [label for label, _ in made.table.rows] == ["2031年", "2033年"]
