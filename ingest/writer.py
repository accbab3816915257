"""Writing paragraphs while the blocks go by: section path, ids, labels, lists, tables, footnotes."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ingest.blocks import Block, Layout, Note, Span
from ingest.inline import columns, glue, is_terminal
from ingest.items import ANNEX, CAPTION, LISTS, Item, is_listed
from ingest.ordinals import LISTING, RANK, Ordinal, parse_ordinal
from ingest.paragraphs import Footnote, Paragraph, ParagraphKind, Piece
from ingest.resolutions import ORGAN_LINE
from ingest.scopes import Scope
from ingest.sublist import sub_items

# A line this short was not broken off by the width of a page.
_SHORT_COLUMNS = 60
# A line this short without a label is a title inside a paragraph (建议1), not the beginning of a sentence.
_TITLE_COLUMNS = 24


@dataclass(frozen=True, slots=True)
class Structure:
    """The paragraphs of a document in order, the account of its characters, and what seemed odd."""

    paragraphs: tuple[Paragraph, ...]
    pieces: tuple[Piece, ...]
    headings: tuple[str, ...]
    warnings: tuple[str, ...]


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
    text: str = ""
    marks: list[tuple[str, int]] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    page: int | None = None

    def append(self, block: Block, skip: int, glue: str) -> None:
        """Add a block's text without its first ``skip`` characters, after ``glue``."""
        addition = block.text[skip:]
        lead = len(addition) - len(addition.lstrip())
        addition = addition.strip()
        offset = len(self.text) + len(glue) - skip - lead
        self.text += glue + addition
        self.marks += [(m.label, min(max(m.offset + offset, 0), len(self.text))) for m in block.marks]
        self.page = block.page if not self.spans else self.page
        self.spans += block.spans


class Writer:
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
        self.scope = Scope(0, 0)
        self.open: _Draft | None = None
        # The section path of the body, to which the text returns after reproduced resolutions, and how
        # many of the headings in the stack belong to it while a resolution is read.
        self.body_stack: list[_Heading] = []
        self.depth = 0
        self.front_name = ""
        self.last_was_heading = False
        self.table: list[str] = []
        self.table_cell = ""

    def enter(self, scope: Scope) -> None:
        """Start a scope; an annex leaves the sections of the body behind, a resolution stands within them."""
        self.scope = scope
        self.open = None
        if scope.kind == "annex":
            self.stack = []
        elif scope.kind in ("resolution", "resumed"):
            self.stack = list(self.body_stack)
        self.depth = len(self.stack) if scope.kind == "resolution" else 0

    # headings

    def heading(self, item: Item) -> None:
        """Place a heading in the section path by its ordinal, else below the last one with an ordinal."""
        self._close_table()
        title = re.sub(r"\s+", " ", item.block.text).strip()
        if self.scope.kind == "annex" and ANNEX.match(title) and not self.stack:
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
            articles = [i for i, heading in enumerate(self.stack) if heading.rank == RANK["article"]]
            if rank != RANK["article"]:
                while self.stack and self.stack[-1].rank >= rank:
                    self.stack.pop()
            elif articles:
                del self.stack[articles[0] :]
            self._push(_Heading(rank, item.block.level, title, ordinal.label), item)
        else:
            self._place_unnumbered(item, title)

    def _place_unnumbered(self, item: Item, title: str) -> None:
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

    def _push(self, heading: _Heading, item: Item) -> None:
        self.stack.append(heading)
        self.depth = min(self.depth, len(self.stack) - 1)
        if self.scope.kind in ("body", "resumed"):
            self.body_stack = list(self.stack)
        self.titles.append(heading.title)
        self._heading_piece(item, heading.title)
        self.open = None
        self.last_was_heading = True

    def _heading_piece(self, item: Item, title: str) -> None:
        self.heading_pieces += [(span, title) for span in item.block.spans]
        self.heading_marks += [(len(self.drafts), mark.label) for mark in item.block.marks]

    @property
    def section(self) -> tuple[str, ...]:
        """The titles of the headings that the text stands under now, outermost first."""
        return tuple(heading.title for heading in self.stack)

    def _path(self) -> str:
        """The ordinals of the section path: ``2(a)(二)``, ``一.A``; with the scope's prefix in front."""
        path = ""
        for heading in self.stack[self.depth :]:
            if heading.label.startswith("第") and heading.label.endswith(("条", "條")):
                path = heading.label  # articles count through all chapters
            elif heading.label:
                path += ("." if path and not heading.label.startswith("(") else "") + heading.label
        if self.scope.prefix and not path.startswith(self.scope.prefix):
            return f"{self.scope.prefix}/{path}" if path else self.scope.prefix
        return path

    # paragraphs

    def _new(self, path: str, number: str | None, label: str, kind: ParagraphKind) -> _Draft:
        taken = self.counts.get(f"id {path}", 0)
        self.counts[f"id {path}"] = taken + 1
        if taken:
            self.warnings.append(
                f"number {path} stands more than once; the later paragraph is {path}-{taken + 1}"
            )
            path = f"{path}-{taken + 1}"
        draft = _Draft(path, number and path, label, self.section, kind)
        self.drafts.append(draft)
        self.open = draft
        self.last_was_heading = False
        return draft

    def _count(self, path: str) -> int:
        self.counts[path] = self.counts.get(path, 0) + 1
        return self.counts[path]

    def open_numbered(self, item: Item, ordinal: Ordinal) -> None:
        """A paragraph with a number of its own."""
        self._close_table()
        number = ordinal.label
        prefix = self.scope.prefix
        path = f"{prefix}/{number}" if prefix else number
        label = number if ordinal.scheme == "article" else f"第{number}段"
        if prefix:
            label = f"{_path_name(prefix)}，{label}"
        self._new(path, path, label, "paragraph").append(item.block, ordinal.length, "")

    def text(self, item: Item, numbered: bool) -> None:
        """A block without a number: part of the open paragraph, or one of its own under the path."""
        self._close_table()
        draft = self.open
        if draft is not None and draft.kind != "row":
            unfinished = _breaks_off(draft.text, item)
            opener = _opens_item(item, draft.text if unfinished else "")
            if draft.kind == "list" and item.heading_like and not opener:
                draft.append(item.block, 0, "\n")
                return
            if unfinished and not opener:
                draft.append(item.block, 0, glue(draft.text, item.block.text, spaced=False))
                return
            listed = opener or (
                item.block.level not in (None, 0) and not numbered and draft.text.rstrip()[-1:] in "：:；;"
            )
            if numbered or listed:
                draft.append(item.block, 0, "\n")
                return
        self._unnumbered(item, numbered)

    def _unnumbered(self, item: Item, numbered: bool) -> None:
        path = self._path()
        if not path and numbered:
            title = re.sub(r"\s+", "", self.stack[-1].title) if self.stack else ""
            path = title if 0 < len(title) <= 12 else "未编号"
        count = self._count(path)
        kind: ParagraphKind = "list" if self.stack and LISTS.fullmatch(self.stack[-1].title) else "paragraph"
        full = f"{path}/{count}" if path else str(count)
        self._new(full, full, _path_label(path, count), kind).append(item.block, 0, "")

    def closing(self, item: Item) -> None:
        """Place, date or signature after the last numbered paragraph."""
        if self.open is None or self.open.kind != "closing":
            count = self._count("结尾")
            self._new(f"结尾/{count}", None, "结尾", "closing").append(item.block, 0, "")
        else:
            self.open.append(item.block, 0, "\n")

    def front_heading(self, item: Item) -> None:
        """A heading of the front matter: 摘要, 议程, 导言."""
        title = re.sub(r"\s+", " ", item.block.text).strip()
        self.front_name = title
        self.open = None
        self.stack = []
        self._heading_piece(item, title)
        self.titles.append(title)

    def preamble(self, item: Item) -> None:
        """A clause of a resolution's preamble; the organ's name (大会，) goes with the first clause."""
        draft = self.open
        organ = draft is not None and draft.path.endswith("/1") and ORGAN_LINE.fullmatch(draft.text)
        if draft is not None and draft.kind == "paragraph" and (organ or not _ends_clause(draft.text)):
            draft.append(item.block, 0, "")
            return
        name = f"{self.scope.prefix}/序言" if self.scope.prefix else "序言"
        count = self._count(name)
        label = f"{_path_name(name)}部分，第{count}段"
        self._new(f"{name}/{count}", f"{name}/{count}", label, "paragraph").append(item.block, 0, "")

    def front(self, item: Item, kind: ParagraphKind, name: str) -> None:
        """A block of the front matter; cover lines are gathered in one paragraph, lists too."""
        if kind == "paragraph" and not name:
            name = self.open.path.split("/")[0] if self.open and self.open.kind == kind else self.front_name
        name = re.sub(r"\s+", "", name or self.front_name)[:12] or "序言"
        merge = kind in ("cover", "list") or self.open is None or not is_terminal(self.open.text)
        if self.open is not None and self.open.kind == kind and self.open.path.startswith(name) and merge:
            self.open.append(item.block, 0, "\n" if kind in ("cover", "list") else "")
            return
        count = self._count(name)
        label, number = name, None
        if kind == "paragraph":
            label, number = f"“{name}”，第{count}段", f"{name}/{count}"
        elif kind == "summary" and count > 1:
            label = f"{name}，第{count}段"
        draft = self._new(f"{name}/{count}", number, label, kind)
        if kind != "cover":
            draft.section = (self.front_name or name,)
        draft.append(item.block, 0, "")

    # tables

    def _close_table(self) -> None:
        """What follows a table stands under the table's section and no more under its caption."""
        self.table, self.table_cell = [], ""
        caption = next((i for i, h in enumerate(self.stack) if CAPTION.match(h.title)), None)
        if caption is not None and self.drafts and self.drafts[-1].kind == "row":
            del self.stack[caption:]

    def row(self, block: Block, is_head: bool) -> None:
        """A table row: the first may name the columns; the others are paragraphs of their own."""
        cells = [cell.strip() for cell in block.text.split("\t")]
        title = " | ".join(cell for cell in cells if cell)
        if is_head or [title] == self.table[:1]:  # a table's head is printed again on the next page
            self.table, self.table_cell = [title], ""
            self.heading_pieces += [(span, title) for span in block.spans]
            return
        context = [*self.table]
        if not cells[0] and self.table_cell:
            context.append(self.table_cell)
        elif cells[0]:
            self.table_cell = cells[0]
        path = self._table_path()
        count = self._count(path)
        label = f"{_path_name(path)}，表格第{count}行"
        draft = self._new(f"{path}/{count}", f"{path}/{count}", label, "row")
        draft.section = (*self.section, *context)
        marks = tuple(replace(mark, offset=len(title)) for mark in block.marks)
        joined = Block(title, block.spans, "row", None, block.page, marks, True)
        draft.append(joined, 0, "")

    def _table_path(self) -> str:
        """What a table's rows are counted under: the paragraph it interrupts, its caption, the section."""
        last = self.drafts[-1] if self.drafts else None
        if last is not None and not self.last_was_heading:
            if last.kind == "row":
                return last.path.rsplit("/", 1)[0]
            if self.open and last.number:
                return last.path
        caption = next((match for h in self.stack if (match := CAPTION.match(h.title))), None)
        if caption:
            name = re.sub(r"\s", "", caption[1])
            return f"{self.scope.prefix}/{name}" if self.scope.prefix else name
        return self._path() or (last.path.split("/")[0] if last else "表")

    def table_heading(self, item: Item) -> None:
        """A row that spans the table and heads the rows below it."""
        title = item.block.text.strip()
        self.table = [*(head for head in self.table[:1] if " | " in head), title]
        self.table_cell = ""
        self._heading_piece(item, title)

    # the end

    def finish(self, layout: Layout) -> Structure:
        """The paragraphs with their footnotes, and every character's place."""
        notes, note_pieces = self._place_notes(layout.notes)
        paragraphs = tuple(
            self._paragraph(draft, tuple(notes.get(number, ()))) for number, draft in enumerate(self.drafts)
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

    def _paragraph(self, draft: _Draft, notes: tuple[Footnote, ...]) -> Paragraph:
        start, end = min(s for s, _ in draft.spans), max(e for _, e in draft.spans)
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
            page=draft.page,
            kind=draft.kind,
        )

    def _place_notes(self, notes: Sequence[Note]) -> tuple[dict[int, list[Footnote]], list[tuple[Span, int]]]:
        """Footnotes by draft number: at their mark where it was found, else at what stands before them."""
        marks: dict[str, deque[tuple[int, int]]] = defaultdict(deque)
        for number, draft in enumerate(self.drafts):
            for label, offset in draft.marks:
                marks[label].append((number, offset))
        for number, label in self.heading_marks:
            marks[label].append((min(number, len(self.drafts) - 1), 0))
        starts = [draft.spans[0][0] for draft in self.drafts]
        placed: dict[int, list[Footnote]] = {}
        pieces: list[tuple[Span, int]] = []
        for note in notes:
            if marks[note.label]:
                number, offset = marks[note.label].popleft()
            else:
                number = max(0, bisect_left(starts, note.spans[0][0]) - 1)
                offset = len(self.drafts[number].text) if self.drafts else 0
                self.warnings.append(f"footnote {note.label} could not be linked to a mark")
            placed.setdefault(number, []).append(Footnote(note.label, note.text, offset))
            pieces += [(span, number) for span in note.spans]
        return placed, pieces


def _opens_item(item: Item, unfinished: str) -> bool:
    """Whether a block is a list item; a number within an unfinished sentence only when it is the next one."""
    if item.ordinal is None or item.ordinal.scheme not in (*LISTING, "arabic", "decimal"):
        return False
    if not unfinished or is_listed(item) or item.ordinal.value == 1:
        return True
    above = [parse_ordinal(line) for line in unfinished.split("\n")]
    return any(label is not None and label.value == item.ordinal.value - 1 for label in above)


def _breaks_off(text: str, item: Item) -> bool:
    """Whether a paragraph's text goes on in the next block, cut by a page break or a stray line end.

    Of two short lines neither of which is finished (the names of a list, the entries of a table of
    sorts) none is the rest of the other.
    """
    if is_terminal(text) or item.block.complete:
        return False
    last = text.rsplit("\n", 1)[-1]
    if item.heading_like and columns(last) < _SHORT_COLUMNS and last[-1:] not in "，,、":
        return not text
    if last != text and columns(last) < _TITLE_COLUMNS and parse_ordinal(last) is None:
        return False
    return bool(re.search(r"[，。；：]", text)) or len(text) > 40 or not text


def _ends_clause(text: str) -> bool:
    return is_terminal(text) or text.endswith(("，", ","))


def _path_name(path: str) -> str:
    """A path as people write it: ``2(a)(二)`` is an agenda item, ``一.A`` a section."""
    if re.fullmatch(r"\d+(?:\([^)]+\))*", path):
        return f"项目{path}"
    if re.fullmatch(r"[一二三四五六七八九十]+(?:[.(].*)?", path):
        return f"第{path}节"
    # The slash of a resolution number stays: 第1/2号决议，附件.
    return re.sub(r"(?<!\d)/|/(?!\d)", "，", path)


def _path_label(path: str, count: int) -> str:
    if path.endswith(("条", "條")):
        return f"{_path_name(path)}第{count}款"
    return f"{_path_name(path)}，第{count}段" if path else f"第{count}段（未编号）"
