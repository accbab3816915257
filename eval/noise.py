"""``python -m eval noise``: noise robustness and negative rejection after RGB (Chen et al. 2024).

The answerer sees only the gold paragraphs of a question and n paragraphs that do not answer it, the
hardest ones its own search finds. Right answers should not fall with n; with noise alone it should refuse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from eval.questions import Question
from eval.run import answering, one
from eval.score import Passages, score_record
from eval.summary import by_metric, cell, markdown_table
from index.hits import Hit

if TYPE_CHECKING:
    from answer.evidence import Searchable

NOISE = (0, 1, 2, 4, 9)
DEEP = 200


class Restricted:
    """An index whose every search returns the given hits; everything else is the real index's."""

    def __init__(self, index: Searchable, hits: Sequence[Hit]) -> None:
        self._index = index
        self._hits = [replace(hit, rank=rank) for rank, hit in enumerate(hits, 1)]

    def search(self, query: str, k: int = 10, **options: object) -> list[Hit]:
        """The given hits, at most k."""
        return self._hits[:k]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._index, name)


def mixed_hits(question: Question, index: Searchable, noise: int, *, gold: bool = True) -> list[Hit]:
    """Gold hits (of the smallest alternative) and the n best-ranked other hits, in order of their scores.

    A gold paragraph the search does not find at all comes last.
    """
    found = index.search(question.question, DEEP)
    wanted = min(question.sources, key=lambda group: (len(group), sorted(group)))
    kept = [hit for hit in found if hit.paragraph.id in wanted] if gold else []
    present = {hit.paragraph.id for hit in kept}
    lowest = min((hit.score for hit in found), default=0.0)
    if gold:
        missing = sorted(wanted - present)
        kept += [Hit(index.paragraph(name), lowest, 0) for name in missing]
    others = [hit for hit in found if hit.paragraph.id not in question.gold][:noise]
    return sorted([*kept, *others], key=lambda hit: -hit.score)


def noise_table(questions: Sequence[Question], index: Searchable, amounts: Sequence[int] = NOISE) -> str:
    """Markdown: per number of noise paragraphs the share of right key facts, citation F1 and refusals.

    Only answerable questions that need no history are used. "integration" is key_facts over those
    that need two or more paragraphs. The last row is noise alone: there a refusal is right
    (negative rejection).
    """
    from answer.answerer import Answerer

    chosen = [question for question in questions if question.answerable and not question.history]
    several = {question.id for question in chosen if min(map(len, question.sources)) > 1}
    passages = Passages.of(index.documents, index.paragraphs)
    rows = []
    for amount, gold in [*((amount, True) for amount in amounts), (max(amounts), False)]:
        scores = []
        for question in chosen:
            view: Any = Restricted(index, mixed_hits(question, index, amount, gold=gold))
            scores += score_record(question, one(question, answering(Answerer(view), view)), passages)
        table = by_metric(scores)
        facts = table.get("key_facts", {})
        right = [_mean(facts), _mean(table.get("citation_f1", {}))]
        right.append(_mean({name: value for name, value in facts.items() if name in several}))
        figures = [*(right if gold else [None] * 3), _mean(table.get("false_refusal", {}))]
        name = f"gold + {amount} other" if gold else f"{amount} other, no gold (refusing is right)"
        rows.append([name, str(len(chosen)), *map(cell, figures)])
    header = [
        "paragraphs shown",
        "n",
        "key_facts",
        "citation_f1",
        f"integration (n={len(several)})",
        "refused",
    ]
    return markdown_table(header, rows)


def _mean(values: Mapping[str, float]) -> float | None:
    return sum(values.values()) / len(values) if values else None
