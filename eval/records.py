"""One system's output for one question, in the contract of ``python -m answer --questions``.

Everything that is measured is measured on a Record, whoever produced it, so that an outside
system's file and this project's own answers go through the same code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from answer.answers import Answer


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation: the paragraph it names, the quoted span, and the display form shown to the reader."""

    paragraph_id: str
    quote: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of the answer; ``verdict`` is "" where the system did not check it."""

    text: str
    citations: tuple[Cited, ...] = ()
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """What was returned for one question; ``error`` says why nothing was, and then all measures are zero.

    ``hits`` are (paragraph id, score) in the system's order: what the answer was made from. ``retrieved``
    are the ids of a deeper search for the same question, for the retrieval measures; where a system
    gives none, its hits serve. ``seconds`` is wall time for the question, ``tokens`` what a language model
    read and wrote for it, as its provider reports.
    """

    id: str
    text: str = ""
    refused: bool = False
    statements: tuple[Statement, ...] = ()
    hits: tuple[tuple[str, float], ...] = ()
    retrieved: tuple[str, ...] = ()
    raw_text: str = ""
    confidence: float | None = None
    seconds: float | None = None
    tokens: int = 0
    timings: Mapping[str, float] = field(default_factory=dict)
    mode: str = ""
    standalone_question: str = ""
    error: str = ""

    @property
    def cited(self) -> tuple[str, ...]:
        """Distinct cited paragraph ids in the order of their first citation."""
        ids = (citation.paragraph_id for statement in self.statements for citation in statement.citations)
        return tuple(dict.fromkeys(ids))

    @property
    def declined(self) -> bool:
        """Whether no answer was given: a refusal, or a reply to small talk, which claims nothing."""
        return self.refused or self.mode == "reply"

    @property
    def ranked(self) -> tuple[str, ...]:
        """Distinct retrieved paragraph ids, best first."""
        return tuple(dict.fromkeys(self.retrieved or (identifier for identifier, _ in self.hits)))

    @property
    def score(self) -> float:
        """How sure the system was: its confidence where it gives one, else its best hit's score."""
        if self.confidence is not None:
            return self.confidence
        return max((score for _, score in self.hits), default=0.0)


def from_json(row: Mapping[str, Any]) -> Record:
    """A record from a contract line; unknown fields are ignored, missing ones are empty.

    A line with text but no ``sentences`` is taken as one unchecked sentence carrying the top-level
    ``citations``, so that plain systems can be scored.

    :raises ValueError: when the line has no id or a field has the wrong shape.
    """
    if "id" not in row:
        raise ValueError('an answer line needs an "id"')
    try:
        sentences = row.get("sentences")
        if sentences is None and row.get("text"):
            sentences = [{"text": row["text"], "citations": row.get("citations", [])}]
        return Record(
            id=str(row["id"]),
            text=str(row.get("text", "")),
            refused=bool(row.get("refused", False)),
            statements=tuple(_statement(item) for item in sentences or ()),
            hits=tuple(
                (str(hit["paragraph_id"]), float(hit.get("score", 0))) for hit in row.get("hits") or ()
            ),
            retrieved=tuple(map(str, row.get("retrieved") or ())),
            raw_text=str(row.get("raw_text", "")),
            confidence=None if row.get("confidence") is None else float(row["confidence"]),
            seconds=None if row.get("seconds") is None else float(row["seconds"]),
            tokens=int(row.get("tokens") or 0),
            timings=dict(row.get("timings") or {}),
            mode=str(row.get("mode", "")),
            standalone_question=str(row.get("standalone_question", "")),
            error=str(row.get("error") or ""),
        )
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"answer {row['id']!r}: a field has the wrong shape: {error!r}") from error


def _statement(item: Mapping[str, Any]) -> Statement:
    citations = tuple(
        Cited(cited, "", "")
        if isinstance(cited, str)
        else Cited(str(cited["paragraph_id"]), str(cited.get("quote") or ""), str(cited.get("label") or ""))
        for cited in item.get("citations") or ()
    )
    return Statement(str(item.get("text", "")), citations, str(item.get("verdict") or ""))


def from_answer(identifier: str, answer: Answer, seconds: float, retrieved: Sequence[str] = ()) -> Record:
    """The record of an answer of this project, through the contract line that others write too."""
    from answer.export import contract

    row = contract(identifier, answer)
    return from_json({**row, "seconds": seconds, "retrieved": list(retrieved)})


def raw_statements(record: Record) -> tuple[Statement, ...]:
    """The sentences of the raw model output, before verification and repair, with what they cite.

    Markers count the hits from 1; a marker past the last hit cites ``[n]``, which names no paragraph.
    Empty where they are the same: an extractive answer is served as it is. An answer whose every
    sentence fell to the verifier is measured too, though extracts or a refusal were served for it.
    """
    from answer.citations import marked_sentences

    if record.raw_text == record.text:
        return ()
    ids = [identifier for identifier, _ in record.hits]
    return tuple(
        Statement(
            sentence.text,
            tuple(Cited(ids[number - 1]) for number in sentence.sources)
            + tuple(Cited(f"[{number}]") for number in sentence.unknown),
        )
        for sentence in marked_sentences(record.raw_text, len(ids))
    )


def to_json(record: Record) -> dict[str, Any]:
    """The contract line of a record, with the fields the evaluation adds."""
    return {
        "id": record.id,
        "text": record.text,
        "refused": record.refused,
        "sentences": [
            {
                "text": statement.text,
                "verdict": statement.verdict,
                "citations": [
                    {"paragraph_id": item.paragraph_id, "quote": item.quote, "label": item.label}
                    for item in statement.citations
                ],
            }
            for statement in record.statements
        ],
        "hits": [{"paragraph_id": identifier, "score": score} for identifier, score in record.hits],
        "retrieved": list(record.retrieved),
        "raw_text": record.raw_text,
        "confidence": record.confidence,
        "seconds": record.seconds,
        "tokens": record.tokens,
        "timings": dict(record.timings),
        "mode": record.mode,
        "standalone_question": record.standalone_question,
        "error": record.error,
    }
