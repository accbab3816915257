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

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from answer.acting import compare_actors
from answer.answers import Verdict
from answer.arithmetic import compare_figures, compare_partners, derived, is_majority
from answer.calibration import VERIFIER
from answer.causes import compare_causes
from answer.circumstances import (
    compare_conditions,
    compare_only,
    compare_order,
    compare_outcome,
    compare_sides,
    compare_tense,
    excludes,
)
from answer.comparison import (
    compare_antonyms,
    compare_contrasts,
    compare_operators,
    compare_words,
    dropped_negation,
    negated,
)
from answer.factcheck import compare_facts
from answer.facts import Fact, agrees, facts
from answer.findings import CONTRADICTING, FEATURE_OF, FEATURES, Finding
from answer.polarity import restated, same_polarity
from answer.relations import Explanation, compare_agents, compare_bindings, explain
from answer.sentences import normalise
from answer.source import Prepared, prepare
from answer.support import Clause, aligned, span_of, stretch_of, verbatim
from answer.vocabulary import compare_vocabulary, distributed

__all__ = ["FEATURES", "Entailment", "Verification", "verify"]

_MOST = re.compile(r"半数以上|过半|超过(?:一半|半数)|多数")

Entailment = Callable[[str, str], float]
"""An optional model: (claim, source) to the probability that the source entails the claim."""

_FILLER = re.compile(
    r"^(?:此外|另外|同时|因此|例如|总之|首先|其次|最后|据此|具体而言|需要指出的是|值得注意的是|根据(?:该|上述)?文件|文件(?:中)?(?:指出|提到|显示|表明)|根据.{0,12}段)[,:]?"
)


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
    exact = verbatim(claim_normal.text, prepared)
    if exact is not None:
        return Verification("verbatim", 1.0, exact, "原文逐字")
    context = normalise(context).text
    known = facts(context)
    told = restated(distributed(claim_normal.text))
    clauses = aligned(told, prepared, known)
    findings = _findings(told, clauses, prepared, known)
    if not any(_computed(clause.text, prepared) for clause in clauses):
        findings.extend(compare_vocabulary(told, prepared.normal.text + context))
    features = _features(clauses, findings)
    score = _probability(features)
    if entailment is not None and not any(f.weight >= 0.8 for f in findings):
        score = 0.5 * score + 0.5 * entailment(claim, source)
    verdict = _verdict(score, clauses, findings)
    return Verification(
        verdict, round(score, 4), span_of(clauses, prepared), _reason(verdict, clauses, findings), features
    )


def _stripped(claim: str) -> str:
    """The claim without list bullets, Markdown emphasis and leading fillers that assert nothing."""
    plain = re.sub(r"^\s*(?:[-*•·]|\d+[.、)](?!\d))\s*", "", claim).replace("**", "").strip()
    return _FILLER.sub("", plain) or plain


def _findings(
    claim: str, clauses: Sequence[Clause], source: Prepared, known: Sequence[Fact]
) -> list[Finding]:
    findings = list(compare_facts(claim, clauses, source, known))
    for clause in clauses:
        if clause.coverage >= 0.35:  # else there is nothing to compare it with
            findings.extend(_clause_findings(clause, claim, source))
    findings.extend(compare_order(claim, source.clauses))
    findings.extend(compare_causes(claim, source.clauses))
    return findings


def _clause_findings(clause: Clause, claim: str, source: Prepared) -> Iterator[Finding]:
    """A clause against the sentence that says most of it, then against the clause that accounts for it."""
    text, sentence = clause.text, source.sentences[clause.sentence]
    stretch = stretch_of(clause, sentence.text)
    found = explain(text, source.clauses)
    follows = _computed(text, source) or bool(found and excludes(text, source.clauses[found.home].text))
    excused = _excused(clause, claim, found, source, follows=follows)
    turned = [
        *compare_operators(text, sentence.text, stretch),
        *compare_actors(text, sentence.text, source.normal.text, source.normal.text[: sentence.start]),
        *compare_antonyms(text, sentence.text, stretch),
    ]
    yield from (f for f in turned if f.kind not in excused)
    yield from compare_words(text, sentence.text)
    yield from compare_contrasts(text, sentence.text, source.normal.text)
    yield from _figures(text, source) if source.figures.quantities else ()
    if found and not follows:
        bound = _relations(text, claim, found, source)
        yield from (f for f in bound if not (f.kind == "negation" and "negation" in excused))


def _excused(
    clause: Clause, claim: str, found: Explanation | None, source: Prepared, *, follows: bool
) -> frozenset[str]:
    """The kinds of findings that do not count: a negation or quantity that the source has in other words."""
    aligned_with = source.sentences[clause.sentence].text
    home = source.sentences[source.clauses[found.home].sentence].text if found else aligned_with
    if follows or same_polarity(claim, aligned_with) or (home != aligned_with and negated(clause.text, home)):
        return frozenset({"negation", "quantifier"})  # 还有113件没有办结
    counted = _MOST.search(clause.text) and is_majority(clause.text, source.figures.quantities)
    return frozenset({"quantifier"} if counted else ())


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
    yield from compare_agents(clause, source.sentences)
    yield from compare_sides(clause, home)
    around = [c.text for c in source.clauses if c.sentence == source.clauses[found.home].sentence]
    yield from compare_only(clause, home, around)
    yield from compare_tense(clause, found.home, source.clauses)
    yield from compare_outcome(clause, "".join(around), source.clauses, found.home)
    yield from compare_conditions(clause, claim, source.clauses, found.home)


def _features(clauses: Sequence[Clause], findings: Sequence[Finding]) -> dict[str, float]:
    total = sum(c.weight for c in clauses) or 1.0
    values = dict.fromkeys(FEATURES, 0.0)
    values["uncovered"] = 1 - sum(c.weight * c.coverage for c in clauses) / total
    values["sparse"] = max(0.0, values["uncovered"] - 0.35) / 0.65
    values["hollow"] = max(0.0, 0.5 - min(c.coverage for c in clauses)) / 0.5
    for finding in findings:
        name = FEATURE_OF.get(finding.kind, finding.kind)
        values[name] = max(values[name], finding.weight)
    return {name: round(value, 4) for name, value in values.items()}


def _probability(features: Mapping[str, float]) -> float:
    z = VERIFIER.bias - sum(VERIFIER.weights[name] * features[name] for name in FEATURES)
    return 1 / (1 + math.exp(-z))


def _hard(finding: Finding) -> bool:
    return finding.weight >= 0.75 and finding.kind != "far"


def _verdict(score: float, clauses: Sequence[Clause], findings: Sequence[Finding]) -> Verdict:
    if score >= VERIFIER.supported:
        return "supported"
    if min(c.coverage for c in clauses) < 0.5 and max(c.coverage for c in clauses) >= 0.72:
        return "partial"
    if score >= VERIFIER.partial and not any(_hard(f) for f in findings):
        return "partial"
    return "unsupported"


def _reason(verdict: Verdict, clauses: Sequence[Clause], findings: Sequence[Finding]) -> str:
    weakest = min(clauses, key=lambda c: c.coverage)
    heard = [f for f in findings if f.kind != "foreign" or weakest.coverage >= 0.35]
    worst = max(heard, key=lambda f: f.weight, default=None)
    if verdict == "supported":
        return "内容与来源相符"
    if worst is not None and worst.weight >= 0.5:
        return worst.message
    return f"来源没有说到：“{weakest.text.strip(',。;')[:30]}”"
