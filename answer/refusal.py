"""The decision whether the documents answer a question, with what is missing where they do not."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from answer.calibration import REFUSAL
from answer.evidence import Ask, Candidate, Rarity, Searchable, rarity, unmet_facts
from answer.extractive import Extraction
from answer.facts import Fact
from answer.questions import Question
from answer.verify import prepare

FEATURES = (
    "coverage",
    "sentence",
    "unknown",
    "unsaid",
    "rarest_unsaid",
    "unmet",
    "kind",
    "parts",
    "english",
    "short",
)


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether to answer, how sure that is (probability that the documents answer), and what is missing.

    ``premise`` is a fact of the question that the best sentence contradicts, None where there is none.
    """

    answer: bool
    confidence: float
    missing: tuple[str, ...]
    premise: Fact | None
    features: Mapping[str, float]


def decide(index: Searchable, question: Question, extraction: Extraction) -> Decision:
    """Weigh coverage, unmet years, states and references, and the kind of answer found."""
    if not extraction.chosen:
        return Decision(False, 0.0, (question.text,), None, dict.fromkeys(FEATURES, 0.0))
    values = features(index, question, extraction)
    z = REFUSAL.bias + sum(REFUSAL.weights[name] * values[name] for name in FEATURES)
    confidence = 1 / (1 + math.exp(-z))
    unmet = _unmet(index, question, extraction)
    premise = _premise(unmet, extraction)
    missing = tuple(dict.fromkeys([*(fact.text for fact in unmet), *_missing_words(question, extraction)]))
    return Decision(confidence >= REFUSAL.answer, round(confidence, 4), missing[:4], premise, values)


def features(index: Searchable, question: Question, extraction: Extraction) -> dict[str, float]:
    """What the decision is made from; all values lie in [0, 1] or near it."""
    rare = rarity(index)
    per_ask = [_of_ask(asked, extraction.chosen, rare) for asked in extraction.asks]
    worst = min(per_ask, key=lambda f: f["coverage"])
    values = {name: worst.get(name, 0.0) for name in FEATURES}
    values["unmet"] = min(1.0, 0.5 * len(_unmet(index, question, extraction)))
    values["parts"] = float(len(extraction.asks) > 1)
    values["english"] = float(question.lang == "en")
    values["short"] = float(len(question.units) < 5)
    return {name: round(value, 4) for name, value in values.items()}


def _of_ask(asked: Ask, chosen: Sequence[Candidate], rare: Rarity) -> dict[str, float]:
    """The features of one part of the question against the sentences chosen for it."""
    said = {unit: max((c.said.get(unit, 0.0) for c in chosen), default=0.0) for unit in asked.weights}
    own = {unit: max((float(unit in c.own) for c in chosen), default=0.0) for unit in asked.weights}
    unsaid = {u: w for u, w in asked.weights.items() if said[u] < 0.3}
    return {
        "coverage": sum(w * said[u] for u, w in asked.weights.items()) / asked.total,
        "sentence": sum(w * own[u] for u, w in asked.weights.items()) / asked.total,
        "unknown": sum(asked.weights.get(u, 0.0) for u in asked.missing) / asked.total,
        "unsaid": sum(unsaid.values()) / asked.total,
        "rarest_unsaid": max(unsaid.values(), default=0.0) / 6,
        "kind": max((c.kind_fits for c in chosen), default=0.0),
    }


def _unmet(index: Searchable, question: Question, extraction: Extraction) -> list[Fact]:
    """Facts of the question that none of the chosen paragraphs and their documents state."""
    left: list[Fact] | None = None
    for candidate in extraction.chosen:
        paragraph = candidate.paragraph
        unmet = unmet_facts(question, paragraph, index.document(paragraph.doc_id))
        left = unmet if left is None else [fact for fact in left if fact in unmet]
    return left or []


def _premise(unmet: Sequence[Fact], extraction: Extraction) -> Fact | None:
    """A stated fact that the best sentence contradicts with another of its kind, where all else agrees."""
    best = max(extraction.chosen, key=lambda c: c.score)
    if best.coverage < 0.6:
        return None
    for fact in unmet:
        rivals = [f for f in prepare(best.paragraph.text).facts if f.kind == fact.kind]
        if rivals and fact.kind in ("state", "number", "session", "date", "resolution"):
            return fact
    return None


def _missing_words(question: Question, extraction: Extraction) -> list[str]:
    """The longest stretches of the question that no chosen paragraph says, in its own words."""
    unsaid: set[str] = set()
    for asked in extraction.asks:
        said = {u: max((c.said.get(u, 0.0) for c in extraction.chosen), default=0.0) for u in asked.weights}
        unsaid |= {u for u in asked.weights if said[u] < 0.3 and not "\ue000" <= u <= "\uf8ff"}
    text = question.normal
    marked = [False] * len(text)
    for unit in unsaid:
        for match in re.finditer(re.escape(unit), text):
            marked[match.start() : match.end()] = [True] * len(unit)
    runs, start = [], None
    for i, flag in enumerate([*marked, False]):
        if flag and start is None:
            start = i
        elif not flag and start is not None:
            runs.append(text[start:i])
            start = None
    return sorted((run for run in runs if len(run) >= 2), key=len, reverse=True)[:3]
