"""Figures that a claim computes from those of the source, and comparisons between them.

Every number of the source is a quantity with a label: the words just before it, then those of its clause
and sentence. A claim's figure that the source does not state may be a sum, a difference, a share or a
multiple of quantities; which of them a comparison speaks of is read from the labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations

from answer.facts import Fact, chinese_number
from answer.findings import Finding
from answer.relations import SourceClause
from answer.vocabulary import content_words, phrases, places


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of the source: value and unit, the words before it, these with the words after it (its own
    label), its clause, and the sentence up to it."""

    value: float
    unit: str
    lead: str
    own: str
    clause: str
    before: str
    sentence: int

    def fits(self, word: str) -> float:
        """How closely a word belongs to this quantity, from 0 to 1."""
        if places(word, self.own):
            return 1.0
        return 0.5 if places(word, self.clause) else 0.25 if places(word, self.before) else 0.0


Pair = tuple[Quantity, Quantity]


@dataclass(frozen=True, slots=True)
class Figures:
    """What can be calculated with: the plain numbers of a source in order, and its years.

    ``years`` are the years stated, ``reached`` also those that words as 次年 and 两年后 lead to.
    """

    quantities: tuple[Quantity, ...]
    years: frozenset[int]
    reached: frozenset[int]
    text: str


def figures(facts: Sequence[Fact], clauses: Sequence[SourceClause], text: str) -> Figures:
    """The figures of a source in normal form."""
    years = {v for f in facts if f.kind == "date" for v in (f.value[0], f.value[3]) if isinstance(v, int)}
    steps = {1} if re.search(r"次年|翌年|第二年|一年后", text) else set()
    steps |= {chinese_number(n) for n in re.findall(r"([两二三四五六七八九十]|\d{1,2})年(?:之|以)?后", text)}
    reached = years | {year + step for year in years for step in steps}
    return Figures(tuple(_quantities(facts, clauses)), frozenset(years), frozenset(reached), text)


def _quantities(facts: Sequence[Fact], clauses: Sequence[SourceClause]) -> Iterator[Quantity]:
    for i, clause in enumerate(clauses):
        end = clause.start + len(clause.text)
        own = [f for f in facts if f.kind == "number" and clause.start <= f.start < end]
        before = "".join(c.text for c in clauses[:i] if c.sentence == clause.sentence)
        at = 0
        for fact in own:
            value, high, unit, _ = fact.value
            start, stop = fact.start - clause.start, fact.end - clause.start
            following = next((f.start for f in own if f.start > fact.start), end) - clause.start
            label = _dated(clause.text[at:start], before)
            lead = re.split("[,、和与及]", label)[-1]
            label += re.split("[,、和与及]", clause.text[stop:following])[0]
            if isinstance(value, float) and value == high:
                yield Quantity(value, str(unit), lead, label, clause.text, before, clause.sentence)
            at = stop


def _dated(label: str, before: str) -> str:
    """The label with the year that 同年 refers to."""
    years = re.findall(r"\d{4}年", before)
    return label + years[-1] if years and re.search(r"同年|当年|该年", label) else label


RATIO = {"percent": 1.0, "tenth": 10.0}
_SUM = re.compile(r"[共总计累]|合计|加起来|两[^年月日]|三[^年月日]|全部|没有|未")
_REST = re.compile(r"[比多少高低增减升降长短余剩还未没缺差不]|其他")
_LEFT_OVER = re.compile(r"其余|其他|余下|缺口|剩|比[^,;。]{1,10}?(?:多|少|高|低|增|减|提高|上升|下降)")
_MORE, _LESS = r"多于|高于|大于|超过|长于|逾", r"少于|低于|小于|不到|不足|短于|不及"


def derived(fact: Fact, clause: str, known: Figures) -> bool:
    """Whether a year or number of the claim follows from the source's figures by one step of arithmetic."""
    if fact.kind == "date":
        return known.reached != known.years and _reached(fact, known)
    if fact.kind != "number" or not isinstance(value := fact.value[0], float) or value != fact.value[1]:
        return False
    unit, source = str(fact.value[2]), known.quantities
    if unit == "year" and (_elapsed(value, clause, known) or f"第{fact.text}" in known.text):
        return True
    if not 2 <= len(source) <= _MOST_FIGURES:
        return False
    words = [w.text for w in content_words(clause) if w.text not in fact.text]
    if unit in RATIO:
        return _is_share(fact, clause, source, words)
    alike = [q for q in source if q.unit == unit or {q.unit, unit} <= {"thing", "times"}]
    if unit == "times":
        pairs = _best(_pairs(alike), words)
        return any(value in (x.value / (y.value or 1), y.value / (x.value or 1)) for x, y in pairs)
    shares = [q.value / 100 for q in source if q.unit == "percent"]
    return (
        ((_REST.search(clause) or _LEFT_OVER.search(known.text)) is not None and _is_rest(value, alike))
        or (_SUM.search(clause) is not None and value in _run_sums(alike))
        or (value >= 10 and any(round(q.value * share, 6) == value for q in alike for share in shares))
    )


_MOST_FIGURES = 24  # of a table nearly every number is the sum or difference of others


def _pairs(source: Sequence[Quantity]) -> list[Pair]:
    """Two quantities each, of one sentence or two that follow each other."""
    return [(x, y) for x, y in combinations(source, 2) if abs(x.sentence - y.sentence) <= 1]


def _is_rest(value: float, alike: Sequence[Quantity]) -> bool:
    """Whether a value is the difference of two quantities, or what some leave over of another."""
    if any(abs(x.value - y.value) == value for x, y in _pairs(alike)):
        return True
    for total in alike:
        parts = [q for q in alike if q is not total and abs(q.sentence - total.sentence) <= 1]
        if total.value - value in _run_sums(parts):
            return True
    return False


def _reached(fact: Fact, known: Figures) -> bool:
    year, month, day, last, *_ = fact.value
    return month is None and day is None and year in known.reached and (last is None or last in known.reached)


def _elapsed(years: float, clause: str, known: Figures) -> bool:
    """Whether two years of the source lie so far apart."""
    passed = {abs(a - b) for a, b in combinations(known.years, 2)}
    return years in passed and re.search(r"年(?:之|以)?[后前间内里]|历时|期间", clause) is not None


def _run_sums(alike: Sequence[Quantity]) -> set[float]:
    """Sums of two and more neighbouring quantities."""
    return {sum(q.value for q in alike[i:j]) for i in range(len(alike)) for j in range(i + 2, len(alike) + 1)}


def _best(pairs: Sequence[Pair], words: Sequence[str]) -> list[Pair]:
    """The pairs whose own labels say most of the words."""
    scored = [
        (sum(len(w) * max(x.fits(w), y.fits(w)) for w in words if x.fits(w) + y.fits(w) >= 0.25), (x, y))
        for x, y in pairs
    ]
    most = max((score for score, _ in scored), default=0.0)
    return [pair for score, pair in scored if score >= most - 0.01]


def _is_share(fact: Fact, clause: str, source: Sequence[Quantity], words: Sequence[str]) -> bool:
    stated = [q.value * RATIO[q.unit] for q in source if q.unit in RATIO]
    if stated and re.search("其余|其他|余下", clause) and _within(100 - sum(stated), fact, clause):
        return True
    counts = [q for q in source if q.unit not in RATIO]
    best = _best([(x, y) for x, y in _pairs(counts) if x.unit == y.unit and x.value != y.value], words)
    if re.search(r"增|减|升|降|多|少于?|高|低", clause) and any(
        _within(100 * abs(y.value - x.value) / (x.value or 1), fact, clause) for x, y in best
    ):
        return True
    return any(_within(100 * min(x.value, y.value) / max(x.value, y.value), fact, clause) for x, y in best)


def _within(share: float, fact: Fact, clause: str) -> bool:
    """Whether a share in per cent is what the fact says, its bounds (超过…的一半, 六成以上) included."""
    unit = str(fact.value[2])
    claimed = float(fact.value[0] or 0) * RATIO[unit]
    at = clause.find(fact.text)
    bound, after = str(fact.value[3]), clause[at + len(fact.text) :]
    if re.match(r"以上|多|强", after) or re.search(rf"(?:{_MORE})[^,;]*$", clause[:at]):
        bound = ">"
    elif re.match(r"以下|弱", after) or re.search(rf"(?:{_LESS})[^,;]*$", clause[:at]):
        bound = "<"
    if bound.startswith(">"):
        return share >= claimed
    if bound.startswith("<"):
        return share <= claimed
    return abs(share - claimed) <= (2.5 if unit == "tenth" else 0.5)


_PHRASE = r"[^,;。]+?"
_COMPARED = re.compile(
    rf"(?P<a>{_PHRASE})比(?P<b>{_PHRASE})(?:更|还|要)?(?:(?P<up>多|高|大|长|增加|上升|增长|提高)|(?P<down>少|低|小|短|减少|下降|降低))"
    rf"|(?P<a2>{_PHRASE})(?:(?P<up2>{_MORE})|(?P<down2>{_LESS}))(?P<b2>[^,;。]+)"
)
_RATE = re.compile(r"率|比例|比重|份额|占")
_MOST = re.compile(r"最(?P<way>[多少高低大小长短])")
_MAJORITY = re.compile(r"占(?:绝大)?多数|占大部分|过半")
_TREND = re.compile(r"(?P<up>增加|增长|上升|增多|提高)|(?P<down>减少|下降|降低)")


def compare_figures(clause: str, numbers: Sequence[Fact], source: Sequence[Quantity]) -> Iterator[Finding]:
    """Comparisons, superlatives, majorities and trends of a clause that the source's numbers contradict.

    ``numbers`` are the clause's own numbers.
    """
    yield from _compared(clause, numbers, source)
    yield from _superlative(clause, source)
    yield from _trend(clause, numbers, source)
    if _MAJORITY.search(clause):
        words = [w.text for w in content_words(_MAJORITY.sub("", clause))]
        pairs = [(x, y) for x, y in combinations(source, 2) if x.unit == y.unit and x.unit not in RATIO]
        best = _best(pairs, words)
        if best and all(2 * min(x.value, y.value) <= max(x.value, y.value) for x, y in best):
            yield Finding("arithmetic", 1.0, "按来源的数字不占多数")


def is_majority(clause: str, source: Sequence[Quantity]) -> bool:
    """Whether the figure that a clause speaks of is more than half of the largest beside it: 9国 of 17个."""
    words = [w.text for w in content_words(clause)]
    fitting = [(sum(len(w) for w in words if q.fits(w) == 1), q) for q in source if q.unit not in RATIO]
    most = max((score for score, _ in fitting), default=0)
    best = [q for score, q in fitting if score == most]
    if not most or len(best) != 1:
        return False
    part = best[0]
    totals = [q.value for q in source if q.unit == part.unit and 0 <= part.sentence - q.sentence <= 1]
    return part.value < max(totals) < 2 * part.value


def _chosen(phrase: str, context: str, source: Sequence[Quantity]) -> list[tuple[float, Quantity]]:
    """The quantities in the order of how well their labels fit a phrase, the rest of the claim helping."""
    words = [w.text for w in content_words(phrase)] + re.findall(r"\d{4}年", phrase)
    others = [w.text for w in content_words(context) if w.text not in words]
    total, rest = sum(map(_size, words)) or 1, sum(map(_size, others)) or 1
    scored = [
        (
            sum(_size(w) * q.fits(w) for w in words) / total
            + 0.3 * sum(_size(w) * q.fits(w) for w in others) / rest,
            q,
        )
        for q in source
    ]
    return sorted(scored, key=lambda item: -item[0])


def _size(word: str) -> int:
    return 2 if word[0].isdigit() else len(word)  # a year tells no more than a word


def _compared(clause: str, numbers: Sequence[Fact], source: Sequence[Quantity]) -> Iterator[Finding]:
    match = _COMPARED.search(clause)
    if match is None or RATIO.keys() & {str(f.value[2]) for f in numbers}:
        return
    one, other = match["a"] or match["a2"], match["b"] or match["b2"]
    up = bool(match["up"] or match["up2"])
    if any(f.text in other for f in numbers):
        return
    first = {id(q): score for score, q in _chosen(one, clause, source)}
    second = {id(q): score for score, q in _chosen(other, one, source)}
    asked = [q for q in source if (q.unit in RATIO) == bool(_RATE.search(clause))]  # rates or counts
    pairs = [
        (x, y) for x in asked or source for y in asked or source if x.unit == y.unit and x.value != y.value
    ]
    if not pairs:
        return
    x, y = max(pairs, key=lambda p: first[id(p[0])] + second[id(p[1])])
    score = first[id(x)] + second[id(y)]
    if score < 0.8 or score - first[id(y)] - second[id(x)] < 0.1:  # which is which must be clear
        return
    if (x.value > y.value) != up:
        yield Finding("arithmetic", 1.0, f"比较不符：来源为{x.value:g}与{y.value:g}")


def _superlative(clause: str, source: Sequence[Quantity]) -> Iterator[Finding]:
    match = _MOST.search(clause)
    if match is None:
        return
    rest = clause[match.end() :]
    if re.match(r"的(?:原因|理由|问题|困难|障碍|做法)", rest):
        return  # what is named most often is said, not counted
    subject = rest[rest.find("的是") + 2 :] if "的是" in rest else clause[: match.start()]
    ranked = _chosen(subject, clause, source)
    if len(ranked) < 3 or ranked[0][0] < 0.5 or ranked[0][0] - ranked[1][0] < 0.1:
        return
    found = ranked[0][1]
    rivals = [q.value for q in source if q.unit == found.unit and q.sentence == found.sentence]
    up = match["way"] in "多高大长"
    if len(rivals) >= 2 and found.value != (max(rivals) if up else min(rivals)):
        yield Finding("arithmetic", 1.0, f"来源的数字不是最{match['way']}的")


def compare_partners(clause: str, numbers: Sequence[Fact], source: Sequence[Quantity]) -> Iterator[Finding]:
    """A number that the source gives to another: 城市为30% where 30% belongs to 农村."""
    yield from _exchanged(clause, numbers, source)
    for fact in () if _COMPARED.search(clause) else numbers:
        lead = re.split("[,、和与及]", clause[: clause.find(fact.text)])[-1]
        words = [name.text for name in phrases(lead)]
        alike = [q for q in source if q.unit == fact.value[2]]
        owners = {_owner(q) for q in alike if q.value == fact.value[0]}
        if not owners or "" in owners or owners & set(words):
            continue
        rival = next((_owner(q) for q in alike if q.value != fact.value[0] and _owner(q) in words), "")
        if rival:
            yield Finding("crossed", 1.0, f"“{fact.text}”在来源中不属于“{rival}”")
            return


def _exchanged(clause: str, numbers: Sequence[Fact], source: Sequence[Quantity]) -> Iterator[Finding]:
    """A number after the words that stand before another number in the source."""
    for fact in numbers:
        lead = re.split("[,、]", clause[: clause.find(fact.text)])[-1]
        alike = [q for q in source if q.unit == fact.value[2]]
        likeness = [(SequenceMatcher(None, lead, q.lead, autojunk=False).ratio(), q.value) for q in alike]
        own = max((ratio for ratio, value in likeness if value == fact.value[0]), default=1.0)
        ratio, rival = max(likeness, default=(0.0, 0.0))
        if len(lead) >= 4 and ratio >= 0.8 and own <= ratio - 0.2:
            yield Finding("crossed", 1.0, f"来源在这里的数字是{rival:g}，不是“{fact.text}”")
            return


def _owner(quantity: Quantity) -> str:
    """The first name before a quantity."""
    return next((name.text for name in phrases(quantity.lead)), "")


def _trend(clause: str, numbers: Sequence[Fact], source: Sequence[Quantity]) -> Iterator[Finding]:
    """A rise by a number that the source's figures show as a fall, or the other way round."""
    match = _TREND.search(clause)
    if match is None or "比" in clause:
        return
    for fact in numbers:
        alike = [q for q in source if q.unit == fact.value[2]]
        for x, y in combinations(alike, 2):
            if abs(x.value - y.value) == fact.value[0] and (y.value > x.value) != bool(match["up"]):
                yield Finding("arithmetic", 1.0, f"增减不符：来源先为{x.value:g}，后为{y.value:g}")
                return
