"""Web pages (.html) -> blocks: the main text found, list numbers written out, footnotes linked.

Navigation, scripts and hidden parts are dropped; ``<ol start>``, ``type``, ``value`` and ``reversed``
are honoured as a browser shows them; notes are found by their links or by raised marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingest.assembly import Assembler, Inline, Line
from ingest.blocks import Mark, Role
from ingest.decoding import DecodingError, decode
from ingest.furniture import SYMBOL
from ingest.layout import lay_out
from ingest.ordinals import parse_ordinal
from ingest.source import ReadError, Source
from ingest.word_numbering import format_number

MAX_HTML_BYTES = 32 * 1024 * 1024
MAX_DEPTH = 200
Element = Any  # an lxml element; lxml has no type stubs

_NEVER = {
    "script",
    "style",
    "noscript",
    "template",
    "iframe",
    "object",
    "svg",
    "math",
    "form",
    "button",
    "select",
    "textarea",
    "audio",
    "video",
    "canvas",
    "dialog",
    "head",
}
_CHROME_TAGS = {"nav", "aside"}
_CHROME_ROLES = {"navigation", "banner", "contentinfo", "search", "complementary", "menu", "menubar"}
_CHROME_NAMES = re.compile(
    r"(?:^|[-_ ])(?:nav(?:bar|igation)?|menu|breadcrumbs?|sidebar|cookies?|social|share|skip|pager|pagination"
    r"|toolbar|masthead-links|site-(?:header|footer)|related|advert\w*)(?:$|[-_ ])",
    re.IGNORECASE,
)
_BLOCKS = {
    "p",
    "div",
    "section",
    "article",
    "main",
    "header",
    "footer",
    "blockquote",
    "ul",
    "ol",
    "li",
    "dl",
    "dt",
    "dd",
    "table",
    "thead",
    "tbody",
    "tfoot",
    "tr",
    "td",
    "th",
    "caption",
    "figure",
    "figcaption",
    "address",
    "center",
    "pre",
    "hr",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "details",
    "summary",
    "body",
    "html",
    "fieldset",
    "menu",
}
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_NOTE_LABEL = re.compile(r"[\[(（〔]?\s*(\d{1,3}|[a-z]{1,3}|[ivx]{1,6}|[*†‡§]{1,3})\s*[\])）〕]?\.?")
_BACK = re.compile(r"[↩︎⏎^↑]+")
_STYLES = {
    "1": "decimal",
    "a": "lowerLetter",
    "A": "upperLetter",
    "i": "lowerRoman",
    "I": "upperRoman",
    "decimal": "decimal",
    "lower-alpha": "lowerLetter",
    "lower-latin": "lowerLetter",
    "upper-alpha": "upperLetter",
    "upper-latin": "upperLetter",
    "lower-roman": "lowerRoman",
    "upper-roman": "upperRoman",
    "decimal-leading-zero": "decimalZero",
    "cjk-ideographic": "chineseCounting",
    "cjk-decimal": "ideographDigital",
    "simp-chinese-informal": "chineseCounting",
    "trad-chinese-informal": "chineseCounting",
    "simp-chinese-formal": "chineseLegalSimplified",
    "cjk-heavenly-stem": "ideographTraditional",
}


def read_web(path: Path) -> Source:
    """A saved web page as a layout. Raises ReadError for empty, binary or oversized files."""
    size = path.stat().st_size
    if size == 0:
        raise ReadError("the file is empty")
    if size > MAX_HTML_BYTES:
        raise ReadError(
            f"the page has {size / 1e6:.0f} MB, more than the {MAX_HTML_BYTES / 1e6:.0f} MB allowed"
        )
    text, encoding = _decode(path.read_bytes())
    root = _parse(text)
    whole = _preformatted(root)
    if whole is not None:
        return Source(lay_out(whole), "html", encoding)
    reader = _WebReader(root)
    reader.read()
    if not reader.out.blocks:
        raise ReadError("the page contains no text")
    return Source(reader.out.layout(reader.repairs(), reader.symbol), "html", encoding)


def _decode(data: bytes) -> tuple[str, str]:
    """The page's text: by its declared encoding where that decodes, else as any text file."""
    declared = re.search(
        rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w-]{2,20})""", data[:4096], re.IGNORECASE
    )
    if declared and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        name = declared[1].decode("ascii").lower()
        name = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "utf8": "utf-8"}.get(name, name)
        try:
            if name not in ("utf-16", "utf-7", "iso-8859-1", "windows-1252"):
                return data.decode(name), name.replace("hkscs", "")
        except (UnicodeDecodeError, LookupError):
            pass
    try:
        return decode(data)
    except DecodingError as error:
        raise ReadError(f"{error}; save the page again as UTF-8") from error


def _parse(text: str) -> Element:
    from lxml import etree, html  # type: ignore[import-untyped]

    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    parser = html.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=True, remove_comments=True, remove_pis=True
    )
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise ReadError(f"the file is no web page ({error})") from error
    return root


def _preformatted(root: Element) -> str | None:
    """The text of a page that is one ``<pre>``: a text file served as a page."""
    found = root.findall(".//pre")
    if len(found) != 1:
        return None
    inner = str(found[0].text_content())
    return inner if len(inner) > 0.7 * len(str(root.text_content())) else None


def _tag(element: Element) -> str:
    return element.tag.lower() if isinstance(element.tag, str) else ""


def _text(element: Element) -> str:
    return re.sub(r"\s+", "", str(element.text_content()))


class _WebReader:
    """One parsed page on its way to blocks."""

    def __init__(self, root: Element) -> None:
        self.root = root
        self.out = Assembler()
        self.dropped = 0
        self.labels = 0
        self.symbol: str | None = None
        self._inline = Inline()
        self._note_blocks: dict[Element, str] = {}
        self._marks: dict[Element, str] = {}
        self._generator = _generator(root)
        self._body_begun = False

    def read(self) -> None:
        """Find the main text and the notes, then walk through the blocks."""
        main = self._clean(self.root)
        self._find_notes(main)
        self._walk(main, 0, 0)
        self._flush()
        for element, label in self._note_blocks.items():
            self.out.note(label, self._note_text(element, label))

    def repairs(self) -> Iterator[str]:
        """What was done to the page, for the report."""
        if self.labels:
            yield f"{self.labels} list numbers written out"
        if self.out.notes:
            yield f"{len(self.out.notes)} footnotes taken out of the text"
        if self.dropped:
            yield f"{self.dropped} navigation and other parts of the page dropped"

    # what is text and what is the site around it

    def _clean(self, root: Element) -> Element:
        body = root.find(".//body")
        body = root if body is None else body
        for element in list(body.iter()):
            if element is body or element.getparent() is None:
                continue
            if _tag(element) in _NEVER or _hidden(element):
                _remove(element)
            elif self._is_chrome(element, body):
                self._drop(element)
        main = _main(body)
        return main

    def _is_chrome(self, element: Element, body: Element) -> bool:
        tag = _tag(element)
        if tag in _CHROME_TAGS or (element.get("role") or "").lower() in _CHROME_ROLES:
            return True
        if tag == "div" and (element.get("title") or "") in ("header", "footer"):
            return True  # page headers and footers as word processors export them
        if tag in ("header", "footer") and _tag(element.getparent()) == "body":
            return not element.findall(".//p") or _link_share(element) > 0.3 or tag == "footer"
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        if tag in ("div", "ul", "section", "p") and _CHROME_NAMES.search(names):
            return len(_text(element)) < 0.3 * len(_text(body)) and (
                _link_share(element) > 0.4 or len(_text(element)) < 60
            )
        return tag in ("ul", "div") and len(element.findall(".//a")) >= 3 and _is_menu(element)

    def _drop(self, element: Element) -> None:
        text = str(element.text_content())
        if (
            self.symbol is None
            and (match := SYMBOL.search(text))
            and (element.get("title") or _tag(element) == "header")
        ):
            self.symbol = match[0]
        self.dropped += bool(text.strip())
        _remove(element)

    # footnotes

    def _find_notes(self, main: Element) -> None:
        order = {element: number for number, element in enumerate(main.iter())}
        names: dict[str, Element] = {}
        for element in order:
            for name in (element.get("id"), element.get("name") if _tag(element) == "a" else None):
                if name:
                    names.setdefault(name, element)
        for link in main.iter("a"):
            href = link.get("href") or ""
            label = _NOTE_LABEL.fullmatch(str(link.text_content()).strip())
            target = names.get(href.rpartition("#")[2]) if "#" in href and label else None
            if target is None or label is None or order[target] <= order[link]:
                continue
            block = _note_block(target, link)
            if block is not None and _is_note(block, label[1], link):
                self._marks[link] = label[1]
                self._note_blocks.setdefault(block, label[1])
        if not self._note_blocks:
            self._find_raised_notes(main)

    def _find_raised_notes(self, main: Element) -> None:
        """Notes without links: a block that begins with a raised mark answers the same mark above it."""
        raised: dict[str, list[Element]] = {}
        for element in main.iter("sup"):
            label = _NOTE_LABEL.fullmatch(str(element.text_content()).strip())
            if label is None or element.find(".//sup") is not None:
                continue
            parent = element.getparent()
            while parent is not None and _tag(parent) not in _BLOCKS:
                parent = parent.getparent()
            leads = parent is not None and _text(parent) != _text(element) and _leads(parent, element)
            if leads and label[1] in raised:
                self._note_blocks[parent] = label[1]
                self._marks[raised[label[1]].pop(0)] = label[1]
                if not raised[label[1]]:
                    del raised[label[1]]
            else:
                raised.setdefault(label[1], []).append(element)

    def _note_text(self, element: Element, label: str) -> str:
        inline = Inline()
        _add_text(element, inline)
        text = _BACK.sub("", inline.flat()[0]).strip()
        pattern = re.compile(r"[\[(（〔]?" + re.escape(label) + r"[\])）〕]?[.、]?\s*")
        while (match := pattern.match(text)) and (
            not label.isalnum() or not text[match.end() - 1 :][1:2].isdigit()
        ):
            rest = text[match.end() :].strip()
            if not rest or (label.isalpha() and match[0] == label):
                break
            text = rest
            if label.isalnum():
                break
        return text

    # blocks

    def _walk(self, element: Element, depth: int, lists: int) -> None:
        if depth > MAX_DEPTH:
            self.out.warnings.append(
                "the page is nested too deeply; its deepest parts were read as plain text"
            )
            self._inline.add_source(str(element.text_content()))
            return
        self._inline.add_source(element.text or "")
        for inner in element:
            self._child(inner, depth, lists)
            self._inline.add_source(inner.tail or "")

    def _child(self, inner: Element, depth: int, lists: int) -> None:
        tag = _tag(inner)
        if inner in self._note_blocks:
            self._flush()
        elif inner in self._marks:
            self._inline.mark(self._marks[inner])
        elif tag == "br":
            self._inline.soft_break()
        elif tag == "table":
            self._flush()
            self._table(inner, depth, lists)
        elif tag in ("ol", "ul", "menu"):
            self._flush()
            self._list(inner, depth, lists + 1)
        elif tag in _HEADINGS:
            self._flush()
            self._walk(inner, depth + 1, lists)
            self._flush("heading", _HEADINGS[tag])
        elif tag in _BLOCKS:
            self._flush()
            self._walk(inner, depth + 1, lists)
            self._flush()
        elif tag != "rt" and tag != "rp":
            self._walk(inner, depth + 1, lists)

    def _flush(self, role: Role = "text", level: int | None = None, label: str = "") -> None:
        lines = self._inline.lines()
        self._inline = Inline()
        if role == "heading" and len(lines) > 1:
            title = " ".join(text for text, _ in lines)
            lines = [(title, tuple(mark for _, marks in lines for mark in marks))]
        if label and lines:
            lines[0] = _labelled(lines[0], label)
        for text, marks in lines:
            self._body_begun |= role == "heading" or parse_ordinal(text) is not None
            self.out.block(text, role, level, marks=marks)

    # lists

    def _list(self, element: Element, depth: int, lists: int) -> None:
        ordered = _tag(element) == "ol"
        items = [item for item in element if _tag(item) == "li"]
        value = _number(element.get("start"))
        step = -1 if element.get("reversed") is not None else 1
        count = (len(items) if step < 0 else 1) if value is None else value
        for inner in element:
            if inner in self._note_blocks:
                continue
            if _tag(inner) != "li":
                self._child(inner, depth, lists)
                continue
            own = _number(inner.get("value"))
            count = count if own is None else own
            label = self._label(element, inner, count) if ordered else ""
            self._item(inner, label, depth, lists)
            count += step

    def _label(self, element: Element, item: Element, count: int) -> str:
        """The number of a list item as United Nations documents write it: 1. (a) (i) A. 一."""
        style = _list_style(item) or _list_style(element) or element.get("type") or "1"
        if style == "none":
            return ""
        scheme = _STYLES.get(style, "decimal")
        headed = next((child for child in item if _tag(child) in _HEADINGS), None)
        if (
            headed is not None
            and scheme == "decimal"
            and _tag(headed) == "h1"
            and "office" in self._generator
        ):
            # LibreOffice exports Chinese chapter numbers as a plain list; only the headings use it.
            scheme = "chineseCounting"
        number = format_number(count, scheme)
        return f"({number}) " if scheme in ("lowerLetter", "lowerRoman") else f"{number}. "

    def _item(self, item: Element, label: str, depth: int, lists: int) -> None:
        literal = parse_ordinal(re.sub(r"\s+", " ", str(item.text_content())).strip())
        if label and literal is not None and parse_ordinal(label) is not None:
            own = parse_ordinal(label)
            if own is not None and (own.scheme, own.value) == (literal.scheme, literal.value):
                label = ""  # the number is typed in the text as well
        self.labels += bool(label)
        before = len(self.out.blocks)
        level = lists - 1 if label else lists
        self._inline.add_source(item.text or "")
        pending = label
        for inner in item:
            tag = _tag(inner)
            if tag in _BLOCKS:
                # The first block of the item carries its number.
                if self._inline.lines():
                    self._flush("text", level, pending)
                    pending = ""
                if tag in _HEADINGS or tag in ("p", "div"):
                    heading = tag in _HEADINGS
                    if inner in self._note_blocks:
                        continue
                    if not heading and _has_blocks(inner):
                        self._child(inner, depth + 1, lists)
                    else:
                        self._walk(inner, depth + 1, lists)
                        filled = bool(self._inline.lines())
                        self._flush("heading" if heading else "text", _HEADINGS.get(tag, level), pending)
                        pending = "" if filled else pending
                else:
                    self._child(inner, depth + 1, lists)
            else:
                self._child(inner, depth + 1, lists)
            self._inline.add_source(inner.tail or "")
        self._flush("text", level, pending if len(self.out.blocks) == before else "")

    # tables

    def _table(self, table: Element, depth: int, lists: int) -> None:
        rows = [row for row in table.iter("tr") if _table_of(row) is table]
        cells = [[cell for cell in row if _tag(cell) in ("td", "th")] for row in rows]
        caption = table.find("caption")
        if caption is not None:
            self._walk(caption, depth, lists)
            self._flush()
        if self._is_layout(table, cells):
            for row in cells:
                for cell in row:
                    self._walk(cell, depth + 1, lists)
                    self._flush()
            return
        width = max((sum(_span(cell, "colspan") for cell in row) for row in cells), default=0)
        waiting: dict[int, int] = {}
        for row in cells:
            self._row(row, width, waiting)

    def _is_layout(self, table: Element, rows: list[list[Element]]) -> bool:
        if (table.get("role") or "") in ("presentation", "none") or table.find(".//table") is not None:
            return True
        filled = [[cell for cell in row if _text(cell)] for row in rows]
        if all(len(row) <= 1 for row in filled):
            return True
        if any(element.tag in _HEADINGS for element in table.iter() if isinstance(element.tag, str)):
            return True
        joined = " ".join(str(cell.text_content()) for row in filled for cell in row)
        if not self._body_begun and ("Distr." in joined or "Original:" in joined):
            return True
        return any(
            len(cell.findall("p")) > 6 or len(cell.findall("div")) > 6 for row in filled for cell in row
        )

    def _row(self, row: list[Element], width: int, waiting: dict[int, int]) -> None:
        texts: list[str] = []
        marks: list[Mark] = []
        for cell in row:
            while waiting.get(len(texts), 0) > 0:
                waiting[len(texts)] -= 1
                texts.append("")
            text, placed = self._cell(cell)
            offset = sum(len(t) + 1 for t in texts)
            marks += [Mark(m.label, m.offset + offset) for m in placed]
            if (down := _span(cell, "rowspan")) > 1:
                waiting[len(texts)] = down - 1
            texts += [text] + [""] * (_span(cell, "colspan") - 1)
        while len(texts) < width and waiting.get(len(texts), 0) > 0:
            waiting[len(texts)] -= 1
            texts.append("")
        if width > 1 and len(row) == 1 and _span(row[0], "colspan") >= width:
            self.out.block(texts[0], marks=marks)
        else:
            self.out.block("\t".join(texts), "row", marks=marks)

    def _cell(self, cell: Element) -> Line:
        outer, self._inline = self._inline, Inline()
        self._cell_text(cell)
        inner, self._inline = self._inline, outer
        return inner.flat()

    def _cell_text(self, element: Element) -> None:
        self._inline.add_source(element.text or "")
        for inner in element:
            if inner in self._marks:
                self._inline.mark(self._marks[inner])
            elif _tag(inner) == "br":
                self._inline.soft_break()
            else:
                if _tag(inner) in _BLOCKS:
                    self._inline.soft_break()
                self._cell_text(inner)
            self._inline.add_source(inner.tail or "")


def _labelled(line: Line, label: str) -> Line:
    text, marks = line
    return label + text, tuple(Mark(m.label, m.offset + len(label)) for m in marks)


def _generator(root: Element) -> str:
    for meta in root.iter("meta"):
        if (meta.get("name") or "").lower() == "generator":
            return (meta.get("content") or "").lower()
    return ""


def _remove(element: Element) -> None:
    """Take an element out of the tree but keep the text that follows it."""
    element.drop_tree()


def _hidden(element: Element) -> bool:
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    return bool(re.search(r"display\s*:\s*none|visibility\s*:\s*hidden", element.get("style") or ""))


def _link_share(element: Element) -> float:
    total = len(_text(element))
    return sum(len(_text(link)) for link in element.iter("a")) / total if total else 0.0


def _is_menu(element: Element) -> bool:
    """Whether a list is nothing but short links to other pages, as a menu is."""
    links = [link for link in element.iter("a") if not (link.get("href") or "").startswith("#")]
    return len(links) >= 4 and _link_share(element) > 0.9 and max(len(_text(link)) for link in links) <= 12


def _main(body: Element) -> Element:
    """The element that holds the main text: the page's own mark of it, else the whole body."""
    total = len(_text(body))
    marked = [e for e in body.iter() if _tag(e) in ("main", "article") or (e.get("role") or "") == "main"]
    marked += [
        e for e in body.iter("div") if re.fullmatch(r"(?:main-?)?content|bodytext|article", e.get("id") or "")
    ]
    best = max(marked, key=lambda e: len(_text(e)), default=None)
    return best if best is not None and len(_text(best)) > 0.4 * total else body


def _note_block(target: Element, link: Element) -> Element | None:
    """The block that holds a note, from the element its mark links to; None if the mark is inside."""
    block = target
    while block is not None and _tag(block) not in ("li", "p", "div", "dd", "td", "aside"):
        block = block.getparent()
    if block is None:
        return None
    parent = block.getparent()
    names = f"{parent.get('id') or ''} {parent.get('class') or ''} {parent.get('style') or ''}".lower()
    if _tag(parent) == "div" and re.search(
        r"\b(?:sd)?(?:foot|end)?note?\d|\bftn\d|\bedn\d|mso-element:\s*(?:foot|end)note\b", names
    ):
        block = parent
    return None if link in block.iter() else block


def _is_note(block: Element, label: str, link: Element) -> bool:
    """A note begins with its label, links back, or is an item of a list of notes."""
    text = str(block.text_content()).strip().lstrip("[(（〔")
    if text.startswith(label):
        return True
    homes = {link.get("id"), link.get("name")}
    for around in link.iterancestors():
        if _tag(around) in _BLOCKS:
            break
        homes.add(around.get("id"))
    return any((back.get("href") or "").rpartition("#")[2] in homes - {None, ""} for back in block.iter("a"))


def _leads(block: Element, element: Element) -> bool:
    """Whether an element stands at the very beginning of a block's text."""
    return (
        _text(block).startswith(_text(element))
        and not (block.text or "").strip()
        and next((True for first in block.iter("sup") if first is element), False)
    )


def _add_text(element: Element, inline: Inline) -> None:
    inline.add_source(element.text or "")
    for inner in element:
        if _tag(inner) in ("br", "p", "div", "li"):
            inline.soft_break()
        _add_text(inner, inline)
        inline.add_source(inner.tail or "")


def _has_blocks(element: Element) -> bool:
    return any(_tag(inner) in _BLOCKS for inner in element)


def _number(value: str | None) -> int | None:
    return int(value) if value is not None and re.fullmatch(r"\s*-?\d{1,6}\s*", value) else None


def _list_style(element: Element) -> str | None:
    match = re.search(r"list-style(?:-type)?\s*:\s*([\w-]+)", element.get("style") or "")
    return match[1].lower() if match else None


def _table_of(row: Element) -> Element | None:
    return next((e for e in row.iterancestors("table")), None)


def _span(cell: Element, name: str) -> int:
    return max(1, min(_number(cell.get(name)) or 1, 64))
