"""The values of the features, worked out by hand on a corpus of four paragraphs."""

import math

import numpy as np
import pytest
from index_corpus import SmallCorpus, document, paragraph

from index.encoder import HashingEncoder
from index.features import HOLD_KINDS, closeness, kinds_held, row_features, wide_features
from index.normalise import fold
from index.retrieval import Index

TEXTS = ["审计机关核查账目。", "审计机关。", "会议在维也纳举行。", "委员会讨论财产申报。"]
ROWS = np.arange(4)


@pytest.fixture(scope="module")
def index():
    documents = (document("a", "审计报告", date="2019"), document("b", "会议记录", date="2021"))
    paragraphs = tuple(paragraph("ab"[row // 3], row % 3 + 1, text) for row, text in enumerate(TEXTS))
    return Index.build(SmallCorpus(documents, paragraphs), encoder=HashingEncoder())


def values(index, question):
    analysis = index.analyse(question)
    wide = wide_features(index.signals, analysis, set())
    return {**wide, **row_features(index.signals, analysis, wide, ROWS, set())}


def test_best_paragraph_of_a_leg_has_one(index):
    found = values(index, "审计机关核查账目")
    assert found["words"].argmax() == 0
    assert found["words"].max() == pytest.approx(1.0)
    assert found["words"][2] == 0
    assert found["bigrams"][[0, 2]].tolist() == pytest.approx([1.0, 0.0])


def test_coverage_is_weighted_by_rarity(index):
    def rarity(count):
        return math.log(1 + (4 - count + 0.5) / (count + 0.5))

    words = index.analyse("审计机关核查").words
    counts = {"审计": 2, "机关": 2, "审计机关": 2, "核查": 1}
    assert set(words) <= set(counts)
    total = sum(rarity(counts[word]) for word in words)
    found = values(index, "审计机关核查")
    assert found["coverage"][0] == pytest.approx(1.0)
    assert found["coverage"][1] == pytest.approx(1 - rarity(1) / total)
    assert found["coverage"][2] == 0
    # 审计 also stands in the title of the first document, above its third paragraph
    assert found["coverage_all"][2] == pytest.approx(rarity(2) / total)
    assert found["coverage_all"][3] == 0


def test_neighbours_stop_at_the_document(index):
    found = values(index, "维也纳会议")
    assert found["neighbours"][1] == pytest.approx((found["words"][2] + found["bigrams"][2]) / 2)
    assert found["neighbours"][3] == 0


def test_concepts_are_found_under_other_names(index):
    found = values(index, "资产申报制度")
    assert found["concepts"][3] > 0.3
    assert found["concepts"][:3].tolist() == [0, 0, 0]
    assert found["thesaurus"].argmax() == 3


def test_year_of_the_document_and_kind_of_answer(index):
    found = values(index, "2021年的会议在哪里举行？")
    assert found["year"].tolist() == [0, 0, 0, 1]
    assert found["year_named"].tolist() == [0, 0, 0, 1]
    assert found["answer_kind"].tolist() == [0, 0, 1, 0]


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("会议由主席甲女士主持", "who", True),
        ("会议于2019年9月举行", "when", True),
        ("会议顺利举行", "when", False),
        ("共有四十个国家参加", "how_many", True),
        ("其职能为：(a) 积累；(b) 交流", "list", True),
        ("这样做旨在加强信任", "why", True),
        ("“腐败”是指滥用权力", "definition", True),
    ],
)
def test_what_a_paragraph_holds(text, kind, expected):
    assert kinds_held(fold(text))[HOLD_KINDS.index(kind)] is expected


def test_closeness_counts_runs_and_distances(index):
    analysis = index.analyse("审计机关核查账目")
    exact, apart, none = closeness(analysis, ["审计机关核查账目", "账目" + "无" * 90 + "审计机关", "无"])
    assert exact[0] == pytest.approx(1.0)
    assert exact[1] > 0.8
    assert 0 < apart[0] < 0.5
    assert apart[1] < exact[1]
    assert none.tolist() == [0, 0]
