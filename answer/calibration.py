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
    bias=4.0,
    weights={
        "uncovered": 5.0,
        "weakest": 2.0,
        "nowhere": 3.0,
        "number": 5.0,
        "date": 5.0,
        "reference": 5.0,
        "place": 5.0,
        "body": 4.0,
        "name": 3.0,
        "negation": 5.0,
        "modality": 4.0,
        "quantifier": 4.0,
        "actor": 4.0,
        "antonym": 4.0,
        "swap": 4.0,
        "insert": 1.5,
        "far": 0.5,
        "crossed": 4.0,
    },  # fmt: skip
    supported=0.5,
    partial=0.2,
)


@dataclass(frozen=True, slots=True)
class RefusalModel:
    """A logistic model: probability that the documents answer = sigmoid(bias + sum of weight * feature)."""

    bias: float
    weights: Mapping[str, float]
    answer: float


REFUSAL = RefusalModel(
    bias=-1.0,
    weights={
        "coverage": 5.0,
        "sentence": 2.0,
        "unknown": -4.0,
        "unsaid": -3.0,
        "rarest_unsaid": -0.5,
        "unmet": -3.0,
        "kind": 1.0,
        "parts": 0.0,
        "english": 0.5,
        "short": -0.5,
    },  # fmt: skip
    answer=0.5,
)
