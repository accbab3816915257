"""Are the cited sources right? Commands of the evaluation.

Examples:
    python -m eval check eval/sets/samples.jsonl --documents corpus
    python -m eval run --documents corpus --questions eval/sets/samples.jsonl --out data/eval/samples
    python -m eval run --documents ../shared/corpus --questions eval/sets/real.jsonl --out data/eval/real
    python -m eval compare data/eval/before data/eval/after --split test
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eval.run import RunOptions

Command = Callable[[argparse.Namespace], int]


def run_options(arguments: argparse.Namespace) -> RunOptions:
    """The options of a run from the command line; settings given there win over the environment."""
    from eval.run import RunOptions

    names = ("encoder", "reranker", "llm_model", "llm_base_url")
    settings = {
        name.upper(): value for name in names if (value := getattr(arguments, name, None)) is not None
    }
    return RunOptions(
        questions=arguments.questions,
        out=arguments.out,
        documents=tuple(arguments.documents),
        index=arguments.index,
        splits=tuple(arguments.split),
        kinds=tuple(arguments.kind),
        limit=arguments.limit,
        k=arguments.k,
        retrieval_only=arguments.retrieval_only,
        fresh=arguments.fresh,
        settings=settings,
    )


def command_run(arguments: argparse.Namespace) -> int:
    """Answer and score a question set; prints the means and the table by kind."""
    from eval.run import run
    from eval.summary import group_table, split_table

    summary = run(run_options(arguments))
    for name, part in summary["splits"].items():
        if name != "all" or len(summary["splits"]) == 1:
            print(f"\n## {name}\n\n{group_table(part, 'kinds')}")
    print(f"\n{split_table(summary)}")
    if summary["errors"]:
        first, message = next(iter(summary["errors"].items()))
        count = len(summary["errors"])
        print(f"\n{count} question(s) failed and count as zero; first {first}: {message}", file=sys.stderr)
    print(
        f"\nWritten to {arguments.out}; see it with: python -m eval report {arguments.out}", file=sys.stderr
    )
    return 0


def command_compare(arguments: argparse.Namespace) -> int:
    """Compare two runs on the same questions."""
    from dataclasses import asdict

    from eval.compare import changed_questions, compare_runs, compare_table
    from eval.run import read_run

    first, second = read_run(arguments.first), read_run(arguments.second)
    differences = compare_runs(first, second, split=arguments.split or "", metrics=arguments.metric)
    if arguments.json:
        print(json.dumps([asdict(item) for item in differences], ensure_ascii=False, indent=1))
        return 0
    print(f"A = {first.path}, B = {second.path}\n\n{compare_table(differences)}")
    rows = changed_questions(first, second, arguments.questions_by)
    print(f"\nChanged in {arguments.questions_by}: {len(rows)} question(s), losses first")
    for identifier, text, before, after in rows[: arguments.show]:
        print(f"  {identifier}  {before:.2f} -> {after:.2f}  {text}")
    return 0


def command_check(arguments: argparse.Namespace) -> int:
    """Check question sets; exit 1 when a set has errors."""
    from eval.check import check
    from eval.questions import QuestionError, load, resolve
    from eval.score import Passages

    passages = None
    questions = [question for path in arguments.files for question in load(path)]
    if arguments.documents:
        missing = [str(path) for path in arguments.documents if not path.exists()]
        if missing:
            raise QuestionError(f"no such documents: {', '.join(missing)}")
        from ingest import load as load_documents

        corpus = load_documents(arguments.documents)
        passages = Passages.of(corpus.documents, corpus.paragraphs)
        questions = resolve(questions, corpus.documents, passages.texts)
    findings = check(questions, passages)
    for line in findings.errors:
        print(f"error: {line}")
    for line in findings.warnings:
        print(f"warning: {line}")
    for name, counts in findings.counts.items():
        print(f"{name}: " + ", ".join(f"{key or '-'} {value}" for key, value in sorted(counts.items())))
    print(f"{len(questions)} questions, {len(findings.errors)} errors, {len(findings.warnings)} warnings")
    return 1 if findings.errors else 0


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that say what is run; shared by ``run`` and the commands built on it."""
    parser.add_argument("--questions", type=Path, required=True, help=".jsonl, .csv or a BEIR folder")
    parser.add_argument(
        "--documents", type=Path, nargs="+", default=[], help="files and folders, or a BEIR folder"
    )
    parser.add_argument("--index", type=Path, help="a saved index instead of --documents")
    parser.add_argument(
        "--out", type=Path, required=True, help="run folder; an unfinished run is taken up again"
    )
    parser.add_argument("--split", nargs="+", default=[], help="only these splits (dev, test)")
    parser.add_argument("--kind", nargs="+", default=[], help="only these kinds of question")
    parser.add_argument("--limit", type=positive, help="only the first N questions")
    parser.add_argument("-k", type=positive, default=20, help="depth of the retrieval measures (default 20)")
    parser.add_argument("--retrieval-only", action="store_true", help="search only, no answers")
    parser.add_argument("--fresh", action="store_true", help="start again in a folder that holds another run")
    for name, text in (
        ("encoder", "embedding model, name or path"),
        ("reranker", "cross-encoder, name or path"),
        ("llm-model", "chat model; empty for extractive answers"),
        ("llm-base-url", "OpenAI-compatible endpoint"),
    ):
        parser.add_argument(f"--{name}", help=text)


def positive(text: str) -> int:
    """A whole number from 1 on, for argparse."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {value}")
    return value


def build_parser() -> argparse.ArgumentParser:
    """The command line of the evaluation."""
    parser = argparse.ArgumentParser(
        prog="python -m eval", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, action: Command, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=action.__doc__)
        command.set_defaults(action=action)
        return command

    add_run_arguments(add("run", command_run, "answer and score a question set"))

    compare = add("compare", command_compare, "test the difference of two runs")
    compare.add_argument("first", type=Path, metavar="A")
    compare.add_argument("second", type=Path, metavar="B")
    compare.add_argument("--split", help="only this split")
    compare.add_argument("--metric", nargs="+", default=[], help="only these measures")
    compare.add_argument(
        "--questions-by", default="citation_f1", help="measure for the list of changed questions"
    )
    compare.add_argument("--show", type=int, default=20, help="how many changed questions to print")
    compare.add_argument("--json", action="store_true")

    check = add("check", command_check, "find faults in question sets")
    check.add_argument("files", type=Path, nargs="+")
    check.add_argument("--documents", type=Path, nargs="+", default=[])
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; user errors give one line on stderr and exit code 2."""
    arguments = build_parser().parse_args(argv)
    action: Command = arguments.action
    try:
        return action(arguments)
    except (ValueError, OSError) as error:
        print(f"eval: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("eval: stopped; run the same command again to go on", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
