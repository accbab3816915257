"""Page furniture in plain text: running headers, page numbers, job numbers, injected link lists."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.inline import columns, is_terminal

SYMBOL = re.compile(
    r"(?:(?:A|S|E|ST|CAC|CTOC|CEDAW|CCPR|CERD|CRC|CAT|CRPD|CMW|DP|FCCC|HRI|HSP|ICCD|JIU|LOS|NPT|TD|UNEP|UNW"
    r"|IT|SC|ID|[一-鿿]{2,6})/(?:[A-Za-z0-9.()-]+/)*[A-Za-z0-9.()-]*\d[A-Za-z0-9.()-]*)"
)
_MASTHEAD = re.compile(r"\*\d{7}\*|请回收.{0,2}|請回收.{0,2}|Please recycle.{0,2}")
_CONTENTS_HEAD = re.compile(r"(?:章次|段次|页次|頁次|页码|\s)+")
# An entry of a table of contents: dot leaders, or after the word 目录 a line that ends with a page number.
_LEADERS = re.compile(r".*(?:\.{4,}|…{2,}|·{4,}|(?:\.\s){4,}).*\d{1,4}")
_CONTENTS_ENTRY = re.compile(r".+\s\d{1,4}(?:\s?[-–—]\s?\d{1,4})?(?:\s+\d{1,4})?")
JOB_NUMBER = re.compile(
    r"(?:[A-Z]{1,3}[.．])?\s?\d{2}-\d{5,6}(?:\s*\([A-Z]\))?(?:\s+(?:\d{1,4}/\d{1,4}|\d{1,3}|\d{6}(?:\s+\d{6})*))?"
)
PAGE_NUMBER = re.compile(
    r"[\[({<=*#—–\- ]*(?:(?:[Pp]age|PAGE)\s?\d{1,4}(?:\s?(?:of|/)\s?\d{1,4})?"
    r"|第\s?\d{1,4}\s?[页頁](?:\s?[/，,]?\s?共\s?\d{1,4}\s?[页頁])?)[\])}>=*#—–\- ]*"
    r"|\{\d{1,4}\}-{5,}|\d{1,4}\s?/\s?\d{1,4}|[-–—]\s?\d{1,4}\s?[-–—]"
    r"|\d{1,4}(?:/\d{1,4})?\s+(?:[A-Z]{1,2}\.)?\d{2}-\d{5}"
)
_NUMBER = re.compile(r"\d{1,4}")
_BARE_URL = re.compile(r"https?://[\x21-\x7e]+")
_RULE = re.compile(r"[_＿]{5,}|[─—–]{3,}|-{5,}|\*\s?\*\s?\*|={5,}")


@dataclass(frozen=True, slots=True)
class Line:
    """One source line: offsets without its line end, its page, and whether a form feed opened it."""

    text: str
    start: int
    end: int
    page: int | None = None

    @property
    def bare(self) -> str:
        """The line without surrounding white space."""
        return self.text.strip()


def split_lines(text: str) -> list[Line]:
    """The non-blank and blank lines of a text with their offsets; form feeds count pages from 1."""
    paged = "\f" in text
    lines: list[Line] = []
    position, page = 0, 1
    for raw in text.split("\n"):
        for part_index, part in enumerate(raw.split("\f")):
            if part_index:
                page += 1
                position += 1
            lines.append(Line(part, position, position + len(part), page if paged else None))
            position += len(part)
        position += 1
    return lines


def is_rule(line: Line) -> bool:
    """Whether the line is a drawn rule (``____``, ``———``), which opens footnotes or ends a part."""
    return bool(_RULE.fullmatch(line.bare)) or line.bare in ("---", "***")


def find_furniture(lines: Sequence[Line]) -> tuple[dict[int, str], str | None]:
    """Line index -> name of the furniture it is, and the document's own symbol where a header shows it."""
    found: dict[int, str] = {}
    for index, line in enumerate(lines):
        if _MASTHEAD.fullmatch(line.bare):
            found[index] = "masthead"
        elif _LEADERS.fullmatch(line.bare):
            found[index] = "table of contents"
        elif JOB_NUMBER.fullmatch(line.bare):
            found[index] = "job number"
        elif PAGE_NUMBER.fullmatch(line.bare) and not _looks_like_date(line.bare):
            found[index] = "page number"
    found.update(_contents(lines))
    found.update(_lone_numbers(lines, found))
    symbol = _own_symbol(lines, found)
    found.update(_running_lines(lines, found, symbol))
    found.update(_link_echoes(lines))
    return found, symbol


def _contents(lines: Sequence[Line]) -> dict[int, str]:
    """The lines of a table of contents: from the word 目录 on, as long as they end with page numbers."""
    start = next((i for i, line in enumerate(lines) if re.fullmatch(r"#*\s*目\s*[录錄次]", line.bare)), None)
    if start is None:
        return {}
    found, entries = {start: "table of contents"}, 0
    for index in range(start + 1, len(lines)):
        bare = lines[index].bare
        if not bare:
            continue
        if _LEADERS.fullmatch(bare) or _CONTENTS_ENTRY.fullmatch(bare):
            entries += 1
        elif not _CONTENTS_HEAD.fullmatch(bare):
            break
        found[index] = "table of contents"
    return found if entries >= 2 else {}


def _looks_like_date(bare: str) -> bool:
    return bool(re.fullmatch(r"(?:19|20)\d\d\s?/\s?\d{1,2}", bare))


def _neighbour(lines: Sequence[Line], index: int, step: int) -> int | None:
    """Index of the nearest non-blank line in a direction; None at the edge of the text."""
    index += step
    while 0 <= index < len(lines):
        if lines[index].bare:
            return index
        index += step
    return None


def _at_page_edge(lines: Sequence[Line], index: int, found: dict[int, str]) -> bool:
    """Whether the line touches other furniture, the edge of a page, or interrupts a sentence."""
    before, after = _neighbour(lines, index, -1), _neighbour(lines, index, 1)
    if before in found or after in found:
        return True
    page = lines[index].page
    if page is not None and (
        before is None or after is None or lines[before].page != page or lines[after].page != page
    ):
        return True
    if before is None or after is None or columns(lines[before].bare) < 40:
        return False
    # A line inside a wrapped paragraph is as long as the one before it; a header is short.
    short = columns(lines[index].bare) < 0.7 * columns(lines[before].bare)
    label = re.match(r"[（(]?[\da-zA-Z一二三四五六七八九十]{1,3}[)）.．、]", lines[after].bare)
    return short and not is_terminal(lines[before].bare) and not label


def _lone_numbers(lines: Sequence[Line], found: dict[int, str]) -> dict[int, str]:
    """Lines that are only a number are page numbers when they count upwards at page edges."""
    lone = [
        i for i, line in enumerate(lines) if _NUMBER.fullmatch(line.bare) and _at_page_edge(lines, i, found)
    ]
    values = [int(lines[i].bare) for i in lone]
    if len(values) >= 2 and all(a < b for a, b in pairwise(values)):
        return dict.fromkeys(lone, "page number")
    return {
        i: "page number"
        for i in lone
        if _neighbour(lines, i, -1) in found or _neighbour(lines, i, 1) in found
    }


def _own_symbol(lines: Sequence[Line], found: dict[int, str]) -> str | None:
    """The symbol that stands alone on a line at a page edge or, more than once, anywhere."""
    alone = [(i, line.bare) for i, line in enumerate(lines) if SYMBOL.fullmatch(line.bare)]
    counts = Counter(symbol for _, symbol in alone)
    at_edge = Counter(symbol for i, symbol in alone if _at_page_edge(lines, i, found))
    if at_edge:
        return at_edge.most_common(1)[0][0]
    repeated = [symbol for symbol, count in counts.most_common(1) if count > 1]
    if repeated:
        return repeated[0]
    first = next((symbol for i, symbol in alone if sum(bool(line.bare) for line in lines[:i]) < 12), None)
    return first


def _running_lines(lines: Sequence[Line], found: dict[int, str], symbol: str | None) -> dict[int, str]:
    """Headers and footers: short lines that recur at page edges, and the document's own symbol."""
    headers: dict[int, str] = {}
    groups: dict[str, list[int]] = {}
    for index, line in enumerate(lines):
        if (
            line.bare
            and index not in found
            and not is_rule(line)
            and len(line.bare) <= 60
            and not is_terminal(line.bare)
        ):
            groups.setdefault(re.sub(r"\d+", "0", re.sub(r"\s+", "", line.bare)), []).append(index)
    known = dict(found)
    for indices in groups.values():
        edges = [i for i in indices if _at_page_edge(lines, i, known)]
        own = symbol is not None and symbol == lines[indices[0]].bare
        if own:
            # The first occurrence may be the cover's; every one is furniture once the symbol is known.
            chosen = indices
        elif (
            len(indices) >= 2
            and len(edges) >= max(2, 0.6 * len(indices))
            and not _is_heading_word(lines[indices[0]])
        ):
            chosen = edges
        else:
            continue
        headers.update(dict.fromkeys(chosen, "running header"))
        known.update(dict.fromkeys(chosen, "running header"))
    return headers


def _is_heading_word(line: Line) -> bool:
    return line.bare.startswith("#") or bool(
        re.match(r"[（(]?[一二三四五六七八九十A-Za-z\d]{1,3}[)）.．、]", line.bare)
    )


def _link_echoes(lines: Sequence[Line]) -> dict[int, str]:
    """Bare URLs on a line of their own that repeat an address or symbol already printed in the text.

    Some converters dump the link targets of a page at its end, in the middle of a paragraph.
    """
    echoes: dict[int, str] = {}
    seen = ""
    for index, line in enumerate(lines):
        if _BARE_URL.fullmatch(line.bare) and line.bare[-1] not in "。，":
            target = re.sub(r"^https?://(?:(?:dx\.)?undocs\.org/(?:[a-z]{2}/)?)?(?:www\.)?", "", line.bare)
            neighbours = {_neighbour(lines, index, -1), _neighbour(lines, index, 1)}
            if "undocs.org" in line.bare or neighbours & set(echoes) or (target and target in seen):
                echoes[index] = "link list"
                continue
        seen = (seen + re.sub(r"\s+", "", line.bare))[-6000:]
    return echoes
