"""``python -m eval gate``: fail when a development figure falls significantly below the recorded baseline.

The baseline file keeps the per-question values, so the test is paired; it carries date and commit.
Test questions never enter it: a gate that looks at them would tune on them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.compare import Difference, compare_scores
from eval.questions import QuestionError, read_json
from eval.run import RunFolder
from eval.score import LOWER_IS_BETTER
from eval.summary import by_metric

GATED = (
    *("hit@1", "hit@5", "mrr@10", "citation_precision", "citation_recall", "key_facts", "correct"),
    *("verbatim", "grounding"),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The differences to the baseline and those among them that are significant losses."""

    differences: tuple[Difference, ...]
    losses: tuple[Difference, ...]
    gone: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing got significantly worse and no gated measure disappeared."""
        return not self.losses and not self.gone


def baseline_of(run: RunFolder, metrics: Sequence[str] = GATED) -> dict[str, Any]:
    """What is recorded of a run: per-question values of the gated measures on the development questions.

    :raises QuestionError: when the run has no development question.
    """
    dev = sorted(question.id for question in run.questions if question.split == "dev")
    if not dev:
        raise QuestionError(f"{run.path} has no development question to record")
    table = by_metric(run.scores)
    values = {
        metric: {name: table[metric][name] for name in dev if name in table[metric]}
        for metric in metrics
        if metric in table
    }
    manifest = run.manifest
    return {
        "date": manifest.get("date"),
        "commit": manifest.get("commit"),
        "questions": manifest.get("questions"),
        "n": len(dev),
        "means": {name: sum(row.values()) / len(row) for name, row in values.items() if row},
        "values": values,
    }


def write_baseline(run: RunFolder, path: Path) -> None:
    """Record the run as the baseline."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(baseline_of(run), ensure_ascii=False, sort_keys=True)
    path.write_text(text.replace('}, "', '},\n"') + "\n", encoding="utf-8")


def gate(run: RunFolder, baseline: Mapping[str, Any]) -> Verdict:
    """Compare the run's development values with the baseline's, over the questions both have.

    A loss is a Holm-corrected p below 0.05 in the worse direction. A measure the baseline has and the
    run lacks is ``gone`` and fails the gate.

    :raises QuestionError: when they share no question.
    """
    table = by_metric(run.scores)
    shared = {question.id for question in run.questions if question.split == "dev"}
    before: dict[str, dict[str, float]] = {}
    after: dict[str, dict[str, float]] = {}
    for metric, values in baseline["values"].items():
        names = shared & values.keys()
        before[metric] = {name: values[name] for name in names}
        after[metric] = {name: value for name, value in table.get(metric, {}).items() if name in names}
    if not any(before.values()):
        raise QuestionError(f"{run.path} and the baseline share no development question; record it anew")
    gone = tuple(metric for metric in before if before[metric] and not after[metric])
    metrics = [metric for metric in before if before[metric] and after[metric]]
    differences = tuple(compare_scores(before, after, metrics))
    losses = tuple(item for item in differences if item.significant and _worse(item))
    return Verdict(differences, losses, gone)


def _worse(item: Difference) -> bool:
    return item.difference > 0 if item.metric in LOWER_IS_BETTER else item.difference < 0


def read_baseline(path: Path) -> dict[str, Any]:
    """A recorded baseline.

    :raises QuestionError: when the file is missing or is none.
    """
    if not path.is_file():
        raise QuestionError(f"no baseline {path}; record one with: python -m eval gate DIR --record {path}")
    baseline = read_json(path)
    if not isinstance(baseline.get("values"), dict):
        raise QuestionError(f'{path} is no baseline: it has no "values"')
    return baseline
