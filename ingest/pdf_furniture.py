"""Page furniture of PDF pages: what repeats at one height of several pages, or numbers them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from ingest.furniture import JOB_NUMBER, PAGE_NUMBER, SYMBOL
from ingest.inline import columns, is_terminal
from ingest.ordinals import parse_ordinal
from ingest.pdf_lines import GAP, PageLine
from ingest.pdf_pages import PdfPage

# The job number with its dates and bar code on a first page, and the recycling line below it.
_IMPRINT = re.compile(
    r"(?:[A-Z]{1,3}[.．])?\s?\d{2}-\d{5,6}[\s\d()A-Z*/]*|\*\d{6,9}\*|请回收\W{0,3}|請回收\W{0,3}"
)


def find_furniture(pages: Sequence[PdfPage]) -> tuple[dict[PageLine, str], str | None]:
    """Lines at page edges that repeat at one height or number the pages; and the symbol among them."""
    found: dict[PageLine, str] = {}
    for top in (True, False):
        edges = {page.number: _edge(page, top) for page in pages}
        repeated = _repeated(pages, edges)
        for page in pages:
            edge = edges[page.number]
            for at, line in enumerate(edge):
                apart = at + 1 == len(edge) or abs(line.base - edge[at + 1].base) > 1.9 * line.size
                name = _furniture_name(line, page, top, repeated, apart)
                if name is None:
                    break
                found[line] = name
    if len(pages) == 1:
        found |= _lone_header(pages[0])
    symbol = _symbol(pages, found)
    if symbol and pages:
        for line in _edge(pages[0], True)[:2]:
            rest = line.bare.replace(symbol, "")
            if symbol in line.bare and len(re.sub(r"\s", "", rest)) <= 8:
                found.setdefault(line, "running header")
    return found, symbol


def _lone_header(page: PdfPage) -> dict[PageLine, str]:
    """On a single page nothing repeats: a small line at the very top, apart from the text, is a header."""
    edge = _edge(page, True)
    if len(edge) < 2:
        return {}
    first, second = edge[:2]
    small = first.size < 0.93 * second.size and columns(first.bare) <= 80
    apart = first.base > 0.93 * page.height and first.base - second.base > 2.5 * second.size
    return {first: "running header"} if small and apart else {}


def _edge(page: PdfPage, top: bool) -> list[PageLine]:
    """The three outermost lines of a page, the outermost first."""
    lines = [line for line in page.lines if line.row is None and line.bare]
    return sorted(lines, key=lambda line: -line.base if top else line.base)[:3]


def _shape(line: PageLine) -> str:
    return re.sub(r"\d+", "0", re.sub(r"\s+", "", line.bare))


def _repeated(pages: Sequence[PdfPage], edges: dict[int, list[PageLine]]) -> set[tuple[str, int]]:
    """Shapes of text and rounded heights that occur on more than one page."""
    heights: dict[str, list[float]] = defaultdict(list)
    for page in pages:
        for line in edges[page.number]:
            heights[_shape(line)].append(line.base)
    repeated: set[tuple[str, int]] = set()
    for shape, bases in heights.items():
        for base in bases:
            if sum(abs(base - other) <= 4 for other in bases) > 1:
                repeated.add((shape, round(base)))
    return repeated


def _furniture_name(
    line: PageLine, page: PdfPage, top: bool, repeated: set[tuple[str, int]], apart: bool
) -> str | None:
    outer = line.base > 0.8 * page.height if top else line.base < 0.2 * page.height
    if not outer:
        return None
    text = re.sub(r"\s+", " ", line.bare.replace(GAP, " "))
    if PAGE_NUMBER.fullmatch(text) or JOB_NUMBER.fullmatch(text) or _IMPRINT.fullmatch(text):
        return "page number" if PAGE_NUMBER.fullmatch(text) else "job number"
    again = (_shape(line), round(line.base)) in repeated
    if text.isdigit() and (again or int(text) == page.number):
        return "page number"
    sentence = is_terminal(text) or parse_ordinal(text) is not None
    if again and not sentence and (apart or columns(text) <= 60):
        return "running header" if top else "running footer"
    return None


def _symbol(pages: Sequence[PdfPage], furniture: dict[PageLine, str]) -> str | None:
    seen = Counter(match[0] for line in furniture if (match := SYMBOL.search(line.bare)))
    if seen:
        return seen.most_common(1)[0][0]
    for line in _edge(pages[0], True) if pages else ():
        if match := SYMBOL.search(line.bare):
            return match[0]
    return None
