"""Headings, table heads and closing lines: the blocks that are no paragraphs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ingest.inline import columns, is_terminal
from ingest.items import OPENING, Item, is_listed
from ingest.ordinals import Ordinal
from ingest.scopes import Scope


def find_headings(items: Sequence[Item], scope: Scope, openers: Mapping[int, Ordinal]) -> set[int]:
    """Indices of headings: those the format marks, ordinals, and, where the format marks none, short
    unfinished blocks that stand between a finished paragraph and the next opener."""
    found: set[int] = set()
    unnumbered = [items[i] for i in range(scope.start, scope.end) if i not in openers]
    marked = sum(item.block.role == "heading" and item.heading_like for item in unnumbered) >= 3
    for index in range(scope.start, scope.end):
        item = items[index]
        if index in openers or item.block.role == "row":
            continue
        if item.block.role == "heading":
            is_heading = item.heading_like or not is_listed(item)
        else:
            captions = index + 1 < scope.end and items[index + 1].block.role == "row"
            inferable = item.heading_like and (not marked or captions or item.ordinal is not None)
            is_heading = inferable and _is_inferred_heading(items, index, scope, openers, index - 1 in found)
        if is_heading:
            found.add(index)
    return found


def _is_inferred_heading(
    items: Sequence[Item], index: int, scope: Scope, openers: Mapping[int, Ordinal], under_heading: bool
) -> bool:
    """Whether a heading-like block heads something, by its label or by what stands around it."""
    item = items[index]
    scheme = item.ordinal.scheme if item.ordinal else None
    if scheme in ("chapter", "article") or (index == scope.start and scope.annex):
        return True
    if OPENING.fullmatch(item.block.text.strip()):
        return True
    if not (under_heading or index == scope.start or _finished(items, index - 1, openers)):
        return False
    return scheme in ("chinese", "capital") or _heads_what_follows(
        items, index, scope, openers, under_heading
    )


def _heads_what_follows(
    items: Sequence[Item], index: int, scope: Scope, openers: Mapping[int, Ordinal], under_heading: bool
) -> bool:
    """Whether a run of at most four heading-like blocks, from ``index`` on, ends at text they can head."""
    item, end = items[index], index
    while (
        end < scope.end and items[end].heading_like and end not in openers and items[end].block.role != "row"
    ):
        end += 1
    if end >= scope.end or end - index > 4:
        return False
    after = items[end]
    if openers:
        return not is_listed(item) and (end in openers or after.block.role in ("heading", "row"))
    if item.ordinal is not None:
        return after.block.role == "row" or not is_listed(after) or end - index > 1
    sentence = under_heading and is_terminal(after.block.text)
    return sentence or columns(after.block.text) > 40 or after.block.role == "row"


def _finished(items: Sequence[Item], index: int, openers: Mapping[int, Ordinal]) -> bool:
    """Whether the block before a possible heading is over: a finished sentence, a heading or a row."""
    item = items[index]
    over = is_terminal(item.block.text) or item.block.text.endswith((")", "）"))
    if item.block.role in ("heading", "row") or over:
        return True
    return item.heading_like and index not in openers and not is_listed(item)


def is_table_head(items: Sequence[Item], index: int) -> bool:
    """The first row of a table names its columns when all its cells are filled, short and without digits."""
    if index and items[index - 1].block.role == "row":
        return False
    cells = [cell.strip() for cell in items[index].block.text.split("\t")]
    more = index + 1 < len(items) and (
        items[index + 1].block.role == "row" or is_spanning_row(items, index + 1)
    )
    return more and all(cells) and all(len(cell) <= 14 and not re.search(r"\d", cell) for cell in cells)


def is_spanning_row(items: Sequence[Item], index: int) -> bool:
    """A line alone between rows (a date over the day's rows) heads the rows that follow."""
    if not 0 < index < len(items) - 1 or not items[index].heading_like:
        return False
    return items[index - 1].block.role == "row" and items[index + 1].block.role == "row"


def is_closing(items: Sequence[Item], index: int, end: int) -> bool:
    """Short unfinished lines after the last numbered paragraph: place and date, meeting number, signature."""
    rest = items[index:end]
    before = items[index - 1]
    over = before.block.role != "text" or is_terminal(before.block.text) or before.heading_like
    return over and len(rest) <= 6 and all(item.heading_like and not is_listed(item) for item in rest)
