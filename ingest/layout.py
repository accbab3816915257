"""Plain text and Markdown -> blocks: hard-wrapped lines joined, furniture and footnotes taken out.

The same code serves clean files (a line is a paragraph) and PDF text layers (a paragraph is many
lines, interrupted by footnotes and page furniture); what a file is, is measured from its lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ingest.blocks import Block, Furniture, Layout, Mark, Note, Span
from ingest.furniture import Line, find_furniture, is_rule, split_lines
from ingest.inline import clean_inline, columns, is_spaced, is_terminal, join
from ingest.ordinals import Ordinal, parse_ordinal


@dataclass(frozen=True, slots=True)
class LineStyle:
    """What was measured of a file's lines.

    ``wrap``: width in columns to which the text is hard-wrapped, None when a line is a paragraph.
    ``end_space``: paragraphs end with a space before the line end, wrapped lines do not (as in PDF
    text layers). ``blank_separates``: blank lines stand between paragraphs only.
    """

    wrap: int | None
    end_space: bool
    blank_separates: bool
    spaced: bool


def measure(lines: Sequence[Line], text: str) -> LineStyle:
    """The line style of a file, from the distribution of its line widths and line ends."""
    widths = sorted(columns(line.bare) for line in lines if line.bare)
    wrap: int | None = None
    if len(widths) >= 6:
        candidate = widths[int(0.9 * (len(widths) - 1))]
        near = [w for w in widths if 0.85 * candidate <= w <= 1.12 * candidate]
        if 36 <= candidate <= 130 and len(near) >= 0.4 * len(widths) and widths[-1] <= 1.6 * candidate:
            wrap = candidate
    if wrap is None:
        return LineStyle(None, False, True, is_spaced(text))
    full_at = [
        i for i, line in enumerate(lines) if columns(line.bare) >= 0.85 * wrap and not is_terminal(line.bare)
    ]
    short = [
        line for line in lines if line.bare and columns(line.bare) < 0.75 * wrap and is_terminal(line.bare)
    ]
    spaces_at_full = sum(lines[i].text.endswith(" ") for i in full_at)
    spaces_at_short = sum(line.text.endswith(" ") for line in short)
    end_space = spaces_at_full < 0.15 * max(1, len(full_at)) and spaces_at_short > 0.8 * len(short) > 0
    then_blank = sum(i + 1 < len(lines) and not lines[i + 1].bare for i in full_at)
    return LineStyle(wrap, end_space, then_blank < 0.2 * max(1, len(full_at)), is_spaced(text))


def ends_block(line: Line, text: str, style: LineStyle) -> bool:
    """Whether a source line, with its cleaned text, is known to be the last of its block."""
    width = columns(line.bare)
    if style.wrap is None:
        return is_terminal(text) or width < 60
    if style.end_space:
        return line.text.endswith(" ") and (is_terminal(text) or width < 0.9 * style.wrap)
    return width < 0.75 * style.wrap or (is_terminal(text) and width < 0.97 * style.wrap)


def lay_out(text: str) -> Layout:
    """The blocks, footnotes and page furniture of a plain text or Markdown document."""
    lines = split_lines(text)
    style = measure(lines, text)
    named, symbol = find_furniture(lines)
    notes, note_lines, rules = _collect_notes(lines, named, style)
    furniture = [Furniture(name, _trim(lines[i])) for i, name in sorted((named | rules).items())]
    body = [
        i
        for i, line in enumerate(lines)
        if line.bare and i not in named and i not in rules and i not in note_lines
    ]
    builder = _Joiner(lines, style)
    for index, following in zip(body, [*body[1:], None], strict=True):
        builder.add(index, following)
    drafts, table_rules = builder.finish()
    furniture += [Furniture("table rule", _trim(lines[i])) for i in table_rules]
    warnings = _link_glued_marks(drafts, notes)
    blocks = tuple(draft.block() for draft in drafts)
    repairs = _repairs(blocks, notes, furniture, style)
    return Layout(text, blocks, tuple(notes), tuple(furniture), repairs, tuple(warnings), symbol)


def _trim(line: Line) -> Span:
    lead = len(line.text) - len(line.text.lstrip())
    return line.start + lead, line.start + len(line.text.rstrip())


def _repairs(
    blocks: Sequence[Block], notes: Sequence[Note], furniture: Sequence[Furniture], style: LineStyle
) -> tuple[str, ...]:
    joined = sum(len(block.spans) - 1 for block in blocks)
    repairs = []
    if joined:
        what = f"wrapped at {style.wrap} columns" if style.wrap else "cut by page breaks"
        repairs.append(f"{joined} line breaks joined ({what})")
    if notes:
        repairs.append(f"{len(notes)} footnotes taken out of the text")
    if furniture:
        repairs.append(f"{len(furniture)} lines of page furniture removed")
    return tuple(repairs)


# --- footnotes -------------------------------------------------------------------------------------

_NOTE_SUP = re.compile(
    r"\s*(?:<sup>\s*([^<>\s]{1,4})\s*</sup>|\[\^([^\]\s]{1,8})\]:)\s*(?=\S)", re.IGNORECASE
)
_NOTE_PLAIN = re.compile(r"\s*(\d{1,3}|\\?\*{1,3}|[a-z])[\s\u3000]+(?=\S)")
_NOTE_STAR = re.compile(r"\s*((?:\\?\*){1,3})\s*(?=\S)")
_NOTE_WORDS = re.compile(
    r"(?:见|参见|同上|同前|可查阅|可在|https?://|www\.|[A-Z]+/|《|大会|本文件|本报告|凡提及|联合国)"
)


def _note_label(match: re.Match[str]) -> str:
    return next(group for group in match.groups() if group).replace("\\", "")


def _expected(label: str, last: int) -> bool:
    """Whether a footnote label is the next one; numbering may start anew on a page."""
    return int(label) in (last + 1, 1) if label.isdigit() else True


def _collect_notes(
    lines: Sequence[Line], named: dict[int, str], style: LineStyle
) -> tuple[list[Note], set[int], dict[int, str]]:
    """Footnotes, the indices of their lines, and the rules that opened them."""
    notes: list[Note] = []
    used: set[int] = set()
    rules: dict[int, str] = {}
    last, index = 0, 0
    while index < len(lines):
        line = lines[index]
        if not line.bare or index in named:
            index += 1
            continue
        after_rule = is_rule(line)
        if after_rule:
            rules[index] = "footnote rule" if _opens_notes(lines, index, named, last) else "rule"
            index += 1
            if rules[index - 1] == "rule":
                continue
        started = index
        while (entry := _next_entry(lines, index, named, last, after_rule, used)) is not None:
            start, label, offset = entry
            stop, note = _read_note(lines, start, label, offset, named, style, last)
            notes.append(note)
            used.update(i for i in range(start, stop) if lines[i].bare and i not in named)
            last = int(label) if label.isdigit() else last
            index = stop
        if index == started:
            index += 0 if after_rule else 1
    return notes, used, rules


def _opens_notes(lines: Sequence[Line], index: int, named: dict[int, str], last: int) -> bool:
    return _next_entry(lines, index + 1, named, last, True, set()) is not None


def _next_entry(
    lines: Sequence[Line], index: int, named: dict[int, str], last: int, after_rule: bool, used: set[int]
) -> tuple[int, str, int] | None:
    """Line, label and text offset of a footnote that begins at the next non-blank line, if one does."""
    while index < len(lines) and (not lines[index].bare or index in named):
        index += 1
    if index >= len(lines):
        return None
    text = lines[index].text
    if match := _NOTE_SUP.match(text):
        return index, _note_label(match), match.end()
    if after_rule and (match := _NOTE_PLAIN.match(text)) and _expected(_note_label(match), last):
        return index, _note_label(match), match.end()
    if (match := _NOTE_STAR.match(text)) and (after_rule or _star_is_marked(lines, index, match)):
        return index, _note_label(match), match.end()
    if not after_rule and (match := _NOTE_PLAIN.match(text)) and _is_unruled_note(lines, index, match, last):
        return index, _note_label(match), match.end()
    return None


def _star_is_marked(lines: Sequence[Line], index: int, match: re.Match[str]) -> bool:
    """Whether an asterisk note answers an asterisk in a line above; a list bullet does not."""
    label = _note_label(match)
    if lines[index].text.lstrip().startswith("* ") and re.search(
        r"^\s*[*+-] ", "\n".join(above.text for above in lines[max(0, index - 3) : index]), re.M
    ):
        return False
    above = [line.text for line in lines[max(0, index - 40) : index] if not is_rule(line)]
    return any(
        re.search(r"\S\\?" + re.escape(label) + r"(?!\*)", text) and not text.lstrip().startswith("**")
        for text in above
    )


def _is_unruled_note(lines: Sequence[Line], index: int, match: re.Match[str], last: int) -> bool:
    """A footnote without a rule: the expected number, a glued mark above, and a note's way of beginning."""
    label = _note_label(match)
    if not label.isdigit() or int(label) != last + 1:
        return False
    if not _NOTE_WORDS.match(lines[index].text[match.end() :]):
        return False
    above = "".join(line.bare for line in lines[max(0, index - 60) : index])
    return bool(re.search(rf"[一-鿿。，、；：”》）]{label}(?![\d年月日个次])", above))


def _read_note(
    lines: Sequence[Line],
    start: int,
    label: str,
    offset: int,
    named: dict[int, str],
    style: LineStyle,
    last: int,
) -> tuple[int, Note]:
    """A footnote from its first line to the line that ends it; returns the index after it and the note."""
    first = lines[start]
    text = clean_inline(first.text[offset:].strip())[0]
    spans = [_trim(first)]
    number = int(label) if label.isdigit() else last
    index = start + 1
    current = first
    while index < len(lines) and not _note_ended(current, text, style, named, index):
        line = lines[index]
        if line.bare and index not in named:
            fresh = _next_entry(lines, index, named, number, True, set())
            if is_rule(line) or (fresh and fresh[0] == index) or line.bare.startswith("#"):
                break
            text = join(text, clean_inline(line.bare)[0], style.spaced)
            spans.append(_trim(line))
            current = line
        index += 1
    return index, Note(label, text, tuple(spans))


def _note_ended(line: Line, text: str, style: LineStyle, named: dict[int, str], index: int) -> bool:
    if style.wrap is None:
        return True
    if style.end_space:
        return line.text.endswith(" ") and (is_terminal(text) or columns(line.bare) < 0.9 * style.wrap)
    # Footnotes are set smaller, so their lines may be wider than the text's.
    return is_terminal(text) or columns(line.bare) < 0.6 * style.wrap


# --- blocks ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Draft:
    """A block in the making; ``fragments`` map text offsets to source offsets, line by line."""

    text: str
    spans: list[Span]
    fragments: list[tuple[int, int]]
    marks: list[Mark] = field(default_factory=list)
    role: str = "text"
    level: int | None = None
    page: int | None = None
    last_line: Line | None = None
    complete: bool = False

    def offset_before(self, source_offset: int) -> int:
        """The text offset up to which the block stands before a source offset."""
        limit = 0
        for (text_offset, source), following in zip(
            self.fragments, [*self.fragments[1:], (len(self.text), 0)], strict=True
        ):
            if source < source_offset:
                limit = following[0]
            else:
                return min(limit, text_offset)
        return limit

    def remove(self, offset: int, label: str) -> None:
        """Take a glued footnote mark out of the text."""
        size = len(label)
        self.text = self.text[:offset] + self.text[offset + size :]
        self.fragments = [(t - size if t > offset else t, s) for t, s in self.fragments]
        self.marks = [Mark(m.label, m.offset - size if m.offset > offset else m.offset) for m in self.marks]
        self.marks.append(Mark(label, offset))

    def block(self) -> Block:
        role = self.role if self.role in ("heading", "row") else "text"
        marks = tuple(sorted(self.marks, key=lambda mark: mark.offset))
        return Block(self.text, tuple(self.spans), role, self.level, self.page, marks, self.complete)  # type: ignore[arg-type]


_HEADING = re.compile(r"\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_BULLET = re.compile(r"(\s*)([-+•·●○▪]|\*(?=\s))\s+(?=\S)")
_TABLE_RULE = re.compile(r"\s*\|?[\s:|\-—]*-{2,}[\s:|\-—]*\|?\s*")
_BOLD_LINE = re.compile(r"\*\*[^*]+\*\*")


# Verbs that open the preambular clauses of a resolution; each clause ends with a comma.
_PREAMBULAR = re.compile(
    r"(?:又|还|還|并|也|再次|再|进一步|深为|特别|严重|深切)*(?:回顾|回顧|铭记|銘記|考虑到|认识到|意识到|强调|重申|注意到|关切|欢迎"
    r"|赞赏|满意|深信|确信|承认|忆及|感谢|决心|希望|鉴于|确认|念及|遗憾|震惊|审议了|收到了|听取了|按照|根据)"
)


class _Joiner:
    """Feeds on the body lines in order and decides for each whether it opens a block or continues one."""

    def __init__(self, lines: Sequence[Line], style: LineStyle) -> None:
        self.lines = lines
        self.style = style
        self.drafts: list[_Draft] = []
        self.table_rules: list[int] = []
        self.previous: int | None = None
        self.last_arabic = 0

    def finish(self) -> tuple[list[_Draft], list[int]]:
        return self.drafts, self.table_rules

    def add(self, index: int, following: int | None) -> None:
        """Take the next body line; ``following`` is the index of the one after it."""
        line = self.lines[index]
        if "|" in line.text and _TABLE_RULE.fullmatch(line.text):
            self.table_rules.append(index)
            return
        if match := _HEADING.match(line.text):
            self._open(line, match[2], "heading", len(match[1]), complete=True)
        elif cells := _row_cells(line):
            self._open(line, "\t".join(cells), "row", complete=True)
        else:
            self._add_text(index, line, following)
        self.previous = index

    def _add_text(self, index: int, line: Line, following: int | None) -> None:
        raw, level = line.text, None
        bullet = _BULLET.match(raw)
        if bullet and (self.style.wrap is None or bullet[2] in "-+*•●▪"):
            raw, level = raw[bullet.end() :], len(bullet[1])
        text, _ = clean_inline(raw.strip())
        ordinal = parse_ordinal(text)
        if bullet or self._opens(index, line, text, ordinal) or self._is_heading_line(line, text, following):
            role = "heading" if _BOLD_LINE.fullmatch(line.bare) and not is_terminal(text) else "text"
            indent = len(line.text) - len(line.text.lstrip()) if level is None else level
            self._open(line, raw, role, indent)
            if ordinal and ordinal.scheme == "arabic":
                self.last_arabic = ordinal.value
        else:
            self._continue(line)

    def _opens(self, index: int, line: Line, text: str, ordinal: Ordinal | None) -> bool:
        if not self.drafts or self.drafts[-1].complete or self.previous is None:
            return True
        draft, before = self.drafts[-1], self.drafts[-1].last_line
        ended = before is None or ends_block(before, draft.text, self.style) or self._parted(index, draft)
        if ordinal is not None:
            expected = ordinal.scheme == "arabic" and ordinal.value == self.last_arabic + 1
            listed = (
                ordinal.scheme in ("letter", "paren_chinese", "roman")
                and draft.text.rstrip()[-1:] in "；;：:，,、和及或"
            )
            return ended or expected or listed
        if not ended and _indented(line) and is_terminal(draft.text):
            return True
        return ended or (draft.text[-1:] in "，," and bool(_PREAMBULAR.match(text)))

    def _is_heading_line(self, line: Line, text: str, following: int | None) -> bool:
        """A short unfinished line between a finished sentence and a numbered line is a heading.

        The finished sentence may fill its line to the last column, so that width says nothing.
        """
        wrap = self.style.wrap
        if wrap is None or following is None or not is_terminal(self.drafts[-1].text):
            return False
        after = parse_ordinal(clean_inline(self.lines[following].bare)[0])
        opener = after is not None and after.scheme in ("arabic", "capital", "chinese", "decimal")
        return (
            opener and columns(line.bare) < 0.75 * wrap and not is_terminal(text) and text[-1:] not in "，,、"
        )

    def _parted(self, index: int, draft: _Draft) -> bool:
        """A blank line that parts paragraphs, where blank lines mean that and no page break explains it."""
        if self.style.wrap is None or not self.style.blank_separates or self.previous is None:
            return False
        between = self.lines[self.previous + 1 : index]
        only_blank = bool(between) and all(not line.bare for line in between)
        same_page = self.lines[self.previous].page == self.lines[index].page
        return only_blank and same_page and (is_terminal(draft.text) or _short(draft, self.style))

    def _open(
        self, line: Line, raw: str, role: str, level: int | None = None, complete: bool = False
    ) -> None:
        text, marks = clean_inline(raw.strip())
        if role == "row":
            text, marks = clean_inline(raw)
        self.drafts.append(
            _Draft(
                text, [_trim(line)], [(0, line.start)], list(marks), role, level, line.page, line, complete
            )
        )

    def _continue(self, line: Line) -> None:
        draft = self.drafts[-1]
        tail, marks = clean_inline(line.bare)
        joined = join(draft.text, tail, self.style.spaced)
        offset = len(joined) - len(tail)
        draft.marks += [Mark(mark.label, mark.offset + offset) for mark in marks]
        draft.text = joined
        draft.fragments.append((offset, line.start))
        draft.spans.append(_trim(line))
        draft.last_line = line


def _short(draft: _Draft, style: LineStyle) -> bool:
    return draft.last_line is not None and columns(draft.last_line.bare) < 0.8 * (style.wrap or 0)


def _indented(line: Line) -> bool:
    return line.text.startswith(("\u3000\u3000", "    ", "\t"))


def _row_cells(line: Line) -> list[str] | None:
    """The cells of a table row written with tabs or pipes; None for other lines."""
    if line.bare.startswith("|") and line.bare.count("|") >= 2:
        return [cell.strip() for cell in line.bare.strip("|").split("|")]
    if "\t" in line.text.rstrip() and not re.match(r"\s*\d{1,3}[.．、]\t", line.text):
        if line.text.startswith("\t") and line.text.strip().count("\t") == 0:
            return None
        return [cell.strip() for cell in line.text.rstrip("\n").split("\t")]
    return None


# --- footnote marks glued to the text ----------------------------------------------------------------


def _link_glued_marks(drafts: list[_Draft], notes: Sequence[Note]) -> list[str]:
    """Find in the text the marks of footnotes that have no marked-up reference, and take them out.

    A footnote's mark stands between the previous footnote's mark and the footnote itself; glued to
    the text it is a digit after a Chinese character or punctuation ("语言版本。72016 年" hides a 7).
    """
    warnings: list[str] = []
    marked = {(mark.label) for draft in drafts for mark in draft.marks}
    at_draft, at_offset = 0, 0
    for note in notes:
        if note.label in marked and not note.label.isdigit():
            continue
        known = _find_marked(drafts, note, at_draft)
        if known is not None:
            at_draft, at_offset = known
            continue
        place = _find_glued(drafts, note, at_draft, at_offset)
        if place is None:
            warnings.append(f"footnote {note.label}: its mark was not found in the text")
            continue
        at_draft, at_offset = place
        drafts[at_draft].remove(at_offset, note.label)
    return warnings


def _find_marked(drafts: list[_Draft], note: Note, first: int) -> tuple[int, int] | None:
    for number in range(first, len(drafts)):
        for mark in drafts[number].marks:
            if mark.label == note.label:
                return number, mark.offset
    return None


def _find_glued(drafts: list[_Draft], note: Note, first: int, offset: int) -> tuple[int, int] | None:
    """Draft and text offset of the likeliest glued mark; the best score wins, the latest among equals."""
    position = note.spans[0][0]
    best: tuple[float, int, int] | None = None
    for number in range(first, len(drafts)):
        draft = drafts[number]
        if draft.spans[0][0] > position:
            break
        limit = draft.offset_before(position)
        start = offset if number == first else 0
        for match in re.finditer(re.escape(note.label), draft.text[:limit]):
            score = _mark_score(draft.text, match.start(), note.label) if match.start() >= start else 0.0
            if score > 0 and (best is None or (score, number, match.start()) >= best):
                best = score, number, match.start()
    return None if best is None else best[1:]


_YEAR = re.compile(r"(?:19|20)\d\d\s?(?:年|[-–—至]|/)")
_NUMBER_AFTER = re.compile(r"[1-9]\d{0,2}\s[一-鿿]")
_COUNTED = "年月日号號个個名次项項条條章节節段國国人天届屆种種位份%％./-–:：,"


def _mark_score(text: str, start: int, label: str) -> float:
    """How likely the label at ``start`` is a footnote mark: 0 impossible, 1 weak, up to 3 certain."""
    before, after = text[start - 1 : start], text[start + len(label) :]
    if not before or before.isdigit() or before.isspace() or before in "第/.-–—(（,":
        return 0.0
    if not label.isdigit():
        return 2.0 if not before.isascii() or before == ")" else 0.0
    if after[:1].isdigit():
        # Glued to a number: certain before a year (72016 年), a guess before any other number.
        if before not in "。，；：”》）":
            return 0.0
        return 3.0 if _YEAR.match(after) else 0.5 if _NUMBER_AFTER.match(after) else 0.0
    if after[:1] and after[:1] in _COUNTED:
        return 0.0
    if before in "。，、；：”’》）】" or after[:1] in ("。", "，", "、", "；", "："):
        return 3.0
    return 2.0 if not before.isascii() else 1.0
