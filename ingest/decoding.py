"""Bytes -> text: the encodings in which Chinese documents are met, told apart without guessing libraries."""

from __future__ import annotations

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Frequent characters of running Chinese, simplified and traditional: the better decoding has more of them.
_FREQUENT = frozenset(
    "的一是在不了有和人这中大为上个国以要他时来用们生到作地于出就分对成会年动同工也能下过民发经行法定家公所与會國這為個們來時對發經動過與議約書處關"
)
# ASCII, punctuation and the common Chinese characters: what a text consists of when it is decoded rightly.
_ORDINARY = re.compile(r"[\t\n\r -~\u2010-\u2027\u3000-\u303f\u4e00-\u9fa5\uff01-\uff5e]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufeff]")


class DecodingError(ValueError):
    """The bytes are not text in any encoding known here."""


def decode(data: bytes) -> tuple[str, str]:
    """The text of a file and the name of its encoding; line ends become ``\\n``, control characters spaces.

    Tried in order: byte order marks, UTF-8, UTF-16 without a mark, then GB18030 against Big5 by the
    share of frequent Chinese characters. Raises DecodingError for binary content.
    """
    text, encoding = _decode(data)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub(" ", text), encoding


def _decode(data: bytes) -> tuple[str, str]:
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _strict(data, name), name
    if b"\x00" in data[:4096]:
        if utf16 := _utf16_without_mark(data):
            return _strict(data, utf16), utf16
        # A stray zero byte or two is a control character in a text; binary files are full of them.
        sample = data[:4096]
        controls = sum(byte < 32 and byte not in b"\t\n\f\r" for byte in sample)
        if sample.count(0) > max(2, len(sample) // 1000) or controls > 0.2 * len(sample):
            raise DecodingError("the file is binary, not text")
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    candidates: list[tuple[float, str, str]] = []
    for name in ("gb18030", "big5hkscs"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        candidates.append((_chinese_share(text), text, name))
    if not candidates or max(candidates)[0] < 0.02:
        raise DecodingError("the file is not text in UTF-8, UTF-16, GB18030 or Big5")
    _, text, name = max(candidates, key=lambda candidate: candidate[0])
    return text, "big5" if name == "big5hkscs" else name


def _strict(data: bytes, name: str) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        raise DecodingError(f"the file starts like {name} but is damaged at byte {error.start}") from error


def _utf16_without_mark(data: bytes) -> str | None:
    """utf-16-le or -be when the bytes read as ordinary Chinese and ASCII that way; None for binary data."""
    sample = data[:4096]
    shares: list[tuple[float, str]] = []
    for name in ("utf-16-le", "utf-16-be"):
        text = sample[: len(sample) // 2 * 2].decode(name, errors="replace")
        ordinary = sum(_ORDINARY.match(c) is not None for c in text)
        shares.append((ordinary / max(1, len(text)), name))
    share, name = max(shares)
    return name if share > 0.95 else None


def _chinese_share(text: str) -> float:
    letters = [c for c in text if not c.isascii()]
    return sum(c in _FREQUENT for c in letters) / len(letters) if letters else 0.0
