"""BM25 against a calculation by hand, and against bm25s."""

import math

import numpy as np
import pytest

from index.lexical import Postings
from index.tokens import Tokeniser, bigrams, without_question_words

TEXTS = [["甲", "乙", "甲"], ["乙", "丙"], ["丁", "丁", "丁", "丁"]]


def test_bm25_equals_the_formula_by_hand():
    postings = Postings.build(TEXTS, k1=1.2, b=0.75)
    # 甲: df 1 of 3; 乙: df 2 of 3; mean length (3 + 2 + 4) / 3 = 3
    idf_a, idf_b = math.log(1 + 2.5 / 1.5), math.log(1 + 1.5 / 2.5)
    first = idf_a * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 3 / 3)) + idf_b * 1 * 2.2 / (1 + 1.2)
    second = idf_b * 1 * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 2 / 3))
    assert postings.scores({"甲": 1.0, "乙": 1.0}) == pytest.approx([first, second, 0.0], rel=1e-6)
    assert postings.scores({"乙": 0.5}) == pytest.approx([0.5 * idf_b, 0.5 * second, 0.0], rel=1e-6)


def test_bm25_agrees_with_bm25s():
    bm25s = pytest.importorskip("bm25s")
    random = np.random.default_rng(3)
    texts = [[f"t{i}" for i in random.integers(0, 40, random.integers(3, 30))] for _ in range(60)]
    theirs = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    theirs.index(texts, show_progress=False)
    query = ["t1", "t7", "t33"]
    # Lucene's variant leaves out the constant factor k1 + 1
    expected = theirs.get_scores(query) * 2.2
    assert Postings.build(texts).scores(dict.fromkeys(query, 1.0)) == pytest.approx(expected, rel=1e-4)


def test_postings_survive_their_arrays_and_know_where_terms_are():
    postings = Postings.build(TEXTS)
    again = Postings.from_arrays(postings.arrays())
    assert again.scores({"乙": 1.0}).tolist() == postings.scores({"乙": 1.0}).tolist()
    assert again.present("乙").tolist() == [0, 1]
    assert again.present("戊").tolist() == []
    assert again.rarity("戊") > again.rarity("甲") > again.rarity("乙")


def test_empty_field():
    postings = Postings.build([[], []])
    assert Postings.from_arrays(postings.arrays()).scores({"甲": 1.0}).tolist() == [0.0, 0.0]


def test_words_hold_domain_terms_and_their_parts():
    tokeniser = Tokeniser(["不限成员名额"])
    words = tokeniser.words("不限成员名额政府间工作组")
    assert "不限成员名额" in words
    assert "工作组" in words
    assert "的" not in tokeniser.words("会议的报告")


def test_bigrams_stop_at_anything_that_is_not_chinese():
    assert bigrams("预防腐败2019年会议") == ["预防", "防腐", "腐败", "年会", "会议"]
    assert bigrams("甲,乙") == ["甲", "乙"]


def test_question_words_are_taken_out():
    assert without_question_words("会议是什么时候召开的").split() == ["会议", "召开的"]
    assert without_question_words("由哪些国家资助").split() == ["由", "国家资助"]
