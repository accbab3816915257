"""The measuring code against figures worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from training.evaluate import Bm25, fuse, hits_at, lexical_terms, ndcg_at_10, randomisation_p


def words(texts: list[str]) -> list[list[str]]:
    return [text.split() for text in texts]


def test_ndcg_rewards_the_rank_of_each_right_text() -> None:
    scores = np.array([[0.9, 0.5, 0.1], [0.1, 0.9, 0.5]])
    values = ndcg_at_10(scores, [{1}, {1, 0}])
    assert values[0] == pytest.approx(1 / math.log2(3))
    assert values[1] == pytest.approx((1 + 1 / math.log2(4)) / (1 + 1 / math.log2(3)))


def test_hits_at_counts_queries_with_a_right_text_on_top() -> None:
    scores = np.array([[0.9, 0.5, 0.1], [0.1, 0.9, 0.5]])
    assert hits_at(scores, [{1}, {1}], 1) == 0.5
    assert hits_at(scores, [{1}, {1}], 2) == 1.0


def test_bm25_matches_the_formula() -> None:
    bm25 = Bm25(["ab ab cd", "cd ef", "gh"], words, k1=1.2, b=0.75)
    idf = math.log(1 + (3 - 1 + 0.5) / (1 + 0.5))
    expected = idf * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 3 / 2))
    most = 2.2 * 2 * idf  # "ab" and the unknown "zz", which counts as the rarest word
    assert bm25.scores(["ab zz"])[0].tolist() == pytest.approx([expected / most, 0, 0])


def test_lexical_terms_are_words_and_character_pairs() -> None:
    assert lexical_terms(["反腐败 x UN"], words) == [["w:反腐败", "w:UN", "反腐", "腐败"]]


def test_fusion_adds_the_weighted_cosine() -> None:
    assert fuse(np.array([[0.4, 0.2]]), np.array([[0.0, 1.0]]), 0.7)[0].tolist() == pytest.approx([0.4, 0.9])


def test_randomisation_sees_a_clear_difference_and_none() -> None:
    base = np.zeros(40)
    assert randomisation_p(base, base + 0.1) < 0.001
    assert randomisation_p(base, base) == 1.0
