"""A saved web page: decoded, parsed, and stripped of everything that is not its main text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ingest.decoding import DecodingError, decode
from ingest.furniture import SYMBOL
from ingest.source import ReadError

Element = Any  # an lxml element; lxml has no type stubs
MAX_HTML_BYTES = 32 * 1024 * 1024
_NEVER = {
    "script", "style", "noscript", "template", "iframe", "object", "svg", "math", "form", "button",
    "select", "textarea", "audio", "video", "canvas", "dialog", "head",
}  # fmt: skip
_CHROME_TAGS = {"nav", "aside"}
_CHROME_ROLES = {"navigation", "banner", "contentinfo", "search", "complementary", "menu", "menubar"}
_CHROME_NAMES = re.compile(
    r"(?:^|[-_ ])(?:nav(?:bar|igation)?|menu|breadcrumbs?|sidebar|cookies?|social|share|skip|pager|pagination"
    r"|toolbar|masthead-links|site-(?:header|footer)|related|advert\w*)(?:$|[-_ ])",
    re.IGNORECASE,
)
BLOCKS = {
    "p", "div", "section", "article", "main", "header", "footer", "blockquote", "ul", "ol", "li", "dl",
    "dt", "dd", "table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption", "figure",
    "figcaption", "address", "center", "pre", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "details",
    "summary", "body", "html", "fieldset", "menu",
}  # fmt: skip


@dataclass(slots=True)
class Page:
    """The element that holds the main text, what was dropped around it, and a symbol seen there."""

    main: Element
    dropped: int = 0
    symbol: str | None = None


def decode_page(data: bytes) -> tuple[str, str]:
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


def parse_page(text: str) -> Element:
    """The parsed page. Raises ReadError where there is none."""
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


def preformatted(root: Element) -> str | None:
    """The text of a page that is one ``<pre>``: a text file served as a page."""
    found = root.findall(".//pre")
    if len(found) != 1:
        return None
    inner = str(found[0].text_content())
    return inner if len(inner) > 0.7 * len(str(root.text_content())) else None


def tag_of(element: Element) -> str:
    """The tag in small letters; "" for comments."""
    return element.tag.lower() if isinstance(element.tag, str) else ""


def bare_text(element: Element) -> str:
    """The text of an element without any white space."""
    return re.sub(r"\s+", "", str(element.text_content()))


def clean(root: Element) -> Page:
    """Take scripts, hidden parts and the site's furniture out of a parsed page and find its main text."""
    body = root.find(".//body")
    page = Page(root if body is None else body)
    body = page.main
    for element in list(body.iter()):
        if element is body or element.getparent() is None:
            continue
        if tag_of(element) in _NEVER or _hidden(element):
            element.drop_tree()
        elif _is_chrome(element, body):
            _drop(element, page)
    page.main = _main(body)
    return page


def _is_chrome(element: Element, body: Element) -> bool:
    tag = tag_of(element)
    if tag in _CHROME_TAGS or (element.get("role") or "").lower() in _CHROME_ROLES:
        return True
    if tag == "div" and (element.get("title") or "") in ("header", "footer"):
        return True  # page headers and footers as word processors export them
    if tag in ("header", "footer") and tag_of(element.getparent()) == "body":
        titled = any(tag_of(inner) in ("p", "h1", "h2", "h3") for inner in element.iter())
        return tag == "footer" or not titled or _link_share(element) > 0.3
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    if tag in ("div", "ul", "section", "p") and _CHROME_NAMES.search(names):
        return len(bare_text(element)) < 0.3 * len(bare_text(body)) and (
            _link_share(element) > 0.4 or len(bare_text(element)) < 60
        )
    return tag in ("ul", "div") and len(element.findall(".//a")) >= 3 and _is_menu(element)


def _drop(element: Element, page: Page) -> None:
    """Take a part away, but note the symbol that a page header shows."""
    text = str(element.text_content())
    heads = element.get("title") or tag_of(element) == "header"
    if page.symbol is None and heads and (match := SYMBOL.search(text)):
        page.symbol = match[0]
    page.dropped += bool(text.strip())
    element.drop_tree()


def _hidden(element: Element) -> bool:
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    return bool(re.search(r"display\s*:\s*none|visibility\s*:\s*hidden", element.get("style") or ""))


def _link_share(element: Element) -> float:
    total = len(bare_text(element))
    return sum(len(bare_text(link)) for link in element.iter("a")) / total if total else 0.0


def _is_menu(element: Element) -> bool:
    """Whether a list is nothing but short links to other pages, as a menu is."""
    links = [link for link in element.iter("a") if not (link.get("href") or "").startswith("#")]
    return (
        len(links) >= 4 and _link_share(element) > 0.9 and max(len(bare_text(link)) for link in links) <= 12
    )


def _main(body: Element) -> Element:
    """The element that holds the main text: the page's own mark of it, else the whole body."""
    total = len(bare_text(body))
    marked = [e for e in body.iter() if tag_of(e) in ("main", "article") or (e.get("role") or "") == "main"]
    marked += [
        e for e in body.iter("div") if re.fullmatch(r"(?:main-?)?content|bodytext|article", e.get("id") or "")
    ]
    best = max(marked, key=lambda e: len(bare_text(e)), default=None)
    return best if best is not None and len(bare_text(best)) > 0.4 * total else body
