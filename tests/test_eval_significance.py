"""Tests, intervals and agreement against values known by calculation."""

from __future__ import annotations

from math import isnan, sqrt

import pytest

from eval.significance import (
    auroc,
    bootstrap_interval,
    cohen_kappa,
    holm,
    sign_flip_p,
    smallest_detectable_effect,
)


def test_sign_flip_p_matches_the_exact_test():
    # of the 2^6 sign patterns of six ones only two have |sum| >= 6
    assert sign_flip_p([1.0] * 6, rounds=100_000) == pytest.approx(2 / 64, abs=0.003)
    assert sign_flip_p([1.0, -1.0, 0.0]) == 1.0
    assert sign_flip_p([0.0, 0.0]) == 1.0
    # no random assignment reaches fifty equal signs: the +1 keeps p above zero
    assert sign_flip_p([1.0] * 50) == 1 / 10_001
    # zeros add questions, not evidence
    assert sign_flip_p([1.0] * 6 + [0.0] * 50) == sign_flip_p([1.0] * 6)


def test_sign_flip_refuses_too_few_rounds():
    with pytest.raises(ValueError, match="10000"):
        sign_flip_p([1.0], rounds=100)


def test_bootstrap_interval_matches_the_normal_approximation():
    values = [0.0, 1.0] * 200
    low, high = bootstrap_interval(values)
    half = 1.96 * 0.5 / sqrt(400)
    assert low == pytest.approx(0.5 - half, abs=0.005)
    assert high == pytest.approx(0.5 + half, abs=0.005)
    assert bootstrap_interval([]) == (0.0, 0.0)
    # many distinct values take another way to the same distribution
    spread = [value / 400 for value in range(400)]
    low, high = bootstrap_interval(spread)
    half = 1.96 * sqrt(1 / 12) / sqrt(400)
    assert (low, high) == (pytest.approx(0.49875 - half, abs=0.003), pytest.approx(0.49875 + half, abs=0.003))


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]


def test_smallest_detectable_effect():
    # standard deviation of [-1, 1] * 50 with ddof 1 is sqrt(100/99)
    expected = (1.959964 + 0.841621) * sqrt(100 / 99) / 10
    assert smallest_detectable_effect([-1.0, 1.0] * 50) == pytest.approx(expected, rel=1e-5)
    assert isnan(smallest_detectable_effect([1.0]))


def test_cohen_kappa_of_the_textbook_table():
    # 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no: observed 0.7, expected 0.5
    first = ["yes"] * 25 + ["no"] * 25
    second = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    assert cohen_kappa(first, second) == pytest.approx(0.4)
    assert cohen_kappa(["a", "a"], ["a", "a"]) == 1.0
    with pytest.raises(ValueError, match="equally long"):
        cohen_kappa(["a"], [])


def test_auroc_counts_ties_half():
    assert auroc([0.9, 0.8, 0.3, 0.8], [True, True, False, False]) == pytest.approx(3.5 / 4)
    assert isnan(auroc([0.5], [True]))
