"""The written questions and terms, and the split that keeps development passages out of training."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from training.data import OWN_DATA, Pair, digest, is_dev, passages_by_digest, read_jsonl, term_groups
from training.train import NO_NEGATIVE, Batches, Prepared, Texts, wrong_negatives

DATA = Path("../shared/data")


def test_written_questions_are_well_formed_and_not_repeated() -> None:
    rows = [row for path in OWN_DATA.glob("questions_*.jsonl") for row in read_jsonl(path)]
    questions = [question for row in rows for question in row["questions"]]
    assert len(questions) > 1500
    assert len(set(questions)) > 0.99 * len(questions)
    assert all(len(row["passage"]) == 12 for row in rows)
    assert sum(question.isascii() for question in questions) > 500


@pytest.mark.skipif(not (DATA / "text").is_dir(), reason="the outside training data is not there")
def test_every_written_question_names_an_existing_passage() -> None:
    passages = passages_by_digest(DATA)
    rows = [row for path in OWN_DATA.glob("questions_*.jsonl") for row in read_jsonl(path)]
    assert [row["passage"] for row in rows if row["passage"] not in passages] == []


def test_term_groups_join_everyday_formal_and_english() -> None:
    groups = term_groups()
    bribery = next(group for group in groups if "行贿" in group and "bribery" in group)
    assert "送钱" in bribery


def test_split_depends_on_the_passage_alone() -> None:
    passages = [f"第{n}段" for n in range(600)]
    held = [passage for passage in passages if is_dev(Pair("甲", passage))]
    assert held == [passage for passage in passages if is_dev(Pair("乙", passage))]
    assert 15 < len(held) < 50


def test_digest_is_stable() -> None:
    assert digest("联合国") == "ea63ffac7745"


def test_equal_texts_never_count_as_negatives() -> None:
    queries, passages = np.array([1, 1, 2]), np.array([5, 6, 5])
    wrong = wrong_negatives(queries, passages, np.array([5, 6, 5, 9]))
    assert wrong.astype(int).tolist() == [[0, 1, 1, 0], [1, 0, 0, 0], [1, 0, 0, 0]]


def test_texts_take_cuts_and_joins() -> None:
    texts = Texts.of([[1, 2, 3], [4], [5, 6]])
    ids, starts = texts.take(np.array([2, 0]), 2)
    assert ids.tolist() == [5, 6, 1, 2]
    assert starts.tolist() == [0, 2]


def test_batches_keep_the_shares_and_pairs_together() -> None:
    texts = Texts.of([[1]] * 8)
    sets = {"lawyer_llama": np.array([[0, 1], [2, 3]]), "un_enzh": np.array([[4, 5]])}
    prepared = Prepared(texts, sets, {}, np.full(8, NO_NEGATIVE))
    queries, passages = next(iter(Batches(prepared, 10, 0)))
    pairs = set(zip(queries.tolist(), passages.tolist(), strict=True))
    assert pairs == {(0, 1), (2, 3), (4, 5)}
    assert (queries == 4).sum() == 4  # share .16 of .40


def test_excluded_articles_are_names_only() -> None:
    lines = (OWN_DATA / "excluded_articles.txt").read_text(encoding="utf-8").splitlines()
    assert max(map(len, lines)) < 70
    assert json.dumps(lines[0], ensure_ascii=False)
