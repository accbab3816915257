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
    bias=-1.21,
    weights={
        "coverage": 0.0,
        "holds": 0.38,
        "lacks": -0.95,
        "named": 2.29,
        "concepts": 0.46,
        "unmet": -2.47,
        "clash": -1.27,
        "parts": 2.52,
        "english": -0.82,
        "retrieval": 0.0,
        "answers": 0.36,
        "bound": 1.48,
        "beside": -1.7,
        "scattered": -0.57,
        "odd": -1.21,
        "faint": -3.05,
        "remote": -8.28,
        "strange": -2.93,
        "missed_number": -1.03,
        "missed_states": -2.67,
        "missed_who": -1.93,
        "missed_when": -0.73,
        "missed_amount": -2.33,
        "missed_why": -2.69,
        "missed_list": -0.71,
    },
    answer=0.1999,
)
