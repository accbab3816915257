"""Answers put together from verbatim sentences: the asked thing first, then the sentence that carries it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from answer.answers import Citation, Sentence, Table
from answer.evidence import Ask, Candidate, Searchable, ask, candidates, new_facts
from answer.facts import Fact
from answer.questions import Question
from answer.sentences import normalise
from answer.verify import prepare
from index.hits import Hit
from ingest import Paragraph

LONGEST = 320  # characters of a quoted sentence; longer ones are trimmed to whole clauses
OPEN_KINDS = ("what", "how", "why", "list", "compare", "yes_no")


@dataclass(frozen=True, slots=True)
class Extraction:
    """The sentences of an extractive answer, what they were chosen from, and a table for a comparison."""

    sentences: tuple[Sentence, ...]
    chosen: tuple[Candidate, ...]
    asks: tuple[Ask, ...]
    table: Table | None = None


def extract(
    index: Searchable, question: Question, hits: Sequence[Hit], part_hits: Mapping[int, Sequence[Hit]]
) -> Extraction:
    """Choose and order the sentences; ``part_hits`` are searches for single parts of the question.

    Returns an extraction without sentences when nothing was retrieved.
    """
    sentences: list[Sentence] = []
    chosen: list[Candidate] = []
    asks: list[Ask] = []
    for number, part in enumerate(question.parts):
        asked = ask(index, question, part)
        asks.append(asked)
        ranked = candidates(index, asked, _merged(part_hits.get(number, ()), hits))
        if not ranked:
            continue
        picked = _pick(asked, ranked)
        chosen.extend(picked)
        sentences.extend(_sentences(index, asked, picked))
    return Extraction(_unrepeated(sentences), tuple(chosen), tuple(asks))


def _merged(first: Sequence[Hit], second: Sequence[Hit]) -> list[Hit]:
    """Hits of the part's own search, or of the whole question where it has none."""
    return list(first or second)


def _pick(asked: Ask, ranked: Sequence[Candidate]) -> list[Candidate]:
    """The best sentence, those beside it that say what it leaves out, and at most one other paragraph."""
    best = ranked[0]
    if "list" in asked.part.kinds and (items := _listed(best, ranked)):
        return items
    picked = [best]
    covered = set(best.own)
    open_question = any(kind in OPEN_KINDS for kind in asked.part.kinds)
    same = [c for c in ranked[1:] if c.paragraph.id == best.paragraph.id]
    for candidate in same:
        gain = sum(asked.weights[u] for u in candidate.own - covered) / asked.total
        if (
            gain >= (0.12 if open_question else 0.2)
            and len(picked) < 3
            and candidate.score > 0.5 * best.score
        ):
            picked.append(candidate)
            covered |= candidate.own
    return sorted(picked, key=lambda c: c.position)


def _listed(best: Candidate, ranked: Sequence[Candidate]) -> list[Candidate]:
    """All lines of the list that the best sentence opens or belongs to, in order; [] where it is none."""
    lines = sorted((c for c in ranked if c.paragraph.id == best.paragraph.id), key=lambda c: c.position)
    if not best.paragraph.sub_items or len(lines) < 2:
        return []
    first_item = best.paragraph.sub_items[0].start
    opening = [c for c in lines if c.span.end <= first_item + 1]
    items = [c for c in lines if c.span.end > first_item]
    return [*opening[-1:], *items] if len(items) <= 12 else []


def _sentences(index: Searchable, asked: Ask, picked: Sequence[Candidate]) -> Iterable[Sentence]:
    best = max(picked, key=lambda c: c.score)
    direct = _direct(asked, best)
    if direct is not None:
        yield _quoted(index, best.paragraph, *direct)
    for candidate in picked:
        start, end = _trim(asked, candidate)
        yield _quoted(index, candidate.paragraph, start, end)


def _quoted(index: Searchable, paragraph: Paragraph, start: int, end: int) -> Sentence:
    quote = paragraph.text[start:end].strip()
    label = index.document(paragraph.doc_id).cite(paragraph)
    return Sentence(quote, (Citation(paragraph.id, quote, "verbatim", "原文逐字", label),), "verbatim")


def _trim(asked: Ask, candidate: Candidate) -> tuple[int, int]:
    """Offsets of the sentence, or of the run of its clauses that says most when it is very long."""
    span = candidate.span
    if len(span.text) <= LONGEST or "list" in asked.part.kinds:
        return span.start, span.end
    ends = [m.end() for m in re.finditer(r"[，；：;]", span.text)] + [len(span.text)]
    starts = [0, *ends[:-1]]
    best, best_value = (0, len(span.text)), -1.0
    for i, start in enumerate(starts):
        for end in ends[i:]:
            if end - start > LONGEST:
                break
            units = prepare(span.text[start:end]).everything
            value = sum(w for u, w in asked.weights.items() if u in units) + 0.002 * (end - start)
            if value > best_value:
                best, best_value = (start, end), value
    return span.start + best[0], span.start + best[1]


_DIRECT_KINDS = {
    "when": "date",
    "how_many": "number",
    "where": "state",
    "resolution": "resolution",
    "symbol": "symbol",
    "session": "session",
}


def _direct(asked: Ask, best: Candidate) -> tuple[int, int] | None:
    """Offsets in the paragraph of the date, number, place or reference asked for, when one stands out."""
    kinds = [kind for kind in asked.part.kinds if kind in _DIRECT_KINDS]
    if len(kinds) != 1 or "list" in asked.part.kinds:
        return None
    found = new_facts(asked.question, best.normal, _DIRECT_KINDS[kinds[0]])
    if kinds[0] == "how_many" and asked.part.noun:
        noun = asked.part.noun[:2]
        found = [f for f in found if noun in best.normal[f.start : f.end + 6]] or found
    scored = sorted(((_nearness(asked, best.normal, f), f) for f in found), key=lambda pair: -pair[0])
    if not scored or (len(scored) > 1 and scored[0][0] < 1.15 * scored[1][0]):
        return None
    return _fact_offsets(best, scored[0][1])


def _fact_offsets(best: Candidate, fact: Fact) -> tuple[int, int]:
    normal = normalise(best.span.text)
    start, end = normal.original(fact.start, fact.end)
    return best.span.start + start, best.span.start + end


def _nearness(asked: Ask, text: str, fact: Fact) -> float:
    """How much of the question stands near a fact: unit weights, falling off with the distance."""
    value = 0.0
    for unit, weight in asked.weights.items():
        at = text.find(unit) if not "\ue000" <= unit <= "\uf8ff" else -1
        if at >= 0:
            gap = max(fact.start - at - len(unit), at - fact.end, 0)
            crossed = text[min(at, fact.start) : max(at, fact.end)].count(",")
            value += weight * math.exp(-(gap + 8 * crossed) / 20)
    return value + 0.05 * (fact.end - fact.start)


def _unrepeated(sentences: Iterable[Sentence]) -> tuple[Sentence, ...]:
    """The sentences without near-duplicates: those whose character pairs an earlier one holds already."""
    kept: list[Sentence] = []
    for sentence in sentences:
        units = prepare(sentence.text).everything
        repeated = any(
            sentence.text == other.text
            or (
                len(units) >= 8
                and len(units & (o := prepare(other.text).everything)) >= 0.85 * min(len(units), len(o))
                and len(o) >= 8
            )
            for other in kept
        )
        if not repeated:
            kept.append(sentence)
    return tuple(kept)
