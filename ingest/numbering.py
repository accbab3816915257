"""Which numbers open paragraphs: the longest consistent chain of printed numbers wins.

A document's paragraph numbers count 1, 2, 3 … to its end, while nested agendas, numbered headings
and numbers in running text only interrupt. Looking for the best chain over the whole document, and
not for a pattern at a line start, keeps all of them apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

# Longest run of numbers that may be missing (lost in conversion) before a chain breaks off.
MAX_GAP = 5
_GAP_PENALTY = 1.5
_NESTED_PENALTY = 0.4
_HEADING_PENALTY = 0.6


@dataclass(frozen=True, slots=True)
class Candidate:
    """A block that begins with a number: its index among the blocks, the number, and whether it
    looks like a heading (short, without closing punctuation)."""

    index: int
    value: int
    heading_like: bool


def best_chain(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The chain of candidates that numbers the paragraphs, in order; empty if there is none.

    Maximises the number of members minus penalties: for each gap, for members that belong to a list
    which starts again at 1 after the first number, and for members that look like headings. Among
    equals the later candidate wins, so that a nested "4." before the paragraph 4 stays nested.
    """
    if not candidates:
        return []
    nested = _in_nested_run(candidates)
    scores: list[float] = []
    links: list[int | None] = []
    best_by_value: dict[int, int] = {}
    first_value = 1 if any(c.value == 1 for c in candidates) else min(c.value for c in candidates)
    for position, candidate in enumerate(candidates):
        own = (
            1.0
            - (_NESTED_PENALTY if nested[position] else 0)
            - (_HEADING_PENALTY if candidate.heading_like else 0)
        )
        start = 0.0 if candidate.value == first_value else -_GAP_PENALTY - 1.0
        best, link = start, None
        for gap in range(MAX_GAP + 1):
            previous = best_by_value.get(candidate.value - 1 - gap)
            if previous is None:
                continue
            reached = scores[previous] - (_GAP_PENALTY + 0.1 * gap if gap else 0.0)
            if reached > best or (reached == best and link is None):
                best, link = reached, previous
        scores.append(best + own)
        links.append(link)
        incumbent = best_by_value.get(candidate.value)
        if incumbent is None or scores[position] >= scores[incumbent]:
            best_by_value[candidate.value] = position
    at: int | None = max(range(len(candidates)), key=lambda p: (scores[p], -p))
    chain: list[Candidate] = []
    while at is not None:
        chain.append(candidates[at])
        at = links[at]
    return chain[::-1]


def _in_nested_run(candidates: Sequence[Candidate]) -> list[bool]:
    """Whether each candidate lies in a run 1, 2, 3 … that is not the first to start at 1."""
    nested: list[bool] = []
    seen_one, run_nested = False, False
    for position, candidate in enumerate(candidates):
        if candidate.value == 1:
            run_nested, seen_one = seen_one, True
        elif position and candidate.value != candidates[position - 1].value + 1:
            run_nested = False
        nested.append(run_nested)
    return nested


def gaps(chain: Sequence[Candidate]) -> list[int]:
    """The numbers that a chain skips."""
    values = [candidate.value for candidate in chain]
    return [missing for a, b in pairwise(values) for missing in range(a + 1, b)]
