"""Answers written out: JSON (the machine-readable contract), Markdown, and Word with real footnotes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from answer.answers import Answer, Citation, Sentence
from answer.evidence import Searchable
from ingest import Paragraph


def contract(identifier: str, answer: Answer) -> dict[str, Any]:
    """The line of ``python -m answer --questions`` for one answer; extended, never renamed."""
    return {
        "id": identifier,
        "question": answer.question,
        "standalone_question": answer.standalone_question,
        "text": answer.text,
        "refused": answer.refused,
        "corrected": answer.corrected,
        "confidence": answer.confidence,
        "missing": list(answer.missing),
        "sentences": [sentence_row(sentence) for sentence in answer.sentences],
        "table": _table(answer),
        "hits": [{"paragraph_id": hit.paragraph.id, "score": round(hit.score, 6)} for hit in answer.hits],
        "notices": list(answer.notices),
        "mode": answer.mode,
        "raw_text": answer.raw_text,
        "fingerprint": answer.fingerprint,
        "timings": dict(answer.timings),
    }


def sentence_row(sentence: Sentence) -> dict[str, Any]:
    """A sentence with its citations as plain JSON values, as in the contract line."""
    return {
        "text": sentence.text,
        "verdict": sentence.verdict,
        "citations": [
            {
                "paragraph_id": c.paragraph_id,
                "quote": c.quote,
                "verdict": c.verdict,
                "label": c.label,
                "reason": c.reason,
            }
            for c in sentence.citations
        ],
    }


def _table(answer: Answer) -> Mapping[str, Any] | None:
    if answer.table is None:
        return None
    rows = [
        {"label": label, "cells": [sentence_row(cell) for cell in cells]}
        for label, cells in answer.table.rows
    ]
    return {"columns": list(answer.table.columns), "rows": rows}


def to_json(answers: Sequence[Answer], *, indent: int | None = 2) -> str:
    """Answers as a JSON array in the contract's form, ids counted from 1."""
    rows = [contract(str(number), answer) for number, answer in enumerate(answers, 1)]
    return json.dumps(rows, ensure_ascii=False, indent=indent)


def numbered(answers: Sequence[Answer]) -> dict[str, int]:
    """Cited paragraphs in order of first citation, counted from 1 over all answers."""
    numbers: dict[str, int] = {}
    for citation in _citations(answers):
        numbers.setdefault(citation.paragraph_id, len(numbers) + 1)
    return numbers


def _citations(answers: Sequence[Answer]) -> list[Citation]:
    return [
        citation for answer in answers for sentence in answer.sentences for citation in sentence.citations
    ]


def _cited(answers: Sequence[Answer], index: Searchable) -> list[tuple[int, Paragraph, str]]:
    """Number, paragraph and pinpoint of everything cited, in order of first citation."""
    rows = []
    for identifier, number in numbered(answers).items():
        paragraph = index.paragraph(identifier)
        rows.append((number, paragraph, index.document(paragraph.doc_id).cite(paragraph)))
    return rows


def to_markdown(answers: Sequence[Answer], index: Searchable) -> str:
    """Questions and answers with Markdown footnotes, and an annex with every cited paragraph in full."""
    numbers = numbered(answers)
    parts: list[str] = []
    for answer in answers:
        parts.append(f"## {_inline(answer.question)}\n")
        if answer.table is not None:
            parts.append(_markdown_table(answer, numbers))
        else:
            parts.append("\n\n".join(_inline(s.text) + _marks(s, numbers) for s in answer.sentences) + "\n")
        parts.extend(f"> {_inline(notice)}\n" for notice in answer.notices)
    rows = _cited(answers, index)
    if rows:
        parts.append("\n".join(f"[^{number}]: {label}" for number, _, label in rows) + "\n")
        parts.append("## 附件：所引段落全文\n")
        parts.extend(
            f"**{number}. {label}**\n\n{_block(paragraph.text)}\n" for number, paragraph, label in rows
        )
    return "\n".join(parts)


def _inline(text: str) -> str:
    """Text that Markdown and HTML leave alone: markup characters escaped, line breaks made spaces."""
    escaped = re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", text)
    return re.sub(r"\s*\n\s*", " ", escaped)


def _block(text: str) -> str:
    return "\n".join(f"> {_inline(line)}" for line in text.splitlines() if line.strip())


def _marks(sentence: Sentence, numbers: Mapping[str, int]) -> str:
    return "".join(f"[^{numbers[i]}]" for i in dict.fromkeys(c.paragraph_id for c in sentence.citations))


def _markdown_table(answer: Answer, numbers: Mapping[str, int]) -> str:
    assert answer.table is not None
    lines = [
        "| " + " | ".join(map(_inline, answer.table.columns)) + " |",
        "|" + " --- |" * len(answer.table.columns),
    ]
    for label, cells in answer.table.rows:
        row = [_inline(label), *(_inline(cell.text) + _marks(cell, numbers) for cell in cells)]
        lines.append("| " + " | ".join(row) + " |")
    return "\n".join(lines) + "\n"


def to_docx(answers: Sequence[Answer], index: Searchable, path: str | Path) -> None:
    """Write a Word file with a real footnote at every citation and the evidence annex.

    Raises OSError when the file cannot be written.
    """
    from answer.word import write_docx

    write_docx(answers, _cited(answers, index), Path(path))
