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
    bias=3.76,
    weights={
        "uncovered": 1.23,
        "nowhere": 0.37,
        "sparse": 4.69,
        "hollow": 2.97,
        "foreign": 3.12,
        "number": 5.78,
        "date": 6.1,
        "reference": 6.24,
        "place": 6.18,
        "body": 5.41,
        "name": 3.0,
        "negation": 4.11,
        "modality": 4.22,
        "quantifier": 5.45,
        "actor": 4.48,
        "antonym": 5.76,
        "contrast": 3.83,
        "subject": 1.15,
        "clean": 1.11,
        "far": 4.35,
        "crossed": 5.3,
        "arithmetic": 5.21,
        "exchanged": 4.73,
        "borrowed": 0.98,
        "roles": 5.48,
        "order": 5.21,
        "condition": 2.78,
    },
    supported=0.435,
    partial=0.145,
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
