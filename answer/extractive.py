"""Answers put together from verbatim sentences: the asked thing first, then the sentence that carries it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from answer.answers import Citation, Sentence, Table
from answer.evidence import Ask, Candidate, Searchable, ask, candidates
from answer.expected import FACT_OF, new_facts, sort_of, suits
from answer.facts import Fact, agrees, facts
from answer.questions import Question, Variant, read_question, topic, variants
from answer.rows import asked_cell
from answer.sentences import normalise
from answer.source import prepare
from index.hits import Hit
from index.normalise import fold
from index.query import document_years
from index.schedule import asked_slots, row_slots
from ingest import Paragraph

LONGEST = 320  # characters of a quoted sentence; longer ones are trimmed to whole clauses
NEAR, GAIN = 1.0, 0.08  # how far below the best another paragraph may score, and what it has to add
SURE_BUDGET, BUDGET = 240, 360  # characters, where the best sentence holds what is asked and elsewhere
TYPED_KINDS = frozenset(
    {"when", "how_many", "where", "url", "resolution", "symbol", "article", "session", "who"}
)
OPEN_KINDS = ("what", "how", "why", "list", "compare", "yes_no")


@dataclass(frozen=True, slots=True)
class Extraction:
    """The sentences of an extractive answer, what they were chosen from, and a table for a comparison."""

    sentences: tuple[Sentence, ...]
    chosen: tuple[Candidate, ...]
    asks: tuple[Ask, ...]
    table: Table | None = None
    compared: bool = False


def extract(
    index: Searchable,
    question: Question,
    hits: Sequence[Hit],
    search: Callable[[str], Sequence[Hit]],
) -> Extraction:
    """Choose and order the sentences; ``search`` finds paragraphs for a single part or variant.

    Returns an extraction without sentences when nothing was retrieved.
    """
    compared = _compared(index, question, hits, search)
    if compared is not None:
        return compared
    sentences: list[Sentence] = []
    chosen: list[Candidate] = []
    asks: list[Ask] = []
    for number, part in enumerate(question.parts):
        asked = ask(index, replace(question, facts=_binding(question, number)), part)
        asks.append(asked)
        found = hits
        if number:  # the second thing asked may stand elsewhere; its own words and what it is about find it
            found = search(f"{_about(question, number)}：{part.text}") or hits
        for group in _by_slot(index, question, found):
            ranked = candidates(index, asked, group)
            if not ranked:
                continue
            picked = _pick(asked, ranked)
            chosen.extend(picked)
            sentences.extend(_sentences(index, asked, picked))
            for further in _further(asked, ranked, picked):
                sentences.append(_quoted(index, further.paragraph, *_trim(asked, further)))
    return Extraction(_unrepeated(sentences), tuple(chosen), tuple(asks))


def _binding(question: Question, number: int) -> tuple[Fact, ...]:
    """The facts that bind one part of a question: its own, and of the first part those it does not replace.

    ``2012年那期来了几名代表，2017年的报告说累计多少人``: the first year does not bind the second part.
    """
    if len(question.parts) < 2:
        return question.facts
    own, first = (facts(question.parts[n].text) for n in (number, 0))
    kinds = {fact.kind for fact in own}
    return (*own, *(fact for fact in first if number and fact.kind not in kinds))


def _about(question: Question, number: int) -> str:
    """What the first part of a question is about, without the times that the given part replaces."""
    text, own = question.parts[0].text, {fact.kind for fact in facts(question.parts[number].text)}
    for fact in reversed(facts(text)):
        if fact.kind in own & {"date", "session"}:
            text = text[: fact.start] + text[fact.end :]
    return topic(text)


def _compared(
    index: Searchable, question: Question, hits: Sequence[Hit], search: Callable[[str], Sequence[Hit]]
) -> Extraction | None:
    """One cell for each thing compared; None where the question compares nothing."""
    cells: list[tuple[str, list[Candidate], Ask]] = []
    by_year = _by_year(index, question)
    compared = by_year or variants(question.normal)
    if not by_year and _told_at_once(index, question, hits, compared):
        return None
    for variant in compared:
        read = replace(read_question(variant.text), context=question.context)
        given = {fact.kind for fact in facts(normalise(variant.label).text)}
        dropped = {"compare", "list", *(kind for kind, fact in FACT_OF.items() if fact in given)}
        kinds = tuple(k for k in question.kinds if k not in dropped) or ("what",)
        asked = ask(index, read, replace(read.parts[0], text=read.normal, kinds=kinds))
        found = {hit.paragraph.id: hit for hit in (*hits, *search(variant.text))}
        dated = _of_year(index, variant, sorted(found.values(), key=lambda h: -h.score))
        ranked: Sequence[Candidate] = candidates(index, asked, dated)
        ranked = _naming(variant.label, ranked) if not by_year else ranked
        if ranked:
            others = [v.label for v in compared if v.label != variant.label]
            cells.append((variant.label, _own(ranked, variant.label, others), asked))
    if len(cells) < 2:
        return None
    rows: list[tuple[str, tuple[Sentence, ...]]] = []
    told: list[Sentence] = []
    chosen: list[Candidate] = []
    for label, ranked, asked in cells:
        best = _holder(ranked)
        cell = tuple(_unrepeated(_sentences(index, asked, [best])))[-1:]
        rows.append((label, cell))
        chosen.append(best)
        told.extend([*cell, *(_quoted(index, c.paragraph, *_trim(asked, c)) for c in _beside(best, ranked))])
    sentences = _unrepeated(told)
    table = Table(("", "文件的说法"), tuple(rows)) if len(sentences) > 1 else None
    return Extraction(sentences, tuple(chosen), tuple(asked for _, _, asked in cells), table, True)


def _told_at_once(
    index: Searchable, question: Question, hits: Sequence[Hit], compared: Sequence[Variant]
) -> bool:
    """Whether the best sentence names all the years or sessions compared: one quotation then tells all."""
    if not compared or not all(_times(variant.label) for variant in compared):
        return False
    ranked = candidates(index, ask(index, question, question.parts[0]), hits)
    return bool(ranked) and all(_states(ranked[0].normal, variant.label) for variant in compared)


def _times(label: str) -> list[Fact]:
    return [fact for fact in facts(normalise(label).text) if fact.kind in ("date", "session")]


def _states(text: str, label: str) -> bool:
    """Whether a text (normal form) states the years and sessions of a label."""
    return all(any(agrees(wanted, fact) for fact in facts(text)) for wanted in _times(label))


def _naming(label: str, ranked: Sequence[Candidate]) -> Sequence[Candidate]:
    """The candidates whose paragraph states the year or session of the label; all where none near does."""
    named = [c for c in ranked if _states(prepare(c.paragraph.text).normal.text, label)]
    return [c for c in named if c.score >= ranked[0].score - 3 * NEAR] or ranked


def _own(ranked: Sequence[Candidate], label: str, others: Sequence[str]) -> list[Candidate]:
    """The candidates, those first whose paragraph names the compared thing alone where the best names all."""
    whole = prepare(ranked[0].paragraph.text).normal.text
    if not all(name in whole for name in (label, *others)):
        return list(ranked)
    alone = []
    for candidate in ranked:
        text = prepare(candidate.paragraph.text).normal.text
        if label in text and not any(other in text for other in others):
            alone.append(candidate)
    near = [c for c in alone if c.score >= ranked[0].score - 2 * NEAR]
    return near or list(ranked)


def _beside(best: Candidate, ranked: Sequence[Candidate]) -> list[Candidate]:
    """What else the best sentence's paragraph says to the question, within a budget of characters."""
    if best.paragraph.kind in ("row", "cover"):
        return []
    same = [c for c in ranked if c.paragraph.id == best.paragraph.id and not c.note]
    picked: list[Candidate] = []
    used = len(best.span.text)
    for candidate in sorted(same, key=lambda c: (-c.within, c.position)):
        if candidate.position != best.position and used + len(candidate.span.text) <= BUDGET:
            picked.append(candidate)
            used += len(candidate.span.text)
    return sorted(picked[:2], key=lambda c: c.position)


def _by_slot(index: Searchable, question: Question, hits: Sequence[Hit]) -> list[Sequence[Hit]]:
    """The hits, or of a programme's rows those of the day and hour asked for, by half-day if both are."""
    wanted = set(asked_slots(fold(question.text)))
    if not wanted or not hits or hits[0].paragraph.kind != "row":
        return [hits]
    own = hits[0].paragraph.doc_id
    rows = [p for p in index.paragraphs if p.kind == "row" and p.doc_id == own]
    slots = {row.id: set(held) for row, held in zip(rows, row_slots(rows), strict=True)}
    halves = sorted(wanted & {"am", "pm"})
    groups: list[Sequence[Hit]] = []
    for half in halves or [""]:
        asked = (wanted - {"am", "pm"}) | ({half} if half else set())
        fitting = [h for h in hits if asked <= slots.get(h.paragraph.id, set())]
        if fitting:
            groups.append(fitting)
    return groups or [hits]


_ASKED_SEVERAL = re.compile(r"各|分别|哪[两二三四五六七八几]|哪些|陆续|先后|后来|又|还|两方面|以及")
_ASKED_OVER_TIME = re.compile(
    r"各|分别|依次|前后|先后|后来|变化|怎么变|变了|变没|差[别异]|不同|相比|以前|原来|起初|起步|现在|如今|[两二三]轮|[两二三]次会|[两二三]届"
    r"|[两二三]个(?:闭会)?期间|[两三]年|历[年次届]|一改再改|比.{0,8}[多少高低快慢]|从.{1,14}到"
)
COUNTERPART = 2.0  # how far below the best a paragraph on the same at another time may score
AS_MUCH = 0.75  # what it has to say of what the best says of the question
_HOW_MANY = re.compile(r"哪([两二三四五六])")
_NUMBERS = {"两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6}


def _further(asked: Ask, ranked: Sequence[Candidate], picked: Sequence[Candidate]) -> list[Candidate]:
    """One sentence each of other paragraphs, where several things are asked and the best one leaves some out.

    A paragraph beside the best that opens with the same words tells of another item of the same list;
    any other has to say a share of the question that those before it do not.
    """
    best = picked[0]
    over_time = bool(_ASKED_OVER_TIME.search(asked.question.normal))
    if not (over_time or _ASKED_SEVERAL.search(asked.question.normal)) or best.paragraph.kind != "paragraph":
        return []
    count = _HOW_MANY.search(asked.question.normal)
    most = _NUMBERS[count[1]] - 1 if count else 3
    firsts = {c.paragraph.id: c for c in reversed(ranked) if not c.note}
    others = [
        c for c in firsts.values() if c.paragraph.kind == "paragraph" and c.paragraph.id != best.paragraph.id
    ]
    taken: list[Candidate] = []
    said = _units_said(asked, best)
    for other in sorted(others, key=lambda c: -c.score):
        gain = sum(asked.weights[u] for u in _units_said(asked, other) - said) / asked.total
        parallel = _parallel(best.paragraph, other.paragraph) or (
            over_time and _counterpart(asked, best, other)
        )
        near = other.score >= best.score - (COUNTERPART if parallel else NEAR)
        if len(taken) < most and near and (parallel or gain >= GAIN):
            taken.append(other)
            said |= _units_said(asked, other)
    return sorted(taken, key=lambda c: (c.paragraph.doc_id, c.paragraph.start))


def _units_said(asked: Ask, candidate: Candidate) -> set[str]:
    everything = prepare(candidate.paragraph.text).everything
    return {unit for unit in asked.weights if unit in everything}


def _parallel(one: Paragraph, other: Paragraph) -> bool:
    """Whether two paragraphs under one heading open alike: 来自甲国的专题主讲人…, 来自乙国的专题主讲人…."""
    if one.doc_id != other.doc_id or one.section != other.section:
        return False
    first, second = one.text[:16], other.text[:16]
    same = {first[i : i + 2] for i in range(len(first) - 1)} & {
        second[i : i + 2] for i in range(len(second) - 1)
    }
    return first[:2] == second[:2] and len(same) >= 6


def _counterpart(asked: Ask, best: Candidate, other: Candidate) -> bool:
    """Whether a paragraph tells the same of another time: 肯尼亚在2019年…, 肯尼亚在2021年….

    It says nearly as much of the question, and each of the two names a year or session the other does not.
    """
    if best.paragraph.doc_id != other.paragraph.doc_id:
        return False
    said, too = (sum(asked.weights[u] for u in _units_said(asked, c)) for c in (best, other))
    times, others = (
        {f.value[:1] for f in prepare(c.paragraph.text).facts if f.kind in ("date", "session")}
        for c in (best, other)
    )
    return too >= AS_MUCH * said and bool(times - others) and bool(others - times)


def _by_year(index: Searchable, question: Question) -> tuple[Variant, ...]:
    """One question for each year, where a question names several that are years of different documents.

    ``2017年有几种文字，2019年又多了哪种``: each year's document has its own paragraph to answer with.
    """
    years = [f for f in question.facts if f.kind == "date" and f.value[1] is None and f.value[3] is None]
    named = list(dict.fromkeys(f.value[0] for f in years))
    owners = [[d.id for d in index.documents if year in document_years(d)] for year in named]
    if question.lang != "zh" or not 2 <= len(named) <= 4 or not all(owners):
        return ()
    if len({tuple(ids) for ids in owners}) < len(named):
        return ()
    return tuple(Variant(f"{year}年", _only(question.normal, year, years)) for year in named)


def _only(text: str, year: object, years: Sequence[Fact]) -> str:
    """The text without the other years."""
    for fact in sorted(years, key=lambda f: -f.start):
        if fact.value[0] != year:
            text = text[: fact.start] + text[fact.end :]
    return text


def _of_year(index: Searchable, variant: Variant, hits: Sequence[Hit]) -> Sequence[Hit]:
    """The hits in documents of the variant's year where it is one of theirs, else all."""
    year = re.fullmatch(r"(\d{4})年", variant.label)
    if year is None:
        return hits
    own = [h for h in hits if int(year[1]) in document_years(index.document(h.paragraph.doc_id))]
    return own or hits


def _holder(ranked: Sequence[Candidate]) -> Candidate:
    """The best sentence of the best paragraph that holds what is asked, or its best sentence."""
    same = [c for c in ranked if c.paragraph.id == ranked[0].paragraph.id]
    return max(same, key=lambda c: (c.kind_fits >= 0.9, c.within))


def _rows(best: Candidate, ranked: Sequence[Candidate]) -> list[Candidate]:
    """All rows of the group of a table that the best row belongs to, in order."""
    group = [c for c in ranked if c.paragraph.kind == "row" and c.lead == best.lead]
    firsts = {c.paragraph.id: c for c in reversed(group)}
    rows = sorted(firsts.values(), key=lambda c: c.paragraph.start)
    return [c for c in rows if c.coverage >= 0.7 * best.coverage][:8]


def _pick(asked: Ask, ranked: Sequence[Candidate]) -> list[Candidate]:
    """The best sentence and those beside it that say what it leaves out, within a budget of characters."""
    best = ranked[0]
    if "list" in asked.part.kinds and best.paragraph.kind == "row" and best.lead:
        return _rows(best, ranked)
    if "list" in asked.part.kinds and (items := _listed(best, ranked)):
        return items
    if best.paragraph.kind == "cover":
        return [_holder(ranked)]
    same = [c for c in ranked if c.paragraph.id == best.paragraph.id and not c.note]
    sure = best.kind_fits == 1.0 and not set(asked.part.kinds) & set(OPEN_KINDS)
    budget = SURE_BUDGET if sure else BUDGET
    picked = [best]
    holders = [c for c in ranked if c.paragraph.id == best.paragraph.id and c.kind_fits >= 0.9]
    if best.kind_fits < 0.9 and holders and set(asked.part.kinds) & TYPED_KINDS:
        picked.append(max(holders, key=lambda c: c.within))  # the date or number asked for, one line on
    covered = set().union(*(c.own for c in picked))
    used = sum(len(c.span.text) for c in picked)
    for candidate in sorted(same, key=lambda c: (-c.within, c.position)):
        if candidate in picked or any(c.position == candidate.position for c in picked):
            continue
        gain = sum(asked.weights[u] for u in candidate.own - covered) / asked.total
        if (len(picked) < 4 and used + len(candidate.span.text) <= budget) or (
            gain >= 0.2 and len(picked) < 3
        ):
            picked.append(candidate)
            covered |= candidate.own
            used += len(candidate.span.text)
    told = [c for c in picked if c.note or not any(o.note and o.position == c.position for o in picked)]
    return sorted(told, key=lambda c: c.position)


def _listed(best: Candidate, ranked: Sequence[Candidate]) -> list[Candidate]:
    """All lines of the list that the best sentence opens or belongs to, in order; [] where it is none."""
    lines = sorted((c for c in ranked if c.paragraph.id == best.paragraph.id), key=lambda c: c.position)
    if not best.paragraph.sub_items or len(lines) < 2:
        return []
    first_item = best.paragraph.sub_items[0].start
    opening = [c for c in lines if c.span.end <= first_item + 1]
    items = [c for c in lines if c.span.end > first_item]
    return [*opening[-1:], *items] if len(items) <= 12 else []


def _sentences(index: Searchable, asked: Ask, picked: Sequence[Candidate]) -> Iterable[Sentence]:
    best = max(picked, key=lambda c: (c.kind_fits >= 0.9, c.within))
    direct = _direct(asked, best)
    if direct is not None:
        yield _quoted(index, best.paragraph, *direct)
    for candidate in picked:
        sentence = _quoted(index, candidate.paragraph, *_trim(asked, candidate))
        if candidate.note:
            yield _retold(sentence, f"{sentence.text}（脚注：{candidate.note.strip()}）", "正文与其脚注")
        elif candidate.row:
            yield _retold(sentence, candidate.row, "表格行及其各栏标题")
        elif candidate.lead:
            yield _retold(sentence, f"{candidate.lead}：{sentence.text}", "表格行及其所属标题")
        else:
            yield sentence


def _retold(sentence: Sentence, text: str, reason: str) -> Sentence:
    """A quotation with what stands beside it in the document: supported, not word for word."""
    citation = replace(sentence.citations[0], verdict="supported", reason=reason)
    return Sentence(text, (citation,), "supported")


def _quoted(index: Searchable, paragraph: Paragraph, start: int, end: int) -> Sentence:
    quote = paragraph.text[start:end].strip()
    label = index.document(paragraph.doc_id).cite(paragraph)
    return Sentence(quote, (Citation(paragraph.id, quote, "verbatim", "原文逐字", label),), "verbatim")


def _trim(asked: Ask, candidate: Candidate) -> tuple[int, int]:
    """Offsets of the sentence, or of the run of its clauses that says most when it is very long."""
    span = candidate.span
    if len(span.text) <= LONGEST or "list" in asked.part.kinds:
        return span.start, span.end
    ends = [m.end() for m in re.finditer(r"[，；：;、]", span.text)] + [len(span.text)]
    starts = [0, *ends[:-1]]
    clauses = zip(starts, ends, strict=True)
    said = [prepare(span.text[start:end]).everything & asked.weights.keys() for start, end in clauses]
    best, best_value = (0, len(span.text)), -1.0
    for i, start in enumerate(starts):
        units: frozenset[str] = frozenset()
        for own, end in zip(said[i:], ends[i:], strict=True):
            if end - start > LONGEST:
                break
            units |= own
            value = sum(asked.weights[unit] for unit in units) + 0.002 * (end - start)
            if value > best_value:
                best, best_value = (start, end), value
    return span.start + best[0], span.start + best[1]


FIGURES = frozenset({"number", "money", "share", "length"})
_DIRECT_KINDS = {
    "when": "date",
    "how_many": "number",
    "where": "state",
    "resolution": "resolution",
    "symbol": "symbol",
    "session": "session",
}


def _direct(asked: Ask, best: Candidate) -> tuple[int, int] | None:
    """Offsets in the paragraph of the date, number, place or reference asked for, when one stands out."""
    if best.row:
        cell = asked_cell(best.paragraph, asked.weights, asked.question.facts)
        return (cell.start, cell.end) if cell and sort_of(asked.part) in FIGURES else None
    kinds = [kind for kind in asked.part.kinds if kind in _DIRECT_KINDS]
    if len(kinds) != 1 or "list" in asked.part.kinds or variants(asked.part.text):
        return None  # of the two years of 2019年和2021年各有多少 one figure would answer half
    if best.note or best.lead:
        return None
    found = [
        fact
        for fact in new_facts(asked.question, best.normal, _DIRECT_KINDS[kinds[0]])
        if suits(asked.part, best.normal, fact)
    ]
    scored = sorted(((_nearness(asked, best.normal, f), f) for f in found), key=lambda pair: -pair[0])
    if not scored or (len(scored) > 1 and scored[0][0] < 1.15 * scored[1][0]):
        return None
    return _fact_offsets(best, scored[0][1])


def _fact_offsets(best: Candidate, fact: Fact) -> tuple[int, int]:
    normal = normalise(best.span.text)
    start, end = normal.original(fact.start, fact.end)
    return best.span.start + start, best.span.start + end


def _nearness(asked: Ask, text: str, fact: Fact) -> float:
    """How much of the question stands near a fact: unit weights, falling off with the distance."""
    value = 0.0
    for unit, weight in asked.weights.items():
        at = text.find(unit) if not "\ue000" <= unit <= "\uf8ff" else -1
        if at >= 0:
            gap = max(fact.start - at - len(unit), at - fact.end, 0)
            crossed = text[min(at, fact.start) : max(at, fact.end)].count(",")
            value += weight * math.exp(-(gap + 8 * crossed) / 20)
    return value + 0.05 * (fact.end - fact.start)


def _unrepeated(sentences: Iterable[Sentence]) -> tuple[Sentence, ...]:
    """The sentences without near-duplicates: those whose character pairs an earlier one holds already.

    Two that state other dates or numbers are no duplicates, however much alike.
    """
    kept: list[Sentence] = []
    for sentence in sentences:
        units = prepare(sentence.text).everything
        repeated = any(
            sentence.text == other.text
            or (
                sentence.citations[0].paragraph_id != other.citations[0].paragraph_id
                and len(units) >= 8
                and len(units & (o := prepare(other.text).everything)) >= 0.85 * min(len(units), len(o))
                and len(o) >= 8
                and _stated(sentence.text) == _stated(other.text)
            )
            for other in kept
        )
        if not repeated:
            kept.append(sentence)
    return tuple(kept)


def _stated(text: str) -> set[tuple[object, ...]]:
    return {(f.kind, *f.value) for f in prepare(text).facts if f.kind in ("date", "number")}
