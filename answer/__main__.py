"""Ask the documents, check a draft sentence, or judge claim and paragraph pairs.

python -m answer "工作组是根据哪项决议设立的？"
python -m answer "工作组是根据哪项决议设立的？" --json
python -m answer --questions questions.jsonl -o answers.jsonl
python -m answer "第十次会议在哪里举行？" --export answer.docx
python -m answer quote "工作组欢迎秘书处的提议"
python -m answer verify --pairs pairs.jsonl -o verdicts.jsonl
python -m answer calibrate --pairs eval/sets/verify.jsonl
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from answer.answerer import Answerer
    from answer.answers import Answer
    from index.retrieval import Index


class UsageError(Exception):
    """The command cannot do what was asked; the message says why and what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status (0, or 2 when nothing could be done)."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    commands = {"verify": _verify_command, "quote": _quote_command, "calibrate": _calibrate_command}
    try:
        if given and given[0] in commands:
            return commands[given[0]](given[1:])
        return _ask_command(given)
    except UsageError as error:
        print(f"answer: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 0


def _parser(name: str, text: str) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        prog=f"python -m answer{name}", description=text, formatter_class=argparse.RawDescriptionHelpFormatter
    )


def _ask_command(arguments: Sequence[str]) -> int:
    parser = _parser("", __doc__ or "")
    parser.add_argument("question", nargs="?", help="the question, in Chinese or English")
    parser.add_argument("--questions", type=Path, help='JSONL of {"id", "question", "history"?}')
    parser.add_argument(
        "-o", "--output", type=Path, help="where the JSONL of answers goes (default: standard output)"
    )
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")
    parser.add_argument("--export", type=Path, help="also write the answer to a .md, .docx or .json file")
    parser.add_argument("--index", default="", help="index folder (default: INDEX_DIR or data/index)")
    parser.add_argument(
        "--filter", default="", help='for example "year=2019 session=10届 document=CAC/COSP/2017/4"'
    )
    parser.add_argument("--lang", choices=("zh", "en"), default="zh", help="language of frames and notices")
    parser.add_argument("--extractive", action="store_true", help="do not use the configured language model")
    parser.add_argument("-k", type=int, default=10, help="paragraphs to retrieve (default: 10)")
    options = parser.parse_args(arguments)
    if bool(options.question) == bool(options.questions):
        raise UsageError('give either a question or --questions FILE, for example: python -m answer "问题"')
    rows = _question_rows(options.questions) if options.questions else []
    answerer = _answerer(options)
    filters = _filters(options.filter)
    if options.questions:
        _write_rows(_answered(answerer, rows, filters), options.output, len(rows))
        return 0
    answer = answerer.answer(options.question, filters=filters)
    if options.json:
        from answer.export import contract

        _write_text(json.dumps(contract("1", answer), ensure_ascii=False, indent=2) + "\n", options.output)
    else:
        _write_text(_shown(answer), options.output)
    if options.export:
        _export(answerer, answer, options.export)
    return 0


def _filters(text: str) -> Any:
    if not text:
        return None
    from index.query import parse_filter

    try:
        return parse_filter(text)
    except ValueError as error:
        raise UsageError(str(error)) from None


def _open_index(folder: str) -> Index:
    from answer.settings import index_folder
    from index import store
    from index.retrieval import Index

    path = index_folder(folder)
    try:
        return Index.open(path)
    except (store.IndexNotFound, store.IndexDamaged, store.EncoderMismatch) as error:
        raise UsageError(str(error)) from None


def _answerer(options: argparse.Namespace) -> Answerer:
    from answer.answerer import Answerer

    if options.k < 1:
        raise UsageError(f"-k is {options.k}; at least one paragraph has to be retrieved.")
    index = _open_index(options.index)
    llm = None
    if not options.extractive:
        from answer.settings import llm_settings

        try:
            settings = llm_settings()
        except ValueError as error:
            raise UsageError(str(error)) from None
        if settings.wanted:
            from answer.llm import LLMUnavailable, open_llm

            try:
                llm = open_llm(settings)
            except LLMUnavailable as error:
                print(f"answer: {error} Answers are extractive.", file=sys.stderr)
    return Answerer(index, llm=llm, lang=options.lang, k=options.k)


def _question_rows(path: Path) -> list[dict[str, Any]]:
    rows = list(_json_lines(path))
    wrong = [
        n for n, row in enumerate(rows, 1) if not isinstance(row.get("question"), str) or "id" not in row
    ]
    if wrong:
        raise UsageError(f'{path}: line {wrong[0]} needs "id" and a "question" that is a text.')
    for number, row in enumerate(rows, 1):
        history = row.get("history") or []
        if not all(isinstance(turn, dict) and isinstance(turn.get("question"), str) for turn in history):
            raise UsageError(f'{path}: line {number}: "history" is a list of {{"question", "answer"}}.')
    return rows


def _json_lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8 text; save it as UTF-8 JSONL.") from None
    empty = True
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        empty = False
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise UsageError(f"{path}: line {number} is not JSON: {error.msg}.") from None
        if not isinstance(row, dict):
            raise UsageError(f"{path}: line {number} is not a JSON object.")
        yield row
    if empty:
        raise UsageError(f"{path} is empty; one JSON object a line is expected.")


def _answered(answerer: Answerer, rows: Iterable[dict[str, Any]], filters: Any) -> Iterator[dict[str, Any]]:
    from answer.conversation import Turn
    from answer.export import contract

    for row in rows:
        history = [Turn(t["question"], str(t.get("answer") or "")) for t in row.get("history") or []]
        yield contract(row["id"], answerer.answer(row["question"], history, filters=filters))


def _write_rows(rows: Iterable[dict[str, Any]], output: Path | None, total: int) -> None:
    from tqdm import tqdm

    bar = tqdm(rows, total=total, unit="row", disable=total < 50 or not sys.stderr.isatty(), file=sys.stderr)
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in bar)
    if output is None or str(output) == "-":
        for line in lines:
            sys.stdout.write(line)
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with output.open("w", encoding="utf-8") as file:
            file.writelines(lines)
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror or error}.") from None


def _write_text(text: str, output: Path | None) -> None:
    if output is None or str(output) == "-":
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror or error}.") from None


def _shown(answer: Answer) -> str:
    """The answer for the terminal: sentences with markers, then the list of sources."""
    from answer.export import numbered

    numbers = numbered([answer])
    labels = {c.paragraph_id: c.label for s in answer.sentences for c in s.citations}
    lines = []
    for sentence in answer.sentences:
        marks = "".join(f"[{numbers[i]}]" for i in dict.fromkeys(c.paragraph_id for c in sentence.citations))
        lines.append(f"{sentence.text}{marks}")
    lines.extend(f"[{number}] {labels[identifier]}" for identifier, number in numbers.items())
    lines.extend(f"（{notice}）" for notice in answer.notices)
    return "\n".join(lines) + "\n"


def _export(answerer: Answerer, answer: Answer, path: Path) -> None:
    from answer import export

    try:
        if path.suffix == ".docx":
            export.to_docx([answer], answerer.index, path)
        elif path.suffix == ".json":
            path.write_text(export.to_json([answer]), encoding="utf-8")
        elif path.suffix == ".md":
            path.write_text(export.to_markdown([answer], answerer.index), encoding="utf-8")
        else:
            raise UsageError(f"{path}: export to .md, .docx or .json.")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}.") from None


def _verify_command(arguments: Sequence[str]) -> int:
    parser = _parser(" verify", "Judge claims against texts.")
    parser.add_argument(
        "--pairs", type=Path, required=True, help='JSONL of {"id", "claim", "text" or "paragraph_id"}'
    )
    parser.add_argument("-o", "--output", type=Path, help="where the verdicts go (default: standard output)")
    parser.add_argument("--index", default="", help="index folder, for pairs that name a paragraph_id")
    options = parser.parse_args(arguments)
    rows = list(_json_lines(options.pairs))
    texts = _pair_texts(rows, options)
    _write_rows(_verdicts(rows, texts), options.output, len(rows))
    return 0


def _pair_texts(rows: Sequence[dict[str, Any]], options: argparse.Namespace) -> list[str]:
    index = None
    texts = []
    for number, row in enumerate(rows, 1):
        if not isinstance(row.get("claim"), str):
            raise UsageError(f'{options.pairs}: line {number} needs a "claim" that is a text.')
        if isinstance(row.get("text"), str):
            texts.append(row["text"])
        elif isinstance(row.get("paragraph_id"), str):
            index = index or _open_index(options.index)
            try:
                texts.append(index.paragraph(row["paragraph_id"]).text)
            except KeyError:
                raise UsageError(
                    f"line {number}: the index has no paragraph {row['paragraph_id']!r}."
                ) from None
        else:
            raise UsageError(f'{options.pairs}: line {number} needs a "text" or a "paragraph_id".')
    return texts


def _verdicts(rows: Sequence[dict[str, Any]], texts: Sequence[str]) -> Iterator[dict[str, Any]]:
    from answer.entailment import EntailmentUnavailable, open_entailment
    from answer.verify import verify

    try:
        entailment = open_entailment()
    except EntailmentUnavailable as error:
        raise UsageError(str(error)) from None
    for number, (row, text) in enumerate(zip(rows, texts, strict=True), 1):
        found = verify(row["claim"], text, entailment=entailment)
        yield {
            "id": row.get("id", str(number)),
            "verdict": "supported" if found.verdict == "verbatim" else found.verdict,
            "score": found.score,
            "span": list(found.span) if found.span else None,
            "reason": found.reason,
        }


def _quote_command(arguments: Sequence[str]) -> int:
    parser = _parser(" quote", "Find a sentence of a draft in the documents: verbatim, near, or absent.")
    parser.add_argument("text", help="the sentence as it stands in the draft")
    parser.add_argument("--index", default="", help="index folder (default: INDEX_DIR or data/index)")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    options = parser.parse_args(arguments)
    from answer.quote import shown, to_dict, verify_quote

    check = verify_quote(options.text, _open_index(options.index))
    print(json.dumps(to_dict(check), ensure_ascii=False, indent=2) if options.json else shown(check))
    return 0


def _calibrate_command(arguments: Sequence[str]) -> int:
    parser = _parser(" calibrate", "Fit the verifier's and the refusal's weights on development data.")
    parser.add_argument("--pairs", type=Path, help="labelled pairs; those with split dev are used")
    parser.add_argument(
        "--questions", type=Path, nargs="+", help="labelled questions; those with split dev are used"
    )
    parser.add_argument("--others", type=Path, help="JSONL of questions on other subjects, to be refused")
    parser.add_argument(
        "--index",
        nargs="+",
        default=[""],
        help="index folder, for all files of questions or one for each (default: INDEX_DIR or data/index)",
    )
    options = parser.parse_args(arguments)
    if not options.pairs and not options.questions:
        raise UsageError("give --pairs FILE, --questions FILE, or both.")
    from answer.fitting import fit_refusal, fit_verifier

    files = options.questions or []
    if len(options.index) not in (1, len(files)):
        raise UsageError(f"{len(options.index)} --index folders for {len(files)} files of questions.")
    indexes = {folder: _open_index(folder) for folder in options.index}
    if options.pairs:
        print(fit_verifier(list(_json_lines(options.pairs)), indexes[options.index[0]]))
    if files:
        folders = options.index if len(options.index) > 1 else options.index * len(files)
        sets = [(list(_json_lines(f)), indexes[folder]) for f, folder in zip(files, folders, strict=True)]
        others = list(_json_lines(options.others)) if options.others else []
        print(fit_refusal(sets, others))
    return 0


if __name__ == "__main__":
    sys.exit(main())
