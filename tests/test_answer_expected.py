"""The sort of thing a question asks for, and whether a text holds such a thing."""

import pytest

from answer.expected import Counted, counts, holds_answer, sort_of, suits, things_counted
from answer.facts import facts
from answer.names import places, states
from answer.questions import read_question
from answer.sentences import normalise


def part_of(question):
    return read_question(question).parts[0]


def held(question, text):
    read = read_question(question)
    return holds_answer(read, read.parts[0], normalise(text).text)


@pytest.mark.parametrize(
    ("question", "sort"),
    [
        ("举报电话是多少？", "contact"),
        ("举报电话什么时候开通？", "when"),
        ("热线电话归谁管？", "agent"),
        ("文件以几种语言印发？", "language"),
        ("哪些国家介绍了经验？", "states"),
        ("没有答复的国家都有哪些？", "states"),
        ("请求协助的四国是哪几个？", "states"),
        ("哪些国家战略获得通过？", "list"),
        ("缔约国有哪些义务？", "list"),
        ("哪些国际标准有用？", "list"),
        ("丙国是哪一年加入的？", "when"),
        ("各国为什么这样选？", "why"),
        ("占总额的百分之几？", "share"),
        ("答复率是多少？", "share"),
        ("讲习班的频率是多少？", "number"),
        ("项目花了多少钱？", "money"),
        ("预算缺口有多大？", "money"),
        ("方案罚了多少人？", "number"),
        ("有多少万人受训？", "number"),
        ("培训为期多久？", "length"),
        ("报告要提前几天交？", "length"),
        ("会议是哪几天举行的？", "when"),
        ("主席是谁？", "person"),
        ("由谁执行决议？", "agent"),
        ("哪个阶段最难？", "open"),
        ("会议在哪里举行？", "where"),
        ("材料在哪个网站？", "url"),
        ("第几号决议设立了工作组？", "resolution"),
        ("专题讨论的题目是什么？", "title"),
        ("How long does the training take?", "length"),
        ("Which countries took part?", "states"),
        ("How much did the project cost?", "money"),
    ],
)
def test_sort_of_thing_asked_for(question, sort):
    assert sort_of(part_of(question)) == sort


@pytest.mark.parametrize(
    ("question", "text", "value"),
    [
        ("举报电话是多少？", "请拨010-1234567。", 1.0),
        ("举报电话是多少？", "请打电话举报，限30天。", 0.0),
        ("文件以几种语言印发？", "以中文和法文印发。", 1.0),
        ("文件以几种语言印发？", "印发了三份。", 0.0),
        ("哪些国家介绍了经验？", "英国介绍了经验。", 1.0),
        ("哪些国家介绍了经验？", "内罗毕的专家介绍了经验。", 0.0),
        ("除肯尼亚外哪些国家介绍了经验？", "肯尼亚介绍了经验。", 0.0),
        ("答复率是多少？", "答复率为百分之四十。", 1.0),
        ("答复率是多少？", "收到40份答复。", 0.0),
        ("项目花了多少钱？", "耗资300万美元。", 1.0),
        ("项目花了多少钱？", "耗资200万日元。", 1.0),
        ("项目花了多少钱？", "分3个阶段。", 0.0),
        ("培训为期多久？", "历时三周。", 1.0),
        ("培训为期多久？", "2021年5月10日至12日举行。", 1.0),
        ("培训为期多久？", "2021年5月10日举行，30人参加。", 0.0),
        ("会议是哪一天开的？", "于2021年5月10日举行。", 1.0),
        ("会议是哪一天开的？", "于2021年5月举行。", 0.2),
        ("会议是几月开的？", "于2021年5月举行。", 1.0),
        ("会议是几月开的？", "于2021年举行。", 0.2),
        ("2021年的会议何时开？", "2021年的会议已经开过。", 0.0),
        ("会议在哪里举行？", "会议在内罗毕举行。", 1.0),
        ("会议在哪里举行？", "会议在礼堂举行。", 0.6),
        ("会议在哪里举行？", "会议通过了报告。", 0.1),
        ("宣言在哪里通过？", "《马拉喀什宣言》获得通过。", 0.1),
        ("会议由谁主持？", "会议由奥蒂诺女士主持。", 1.0),
        ("会议由谁主持？", "会议由秘书处主持。", 0.4),
        ("会议由谁主持？", "会议已经结束。", 0.1),
        ("谁执行决议？", "审计院执行决议。", 1.0),
        ("谁执行决议？", "护林集团执行决议。", 0.8),
        ("护林集团和谁执行决议？", "护林集团执行决议。", 0.1),
        ("会议为什么推迟？", "因经费不足而推迟。", 1.0),
        ("会议为什么推迟？", "会议推迟了。", 0.3),
        ("讨论的题目是什么？", "讨论题为采购。", 1.0),
        ("讨论的题目是什么？", "讨论采购。", 0.3),
        ("材料在哪个网站？", "见www.example.org。", 1.0),
        ("材料在哪个网站？", "见附件。", 0.0),
        ("小组有哪些职能？", "收集资料、交流经验、提出建议。", 1.0),
        ("小组有哪些职能？", "收集资料。", 0.4),
        ("第几号决议设立了小组？", "第3/2号决议设立了小组。", 1.0),
        ("第几号决议设立了小组？", "2021年设立了小组。", 0.0),
        ("小组如何工作？", "小组举行会议。", 0.5),
    ],
)
def test_whether_a_text_holds_the_thing_asked_for(question, text, value):
    assert held(question, text) == value


@pytest.mark.parametrize(
    ("question", "text", "value"),
    [
        ("有多少名代表出席？", "164名代表出席。", 1.0),
        ("有多少名代表出席？", "来自29个国家。", 0.1),
        ("有多少名代表出席？", "出席者众多。", 0.0),
        ("收到了几份批准书？", "第三十份批准书交存后生效。", 0.7),
        ("有多少国家和多少名代表出席？", "29个国家的164名代表出席。", 1.0),
        ("有多少国家和多少名代表出席？", "29个国家出席。", 0.55),
    ],
)
def test_a_number_answers_where_it_counts_the_thing_asked_for(question, text, value):
    assert held(question, text) == pytest.approx(value)


@pytest.mark.parametrize(
    ("question", "things"),
    [
        ("有多少名代表出席", [("代表", "名")]),
        ("来了多少人", [("人", "")]),
        ("开了几次会议", [("会议", "次")]),
        ("名额还剩多少", [("名额", "")]),
        ("出席人数是", [("人", "")]),
        ("有几国加入", [("国家", "")]),
        ("有多少国家和多少名代表", [("国家", ""), ("代表", "名")]),
        ("哪几个国家加入", []),
        ("多少人、多少国家、多少机构", [("人", ""), ("国家", "")]),
    ],
)
def test_things_counted_at_most_two(question, things):
    assert things_counted(question) == tuple(Counted(*thing) for thing in things)


@pytest.mark.parametrize(
    ("thing", "text", "values"),
    [
        (("国家", ""), "来自29个国家的164名代表。", [1.0, 0.1]),
        (("代表", "名"), "来自29个国家的164名代表。", [0.1, 1.0]),
        (("代表", "名"), "出席人数为164，经费为30。", [0.9, 0.1]),
        (("代表", "名"), "代表带来29麻袋资料。", [0.1]),
        (("国家", "个"), "缔约国：29；代表：164。", [0.9, 0.1]),
        (("合同", "份"), "审查了87份采购合同，开了3次会议。", [1.0, 0.2]),
        (("讲习班", "期"), "办了三期培训班。", [0.85]),
        (("", "次"), "开了5次会议，发了3份文件。", [0.9, 0.5]),
        (("投诉", ""), "投诉142件，建议12项。", [0.9, 0.2]),
        (("鲸鱼", "条"), "买了3所学校。", [0.2]),
    ],
)
def test_how_surely_each_number_counts_the_thing(thing, text, values):
    normal = normalise(text).text
    numbers = [fact for fact in facts(normal) if fact.kind == "number"]
    assert [counts(Counted(*thing), normal, fact) for fact in numbers] == pytest.approx(values)


@pytest.mark.parametrize(
    ("question", "text", "suited"),
    [
        ("项目花了多少钱？", "耗资300万美元，办了4期。", ["300万美元"]),
        ("答复率是多少？", "百分之四十，即12份。", ["百分之四十"]),
        ("培训为期多久？", "历时三周，共30人。", ["三周"]),
        ("有多少名代表出席？", "来自29个国家的164名代表出席。", ["164名"]),
        ("会议是哪一天开的？", "2021年5月10日，报告见于2021年6月。", ["2021年5月10日"]),
        ("会议何时开？", "2021年5月10日，报告见于2021年6月。", ["2021年5月10日", "2021年6月"]),
        ("数字呢？", "87份。", ["87份"]),
        ("数字呢？", "87份，其中31份。", []),
    ],
)
def test_facts_that_may_be_given_as_the_answer(question, text, suited):
    normal = normalise(text).text
    assert [fact.text for fact in facts(normal) if suits(part_of(question), normal, fact)] == suited


def test_states_are_neither_cities_nor_regions():
    assert {"肯尼亚", "大不列颠及北爱尔兰联合王国", "美利坚合众国"} <= states()
    assert not {"内罗毕", "维也纳", "巴拿马市"} & states()
    assert {"内罗毕", "维也纳", "巴拿马市"} <= set(places())
    assert places()["英国"] in states()
    assert states() < set(places().values())
