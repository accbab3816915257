"""Learning from questions: what is looked at, what is left out, and that folds do not leak."""

import json
from dataclasses import replace

import numpy as np
import pytest
from index_corpus import small_corpus

from index.__main__ import main
from index.config import SearchConfig
from index.encoder import HashingEncoder
from index.fusion import FEATURES, Ranker, prior_ranker
from index.learning import Example, cross_validate, examples, first_right, folds, learn, other_examples
from index.retrieval import Index

QUESTIONS = [
    {"id": "a", "question": "2019年会议由谁主持？", "sources": [["r2019#1"]], "split": "dev", "kind": "who"},
    {"id": "b", "question": "资产申报制度", "sources": [["r2019#3"]], "split": "dev", "kind": "keyword"},
    {"id": "c", "question": "第3/2号决议", "sources": [["CAC/COSP/2017/4#1"]], "kind": "keyword"},
    {"id": "d", "question": "采购改革", "sources": [["r2021#3"]], "split": "test", "kind": "keyword"},
    {"id": "e", "question": "那后来呢？", "sources": [["r2021#3"]], "split": "dev", "kind": "conversation"},
    {"id": "f", "question": "天气如何？", "sources": [], "split": "dev", "kind": "off_topic"},
]


def test_examples_mark_the_right_rows():
    index = Index.build(small_corpus(), encoder=HashingEncoder())
    found = examples(index, QUESTIONS, SearchConfig())
    assert [example.id for example in found] == ["a", "b", "c", "d", "e"]
    first = found[0]
    assert [index.paragraphs[row].id for row in first.rows[first.relevant]] == ["r2019#1"]
    assert first.features.shape == (len(first.rows), len(FEATURES))
    assert first.documents == {"r2019"}


def an_example(documents, relevant, values):
    features = np.zeros((len(values), len(FEATURES)), np.float32)
    features[:, 0] = values
    size = len(values)
    return Example(
        "x", "k", frozenset(documents), features, np.array(relevant), np.full(size, -1), np.arange(size)
    )


def test_rank_of_the_first_right_paragraph():
    ranker = Ranker.from_mapping({"words": 1.0})
    assert first_right(an_example({"a"}, [False, True, True], [0.9, 0.5, 0.7]), ranker) == 2
    assert first_right(an_example({"a"}, [False, False, False], [0.9, 0.5, 0.7]), ranker) == 0


def test_no_fold_learns_from_the_document_it_is_tested_on():
    data = [an_example(d, [True], [1.0]) for d in ({"a"}, {"b"}, {"a", "b"}, {"c"})]
    for learned, held in folds(data):
        names = {min(example.documents) for example in held}
        assert len(names) == 1
        assert not any(names & example.documents for example in learned)
    assert sum(len(held) for _, held in folds(data)) == 4


def test_only_development_questions_are_looked_at():
    report = learn(small_corpus(), QUESTIONS, HashingEncoder())
    assert report["questions"] == 3
    assert set(report["weights"]) == set(FEATURES)
    with pytest.raises(ValueError, match="split dev"):
        learn(small_corpus(), QUESTIONS[3:4], HashingEncoder())


def test_command_writes_a_ranker_file(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("ENCODER", "hashing")
    (tmp_path / "d.txt").write_text("1. 会议由甲主持。\n\n2. 各国讨论了资产申报。\n", encoding="utf-8")
    (tmp_path / "e.txt").write_text("1. 采购改革。\n\n2. 审计机关。\n", encoding="utf-8")
    rows = [
        {"id": 1, "question": "资产申报", "sources": [["d#2"]]},
        {"id": 2, "question": "审计", "sources": [["e#2"]]},
    ]
    (tmp_path / "q.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    args = [
        "train",
        "--questions",
        tmp_path / "q.jsonl",
        "--documents",
        tmp_path,
        "-o",
        tmp_path / "ranker.json",
    ]
    assert main([str(arg) for arg in args]) == 0
    written = json.loads((tmp_path / "ranker.json").read_text(encoding="utf-8"))
    assert Ranker.from_mapping(written["weights"]).weights.min() >= 0
    assert json.loads(capsys.readouterr().out) == written


def test_questions_on_other_text_become_examples_and_bare_passages_only_candidates():
    rows = [
        {"passage": "采购应当公开招标。", "questions": ["买东西要招标吗？"]},
        {"passage": "会议在维也纳举行。", "questions": []},
        {"passage": "采购须公开招标，三家以上。", "questions": ["买东西要招标吗？"]},
    ]
    (found,) = other_examples(rows, HashingEncoder(), SearchConfig())
    assert found.relevant.sum() == 2  # both passages that the question names are right
    assert len(found.rows) == 3
    assert not found.relevant[found.rows == 1].any()
    assert other_examples(rows[1:2], HashingEncoder(), SearchConfig()) == []


def test_examples_on_other_text_are_learned_from_in_every_fold(monkeypatch):
    seen = []
    monkeypatch.setattr(
        "index.learning.fit", lambda data, **_: seen.append([e.id for e in data]) or prior_ranker()
    )
    data = [an_example(d, [True], [1.0]) for d in ({"a"}, {"b"})]
    other = [replace(an_example({"passage-0"}, [True], [1.0]), id="other")]
    assert len(cross_validate(data, other)) == 2
    assert all("other" in ids for ids in seen)
