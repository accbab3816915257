"""Whether one sentence says what a question asks: its words, the thing asked for, and of the right year.

A paragraph can hold every word of a question and still not answer it: the date it gives is that of another
event, the number that of another year. So the sentences of the cited paragraphs are looked at one by one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from answer.evidence import Ask, Rarity, Searchable, about
from answer.expected import holds_answer, sort_of
from answer.facts import Fact, agrees
from answer.nearness import FloatArray, nearness
from answer.questions import content_units, tagged
from answer.rows import spelled
from answer.sentences import normalise
from answer.source import prepare
from ingest import Paragraph

_ASKING = re.compile(
    r"什么|哪|谁|多少|几(?=[个名次项届份种位家月号年])|怎|何[时地人]|为何|多久|是否|有没有|吗"
)
_EMPTY = re.compile(r"什么|哪|谁|多少|几|怎|何|吗|呢|请问|是否")
_BINDING = frozenset({"date", "session", "state", "resolution"})
BESIDE, ABOVE = 0.6, 0.4  # a word said one sentence before, or only in headings and title, counts less
RAREST = 6.0  # the rarity of a word that one paragraph in four hundred has
FADES = 5.0  # characters from the question word over which a word's part in what is asked falls to 1/e


@dataclass(frozen=True, slots=True)
class Wording:
    """How far the sentence that comes nearest to answering says what is asked; all values from 0 to 1.

    ``holds``: it has the kind of thing asked for; ``said``: it says the question's words, weighted by rarity,
    in its own or similar ones; ``focus``: those beside the question word; ``bound``: it speaks of the
    years, sessions, states and resolutions the question names; ``whole``: what its paragraph says;
    ``lost``: how rare the rarest word is that no cited paragraph says.
    """

    holds: float
    said: float
    focus: float
    bound: float
    whole: float
    lost: float

    @property
    def answers(self) -> float:
        """One figure of holding, saying and being bound, by which the sentence is chosen."""
        return self.holds * (0.15 + self.said) * self.bound


def wording(index: Searchable, asked: Ask, paragraphs: Sequence[Paragraph], rare: Rarity) -> Wording:
    """The wording of the sentence of the paragraphs that comes nearest to answering."""
    words = _words(index, asked)
    weights = np.array([max((rare(unit) for unit in content_units(word)), default=1.0) for word in words])
    share = weights / max(float(weights.sum()), 1e-9)
    beside = weights * _besides(asked.part.text, words)
    focus = beside / max(float(beside.sum()), 1e-9)
    wholes = [nearness(words, prepare(paragraph.text).normal.text) for paragraph in paragraphs]
    gaps = weights * (1 - np.max(wholes, axis=0)) if words else np.zeros(1)
    lost = min(1.0, float(gaps.max()) / RAREST)
    best = Wording(0.0, 0.0, 0.0, 0.0, 0.0, lost)
    for paragraph, whole in zip(paragraphs, wholes, strict=True):
        for holds, near, said, bound in _sentences(index, asked, paragraph, words):
            found = Wording(
                holds,
                float(share @ said) if words else 0.5,
                float(focus @ near) if words else 0.5,
                bound,
                float(share @ whole) if words else 0.5,
                lost,
            )
            best = max(best, found, key=lambda w: (w.answers, w.said))
    return best


def _sentences(
    index: Searchable, asked: Ask, paragraph: Paragraph, words: Sequence[str]
) -> Iterator[tuple[float, FloatArray, FloatArray, float]]:
    """Of each sentence: whether it holds the thing asked for, how near it and its context say the words, and
    how far it is bound to the question's facts."""
    prepared = prepare(paragraph.text)
    above = normalise(" ".join((about(index.document(paragraph.doc_id)), *paragraph.section))).text
    context = np.array([ABOVE * (word in above) for word in words], np.float32)
    binding = [fact for fact in asked.question.facts if fact.kind in _BINDING]
    listed = bool(paragraph.sub_items) and sort_of(asked.part) == "list"
    before = np.zeros(len(words), np.float32)
    row = normalise(spelled(paragraph)).text
    for text in [row] if row else [sentence.text for sentence in prepared.sentences]:
        near = nearness(words, text)
        said = np.maximum(np.maximum(near, BESIDE * before), context)
        bound = min((_bound(fact, text, prepared.facts, above) for fact in binding), default=1.0)
        holds = holds_answer(asked.question, asked.part, text)
        yield (1.0 if listed else holds), near, said, bound
        before = near


def _bound(fact: Fact, sentence: str, stated: Sequence[Fact], above: str) -> float:
    """How far a sentence speaks of a fact of the question.

    Fully where it says it; hardly where it names another of its kind (71项 in 2018, asked of 2022) and the
    paragraph never says it; in between where the paragraph, the headings or the title do.
    """
    here = [other for other in prepare(sentence).facts if other.kind == fact.kind]
    if fact.text in sentence or any(agrees(fact, other) for other in here):
        return 1.0
    around = fact.text in above or any(agrees(fact, other) for other in stated)
    if here:
        return 0.5 if around else 0.2
    return 0.85 if around else 0.5


def _words(index: Searchable, asked: Ask) -> tuple[str, ...]:
    """The words of the question that say something; of an English one, the Chinese words they stand for."""
    if asked.question.lang == "en":
        analyse = getattr(index, "analyse", None)
        translated: Mapping[str, float] = analyse(asked.question.text).words if analyse else {}
        return tuple(word for word in translated if len(word) > 1)[:25]
    found = [
        word
        for word, flag in tagged(asked.part.text)
        if not _EMPTY.search(word)
        and (flag[0] in "nvajlibts" or flag == "eng")
        and (len(word) > 1 or flag[0] == "n")
    ]
    return tuple(dict.fromkeys(found))


def _besides(text: str, words: Sequence[str]) -> FloatArray:
    """For each word how close it stands to a question word: 1 beside it, less with every character."""
    places = [match.start() for match in _ASKING.finditer(text)]
    gaps = []
    for word in words:
        at = max(text.find(word), 0)
        gap = min((max(at - place, place - at - len(word)) for place in places), default=20)
        gaps.append(math.exp(-max(0, gap) / FADES))
    return np.array(gaps, np.float32)
