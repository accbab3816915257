"""Blocks -> paragraphs: section path, paragraph numbers, lists, tables, cover parts, footnote links.

Two kinds of document are told apart by what was printed: numbered ones, whose paragraphs open only
where their number is expected, and those whose paragraphs stand unnumbered under items or headings
(annotated agendas, laws, plain text), which are counted under the path of the item.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ingest.blocks import Layout
from ingest.headings import find_headings, is_closing, is_spanning_row, is_table_head
from ingest.items import AGENDA, OPENING, Item, as_item, is_listed
from ingest.openers import find_openers
from ingest.ordinals import Ordinal
from ingest.paragraphs import ParagraphKind
from ingest.resolutions import is_clause
from ingest.scopes import Scope, split_scopes
from ingest.writer import Structure, Writer

_SUMMARY = re.compile(r"(?:内容|執行|执行|內容)?(?:摘要|提要|概要)")
_CUE = re.compile(
    r"Distr\.|Original|Chinese|届会议|届會議|\d{4}\s?年.*[日，]|项目\s?\d|編寫|编写|之说明|^[A-Z][A-Z0-9/.]+$"
)


def structure(layout: Layout, doc_id: str) -> Structure:
    """The paragraphs of a laid-out document; ids are ``<doc_id>#<number or path>`` and unique."""
    items = [as_item(block) for block in layout.blocks]
    writer = Writer(doc_id)
    for scope in split_scopes(items):
        _read_scope(items, scope, writer)
    return writer.finish(layout)


def _read_scope(items: Sequence[Item], scope: Scope, writer: Writer) -> None:
    writer.enter(scope)
    openers, odd = find_openers(items, scope)
    writer.warnings += odd
    headings = find_headings(items, scope, openers)
    body = scope.start
    if scope.start == 0:
        body = _body_start(items, scope, openers, headings)
        _read_front(items, body, bool(openers), writer)
    elif scope.kind == "resolution":
        body = _read_preamble(items, scope, min(openers, default=scope.end), writer)
    last_opener = max(openers, default=-1)
    for index in range(body, scope.end):
        item = items[index]
        if item.block.role == "row":
            writer.row(item.block, is_table_head(items, index))
        elif index in openers:
            writer.open_numbered(item, openers[index])
        elif is_spanning_row(items, index):
            writer.table_heading(item)
        elif index in headings:
            writer.heading(item)
        elif openers and index > last_opener and is_closing(items, index, scope.end):
            writer.closing(item)
        else:
            writer.text(item, numbered=bool(openers))


def _body_start(
    items: Sequence[Item], scope: Scope, openers: Mapping[int, Ordinal], headings: set[int]
) -> int:
    """Index of the first block of the body: the first ordinal heading or numbered paragraph."""
    starts = [min(openers)] if openers else []
    for index in sorted(headings):
        ordinal = items[index].ordinal
        if ordinal is not None and not (
            is_listed(items[index]) and not starts and items[index].block.role != "heading"
        ):
            starts.append(index)
            break
    if starts:
        first = min(starts)
        if first - 1 > scope.start and OPENING.fullmatch(items[first - 1].block.text.strip()):
            first -= 1
        return first
    return _unnumbered_body_start(items, scope, headings)


def _unnumbered_body_start(items: Sequence[Item], scope: Scope, headings: set[int]) -> int:
    """Without any number the cover is the run of short lines at the top; its last may be a heading."""
    index = scope.start
    while index < scope.end and items[index].heading_like and items[index].block.role != "row":
        index += 1
    if index == scope.end:
        # Nothing but short lines: a cover if the text is in later scopes, else a text of short lines.
        return scope.start if scope.end == len(items) else scope.end
    last = index - 1
    heads_text = last > scope.start and last in headings and not _CUE.search(items[last].block.text)
    return last if heads_text else index


def _read_preamble(items: Sequence[Item], scope: Scope, end: int, writer: Writer) -> int:
    """Title and preamble of a reproduced resolution; returns the index of the first block after them."""
    index = scope.start
    while index < end and items[index].heading_like and items[index].block.role != "row":
        writer.heading(items[index])
        index += 1
    while index < end and items[index].block.text.endswith(("，", ",")) and not items[index].ordinal:
        writer.preamble(items[index])
        index += 1
    return index


def _read_front(items: Sequence[Item], end: int, numbered: bool, writer: Writer) -> None:
    """Cover, summary, agenda list and preamble: what stands before the body."""
    mode: ParagraphKind = "cover"
    preamble = False
    for index in range(end):
        item = items[index]
        text = item.block.text.strip()
        heading_next = index + 1 < end and not items[index + 1].heading_like
        preamble = preamble or (numbered and mode == "cover" and is_clause(text))
        if preamble:
            writer.preamble(item)
        elif _SUMMARY.fullmatch(text):
            mode = "summary"
            writer.front_heading(item)
        elif AGENDA.fullmatch(text) and item.heading_like and heading_next and index > 0:
            mode = "list"
            writer.front_heading(item)
        elif mode in ("list", "summary") and item.block.role == "heading":
            mode = "cover"
            writer.front_heading(item) if index + 1 >= end or OPENING.fullmatch(text) else writer.front(
                item, mode, "封面"
            )
        elif (
            mode == "cover"
            and (item.block.role == "heading" or OPENING.fullmatch(text))
            and heading_next
            and not item.ordinal
            and index > 0
        ):
            mode = "paragraph"
            writer.front_heading(item)
        else:
            writer.front(item, mode, {"cover": "封面", "summary": "摘要"}.get(mode, ""))
    writer.open = None
