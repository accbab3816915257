"""Headings, table heads and closing lines: the blocks that are no paragraphs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ingest.inline import columns, is_terminal
from ingest.items import Item, is_listed
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
    item = items[index]
    if index == scope.start and scope.annex:
        return True
    finished = under_heading or index == scope.start or _finished(items, index - 1, openers)
    if not finished:
        return False
    if item.ordinal is not None and item.ordinal.scheme in ("chinese", "capital", "chapter", "article"):
        return True
    run_end = index
    while (
        run_end < scope.end
        and items[run_end].heading_like
        and run_end not in openers
        and items[run_end].block.role != "row"
    ):
        run_end += 1
    length = run_end - index
    if run_end >= scope.end or length > 4:
        return False
    after = items[run_end]
    if openers:
        if is_listed(item):
            return False
        return run_end in openers or after.block.role in ("heading", "row")
    if item.ordinal is not None:
        return after.block.role == "row" or not is_listed(after) or length > 1
    return columns(after.block.text) > 40 or after.block.role == "row"


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
