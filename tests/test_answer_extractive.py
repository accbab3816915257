"""Several things asked of invented documents: a programme, two yearly reports, a list over paragraphs."""

import pytest
from answer_fakes import Given, document, given, paragraph

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


PAY = ("护林员的待遇在2029年为每月300元。", "护林员的待遇在2031年为每月500元。")


def quoted(made):
    return [sentence.text for sentence in made.sentences]


@pytest.mark.parametrize(
    ("question", "texts", "ids"),
    [
        ("护林员的待遇前后有什么变化？", (*PAY, "会议休会。"), ["L#1", "L#2"]),
        ("护林员的待遇是多少？", (*PAY, "会议休会。"), ["L#1"]),
        ("待遇前后有什么变化？", ("2029年待遇为300元。", "据2031年公报，待遇为500元。"), ["L#1", "L#2"]),
        ("待遇前后有什么变化？", ("2029年待遇为300元。", "据2029年公报，待遇为500元。"), ["L#1"]),
        ("护林员的待遇前后有什么变化？", (PAY[0], "据2031年公报，飞鸟增加了。"), ["L#1"]),
    ],
)
def test_the_same_told_of_another_time_is_added_where_change_is_asked_for(question, texts, ids):
    assert cited(given(*texts), question)[1] == ids


def test_no_more_further_paragraphs_than_the_question_counts():
    told = {
        "甲": "防火瞭望塔",
        "乙": "无人机巡护",
        "丙": "护林员培训",
        "丁": "病虫害防治",
        "戊": "苗木新品种",
    }
    texts = [f"来自{name}省的林业专家介绍了{thing}。" for name, thing in told.items()]
    assert len(cited(given(*texts), "哪两个省的林业专家作了介绍？")[1]) == 2
    assert len(cited(given(*texts), "哪些省的林业专家作了介绍？")[1]) == 4


def test_a_sentence_that_names_all_years_answers_alone():
    both = "2029年培训了12名护林员，2031年培训了40名护林员。"
    made, _ = cited(
        given(both, "2031年培训了40名护林员，其中女性9名。"), "2029年和2031年各培训了多少护林员？"
    )
    assert (made.compared, made.table) == (False, None)
    assert quoted(made)[0] == both  # and no single figure before it


def test_years_told_apart_stand_in_a_table():
    texts = ["2029年培训了12名护林员。", "2031年培训了40名护林员，其中女性9名。"]
    made, ids = cited(given(*texts), "2029年和2031年各培训了多少护林员？")
    assert ids == ["L#1", "L#2"]
    assert [(label, cell[0].text) for label, cell in made.table.rows] == [
        ("2029年", texts[0]),
        ("2031年", texts[1]),
    ]


def test_a_cell_comes_from_a_paragraph_that_names_its_session():
    texts = ["护林员出席会议，共有12名护林员，讲话踊跃。", "第二次会议来了30名。", "第三次会议来了40名。"]
    question = "第二次会议和第三次会议各有多少名护林员出席？"
    made, _ = cited(given(*texts, scores=(12.0, 11.0, 11.0)), question)
    assert [cell[0].text for _, cell in made.table.rows] == texts[1:]
    far, _ = cited(given(*texts, scores=(20.0, 11.0, 11.0)), question)
    assert far.table is None  # a paragraph far below the best is none to answer with


def asks_and_queries(question):
    index, queries = given("2029年培训来了12名护林员。", "2031年讲座来了340名农民。"), []

    def search(text):
        queries.append(text)
        return index.hits()

    made = extract(index, read_question(question), index.hits(), search)
    return [[f.text for f in a.question.facts if f.kind == "date"] for a in made.asks], queries


def test_each_part_of_a_question_is_bound_by_its_own_year():
    dates, queries = asks_and_queries("2029年培训来了几名护林员？2031年讲座来了多少名农民？")
    assert dates == [["2029年"], ["2031年"]]
    assert len(queries) == 1
    assert "2029" not in queries[0]
    assert "护林员" in queries[0]


def test_a_part_without_a_year_keeps_that_of_the_first():
    dates, queries = asks_and_queries("2029年培训来了几名护林员？讲座来了多少名农民？")
    assert dates == [["2029年"], ["2029年"]]
    assert queries[0].endswith("：讲座来了多少名农民")


HEAD = "省份 | 2030年的投诉 | 2031年的投诉"


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("乙省2031年的投诉有多少？", "61"),
        ("乙省2030年的投诉有多少？", "88"),
        ("乙省的投诉有多少？", None),
        ("乙省2031年的投诉说明了什么？", None),
    ],
)
def test_a_row_is_shown_with_its_columns_after_the_figure_asked_for(question, first):
    rows = [
        paragraph("T", str(number), text, ("一. 统计", HEAD), "row")
        for number, text in enumerate(("甲省 | 142 | 97", "乙省 | 88 | 61"), 1)
    ]
    made, ids = cited(Given([document("T", "投诉统计")], rows), question)
    assert ids == ["T#2"]
    shown = ("省份：乙省；2030年的投诉：88；2031年的投诉：61", "supported")
    assert [(s.text, s.verdict) for s in made.sentences] == [(first, "verbatim")] * bool(first) + [shown]


def test_the_citation_of_a_shown_row_is_the_row_itself():
    row = paragraph("T", "1", "甲省 | 142 | 97", ("一. 统计", HEAD), "row")
    made, _ = cited(Given([document("T", "投诉统计")], [row]), "甲省2031年的投诉说明了什么？")
    assert [c.quote for c in made.sentences[0].citations] == [row.text]


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("有多少名代表出席？", "164名"),
        ("有多少个国家出席？", "29个"),
        ("有多少篇论文？", "来自29个国家的164名代表出席。"),
    ],
)
def test_only_a_number_of_the_thing_asked_for_is_given_first(question, first):
    made, _ = cited(given("来自29个国家的164名代表出席。"), question)
    assert quoted(made)[0] == first
