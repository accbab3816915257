"""The decision whether the documents answer a question, with what is missing where they do not."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from answer.calibration import REFUSAL
from answer.evidence import Ask, Candidate, Searchable, about, expansions_of, rarity, unmet_facts
from answer.expected import sort_of
from answer.extractive import Extraction
from answer.facts import Fact, facts
from answer.nearness import cosines
from answer.questions import Question, stands_alone, tagged, tells
from answer.sentences import normalise
from answer.source import units_of
from answer.stance import ANTONYMS
from answer.synonyms import folded
from answer.wording import wording
from index.thesaurus import bundled

DECLINED_KINDS = frozenset({"unanswerable", "false_premise", "off_topic"})
MISSED = {
    "missed_number": ("number",),
    "missed_states": ("states",),
    "missed_who": ("person", "agent"),
    "missed_when": ("when", "where"),
    "missed_amount": ("money", "share", "length"),
    "missed_why": ("why",),
    "missed_list": ("list", "title"),
}
"""Features for the thing asked for not being there, by its sort (``answer.expected``): a number that counts
nothing of what is asked says more against an answer than a list without commas."""
FEATURES = (
    "coverage", "holds", "lacks", "named", "concepts", "unmet", "clash", "parts", "english", "retrieval",
    "answers", "bound", "beside", "scattered", "odd", "faint", "remote", "strange", *MISSED,
)  # fmt: skip
SIGNS: Mapping[str, int] = {
    "coverage": 1, "holds": 1, "lacks": -1, "named": 1, "concepts": 1, "unmet": -1, "clash": -1,
    "retrieval": 1, "answers": 1, "bound": 1, "beside": -1, "scattered": -1, "odd": -1,
    "faint": -1, "remote": -1, "strange": -1,
    **dict.fromkeys(MISSED, -1),
}  # fmt: skip
"""The direction in which a feature may only speak, so that a small development set cannot turn it round."""
_ASKING = re.compile(
    r"什么|哪一?[个年天日月位次届项份条些国里儿]?|谁|何[时地人处]|为何|如何|怎么?样?|多[少大久]|几[个名次项届份种位家月号年]?|是否|吗"
)
FOREIGN = 0.2  # coverage below which a question that names nothing known is about something else
FAINT, UNSAID = 0.6, 0.3
"""The best paragraph's score, and the share of the question's words that the cited one says, under which only
a tenth and a quarter of the answerable questions fall: less speaks of another subject, more says nothing."""
ALIKE = 0.25  # cosine to the nearest paragraph that all but one in twenty answerable questions exceed
FAR = 0.5  # the best paragraph's score, as a feature: fewer than one in twenty answerable questions have less
FOREIGN_COST, UNNAMED_COST, YEAR_COST = 2.2, 10.0, 10.0
"""What a foreign word, an unnamed body and a year that no cited paragraph is of take from the log odds of an
answer. Set by hand: the sets that the other weights are fitted on hold few questions on other subjects, and
what is asked of 2030 is never answered with 2013."""
UNLIKE = 0.2  # cosine to every word of the evidence below which a word is on another subject


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


def decide(
    index: Searchable,
    question: Question,
    extraction: Extraction,
    best_hit: float = 0.0,
    cosine: float | None = None,
) -> Decision:
    """Weigh coverage, unmet years, states and references, and the kind of answer found.

    ``best_hit`` is the score of the best paragraph retrieved, ``cosine`` that of the nearest one.
    """
    if not extraction.chosen:
        return Decision(False, 0.0, (question.text,), None, dict.fromkeys(FEATURES, 0.0), True)
    values = features(index, question, extraction, best_hit, cosine)
    z = REFUSAL.bias + sum(REFUSAL.weights.get(name, 0.0) * values[name] for name in FEATURES)
    foreign = foreign_words(index, question, extraction)
    unnamed = unnamed_bodies(index, question, extraction)
    unmet = _unmet(index, question, extraction)
    other_year = len(question.parts) == 1 and any(f.kind == "date" and f.value[0] for f in unmet)
    cost = FOREIGN_COST * bool(foreign) + UNNAMED_COST * bool(unnamed) + YEAR_COST * other_year
    confidence = 1 / (1 + math.exp(cost - z))
    premise = _premise(unmet, extraction, confidence < REFUSAL.answer)
    named = [fact.text for fact in unmet]
    words = [w for w in _missing_words(question, extraction) if not any(n in w or w in n for n in named)]
    missing = tuple(dict.fromkeys([*named, *(unnamed or foreign or words)]))
    far = values["coverage"] < FOREIGN and values["named"] == 0 and values["retrieval"] < FAR
    elsewhere = far and not (unmet or unnamed or foreign)
    return Decision(
        confidence >= REFUSAL.answer, round(confidence, 4), missing[:4], premise, values, elsewhere
    )


def features(
    index: Searchable,
    question: Question,
    extraction: Extraction,
    best_hit: float = 0.0,
    cosine: float | None = None,
) -> dict[str, float]:
    """What the decision is made from; all values lie in [0, 1] or near it.

    Of a question in several parts the worst part counts.
    """
    per_ask = [_of_ask(index, asked, extraction.chosen) for asked in extraction.asks]
    values = dict(min(per_ask, key=lambda f: (f["answers"], f["coverage"])))
    values["unmet"] = min(1.0, 0.5 * len(_unmet(index, question, extraction)))
    values["clash"] = _clash(question, extraction)
    values["parts"] = float(len(extraction.asks) > 1)
    values["english"] = float(question.lang == "en")
    values["retrieval"] = max(0.0, min(1.0, best_hit / 20))
    values["strange"] = 0.0 if cosine is None else min(1.0, max(0.0, 1 - cosine / ALIKE))
    values["faint"] = max(0.0, 1 - values["retrieval"] / FAINT)
    values["remote"] = values["faint"] * max(0.0, 1 - values["whole"] / UNSAID)
    return {name: round(values.get(name, 0.0), 4) for name in FEATURES}


def _of_ask(index: Searchable, asked: Ask, chosen: Sequence[Candidate]) -> dict[str, float]:
    """The features of one part of the question against the sentences chosen.

    ``beside`` and ``scattered`` are large where the paragraph says the question's words but no single
    sentence does, or not those beside the question word; ``odd`` where all but one rare word are said.
    """
    said = {unit: max(c.said.get(unit, 0.0) for c in chosen) for unit in asked.weights}
    holds = max(c.kind_fits for c in chosen)
    named = [
        max((t for term, t in c.terms if any(term in x.normal for x in chosen)), default=0.0)
        for c in asked.concepts
        if not c.place
    ]
    cited = list({c.paragraph.id: c.paragraph for c in chosen}.values())
    best = wording(index, asked, cited, rarity(index))
    sort = sort_of(asked.part)
    return {
        "coverage": sum(w * said[u] for u, w in asked.weights.items()) / asked.total,
        "holds": holds,
        "lacks": float(holds <= 0.2),
        "named": sum(named) / len(named) if named else 0.0,
        "concepts": min(3, sum(not c.place for c in asked.concepts)) / 3,
        "answers": best.answers,
        "bound": best.bound,
        "beside": max(0.0, best.whole - best.focus),
        "scattered": max(0.0, best.whole - best.said),
        "odd": best.lost * best.whole,
        "whole": best.whole,
        **{name: (1 - best.holds) * (sort in sorts) for name, sorts in MISSED.items()},
    }


def unnamed_bodies(index: Searchable, question: Question, extraction: Extraction) -> list[str]:
    """Bodies, meetings, treaties and titles in 《》 of the question that the cited documents never name."""
    if question.lang != "zh":
        return []
    concepts = bundled().concepts
    names: dict[str, set[str]] = {title: {title} for title in re.findall(r"《([^》]+)》", question.normal)}
    for name, concept, trust in bundled().matches(question.normal):
        counted = re.search(rf"第[^,，]{{1,4}}[次届]{re.escape(name)}", question.normal)
        if concepts[concept].kind in _BODIES and trust >= 0.6 and _OWN_NAME.fullmatch(name) and not counted:
            called = {normalise(variant).text for variant, _ in concepts[concept].variants()}
            names.setdefault(name, {name}).update(called)
    texts = [said for c in extraction.chosen for said in _evidence(index, c)]
    texts += [normalise(index.document(d).text).text for d in {c.paragraph.doc_id for c in extraction.chosen}]
    for expansion in expansions_of(index, question.normal) if names else ():
        if expansion.matched in names and expansion.relation == "same":
            names[expansion.matched].add(normalise(expansion.term).text)
    lost = [
        name
        for name, called in names.items()
        if not any(one in text or folded(one)[0] in folded(text)[0] for one in called for text in texts)
    ]
    return [name for name in lost if not any(name != other and name in other for other in lost)]


_BODIES = frozenset({"body", "meeting", "instrument"})
_OWN_NAME = re.compile(r"(?!.*(?:第.+[届次号]|[什哪几谁]))(?=.*[\u3400-\u9fff]).{4,}")


def foreign_words(index: Searchable, question: Question, extraction: Extraction) -> list[str]:
    """Nouns of the question on another subject, where they make up at least half of what it is about.

    Such a noun stands nowhere in the index, the thesaurus does not know it, and its vector is unlike those
    of all words of the cited paragraphs, their headings and titles. Places do not count: 纽约 does not
    make the weather there a matter of the documents.
    """
    if question.lang != "zh":
        return []
    rare, thesaurus = rarity(index), bundled()
    words = [(word, flag) for word, flag in tagged(question.normal) if tells(word, flag)]
    said = " ".join(dict.fromkeys(text for c in extraction.chosen for text in _evidence(index, c)))
    foreign: list[str] = []
    total = 0
    for word, flag in words:
        known = {thesaurus.concepts[c].kind for name, c, _ in thesaurus.matches(word) if name == word}
        if flag == "ns" or known & {"country", "region"}:
            continue
        total += 1
        units = units_of(folded(word)[0])
        nowhere = word not in said and any(not rare.known(unit) for unit in units)
        if nowhere and not known and flag in _NOUNS and stands_alone(word):
            foreign.append(word)
    if not foreign or 2 * len(foreign) < total:
        return []
    near = cosines(foreign, said)
    foreign = [] if near is None else [w for w, c in zip(foreign, near, strict=True) if c < UNLIKE]
    return foreign if 2 * len(foreign) >= total else []


_NOUNS = frozenset({"n", "nr", "nt", "j", "vn"})


def _evidence(index: Searchable, candidate: Candidate) -> tuple[str, ...]:
    """The cited paragraph, its headings and footnotes and what its document says of itself, normalised."""
    paragraph = candidate.paragraph
    notes = [note.text for note in paragraph.footnotes]
    texts = (paragraph.text, *paragraph.section, *notes, about(index.document(paragraph.doc_id)))
    return tuple(normalise(text).text for text in texts if text)


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
    place = 0
    for word, _ in tagged(text):  # half a word says nothing: 合同 is not missing where only 同要 is
        span = slice(place, place + len(word))
        place += len(word)
        marked[span] = [sum(marked[span]) * 2 > len(word)] * len(word)
    for first, last in asking:  # what is asked for is not what is missing
        marked[first:last] = [False] * (last - first)
    shown = "".join(char if flag else " " for char, flag in zip(text, marked, strict=True))
    runs = [run.strip("的了是在,?!。\"'") for run in shown.split()]
    words = [run for run in runs if len(run) > 1]
    return sorted((word for word in words if len(word) > 2), key=len, reverse=True)[:3] or words[:1]
