"""Does the system know when the documents do not contain the answer?"""

from __future__ import annotations

from collections.abc import Sequence

from eval.metrics_citations import PRF


def refusal_prf(refused: Sequence[bool], answerable: Sequence[bool]) -> PRF:
    """Refusing as the positive class, unanswerable questions being the ones to refuse.

    P = refused and unanswerable / refused; R = refused and unanswerable / unanswerable; 0 where empty.
    """
    pairs = list(zip(refused, answerable, strict=True))
    right = sum(flag and not able for flag, able in pairs)
    said, should = sum(refused), sum(not able for able in answerable)
    return PRF(right / said if said else 0.0, right / should if should else 0.0)


def false_refusals(refused: Sequence[bool], answerable: Sequence[bool]) -> float:
    """Share of the answerable questions that were refused; 0 when there is none."""
    flags = [flag for flag, able in zip(refused, answerable, strict=True) if able]
    return sum(flags) / len(flags) if flags else 0.0


def risk_coverage(confidence: Sequence[float], loss: Sequence[float]) -> list[tuple[float, float]]:
    """(coverage, risk) when only the k most confident answers are given, for k = 1…n.

    Risk is the mean loss of the answers given. Answers of equal confidence enter together: each of
    them contributes their group's mean loss, so the order of the file does not matter.
    (El-Yaniv and Wiener 2010; Geifman and El-Yaniv 2017.)
    """
    groups: dict[float, list[float]] = {}
    for score, value in zip(confidence, loss, strict=True):
        groups.setdefault(score, []).append(value)
    points, given, lost = [], 0, 0.0
    for score in sorted(groups, reverse=True):
        mean = sum(groups[score]) / len(groups[score])
        for _ in groups[score]:
            given, lost = given + 1, lost + mean
            points.append((given / len(loss), lost / given))
    return points


def aurc(points: Sequence[tuple[float, float]]) -> float:
    """Area under the risk-coverage curve = mean risk over the n coverage levels; lower is better."""
    return sum(risk for _, risk in points) / len(points) if points else 0.0
