"""Which sentence of a source says which clause of a claim, and whether it stands there word for word."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from answer.facts import Fact, agrees, facts, with_year
from answer.sentences import Span, split_clauses
from answer.source import Prepared, best_sentence, weight_of
from answer.synonyms import folded


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of the claim and how well the source says it."""

    text: str  # normal form
    start: int
    sentence: int  # index of the best sentence of the source
    coverage: float  # share of the clause that this sentence (with its neighbours' help) says
    weight: float


def aligned(claim: str, source: Prepared, known: Sequence[Fact]) -> list[Clause]:
    """The claim's clauses aligned; facts that the source states are said, in whatever words."""
    stated = [
        f for f in with_year(facts(claim)) if any(agrees(f, other) for other in (*source.facts, *known))
    ]
    found = []
    for span in _joined(split_clauses(claim)):
        fold, _ = folded(span.text)
        best, _ = best_sentence(fold, source)
        own = [f for f in stated if span.start <= f.start and f.end <= span.end]
        rest, _ = folded(without(span, own))
        weight, left = weight_of(fold), weight_of(rest) / max(1.0, weight_of(fold))
        _, coverage = best_sentence(rest, source, best)
        coverage = 1 - min(1.0, left) * (1 - coverage)
        found.append(Clause(span.text, span.start, best, coverage, weight))
    return found


def without(span: Span, stated: Sequence[Fact]) -> str:
    text = span.text
    for fact in stated:
        start, end = fact.start - span.start, fact.end - span.start
        text = text[:start] + "、" * (end - start) + text[end:]
    return text


OPENING_PHRASE = re.compile(
    r"^(?:[在于自从对就]|截至|对于|关于|根据|依照|按照|为了?|除|随着|通过|经过|作为|尽管|虽然|\\d+年)[^。;]*,$"
)


def _joined(spans: Sequence[Span]) -> list[Span]:
    """Clauses with those too short to stand alone joined to the next (or, at the end, to the one before)."""
    joined: list[Span] = []
    pending: Span | None = None
    for span in spans:
        if pending is not None:
            span = Span(pending.text + span.text, pending.start, span.end)
        opens = OPENING_PHRASE.match(span.text) is not None and len(span.text) <= 32
        pending = span if weight_of(span.text) < 5 or (opens and span is not spans[-1]) else None
        if pending is None:
            joined.append(span)
    if pending is not None:
        joined.append(pending)
        if len(joined) > 1:
            last, tail = joined[-2], joined.pop()
            joined[-1] = Span(last.text + tail.text, last.start, tail.end)
    return joined


_TURNED_BEFORE = re.compile(
    r"(?:不|未|没有|没|无|非|并非|不是|无法|不得|尚未|难以|不会|拒绝|反对|禁止|是否|如果|假如|若)$"
)


def verbatim(claim: str, source: Prepared) -> tuple[int, int] | None:
    """Where the claim stands word for word, unless a negation stands just before the excerpt."""
    needle = claim.strip("。;,:!?. ").strip()
    bare_source, offsets = source.normal.text, source.normal
    start = bare_source.find(needle) if len(needle) >= 2 else -1
    while start >= 0:
        before = bare_source[max(0, start - 3) : start]
        if not _TURNED_BEFORE.search(before) and not _cuts_number(bare_source, start, start + len(needle)):
            return offsets.original(start, start + len(needle))
        start = bare_source.find(needle, start + 1)
    return None


def _cuts_number(text: str, start: int, end: int) -> bool:
    """Whether the excerpt begins or ends inside a number or a Latin word (``1,400`` cut to ``400``)."""

    def inside(at: int) -> bool:
        if not 0 < at < len(text):
            return False
        left, right = text[at - 1], text[at]
        if not (right.isascii() and right.isalnum()):
            return left.isdigit() and right in ",." and text[at + 1 : at + 2].isdigit()
        if left in ",.":
            return right.isdigit() and text[at - 2 : at - 1].isdigit()
        return left.isascii() and left.isalnum() and left.isdigit() == right.isdigit()

    return inside(start) or inside(end)


def stretch_of(clause: Clause, sentence: str) -> str:
    """The clause of the sentence with the longest stretch of the claim's clause in it."""
    matcher = difflib.SequenceMatcher(None, autojunk=False)
    matcher.set_seq2(clause.text)

    def likeness(part: str) -> float:
        matcher.set_seq1(part)
        sizes = [block.size for block in matcher.get_matching_blocks()]
        return max(sizes) + 0.3 * sum(size for size in sizes if size > 1)

    return max((span.text for span in split_clauses(sentence)), key=likeness, default=sentence)


def span_of(clauses: Sequence[Clause], source: Prepared) -> tuple[int, int] | None:
    chosen = [c for c in clauses if c.coverage >= 0.4]
    if not chosen:
        return None
    best = max(chosen, key=lambda c: c.weight * c.coverage)
    near = [c.sentence for c in chosen if abs(c.sentence - best.sentence) <= 1]
    first, last = source.sentences[min(near)], source.sentences[max(near)]
    return source.normal.original(first.start, last.end)
