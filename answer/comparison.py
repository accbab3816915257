"""Compare a clause with the sentence it is aligned with, word by word and operator by operator.

Both are in normal form. Each difference that changes what is said becomes a finding with a weight from
0 (harmless) to 1 (another statement).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence

from answer.findings import Finding
from answer.stance import (
    ANTONYMS,
    CONTRASTS,
    Operator,
    actors,
    modal_distance,
    modalities,
    negations,
    quantifier_distance,
    quantifiers,
)
from answer.synonyms import folded, is_mark

_HEAD = 14

_STOP = re.compile(r"[,。;:!?]")

_LEAD = re.compile(r"^(?:[还也又都均并就在对为将会已曾正能可再更其的了所]|进一步|继续|酌情|各)+")


def compare_operators(clause: str, sentence: str, stretch: str) -> Iterator[Finding]:
    """Differences in negation, modality and quantifiers between a clause and its sentence.

    ``stretch`` is the part of the sentence that says most of the clause.
    """
    yield from _negation_one_way(clause, sentence, "来源没有这个否定", claimed=True)
    yield from dropped_negation(clause, sentence)
    yield from _modality(clause, sentence)
    yield from _quantifier(clause, sentence, stretch)


def head_of(text: str, end: int, length: int = _HEAD) -> str:
    """What an operator turns: the characters after it up to the end of its clause, the actor left out."""
    rest = _STOP.split(text[end : end + length + 8], maxsplit=1)[0]
    rest = _LEAD.sub("", rest)
    for actor in actors(rest)[:1]:
        if actor.start == 0 and len(rest) - actor.end >= 2:
            rest = _LEAD.sub("", rest[actor.end :])
    return rest[:length]


def located(head: str, text: str, shortest: int = 2) -> tuple[int, int, int] | None:
    """Where the text says (the beginning of) a head: (start, length, offset in the head), or None.

    The longest stretch in common wins; a stretch that begins late in the head counts less.
    """
    ours, _ = folded(head)
    theirs, offsets = folded(text)
    matcher = difflib.SequenceMatcher(None, ours, theirs, autojunk=False)
    best, best_value = None, 0.0
    for block in matcher.get_matching_blocks():
        size = block.size + sum(map(is_mark, ours[block.a : block.a + block.size]))
        if size >= shortest:
            value = size - 0.5 * block.a
            if value > best_value:
                best, best_value = (offsets[block.b], size, block.a), value
    return best


def same_clause(text: str, start: int, end: int) -> bool:
    return not _STOP.search(text[start:end])


def dropped_negation(clause: str, source: str) -> Iterator[Finding]:
    """Negations of the source that the clause does not have before the same words."""
    yield from _negation_one_way(source, clause, "来源是否定的", claimed=False)


_REFUSING = frozenset({"否决", "否认", "拒绝", "放弃"})


def negated(clause: str, source: str) -> bool:
    """Whether a clause has negations and each stands before the same words in the source."""
    return bool(negations(clause)) and not any(_negation_one_way(clause, source, "", claimed=True))


def _negation_one_way(one: str, other: str, message: str, *, claimed: bool) -> Iterator[Finding]:
    """Negations of ``one`` whose head stands un-negated in ``other``."""
    others = negations(other)
    for op in negations(one):
        word = one[op.start : op.end]
        head = head_of(one, op.end, 8)
        place = located(head, other) if head else None
        if place is None or place[2] > 4:
            if claimed and not others and op.name == "not" and word not in other:
                yield Finding("negation", 0.5, f"来源没有“{word}{head[:6]}”")
            continue
        said = other[place[0] : place[0] + place[1]]
        reach = 2 if op.name == "weak" else 0
        starts = [m.start() for m in re.finditer(re.escape(said), other)]
        if any(-reach <= at - n.end <= 10 and same_clause(other, n.end, at) for n in others for at in starts):
            continue
        if (word in other and len(word) > 1) or (not claimed and _said_plainly(said, one)):
            continue
        weight = 1.0 if op.name == "not" and place[2] <= 2 else 0.9 if word in _REFUSING else 0.6
        yield Finding("negation", weight, f"否定不同：“{word}{head[:6]}”，{message}")


def _said_plainly(words: str, text: str) -> bool:
    """Whether a text also says the words with no negation before them: 发现31家…,17家未发现问题."""
    ends = [op.end for op in negations(text)]
    found = [m.start() for m in re.finditer(re.escape(words), text)]
    return any(not any(start - 4 <= end <= start for end in ends) for start in found)


def governors(operators: Sequence[Operator], place: int, text: str) -> list[Operator]:
    """The operators that may govern a place: those before it in its clause, else the nearest before it."""
    near = [op for op in operators if op.end <= place and place - op.end <= 30]
    own = [op for op in near if same_clause(text, op.end, place)]
    chosen = own[-1:] or near[-1:]
    if own:  # 决定，工作组应…: the operator just before the comma governs too
        chosen = [*[op for op in near if text[op.end : op.end + 1] == "," and op not in own][-1:], *chosen]
    while chosen and (side := [op for op in operators if 0 <= chosen[0].start - op.end <= 1]):
        chosen = [side[0], *chosen]  # 或许能够: both govern
    return chosen


def _modality(clause: str, sentence: str) -> Iterator[Finding]:
    ours, theirs = modalities(clause), modalities(sentence)
    for op in ours:
        word = clause[op.start : op.end]
        place = located(head_of(clause, op.end), sentence)
        if place is None:
            if not any(modal_distance(op.name, t.name) < 0.3 for t in theirs) and word not in sentence:
                yield Finding("modality", 0.5, f"来源没有“{word}”")
            continue
        governing = governors(theirs, place[0], sentence)
        if not governing:
            known = any(modal_distance(op.name, t.name) < 0.3 for t in theirs) or word in sentence
            if not known:
                weak = op.name in ("may", "need") or (op.name == "should" and _PRESCRIBES.search(sentence))
                yield Finding("modality", 0.4 if weak else 0.8, f"来源没有“{word}”")
            continue
        distance = min(modal_distance(op.name, t.name) for t in governing)
        chain = governors(ours, op.start, clause)
        if distance > 0 and chain:  # 建议…可以: the outer operator may be the one that the source has
            left = [t for t in governing if all(modal_distance(c.name, t.name) >= 0.3 for c in chain)]
            distance = min((modal_distance(op.name, t.name) for t in left), default=0.0)
        rival = governing[-1]
        shown = sentence[rival.start : rival.end]
        if distance > 0 and shown not in clause:  # 按照这一建议,…应当
            yield Finding("modality", distance, f"情态不同：“{word}”，来源为“{shown}”")
    yield from _dropped_modality(clause, sentence, ours, theirs)


_PRESCRIBES = re.compile(r"请(?!求)|促请|要求|须|应|规定|内(?:完成|提出|提交|答复|作出|公布|报告)")
"""Where a sentence asks for something or sets a time for it, what is to be done is not stated as fact."""

_DROPPED = {
    "must": 0.7,
    "shall": 0.7,
    "no_need": 0.7,
    "should": 0.7,
    "need": 0.4,
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


_HAS_TO = re.compile(
    r"(?<![需必主重只就将快还首摘概提])要(?=[先由在把对经向给作有等用到])|得(?=[先由在把经向用])|才[能可]|方[能可]|不[能得可]|必|务"
)


def _dropped_modality(
    clause: str, sentence: str, ours: Sequence[Operator], theirs: Sequence[Operator]
) -> Iterator[Finding]:
    """Operators of the source whose head the claim states as plain fact."""
    for op in theirs:
        head = head_of(sentence, op.end, 8)
        place = located(head, clause, 4)
        word = sentence[op.start : op.end]
        if place is None or place[2] > 2 or word in clause or any(o.end <= place[0] + 2 for o in ours):
            continue
        if op.name in ("must", "shall", "should", "require") and _HAS_TO.search(clause):
            continue
        yield Finding("modality", _DROPPED[op.name], f"来源说的是“{word}”，不是陈述事实")


_CLASSIFIER = re.compile(r"^(?:[个名位项次种部份类])?的?")


def _quantifier(clause: str, sentence: str, stretch: str) -> Iterator[Finding]:
    ours, theirs = quantifiers(clause), quantifiers(sentence)
    for op in ours:
        head = _CLASSIFIER.sub("", clause[op.end : op.end + 8])
        near = stretch if len(head) >= 2 and head[:2] in stretch else sentence
        distance, shown = _quantified_as(op.name, head, near, quantifiers(near))
        if distance > 0:
            word = clause[op.start : op.end] + head[:4]
            yield Finding("quantifier", distance, f"范围不同：“{word}”，来源为“{shown}”")
    if ours:
        return
    for op in theirs:
        head = _CLASSIFIER.sub("", sentence[op.end : op.end + 6])[:4]
        at = clause.find(head[:3]) if len(head) >= 2 else -1
        if at < 0 or clause[:at].endswith(("该", "这位", "这名", "此")):
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
    return (0.7 if name in ("all", "most", "only") else 0.5), "（未说）"


def compare_antonyms(clause: str, sentence: str, stretch: str) -> Iterator[Finding]:
    for word, opposites in ANTONYMS.items():
        if len(word) < 2 or word not in clause or word in stretch:
            continue
        for opposite in opposites:
            if opposite in stretch and opposite not in clause:
                yield Finding("antonym", 1.0, f"意思相反：“{word}”，来源为“{opposite}”")
                return
            if opposite in sentence and opposite not in clause and word not in sentence:
                yield Finding("antonym", 0.8, f"意思相反：“{word}”，来源为“{opposite}”")
                return


def compare_contrasts(clause: str, sentence: str, source: str) -> Iterator[Finding]:
    """A word of a closed sort where the sentence has another of that sort: 小学 for 中学, 法官 for 检察官."""
    for words in CONTRASTS:
        ours = [w for w in words if w in clause]
        theirs = [w for w in words if w in sentence and w not in clause]
        missing = [w for w in ours if w not in sentence]
        if missing and theirs:
            weight = 0.6 if missing[0] in source else 1.0
            yield Finding("contrast", weight, f"对象不同：“{missing[0]}”，来源为“{theirs[0]}”")
            return


FUNCTION = re.compile(
    r"^[至到达的了在和与及或等是为将以对于其而并也还又就从由向中上下个这那该此之所被把使让有,。;:、\"'()《》-]*$"
)

_DIGITISH = re.compile(r"[0-9零一二两三四五六七八九十百千万]")


def compare_words(clause: str, sentence: str) -> Iterator[Finding]:
    """A word that stands in the place of another where the rest of the clause is the same.

    It stands between two matching stretches and has about the length of what it replaces; it counts the
    more, the more of the clause stands in the sentence: a text edited, not rephrased.
    """
    ours, theirs = folded(clause)[0], folded(sentence)[0]
    codes = difflib.SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes()
    kept = sum(a2 - a1 for tag, a1, a2, _, _ in codes if tag == "equal") / max(1, len(ours))
    worst, message = 0.0, ""
    for i, (tag, a1, a2, b1, b2) in enumerate(codes):
        new, old = ours[a1:a2], theirs[b1:b2]
        if tag != "replace" or FUNCTION.match(new) or FUNCTION.match(old) or not _alike(new, old):
            continue
        left = codes[i - 1][2] - codes[i - 1][1] if i else 0
        right = codes[i + 1][2] - codes[i + 1][1] if i + 1 < len(codes) else 0
        at_edge = a2 >= len(ours.rstrip("。,;")) or a1 == 0
        weight = _firmness(left, right, at_edge) * _novelty(new, theirs)
        if weight > worst:
            worst, message = weight, f"用词不同：“{plain(new)}”，来源为“{plain(old)}”"
    weight = worst * max(0.0, min(1.0, (kept - 0.55) / 0.3))
    if weight > 0:
        yield Finding("clean", round(weight, 3), message)


def _alike(new: str, old: str) -> bool:
    """Whether a stretch is short and about as long as what it stands for."""
    long_new, long_old = (len(t) + sum(map(is_mark, t)) for t in (new, old))
    alike = abs(long_new - long_old) <= 1 or (min(long_new, long_old) >= 2 and long_old <= 2 * long_new)
    return alike and len(new) <= 6 and len(old) <= 12


def _firmness(left: int, right: int, at_edge: bool) -> float:
    """How firmly matching stretches of these lengths hold a replaced one."""
    if not ((min(left, right) >= 1 and max(left, right) >= 2) or (at_edge and max(left, right) >= 3)):
        return 0.0
    return min(1.0, (min(left, 4) + min(right, 4) + (2 if at_edge else 0)) / 6)


def _novelty(new: str, sentence: str) -> float:
    """How foreign a stretch is to the sentence: 1 when none of its characters occur there."""
    speaking = [c for c in new if not FUNCTION.match(c) and not _DIGITISH.match(c)]
    if not speaking:
        return 0.0
    if len(new) >= 2 and new in sentence:
        return 0.0
    known = sum(1 for c in speaking if c in sentence)
    if len(speaking) == 1 and not is_mark(speaking[0]):
        return 0.35 if known == 0 else 0.05
    return 1.0 - 0.8 * known / len(speaking)


def plain(text: str) -> str:
    return "".join(c for c in text if not "\ue000" <= c <= "\uf8ff") or "（近义词）"
