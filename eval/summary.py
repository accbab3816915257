"""Means over per-question rows: whole sets, kinds, documents; tables for the terminal and Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eval.metrics_refusal import aurc, false_refusals, refusal_prf, risk_coverage
from eval.questions import Question, Score
from eval.records import Record
from eval.significance import bootstrap_interval

HEADLINE = (
    *("hit@1", "hit@5", "mrr@10", "ndcg@10", "complete@5"),
    *("citation_precision", "citation_recall", "citation_f1", "key_facts", "correct"),
)
CHECKS = (
    *("alce_recall", "alce_recall_needed", "alce_precision", "grounding", "verbatim", "locator"),
    *("figure_agreement", "verification_coverage", "document_f1", "sub_item_f1", "false_refusal"),
    *("raw_alce_recall", "raw_alce_precision", "raw_figure_agreement", "declined"),
    *("premise_corrected", "seconds", "tokens"),
)
SEVERAL = "several"


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of a measure with its n and 95 % bootstrap interval."""

    mean: float
    n: int
    low: float
    high: float


def by_metric(scores: Iterable[Score]) -> dict[str, dict[str, float]]:
    """metric -> question id -> value."""
    table: dict[str, dict[str, float]] = {}
    for score in scores:
        table.setdefault(score.metric, {})[score.question_id] = score.value
    return table


def means(
    scores: Iterable[Score], ids: Iterable[str] | None = None, *, intervals: bool = True
) -> dict[str, Mean]:
    """The mean of every measure over the questions it applies to (among ``ids`` where given)."""
    wanted = None if ids is None else set(ids)
    result = {}
    for metric, values in by_metric(scores).items():
        chosen = [value for identifier, value in values.items() if wanted is None or identifier in wanted]
        if chosen:
            low, high = bootstrap_interval(chosen) if intervals else (0.0, 0.0)
            result[metric] = Mean(sum(chosen) / len(chosen), len(chosen), low, high)
    return result


def document_of(question: Question) -> str:
    """The one document the gold stands in, "several", or "none" for unanswerable questions."""
    documents = question.documents
    return documents[0] if len(documents) == 1 else SEVERAL if documents else "none"


def groups(questions: Sequence[Question], key: Callable[[Question], str]) -> dict[str, list[str]]:
    """Group name -> question ids, names sorted, questions without a name left out."""
    found: dict[str, list[str]] = {}
    for question in questions:
        if name := key(question):
            found.setdefault(name, []).append(question.id)
    return dict(sorted(found.items()))


def low_overlap_group(question: Question) -> str:
    """The group of a question by the words it shares with its source."""
    if not question.answerable:
        return ""
    return "low_overlap" if question.low_overlap else "other"


def summarise(
    questions: Sequence[Question],
    scores: Sequence[Score],
    records: Mapping[str, Record],
    *,
    answers: bool = True,
) -> dict[str, Any]:
    """Everything the report shows: per split, kind, document and overlap group, refusal and latency.

    Each split has ``metrics`` (mean, n, low, high), ``refusal`` and ``risk_coverage``; the groups hold means.
    """
    splits = {"all": [question.id for question in questions]} | groups(questions, lambda item: item.split)
    summary: dict[str, Any] = {"n": len(questions), "splits": {}}
    for split, ids in splits.items():
        chosen = [question for question in questions if question.id in set(ids)]
        part: dict[str, Any] = {"n": len(ids), "metrics": _plain(means(scores, ids))}
        for name, key in (
            ("kinds", lambda q: q.kind),
            ("documents", document_of),
            ("overlap", low_overlap_group),
        ):
            part[name] = {
                group: {
                    "n": len(members),
                    "metrics": _plain(means(scores, members, intervals=name == "kinds")),
                }
                for group, members in groups(chosen, key).items()
            }
        if answers:
            part |= refusal_figures(chosen, scores, records)
        part["latency"] = latency([records[question.id] for question in chosen if question.id in records])
        summary["splits"][split] = part
    return summary


def _plain(values: Mapping[str, Mean]) -> dict[str, dict[str, float]]:
    return {
        name: {"mean": item.mean, "n": item.n, "low": item.low, "high": item.high}
        for name, item in values.items()
    }


def refusal_figures(
    questions: Sequence[Question], scores: Sequence[Score], records: Mapping[str, Record]
) -> dict[str, Any]:
    """Refusal precision, recall, F1, false refusals, and the risk-coverage curve with its area.

    Putting a false premise right (its source cited, its fact said) counts as declining it.

    The loss of an answer is 1 - correct; refused questions come last, as the answers held back the
    longest, and a refusal or a failure is no right answer, so its loss is 1.
    """
    labelled = [question for question in questions if question.labelled]
    correct = by_metric(scores).get("correct", {})
    outputs = [records.get(question.id, Record(question.id, error="missing")) for question in labelled]
    declined = by_metric(scores).get("declined", {})
    refused = [
        bool(declined.get(question.id, record.refused))
        for question, record in zip(labelled, outputs, strict=True)
    ]
    able = [question.answerable for question in labelled]
    prf = refusal_prf(refused, able)
    given = [not (record.refused or record.error) for record in outputs]
    lowest = min((record.score for record in outputs), default=0.0)
    confidence = [item.score if flag else lowest - 1 for item, flag in zip(outputs, given, strict=True)]
    loss = [1 - correct.get(q.id, 0.0) if flag else 1.0 for q, flag in zip(labelled, given, strict=True)]
    curve = risk_coverage(confidence, loss)
    return {
        "refusal": {
            "precision": prf.precision,
            "recall": prf.recall,
            "f1": prf.f1,
            "refused": sum(refused),
            "unanswerable": able.count(False),
            "false_refusals": false_refusals(refused, able),
        },
        "risk_coverage": curve,
        "aurc": aurc(curve),
    }


def latency(records: Sequence[Record]) -> dict[str, float]:
    """Seconds per question: p50 and p95 (nearest rank); empty when none was timed."""
    times = sorted(record.seconds for record in records if record.seconds is not None)
    if not times:
        return {}
    return {"p50": times[(len(times) - 1) // 2], "p95": times[int(0.95 * (len(times) - 1))]}


def cell(value: float | None) -> str:
    """A figure for a table: three decimals, "–" when absent."""
    return "–" if value is None else f"{value:.3f}"


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; vertical bars in cells are escaped."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(str(value).replace("|", "\\|") for value in row) + " |" for row in rows]
    return "\n".join(lines)


def group_table(part: Mapping[str, Any], group: str, metrics: Sequence[str] = HEADLINE) -> str:
    """Markdown table of the headline means of one split by ``kinds``, ``documents`` or ``overlap``."""
    rows = [(name, item["n"], item["metrics"]) for name, item in part[group].items()]
    rows.append(("**all**", part["n"], part["metrics"]))
    present = [metric for metric in metrics if metric in part["metrics"]]
    cells = [
        [name, str(count), *(cell(values.get(metric, {}).get("mean")) for metric in present)]
        for name, count, values in rows
    ]
    return markdown_table([group[:-1] if group.endswith("s") else group, "n", *present], cells)


def split_table(summary: Mapping[str, Any], metrics: Sequence[str] = (*HEADLINE, *CHECKS)) -> str:
    """Markdown table: a row a measure, a column a split, mean with its 95 % interval and n."""
    splits = dict(summary["splits"])
    if len(splits) == 2:  # one split only: it is the whole
        del splits["all"]
    rows = []
    for metric in metrics:
        cells = [_interval(part["metrics"].get(metric)) for part in splits.values()]
        if any(text != "–" for text in cells):
            rows.append([metric, *cells])
    for name, path in (
        ("refusal F1", "f1"),
        ("refusal precision", "precision"),
        ("refusal recall", "recall"),
    ):
        if all(part.get("refusal", {}).get("unanswerable") for part in splits.values()):
            rows.append([name, *(cell(part["refusal"][path]) for part in splits.values())])
    if all("aurc" in part for part in splits.values()):
        rows.append(["AURC (lower is better)", *(cell(part["aurc"]) for part in splits.values())])
    for name in ("p50", "p95"):
        if all(name in part["latency"] for part in splits.values()):
            cells = [f"{1000 * part['latency'][name]:.0f}" for part in splits.values()]
            rows.append([f"milliseconds {name}", *cells])
    return markdown_table(["measure", *(f"{name} (n={part['n']})" for name, part in splits.items())], rows)


def _interval(value: Mapping[str, float] | None) -> str:
    if value is None:
        return "–"
    return f"{value['mean']:.3f} [{value['low']:.3f}, {value['high']:.3f}] n={value['n']:.0f}"
