"""A table row with the names of its columns: what a row of figures says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from answer.facts import Fact, agrees, facts
from answer.sentences import normalise
from answer.source import units_of
from ingest import Paragraph

BETWEEN = " | "
SURE = 1.15  # how far the column asked for has to lead the next


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a row: the name of its column, its text, and its offsets in the paragraph."""

    column: str
    text: str
    start: int
    end: int


@lru_cache(maxsize=4096)
def cells(paragraph: Paragraph) -> tuple[Cell, ...]:
    """The cells of a row whose table names as many columns, in order; () for anything else."""
    heads = next((h.split(BETWEEN) for h in reversed(paragraph.section) if BETWEEN in h), [])
    parts = paragraph.text.split(BETWEEN)
    if paragraph.kind != "row" or len(heads) != len(parts) or "\n" in paragraph.text:
        return ()
    found, start = [], 0
    for head, part in zip(heads, parts, strict=True):
        found.append(Cell(head.strip(), part.strip(), start, start + len(part)))
        start += len(part) + len(BETWEEN)
    return tuple(found)


def spelled(paragraph: Paragraph) -> str:
    """The row as a text to be matched: ``秘鲁，2022年收到的投诉142，…``; "" without names of columns."""
    first, *others = cells(paragraph) or (None,)
    return "" if first is None else "，".join([first.text, *(f"{c.column}{c.text}" for c in others)])


def shown(paragraph: Paragraph) -> str:
    """The row as it is shown: ``国家：秘鲁；2022年收到的投诉：142；…``; "" without names of columns."""
    return "；".join(f"{cell.column}：{cell.text}" for cell in cells(paragraph))


def asked_cell(paragraph: Paragraph, weights: Mapping[str, float], stated: tuple[Fact, ...]) -> Cell | None:
    """The cell, after the first, whose column the question names; None where none stands out.

    ``weights`` are those of the question's units, ``stated`` its facts: the column of its year is the one.
    """
    scored = []
    for cell in cells(paragraph)[1:]:
        column = normalise(cell.column).text
        value = sum(weights.get(unit, 0.0) for unit in set(units_of(column)))
        times = [fact for fact in facts(column) if fact.kind == "date"]
        asked = [fact for fact in stated if fact.kind == "date"]
        if times and asked:
            value += 5.0 if any(agrees(a, t) for a in asked for t in times) else -5.0
        scored.append((value, cell))
    scored.sort(key=lambda pair: -pair[0])
    if not scored or scored[0][0] <= 0 or (len(scored) > 1 and scored[0][0] < SURE * scored[1][0]):
        return None
    return scored[0][1]
