"""``python -m eval results``: the tables of runs for docs/results.md, never typed by hand."""

from __future__ import annotations

from collections.abc import Sequence

from eval.report import headline, shown_splits
from eval.run import RunFolder
from eval.summary import group_table, split_table


def results_page(runs: Sequence[RunFolder]) -> str:
    """Markdown: for every run what it was, its means per split, and the tables by kind and document."""
    parts = [
        "# Measured results\n\nWritten by `python -m eval results`; the rules are in "
        "[evaluation.md](evaluation.md). Each mean has its 95 % bootstrap interval and n."
    ]
    for run in runs:
        parts.append(f"## {run.path.name}\n\n{headline(run)}\n\n{split_table(run.summary)}")
        for name, part in shown_splits(run):
            parts.append(f"### {run.path.name}: {name} by kind\n\n{group_table(part, 'kinds')}")
            parts.append(f"### {run.path.name}: {name} by document\n\n{group_table(part, 'documents')}")
    return "\n\n".join(parts) + "\n"
