"""The decision whether the documents answer a question, with what is missing where they do not."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from answer.calibration import REFUSAL
from answer.evidence import Ask, Candidate, Searchable, unmet_facts
from answer.extractive import Extraction
from answer.facts import Fact, facts
from answer.questions import Question
from answer.sentences import normalise
from answer.stance import ANTONYMS
from answer.synonyms import folded

DECLINED_KINDS = frozenset({"unanswerable", "false_premise", "off_topic"})
FEATURES = (
    "coverage", "near", "holds", "lacks", "holds_near", "named", "concepts", "unknown", "unmet",
    "clash", "parts", "english", "retrieval",
)  # fmt: skip
SIGNS: Mapping[str, int] = {
    "coverage": 1, "near": 1, "holds": 1, "lacks": -1, "holds_near": 1, "named": 1, "concepts": 1,
    "unknown": -1, "unmet": -1,
    "clash": -1, "retrieval": 1,
}  # fmt: skip
"""The direction in which a feature may only speak, so that a small development set cannot turn it round."""
_ASKING = re.compile(
    r"什么|哪一?[个年天日月位次届项份条些国里儿]?|谁|何[时地人处]|为何|如何|怎么?样?|多[少大久]|几[个名次项届份种位家月号年]?|是否|吗"
)
FOREIGN = 0.2  # coverage below which a question that names nothing known is about something else
_NEAR = 6  # characters from a question word within which the thing asked for is named


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether to answer, how sure that is (probability that the documents answer), and what is missing.

    ``premise`` is a fact of the question that the best sentence contradicts, None where there is none;
    ``elsewhere`` says that the question is about something the documents do not treat at all.
    """

    answer: bool
    confidence: float
    missing: tuple[str, ...]
    premise: Fact | None
    features: Mapping[str, float]
    elsewhere: bool = False


def decide(index: Searchable, question: Question, extraction: Extraction, best_hit: float = 0.0) -> Decision:
    """Weigh coverage, unmet years, states and references, and the kind of answer found.

    ``best_hit`` is the score of the best paragraph retrieved.
    """
    if not extraction.chosen:
        return Decision(False, 0.0, (question.text,), None, dict.fromkeys(FEATURES, 0.0), True)
    values = features(index, question, extraction, best_hit)
    z = REFUSAL.bias + sum(REFUSAL.weights[name] * values[name] for name in FEATURES)
    confidence = 1 / (1 + math.exp(-z))
    unmet = _unmet(index, question, extraction)
    premise = _premise(unmet, extraction, confidence < REFUSAL.answer)
    named = [fact.text for fact in unmet]
    words = [w for w in _missing_words(question, extraction) if not any(n in w or w in n for n in named)]
    missing = tuple(dict.fromkeys([*named, *words]))
    elsewhere = values["coverage"] < FOREIGN and values["named"] == 0 and not unmet
    return Decision(
        confidence >= REFUSAL.answer, round(confidence, 4), missing[:4], premise, values, elsewhere
    )


def features(
    index: Searchable, question: Question, extraction: Extraction, best_hit: float = 0.0
) -> dict[str, float]:
    """What the decision is made from; all values lie in [0, 1] or near it.

    Of a question in several parts the worst part counts.
    """
    per_ask = [_of_ask(index, asked, extraction.chosen) for asked in extraction.asks]
    values = dict(min(per_ask, key=lambda f: (f["holds"], f["coverage"])))
    values["unmet"] = min(1.0, 0.5 * len(_unmet(index, question, extraction)))
    values["clash"] = _clash(question, extraction)
    values["parts"] = float(len(extraction.asks) > 1)
    values["english"] = float(question.lang == "en")
    values["retrieval"] = max(0.0, min(1.0, best_hit / 20))
    return {name: round(values.get(name, 0.0), 4) for name in FEATURES}


def _of_ask(index: Searchable, asked: Ask, chosen: Sequence[Candidate]) -> dict[str, float]:
    """The features of one part of the question against the sentences chosen."""
    said = {unit: max(c.said.get(unit, 0.0) for c in chosen) for unit in asked.weights}
    near = _near_units(asked)
    total = sum(asked.weights[u] for u in near)
    holds = max(c.kind_fits for c in chosen)
    near_said = sum(asked.weights[u] * said[u] for u in near) / total if total else 0.5
    named = [
        max((t for term, t in c.terms if any(term in x.normal for x in chosen)), default=0.0)
        for c in asked.concepts
        if not c.place
    ]
    return {
        "coverage": sum(w * said[u] for u, w in asked.weights.items()) / asked.total,
        "near": near_said,
        "holds": holds,
        "lacks": float(holds <= 0.2),
        "holds_near": holds * near_said,
        "named": sum(named) / len(named) if named else 0.0,
        "concepts": min(3, sum(not c.place for c in asked.concepts)) / 3,
        "unknown": sum(asked.weights.get(u, 0.0) for u in asked.missing) / asked.total,
    }


def _near_units(asked: Ask) -> list[str]:
    """The units that stand beside a question word: what is asked for rather than what it is about."""
    text = normalise(asked.part.text).text
    places = [m.span() for m in _ASKING.finditer(text)]
    fold, offsets = folded(text)
    near = []
    for unit in asked.weights:
        starts = [offsets[m.start()] for m in re.finditer(re.escape(unit), fold)]
        if any(min(abs(s - a), abs(s - b)) <= _NEAR for s in starts for a, b in places):
            near.append(unit)
    return near


def _clash(question: Question, extraction: Extraction) -> float:
    """1 where the question says the opposite of the best sentence (线上 and 现场, 增加 and 减少)."""
    text = question.normal
    for candidate in extraction.chosen:
        for word, opposites in ANTONYMS.items():
            if len(word) < 2 or word not in text or word in candidate.normal:
                continue
            if any(other in candidate.normal and other not in text for other in opposites):
                return 1.0
    return 0.0


def _unmet(index: Searchable, question: Question, extraction: Extraction) -> list[Fact]:
    """Facts of the question that none of the chosen paragraphs and their documents state."""
    if len(extraction.asks) == len(extraction.chosen) and extraction.compared:
        pairs = zip(extraction.asks, extraction.chosen, strict=True)
        per_cell = [
            unmet_facts(a.question, c.paragraph, index.document(c.paragraph.doc_id)) for a, c in pairs
        ]
        return min(per_cell, key=len)  # a table with an empty cell still answers the others
    left: list[Fact] | None = None
    for candidate in extraction.chosen:
        paragraph = candidate.paragraph
        unmet = unmet_facts(question, paragraph, index.document(paragraph.doc_id))
        left = unmet if left is None else [fact for fact in left if fact in unmet]
    return left or []


def _premise(unmet: Sequence[Fact], extraction: Extraction, refused: bool) -> Fact | None:
    """A stated fact that the best sentence contradicts with another of its kind, where the rest agrees.

    Where the question is refused in any case, less has to agree for saying what the documents do say.
    """
    best = max(extraction.chosen, key=lambda c: (c.score, c.within))
    if best.coverage < (0.35 if refused else 0.6):
        return None
    for fact in unmet:
        rivals = [f for f in facts(best.normal) if f.kind == fact.kind]
        if fact.kind == "number":
            rivals = [f for f in rivals if f.value[2] == fact.value[2]]
        if rivals and fact.kind in ("state", "number", "session", "date", "resolution"):
            return fact
    return None


def _missing_words(question: Question, extraction: Extraction) -> list[str]:
    """The longest stretches of the question that no chosen paragraph says, in its own words."""
    asking = [m.span() for m in _ASKING.finditer(question.normal)]
    unsaid: set[str] = set()
    for asked in extraction.asks:
        said = {u: max((c.said.get(u, 0.0) for c in extraction.chosen), default=0.0) for u in asked.weights}
        unsaid |= {u for u in asked.weights if said[u] < 0.3 and not "\ue000" <= u <= "\uf8ff"}
    text = question.normal
    marked = [False] * len(text)
    for unit in unsaid:
        for match in re.finditer(re.escape(unit), text):
            marked[match.start() : match.end()] = [True] * len(unit)
    for first, last in asking:  # what is asked for is not what is missing
        marked[first:last] = [False] * (last - first)
    shown = "".join(char if flag else " " for char, flag in zip(text, marked, strict=True))
    runs = [run.strip("的了是在,?!。\"'") for run in shown.split()]
    return sorted((run for run in runs if len(run) >= 3), key=len, reverse=True)[:3] or runs[:1]
