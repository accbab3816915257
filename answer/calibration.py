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
    bias=4.13,
    weights={
        "uncovered": 1.61,
        "weakest": 0.23,
        "nowhere": 0.99,
        "sparse": 4.82,
        "hollow": 3.04,
        "number": 6.19,
        "date": 6.44,
        "reference": 6.4,
        "place": 6.32,
        "body": 5.62,
        "name": 3.0,
        "negation": 5.32,
        "modality": 4.37,
        "quantifier": 5.63,
        "actor": 4.49,
        "antonym": 6.18,
        "contrast": 4.06,
        "novel": 0.0,
        "subject": 1.33,
        "clean": 1.31,
        "strict": 0.0,
        "swap": 0.0,
        "insert": 0.0,
        "far": 4.47,
        "crossed": 4.14,
    },
    supported=0.403,
    partial=0.1343,
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
