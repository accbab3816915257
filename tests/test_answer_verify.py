import json
from pathlib import Path

import pytest

from answer.fitting import auroc, logistic
from answer.verify import verify

MEETING = (
    "甲部长会议于2021年4月12日至14日在内罗毕举行，来自29个国家的164名代表与会。会议通过了《内罗毕路线图》，其中呼吁各国政府"
    "在三年内建立实益所有权登记册。一些代表认为登记册应当向公众开放，另一些代表则主张仅向主管机关开放。秘书处表示，将在可获得资源的"
    "情况下编写一份指南。"
)
SPEAKERS = "工作组请秘书处收集良好做法。一位发言者指出，独立性是审计机关发挥效力的先决条件。几位发言者对经费不足表示关切。"
PAIRS = Path(__file__).parent.parent / "eval" / "sets" / "verify.jsonl"


@pytest.mark.parametrize(
    "claim",
    [
        "2021年4月，29国的164位代表到内罗毕参加了部长会议。",
        "《内罗毕路线图》呼吁各国政府三年内建立实益所有权登记册。",
        "有些代表主张登记册只向主管机关开放。",
        "会议在内罗毕召开，164名代表出席。",
    ],
)
def test_paraphrases_are_supported(claim):
    assert verify(claim, MEETING).verdict == "supported"


@pytest.mark.parametrize(
    ("claim", "found"),
    [
        ("会议于2021年4月12日至16日在内罗毕举行。", "date"),
        ("会议于2021年4月12日至14日在达喀尔举行。", "place"),
        ("来自39个国家的164名代表与会。", "number"),
        ("来自164个国家的29名代表与会。", "number"),
        ("路线图呼吁各国政府在三个月内建立实益所有权登记册。", "number"),
        ("所有代表都认为登记册应当向公众开放。", "quantifier"),
        ("一些代表认为登记册不应向公众开放。", "negation"),
        ("一些代表认为登记册应当对公众保密。", "antonym"),
    ],
)
def test_one_changed_detail_is_caught_and_named(claim, found):
    result = verify(claim, MEETING)
    assert result.verdict == "unsupported"
    assert result.features[found] >= 0.8
    assert result.score < 0.5


@pytest.mark.parametrize(
    ("claim", "found"),
    [
        ("工作组指出，独立性是审计机关发挥效力的先决条件。", "actor"),
        ("所有发言者对经费不足表示关切。", "quantifier"),
        ("工作组鼓励秘书处收集良好做法。", "modality"),
        ("工作组请缔约国收集良好做法。", "actor"),
        ("秘书处请工作组收集良好做法。", "actor"),
        ("独立性不是审计机关发挥效力的先决条件。", "negation"),
    ],
)
def test_who_says_what_and_how_strongly(claim, found):
    result = verify(claim, SPEAKERS)
    assert result.verdict == "unsupported"
    assert result.features[found] >= 0.5


def test_verbatim_whatever_the_spaces_and_width():
    result = verify("来自 29 个国家的 164 名代表与会", MEETING)
    assert (result.verdict, result.score) == ("verbatim", 1.0)
    start, end = result.span
    assert MEETING[start:end] == "来自29个国家的164名代表与会"


def test_an_excerpt_cut_from_a_negation_or_a_number_is_not_verbatim():
    assert verify("所有国家都同意", "并非所有国家都同意").verdict != "verbatim"
    assert verify("400名代表出席", "1,400名代表出席").verdict != "verbatim"


def test_half_a_sentence_supported_is_partial_with_the_missing_half_named():
    result = verify("会议通过了《内罗毕路线图》，该文件随后译成多种文字并寄往图书馆收藏。", MEETING)
    assert result.verdict == "partial"
    assert "图书馆" in result.reason


def test_something_else_is_unsupported_and_scores_low():
    result = verify("海关官员接受了腐败风险评估培训。", MEETING)
    assert result.verdict == "unsupported"
    assert result.score < 0.1


def test_the_span_is_the_sentence_that_supports():
    start, end = verify("秘书处将在有资源时编写指南。", MEETING).span
    assert MEETING[start:end].startswith("秘书处表示")


def test_a_count_of_listed_items_is_derived():
    source = "工作组的职能如下：\n(a) 收集做法；\n(b) 交流信息；\n(c) 提供建议。"
    assert verify("工作组有三项职能。", source).features["number"] == 0.0
    assert verify("工作组有五项职能。", source).features["number"] >= 0.9


def test_context_may_name_what_the_paragraph_does_not():
    source = "与会者讨论了衡量腐败的方法。"
    claim = "第十五次会议讨论了衡量腐败的方法。"
    assert verify(claim, source).verdict == "unsupported"
    assert verify(claim, source, context="工作组第十五次会议临时议程").verdict == "supported"


def test_an_entailment_model_can_be_plugged_in():
    plain = verify("代表们出席了内罗毕的会议。", MEETING)
    helped = verify("代表们出席了内罗毕的会议。", MEETING, entailment=lambda claim, source: 1.0)
    assert helped.score == pytest.approx(0.5 * plain.score + 0.5, abs=1e-3)


@pytest.mark.parametrize("claim", ["", "。", "   \n", "**"])
def test_an_empty_claim_is_unsupported(claim):
    assert verify(claim, MEETING).verdict == "unsupported"


def test_an_empty_source_supports_nothing():
    assert verify("会议在内罗毕举行。", "").verdict == "unsupported"


def test_the_labelled_pairs_are_well_formed_and_split():
    rows = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    assert len(rows) >= 240
    assert len({row["id"] for row in rows}) == len(rows)
    assert all(("text" in row) != ("paragraph_id" in row) for row in rows)
    assert {row["verdict"] for row in rows} == {"supported", "partial", "unsupported"}
    assert {row["split"] for row in rows} == {"dev", "test"}
    dev = {row.get("text") or row["paragraph_id"] for row in rows if row["split"] == "dev"}
    test = {row.get("text") or row["paragraph_id"] for row in rows if row["split"] == "test"}
    assert not dev & test


def test_development_pairs_on_written_texts_are_ranked_well():
    rows = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if "text" in row and row["split"] == "dev"]
    import numpy as np

    scores = np.array([verify(row["claim"], row["text"]).score for row in rows])
    labels = np.array([float(row["verdict"] == "supported") for row in rows])
    assert auroc(scores, labels) > 0.9


def test_auroc_counts_ties_half_and_the_fit_keeps_signs():
    import numpy as np

    assert auroc(np.array([0.9, 0.5, 0.5, 0.1]), np.array([1.0, 1.0, 0.0, 0.0])) == 0.875
    features = np.array([[1.0, 0.0], [0.9, 1.0], [0.1, 0.0], [0.0, 1.0]])
    labels = np.array([1.0, 1.0, 0.0, 0.0])
    weights, _ = logistic(features, labels, np.array([1.0, 1.0]), l2=0.01, start=np.zeros(2), steps=400)
    assert weights[0] > 1.0
    assert weights[1] >= 0.0


@pytest.mark.parametrize("word", ["须", "无需", "必须", "不妨", "可能", "有必要"])
def test_every_class_of_modality_may_be_dropped_by_a_claim(word):
    assert verify("各单位公布捐款人名单。", f"各单位{word}公布捐款人名单并存档。").verdict != "verbatim"


OFFICES = (
    "采购处起草标书，法务处审查合同，审计处抽查账目。审计处协助财政厅核对预算。供应商不服的，可在结果公布后五日内申诉。"
    "金额超过十万元的采购须经评审组批准。2021年采购处受理申请80件，批准60件，其余退回。审计处先查账，再询问证人，最后提交报告。"
    "只有东区的办公室提供热线。市政府计划明年推广热线。"
)


@pytest.mark.parametrize(
    ("claim", "found"),
    [
        ("采购处起草标书，法务处抽查账目。", "exchanged"),
        ("采购处、法务处和审计处分别审查合同、起草标书和抽查账目。", "exchanged"),
        ("财政厅协助审计处核对预算。", "roles"),
        ("审计处先提交报告，再查账。", "order"),
        ("供应商可在结果公布前申诉。", "order"),
        ("采购一律须经评审组批准。", "condition"),
        ("2021年批准的申请不到受理的一半。", "number"),
        ("2021年批准的申请比退回的少。", "arithmetic"),
        ("两个区的办公室都提供热线。", "quantifier"),
        ("市政府已经推广热线。", "modality"),
        ("采购处组织员工在海边放风筝。", "foreign"),
    ],
)
def test_the_sources_own_words_bound_together_otherwise(claim, found):
    result = verify(claim, OFFICES)
    assert result.features[found] >= 0.4
    assert result.verdict != "supported"


@pytest.mark.parametrize(
    "claim",
    [
        "审查合同的是法务处。",
        "采购处、法务处和审计处分别起草标书、审查合同和抽查账目。",
        "预算由审计处协助财政厅核对。",
        "审计处询问证人之前先查账。",
        "2021年采购处退回20件申请。",
        "2021年采购处批准了四分之三的申请。",
        "供应商如果不服，可在结果公布后五天内申诉。",
    ],
)
def test_the_same_said_in_another_order_or_computed_is_supported(claim):
    assert verify(claim, OFFICES).verdict == "supported"
