"""A source made ready for comparison, and how much of a clause it says."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache

from answer.arithmetic import Figures, figures
from answer.facts import Fact, facts, with_year
from answer.relations import SourceClause, source_clauses
from answer.sentences import Normal, Span, normalise, split_sentences
from answer.synonyms import folded, is_mark


@dataclass(frozen=True, slots=True)
class Prepared:
    """A source prepared for comparison: sentences in normal and folded form, and its facts."""

    normal: Normal
    sentences: tuple[Span, ...]  # in normal form
    folds: tuple[str, ...]
    facts: tuple[Fact, ...]  # years inherited
    pairs: tuple[frozenset[str], ...]
    plain: tuple[frozenset[str], ...]  # unfolded, where a synonym's mark would hide part of a name
    everything: frozenset[str]
    folded: str
    clauses: tuple[SourceClause, ...]
    figures: Figures


@lru_cache(maxsize=4096)
def prepare(source: str) -> Prepared:
    """A source cut into sentences, with its facts; the last few thousand are remembered."""
    normal = normalise(source)
    sentences = tuple(_in_normal(normal, span) for span in split_sentences(source))
    sentences = tuple(s for s in sentences if s.text) or (Span(normal.text, 0, len(normal.text)),)
    folds = tuple(folded(s.text)[0] for s in sentences)
    pairs = tuple(frozenset(units_of(fold)) for fold in folds)
    whole = folded(normal.text)[0]
    plain = tuple(frozenset(units_of(s.text)) for s in sentences)
    stated = tuple(with_year(facts(normal.text)))
    clauses = source_clauses(sentences)
    everything = frozenset().union(*pairs)
    known = figures(stated, clauses, normal.text)
    return Prepared(normal, sentences, folds, stated, pairs, plain, everything, whole, clauses, known)


def _in_normal(normal: Normal, span: Span) -> Span:
    """A sentence of the original text in normal form; it is cut before line ends are dropped."""
    start, end = bisect_left(normal.offsets, span.start), bisect_left(normal.offsets, span.end)
    end = min(end, len(normal.text))
    return Span(normal.text[start:end], start, end)


def units_of(fold: str) -> list[str]:
    """What a folded text is compared by: neighbouring characters, synonyms' marks, Latin words."""
    found = []
    for run in re.finditer(r"[\u3400-\u9fff]+|[\ue000-\uf8ff]|[0-9a-z][0-9a-z./]*", fold):
        word = run.group()
        found.extend(
            [word]
            if not "\u3400" <= word[0] <= "\u9fff"
            else [word[i : i + 2] for i in range(len(word) - 1)] or [word]
        )
    return found


_SILENT = frozenset(
    "的了在和与及或等是为将以对于其而并也还又就从由向到中上下个这那该此之所被把使让有称做作着过各该地得\"'()《》,。;:!?、[]<>-·…/"
)


def weight_of(fold: str) -> float:
    """How much a clause says: its characters that are no function words."""
    return float(sum(1 for char in fold if char not in _SILENT))


def share_said(fold: str, units: frozenset[str]) -> float:
    """The share of a clause's speaking characters that stand in a pair (or word) of the source."""
    total = said = 0.0
    for run in re.finditer(r"[\u3400-\u9fff\ue000-\uf8ff]+|[0-9a-z][0-9a-z./]*", fold):
        word = run.group()
        if word[0].isascii():
            total += 2
            said += 2 * (word in units)
            continue
        for i, char in enumerate(word):
            if char in _SILENT:
                continue
            weight = 1.6 if is_mark(char) else 1.0
            total += weight
            said += weight * (char in units or word[i - 1 : i + 1] in units or word[i : i + 2] in units)
    return said / total if total else 1.0


def best_sentence(fold: str, source: Prepared, given: int | None = None) -> tuple[int, float]:
    """The sentence that covers most of the clause; a neighbour may lend words at a small discount."""
    best, best_value = 0, -1.0
    for i, units in enumerate(source.pairs):
        value = share_said(fold, units)
        if i == given or (given is None and value > best_value + 1e-9):
            best, best_value = i, value
    near = source.pairs[max(0, best - 1) : best + 2]
    helped = share_said(fold, frozenset().union(*near))
    return best, best_value + 0.7 * (helped - best_value)
