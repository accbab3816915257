"""Scopes: stretches of a document within which paragraph numbers run once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from ingest.inline import columns, is_terminal
from ingest.items import AGENDA, ANNEX, Item, is_arabic, is_listed, value_of
from ingest.ordinals import SECTIONS, Ordinal
from ingest.resolutions import DECISION, ORGAN_LINE, is_decision_heading

ScopeKind = Literal["body", "annex", "resolution", "resumed"]


@dataclass(frozen=True, slots=True)
class Scope:
    """A stretch of blocks within which numbers run once.

    It is the body, an annex, one of several resolutions, or the rest of a body in which resolutions
    are reproduced ("resumed": its numbers go on where they stopped). Paths in it begin with ``prefix``.
    """

    start: int
    end: int
    prefix: str = ""
    kind: ScopeKind = "body"


def split_scopes(items: Sequence[Item]) -> list[Scope]:
    """The scopes of a document in order; together they cover all items, and no two share a prefix."""
    bounds = _Bounds(items).find()
    scopes: list[Scope] = []
    for scope, following in zip(bounds, [*bounds[1:], Scope(len(items), len(items))], strict=True):
        whole = replace(scope, end=following.start)
        scopes += [whole] if whole.kind == "resolution" else _split_restarts(items, whole)
    return _unique_prefixes([scope for scope in scopes if scope.end > scope.start or not items])


class _Bounds:
    """Finds where annexes and reproduced resolutions begin and where the body goes on after these."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items
        self.resolutions = _reproduced(items)
        self.bounds = [Scope(0, 0)]
        self.resolution = ""
        # The last section of each scheme in the body, and in the resolution that is being passed.
        self.outer: dict[str, int] = {}
        self.inner: dict[str, int] = {}

    def find(self) -> list[Scope]:
        for index, item in enumerate(self.items):
            if index in self.resolutions:
                self._begin_resolution(index)
            elif match := self._annex(index):
                above = f"{self.resolution}/" if self.resolution else ""
                self._begin(index, above + match[1] + (match[2] or ""), "annex")
            elif item.ordinal and item.ordinal.scheme in SECTIONS and item.heading_like:
                self._pass_section(index, item.ordinal)
        return self.bounds

    def _begin(self, index: int, prefix: str, kind: ScopeKind) -> None:
        if self.bounds[-1].start == index:
            self.bounds.pop()
        self.bounds.append(Scope(index, index, prefix, kind))

    def _begin_resolution(self, index: int) -> None:
        self.resolution = _prefix_of([self.items[index]])
        self.inner = {}
        self._begin(index, self.resolution, "resolution")

    def _annex(self, index: int) -> re.Match[str] | None:
        item = self.items[index]
        match = ANNEX.match(item.block.text)
        return match if item.heading_like and index > 0 and not _is_reference(self.items, index) else None

    def _pass_section(self, index: int, ordinal: Ordinal) -> None:
        """A section that follows the body's last one, not the resolution's own, ends the resolution."""
        scheme, before = ordinal.scheme, ordinal.value - 1
        if not self.resolution:
            self.outer[scheme] = ordinal.value
        elif before and self.outer.get(scheme) == before and self.inner.get(scheme) != before:
            self.resolution = ""
            self.outer[scheme] = ordinal.value
            self._begin(index, "", "resumed")
        else:
            self.inner[scheme] = ordinal.value


def _reproduced(items: Sequence[Item]) -> set[int]:
    """The headings of resolutions reproduced in a document; a document that is one resolution has none.

    At least one must be followed by its organ (缔约国会议，), so that a list of resolutions is none.
    """
    headings = [
        i
        for i, item in enumerate(items)
        if item.heading_like and item.block.role != "row" and is_decision_heading(item.block.text.strip())
    ]
    headings = [i for i in headings if i + 1 < len(items) and i + 1 not in headings]
    speaking = [
        i for i in headings if any(ORGAN_LINE.fullmatch(item.block.text) for item in items[i + 1 : i + 4])
    ]
    embedded = bool(speaking) and any(
        is_arabic(item) and not item.heading_like for item in items[: headings[0]]
    )
    return set(headings) if embedded or (speaking and len(headings) > 1) else set()


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
        Scope(a, b, prefix if n == 0 else parent + prefix, scope.kind)
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


def _prefix_of(heading: Sequence[Item]) -> str:
    """What a stretch is called by: the number of its resolution, its ordinal, or its title."""
    for item in heading:
        if match := DECISION.match(item.block.text):
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
    named = [i for i in run if DECISION.match(i.block.text) or (i.ordinal and i.ordinal.scheme in SECTIONS)]
    return _prefix_of(named) if named else ""


def _unique_prefixes(scopes: list[Scope]) -> list[Scope]:
    seen: dict[str, int] = {}
    unique: list[Scope] = []
    for scope in scopes:
        if scope.kind == "resumed" and not scope.prefix:
            unique.append(scope)
            continue
        seen[scope.prefix] = seen.get(scope.prefix, 0) + 1
        again = seen[scope.prefix]
        prefix = scope.prefix if again == 1 else f"{scope.prefix or '续'}-{again}"
        unique.append(replace(scope, prefix=prefix))
    return unique
