"""``python -m eval report DIR``: one self-contained page (HTML, and Markdown) from a run folder.

Nothing is loaded from anywhere: style and plots are inside, document text is escaped.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from eval.compare import compare_runs, compare_table
from eval.plots import bars, lines
from eval.questions import Question
from eval.records import Record
from eval.run import RunFolder
from eval.summary import CHECKS, HEADLINE, by_metric, cell, group_table, split_table

WORST = 25
STYLE = """
body{font:16px/1.6 'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif;color:#222;
max-width:1100px;margin:2em auto;padding:0 1em}
table{border-collapse:collapse;font-size:14px;display:block;overflow-x:auto}
td,th{border:1px solid #ccc;padding:.25em .6em;text-align:right;font-variant-numeric:tabular-nums}
td:first-child,th:first-child{text-align:left}
details{border:1px solid #ccc;border-radius:6px;margin:.6em 0;padding:.4em .8em}
summary{cursor:pointer}
.sides{display:grid;grid-template-columns:1fr 1fr;gap:1em}
@media(max-width:700px){.sides{grid-template-columns:1fr}}
.passage{border-left:3px solid #aaa;margin:.5em 0;padding-left:.6em;font-size:14px}
.gold{border-color:#3a8f5c}.wrong{border-color:#c8552b}
.muted{color:#666;font-size:13px}
svg{max-width:100%;height:auto}
"""


def write_report(
    run: RunFolder, out: Path | None = None, against: RunFolder | None = None
) -> tuple[Path, Path]:
    """Write ``report.html`` and ``report.md`` (into the run folder unless ``out`` is given); returns both.

    ``against`` is an earlier run on the same questions; the report then opens with the comparison.

    :raises QuestionError: when the two runs asked different questions.
    """
    folder = out or run.path
    folder.mkdir(parents=True, exist_ok=True)
    page, text = folder / "report.html", folder / "report.md"
    page.write_text(html_report(run, against), encoding="utf-8")
    text.write_text(markdown_report(run, against), encoding="utf-8")
    return page, text


def markdown_report(run: RunFolder, against: RunFolder | None = None) -> str:
    """The tables and the worst questions as Markdown."""
    parts = [f"# Evaluation report\n\n{headline(run)}", split_table(run.summary)]
    for title, table in comparisons(run, against):
        parts.append(f"## {title}\n\n{table}")
    for name, part in shown_splits(run):
        parts.append(f"## {name}\n\n{group_table(part, 'kinds')}")
        parts.append(group_table(part, "documents"))
        if part["overlap"]:
            parts.append(group_table(part, "overlap"))
    rows = [f"- `{q.id}` ({q.kind}) {q.question} — {reason(run, q)}" for q in worst(run)]
    parts.append("## Worst questions\n\n" + "\n".join(rows or ["None."]))
    return "\n\n".join(parts) + "\n"


def headline(run: RunFolder) -> str:
    """What was run: date, commit, data, settings, machine."""
    manifest = run.manifest
    settings = ", ".join(f"{name}={value}" for name, value in manifest.get("settings", {}).items() if value)
    return (
        f"{manifest.get('date')} · commit {manifest.get('commit') or '–'} · {manifest.get('n')} questions "
        f"({manifest.get('questions')}, {manifest.get('questions_sha256')}) · "
        f"index {manifest.get('index', '–')} · code {manifest.get('code_sha256', '–')} · "
        f"{settings or 'default settings'} · seed {manifest.get('seed')} · {manifest.get('machine')}"
    )


def shown_splits(run: RunFolder) -> list[tuple[str, Mapping[str, Any]]]:
    """The splits, or the whole where the questions have none."""
    splits: Mapping[str, Mapping[str, Any]] = run.summary["splits"]
    return [(name, part) for name, part in splits.items() if name != "all"] or list(splits.items())


def comparisons(run: RunFolder, against: RunFolder | None) -> list[tuple[str, str]]:
    """(title, Markdown table) of the differences per split; [] without another run."""
    if against is None:
        return []
    return [
        (
            f"{name}: A = {against.path.name}, B = {run.path.name}",
            compare_table(compare_runs(against, run, split="" if name == "all" else name)),
        )
        for name, _ in shown_splits(run)
    ]


def html_report(run: RunFolder, against: RunFolder | None = None) -> str:
    """The whole page."""
    body = [f"<h1>评测报告 Evaluation report</h1><p class=muted>{escape(headline(run))}</p>"]
    body.append(html_table(split_table(run.summary)))
    for title, table in comparisons(run, against):
        body.append(f"<h2>比较 Comparison: {escape(title)}</h2>{html_table(table)}")
    body.append("<h2>图 Plots</h2>" + "".join(plots(run)))
    for name, part in shown_splits(run):
        body.append(f"<h2>{escape(name)}</h2>")
        for title, group in (("按题型 By kind", "kinds"), ("按文件 By document", "documents")):
            body.append(f"<h3>{title}</h3>{html_table(group_table(part, group))}")
        body.append(f"<h3>其他指标 Further measures</h3>{html_table(group_table(part, 'kinds', CHECKS))}")
        if part["overlap"]:
            body.append(f"<h3>按用词重合 By overlap</h3>{html_table(group_table(part, 'overlap'))}")
    body.append("<h2>最差的问题 Worst questions</h2>" + "".join(question_card(run, q) for q in worst(run)))
    return (
        f'<!doctype html><html lang="zh"><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width,initial-scale=1"><title>评测报告</title><style>{STYLE}</style>'
        f"<body>{''.join(body)}</body></html>\n"
    )


def plots(run: RunFolder) -> list[str]:
    """Recall@k, risk-coverage, and the headline measure per kind, of every split."""
    splits = shown_splits(run)
    found = []
    recall = {name: recall_points(part) for name, part in splits}
    if any(recall.values()):
        found.append(lines(recall, "召回率 Recall@k", "k", "recall"))
    curves = {name: [tuple(point) for point in part.get("risk_coverage", [])] for name, part in splits}
    if any(curves.values()):
        found.append(lines(curves, "风险—覆盖率 Risk-coverage", "覆盖率 coverage", "风险 risk"))
    for name, part in splits:
        for metric in ("citation_f1", "hit@5"):
            if metric in part["metrics"]:
                found.append(kind_bars(part, metric, f"{name}：各题型 {metric}（95% 区间）"))
    return found


def recall_points(part: Mapping[str, Any]) -> list[tuple[float, float]]:
    """(k, mean recall@k) of one split."""
    metrics = part["metrics"]
    return [(float(k), metrics[f"recall@{k}"]["mean"]) for k in (1, 5, 10, 20) if f"recall@{k}" in metrics]


def kind_bars(part: Mapping[str, Any], metric: str, title: str) -> str:
    """Bars with intervals of one measure over the kinds it applies to."""
    rows = {
        kind: item["metrics"][metric] for kind, item in part["kinds"].items() if metric in item["metrics"]
    }
    values = {kind: (row["mean"], row["low"], row["high"]) for kind, row in rows.items()}
    return bars(values, title, counts={kind: int(row["n"]) for kind, row in rows.items()})


def html_table(markdown: str) -> str:
    """A Markdown table of ``markdown_table`` as HTML."""
    rows = [
        [part.strip().replace("\\|", "|") for part in line.strip("| ").split(" | ")]
        for line in markdown.splitlines()
    ]
    head, body = rows[0], rows[2:]
    cells = "".join(
        "<tr>" + "".join(f"<td>{escape(value.replace('**', ''))}</td>" for value in row) + "</tr>"
        for row in body
    )
    titles = "".join(f"<th>{escape(value)}</th>" for value in head)
    return f"<table><thead><tr>{titles}</tr></thead><tbody>{cells}</tbody></table>"


def worst(run: RunFolder, limit: int = WORST) -> list[Question]:
    """The questions that went worst: wrong first, then by citation F1, then by the reciprocal rank.

    Test questions are never among them: whoever reads how they fail begins to tune on them.
    """
    table = by_metric(run.scores)

    def order(question: Question) -> tuple[float, ...]:
        values = (
            table.get(metric, {}).get(question.id, 1.0) for metric in ("correct", "citation_f1", "mrr@10")
        )
        return tuple(values)

    open_ones = [item for item in run.questions if item.labelled and item.split != "test"]
    faulty = [question for question in open_ones if order(question) < (1.0, 1.0)]
    return sorted(faulty, key=order)[:limit]


def reason(run: RunFolder, question: Question) -> str:
    """In a few words, what went wrong."""
    record = run.records.get(question.id)
    if record is None or record.error:
        return f"failed: {record.error if record else 'no answer'}"
    if not question.answerable:
        return "should have been declined"
    ranks = [rank for rank, item in enumerate(record.ranked, 1) if item in question.gold]
    place = f"gold at rank {ranks[0]}" if ranks else "gold not retrieved"
    return f"{'refused, ' if record.refused else ''}{place}"


def question_card(run: RunFolder, question: Question) -> str:
    """One question with gold on the left, answer and what was retrieved on the right."""
    record = run.records.get(question.id, Record(question.id, error="no answer"))
    scores = {score.metric: score.value for score in run.scores if score.question_id == question.id}
    figures = " · ".join(f"{name} {cell(scores[name])}" for name in HEADLINE if name in scores)
    gold = (
        "".join(passage(run, item, "gold") for item in sorted(question.gold))
        or "<p>（应拒答 to be declined）</p>"
    )
    facts = "；".join("/".join(fact) for fact in question.key_facts)
    answer = "（拒答 refused）" if record.refused else record.text
    cited = "".join(passage(run, item, shade(item, question)) for item in record.cited)
    found = "".join(passage(run, item, shade(item, question), short=True) for item in record.ranked[:5])
    history = "".join(
        f"<p class=muted>{escape(t.question)} → {escape(t.answer)}</p>" for t in question.history
    )
    title = f"<b>{escape(question.id)}</b> [{escape(question.kind)}] {escape(question.question)}"
    left = f"<h4>标准出处 Gold</h4><p>{escape(facts)}</p>{gold}"
    right = (
        f"<h4>回答 Answer</h4><p>{escape(answer or record.error)}</p>"
        f"<h4>所引段落 Cited</h4>{cited or '–'}<h4>检索到 Retrieved</h4>{found or '–'}"
    )
    return (
        f"<details><summary>{title} — {escape(reason(run, question))}</summary>{history}"
        f"<p class=muted>{escape(figures)}</p>"
        f"<div class=sides><div>{left}</div><div>{right}</div></div></details>"
    )


def shade(identifier: str, question: Question) -> str:
    """The style of a paragraph: gold or wrong."""
    return "gold" if identifier in question.gold else "wrong"


def passage(run: RunFolder, identifier: str, style: str, *, short: bool = False) -> str:
    """A paragraph with its citation form."""
    row: Mapping[str, Any] = run.passages.get(identifier, {})
    text = str(row.get("text", "(unknown paragraph)"))
    limit = 120 if short else 600
    shown = text if len(text) <= limit else text[:limit] + "…"
    label = str(row.get("label", identifier))
    return f'<div class="passage {style}"><b>{escape(label)}</b><br>{escape(shown)}</div>'
