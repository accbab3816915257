"""Chinese sentences and clauses with their offsets, and a normal form for comparing texts."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_SENTENCE_END = re.compile(r"[。！？!?]+[”’』」\"')）]*|(?<=[^0-9A-Za-z])\.(?=\s|$)|\n+")
_CLAUSE_END = re.compile(r"[，；：,;]")
_OPENING = "（(《〈“‘「『【["
_CLOSING = "）)》〉”’」』】]"
_LATIN = re.compile(r"[0-9A-Za-z]")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text: ``source[start:end] == text``."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Normal:
    """A text in normal form; ``offsets[i]`` is where character ``i`` came from in the original.

    ``offsets`` has one more entry than ``text``: the length of the original.
    """

    text: str
    offsets: tuple[int, ...]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The offsets in the original text of the stretch ``text[start:end]``."""
        if end <= start:
            return self.offsets[start], self.offsets[start]
        return self.offsets[start], self.offsets[end - 1] + 1


_SAME = str.maketrans(
    {
        "“": '"', "”": '"', "「": '"', "」": '"', "『": '"', "』": '"', "‘": "'", "’": "'",
        "—": "-", "–": "-", "－": "-", "―": "-", "‑": "-", "~": "-", "～": "-",
        "，": ",", "；": ";", "：": ":", "！": "!", "？": "?", "（": "(", "）": ")", "【": "[", "】": "]",
        "〇": "零", "○": "零",
    }
)  # fmt: skip


@lru_cache(maxsize=8192)
def normalise(text: str) -> Normal:
    """Full-width forms, quotes and dashes made one, white space dropped except between Latin words."""
    kept: list[str] = []
    offsets: list[int] = []
    pending_space = False
    for position, char in enumerate(text):
        if char.isspace() or char in "\u200b\ufeff\u00ad":
            pending_space = True
            continue
        for part in unicodedata.normalize("NFKC", char).translate(_SAME):
            if part.isspace():
                pending_space = True
                continue
            if pending_space and kept and part.isascii() and part.isalpha() and _ascii_word(kept[-1]):
                kept.append(" ")
                offsets.append(position)
            pending_space = False
            kept.append(part.lower())
            offsets.append(position)
    return Normal("".join(kept), (*offsets, len(text)))


def _ascii_word(char: str) -> bool:
    return char.isascii() and char.isalpha()


def _depths(text: str) -> list[int]:
    """For every character, how many brackets or quotation marks are open around it."""
    depth, depths = 0, []
    for char in text:
        if char in _CLOSING and depth:
            depth -= 1
        depths.append(depth)
        if char in _OPENING:
            depth += 1
    return depths


def _trimmed(text: str, start: int, end: int) -> Span | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(text[start:end], start, end) if end > start else None


@lru_cache(maxsize=8192)
def split_sentences(text: str) -> tuple[Span, ...]:
    """The sentences of a text in order, each with its closing punctuation and offsets.

    Lines end a sentence only where the text is a list or a table; ingest has joined wrapped lines.
    """
    spans, start = [], 0
    for match in _SENTENCE_END.finditer(text):
        span = _trimmed(text, start, match.end())
        if span is not None:
            spans.append(span)
        start = match.end()
    last = _trimmed(text, start, len(text))
    if last is not None:
        spans.append(last)
    return tuple(spans)


@lru_cache(maxsize=8192)
def split_clauses(text: str) -> tuple[Span, ...]:
    """The clauses of a text in order: cut at commas, colons and semicolons outside brackets and quotes."""
    spans, start = [], 0
    depths = _depths(text)
    cuts = [m.end() for m in _CLAUSE_END.finditer(text) if depths[m.start()] == 0 and not _in_number(text, m)]
    ends = sorted({*cuts, *(sentence.end for sentence in split_sentences(text)), len(text)})
    for end in ends:
        span = _trimmed(text, start, end)
        if span is not None:
            spans.append(span)
        start = end
    return tuple(spans)


def _in_number(text: str, match: re.Match[str]) -> bool:
    """Whether the comma stands inside ``1,400`` or between Latin characters."""
    before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
    return match.group() in ",:" and bool(_LATIN.match(before)) and bool(_LATIN.match(after))


def strip_ending(text: str) -> str:
    """The text without closing punctuation, as it can be built into another sentence."""
    return text.strip().rstrip("。；;，,：: 、")


def bigrams(text: str) -> list[str]:
    """Overlapping pairs of Chinese characters, and whole Latin words and numbers, of a normal form."""
    found: list[str] = []
    for run in re.finditer(r"[\u3400-\u9fff]+|[0-9a-z][0-9a-z./-]*", text):
        word = run.group()
        if word[0] < "\u3400" or len(word) == 1:
            found.append(word)
        else:
            found.extend(word[i : i + 2] for i in range(len(word) - 1))
    return found
