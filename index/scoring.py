"""One search: the value of every feature for every paragraph, then the best candidates.

All arrays have one entry per paragraph; nothing loops over paragraphs in Python except the proximity
of the few best candidates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.analysis import Analysis
from index.config import SearchConfig
from index.dense import DenseIndex
from index.duplicates import duplicate_groups
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
NEAR = 40  # characters; words further apart than this are not near each other
COPY_PLACES = 3

# What a paragraph holds that may answer a question of this kind.
_HOLDS = {
    "who": r"主持|主席|司长|主任|代表[^团性]|先生|女士|由[^,。]{2,14}(?:主持|担任|编写|组织|主办)"
    r"|[a-z]+ [a-z]+(?: [a-z]+)*\(",
    "when": r"\d{4}年|\d+月\d*|[上下]午",
    "where": r"在[^,。]{2,12}(?:举行|举办|召开|召集)|国际中心|总部|[市州]",
    "how_many": r"\d+(?:个|名|项|次|份|家|位|场|国|多|余|万|亿|%)|百分之"
    r"|[一二三四五六七八九十两百]+(?:个|名|项|次|份|家|位|场)",
    "list": r"\(a\)|(?:[^、。]+、){3}|(?:[^;。]+;){2}|包括|例如",
    "why": r"因为|由于|原因|旨在|以便|目的|鉴于|从而|为了",
    "definition": r"是指|系指|定义|意味着|即|称为|\(简称|\(下称",
    "compare": r"相比|不同|差异|然而|但是|另一方面|增[加长]|减少",
}
HOLD_KINDS = tuple(_HOLDS)
_HOLD_PATTERNS = tuple(re.compile(pattern) for pattern in _HOLDS.values())


@dataclass(frozen=True, slots=True)
class Signals:
    """Everything about the paragraphs that a search looks at, as arrays of one row per paragraph.

    ``metadata`` is indexed by document, not by paragraph; ``holds`` is ``[n, len(HOLD_KINDS)]``;
    ``hashes`` has one entry per embedded window.
    """

    postings: Mapping[str, Postings]
    metadata: Postings
    dense: DenseIndex
    hashes: NDArray[np.uint64]
    document_of: NDArray[np.int64]
    groups: NDArray[np.int32]
    holds: FloatArray

    @classmethod
    def build(
        cls,
        documents: Sequence[Document],
        paragraphs: Sequence[Paragraph],
        folded: Sequence[str],
        document_of: NDArray[np.int64],
        postings: Mapping[str, Postings],
        dense: DenseIndex,
        hashes: NDArray[np.uint64],
    ) -> Signals:
        """Gather the signals of a corpus; ``folded`` are the paragraphs' folded texts."""
        holds = [[bool(pattern.search(text)) for pattern in _HOLD_PATTERNS] for text in folded]
        return cls(
            postings=postings,
            metadata=Postings.build([_metadata_tokens(document) for document in documents]),
            dense=dense,
            hashes=hashes,
            document_of=document_of,
            groups=duplicate_groups(folded),
            holds=np.array(holds, np.float32).reshape(len(folded), len(HOLD_KINDS)),
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What is written to disk; postings are named ``words.rows`` and so on."""
        found: dict[str, NDArray[Any]] = {
            f"{name}.{part}": array
            for name, postings in {**self.postings, "metadata": self.metadata}.items()
            for part, array in postings.arrays().items()
        }
        plain = ("hashes", "document_of", "groups", "holds")
        found |= {name: getattr(self, name) for name in plain}
        return found | {"dense.faiss": self.dense.to_bytes(), "dense.owners": self.dense.owners}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Signals:
        """The inverse of ``arrays``."""
        grouped: dict[str, dict[str, NDArray[Any]]] = {}
        for name, array in arrays.items():
            if "." in name:
                field, part = name.split(".", 1)
                grouped.setdefault(field, {})[part] = array
        dense = grouped.pop("dense")
        postings = {name: Postings.from_arrays(parts) for name, parts in grouped.items()}
        plain = {name: arrays[name] for name in ("hashes", "document_of", "groups", "holds")}
        return cls(
            postings=postings,
            metadata=postings.pop("metadata"),
            dense=DenseIndex.from_bytes(dense["faiss"], dense["owners"]),
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
) -> list[Ranked]:
    """The best paragraphs as (row, score, parts), best first; ties go to the earlier paragraph.

    At least ``k`` and, for a reranker, ``config.reranked`` of them where the corpus has as many.
    """
    ranker = ranker or (bundled_ranker() if config.fusion else equal_ranker())
    count = max(k, config.candidates)
    rows, features = candidates(signals, analysis, vector, config, count, allowed, ranker, text_of=text_of)
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
) -> tuple[NDArray[np.int64], FloatArray]:
    """Rows worth a closer look ``[m]`` and their features ``[m, F]``: the best of both legs."""
    off = {name for switch, names in SWITCHES.items() if not getattr(config, switch) for name in names}
    values = _values(signals, analysis, off)
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
    if vector is not None and "dense" not in off:
        features[:, FEATURE_NUMBER["dense"]] = np.maximum(signals.dense.similarities(vector, rows), 0)
    if text_of is not None and "proximity" not in off:
        close = closeness(analysis, [text_of(int(row)) for row in rows])
        features[:, FEATURE_NUMBER["phrase"]], features[:, FEATURE_NUMBER["proximity"]] = close.T
    return rows, features


def _top(scores: FloatArray, count: int) -> NDArray[np.int64]:
    """The rows of the ``count`` best finite scores, in rising order of row."""
    rows = np.argpartition(-scores, count)[:count] if count < len(scores) else np.arange(len(scores))
    return np.sort(rows[np.isfinite(scores[rows])])


def _values(signals: Signals, analysis: Analysis, off: set[str]) -> dict[str, FloatArray]:
    """Every feature but the dense one for every paragraph; those switched off are not computed."""
    makers = (_lexical_values, _coverage_values, _reference_values, _kind_values)
    found: dict[str, FloatArray] = {}
    for maker in makers:
        found |= maker(signals, analysis, off)
    return {name: array for name, array in found.items() if name not in off}


def _share(scores: FloatArray, least: float = 0.0) -> FloatArray:
    """Scores divided by the best of them, or by ``least`` where that is more."""
    best = max(float(scores.max(initial=0.0)), least)
    return np.asarray(scores / np.float32(best), np.float32) if best > 0 else scores


def _lexical_values(signals: Signals, analysis: Analysis, off: set[str]) -> dict[str, FloatArray]:
    postings = signals.postings
    if "words" in off:
        return {}
    words = postings["words"].scores(analysis.words)
    pairs = postings["bigrams"].scores(analysis.bigrams)
    found = {"words": _share(words), "bigrams": _share(pairs)}
    if "thesaurus" not in off:
        other = postings["words"].scores(analysis.other_words)
        other += postings["bigrams"].scores(analysis.other_bigrams)
        found["thesaurus"] = _share(other, float(words.max(initial=0) + pairs.max(initial=0)) / 2)
    both = {**analysis.words, **analysis.bigrams, **dict.fromkeys(analysis.exact, 1.0)}
    if "thesaurus" not in off:
        both = {**analysis.other_bigrams, **analysis.other_words, **both}
    for name in ("section", "title"):
        if name not in off:
            field = postings[name].scores(both)
            found[name] = _share(field, float(words.max(initial=0)) / 2)
    if "neighbours" not in off:
        found["neighbours"] = _neighbours(
            np.float32(0.5) * (found["words"] + found["bigrams"]), signals.document_of
        )
    return found


def _neighbours(scores: FloatArray, document_of: NDArray[np.int64]) -> FloatArray:
    """For each paragraph the better score of the one before and the one after in its document."""
    found = np.zeros_like(scores)
    if len(scores) > 1:
        together = document_of[1:] == document_of[:-1]
        found[1:] = scores[:-1] * together
        found[:-1] = np.maximum(found[:-1], scores[1:] * together)
    return found


def _coverage_values(signals: Signals, analysis: Analysis, off: set[str]) -> dict[str, FloatArray]:
    if "coverage" in off:
        return {}
    text, section, title = (signals.postings[name] for name in ("words", "section", "title"))
    size = text.size
    rarity = {word: weight * text.rarity(word) for word, weight in analysis.words.items()}
    total = sum(rarity.values())
    covered, anywhere = np.zeros(size, np.float32), np.zeros(size, np.float32)
    for word, value in rarity.items():
        part = np.float32(value / total) if total else np.float32(0)
        rows = text.present(word)
        covered[rows] += part
        if "coverage_all" not in off:
            seen = np.zeros(size, bool)
            for held in (rows, section.present(word), title.present(word)):
                seen[held] = True
            anywhere += part * seen
    found = {"coverage": covered, "coverage_all": anywhere}
    if "concepts" not in off:
        found["concepts"] = _concepts(text, analysis)
    return found


def _concepts(text: Postings, analysis: Analysis) -> FloatArray:
    """Mean over the question's concepts of the trust in the best name that the paragraph holds."""
    found = np.zeros(text.size, np.float32)
    for alternatives in analysis.concepts:
        best = np.zeros(text.size, np.float32)
        for words, trust in alternatives:
            rows = text.present(words[0]) if words else text.rows[:0]
            for word in words[1:]:
                rows = np.intersect1d(rows, text.present(word), assume_unique=True)
                if not len(rows):
                    break
            best[rows] = np.maximum(best[rows], np.float32(trust))
        found += best
    return found / np.float32(max(len(analysis.concepts), 1))


def _reference_values(signals: Signals, analysis: Analysis, off: set[str]) -> dict[str, FloatArray]:
    found: dict[str, FloatArray] = {}
    text, size, facts = signals.postings["words"], len(signals.document_of), analysis.facts
    if "exact" not in off:
        rarity = {token: text.rarity(token) for token in analysis.exact}
        of_time = {token for token in rarity if token.startswith(("year:", "date:", "ord:"))}
        for name, wanted in (("exact", rarity.keys() - of_time), ("time", of_time)):
            found[name] = _sum_of_present(text, {token: rarity[token] for token in sorted(wanted)}, size)
    if "year" not in off:
        about = {
            "year": [f"year:{year}" for year in facts.years],
            "year_named": [f"year:{year}" for year in facts.document_years],
            "session": [f"ord:{session}" for session in facts.sessions],
            "symbol": [f"sym:{symbol}" for symbol in facts.symbols],
        }
        for name, tokens in about.items():
            agrees = np.zeros(signals.metadata.size, np.float32)
            for token in tokens:
                agrees[signals.metadata.present(token)] = 1.0
            found[name] = agrees[signals.document_of]
    return found


def _sum_of_present(text: Postings, weights: Mapping[str, float], size: int) -> FloatArray:
    """Share of the weights whose token each row holds."""
    found = np.zeros(size, np.float32)
    total = sum(weights.values())
    for token, weight in weights.items():
        found[text.present(token)] += np.float32(weight / total)
    return found


def _kind_values(signals: Signals, analysis: Analysis, off: set[str]) -> dict[str, FloatArray]:
    kind = analysis.facts.answer_kind
    return {"answer_kind": signals.holds[:, HOLD_KINDS.index(kind)]} if kind in HOLD_KINDS else {}


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


def closeness(analysis: Analysis, texts: Sequence[str]) -> FloatArray:
    """Phrase and proximity of each text, ``[n, 2]``.

    Phrase is the share of the question's runs of four Chinese characters that the text holds as they
    stand; proximity the mean over neighbouring words of the question of ``1 - distance / NEAR`` at
    their closest, 0 where one is missing.
    """
    grams = analysis.phrases
    words = [word for word in analysis.words if analysis.words[word] == 1.0]
    pairs = list(pairwise(words))
    found = np.zeros((len(texts), 2), np.float32)
    for row, text in enumerate(texts):
        if grams:
            found[row, 0] = sum(gram in text for gram in grams) / len(grams)
        if pairs:
            places = {word: _places(text, word) for word in words}
            found[row, 1] = sum(_near(places[a], places[b]) for a, b in pairs) / len(pairs)
    return found


def _places(text: str, word: str) -> list[int]:
    found: list[int] = []
    start = text.find(word)
    while start >= 0 and len(found) < 12:
        found.append(start)
        start = text.find(word, start + 1)
    return found


def _near(left: Sequence[int], right: Sequence[int]) -> float:
    if not left or not right:
        return 0.0
    distance = min(abs(a - b) for a in left for b in right)
    return max(0.0, 1 - distance / NEAR)
