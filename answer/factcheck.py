"""The facts of a claim against those of its source: stated, contradicted, or bound to others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from answer.arithmetic import RATIO, Quantity, derived
from answer.facts import Fact, agrees, facts, with_year
from answer.findings import Finding
from answer.relations import SourceClause
from answer.sentences import Span, split_clauses
from answer.source import Prepared, share_said, units_of, weight_of
from answer.stance import actors
from answer.support import OPENING_PHRASE, Clause, without
from answer.synonyms import folded
from answer.vocabulary import NUMERIC, content_words, places, tags

_KINDS_REASON = {
    "date": "日期", "session": "届次", "symbol": "文号", "resolution": "决议编号", "article": "条款",
    "number": "数字",
    "state": "国家或地点", "body": "机构名称", "title": "名称", "latin": "名称", "language": "语文",
}  # fmt: skip


def compare_facts(
    claim: str, clauses: Sequence[Clause], source: Prepared, known: Sequence[Fact]
) -> list[Finding]:
    findings = []
    claimed = with_year(facts(claim))
    for fact in claimed:
        clause = _clause_of(fact, clauses)
        supporting = [f for f in source.facts if agrees(fact, f) and _same_measure(fact, f)]
        rivals = _rivals(fact, clause, source)
        if not supporting:
            excused = any(agrees(fact, f) for f in known) or _said(fact, source)
            excused = excused or derived(fact, clause.text, source.figures) or _labelled(fact, claim, source)
            excused = excused or _bounded(fact, clause, source)
            alike = any(_same_measure(fact, f) for f in rivals)
            if not excused and (alike or not _counted(fact, source)):
                findings.append(_missing(fact, rivals, source))
            continue
        sentence = source.sentences[clause.sentence]
        if not any(sentence.start <= f.start < sentence.end for f in supporting):
            noun = _noun(fact, claim)  # 三个组织 of 三个民间组织, wherever that stands
            named = noun and any(noun in source.normal.text[f.start : f.end + 8] for f in supporting)
            named = named or derived(fact, clause.text, source.figures)
            named = named or (fact.kind == "state" and source.normal.text.startswith(fact.text))  # the topic
            if (
                rivals
                and not named
                and fact.kind in ("date", "state", "session", "number", "language", "resolution")
            ):
                shown = rivals[0].text
                findings.append(Finding("far", 1.0, f"“{fact.text}”说的不是这件事，来源此处为“{shown}”"))
        elif fact.kind == "number" and (other := _other_count(fact, supporting, claim, source)):
            findings.append(Finding("number", 1.0, f"数字不符：“{fact.text}”，来源为“{other}”"))
    findings.extend(_crossed(claimed, clauses, source))
    findings.extend(_misplaced(claimed, clauses, source) or _at_another_time(claimed, clauses, source))
    return findings


def _clause_of(fact: Fact, clauses: Sequence[Clause]) -> Clause:
    return next((c for c in reversed(clauses) if c.start <= fact.start), clauses[0])


def _same_measure(one: Fact, other: Fact) -> bool:
    """Whether two numbers have the same unit, which 三倍 and 三个 have not."""
    return one.kind != "number" or one.value[2] == other.value[2]


def _rivals(fact: Fact, clause: Clause, source: Prepared) -> list[Fact]:
    """Other facts of the same kind (and unit) in the sentence that the clause is aligned with."""
    sentence = source.sentences[clause.sentence]
    found = [
        f
        for f in source.facts
        if f.kind == fact.kind and sentence.start <= f.start < sentence.end and not agrees(fact, f)
    ]
    if fact.kind == "number":
        return [f for f in found if f.value[2] == fact.value[2]] or found
    if fact.kind == "session":
        return [f for f in found if f.value[1] == fact.value[1]] or found
    return found


_COUNTED_NOUN = re.compile(
    r"^(?:多|余)?(?:个|名|位|家|所|项|份|种|次|篇|场)?(?:不同的|高级|成员|专门)?([\u4e00-\u9fff]{2})"
)


def _noun(fact: Fact, text: str) -> str:
    """What a number counts: the two characters after it and its classifier."""
    unit = re.search(
        r"(?:国家|人|国|家|缔约国|代表|法官|大学|学校|会议|机构|组织|文件|法域|部委)$", fact.text
    )
    if unit and len(unit.group()) >= 2:
        return unit.group()[-2:]
    match = _COUNTED_NOUN.match(text[fact.end :])
    return match[1] if match else ""


def _other_count(fact: Fact, supporting: Sequence[Fact], claim: str, source: Prepared) -> str:
    """What the source counts of the same noun, where the claim's number counts something else there."""
    noun = _noun(fact, claim)
    text = source.normal.text
    if len(noun) < 2 or any(_noun(f, text) == noun or _noun(f, text) == "" for f in supporting):
        return ""
    near = [s for s in source.sentences if any(s.start <= f.start < s.end for f in supporting)]
    counting = [
        f
        for f in source.facts
        if f.kind == "number" and _noun(f, text) == noun and any(s.start <= f.start < s.end for s in near)
    ]
    return counting[0].text if counting else ""


def _said(fact: Fact, source: Prepared) -> bool:
    """A name that the pattern cut otherwise in the source but that stands there all the same."""
    if fact.kind == "body" and re.search("[^,。;]{0,8}?".join(map(re.escape, fact.text)), source.normal.text):
        return True  # 预防腐败工作组 in 预防腐败问题不限成员名额政府间工作组
    if fact.kind not in ("title", "latin", "body", "state"):
        return False
    name = fact.text.strip('《》"')
    return name in source.normal.text or folded(name)[0] in source.folded


def _counted(fact: Fact, source: Prepared) -> bool:
    """Whether a number of things is the length of a list in the source (四项职能 of (a) to (d))."""
    if fact.kind != "number" or fact.value[2] != "thing" or fact.value[0] != fact.value[1]:
        return False
    number = fact.value[0]
    text = source.normal.text
    counts = {len(set(re.findall(r"\(([a-z]|[一二三四五六七八九十]+)\)", text)))}
    counts.update(Counter((q.sentence, q.unit) for q in source.figures.quantities).values())
    if number in counts:
        return True
    if not isinstance(number, float) or not 3 <= number <= 250:
        return False
    for sentence in source.sentences:
        for part in re.split(r"[:;(),]", sentence.text):
            if "、" in part:
                tail = len(re.findall(r"[和及与](?!其)", part.rsplit("、", 1)[1]))
                counts |= {part.count("、") + 1, part.count("、") + 1 + min(tail, 1)}
    return number in counts


def _labelled(fact: Fact, claim: str, source: Prepared) -> bool:
    """Whether so many quantities of the source are of the things counted: 三个口岸 of 东港口岸320人,…"""
    noun = _noun(fact, claim) if fact.kind == "number" else ""
    owners = Counter((q.unit, noun in q.own) for q in source.figures.quantities)
    return bool(noun) and any(count == fact.value[0] for (_, has), count in owners.items() if has)


_BELOW = re.compile(r"(?:低于|不足|未达|不到|少于|小于)(?:这|该|上述|此)")
_LIMITING = re.compile(r"不到|不足|超过|低于|高于|少于|多于|[\d一二三四五六七八九十百千万亿]")
_ABOVE = re.compile(r"(?:高于|超过|多于|大于)(?:这|该|上述|此)")


def _bounded(fact: Fact, clause: Clause, source: Prepared) -> bool:
    """Whether a limit holds of a figure that the source states of the same: 不到三十个 of 29个.

    A figure under half (or over twice) the limit is another figure; 低于这一金额 turns a limit stated before.
    """
    if fact.kind != "number" or not isinstance(limit := fact.value[0], float):
        return False
    below, above = fact.value[3] in ("<", "<="), fact.value[3] in (">", ">=")
    turned = (below and _BELOW.search(source.normal.text)) or (above and _ABOVE.search(source.normal.text))
    if turned and any(f.value[:3] == fact.value[:3] for f in source.facts if f.kind == "number"):
        return True
    if re.search(r"[至最]多|至少|起码|以内|上限|下限", clause.text):
        return False
    if fact.value[2] in RATIO:
        return any(_about(fact, clause, q) for q in source.figures.quantities if q.unit in RATIO)
    words = [w.text for w in content_words(clause.text) if not _LIMITING.match(w.text)]
    alike = [q for q in source.figures.quantities if q.unit == fact.value[2]]
    scored = [(sum(len(w) * q.fits(w) for w in words), q.value) for q in alike]
    least = max(0.4 * sum(map(len, words)), 0.75 * max((score for score, _ in scored), default=0.0))
    values = [value for score, value in scored if score >= least]
    return any(
        (below and limit / 2 <= value < limit) or (above and limit < value <= 2 * limit) for value in values
    )


def _about(fact: Fact, clause: Clause, found: Quantity) -> bool:
    """Whether a share of the aligned sentence is as the claim has it, in round terms: 六成多 of 62%."""
    if abs(found.sentence - clause.sentence) > 1:
        return False
    gap = found.value * RATIO[found.unit] - float(fact.value[0] or 0) * RATIO[str(fact.value[2])]
    more = clause.text[clause.text.find(fact.text) + len(fact.text) :][:2]
    if fact.value[3] in (">", ">=") or re.match("多|以上", more):
        return 0 <= gap < 10
    if fact.value[3] in ("<", "<=") or more == "以下":
        return -10 < gap < 0
    return fact.value[2] == "tenth" and abs(gap) <= 2.5


def _missing(fact: Fact, rivals: Sequence[Fact], source: Prepared) -> Finding:
    """A fact of the claim that the source does not state: contradicted where it states another."""
    name = _KINDS_REASON[fact.kind]
    known = {a.name for a in actors(source.normal.text)}
    if fact.kind == "body" and any(a.name in known for a in actors(fact.text)):
        return Finding(fact.kind, 0.4, f"{name}“{fact.text}”在来源中写法不同")
    if rivals:
        shown = "、".join(dict.fromkeys(f.text for f in rivals[:3]))
        return Finding(fact.kind, 1.0, f"{name}不符：“{fact.text}”，来源为“{shown}”")
    return Finding(fact.kind, 0.9, f"{name}“{fact.text}”不见于来源")


_ANCHORS = frozenset({"date", "session", "state", "body"})


def _crossed(claimed: Sequence[Fact], clauses: Sequence[Clause], source: Prepared) -> list[Finding]:
    """Pairs of facts that both stand in the source but are bound to other partners there."""
    for group in _bound(claimed, clauses):
        for fact in group:
            for anchor in group:
                paired = fact.kind in ("number", "date", "session") and anchor.kind in _ANCHORS
                if paired and anchor.kind != fact.kind and _swapped(fact, anchor, source):
                    return [Finding("crossed", 1.0, f"“{fact.text}”与“{anchor.text}”在来源中不相配")]
    return []


def _misplaced(claimed: Sequence[Fact], clauses: Sequence[Clause], source: Prepared) -> list[Finding]:
    """A fact said of one event in the source and of another in the claim: 2020年批准 for 2020年成立."""
    for fact in claimed:
        clause = _clause_of(fact, clauses)
        span = Span(clause.text, clause.start, clause.start + len(clause.text))
        own_facts = [f for f in claimed if span.start <= f.start and f.end <= span.end]
        rest = folded(without(span, own_facts))[0]
        if fact.kind not in ("date", "number", "session") or weight_of(rest) < 3:
            continue
        rivals = [f for f in source.facts if f.kind == fact.kind and f.value[-2:] == fact.value[-2:]]
        rivals = [f for f in rivals if not agrees(fact, f)]
        places = [f for f in source.facts if agrees(fact, f)]
        own = max((share_said(rest, _zone(f, source)) for f in places), default=1.0)
        other = max((share_said(rest, _zone(f, source)) for f in rivals), default=0.0)
        if other >= 0.6 and other - own >= 0.4:
            return [Finding("crossed", 1.0, f"“{fact.text}”在来源中说的是另一件事")]
    return []


def _at_another_time(claimed: Sequence[Fact], clauses: Sequence[Clause], source: Prepared) -> list[Finding]:
    """What a claim says happened at one time where each clause of the source that tells of it has another."""
    for fact in claimed:
        if fact.kind != "date" or not any(agrees(fact, f) for f in source.facts):
            continue
        clause = _clause_of(fact, clauses)
        after = content_words(clause.text[max(0, fact.end - clause.start) :])
        words = [w.text for w in after if not NUMERIC.match(w.text)]
        verb = next((w for w in words if tags().get(w, "n")[0] == "v"), words[-1] if words else "")
        told = [c for c in source.clauses if c.start >= 0 and verb and places(verb, c.text)]
        dates = [_dates_of(verb, c, source) for c in told]
        if dates and all(own and not any(agrees(fact, f) for f in own) for own in dates):
            return [
                Finding("crossed", 1.0, f"“{verb}”在来源中不是“{fact.text}”的事，而是“{dates[0][-1].text}”")
            ]
    return []


def _dates_of(verb: str, clause: SourceClause, source: Prepared) -> list[Fact]:
    """The last dates before a verb in its sentence; where there are none, those after it in its clause."""
    at = clause.start + places(verb, clause.text)[-1][0]
    begin, end = source.sentences[clause.sentence].start, clause.start + len(clause.text)
    dates = [f for f in source.facts if f.kind == "date" and begin <= f.start < end]
    before = [f for f in dates if f.start < at]
    last = before[-1:]
    for date in reversed(before[:-1]):
        if not re.fullmatch("[、和与及至-]?", source.normal.text[date.end : last[0].start]):
            break
        last.insert(0, date)  # 10月和11月
    return last or dates


def _zone(fact: Fact, source: Prepared) -> frozenset[str]:
    """Units of the clause in which a fact stands, and of the next after a mere opening phrase."""
    spans = split_clauses(source.normal.text)
    at = next((i for i, s in enumerate(spans) if s.start <= fact.start < s.end), 0)
    text = spans[at].text
    if at + 1 < len(spans) and text.endswith(",") and weight_of(text) < 16:
        text += spans[at + 1].text
    if at and OPENING_PHRASE.match(spans[at - 1].text):
        text = spans[at - 1].text + text
    return frozenset(units_of(folded(text)[0]))


def _bound(claimed: Sequence[Fact], clauses: Sequence[Clause]) -> Iterator[list[Fact]]:
    """Facts that the claim itself binds together: alone of their kind in a clause, or in a part of a list.

    With several of a kind (2021、2022、2023 beside three states) nothing says which belongs to which.
    """
    for clause in clauses:
        own = [f for f in claimed if clause.start <= f.start < clause.start + len(clause.text)]
        if all(sum(o.kind == f.kind for o in own) == 1 for f in own):
            yield own
            continue
        cuts = [clause.start + m.start() for m in re.finditer(r"[和及与、,;]", clause.text)]
        edges = [clause.start, *cuts, clause.start + len(clause.text)]
        parts = [[f for f in own if a <= f.start < b] for a, b in pairwise(edges)]
        complete = [p for p in parts if len(p) == 2 and p[0].kind != p[1].kind]
        if len(complete) >= 2:
            yield from complete


def _swapped(fact: Fact, anchor: Fact, source: Prepared) -> bool:
    """Whether every mention of the fact stands nearer to a rival of the anchor, and the other way round."""
    places = [f for f in source.facts if agrees(fact, f)]
    anchors = [f for f in source.facts if agrees(anchor, f)]
    rivals = [f for f in source.facts if f.kind == fact.kind and not agrees(fact, f)]
    rival_anchors = [f for f in source.facts if f.kind == anchor.kind and not agrees(anchor, f)]
    if fact.kind == "number":
        rivals = [f for f in rivals if f.value[2] == fact.value[2]]
    if not (places and anchors and rivals and rival_anchors):
        return False
    text = source.normal.text
    own = min(_gap(p, a, text) for p in places for a in anchors)
    fact_with_rival = min(_gap(p, r, text) for p in places for r in rival_anchors)
    anchor_with_rival = min(_gap(a, r, text) for a in anchors for r in rivals)
    return own > 10 + fact_with_rival and own > 10 + anchor_with_rival


def _gap(one: Fact, other: Fact, text: str) -> float:
    """How far apart two facts stand, marks of separation counted as many characters."""
    low, high = sorted((one, other), key=lambda f: f.start)
    between = text[low.end : high.start]
    if re.fullmatch(r"\(", between):
        return 0.0
    left = 30 if between.find(")") >= 0 and between.find("(") != 0 and "(" not in between.split(")")[0] else 0
    return len(between) + left + 15 * between.count(",") + 25 * between.count(";") + 60 * between.count("。")
