"""What a comparison can find, and which feature of the verifier's model it counts for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference between claim and source: its kind, how grave it is, and a Chinese phrase for it."""

    kind: str
    weight: float
    message: str


FEATURES = (
    "uncovered", "sparse", "hollow", "foreign", "number", "date", "reference", "place", "body",
    "name", "negation", "modality", "quantifier", "actor", "antonym", "contrast", "subject", "clean", "far",
    "crossed", "arithmetic", "exchanged", "borrowed", "roles", "order", "condition", "cause",
)  # fmt: skip

CONTRADICTING = (
    "number", "date", "reference", "place", "negation", "quantifier", "actor", "antonym", "far", "crossed",
    "roles", "order", "arithmetic",
)  # fmt: skip

FEATURE_OF = {
    "number": "number", "date": "date", "session": "reference", "symbol": "reference", "body": "body",
    "resolution": "reference", "article": "reference", "state": "place", "title": "name", "latin": "name",
    "language": "place",
}  # fmt: skip
