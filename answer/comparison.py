"""Compare a clause with the sentence it is aligned with, word by word and operator by operator.

Both are in normal form. Each difference that changes what is said becomes a finding with a weight from
0 (harmless) to 1 (another statement).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from answer.stance import (
    ANTONYMS,
    Operator,
    actor_distance,
    actors,
    modal_distance,
    modalities,
    negations,
    quantifier_distance,
    quantifiers,
)
from answer.synonyms import folded


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference between claim and source: its kind, how grave it is, and a Chinese phrase for it."""

    kind: str
    weight: float
    message: str


_HEAD = 12
_STOP = re.compile(r"[,。;:!?]")
_LEAD = re.compile(r"^(?:[还也又都均并就在对为将会已曾正能可再更其的了所]|进一步|继续|酌情)+")


def compare_operators(clause: str, sentence: str, before: str) -> Iterator[Finding]:
    """Differences in negation, modality, quantifiers and actors between a clause and its sentence.

    ``before`` is the source up to the sentence: a sentence that names no actor keeps the last one's.
    """
    yield from _negation(clause, sentence)
    yield from _modality(clause, sentence)
    yield from _quantifier(clause, sentence)
    yield from _actor(clause, sentence, before)
    yield from _antonyms(clause, sentence)


def _head(text: str, end: int, length: int = _HEAD) -> str:
    """What an operator turns: the characters after it up to the end of its clause."""
    rest = _STOP.split(text[end : end + length + 4], maxsplit=1)[0]
    return _LEAD.sub("", rest)[:length]


def _locate(head: str, text: str, shortest: int = 2) -> tuple[int, int, int] | None:
    """Where the text says (the beginning of) a head: (start, length, offset in the head), or None.

    The longest stretch in common wins; a stretch that begins late in the head counts less.
    """
    matcher = difflib.SequenceMatcher(None, head, text, autojunk=False)
    best, best_value = None, 0.0
    for block in matcher.get_matching_blocks():
        if block.size >= shortest:
            value = block.size - 0.5 * block.a
            if value > best_value:
                best, best_value = (block.b, block.size, block.a), value
    return best


def _governing(operators: Sequence[Operator], position: int, text: str, reach: int) -> Operator | None:
    """The nearest operator that ends before the position, at most ``reach`` characters earlier."""
    near = [op for op in operators if op.end <= position and position - op.end <= reach]
    return near[-1] if near else None


def _not_between(text: str, start: int, end: int) -> bool:
    return not _STOP.search(text[start:end])


def _negation(clause: str, sentence: str) -> Iterator[Finding]:
    yield from _negation_one_way(clause, sentence, "来源没有这个否定")
    yield from _negation_one_way(sentence, clause, "来源是否定的")


def _negation_one_way(one: str, other: str, message: str) -> Iterator[Finding]:
    """Negations of ``one`` whose head stands un-negated in ``other``."""
    others = negations(other)
    for op in negations(one):
        head = _head(one, op.end, 8)
        place = _locate(head, other) if head else None
        if place is None or place[2] > 4:
            continue
        start = place[0]
        if any(start - 10 <= n.end <= start + 2 and _not_between(other, n.end, start) for n in others):
            continue
        if one[op.start : op.end] in other:
            continue
        weight = 1.0 if op.name == "not" and place[2] <= 2 else 0.6
        yield Finding("negation", weight, f"否定不同：“{one[op.start : op.end]}{head[:6]}”，{message}")


def _modality(clause: str, sentence: str) -> Iterator[Finding]:
    ours, theirs = modalities(clause), modalities(sentence)
    for op in ours:
        place = _locate(_head(clause, op.end), sentence)
        if place is None:
            if not any(modal_distance(op.name, t.name) < 0.3 for t in theirs):
                yield Finding("modality", 0.5, f"来源没有“{clause[op.start : op.end]}”")
            continue
        rival = _governing(theirs, place[0], sentence, 28)
        if rival is None:
            if any(modal_distance(op.name, t.name) < 0.3 for t in theirs):
                continue
            yield Finding(
                "modality",
                0.4 if op.name in ("may", "need") else 0.8,
                f"来源没有“{clause[op.start : op.end]}”",
            )
            continue
        near = [t for t in theirs if t.end <= place[0] and place[0] - t.end <= 28]
        distance = min(modal_distance(op.name, t.name) for t in near)
        if distance > 0:
            shown = sentence[rival.start : rival.end]
            yield Finding("modality", distance, f"情态不同：“{clause[op.start : op.end]}”，来源为“{shown}”")
    yield from _dropped_modality(clause, sentence, ours, theirs)


_DROPPED = {
    "must": 0.7,
    "should": 0.8,
    "need": 0.5,
    "might": 0.8,
    "soft": 0.9,
    "encourage": 0.7,
    "recommend": 0.7,
    "urge": 0.7,
    "request": 0.7,
    "may": 0.3,
    "require": 0.5,
    "decide": 0.3,
}


def _dropped_modality(
    clause: str, sentence: str, ours: Sequence[Operator], theirs: Sequence[Operator]
) -> Iterator[Finding]:
    for op in theirs:
        head = _head(sentence, op.end)
        place = _locate(head, clause, 3)
        if place is None or place[2] > 3:
            continue
        if any(o.end <= place[0] + 2 for o in ours):
            continue
        yield Finding(
            "modality", _DROPPED[op.name], f"来源说的是“{sentence[op.start : op.end]}”，不是陈述事实"
        )


_CLASSIFIER = re.compile(r"^(?:[个名位项次种部份类])?的?")


def _quantifier(clause: str, sentence: str) -> Iterator[Finding]:
    ours, theirs = quantifiers(clause), quantifiers(sentence)
    for op in ours:
        head = _CLASSIFIER.sub("", _head(clause, op.end, 8))
        distance, shown = _quantified_as(op.name, head, sentence, theirs)
        if distance > 0:
            yield Finding(
                "quantifier", distance, f"范围不同：“{clause[op.start : op.end]}{head[:4]}”，来源为“{shown}”"
            )
    for op in theirs:
        head = _CLASSIFIER.sub("", _head(sentence, op.end, 6))[:4]
        at = clause.find(head[:3]) if len(head) >= 2 else -1
        if at < 0 or any(o.end <= at and at - o.end <= 3 for o in ours) or ours:
            continue
        distance = quantifier_distance(op.name, "bare")
        weight = 0.75 * distance if op.name in ("one", "few", "only") else 0.5 * distance
        yield Finding("quantifier", weight, f"来源只说“{sentence[op.start : op.end]}{head}”")


def _quantified_as(name: str, head: str, sentence: str, theirs: Sequence[Operator]) -> tuple[float, str]:
    """The smallest distance between a quantifier and those that stand before its head in the sentence."""
    key = head[:2]
    best, shown = 2.0, ""
    start = sentence.find(key) if len(key) == 2 else -1
    while start >= 0:
        before = [t for t in theirs if t.end <= start and start - t.end <= 2]
        other = before[-1].name if before else "bare"
        distance = quantifier_distance(name, other)
        if distance < best:
            best = distance
            shown = sentence[before[-1].start : start + 3] if before else sentence[start : start + 4]
        start = sentence.find(key, start + 1)
    if best <= 1:
        return best, shown
    if any(quantifier_distance(name, t.name) < 0.3 for t in theirs):
        return 0.0, ""
    if theirs:
        return 0.8, sentence[theirs[0].start : theirs[0].end + 3]
    return (0.7 if name in ("all", "most", "only", "one") else 0.5), "（未说）"


_SUBJECT_FOLLOWS = re.compile(
    r"^(?:们|的?代表|在|还|也|又|并|则|已|曾|均|都|将|应|可|须|必须|不妨|似|继续|进一步|及时)*"
    r"(?:指出|表示|强调|认为|建议|欢迎|请|鼓励|决定|提交|编写|提到|报告|介绍|承认|重申|注意|回顾|感谢|呼吁|吁请|促请|敦促|要求|同意|讨论|通过|认可|提供|支持|举|开|启|参|与|组|设|协助|收|说|主张|提出|审议|批准|赞|起草|发|推|制|完成)"
)


def _actor(clause: str, sentence: str, before: str) -> Iterator[Finding]:
    theirs = actors(sentence)
    everywhere = {a.name for a in theirs} | {a.name for a in actors(before)}
    for op in actors(clause):
        head = _head(clause, op.end, 14)
        subject = _SUBJECT_FOLLOWS.match(clause[op.end : op.end + 16]) is not None
        if (
            op.name not in everywhere
            and min((actor_distance(op.name, n) for n in everywhere), default=1.0) >= 0.5
        ):
            yield Finding("actor", 1.0 if subject else 0.8, f"来源没有提到“{clause[op.start : op.end]}”")
            continue
        place = _locate(head, sentence) if subject else None
        if place is None:
            continue
        preceding = [t for t in theirs if t.end <= place[0]]
        if not preceding:
            preceding = list(actors(before))[-1:]
        if not preceding:
            continue
        distances = [actor_distance(op.name, t.name) for t in preceding]
        if distances[-1] == 0:
            continue
        grave = 1.0 if min(distances) > 0 else 0.35
        shown = preceding[-1].name
        yield Finding(
            "actor",
            grave * max(distances[-1], 0.3),
            f"行为者不同：“{clause[op.start : op.end]}”，来源为“{shown}”",
        )


def _antonyms(clause: str, sentence: str) -> Iterator[Finding]:
    for word, opposites in ANTONYMS.items():
        if word not in clause or word in sentence:
            continue
        for opposite in opposites:
            if opposite in sentence and opposite not in clause and len(word) >= 2:
                yield Finding("antonym", 1.0, f"意思相反：“{word}”，来源为“{opposite}”")
                return


_FUNCTION = re.compile(
    r"^[的了在和与及或等是为将以对于其而并也还又就从由向到中上下个这那该此之所被把使让有,。;:、\"'()《》]*$"
)
_DIGITISH = re.compile(r"[0-9零一二三四五六七八九十百千万]")


def compare_words(clause: str, sentence: str, source: str) -> Iterator[Finding]:
    """Words that stand in the place of others, or are put in, where the rest of the clause is the same."""
    ours, _ = folded(clause)
    theirs, _ = folded(sentence)
    swap, insert = 0.0, 0.0
    shown = ("", "")
    added = ""
    matcher = difflib.SequenceMatcher(None, ours, theirs, autojunk=False)
    codes = matcher.get_opcodes()
    for i, (tag, a1, a2, b1, b2) in enumerate(codes):
        left = codes[i - 1][2] - codes[i - 1][1] if i and codes[i - 1][0] == "equal" else 0
        right = codes[i + 1][2] - codes[i + 1][1] if i + 1 < len(codes) and codes[i + 1][0] == "equal" else 0
        new = ours[a1:a2]
        if (tag in ("equal", "delete") and tag == "equal") or not new or _FUNCTION.match(new):
            continue
        anchored = min(1.0, (min(left, 4) + min(right, 4)) / 6)
        novelty = _novelty(new, theirs, source)
        if tag == "replace" and not _FUNCTION.match(theirs[b1:b2]) and a2 - a1 <= 8 and b2 - b1 <= 10:
            weight = anchored * novelty
            if weight > swap:
                swap, shown = weight, (new, theirs[b1:b2])
        elif tag in ("delete", "replace"):
            weight = anchored * novelty
            if weight > insert:
                insert, added = weight, new
    if swap > 0:
        yield Finding("swap", round(swap, 3), f"用词不同：“{_plain(shown[0])}”，来源为“{_plain(shown[1])}”")
    if insert > 0:
        yield Finding("insert", round(insert, 3), f"来源没有“{_plain(added)}”")


def _novelty(new: str, sentence: str, source: str) -> float:
    """How foreign a stretch is to the sentence: 1 when none of its characters occur there."""
    speaking = [c for c in new if not _FUNCTION.match(c) and not _DIGITISH.match(c)]
    if not speaking:
        return 0.0
    known = sum(1 for c in speaking if c in sentence)
    if len(new) >= 2 and new in sentence:
        return 0.0
    return 1.0 - 0.8 * known / len(speaking) if len(speaking) > 1 else (0.6 if known == 0 else 0.1)


def _plain(text: str) -> str:
    return "".join(c for c in text if not "\ue000" <= c <= "\uf8ff") or "（近义词）"


Compare = Callable[[str, str], Iterator[Finding]]
