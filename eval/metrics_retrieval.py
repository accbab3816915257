"""Retrieval measures over a ranking of paragraph ids and the set of relevant ones.

Relevance is binary. Where a question has alternatives, the relevant set is their union for the
measures of trec_eval (recall, MRR, nDCG, cross-checked against pytrec-eval-terrier in the tests);
``completeness`` respects the alternatives. Every function returns a value in [0, 1].
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from math import log2


def ranking(scored: Iterable[tuple[str, float]]) -> list[str]:
    """Ids by falling score; ties by falling id, as trec_eval breaks them. Repeated ids count once."""
    best: dict[str, float] = {}
    for identifier, score in scored:
        best[identifier] = max(score, best.get(identifier, float("-inf")))
    return sorted(sorted(best, reverse=True), key=lambda identifier: -best[identifier])


def success(ranked: Sequence[str], relevant: Collection[str], k: int) -> float:
    """Success@k, here also called hit@k: 1 when a relevant id stands in the first k, else 0."""
    return float(any(identifier in relevant for identifier in ranked[:k]))


def recall(ranked: Sequence[str], relevant: Collection[str], k: int) -> float:
    """Recall@k = |first k ∩ relevant| / |relevant| (trec_eval ``recall_k``); 0 without relevant ids."""
    if not relevant:
        return 0.0
    return len(set(ranked[:k]) & set(relevant)) / len(set(relevant))


def reciprocal_rank(ranked: Sequence[str], relevant: Collection[str], k: int = 10) -> float:
    """MRR@k of one question: 1 / rank of the first relevant id within the first k, else 0."""
    for rank, identifier in enumerate(ranked[:k], 1):
        if identifier in relevant:
            return 1.0 / rank
    return 0.0


def ndcg(ranked: Sequence[str], relevant: Collection[str], k: int = 10) -> float:
    """nDCG@k with binary gains: Σ 1/log2(rank+1) over relevant ranks ≤ k, divided by the best possible.

    Järvelin and Kekäläinen 2002 in trec_eval's form (``ndcg_cut_k``): the ideal puts min(k, |relevant|)
    relevant ids first.
    """
    gained = sum(1 / log2(rank + 1) for rank, item in enumerate(ranked[:k], 1) if item in relevant)
    ideal = sum(1 / log2(rank + 1) for rank in range(1, min(k, len(set(relevant))) + 1))
    return gained / ideal if ideal else 0.0


def completeness(ranked: Sequence[str], alternatives: Iterable[Collection[str]], k: int) -> float:
    """Best over alternatives g of |first k ∩ g| / |g|: 1 when some sufficient set is found whole."""
    first = set(ranked[:k])
    return max((len(first & set(group)) / len(set(group)) for group in alternatives if group), default=0.0)
