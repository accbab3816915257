"""Answers as plain data that a browser can keep, and back: nothing about readers stays on the server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from answer.answers import Answer, Citation, Sentence, Table, Verdict
from answer.conversation import Turn
from answer.export import contract
from index.hits import Hit

if TYPE_CHECKING:
    from index.retrieval import Index

Row = Mapping[str, Any]
VERDICTS: frozenset[str] = frozenset(("verbatim", "supported", "partial", "unsupported"))


def to_row(answer: Answer) -> dict[str, Any]:
    """The answer in the form of ``python -m answer --questions``."""
    return contract("1", answer)


def turns(rows: Sequence[Row]) -> list[Turn]:
    """Earlier exchanges as the answerer wants them: each question as it was understood."""
    return [Turn(str(row["standalone_question"]), str(row["text"])) for row in rows]


def from_row(row: Row, index: Index) -> Answer:
    """The answer a row was made from; paragraphs that the index no longer has are left out.

    Raises ValueError when the row does not have the form of ``to_row``.
    """
    try:
        return _answer(row, index)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"This is not an answer of this server: {error!r}") from error


def _answer(row: Row, index: Index) -> Answer:
    known = {paragraph.id for paragraph in index.paragraphs}
    hits = [hit for hit in row.get("hits", ()) if hit["paragraph_id"] in known]
    table = row.get("table")
    return Answer(
        question=str(row["question"]),
        sentences=tuple(_sentence(s, known) for s in row["sentences"]),
        refused=bool(row["refused"]),
        hits=tuple(
            Hit(index.paragraph(hit["paragraph_id"]), float(hit["score"]), rank)
            for rank, hit in enumerate(hits, 1)
        ),
        standalone_question=str(row["standalone_question"]),
        fingerprint=str(row.get("fingerprint", "")),
        timings={str(k): float(v) for k, v in row.get("timings", {}).items()},
        raw_text=str(row.get("raw_text", "")),
        notices=tuple(map(str, row.get("notices", ()))),
        mode=str(row.get("mode", "extractive")),
        confidence=row.get("confidence"),
        missing=tuple(map(str, row.get("missing", ()))),
        corrected=bool(row.get("corrected", False)),
        table=_table(table, known) if table else None,
    )


def _sentence(row: Row, known: set[str]) -> Sentence:
    citations = tuple(
        Citation(
            c["paragraph_id"],
            str(c["quote"]),
            _verdict(c["verdict"]),
            str(c.get("reason", "")),
            str(c.get("label", "")),
        )
        for c in row["citations"]
        if c["paragraph_id"] in known
    )
    return Sentence(str(row["text"]), citations, _verdict(row["verdict"]))


def _verdict(name: str) -> Verdict:
    if name not in VERDICTS:
        raise KeyError(name)
    return cast(Verdict, name)


def _table(row: Row, known: set[str]) -> Table:
    return Table(
        tuple(map(str, row["columns"])),
        tuple((str(r["label"]), tuple(_sentence(c, known) for c in r["cells"])) for r in row["rows"]),
    )
