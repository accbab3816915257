"""Scopes: stretches of a document within which paragraph numbers run once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ingest.inline import columns, is_terminal
from ingest.items import AGENDA, ANNEX, Item, is_arabic, is_listed, value_of
from ingest.ordinals import SECTIONS


@dataclass(frozen=True, slots=True)
class Scope:
    """A stretch of blocks within which numbers run once: the body, an annex, one of several resolutions."""

    start: int
    end: int
    prefix: str
    annex: bool


def split_scopes(items: Sequence[Item]) -> list[Scope]:
    bounds: list[tuple[int, str, bool]] = [(0, "", False)]
    for index, item in enumerate(items):
        match = ANNEX.match(item.block.text)
        if match and item.heading_like and index > 0 and not _is_reference(items, index):
            bounds.append((index, match[1] + (match[2] or ""), True))
    scopes: list[Scope] = []
    for (start, prefix, annex), following in zip(bounds, [*bounds[1:], (len(items), "", False)], strict=True):
        scopes += _split_restarts(items, Scope(start, following[0], prefix, annex))
    return _unique_prefixes(scopes)


def _is_reference(items: Sequence[Item], index: int) -> bool:
    """A line that only looks like an annex heading: the sentence before it goes on in it."""
    before = items[index - 1].block
    return (
        before.role == "text"
        and not before.complete
        and not is_terminal(before.text)
        and columns(before.text) > 60
    )


def _split_restarts(items: Sequence[Item], scope: Scope) -> list[Scope]:
    """Split where numbering starts again at 1 right after a heading, as in a collection of resolutions."""
    numbered = [i for i in range(scope.start, scope.end) if is_arabic(items[i]) and not is_listed(items[i])]
    cuts: list[tuple[int, str]] = []
    for position, index in enumerate(numbered[1:], 1):
        follows = position + 1 < len(numbered) and value_of(items[numbered[position + 1]]) == 2
        agenda_before = _follows_agenda(items, scope.start, numbered[:position])
        if (
            value_of(items[index]) == 1
            and follows
            and not agenda_before
            and _after_heading(items, index, scope.start)
        ):
            cut = index
            while (
                cut - 1 > scope.start and items[cut - 1].heading_like and items[cut - 1].block.role != "row"
            ):
                cut -= 1
            cuts.append((cut, _prefix_of(items[cut:index])))
    if not cuts:
        return [scope]
    first_prefix = scope.prefix or _first_prefix(items, scope.start, cuts[0][0])
    edges = [(scope.start, first_prefix), *cuts, (scope.end, "")]
    parent = f"{scope.prefix}/" if scope.prefix else ""
    return [
        Scope(a, b, prefix if n == 0 else parent + prefix, scope.annex)
        for n, ((a, prefix), (b, _)) in enumerate(pairwise(edges))
    ]


def _follows_agenda(items: Sequence[Item], start: int, numbered: Sequence[int]) -> bool:
    """Whether all numbers so far belong to the list under an agenda heading, which numbers no paragraphs."""
    first = numbered[0] if numbered else start
    return first > start and bool(AGENDA.fullmatch(items[first - 1].block.text.strip()))


def _after_heading(items: Sequence[Item], index: int, start: int) -> bool:
    if index == start:
        return False
    before = items[index - 1]
    return before.block.role == "heading" or (before.heading_like and not is_listed(before))


_DECISION = re.compile(r"第?\s?[\dA-Z][\dA-Z-]*/\d+\s?(?:\([IVX]+\)\s?)?号?(?:决议|决定|決議|宣言)?")


def _prefix_of(heading: Sequence[Item]) -> str:
    """What a stretch is called by: the number of its resolution, its ordinal, or its title."""
    for item in heading:
        if match := _DECISION.match(item.block.text):
            return re.sub(r"\s", "", match[0])
    for item in heading:
        if item.ordinal and item.ordinal.scheme in SECTIONS:
            return item.ordinal.label.strip()
    title = heading[-1].body.strip() if heading else ""
    return re.sub(r"\s+", "", title)[:16]


def _first_prefix(items: Sequence[Item], start: int, end: int) -> str:
    """Prefix of the first of several numbered stretches: its own heading's, so that all look alike."""
    first = next((i for i in range(start, end) if is_arabic(items[i])), start)
    cut = first
    while cut - 1 >= start and items[cut - 1].heading_like and items[cut - 1].block.role != "row":
        cut -= 1
    run = items[cut:first]
    named = [i for i in run if _DECISION.match(i.block.text) or (i.ordinal and i.ordinal.scheme in SECTIONS)]
    return _prefix_of(named) if named else ""


def _unique_prefixes(scopes: list[Scope]) -> list[Scope]:
    seen: dict[str, int] = {}
    unique: list[Scope] = []
    for scope in scopes:
        seen[scope.prefix] = seen.get(scope.prefix, 0) + 1
        again = seen[scope.prefix]
        prefix = scope.prefix if again == 1 else f"{scope.prefix or '续'}-{again}"
        unique.append(replace(scope, prefix=prefix))
    return unique
