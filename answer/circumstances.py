"""When and on what condition: the order of events, and what a statement of the source depends on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from answer.facts import facts
from answer.findings import Finding
from answer.relations import SourceClause
from answer.stance import negations, quantifiers
from answer.vocabulary import content_words, places

_FIRST = r"(?<![首优事预率领原争])先(?!后|行|进|例|决|生)"
_AFTER = r"(?:之后|以后|(?<![今最然随其此背会事])后(?![来续果期半]))"
_BEFORE = r"(?:之前|以前|(?<![目以提会事当])前(?![提述景往款]))"
_NEXT = r"(?:然后|随后|接着|之后|后来|再|后|才)"
_PHRASE = r"[^,;。]+?"
_SEQUENCES: tuple[tuple[re.Pattern[str], bool], ...] = (
    (re.compile(rf"{_FIRST}(?P<a>{_PHRASE})[,;]?(?:(?<=[,;])[^,;。]{{0,6}}?)?{_NEXT}(?P<b>[^,;。]+)"), True),
    (re.compile(rf"(?P<a>{_PHRASE})是?在(?P<b>{_PHRASE}){_AFTER}(?:[^,;。]{{0,4}}的)?$"), False),
    (re.compile(rf"(?P<a>{_PHRASE})是?在(?P<b>{_PHRASE}){_BEFORE}(?:[^,;。]{{0,4}}的)?$"), True),
    (re.compile(rf"(?P<a>{_PHRASE})(?:比(?P<b>{_PHRASE})更?早|(?:早于|先于)(?P<b2>[^,;。]+))"), True),
    (re.compile(rf"(?P<a>{_PHRASE})(?:比(?P<b>{_PHRASE})更?晚|(?:晚于|迟于)(?P<b2>[^,;。]+))"), False),
    (re.compile(rf"(?P<a>{_PHRASE}){_AFTER},?(?:[才再又就便]|随即)?(?P<b>[^,;。]+)"), True),
    (re.compile(rf"(?P<a>{_PHRASE}){_BEFORE},?(?P<b>[^,;。]+)"), False),
)
"""What a claim says of the order of two events, and whether the one it names first came first."""

_THEN = re.compile(rf"再|然后|随后|接着|最后|此后|其后|后来|才|据此|次年|{_AFTER}")


def compare_order(claim: str, source: Sequence[SourceClause]) -> Iterator[Finding]:
    """Two events that the claim puts in the other order than the source."""
    for pattern, forward in _SEQUENCES:
        match = pattern.search(claim.rstrip("。,;"))
        if match is None:
            continue
        one, other = match["a"], match["b"] or match.groupdict().get("b2") or ""
        earlier, later = (one, other) if forward else (other, one)
        weight = _reversed(earlier, later, source)
        if weight:
            yield Finding("order", weight, f"先后不同：来源不是先“{earlier}”")
        return


def _reversed(earlier: str, later: str, source: Sequence[SourceClause]) -> float:
    """How surely the source has it the other way round: by dates or words of sequence 1, by place less."""
    first, second = _located(earlier, later, source), _located(later, earlier, source)
    if first is None or second is None or first == second:
        return 0.0
    one, other = source[first[0]], source[second[0]]
    years = [
        [int(f.value[0]) for f in facts(c.text) if f.kind == "date" and f.value[0]] for c in (one, other)
    ]
    if all(years) and years[0][0] != years[1][0]:
        return 1.0 if years[0][0] > years[1][0] else 0.0
    if first < second:
        between = one.text[first[1] :] if first[0] != second[0] else one.text[first[1] : second[1]]
        return 1.0 if re.search(_BEFORE, between) else 0.0
    led_in = other.text[second[1] :] if first[0] != second[0] else other.text[second[1] : first[1]]
    if re.search(_BEFORE, led_in):
        return 0.0
    steps = [c.text for c in source[second[0] + 1 : first[0]]] + [one.text[: first[1]], led_in]
    marked = any(_THEN.search(step) for step in steps) or re.search(_FIRST, other.text[: second[1]])
    return 1.0 if marked else 0.6


def _located(event: str, other: str, source: Sequence[SourceClause]) -> tuple[int, int] | None:
    """The clause that says (at least half of) an event, and where in it the event's own words stand.

    Words that the other event shares count half, the last one, which tells what happens, twice.
    """
    words = content_words(event)
    own = [w for w in words if not places(w.text, other)] or list(words)
    weights = {w.text: len(w.text) * (2 if w in own else 1) * (2 if w is own[-1] else 1) for w in words}
    best, place = 0.0, None
    for i, clause in enumerate(source):
        found = [p[0] for w in own if (p := places(w.text, clause.text))]
        said = sum(weight for word, weight in weights.items() if places(word, clause.text))
        if found and said > best:
            best, place = said, (i, max(found)[0])
    return place if best >= 0.5 * sum(weights.values()) else None


def compare_sides(clause: str, home: str) -> Iterator[Finding]:
    """Before for after the same event: 公布前 for 公布后."""
    for match in re.finditer(r"[前后]", clause):
        side = match.group()
        other = "后" if side == "前" else "前"
        event = re.search(r"([\u4e00-\u9fff]{1,2}?)(?:之|以)?$", clause[: match.start()])
        if event is None:
            continue
        for name in (clause[: match.start()].rstrip("之以")[-n:] for n in (2, 1)):
            same, opposite = (re.search(rf"{re.escape(name)}(?:之|以)?{s}", home) for s in (side, other))
            if name and opposite and not same:
                yield Finding("order", 1.0, f"先后不同：“{name}{side}”，来源为“{opposite.group()}”")
                return


_IF = r"(?:如果|若(?!干)|倘若?|假如|一旦|只要|除非|如(?!下|何|此|期|实|同|今|所))"
_CONDITION = re.compile(
    rf"^(?:[但而且]?(?:{_IF}|只有|凡|遇)|[^,;]{{1,12}}{_IF}(?=[^,;]{{2,}}))[^;。]*,$"
    r"|^[^是]*(?<![目届一同些有])的,$|(?:情况|条件|前提)下,$|^(?!在)[^\d年月日]{3,}时,$|^但[^;。]*除外"
)
_INNER = re.compile(
    r"在[^,;]{2,24}?(?:情况|条件|前提)下|(?:经|得到|获得|取得)[^,;]{1,10}?(?:批准|同意|许可|授权)后?"
    r"|只有[^,;]{2,20}?(?:时|才)|(?:超过|高于|低于|多于|少于|不足)[^,;的]{2,10}的|[^,;]{1,6}不足时"
)
_CERTAIN = re.compile(r"一律|都|均|总是|始终|任何|无论|不论|无条件|立即|当即")


def compare_conditions(
    clause: str, claim: str, source: Sequence[SourceClause], home: int
) -> Iterator[Finding]:
    """A condition on which the source's statement depends and of which the claim says nothing."""
    for condition in _conditions(source, home):
        words = [w.text for w in content_words(condition)]
        own = [w for w in words if not places(w, clause)]  # what the condition adds to the statement
        if own and _share(words, claim) < 0.6 and _share(own, claim) < 0.5:
            sure = _CERTAIN.search(clause) or any(q.name == "all" for q in quantifiers(clause))
            weight = 1.0 if sure else 0.8
            yield Finding("condition", weight, f"来源有条件：“{condition.strip(',。;')}”")
            return


def _share(words: Sequence[str], text: str) -> float:
    return sum(len(w) for w in words if places(w, text)) / max(1, sum(map(len, words)))


def _conditions(source: Sequence[SourceClause], home: int) -> Iterator[str]:
    text = source[home].text
    if _CONDITION.search(text):
        return
    for inner in _INNER.finditer(text):
        yield inner.group()
    for i in range(home - 1, -1, -1):
        clause = source[i]
        if clause.sentence != source[home].sentence or clause.text.endswith(";"):
            break
        if _CONDITION.search(clause.text):
            yield clause.text
            break
    for clause in source[home + 1 : home + 3]:
        if clause.sentence == source[home].sentence and re.match(r"但.*除外", clause.text):
            yield clause.text


_ONLY = re.compile(r"(?:只有|仅有|唯有|只由|仅由|只限|仅限)")


_ALL_OF = re.compile(r"(?:[两三四五六七八九十]|\d+)[个名位家国项校][^,;。]{0,6}?(?:都|均)")
_SEVERAL = re.compile(
    r"都|均|皆|各|每|全|所有|一律|分别|一致|共同|一道|[两三四五六七八九十\d][个名位家国项校]|、|和"
)


def _only(home: str) -> tuple[str, str]:
    """The word of exclusion in a clause and what it singles out; empty strings where there is none."""
    match = _ONLY.search(home)
    named = content_words(home[match.end() :])[:1] if match else ()
    return (match.group(), named[0].text) if match and named else ("", "")


def excludes(clause: str, home: str) -> bool:
    """Whether a denial of one follows from what the source says of another alone."""
    _, named = _only(home)
    return bool(named and negations(clause) and not places(named, clause))


def compare_only(clause: str, home: str) -> Iterator[Finding]:
    """What the source says of one alone and the claim of others: 只有甲提供 for 两者都提供."""
    word, named = _only(home)
    if _ALL_OF.search(clause) and not _SEVERAL.search(home):
        yield Finding("quantifier", 0.8, "范围不同：来源没有说“都”")
    if named and not negations(clause) and not places(named, clause):
        yield Finding("quantifier", 1.0, f"范围不同：来源为“{word}{named}”")


_DONE = re.compile(r"已经?(?![知久])|曾经?")
_TO_COME = re.compile(
    r"预计|正在|尚在|(?<=[局会处署部院国府方人者])计划(?![的和与、,。;])|计划(?=[在先于对向把将])|打算|准备(?=[在先于对向把将])|希望|有意|将(?=[在于由对向会再])|"
    r"拟(?![议订定])"
)


def compare_tense(clause: str, home: str) -> Iterator[Finding]:
    """Done for intended: 已推广 for 计划推广."""
    done, to_come = _DONE.search(clause), _TO_COME.search(home)
    if done and to_come and not _DONE.search(home) and not _TO_COME.search(clause):
        yield Finding("modality", 0.9, f"来源说的是“{to_come.group()}”，不是已经发生")
