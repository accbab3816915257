"""Documents to paragraphs, as JSON lines.

    python -m ingest corpus/ -o data/paragraphs.jsonl
    python -m ingest report.docx agenda.pdf page.html old.doc all.zip -o - --report report.json
    python -m ingest fetch CAC/COSP/2017/4 A/RES/58/4 --language zh -o documents/

One JSON object a line: id, doc_id, number, label, citation, section, text, sub_items, footnotes,
start, end, page, kind. The report of what was read, repaired and refused goes to stderr (or, with
``--report``, to a file as JSON; ``--json`` is JSON on stderr).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

from ingest.corpus import Corpus, FileReport, load


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0, or 2 when nothing could be read; ``fetch`` has its own."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["fetch"]:
        from ingest.fetch import main as fetch

        return fetch(arguments[1:])
    parser = argparse.ArgumentParser(
        prog="python -m ingest", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="+", type=Path, metavar="FOLDER_OR_FILE")
    parser.add_argument(
        "-o", "--output", default="-", help="file for the paragraphs; - is standard output (default)"
    )
    parser.add_argument(
        "--report", metavar="FILE", help="write the report as JSON to FILE (- for standard error)"
    )
    parser.add_argument(
        "--json",
        action="store_const",
        const="-",
        dest="report",
        help="write the report as JSON to standard error",
    )
    options = parser.parse_args(arguments)
    corpus = load(options.paths, progress=True)
    target = options.report
    try:
        write_report(corpus.reports, options.report)
        if not corpus.documents:
            print("python -m ingest: nothing could be read; see the messages above", file=sys.stderr)
            return 2
        target = options.output
        write_paragraphs(corpus, options.output)
    except BrokenPipeError:
        # The reader of a pipe (head, less) has seen enough; nothing more is flushed into it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        print(f"python -m ingest: cannot write {target}: {error.strerror}", file=sys.stderr)
        return 2
    return 0


def write_paragraphs(corpus: Corpus, output: str) -> None:
    """The paragraphs as JSON lines to a file, or to standard output for ``-``."""
    if output == "-":
        _write_lines(corpus, sys.stdout)
        return
    Path(output).parent.mkdir(parents=True, exist_ok=True)
    with open(output, "w", encoding="utf-8") as stream:
        _write_lines(corpus, stream)


def _write_lines(corpus: Corpus, stream: TextIO) -> None:
    documents = {document.id: document for document in corpus.documents}
    for paragraph in corpus.paragraphs:
        row = asdict(paragraph) | {"citation": documents[paragraph.doc_id].cite(paragraph)}
        stream.write(json.dumps(row, ensure_ascii=False) + "\n")


def write_report(reports: Sequence[FileReport], target: str | None) -> None:
    """The reports as text on standard error, or as JSON where a target is named."""
    if target is None:
        for report in reports:
            print(report_text(report), file=sys.stderr)
        return
    rows = json.dumps([asdict(report) for report in reports], ensure_ascii=False, indent=2)
    if target == "-":
        print(rows, file=sys.stderr)
    else:
        Path(target).parent.mkdir(parents=True, exist_ok=True)
        Path(target).write_text(rows + "\n", encoding="utf-8")


def report_text(report: FileReport) -> str:
    """One file's report in a few lines for the terminal."""
    if not report.read:
        return f"{report.path}: refused: {report.message}"
    head = f"{report.path}: {report.paragraphs} paragraphs, {report.footnotes} footnotes ({report.format}"
    head += f", {report.encoding}" if report.encoding else ""
    head += f", {report.pages} pages" if report.pages else ""
    lines = [head + f") -> {report.document_id}"]
    account = ", ".join(f"{kind} {count}" for kind, count in report.account.items())
    lines.append(f"  characters: {account}, lost {report.lost}")
    if report.furniture:
        lines.append(
            "  furniture: " + ", ".join(f"{count} {name}" for name, count in report.furniture.items())
        )
    lines += [f"  repaired: {repair}" for repair in report.repairs]
    lines += [f"  warning: {warning}" for warning in report.warnings]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
