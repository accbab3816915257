"""A CrossEncoder by name that reorders the best candidates (RERANKER, empty for none)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from index.encoder import EncoderError, refuse_absent_model

Ranked = tuple[int, float, dict[str, float]]


class Reranker:
    """Scores (question, paragraph) pairs with a sentence-transformers CrossEncoder."""

    def __init__(self, name: str) -> None:
        refuse_absent_model(name, "reranker")
        from sentence_transformers import CrossEncoder

        try:
            self._model: Any = CrossEncoder(name)
        except Exception as error:
            raise EncoderError(f"Cannot load the reranker {name!r}: {error}") from error

    def reorder(self, query: str, texts: Sequence[str], ranked: Sequence[Ranked]) -> list[Ranked]:
        """The first ``len(texts)`` candidates by the model's score, the others behind them as they were.

        The old scores are given out again in the new order, so scores still fall and stay on the
        scale of the fusion; the model's own score is the part ``reranker``.
        """
        scores = np.asarray(self._model.predict([(query, text) for text in texts]), np.float64).reshape(-1)
        head, tail = list(ranked[: len(texts)]), list(ranked[len(texts) :])
        order = np.argsort(-scores, kind="stable")
        values = [score for _, score, _ in head]
        return [
            (head[i][0], value, {**head[i][2], "reranker": round(float(scores[i]), 4)})
            for i, value in zip(order, values, strict=True)
        ] + tail


@lru_cache(maxsize=2)
def open_reranker(name: str) -> Reranker:
    """The reranker of that name, loaded once."""
    return Reranker(name)
