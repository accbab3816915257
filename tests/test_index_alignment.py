"""Word-by-word alignment: what it counts, on vectors made by hand."""

import numpy as np
import pytest

from index.alignment import SentenceTokens, alignment
from index.encoder import StaticEncoder, bundled_words

VECTORS = {"举": [2.0, 0.0], "报": [0.0, 1.0], "检": [1.2, 1.6], "的": [0.0, 0.0], "远": [-1.0, 0.0]}


class HandMade(StaticEncoder):
    """One token a character, with the vectors above; 0 is the unknown token."""

    def __init__(self):
        self._rows = np.array([[0.0, 0.0], *VECTORS.values()], np.float32)
        self._mapping = self._weights = None
        self._count = len(self._rows)

    def tokens(self, texts):
        numbers = {char: number for number, char in enumerate(VECTORS, 1)}
        return [np.array([numbers.get(char, 0) for char in text], np.int64) for text in texts]


def test_the_nearest_word_counts_by_the_length_of_the_question_word():
    words = HandMade()
    table = SentenceTokens.build(["举报。", "检的。", "远", ""], words)
    found = alignment(table, words, "举报的", np.arange(4))
    # 检 points at .6 of 举 and .8 of 报; similarities are stretched from .25..1 to 0..1; 举 weighs 2, 报 1
    near = (2 * (0.6 - 0.25) / 0.75 + (0.8 - 0.25) / 0.75) / 3
    assert found[:, 0] == pytest.approx([1.0, near, 0.0, 0.0], abs=1e-6)
    assert found[:, 1] == pytest.approx([1.0, near, 0.0, 0.0], abs=1e-6)


def test_a_sentence_with_all_words_beats_words_spread_over_two():
    words = HandMade()
    table = SentenceTokens.build(["举的。报的。", "的的。举报。"], words)
    found = alignment(table, words, "举报", np.arange(2))
    assert found[:, 0] == pytest.approx([1.0, 1.0], abs=1e-6)
    assert found[:, 1] == pytest.approx([2 / 3, 1.0], abs=1e-6)


def test_rows_come_in_the_order_asked_for_and_survive_saving():
    words = HandMade()
    table = SentenceTokens.from_arrays(SentenceTokens.build(["远", "举报", "报"], words).arrays())
    assert alignment(table, words, "举报", np.array([2, 0, 1]))[:, 0] == pytest.approx(
        [1 / 3, 0, 1], abs=1e-6
    )
    assert alignment(table, words, "的", np.array([1])).tolist() == [[0.0, 0.0]]
    assert alignment(table, words, "举", np.zeros(0, np.int64)).shape == (0, 2)


def test_the_bundled_vectors_bring_everyday_and_formal_words_together():
    words = bundled_words()
    assert words is not None
    table = SentenceTokens.build(["应当为举报人提供保护。", "会议在维也纳举行。"], words)
    protect, place = alignment(table, words, "谁来保护检举者", np.arange(2))[:, 0]
    assert protect > place + 0.2
