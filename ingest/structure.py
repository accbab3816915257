"""Blocks -> paragraphs: section path, paragraph numbers, lists, tables, cover parts, footnote links.

Two kinds of document are told apart by what was printed: numbered ones, whose paragraphs open only
where their number is expected, and those whose paragraphs stand unnumbered under items or headings
(annotated agendas, laws, plain text), which are counted under the path of the item.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from ingest.blocks import Block, Layout, Note, Span
from ingest.inline import columns, is_terminal
from ingest.numbering import Candidate, best_chain, gaps
from ingest.ordinals import RANK, Ordinal, parse_ordinal
from ingest.paragraphs import Footnote, Paragraph, ParagraphKind, Piece, SubItem

_ANNEX = re.compile(
    r"(附件|附录|附文|附錄|附表)\s?([一二三四五六七八九十]+|\d{1,2}|[IVX]+)?(?=$|[\s:：.．、《—-])"
)
_SUMMARY = re.compile(r"(?:内容|執行|执行|內容)?(?:摘要|提要|概要)")
_AGENDA = re.compile(r".{0,12}(?:议程|議程|目录|目錄|目次)")
_CAPTION = re.compile(r"(表\s?[\d一二三四五六七八九十]+)")
_LISTS = re.compile(r"(?:文件|参考文件|文件清单|背景文件|會議文件|会议文件)")
_OPENING = re.compile(r"(?:导言|引言|前言|导论|背景|概述|总则|说明|緒言|導言|序言|一般规定)")
_CUE = re.compile(
    r"Distr\.|Original|Chinese|届会议|届會議|\d{4}\s?年.*[日，]|项目\s?\d|編寫|编写|之说明|^[A-Z][A-Z0-9/.]+$"
)

MAX_HEADING_COLUMNS = 130


@dataclass(frozen=True, slots=True)
class Structure:
    """The paragraphs of a document in order, the account of its characters, and what seemed odd."""

    paragraphs: tuple[Paragraph, ...]
    pieces: tuple[Piece, ...]
    headings: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Item:
    """A block with its ordinal, and whether it reads like a heading."""

    block: Block
    ordinal: Ordinal | None
    heading_like: bool

    @property
    def body(self) -> str:
        """The text after the ordinal label."""
        return self.block.text[self.ordinal.length :] if self.ordinal else self.block.text


@dataclass(frozen=True, slots=True)
class _Heading:
    rank: float
    level: int | None
    title: str
    label: str


@dataclass(slots=True)
class _Draft:
    """A paragraph in the making."""

    path: str
    number: str | None
    label: str
    section: tuple[str, ...]
    kind: ParagraphKind
    blocks: list[tuple[int, Block]] = field(default_factory=list)
    text: str = ""
    marks: list[tuple[str, int]] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)

    def append(self, block: Block, skip: int, glue: str) -> None:
        """Add a block's text without its first ``skip`` characters, after ``glue``."""
        addition = block.text[skip:]
        lead = len(addition) - len(addition.lstrip())
        addition = addition.strip()
        offset = len(self.text) + len(glue) - skip - lead
        self.text += glue + addition
        self.marks += [(m.label, min(max(m.offset + offset, 0), len(self.text))) for m in block.marks]
        self.spans += block.spans


def structure(layout: Layout, doc_id: str) -> Structure:
    """The paragraphs of a laid-out document; ids are ``<doc_id>#<number or path>`` and unique."""
    items = [_item(block) for block in layout.blocks]
    writer = _Writer(doc_id)
    for scope in _scopes(items):
        _read_scope(items, scope, writer)
    return writer.finish(layout)


def _item(block: Block) -> _Item:
    text = block.text.strip()
    short = 0 < columns(text) <= MAX_HEADING_COLUMNS
    unfinished = not is_terminal(text) and text[-1:] not in "，,、"
    return _Item(
        replace(block, text=block.text.rstrip()),
        parse_ordinal(block.text),
        short and unfinished and block.role != "row",
    )


# --- scopes ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Scope:
    """A stretch of blocks within which numbers run once: the body, an annex, one of several resolutions."""

    start: int
    end: int
    prefix: str
    annex: bool


def _scopes(items: Sequence[_Item]) -> list[_Scope]:
    bounds: list[tuple[int, str, bool]] = [(0, "", False)]
    for index, item in enumerate(items):
        match = _ANNEX.match(item.block.text)
        if match and item.heading_like and index > 0 and not _is_reference(items, index):
            bounds.append((index, match[1] + (match[2] or ""), True))
    scopes: list[_Scope] = []
    for (start, prefix, annex), following in zip(bounds, [*bounds[1:], (len(items), "", False)], strict=True):
        scopes += _split_restarts(items, _Scope(start, following[0], prefix, annex))
    return _unique_prefixes(scopes)


def _is_reference(items: Sequence[_Item], index: int) -> bool:
    """A line that only looks like an annex heading: the sentence before it goes on in it."""
    before = items[index - 1].block
    return (
        before.role == "text"
        and not before.complete
        and not is_terminal(before.text)
        and columns(before.text) > 60
    )


def _split_restarts(items: Sequence[_Item], scope: _Scope) -> list[_Scope]:
    """Split where numbering starts again at 1 right after a heading, as in a collection of resolutions."""
    numbered = [i for i in range(scope.start, scope.end) if _arabic(items[i]) and not _listed(items[i])]
    cuts: list[tuple[int, str]] = []
    for position, index in enumerate(numbered[1:], 1):
        follows = position + 1 < len(numbered) and _value(items[numbered[position + 1]]) == 2
        agenda_before = _follows_agenda(items, scope.start, numbered[:position])
        if (
            _value(items[index]) == 1
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
        _Scope(a, b, prefix if n == 0 else parent + prefix, scope.annex)
        for n, ((a, prefix), (b, _)) in enumerate(pairwise(edges))
    ]


def _follows_agenda(items: Sequence[_Item], start: int, numbered: Sequence[int]) -> bool:
    """Whether all numbers so far belong to the list under an agenda heading, which numbers no paragraphs."""
    first = numbered[0] if numbered else start
    return first > start and bool(_AGENDA.fullmatch(items[first - 1].block.text.strip()))


def _after_heading(items: Sequence[_Item], index: int, start: int) -> bool:
    if index == start:
        return False
    before = items[index - 1]
    return before.block.role == "heading" or (before.heading_like and not _listed(before))


def _prefix_of(heading: Sequence[_Item]) -> str:
    for item in heading:
        if item.ordinal and item.ordinal.scheme in ("chinese", "capital", "chapter"):
            return item.ordinal.label.strip()
    title = heading[-1].body.strip() if heading else ""
    return re.sub(r"\s+", "", title)[:16]


def _first_prefix(items: Sequence[_Item], start: int, end: int) -> str:
    """Prefix of the first of several numbered stretches: its own heading's, so that all look alike."""
    first = next((i for i in range(start, end) if _arabic(items[i])), start)
    cut = first
    while cut - 1 >= start and items[cut - 1].heading_like and items[cut - 1].block.role != "row":
        cut -= 1
    run = items[cut:first]
    ordinal = [
        item for item in run if item.ordinal and item.ordinal.scheme in ("chinese", "capital", "chapter")
    ]
    return _prefix_of(ordinal) if ordinal else ""


def _unique_prefixes(scopes: list[_Scope]) -> list[_Scope]:
    seen: dict[str, int] = {}
    unique: list[_Scope] = []
    for scope in scopes:
        seen[scope.prefix] = seen.get(scope.prefix, 0) + 1
        again = seen[scope.prefix]
        prefix = scope.prefix if again == 1 else f"{scope.prefix or '续'}-{again}"
        unique.append(replace(scope, prefix=prefix))
    return unique


def _arabic(item: _Item) -> bool:
    return item.ordinal is not None and item.ordinal.scheme == "arabic" and item.block.role != "row"


def _value(item: _Item) -> int:
    return item.ordinal.value if item.ordinal else 0


def _listed(item: _Item) -> bool:
    return item.ordinal is not None and item.ordinal.scheme in ("letter", "paren_chinese", "roman")


# --- one scope ---------------------------------------------------------------------------------------


def _read_scope(items: Sequence[_Item], scope: _Scope, writer: _Writer) -> None:
    writer.enter(scope)
    openers = _openers(items, scope, writer)
    headings = _headings(items, scope, openers)
    body = _body_start(items, scope, openers, headings)
    if body > scope.start and not scope.annex and scope.start == 0:
        _read_front(items, scope.start, body, bool(openers), writer)
    else:
        body = scope.start
    last_opener = max(openers, default=-1)
    for index in range(body, scope.end):
        item = items[index]
        if item.block.role == "row":
            writer.row(item.block, _is_table_head(items, index))
        elif index in openers:
            writer.open_numbered(item, openers[index])
        elif _is_spanning_row(items, index):
            writer.table_heading(item)
        elif index in headings:
            writer.heading(item)
        elif openers and index > last_opener and _is_closing(items, index, scope.end):
            writer.closing(item)
        else:
            writer.text(item, numbered=bool(openers))


def _openers(items: Sequence[_Item], scope: _Scope, writer: _Writer) -> dict[int, Ordinal]:
    """The blocks that open a numbered paragraph, with their number; empty where numbers only head items."""
    decimals = _decimal_openers(items, scope)
    if decimals:
        return decimals
    numbers = {i: number for i in range(scope.start, scope.end) if (number := _paragraph_number(items[i]))}
    candidates = [Candidate(i, number.value, items[i].heading_like) for i, number in numbers.items()]
    chain = best_chain(candidates)
    if not chain or _is_item_list(items, chain, scope):
        return {}
    alone = len(chain) == 1
    if alone and (chain[0].value != 1 or not is_terminal(items[chain[0].index].block.text)):
        return {}
    for missing in gaps(chain):
        writer.warn(f"gap in the numbering: paragraph {missing} was not found")
    if chain[0].value != 1:
        writer.warn(f"the numbering starts at {chain[0].value}")
    return {candidate.index: numbers[candidate.index] for candidate in chain}


def _paragraph_number(item: _Item) -> Ordinal | None:
    """The number a block begins with; "60.20国集团" reads like a chapter number but may be paragraph 60."""
    if item.block.role == "row" or item.ordinal is None:
        return None
    if item.ordinal.scheme == "arabic":
        return item.ordinal
    if item.ordinal.scheme == "decimal" and (match := re.match(r"(\d{1,4})\s?[.．]", item.block.text)):
        return Ordinal("arabic", int(match[1]), match[1], match.end())
    return None


def _is_item_list(items: Sequence[_Item], chain: Sequence[Candidate], scope: _Scope) -> bool:
    """Whether the numbers head agenda items (text follows unnumbered) or form an agenda, not paragraphs."""
    members = {candidate.index for candidate in chain}
    heading_like = sum(candidate.heading_like for candidate in chain)
    first, last = chain[0].index, chain[-1].index
    before = items[first - 1].block.text.strip() if first > scope.start else ""
    if _AGENDA.fullmatch(before) and all(columns(items[i].block.text) <= 160 for i in members):
        return True
    following_text = [
        i
        for i in range(first, scope.end)
        if i not in members
        and items[i].block.role == "text"
        and not _listed(items[i])
        and is_terminal(items[i].block.text)
    ]
    return (
        heading_like >= 0.6 * len(chain) and len(following_text) >= max(1, len(chain) // 2) and last > first
    )


def _decimal_openers(items: Sequence[_Item], scope: _Scope) -> dict[int, Ordinal]:
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


def _continues_as_text(items: Sequence[_Item], index: int, end: int) -> bool:
    return index + 1 < end and items[index + 1].ordinal is not None and _listed(items[index + 1])


def _follows(previous: tuple[int, ...], current: tuple[int, ...]) -> bool:
    """Whether a chapter number is a plausible next one: 1.2 -> 1.3, 1.2.1, 2.1 (small gaps allowed)."""
    depth = min(len(previous), len(current))
    for level in range(depth):
        if current[level] != previous[level]:
            step = current[level] - previous[level]
            return 0 < step <= 3 and all(part == 1 for part in current[level + 1 :])
    return len(current) > len(previous) and all(part == 1 for part in current[depth:])


def _headings(items: Sequence[_Item], scope: _Scope, openers: Mapping[int, Ordinal]) -> set[int]:
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
            is_heading = item.heading_like or not _listed(item)
        else:
            captions = index + 1 < scope.end and items[index + 1].block.role == "row"
            inferable = item.heading_like and (not marked or captions or item.ordinal is not None)
            is_heading = inferable and _is_inferred_heading(items, index, scope, openers)
        if is_heading:
            found.add(index)
    return found


def _is_inferred_heading(
    items: Sequence[_Item], index: int, scope: _Scope, openers: Mapping[int, Ordinal]
) -> bool:
    item = items[index]
    if index == scope.start and scope.annex:
        return True
    finished = index == scope.start or _finished(items, index - 1, openers)
    if not finished:
        return False
    if item.ordinal is not None and item.ordinal.scheme in ("chinese", "capital", "chapter"):
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
        if _listed(item):
            return False
        return run_end in openers or after.block.role in ("heading", "row")
    if item.ordinal is not None:
        return after.block.role == "row" or not _listed(after) or length > 1
    return columns(after.block.text) > 40 or after.block.role == "row"


def _finished(items: Sequence[_Item], index: int, openers: Mapping[int, Ordinal]) -> bool:
    """Whether the block before a possible heading is over: a finished sentence, a heading or a row."""
    item = items[index]
    if item.block.role in ("heading", "row") or is_terminal(item.block.text):
        return True
    return item.heading_like and index not in openers and not _listed(item)


def _is_table_head(items: Sequence[_Item], index: int) -> bool:
    """The first row of a table names its columns when all its cells are filled, short and without digits."""
    if index and items[index - 1].block.role == "row":
        return False
    cells = [cell.strip() for cell in items[index].block.text.split("\t")]
    more = index + 1 < len(items) and (
        items[index + 1].block.role == "row" or _is_spanning_row(items, index + 1)
    )
    return more and all(cells) and all(len(cell) <= 14 and not re.search(r"\d", cell) for cell in cells)


def _is_spanning_row(items: Sequence[_Item], index: int) -> bool:
    """A line alone between rows (a date over the day's rows) heads the rows that follow."""
    if not 0 < index < len(items) - 1 or not items[index].heading_like:
        return False
    return items[index - 1].block.role == "row" and items[index + 1].block.role == "row"


def _is_closing(items: Sequence[_Item], index: int, end: int) -> bool:
    """Short unfinished lines after the last numbered paragraph: place and date, meeting number, signature."""
    rest = items[index:end]
    before = items[index - 1]
    over = before.block.role != "text" or is_terminal(before.block.text) or before.heading_like
    return over and len(rest) <= 6 and all(item.heading_like and not _listed(item) for item in rest)


# --- front matter ------------------------------------------------------------------------------------


def _body_start(
    items: Sequence[_Item], scope: _Scope, openers: Mapping[int, Ordinal], headings: set[int]
) -> int:
    """Index of the first block of the body: the first ordinal heading or numbered paragraph."""
    starts = [min(openers)] if openers else []
    for index in sorted(headings):
        ordinal = items[index].ordinal
        if ordinal is not None and not (
            _listed(items[index]) and not starts and items[index].block.role != "heading"
        ):
            starts.append(index)
            break
    if starts:
        first = min(starts)
        if first - 1 > scope.start and _OPENING.fullmatch(items[first - 1].block.text.strip()):
            first -= 1
        return first
    return _unnumbered_body_start(items, scope, headings)


def _unnumbered_body_start(items: Sequence[_Item], scope: _Scope, headings: set[int]) -> int:
    """Without any number the cover is the run of short lines at the top; its last may be a heading."""
    index = scope.start
    while index < scope.end and items[index].heading_like and items[index].block.role != "row":
        index += 1
    if index == scope.end:
        return scope.start
    last = index - 1
    heads_text = last > scope.start and last in headings and not _CUE.search(items[last].block.text)
    return last if heads_text else index


def _read_front(items: Sequence[_Item], start: int, end: int, numbered: bool, writer: _Writer) -> None:
    """Cover, summary, agenda list and preamble: what stands before the body."""
    mode: ParagraphKind = "cover"
    for index in range(start, end):
        item = items[index]
        text = item.block.text.strip()
        heading_next = index + 1 < end and not items[index + 1].heading_like
        if _SUMMARY.fullmatch(text):
            mode = "summary"
            writer.front_heading(item)
        elif _AGENDA.fullmatch(text) and item.heading_like and heading_next and index > start:
            mode = "list"
            writer.front_heading(item)
        elif mode in ("list", "summary") and item.block.role == "heading":
            mode = "cover"
            writer.front_heading(item) if index + 1 >= end or _OPENING.fullmatch(text) else writer.front(
                item, mode, "封面"
            )
        elif (
            mode == "cover"
            and item.block.role == "heading"
            and heading_next
            and not item.ordinal
            and index > start
        ):
            mode = "paragraph"
            writer.front_heading(item)
        elif numbered and mode == "cover" and text.endswith(("，", ",")) and len(text) > 14:
            mode = "paragraph"
            writer.front(item, mode, "序言")
        else:
            writer.front(item, mode, {"cover": "封面", "summary": "摘要"}.get(mode, ""))


# --- writing -----------------------------------------------------------------------------------------


class _Writer:
    """Keeps the section path and the open paragraph while the blocks go by."""

    def __init__(self, doc_id: str) -> None:
        self.doc_id = doc_id
        self.drafts: list[_Draft] = []
        self.stack: list[_Heading] = []
        self.heading_pieces: list[tuple[Span, str]] = []
        self.heading_marks: list[tuple[int, str]] = []
        self.titles: list[str] = []
        self.warnings: list[str] = []
        self.counts: dict[str, int] = {}
        self.scope = _Scope(0, 0, "", False)
        self.open: _Draft | None = None
        self.front_name = ""
        self.last_was_heading = False
        self.table: list[str] = []
        self.table_cell = ""

    def warn(self, message: str) -> None:
        self.warnings.append(message)

    def enter(self, scope: _Scope) -> None:
        """Start a scope; an annex leaves the sections of the body behind."""
        self.scope = scope
        self.open = None
        if scope.annex:
            self.stack = []

    # headings

    def heading(self, item: _Item) -> None:
        """Place a heading in the section path by its ordinal, else below the last one with an ordinal."""
        self._close_table()
        title = re.sub(r"\s+", " ", item.block.text).strip()
        if self.scope.annex and _ANNEX.match(title) and not self.stack:
            self._push(_Heading(-1, None, title, ""), item)
            return
        ordinal = item.ordinal
        if ordinal is not None and ordinal.label:
            rank: float = RANK[ordinal.scheme]
            if (
                ordinal.label in ("(i)", "(v)", "(x)")
                and self.stack
                and self.stack[-1].rank >= RANK["paren_chinese"]
            ):
                rank = RANK["roman"]
            while self.stack and self.stack[-1].rank >= rank:
                self.stack.pop()
            self._push(_Heading(rank, item.block.level, title, ordinal.label), item)
        else:
            self._place_unnumbered(item, title)

    def _place_unnumbered(self, item: _Item, title: str) -> None:
        """Unnumbered headings in a row nest; a later one replaces the deepest, or by indent its parent."""
        if not self.last_was_heading:
            unnumbered = [h for h in self.stack if h.rank >= 10]
            keep = 0
            if len(unnumbered) > 1 and item.block.level is not None:
                shallower = [h for h in unnumbered if h.level is not None and h.level < item.block.level]
                keep = (
                    len(shallower)
                    if any(h.level is not None and h.level == item.block.level for h in unnumbered)
                    else len(unnumbered) - 1
                )
            elif len(unnumbered) > 1:
                keep = len(unnumbered) - 1
            while self.stack and self.stack[-1].rank >= 10 + keep:
                self.stack.pop()
        depth = 10 + sum(h.rank >= 10 for h in self.stack)
        self._push(_Heading(depth, item.block.level, title, ""), item)

    def _push(self, heading: _Heading, item: _Item) -> None:
        self.stack.append(heading)
        self.titles.append(heading.title)
        self._heading_piece(item, heading.title)
        self.open = None
        self.last_was_heading = True

    def _heading_piece(self, item: _Item, title: str) -> None:
        self.heading_pieces += [(span, title) for span in item.block.spans]
        self.heading_marks += [(len(self.drafts), mark.label) for mark in item.block.marks]

    @property
    def section(self) -> tuple[str, ...]:
        return tuple(heading.title for heading in self.stack)

    def _path(self) -> str:
        """The ordinals of the section path: ``2(a)(二)``, ``一.A``; with the scope's prefix in front."""
        path = ""
        for heading in self.stack:
            if heading.label:
                path += ("." if path and not heading.label.startswith("(") else "") + heading.label
        if self.scope.prefix and not path.startswith(self.scope.prefix):
            return f"{self.scope.prefix}/{path}" if path else self.scope.prefix
        return path

    # paragraphs

    def _new(self, path: str, number: str | None, label: str, kind: ParagraphKind) -> _Draft:
        taken = self.counts.get(f"id {path}", 0)
        self.counts[f"id {path}"] = taken + 1
        if taken:
            self.warn(f"number {path} stands more than once; the later paragraph is {path}-{taken + 1}")
            path = f"{path}-{taken + 1}"
        draft = _Draft(path, number and path, label, self.section, kind)
        self.drafts.append(draft)
        self.open = draft
        self.last_was_heading = False
        return draft

    def _count(self, path: str) -> int:
        self.counts[path] = self.counts.get(path, 0) + 1
        return self.counts[path]

    def open_numbered(self, item: _Item, ordinal: Ordinal) -> None:
        """A paragraph with a number of its own."""
        self._close_table()
        number = ordinal.label
        prefix = self.scope.prefix
        path = f"{prefix}/{number}" if prefix else number
        label = f"{prefix.replace('/', '，')}，第{number}段" if prefix else f"第{number}段"
        self._new(path, path, label, "paragraph").append(item.block, ordinal.length, "")

    def text(self, item: _Item, numbered: bool) -> None:
        """A block without a number: part of the open paragraph, or one of its own under the path."""
        self._close_table()
        draft = self.open
        if draft is not None and draft.kind != "row":
            unfinished = not is_terminal(draft.text) and not item.block.complete
            opener = item.ordinal is not None and (
                _listed(item) or item.ordinal.scheme in ("arabic", "decimal")
            )
            if unfinished and not opener and not (item.heading_like and draft.kind == "list"):
                glue = "" if not draft.text[-1:].isascii() or not item.block.text[:1].isascii() else " "
                draft.append(item.block, 0, glue if draft.text else "")
                return
            listed = opener or (
                item.block.level not in (None, 0) and not numbered and draft.text.rstrip()[-1:] in "：:；;"
            )
            if numbered or listed:
                draft.append(item.block, 0, "\n")
                return
        self._unnumbered(item, numbered)

    def _unnumbered(self, item: _Item, numbered: bool) -> None:
        path = self._path()
        if not path and numbered:
            title = re.sub(r"\s+", "", self.stack[-1].title) if self.stack else ""
            path = title if 0 < len(title) <= 12 else "未编号"
        count = self._count(path)
        kind: ParagraphKind = "list" if self.stack and _LISTS.fullmatch(self.stack[-1].title) else "paragraph"
        full = f"{path}/{count}" if path else str(count)
        self._new(full, full, _path_label(path, count), kind).append(item.block, 0, "")

    def closing(self, item: _Item) -> None:
        """Place, date or signature after the last numbered paragraph."""
        if self.open is None or self.open.kind != "closing":
            count = self._count("结尾")
            self._new(f"结尾/{count}", None, "结尾", "closing").append(item.block, 0, "")
        else:
            self.open.append(item.block, 0, "\n")

    def front_heading(self, item: _Item) -> None:
        """A heading of the front matter: 摘要, 议程, 导言."""
        title = re.sub(r"\s+", " ", item.block.text).strip()
        self.front_name = title
        self.open = None
        self.stack = []
        self._heading_piece(item, title)
        self.titles.append(title)

    def front(self, item: _Item, kind: ParagraphKind, name: str) -> None:
        """A block of the front matter; cover lines are gathered in one paragraph, lists too."""
        if kind == "paragraph" and not name:
            name = self.open.path.split("/")[0] if self.open and self.open.kind == kind else self.front_name
        name = re.sub(r"\s+", "", name or self.front_name)[:12] or "序言"
        merge = kind in ("cover", "list") or self.open is None or not is_terminal(self.open.text)
        if kind == "paragraph" and self.open is not None and self.open.text[-1:] in "，,":
            merge = False
        if self.open is not None and self.open.kind == kind and self.open.path.startswith(name) and merge:
            glue = "\n" if kind in ("cover", "list") else ""
            self.open.append(item.block, 0, glue)
            return
        count = self._count(name)
        label = (
            name
            if kind in ("cover", "list")
            else f"{name}，第{count}段"
            if kind == "summary" and count > 1
            else name
        )
        if kind == "paragraph":
            label = f"{name}部分，第{count}段" if name == "序言" else f"“{name}”，第{count}段"
        number = f"{name}/{count}" if kind == "paragraph" else None
        draft = self._new(f"{name}/{count}", number, label, kind)
        if kind in ("summary", "list", "paragraph") and name != "序言":
            draft.section = (self.front_name or name,)
        draft.append(item.block, 0, "")

    # tables

    def _close_table(self) -> None:
        self.table, self.table_cell = [], ""

    def row(self, block: Block, is_head: bool) -> None:
        """A table row: the first may name the columns; the others are paragraphs of their own."""
        cells = [cell.strip() for cell in block.text.split("\t")]
        title = " | ".join(cell for cell in cells if cell)
        if is_head:
            self._close_table()
            self.table = [title]
            self.heading_pieces += [(span, title) for span in block.spans]
            return
        context = [*self.table]
        if not cells[0] and self.table_cell:
            context.append(self.table_cell)
        elif cells[0]:
            self.table_cell = cells[0]
        caption = _CAPTION.match(self.stack[-1].title) if self.stack else None
        path = self._path() or (self.drafts[-1].path.split("/")[0] if self.drafts else "表")
        numbered_parent = (
            self.drafts[-1] if self.drafts and self.drafts[-1].kind != "row" and self.open else None
        )
        if numbered_parent is not None and numbered_parent.number and not self.last_was_heading:
            path = numbered_parent.path
        elif self.drafts and self.drafts[-1].kind == "row" and not self.last_was_heading:
            path = self.drafts[-1].path.rsplit("/", 1)[0]
        elif caption:
            path = f"{self.scope.prefix}/{caption[1]}" if self.scope.prefix else caption[1]
            path = re.sub(r"\s", "", path)
        count = self._count(path)
        label = f"{_path_name(path)}，表格第{count}行"
        draft = self._new(f"{path}/{count}", f"{path}/{count}", label, "row")
        draft.section = (*self.section, *context)
        marks = tuple(replace(mark, offset=len(title)) for mark in block.marks)
        joined = Block(title, block.spans, "row", None, block.page, marks, True)
        draft.append(joined, 0, "")

    def table_heading(self, item: _Item) -> None:
        """A row that spans the table and heads the rows below it."""
        title = item.block.text.strip()
        self.table = [*self.table[:1], title]
        self.table_cell = ""
        self._heading_piece(item, title)

    # the end

    def finish(self, layout: Layout) -> Structure:
        """The paragraphs with their footnotes, and every character's place."""
        notes, note_pieces = self._place_notes(layout.notes)
        paragraphs = tuple(
            self._paragraph(draft, tuple(notes.get(number, ())), layout)
            for number, draft in enumerate(self.drafts)
        )
        pieces = [
            Piece("paragraph", *span, p.id)
            for p, d in zip(paragraphs, self.drafts, strict=True)
            for span in d.spans
        ]
        pieces += [Piece("heading", *span, title) for span, title in self.heading_pieces]
        pieces += [
            Piece("footnote", *span, paragraphs[n].id if paragraphs else "") for span, n in note_pieces
        ]
        pieces += [Piece("furniture", *part.span, part.name) for part in layout.furniture]
        pieces.sort(key=lambda piece: piece.start)
        return Structure(paragraphs, tuple(pieces), tuple(self.titles), tuple(self.warnings))

    def _paragraph(self, draft: _Draft, notes: tuple[Footnote, ...], layout: Layout) -> Paragraph:
        start, end = min(s for s, _ in draft.spans), max(e for _, e in draft.spans)
        page = next((block.page for block in layout.blocks if block.spans[0] == draft.spans[0]), None)
        return Paragraph(
            id=f"{self.doc_id}#{draft.path}",
            doc_id=self.doc_id,
            number=draft.number,
            label=draft.label,
            section=draft.section,
            text=draft.text,
            sub_items=sub_items(draft.text),
            footnotes=notes,
            start=start,
            end=end,
            page=page,
            kind=draft.kind,
        )

    def _place_notes(self, notes: Sequence[Note]) -> tuple[dict[int, list[Footnote]], list[tuple[Span, int]]]:
        """Footnotes by draft number: at their mark where it was found, else at what stands before them."""
        marks = [
            (label, number, offset)
            for number, draft in enumerate(self.drafts)
            for label, offset in draft.marks
        ]
        marks += [(label, min(number, len(self.drafts) - 1), 0) for number, label in self.heading_marks]
        placed: dict[int, list[Footnote]] = {}
        pieces: list[tuple[Span, int]] = []
        for note in notes:
            mark = next((m for m in marks if m[0] == note.label), None)
            if mark is not None:
                marks.remove(mark)
                number, offset = mark[1], mark[2]
            else:
                before = [n for n, draft in enumerate(self.drafts) if draft.spans[0][0] < note.spans[0][0]]
                number = max(before, default=0)
                offset = len(self.drafts[number].text) if self.drafts else 0
                self.warn(f"footnote {note.label} could not be linked to a mark")
            placed.setdefault(number, []).append(Footnote(note.label, note.text, offset))
            pieces += [(span, number) for span in note.spans]
        return placed, pieces


def _path_name(path: str) -> str:
    """A path as people write it: ``2(a)(二)`` is an agenda item, ``一.A`` a section."""
    if re.fullmatch(r"\d+(?:\([^)]+\))*", path):
        return f"项目{path}"
    if re.match(r"附", path):
        return path.replace("/", "，")
    if re.fullmatch(r"[一二三四五六七八九十]+(?:\..*)?", path):
        return f"第{path}节"
    return path.replace("/", "，")


def _path_label(path: str, count: int) -> str:
    return f"{_path_name(path)}，第{count}段" if path else f"第{count}段（未编号）"


def sub_items(text: str) -> tuple[SubItem, ...]:
    """The listed items of a paragraph, one per line that opens with a label; nested: (a)(一)."""
    found: list[SubItem] = []
    stack: list[tuple[int, str]] = []
    position = 0
    for line in text.split("\n"):
        ordinal = parse_ordinal(line) if position or _is_list_line(line) else None
        if ordinal is not None:
            rank = RANK[ordinal.scheme]
            while stack and stack[-1][0] >= rank:
                stack.pop()
            stack.append((rank, ordinal.label))
            label = "".join(part for _, part in stack)
            found.append(
                SubItem(label, line[ordinal.length :], position + ordinal.length, position + len(line))
            )
        position += len(line) + 1
    return tuple(found)


def _is_list_line(line: str) -> bool:
    ordinal = parse_ordinal(line)
    return ordinal is not None and ordinal.scheme in ("letter", "paren_chinese", "roman")
