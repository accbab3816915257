"""How far words are said in a text, in other words too: by the vectors of the bundled model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from index.tokens import STOP_WORDS, jieba_words

FloatArray = NDArray[np.float32]
UNRELATED, SAME = 0.3, 0.8
"""Two words taken at random have about the one cosine, two names of one thing at least the other."""
_TELLING = re.compile(r"[^\W\d_]{2,}")
INFERRED = 0.95  # a word that is not said itself is never quite said


def nearness(words: Sequence[str], text: str) -> FloatArray:
    """For each word 1 where the text (normal form) has it, else how near its nearest word comes, 0 to 0.95.

    0 for what is not said where the bundled model is absent.
    """
    said = np.array([word in text for word in words], np.float32)
    if not said.all() and (found := cosines(words, text)) is not None:
        said = np.maximum(said, np.clip((found - UNRELATED) / (SAME - UNRELATED), 0, INFERRED))
    return np.asarray(said, np.float32)


def cosines(words: Sequence[str], text: str) -> FloatArray | None:
    """For each word its greatest cosine to a word of the text; None without words or without the model."""
    others = _vectors(text)
    if not len(others) or others.shape[1] == 1:
        return None
    return np.asarray((np.stack([word_vector(word) for word in words]) @ others.T).max(axis=1), np.float32)


@lru_cache(maxsize=8192)
def _vectors(text: str) -> FloatArray:
    """A row for each distinct word of the text that says something."""
    words = [w for w in jieba_words().cut(text) if _TELLING.fullmatch(w) and w not in STOP_WORDS]
    return np.stack([word_vector(w) for w in dict.fromkeys(words)]) if words else np.zeros((0, 1), np.float32)


@lru_cache(maxsize=32768)
def word_vector(word: str) -> FloatArray:
    """The unit vector of a word in the bundled model; one zero without it."""
    from index.encoder import bundled_words

    model = bundled_words()
    return model.encode([word])[0] if model else np.zeros(1, np.float32)
