"""One pair of claims for each mechanism: the false one is found out by it, the true one passes."""

import pytest

from answer.acting import compare_actors
from answer.arithmetic import is_majority
from answer.causes import compare_causes
from answer.circumstances import compare_only, compare_order, compare_outcome, compare_tense
from answer.polarity import restated, same_polarity
from answer.relations import compare_agents
from answer.sentences import normalise
from answer.source import prepare
from answer.verify import verify

PORT = (
    "港务局原打算在三个码头安装摄像头，因采购延误只装了一个。该局考虑把罚款上限提高到两万元。"
    "工会提出的免费停车主张未被采纳。巡查员只有在值班经理同意后方可打开货柜。"
    "2024年5月通过的章程于2025年2月生效，是该港第一部章程。"
    "去年受理投诉40件，其中26件获得调解。货运代理中有31%表示曾被索要好处。"
    "由于潮水过高，新闸门推迟启用。"
)


@pytest.mark.parametrize(
    ("claim", "found"),
    [
        ("由于工会反对，新闸门推迟启用。", "cause"),
        ("该局已把罚款上限提高到两万元。", "modality"),
        ("工会主张的免费停车写进了规定。", "antonym"),
        ("巡查员可以随时打开货柜。", "condition"),
        ("章程2024年5月生效。", "crossed"),
        ("获得调解的投诉不到二十件。", "number"),
        ("被索要好处的货运代理不到两成。", "number"),
    ],
)
def test_what_the_source_does_not_say_is_found_out(claim, found):
    result = verify(claim, PORT)
    assert result.features[found] >= 0.7
    assert result.verdict != "supported"


@pytest.mark.parametrize(
    ("claim", "found"),
    [
        ("因为潮水太高，新闸门晚些启用。", "cause"),
        ("该局考虑提高罚款上限。", "modality"),
        ("工会主张的免费停车没有被接受。", "antonym"),
        ("没有值班经理的同意，巡查员就不能打开货柜。", "negation"),
        ("章程2025年2月生效。", "crossed"),
        ("获得调解的投诉不到三十件。", "number"),
        ("三成多的货运代理说曾被索要好处。", "number"),
        ("半数以上的投诉获得调解。", "quantifier"),
        ("港口以前从未有过章程。", "negation"),
    ],
)
def test_the_same_in_other_words_is_not_held_against_a_claim(claim, found):
    assert verify(claim, PORT).features[found] < 0.5


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("没有许可就不能冻结账户", "冻结账户须经法院许可"),
        ("俄文本还没有发布", "俄文本不久将发布"),
        ("协会不再反对", "协会撤回了反对意见"),
        ("审计署不赞成这一做法", "审计署对此提出批评"),
        ("该国以前从未立法", "这是该国的首部法律"),
        ("提案没有通过", "议会否决了提案"),
        ("没有代表报名", "席位预留了,但无人报名"),
    ],
)
def test_a_negation_may_be_said_without_one(claim, source):
    assert same_polarity(claim, source)
    assert not same_polarity(claim, "会议讨论了报告")


def test_waiting_for_nothing_is_before():
    assert restated("还没等到表决,提案国就撤回了提案") == "表决之前,提案国撤回了提案"
    assert restated("提案国没有撤回提案") == "提案国没有撤回提案"


def clauses(text):
    return prepare(text).clauses


@pytest.mark.parametrize(
    ("claim", "source", "reasons"),
    [
        ("会议因天气恶劣而改期", "会议改期，原因是场地漏水。", 1),
        ("会议因场地漏水而改期", "会议改期，原因是场地漏水。", 0),
        ("会议改期是由于需求下降", "会议改期的原因不是需求下降，而是场地漏水。", 1),
        ("会议改期", "会议改期，原因是场地漏水。", 0),
    ],
)
def test_reasons_are_those_that_the_source_gives(claim, source, reasons):
    assert len(list(compare_causes(claim, clauses(source)))) == reasons


@pytest.mark.parametrize(
    ("claim", "source", "weights"),
    [
        ("秘书处冻结账户后再作分析", "秘书处分析后，可以冻结账户。", [1.0]),
        ("秘书处分析后再冻结账户", "秘书处分析后，可以冻结账户。", []),
        ("警方在法院准许变卖之后才扣押船只", "警方2021年扣押船只，法院2022年准许变卖。", [1.0]),
    ],
)
def test_order_is_read_from_the_verbs(claim, source, weights):
    assert [f.weight for f in compare_order(claim, clauses(source))] == weights


def test_intentions_are_not_done():
    source = clauses("秘书处尚未实行的做法包括：把名单提交大会。")
    assert [f.kind for f in compare_tense("秘书处已把名单提交大会", 0, source)] == ["modality"]
    assert not list(compare_tense("秘书处没有把名单提交大会", 0, source))


def test_an_outcome_turned_round():
    source = clauses("工会的主张未被采纳。")
    assert [f.weight for f in compare_outcome("工会的主张被纳入法案", "工会的主张未被采纳。", source, 0)] == [
        1.0
    ]
    assert not list(compare_outcome("工会的主张遭到拒绝", "工会的主张未被采纳。", source, 0))


def test_one_singled_out_is_not_every_country():
    home = "一位发言者提议小国可有三年过渡期,"
    assert [f.kind for f in compare_only("各国都可有三年过渡期", home)] == ["quantifier"]
    assert not list(compare_only("各国都可有三年过渡期", "所有缔约国可有三年过渡期"))
    around = ("一些国家的退件减少,", "但只有肯尼亚提供了数字。")
    assert any(f.weight == 1.0 for f in compare_only("各国均提供了数字", around[0], around))


def test_rates_are_compared_with_rates():
    source = "南部投诉310件，北部投诉250件；南部的办结率为70%，北部为76%。"
    assert verify("北部的办结率比南部高。", source).features["arithmetic"] == 0.0
    assert verify("北部的投诉比南部多。", source).features["arithmetic"] == 1.0


def test_a_majority_is_counted():
    text = normalise("17个代表团介绍了法律：9国已采用没收，5国正在起草。")
    figures = prepare(text.text).figures.quantities
    assert is_majority("半数以上的国家已采用没收", figures)
    assert not is_majority("半数以上的国家正在起草", figures)


def test_another_actor_is_named():
    sentence = "工作组请秘书处收集做法。"
    found = list(compare_actors("工作组请缔约国收集做法。", sentence, sentence, ""))
    assert any(f.kind == "actor" and f.weight >= 0.9 for f in found)
    assert not list(compare_actors("工作组请秘书处收集做法。", sentence, sentence, ""))


def test_the_agent_of_an_act_is_the_one_named():
    sentences = prepare("蒙古在寄宿学校设立由学生管理的小卖部。教师参加培训。").sentences
    assert [f.kind for f in compare_agents("小卖部由教师管理", sentences)] == ["roles"]
    assert not list(compare_agents("小卖部由学生管理", sentences))


def test_figures_after_each_others_words_are_exchanged():
    source = "冻结平均需要4个月，而从冻结到返还平均需要38个月。"
    assert verify("从冻结到返还平均需要4个月。", source).features["crossed"] == 1.0
    assert verify("从冻结到返还平均要38个月。", source).features["crossed"] == 0.0


def test_nobody_is_not_most():
    source = "多数国家认为该词已经涵盖虚拟资产。"
    assert verify("没有国家认为该词涵盖虚拟资产。", source).features["quantifier"] >= 0.9
    assert verify("多数国家认为该词涵盖虚拟资产。", source).features["quantifier"] == 0.0


def test_not_a_but_b_supports_more_b_than_a():
    source = "耗时最长的环节是商定条件，而不是司法程序本身。"
    assert verify("商定条件比司法程序耗时更长。", source).features["negation"] == 0.0
    assert verify("耗时最长的环节是司法程序本身。", source).features["negation"] == 1.0
