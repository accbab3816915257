"""``python -m eval verifier``: the verifier itself, measured on labelled (claim, paragraph) pairs.

A pair line: ``{"id", "claim", "text" or "paragraph_id", "label", "kind", "split"}``. ``label`` is
supported, partial or unsupported; ``kind`` says what was edited (number, date, name, negation, actor,
modality, …); ``paragraph_id`` reads the text from the documents. The positive class of precision, recall
and F1 is "not supported": the claims to be flagged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import NamedTuple

from eval.metrics_citations import PRF
from eval.questions import QuestionError, json_lines
from eval.significance import auroc, bootstrap_interval
from eval.summary import cell, markdown_table

LABELS = ("supported", "partial", "unsupported")


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim with the text it is checked against and the hand-given label."""

    id: str
    claim: str
    text: str
    label: str
    kind: str
    split: str
    context: str = ""


class Judged(NamedTuple):
    """A verifier's verdict ("supported", "partial" or "unsupported") and score."""

    verdict: str
    score: float


Verify = Callable[[Pair], Judged]


def read_pairs(
    path: Path,
    texts: Mapping[str, str],
    contexts: Mapping[str, str],
    full: Callable[[str], str] = str,
) -> list[Pair]:
    """The labelled pairs of a file; those that name a paragraph missing from ``texts`` are left out.

    ``full`` gives a paragraph id as the texts know it (``eval.questions.full_ids``).

    :raises QuestionError: when a line has no claim, no known label or no text, or no pair is left.
    """
    pairs = []
    for number, row in json_lines(path):
        label = row.get("label", row.get("verdict"))
        if not row.get("claim") or label not in LABELS:
            raise QuestionError(f'{path}:{number}: a pair needs "claim" and "label" ({", ".join(LABELS)})')
        source = full(str(row.get("paragraph_id", "")))
        if "text" not in row and not source:
            raise QuestionError(f'{path}:{number}: a pair needs "text" or "paragraph_id"')
        text = row.get("text", texts.get(source))
        if text is None:
            continue
        context = str(row.get("context", contexts.get(source, "")))
        kind, split = str(row.get("kind", "")), str(row.get("split", ""))
        pairs.append(
            Pair(str(row.get("id", number)), str(row["claim"]), str(text), label, kind, split, context)
        )
    if not pairs:
        raise QuestionError(f"{path}: no pair with a text; give the documents with --documents")
    return pairs


def own_verifier(pair: Pair) -> Judged:
    """This project's verifier; verbatim counts as supported."""
    from answer.verify import verify

    found = verify(pair.claim, pair.text, context=pair.context)
    return Judged("supported" if found.verdict == "verbatim" else found.verdict, found.score)


def flagging(pairs: Sequence[Pair], verdicts: Sequence[Judged]) -> PRF:
    """Precision and recall of flagging (a verdict other than supported) claims that are not supported."""
    flagged = [item.verdict != "supported" for item in verdicts]
    wrong = [pair.label != "supported" for pair in pairs]
    right = sum(a and b for a, b in zip(flagged, wrong, strict=True))
    return PRF(right / sum(flagged) if any(flagged) else 0.0, right / sum(wrong) if any(wrong) else 0.0)


def verifier_report(pairs: Sequence[Pair], verify: Verify) -> str:
    """Markdown: a table per split, first over all pairs, then per kind of edit.

    AUROC, precision, recall and F1 of a kind set its claims against all supported ones of the split;
    accuracy (the exact verdict of three) is over the kind's own pairs.
    """
    verdicts = {pair.id: verify(pair) for pair in pairs}
    header = ["kind", "n", "AUROC", "precision", "recall", "F1", "accuracy [95 %]"]
    parts = []
    for split in [*sorted({pair.split for pair in pairs if pair.split}), ""]:
        chosen = [pair for pair in pairs if not split or pair.split == split]
        supported = [pair for pair in chosen if pair.label == "supported"]
        rows = [_row("**all**", chosen, [], verdicts)]
        for kind in sorted({pair.kind for pair in chosen if pair.kind}):
            own = [pair for pair in chosen if pair.kind == kind]
            rows.append(_row(kind, own, [pair for pair in supported if pair.kind != kind], verdicts))
        parts.append(f"## {split or 'all pairs'}\n\n{markdown_table(header, rows)}")
    return "\n\n".join(parts)


def _row(
    name: str, own: Sequence[Pair], against: Sequence[Pair], verdicts: Mapping[str, Judged]
) -> list[str]:
    pairs = [*own, *against]
    figures = [cell(None)] * 4
    if any(pair.label != "supported" for pair in own):
        found = [verdicts[pair.id] for pair in pairs]
        area = auroc([item.score for item in found], [pair.label == "supported" for pair in pairs])
        prf = flagging(pairs, found)
        figures = [cell(None if isnan(area) else area), cell(prf.precision), cell(prf.recall), cell(prf.f1)]
    same = [float(verdicts[pair.id].verdict == pair.label) for pair in own]
    low, high = bootstrap_interval(same)
    return [name, str(len(own)), *figures, f"{sum(same) / len(same):.3f} [{low:.3f}, {high:.3f}]"]
