"""Learning the ranker's weights from questions with known paragraphs, and what they are worth.

Cross-validation leaves out one document at a time: the questions answered by it are scored with
weights learned on the others, so the figure says how the ranker does on documents it never saw.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.config import SearchConfig
from index.encoder import Encoder, bundled_words
from index.fusion import FEATURES, Ranker, bundled_ranker, prior_ranker, train
from index.retrieval import Index, Merged
from index.scoring import candidates, order_of
from ingest import Document, Paragraph

if TYPE_CHECKING:
    from ingest.corpus import Corpus

FloatArray = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Example:
    """A question with its candidates: features ``[m, F]``, which rows are right, duplicate groups."""

    id: str
    kind: str
    documents: frozenset[str]
    features: FloatArray
    relevant: NDArray[np.bool_]
    groups: NDArray[np.int32]
    rows: NDArray[np.int64]


def examples(index: Index, questions: Sequence[Mapping[str, Any]], config: SearchConfig) -> list[Example]:
    """Candidates and features of every question that has sources in the index."""
    number = {paragraph.id: row for row, paragraph in enumerate(index.paragraphs)}
    found = []
    for question in questions:
        gold = {source for alternative in question.get("sources") or () for source in alternative}
        right = np.array(sorted(number[source] for source in gold if source in number), np.int64)
        if not len(right):
            continue
        vector = index.encoder.encode([question["question"]], "query")[0]
        analysis = index.analyse(question["question"])
        rows, features = candidates(
            index.signals,
            analysis,
            vector,
            config,
            config.candidates,
            None,
            bundled_ranker(),
            text_of=index.folded,
            words=bundled_words(),
        )
        documents = frozenset(index.paragraphs[row].doc_id for row in right)
        kind = str(question.get("kind", ""))
        groups = index.signals.groups[rows]
        relevant = np.isin(rows, right)
        found.append(Example(str(question["id"]), kind, documents, features, relevant, groups, rows))
    return found


def first_right(example: Example, ranker: Ranker) -> int:
    """The rank (from 1) of the first right paragraph, 0 where none is among the candidates."""
    order = order_of(ranker.scores(example.features), example.groups, example.rows)
    places = np.flatnonzero(example.relevant[order])
    return int(places[0]) + 1 if len(places) else 0


def measures(ranks: Sequence[int]) -> dict[str, float]:
    """hit@1, hit@5, hit@10 and MRR of the ranks of the first right paragraphs; 0 counts as not found."""
    array = np.array(ranks, np.float64)
    found = {f"hit@{k}": float(((array >= 1) & (array <= k)).mean()) for k in (1, 5, 10)}
    reciprocal = np.divide(1, array, out=np.zeros_like(array), where=array > 0)
    return {
        "n": len(ranks),
        **{k: round(v, 4) for k, v in found.items()},
        "mrr": round(float(reciprocal.mean()), 4),
    }


def folds(data: Sequence[Example]) -> list[tuple[list[Example], list[Example]]]:
    """(learn, test) pairs, one for each document that answers a question."""
    found = []
    for name in sorted({name for example in data for name in example.documents}):
        held = [e for e in data if min(e.documents) == name]
        learn = [e for e in data if name not in e.documents]
        if held and learn:
            found.append((learn, held))
    return found


def fit(data: Sequence[Example], **options: Any) -> Ranker:
    """The weights learned from the examples; options go to ``fusion.train``."""
    return train([e.features for e in data], [e.relevant for e in data], **options)


def other_examples(
    rows: Sequence[Mapping[str, Any]], encoder: Encoder, config: SearchConfig
) -> list[Example]:
    """Examples from passages that are no documents of ours, ``{"passage": text, "questions": […]}`` a row.

    Every passage is a document of its own; a row without questions only makes the search harder.
    """
    asked: dict[str, list[str]] = {}
    for row in rows:
        for question in row.get("questions", ()):
            asked.setdefault(question, []).append(row["passage"])
    if not asked:
        return []
    place = {row["passage"]: f"passage-{number}" for number, row in enumerate(rows)}
    documents = tuple(Document(i, None, "", None, None, "zh", text, i, "text") for text, i in place.items())
    paragraphs = tuple(
        Paragraph(i, i, None, i, (), text, start=0, end=len(text)) for text, i in place.items()
    )
    index = Index.build(Merged(documents, paragraphs), encoder=encoder)
    questions = [
        {"id": f"other-{number}", "question": question, "sources": [[place[text]] for text in texts]}
        for number, (question, texts) in enumerate(asked.items())
    ]
    return examples(index, questions, config)


def cross_validate(
    data: Sequence[Example], other: Sequence[Example] = (), **options: Any
) -> list[tuple[Example, int]]:
    """Each example with the rank of its first right paragraph under weights that never saw its document.

    ``other`` examples, on text of other kinds, are learned from in every fold.
    """
    found: list[tuple[Example, int]] = []
    for learn, held in folds(data):
        ranker = fit([*learn, *other], **options)
        found.extend((example, first_right(example, ranker)) for example in held)
    return found


def learn(
    corpus: Corpus,
    questions: Sequence[Mapping[str, Any]],
    encoder: Encoder,
    passages: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Weights learned on all questions with split ``dev`` (or none), and their cross-validated worth.

    ``passages`` are rows as ``other_examples`` takes them. Questions of any other split are never looked
    at; follow-up questions of conversations cannot be understood alone and are left out. The result is
    what ``ranker.json`` holds.
    """
    index = Index.build(corpus, encoder=encoder)
    usable = [q for q in questions if q.get("split", "dev") == "dev" and q.get("kind") != "conversation"]
    data = examples(index, usable, SearchConfig())
    if not data:
        raise ValueError("None of the questions (split dev) has a source in these documents.")
    other = other_examples(passages, encoder, SearchConfig())
    checked = cross_validate(data, other)
    before = [first_right(example, prior_ranker()) for example in data]
    learned = fit([*data, *other])
    return {
        "questions": len(data),
        "questions_on_other_text": len(other),
        "encoder": encoder.name or "models/default",
        "candidates_hold_a_right_one": round(float(np.mean([e.relevant.any() for e in data])), 4),
        "cross_validated_by_document": measures([rank for _, rank in checked]),
        "with_the_prior_weights": measures(before),
        "prior": _named(prior_ranker()),
        "weights": _named(learned),
    }


def _named(ranker: Ranker) -> dict[str, float]:
    return {name: round(float(w), 3) for name, w in zip(FEATURES, ranker.weights, strict=True)}
