"""Word by word: how near each word of a question comes, in meaning, to the words of a paragraph.

The mean vector of a paragraph blurs what one word says; here every token of the question looks for the
nearest token of the paragraph, and of its best sentence. This is the recall of BERTScore (Zhang et al.
2020) over static token vectors: the length of a vector, learned in training, says how much its token tells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.dense import SENTENCE_END
from index.encoder import StaticEncoder

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]

UNRELATED = 0.25  # two words taken at random are about this similar


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SentenceTokens:
    """The distinct tokens of every sentence: ``ids`` one after the other, and where each part begins.

    ``sentences[s]`` is the place in ``ids`` of sentence ``s``, ``paragraphs[p]`` the number of the first
    sentence of paragraph ``p``; both have one more entry at the end.
    """

    ids: NDArray[np.int32]
    sentences: IntArray
    paragraphs: IntArray

    @classmethod
    def build(cls, texts: Sequence[str], words: StaticEncoder) -> SentenceTokens:
        """Split the texts into sentences and tokenise them; no sentence is left without a token."""
        split = [[part for part in SENTENCE_END.split(text) if part.strip()] or [""] for text in texts]
        found = words.tokens([sentence for sentences in split for sentence in sentences])
        ids = [np.unique(tokens) if len(tokens) else np.zeros(1, np.int64) for tokens in found]
        return cls(
            np.concatenate([np.zeros(0, np.int64), *ids]).astype(np.int32),
            _offsets([len(tokens) for tokens in ids]),
            _offsets([len(sentences) for sentences in split]),
        )

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """What is written to disk."""
        return {"ids": self.ids, "sentences": self.sentences, "paragraphs": self.paragraphs}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> SentenceTokens:
        """The inverse of ``arrays``."""
        return cls(**{name: arrays[name] for name in ("ids", "sentences", "paragraphs")})  # type: ignore[arg-type]


def alignment(table: SentenceTokens, words: StaticEncoder, question: str, rows: IntArray) -> FloatArray:
    """How much of the question each paragraph, and its best sentence, comes near to.

    Shape ``[len(rows), 2]``, values in 0..1; a token counts by the length of its vector.
    """
    asked = np.unique(words.tokens([question])[0])
    tells = words.token_lengths[asked]
    if not len(rows) or not tells.any():
        return np.zeros((len(rows), 2), np.float32)
    sentences, of_row = _ranges(table.paragraphs, rows)
    places, of_sentence = _ranges(table.sentences, sentences)
    ids = table.ids[places]
    distinct = np.flatnonzero(np.bincount(ids))
    column = np.zeros(distinct[-1] + 1, np.int64)
    column[distinct] = np.arange(len(distinct))
    # this way round the product is too small to wake a second thread, which costs more than it helps
    near = (words.token_vectors(distinct) @ words.token_vectors(asked).T).T
    near /= np.maximum(np.outer(tells, words.token_lengths[distinct]), 1e-9)
    near = np.maximum(near - UNRELATED, 0) / (1 - UNRELATED)
    best = np.maximum.reduceat(np.take(near, column[ids], axis=1), of_sentence, axis=1)
    share = tells / tells.sum()
    whole = share @ np.maximum.reduceat(best, of_row, axis=1)
    return np.stack([whole, np.maximum.reduceat(share @ best, of_row)], axis=1).astype(np.float32)


def _ranges(offsets: IntArray, rows: IntArray) -> tuple[IntArray, IntArray]:
    """All numbers in ``offsets[r]..offsets[r + 1]`` for each row, and where each row's numbers begin."""
    counts = offsets[rows + 1] - offsets[rows]
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
    return np.arange(counts.sum()) + np.repeat(offsets[rows] - starts, counts), starts


def _offsets(lengths: Sequence[int]) -> IntArray:
    return np.concatenate([[0], np.cumsum(np.array(lengths, np.int64))]).astype(np.int64)
