"""Fit the weights of :mod:`answer.calibration` on development data (``python -m answer calibrate``)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
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
    found, labels, kinds = [], [], []
    for row in dev:
        text = row.get("text") or index.paragraph(row["paragraph_id"]).text
        result = verify.verify(row["claim"], text)
        if result.verdict == "verbatim":
            continue
        found.append([result.features[name] for name in verify.FEATURES])
        labels.append(float(row["verdict"] == "supported"))
        kinds.append("supported" if labels[-1] else str(row.get("kind", "")))
    truth = np.array(labels)
    if not 0 < truth.sum() < len(truth):
        raise ValueError("The pairs with split dev need both supported and unsupported claims.")
    table = -np.array(found)
    start = np.array([PRIOR.get(name, 5.0) for name in verify.FEATURES])
    number = Counter(kinds)
    weight = np.array([1 / number[kind] ** 0.5 for kind in kinds])  # or the kinds with most pairs decide
    weights, bias = logistic(table, truth, np.ones(len(start)), l2=0.0015, start=start, weight=weight)
    scores = 1 / (1 + np.exp(-(table @ weights + bias)))
    threshold = _threshold(scores, truth)
    values = {name: round(float(w), 2) for name, w in zip(verify.FEATURES, weights, strict=True)}
    _write(
        "VERIFIER",
        {"bias": round(bias, 2), "weights": values, "supported": threshold, "partial": threshold / 3},
    )
    return f"verifier: {len(truth)} dev pairs, AUROC {auroc(scores, truth):.3f}, threshold {threshold:.3f}"


OTHER_WEIGHT = 0.25
FOLDS = 6
FALSE_REFUSALS = 0.05
PRIOR: Mapping[str, float] = {
    "uncovered": 3.0,
    "sparse": 5.0,
    "hollow": 3.0,
    "clean": 4.0,
    "subject": 2.0,
    "contrast": 4.0,
    "name": 3.0,
    "borrowed": 2.0,
    "foreign": 4.0,
}
"""Where the fit starts from and is pulled back to; kinds of error all count about the same."""


def _threshold(scores: Array, labels: Array) -> float:
    """The score that parts the classes best: the greatest share caught less share of positives rejected.

    That is Youden's index (Cancer 3, 1950); the result is held between 0.2 and 0.6.
    """
    cuts = np.arange(0.2, 0.601, 0.005)
    gains = [(scores[labels <= 0.5] < cut).mean() - (scores[labels > 0.5] < cut).mean() for cut in cuts]
    return round(float(cuts[int(np.argmax(gains))]), 3)


def fit_refusal(
    sets: Sequence[tuple[Sequence[Mapping[str, Any]], Searchable]],
    others: Sequence[Mapping[str, Any]] = (),
) -> str:
    """Fit the refusal model on the dev questions of each (questions, their index); returns a line of figures.

    The threshold is the one that refuses the share ``FALSE_REFUSALS`` of the answerable questions when
    each document's questions are scored by weights fitted without them: scores on the questions fitted to
    flatter. ``others`` are questions on other subjects, put to the first index, which are to be refused
    and count a quarter each. Raises ValueError when there are no dev questions of both classes.
    """
    extra = [{**row, "kind": "off_topic", "split": "dev", "other": True} for row in others]
    found: list[list[float]] = []
    used: list[Mapping[str, Any]] = []
    for number, (rows, index) in enumerate(sets):
        chosen = [row for row in rows if row.get("split") == "dev"] + (extra if number == 0 else [])
        for row, values in _refusal_features(chosen, index):
            found.append(values)
            used.append(row)
    truth = np.array([float(row.get("kind") not in refusal.DECLINED_KINDS) for row in used])
    if not 0 < truth.sum() < len(truth):
        raise ValueError("The questions with split dev need both answerable and unanswerable ones.")
    table, fold = np.array(found), np.array(_folds(used))
    weight = np.array([OTHER_WEIGHT if row.get("other") else 1.0 for row in used])
    scores = np.zeros(len(truth))
    for held in range(FOLDS):
        seen = fold != held
        if seen.all():
            continue
        weights, bias = _refusal_weights(table[seen], truth[seen], weight[seen])
        scores[~seen] = 1 / (1 + np.exp(-(table[~seen] @ weights + bias)))
    threshold = float(np.sort(scores[truth > 0.5])[int(FALSE_REFUSALS * truth.sum())])
    weights, bias = _refusal_weights(table, truth, weight)
    fitted = {name: round(float(w), 2) for name, w in zip(refusal.FEATURES, weights, strict=True)}
    _write("REFUSAL", {"bias": round(bias, 2), "weights": fitted, "answer": threshold})
    caught = float((scores[(truth < 0.5) & (weight == 1)] < threshold).mean())
    return (
        f"refusal: {len(truth)} dev questions; by document cross-validated AUROC {auroc(scores, truth):.3f}, "
        f"{caught:.2f} declined at {FALSE_REFUSALS:.0%} false refusals (threshold {threshold:.3f})"
    )


def _refusal_features(
    rows: Sequence[Mapping[str, Any]], index: Searchable
) -> Iterator[tuple[Mapping[str, Any], list[float]]]:
    """Each question for which something was retrieved, with its features."""
    from answer.answerer import Answerer
    from answer.conversation import Turn

    answerer = Answerer(index)
    for row in rows:
        history = [Turn(t["question"], t.get("answer", "")) for t in row.get("history") or ()]
        work = answerer.work(row["question"], history)
        if work.extraction.chosen:
            yield row, [work.decision.features[name] for name in refusal.FEATURES]


def _refusal_weights(table: Array, truth: Array, weight: Array) -> tuple[Array, float]:
    """Weights and bias for the features as they are, fitted on features of mean 0 and variance 1."""
    signs = np.array([refusal.SIGNS.get(name, 0) for name in refusal.FEATURES], dtype=float)
    mean, spread = table.mean(axis=0), table.std(axis=0) + 1e-6
    start = np.zeros(table.shape[1])
    weights, bias = logistic(
        (table - mean) / spread, truth, signs, l2=0.003, start=start, weight=weight, steps=800, rate=0.05
    )
    return weights / spread, bias - float((weights * mean / spread).sum())


def _folds(rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """A fold for each question: that of its document; those without one are spread evenly."""
    documents: dict[str, int] = {}
    folds = []
    for number, row in enumerate(rows):
        sources = row.get("sources") or ()
        name = str(sources[0][0]).split("#")[0] if sources else ""
        folds.append((documents.setdefault(name, len(documents)) if name else number) % FOLDS)
    return folds


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
