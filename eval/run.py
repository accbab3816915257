"""``python -m eval run``: answer every question, keep the per-question rows, then take the means.

The run folder describes itself: ``run.json`` (what was run, written first), ``answers.jsonl`` (a line
a question, appended as they come, so a stopped run goes on where it stopped), ``questions.jsonl``,
``passages.jsonl`` (the paragraphs that were retrieved, cited or gold), ``scores.jsonl`` (question,
metric, value) and ``summary.json`` (written last).
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval import records
from eval.metrics_citations import Supports
from eval.questions import (
    Question,
    QuestionError,
    Score,
    json_lines,
    load,
    load_beir_corpus,
    question_from_json,
    read_json,
    resolve,
    to_json,
    write_json,
    write_jsonl,
)
from eval.records import Record
from eval.score import Passages, score_all
from eval.significance import SEED
from eval.summary import summarise

if TYPE_CHECKING:
    from answer.answerer import Answerer
    from answer.evidence import Searchable
    from answer.llm import LLM
    from index.retrieval import Index
    from ingest.corpus import Corpus

SETTINGS = ("ENCODER", "RERANKER", "LLM_MODEL", "LLM_BASE_URL")
DEPTH = 20  # how deep the retrieval measures look


Responder = Callable[[Question], Record]  # may raise: the failure is then recorded


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What is run: the questions (a file or BEIR folder), the documents or a saved index, the switches."""

    questions: Path
    out: Path
    documents: tuple[Path, ...] = ()
    index: Path | None = None
    splits: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    limit: int | None = None
    k: int = DEPTH
    hits: int | None = None
    retrieval_only: bool = False
    foreign: bool = False
    fresh: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)


def run(
    options: RunOptions, system: Callable[[Index, RunOptions], Responder] | None = None, *, name: str = ""
) -> dict[str, Any]:
    """Answer and score the questions; returns the summary that was written to ``OUT/summary.json``.

    ``system`` makes the responder from the index, and ``name`` tells its runs from others; without one
    this project's own is asked.

    :raises QuestionError: when questions or documents cannot be read, or OUT holds a different run.
    """
    questions = select(load(options.questions), options)
    os.environ.update(options.settings)
    manifest = describe(options, questions, name)
    prepare(options.out, manifest, fresh=options.fresh)
    index = open_index(options, options.out / "index")
    questions = resolve(questions, index.documents, (paragraph.id for paragraph in index.paragraphs))
    write_json(options.out / "run.json", {**manifest, "index": index.fingerprint})
    respond = (system or own_system)(index, options)
    outputs = collect(questions, respond, options.out / "answers.jsonl")
    return finish(options.out, questions, outputs, index, answers=not options.retrieval_only)


def own_system(index: Searchable, options: RunOptions) -> Responder:
    """This project's answerer, or its search alone."""
    if options.retrieval_only:
        return lambda question: _searched(question, index, options.k)
    from answer.answerer import Answerer

    answerer = Answerer(index, llm=language_model())
    answerer.k = options.hits or answerer.k
    return answering(answerer, index, options.k)


def _searched(question: Question, index: Searchable, k: int) -> Record:
    hits = index.search(question.question, k)
    return Record(question.id, hits=tuple((hit.paragraph.id, float(hit.score)) for hit in hits))


def answering(answerer: Answerer, index: Searchable, k: int = DEPTH) -> Responder:
    """A responder that answers and then searches once more, deeper, for the retrieval measures."""
    from answer.conversation import Turn

    def respond(question: Question) -> Record:
        llm = answerer.llm
        spent = llm.tokens if llm is not None else 0
        started = time.perf_counter()
        result = answerer.answer(question.question, [Turn(*turn) for turn in question.history])
        seconds = time.perf_counter() - started
        tokens = llm.tokens - spent if llm is not None else 0
        deep = index.search(result.standalone_question or question.question, k)
        record = records.from_answer(question.id, result, seconds, [hit.paragraph.id for hit in deep])
        return replace(record, tokens=tokens)

    return respond


def select(questions: Sequence[Question], options: RunOptions) -> list[Question]:
    """The questions of the chosen splits and kinds, at most ``limit``.

    ``foreign`` takes their gold away: they belong to other documents, and every one should be declined.

    :raises QuestionError: when none is left.
    """
    chosen = [
        question
        for question in questions
        if (not options.splits or question.split in options.splits)
        and (not options.kinds or question.kind in options.kinds)
    ][: options.limit]
    if not chosen:
        raise QuestionError(f"no question of {options.questions} has the chosen split and kind")
    if options.foreign:
        nothing: dict[str, Any] = {"sources": (), "pinpoints": (), "key_facts": (), "reference": ""}
        return [replace(question, **nothing, kind="off_topic", labelled=True) for question in chosen]
    return chosen


def open_index(options: RunOptions, kept: Path | None = None) -> Index:
    """The saved index, or one built from the documents and saved in ``kept`` for the next time.

    :raises QuestionError: when there is nothing to open or build from, or a model is not there.
    """
    from index.encoder import EncoderError
    from index.retrieval import Index
    from index.store import StoreError

    try:
        if options.index is not None:
            return Index.open(options.index)
        if kept is not None and kept.is_dir():
            return Index.open(kept)
        index = Index.build(corpus_of(options), progress=True)
        if kept is not None:
            index.save(kept)
        return index
    except (StoreError, EncoderError) as error:
        raise QuestionError(str(error)) from error


def load_index(options: RunOptions) -> tuple[Index, list[Question]]:
    """The index (nothing is written) and the chosen questions with their ids resolved against it."""
    questions = select(load(options.questions), options)
    os.environ.update(options.settings)
    index = open_index(options)
    return index, resolve(questions, index.documents, (paragraph.id for paragraph in index.paragraphs))


def corpus_of(options: RunOptions) -> Corpus:
    """The documents of the run, or the passages beside the questions of a BEIR folder."""
    paths = options.documents or ((options.questions,) if options.questions.is_dir() else ())
    return read_documents(paths)


def read_documents(paths: Sequence[Path]) -> Corpus:
    """The corpus: a BEIR folder's passages, or documents read by the ingest stage.

    :raises QuestionError: when there is no path or one does not exist.
    """
    from ingest.corpus import Corpus

    if not paths:
        raise QuestionError("give --documents FOLDER_OR_FILES or --index DIR")
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise QuestionError(f"no such documents: {', '.join(missing)}")
    if len(paths) == 1 and any(paths[0].glob("corpus.jsonl*")):
        documents, paragraphs = load_beir_corpus(paths[0])
        return Corpus(documents, paragraphs, ())
    from ingest import load as load_documents

    return load_documents(paths, progress=True)


def language_model() -> LLM | None:
    """The configured chat model, or None for extractive answers.

    :raises QuestionError: when one is configured and cannot be used.
    """
    from answer.settings import llm_settings

    settings = llm_settings()
    if not settings.wanted:
        return None
    from answer.llm import LLMUnavailable, open_llm

    try:
        return open_llm(settings)
    except LLMUnavailable as error:
        raise QuestionError(str(error)) from error


def verifier(passages: Passages) -> Supports:
    """φ of the ALCE measures: this project's verifier, "partial" not counting as support.

    A sentence may also name what stands in the title, date and headings of the cited paragraphs.
    """
    from answer.verify import verify

    @lru_cache(maxsize=10_000)
    def verdict(ids: tuple[str, ...], sentence: str) -> str:
        source = "\n".join(passages.texts[identifier] for identifier in ids)
        context = "\n".join(passages.contexts[identifier] for identifier in ids)
        return verify(sentence, source, context=context).verdict

    return lambda ids, sentence: verdict(tuple(ids), sentence) in ("verbatim", "supported")


def collect(questions: Sequence[Question], respond: Responder, path: Path) -> dict[str, Record]:
    """A record for every question, appended to ``path``; those already there without an error are kept."""
    from tqdm import tqdm

    done = {identifier: record for identifier, record in read_records(path).items() if not record.error}
    write_jsonl(path, [records.to_json(record) for record in done.values()])
    with path.open("a", encoding="utf-8") as out:
        for question in tqdm(questions, desc="answering", unit="q", file=sys.stderr, mininterval=1):
            if question.id in done:
                continue
            record = one(question, respond)
            done[question.id] = record
            out.write(json.dumps(records.to_json(record), ensure_ascii=False) + "\n")
            out.flush()
    return done


def one(question: Question, respond: Responder) -> Record:
    """The record of one question; an exception becomes the record's error and is counted as zero."""
    started = time.perf_counter()
    try:
        record = respond(question)
    except Exception as error:  # one bad question must not end a run of hundreds
        record = Record(question.id, error=f"{type(error).__name__}: {error}")
    if record.seconds is None:
        record = replace(record, seconds=time.perf_counter() - started)
    return record


def finish(
    out: Path,
    questions: Sequence[Question],
    outputs: Mapping[str, Record],
    index: Corpus | Searchable,
    *,
    answers: bool = True,
) -> dict[str, Any]:
    """Score, write scores, questions, passages and summary into the run folder; returns the summary."""
    passages = Passages.of(index.documents, index.paragraphs)
    supports = verifier(passages) if answers else None
    scores = score_all(questions, outputs, passages, supports, answers=answers)
    summary = summarise(questions, scores, outputs, answers=answers)
    summary["modes"] = dict(Counter(item.mode for item in outputs.values() if item.mode))
    summary["errors"] = {item.id: item.error for item in outputs.values() if item.error}
    write_jsonl(out / "questions.jsonl", [to_json(question) for question in questions])
    write_jsonl(out / "passages.jsonl", list(_passage_rows(questions, outputs, index, passages)))
    write_jsonl(out / "scores.jsonl", [score._asdict() for score in scores])
    write_json(out / "summary.json", summary)
    return summary


def _passage_rows(
    questions: Iterable[Question],
    outputs: Mapping[str, Record],
    index: Corpus | Searchable,
    passages: Passages,
) -> Iterable[dict[str, Any]]:
    """The paragraphs a reader of the report needs: gold, cited, and the first ten retrieved."""
    wanted: set[str] = set()
    for question in questions:
        record = outputs.get(question.id, Record(question.id))
        wanted |= {*question.gold, *record.cited, *record.ranked[:10]}
    for paragraph in index.paragraphs:
        if paragraph.id in wanted:
            section = list(paragraph.section)
            text = passages.texts[paragraph.id]
            yield {
                "id": paragraph.id,
                "label": passages.labels[paragraph.id],
                "section": section,
                "text": text,
            }


def describe(options: RunOptions, questions: Sequence[Question], name: str = "") -> dict[str, Any]:
    """What identifies the run; ``identity`` hashes everything that may change a figure."""
    from index.settings import setting

    configuration: dict[str, Any] = {
        "system": name or "this project",
        "questions": str(options.questions),
        "questions_sha256": digest(json.dumps([to_json(item) for item in questions], ensure_ascii=False)),
        "documents": [str(path) for path in options.documents],
        "documents_sha256": hash_files(options.documents),
        "index_dir": str(options.index or ""),
        "splits": list(options.splits),
        "kinds": list(options.kinds),
        "limit": options.limit,
        "k": options.k,
        "hits": options.hits,
        "retrieval_only": options.retrieval_only,
        "foreign": options.foreign,
        "settings": {name: setting(name) for name in SETTINGS},
        "code_sha256": hash_files([Path(name) for name in ("ingest", "index", "answer", "eval")], "*.py"),
        "seed": SEED,
    }
    return {
        "identity": digest(json.dumps(configuration, sort_keys=True, ensure_ascii=False)),
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": git_commit(),
        "machine": machine(),
        "n": len(questions),
        **configuration,
    }


def prepare(out: Path, manifest: Mapping[str, Any], *, fresh: bool) -> None:
    """Make the run folder ready: new, or holding the same run half done.

    :raises QuestionError: when it holds a different run and ``fresh`` is not set.
    """
    if out.exists() and not out.is_dir():
        raise QuestionError(f"--out {out} is a file; give a folder")
    known = out / "run.json"
    other = known.is_file() and read_json(known).get("identity") != manifest["identity"]
    if other and not fresh and (out / "answers.jsonl").is_file():
        raise QuestionError(
            f"{out} holds a run with other questions, documents, settings or code: "
            "give another --out, or --fresh to replace it"
        )
    out.mkdir(parents=True, exist_ok=True)
    if fresh or other:
        import shutil

        for name in ("answers.jsonl", "summary.json"):
            (out / name).unlink(missing_ok=True)
        shutil.rmtree(out / "index", ignore_errors=True)
    write_json(known, manifest)


def digest(text: str) -> str:
    """The first 16 hex digits of the text's SHA-256."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def hash_files(paths: Iterable[Path], pattern: str = "*") -> str:
    """One hash over names and contents of the files, and of those in folders that match the pattern."""
    total = hashlib.sha256()
    for path in paths:
        files = sorted(path.rglob(pattern)) if path.is_dir() else [path]
        for file in files:
            if file.is_file():
                total.update(file.name.encode())
                total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()[:16]


def git_commit() -> str:
    """The short commit of the working tree, with "+" when tracked files differ; "" outside git."""
    try:
        command = ["git", "describe", "--always", "--dirty=+", "--exclude=*"]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def stamp() -> str:
    """One line for the head of a table: date, commit, machine."""
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"{now} · commit {git_commit() or '–'} · {machine()}"


def machine() -> str:
    """Processor count, system and Python of this machine."""
    system = f"{platform.system()} {platform.machine()}"
    return f"{os.cpu_count()} cores, {system}, Python {platform.python_version()}"


def read_records(path: Path) -> dict[str, Record]:
    """The records of an answers file by question id, a later line winning; empty when there is no file.

    A last line cut off by an interruption is dropped.

    :raises QuestionError: when another line is not an answer of the contract.
    """
    if not path.is_file():
        return {}
    found: dict[str, Record] = {}
    lines = path.read_text(encoding="utf-8-sig").split("\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = records.from_json(json.loads(line))
        except ValueError as error:
            if number == len(lines):  # no line break after it: the writer was stopped within the line
                print(f"{path}: dropped a last line that was cut off", file=sys.stderr)
                continue
            raise QuestionError(f"{path}:{number}: {error}") from error
        found[record.id] = record
    return found


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A finished run as read back from its folder."""

    path: Path
    manifest: Mapping[str, Any]
    questions: tuple[Question, ...]
    records: Mapping[str, Record]
    scores: tuple[Score, ...]
    summary: Mapping[str, Any]
    passages: Mapping[str, Mapping[str, Any]]


def read_run(path: Path) -> RunFolder:
    """Read a run folder.

    :raises QuestionError: when it is no finished run.
    """
    if not (path / "summary.json").is_file():
        raise QuestionError(f"{path} holds no finished run; make one with: python -m eval run … --out {path}")
    return RunFolder(
        path=path,
        manifest=read_json(path / "run.json"),
        questions=tuple(question_from_json(row) for _, row in json_lines(path / "questions.jsonl")),
        records=read_records(path / "answers.jsonl"),
        scores=tuple(
            Score(row["question_id"], row["metric"], float(row["value"]))
            for _, row in json_lines(path / "scores.jsonl")
        ),
        summary=read_json(path / "summary.json"),
        passages={row["id"]: row for _, row in json_lines(path / "passages.jsonl")},
    )
