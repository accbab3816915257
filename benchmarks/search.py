"""Speed and size of search, beside bm25s alone and a flat FAISS scan in the same run.

python -m benchmarks.search                                  # 350 and 100,000 generated paragraphs
python -m benchmarks.search --paragraphs 350 10000 --json
python -m benchmarks.search --paragraphs 350 --encoder hashing

The paragraphs are made of thesaurus terms drawn with Zipf frequencies, in sentences of the length
found in United Nations reports; the questions are made the same way and name a year now and then.
Times are of single questions after a warm-up, in this process, with every part of the search on.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from index.encoder import open_encoder
from index.retrieval import Index, Merged
from index.settings import setting
from index.thesaurus import bundled
from index.tokens import Tokeniser
from ingest import Document, Paragraph

QUESTIONS = 200
PER_DOCUMENT = 80
VERBS = (
    "讨论了",
    "强调了",
    "请秘书处提供",
    "介绍了",
    "欢迎",
    "注意到",
    "促请缔约国加强",
    "建议审议",
    "支持",
    "协助建立",
)
ASKED = ("有哪些进展？", "由谁负责？", "是什么时候开始的？", "为什么重要？", "提供了多少援助？")


def generate(count: int, seed: int = 7) -> tuple[Merged, list[str]]:
    """``count`` paragraphs in documents of ``PER_DOCUMENT``, and questions about them."""
    random = np.random.default_rng(seed)
    terms = sorted({c.pref_zh for c in bundled().concepts.values() if len(c.pref_zh) <= 12})
    random.shuffle(terms)
    chances = 1 / np.arange(1, len(terms) + 1)
    drawn = iter(random.choice(len(terms), size=count * 16 + QUESTIONS * 3, p=chances / chances.sum()))

    def sentence() -> str:
        first, second, third = (terms[next(drawn)] for _ in range(3))
        return f"{first}{VERBS[random.integers(len(VERBS))]}{second}方面的{third}"

    documents, paragraphs = [], []
    for row in range(count):
        doc_id, number = f"d{row // PER_DOCUMENT}", row % PER_DOCUMENT + 1
        if number == 1:
            year = 2003 + int(random.integers(22))
            title = f"{terms[next(drawn)]}：秘书处的说明"
            documents.append(
                Document(doc_id, f"CAC/COSP/{year}/{row}", title, str(year), None, "zh", "", doc_id)
            )
            section = (terms[next(drawn)],)
        text = f"{2003 + int(random.integers(22))}年，" + "。".join(sentence() for _ in range(5)) + "。"
        paragraphs.append(
            Paragraph(f"{doc_id}#{number}", doc_id, str(number), f"第{number}段", section, text)
        )
    years = [f"{2003 + int(random.integers(22))}年" if i % 3 == 0 else "" for i in range(QUESTIONS)]
    questions = [f"{year}{sentence()}{ASKED[i % len(ASKED)]}" for i, year in enumerate(years)]
    return Merged(tuple(documents), tuple(paragraphs)), questions


def timed(search: Callable[[str], object], questions: Sequence[str]) -> tuple[float, float]:
    """Median and 95th percentile of the milliseconds a question takes."""
    for question in questions[:20]:
        search(question)
    taken = []
    for question in questions:
        start = time.perf_counter()
        search(question)
        taken.append(1000 * (time.perf_counter() - start))
    return statistics.median(taken), float(np.percentile(taken, 95))


def bm25s_alone(texts: Sequence[str]) -> Callable[[str], object]:
    """Search with the bm25s package over jieba words."""
    import bm25s

    tokeniser = Tokeniser()
    engine = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    engine.index([tokeniser.words(text) for text in texts], show_progress=False)
    return lambda question: engine.retrieve([tokeniser.words(question)], k=10, show_progress=False)


def flat_faiss(index: Index) -> Callable[[str], object]:
    """A full scan of the same vectors, the question's embedding included."""
    import faiss

    flat = faiss.IndexFlatIP(index.encoder.dimension)
    flat.add(index.signals.dense.vectors())
    return lambda question: flat.search(index.encoder.encode([question], "query"), 10)


def measure(count: int, encoder_name: str) -> list[dict[str, object]]:
    """Rows of the table for one corpus size."""
    corpus, questions = generate(count)
    start = time.perf_counter()
    index = Index.build(corpus, encoder=open_encoder(encoder_name), progress=True)
    built = time.perf_counter() - start
    with tempfile.TemporaryDirectory() as folder:
        index.save(folder)
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
        start = time.perf_counter()
        index = Index.open(folder, encoder=index.encoder)
        opened = time.perf_counter() - start
    rows: list[dict[str, object]] = [
        {"paragraphs": count, "what": "build (s)", "p50": round(built, 2)},
        {"paragraphs": count, "what": "open (s)", "p50": round(opened, 2)},
        {"paragraphs": count, "what": "size (MB)", "p50": round(size / 1e6, 1)},
    ]
    engines: dict[str, Callable[[str], object]] = {
        "search (ms)": lambda question: index.search(question, 10),
        "bm25s alone (ms)": bm25s_alone([paragraph.text for paragraph in corpus.paragraphs]),
        "flat FAISS scan (ms)": flat_faiss(index),
    }
    for what, engine in engines.items():
        p50, p95 = timed(engine, questions)
        rows.append({"paragraphs": count, "what": what, "p50": round(p50, 2), "p95": round(p95, 2)})
    return rows


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table, or JSON lines."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--paragraphs", type=int, nargs="+", default=[350, 100_000])
    parser.add_argument("--encoder", default=setting("ENCODER"), help="default: the bundled model")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    args = parser.parse_args(argv)
    if min(args.paragraphs) < 20:
        parser.error("--paragraphs must be 20 or more")
    if not args.json:
        print(f"{'paragraphs':>10}  {'what':<22} {'p50':>10} {'p95':>10}")
    for count in args.paragraphs:
        for row in measure(count, args.encoder):
            if args.json:
                print(json.dumps(row))
            else:
                print(
                    f"{row['paragraphs']:>10}  {row['what']:<22} {row['p50']:>10} {row.get('p95', ''):>10}",
                    flush=True,
                )
    return 0


if __name__ == "__main__":
    sys.exit(main())
