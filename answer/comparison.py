"""Compare a clause with the sentence it is aligned with, word by word and operator by operator.

Both are in normal form. Each difference that changes what is said becomes a finding with a weight from
0 (harmless) to 1 (another statement).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from answer.stance import (
    ANTONYMS,
    CONTRASTS,
    Operator,
    actor_distance,
    actors,
    modal_distance,
    modalities,
    negations,
    quantifier_distance,
    quantifiers,
)
from answer.synonyms import folded, is_mark, same


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference between claim and source: its kind, how grave it is, and a Chinese phrase for it."""

    kind: str
    weight: float
    message: str


_HEAD = 14
_STOP = re.compile(r"[,。;:!?]")
_LEAD = re.compile(r"^(?:[还也又都均并就在对为将会已曾正能可再更其的了所]|进一步|继续|酌情|各)+")


def compare_operators(
    clause: str, sentence: str, stretch: str, source: str, before: str
) -> Iterator[Finding]:
    """Differences in negation, modality, quantifiers and actors between a clause and its sentence.

    ``stretch`` is the part of the sentence that says most of the clause, ``source`` the whole text and
    ``before`` its beginning up to the sentence: a sentence that names no actor keeps the last one's.
    """
    yield from _negation_one_way(clause, sentence, "来源没有这个否定", claimed=True)
    yield from dropped_negation(clause, sentence)
    yield from _modality(clause, sentence)
    yield from _quantifier(clause, sentence, stretch)
    yield from _actor(clause, sentence, source, before)
    yield from _opening_actor(clause, sentence)
    yield from _addressee(clause, sentence)
    yield from _subjects(clause, sentence)
    yield from _antonyms(clause, sentence, stretch)


def _head(text: str, end: int, length: int = _HEAD) -> str:
    """What an operator turns: the characters after it up to the end of its clause, the actor left out."""
    rest = _STOP.split(text[end : end + length + 8], maxsplit=1)[0]
    rest = _LEAD.sub("", rest)
    for actor in actors(rest)[:1]:
        if actor.start == 0 and len(rest) - actor.end >= 2:
            rest = _LEAD.sub("", rest[actor.end :])
    return rest[:length]


def _locate(head: str, text: str, shortest: int = 2) -> tuple[int, int, int] | None:
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


def _same_clause(text: str, start: int, end: int) -> bool:
    return not _STOP.search(text[start:end])


def dropped_negation(clause: str, source: str) -> Iterator[Finding]:
    """Negations of the source that the clause does not have before the same words."""
    yield from _negation_one_way(source, clause, "来源是否定的", claimed=False)


def _negation_one_way(one: str, other: str, message: str, *, claimed: bool) -> Iterator[Finding]:
    """Negations of ``one`` whose head stands un-negated in ``other``."""
    others = negations(other)
    for op in negations(one):
        word = one[op.start : op.end]
        head = _head(one, op.end, 8)
        place = _locate(head, other) if head else None
        if place is None or place[2] > 4:
            if claimed and not others and op.name == "not" and word not in other:
                yield Finding("negation", 0.5, f"来源没有“{word}{head[:6]}”")
            continue
        said = other[place[0] : place[0] + place[1]]
        reach = 2 if op.name == "weak" else 0
        starts = [m.start() for m in re.finditer(re.escape(said), other)]
        if any(
            -reach <= at - n.end <= 10 and _same_clause(other, n.end, at) for n in others for at in starts
        ):
            continue
        if (word in other and len(word) > 1) or (not claimed and _said_plainly(said, one)):
            continue
        weight = 1.0 if op.name == "not" and place[2] <= 2 else 0.6
        yield Finding("negation", weight, f"否定不同：“{word}{head[:6]}”，{message}")


def _said_plainly(words: str, text: str) -> bool:
    """Whether a text also says the words with no negation before them: 发现31家…,17家未发现问题."""
    ends = [op.end for op in negations(text)]
    found = [m.start() for m in re.finditer(re.escape(words), text)]
    return any(not any(start - 4 <= end <= start for end in ends) for start in found)


def _governs(operators: Sequence[Operator], place: int, text: str) -> list[Operator]:
    """The operators that may govern a place: those before it in its clause, else the nearest before it."""
    near = [op for op in operators if op.end <= place and place - op.end <= 30]
    own = [op for op in near if _same_clause(text, op.end, place)]
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
        place = _locate(_head(clause, op.end), sentence)
        if place is None:
            if not any(modal_distance(op.name, t.name) < 0.3 for t in theirs) and word not in sentence:
                yield Finding("modality", 0.5, f"来源没有“{word}”")
            continue
        governing = _governs(theirs, place[0], sentence)
        if not governing:
            known = any(modal_distance(op.name, t.name) < 0.3 for t in theirs) or word in sentence
            if not known:
                weak = op.name in ("may", "need")
                yield Finding("modality", 0.4 if weak else 0.8, f"来源没有“{word}”")
            continue
        distance = min(modal_distance(op.name, t.name) for t in governing)
        chain = _governs(ours, op.start, clause)
        if distance > 0 and chain:  # 建议…可以: the outer operator may be the one that the source has
            left = [t for t in governing if all(modal_distance(c.name, t.name) >= 0.3 for c in chain)]
            distance = min((modal_distance(op.name, t.name) for t in left), default=0.0)
        rival = governing[-1]
        shown = sentence[rival.start : rival.end]
        if distance > 0 and shown not in clause:  # 按照这一建议,…应当
            yield Finding("modality", distance, f"情态不同：“{word}”，来源为“{shown}”")
    yield from _dropped_modality(clause, sentence, ours, theirs)


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


def _dropped_modality(
    clause: str, sentence: str, ours: Sequence[Operator], theirs: Sequence[Operator]
) -> Iterator[Finding]:
    """Operators of the source whose head the claim states as plain fact."""
    for op in theirs:
        head = _head(sentence, op.end, 8)
        place = _locate(head, clause, 4)
        word = sentence[op.start : op.end]
        if place is None or place[2] > 2 or word in clause or any(o.end <= place[0] + 2 for o in ours):
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


_ADVERBS = (
    r"(?:们|的?代表|还|也|又|并|则|已|曾|均|都|将|应当?|应该|可以?|须|必须|不妨|似宜|继续|进一步|"
    r"及时|再次|共同|联合|一起|应请求|根据请求|应要求)*"
)
_VERBS = (
    "指出|表示|强调|认为|建议|欢迎|吁请|呼吁|促请|敦促|邀请|请(?!求|示)|鼓励|决定|提交|编写|提到|报告|介绍|承认|重申|注意到?|回顾|感谢|要求|同意|"
    "讨论|通过|认可|提供|支持|协助|举行|举办|召开|主办|开展|开发|启动|参加|出席|参与|组织|裁定|规定|任命|拒绝|接受|处理|移送|赞成|列入|资助|签署|裁减|设立|收到|提出|审议|批准|赞赏|起草|发布|推出|"
    "制定|完成|主张|担心|反对|说|提请|概述|讲述|描述|告知|解释|通报|转发|查阅|公布|出版|收集|评估|修订|审查|发现"
)
_SUBJECTVERB = re.compile(rf"^{_ADVERBS}(?P<verb>{_VERBS})")
VERB = re.compile(_VERBS)


def _opening_actor(clause: str, sentence: str) -> Iterator[Finding]:
    """Another actor at the head of what is otherwise the same sentence."""
    ours, theirs = actors(clause)[:1], actors(sentence)[:1]
    if not ours or not theirs or ours[0].start > 1 or theirs[0].start > 1:
        return
    if actor_distance(ours[0].name, theirs[0].name) < 0.5:
        return
    rest, other = clause[ours[0].end :][:40], sentence[theirs[0].end :][:40]
    if len(rest) >= 6 and difflib.SequenceMatcher(None, rest, other, autojunk=False).ratio() >= 0.6:
        word = clause[ours[0].start : ours[0].end]
        yield Finding("actor", 1.0, f"行为者不同：“{word}”，来源为“{theirs[0].name}”")


def _actor(clause: str, sentence: str, source: str, before: str) -> Iterator[Finding]:
    theirs = actors(sentence)
    everywhere = {a.name for a in actors(source)}
    for op in actors(clause):
        word = clause[op.start : op.end]
        follows = _SUBJECTVERB.match(clause[op.end : op.end + 18])
        if min((actor_distance(op.name, n) for n in everywhere), default=1.0) >= 0.5:
            yield Finding("actor", 1.0 if follows else 0.7, f"来源没有提到“{word}”")
            continue
        if follows is None:
            yield from _bound_actor(op, clause, sentence, theirs)
            continue
        distance, rival = _subject_distance(op.name, follows["verb"], sentence, theirs, before)
        if distance > 0:
            yield Finding("actor", distance, f"行为者不同：“{word}{follows['verb']}”，来源为“{rival}”")


def _subject_distance(
    name: str, verb: str, sentence: str, theirs: Sequence[Operator], before: str
) -> tuple[float, str]:
    """How far an actor is from the subjects of the same verb in the sentence; 0 where the verb is absent."""
    best, rival = 2.0, ""
    for match in VERB.finditer(sentence):
        if not same(match.group(), verb):
            continue
        preceding = [t for t in theirs if t.end <= match.start()]
        own_clause = [t for t in preceding if _same_clause(sentence, t.end, match.start())]
        acting = [t for t in preceding if _acts(sentence, t)]
        start = max(sentence.rfind(mark, 0, match.start()) for mark in ",;:") + 1
        if _COORDINATED.match(sentence[start:]):
            if name in _all_asked(sentence):  # 请秘书处提供援助,并收集资料: the one asked goes on
                return 0.0, ""
            own_clause, acting = [], acting[:1]  # 并表示…: the sentence's own subject goes on
        subject = own_clause[-1:] or acting[-1:] or preceding[-1:]
        if not subject:  # 他感谢…: somebody who acted before
            earlier = [t for t in actors(before) if _acts(before, t)]
            subject = [t for t in earlier if t.name == name][:1] or earlier[-1:]
        if not subject:
            continue
        distance = actor_distance(name, subject[0].name)
        if distance > 0 and any(t.name == name and _joined(sentence, t, subject[0]) for t in preceding):
            distance = 0.0
        if distance > 0 and not own_clause and not acting and any(t.name == name for t in preceding):
            distance = 0.3
        if distance < best:
            best, rival = distance, subject[0].name
    return (best, rival) if best <= 1 else (0.0, "")


_LEADING = re.compile(
    r"^(?:[在于自从对就][^,]*?[,上中后前时间]|截至[^,]*,|\\d+年\\d*月?\\d*日?,?|但|并|而|此外,?|另外,?|同时,?)"
)


def _subject_phrase(text: str, end: int) -> str:
    """The words before a verb, back to the start of its clause."""
    start = max(text.rfind(mark, 0, end) for mark in ",;:。") + 1
    return _LEADING.sub("", text[start:end])


def _subjects(clause: str, sentence: str) -> Iterator[Finding]:
    """Whoever does it: the words before the same verb and object have nothing in common."""
    match = re.search(rf"(?:{_VERBS})", clause[2:])
    if match is None or match.start() > 20 or clause[match.start() + 1] == "的":  # 的建议 is a noun
        return
    ours, _ = folded(_subject_phrase(clause, match.start() + 2))
    after = clause[match.end() + 2 : match.end() + 14]
    speaking = {c for c in ours if not _FUNCTION.match(c)}
    if len(speaking) + sum(map(is_mark, speaking)) < 2:
        return
    likeness = []
    for theirs in VERB.finditer(sentence):
        if not same(match.group(), theirs.group()):
            continue
        place = _locate(after, sentence[theirs.end() : theirs.end() + 24])
        phrase = _subject_phrase(sentence, theirs.start())
        if len(phrase) < 2 and (first := VERB.search(sentence[1:])):
            phrase = _subject_phrase(sentence, first.start() + 1)  # 并建议…: the sentence's own subject
        words, _ = folded(phrase)
        known = {c for c in words if not _FUNCTION.match(c)}
        if place is not None and known:
            likeness.append(len(speaking & known) / min(len(speaking), len(known)))
    if likeness and max(likeness) < 0.34:
        yield Finding("subject", round(1 - max(likeness), 3), f"主语不同：“{_plain(ours)}”")


def _acts(text: str, actor: Operator) -> bool:
    """Whether an actor is the subject of a verb, not the one who is asked to do something."""
    asked = re.search(
        r"(?:请|请求|鼓励|促请|敦促|吁请|呼吁|建议|要求|邀请|协助|帮助|支持|向|为|对|与|同|和)各?$",
        text[: actor.start],
    )
    return asked is None and _SUBJECTVERB.match(text[actor.end : actor.end + 18]) is not None


_ADDRESSING = frozenset({"request", "urge", "encourage", "recommend", "require"})


def _addressee(clause: str, sentence: str) -> Iterator[Finding]:
    """Who is asked: 请秘书处 is not 请缔约国."""
    theirs = [(op.name, a) for op in modalities(sentence) for a in _asked(sentence, op)]
    for op in modalities(clause):
        if op.name not in _ADDRESSING:
            continue
        for actor in _asked(clause, op):
            same_act = [a for name, a in theirs if modal_distance(name, op.name) < 0.9]
            if same_act and all(actor_distance(actor.name, a.name) >= 0.5 for a in same_act):
                word = clause[op.start : actor.end]
                yield Finding("actor", 0.9, f"对象不同：“{word}”，来源为“{same_act[0].name}”")


def _asked(text: str, op: Operator) -> list[Operator]:
    """The actor right after a word of asking."""
    return [a for a in actors(text) if 0 <= a.start - op.end <= 2][:1]


def _all_asked(text: str) -> set[str]:
    asking = [op for op in modalities(text) if op.name in _ADDRESSING]
    return {actor.name for op in asking for actor in _asked(text, op)}


def _bound_actor(op: Operator, clause: str, sentence: str, theirs: Sequence[Operator]) -> Iterator[Finding]:
    """Who is bound by 应 or 可: the actor right before the modal whose head is the same."""
    for modal in modalities(clause):
        if not 0 <= modal.start - op.end <= 2:
            continue
        place = _locate(_head(clause, modal.end), sentence, 3)
        governing = _governs(modalities(sentence), place[0], sentence) if place else []
        bound = [t for g in governing for t in theirs if 0 <= g.start - t.end <= 2]
        if bound and all(actor_distance(op.name, t.name) >= 0.5 for t in bound):
            word = clause[op.start : modal.end]
            yield Finding("actor", 1.0, f"行为者不同：“{word}”，来源为“{bound[-1].name}”")


_COORDINATED = re.compile(r"^(?:并且?|还|也|又|而且|同时|此外)")


def _joined(sentence: str, one: Operator, other: Operator) -> bool:
    """Whether two actors stand side by side: 缔约国和国际组织."""
    return bool(re.fullmatch(r"[和及与、同以]{1,2}[^,。;]{0,8}", sentence[one.end : other.start]))


def _antonyms(clause: str, sentence: str, stretch: str) -> Iterator[Finding]:
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


_FUNCTION = re.compile(
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
        if tag != "replace" or _FUNCTION.match(new) or _FUNCTION.match(old) or not _alike(new, old):
            continue
        left = codes[i - 1][2] - codes[i - 1][1] if i else 0
        right = codes[i + 1][2] - codes[i + 1][1] if i + 1 < len(codes) else 0
        at_edge = a2 >= len(ours.rstrip("。,;")) or a1 == 0
        weight = _firmness(left, right, at_edge) * _novelty(new, theirs)
        if weight > worst:
            worst, message = weight, f"用词不同：“{_plain(new)}”，来源为“{_plain(old)}”"
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
    speaking = [c for c in new if not _FUNCTION.match(c) and not _DIGITISH.match(c)]
    if not speaking:
        return 0.0
    if len(new) >= 2 and new in sentence:
        return 0.0
    known = sum(1 for c in speaking if c in sentence)
    if len(speaking) == 1 and not is_mark(speaking[0]):
        return 0.35 if known == 0 else 0.05
    return 1.0 - 0.8 * known / len(speaking)


def _plain(text: str) -> str:
    return "".join(c for c in text if not "\ue000" <= c <= "\uf8ff") or "（近义词）"
