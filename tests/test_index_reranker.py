"""A reranker changes the order of the best candidates and says so; its model is a stand-in here."""

import time
from dataclasses import replace

import pytest
from index_corpus import small_corpus

from index import reranker
from index.encoder import EncoderError, HashingEncoder
from index.reranker import Reranker, open_reranker
from index.retrieval import Index


class ByLetter:
    """Scores a pair by how often a letter stands in the paragraph."""

    def __init__(self, name):
        self.letter = name[-1]
        self.pairs = []

    def predict(self, pairs):
        self.pairs.extend(pairs)
        return [text.count(self.letter) for _, text in pairs]


@pytest.fixture
def with_stand_in(monkeypatch):
    import sentence_transformers

    monkeypatch.setattr(sentence_transformers, "CrossEncoder", ByLetter)
    monkeypatch.setattr(reranker, "refuse_absent_model", lambda name, role: None)
    open_reranker.cache_clear()
    yield
    open_reranker.cache_clear()


def test_reordering_keeps_scores_falling_and_the_tail_behind(with_stand_in):
    ranked = [(4, 9.0, {"words": 1.0}), (5, 8.0, {}), (6, 7.0, {})]
    found = Reranker("by-甲").reorder("问", ["无", "甲甲"], ranked)
    assert [(row, score) for row, score, _ in found] == [(5, 9.0), (4, 8.0), (6, 7.0)]
    assert found[0][2] == {"reranker": 2.0}
    assert found[1][2] == {"words": 1.0, "reranker": 0.0}
    assert found[2][2] == {}


def test_search_with_a_reranker(with_stand_in):
    index = Index.build(small_corpus(), encoder=HashingEncoder())
    reranked = index.with_config(replace(index.config, reranker="by-购", reranked=9))
    hits = reranked.search("会议由谁主持", 3)
    assert hits[0].paragraph.id == "r2021#3"
    assert hits[0].parts["reranker"] == 1.0
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert [hit.rank for hit in hits] == [1, 2, 3]


def test_absent_reranker_offline_is_refused_at_once(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    start = time.perf_counter()
    with pytest.raises(EncoderError, match=r"reranker 'no-org/no-reranker'.*RERANKER empty"):
        Reranker("no-org/no-reranker")
    assert time.perf_counter() - start < 5
