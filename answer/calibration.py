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
    bias=3.66,
    weights={
        "uncovered": 0.77,
        "sparse": 4.37,
        "hollow": 2.7,
        "foreign": 3.58,
        "number": 5.82,
        "date": 6.09,
        "reference": 6.23,
        "place": 6.1,
        "body": 5.46,
        "name": 3.0,
        "negation": 4.49,
        "modality": 4.14,
        "quantifier": 5.68,
        "actor": 4.57,
        "antonym": 5.67,
        "contrast": 3.87,
        "subject": 1.44,
        "clean": 1.28,
        "far": 4.42,
        "crossed": 5.33,
        "arithmetic": 5.52,
        "exchanged": 4.95,
        "borrowed": 0.69,
        "roles": 5.55,
        "order": 5.57,
        "condition": 4.49,
        "cause": 4.5,
    },
    supported=0.429,
    partial=0.143,
)


@dataclass(frozen=True, slots=True)
class RefusalModel:
    """A logistic model: probability that the documents answer = sigmoid(bias + sum of weight * feature)."""

    bias: float
    weights: Mapping[str, float]
    answer: float


REFUSAL = RefusalModel(
    bias=-1.46,
    weights={
        "coverage": 0.0,
        "holds": 0.36,
        "lacks": -0.83,
        "named": 1.85,
        "concepts": 0.64,
        "unmet": -2.26,
        "clash": -1.0,
        "parts": 2.58,
        "english": -0.66,
        "retrieval": 0.11,
        "answers": 0.54,
        "bound": 1.42,
        "beside": -1.72,
        "scattered": -0.57,
        "odd": -1.16,
        "faint": -3.76,
        "remote": -11.24,
        "missed_number": -1.04,
        "missed_states": -2.07,
        "missed_who": -2.13,
        "missed_when": -0.78,
        "missed_amount": -2.2,
        "missed_why": -2.62,
        "missed_list": -0.66,
    },
    answer=0.2026,
)
