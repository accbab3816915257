"""The switches of a search; each part can be left out to measure what it earns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SearchConfig:
    """Which parts take part in a search (all by default) and how many candidates are looked at.

    ``fields`` covers headings and document titles; ``metadata`` the agreement of years, sessions and
    symbols; ``alignment`` the nearness in meaning word by word; ``thesaurus`` also the translation of
    English questions; ``fusion`` False sums the legs with equal weights instead of the learned ones;
    ``reranker`` names a CrossEncoder, empty for none.
    Of the ``candidates`` of each leg the best ``close`` are looked at closely, ``reranked`` reordered.
    """

    lexical: bool = True
    bigrams: bool = True
    exact: bool = True
    fields: bool = True
    thesaurus: bool = True
    metadata: bool = True
    neighbours: bool = True
    proximity: bool = True
    answer_kind: bool = True
    dense: bool = True
    alignment: bool = True
    dedup: bool = True
    fusion: bool = True
    reranker: str = ""
    candidates: int = 100
    close: int = 40
    reranked: int = 30
