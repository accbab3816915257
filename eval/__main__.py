"""Are the cited sources right? Commands of the evaluation.

Examples:
    python -m eval check eval/sets/samples.jsonl --documents corpus
    python -m eval run --documents corpus --questions eval/sets/samples.jsonl --out data/eval/samples
    python -m eval run --documents ../shared/corpus --questions eval/sets/real.jsonl --out data/eval/real
    python -m eval report data/eval/real
    python -m eval compare data/eval/before data/eval/after --split test
    python -m eval gate data/eval/samples
    python -m eval ablate --documents ../shared/corpus --questions eval/sets/real.jsonl
    python -m eval outside ../shared/data/eval --queries 300
    python -m eval score --answers FILE --documents corpus --questions eval/sets/samples.jsonl --out DIR
    python -m eval baseline --documents corpus --questions eval/sets/samples.jsonl --out data/eval/langchain
    python -m eval verifier --documents ../shared/corpus corpus
    python -m eval review candidates.jsonl --feedback data/serve/feedback.sqlite --annotator li
    python -m eval results data/eval/real data/eval/samples --tables data/eval/ablation.md
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
        out=getattr(arguments, "out", None) or Path(),
        documents=tuple(arguments.documents),
        index=arguments.index,
        splits=tuple(arguments.split),
        kinds=tuple(arguments.kind),
        limit=arguments.limit,
        k=getattr(arguments, "k", 20),
        hits=getattr(arguments, "hits", None),
        retrieval_only=getattr(arguments, "retrieval_only", False),
        foreign=getattr(arguments, "foreign", False),
        fresh=getattr(arguments, "fresh", False),
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
    print(
        f"\nWritten to {arguments.out}; see it with: python -m eval report {arguments.out}", file=sys.stderr
    )
    if len(summary["modes"]) > 1:  # a model that failed was replaced by extracts: not the model's figures
        told = ", ".join(f"{name} {count}" for name, count in sorted(summary["modes"].items()))
        print(f"Answers by mode: {told}", file=sys.stderr)
    if summary["errors"]:
        first, message = next(iter(summary["errors"].items()))
        count = len(summary["errors"])
        print(f"{count} question(s) failed and count as zero; first {first}: {message}", file=sys.stderr)
    return 1 if len(summary["errors"]) == summary["n"] else 0


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
    print(
        f"\nChanged in {arguments.questions_by}: {len(rows)} question(s) outside the test split, losses first"
    )
    for identifier, text, before, after in rows[: arguments.show]:
        print(f"  {identifier}  {before:.2f} -> {after:.2f}  {text}")
    return 0


def command_report(arguments: argparse.Namespace) -> int:
    """Write one self-contained page (HTML and Markdown) about a run; it opens offline."""
    from eval.report import write_report
    from eval.run import read_run

    against = read_run(arguments.against) if arguments.against else None
    for path in write_report(read_run(arguments.run), arguments.out, against):
        print(path)
    return 0


def command_gate(arguments: argparse.Namespace) -> int:
    """Exit 1 when a development figure of a run is significantly below the recorded baseline."""
    from eval.compare import compare_table
    from eval.gate import gate, read_baseline, write_baseline
    from eval.run import read_run

    run = read_run(arguments.run)
    if arguments.record:
        write_baseline(run, arguments.baseline)
        print(f"recorded {arguments.baseline}")
        return 0
    baseline = read_baseline(arguments.baseline)
    verdict = gate(run, baseline)
    print(f"A = baseline of {baseline.get('date')}, commit {baseline.get('commit')}; B = {run.path}\n")
    print(compare_table(verdict.differences))
    for item in verdict.losses:
        print(f"worse: {item.metric} {item.first:.3f} -> {item.second:.3f} (p {item.p_holm:.4f})")
    for metric in verdict.gone:
        print(f"gone: {metric} is in the baseline and not in the run")
    print("passed" if verdict.passed else "failed")
    return 0 if verdict.passed else 1


def command_score(arguments: argparse.Namespace) -> int:
    """Score answers made elsewhere, in the contract's format, on a question set."""
    from eval.external import score_file
    from eval.summary import split_table

    summary = score_file(arguments.answers, run_options(arguments))
    print(split_table(summary))
    return 0


def command_baseline(arguments: argparse.Namespace) -> int:
    """Run plain LangChain (recursive splitter, same encoder, FAISS, no verification) on a question set."""
    from eval.baseline_langchain import langchain_system
    from eval.run import run
    from eval.summary import split_table

    print(split_table(run(run_options(arguments), langchain_system, name="langchain")))
    return 0


def command_ablate(arguments: argparse.Namespace) -> int:
    """Switch off one part of the search at a time; prints hit@1, hit@5 and nDCG@10 per split."""
    from eval.ablate import ablate
    from eval.run import load_index, stamp

    index, questions = load_index(run_options(arguments))
    print(stamp())
    for split, table in ablate(index, questions).items():
        print(f"\n## {split}\n\n{table}")
    return 0


def command_outside(arguments: argparse.Namespace) -> int:
    """Retrieval on BEIR-style sets from elsewhere: BM25 alone, dense alone, hybrid."""
    from eval.outside import find_sets, outside_table
    from eval.run import stamp

    table = outside_table(find_sets(arguments.folder, arguments.sets), arguments.queries)
    print(f"{stamp()}\n\n{table}")
    return 0


def command_foreign(arguments: argparse.Namespace) -> int:
    """Write development questions that belong to other documents, for fitting refusals."""
    from eval.outside import foreign_questions
    from eval.questions import write_jsonl

    rows = foreign_questions(arguments.pairs, arguments.number)
    write_jsonl(arguments.output, rows)
    print(f"{len(rows)} questions written to {arguments.output}")
    return 0


def command_noise(arguments: argparse.Namespace) -> int:
    """Noise robustness and negative rejection: gold paragraphs among more and more others, then none."""
    from eval.noise import noise_table
    from eval.run import load_index, stamp

    index, questions = load_index(run_options(arguments))
    print(f"{stamp()}\n\n{noise_table(questions, index, arguments.noise)}")
    return 0


def command_verifier(arguments: argparse.Namespace) -> int:
    """Measure the verifier on labelled pairs: AUROC, precision, recall and F1 of flagging, per kind."""
    from eval.questions import full_ids
    from eval.run import read_documents, stamp
    from eval.score import Passages
    from eval.verifier import own_verifier, read_pairs, verifier_report

    if arguments.documents:
        corpus = read_documents(arguments.documents)
        passages = Passages.of(corpus.documents, corpus.paragraphs)
        pairs = read_pairs(arguments.pairs, passages.texts, passages.contexts, full_ids(corpus.documents))
    else:
        pairs = read_pairs(arguments.pairs, {}, {})
    print(f"{stamp()}\n\n{verifier_report(pairs, own_verifier)}")
    return 0


def command_review(arguments: argparse.Namespace) -> int:
    """Walk through candidate items in the terminal, or report the agreement of annotators."""
    from eval.questions import QuestionError, write_jsonl
    from eval.review import (
        accepted,
        agreement,
        merge_feedback,
        read_candidates,
        read_feedback,
        save,
        shown,
        walk,
    )

    if not (arguments.feedback or arguments.candidates.is_file()):
        raise QuestionError(f"no candidates {arguments.candidates}; make some with --feedback FILE")
    candidates = read_candidates(arguments.candidates)
    if arguments.feedback:
        candidates = merge_feedback(candidates, read_feedback(arguments.feedback))
        save(arguments.candidates, candidates)
        print(f"{len(candidates)} candidates in {arguments.candidates}")
    if arguments.annotator:
        texts = document_texts(arguments.documents)
        candidates = walk(candidates, arguments.annotator, lambda item: shown(item, texts))
        save(arguments.candidates, candidates)
    if arguments.agreement:
        print(agreement(candidates))
    if arguments.export:
        write_jsonl(arguments.export, accepted(candidates))
        print(f"accepted items written to {arguments.export}; complete them and run: python -m eval check")
    return 0


def document_texts(paths: Sequence[Path]) -> dict[str, str]:
    """Paragraph id -> text of the documents; empty without documents."""
    if not paths:
        return {}
    from eval.run import read_documents

    return {paragraph.id: paragraph.text for paragraph in read_documents(paths).paragraphs}


def command_judge(arguments: argparse.Namespace) -> int:
    """Let the configured chat model judge a run's answers, next to its agreement with hand labels."""
    from eval.judge import configured_chat, judge_run, judge_table, read_labels
    from eval.run import read_run

    labels = read_labels(arguments.labels)
    print(judge_table(judge_run(read_run(arguments.run), configured_chat()), labels))
    return 0


def command_results(arguments: argparse.Namespace) -> int:
    """Write the result tables of runs to a Markdown file, with date and commit."""
    from eval.results import results_page
    from eval.run import read_run

    runs = [read_run(path) for path in arguments.runs]
    arguments.output.write_text(results_page(runs, arguments.tables), encoding="utf-8")
    print(arguments.output)
    return 0


def command_check(arguments: argparse.Namespace) -> int:
    """Check question sets; exit 1 when a set has errors."""
    from eval.check import check
    from eval.questions import load, resolve
    from eval.run import read_documents
    from eval.score import Passages

    passages = None
    questions = [question for path in arguments.files for question in load(path)]
    if arguments.documents:
        corpus = read_documents(arguments.documents)
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


def add_data_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that say which questions are asked of which documents."""
    parser.add_argument("--questions", type=Path, required=True, help=".jsonl, .csv or a BEIR folder")
    parser.add_argument(
        "--documents", type=Path, nargs="+", default=[], help="files and folders, or a BEIR folder"
    )
    parser.add_argument("--index", type=Path, help="a saved index instead of --documents")
    parser.add_argument("--split", nargs="+", default=[], help="only these splits (dev, test)")
    parser.add_argument("--kind", nargs="+", default=[], help="only these kinds of question")
    parser.add_argument("--limit", type=positive, help="only the first N questions")
    for name, text in (
        ("encoder", "embedding model, name or path"),
        ("reranker", "cross-encoder, name or path"),
        ("llm-model", "chat model; empty for extractive answers"),
        ("llm-base-url", "OpenAI-compatible endpoint"),
    ):
        parser.add_argument(f"--{name}", help=text)


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the commands that fill a run folder."""
    add_data_arguments(parser)
    parser.add_argument(
        "--out", type=Path, required=True, help="run folder; an unfinished run is taken up again"
    )
    parser.add_argument("-k", type=positive, default=20, help="depth of the retrieval measures (default 20)")
    parser.add_argument("--fresh", action="store_true", help="start again in a folder that holds another run")


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

    run = add("run", command_run, "answer and score a question set")
    add_run_arguments(run)
    run.add_argument(
        "--foreign", action="store_true", help="questions about other documents: all are to be declined"
    )
    run.add_argument("--hits", type=positive, help="how many paragraphs an answer is made from")
    run.add_argument("--retrieval-only", action="store_true", help="search only, no answers")

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

    report = add("report", command_report, "one self-contained page about a run")
    report.add_argument("run", type=Path, metavar="DIR")
    report.add_argument("--out", type=Path, help="folder for the page (default: the run folder)")

    report.add_argument("--against", type=Path, metavar="DIR", help="an earlier run to compare with")

    gate = add("gate", command_gate, "fail when development figures fell significantly")
    gate.add_argument("run", type=Path, metavar="DIR")
    gate.add_argument("--baseline", type=Path, default=Path("eval/baselines/samples.json"))
    gate.add_argument("--record", action="store_true", help="record this run as the baseline")
    add_further_commands(add)
    return parser


def add_further_commands(add: Callable[[str, Command, str], argparse.ArgumentParser]) -> None:
    """The commands that go beyond running, comparing and reporting."""
    score = add("score", command_score, "score answers made by another system")
    add_run_arguments(score)
    score.add_argument("--answers", type=Path, required=True, help="JSONL in the contract's format")
    add_run_arguments(add("baseline", command_baseline, "run the plain LangChain baseline"))
    add_data_arguments(add("ablate", command_ablate, "switch off one part of the search at a time"))

    outside = add("outside", command_outside, "retrieval on BEIR-style sets")
    outside.add_argument("folder", type=Path, help="a BEIR folder or a folder of them")
    outside.add_argument("--sets", nargs="+", default=[], help="only these")
    outside.add_argument("--queries", type=positive, help="at most N queries a set, drawn with the seed")

    foreign = add("foreign", command_foreign, "questions of other documents, for fitting refusals")
    foreign.add_argument(
        "pairs", type=Path, nargs="+", help='JSONL of training pairs {"q", "p"}, plain or gzip'
    )
    foreign.add_argument("-n", "--number", type=positive, default=120, help="from each file (default 120)")
    foreign.add_argument("-o", "--output", type=Path, default=Path("data/eval/foreign.jsonl"))

    noise = add("noise", command_noise, "noise robustness and negative rejection")
    add_data_arguments(noise)
    noise.add_argument(
        "--noise", type=int, nargs="+", default=[0, 1, 2, 4, 9], help="numbers of other paragraphs"
    )

    verifier = add("verifier", command_verifier, "measure the verifier on labelled pairs")
    verifier.add_argument("--pairs", type=Path, default=Path("eval/sets/verify.jsonl"))
    verifier.add_argument(
        "--documents", type=Path, nargs="+", default=[], help="for pairs naming a paragraph"
    )

    review = add("review", command_review, "walk through candidate items")
    review.add_argument("candidates", type=Path)
    review.add_argument("--feedback", type=Path, help="add candidates from the chat page's feedback")
    review.add_argument("--annotator", default="", help="your name; starts the walk")
    review.add_argument("--documents", type=Path, nargs="+", default=[], help="to show the texts")
    review.add_argument("--agreement", action="store_true", help="Cohen's kappa of the annotators")
    review.add_argument("--export", type=Path, help="write the accepted items as a question file")

    judge = add("judge", command_judge, "LLM judge next to its agreement with hand labels")
    judge.add_argument("run", type=Path, metavar="DIR")
    judge.add_argument("--labels", type=Path, required=True, help='JSONL {"id", "faithful", "correct"}')

    results = add("results", command_results, "write result tables to a Markdown file")
    results.add_argument("runs", type=Path, nargs="+", metavar="DIR")
    results.add_argument("--tables", type=Path, nargs="+", default=[], help="saved output of other commands")
    results.add_argument("-o", "--output", type=Path, default=Path("docs/results.md"))


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
