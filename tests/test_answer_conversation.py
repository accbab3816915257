import json
from pathlib import Path

import pytest

from answer.conversation import Standalone, Turn, small_talk, standalone
from answer.questions import read_question, topic, variants


@pytest.mark.parametrize(
    ("text", "kind"),
    [("你好！", "greeting"), ("您好", "greeting"), ("Hi", "greeting"), ("非常感谢", "thanks"), ("再见", "goodbye"),
     ("你是谁？", "abilities"), ("what can you do?", "abilities"), ("", "empty"), ("？", "empty")],
)  # fmt: skip
def test_small_talk(text, kind):
    assert small_talk(text) == kind


@pytest.mark.parametrize(
    "text", ["你好，第十次会议在哪举行？", "感谢谁提供了资料？", "帮助缔约国的机构有哪些？"]
)
def test_questions_are_no_small_talk(text):
    assert small_talk(text) is None


TENTH = [Turn("第十次会议是什么时候举行的？", "2019年9月4日至6日。")]


def test_a_new_name_takes_the_place_of_the_old():
    assert standalone("那第十一次呢？", TENTH).text == "第十一次会议是什么时候举行的?"


def test_a_year_counted_from_the_one_before():
    history = [Turn("2017年有多少缔约国通报了主管机关？", "106个。")]
    assert standalone("五年前是多少？", history).text == "2012年有多少缔约国通报了主管机关?"


def test_a_pronoun_takes_the_topic_along():
    result = standalone("它是哪年成立的？", [Turn("国际反腐败学院在哪里？", "维也纳附近。")])
    assert result.followed
    assert "国际反腐败学院" in result.text
    assert result.asked == "它是哪年成立的？"


def test_ellipsis_takes_the_topic_along():
    assert "第十次会议" in standalone("由谁主持？", TENTH).text


def test_a_state_swapped_and_a_question_added():
    result = standalone("斯里兰卡呢？它的计划包括哪几块？", [Turn("会上卡塔尔讲了什么？", "国家战略。")])
    assert "斯里兰卡" in result.text
    assert "卡塔尔" not in result.text
    assert "它的计划包括哪几块" in result.text


@pytest.mark.parametrize(
    "question",
    ["缔约国会议第3/2号决议设立了什么机构？", "国际奥林匹克委员会采取了哪些行动防止操纵体育竞赛？"],
)
def test_a_change_of_topic_drags_nothing_along(question):
    result = standalone(question, TENTH)
    assert result.text == question
    assert not result.followed


def test_without_a_history_nothing_changes():
    assert standalone("那后来呢？", []).text == "那后来呢？"


def test_a_chain_of_follow_ups_reaches_back():
    history = [Turn("缅甸的反腐败委员会是怎么加强的？", "…"), Turn("由谁协助？", "…")]
    assert "缅甸" in standalone("后来呢？", history).text


@pytest.mark.parametrize(
    ("text", "kinds"),
    [("会议何时举行？", ("when",)), ("有多少国家参加？", ("how_many",)), ("会议何时何地举行？", ("when", "where")),
     ("根据哪项决议设立？", ("resolution",)), ("有哪些职能？", ("list",)), ("为什么这样做？", ("why",))],
)  # fmt: skip
def test_kinds_of_question(text, kinds):
    assert read_question(text).kinds == kinds


def test_two_questions_in_one_are_two_parts_and_context_is_shared():
    parts = read_question("在第十次会议上，谁主持会议，秘书处报告了什么？").parts
    assert [p.text for p in parts] == ["在第十次会议上，谁主持会议", "秘书处报告了什么"]


def test_variants_of_a_comparison():
    found = variants("第七届和第十届缔约国会议各在哪座城市举行？")
    assert [v.label for v in found] == ["第七届", "第十届"]
    assert found[1].text.startswith("第十届缔约国会议")
    assert [v.label for v in variants("2016、2017、2022、2023这四年会议，各有多少国家交材料？")] == [
        "2016年", "2017年", "2022年", "2023年",
    ]  # fmt: skip
    assert variants("第十次会议由谁主持？") == ()


@pytest.mark.parametrize(
    "question", ["什么是资产追回？", "《公约》何时生效？", "反腐败学院何时成立？", "2025年的会议在哪里举行？"]
)
def test_a_short_question_that_names_its_topic_stands_alone(question):
    assert standalone(question, TENTH) == Standalone(question, False, question)


DEVELOPMENT = [
    json.loads(line)
    for line in Path("tests/data/conversations_dev.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("row", DEVELOPMENT, ids=[row["id"] for row in DEVELOPMENT])
def test_history_is_carried_over_only_where_it_is_needed(row):
    result = standalone(row["question"], [Turn(t["question"], t["answer"]) for t in row["history"]])
    assert result.followed == (row["kind"] == "follow_up")
    assert all(any(term in result.text for term in terms) for terms in row["needed"])
    assert not any(term in result.text for term in row["forbidden"])


def test_a_topic_has_no_copula_left_over():
    assert topic("什么是资产追回？") == "资产追回"
    assert topic("雅加达声明是什么时候通过的？") == "雅加达声明"
    assert topic("When was the GlobE Network launched?") == "GlobE Network launched"
