"""Headings, table heads and closing lines: the blocks that are no paragraphs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ingest.inline import columns, is_terminal
from ingest.items import CAPTION, LISTS, OPENING, Item, is_listed
from ingest.ordinals import Ordinal
from ingest.resolutions import is_clause, opens_clause
from ingest.scopes import Scope


def find_headings(items: Sequence[Item], scope: Scope, openers: Mapping[int, Ordinal]) -> set[int]:
    """Indices of headings: those the format marks, ordinals, and, where the format marks none, short
    unfinished blocks that stand between a finished paragraph and the next opener."""
    found: set[int] = set()
    unnumbered = [items[i] for i in range(scope.start, scope.end) if i not in openers]
    marked = sum(item.block.role == "heading" and item.heading_like for item in unnumbered) >= 3
    entries = _list_entries(items, scope)
    for index in range(scope.start, scope.end):
        item = items[index]
        if index in openers or item.block.role == "row":
            continue
        if item.block.role == "heading":
            is_heading = item.heading_like or not is_listed(item)
        else:
            under_heading = index - 1 in found
            inferable = _is_inferable(items, index, scope.end, marked) and not _is_entry(
                items, index, entries
            )
            is_heading = inferable and _is_inferred_heading(items, index, scope, openers, under_heading)
        if is_heading:
            found.add(index)
    return found


def _is_inferable(items: Sequence[Item], index: int, end: int, marked: bool) -> bool:
    """Whether a block may be a heading that the format does not mark; where it marks them, few are not."""
    item = items[index]
    special = item.ordinal is not None or LISTS.fullmatch(item.block.text) or _captions(items, index, end)
    return item.heading_like and (not marked or bool(special))


def _captions(items: Sequence[Item], index: int, end: int) -> bool:
    """Whether a block stands over a table, alone or above its title (表1, then what it shows)."""
    titled = index + 1 < end and CAPTION.match(items[index].block.text) and items[index + 1].heading_like
    table = index + (2 if titled and items[index + 1].block.role != "row" else 1)
    return table < end and items[table].block.role == "row"


def _is_inferred_heading(
    items: Sequence[Item], index: int, scope: Scope, openers: Mapping[int, Ordinal], under_heading: bool
) -> bool:
    """Whether a heading-like block heads something, by its label or by what stands around it."""
    item = items[index]
    scheme = item.ordinal.scheme if item.ordinal else None
    if scheme in ("chapter", "article") or (index == scope.start and scope.kind == "annex"):
        return True
    text = item.block.text.strip()
    if OPENING.fullmatch(text) or (LISTS.fullmatch(text) and index + 1 < scope.end):
        return True
    if CAPTION.match(text) and _captions(items, index, scope.end):
        return True
    if not (under_heading or index == scope.start or _finished(items, index - 1, openers)):
        return False
    return scheme in ("chinese", "capital") or _heads_what_follows(
        items, index, scope, openers, under_heading
    )


def _is_entry(items: Sequence[Item], index: int, entries: set[int]) -> bool:
    """Whether a block is an entry of an unlabelled list and does not carry a title of its own."""
    text = items[index].block.text.strip()
    titled = OPENING.fullmatch(text) or LISTS.fullmatch(text) or CAPTION.match(text)
    return index in entries and not titled


def _list_entries(items: Sequence[Item], scope: Scope) -> set[int]:
    """Indices of short lines in lists without labels: under 文件, or after a text that ends with a colon."""
    entries: set[int] = set()
    listing = False
    for index in range(scope.start, scope.end):
        item = items[index]
        text = item.block.text
        if not item.heading_like or item.ordinal is not None:
            listing = item.block.role == "text" and text.endswith(("：", ":"))
            continue
        if listing:
            entries.add(index)
        listing = listing or LISTS.fullmatch(text.strip()) is not None
    return entries


def _heads_what_follows(
    items: Sequence[Item], index: int, scope: Scope, openers: Mapping[int, Ordinal], under_heading: bool
) -> bool:
    """Whether a run of at most four heading-like blocks, from ``index`` on, ends at text they can head."""
    item, end = items[index], index
    while (
        end < min(scope.end, index + 5)
        and items[end].heading_like
        and end not in openers
        and items[end].block.role != "row"
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
    """Whether the block before a possible heading is over: a finished sentence or clause, heading or row."""
    item = items[index]
    text = item.block.text
    over = is_terminal(text) or text.endswith((")", "）")) or (opens_clause(text) and is_clause(text))
    if item.block.role in ("heading", "row") or over:
        return True
    return item.heading_like and index not in openers and not is_listed(item)


_FIGURE = re.compile(r"[\d.,%+\-–—/ ]*\d[\d.,%+\-–—/ ]*")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def is_table_head(items: Sequence[Item], index: int) -> bool:
    """The first row of a table names its columns when all its cells are filled, short and without digits.

    Years, alone or within a name (2022年收到的投诉), are allowed where the next row holds figures.
    """
    if index and items[index - 1].block.role == "row":
        return False
    cells = _cells(items[index])
    more = index + 1 < len(items) and (
        items[index + 1].block.role == "row" or is_spanning_row(items, index + 1)
    )
    if not more or not all(cells) or any(len(cell) > 14 for cell in cells):
        return False
    if any(re.search(r"\d", _YEAR.sub("", cell)) for cell in cells):
        return False
    below = _cells(items[index + 1])[1:]
    return not any(map(_YEAR.search, cells)) or any(map(_is_figure, below))


def _cells(item: Item) -> list[str]:
    return [cell.strip() for cell in item.block.text.split("\t")]


def _is_figure(cell: str) -> bool:
    return _FIGURE.fullmatch(_YEAR.sub("", cell)) is not None


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
