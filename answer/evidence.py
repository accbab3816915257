"""How well retrieved sentences speak to a question: one comparable score per sentence.

Units of the question are weighed by their rarity among the paragraphs; a unit counts fully where the
sentence says it, less where only the headings, the document's title, or the rest of the paragraph do.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

from answer.expected import defines, holds_answer
from answer.facts import Fact, agrees, facts
from answer.questions import Part, Question, content_units
from answer.rows import shown, spelled
from answer.sentences import Span, normalise
from answer.source import prepare, units_of
from answer.synonyms import folded
from index.hits import Hit
from index.query import Filters
from index.thesaurus import Expansion
from ingest import Document, Paragraph

SAMPLE = 3000  # paragraphs counted for rarity; more change the weights no longer
IN_CONTEXT, IN_PARAGRAPH = 0.75, 0.55
CARRIED = 0.4  # weight of a unit that only the conversation brings in


class Searchable(Protocol):
    """The part of ``index.retrieval.Index`` that answering needs."""

    @property
    def documents(self) -> tuple[Document, ...]: ...
    @property
    def paragraphs(self) -> tuple[Paragraph, ...]: ...
    @property
    def fingerprint(self) -> str: ...
    def search(self, query: str, k: int = 10, *, filters: Filters | None = None) -> list[Hit]: ...
    def paragraph(self, paragraph_id: str) -> Paragraph: ...
    def document(self, doc_id: str) -> Document: ...
    def neighbours(self, paragraph_id: str, n: int = 1) -> list[Paragraph]: ...


@dataclass(frozen=True, slots=True)
class Rarity:
    """Inverse document frequency of units: ``log((1 + n) / (1 + df))``."""

    counts: Mapping[str, int]
    size: int

    def __call__(self, unit: str) -> float:
        return math.log((1 + self.size) / (1 + self.counts.get(unit, 0))) + 0.1

    def known(self, unit: str) -> bool:
        """Whether any paragraph counted holds the unit."""
        return unit in self.counts


_RARITIES: dict[str, Rarity] = {}


def rarity(index: Searchable) -> Rarity:
    """The rarity of units in the index, counted once per fingerprint."""
    if index.fingerprint not in _RARITIES:
        paragraphs = index.paragraphs
        step = max(1, len(paragraphs) // SAMPLE)
        sample = paragraphs[::step]
        counts: Counter[str] = Counter()
        for paragraph in sample:
            counts.update(prepare(paragraph.text).everything | context_units(*paragraph.section))
        if len(_RARITIES) > 8:
            _RARITIES.clear()
        _RARITIES[index.fingerprint] = Rarity(counts, len(sample))
    return _RARITIES[index.fingerprint]


@lru_cache(maxsize=8192)
def context_units(*texts: str) -> frozenset[str]:
    """Units of headings or of a document's title."""
    return frozenset(unit for text in texts for unit in units_of(folded(normalise(text).text)[0]))


@lru_cache(maxsize=1024)
def about(document: Document) -> str:
    """What a document says of itself: title, symbol, session, date."""
    return " ".join(
        part for part in (document.title, document.symbol, document.session, document.date) if part
    )


@dataclass(frozen=True, slots=True)
class Concept:
    """A name in the question and what else it may be called in the documents."""

    units: tuple[str, ...]
    terms: tuple[tuple[str, float], ...]  # normal form, trust
    place: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """A question ready for matching: its weighted units and the concepts it names."""

    question: Question
    part: Part
    weights: Mapping[str, float]
    concepts: tuple[Concept, ...]
    missing: tuple[str, ...]  # units that no paragraph and no expansion knows

    @property
    def total(self) -> float:
        """The sum of all weights."""
        return sum(self.weights.values()) or 1.0


def expansions_of(index: Searchable, text: str) -> Sequence[Expansion]:
    """The index's other names for what the text names; none where the index offers no thesaurus."""
    expand = getattr(index, "expansions", None)
    return tuple(expand(text)) if expand is not None else ()


def ask(index: Searchable, question: Question, part: Part) -> Ask:
    """Weigh the units of one part of a question by their rarity in the index."""
    rare = rarity(index)
    units = content_units(part.text)
    groups: dict[str, list[tuple[str, float]]] = {}
    places: set[str] = set()
    for expansion in expansions_of(index, part.text):
        if expansion.concept.startswith(("country/", "region/")):
            places.add(expansion.matched)
        groups.setdefault(expansion.matched, []).append((normalise(expansion.term).text, expansion.weight))
    concepts = tuple(
        Concept(tuple(units_of(folded(normalise(matched).text)[0])), tuple(terms), matched in places)
        for matched, terms in groups.items()
    )
    weights = {unit: rare(unit) for unit in units}
    for unit in question.context:
        weights.setdefault(unit, CARRIED * rare(unit))
    if question.lang == "en":
        weights = {unit: weight for unit, weight in weights.items() if not _english_only(unit, rare)}
    for concept in concepts:
        for unit in concept.units:
            weights.setdefault(unit, 1.5)
    helped = {unit for concept in concepts for unit in concept.units}
    missing = tuple(u for u in units if not rare.known(u) and u not in helped)
    return Ask(question, part, weights, concepts, missing)


def _english_only(unit: str, rare: Rarity) -> bool:
    return unit.isascii() and unit.isalpha() and not rare.known(unit)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a retrieved paragraph and how well it speaks to the question.

    ``said`` holds, for each unit of the question, the share (0 to 1) with which sentence, paragraph or
    context say it; ``own`` the units the sentence says itself. ``score`` ranks over all paragraphs,
    ``within`` only among the sentences of one. ``lead``, ``row`` and ``note`` are what is shown before or in
    place of the span: the headings of a table row, the row with the names of its columns, the text of a
    footnote whose mark the span carries.
    """

    hit: Hit
    position: int
    span: Span  # offsets into the paragraph's text
    normal: str
    score: float
    within: float
    coverage: float
    own: frozenset[str]
    said: Mapping[str, float]
    kind_fits: float
    lead: str = ""
    row: str = ""
    note: str = ""

    @property
    def paragraph(self) -> Paragraph:
        """The paragraph the sentence stands in."""
        return self.hit.paragraph


@dataclass(frozen=True, slots=True)
class Weights:
    """How a paragraph's and a sentence's score are put together; fitted on the development questions.

    A paragraph: retrieval score (and the encoder's part of it once more) below the best, its best sentence's
    coverage and own score, whether it holds the kind of thing asked for, and what it leaves unmet of the
    question's years, sessions and names. A long paragraph says something of everything: its logarithm counts
    against it.
    """

    retrieval: float = 0.9
    dense: float = 0.55
    coverage: float = 1.6
    kind: float = 2.1
    facts: float = 1.05
    sentence: float = 1.8
    length: float = 0.45
    sentence_kind: float = 0.35
    long: float = 0.12
    other_session: float = 0.4
    cover: float = 1.0
    defines: float = 2.5  # set by hand: few development questions ask for a definition in so many words


WEIGHTS = Weights()


def candidates(
    index: Searchable, asked: Ask, hits: Sequence[Hit], weights: Weights = WEIGHTS
) -> list[Candidate]:
    """All sentences of the hits, best first: by paragraph, then within it."""
    found: list[Candidate] = []
    for hit in hits:
        sentences = list(_of_paragraph(index, asked, hit, weights))
        if not sentences:
            continue
        document = index.document(hit.paragraph.doc_id)
        score = (
            weights.retrieval * (hit.score - hits[0].score)
            + weights.coverage * max(c.coverage for c in sentences)
            + weights.kind * max(c.kind_fits for c in sentences)
            + weights.sentence * max(c.within for c in sentences)
            + weights.defines * any(defines(asked.part, c.normal) for c in sentences)
            + weights.cover * _cover_of_session(asked, hit.paragraph, sentences)
            + weights.dense * (hit.parts.get("dense", 0.0) - hits[0].parts.get("dense", 0.0))
            - weights.length * math.log(len(hit.paragraph.text) + 1)
            - weights.facts * min(2, len(unmet_facts(asked.question, hit.paragraph, document)))
        )
        found.extend(replace(c, score=score) for c in sentences)
    return sorted(found, key=lambda c: (-c.score, c.hit.rank, -c.within, c.position))


def _of_paragraph(index: Searchable, asked: Ask, hit: Hit, weights: Weights) -> Iterable[Candidate]:
    paragraph = hit.paragraph
    document = index.document(paragraph.doc_id)
    prepared = prepare(paragraph.text)
    context = context_units(*paragraph.section) | context_units(about(document))
    lead = _row_lead(paragraph)
    row = "" if lead else spelled(paragraph)
    before: frozenset[str] = frozenset()
    for position, sentence in enumerate(prepared.sentences):
        own = (
            prepared.pairs[position]
            | prepared.plain[position]
            | (before if paragraph.kind == "cover" else frozenset())
        )
        before = prepared.pairs[position]
        if paragraph.kind == "row":
            own |= context_units(*paragraph.section)
        start, end = prepared.normal.original(sentence.start, sentence.end)
        span = Span(paragraph.text[start:end], start, end)
        text = normalise(row).text or normalise(lead).text + sentence.text
        made = _candidate(asked, hit, position, span, text, own, context, weights)
        yield replace(made, lead=lead, row=shown(paragraph) if row else "")
        for note in paragraph.footnotes:
            if start <= note.offset <= end:
                units = own | context_units(note.text)
                noted = _candidate(
                    asked, hit, position, span, normalise(note.text).text, units, context, weights
                )
                yield replace(noted, note=note.text, within=noted.within - 0.15)


_TABLE = re.compile(r"[图表]\s*[\d一二三四五六七八九十]+")


def _row_lead(paragraph: Paragraph) -> str:
    """The date or group a table row stands under, which the row itself does not repeat."""
    if paragraph.kind != "row":
        return ""
    groups = [heading for heading in paragraph.section if "|" not in heading]
    dated = (h for h in groups[1:] if any(c.isdigit() for c in h) and not _TABLE.match(h))
    return "，".join(dated)


def _candidate(
    asked: Ask,
    hit: Hit,
    position: int,
    span: Span,
    text: str,
    own: frozenset[str],
    context: frozenset[str],
    weights: Weights,
) -> Candidate:
    prepared = prepare(hit.paragraph.text)
    said = _said(asked, own, text, prepared.everything, prepared.normal.text, context)
    itself = sum(weight for unit, weight in asked.weights.items() if unit in own) / asked.total
    fits = holds_answer(asked.question, asked.part, text)
    other = _other_session(asked.question, text)
    fits = min(fits, 0.3) if other else fits
    within = (
        itself
        + 0.5 * _concept_share(asked, text)
        + weights.sentence_kind * fits
        - weights.long * max(0.0, len(text) - 160) / 160
        - weights.other_session * other
    )
    whole = sum(asked.weights[unit] * share for unit, share in said.items()) / asked.total
    units = frozenset(unit for unit in asked.weights if unit in own)
    return Candidate(hit, position, span, text, 0.0, within, whole, units, said, fits)


def _cover_of_session(asked: Ask, paragraph: Paragraph, sentences: Sequence[Candidate]) -> bool:
    """Whether this is the cover page of the very session whose time or place is asked for."""
    wanted = [f for f in asked.question.facts if f.kind == "session"]
    if paragraph.kind != "cover" or not wanted or not {"when", "where"} & set(asked.part.kinds):
        return False
    stated = prepare(paragraph.text).facts
    held = max(c.kind_fits for c in sentences) >= 0.9
    return held and all(any(agrees(w, f) for f in stated) for w in wanted)


def _other_session(question: Question, text: str) -> bool:
    """Whether a sentence speaks of other sessions only: 第六届 where 第七届 is asked for."""
    asked = [f for f in question.facts if f.kind == "session"]
    named = [f for f in _facts_of(text) if f.kind == "session"]
    rivals = [f for f in named if any(f.value[1] == a.value[1] for a in asked)]
    return bool(rivals) and not any(agrees(a, f) for a in asked for f in rivals)


def _concept_share(asked: Ask, text: str) -> float:
    """The share of the question's concepts that the text names by another of their names."""
    if not asked.concepts:
        return 0.0
    named = [max((trust for term, trust in c.terms if term in text), default=0.0) for c in asked.concepts]
    return sum(named) / len(named)


def _said(
    asked: Ask,
    own: frozenset[str],
    sentence: str,
    everything: frozenset[str],
    text: str,
    context: frozenset[str],
) -> dict[str, float]:
    said = {
        unit: 1.0
        if unit in own
        else IN_CONTEXT
        if unit in context
        else IN_PARAGRAPH
        if unit in everything
        else 0.0
        for unit in asked.weights
    }
    for concept in asked.concepts:
        trust = max((t for term, t in concept.terms if term in sentence), default=0.0)
        trust = max(trust, IN_PARAGRAPH * max((t for term, t in concept.terms if term in text), default=0.0))
        for unit in concept.units:
            if unit in said:
                said[unit] = max(said[unit], min(1.0, trust + 0.1) if trust else 0.0)
    return said


_CONSTRAINTS = frozenset({"date", "session", "resolution", "symbol", "article", "state", "number"})
_TOLD = 10  # numbers below count the things asked for (哪五个专题); larger ones are premises


def constrains(fact: Fact) -> bool:
    """Whether a fact of the question has to be true of what answers it."""
    if fact.kind == "number":
        low = fact.value[0]
        return isinstance(low, float) and (low >= _TOLD or fact.value[2] == "percent")
    if fact.kind == "article":
        return fact.value[1] in ("条", "款", "章", "周期")
    return fact.kind in _CONSTRAINTS


_CLAIMING = re.compile(r"(?:只有|仅有?|共有?|只|连[开续]|至少|[派给开办设出收][了过])$")


def _claimed(fact: Fact, text: str) -> bool:
    """Whether the question states a small number as a fact of its own: 派了三位顾问, 只有四个法域."""
    return fact.kind == "number" and bool(_CLAIMING.search(text[: fact.start]))


def known_facts(paragraph: Paragraph, document: Document) -> tuple[Fact, ...]:
    """Facts of a paragraph with those of its headings and its document's own description."""
    context = normalise(f"{about(document)} {' '.join(paragraph.section)}").text
    return (*prepare(paragraph.text).facts, *_facts_of(context))


@lru_cache(maxsize=8192)
def _facts_of(text: str) -> tuple[Fact, ...]:
    return facts(text)


def _spanned(fact: Fact, known: Sequence[Fact]) -> bool:
    """Whether both ends of a range of years are stated, though not as a range."""
    first, last = fact.value[0], fact.value[3] if fact.kind == "date" else None
    years = {f.value[0] for f in known if f.kind == "date"} | {f.value[3] for f in known if f.kind == "date"}
    return last is not None and fact.value[1] is None and {first, last} <= years


def unmet_facts(question: Question, paragraph: Paragraph, document: Document) -> list[Fact]:
    """Years, sessions, references and states the question names that paragraph and document do not."""
    known = known_facts(paragraph, document)
    whole = prepare(paragraph.text).normal.text
    return [
        fact
        for fact in question.facts
        if (constrains(fact) or _claimed(fact, question.normal))
        and not any(agrees(fact, other) for other in known)
        and not _spanned(fact, known)
        and fact.text not in whole
    ]
