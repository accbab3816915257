"""What a search looks at, and one search: candidates from both legs, their features, their order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.alignment import SentenceTokens, alignment
from index.analysis import Analysis
from index.config import SearchConfig
from index.dense import DenseIndex
from index.duplicates import duplicate_groups
from index.encoder import StaticEncoder
from index.features import HOLD_KINDS, closeness, kinds_held, row_features, wide_features
from index.fusion import FEATURES, SWITCHES, Ranker, bundled_ranker, equal_ranker
from index.lexical import Postings
from index.normalise import fold
from index.query import document_years
from index.references import exact_tokens
from ingest import Document, Paragraph

FloatArray = NDArray[np.float32]
TextOf = Callable[[int], str]
Ranked = tuple[int, float, dict[str, float]]
FEATURE_NUMBER = {name: number for number, name in enumerate(FEATURES)}
COPY_PLACES = 3


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Signals:
    """Everything about the paragraphs that a search looks at.

    ``words`` and ``bigrams`` index the text of each paragraph, ``section`` each distinct heading path,
    ``title`` and ``metadata`` each document; ``section_of`` and ``document_of`` ``[n]`` lead there.
    ``holds`` is ``[n, len(HOLD_KINDS)]``; ``hashes`` has one entry per embedded window.
    """

    postings: Mapping[str, Postings]
    metadata: Postings
    dense: DenseIndex
    hashes: NDArray[np.uint64]
    document_of: NDArray[np.int64]
    section_of: NDArray[np.int64]
    groups: NDArray[np.int32]
    holds: FloatArray
    sentences: SentenceTokens | None

    @classmethod
    def build(
        cls,
        documents: Sequence[Document],
        paragraphs: Sequence[Paragraph],
        folded: Sequence[str],
        document_of: NDArray[np.int64],
        section_of: NDArray[np.int64],
        postings: Mapping[str, Postings],
        dense: DenseIndex,
        hashes: NDArray[np.uint64],
        words: StaticEncoder | None = None,
    ) -> Signals:
        """Gather the signals of a corpus; ``folded`` are the paragraphs' folded texts."""
        holds = [kinds_held(text) for text in folded]
        return cls(
            postings=postings,
            metadata=Postings.build([_metadata_tokens(document) for document in documents]),
            dense=dense,
            hashes=hashes,
            document_of=document_of,
            section_of=section_of,
            groups=duplicate_groups([fold(p.text) for p in paragraphs], document_of),
            holds=np.array(holds, np.float32).reshape(len(folded), len(HOLD_KINDS)),
            sentences=SentenceTokens.build(folded, words) if words else None,
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What is written to disk; postings are named ``words.rows`` and so on."""
        found: dict[str, NDArray[Any]] = {
            f"{name}.{part}": array
            for name, postings in {**self.postings, "metadata": self.metadata}.items()
            for part, array in postings.arrays().items()
        }
        plain = ("hashes", "document_of", "section_of", "groups", "holds")
        found |= {name: getattr(self, name) for name in plain}
        if self.sentences:
            found |= {f"sentences.{part}": array for part, array in self.sentences.arrays().items()}
        return found | {"dense.faiss": self.dense.to_bytes(), "dense.owners": self.dense.owners}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Signals:
        """The inverse of ``arrays``."""
        grouped: dict[str, dict[str, NDArray[Any]]] = {}
        for name, array in arrays.items():
            if "." in name:
                field, part = name.split(".", 1)
                grouped.setdefault(field, {})[part] = array
        dense, sentences = grouped.pop("dense"), grouped.pop("sentences", None)
        postings = {name: Postings.from_arrays(parts) for name, parts in grouped.items()}
        plain = {name: arrays[name] for name in ("hashes", "document_of", "section_of", "groups", "holds")}
        return cls(
            postings=postings,
            metadata=postings.pop("metadata"),
            dense=DenseIndex.from_bytes(dense["faiss"], dense["owners"]),
            sentences=SentenceTokens.from_arrays(sentences) if sentences else None,
            **plain,
        )


def rank(
    signals: Signals,
    analysis: Analysis,
    vector: FloatArray | None,
    config: SearchConfig,
    k: int,
    allowed: NDArray[np.bool_] | None = None,
    ranker: Ranker | None = None,
    *,
    text_of: TextOf | None = None,
    words: StaticEncoder | None = None,
) -> list[Ranked]:
    """The best paragraphs as (row, score, parts), best first; ties go to the earlier paragraph.

    At least ``k`` and, for a reranker, ``config.reranked`` of them where the corpus has as many.
    """
    ranker = ranker or (bundled_ranker() if config.fusion else equal_ranker())
    count = max(k, config.candidates)
    rows, features = candidates(
        signals, analysis, vector, config, count, allowed, ranker, text_of=text_of, words=words
    )
    scores = ranker.scores(features)
    groups = signals.groups[rows] if config.dedup else np.full(len(rows), -1, np.int32)
    order = order_of(scores, groups, rows)[: max(k, config.reranked if config.reranker else 0)]
    falling = np.minimum.accumulate(scores[order])  # a copy moved down scores no more than those above it
    return [
        (int(rows[i]), float(score), ranker.parts(features[i]))
        for i, score in zip(order, falling, strict=True)
    ]


def candidates(
    signals: Signals,
    analysis: Analysis,
    vector: FloatArray | None,
    config: SearchConfig,
    count: int,
    allowed: NDArray[np.bool_] | None,
    ranker: Ranker,
    *,
    text_of: TextOf | None = None,
    words: StaticEncoder | None = None,
) -> tuple[NDArray[np.int64], FloatArray]:
    """Rows worth a closer look ``[m]`` and their features ``[m, F]``: the best of both legs.

    What can be summed over the whole index chooses the candidates; what needs a closer look is
    computed for them alone, the nearness of words only for the best ``config.close`` of them.
    """
    off = {name for switch, names in SWITCHES.items() if not getattr(config, switch) for name in names}
    values = wide_features(signals, analysis, off)
    first = np.zeros(len(signals.document_of), np.float32)
    for name, array in values.items():
        first += ranker.weights[FEATURE_NUMBER[name]] * array
    if allowed is not None:
        first = np.where(allowed, first, -np.inf)
    rows = _top(first, count)
    if vector is not None and "dense" not in off:
        near, _ = signals.dense.search(vector, count)
        rows = np.union1d(rows, near if allowed is None else near[allowed[near]])
    features = np.zeros((len(rows), len(FEATURES)), np.float32)
    for name, array in values.items():
        features[:, FEATURE_NUMBER[name]] = array[rows]
    for name, array in row_features(signals, analysis, values, rows, off).items():
        features[:, FEATURE_NUMBER[name]] = array
    if vector is not None and "dense" not in off:
        features[:, FEATURE_NUMBER["dense"]] = _spread(signals.dense.similarities(vector, rows))
    if words is not None and signals.sentences is not None and "alignment" not in off:
        aligned = alignment(signals.sentences, words, analysis.facts.folded, rows)
        for column, name in enumerate(("alignment", "alignment_sentence")):
            features[:, FEATURE_NUMBER[name]] = _spread(aligned[:, column])
    if text_of is not None and "proximity" not in off:
        best = np.argsort(-ranker.scores(features), kind="stable")[: config.close]
        close = closeness(analysis, [text_of(int(row)) for row in rows[best]])
        features[best, FEATURE_NUMBER["phrase"]], features[best, FEATURE_NUMBER["proximity"]] = close.T
    return rows, features


def _top(scores: FloatArray, count: int) -> NDArray[np.int64]:
    """The rows of the ``count`` best finite scores, in rising order of row."""
    rows = np.argpartition(-scores, count)[:count] if count < len(scores) else np.arange(len(scores))
    return np.sort(rows[np.isfinite(scores[rows])])


def _spread(similarities: FloatArray) -> FloatArray:
    """Similarities stretched to 0 for the worst candidate and 1 for the best.

    Encoders differ in where their cosines lie (0.1 to 0.5, or 0.6 to 0.9), and questions in how much
    of them any paragraph can come near to; the ranker must not care.
    """
    if not len(similarities):
        return similarities
    return np.asarray(
        (similarities - similarities.min()) / max(float(np.ptp(similarities)), 1e-6), np.float32
    )


def order_of(scores: FloatArray, groups: NDArray[np.int32], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions of the candidates, best first; of each group of near-duplicates only the best stays in
    its place, its copies move ``COPY_PLACES`` down, so that results are not five times the same text.
    """
    order = np.lexsort((rows, -scores))
    place = np.arange(len(order), dtype=np.float64)
    seen: set[int] = set()
    for number, group in enumerate(groups[order].tolist()):
        if group >= 0 and group in seen:
            place[number] += COPY_PLACES + 0.5
        seen.add(group)
    return np.asarray(order[np.argsort(place, kind="stable")], np.int64)


def _metadata_tokens(document: Document) -> list[str]:
    about = fold(f"{document.title} {document.session or ''}")
    tokens = [token for token in exact_tokens(about) if token.startswith("ord:")]
    tokens += [f"year:{year}" for year in document_years(document)]
    return [*tokens, *([f"sym:{fold(document.symbol)}"] if document.symbol else [])]
