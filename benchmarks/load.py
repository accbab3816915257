"""How the server holds up under many readers at once; loopback only.

    python -m benchmarks.load                          # 50 users, 60 s, search and answers, sample documents
    python -m benchmarks.load --docs PATH --users 20 --seconds 15
    python -m benchmarks.load --json

Starts ``python app.py`` on a free port of 127.0.0.1, asks it questions made from the documents' own
headings, and prints throughput, p50/p95/p99 in milliseconds, errors, memory, and the time from the start to
the first page and the first possible answer. Users ask one question after another without a pause.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

USERS, SECONDS = 50, 60.0
MOST_USERS, MOST_SECONDS = 200, 300.0
KINDS = ("search", "answer")
# What is waited for: the page that says "starting", the chat page, the first possible answer.
START = (
    ("waiting_page_s", "/", "text/html", ""),
    ("chat_page_s", "/", "text/html", "ui-data"),
    ("ready_s", "/readyz", "application/json", ""),
)


@dataclass(slots=True)
class Tally:
    """What happened to the requests of one kind; durations in seconds."""

    durations: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)

    def row(self, seconds: float) -> dict[str, Any]:
        """Throughput and percentiles (nearest rank) over the time asked."""
        done = sorted(self.durations)
        return {
            "requests": len(done),
            "per_second": round(len(done) / seconds, 1),
            **{f"p{p}_ms": round(1000 * percentile(done, p), 1) for p in (50, 95, 99)},
            "errors": sum(self.errors.values()),
            "error_kinds": dict(self.errors),
        }


def percentile(ordered: Sequence[float], percent: int) -> float:
    """The nearest-rank percentile of ascending values; NaN when there are none."""
    if not ordered:
        return float("nan")
    return ordered[max(0, -(-percent * len(ordered) // 100) - 1)]


def free_port() -> int:
    """A port nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def resident_mb(pid: int) -> float:
    """The resident memory of a process, from /proc; NaN elsewhere."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return float("nan")
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def start(docs: str, folder: str, port: int) -> tuple[subprocess.Popen[bytes], dict[str, float]]:
    """The server as a user starts it, and the seconds until its first page and until it can answer."""
    import httpx

    root = Path(__file__).parent.parent
    command = [sys.executable, "app.py", "--no-browser", "--port", str(port), "--docs", docs]
    command += ["--index", f"{folder}/index"]
    env = {**os.environ, "STATE_DIR": folder, "RATE_LIMIT": "0", "MAX_IN_FLIGHT": str(2 * MOST_USERS)}
    env |= {"LLM_MODEL": "", "LLM_BASE_URL": ""}
    log = (Path(folder) / "server.log").open("wb")
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=root, env=env, stderr=log, stdout=log)
    seen: dict[str, float] = {}
    while len(seen) < len(START):
        if process.poll() is not None or time.perf_counter() - began > 300:
            raise SystemExit(f"The server did not start:\n{Path(log.name).read_text()[-2000:]}")
        for name, path, accept, needed in START:
            if name not in seen:
                try:
                    reply = httpx.get(f"http://127.0.0.1:{port}{path}", headers={"Accept": accept})
                    if reply.status_code == 200 and needed in reply.text:
                        seen[name] = round(time.perf_counter() - began, 2)
                except httpx.TransportError:
                    pass
        time.sleep(0.05)
    return process, seen


def questions(address: str) -> list[str]:
    """Questions from the headings and first words of the loaded paragraphs."""
    import httpx

    found = httpx.post(f"{address}/search", json={"query": "反腐败 会议 措施 资产 公约", "k": 50}).json()[
        "hits"
    ]
    headings = {hit["section"][-1] for hit in found if hit["section"]}
    texts = [hit["text"][:14] for hit in found]
    return [f"{text}包括哪些内容？" for text in sorted(headings)] + [f"{text}是什么意思？" for text in texts]


async def user(address: str, kind: str, asked: Sequence[str], until: float, tally: Tally, seed: int) -> None:
    """One reader who asks until the time is over."""
    import httpx

    choose = random.Random(seed)
    async with httpx.AsyncClient(base_url=address, timeout=60) as client:
        while time.perf_counter() < until:
            text = choose.choice(asked)
            body = {"query": text} if kind == "search" else {"question": text}
            began = time.perf_counter()
            try:
                reply = await client.post(f"/{kind}", json=body)
            except httpx.TransportError as error:
                tally.errors[type(error).__name__] += 1
                continue
            if reply.status_code == 200:
                tally.durations.append(time.perf_counter() - began)
            else:
                tally.errors[str(reply.status_code)] += 1


async def measure(address: str, kind: str, users: int, seconds: float) -> Tally:
    """All readers of one kind at the same time."""
    asked = questions(address)
    tally = Tally()
    until = time.perf_counter() + seconds
    await asyncio.gather(*(user(address, kind, asked, until, tally, seed) for seed in range(users)))
    return tally


def run(docs: str, users: int, seconds: float, kinds: Sequence[str] = KINDS) -> dict[str, Any]:
    """Start a server, load it, stop it; everything that was measured."""
    with tempfile.TemporaryDirectory(prefix="load-") as folder:
        port = free_port()
        process, result = start(docs, folder, port)
        try:
            memory = resident_mb(process.pid)
            found: dict[str, Any] = {"users": users, "seconds": seconds, **result, "idle_mb": round(memory)}
            for kind in kinds:
                print(f"{users} users, {kind}, {seconds:g} s …", file=sys.stderr)
                found[kind] = asyncio.run(measure(f"http://127.0.0.1:{port}", kind, users, seconds)).row(
                    seconds
                )
            found["loaded_mb"] = round(resident_mb(process.pid))
        finally:
            process.terminate()
            found_status = process.wait(60)
        return {**found, "exit_status": found_status}


def shown(found: dict[str, Any]) -> str:
    """The result as a table."""
    lines = [
        f"after the start: waiting page {found['waiting_page_s']} s, chat page {found['chat_page_s']} s, "
        f"answers {found['ready_s']} s; "
        f"memory {found['idle_mb']} MB idle, {found['loaded_mb']} MB after the load",
        f"{'':8}{'requests':>10}{'per s':>8}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'errors':>8}",
    ]
    for kind in KINDS:
        if kind in found:
            row = found[kind]
            lines.append(
                f"{kind:8}{row['requests']:>10}{row['per_second']:>8}{row['p50_ms']:>9}{row['p95_ms']:>9}"
                f"{row['p99_ms']:>9}{row['errors']:>8}"
            )
    return "\n".join(lines)


def main(argv: list[str] | None = None) -> int:
    """Measure and print; 1 when a request failed."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.load",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--docs", default="corpus", metavar="PATH")
    parser.add_argument("--users", type=int, default=USERS, help=f"at most {MOST_USERS}")
    parser.add_argument(
        "--seconds", type=float, default=SECONDS, help=f"for each kind, at most {MOST_SECONDS:g}"
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    if not 1 <= options.users <= MOST_USERS or not 0 < options.seconds <= MOST_SECONDS:
        print(f"Give 1 to {MOST_USERS} users and at most {MOST_SECONDS:g} seconds.", file=sys.stderr)
        return 2
    found = run(options.docs, options.users, options.seconds)
    print(json.dumps(found, ensure_ascii=False) if options.json else shown(found))
    return 1 if any(found[kind]["errors"] for kind in KINDS) else 0


if __name__ == "__main__":
    sys.exit(main())
