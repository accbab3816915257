"""What a search returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ingest import Paragraph


@dataclass(frozen=True, slots=True)
class Hit:
    """A paragraph found for a query.

    ``score`` is the fused score (higher is better), ``rank`` starts at 1, and ``parts`` says what
    each leg or feature contributed ("lexical", "dense", "metadata", …) to the fused score.
    ``cosine`` is that of query and paragraph as the encoder gives it, None without the dense leg.
    """

    paragraph: Paragraph
    score: float
    rank: int
    parts: Mapping[str, float] = field(default_factory=dict)
    cosine: float | None = None
