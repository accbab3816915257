"""``python -m eval outside FOLDER``: retrieval on BEIR-style sets from elsewhere, leg by leg."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval.ablate import legs, search_scores
from eval.questions import Question, QuestionError, json_lines, load, load_beir_corpus
from eval.significance import SEED
from eval.summary import markdown_table, means

METRICS = ("ndcg@10", "recall@10", "mrr@10", "hit@5")


def find_sets(folder: Path, names: Sequence[str] = ()) -> list[Path]:
    """The BEIR folders in (or equal to) the folder, sorted, only the named ones where names are given.

    :raises QuestionError: when there is none, or a named one is missing.
    """
    candidates = [folder, *sorted(folder.iterdir())] if folder.is_dir() else []
    sets = [path for path in candidates if path.is_dir() and any(path.glob("queries.jsonl*"))]
    missing = set(names) - {path.name for path in sets}
    if not sets or missing:
        raise QuestionError(
            f"no BEIR folder {', '.join(sorted(missing)) or ''} in {folder}".replace("  ", " ")
        )
    return [path for path in sets if not names or path.name in names]


def sample(questions: Sequence[Question], limit: int | None) -> list[Question]:
    """All questions, or ``limit`` of them drawn with the fixed seed."""
    if limit is None or limit >= len(questions):
        return list(questions)
    return random.Random(SEED).sample(list(questions), limit)


def foreign_questions(paths: Sequence[Path], number: int) -> list[dict[str, Any]]:
    """Question lines that no document of the user answers, drawn from training pairs ``{"q", "p"}``.

    ``number`` from each file, with the fixed seed, marked as development questions to be declined: what a
    refusal is fitted on besides the near misses of the question sets.

    :raises QuestionError: when a file has no usable question.
    """
    found: list[dict[str, Any]] = []
    for path in paths:
        texts = sorted({str(row.get("q", "")) for _, row in json_lines(path)})
        usable = [text for text in texts if 6 < len(text) < 60]
        if not usable:
            raise QuestionError(f'{path} holds no pair with a question in "q"')
        chosen = random.Random(SEED).sample(usable, min(number, len(usable)))
        name = path.name.split(".", 1)[0]
        found += [
            {
                "id": f"{name}-{count}",
                "question": text,
                "sources": [],
                "key_facts": [],
                "kind": "off_topic",
                "split": "dev",
                "lang": "zh",
            }
            for count, text in enumerate(chosen, 1)
        ]
    return found


def outside_table(sets: Sequence[Path], limit: int | None = None) -> str:
    """Markdown: per set and leg (BM25 alone, dense alone, hybrid) the retrieval means with intervals."""
    from index.config import SearchConfig
    from index.retrieval import Index
    from ingest.corpus import Corpus

    rows = []
    for path in sets:
        questions = sample(load(path), limit)
        index = Index.build(Corpus(*load_beir_corpus(path), ()), progress=True)
        for name, config in {**legs(), "hybrid": SearchConfig()}.items():
            found = means(search_scores(index.with_config(config), questions, label=f"{path.name} {name}"))
            first = found[METRICS[0]]
            cells = [f"{first.mean:.3f} [{first.low:.3f}, {first.high:.3f}]"]
            cells += [f"{found[metric].mean:.3f}" for metric in METRICS[1:]]
            rows.append([path.name, f"{len(index.paragraphs)} / {len(questions)}", name, *cells])
    return markdown_table(["set", "passages / queries", "search", *METRICS], rows)
