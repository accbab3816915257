"""Hard negatives from the lexical leg: passages that share words with a question but do not answer it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from training.train import NO_NEGATIVE, Prepared, _counts, inverse_document_frequency

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

# the question sets and the ranks from which a negative is drawn: lawyers' answers repeat each other, so their
# first places are too often right answers as well
MINED = {
    "lawyer_llama": (6, 30),
    "cited_articles": (4, 20),
    "cmrc2018_train": (2, 12),
    "squad2_zh_dev": (2, 12),
    "lawbench_lexeval_qa": (3, 15),
    "written": (3, 15),
}


def mine(prepared: Prepared, size: int, *, chunk: int = 512, seed: int = 3) -> np.ndarray:
    """For every text row the row of one negative passage, or ``NO_NEGATIVE``; shape (texts,).

    A passage that is right for the same question elsewhere in the set is never its negative.
    """
    rng = np.random.default_rng(seed)
    found = prepared.negatives.copy()  # those chosen by hand stay
    idf = inverse_document_frequency(prepared.texts, size)
    right: dict[int, set[int]] = {}
    for rows in prepared.sets.values():
        for query, passage in rows.tolist():
            right.setdefault(query, set()).add(passage)
    for name, (first, last) in MINED.items():
        pairs = prepared.sets.get(name, np.empty((0, 2), np.int64))
        passages, queries = np.unique(pairs[:, 1]), np.unique(pairs[:, 0])
        if len(passages) <= last:
            continue
        weights = _bm25(prepared, passages, idf)
        for start in range(0, len(queries), chunk):
            part = queries[start : start + chunk]
            asked = _counts(*prepared.texts.take(part, 64), idf)
            asked.data[:] = 1.0
            scores = (asked @ weights.T).toarray()
            top = (
                np.argsort(-scores, axis=1)[:, first:last]
                if len(passages) < 4000
                else _top(scores, first, last)
            )
            for query, row in zip(part.tolist(), top, strict=True):
                candidates = [p for p in passages[row].tolist() if p not in right[query]]
                if candidates and found[query] == NO_NEGATIVE:
                    found[query] = candidates[int(rng.integers(len(candidates)))]
    return found


def _top(scores: np.ndarray, first: int, last: int) -> np.ndarray:
    best = np.argpartition(-scores, last, axis=1)[:, :last]
    order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1)
    return np.take_along_axis(best, order, axis=1)[:, first:]


def _bm25(prepared: Prepared, rows: Sequence[int] | np.ndarray, idf: np.ndarray) -> csr_matrix:
    matrix = _counts(*prepared.texts.take(np.asarray(rows), 400), idf)
    lengths = np.asarray(matrix.sum(axis=1)).ravel()
    per_row = np.repeat(1.2 * (0.25 + 0.75 * lengths / max(lengths.mean(), 1)), np.diff(matrix.indptr))
    matrix.data = (idf[matrix.indices] * matrix.data * 2.2 / (matrix.data + per_row)).astype(np.float32)
    return matrix
