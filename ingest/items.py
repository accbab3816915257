"""Blocks seen as what they may be: ordinals read, heading-like forms told from finished sentences."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ingest.blocks import Block
from ingest.inline import columns, is_terminal
from ingest.ordinals import LISTING, SECTIONS, Ordinal, parse_ordinal

ANNEX = re.compile(
    r"(附件|附录|附文|附錄|附表)\s?([一二三四五六七八九十]+|\d{1,2}|[IVX]+)?(?=$|[\s:：.．、《—-])"
)
AGENDA = re.compile(r".{0,12}(?:议程|議程|目录|目錄|目次)")
CAPTION = re.compile(r"(表\s?[\d一二三四五六七八九十]+)")
LISTS = re.compile(r"(?:文件|参考文件|文件清单|背景文件|會議文件|会议文件)")
# Words that head a part of a document when they stand alone on a line.
OPENING = re.compile(r"(?:导言|引言|前言|导论|背景|概述|总则|说明|緒言|導言|序言|一般规定)")

MAX_HEADING_COLUMNS = 130


@dataclass(frozen=True, slots=True)
class Item:
    """A block with its ordinal, and whether it reads like a heading."""

    block: Block
    ordinal: Ordinal | None
    heading_like: bool

    @property
    def body(self) -> str:
        """The text after the ordinal label."""
        return self.block.text[self.ordinal.length :] if self.ordinal else self.block.text


def as_item(block: Block) -> Item:
    """A block with its ordinal read, and whether it is short and unfinished enough to be a heading."""
    text = block.text.strip()
    ordinal = parse_ordinal(block.text)
    sectional = ordinal is not None and ordinal.scheme in SECTIONS and "。" not in text
    short = 0 < columns(text) <= (2.5 if sectional else 1) * MAX_HEADING_COLUMNS
    unfinished = not is_terminal(text) and text[-1:] not in "，,、"
    return Item(
        replace(block, text=block.text.rstrip()),
        ordinal,
        short and unfinished and block.role != "row",
    )


def is_arabic(item: Item) -> bool:
    """Whether an item begins with a plain number (12.), as paragraphs and agenda items do."""
    return item.ordinal is not None and item.ordinal.scheme == "arabic" and item.block.role != "row"


def value_of(item: Item) -> int:
    """The value of an item's ordinal, 0 without one."""
    return item.ordinal.value if item.ordinal else 0


def is_listed(item: Item) -> bool:
    """Whether an item carries a label of lists inside paragraphs: (a), (一), (1), (i)."""
    return item.ordinal is not None and item.ordinal.scheme in LISTING
