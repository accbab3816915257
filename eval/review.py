"""Candidates for the question sets, from readers' feedback to reviewed items; agreement of annotators.

A candidate line is a question line with ``status`` ("candidate", "accepted", "rejected"), the
``answer_given``, what the reader said (``rating``, ``comment``) and ``reviews``, a list of
``{"annotator", "decision", "sources", "date"}``. A decision is accept, reject, or correct (accepted with
other sources).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eval.questions import QuestionError, json_lines, write_jsonl
from eval.run import digest
from eval.significance import cohen_kappa

DECISIONS = {"a": "accept", "c": "correct", "r": "reject"}

Candidate = dict[str, Any]


def candidate_from_feedback(row: Mapping[str, Any]) -> Candidate:
    """A candidate item from one line of feedback.

    Suggested sources are the reader's ``corrected_sources``, else, when the reader was content, what the
    answer cited. The id is a hash of question and history, so the same feedback gives the same candidate.

    :raises QuestionError: when the line has no question.
    """
    text = str(row.get("question", "")).strip()
    if not text:
        raise QuestionError('feedback without "question"')
    content = str(row.get("rating", row.get("thumb", ""))).lower() in ("up", "good", "1", "true", "👍")
    cited = [_identifier(item) for item in row.get("citations") or ()]
    corrected = [_identifier(item) for item in row.get("corrected_sources") or ()]
    suggested = corrected or (cited if content else [])
    history = list(row.get("history") or ())
    return {
        "id": "f" + digest(text + repr(history))[:10],
        "question": text,
        **({"history": history} if history else {}),
        "sources": [sorted(set(suggested))] if suggested else [],
        "key_facts": [],
        "kind": "conversation" if history else "",
        "split": "dev",
        "lang": "en" if text.isascii() else "zh",
        "low_overlap": False,
        "status": "candidate",
        "answer_given": str(row.get("answer", "")),
        "rating": "up" if content else "down",
        "comment": str(row.get("comment", "")),
        "reviews": [],
    }


def read_feedback(path: Path) -> list[dict[str, Any]]:
    """Feedback rows from JSON lines, or from the chat page's SQLite file (``…/feedback.sqlite``).

    The page stores a question's text only where that is switched on; opinions without it are left out.

    :raises QuestionError: when the file is missing or is neither.
    """
    if not path.is_file():
        raise QuestionError(f"no feedback file {path}")
    if path.suffix not in (".sqlite", ".db"):
        return [row for _, row in json_lines(path)]
    query = "select question, thumb, reason, paragraphs from feedback where question is not null order by at"
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            rows = connection.execute(query).fetchall()
    except sqlite3.Error as error:
        raise QuestionError(f"{path} is no feedback file: {error}") from error
    return [
        {"question": text, "thumb": thumb, "comment": reason, "citations": paragraphs.split()}
        for text, thumb, reason, paragraphs in rows
        if text.strip()
    ]


def _identifier(item: Mapping[str, Any] | str) -> str:
    return item if isinstance(item, str) else str(item["paragraph_id"])


def merge_feedback(candidates: Sequence[Candidate], feedback: Iterable[Mapping[str, Any]]) -> list[Candidate]:
    """The candidates with new ones from feedback added; known ids stay as they are."""
    known = {item["id"]: item for item in candidates}
    for row in feedback:
        new = candidate_from_feedback(row)
        known.setdefault(new["id"], new)
    return list(known.values())


def read_candidates(path: Path) -> list[Candidate]:
    """The candidates of a file; [] when there is none yet."""
    return [row for _, row in json_lines(path)] if path.is_file() else []


def decide(
    item: Candidate, annotator: str, decision: str, sources: Sequence[Sequence[str]] = ()
) -> Candidate:
    """The item with one annotator's decision; a second decision of the same annotator replaces the first.

    The status follows the latest decision; "correct" puts the given sources in place.

    :raises QuestionError: for an unknown decision, or "correct" without sources.
    """
    if decision not in DECISIONS.values():
        raise QuestionError(f"unknown decision {decision!r}; one of {', '.join(DECISIONS.values())}")
    if decision == "correct" and not sources:
        raise QuestionError("a correction needs the right paragraph ids")
    chosen = [list(group) for group in sources] if decision == "correct" else item["sources"]
    review = {"annotator": annotator, "decision": decision, "sources": chosen}
    review["date"] = datetime.now(UTC).strftime("%Y-%m-%d")
    others = [one for one in item.get("reviews", ()) if one["annotator"] != annotator]
    status = "rejected" if decision == "reject" else "accepted"
    return {**item, "sources": chosen, "status": status, "reviews": [*others, review]}


def walk(
    candidates: Sequence[Candidate],
    annotator: str,
    show: Callable[[Candidate], str],
    ask: Callable[[str], str] = input,
    say: Callable[[str], None] = print,
) -> list[Candidate]:
    """Go through the items this annotator has not decided; returns all items with the decisions made.

    Input ends the walk at "q" or end of file; "s" leaves an item for later.
    """
    result = list(candidates)
    for position, item in enumerate(result):
        if any(review["annotator"] == annotator for review in item.get("reviews", ())):
            continue
        say(show(item))
        try:
            choice = ask("[a]ccept, [c]orrect sources, [r]eject, [s]kip, [q]uit: ").strip().lower()
            if choice == "q":
                break
            if choice == "c":
                typed = ask("paragraph ids (space = needed together, | = alternatives): ")
                sources = [part.split() for part in typed.split("|") if part.split()]
                if sources:
                    result[position] = decide(item, annotator, "correct", sources)
            elif choice in DECISIONS:
                result[position] = decide(item, annotator, DECISIONS[choice])
        except EOFError:
            break
    return result


def agreement(candidates: Iterable[Candidate]) -> str:
    """Per pair of annotators: items both decided, observed agreement, Cohen's kappa, sources agreed."""
    pairs: dict[tuple[str, str], list[tuple[Mapping[str, Any], Mapping[str, Any]]]] = {}
    for item in candidates:
        reviews = sorted(item.get("reviews", ()), key=lambda review: review["annotator"])
        for left in range(len(reviews)):
            for right in range(left + 1, len(reviews)):
                names = (reviews[left]["annotator"], reviews[right]["annotator"])
                pairs.setdefault(names, []).append((reviews[left], reviews[right]))
    if not pairs:
        return "No item has been decided by two annotators."
    lines = []
    for (first, second), both in sorted(pairs.items()):
        decisions = [a["decision"] for a, _ in both], [b["decision"] for _, b in both]
        kappa = cohen_kappa(*decisions)
        same = sum(a == b for a, b in zip(*decisions, strict=True))
        sources = sum(_groups(a) == _groups(b) for a, b in both)
        lines.append(
            f"{first} and {second}: {len(both)} items, same decision {same}, same sources {sources}, "
            f"Cohen's kappa {kappa:.3f}"
        )
    return "\n".join(lines)


def _groups(review: Mapping[str, Any]) -> set[frozenset[str]]:
    return {frozenset(group) for group in review["sources"]}


def accepted(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The accepted items as question lines, without what only the review needs."""
    extra = {"status", "answer_given", "rating", "comment", "reviews"}
    return [
        {name: value for name, value in item.items() if name not in extra}
        for item in candidates
        if item.get("status") == "accepted"
    ]


def shown(item: Candidate, texts: Mapping[str, str]) -> str:
    """An item as the terminal shows it, with the texts of its suggested sources where they are known."""
    lines = [f"\n{item['id']}  {item['question']}"]
    lines += [
        f"  earlier: {turn['question']} -> {turn.get('answer', '')}" for turn in item.get("history", ())
    ]
    if item.get("answer_given"):
        lines.append(f"  answer given ({item.get('rating')}): {item['answer_given']}")
    if item.get("comment"):
        lines.append(f"  comment: {item['comment']}")
    for group in item["sources"]:
        lines += [f"  {name}: {texts.get(name, '(text not loaded)')}" for name in group]
    return "\n".join(lines)


def save(path: Path, candidates: Sequence[Candidate]) -> None:
    """Write the candidates file."""
    write_jsonl(path, candidates)
