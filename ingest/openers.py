"""Openers: the blocks at which a numbered paragraph begins."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.inline import columns, is_terminal
from ingest.items import AGENDA, Item, is_listed
from ingest.numbering import Candidate, best_chain, gaps
from ingest.ordinals import Ordinal
from ingest.scopes import Scope

# A chain this short that begins after much unnumbered prose is a list in it, not its numbering.
_LIST_LENGTH = 5


def find_openers(items: Sequence[Item], scope: Scope) -> tuple[dict[int, Ordinal], list[str]]:
    """The blocks that open a numbered paragraph, with their number, and what is odd about the numbering.

    There are none where numbers only head items (an annotated agenda) or list them.
    """
    for special in (_decimal_openers(items, scope), _article_openers(items, scope)):
        if special:
            return special, []
    numbers = {i: number for i in range(scope.start, scope.end) if (number := _paragraph_number(items[i]))}
    candidates = [Candidate(i, number.value, items[i].heading_like) for i, number in numbers.items()]
    chain = best_chain(candidates)
    if not chain or _is_item_list(items, chain, scope):
        return {}, []
    first, resumed = chain[0], scope.kind == "resumed"
    if len(chain) == 1 and (
        (first.value != 1 and not resumed) or not is_terminal(items[first.index].block.text)
    ):
        return {}, []
    odd = [f"gap in the numbering: paragraph {missing} was not found" for missing in gaps(chain)]
    if first.value != 1 and not resumed:
        odd.append(f"the numbering starts at {first.value}")
    return {candidate.index: numbers[candidate.index] for candidate in chain}, odd


def _paragraph_number(item: Item) -> Ordinal | None:
    """The number a block begins with; "60.20国集团" reads like a chapter number but may be paragraph 60."""
    if item.block.role == "row" or item.ordinal is None:
        return None
    if item.ordinal.scheme == "arabic":
        return item.ordinal
    if item.ordinal.scheme == "decimal" and (match := re.match(r"(\d{1,4})\s?[.．]", item.block.text)):
        return Ordinal("arabic", int(match[1]), str(int(match[1])), match.end())
    return None


def _is_item_list(items: Sequence[Item], chain: Sequence[Candidate], scope: Scope) -> bool:
    """Whether the numbers head agenda items (text follows unnumbered) or form an agenda, not paragraphs."""
    members = {candidate.index for candidate in chain}
    heading_like = sum(candidate.heading_like for candidate in chain)
    first, last = chain[0].index, chain[-1].index
    before = items[first - 1].block.text.strip() if first > scope.start else ""
    if first > scope.start and _lists_below(items[first - 1]):
        return True
    prose = [i for i in range(scope.start, first) if _is_prose(items[i])]
    if len(chain) <= _LIST_LENGTH and len(prose) > 2 * len(chain):
        return True
    if AGENDA.fullmatch(before) and all(columns(items[i].block.text) <= 160 for i in members):
        return True
    following_text = [
        i
        for i in range(first, scope.end)
        if i not in members
        and items[i].block.role == "text"
        and not is_listed(items[i])
        and is_terminal(items[i].block.text)
    ]
    return (
        heading_like >= 0.6 * len(chain) and len(following_text) >= max(1, len(chain) // 2) and last > first
    )


def _is_prose(item: Item) -> bool:
    """Whether a block is a finished sentence without a label of its own."""
    return item.block.role == "text" and item.ordinal is None and item.block.text.rstrip().endswith("。")


def _lists_below(item: Item) -> bool:
    """Whether numbers right after an item are a list below it: （一）…。 is a paragraph, 1. its part."""
    return is_listed(item) and not item.heading_like and item.block.text.rstrip().endswith(("。", "："))


def _article_openers(items: Sequence[Item], scope: Scope) -> dict[int, Ordinal]:
    """Articles whose text follows on the same line, as in laws; mere heads of articles open nothing."""
    chosen: dict[int, Ordinal] = {}
    for index in range(scope.start, scope.end):
        ordinal = items[index].ordinal
        if ordinal is None or ordinal.scheme != "article" or items[index].block.role == "row":
            continue
        last = max((number.value for number in chosen.values()), default=0)
        if last < ordinal.value <= last + 3 or not chosen:
            chosen[index] = ordinal
    with_text = sum(not items[index].heading_like for index in chosen)
    return chosen if len(chosen) >= 2 and with_text > len(chosen) / 2 else {}


def _decimal_openers(items: Sequence[Item], scope: Scope) -> dict[int, Ordinal]:
    """Paragraphs numbered within chapters (1.1, 1.2, 2.1): each must follow the one before."""
    chosen: dict[int, Ordinal] = {}
    previous: tuple[int, ...] | None = None
    for index in range(scope.start, scope.end):
        ordinal = items[index].ordinal
        if ordinal is None or ordinal.scheme != "decimal" or items[index].block.role == "row":
            continue
        if items[index].heading_like and not _continues_as_text(items, index, scope.end):
            continue
        if previous is None or _follows(previous, ordinal.parts):
            chosen[index] = ordinal
            previous = ordinal.parts
    return chosen if len(chosen) >= 3 else {}


def _continues_as_text(items: Sequence[Item], index: int, end: int) -> bool:
    return index + 1 < end and items[index + 1].ordinal is not None and is_listed(items[index + 1])


def _follows(previous: tuple[int, ...], current: tuple[int, ...]) -> bool:
    """Whether a chapter number is a plausible next one: 1.2 -> 1.3, 1.2.1, 2.1 (small gaps allowed)."""
    depth = min(len(previous), len(current))
    for level in range(depth):
        if current[level] != previous[level]:
            step = current[level] - previous[level]
            return 0 < step <= 3 and all(part == 1 for part in current[level + 1 :])
    return len(current) > len(previous) and all(part == 1 for part in current[depth:])
