"""Start vectors for every token: skip-gram over the raw text, bilingual lines, and a guess from spelling.

Skip-gram knows only what it has read, so the vector of a rare word is mixed with the one that its characters
(or letter groups) suggest: a ridge regression from spelling to vector, fitted on the frequent words.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tokenizers import Tokenizer

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


def write_lines(
    path: Path, tokenizer: Tokenizer, texts: Iterator[str], parallel: Sequence[tuple[str, str]], seed: int = 0
) -> int:
    """Write tokenised lines for skip-gram and return their number of tokens.

    A translated pair becomes lines in which the tokens of both languages are shuffled together: words of one
    language then have their translations among their neighbours (Vulić and Moens 2015).
    """
    rng, total = random.Random(seed), 0
    with path.open("w", encoding="utf-8") as out:
        batch: list[str] = []

        def flush() -> None:
            nonlocal total
            for encoding in tokenizer.encode_batch(batch, add_special_tokens=False):
                total += len(encoding.ids)
                out.write(" ".join(map(str, encoding.ids)) + "\n")
            batch.clear()

        for text in texts:
            batch.append(text)
            if len(batch) == 4096:
                flush()
        flush()
        for left, right in parallel:
            ids = [*tokenizer.encode(left).ids, *tokenizer.encode(right).ids]
            for _ in range(6):
                rng.shuffle(ids)
                out.write(" ".join(map(str, ids)) + "\n")
                total += len(ids)
    return total


def train_skipgram(
    lines: Path, size: int, dim: int, *, epochs: int, threads: int, seed: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Skip-gram vectors (size, dim) float32 and counts (size,) by token id; unseen tokens are zero rows."""
    from gensim.models import Word2Vec
    from gensim.models.word2vec import LineSentence

    model = Word2Vec(
        LineSentence(str(lines)), sg=1, vector_size=dim, window=6, negative=6, sample=1e-4, ns_exponent=0.75,
        min_count=3, epochs=epochs, workers=threads, seed=seed, batch_words=20_000,
    )  # fmt: skip
    vectors, counts = np.zeros((size, dim), np.float32), np.zeros(size, np.int64)
    for word, row in model.wv.key_to_index.items():
        vectors[int(word)] = model.wv.vectors[row]
        counts[int(word)] = model.wv.get_vecattr(word, "count")
    return vectors, counts


def spelling_features(tokens: Sequence[str]) -> csr_matrix:
    """A row a token: its characters (Chinese) or its letter groups of 3 to 5 (others), averaged.

    A feature that fewer than three tokens have teaches nothing that the token's own vector does not.
    """
    from scipy.sparse import csr_matrix

    index: dict[str, int] = {}
    rows, columns, values = [], [], []
    for row, token in enumerate(tokens):
        parts = _parts(token)
        for part in parts:
            rows.append(row)
            columns.append(index.setdefault(part, len(index)))
            values.append(1.0 / len(parts))
    matrix = csr_matrix((values, (rows, columns)), shape=(len(tokens), max(len(index), 1)), dtype=np.float32)
    return matrix[:, np.bincount(matrix.indices, minlength=matrix.shape[1]) >= 3]


def _parts(token: str) -> list[str]:
    if not token.isascii():
        return [f"{char}" for char in token]
    if token.isdigit() or len(token) < 4:
        return [f"={token}"]
    marked = f"<{token}>"
    return [marked[i : i + n] for n in (3, 4, 5) for i in range(len(marked) - n + 1)]


def complete(
    vectors: np.ndarray, counts: np.ndarray, tokens: Sequence[str], *, trust: float = 20.0
) -> np.ndarray:
    """Unit vectors in which rare tokens lean on their spelling: count·own + trust·guess, scaled."""
    own = unit_rows(vectors)
    features, known = spelling_features(tokens), counts >= 30
    guess = np.zeros_like(own)
    if known.any() and features.shape[1]:
        guess = unit_rows(features @ ridge(features[known], own[known]))
    return unit_rows(counts[:, None] * own + trust * guess).astype(np.float32)


def ridge(features: csr_matrix, targets: np.ndarray, *, damping: float = 0.1, rounds: int = 40) -> np.ndarray:
    """W that minimises |features W - targets|² + damping |W|², by conjugate gradients."""
    weights = np.zeros((features.shape[1], targets.shape[1]), np.float32)
    residual = features.T @ targets
    direction, size = residual.copy(), (residual**2).sum(axis=0)
    for _ in range(rounds):
        image = features.T @ (features @ direction) + damping * direction
        step = size / np.maximum((direction * image).sum(axis=0), 1e-12)
        weights += step * direction
        residual -= step * image
        new_size = (residual**2).sum(axis=0)
        direction = residual + new_size / np.maximum(size, 1e-12) * direction
        size = new_size
    return weights


def unit_rows(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
