"""Paragraphs that repeat those of another document, as reports do over the years.

MinHash over character 5-grams (Broder 1997): the share of equal minima estimates the Jaccard similarity.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SHINGLE = 5
HASHES = 32
BAND = 2
THRESHOLD = 0.7
MIN_LENGTH = 24


def duplicate_groups(folded: Sequence[str], document_of: NDArray[np.int64]) -> NDArray[np.int32]:
    """A group number for each text, -1 where no other document repeats it; shape ``[len(folded)]``.

    Two texts of different documents share a group when their estimated Jaccard similarity is
    ``THRESHOLD`` or more, or when a chain of such texts joins them. Alike paragraphs of one document
    are parallel statements, not copies: each says something of its own.
    """
    signatures, kept = _signatures(folded)
    parent = np.arange(len(folded))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = int(parent[node])
        return node

    for first in range(0, HASHES, BAND):
        band = np.ascontiguousarray(signatures[:, first : first + BAND])
        _, inverse = np.unique(band, axis=0, return_inverse=True)
        order = np.argsort(inverse, kind="stable")
        same = np.flatnonzero(inverse[order][1:] == inverse[order][:-1])
        left, right = order[same], order[same + 1]
        alike = (signatures[left] == signatures[right]).mean(axis=1) >= THRESHOLD
        apart = document_of[kept[left]] != document_of[kept[right]]
        for a, b in zip(kept[left[alike & apart]], kept[right[alike & apart]], strict=True):
            parent[root(int(a))] = root(int(b))
    roots = np.array([root(i) for i in range(len(folded))], np.int64)
    values, inverse, counts = np.unique(roots, return_inverse=True, return_counts=True)
    numbers = np.where(counts > 1, np.cumsum(counts > 1) - 1, -1)
    return np.asarray(numbers[inverse], np.int32) if len(values) else np.zeros(0, np.int32)


def _signatures(folded: Sequence[str]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """MinHash signatures ``[m, HASHES]`` of the texts that are long enough, and their positions ``[m]``."""
    random = np.random.default_rng(20)
    powers = random.integers(1, 2**63, SHINGLE, dtype=np.uint64) | np.uint64(1)
    factors = random.integers(1, 2**63, HASHES, dtype=np.uint64) | np.uint64(1)
    rows, kept = [], []
    for position, text in enumerate(folded):
        letters = "".join(text.split())
        if len(letters) < MIN_LENGTH:
            continue
        codes = np.frombuffer(letters.encode("utf-32-le"), np.uint32).astype(np.uint64)
        grams = sum(codes[i : len(codes) - SHINGLE + 1 + i] * powers[i] for i in range(SHINGLE))
        mixed = np.asarray(grams ^ (np.asarray(grams) >> np.uint64(29)), np.uint64)
        rows.append((mixed[:, None] * factors).min(axis=0))
        kept.append(position)
    signatures = np.array(rows, np.uint64).reshape(len(rows), HASHES)
    return signatures, np.array(kept, np.int64)
