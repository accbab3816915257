"""Ordinal labels of United Nations documents: 一. / A. / 1. / (a) / (一) / (i) / 1.1 and their values."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

Scheme = Literal[
    "chapter",
    "article",
    "chinese",
    "capital",
    "arabic",
    "decimal",
    "letter",
    "paren_chinese",
    "paren_arabic",
    "roman",
]

# The customary nesting of United Nations documents, outermost first. Headings are placed by this
# rank and not by their Markdown or Word level, which converters get wrong.
RANK: dict[Scheme, float] = {
    "chapter": 0,
    "article": 0.5,
    "chinese": 1,
    "capital": 2,
    "arabic": 3,
    "decimal": 3,
    "letter": 4,
    "paren_chinese": 5,
    "paren_arabic": 5.5,
    "roman": 6,
}
# Schemes that list items inside a paragraph, and those that head the sections of a document.
LISTING: tuple[Scheme, ...] = ("letter", "paren_chinese", "paren_arabic", "roman")
SECTIONS: tuple[Scheme, ...] = ("chinese", "capital", "chapter")

_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
    "○": 0,
}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_TRADITIONAL = str.maketrans("兩", "两")
CHINESE_NUMERAL = "[零〇○一二三四五六七八九十百千两兩]+"
_FULL_WIDTH = str.maketrans("０１２３４５６７８９（）", "0123456789()")
# No label is longer, so that the rest of a paragraph need not be looked at.
_LONGEST_LABEL = 40
# Numbers that are one character in old Chinese character sets: ⒈ ⑴ ① ㈠.
_ENCLOSED = re.compile(r"([⒈-⒛])|([⑴-⒇①-⑳])|([㈠-㈩])")

# 第十二条 opens an article only when it stands alone or before a space: "第十二条规定…" is running text.
_ARTICLE = re.compile(r"第\s?(" + CHINESE_NUMERAL + r"|\d{1,4})\s?[条條](?=$|[\s:：])[:：]?\s*")


@dataclass(frozen=True, slots=True)
class Ordinal:
    """A label at the start of a line: its scheme, value, printed form and length in characters."""

    scheme: Scheme
    value: int
    label: str
    length: int
    parts: tuple[int, ...] = ()


def chinese_number(text: str) -> int | None:
    """The value of a Chinese numeral below 10 000: 六十三 = 63, 二〇一二 = 2012; None if it is none."""
    text = text.translate(_TRADITIONAL)
    if not text or any(c not in _DIGITS and c not in _UNITS for c in text):
        return None
    if not any(c in _UNITS for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))
    total, digit = 0, 0
    for character in text:
        if character in _UNITS:
            total += (digit or 1) * _UNITS[character]
            digit = 0
        else:
            digit = _DIGITS[character]
    return total + digit


_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50}


def roman_number(text: str) -> int | None:
    """The value of a small Roman numeral written canonically (i … lxxxix); None if it is none."""
    values = [_ROMAN_VALUES.get(c) for c in text]
    if not values or None in values:
        return None
    numbers = [v for v in values if v is not None]
    total = sum(-v if v < max(numbers[i:]) else v for i, v in enumerate(numbers))
    return total if _to_roman(total) == text else None


def _to_roman(value: int) -> str:
    out = ""
    for number, letters in ((50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")):
        while value >= number:
            out, value = out + letters, value - number
    return out


# After a full-width or Chinese delimiter a digit may follow at once (１．２０００年…); after a point only a
# year may, for 4.3 is a number.
_ARABIC = re.compile(r"(\d{1,4})\s?(?:[．、﹒]|\\?\.(?!\d|\s\d{1,2}\s?%)|\\?\.(?=(?:19|20)\d\d))\s*")
_DECIMAL = re.compile(
    r"(\d{1,3}(?:\s?[.．]\d{1,3}){1,3})(?:\\?[.．]|、)?(?=\s|[^\d\s.%/:：\-–—年月日a-zA-Z])\s*"
)
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_PAREN = re.compile(r"[(（]\s*([a-z]{1,6}|\d{1,2}|[" + _STEMS + "]|" + CHINESE_NUMERAL + r")\s*[)）]\s*")
# Alone on its line a numeral needs no delimiter: the parts of a resolution are headed 一, 二.
_CHINESE = re.compile(r"(" + CHINESE_NUMERAL + r")\s?(?:\\?[.．]|、)\s*|([一二三四五六七八九十]{1,3})\s*$")
_CAPITAL = re.compile(r"([A-Z" + _STEMS + r"])\s?(?:\\?[.．]|、)(?![A-Za-z0-9" + _STEMS + r"])\s*")
_LOWER = re.compile(r"([a-z])\s?(?:\\?[.．]|、)\s*(?=[一-鿿“《（])")
_CHAPTER = re.compile(r"第\s?(" + CHINESE_NUMERAL + r"|\d{1,3})\s?([章节節部]|部分)(?![的第])\s*")


def parse_ordinal(line: str) -> Ordinal | None:
    """The ordinal label that opens a line, or None.

    A number needs a delimiter of its own (12. / 12、 / １２．): "20 国集团" and "8 日" open nothing.
    """
    text = line[:_LONGEST_LABEL].translate(_FULL_WIDTH)
    if match := _ENCLOSED.match(text):
        return _enclosed(match)
    if match := _DECIMAL.match(text):
        parts = tuple(int(part) for part in re.findall(r"\d+", match[1]))
        label = ".".join(map(str, parts))
        return Ordinal("decimal", parts[-1], label, match.end(), parts)
    if match := _ARABIC.match(text):
        return Ordinal("arabic", int(match[1]), str(int(match[1])), match.end())
    if match := _PAREN.match(text):
        return _parenthesised(match)
    if match := _CHAPTER.match(text):
        value = int(match[1]) if match[1].isdigit() else chinese_number(match[1])
        return Ordinal("chapter", value or 0, re.sub(r"\s", "", match[0]), match.end())
    if match := _ARTICLE.match(text):
        value = int(match[1]) if match[1].isdigit() else chinese_number(match[1])
        label = re.sub(r"[\s:：]", "", match[0])
        return Ordinal("article", value or 0, label, match.end())
    if match := _CHINESE.match(text):
        label = match[1] or match[2]
        return Ordinal("chinese", chinese_number(label) or 0, label, match.end())
    if match := _CAPITAL.match(text):
        return Ordinal("capital", _letter_value(match[1]), match[1], match.end())
    if match := _LOWER.match(text):
        return Ordinal("letter", _letter_value(match[1]), match[1], match.end())
    return None


def _letter_value(letter: str) -> int:
    """Place of a letter in its alphabet, from 1; the heavenly stems 甲乙丙 count as one."""
    return _STEMS.index(letter) + 1 if letter in _STEMS else ord(letter.lower()) - 96


def _enclosed(match: re.Match[str]) -> Ordinal:
    stopped, arabic, chinese = match.groups()
    if chinese:
        value = ord(chinese) - ord("㈠") + 1
        return Ordinal("paren_chinese", value, f"({'一二三四五六七八九十'[value - 1]})", match.end())
    value = int(unicodedata.numeric(stopped or arabic))
    return Ordinal(
        "arabic" if stopped else "paren_arabic", value, str(value) if stopped else f"({value})", match.end()
    )


def _parenthesised(match: re.Match[str]) -> Ordinal | None:
    inner = match[1]
    if inner.isdecimal():
        return Ordinal("paren_arabic", int(inner), f"({int(inner)})", match.end())
    if inner in _STEMS:
        return Ordinal("letter", _letter_value(inner), f"({inner})", match.end())
    if not inner.isascii():
        return Ordinal("paren_chinese", chinese_number(inner) or 0, f"({inner})", match.end())
    if len(inner) == 1:
        # (i), (v) and (x) may be letters or Roman: the reader of the list decides by what came before.
        return Ordinal("letter", _letter_value(inner), f"({inner})", match.end())
    if len(inner) == 2 and inner[0] == inner[1] and roman_number(inner) is None:
        return Ordinal("letter", 26 + _letter_value(inner[0]), f"({inner})", match.end())
    value = roman_number(inner)
    return Ordinal("roman", value, f"({inner})", match.end()) if value else None
