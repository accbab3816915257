"""What chat clients ask besides questions: a title for the chat, tags, what to ask next.

Open WebUI sends these as ordinary user messages: an instruction that shows the JSON object it wants, and the
conversation between ``<chat_history>`` tags. Looked up like a question, they would come back as quotations.
They are answered from the index alone: no model is asked, and nothing is said that needs a source.
Files that a reader attaches there come as text in front of the question, as numbered sources.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from serve.examples import related_questions
from serve.service import Engine

TaskKind = Literal["title", "tags", "follow_ups", "queries", "prompt", "text"]
LONGEST_TITLE = 30
TAGS = 3
_HISTORY = re.compile(r"<chat_history>(.*)</chat_history>", re.S)
_WANTED = re.compile(rf'\{{\s*"({"|".join(get_args(TaskKind))})"\s*:')
_SPEAKER = re.compile(r"^(USER|ASSISTANT): ?", re.M)
_ATTACHED = re.compile(r"\A.*?<context>.*?<source\b.*</context>\s*(?=\S)", re.S)
_FILES = re.compile(r"<attached_files>.*?</attached_files>\s*(?=\S)", re.S)
_CONTEXT = re.compile(r"<context>.*</context>", re.S)
_SOURCE = re.compile(r'<source id="(\d{1,4})"')


@dataclass(frozen=True, slots=True)
class Task:
    """A request for a JSON object with the key ``kind``; ``asked`` are the reader's questions so far."""

    kind: TaskKind
    asked: tuple[str, ...]


def read_task(text: str) -> Task | None:
    """The task a user message sets, or None when it is a question."""
    history = _HISTORY.search(text)
    wanted = _WANTED.search(text[: history.start()] + text[history.end() :]) if history else None
    if history is None or wanted is None:
        return None
    parts = _SPEAKER.split(history[1])
    said = zip(parts[1::2], parts[2::2], strict=True)
    asked = tuple(own_words(words).strip() for speaker, words in said if speaker == "USER" and words.strip())
    return Task(cast(TaskKind, wanted[1]), asked)


def own_words(text: str) -> str:
    """The reader's own words, without the files and instructions that the client put in front of them."""
    return _FILES.sub("", _ATTACHED.sub("", text))


def attached_sources(text: str) -> int:
    """How many sources the client has numbered already in a message; its list shows them before ours."""
    context = _CONTEXT.search(text)
    return max((int(number) for number in _SOURCE.findall(context[0])), default=0) if context else 0


def task_reply(engine: Engine, task: Task) -> str:
    """The JSON object the client waits for."""
    return json.dumps({task.kind: _value(engine, task)}, ensure_ascii=False)


def _value(engine: Engine, task: Task) -> Any:
    last = task.asked[-1] if task.asked else ""
    match task.kind:
        case "title":
            return _title(task.asked[0] if task.asked else "")
        case "tags":
            return _tags(task.asked)
        case "follow_ups":
            return related_questions(engine, task.asked)
        case "queries":
            return [last] if last else []
        case "prompt":
            return last
        case "text":  # completing what somebody types is guessing
            return ""


def _title(question: str) -> str:
    line = " ".join(question.split()).rstrip("？?。.！! ")
    return line if len(line) <= LONGEST_TITLE else line[: LONGEST_TITLE - 1] + "…"


def _tags(asked: Sequence[str]) -> list[str]:
    """Concepts of the thesaurus that the questions name; short everyday words make no tags."""
    from index.normalise import fold
    from index.thesaurus import bundled

    thesaurus = bundled()
    found = [(name, thesaurus.concepts[i]) for text in asked for name, i, _ in thesaurus.matches(fold(text))]
    own = {name for name, concept in found if name == fold(concept.pref_zh)}
    named = [c for name, c in found if name not in own or name == fold(c.pref_zh)]  # 公共采购, not 政府采购
    names = [c.pref_zh for c in named if c.kind == "crime" or 4 <= len(c.pref_zh) <= 12]
    return list(dict.fromkeys(names))[:TAGS]
