"""Rows of figures read with the names of their columns."""

import pytest
from answer_fakes import Given, ask_of, document, paragraph

from answer.rows import asked_cell, cells, shown, spelled

HEAD = "省份 | 2030年收到的投诉 | 2031年收到的投诉 | 占比"


def row(text, *section):
    return paragraph("T", "1", text, section or ("一. 统计", HEAD), "row")


@pytest.fixture
def complaints():
    return row("甲省 | 142 | 97 | 百分之四十")


def test_cells_have_the_names_of_their_columns_and_their_place(complaints):
    assert [cell.column for cell in cells(complaints)] == HEAD.split(" | ")
    assert [complaints.text[c.start : c.end] for c in cells(complaints)] == [
        "甲省",
        "142",
        "97",
        "百分之四十",
    ]
    assert [c.text for c in cells(complaints)] == ["甲省", "142", "97", "百分之四十"]


def test_a_row_is_matched_and_shown_with_its_columns(complaints):
    assert spelled(complaints) == "甲省，2030年收到的投诉142，2031年收到的投诉97，占比百分之四十"
    assert shown(complaints) == "省份：甲省；2030年收到的投诉：142；2031年收到的投诉：97；占比：百分之四十"


@pytest.mark.parametrize(
    "other",
    [
        row("甲省 | 142 | 97"),
        row("甲省 | 142 | 97\n | 百分之四十"),
        row("甲省 | 142 | 97 | 百分之四十", "一. 统计"),
        paragraph("T", "1", "甲省 | 142 | 97 | 百分之四十", ("一. 统计", HEAD)),
    ],
)
def test_what_does_not_fit_named_columns_has_no_cells(other):
    assert (cells(other), spelled(other), shown(other)) == ((), "", "")


def test_the_nearest_head_names_the_columns():
    assert spelled(row("甲省 | 9", HEAD, "省份 | 人数")) == "甲省，人数9"


@pytest.mark.parametrize(
    ("question", "cell"),
    [
        ("甲省2030年收到多少投诉？", "142"),
        ("甲省2031年收到多少投诉？", "97"),
        ("甲省的占比是多少？", "百分之四十"),
        ("甲省2029年收到多少投诉？", None),
        ("甲省收到多少投诉？", None),
        ("甲省在哪里？", None),
    ],
)
def test_the_cell_of_the_column_asked_for(complaints, question, cell):
    index = Given([document("T", "投诉统计")], [complaints])
    asked = ask_of(index, question)
    found = asked_cell(complaints, asked.weights, asked.question.facts)
    assert (found and found.text) == cell


@pytest.mark.parametrize(
    ("head", "question", "cell"),
    [
        ("省份 | 二零三零年 | 二零三一年", "甲省2031年有多少？", "97"),
        ("省份 | 2030年收到的投诉 | 占比", "甲省2030年收到的投诉有多少？", "142"),
        ("省份 | 2030年收到的投诉 | 占比", "甲省2029年收到的投诉有多少？", None),
    ],
)
def test_the_year_of_the_column_decides_not_its_words(head, question, cell):
    table = row("甲省 | 142 | 97", head)
    asked = ask_of(Given([document("T", "统计")], [table]), question)
    found = asked_cell(table, asked.weights, asked.question.facts)
    assert (found and found.text) == cell
