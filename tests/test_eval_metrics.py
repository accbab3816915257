"""The measures against hand calculations and, for retrieval, against trec_eval."""

from __future__ import annotations

import random
from math import log2

import pytest

from eval import metrics_retrieval
from eval.metrics_answers import character_f1, contains_fact, key_fact_share, rouge_l
from eval.metrics_citations import (
    alce,
    claim,
    figure_agreement,
    gold_citations,
    grounding,
    locator_accuracy,
    needs_source,
    verbatim_rate,
    verification_coverage,
)
from eval.metrics_refusal import aurc, false_refusals, refusal_prf, risk_coverage
from eval.records import Cited, Statement


def test_retrieval_measures_by_hand():
    ranked = ["a", "b", "c", "d"]
    assert metrics_retrieval.success(ranked, {"b"}, 1) == 0.0
    assert metrics_retrieval.success(ranked, {"b"}, 2) == 1.0
    assert metrics_retrieval.recall(ranked, {"b", "x"}, 4) == 1 / 2
    assert metrics_retrieval.reciprocal_rank(ranked, {"c", "d"}) == 1 / 3
    expected = (1 / log2(3) + 1 / log2(5)) / (1 + 1 / log2(3))
    assert metrics_retrieval.ndcg(ranked, {"b", "d"}) == pytest.approx(expected)
    assert metrics_retrieval.completeness(ranked, [{"a", "x"}, {"b", "c"}], 3) == 1.0
    assert metrics_retrieval.completeness(ranked, [{"a", "x"}, {"b", "c"}], 2) == 1 / 2
    assert metrics_retrieval.ndcg(ranked, set()) == 0.0
    assert metrics_retrieval.ndcg(ranked, {"a", "b", "c"}, 2) == 1.0  # no more than two fit


def test_retrieval_measures_agree_with_trec_eval():
    pytrec_eval = pytest.importorskip("pytrec_eval", reason="pytrec-eval-terrier is not installed")
    generator = random.Random(3)
    names = [f"p{number}" for number in range(40)]
    runs, qrels = {}, {}
    for query in range(30):
        # few distinct scores: ties decide many ranks, so the tie rule is tested too
        runs[f"q{query}"] = {name: float(generator.randint(0, 5)) for name in generator.sample(names, 25)}
        qrels[f"q{query}"] = dict.fromkeys(generator.sample(names, generator.randint(1, 5)), 1)
    wanted = {"ndcg_cut_10", "recall_1", "recall_5", "recall_10", "recall_20", "recip_rank", "success_5"}
    theirs = pytrec_eval.RelevanceEvaluator(qrels, wanted).evaluate(runs)
    for query, scores in runs.items():
        ranked, gold = metrics_retrieval.ranking(scores.items()), set(qrels[query])
        assert metrics_retrieval.ndcg(ranked, gold, 10) == pytest.approx(theirs[query]["ndcg_cut_10"])
        for k in (1, 5, 10, 20):
            assert metrics_retrieval.recall(ranked, gold, k) == pytest.approx(theirs[query][f"recall_{k}"])
        assert metrics_retrieval.reciprocal_rank(ranked, gold, 25) == pytest.approx(
            theirs[query]["recip_rank"]
        )
        assert metrics_retrieval.success(ranked, gold, 5) == pytest.approx(theirs[query]["success_5"])


def test_gold_citations_take_the_best_alternative():
    prf = gold_citations(["a", "b", "z"], [{"a", "c"}, {"b"}])
    assert (prf.precision, prf.recall) == (2 / 3, 1.0)
    assert prf.f1 == pytest.approx(0.8)
    assert gold_citations(["a", "a"], [{"a", "c"}]).recall == 1 / 2
    assert gold_citations([], [{"a"}]).f1 == 0.0


TEXTS = {"p1": "会议于2019年9月4日举行。", "p2": "主席来自危地马拉。", "p3": "无关的内容。"}


def contains_all(ids, sentence):
    """A verifier for tests: every part between commas stands in the cited texts."""
    source = "".join(TEXTS[name] for name in ids)
    return all(part in source for part in sentence.strip("。").split("，"))


def test_alce_counts_irrelevant_unknown_and_missing_citations():
    statements = [
        Statement("2019年9月4日举行，危地马拉", (Cited("p1"), Cited("p2"), Cited("p3"), Cited("p3"))),
        Statement("主席来自危地马拉", (Cited("p9"), Cited("p2"))),
        Statement("没有出处的一句话"),
        Statement("主席来自法国", (Cited("p2"),)),
    ]
    figures = alce(statements, TEXTS, contains_all)
    assert figures.recall == 2 / 4
    # p1 and p2 are both needed; p3 is irrelevant and counted once; p9 does not exist; the last is unsupported
    assert figures.precision == 3 / 6


def test_a_citation_that_supports_alone_is_not_irrelevant():
    texts = {"p1": "主席来自危地马拉。", "p2": "主席来自危地马拉，任期一年。"}

    def either(ids, sentence):
        return any(sentence.strip("。") in texts[name] for name in ids)

    both = [Statement("主席来自危地马拉", (Cited("p1"), Cited("p2")))]
    assert alce(both, texts, either).precision == 1.0
    assert alce([Statement("任期一年", (Cited("p1"), Cited("p2")))], texts, either).precision == 1 / 2


def test_alce_recall_over_sentences_that_need_a_source():
    statements = [Statement("主要内容如下："), Statement("主席来自危地马拉", (Cited("p2"),))]
    figures = alce(statements, TEXTS, contains_all)
    assert (figures.recall, figures.recall_needed) == (1 / 2, 1.0)
    assert not needs_source("为什么这样做？")


def test_deterministic_checks():
    statements = [
        Statement("会议于 2019 年举行。", (Cited("p1", "2019年9月4日", "甲，第1段"),), "verbatim"),
        Statement("共有45人参加。", (Cited("p2", "主席来自法国", "乙，第3段"),), "unsupported"),
        Statement("主席来自危地马拉。", (Cited("p7"),)),
    ]
    assert grounding(statements, TEXTS, {"p1", "p7"}) == 1 / 3
    assert verbatim_rate(statements, TEXTS) == 1 / 3
    assert locator_accuracy(statements, {"p1": "甲，第1段", "p2": "乙，第2段"}) == 1 / 3
    assert figure_agreement(statements, TEXTS) == 1 / 2
    assert figure_agreement(statements[2:], TEXTS) == 1.0
    assert verification_coverage(statements) == 2 / 3


def test_a_frame_with_the_pinpoint_is_no_part_of_the_claim():
    cited = (Cited("p1", label="甲/1，第12段"),)
    framed = Statement("The documents say (甲/1，第12段): “会议于2019年举行。” ", cited)
    assert claim(framed) == "会议于2019年举行。"
    assert claim(Statement("据甲/1，第12段，会议已举行", cited)) == "据，会议已举行"
    assert figure_agreement([framed], TEXTS) == 1.0


def test_figures_ignore_width_and_thousands_commas():
    texts = {"p": "拨款１,２００美元，见 CAC/COSP/2017/4 号文件"}
    assert figure_agreement([Statement("拨款1200美元（CAC/COSP/2017/4）", (Cited("p"),))], texts) == 1.0
    assert figure_agreement([Statement("拨款120美元", (Cited("p"),))], texts) == 0.0


def test_key_facts_respect_width_spaces_and_digit_boundaries():
    assert contains_fact("于 ２０１２ 年举行", ["2012年"])
    assert not contains_fact("于2012年举行", ["12"])
    assert contains_fact("共 12 个国家", ["十二", "12"])
    assert key_fact_share("墨西哥和德国", [["德国"], ["法国", "法兰西"]]) == 1 / 2


def test_character_f1_and_rouge_l_by_hand():
    assert character_f1("反腐败", "预防腐败") == pytest.approx(2 * (2 / 3) * (2 / 4) / (2 / 3 + 2 / 4))
    assert rouge_l("甲丙乙", "甲乙") == pytest.approx(2 * 2 / 5)
    assert rouge_l("", "甲") == 0.0


def test_refusal_figures():
    refused = [True, True, False, False]
    answerable = [False, True, False, True]
    prf = refusal_prf(refused, answerable)
    assert (prf.precision, prf.recall) == (1 / 2, 1 / 2)
    assert false_refusals(refused, answerable) == 1 / 2


def test_risk_coverage_orders_by_confidence_and_averages_ties():
    points = risk_coverage([0.9, 0.5, 0.5, 0.1], [0.0, 1.0, 0.0, 1.0])
    assert points == [(0.25, 0.0), (0.5, 0.25), (0.75, pytest.approx(1 / 3)), (1.0, 0.5)]
    assert aurc(points) == pytest.approx((0 + 0.25 + 1 / 3 + 0.5) / 4)
    assert aurc([]) == 0.0
