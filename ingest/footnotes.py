"""Footnotes of plain text: taken out of the running text and linked to their marks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from ingest.blocks import Note
from ingest.furniture import Line, is_rule
from ingest.inline import clean_inline, columns, is_terminal, join
from ingest.joining import Draft
from ingest.linestyle import LineStyle, trim

_NOTE_SUP = re.compile(
    r"\s*(?:<sup>\s*([^<>\s]{1,4})\s*</sup>|\[\^([^\]\s]{1,8})\]:|\$\^\{?([^$^{}\s]{1,3})\}?\$)\s*(?=\S)",
    re.IGNORECASE,
)
_NOTE_RAISED = re.compile(r"\s*([⁰¹²³⁴-⁹]{1,3})\s*(?=\S)")
_NOTE_PLAIN = re.compile(r"\s*(\d{1,3}|\\?\*{1,3}|[a-z])[\s\u3000]+(?=\S)")
# Glued to its text: only after a rule, and not when the number counts something (5个国家).
_NOTE_GLUED = re.compile(
    r"\s*(\d{1,3})(?=[一-鿿《A-Za-z])(?![年月日号號个個名次项項条條章节節段國国人天届屆种種位份])"
)
_NOTE_BRACKET = re.compile(r"\s*(\[\d{1,3}\]|［\d{1,3}］)\s*(?=\S)")
_NOTE_STAR = re.compile(r"\s*((?:\\?\*){1,3})\s*(?=\S)")
_NOTE_WORDS = re.compile(
    r"(?:见|参见|同上|同前|可查阅|可在|https?://|www\.|[A-Z]+/|《|大会|本文件|本报告|凡提及|联合国)"
)

_BOLD_START = re.compile(r"\*\*[^\s*][^*]*\*\*")
_ITALIC_LINE = re.compile(r"\*[^\s*][^*]*\*")
_EMPHASIS = re.compile(r"\*\*[^*]+\*\*|^\s*\*[^\s*][^*]*\*\s*$")
# A note that goes on in the next line even where other lines are not wrapped: a broken address or sentence.
_BROKEN_OFF = re.compile(r"(?:https?://|www\.)[\x21-\x7e]*[/_=&?-]$|[，、（《“第]$")


def _note_label(match: re.Match[str]) -> str:
    label = next(group for group in match.groups() if group)
    return unicodedata.normalize("NFKC", label).replace("\\", "")


# A footnote stands at most so many lines below its mark, or, gathered at the end of a text, so many.
_PAGE_LINES = 40
_GATHERED_LINES = 1000
# How many footnotes before one may be missing (lost in conversion) for it still to be taken for one.
_MAX_LOST = 5


def _expected(label: str, last: int, lines: Sequence[Line], index: int) -> bool:
    """Whether a footnote label is the next one; numbering may start anew on a page.

    Right under a rule, footnotes before it may be missing too (an excerpt, a lost page) if its mark
    stands in the text above.
    """
    if not label.isdigit() or int(label) in (last + 1, 1):
        return True
    above = next((line for line in reversed(lines[:index]) if line.bare), None)
    lost = last == 0 or last < int(label) <= last + _MAX_LOST
    return lost and above is not None and is_rule(above) and _has_glued_mark(lines, index, label)


def _has_glued_mark(lines: Sequence[Line], index: int, label: str) -> bool:
    """Whether a digit that may be the mark of a footnote is glued to the text above it."""
    above = "".join(line.bare for line in lines[max(0, index - 60) : index])
    return bool(re.search(rf"[一-鿿。，、；：”》）](?<!第){label}(?![\d年月日号个次])", above))


def collect_notes(
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
        while (entry := _next_entry(lines, index, named, last, after_rule)) is not None:
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
    return _next_entry(lines, index + 1, named, last, True) is not None


def _next_entry(
    lines: Sequence[Line], index: int, named: dict[int, str], last: int, after_rule: bool
) -> tuple[int, str, int] | None:
    """Line, label and text offset of a footnote that begins at the next non-blank line, if one does."""
    while index < len(lines) and (not lines[index].bare or index in named):
        index += 1
    if index >= len(lines):
        return None
    text = lines[index].text
    if match := _NOTE_SUP.match(text) or _NOTE_RAISED.match(text):
        return index, _note_label(match), match.end()
    if (match := _NOTE_BRACKET.match(text)) and _is_bracketed_above(lines, index, match[1]):
        return index, match[1], match.end()
    for pattern in (_NOTE_PLAIN, _NOTE_GLUED) if after_rule else ():
        if (match := pattern.match(text)) and _expected(_note_label(match), last, lines, index):
            return index, _note_label(match), match.end()
    if (match := _NOTE_STAR.match(text)) and (after_rule or _star_is_marked(lines, index, match)):
        return index, _note_label(match), match.end()
    if not after_rule and (match := _NOTE_PLAIN.match(text)) and _is_unruled_note(lines, index, match, last):
        return index, _note_label(match), match.end()
    return None


def _is_bracketed_above(lines: Sequence[Line], index: int, label: str) -> bool:
    """Whether a bracketed number that opens a line stands in the text above as a mark too."""
    return any(line.text.find(label) > 0 for line in lines[max(0, index - _GATHERED_LINES) : index])


def _star_is_marked(lines: Sequence[Line], index: int, match: re.Match[str]) -> bool:
    """Whether an asterisk note answers an asterisk in a line above; a list bullet does not."""
    label = _note_label(match)
    if _ITALIC_LINE.fullmatch(lines[index].bare) or _BOLD_START.match(lines[index].bare):
        return False
    if lines[index].text.lstrip().startswith("* ") and re.search(
        r"^\s*[*+-] ", "\n".join(above.text for above in lines[max(0, index - 3) : index]), re.M
    ):
        return False
    reach = _GATHERED_LINES if _NOTE_WORDS.match(lines[index].text[match.end() :]) else _PAGE_LINES
    above = [line.text for line in lines[max(0, index - reach) : index] if not is_rule(line)]
    mark = re.compile(r"[^\s*]\\?" + re.escape(label) + r"(?!\*)")
    return any(mark.search(_EMPHASIS.sub("", text)) for text in above)


def _is_unruled_note(lines: Sequence[Line], index: int, match: re.Match[str], last: int) -> bool:
    """A footnote without a rule: the expected number, a glued mark above, and a note's way of beginning."""
    label = _note_label(match)
    if not label.isdigit() or int(label) != last + 1:
        return False
    if not _NOTE_WORDS.match(lines[index].text[match.end() :]):
        return False
    return _has_glued_mark(lines, index, label)


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
    spans = [trim(first)]
    number = int(label) if label.isdigit() else last
    index = start + 1
    current = first
    while index < len(lines) and not _note_ended(current, text, style):
        line = lines[index]
        if line.bare and index not in named:
            if is_rule(line) or line.bare.startswith("#") or _starts_anew(lines, index, text, named, number):
                break
            text = join(text, clean_inline(line.bare)[0], style.spaced)
            spans.append(trim(line))
            current = line
        index += 1
    return index, Note(label, text, tuple(spans))


def _starts_anew(lines: Sequence[Line], index: int, text: str, named: dict[int, str], last: int) -> bool:
    """Whether the next footnote begins at a line; a number in mid-sentence (第 / 3至5段) begins none."""
    entry = _next_entry(lines, index, named, last, True)
    if entry is None or entry[0] != index or text.endswith("第"):
        return False
    glued = lines[index].text[entry[2] - 1].isdigit()
    return is_terminal(text) or not glued


def _note_ended(line: Line, text: str, style: LineStyle) -> bool:
    """Whether a line is known to be a footnote's last, from its width and how its text ends."""
    if style.wrap is None:
        return not _BROKEN_OFF.search(text)
    if style.end_space:
        return line.text.endswith(" ") and (is_terminal(text) or columns(line.bare) < 0.9 * style.wrap)
    # Footnotes are set smaller, so their lines may be wider than the text's.
    return is_terminal(text) or columns(line.bare) < 0.6 * style.wrap


def link_glued_marks(drafts: list[Draft], notes: Sequence[Note]) -> list[str]:
    """Find in the text the marks of footnotes that have no marked-up reference, and take them out.

    A footnote's mark stands between the previous footnote's mark and the footnote itself; glued to
    the text it is a digit after a Chinese character or punctuation ("语言版本。72016 年" hides a 7).
    """
    warnings: list[str] = []
    marked: dict[str, list[tuple[int, int]]] = {}
    for number, draft in enumerate(drafts):
        for mark in draft.marks:
            marked.setdefault(mark.label, []).append((number, mark.offset))
    at_draft, at_offset = 0, 0
    for note in notes:
        if note.label in marked and not note.label.isdigit():
            continue
        known = next((place for place in marked.get(note.label, ()) if place[0] >= at_draft), None)
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


def _find_glued(drafts: list[Draft], note: Note, first: int, offset: int) -> tuple[int, int] | None:
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
