"""How fast documents are read, per format: MB/s, paragraphs/s, peak memory on a generated long document.

    python -m benchmarks.ingest                  # 500 pages, every format
    python -m benchmarks.ingest --pages 100 --formats docx pdf
    python -m benchmarks.ingest --json

The document is made up from fixed phrases (the same every time), written as .txt, .docx, .html and
.pdf and read in a fresh process each; time and memory include the child process that parses.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FORMATS = ("txt", "docx", "html", "pdf")
PARAGRAPHS_A_PAGE = 5
_PHRASES = (
    "各国代表介绍了本国的做法", "会议请秘书处继续收集有关资料", "一些发言者强调预防措施的重要性",
    "审计机关与反腐败机构之间的合作得到加强", "关于公共采购的透明度", "2016 年以来公布的合同超过 1 200 份",
    "有与会者指出培训仍然不足", "并酌情向缔约国会议下届会议提出报告", "私营部门和民间社会也参加了这些活动",
    "利益冲突的申报由独立机构核对",
    "请会员国在资源允许的情况下提供技术援助", "有关规定见《公约》第九条第一款",
)  # fmt: skip
_MEASURE = """
import json, resource, sys, time
from pathlib import Path
from ingest import load
from ingest.sandbox import shared_sandbox
started = time.perf_counter()
corpus = load([Path(sys.argv[1])])
seconds = time.perf_counter() - started
shared_sandbox().close()
peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
numbered = sum(p.number is not None and p.kind == "paragraph" for p in corpus.paragraphs)
print(json.dumps([seconds, numbered, peak * 1024, corpus.reports[0].message]))
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One format's figures; ``peak_mb`` is the larger of the two processes."""

    format: str
    mb: float
    seconds: float
    mb_per_s: float
    paragraphs: int
    paragraphs_per_s: float
    peak_mb: float


def make_text(pages: int, seed: int = 0) -> str:
    """A numbered document of about so many pages, with a heading on every other page."""
    chance = random.Random(seed)
    lines = ["示例文件（本项目编写，非联合国文件）", "", "2024 年 10 月 1 日", "", "测速用的长报告", ""]
    for number in range(1, pages * PARAGRAPHS_A_PAGE + 1):
        if number % (2 * PARAGRAPHS_A_PAGE) == 1:
            lines += [f"# {chr(65 + number // 10 % 26)}. 会议情况", ""]
        text = "，".join(chance.choice(_PHRASES) for _ in range(12))
        lines += [f"{number}. {text}。", ""]
    return "\n".join(lines)


def write_documents(folder: Path, pages: int, formats: Sequence[str]) -> dict[str, Path]:
    """The long document in every format, by format."""
    sys.path.insert(0, str(ROOT / "tests"))  # the tests' writers know every format
    from document_writers import write_docx, write_html, write_pdf

    from ingest.readers import read_text

    text = folder / "long.txt"
    text.write_text(make_text(pages), encoding="utf-8")
    layout = read_text(text).layout
    writers = {"docx": write_docx, "html": write_html, "pdf": write_pdf}
    made = {"txt": text}
    for name in formats:
        if name in writers:
            made[name] = writers[name](layout, folder / f"long.{name}")
    return {name: made[name] for name in formats}


def measure(name: str, path: Path) -> Row:
    """Read one file in a fresh process. Raises RuntimeError when it is not read."""
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(path)], capture_output=True, text=True, cwd=ROOT, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stderr.strip().splitlines()[-1]}")
    seconds, paragraphs, peak, message = json.loads(done.stdout)
    if not paragraphs:
        raise RuntimeError(f"{name}: {message}")
    size = path.stat().st_size / 1e6
    return Row(name, size, seconds, size / seconds, paragraphs, paragraphs / seconds, peak / 1e6)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0, 1 when a format could not be read."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.ingest",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=list(FORMATS))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        paths = write_documents(Path(folder), options.pages, options.formats)
        try:
            rows = [measure(name, path) for name, path in paths.items()]
        except RuntimeError as error:
            print(f"python -m benchmarks.ingest: {error}", file=sys.stderr)
            return 1
    if options.json:
        print(json.dumps([asdict(row) for row in rows]))
        return 0
    print(f"{options.pages} pages, {options.pages * PARAGRAPHS_A_PAGE} numbered paragraphs")
    print(f"{'format':8}{'MB':>8}{'seconds':>9}{'MB/s':>8}{'paragraphs':>12}{'per s':>9}{'peak MB':>9}")
    for row in rows:
        print(
            f"{row.format:8}{row.mb:8.2f}{row.seconds:9.2f}{row.mb_per_s:8.2f}{row.paragraphs:12}"
            f"{row.paragraphs_per_s:9.0f}{row.peak_mb:9.0f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
