"""Does this paragraph support this sentence? A deterministic verifier for Chinese documents.

A claim is cut into clauses, each clause is aligned with the sentence of the source that says most of
it, and what a reader would check is compared there: numbers, dates, sessions, symbols, names,
negation, modality, quantifiers, who acts, antonyms, words put in place of others, and how much of the
claim is said at all. Then come what is bound to what (:mod:`answer.relations`), order and conditions
(:mod:`answer.circumstances`) and what follows from the figures (:mod:`answer.arithmetic`). The findings
are weighed into one continuous score by a logistic model whose weights were fitted on the development
part of ``eval/sets/verify.jsonl`` (:mod:`answer.calibration`).
"""

from __future__ import annotations

import difflib
import math
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from answer.answers import Verdict
from answer.arithmetic import Figures, compare_figures, compare_partners, derived, figures
from answer.calibration import VERIFIER
from answer.circumstances import (
    compare_conditions,
    compare_only,
    compare_order,
    compare_sides,
    compare_tense,
    excludes,
)
from answer.comparison import Finding, compare_contrasts, compare_operators, compare_words, dropped_negation
from answer.facts import Fact, agrees, facts, with_year
from answer.relations import (
    Explanation,
    SourceClause,
    compare_bindings,
    compare_vocabulary,
    distributed,
    explain,
    source_clauses,
)
from answer.sentences import Normal, Span, normalise, split_clauses, split_sentences
from answer.stance import actors
from answer.synonyms import folded, is_mark

Entailment = Callable[[str, str], float]
"""An optional model: (claim, source) to the probability that the source entails the claim."""

_SILENT = frozenset(
    "的了在和与及或等是为将以对于其而并也还又就从由向到中上下个这那该此之所被把使让有称做作着过各该地得\"'()《》,。;:!?、[]<>-·…/"
)
_FILLER = re.compile(
    r"^(?:此外|另外|同时|因此|例如|总之|首先|其次|最后|据此|具体而言|需要指出的是|值得注意的是|根据(?:该|上述)?文件|文件(?:中)?(?:指出|提到|显示|表明)|根据.{0,12}段)[,:]?"
)
_KINDS_REASON = {
    "date": "日期", "session": "届次", "symbol": "文号", "resolution": "决议编号", "article": "条款",
    "number": "数字",
    "state": "国家或地点", "body": "机构名称", "title": "名称", "latin": "名称", "language": "语文",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verification:
    """The verdict on one claim against one source.

    ``score`` lies in [0, 1], higher is better supported; ``span`` are character offsets into the
    source of the stretch that supports the claim best (None when nothing does); ``reason`` is one
    Chinese phrase; ``features`` are the findings the score was computed from.
    """

    verdict: Verdict
    score: float
    span: tuple[int, int] | None
    reason: str
    features: Mapping[str, float] = field(default_factory=dict)

    @property
    def contradicted(self) -> bool:
        """Whether the source speaks of the same thing and says otherwise, rather than nothing."""
        f = self.features
        return f.get("uncovered", 1.0) < 0.5 and any(f.get(name, 0.0) >= 0.9 for name in CONTRADICTING)


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


@dataclass(frozen=True, slots=True)
class _Clause:
    """One clause of the claim and how well the source says it."""

    text: str  # normal form
    start: int
    sentence: int  # index of the best sentence of the source
    coverage: float  # share of the clause that this sentence (with its neighbours' help) says
    weight: float


def verify(
    claim: str, source: str, *, context: str = "", entailment: Entailment | None = None
) -> Verification:
    """Compare a claim with the text of a paragraph.

    ``context`` is text that counts as known (title, session and date of the document), so that a claim
    may name it. ``entailment``, where given, is averaged into the score of claims without hard findings.
    """
    claim_normal = normalise(_stripped(claim))
    prepared = prepare(source)
    if not re.search(r"\w", claim_normal.text):
        return Verification("unsupported", 0.0, None, "空句")
    exact = _verbatim(claim_normal.text, prepared)
    if exact is not None:
        return Verification("verbatim", 1.0, exact, "原文逐字")
    context = normalise(context).text
    known = facts(context)
    told = distributed(claim_normal.text)
    clauses = _clauses(told, prepared, known)
    findings = _findings(told, clauses, prepared, known)
    if not any(_computed(clause.text, prepared) for clause in clauses):
        findings.extend(compare_vocabulary(told, prepared.normal.text + context))
    features = _features(clauses, findings)
    score = _probability(features)
    if entailment is not None and not any(f.weight >= 0.8 for f in findings):
        score = 0.5 * score + 0.5 * entailment(claim, source)
    verdict = _verdict(score, clauses, findings)
    return Verification(
        verdict, round(score, 4), _span(clauses, prepared), _reason(verdict, clauses, findings), features
    )


def _stripped(claim: str) -> str:
    """The claim without list bullets, Markdown emphasis and leading fillers that assert nothing."""
    plain = re.sub(r"^\s*(?:[-*•·]|\d+[.、)](?!\d))\s*", "", claim).replace("**", "").strip()
    return _FILLER.sub("", plain) or plain


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


_TURNED_BEFORE = re.compile(
    r"(?:不|未|没有|没|无|非|并非|不是|无法|不得|尚未|难以|不会|拒绝|反对|禁止|是否|如果|假如|若)$"
)


def _verbatim(claim: str, source: Prepared) -> tuple[int, int] | None:
    """Where the claim stands word for word, unless a negation stands just before the excerpt."""
    needle = claim.strip("。;,:!?. ").strip()
    bare_source, offsets = source.normal.text, source.normal
    start = bare_source.find(needle) if len(needle) >= 2 else -1
    while start >= 0:
        before = bare_source[max(0, start - 3) : start]
        if not _TURNED_BEFORE.search(before) and not _cuts_number(bare_source, start, start + len(needle)):
            return offsets.original(start, start + len(needle))
        start = bare_source.find(needle, start + 1)
    return None


def _cuts_number(text: str, start: int, end: int) -> bool:
    """Whether the excerpt begins or ends inside a number or a Latin word (``1,400`` cut to ``400``)."""

    def inside(at: int) -> bool:
        if not 0 < at < len(text):
            return False
        left, right = text[at - 1], text[at]
        if not (right.isascii() and right.isalnum()):
            return left.isdigit() and right in ",." and text[at + 1 : at + 2].isdigit()
        if left in ",.":
            return right.isdigit() and text[at - 2 : at - 1].isdigit()
        return left.isascii() and left.isalnum() and left.isdigit() == right.isdigit()

    return inside(start) or inside(end)


def _clauses(claim: str, source: Prepared, known: Sequence[Fact]) -> list[_Clause]:
    """The claim's clauses aligned; facts that the source states are said, in whatever words."""
    stated = [
        f for f in with_year(facts(claim)) if any(agrees(f, other) for other in (*source.facts, *known))
    ]
    found = []
    for span in _joined(split_clauses(claim)):
        fold, _ = folded(span.text)
        best, _ = _best_sentence(fold, source)
        own = [f for f in stated if span.start <= f.start and f.end <= span.end]
        rest, _ = folded(_without(span, own))
        weight, left = _weight(fold), _weight(rest) / max(1.0, _weight(fold))
        _, coverage = _best_sentence(rest, source, best)
        coverage = 1 - min(1.0, left) * (1 - coverage)
        found.append(_Clause(span.text, span.start, best, coverage, weight))
    return found


def _without(span: Span, stated: Sequence[Fact]) -> str:
    text = span.text
    for fact in stated:
        start, end = fact.start - span.start, fact.end - span.start
        text = text[:start] + "、" * (end - start) + text[end:]
    return text


_OPENING_PHRASE = re.compile(
    r"^(?:[在于自从对就]|截至|对于|关于|根据|依照|按照|为了?|除|随着|通过|经过|作为|尽管|虽然|\\d+年)[^。;]*,$"
)


def _joined(spans: Sequence[Span]) -> list[Span]:
    """Clauses with those too short to stand alone joined to the next (or, at the end, to the one before)."""
    joined: list[Span] = []
    pending: Span | None = None
    for span in spans:
        if pending is not None:
            span = Span(pending.text + span.text, pending.start, span.end)
        opens = _OPENING_PHRASE.match(span.text) is not None and len(span.text) <= 32
        pending = span if _weight(span.text) < 5 or (opens and span is not spans[-1]) else None
        if pending is None:
            joined.append(span)
    if pending is not None:
        joined.append(pending)
        if len(joined) > 1:
            last, tail = joined[-2], joined.pop()
            joined[-1] = Span(last.text + tail.text, last.start, tail.end)
    return joined


def _weight(fold: str) -> float:
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


def _best_sentence(fold: str, source: Prepared, given: int | None = None) -> tuple[int, float]:
    """The sentence that covers most of the clause; a neighbour may lend words at a small discount."""
    best, best_value = 0, -1.0
    for i, units in enumerate(source.pairs):
        value = share_said(fold, units)
        if i == given or (given is None and value > best_value + 1e-9):
            best, best_value = i, value
    near = source.pairs[max(0, best - 1) : best + 2]
    helped = share_said(fold, frozenset().union(*near))
    return best, best_value + 0.7 * (helped - best_value)


def _findings(
    claim: str, clauses: Sequence[_Clause], source: Prepared, known: Sequence[Fact]
) -> list[Finding]:
    findings = list(_fact_findings(claim, clauses, source, known))
    for clause in clauses:
        if clause.coverage < 0.35:
            continue
        sentence = source.sentences[clause.sentence]
        before = source.normal.text[: sentence.start]
        stretch = _stretch(clause, sentence.text)
        turned = compare_operators(clause.text, sentence.text, stretch, source.normal.text, before)
        found = explain(clause.text, source.clauses)
        home = source.clauses[found.home].text if found else ""
        follows = _computed(clause.text, source) or excludes(clause.text, home)  # 还有113件没有办结
        findings.extend(f for f in turned if not (follows and f.kind == "negation"))
        findings.extend(compare_words(clause.text, sentence.text))
        findings.extend(compare_contrasts(clause.text, sentence.text, source.normal.text))
        findings.extend(_figures(clause.text, source) if source.figures.quantities else ())
        if found and not follows:
            findings.extend(_relations(clause.text, claim, found, source))
    findings.extend(compare_order(claim, source.clauses))
    return findings


def _computed(clause: str, source: Prepared) -> bool:
    """Whether a number of the clause follows from the source's without standing there."""
    return any(
        derived(fact, clause, source.figures)
        for fact in facts(clause)
        if not any(agrees(fact, f) for f in source.facts)
    )


def _figures(clause: str, source: Prepared) -> Iterator[Finding]:
    """Comparisons that the source's figures contradict, and figures that it gives to others."""
    numbers = [fact for fact in facts(clause) if fact.kind == "number"]
    yield from compare_figures(clause, numbers, source.figures.quantities)
    yield from compare_partners(clause, numbers, source.figures.quantities)


def _relations(clause: str, claim: str, found: Explanation, source: Prepared) -> Iterator[Finding]:
    """What a clause binds together otherwise than the source does: partners, roles, time and condition."""
    home = source.clauses[found.home].text
    if found.said >= 0.6:
        yield from dropped_negation(clause, home)
    yield from compare_bindings(clause, found, source.clauses)
    yield from compare_sides(clause, home)
    yield from compare_only(clause, home)
    yield from compare_tense(clause, home)
    yield from compare_conditions(clause, claim, source.clauses, found.home)


def _stretch(clause: _Clause, sentence: str) -> str:
    """The clause of the sentence with the longest stretch of the claim's clause in it."""
    matcher = difflib.SequenceMatcher(None, autojunk=False)
    matcher.set_seq2(clause.text)

    def likeness(part: str) -> float:
        matcher.set_seq1(part)
        sizes = [block.size for block in matcher.get_matching_blocks()]
        return max(sizes) + 0.3 * sum(size for size in sizes if size > 1)

    return max((span.text for span in split_clauses(sentence)), key=likeness, default=sentence)


def _clause_of(fact: Fact, clauses: Sequence[_Clause]) -> _Clause:
    return next((c for c in reversed(clauses) if c.start <= fact.start), clauses[0])


def _fact_findings(
    claim: str, clauses: Sequence[_Clause], source: Prepared, known: Sequence[Fact]
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
            alike = any(_same_measure(fact, f) for f in rivals)
            if not excused and (alike or not _counted(fact, source)):
                findings.append(_missing(fact, rivals, source))
            continue
        sentence = source.sentences[clause.sentence]
        if not any(sentence.start <= f.start < sentence.end for f in supporting):
            noun = _noun(fact, claim)  # 三个组织 of 三个民间组织, wherever that stands
            named = noun and any(noun in source.normal.text[f.start : f.end + 8] for f in supporting)
            named = named or derived(fact, clause.text, source.figures)
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
    findings.extend(_misplaced(claimed, clauses, source))
    return findings


def _same_measure(one: Fact, other: Fact) -> bool:
    """Whether two numbers have the same unit, which 三倍 and 三个 have not."""
    return one.kind != "number" or one.value[2] == other.value[2]


def _rivals(fact: Fact, clause: _Clause, source: Prepared) -> list[Fact]:
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
    if fact.kind in ("title", "latin", "body", "state"):
        return (
            fact.text.strip('《》"') in source.normal.text
            or folded(fact.text.strip('《》"'))[0] in source.folded
        )
    if fact.kind == "article":
        return False
    return False


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


def _crossed(claimed: Sequence[Fact], clauses: Sequence[_Clause], source: Prepared) -> list[Finding]:
    """Pairs of facts that both stand in the source but are bound to other partners there."""
    for group in _bound(claimed, clauses):
        for fact in group:
            for anchor in group:
                paired = fact.kind in ("number", "date", "session") and anchor.kind in _ANCHORS
                if paired and anchor.kind != fact.kind and _swapped(fact, anchor, source):
                    return [Finding("crossed", 1.0, f"“{fact.text}”与“{anchor.text}”在来源中不相配")]
    return []


def _misplaced(claimed: Sequence[Fact], clauses: Sequence[_Clause], source: Prepared) -> list[Finding]:
    """A fact said of one event in the source and of another in the claim: 2020年批准 for 2020年成立."""
    for fact in claimed:
        clause = _clause_of(fact, clauses)
        span = Span(clause.text, clause.start, clause.start + len(clause.text))
        own_facts = [f for f in claimed if span.start <= f.start and f.end <= span.end]
        rest = folded(_without(span, own_facts))[0]
        if fact.kind not in ("date", "number", "session") or _weight(rest) < 3:
            continue
        rivals = [f for f in source.facts if f.kind == fact.kind and f.value[-2:] == fact.value[-2:]]
        rivals = [f for f in rivals if not agrees(fact, f)]
        places = [f for f in source.facts if agrees(fact, f)]
        own = max((share_said(rest, _zone(f, source)) for f in places), default=1.0)
        other = max((share_said(rest, _zone(f, source)) for f in rivals), default=0.0)
        if other >= 0.6 and other - own >= 0.4:
            return [Finding("crossed", 1.0, f"“{fact.text}”在来源中说的是另一件事")]
    return []


def _zone(fact: Fact, source: Prepared) -> frozenset[str]:
    """Units of the clause in which a fact stands, and of the next after a mere opening phrase."""
    spans = split_clauses(source.normal.text)
    at = next((i for i, s in enumerate(spans) if s.start <= fact.start < s.end), 0)
    text = spans[at].text
    if at + 1 < len(spans) and text.endswith(",") and _weight(text) < 16:
        text += spans[at + 1].text
    if at and _OPENING_PHRASE.match(spans[at - 1].text):
        text = spans[at - 1].text + text
    return frozenset(units_of(folded(text)[0]))


def _bound(claimed: Sequence[Fact], clauses: Sequence[_Clause]) -> Iterator[list[Fact]]:
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


FEATURES = (
    "uncovered", "sparse", "hollow", "foreign", "number", "date", "reference", "place", "body",
    "name", "negation", "modality", "quantifier", "actor", "antonym", "contrast", "subject", "clean", "far",
    "crossed", "arithmetic", "exchanged", "borrowed", "roles", "order", "condition",
)  # fmt: skip
CONTRADICTING = (
    "number", "date", "reference", "place", "negation", "quantifier", "actor", "antonym", "far", "crossed",
    "roles", "order", "arithmetic",
)  # fmt: skip
_FEATURE_OF = {
    "number": "number", "date": "date", "session": "reference", "symbol": "reference", "body": "body",
    "resolution": "reference", "article": "reference", "state": "place", "title": "name", "latin": "name",
    "language": "place",
}  # fmt: skip


def _features(clauses: Sequence[_Clause], findings: Sequence[Finding]) -> dict[str, float]:
    total = sum(c.weight for c in clauses) or 1.0
    values = dict.fromkeys(FEATURES, 0.0)
    values["uncovered"] = 1 - sum(c.weight * c.coverage for c in clauses) / total
    values["sparse"] = max(0.0, values["uncovered"] - 0.35) / 0.65
    values["hollow"] = max(0.0, 0.5 - min(c.coverage for c in clauses)) / 0.5
    for finding in findings:
        name = _FEATURE_OF.get(finding.kind, finding.kind)
        values[name] = max(values[name], finding.weight)
    return {name: round(value, 4) for name, value in values.items()}


def _probability(features: Mapping[str, float]) -> float:
    z = VERIFIER.bias - sum(VERIFIER.weights[name] * features[name] for name in FEATURES)
    return 1 / (1 + math.exp(-z))


def _hard(finding: Finding) -> bool:
    return finding.weight >= 0.75 and finding.kind != "far"


def _verdict(score: float, clauses: Sequence[_Clause], findings: Sequence[Finding]) -> Verdict:
    if score >= VERIFIER.supported:
        return "supported"
    if min(c.coverage for c in clauses) < 0.5 and max(c.coverage for c in clauses) >= 0.72:
        return "partial"
    if score >= VERIFIER.partial and not any(_hard(f) for f in findings):
        return "partial"
    return "unsupported"


def _span(clauses: Sequence[_Clause], source: Prepared) -> tuple[int, int] | None:
    chosen = [c for c in clauses if c.coverage >= 0.4]
    if not chosen:
        return None
    best = max(chosen, key=lambda c: c.weight * c.coverage)
    near = [c.sentence for c in chosen if abs(c.sentence - best.sentence) <= 1]
    first, last = source.sentences[min(near)], source.sentences[max(near)]
    return source.normal.original(first.start, last.end)


def _reason(verdict: Verdict, clauses: Sequence[_Clause], findings: Sequence[Finding]) -> str:
    weakest = min(clauses, key=lambda c: c.coverage)
    heard = [f for f in findings if f.kind != "foreign" or weakest.coverage >= 0.35]
    worst = max(heard, key=lambda f: f.weight, default=None)
    if verdict == "supported":
        return "内容与来源相符"
    if worst is not None and worst.weight >= 0.5:
        return worst.message
    return f"来源没有说到：“{weakest.text.strip(',。;')[:30]}”"
