"""``python -m eval score``: answers made elsewhere, scored like this project's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from eval.questions import QuestionError, full_ids, load, resolve, write_jsonl
from eval.records import Record, to_json
from eval.run import RunOptions, corpus_of, describe, finish, prepare, read_records, select


def score_file(answers: Path, options: RunOptions) -> dict[str, Any]:
    """Score a file of contract lines into a run folder; returns the summary.

    Questions without a line count as failed; lines for other questions are left out. Paragraph ids may
    name their document by id, symbol, file name or stem.

    :raises QuestionError: when the file is missing or answers none of the questions.
    """
    if not answers.is_file():
        raise QuestionError(f"no answers file {answers}")
    questions = select(load(options.questions), options)
    outputs = read_records(answers)
    if not outputs.keys() & {question.id for question in questions}:
        raise QuestionError(f"{answers} answers none of the questions of {options.questions}: the ids differ")
    if options.index is not None:
        from index.retrieval import Index

        corpus: Any = Index.open(options.index)
    else:
        corpus = corpus_of(options)
    manifest = describe(options, questions, f"answers of {answers}")
    prepare(options.out, manifest, fresh=options.fresh)
    questions = resolve(questions, corpus.documents, (paragraph.id for paragraph in corpus.paragraphs))
    full = full_ids(corpus.documents)
    kept: dict[str, Record] = {
        question.id: renamed(outputs[question.id], full)
        if question.id in outputs
        else Record(question.id, error="no answer was given")
        for question in questions
    }
    write_jsonl(options.out / "answers.jsonl", [to_json(record) for record in kept.values()])
    return finish(options.out, questions, kept, corpus)


def renamed(record: Record, full: Callable[[str], str]) -> Record:
    """The record with every paragraph id passed through ``full``."""
    statements = tuple(
        replace(
            statement,
            citations=tuple(
                replace(item, paragraph_id=full(item.paragraph_id)) for item in statement.citations
            ),
        )
        for statement in record.statements
    )
    hits = tuple((full(identifier), score) for identifier, score in record.hits)
    return replace(record, statements=statements, hits=hits, retrieved=tuple(map(full, record.retrieved)))
