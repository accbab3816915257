"""Citation markers in a model's text: read by a pure function, held back while a stream is unfinished.

Understood: ``[1]``, ``[1,3]``, ``[1][3]``, ``[1-3]``, ``【1】``, ``［１］``, ``[^1]``, ``[来源1]``.
Numbers count the sources from 1; ``[0]`` and numbers past the last source are kept as data
(``unknown``) and dropped from the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_OPEN = "[【［〔"
_CLOSE = "]】］〕"
_INSIDE = r"(?:\^|来源|资料|文献|source|Source|doc|Doc|引用)?\s*[:：#]?\s*"
_NUMBERS = (
    r"[0-9０-９]{1,3}(?:\s*(?:[,，、;；和-]|–|—|－|~|～|至|到)\s*(?:\^|来源|source)?\s*[0-9０-９]{1,3})*"
)
MARKER = re.compile(rf"\s*[{re.escape(_OPEN)}]{_INSIDE}({_NUMBERS})\s*[{re.escape(_CLOSE)}](?!\()")
_POSSIBLE = re.compile(
    rf"[{re.escape(_OPEN)}][\^来源资料文献引用sourceSdcD:：# 0-9０-９,，、;；和\-–—－~～至到\s]{{0,40}}$"
)
_MAX_RANGE = 20


@dataclass(frozen=True, slots=True)
class Marked:
    """Text without markers, and where each marker stood.

    ``marks`` are pairs (offset in ``text``, source number), in order and without repetition at one place;
    ``unknown`` are numbers that name no source.
    """

    text: str
    marks: tuple[tuple[int, int], ...]
    unknown: tuple[int, ...]


def _numbers(inside: str) -> Iterator[int]:
    plain = unicodedata.normalize("NFKC", inside)
    plain = re.sub(r"[–—－~～至到]", "-", plain)
    for part in re.split(r"[,，、;；和]", plain):
        ends = [int(n) for n in re.findall(r"\d+", part)]
        if len(ends) == 2 and "-" in part and 0 <= ends[1] - ends[0] < _MAX_RANGE:
            yield from range(ends[0], ends[1] + 1)
        else:
            yield from ends


def parse_markers(text: str, sources: int) -> Marked:
    """Take the markers out of ``text``; ``sources`` is how many sources there are."""
    kept: list[str] = []
    marks: list[tuple[int, int]] = []
    unknown: list[int] = []
    length = position = 0
    for match in MARKER.finditer(text):
        piece = text[position : match.start()]
        kept.append(piece)
        length += len(piece)
        position = match.end()
        for number in _numbers(match[1]):
            if not 1 <= number <= sources:
                unknown.append(number)
            elif (length, number) not in marks:
                marks.append((length, number))
    kept.append(text[position:])
    return Marked("".join(kept), tuple(marks), tuple(unknown))


@dataclass(frozen=True, slots=True)
class MarkedSentence:
    """One sentence of a model's answer without markers, and the sources it names."""

    text: str
    sources: tuple[int, ...]
    unknown: tuple[int, ...] = ()


_SENTENCE = re.compile(r"[^。！？!?\n]*(?:[。！？!?]+[”’』」\"')）]*|\n|$)")
_MARKERS_AFTER = re.compile(
    rf"(?:\s*[{re.escape(_OPEN)}]{_INSIDE}{_NUMBERS}\s*[{re.escape(_CLOSE)}](?!\())*[。]?"
)


def cut_sentences(text: str) -> Iterator[str]:
    """Sentences of marked text in order; markers after the full stop belong to the sentence before."""
    position = 0
    while position < len(text):
        match = _SENTENCE.match(text, position)
        end = match.end() if match else len(text)
        after = _MARKERS_AFTER.match(text, end)
        end = after.end() if after and MARKER.match(text, end) else end
        end = max(end, position + 1)
        piece = text[position:end]
        position = end
        if piece.strip():
            yield piece


def marked_sentences(text: str, sources: int) -> list[MarkedSentence]:
    """The sentences of a model's answer with their sources; markers standing alone join the last one."""
    found: list[MarkedSentence] = []
    for piece in cut_sentences(text):
        marked = parse_markers(piece, sources)
        plain = marked.text.strip()
        numbers = tuple(dict.fromkeys(number for _, number in marked.marks))
        if not re.search(r"\w", plain):
            if found and (numbers or marked.unknown):
                last = found[-1]
                found[-1] = MarkedSentence(
                    last.text,
                    tuple(dict.fromkeys((*last.sources, *numbers))),
                    (*last.unknown, *marked.unknown),
                )
            continue
        found.append(MarkedSentence(plain, numbers, marked.unknown))
    return found


class HoldBack:
    """A buffer between a token stream and the reader: finished sentences come out, markers never in halves.

    >>> buffer = HoldBack()
    >>> [*buffer.push("甲。["), *buffer.push("1"), *buffer.push("]乙。"), *buffer.finish()]
    ['甲。[1]', '乙。']
    """

    def __init__(self, longest: int = 4000) -> None:
        self._text = ""
        self._longest = longest  # a stream without a full stop is cut here instead of growing without end

    def push(self, chunk: str) -> list[str]:
        """Add a chunk; returns the sentences (with their markers) that are now complete."""
        self._text += chunk
        ready: list[str] = []
        pieces = list(cut_sentences(self._text))
        while len(pieces) > 1 or (pieces and len(self._text) > self._longest):
            piece = pieces[0]
            rest = self._text[self._text.index(piece) + len(piece) :]
            if _POSSIBLE.match(rest.lstrip()) and len(self._text) <= self._longest:
                break  # what follows may still be this sentence's marker
            ready.append(piece)
            self._text = rest
            pieces = pieces[1:]
        return ready

    def finish(self) -> list[str]:
        """What is left when the stream has ended."""
        rest, self._text = self._text, ""
        return list(cut_sentences(rest))


def numbered(markers: Iterable[int]) -> str:
    """Markers as they are written: ``[1][3]``."""
    return "".join(f"[{number}]" for number in markers)
