"""The project's own question sets: well formed, and true to the documents they ask about."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.check import check
from eval.questions import KINDS, UNANSWERABLE_KINDS, load, resolve
from eval.score import Passages
from eval.verifier import read_pairs
from ingest import load as load_documents

SETS = Path("eval/sets")
REAL = Path("../shared/corpus")
PLACES = {
    "real": REAL,
    "blind": REAL,
    "fresh": REAL,
    "more_dev": REAL,
    "third_dev": REAL,
    "fourth_dev": REAL,
    "fresh2": REAL,
    "unseen": Path("eval/documents/test"),
    "unseen_dev": Path("eval/documents/dev"),
    "samples": Path("corpus"),
}


@pytest.mark.parametrize(("name", "least"), [("real", 320), ("samples", 80)])
def test_sets_are_well_formed_and_large_enough(name, least):
    questions = load(SETS / f"{name}.jsonl")
    findings = check(questions, None)
    assert findings.errors == ()
    assert len(questions) >= least
    answerable = [question for question in questions if question.answerable]
    assert sum(question.low_overlap for question in answerable) >= 0.4 * len(answerable)
    sizes = findings.counts["split"]
    assert abs(sizes["dev"] - sizes["test"]) <= 0.1 * len(questions)


def test_the_real_set_has_every_kind():
    counts = check(load(SETS / "real.jsonl"), None).counts["kind"]
    assert set(KINDS) <= set(counts)
    assert sum(counts[kind] for kind in UNANSWERABLE_KINDS) >= 60
    assert counts["conversation"] >= 25


@pytest.mark.parametrize("name", list(PLACES))
def test_gold_paragraphs_exist_and_hold_the_facts(name):
    folder = PLACES[name]
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here: the real documents are not part of the repository")
    corpus = load_documents([folder])
    passages = Passages.of(corpus.documents, corpus.paragraphs)
    questions = resolve(load(SETS / f"{name}.jsonl"), corpus.documents, passages.texts)
    assert check(questions, passages).errors == ()


def test_verifier_pairs_are_labelled():
    pairs = read_pairs(SETS / "verify.jsonl", _Anything(), {})
    assert {pair.split for pair in pairs} == {"dev", "test"}
    assert {pair.label for pair in pairs} == {"supported", "partial", "unsupported"}
    assert len({pair.id for pair in pairs}) == len(pairs)


class _Anything(dict):
    """Texts for every paragraph id: only the form of the pairs is looked at."""

    def get(self, key, default=None):
        return "text"
