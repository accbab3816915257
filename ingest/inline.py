"""Inline markup and line joining: what turns source lines into the text that is cited."""

from __future__ import annotations

import html
import re
import unicodedata

from ingest.blocks import Mark

_SUP = re.compile(
    r"<sup>\s*([^<>\s]{1,4})\s*</sup>|\[\^([^\]\s]{1,8})\](?!:)|\$\^\{?([^$^{}\s]{1,3})\}?\$", re.IGNORECASE
)
_COMMENT = re.compile(r"<!--.*?-->")
_RAISED = re.compile(r"[⁰¹²³⁴-⁹]{1,3}")
_RAISED_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
# What PDF text layers put in place of ordinary characters: radicals (⼯ for 工), odd spaces, hidden marks.
_ODD = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
_ODD |= dict.fromkeys((0x00A0, 0x202F), " ")
_ODD |= dict.fromkeys((0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF), "")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\(([^()\s]*(?:\([^()\s]*\)[^()\s]*)*)\)")
_AUTOLINK = re.compile(r"<((?:https?://|www\.)[^<>\s]+)>")
_TAG = re.compile(r"</?(?:b|i|u|em|strong|span|br|p|font|sub)\b[^<>]*>", re.IGNORECASE)
_BOLD = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_ITALIC = re.compile(r"\s*([*_])(?=[^\s*_])([^*_]+)(?<=\S)\1\s*")
_GAP = re.compile(r"(?<=\S) {2,}(?=\S)")
_ESCAPE = re.compile(r"\\+([_*.\[\]()#+\-!`<>|~])")
_ESCAPED_STAR = "\ue000"

TERMINAL = "。！？；：!?;:…"
_CLOSERS = "”’》）)】」』\"'"


def clean_inline(text: str) -> tuple[str, tuple[Mark, ...]]:
    """The text without Markdown or HTML markup, and the footnote marks (also ⁷) that stood in it.

    Link texts stay and their targets go; an escaped character stays as itself.
    """
    text = _ESCAPE.sub(lambda m: _ESCAPED_STAR if m[1] == "*" else m[1], text).translate(_ODD)
    text = _RAISED.sub(lambda m: f"<sup>{m[0].translate(_RAISED_DIGITS)}</sup>", text)
    text = _LINK.sub(lambda m: "" if m[0][0] == "!" else m[1], _COMMENT.sub("", text))
    text = _AUTOLINK.sub(r"\1", text)
    text = _TAG.sub("", text)
    text = _GAP.sub(" ", text)
    while (bare := _BOLD.sub(r"\2", text)) != text:
        text = bare
    # Emphasis within a line is left alone, for a lone asterisk is rather a footnote mark.
    if italic := _ITALIC.fullmatch(text):
        text = italic[2]
    text = html.unescape(text).replace(_ESCAPED_STAR, "*")
    marks: list[Mark] = []
    pieces: list[str] = []
    position, length = 0, 0
    for match in _SUP.finditer(text):
        before = text[position : match.start()]
        pieces.append(before)
        length += len(before)
        marks.append(Mark(match[1] or match[2] or match[3], length))
        position = match.end()
    pieces.append(text[position:])
    return "".join(pieces), tuple(marks)


def columns(text: str) -> int:
    """Width of a line in terminal columns: Chinese characters and punctuation count two, ASCII one.

    GB18030 spends just as many bytes on them, which makes its encoder the fastest way to count.
    """
    return len(text.encode("gb18030", "replace"))


def is_terminal(text: str) -> bool:
    """Whether a text ends like a finished sentence or list item, closing quotes and brackets apart."""
    bare = text.rstrip().rstrip(_CLOSERS)
    if not bare:
        return bool(text.strip())
    return bare[-1] in TERMINAL or text.rstrip()[-1] in TERMINAL


def _continues_token(head: str, tail: str) -> bool:
    """Whether a symbol or URL was broken between two lines (``CAC/COSP/WG.`` + ``4/2016/3``)."""
    last = re.split(r"[\s，。；：、“”《》（）()]", head)[-1]
    first = re.split(r"[\s，。；：、“”《》（）()]", tail)[0]
    if not last or not first or not first[0].isascii():
        return False
    broken_mark = last[-1] in "/._-=&?" and len(last) > 1
    return broken_mark and ("/" in last + first or "www." in last or "@" in last or last[-1] == "-")


def join(head: str, tail: str, spaced: bool) -> str:
    """Two pieces of one paragraph joined: no space between Chinese characters, one between Latin words.

    ``spaced`` says whether the document writes a space between Chinese and Latin or digits.
    """
    head, tail = head.rstrip(), tail.lstrip()
    return head + glue(head, tail, spaced) + tail


def glue(head: str, tail: str, spaced: bool) -> str:
    """What stands between two pieces of one paragraph when they are joined: a space or nothing."""
    if not head or not tail or _continues_token(head, tail):
        return ""
    left, right = head[-1], tail[0]
    if left.isascii() and right.isascii():
        return "" if left in "(" or right in ").,;:" else " "
    if left.isascii() != right.isascii():
        latin, other = (left, right) if left.isascii() else (right, left)
        return " " if spaced and latin.isalnum() and unicodedata.category(other) == "Lo" else ""
    return ""


def is_spaced(text: str) -> bool:
    """Whether a text puts spaces between Chinese and digits (``2016 年`` rather than ``2016年``)."""
    with_space = len(re.findall(r"\d [一-鿿]|[一-鿿] \d", text))
    without = len(re.findall(r"\d[一-鿿]|[一-鿿]\d", text))
    return with_space > without
