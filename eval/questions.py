"""Questions with their gold paragraphs: reading them from JSONL, CSV or a BEIR folder.

The line format is fixed in docs/evaluation.md. The checker of the project's own sets is ``eval.check``.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, TextIO, cast

from ingest import Document, Paragraph
from ingest.decoding import DecodingError, decode

UNANSWERABLE_KINDS = ("unanswerable", "false_premise", "off_topic")
KINDS = (
    *("date", "number", "who", "why", "definition", "list", "yes_no", "comparison", "paraphrase"),
    *("colloquial", "keyword", "english", "footnote", "table", "multi_paragraph", "multi_document"),
    *("same_fact_years", "conversation"),
    *UNANSWERABLE_KINDS,
)
SPLITS = ("dev", "test")


class QuestionError(ValueError):
    """A question file cannot be read; the message says which line and what to mend."""


class Exchange(NamedTuple):
    """An earlier turn of a conversation."""

    question: str
    answer: str


class Score(NamedTuple):
    """The value of one measure on one question; means are only ever taken over these rows."""

    question_id: str
    metric: str
    value: float


@dataclass(frozen=True, slots=True)
class Question:
    """One question and what a right answer must cite and say.

    ``sources`` are alternatives: each is a set of paragraph ids that suffices, all its ids being
    needed; empty means that the documents say nothing on it. ``pinpoints`` are the same
    alternatives with the sub-item where the gold names one (``DOC#8(a)``). ``reference`` is an
    optional model answer; ``split`` is "" where a file has no splits.
    """

    id: str
    question: str
    history: tuple[Exchange, ...] = ()
    sources: tuple[frozenset[str], ...] = ()
    key_facts: tuple[tuple[str, ...], ...] = ()
    kind: str = ""
    split: str = ""
    lang: str = "zh"
    low_overlap: bool = False
    reference: str = ""
    pinpoints: tuple[frozenset[str], ...] = ()
    labelled: bool = True

    @property
    def answerable(self) -> bool:
        """Whether the documents answer the question.

        A false premise is not answerable; its sources are the paragraphs that put it right.
        """
        return bool(self.sources) and self.kind not in UNANSWERABLE_KINDS

    @property
    def gold(self) -> frozenset[str]:
        """All gold paragraph ids of all alternatives."""
        return frozenset().union(*self.sources)

    @property
    def documents(self) -> tuple[str, ...]:
        """The ids of the documents the gold paragraphs stand in, sorted."""
        return tuple(sorted({paragraph_id.split("#", 1)[0] for paragraph_id in self.gold}))


def open_text(path: Path) -> TextIO:
    """A UTF-8 text file, gzip or plain, byte order mark skipped."""
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig")
    return path.open(encoding="utf-8-sig")


def json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line number from 1, object) for each non-empty line of a JSONL file.

    :raises QuestionError: when the file is missing, not UTF-8, or a line is not a JSON object.
    """
    try:
        with open_text(path) as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                try:
                    row = json.loads(line)
                except json.JSONDecodeError as error:
                    raise QuestionError(f"{path}:{number}: not valid JSON ({error.msg})") from error
                if not isinstance(row, dict):
                    raise QuestionError(f"{path}:{number}: expected a JSON object, got {type(row).__name__}")
                yield number, row
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionError(f"cannot read {path}: {error}") from error


def load(path: Path) -> list[Question]:
    """The questions of a JSONL file, a CSV file or a BEIR folder (queries and qrels).

    :raises QuestionError: when the path is missing or a row lacks its id or text.
    """
    if path.is_dir():
        return _load_beir(path)
    if not path.is_file():
        raise QuestionError(f"no question file {path}; give a .jsonl or .csv file or a BEIR folder")
    if path.suffix == ".csv":
        return _load_csv(path)
    questions = [question_from_json(row, f"{path}:{number}") for number, row in json_lines(path)]
    if not questions:
        raise QuestionError(f"{path} holds no question")
    return questions


def question_from_json(row: Mapping[str, Any], where: str = "question") -> Question:
    """A question from one JSON object (docs/evaluation.md gives the fields).

    ``sources`` may also be a flat list of ids: then each id alone suffices, as in a qrels file.
    A row without ``sources`` is unlabelled: it can be answered, but not scored against gold.

    :raises QuestionError: when id or question is missing or a field has the wrong shape.
    """
    identifier, text = row.get("id", row.get("_id")), row.get("question", row.get("text"))
    if identifier in (None, "") or not isinstance(text, str) or not text.strip():
        raise QuestionError(f'{where}: a question needs "id" and "question"')
    try:
        sources = tuple(
            frozenset([group] if isinstance(group, str) else map(str, group))
            for group in row.get("sources") or ()
        )
        facts = tuple(
            (fact,) if isinstance(fact, str) else tuple(map(str, fact)) for fact in row.get("key_facts") or ()
        )
        history = tuple(
            Exchange(str(turn["question"]), str(turn.get("answer", ""))) for turn in row.get("history") or ()
        )
    except (TypeError, KeyError, AttributeError) as error:
        raise QuestionError(f"{where}: sources, key_facts or history has the wrong shape: {error}") from error
    return Question(
        id=str(identifier),
        question=text.strip(),
        history=history,
        sources=sources,
        key_facts=facts,
        kind=str(row.get("kind", "")),
        split=str(row.get("split", "")),
        lang=str(row.get("lang", "zh")),
        low_overlap=bool(row.get("low_overlap", False)),
        reference=_reference(row),
        pinpoints=sources,
        labelled="sources" in row,
    )


def _reference(row: Mapping[str, Any]) -> str:
    answer = row.get("answer", row.get("reference", ""))
    return answer if isinstance(answer, str) else ""


def _load_csv(path: Path) -> list[Question]:
    """Columns as in JSON: alternatives and facts separated by ``|``, ids by ``+``, variants by ``/``."""
    questions = []
    try:
        text, _ = decode(path.read_bytes())  # spreadsheets in China still write GB18030
        with io.StringIO(text) as lines:
            for number, row in enumerate(csv.DictReader(lines), 2):
                data: dict[str, Any] = {name: value for name, value in row.items() if name and value}
                if "sources" in row:
                    alternatives = (row["sources"] or "").split("|")
                    data["sources"] = [
                        re.split(r"\s*\+\s*", part.strip()) for part in alternatives if part.strip()
                    ]
                facts = (row.get("key_facts") or "").split("|")
                data["key_facts"] = [fact.strip().split("/") for fact in facts if fact.strip()]
                questions.append(question_from_json(data, f"{path}:{number}"))
    except (OSError, DecodingError, csv.Error) as error:
        raise QuestionError(f"cannot read {path}: {error}") from error
    if not questions:
        raise QuestionError(f"{path} holds no question; the first line must name the columns")
    return questions


def beir_file(folder: Path, *names: str) -> Path:
    """The first of the named files that exists in the folder, plain or with ``.gz``.

    :raises QuestionError: when none exists.
    """
    for name in names:
        for candidate in (folder / name, folder / f"{name}.gz"):
            if candidate.is_file():
                return candidate
    raise QuestionError(f"{folder} is no BEIR folder: none of {', '.join(names)} found")


def _load_beir(folder: Path) -> list[Question]:
    qrels: dict[str, set[str]] = {}
    path = beir_file(folder, "qrels.tsv", "qrels/test.tsv", "qrels/dev.tsv")
    with open_text(path) as lines:
        for line in lines:
            cells = line.rstrip("\n").split("\t")
            if len(cells) < 3 or cells[0] == "query-id":
                continue
            if float(cells[-1]) > 0:
                qrels.setdefault(cells[0], set()).add(cells[-2])
    questions = []
    queries = beir_file(folder, "queries.jsonl")
    for number, row in json_lines(queries):
        gold = sorted(qrels.get(str(row.get("_id")), ()))
        if not gold:  # queries of other splits stand in the same file
            continue
        answers = row.get("answers") or []  # variants of one answer, or a list of variants for each fact
        data = {"id": row.get("_id"), "question": row.get("text"), "sources": gold}
        if answers:
            nested = all(isinstance(answer, list) for answer in answers)
            data["key_facts"] = answers if nested else [[str(answer) for answer in answers]]
        questions.append(question_from_json(data, f"{queries}:{number}"))
    return questions


def load_beir_corpus(folder: Path) -> tuple[tuple[Document, ...], tuple[Paragraph, ...]]:
    """Documents and paragraphs of a BEIR ``corpus.jsonl``: every passage is a document of one paragraph."""
    documents, paragraphs = [], []
    for number, row in json_lines(beir_file(folder, "corpus.jsonl")):
        identifier, text, title = str(row.get("_id", "")), str(row.get("text", "")), str(row.get("title", ""))
        if not identifier:
            raise QuestionError(f"{folder}/corpus.jsonl:{number}: a passage without _id")
        document = Document(identifier, None, title, None, None, "zh", text, str(folder), "beir")
        documents.append(document)
        paragraphs.append(
            Paragraph(
                identifier, identifier, None, identifier, (title,) if title else (), text, end=len(text)
            )
        )
    return tuple(documents), tuple(paragraphs)


def resolve(
    questions: Iterable[Question], documents: Iterable[Document], known: Iterable[str]
) -> list[Question]:
    """The questions with every source written as a known paragraph id where that is possible.

    A document may be named by its id, symbol, file name or file stem; ``DOC#8(a)`` names a sub-item
    and becomes the paragraph ``DOC#8`` in ``sources`` while ``pinpoints`` keeps it. Unknown ids stay.
    """
    full, paragraph_ids = full_ids(documents), frozenset(known)
    resolved = []
    for question in questions:
        pinpoints = tuple(frozenset(map(full, group)) for group in question.sources)
        sources = tuple(
            frozenset(split_pinpoint(item, paragraph_ids)[0] for item in group) for group in pinpoints
        )
        resolved.append(replace(question, sources=sources, pinpoints=pinpoints))
    return resolved


def full_ids(documents: Iterable[Document]) -> Callable[[str], str]:
    """A function that gives a paragraph id with its document named by id, whatever name stood there."""
    names: dict[str, str] = {}
    for document in documents:
        source = Path(document.source)
        for name in (source.name, source.stem, document.symbol, document.id):
            if name:
                names[name] = document.id

    def full(source: str) -> str:
        head, mark, tail = source.partition("#")
        return f"{names.get(head, head)}{mark}{tail}"

    return full


def split_pinpoint(source: str, known: frozenset[str]) -> tuple[str, str]:
    """(paragraph id, sub-item label) of a gold id; the label is "" when none is named."""
    base, label = source, ""
    while base not in known:
        parts = re.fullmatch(r"(.+#.+)(\([^()]+\))", base)
        if not parts:
            return source, ""
        base, label = parts[1], parts[2] + label
    return base, label


def to_json(question: Question) -> dict[str, Any]:
    """The line of the question in the project's format; empty optional fields are left out."""
    row: dict[str, Any] = {"id": question.id, "question": question.question}
    if question.history:
        row["history"] = [turn._asdict() for turn in question.history]
    if question.labelled:
        row["sources"] = [sorted(group) for group in question.pinpoints or question.sources]
        row["key_facts"] = [list(fact) for fact in question.key_facts]
    row |= {name: value for name in ("kind", "split") if (value := getattr(question, name))}
    row |= {"lang": question.lang, "low_overlap": question.low_overlap}
    if question.reference:
        row["answer"] = question.reference
    return row


def write_jsonl(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows as JSON lines, to a temporary file first so that a reader never sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part")
    with temporary.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    temporary.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file.

    :raises QuestionError: when the file is missing or does not hold one.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise QuestionError(f"cannot read {path}: {error}") from error
    if not isinstance(value, dict):
        raise QuestionError(f"{path} does not hold a JSON object")
    return cast("dict[str, Any]", value)


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write one JSON object, to a temporary file first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part")
    temporary.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    temporary.replace(path)
