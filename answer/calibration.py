"""Weights and thresholds fitted on development data; ``python -m answer calibrate`` writes them anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VerifierModel:
    """A logistic model: probability = sigmoid(bias - sum of weight * feature), and two thresholds."""

    bias: float
    weights: Mapping[str, float]
    supported: float
    partial: float


VERIFIER = VerifierModel(
    bias=3.71,
    weights={
        "uncovered": 0.9,
        "nowhere": 0.0,
        "sparse": 4.4,
        "hollow": 2.82,
        "foreign": 3.47,
        "number": 5.84,
        "date": 6.11,
        "reference": 6.25,
        "place": 6.14,
        "body": 5.48,
        "name": 3.0,
        "negation": 4.3,
        "modality": 4.3,
        "quantifier": 5.64,
        "actor": 4.52,
        "antonym": 5.71,
        "contrast": 3.85,
        "subject": 1.28,
        "clean": 1.12,
        "far": 4.34,
        "crossed": 5.36,
        "arithmetic": 5.37,
        "exchanged": 5.19,
        "borrowed": 1.83,
        "roles": 5.56,
        "order": 5.16,
        "condition": 4.17,
    },
    supported=0.422,
    partial=0.1407,
)


@dataclass(frozen=True, slots=True)
class RefusalModel:
    """A logistic model: probability that the documents answer = sigmoid(bias + sum of weight * feature)."""

    bias: float
    weights: Mapping[str, float]
    answer: float


REFUSAL = RefusalModel(
    bias=-3.87,
    weights={
        "coverage": 0.0,
        "near": 0.88,
        "holds": 0.6,
        "lacks": -2.41,
        "holds_near": 2.15,
        "named": 1.63,
        "concepts": 0.83,
        "unknown": 0.0,
        "unmet": -7.13,
        "clash": -4.63,
        "parts": 2.96,
        "english": 0.06,
        "retrieval": 3.88,
    },
    answer=0.2426,
)
