"""The checker of the question sets: what a set must not contain, and what it is made of.

Errors make ``python -m eval check`` exit with 1; warnings are shown. Both name the line by its id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from eval.metrics_answers import contains_fact, normalise
from eval.questions import KINDS, SPLITS, UNANSWERABLE_KINDS, Question
from eval.score import Passages
from eval.summary import document_of

COPIED_RUN = 22  # characters; above it only titles and names are shared by accident
LEAK_SIMILARITY = 0.8
LOW_OVERLAP = 0.35
# what these kinds answer is often the outcome of a comparison, not a string of the source
FREE_FACTS = ("yes_no", "comparison", "english", "conversation", "why")


@dataclass(frozen=True, slots=True)
class Findings:
    """What the checker found; ``counts`` describe the set."""

    errors: tuple[str, ...]
    warnings: tuple[str, ...]
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def check(questions: Sequence[Question], passages: Passages | None) -> Findings:
    """All faults of a set of questions; without passages the checks against the documents are left out.

    ``questions`` must be resolved against the documents (``eval.questions.resolve``).
    """
    errors = [*_form_errors(questions), *_duplicates(questions), *_leaks(questions)]
    warnings: list[str] = []
    if passages is not None:
        for question in questions:
            wrong, odd = _source_findings(question, passages)
            errors += wrong
            warnings += odd
    warnings += _balance_warnings(questions)
    counts = {
        "kind": Counter(question.kind for question in questions),
        "split": Counter(question.split for question in questions),
        "language": Counter(question.lang for question in questions),
        "document": Counter(name for question in questions for name in question.documents or ("none",)),
        "low_overlap": Counter(str(question.low_overlap) for question in questions if question.answerable),
    }
    return Findings(tuple(errors), tuple(warnings), counts)


def _form_errors(questions: Iterable[Question]) -> Iterable[str]:
    for question in questions:
        kind = question.kind
        unanswerable = kind in UNANSWERABLE_KINDS
        sourced, follow_up = bool(question.sources), bool(question.history)
        free = unanswerable or kind == "conversation" or kind not in KINDS
        faults = {
            f"unknown kind {kind!r}; known: {', '.join(KINDS)}": kind not in KINDS,
            f"split must be dev or test, got {question.split!r}": question.split not in SPLITS,
            f"lang must be zh or en, got {question.lang!r}": question.lang not in ("zh", "en"),
            "no sources field; write [] for an unanswerable question": not question.labelled,
            f"kind {kind} has sources": unanswerable and sourced and kind != "false_premise",
            f"kind {kind} has no sources": not free and not sourced,
            "no key facts": (sourced if unanswerable else not free) and not question.key_facts,
            "an empty alternative in sources": not all(question.sources),
            "an empty key fact": not all(_filled(fact) for fact in question.key_facts),
            "a conversation needs a history": kind == "conversation" and not follow_up,
            "only conversations and unanswerable follow-ups have a history": follow_up and not free,
        }
        yield from (f"{question.id}: {text}" for text, faulty in faults.items() if faulty)


def _filled(fact: Sequence[str]) -> bool:
    return bool(fact) and all(normalise(variant) for variant in fact)


def _duplicates(questions: Iterable[Question]) -> Iterable[str]:
    ids: set[str] = set()
    texts: dict[tuple[str, ...], str] = {}
    for question in questions:
        if question.id in ids:
            yield f"{question.id}: the id is used twice"
        ids.add(question.id)
        key = (normalise(question.question), *(normalise(turn.question) for turn in question.history))
        if key in texts:
            yield f"{question.id}: the same question as {texts[key]}"
        texts.setdefault(key, question.id)


def _leaks(questions: Sequence[Question]) -> Iterable[str]:
    """Nearly the same wording in development and test, which would let tuning reach the test set."""
    grams = {question.id: bigrams(question.question) for question in questions}
    test = [question for question in questions if question.split == "test" and not question.history]
    for question in questions:
        if question.split != "dev" or question.history:
            continue
        for other in test:
            first, second = grams[question.id], grams[other.id]
            shared = len(first & second)
            if shared and shared / len(first | second) >= LEAK_SIMILARITY:
                yield f"{question.id} (dev) and {other.id} (test) are nearly the same question: a leak"


def _source_findings(question: Question, passages: Passages) -> tuple[list[str], list[str]]:
    errors: list[str] = []
    warnings: list[str] = []
    unknown = sorted(identifier for identifier in question.gold if identifier not in passages.texts)
    if unknown:
        return [f"{question.id}: unknown paragraph {', '.join(unknown)}"], []
    for fact in _absent_facts(question, passages):
        line = f"{question.id}: fact {'/'.join(fact)} stands in no gold paragraph"
        (warnings if question.kind in FREE_FACTS else errors).append(line)
    for identifier in sorted(question.gold):
        run = longest_shared_run(question.question, passages.texts[identifier])
        if len(run) > COPIED_RUN:
            errors.append(f"{question.id}: copies from {identifier}: {run}")
    if question.answerable and question.lang == "zh" and not question.history:
        shared = overlap(question, passages)
        if question.low_overlap and shared > LOW_OVERLAP + 0.15:
            warnings.append(f"{question.id}: marked low_overlap but shares {shared:.0%} of its bigrams")
        if not question.low_overlap and shared < LOW_OVERLAP - 0.15:
            warnings.append(f"{question.id}: shares only {shared:.0%} of its bigrams, not marked low_overlap")
    return errors, warnings


def _absent_facts(question: Question, passages: Passages) -> list[tuple[str, ...]]:
    evidence = "\n".join(passages.evidence[identifier] for identifier in question.gold)
    if not question.gold:
        return []
    return [fact for fact in question.key_facts if not contains_fact(evidence, fact)]


def _balance_warnings(questions: Sequence[Question]) -> Iterable[str]:
    """Kinds and documents with a split that holds less than a quarter of their questions."""
    for name, key in (("kind", lambda item: item.kind), ("document", document_of)):
        cells = Counter((key(question), question.split) for question in questions)
        for group in sorted({key(question) for question in questions}):
            dev, test = cells[group, "dev"], cells[group, "test"]
            if dev + test >= 4 and min(dev, test) < (dev + test) // 4:
                yield f"{name} {group} is unbalanced: {dev} dev, {test} test"


def bigrams(text: str) -> set[str]:
    """The character bigrams of the normalised text."""
    letters = "".join(character for character in normalise(text) if character.isalnum())
    return {letters[position : position + 2] for position in range(len(letters) - 1)}


def overlap(question: Question, passages: Passages) -> float:
    """Share of the question's character bigrams that stand in its gold paragraphs (best alternative)."""
    grams = bigrams(question.question)
    if not grams:
        return 0.0
    sources = ["".join(passages.texts.get(item, "") for item in group) for group in question.sources]
    return max((len(grams & bigrams(source)) / len(grams) for source in sources), default=0.0)


def longest_shared_run(first: str, second: str) -> str:
    """The longest stretch both normalised texts have in common."""
    left, right = normalise(first), normalise(second)
    match = SequenceMatcher(None, left, right, autojunk=False).find_longest_match()
    return left[match.a : match.a + match.size]
