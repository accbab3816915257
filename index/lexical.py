"""The lexical leg: BM25 over an inverted index held in plain numpy arrays.

Scores follow Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009),
with the non-negative idf of Lucene: ``ln(1 + (N - df + 0.5) / (df + 0.5))``. The weight of a term in a
paragraph is computed when the index is built, so a search only adds up slices.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

K1 = 1.2
B = 0.75

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Postings:
    """A BM25 index of one field: for term ``t``, ``rows[offsets[t]:offsets[t+1]]`` and their weights.

    ``terms`` maps a term to its number, ``idf`` has one value per term, ``size`` is the number of rows.
    """

    terms: Mapping[str, int]
    offsets: NDArray[np.int64]
    rows: IntArray
    weights: FloatArray
    idf: FloatArray
    size: int

    @classmethod
    def build(cls, texts: Iterable[Sequence[str]], *, k1: float = K1, b: float = B) -> Postings:
        """Count the terms of each text (a sequence of terms) and weigh them."""
        terms: dict[str, int] = {}
        ids: list[NDArray[np.int32]] = []
        for text in texts:
            ids.append(
                np.fromiter((terms.setdefault(t, len(terms)) for t in text), np.int32, count=len(text))
            )
        size = len(ids)
        lengths = np.array([len(row) for row in ids], dtype=np.int64)
        flat = np.concatenate(ids) if ids else np.zeros(0, np.int32)
        key = flat.astype(np.int64) * max(size, 1) + np.repeat(np.arange(size), lengths)
        unique, counts = np.unique(key, return_counts=True)
        term_of, row_of = np.divmod(unique, max(size, 1))
        frequency = np.bincount(term_of, minlength=len(terms))
        idf = np.log1p((size - frequency + 0.5) / (frequency + 0.5))
        norm = k1 * (1 - b + b * lengths / max(float(lengths.mean()) if size else 1.0, 1e-9))
        weights = idf[term_of] * counts * (k1 + 1) / (counts + norm[row_of])
        offsets = np.concatenate([[0], np.cumsum(frequency)]).astype(np.int64)
        return cls(
            terms, offsets, row_of.astype(np.int32), weights.astype(np.float32), idf.astype(np.float32), size
        )

    def scores(self, query: Mapping[str, float]) -> FloatArray:
        """BM25 of every row for weighted query terms; shape ``[size]``, 0 where no term occurs."""
        total = np.zeros(self.size, np.float32)
        for term, weight in query.items():
            number = self.terms.get(term)
            if number is not None:
                first, last = self.offsets[number], self.offsets[number + 1]
                total[self.rows[first:last]] += np.float32(weight) * self.weights[first:last]
        return total

    def present(self, term: str) -> IntArray:
        """The rows that contain the term."""
        number = self.terms.get(term)
        return self.rows[:0] if number is None else self.rows[self.offsets[number] : self.offsets[number + 1]]

    def holds(self, term: str, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """For each of the given rows whether it contains the term; shape ``[len(rows)]``."""
        found = self.present(term)
        if not len(found):
            return np.zeros(len(rows), bool)
        place = np.searchsorted(found, rows).clip(0, len(found) - 1)
        return np.asarray(found[place] == rows, bool)

    def rarity(self, term: str) -> float:
        """The idf of the term; an unknown term is as rare as can be (document frequency 0)."""
        number = self.terms.get(term)
        return float(np.log1p((self.size + 0.5) / 0.5)) if number is None else float(self.idf[number])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What ``index.store`` writes; the vocabulary is joined by newlines in UTF-8."""
        text = "\n".join(self.terms)
        if self.terms and text.count("\n") != len(self.terms) - 1:
            raise ValueError("a term holds a line break")
        vocabulary = np.frombuffer(text.encode("utf-8", "surrogatepass"), dtype=np.uint8)
        return {
            "vocabulary": vocabulary, "offsets": self.offsets, "rows": self.rows, "weights": self.weights,
            "idf": self.idf, "size": np.array([self.size]),
        }  # fmt: skip

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Postings:
        """The inverse of ``arrays``."""
        text = arrays["vocabulary"].tobytes().decode("utf-8", "surrogatepass")
        terms = {term: number for number, term in enumerate(text.split("\n"))} if text else {}
        return cls(
            terms, arrays["offsets"], arrays["rows"], arrays["weights"], arrays["idf"], int(arrays["size"][0])
        )
