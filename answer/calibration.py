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
    bias=3.52,
    weights={
        "uncovered": 0.97,
        "nowhere": 0.0,
        "sparse": 4.5,
        "hollow": 2.88,
        "foreign": 2.66,
        "number": 5.75,
        "date": 6.01,
        "reference": 6.16,
        "place": 6.09,
        "body": 5.43,
        "name": 3.0,
        "negation": 3.85,
        "modality": 4.13,
        "quantifier": 5.59,
        "actor": 4.45,
        "antonym": 5.67,
        "contrast": 3.81,
        "subject": 1.19,
        "clean": 0.86,
        "far": 4.36,
        "crossed": 5.24,
        "arithmetic": 5.33,
        "exchanged": 5.01,
        "borrowed": 1.63,
        "roles": 5.5,
        "order": 5.09,
        "condition": 2.9,
    },
    supported=0.412,
    partial=0.1373,
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
