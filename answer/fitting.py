"""Fit the weights of :mod:`answer.calibration` on development data (``python -m answer calibrate``)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answer import refusal, verify
from answer.evidence import Searchable

Array = NDArray[np.float64]


def logistic(
    features: Array,
    labels: Array,
    signs: Array,
    *,
    l2: float,
    start: Array,
    weight: Array | None = None,
    steps: int = 6000,
    rate: float = 0.2,
) -> tuple[Array, float]:
    """Weights ``[F]`` and bias of a logistic model, by projected gradient descent with Adam.

    ``signs`` are -1, 0 or 1 for each feature: the weight is held to that sign, or free at 0. ``l2`` pulls
    the weights towards ``start``. Both classes weigh the same; ``weight`` weighs examples within their class.
    """
    weights, bias = start.copy(), 0.0
    share = labels.mean()
    importance = np.where(labels > 0.5, 0.5 / share, 0.5 / (1 - share))
    if weight is not None:
        total = {side: weight[(labels > 0.5) == side].mean() for side in (True, False)}
        importance = importance * weight / np.where(labels > 0.5, total[True], total[False])
    first, second = np.zeros(len(weights) + 1), np.zeros(len(weights) + 1)
    for step in range(1, steps + 1):
        error = importance * (1 / (1 + np.exp(-(features @ weights + bias))) - labels)
        gradient = np.append(features.T @ error / len(labels) + l2 * (weights - start), error.mean())
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        move = rate / step**0.3 * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
        weights, bias = weights - move[:-1], bias - float(move[-1])
        weights = np.where(signs * weights < 0, 0.0, weights)
    return weights, bias


def auroc(scores: Array, labels: Array) -> float:
    """The probability that a positive scores above a negative, ties counted half."""
    positive, negative = scores[labels > 0.5], scores[labels <= 0.5]
    wins = (positive[:, None] > negative[None, :]).sum() + 0.5 * (
        positive[:, None] == negative[None, :]
    ).sum()
    return float(wins / max(1, len(positive) * len(negative)))


def fit_verifier(rows: Sequence[Mapping[str, Any]], index: Searchable) -> str:
    """Fit on the dev pairs and write the weights; returns a line on how well they do there.

    Raises ValueError when there are no dev pairs of both classes.
    """
    dev = [row for row in rows if row.get("split") == "dev"]
    found, labels = [], []
    for row in dev:
        text = row.get("text") or index.paragraph(row["paragraph_id"]).text
        result = verify.verify(row["claim"], text)
        if result.verdict == "verbatim":
            continue
        found.append([result.features[name] for name in verify.FEATURES])
        labels.append(float(row["verdict"] == "supported"))
    truth = np.array(labels)
    if not 0 < truth.sum() < len(truth):
        raise ValueError("The pairs with split dev need both supported and unsupported claims.")
    table = -np.array(found)
    start = np.array([PRIOR.get(name, 5.0) for name in verify.FEATURES])
    weights, bias = logistic(table, truth, np.ones(len(start)), l2=0.0015, start=start)
    scores = 1 / (1 + np.exp(-(table @ weights + bias)))
    threshold = _threshold(scores, truth)
    values = {name: round(float(w), 2) for name, w in zip(verify.FEATURES, weights, strict=True)}
    _write(
        "VERIFIER",
        {"bias": round(bias, 2), "weights": values, "supported": threshold, "partial": threshold / 3},
    )
    return f"verifier: {len(truth)} dev pairs, AUROC {auroc(scores, truth):.3f}, threshold {threshold:.3f}"


OTHER_WEIGHT = 0.25
REFUSAL_PRIOR: Mapping[str, float] = {
    "coverage": 2.5,
    "near": 1.0,
    "holds": 1.0,
    "lacks": -1.5,
    "holds_near": 0.5,
    "named": 0.5,
    "concepts": 0.5,
    "unknown": -1.0,
    "unmet": -3.0,
    "clash": -1.0,
    "retrieval": 0.5,
}
"""What is expected of the features before any question is seen; a few dozen refusals cannot teach it."""
PRIOR: Mapping[str, float] = {
    "uncovered": 3.0,
    "weakest": 2.0,
    "nowhere": 2.0,
    "sparse": 5.0,
    "hollow": 3.0,
    "insert": 1.0,
    "swap": 1.0,
    "clean": 4.0,
    "strict": 1.0,
    "subject": 2.0,
    "novel": 1.0,
    "contrast": 4.0,
    "name": 3.0,
}
"""Where the fit starts from and is pulled back to; kinds of error all count about the same."""


def _threshold(scores: Array, labels: Array, lost: float = 0.055) -> float:
    """The score that rejects at most the share ``lost`` of the positives, held between 0.2 and 0.6."""
    positive = np.sort(scores[labels > 0.5])
    cut = positive[int(lost * len(positive))]
    return round(float(min(max(cut, 0.2), 0.6)), 3)


def fit_refusal(
    rows: Sequence[Mapping[str, Any]], index: Searchable, others: Sequence[Mapping[str, Any]] = ()
) -> str:
    """Fit the refusal model on the dev questions and write its weights; returns a line of figures.

    ``others`` are questions on other subjects, which are to be refused and count a quarter each.
    """
    from answer.answerer import Answerer
    from answer.conversation import Turn

    answerer = Answerer(index)
    found, labels, weights_of = [], [], []
    extra = [{**row, "kind": "off_topic", "other": True} for row in others]
    for row in [*(row for row in rows if row.get("split") == "dev"), *extra]:
        history = [Turn(t["question"], t.get("answer", "")) for t in row.get("history") or ()]
        work = answerer.work(row["question"], history)
        if not work.extraction.chosen:
            continue
        found.append([work.decision.features[name] for name in refusal.FEATURES])
        labels.append(float(row.get("kind") not in ("unanswerable", "false_premise", "off_topic")))
        weights_of.append(OTHER_WEIGHT if row.get("other") else 1.0)
    truth, table, weight = np.array(labels), np.array(found), np.array(weights_of)
    signs = np.array([refusal.SIGNS.get(name, 0) for name in refusal.FEATURES], dtype=float)
    start = np.array([REFUSAL_PRIOR.get(name, 0.0) for name in refusal.FEATURES])
    weights, bias = logistic(table, truth, signs, l2=0.01, start=start, weight=weight)
    scores = 1 / (1 + np.exp(-(table @ weights + bias)))
    threshold = _threshold(scores, truth, lost=0.045)
    values = {name: round(float(w), 2) for name, w in zip(refusal.FEATURES, weights, strict=True)}
    _write("REFUSAL", {"bias": round(bias, 2), "weights": values, "answer": threshold})
    caught = float((scores[(truth < 0.5) & (weight == 1)] < threshold).mean())
    quality = f"AUROC {auroc(scores, truth):.3f}, threshold {threshold:.3f}, caught {caught:.2f}"
    return f"refusal: {len(truth)} dev questions, {quality}"


def _write(name: str, values: Mapping[str, Any]) -> None:
    """Put the fitted values into the source of ``answer/calibration.py``."""
    path = Path(__file__).with_name("calibration.py")
    text = path.read_text(encoding="utf-8")
    kind = "VerifierModel" if name == "VERIFIER" else "RefusalModel"
    lines = [f"{name} = {kind}("]
    for key, value in values.items():
        if isinstance(value, Mapping):
            lines.append(f"    {key}={{")
            lines.extend(f'        "{part}": {number},' for part, number in value.items())
            lines.append("    },")
        else:
            lines.append(f"    {key}={round(float(value), 4)},")
    block = "\n".join([*lines, ")"])
    new = re.sub(rf"^{name} = {kind}\(\n.*?^\)$", lambda _: block, text, count=1, flags=re.M | re.S)
    path.write_text(new, encoding="utf-8")
