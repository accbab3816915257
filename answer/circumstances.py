"""When and on what condition: the order of events, and what a statement of the source depends on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from answer.facts import facts
from answer.findings import Finding
from answer.relations import SourceClause
from answer.stance import negations, quantifiers
from answer.vocabulary import NUMERIC, content_words, places, tags

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
    (re.compile(rf"(?:[^,;。]*?在)?(?P<a>{_PHRASE}){_AFTER},?(?:[才再又就便]|随即)?(?P<b>[^,;。]+)"), True),
    (re.compile(rf"(?:[^,;。]*?在)?(?P<a>{_PHRASE}){_BEFORE},?(?P<b>[^,;。]+)"), False),
)
"""What a claim says of the order of two events, and whether the one it names first came first."""

_JUST_THEN = re.compile(
    r"(?<![人天英先])才(?![能干华])(?=[^,;。]{2})"
)  # 之后,情报科才提供: not a word with 科
_THEN = re.compile(rf"再|然后|随后|接着|最后|此后|其后|后来|才|据此|次年|{_AFTER}")


def compare_order(claim: str, source: Sequence[SourceClause]) -> Iterator[Finding]:
    """Two events that the claim puts in the other order than the source."""
    claim = _JUST_THEN.sub("", claim.rstrip("。,;"))
    for pattern, forward in _SEQUENCES:
        match = pattern.search(claim)
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

    Words that the other event shares count half, verbs and the last one, which tell what happens, twice.
    """
    words = content_words(event)
    own = [w for w in words if not places(w.text, other)] or list(words)
    telling = {w.text for w in own if w is own[-1] or tags().get(w.text, "n")[0] == "v"}
    weights = {w.text: len(w.text) * (2 if w in own else 1) * (1 + (w.text in telling)) for w in words}
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
    r"|只有[^,;]{2,20}?(?:时|才|方(?=[可能得]))|(?:超过|高于|低于|多于|少于|不足)[^,;的]{2,10}的|[^,;]{1,6}不足时"
)
_ANAPHOR, _LIMIT = re.compile(r"[这该]|上述|此"), re.compile(r"[不超低高多少][到过于足]\d*|以[上下内]")
_CERTAIN = re.compile(r"一律|都|均|总是|始终|任何|无论|不论|无条件|立即|当即|随时")


def compare_conditions(
    clause: str, claim: str, source: Sequence[SourceClause], home: int
) -> Iterator[Finding]:
    """A condition on which the source's statement depends and of which the claim says nothing."""
    if (passed := _THROUGH.search(source[home].text)) and _DIRECT.search(clause):
        yield Finding("condition", 1.0, f"来源不是直接：“{passed.group()}”")
        return
    for condition in (c for at in _told(clause, source, home) for c in _conditions(source, at)):
        words = [w.text for w in content_words(condition)]
        if _ANAPHOR.search(condition) and _LIMIT.search(clause):
            continue  # 低于这一金额的: the claim names the amount
        own = [w for w in words if not places(w, clause)]  # what the condition adds to the statement
        if own and _share(words, claim) < 0.6 and _share(own, claim) < 0.5:
            sure = _CERTAIN.search(clause) or any(q.name == "all" for q in quantifiers(clause))
            weight = 1.0 if sure else 0.8
            yield Finding("condition", weight, f"来源有条件：“{condition.strip(',。;')}”")
            return


_DIRECT, _THROUGH = re.compile(r"直接|自行"), re.compile(r"[须需应必]经?[经由][^,;。]{2,12}")


def _told(clause: str, source: Sequence[SourceClause], home: int) -> Iterator[int]:
    """The home, and the clause of its sentence that has what it lacks of the predicate, the second half."""
    yield home
    predicate = content_words(clause)
    predicate = predicate[len(predicate) // 2 :]
    lacking = [w.text for w in predicate if not places(w.text, source[home].text)]
    near = [i for i, c in enumerate(source) if c.sentence == source[home].sentence and i != home]
    yield from [i for word in lacking[-1:] for i in near if places(word, source[i].text)][:1]


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


_ALL_OF = re.compile(
    r"(?:[两三四五六七八九十]|\d+)[个名位家国项校轮次届期种份起件][^,;。]{0,8}?(?:都|均)"
    r"|^各(?:国|方|地|缔约国|国政府|代表团?)[^,;。]{0,8}?(?:都|均|一律)"
)
_SEVERAL = re.compile(
    r"都|均|皆|各|每|全|所有|一律|分别|一致|共同|一道|[两三四五六七八九十\d][个名位家国项校]|、|和"
)


_EVERY = re.compile(r"都|均|皆|各|每|全|所有|一律|一致")


def _only(home: str) -> tuple[str, str]:
    """The word of exclusion in a clause and what it singles out; empty strings where there is none."""
    match = _ONLY.search(home)
    named = content_words(home[match.end() :])[:1] if match else ()
    counted = named and NUMERIC.match(named[0].text)  # 只有14%
    return (match.group(), named[0].text) if match and named and not counted else ("", "")


def _after_only(text: str) -> list[str]:
    """What a clause says of the one that it singles out."""
    match = _ONLY.search(text)
    return [w.text for w in content_words(text[match.end() :])[1:]] if match else []


def excludes(clause: str, home: str) -> bool:
    """Whether a denial of one follows from what the source says of another alone."""
    _, named = _only(home)
    return bool(named and negations(clause) and not places(named, clause))


def compare_only(clause: str, home: str, sentence: Sequence[str] = ()) -> Iterator[Finding]:
    """What the source says of one alone and the claim of others: 只有甲提供 for 两者都提供.

    ``sentence`` are the clauses around the home: where all is claimed, one of them may single out one.
    """
    word, named = _only(home)
    if _ALL_OF.search(clause):
        singling = (c for c in sentence if _only(c)[1] and _share(_after_only(c), clause) >= 0.6)
        word, named = next(map(_only, singling), (word, named))
    several = _EVERY if clause.startswith("各") else _SEVERAL
    if _ALL_OF.search(clause) and not several.search(home):
        yield Finding("quantifier", 0.8, "范围不同：来源没有说“都”")
    if named and not negations(clause) and not places(named, clause):
        yield Finding("quantifier", 1.0, f"范围不同：来源为“{word}{named}”")


_DONE = re.compile(r"已经?(?![知久放])|曾经?(?!经)|[^,;。]了(?!解)")
_TO_COME = re.compile(
    r"预计|正在|尚在|尚待|有待|(?<=[局会处署部院国府方人者])(?:还|也|又)?计划(?![的和与、,。;])|计划(?=[在先于对向把将])|"
    r"打算|准备(?=[在先于对向把将])|希望|有意|将(?=[在于由对向会再])|(?<!模)拟(?![议订定])|尚未|考虑(?=把|将|设|采|在)|"
    r"放弃[^,;。]{0,24}(?:计划|打算|设想)|[是能会]否|原定|原打算|仍在|还在|推迟(?![到至])"
)
_NOT_YET = re.compile(
    r"[不没未尚]|原定|原打算|如果|若|计划|打算|考虑|预计|将(?=[在于由对向会再])|拟(?![议订定])|希望|准备|有意"
)


def compare_tense(clause: str, home: int, source: Sequence[SourceClause]) -> Iterator[Finding]:
    """Done for intended: 已推广 for 计划推广."""
    done = _DONE.search(clause)
    if done is None or _NOT_YET.search(clause[: done.end()]):
        return
    told = [source[i].text for i in _told(clause, source, home)]
    if re.search("[均都]|全部", clause[: done.end()]):  # 其余仍在审理
        told = [c.text for c in source if c.sentence == source[home].sentence]
    words = content_words(clause)
    words = words[len(words) // 2 :]
    for stretch in told:
        to_come = _TO_COME.search(stretch)
        said = any(places(w.text, stretch) for w in words) or stretch.startswith("其余")
        if to_come and said and not re.search(r"已经?(?![知久放])|曾", stretch):
            yield Finding("modality", 1.0, f"来源说的是“{to_come.group()}”，不是已经发生")
            return


_REFUSED = re.compile(
    r"未(?:被|获|予|能|获得)?(?:采纳|通过|接受|批准|同意|列入|协商一致)|没有(?:被|得到|获得)?(?:采纳|接受|通过|批准|列入)|"
    r"被(?:驳回|否决|拒绝|删除)|遭到?(?:驳回|否决|拒绝)|撤回|搁置|失效"
)
_ACCEPTED = re.compile(
    r"采纳|写[进入]|纳入|列入|获得?通过|接受|获准|得到(?:批准|支持|同意|落实)|生效|落实|成为法律"
)


def compare_outcome(
    clause: str, sentence: str, source: Sequence[SourceClause], home: int
) -> Iterator[Finding]:
    """Accepted for refused: 写进了草案 for 未被采纳."""
    accepted, near = _ACCEPTED.search(clause), source[home : home + 2]
    refused = next(
        (m for c in near if c.sentence == source[home].sentence and (m := _REFUSED.search(c.text))), None
    )
    if accepted is None or refused is None or accepted.group() in sentence.replace(refused.group(), ""):
        return
    if not negations(clause) and not _REFUSED.search(clause):
        yield Finding("antonym", 1.0, f"结果不同：“{accepted.group()}”，来源为“{refused.group()}”")
