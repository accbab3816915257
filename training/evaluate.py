"""nDCG@10 of lexical, dense and fused search on the outside sets (never trained or tuned on).

    python -m training evaluate --data ../shared/data --model models/default
    python -m training.evaluate --sets stard_rebuilt,drcd_test --weight 1.0

The lexical leg is BM25 (k1 1.2, b 0.75) over the tokenizer's words plus character pairs, divided by
the most that the query could reach; fusion adds ``weight`` times the cosine. The weight is set on the
development pairs of ``training.data``; the outside sets are only read here.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

Encode = Callable[[Sequence[str]], np.ndarray]
Tokenize = Callable[[Sequence[str]], list[list[str]]]
DEFAULT_SETS = ("stard_rebuilt", "rgb_zh_refine", "rgb_zh_int", "cmrc2018_dev", "drcd_test", "lawbench_3_2")
FUSION_WEIGHT = 0.5
WEIGHTS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 1.5, 2.0)


class StaticEncoder:
    """The exported model without torch: token rows averaged, then scaled to unit length.

    Gives the vectors of ``SentenceTransformer(folder).encode(texts, normalize_embeddings=True)``.
    """

    def __init__(self, folder: Path) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        tensors = load_file(folder / "model.safetensors")
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        if "embedding.weight" in tensors:
            self.rows = tensors["embedding.weight"].astype(np.float32)
        else:  # int8 rows and one scale a row
            self.rows = tensors["embeddings"].astype(np.float32) * tensors["weights"][:, None]

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        vectors = np.zeros((len(texts), self.rows.shape[1]), np.float32)
        for row, encoding in enumerate(self.tokenizer.encode_batch(list(texts), add_special_tokens=False)):
            if encoding.ids:
                vectors[row] = self.rows[encoding.ids].mean(axis=0)
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


class Bm25:
    """BM25 over words and character pairs as a sparse matrix; ``scores`` gives a dense row per query."""

    def __init__(self, texts: Sequence[str], tokenize: Tokenize, *, k1: float = 1.2, b: float = 0.75) -> None:
        from scipy.sparse import csr_matrix

        self.terms: dict[str, int] = {}
        self._tokenize = tokenize
        rows, columns = [], []
        for row, tokens in enumerate(lexical_terms(texts, tokenize)):
            rows += [row] * len(tokens)
            columns += [self.terms.setdefault(token, len(self.terms)) for token in tokens]
        shape = (len(texts), len(self.terms))
        matrix = csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)
        matrix.sum_duplicates()
        lengths = np.asarray(matrix.sum(axis=1)).ravel()
        found_in = np.bincount(matrix.indices, minlength=shape[1])
        self.idf = idf = np.log(1 + (len(texts) - found_in + 0.5) / (found_in + 0.5))
        per_row = np.repeat(k1 * (1 - b + b * lengths / lengths.mean()), np.diff(matrix.indptr))
        matrix.data = (idf[matrix.indices] * matrix.data * (k1 + 1) / (matrix.data + per_row)).astype(
            np.float32
        )
        self.matrix = matrix.T.tocsr()

    def scores(self, queries: Sequence[str]) -> np.ndarray:
        """BM25 scores divided by the most that each query could reach, shape (queries, texts), in 0..1.

        Words that no text has count as the rarest: a query in another language then scores near 0, and the
        dense leg decides, which a division by the query's best score would prevent.
        """
        from scipy.sparse import csr_matrix

        rows, columns, most = [], [], np.full(len(queries), 1e-9, np.float32)
        for row, tokens in enumerate(lexical_terms(queries, self._tokenize)):
            known = [self.terms[token] for token in tokens if token in self.terms]
            rows += [row] * len(known)
            columns += known
            most[row] += 2.2 * (self.idf[known].sum() + self.idf.max() * (len(tokens) - len(known)))
        shape = (len(queries), len(self.terms))
        found = csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=shape) @ self.matrix
        return found.toarray() / most[:, None]


def lexical_terms(texts: Sequence[str], tokenize: Tokenize) -> list[list[str]]:
    """Words of two or more characters, and every pair of neighbouring Chinese characters."""
    terms = []
    for text, words in zip(texts, tokenize(texts), strict=True):
        pairs = [
            run[i : i + 2] for run in re.findall(r"[\u3400-\u9fff]{2,}", text) for i in range(len(run) - 1)
        ]
        terms.append([f"w:{word}" for word in words if len(word) > 1] + pairs)
    return terms


def ndcg_at_10(scores: np.ndarray, gold: Sequence[set[int]]) -> np.ndarray:
    """nDCG@10 with binary gains, shape (queries,); ``gold`` holds the right columns for each row."""
    k = min(10, scores.shape[1])
    top = np.argpartition(-scores, k - 1, axis=1)[:, :k]
    values = np.zeros(len(gold))
    for row, right in enumerate(gold):
        order = top[row][np.argsort(-scores[row, top[row]], kind="stable")]
        gained = sum(1 / math.log2(rank + 2) for rank, column in enumerate(order) if column in right)
        values[row] = gained / sum(1 / math.log2(rank + 2) for rank in range(min(len(right), 10)))
    return values


def hits_at(scores: np.ndarray, gold: Sequence[set[int]], k: int) -> float:
    """The part of queries with a right column among the first ``k``."""
    top = np.argpartition(-scores, min(k, scores.shape[1]) - 1, axis=1)[:, :k]
    return float(np.mean([bool(right & set(top[row].tolist())) for row, right in enumerate(gold)]))


def fuse(lexical: np.ndarray, dense: np.ndarray, weight: float) -> np.ndarray:
    """The part of the query's words that BM25 found, plus ``weight`` times the cosine."""
    return lexical + weight * dense


def randomisation_p(first: np.ndarray, second: np.ndarray, *, rounds: int = 10_000, seed: int = 0) -> float:
    """Two-sided p-value of a paired randomisation test on per-query values."""
    difference = second - first
    rng = np.random.default_rng(seed)
    observed, extreme = abs(difference.mean()), 0
    for start in range(0, rounds, 500):
        signs = rng.choice([-1.0, 1.0], size=(min(500, rounds - start), len(difference)))
        extreme += int((np.abs(signs @ difference) / len(difference) >= observed - 1e-12).sum())
    return (extreme + 1) / (rounds + 1)


@dataclass(frozen=True, slots=True)
class Result:
    """nDCG@10 on one set; ``p`` compares fused with lexical."""

    name: str
    queries: int
    lexical: float
    dense: float
    fused: float
    p: float

    def row(self) -> str:
        figures = f"{self.lexical:.3f} | {self.dense:.3f} | {self.fused:.3f} | {self.p:.4f}"
        return f"| {self.name} | {self.queries} | {figures} |"


HEADER = "| set | queries | BM25 | dense | fused | p (fused vs BM25) |\n|---|---|---|---|---|---|"


def evaluate(
    name: str,
    texts: Sequence[str],
    queries: Sequence[str],
    gold: Sequence[set[int]],
    encode: Encode,
    tokenize: Tokenize,
    weight: float,
) -> Result:
    """Score one set; a text that the lexical leg and the encoder see is title and body together."""
    bm25, vectors = Bm25(texts, tokenize), encode(texts)
    parts: list[list[np.ndarray]] = [[], [], []]
    for start in range(0, len(queries), 256):
        chunk, right = queries[start : start + 256], gold[start : start + 256]
        lexical, dense = bm25.scores(chunk), encode(chunk) @ vectors.T
        for part, scores in zip(parts, (lexical, dense, fuse(lexical, dense, weight)), strict=True):
            part.append(ndcg_at_10(scores, right))
    lexical, dense, fused = (np.concatenate(part) for part in parts)
    p = randomisation_p(lexical, fused)
    return Result(name, len(queries), float(lexical.mean()), float(dense.mean()), float(fused.mean()), p)


def read_set(folder: Path) -> tuple[list[str], list[str], list[set[int]]]:
    """Texts, queries and, for each query, the rows of its right texts, of a set in BEIR layout."""
    texts, row_of, queries = [], {}, []
    with gzip.open(folder / "corpus.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            item = json.loads(line)
            row_of[item["_id"]] = len(texts)
            texts.append(f"{item.get('title', '')} {item['text']}".strip())
    gold: dict[str, set[int]] = {}
    with gzip.open(folder / "qrels.tsv.gz", "rt", encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            query, text, score = line.split("\t")
            if int(score) > 0:
                gold.setdefault(query, set()).add(row_of[text])
    with gzip.open(folder / "queries.jsonl.gz", "rt", encoding="utf-8") as lines:
        queries = [item for item in map(json.loads, lines) if item["_id"] in gold]
    return texts, [item["text"] for item in queries], [gold[item["_id"]] for item in queries]


def calibrate(data_dir: Path, encode: StaticEncoder, *, pool: int = 8000) -> list[str]:
    """Table rows of nDCG@10 on the development pairs for each of ``WEIGHTS``; the last row is the mean."""
    from training.data import DEV_PARTS, PAIR_SETS, is_dev, read_pairs

    read = {pair_set.name: read_pairs(data_dir, pair_set.name) for pair_set in PAIR_SETS}
    # lawyers' answers are right for many questions of their kind, statutes are not searched among them
    searched = [pairs for name, pairs in read.items() if name not in ("lawyer_llama", "un_enzh", "terms")]
    others = sorted({pair.passage for pairs in searched for pair in pairs})
    sampled = [others[i] for i in np.random.default_rng(0).permutation(len(others))[:pool]]
    rows, figures = [], []
    for name, most in DEV_PARTS.items():
        pairs = [pair for pair in read[name] if is_dev(pair)][:most]
        asked = [(p.passage, p.query) if name == "un_enzh" else (p.query, p.passage) for p in pairs]
        texts = list(dict.fromkeys([*[passage for _, passage in asked], *sampled]))
        place = {text: row for row, text in enumerate(texts)}
        right: dict[str, set[int]] = {}
        for query, passage in asked:
            right.setdefault(query, set()).add(place[passage])
        queries, gold = list(right), list(right.values())
        lexical = Bm25(texts, tokenizer_words(encode)).scores(queries)
        dense = encode(queries) @ encode(texts).T
        scores = [lexical, dense, *[fuse(lexical, dense, weight) for weight in WEIGHTS]]
        figures.append([float(ndcg_at_10(values, gold).mean()) for values in scores])
        rows.append(f"| {name} | " + " | ".join(f"{value:.3f}" for value in figures[-1]) + " |")
    return [*rows, "| mean | " + " | ".join(f"{value:.4f}" for value in np.mean(figures, axis=0)) + " |"]


def tokenizer_words(encoder: StaticEncoder) -> Tokenize:
    """The tokenizer of the model as a word splitter for the lexical leg."""
    return lambda texts: [
        e.tokens for e in encoder.tokenizer.encode_batch(list(texts), add_special_tokens=False)
    ]


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table of results, one row a set."""
    parser = argparse.ArgumentParser(prog="python -m training evaluate", description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with eval/")
    parser.add_argument("--model", type=Path, default=Path("models/default"))
    parser.add_argument(
        "--sets", default=",".join(DEFAULT_SETS), help="comma-separated folder names below eval/"
    )
    parser.add_argument(
        "--weight", type=float, default=FUSION_WEIGHT, help="weight of the cosine in the fusion"
    )
    parser.add_argument("--calibrate", action="store_true", help="weights on the development pairs instead")
    args = parser.parse_args(argv)
    names = [name for name in args.sets.split(",") if (args.data / "eval" / name).is_dir()]
    if not names or not (args.model / "model.safetensors").exists():
        parser.error(f"no evaluation set below {args.data / 'eval'} or no model in {args.model}")
    encoder = StaticEncoder(args.model)
    if args.calibrate:
        print(
            "| set | BM25 | dense | " + " | ".join(map(str, WEIGHTS)) + " |",
            *calibrate(args.data, encoder),
            sep="\n",
        )
        return 0
    print(HEADER)
    for name in names:
        started = time.perf_counter()
        texts, queries, gold = read_set(args.data / "eval" / name)
        result = evaluate(name, texts, queries, gold, encoder, tokenizer_words(encoder), args.weight)
        print(result.row(), f"{time.perf_counter() - started:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
