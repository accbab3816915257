"""``python -m eval compare A B``: is B better than A on the same questions, or is it chance?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan

from eval.questions import QuestionError
from eval.run import RunFolder
from eval.score import LOWER_IS_BETTER
from eval.significance import bootstrap_interval, holm, sign_flip_p, smallest_detectable_effect
from eval.summary import CHECKS, HEADLINE, by_metric, cell, markdown_table


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure in two runs over the same n questions.

    ``difference`` = mean of B - mean of A with its paired bootstrap 95 % interval; ``p`` from the
    paired sign-flip test, ``p_holm`` corrected over the measures compared; ``detectable`` the smallest
    difference found with a power of 0.8; wins are questions on which B is better.
    """

    metric: str
    n: int
    first: float
    second: float
    difference: float
    low: float
    high: float
    p: float
    p_holm: float
    detectable: float
    wins: int
    losses: int

    @property
    def significant(self) -> bool:
        """Whether the corrected p is below 0.05."""
        return self.p_holm < 0.05


def compare_scores(
    first: Mapping[str, Mapping[str, float]],
    second: Mapping[str, Mapping[str, float]],
    metrics: Sequence[str],
) -> list[Difference]:
    """The differences of two score tables (metric -> question id -> value), Holm over ``metrics``.

    A question scored in one run only counts zero in the other, except for measures that are taken
    only over given answers (ALCE, grounding, …): there the questions both runs answered are compared.
    """
    pairs = {metric: _paired(metric, first.get(metric, {}), second.get(metric, {})) for metric in metrics}
    pairs = {metric: values for metric, values in pairs.items() if values}
    deltas = {metric: [b - a for a, b in values] for metric, values in pairs.items()}
    p_values = {metric: sign_flip_p(values) for metric, values in deltas.items()}
    corrected = dict(zip(p_values, holm(list(p_values.values())), strict=True))
    return [_difference(metric, pairs[metric], p_values[metric], corrected[metric]) for metric in pairs]


def _paired(
    metric: str, first: Mapping[str, float], second: Mapping[str, float]
) -> list[tuple[float, float]]:
    both, either = first.keys() & second.keys(), first.keys() | second.keys()
    ids = sorted(both if metric in ANSWERED_ONLY else either)
    return [(first.get(identifier, 0.0), second.get(identifier, 0.0)) for identifier in ids]


ANSWERED_ONLY = frozenset(
    {
        *("alce_recall", "alce_recall_needed", "alce_precision", "grounding", "verbatim", "locator"),
        *("figure_agreement", "verification_coverage", "seconds"),
    }
)


def _difference(metric: str, pairs: Sequence[tuple[float, float]], p: float, p_holm: float) -> Difference:
    deltas = [b - a for a, b in pairs]
    low, high = bootstrap_interval(deltas)
    sign = -1 if metric in LOWER_IS_BETTER else 1
    return Difference(
        metric=metric,
        n=len(pairs),
        first=sum(a for a, _ in pairs) / len(pairs),
        second=sum(b for _, b in pairs) / len(pairs),
        difference=sum(deltas) / len(deltas),
        low=low,
        high=high,
        p=p,
        p_holm=p_holm,
        detectable=smallest_detectable_effect(deltas),
        wins=sum(sign * delta > 1e-12 for delta in deltas),
        losses=sum(sign * delta < -1e-12 for delta in deltas),
    )


def compare_runs(
    first: RunFolder, second: RunFolder, *, split: str = "", metrics: Sequence[str] = ()
) -> list[Difference]:
    """The differences of two runs, over one split where given, over the named measures or all shared ones.

    :raises QuestionError: when the runs asked different questions or a measure is in neither.
    """
    texts = {question.id: question.question for question in first.questions}
    other = {question.id: question.question for question in second.questions}
    if texts != other:
        changed = sorted(name for name in texts.keys() | other.keys() if texts.get(name) != other.get(name))
        raise QuestionError(
            f"{first.path} and {second.path} asked different questions "
            f"({len(changed)} differ, first {changed[0]!r}); run both on the same set"
        )
    keep = {question.id for question in first.questions if not split or question.split == split}
    if not keep:
        raise QuestionError(f"no question of the runs is in split {split!r}")
    tables = [
        by_metric(score for score in run.scores if score.question_id in keep) for run in (first, second)
    ]
    usual = [name for name in (*HEADLINE, *CHECKS) if name != "seconds"]  # machines differ in load
    chosen = metrics or [name for name in usual if all(name in table for table in tables)]
    unknown = [name for name in chosen if not any(name in table for table in tables)]
    if unknown:
        raise QuestionError(
            f"no such measure in these runs: {', '.join(unknown)}; known: {', '.join(tables[0])}"
        )
    return compare_scores(tables[0], tables[1], chosen)


def compare_table(differences: Iterable[Difference]) -> str:
    """The differences as a Markdown table; a star marks those significant after Holm's correction."""
    header = [
        "measure",
        "n",
        "A",
        "B",
        "B-A",
        "95 % interval",
        "p",
        "p (Holm)",
        "detectable",
        "wins",
        "losses",
    ]
    rows = [
        [
            *(
                item.metric + ("*" if item.significant else ""),
                str(item.n),
                cell(item.first),
                cell(item.second),
            ),
            *(f"{item.difference:+.3f}", f"[{item.low:+.3f}, {item.high:+.3f}]", f"{item.p:.4f}"),
            *(f"{item.p_holm:.4f}", cell(None if isnan(item.detectable) else item.detectable)),
            *(str(item.wins), str(item.losses)),
        ]
        for item in differences
    ]
    return markdown_table(header, rows)


def changed_questions(
    first: RunFolder, second: RunFolder, metric: str
) -> list[tuple[str, str, float, float]]:
    """(question id, question, A, B) of the questions whose value changed, greatest loss first.

    Test questions are left out: they are counted in the table and not looked at.
    """
    tables = [by_metric(run.scores).get(metric, {}) for run in (first, second)]
    rows = [
        (question.id, question.question, tables[0].get(question.id, 0.0), tables[1].get(question.id, 0.0))
        for question in first.questions
        if question.split != "test" and (question.id in tables[0] or question.id in tables[1])
    ]
    changed = [row for row in rows if abs(row[3] - row[2]) > 1e-12]
    sign = -1 if metric in LOWER_IS_BETTER else 1
    return sorted(changed, key=lambda row: (sign * (row[3] - row[2]), row[0]))
