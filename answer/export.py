"""Answers written out: JSON (the machine-readable contract), Markdown, and Word with real footnotes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from answer.answers import Answer, Citation, Sentence


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
        "sentences": [_sentence(sentence) for sentence in answer.sentences],
        "table": _table(answer),
        "hits": [{"paragraph_id": hit.paragraph.id, "score": round(hit.score, 6)} for hit in answer.hits],
        "notices": list(answer.notices),
        "mode": answer.mode,
        "raw_text": answer.raw_text,
        "fingerprint": answer.fingerprint,
        "timings": dict(answer.timings),
    }


def _sentence(sentence: Sentence) -> dict[str, Any]:
    return {
        "text": sentence.text,
        "verdict": _plain(sentence.verdict),
        "citations": [
            {
                "paragraph_id": c.paragraph_id,
                "quote": c.quote,
                "verdict": _plain(c.verdict),
                "label": c.label,
                "reason": c.reason,
            }
            for c in sentence.citations
        ],
    }


def _plain(verdict: str) -> str:
    return verdict


def _table(answer: Answer) -> Mapping[str, Any] | None:
    if answer.table is None:
        return None
    rows = [{"label": label, "cells": [_sentence(cell) for cell in cells]} for label, cells in answer.table.rows]
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
    return [citation for answer in answers for sentence in answer.sentences for citation in sentence.citations]
