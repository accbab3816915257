"""``python -m eval ablate``: what each part of the search earns, measured by leaving it out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from eval.questions import Question, Score
from eval.records import Record
from eval.score import retrieval_values
from eval.significance import bootstrap_interval, holm, sign_flip_p
from eval.summary import by_metric, markdown_table

if TYPE_CHECKING:
    from index.config import SearchConfig
    from index.retrieval import Index

METRICS = ("hit@1", "hit@5", "ndcg@10")


def configurations() -> Iterator[tuple[str, SearchConfig]]:
    """(name, configuration): everything on, each switch off in turn, the model out, each leg alone."""
    from index.config import SearchConfig

    everything = SearchConfig()
    yield "all parts", everything
    for name in switches():
        yield f"without {name}", switched(everything, {name: False})
    yield "without the model", switched(everything, {"dense": False, "alignment": False})
    yield from legs().items()


def switches() -> list[str]:
    """The names of the switches of a search that are on by default."""
    from index.config import SearchConfig

    return [item.name for item in fields(SearchConfig) if item.default is True]


def switched(config: SearchConfig, values: Mapping[str, bool]) -> SearchConfig:
    """The configuration with the named switches set."""
    changes: dict[str, Any] = dict(values)
    return replace(config, **changes)


def legs() -> dict[str, SearchConfig]:
    """The plain legs: BM25 over words and bigrams with nothing else, and the dense leg alone."""
    from index.config import SearchConfig

    nothing = switched(SearchConfig(), dict.fromkeys(switches(), False))
    return {
        "BM25 alone": replace(nothing, lexical=True, bigrams=True, fusion=True),
        "dense alone": replace(nothing, dense=True, fusion=True),
    }


def search_scores(
    index: Index, questions: Sequence[Question], k: int = 20, *, label: str = ""
) -> list[Score]:
    """The retrieval rows of answerable questions under the index's present configuration."""
    import sys

    from tqdm import tqdm

    rows = []
    silent = not label or None  # None: silent unless on a terminal
    for question in tqdm(questions, desc=label, unit="q", file=sys.stderr, mininterval=1, disable=silent):
        hits = index.search(question.question, k)
        record = Record(question.id, hits=tuple((hit.paragraph.id, hit.score) for hit in hits))
        values = retrieval_values(question, record)
        rows += [Score(question.id, metric, value) for metric, value in values.items()]
    return rows


def ablate(index: Index, questions: Sequence[Question]) -> dict[str, str]:
    """Split -> Markdown table of every configuration; conversations are left out (they need rewriting).

    Each figure has its 95 % interval; p is of nDCG@10 against all parts, Holm-corrected over the rows.
    """
    chosen = [question for question in questions if question.answerable and not question.history]
    splits = sorted({question.split for question in chosen})
    results = {
        name: by_metric(search_scores(index.with_config(config), chosen, label=name))
        for name, config in configurations()
    }
    return {
        split or "all": _table(results, [question.id for question in chosen if question.split == split])
        for split in splits
    }


def _table(results: Mapping[str, Mapping[str, Mapping[str, float]]], ids: Sequence[str]) -> str:
    reference = results["all parts"]["ndcg@10"]
    p_values = [
        sign_flip_p([table["ndcg@10"][name] - reference[name] for name in ids]) for table in results.values()
    ]
    rows = []
    for (name, table), p in zip(results.items(), holm(p_values), strict=True):
        cells = []
        for metric in METRICS:
            values = [table[metric][identifier] for identifier in ids]
            low, high = bootstrap_interval(values)
            cells.append(f"{sum(values) / len(values):.3f} [{low:.3f}, {high:.3f}]")
        rows.append([name, *cells, "" if name == "all parts" else f"{p:.3f}"])
    return markdown_table(["configuration", *METRICS, "p of nDCG@10 (Holm)"], rows)
