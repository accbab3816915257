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
    bias=3.85,
    weights={
        "uncovered": 1.52,
        "weakest": 0.07,
        "nowhere": 0.71,
        "sparse": 5.06,
        "hollow": 3.26,
        "number": 5.78,
        "date": 6.1,
        "reference": 6.17,
        "place": 6.19,
        "body": 5.43,
        "name": 3.0,
        "negation": 4.21,
        "modality": 4.1,
        "quantifier": 5.13,
        "actor": 4.12,
        "antonym": 5.79,
        "contrast": 3.85,
        "novel": 0.0,
        "subject": 1.28,
        "clean": 1.08,
        "strict": 0.0,
        "swap": 0.0,
        "insert": 0.0,
        "far": 4.35,
        "crossed": 4.0,
        "exchanged": 4.66,
        "borrowed": 1.41,
        "roles": 5.5,
        "order": 5.17,
        "condition": 2.94,
        "arithmetic": 4.32,
        "absent": 2.88,
    },
    supported=0.378,
    partial=0.126,
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
