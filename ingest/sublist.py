"""The listed items inside a paragraph: (a), (i), (一), 1. and how they nest."""

from __future__ import annotations

from ingest.ordinals import LISTING, RANK, Ordinal, Scheme, parse_ordinal, roman_number
from ingest.paragraphs import SubItem

# How many items of a list may be missing before a number is not taken for its next.
_MAX_GAP = 3
_Open = tuple[Scheme, int, str]


def sub_items(text: str) -> tuple[SubItem, ...]:
    """The listed items of a paragraph, one per line that opens with a label; nested labels are ``(a)(一)``.

    Which scheme stands under which differs from document to document, so an item that is the first of
    its scheme stands under the item before it, whatever their customary rank.
    """
    found: list[SubItem] = []
    stack: list[_Open] = []
    position = 0
    for line in text.split("\n"):
        ordinal = parse_ordinal(line)
        if ordinal is not None and (position or _opens_list(ordinal)) and _is_expected(stack, ordinal):
            _place(stack, ordinal)
            label = "".join(part for _, _, part in stack)
            start = position + ordinal.length
            found.append(SubItem(label, line[ordinal.length :], start, position + len(line)))
        position += len(line) + 1
    return tuple(found)


def _opens_list(ordinal: Ordinal) -> bool:
    return ordinal.scheme in LISTING or (ordinal.scheme == "arabic" and ordinal.value == 1)


def _is_expected(stack: list[_Open], ordinal: Ordinal) -> bool:
    """A plain number at a line start may belong to a sentence; as an item it continues or opens a list."""
    before = max((value for scheme, value, _ in stack if scheme == "arabic"), default=0)
    return ordinal.scheme != "arabic" or ordinal.value == 1 or before < ordinal.value <= before + _MAX_GAP


def _place(stack: list[_Open], ordinal: Ordinal) -> None:
    """Close the items that are over and open this one."""
    scheme, value = _read_letter(stack, ordinal)
    schemes = [open_scheme for open_scheme, _, _ in stack]
    if scheme in schemes:
        del stack[schemes.index(scheme) :]
    elif value != 1:
        while stack and RANK[stack[-1][0]] >= RANK[scheme]:
            stack.pop()
    stack.append((scheme, value, ordinal.label))


def _read_letter(stack: list[_Open], ordinal: Ordinal) -> tuple[Scheme, int]:
    """Scheme and value of a label: (i), (v) and (x) are Roman unless (h), (u) or (w) stood before."""
    inner = ordinal.label.strip("()")
    if ordinal.scheme != "letter" or inner not in ("i", "v", "x"):
        return ordinal.scheme, ordinal.value
    roman = roman_number(inner) or 0
    before = {scheme: value for scheme, value, _ in stack}
    as_letter = before.get("letter") == ordinal.value - 1
    as_roman = before.get("roman", 0) == roman - 1
    return ("letter", ordinal.value) if as_letter and not (as_roman and roman > 1) else ("roman", roman)
