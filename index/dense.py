"""The dense leg: unit vectors in FAISS, several windows a paragraph, the best window counts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]

FLAT_LIMIT = 20_000  # vectors; beyond that a full scan costs more than the answer is worth
SENTENCE_END = re.compile(r"(?<=[。；！？;!?\n])")


def windows(text: str, size: int) -> list[str]:
    """The text cut into windows of at most ``size`` characters, at sentence ends where possible.

    Neighbouring windows share their border sentence when it is short (under a quarter of a window).
    """
    if len(text) <= size:
        return [text]
    pieces: list[str] = []
    for sentence in SENTENCE_END.split(text):
        pieces.extend(sentence[i : i + size] for i in range(0, len(sentence), size))
    found, current = [], ""
    for piece in pieces:
        if current and len(current) + len(piece) > size:
            found.append(current)
            last = SENTENCE_END.split(current.rstrip())[-1]
            current = last if len(last) < size / 4 and len(last) + len(piece) <= size else ""
        current += piece
    return [*found, current] if current else found


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DenseIndex:
    """FAISS over window vectors; ``owners[v]`` is the paragraph row of vector ``v``, in rising order."""

    faiss_index: Any
    owners: IntArray
    dimension: int

    @classmethod
    def build(cls, vectors: FloatArray, owners: Sequence[int] | IntArray) -> DenseIndex:
        """Index unit vectors ``[V, d]``; exact up to ``FLAT_LIMIT`` vectors, inverted lists beyond."""
        import faiss

        if len(vectors) != len(owners):
            raise ValueError(f"{len(vectors)} vectors but {len(owners)} owners")
        dimension = int(vectors.shape[1])
        if len(vectors) <= FLAT_LIMIT:
            index: Any = faiss.IndexFlatIP(dimension)
        else:
            lists = int(4 * np.sqrt(len(vectors)))
            index = faiss.index_factory(dimension, f"IVF{lists},Flat", faiss.METRIC_INNER_PRODUCT)
            sample = np.random.default_rng(0).permutation(len(vectors))[: lists * 40]
            index.train(vectors[np.sort(sample)])
        index.add(vectors)
        return cls(_prepared(index), np.asarray(owners, np.int64), dimension)

    def search(self, query: FloatArray, k: int) -> tuple[IntArray, FloatArray]:
        """The ``k`` best paragraph rows and their cosine similarities (best window), best first.

        FAISS returns inner products here; of unit vectors they are cosines already, so this is the
        one place where a distance would have to be turned into a similarity, and none has to.
        """
        import faiss

        # one question is too little work to share: on a busy machine waiting for a second thread took
        # 20 ms where the scan takes half a millisecond
        faiss.omp_set_num_threads(1)
        # a long paragraph may fill several places with its windows
        similarity, numbers = self.faiss_index.search(query.reshape(1, -1), min(3 * k, len(self.owners)))
        found = numbers[0] >= 0
        rows, values = self.owners[numbers[0][found]], similarity[0][found]
        _, first = np.unique(rows, return_index=True)
        first.sort()
        return rows[first][:k], values[first][:k]

    def similarities(self, query: FloatArray, rows: IntArray) -> FloatArray:
        """Cosine of the query with the best window of each given paragraph row; shape ``[len(rows)]``."""
        if not len(rows):
            return np.zeros(0, np.float32)
        first = np.searchsorted(self.owners, rows, "left")
        counts = np.searchsorted(self.owners, rows, "right") - first
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        numbers = np.arange(counts.sum()) - np.repeat(starts - first, counts)
        vectors = self.faiss_index.reconstruct_batch(numbers)
        # einsum, not @: some hundred rows are not worth waking the threads of BLAS
        products = np.einsum("vd,d->v", vectors, query.reshape(-1))
        return np.maximum.reduceat(products, starts).astype(np.float32)

    def vectors(self) -> FloatArray:
        """All window vectors, ``[V, d]``, in the order of ``owners``."""
        return np.asarray(self.faiss_index.reconstruct_n(0, len(self.owners)), np.float32)

    def to_bytes(self) -> NDArray[np.uint8]:
        """The FAISS index in FAISS's own format."""
        import faiss

        return np.asarray(faiss.serialize_index(self.faiss_index))

    @classmethod
    def from_bytes(cls, data: NDArray[np.uint8], owners: IntArray) -> DenseIndex:
        """The inverse of ``to_bytes``."""
        import faiss

        index = faiss.deserialize_index(data)
        return cls(_prepared(index), owners, int(index.d))


def _prepared(index: Any) -> Any:
    """Settings that FAISS does not save: how many lists to probe, and the map back to vectors."""
    if hasattr(index, "nprobe"):
        index.nprobe = max(16, index.nlist // 8)
        index.make_direct_map()
    return index
