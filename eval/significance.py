"""Is the difference more than chance? Paired tests, intervals, corrections, agreement.

All randomness comes from a seed that is an argument, so every figure can be repeated.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

SEED = 20261120
ROUNDS = 10_000


def sign_flip_p(differences: Sequence[float], *, rounds: int = ROUNDS, seed: int = SEED) -> float:
    """Two-sided p of the paired sign-flip randomisation test on the mean difference.

    p = (b + 1) / (m + 1), b being the number of the m random sign assignments whose absolute mean is
    at least the observed one (Smucker, Allan and Carterette 2007; Phipson and Smyth 2010 for the +1).
    1.0 for no differences.

    :raises ValueError: when fewer than 10,000 rounds are asked for.
    """
    if rounds < ROUNDS:
        raise ValueError(f"at least {ROUNDS} rounds are needed for a p-value, got {rounds}")
    values = np.asarray(differences, dtype=np.float64)
    values = values[values != 0]  # a zero stays zero under any sign: it changes no sum
    if values.size == 0:
        return 1.0
    generator = np.random.default_rng(seed)
    observed = abs(values.sum())
    exceeding = 0
    for start in range(0, rounds, 1000):
        count = min(1000, rounds - start)
        signs = generator.integers(0, 2, size=(count, values.size), dtype=np.int8) * 2 - 1
        exceeding += int(np.count_nonzero(np.abs(signs @ values) >= observed - 1e-12))
    return (exceeding + 1) / (rounds + 1)


def bootstrap_interval(
    values: Sequence[float], *, level: float = 0.95, rounds: int = ROUNDS, seed: int = SEED
) -> tuple[float, float]:
    """Percentile bootstrap interval of the mean (Efron 1979); of paired differences it is the paired one.

    (0, 0) for no values.
    """
    data = np.asarray(values, dtype=np.float64)
    if data.size == 0:
        return 0.0, 0.0
    generator = np.random.default_rng(seed)
    distinct, counts = np.unique(data, return_counts=True)
    means: list[NDArray[np.float64]] = []
    for start in range(0, rounds, 1000):
        size = min(1000, rounds - start)
        if distinct.size > 64:
            means.append(data[generator.integers(0, data.size, size=(size, data.size))].mean(axis=1))
        else:  # the same distribution as a multinomial draw over the few distinct values, much faster
            draws = generator.multinomial(data.size, counts / data.size, size=size)
            means.append(draws @ distinct / data.size)
    tail = (1 - level) / 2
    low, high = np.quantile(np.concatenate(means), [tail, 1 - tail])
    return float(low), float(high)


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's (1979) step-down adjusted p-values, in the order given."""
    order = sorted(range(len(p_values)), key=lambda position: p_values[position])
    adjusted = [0.0] * len(p_values)
    running = 0.0
    for step, position in enumerate(order):
        running = max(running, min(1.0, (len(p_values) - step) * p_values[position]))
        adjusted[position] = running
    return adjusted


def smallest_detectable_effect(
    differences: Sequence[float], *, alpha: float = 0.05, power: float = 0.8
) -> float:
    """The mean difference a paired test of this n and spread finds with the given power.

    (z(1-α/2) + z(power)) · s / √n with s the standard deviation of the differences; nan below n = 2.
    """
    if len(differences) < 2:
        return float("nan")
    normal = NormalDist()
    spread = float(np.std(np.asarray(differences, dtype=np.float64), ddof=1))
    return (normal.inv_cdf(1 - alpha / 2) + normal.inv_cdf(power)) * spread / sqrt(len(differences))


def cohen_kappa(first: Sequence[str], second: Sequence[str]) -> float:
    """Cohen's (1960) kappa of two annotators' labels: (observed - expected) / (1 - expected).

    1.0 when both gave one and the same label throughout.

    :raises ValueError: when the lists are empty or differ in length.
    """
    if len(first) != len(second) or not first:
        raise ValueError(
            f"two equally long, non-empty label lists are needed: {len(first)} and {len(second)}"
        )
    count = len(first)
    observed = sum(a == b for a, b in zip(first, second, strict=True)) / count
    labels = set(first) | set(second)
    expected = sum(first.count(label) * second.count(label) for label in labels) / count**2
    return 1.0 if expected == 1 else (observed - expected) / (1 - expected)


def auroc(scores: Sequence[float], positive: Sequence[bool]) -> float:
    """Area under the ROC curve: the chance that a positive outscores a negative, ties counting half.

    nan when one of the classes is empty.
    """
    ups = np.asarray([score for score, flag in zip(scores, positive, strict=True) if flag])
    downs = np.asarray([score for score, flag in zip(scores, positive, strict=True) if not flag])
    if ups.size == 0 or downs.size == 0:
        return float("nan")
    differences = ups[:, None] - downs[None, :]
    return float((differences > 0).mean() + 0.5 * (differences == 0).mean())
