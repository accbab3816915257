"""An optional LLM judge of faithfulness and correctness, reported only next to its agreement with people.

Without hand labels there is no figure: in a public track people and a strong model agreed exactly in
56 % of the cases, so a judge's mean alone says little.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from eval.questions import Question, QuestionError, json_lines
from eval.records import Record
from eval.run import RunFolder, language_model
from eval.significance import bootstrap_interval, cohen_kappa
from eval.summary import markdown_table

Chat = Callable[[str], str]
ASPECTS = ("faithful", "correct")
SYSTEM = "你是评审员。请只根据所给段落和标准要点判断回答，不要使用其他知识。"
PROMPT = """问题：{question}
标准要点：{facts}
回答：{answer}
回答所引段落：
{sources}

faithful：回答中的每一句话是否都能由所引段落证实。correct：回答是否说出了全部标准要点且没有说错。
只输出一行 JSON：{{"faithful": true 或 false, "correct": true 或 false}}"""


@dataclass(frozen=True, slots=True)
class Opinion:
    """A judge's opinion on one answer."""

    faithful: bool
    correct: bool


def prompt(question: Question, record: Record, texts: Mapping[str, str]) -> str:
    """What the judge is asked about one answer."""
    return PROMPT.format(
        question=question.question,
        facts="；".join("/".join(fact) for fact in question.key_facts) or "（无）",
        answer=record.text or "（拒答）",
        sources="\n".join(texts.get(name, "") for name in record.cited) or "（没有引用）",
    )


def read_opinion(reply: str) -> Opinion | None:
    """The opinion in a model's reply; None when there is no well-formed one."""
    found = re.search(r"\{[^{}]*\}", reply)
    try:
        row = json.loads(found[0]) if found else {}
    except json.JSONDecodeError:
        return None
    if not all(isinstance(row.get(aspect), bool) for aspect in ASPECTS):
        return None
    return Opinion(row["faithful"], row["correct"])


def read_labels(path: Path) -> dict[str, Opinion]:
    """Hand labels: a line ``{"id", "faithful": bool, "correct": bool}`` for each answer.

    :raises QuestionError: when a line lacks one of them, or there are fewer than ten lines.
    """
    labels = {}
    for number, row in json_lines(path):
        if "id" not in row or not all(isinstance(row.get(aspect), bool) for aspect in ASPECTS):
            raise QuestionError(
                f'{path}:{number}: a label needs "id", "faithful" and "correct" (true or false)'
            )
        labels[str(row["id"])] = Opinion(row["faithful"], row["correct"])
    if len(labels) < 10:
        raise QuestionError(f"{path}: {len(labels)} labels; an agreement needs at least 10")
    return labels


def judge_run(run: RunFolder, chat: Chat) -> dict[str, Opinion | None]:
    """The judge's opinion on every answer that was given (not refused, not failed)."""
    texts = {name: str(row["text"]) for name, row in run.passages.items()}
    given = [
        (question, record)
        for question in run.questions
        if (record := run.records.get(question.id)) and not record.refused and not record.error
    ]
    return {question.id: read_opinion(chat(prompt(question, record, texts))) for question, record in given}


def judge_table(opinions: Mapping[str, Opinion | None], labels: Mapping[str, Opinion]) -> str:
    """Markdown: the judge's mean beside its agreement with the hand labels; replies unread count as no.

    :raises QuestionError: when fewer than ten answers have both.
    """
    both = sorted(opinions.keys() & labels.keys())
    if len(both) < 10:
        raise QuestionError(f"only {len(both)} judged answers are hand-labelled; label at least 10")
    rows = []
    for aspect in ASPECTS:
        said = [float(_says(opinion, aspect)) for opinion in opinions.values()]
        low, high = bootstrap_interval(said)
        judge = [str(_says(opinions[name], aspect)) for name in both]
        people = [str(getattr(labels[name], aspect)) for name in both]
        same = sum(a == b for a, b in zip(judge, people, strict=True)) / len(both)
        mean = f"{sum(said) / len(said):.3f} [{low:.3f}, {high:.3f}]"
        rows.append(
            [aspect, str(len(said)), mean, str(len(both)), f"{same:.3f}", f"{cohen_kappa(judge, people):.3f}"]
        )
    header = ["aspect", "judged", "judge's mean", "hand-labelled", "exact agreement", "Cohen's kappa"]
    return markdown_table(header, rows)


def _says(opinion: Opinion | None, aspect: str) -> bool:
    return opinion is not None and bool(getattr(opinion, aspect))


def configured_chat() -> Chat:
    """The chat model named by LLM_MODEL, LLM_BASE_URL and LLM_API_KEY as a function of one prompt.

    :raises QuestionError: when none is configured, it cannot be opened, or (when called) it fails: a
        judge that answers only some questions would give a mean over the easy ones.
    """
    from answer.llm import LLMFailure

    model = language_model()
    if model is None:
        raise QuestionError("no judge: set LLM_MODEL (and LLM_BASE_URL, LLM_API_KEY)")

    def chat(text: str) -> str:
        try:
            return model.complete(SYSTEM, text)
        except LLMFailure as error:
            raise QuestionError(f"the judge failed: {error}") from error

    return chat
