"""``python -m eval results``: the tables of runs for docs/results.md, never typed by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from eval.questions import KINDS, Question, QuestionError
from eval.report import headline, shown_splits
from eval.run import RunFolder
from eval.summary import document_of, group_table, markdown_table, split_table


def results_page(runs: Sequence[RunFolder], tables: Sequence[Path] = ()) -> str:
    """Markdown: for every run what it was, its means per split, and the tables by kind and document.

    ``tables`` are Markdown files written by other commands (ablate, outside, noise, verifier); each
    becomes a section named after the file.

    :raises QuestionError: when a table cannot be read.
    """
    parts = [
        "# Measured results\n\nWritten by `python -m eval results`; the rules are in "
        "[evaluation.md](evaluation.md). Each mean has its 95 % bootstrap interval and n."
    ]
    for run in runs:
        parts.append(f"## {run.path.name}\n\n{headline(run)}\n\n{split_table(run.summary)}")
        for name, part in shown_splits(run):
            parts.append(f"### {run.path.name}: {name} by kind\n\n{group_table(part, 'kinds')}")
            parts.append(f"### {run.path.name}: {name} by document\n\n{group_table(part, 'documents')}")
        parts.append(f"### {run.path.name}: the questions\n\n{question_card(run.questions)}")
    for path in tables:
        try:
            text = path.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise QuestionError(f"cannot read {path}: {error}") from error
        parts.append(f"## {path.stem}\n\n{text.replace(chr(10) + '## ', chr(10) + '### ')}")
    return "\n\n".join(parts) + "\n"


def question_card(questions: Sequence[Question]) -> str:
    """Markdown: how many questions of each kind, per split, and how many share few words with the source."""
    splits = sorted({question.split for question in questions})
    cells = Counter((question.kind, question.split) for question in questions)
    low = Counter(question.kind for question in questions if question.low_overlap)
    rows = [
        [kind, *(str(cells[kind, split]) for split in splits), str(low[kind])]
        for kind in KINDS
        if any(cells[kind, split] for split in splits)
    ]
    totals = Counter(question.split for question in questions)
    rows.append(["**all**", *(str(totals[split]) for split in splits), str(sum(low.values()))])
    places = Counter(document_of(question) for question in questions)
    told = ", ".join(f"{name} {count}" for name, count in sorted(places.items()))
    table = markdown_table(["kind", *(split or "no split" for split in splits), "low overlap"], rows)
    return f"{table}\n\nBy document: {told}."
