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
    bias=4.25,
    weights={
        "uncovered": 2.35,
        "weakest": 0.44,
        "nowhere": 1.61,
        "sparse": 5.02,
        "hollow": 2.61,
        "number": 6.65,
        "date": 6.4,
        "reference": 6.44,
        "place": 6.06,
        "body": 5.21,
        "name": 3.0,
        "negation": 5.03,
        "modality": 4.23,
        "quantifier": 5.59,
        "actor": 4.72,
        "antonym": 5.92,
        "subject": 0.98,
        "clean": 2.37,
        "strict": 0.0,
        "swap": 0.88,
        "insert": 0.0,
        "far": 5.46,
        "crossed": 5.65,
    },
    supported=0.6,
    partial=0.2,
)


@dataclass(frozen=True, slots=True)
class RefusalModel:
    """A logistic model: probability that the documents answer = sigmoid(bias + sum of weight * feature)."""

    bias: float
    weights: Mapping[str, float]
    answer: float


REFUSAL = RefusalModel(
    bias=-2.4,
    weights={
        "coverage": 0.16,
        "near": 0.75,
        "holds": 1.84,
        "lacks": -1.82,
        "holds_near": 1.1,
        "named": 1.77,
        "concepts": 1.06,
        "section": 0.0,
        "unknown": 0.0,
        "unmet": -4.38,
        "clash": -1.36,
        "parts": 2.07,
        "english": -1.15,
        "retrieval": 0.57,
    },
    answer=0.336,
)
