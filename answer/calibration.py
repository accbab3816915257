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
    bias=3.51,
    weights={
        "uncovered": 0.0,
        "sparse": 2.39,
        "hollow": 1.32,
        "foreign": 3.14,
        "number": 5.32,
        "date": 6.02,
        "reference": 6.15,
        "place": 6.04,
        "body": 5.44,
        "name": 3.0,
        "negation": 4.24,
        "modality": 4.58,
        "quantifier": 5.54,
        "actor": 4.62,
        "antonym": 5.6,
        "contrast": 4.05,
        "subject": 1.58,
        "clean": 1.62,
        "far": 3.85,
        "crossed": 5.39,
        "arithmetic": 5.47,
        "exchanged": 4.52,
        "borrowed": 0.93,
        "roles": 5.46,
        "order": 5.37,
        "condition": 4.41,
        "cause": 4.21,
    },
    supported=0.35,
    partial=0.1167,
)


@dataclass(frozen=True, slots=True)
class RefusalModel:
    """A logistic model: probability that the documents answer = sigmoid(bias + sum of weight * feature)."""

    bias: float
    weights: Mapping[str, float]
    answer: float


REFUSAL = RefusalModel(
    bias=-1.28,
    weights={
        "coverage": 0.0,
        "holds": 0.34,
        "lacks": -0.88,
        "named": 2.26,
        "concepts": 0.6,
        "unmet": -2.47,
        "clash": -1.22,
        "parts": 2.55,
        "english": -0.65,
        "retrieval": 0.0,
        "answers": 0.54,
        "bound": 1.28,
        "beside": -1.63,
        "scattered": -0.56,
        "odd": -1.19,
        "faint": -4.36,
        "remote": -10.97,
        "missed_number": -1.04,
        "missed_states": -2.63,
        "missed_who": -1.87,
        "missed_when": -0.69,
        "missed_amount": -2.35,
        "missed_why": -2.61,
        "missed_list": -0.58,
    },
    answer=0.2046,
)
