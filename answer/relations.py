"""Who did what in which sentence: whether a claim binds together what the source binds together.

A claim can be made of the source's own words and still say something else: two partners exchanged, the
subject of one sentence set before the predicate of another, giver and receiver turned round. Each clause
of the claim is therefore explained by one clause of the source, its home. A word that the home lacks is a
conflict where the home has another word in its place, and borrowed where it stands further away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from answer.acting import VERB
from answer.findings import Finding
from answer.sentences import Span, split_clauses
from answer.stance import actors
from answer.vocabulary import (
    EMPTY,
    LETTERS,
    NUMERIC,
    content_words,
    distributed,
    is_name,
    phrases,
    places,
    tags,
    words_of,
)
from index.tokens import STOP_WORDS


@dataclass(frozen=True, slots=True)
class SourceClause:
    """A clause of the source in normal form, where it starts there, and the number of its sentence."""

    text: str
    start: int
    sentence: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """A word of the claim, what the home has in its place, and how sure it is that they are rivals."""

    word: str
    rival: str
    weight: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """How one clause of the source, the home, accounts for a clause of the claim.

    ``said``, ``borrowed`` and ``absent`` are shares of the clause's words in the home, elsewhere in the
    source (the further away, the more), and nowhere; ``moved`` is what it costs to set the borrowed words
    where the claim has them.
    """

    home: int
    said: float
    borrowed: float
    absent: float
    moved: float
    conflicts: tuple[Conflict, ...]
    acts: bool  # whether the home has a verb of the claim, if the claim has any

    @property
    def cost(self) -> float:
        """What has to be explained away; the clause with the least is the one that the claim renders."""
        return (
            self.absent
            + self.moved
            + 0.15 * bool(self.conflicts)
            + 0.4 * (1 - self.said)
            + 0.15 * (not self.acts)
        )


_CLEFT = re.compile(r"^([^,;的]+)的是([^,;。]+?)([,;。]?)$")  # 审查合同的是法律处 = 法律处审查合同


def source_clauses(sentences: Sequence[Span]) -> tuple[SourceClause, ...]:
    """The clauses of a source's sentences in order; those of a sentence with 分别 also written out."""
    found = []
    for number, sentence in enumerate(sentences):
        for span in split_clauses(sentence.text):
            found.append(SourceClause(span.text, sentence.start + span.start, number))
        if (whole := distributed(sentence.text)) != sentence.text:
            found += [SourceClause(s.text, -len(s.text), number) for s in split_clauses(whole)]
    return tuple(found)


def explain(clause: str, source: Sequence[SourceClause]) -> Explanation | None:
    """The best home of a clause of the claim; None where the source has none of its words."""
    words = content_words(_CLEFT.sub(r"\2\1\3", clause))
    total = float(sum(len(w.text) for w in words))
    shares = [sum(len(w.text) for w in words if places(w.text, c.text)) / max(1.0, total) for c in source]
    likely = sorted(range(len(source)), key=lambda i: -shares[i])[:6]
    found = [_explained(words, source, i, shares[i], total) for i in likely if shares[i] > 0.2]
    return min(found, key=lambda e: e.cost, default=None)


def _explained(
    words: Sequence[Span], source: Sequence[SourceClause], home: int, said: float, total: float
) -> Explanation:
    text = source[home].text
    found = [places(w.text, text) for w in words]
    known = frozenset("".join(clause.text for clause in source))
    borrowed = absent = moved = 0.0
    conflicts: list[Conflict] = []
    for i, word in enumerate(words):
        if found[i]:
            continue
        share = len(word.text) / total
        near = _nearest(word.text, source, home)
        if near is None:
            absent += share * sum(c not in known for c in word.text) / len(word.text)
            continue
        opening = not any(found[:i])  # a subject or topic may be carried over, a predicate hardly
        borrowed += near * share * (1 if opening else 3)
        moved += share * (near if opening else max(0.6, near))
        if word.text in _speakers(word.text) or _attributed(word.text, source, home):
            continue  # who speaks stands apart from what is said; comparison.py checks it
        if i == 0 and _topic(words[:2], source, home):
            continue  # 委员会首任主席是…,现任主席是…: the topic goes on
        if (rival := _rival(i, words, found, text)) is not None:
            inside = any(rival.text in w.text for w in words)
            sure = inside or _alike(word.text, rival, text, source)
            weight = 1.0 if sure and not _ANAPHOR.search(text) else 0.4
            conflicts.append(Conflict(word.text, rival.text, weight))
        elif i == 0 and (subject := _carried(word.text, source, home)):
            conflicts.append(Conflict(word.text, subject, 0.7))
    verbs = [bool(at) for word, at in zip(words, found, strict=True) if not is_name(word.text)]
    acts = any(verbs) or not verbs
    return Explanation(home, said, borrowed, absent, moved, tuple(conflicts), acts)


def _speakers(word: str) -> set[str]:
    return {word[op.start : op.end] for op in actors(word)}


_ANAPHOR = re.compile(r"该|这[一些项种个]|此[类种次]|上述")  # 该工具 may be what the claim names

_SAYING = re.compile(r"(?:指出|认为|表示|强调|说|称|报告|提到|建议|回顾|重申)[,:]$")


def _attributed(word: str, source: Sequence[SourceClause], home: int) -> bool:
    """Whether the word belongs to what introduces the home: 发言者指出,…"""
    sentence = [c for c in source[:home] if c.sentence == source[home].sentence]
    return any(_SAYING.search(c.text) and places(word, c.text) for c in sentence)


def _topic(words: Sequence[Span], source: Sequence[SourceClause], home: int) -> bool:
    """Whether an earlier clause of the home's sentence opens with the first word, and with a part of it."""
    topic, following = words[0].text, words[-1].text
    earlier = [c.text for c in source[:home] if c.sentence == source[home].sentence]
    parts = [next(words_of(text[len(topic) :]), "") for text in earlier if text.startswith(topic)]
    return any(part and part != following and tags().get(part, "n")[0] in "nbf" for part in parts)


def _carried(word: str, source: Sequence[SourceClause], home: int) -> str:
    """The subject that the home carries on from before, where the claim has another of the source's."""
    if not is_name(word) or not any(c.text.startswith(word) for c in source):
        return ""
    own = content_words(source[home].text)
    if own and own[0].start == 0 and is_name(own[0].text):
        return ""
    for clause in reversed(source[:home]):
        if clause.sentence != source[home].sentence:
            return ""
        first = content_words(clause.text)[:1]
        if first and first[0].start == 0 and is_name(first[0].text):
            same = places(word, clause.text) or _shortens(word, first[0].text)
            return "" if same else first[0].text
    return ""


def _nearest(word: str, source: Sequence[SourceClause], home: int) -> float | None:
    """How far a word has to be fetched for a clause: from its own sentence, a neighbour, or further away."""
    best = None
    for i, clause in enumerate(source):
        if i == home or not places(word, clause.text):
            continue
        gap = source[home].sentence - clause.sentence
        cost = (0.1 if i < home else 0.3) if gap == 0 else 0.4 if gap == 1 else 0.7
        best = cost if best is None else min(best, cost)
    return best


def _rival(
    at: int, words: Sequence[Span], found: Sequence[Sequence[tuple[int, int]]], text: str
) -> Span | None:
    """What the home has in the place of a word that it lacks."""
    left = next((p for p in reversed(found[:at]) if p), [(0, 0)])
    right = next((p for p in found[at + 1 :] if p), [(len(text), len(text))])
    gaps = [(a[1], b[0]) for a in left for b in right if a[1] <= b[0]]
    word = words[at].text
    if not gaps and right != [(len(text), len(text))] and words[at].end == words[at + 1].start:
        before = [o for o in content_words(text) if any(o.end == place[0] for place in right)]
        gaps = [(o.start, o.end) for o in before]  # 第一工作组 for 第二工作组, wherever it stands
    if not gaps:
        return None
    start, end = min(gaps, key=lambda gap: gap[1] - gap[0])
    numeric = bool(NUMERIC.match(word))
    if not numeric and not is_name(word):
        return None
    others = content_words(text[start:end]) if numeric else phrases(text[start:end])
    rivals = [
        Span(o.text, start + o.start, start + o.end)
        for o in others
        if numeric == bool(NUMERIC.match(o.text))
        and not _UNIT.fullmatch(o.text)
        and not _shortens(word, o.text)
        and not _shortens(o.text, word)
    ]
    said = {w.text for w in words}
    fresh = [r for r in rivals if r.text not in said]
    if rivals and not fresh and _PASSIVE_MARK.search(text[start:end]):
        return None  # 工作组由加纳主持: what the claim has after the verb
    rival = next(iter(fresh or rivals), None)
    if rival is None or start > 0 or rival.start > 4 or re.search(r"[\d年月,在于由]", text[: rival.start]):
        return rival
    return Span(text[: rival.end], 0, rival.end)


_UNIT = re.compile(r"小时|分钟|星期|工作日|月份|年度|个月")
_PASSIVE_MARK = re.compile(r"[由被受]")


def _shortens(short: str, long: str) -> bool:
    """Whether all characters of one name stand in the other in this order: 毒罪办, 毒品和犯罪问题办公室."""
    rest = iter(long)
    return all(char in rest for char in short)


def _alike(word: str, rival: Span, text: str, source: Sequence[SourceClause]) -> bool:
    """Whether word and rival hold the same place in their clauses: begin, end, follow or lead to the same."""
    before, after = _edge(text[: rival.start][-2:]), _edge(text[rival.end :][:2])
    return any(
        _edge(clause.text[:start][-2:]) == before or _edge(clause.text[end:][:2]) == after
        for clause in source
        if clause.text != text
        for start, end in places(word, clause.text)
    )


def _edge(text: str) -> str:
    return re.sub(r"[的了,。;:]", "", text)


_PASSIVE = {"被": "由", "受": "由", "受到": "由", "得到": "由"}

_SIDE_BY_SIDE = frozenset("和与及、同或跟") | {"以及", "并"}


@lru_cache(maxsize=8192)
def _led(text: str) -> tuple[tuple[str, str], ...]:
    """The speaking words of a clause, each with the word before it: that is what shows its role."""
    found, before = [], "^"
    for word in words_of(text):
        speaking = (len(word) > 1 or word in LETTERS) and not NUMERIC.match(word)
        if speaking and word not in STOP_WORDS and not EMPTY.match(word):
            found.append((word, before))
        joins = (tags().get(word, "n")[0] in "nbajl" or is_name(word)) and not EMPTY.match(word)
        joins = joins and not VERB.fullmatch(word)
        if word not in ("了", "着", "过") and not joins:  # 向公共账目委员会: 向 leads in all three words
            before = _PASSIVE.get(word, word)
    return tuple(found)


def _directs(word: str) -> bool:
    """Whether the word before a name makes it the one that something is done to."""
    return word in "向对给为请" or tags().get(word, "n")[0] == "v" or bool(VERB.fullmatch(word))


def compare_roles(clause: str, home: str) -> Iterator[Finding]:
    """Two names that changed places: 甲协助乙 for 乙协助甲, 大会根据秘书长的请求 for the other way round.

    Where the home names only one of the two, it is enough that this one acts in one text alone.
    """
    ours, theirs = _led(clause), set(_led(home))
    named = {name for name, _ in theirs}
    for i, (one, before_one) in enumerate(ours):
        for other, before_other in ours[i + 1 :]:
            if before_one == before_other or before_other in _SIDE_BY_SIDE or one == other:
                continue
            kept = {(one, before_one), (other, before_other)} & theirs
            turned = {(one, before_other), (other, before_one)} & theirs
            acts = before_one == "^" and _directs(before_other) and before_other in home
            alone = acts and {one, other} - named and is_name(one) and is_name(other)
            if not kept and (len(turned) == 2 or (turned and alone)):
                yield Finding("roles", 1.0, f"“{one}”与“{other}”的位置与来源相反")
                return


_BY = re.compile(r"由(?P<who>[^,;。]{2,16})")


def compare_agents(clause: str, sentences: Sequence[Span]) -> Iterator[Finding]:
    """Another agent of the same act, who has no part in it anywhere: 由教师管理 for 由学生管理."""
    theirs = [content_words(m["who"]) for s in sentences for m in _BY.finditer(s.text)]
    for match in _BY.finditer(clause):
        words = content_words(match["who"])
        if len(words) < 2 or not is_name(words[0].text):
            continue
        if any(places(words[0].text, s.text) and places(words[-1].text, s.text) for s in sentences):
            continue
        agents = [w for w in theirs if any(places(words[-1].text, o.text) for o in w[1:])]
        said = {o.text for w in agents for o in w}
        if agents and not any(places(words[0].text, text) or _shortens(words[0].text, text) for text in said):
            yield Finding("roles", 1.0, f"来源说的不是由“{words[0].text}”，而是由“{agents[0][0].text}”")
            return


def compare_bindings(clause: str, found: Explanation, source: Sequence[SourceClause]) -> Iterator[Finding]:
    """Words of a clause that the source binds to others, and words fetched from elsewhere."""
    if found.conflicts:
        worst = max(found.conflicts, key=lambda c: c.weight)
        yield Finding("exchanged", worst.weight, f"来源说的不是“{worst.word}”，此处为“{worst.rival}”")
    yield from compare_roles(clause, source[found.home].text)
    if found.borrowed > 0.3:
        weight = round(min(1.0, (found.borrowed - 0.3) / 0.4), 3)
        yield Finding("borrowed", weight, "把来源中不同句子的内容连在了一起")
