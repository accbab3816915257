"""From many signals to one score: a linear ranker whose weights stand in ``ranker.json``.

Each candidate paragraph has one value per feature; the score is their weighted sum, and each
product is kept as the explanation of the hit. The weights are learned with the listwise softmax
loss (ListNet with one right paragraph, Cao et al. 2007) on development questions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

# What each feature measures; all lie between 0 and 1, most are divided by their best value.
FEATURES: Mapping[str, str] = {
    "words": "BM25 of the question's words in the paragraph",
    "bigrams": "BM25 of the question's character bigrams in the paragraph",
    "section": "BM25 in the headings above the paragraph",
    "title": "BM25 in the document's title, session and date",
    "thesaurus": "BM25 of other names for what the question names",
    "concepts": "share of the question's concepts that the paragraph names in any way",
    "coverage": "share of the question's words, weighted by rarity, found in the paragraph",
    "coverage_all": "the same, found in the paragraph, its headings or its document's title",
    "exact": "share of the question's resolutions, articles, symbols and percentages found in the paragraph",
    "time": "share of the question's years, dates and session numbers found in the paragraph",
    "year": "the document is of the year in the question",
    "year_named": "the question says of a report or meeting that it is of this document's year",
    "session": "the document is of the session in the question",
    "symbol": "the question names the document's symbol",
    "neighbours": "the better score of the paragraphs before and after",
    "phrase": "share of the question's runs of four characters found as they stand",
    "proximity": "the question's words stand close together",
    "answer_kind": "the paragraph holds what is asked for: a date, a number, a list, a reason",
    "slots": "share of the question's days, half-days and hours that a row of a programme stands for",
    "programme": "a row of a programme, where a time or a place in a programme is asked for",
    "dense": "similarity of meaning (cosine of the embeddings, from the worst candidate to the best)",
    "alignment": "nearness in meaning word by word (from the worst candidate to the best)",
    "alignment_sentence": "the same within the paragraph's best sentence",
}
# What SearchConfig switches off.
SWITCHES: Mapping[str, tuple[str, ...]] = {
    "lexical": ("words", "bigrams", "section", "title", "thesaurus", "concepts", "coverage",
                "coverage_all", "neighbours", "phrase", "proximity"),
    "bigrams": ("bigrams",),
    "exact": ("exact", "time", "slots", "programme"),
    "fields": ("section", "title", "coverage_all"),
    "thesaurus": ("thesaurus", "concepts"),
    "metadata": ("year", "year_named", "session", "symbol"),
    "neighbours": ("neighbours",),
    "proximity": ("proximity", "phrase"),
    "answer_kind": ("answer_kind",),
    "dense": ("dense",),
    "alignment": ("alignment", "alignment_sentence"),
}  # fmt: skip
# A question that names resolution 3/2 must not be answered with 2/3: a promise, not a statistic. Too few
# questions name one for the promise to be learned.
LEAST: Mapping[str, float] = {"exact": 3.0, "symbol": 2.0}
RANKER_FILE = Path(__file__).with_name("ranker.json")


@dataclass(frozen=True, slots=True)
class Ranker:
    """One weight per feature, in the order of ``FEATURES``."""

    weights: FloatArray

    @classmethod
    def from_mapping(cls, weights: Mapping[str, float]) -> Ranker:
        """Features that are not named weigh nothing; unknown names raise ``ValueError``."""
        if unknown := set(weights) - set(FEATURES):
            raise ValueError(f"Unknown features in the ranker: {', '.join(sorted(unknown))}")
        return cls(np.array([weights.get(name, 0.0) for name in FEATURES], np.float32))

    def scores(self, features: FloatArray) -> FloatArray:
        """Weighted sums; ``features`` is ``[n, F]``, the result ``[n]``."""
        return np.asarray(features @ self.weights, np.float32)

    def parts(self, row: FloatArray) -> dict[str, float]:
        """What each feature of one candidate adds to its score; zero contributions are left out."""
        products = row * self.weights
        return {
            name: round(float(value), 4)
            for name, value in zip(FEATURES, products, strict=True)
            if abs(value) > 5e-5
        }


@lru_cache(maxsize=1)
def bundled_ranker() -> Ranker:
    """The learned weights that ship with the project."""
    return Ranker.from_mapping(json.loads(RANKER_FILE.read_text(encoding="utf-8"))["weights"])


@lru_cache(maxsize=1)
def prior_ranker() -> Ranker:
    """The weights that learning starts from.

    Those of wording are rounded from a fit to 1,000 of the questions in ``training/data`` about other
    United Nations paragraphs; those of metadata and meaning, which those questions cannot teach, are
    set by judgement.
    """
    return Ranker.from_mapping(json.loads(RANKER_FILE.read_text(encoding="utf-8"))["prior"])


def equal_ranker() -> Ranker:
    """Every leg counts the same: what the learned weights are compared with."""
    legs = ("words", "bigrams", "dense", "section", "title", "thesaurus")
    return Ranker.from_mapping(dict.fromkeys(legs, 1.0))


def train(
    features: Sequence[FloatArray],
    relevant: Sequence[NDArray[np.bool_]],
    *,
    pull: float = 0.005,
    steps: int = 500,
) -> Ranker:
    """Learn the weights from questions: ``features[i]`` is ``[n_i, F]``, ``relevant[i]`` marks right rows.

    Minimises the mean of ``-log(softmax mass on right rows)`` plus ``pull * |w - prior|^2`` with Adam,
    starting at the prior: a few hundred questions may shift sensible weights, not invent them. No
    weight falls below ``LEAST``, or zero: more agreement never makes a paragraph worse, which keeps
    the explanation readable.
    """
    usable = [i for i, rows in enumerate(relevant) if rows.any()]
    if not usable:
        raise ValueError("No question has a right paragraph among its candidates; nothing to learn from.")
    width = max(len(features[i]) for i in usable)
    batch = np.zeros((len(usable), width, len(FEATURES)))
    real = np.zeros((len(usable), width), bool)
    right = np.zeros((len(usable), width), bool)
    for row, i in enumerate(usable):
        size = len(features[i])
        batch[row, :size], real[row, :size], right[row, :size] = features[i], True, relevant[i]
    prior = prior_ranker().weights.astype(np.float64)
    weights = prior.copy()
    least = np.array([LEAST.get(name, 0.0) for name in FEATURES])
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, steps + 1):
        gradient = _gradient(batch, real, right, weights) + 2 * pull * (weights - prior)
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        rate = 0.05 * (1 - step / steps)
        weights -= rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
        weights = np.maximum(weights, least)
    return Ranker(weights.astype(np.float32))


def _gradient(
    batch: NDArray[np.float64],
    real: NDArray[np.bool_],
    right: NDArray[np.bool_],
    weights: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Gradient of the mean of ``-log P(right)``, P the softmax over a question's candidates."""
    scores = np.where(real, batch @ weights, -np.inf)
    exp = np.exp(scores - scores.max(axis=1, keepdims=True))
    all_mass = exp / exp.sum(axis=1, keepdims=True)
    right_exp = np.where(right, exp, 0)
    right_mass = right_exp / np.maximum(right_exp.sum(axis=1, keepdims=True), 1e-300)
    surplus = (all_mass - right_mass) / len(batch)
    return np.asarray(surplus.reshape(-1) @ batch.reshape(-1, batch.shape[2]))
