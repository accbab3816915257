"""The values of the features: over the whole index where slices can be added up, per candidate otherwise."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.analysis import Analysis
from index.lexical import Postings
from index.schedule import DATED_ROW, asked_slots, asks_for_slot

if TYPE_CHECKING:
    from index.scoring import Signals

FloatArray = NDArray[np.float32]
Rows = NDArray[np.int64]
LONG = 80  # words and runs; more of a pasted page do not make the place clearer
NEAR = 40  # characters; words further apart than this are not near each other

# What a paragraph holds that may answer a question of this kind.
_HOLDS = {
    "who": r"主持|主席|司长|主任|代表[^团性]|先生|女士|由[^,。]{2,14}(?:主持|担任|编写|组织|主办)"
    r"|[a-z]+ [a-z]+(?: [a-z]+)*\(",
    "when": r"\d{4}年|\d+月\d*|[上下]午",
    "where": r"在[^,。]{2,12}(?:举行|举办|召开|召集)|国际中心|总部|[市州]",
    "how_many": r"\d+(?:个|名|项|次|份|家|位|场|国|多|余|万|亿|%)|百分之"
    r"|[一二三四五六七八九十两百]+(?:个|名|项|次|份|家|位|场)",
    "list": r"\(a\)|(?:[^、。]+、){3}|(?:[^;。]+;){2}|包括|例如",
    "why": r"因为|由于|原因|旨在|以便|目的|鉴于|从而|为了",
    "definition": r"是指|系指|定义|意味着|即|称为|\(简称|\(下称",
    "compare": r"相比|不同|差异|然而|但是|另一方面|增[加长]|减少",
}
HOLD_KINDS = tuple(_HOLDS)
_HOLD_PATTERNS = tuple(re.compile(pattern) for pattern in _HOLDS.values())


def kinds_held(folded: str) -> list[bool]:
    """For each of ``HOLD_KINDS`` whether the folded text holds such a thing."""
    return [bool(pattern.search(folded)) for pattern in _HOLD_PATTERNS]


def wide_features(signals: Signals, analysis: Analysis, off: set[str]) -> dict[str, FloatArray]:
    """Features ``[n]`` of every paragraph that cost only additions; those in ``off`` are left out."""
    found = {**_lexical(signals, analysis, off), **_references(signals, analysis, off)}
    kind = analysis.facts.answer_kind
    if kind in HOLD_KINDS:
        found["answer_kind"] = signals.holds[:, HOLD_KINDS.index(kind)]
    return {name: array for name, array in found.items() if name not in off}


def row_features(
    signals: Signals, analysis: Analysis, wide: Mapping[str, FloatArray], rows: Rows, off: set[str]
) -> dict[str, FloatArray]:
    """Features ``[len(rows)]`` of the given paragraphs that need a closer look."""
    found: dict[str, FloatArray] = {}
    if "coverage" not in off:
        found |= _coverage(signals, analysis, rows, title="coverage_all" not in off)
    if "concepts" not in off:
        found["concepts"] = _concepts(signals.postings["words"], analysis, rows)
    if "neighbours" not in off and "words" in wide:
        own = wide["words"] + wide["bigrams"] if "bigrams" in wide else 2 * wide["words"]
        found["neighbours"] = _neighbours(own / np.float32(2), signals.document_of, rows)
    return {name: array for name, array in found.items() if name not in off}


def _share(scores: FloatArray, least: float = 0.0) -> FloatArray:
    """Scores divided by the best of them, or by ``least`` where that is more."""
    best = max(float(scores.max(initial=0.0)), least)
    return np.asarray(scores / np.float32(best), np.float32) if best > 0 else scores


def _lexical(signals: Signals, analysis: Analysis, off: set[str]) -> dict[str, FloatArray]:
    postings = signals.postings
    if "words" in off:
        return {}
    words = postings["words"].scores(analysis.words)
    pairs = postings["bigrams"].scores(analysis.bigrams)
    found = {"words": _share(words), "bigrams": _share(pairs)}
    if "thesaurus" not in off:
        other = postings["words"].scores(analysis.other_words)
        other += postings["bigrams"].scores(analysis.other_bigrams)
        found["thesaurus"] = _share(other, float(words.max(initial=0) + pairs.max(initial=0)) / 2)
    terms = {**analysis.words, **analysis.bigrams, **dict.fromkeys(analysis.exact, 1.0)}
    if "thesaurus" not in off:
        terms = {**analysis.other_bigrams, **analysis.other_words, **terms}
    for name, place in (("section", signals.section_of), ("title", signals.document_of)):
        if name not in off:
            found[name] = _share(postings[name].scores(terms), float(words.max(initial=0)) / 2)[place]
    return found


def _references(signals: Signals, analysis: Analysis, off: set[str]) -> dict[str, FloatArray]:
    found: dict[str, FloatArray] = {}
    text, facts = signals.postings["words"], analysis.facts
    if "exact" not in off:
        rarity = {token: text.rarity(token) for token in analysis.exact}
        of_time = {token for token in rarity if token.startswith(("year:", "date:", "ord:"))}
        for name, wanted in (("exact", rarity.keys() - of_time), ("time", of_time)):
            if wanted:
                found[name] = _sum_of_present(text, {token: rarity[token] for token in sorted(wanted)})
        rows = signals.postings["slots"]
        if slots := asked_slots(facts.folded):
            found["slots"] = _sum_of_present(rows, dict.fromkeys(slots, 1.0))
        if asks_for_slot(facts.folded):
            found["programme"] = _sum_of_present(rows, {DATED_ROW: 1.0})
    if "year" not in off:
        about = {
            "year": [f"year:{year}" for year in facts.years],
            "year_named": [f"year:{year}" for year in facts.document_years],
            "session": [f"ord:{session}" for session in facts.sessions],
            "symbol": [f"sym:{symbol}" for symbol in facts.symbols],
        }
        for name, tokens in about.items():
            if tokens:
                agrees = np.zeros(signals.metadata.size, np.float32)
                for token in tokens:
                    agrees[signals.metadata.present(token)] = 1.0
                found[name] = agrees[signals.document_of]
    return found


def _sum_of_present(text: Postings, weights: Mapping[str, float]) -> FloatArray:
    """Share of the weights whose token each row holds."""
    found = np.zeros(text.size, np.float32)
    total = sum(weights.values())
    for token, weight in weights.items():
        found[text.present(token)] += np.float32(weight / total)
    return found


def _coverage(signals: Signals, analysis: Analysis, rows: Rows, *, title: bool) -> dict[str, FloatArray]:
    """Share of the question's words, weighted by rarity, that the text (and what stands above it) holds."""
    text, section, titles = (signals.postings[name] for name in ("words", "section", "title"))
    rarity = {word: weight * text.rarity(word) for word, weight in analysis.words.items()}
    total = sum(rarity.values())
    covered, anywhere = np.zeros(len(rows), np.float32), np.zeros(len(rows), np.float32)
    sections, documents = signals.section_of[rows], signals.document_of[rows]
    for word, value in rarity.items():
        part = np.float32(value / total)
        here = text.holds(word, rows)
        covered += part * here
        if title:
            anywhere += part * (here | section.holds(word, sections) | titles.holds(word, documents))
    return {"coverage": covered, "coverage_all": anywhere}


def _concepts(text: Postings, analysis: Analysis, rows: Rows) -> FloatArray:
    """Share of the question's concepts, weighted by rarity, that the paragraph names in any way.

    A name counts with the trust it deserves; a concept is as rare as its most frequent name, and a
    name as frequent as its rarest word.
    """
    found, total = np.zeros(len(rows), np.float32), 0.0
    held: dict[str, NDArray[np.bool_]] = {}
    for alternatives in analysis.concepts:
        best, rarity = np.zeros(len(rows), np.float32), text.rarity("")
        for words, trust in alternatives:
            held |= {word: text.holds(word, rows) for word in words if word not in held}
            if words:
                whole = np.logical_and.reduce([held[word] for word in words])
                best = np.maximum(best, np.float32(trust) * whole)
                rarity = min(rarity, max(text.rarity(word) for word in words))
        found += np.float32(rarity) * best
        total += rarity
    return found / np.float32(total or 1)


def _neighbours(scores: FloatArray, document_of: Rows, rows: Rows) -> FloatArray:
    """For each row the better score of the paragraph before and the one after in its document."""
    found = np.zeros(len(rows), np.float32)
    for step in (-1, 1):
        other = (rows + step).clip(0, len(scores) - 1)
        together = (document_of[other] == document_of[rows]) & (other != rows)
        found = np.maximum(found, scores[other] * together)
    return found


def closeness(analysis: Analysis, texts: Sequence[str]) -> FloatArray:
    """Phrase and proximity of each text, ``[n, 2]``.

    Phrase is the share of the question's runs of four Chinese characters that the text holds as they
    stand; proximity the mean over neighbouring words of the question of ``1 - distance / NEAR`` at
    their closest, 0 where one is missing.
    """
    grams = analysis.phrases[:LONG]
    words = [word for word in analysis.words if analysis.words[word] == 1.0][:LONG]
    pairs = list(pairwise(words))
    found = np.zeros((len(texts), 2), np.float32)
    for row, text in enumerate(texts):
        if grams:
            found[row, 0] = sum(gram in text for gram in grams) / len(grams)
        if pairs:
            places = {word: _places(text, word) for word in words}
            found[row, 1] = sum(_near(places[a], places[b]) for a, b in pairs) / len(pairs)
    return found


def _places(text: str, word: str) -> list[int]:
    found: list[int] = []
    start = text.find(word)
    while start >= 0 and len(found) < 12:
        found.append(start)
        start = text.find(word, start + 1)
    return found


def _near(left: Sequence[int], right: Sequence[int]) -> float:
    if not left or not right:
        return 0.0
    distance = min(abs(a - b) for a in left for b in right)
    return max(0.0, 1 - distance / NEAR)
