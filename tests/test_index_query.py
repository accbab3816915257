"""What a question asks for."""

import pytest

from index.query import Filters, document_years, parse_filter, parse_query
from ingest import Document


def a_document(**fields):
    base = {"id": "d", "symbol": None, "title": "报告", "date": None, "session": None, "language": "zh", "text": "",
            "source": "d.txt"}  # fmt: skip
    return Document(**{**base, **fields})


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("会议由谁主持？", "who"),
        ("第十届会议是什么时候召开的？", "when"),
        ("会议在哪里举行？", "where"),
        ("有多少个国家参加？", "how_many"),
        ("工作组有哪些职能？", "list"),
        ("为什么设立工作组？", "why"),
        ("欧盟是否参加？", "yes_no"),
        ("两份报告有什么不同？", "compare"),
        ("什么叫利益冲突？", "definition"),
        ("如何预防腐败？", "how"),
        ("Who chaired the meeting?", "who"),
        ("When was it held?", "when"),
        ("How many States took part?", "how_many"),
        ("介绍工作组", "what"),
        ("", "what"),
    ],
)
def test_answer_kind(question, kind):
    assert parse_query(question).answer_kind == kind


def test_facts_in_any_script():
    facts = parse_query("二〇一九年第十次會議依照第六十三条第七款和第3/2号决议做了什么？见CAC/COSP/2017/4")
    assert facts.years == (2019,)
    assert facts.sessions == ("10次",)
    assert facts.articles == ("63", "63(7)")
    assert facts.resolutions == ("3/2",)
    assert facts.symbols == ("cac/cosp/2017/4",)
    assert facts.language == "zh"


def test_year_of_a_document_is_told_from_a_year_asked_about():
    assert parse_query("在2019年的报告里，谁主持？").document_years == (2019,)
    assert parse_query("2019年那次会议谁主持？").document_years == (2019,)
    assert parse_query("2019年有多少国家加入？").document_years == ()
    assert parse_query("in the 2019 report, who spoke?").document_years == (2019,)


def test_language():
    assert parse_query("Which resolution set up the Working Group?").language == "en"
    assert parse_query("UNODC在2011年出版了什么？").language == "zh"


def test_document_years_come_from_date_session_and_symbol():
    document = a_document(date="2019-09-16", session="第八届会议（2020年）", symbol="CAC/COSP/2018/4")
    assert document_years(document) == {2018, 2019, 2020}
    assert document_years(a_document()) == frozenset()


def test_filters_admit_by_id_symbol_year_and_session():
    document = a_document(symbol="CAC/COSP/2017/4", session="缔约国会议第七届会议（2017年）")
    assert Filters().admits(document)
    assert Filters(documents=frozenset({"CAC/COSP/2017/4"})).admits(document)
    assert not Filters(documents=frozenset({"other"})).admits(document)
    assert Filters(years=frozenset({2017})).admits(document)
    assert not Filters(years=frozenset({2019})).admits(document)
    assert Filters(sessions=frozenset({"7届"})).admits(document)
    assert Filters(sessions=frozenset({"第七届会议"})).admits(document)
    assert not Filters(sessions=frozenset({"8届"})).admits(document)


def test_parse_filter():
    assert parse_filter("year=2019,2023 session=10届 document=X") == Filters(
        frozenset({"X"}), frozenset({"10届"}), frozenset({2019, 2023})
    )
    with pytest.raises(ValueError, match="colour=red"):
        parse_filter("colour=red")
    with pytest.raises(ValueError, match="Not a year: abc"):
        parse_filter("year=abc")
