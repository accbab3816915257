"""Who acts, speaks or is asked in a clause, against the sentence that it is aligned with."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence

from answer.comparison import FUNCTION, governors, head_of, located, plain, same_clause
from answer.findings import Finding
from answer.stance import Operator, actor_distance, actors, modal_distance, modalities
from answer.synonyms import folded, is_mark, same

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


def compare_actors(clause: str, sentence: str, source: str, before: str) -> Iterator[Finding]:
    """Another actor, addressee or subject than in the sentence.

    ``source`` is the whole text and ``before`` its beginning up to the sentence: a sentence that names no
    actor keeps the last one's.
    """
    yield from _actor(clause, sentence, source, before)
    yield from _opening_actor(clause, sentence)
    yield from _addressee(clause, sentence)
    yield from _subjects(clause, sentence)


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
        own_clause = [t for t in preceding if same_clause(sentence, t.end, match.start())]
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
    speaking = {c for c in ours if not FUNCTION.match(c)}
    if len(speaking) + sum(map(is_mark, speaking)) < 2:
        return
    likeness = []
    for theirs in VERB.finditer(sentence):
        if not same(match.group(), theirs.group()):
            continue
        place = located(after, sentence[theirs.end() : theirs.end() + 24])
        phrase = _subject_phrase(sentence, theirs.start())
        if len(phrase) < 2 and (first := VERB.search(sentence[1:])):
            phrase = _subject_phrase(sentence, first.start() + 1)  # 并建议…: the sentence's own subject
        words, _ = folded(phrase)
        known = {c for c in words if not FUNCTION.match(c)}
        if place is not None and known:
            likeness.append(len(speaking & known) / min(len(speaking), len(known)))
    if likeness and max(likeness) < 0.34:
        yield Finding("subject", round(1 - max(likeness), 3), f"主语不同：“{plain(ours)}”")


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
        place = located(head_of(clause, modal.end), sentence, 3)
        governing = governors(modalities(sentence), place[0], sentence) if place else []
        bound = [t for g in governing for t in theirs if 0 <= g.start - t.end <= 2]
        if bound and all(actor_distance(op.name, t.name) >= 0.5 for t in bound):
            word = clause[op.start : modal.end]
            yield Finding("actor", 1.0, f"行为者不同：“{word}”，来源为“{bound[-1].name}”")


_COORDINATED = re.compile(r"^(?:并且?|还|也|又|而且|同时|此外)")


def _joined(sentence: str, one: Operator, other: Operator) -> bool:
    """Whether two actors stand side by side: 缔约国和国际组织."""
    return bool(re.fullmatch(r"[和及与、同以]{1,2}[^,。;]{0,8}", sentence[one.end : other.start]))
