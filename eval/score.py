"""From an output to its scores: one path for this project's answers and for other systems'.

A question whose answer is missing or failed scores zero on every measure that applies to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from eval import metrics_answers, metrics_citations, metrics_retrieval
from eval.metrics_citations import Supports
from eval.questions import Question, Score, split_pinpoint
from eval.records import Record, Statement, raw_statements
from ingest import Document, Paragraph

LOWER_IS_BETTER = frozenset({"false_refusal", "seconds", "tokens"})
CUTOFFS = (1, 5, 10, 20)


@dataclass(frozen=True, slots=True)
class Passages:
    """What the measures need to know about the paragraphs, by paragraph id.

    ``texts`` are text and footnotes, ``contexts`` the document's title, symbol, date and session and the
    headings (what a reader of the page sees too), ``evidence`` both; ``labels`` are the citation forms,
    ``sub_items`` each sub-item's label and span.
    """

    texts: Mapping[str, str]
    contexts: Mapping[str, str]
    evidence: Mapping[str, str]
    labels: Mapping[str, str]
    sub_items: Mapping[str, tuple[tuple[str, int, int], ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, documents: Iterable[Document], paragraphs: Iterable[Paragraph]) -> Passages:
        """The passages of an index or corpus."""
        by_id = {document.id: document for document in documents}
        texts, contexts, evidence, labels, sub_items = {}, {}, {}, {}, {}
        for paragraph in paragraphs:
            document = by_id[paragraph.doc_id]
            texts[paragraph.id] = "\n".join((paragraph.text, *(note.text for note in paragraph.footnotes)))
            head = (document.title, document.symbol, document.date, document.session, *paragraph.section)
            contexts[paragraph.id] = "\n".join(part for part in head if part)
            evidence[paragraph.id] = f"{contexts[paragraph.id]}\n{texts[paragraph.id]}"
            labels[paragraph.id] = document.cite(paragraph)
            sub_items[paragraph.id] = tuple(
                (item.label, item.start, item.end) for item in paragraph.sub_items
            )
        return cls(texts, contexts, evidence, labels, sub_items)


def score_record(
    question: Question,
    record: Record,
    passages: Passages,
    supports: Supports | None = None,
    *,
    answers: bool = True,
) -> list[Score]:
    """All measures that apply to the question, as (question, metric, value) rows.

    ``answers=False`` gives the retrieval measures only; without ``supports`` ALCE is left out.
    """
    values: dict[str, float] = {}
    if question.answerable:
        values |= retrieval_values(question, record)
    if answers:
        values |= answer_values(question, record, passages)
    if answers and supports is not None:
        if (record.statements or record.error) and not record.declined:
            values |= alce_values(record.statements, passages, supports)
        if raw := raw_statements(record):
            values |= alce_values(raw, passages, supports, "raw_")
            values["raw_figure_agreement"] = metrics_citations.figure_agreement(raw, passages.evidence)
    if record.error:
        values = {name: float(name in LOWER_IS_BETTER) for name in values}
    if record.seconds is not None:
        values["seconds"] = record.seconds
    if record.tokens:
        values["tokens"] = record.tokens
    return [Score(question.id, metric, value) for metric, value in values.items()]


def retrieval_values(question: Question, record: Record) -> dict[str, float]:
    """hit@k, recall@k, complete@5, MRR@10 and nDCG@10 of the ranking."""
    ranked, gold = record.ranked, question.gold
    values = {f"hit@{k}": metrics_retrieval.success(ranked, gold, k) for k in (1, 5, 10)}
    values |= {f"recall@{k}": metrics_retrieval.recall(ranked, gold, k) for k in CUTOFFS}
    values["complete@5"] = metrics_retrieval.completeness(ranked, question.sources, 5)
    values["mrr@10"] = metrics_retrieval.reciprocal_rank(ranked, gold, 10)
    values["ndcg@10"] = metrics_retrieval.ndcg(ranked, gold, 10)
    return values


def answer_values(question: Question, record: Record, passages: Passages) -> dict[str, float]:
    """Citations against gold, key facts, refusal and the deterministic checks."""
    values: dict[str, float] = {}
    if question.answerable:
        cited = () if record.refused else record.cited
        paragraph = metrics_citations.gold_citations(cited, question.sources)
        document = metrics_citations.gold_citations(
            {item.split("#", 1)[0] for item in cited},
            [{item.split("#", 1)[0] for item in group} for group in question.sources],
        )
        for prefix, prf in (("citation", paragraph), ("document", document)):
            values |= {f"{prefix}_{name}": getattr(prf, name) for name in ("precision", "recall", "f1")}
        values |= _sub_item_values(question, record, passages)
        text = "" if record.refused else record.text
        if question.key_facts:
            values["key_facts"] = metrics_answers.key_fact_share(text, question.key_facts)
        if question.reference:
            values["character_f1"] = metrics_answers.character_f1(text, question.reference)
            values["rouge_l"] = metrics_answers.rouge_l(text, question.reference)
        values["false_refusal"] = float(record.refused)
        complete = paragraph.recall == 1 and values.get("key_facts", 1.0) == 1
        values["correct"] = float(complete and not record.refused)
    elif question.labelled:
        corrected = _premise_corrected(question, record)
        if question.sources:
            values["premise_corrected"] = float(corrected)
        values["declined"] = float(record.declined or corrected)
        values["correct"] = values["declined"]
    if not record.declined:
        values |= _deterministic_values(record, passages)
    return values


def alce_values(
    statements: Sequence[Statement], passages: Passages, supports: Supports, prefix: str = ""
) -> dict[str, float]:
    """ALCE figures of the sentences, the names prefixed (``raw_``: before verification and repair)."""
    found = metrics_citations.alce(statements, passages.texts, supports)
    values = {f"{prefix}alce_recall": found.recall, f"{prefix}alce_precision": found.precision}
    if found.recall_needed is not None:
        values[f"{prefix}alce_recall_needed"] = found.recall_needed
    return values


def _premise_corrected(question: Question, record: Record) -> bool:
    """Whether the answer cites what puts a false premise right and says the right fact."""
    recall = metrics_citations.gold_citations(record.cited, question.sources).recall
    return recall == 1 and metrics_answers.key_fact_share(record.text, question.key_facts) == 1


def _deterministic_values(record: Record, passages: Passages) -> dict[str, float]:
    statements = record.statements
    retrieved = {identifier for identifier, _ in record.hits} | set(record.retrieved)
    return {
        "grounding": metrics_citations.grounding(statements, passages.texts, retrieved),
        "verbatim": metrics_citations.verbatim_rate(statements, passages.texts),
        "locator": metrics_citations.locator_accuracy(statements, passages.labels),
        "figure_agreement": metrics_citations.figure_agreement(statements, passages.evidence),
        "verification_coverage": metrics_citations.verification_coverage(statements),
    }


def _sub_item_values(question: Question, record: Record, passages: Passages) -> dict[str, float]:
    """Gold citations at sub-item level, only where the gold names a sub-item."""
    known = frozenset(passages.texts)
    named = [split_pinpoint(item, known) for group in question.pinpoints for item in group]
    wanted = {paragraph_id for paragraph_id, label in named if label}
    if not wanted:
        return {}
    cited: set[str] = set()
    for statement in () if record.refused else record.statements:
        for citation in statement.citations:
            labels = _cited_sub_items(citation.paragraph_id, citation.quote, passages)
            exact = labels if citation.paragraph_id in wanted else []
            cited |= {citation.paragraph_id + label for label in exact} or {citation.paragraph_id}
    prf = metrics_citations.gold_citations(cited, question.pinpoints)
    return {f"sub_item_{name}": getattr(prf, name) for name in ("precision", "recall", "f1")}


def _cited_sub_items(paragraph_id: str, quote: str, passages: Passages) -> list[str]:
    """Labels, in parentheses, of the sub-items that the quoted span overlaps."""
    start = passages.texts.get(paragraph_id, "").find(quote) if quote else -1
    if start < 0:
        return []
    end = start + len(quote)
    items = passages.sub_items.get(paragraph_id, ())
    return [f"({label.strip('()（）')})" for label, low, high in items if low < end and start < high]


def score_all(
    questions: Sequence[Question],
    records: Mapping[str, Record],
    passages: Passages,
    supports: Supports | None = None,
    *,
    answers: bool = True,
) -> list[Score]:
    """The rows of every question; a question without a record counts as failed."""
    rows: list[Score] = []
    for question in questions:
        record = records.get(question.id) or Record(question.id, error="no answer was given")
        rows += score_record(question, record, passages, supports, answers=answers)
    return rows
