"""The characters of a PDF page as drawn: place, size, weight.

pdfium's own spaces and line ends are ignored: in justified Chinese they fall between characters.
"""

from __future__ import annotations

import ctypes
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character as drawn: left and right edge, baseline, font size, weight."""

    char: str
    left: float
    right: float
    base: float
    size: float
    bold: bool


def read_glyphs(page: Any) -> tuple[list[Glyph], str, int]:
    """The characters in drawing order, those of turned text apart, and how many had no Unicode value."""
    import pypdfium2.raw as pdfium

    text_page = page.get_textpage()
    handle = text_page.raw
    turn = page.get_rotation()
    x, y, box, matrix = ctypes.c_double(), ctypes.c_double(), pdfium.FS_RECTF(), pdfium.FS_MATRIX()
    styles: dict[int, tuple[float, bool, bool]] = {}
    found: list[Glyph] = []
    rotated: list[str] = []
    seen: dict[tuple[str, int, int], int] = {}
    unmapped = 0
    for index in range(pdfium.FPDFText_CountChars(handle)):
        if pdfium.FPDFText_IsGenerated(handle, index) == 1:
            continue
        char = _character(pdfium.FPDFText_GetUnicode(handle, index))
        if not char:
            unmapped += 1
            continue
        key = ctypes.cast(pdfium.FPDFText_GetTextObject(handle, index), ctypes.c_void_p).value or 0
        style = styles.get(key)
        if style is None:
            style = styles[key] = _style(pdfium, handle, index, matrix, turn)
        pdfium.FPDFText_GetCharOrigin(handle, index, x, y)
        pdfium.FPDFText_GetLooseCharBox(handle, index, box)
        left, base, edge = x.value, y.value, box.right
        if turn:
            left, base = _turned(left, base, turn)
            edge, _ = _turned(box.right, box.top, turn)
        size, bold, is_turned = style
        if is_turned:
            rotated.append(char)
            continue
        place = (char, round(left * 2), round(base * 2))
        # Bold imitated by drawing twice gives every character twice, from another object.
        if not char.isspace() and seen.setdefault(place, key) != key:
            continue
        found.append(Glyph(char, left, max(edge, left), base, size, bold))
    text_page.close()
    return found, "".join(rotated), unmapped


def _turned(x: float, y: float, turn: int) -> tuple[float, float]:
    """Page coordinates as a reader sees them on a page shown turned."""
    return {90: (y, -x), 180: (-x, -y), 270: (-y, x)}.get(turn, (x, y))


@lru_cache(maxsize=65536)
def _character(code: int) -> str:
    """The character of a code; "" without one. Radicals and compatibility forms become the usual ones."""
    if code in (0, 0xFFFE, 0xFFFF, 0xFFFD) or 0xE000 <= code <= 0xF8FF or code > 0x10FFFF:
        return "-" if code == 0xFFFE else ""
    if code == 2:
        return "-"  # pdfium's sign for a hyphen at a line end
    char = chr(code)
    if 0x2E80 <= code <= 0x2FDF or 0xF900 <= code <= 0xFAFF:
        return unicodedata.normalize("NFKC", char)
    if char.isspace():
        return "\u3000" if code == 0x3000 else " "
    return "" if unicodedata.category(char) in ("Cc", "Cf", "Cs") else char


def _style(pdfium: Any, handle: Any, index: int, matrix: Any, turn: int) -> tuple[float, bool, bool]:
    size = float(pdfium.FPDFText_GetFontSize(handle, index))
    is_turned = False
    if pdfium.FPDFText_GetMatrix(handle, index, matrix):
        across = turn in (90, 270)
        along, aside = (matrix.b, matrix.a) if across else (matrix.a, matrix.b)
        is_turned = abs(aside) > abs(along) + 1e-6
        size *= (matrix.c**2 + matrix.d**2) ** 0.5 or 1.0
    weight = pdfium.FPDFText_GetFontWeight(handle, index)
    name = ctypes.create_string_buffer(128)
    flags = ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(handle, index, name, 128, flags)
    bold = weight >= 600 or b"bold" in name.value.lower() or b"heavy" in name.value.lower()
    return size or 1.0, bold, is_turned
