"""The whole way, as a user meets it: reading, building, cold starts, single questions, memory.

    python -m benchmarks.startup                                     # the sample documents
    python -m benchmarks.startup --documents ../shared/corpus --questions eval/sets/real.jsonl

Cold starts are whole processes timed from outside (median of three); search and answers are timed
in one process after a warm-up, one question at a time.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HELP = (["-m", "ingest"], ["-m", "index"], ["-m", "answer"], ["-m", "eval"], ["app.py"])


def seconds(action: Callable[[], object]) -> float:
    """Wall-clock seconds that an action takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def process(*arguments: str) -> None:
    """Run this Python with arguments from the repository root; raises CalledProcessError when it fails."""
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, capture_output=True)


def milliseconds(times: Sequence[float]) -> str:
    """``p50 / p95`` of a series of seconds, in milliseconds."""
    ordered = sorted(times)
    return f"{statistics.median(ordered) * 1e3:.1f} / {ordered[int(0.95 * (len(ordered) - 1))] * 1e3:.1f}"


def measure(documents: Path, questions: Sequence[str]) -> Iterable[tuple[str, str]]:
    """Rows of the table: what was measured, and the figure with its unit."""
    for command in HELP:
        took = statistics.median(seconds(partial(process, *command, "--help")) for _ in range(3))
        yield f"python {' '.join(command)} --help", f"{took:.2f} s"
    yield from _in_process(documents, questions)
    with tempfile.TemporaryDirectory() as folder:
        index = str(Path(folder) / "index")
        took = seconds(lambda: process("-m", "index", "build", str(documents), "--index", index))
        yield "index build, whole process", f"{took:.2f} s"
        search = ["-m", "index", "search", questions[0], "--index", index]
        took = statistics.median(seconds(lambda: process(*search)) for _ in range(3))
        yield "index search, cold", f"{took:.2f} s"
        yield from _app(index)


def _in_process(documents: Path, questions: Sequence[str]) -> Iterable[tuple[str, str]]:
    from answer.answerer import Answerer
    from index.retrieval import Index
    from ingest import load

    started = time.perf_counter()
    corpus = load([documents])
    took = time.perf_counter() - started
    characters = sum(len(document.text) for document in corpus.documents)
    yield (
        "ingest",
        f"{characters / took:,.0f} characters/s, {len(corpus.paragraphs) / took:,.0f} paragraphs/s",
    )
    index = Index.build(corpus)
    answerer = Answerer(index)
    for question in questions[:10]:
        answerer.answer(question)
    for what, ask in (("search", index.search), ("answer", answerer.answer)):
        yield f"{what} p50 / p95", milliseconds([seconds(partial(ask, q)) for q in questions]) + " ms"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield "peak memory of this process", f"{peak:.0f} MB"


def _app(index: str) -> Iterable[tuple[str, str]]:
    """Seconds until the page and the first answer, and the server's memory afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    started = time.perf_counter()
    command = [sys.executable, "app.py", "--index", index, "--port", str(port), "--no-browser"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            yield "app.py until the page answers", f"{_until(port, '/', started):.2f} s"
            yield "app.py until it can answer questions", f"{_until(port, '/readyz', started):.2f} s"
            yield "app.py resident memory", f"{_resident(server.pid):.0f} MB"
        finally:
            server.terminate()


def _until(port: int, path: str, started: float, limit: float = 120) -> float:
    while time.perf_counter() - started < limit:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as reply:
                if reply.status == 200:
                    return time.perf_counter() - started
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"the app did not answer {path} within {limit:.0f} s")


def _resident(pid: int) -> float:
    """Resident set size in MB, from /proc; nan where there is no /proc."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return float("nan")
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.startup",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--documents", type=Path, default=ROOT / "corpus")
    parser.add_argument("--questions", type=Path, default=ROOT / "eval" / "sets" / "samples.jsonl")
    options = parser.parse_args(arguments)
    lines = options.questions.read_text(encoding="utf-8").splitlines()
    questions = [row["question"] for row in map(json.loads, lines) if not row.get("history")][:100]
    for what, figure in measure(options.documents.resolve(), questions):
        print(f"{what:40} {figure}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
