"""Contrastive training of token vectors, token weights and a spelling correction, on CPU or GPU.

The vector of a token is ``exp(w) * (E + S V)``: its own row E, started from skip-gram, a correction shared by
all tokens with the same characters or letter groups (S is fixed, V learned from zero, so that tokens which no
pair contains still move), and a learned weight w, started from the inverse document frequency.
A text is the plain mean of its tokens, which is what ``StaticEmbedding`` computes, so one table is exported.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tokenizers import Tokenizer

from training.data import DEV_PARTS, PAIR_SETS, PASSAGE_CHARS, Pair, is_dev, read_pairs, written_negatives
from training.evaluate import fuse, ndcg_at_10

if TYPE_CHECKING:
    import torch
    from scipy.sparse import csr_matrix

NO_NEGATIVE = -1


@dataclass(frozen=True, slots=True)
class Texts:
    """Token ids of many texts, one after the other; ``offsets`` has one more entry than there are texts."""

    ids: np.ndarray
    offsets: np.ndarray

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]]) -> Texts:
        offsets = np.zeros(len(rows) + 1, np.int64)
        np.cumsum([len(row) for row in rows], out=offsets[1:])
        return cls(np.fromiter((i for row in rows for i in row), np.int32, count=int(offsets[-1])), offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def take(
        self, rows: np.ndarray, limit: int, rng: np.random.Generator | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Ids and start offsets of ``rows``, each cut to ``limit`` tokens (a random stretch with ``rng``)."""
        starts, lengths = self.offsets[rows], self.offsets[rows + 1] - self.offsets[rows]
        kept = np.minimum(lengths, limit)
        if rng is not None:
            starts = starts + (rng.random(len(rows)) * (lengths - kept + 1)).astype(np.int64)
        ends = np.cumsum(kept)
        shift = np.repeat(starts - (ends - kept), kept)
        return self.ids[np.arange(ends[-1] if len(ends) else 0) + shift].astype(np.int64), ends - kept


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything that training reads: unique texts, and for each set its (query, passage) rows."""

    texts: Texts
    sets: dict[str, np.ndarray]  # name -> (n, 2) rows of texts
    dev: dict[str, np.ndarray]
    negatives: np.ndarray  # text row of a query -> row of a hard negative passage, or NO_NEGATIVE
    key: str = ""  # digest of tokenizer and texts: rows mean the same only under the same key


def prepare(data_dir: Path, tokenizer: Tokenizer, *, limit: int | None = None) -> Prepared:
    """Read and tokenise all pairs and split off the development pairs."""
    row_of: dict[str, int] = {}
    sets, dev = {}, {}

    def rows(pairs: list[Pair]) -> np.ndarray:
        texts = [(pair.query[:PASSAGE_CHARS], pair.passage[:PASSAGE_CHARS]) for pair in pairs]
        found = [[row_of.setdefault(text, len(row_of)) for text in pair] for pair in texts]
        return np.array(found, np.int64).reshape(-1, 2)

    read = {pair_set.name: read_pairs(data_dir, pair_set.name, limit) for pair_set in PAIR_SETS}
    held = {name: [pair for pair in read[name] if is_dev(pair)] for name in DEV_PARTS}
    passages = {pair.passage for pairs in held.values() for pair in pairs}
    queries = {pair.query for pairs in held.values() for pair in pairs}
    for name, pairs in read.items():
        sets[name] = rows(
            [pair for pair in pairs if pair.passage not in passages and pair.query not in queries]
        )
        if held.get(name):
            dev[name] = rows(held[name][: DEV_PARTS[name]])
    look_alikes = [pair for pair in written_negatives(data_dir) if pair.query[:PASSAGE_CHARS] in row_of]
    given = rows(look_alikes)
    texts, parts = list(row_of), []
    for start in range(0, len(texts), 20_000):
        encoded = tokenizer.encode_batch(texts[start : start + 20_000], add_special_tokens=False)
        parts += [encoding.ids for encoding in encoded]
    key = hashlib.sha1("\0".join([tokenizer.to_str(), *texts]).encode()).hexdigest()
    negatives = np.full(len(texts), NO_NEGATIVE, np.int64)
    negatives[given[:, 0]] = given[:, 1]
    return Prepared(Texts.of(parts), sets, dev, negatives, key)


def save_prepared(prepared: Prepared, path: Path) -> None:
    """Write the rows to one file; later stages read it and not the sources, which may change meanwhile."""
    sets = {f"set:{name}": rows for name, rows in prepared.sets.items()}
    dev = {f"dev:{name}": rows for name, rows in prepared.dev.items()}
    texts = {"ids": prepared.texts.ids, "offsets": prepared.texts.offsets}
    np.savez(path, key=prepared.key, negatives=prepared.negatives, **texts, **sets, **dev)


def load_prepared(path: Path, negatives: Path | None = None) -> Prepared:
    """Read what ``save_prepared`` wrote; ValueError when ``negatives`` were mined from other pairs."""
    kept = np.load(path)
    texts, key = Texts(kept["ids"], kept["offsets"]), str(kept["key"])
    sets = {name[4:]: kept[name] for name in kept.files if name.startswith("set:")}
    dev = {name[4:]: kept[name] for name in kept.files if name.startswith("dev:")}
    mined = kept["negatives"]
    if negatives is not None:
        found = np.load(negatives)
        if str(found["key"]) != key:
            raise ValueError(
                f"{negatives} was mined from other pairs than {path}; run the stage negatives with --force"
            )
        mined = found["negatives"]
    return Prepared(texts, sets, dev, mined, key)


def inverse_document_frequency(texts: Texts, size: int) -> np.ndarray:
    """log(N / df) for every token id over ``texts``, float32; unseen tokens get the largest value."""
    df = np.zeros(size, np.int64)
    owner = np.repeat(np.arange(len(texts)), np.diff(texts.offsets))
    pairs = np.unique(owner.astype(np.int64) * size + texts.ids)
    np.add.at(df, pairs % size, 1)
    return np.log(len(texts) / np.maximum(df, 1)).astype(np.float32)


class Batches:
    """Endless batches of (query rows, passage rows): a share of each set, each in shuffled order."""

    def __init__(self, prepared: Prepared, size: int, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        present = [s for s in PAIR_SETS if len(prepared.sets.get(s.name, ()))]
        total = sum(s.share for s in present)
        self._parts = [(prepared.sets[s.name], max(1, round(size * s.share / total))) for s in present]

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        orders = [self._order(pairs, count) for pairs, count in self._parts]
        while True:
            rows = np.concatenate(
                [pairs[next(order)] for (pairs, _), order in zip(self._parts, orders, strict=True)]
            )
            yield rows[:, 0], rows[:, 1]

    def _order(self, pairs: np.ndarray, count: int) -> Iterator[np.ndarray]:
        pool = np.empty(0, np.int64)
        while True:
            while len(pool) < count:
                pool = np.concatenate([pool, self._rng.permutation(len(pairs))])
            yield pool[:count]
            pool = pool[count:]


class TokenTable:
    """The trained parameters; ``rows`` makes the vectors of the tokens at hand: a step touches only those."""

    def __init__(self, start: np.ndarray, idf: np.ndarray, spelling: csr_matrix, device: str) -> None:
        import torch

        def parameter(values: object) -> torch.nn.Parameter:
            return torch.nn.Parameter(torch.as_tensor(values, dtype=torch.float32, device=device).clone())

        self.device = device
        self.spelling = spelling
        self.own = parameter(start)
        self.shared = parameter(np.zeros((spelling.shape[1], start.shape[1])))
        self.log_weight = parameter(np.log(np.clip(idf, 0.3, None))[:, None])
        self.scale = parameter(np.log(20.0))
        self.lexical_scale = parameter(np.log(0.3))

    def parameters(self) -> dict[str, torch.nn.Parameter]:
        """The parameters by name; the first three get sparse gradients."""
        return {
            name: getattr(self, name) for name in ("own", "shared", "log_weight", "scale", "lexical_scale")
        }

    def rows(self, tokens: np.ndarray) -> torch.Tensor:
        """Vectors of the given token ids, shape (tokens, dim)."""
        import torch
        from torch.nn.functional import embedding

        ids = torch.from_numpy(tokens).to(self.device)
        part = self.spelling[tokens]
        features, columns = np.unique(part.indices, return_inverse=True)
        matrix = torch.sparse_csr_tensor(
            torch.from_numpy(part.indptr.astype(np.int64)), torch.from_numpy(columns.astype(np.int64)),
            torch.from_numpy(part.data), size=(len(tokens), len(features)), device=self.device,
        )  # fmt: skip
        shared = embedding(
            torch.from_numpy(features.astype(np.int64)).to(self.device), self.shared, sparse=True
        )
        vectors = embedding(ids, self.own, sparse=True) + torch.sparse.mm(matrix, shared)
        return torch.exp(embedding(ids, self.log_weight, sparse=True)) * vectors

    def table(self, parameters: dict[str, torch.Tensor] | None = None) -> np.ndarray:
        """Vectors of the whole vocabulary, float32, from these or other ``parameters`` of the same shape."""
        kept = {
            name: value.detach().cpu().numpy() for name, value in (parameters or self.parameters()).items()
        }
        return np.exp(kept["log_weight"]) * (kept["own"] + self.spelling @ kept["shared"])


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how to train; ``lexical_share`` is the part of the loss that looks at cosine plus BM25.

    Learning beside BM25 (CLEAR, Gao et al. 2021) spends the vector on what word overlap cannot see.
    """

    steps: int = 3000
    batch: int = 1024
    learning_rate: float = 1.5e-3
    query_tokens: int = 64
    passage_tokens: int = 160
    lexical_share: float = 0.5
    token_dropout: float = 0.35
    average_every: int = 10
    dims: tuple[int, ...] = (256, 128, 64)
    checkpoint_every: int = 150
    seed: int = 7


def train(prepared: Prepared, table: TokenTable, plan: Plan, folder: Path, *, progress: bool = True) -> None:
    """Run ``plan`` from the last checkpoint in ``folder``; writes checkpoint.pt and best.pt (by dev)."""
    from tqdm import tqdm

    folder.mkdir(parents=True, exist_ok=True)
    optimizers = _optimizers(table, plan.learning_rate)
    average = {name: parameter.detach().clone() for name, parameter in table.parameters().items()}
    state = _resume(folder / "checkpoint.pt", table, optimizers, average)
    idf = inverse_document_frequency(prepared.texts, len(table.own))
    batches = iter(Batches(prepared, plan.batch, plan.seed + state["step"]))
    rng = np.random.default_rng(plan.seed + state["step"])
    started, losses = time.perf_counter(), []
    for step in tqdm(
        range(state["step"], plan.steps), initial=state["step"], total=plan.steps, disable=not progress
    ):
        factor = min(1.0, (step + 1) / 50) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / plan.steps)))
        loss = _loss(prepared, table, plan, next(batches), idf, rng)
        loss.backward()
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = group["base"] * factor
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        losses.append(float(loss.detach()))
        if (step + 1) % plan.average_every == 0:
            for name, parameter in table.parameters().items():
                average[name].lerp_(parameter.detach(), 0.1)  # a moving mean over about a hundred steps
        if (step + 1) % plan.checkpoint_every == 0 or step + 1 == plan.steps:
            figures = dev_figures(prepared, table.table(average), idf)
            figures |= {
                "step": step + 1,
                "loss": round(float(np.mean(losses)), 4),
                "scale": round(float(table.scale.detach().exp()), 2),
                "lexical_scale": round(float(table.lexical_scale.detach().exp()), 3),
                "seconds": round(state["seconds"] + time.perf_counter() - started),
            }
            losses = []
            _save(folder, table, average, optimizers, figures, state)
            with (folder / "log.jsonl").open("a", encoding="utf-8") as log:
                log.write(json.dumps(figures, ensure_ascii=False) + "\n")


def _optimizers(table: TokenTable, rate: float) -> list:
    """Adam whose moments move only for the tokens of a batch, and plain Adam for the two scales."""
    import torch

    def groups(rates: dict[str, float]) -> list[dict]:
        return [
            {"params": [table.parameters()[name]], "lr": value, "base": value}
            for name, value in rates.items()
        ]

    sparse = torch.optim.SparseAdam(
        groups({"own": rate, "shared": rate, "log_weight": 4 * rate}), betas=(0.9, 0.98)
    )
    return [
        sparse,
        torch.optim.Adam(groups({"scale": 4 * rate, "lexical_scale": 4 * rate}), betas=(0.9, 0.98)),
    ]


def _loss(prepared, table, plan, batch, idf, rng):  # noqa: ANN001
    """Two-way InfoNCE over the batch, with hard negatives as extra columns and equal texts masked out."""
    import torch

    queries, passages = batch
    hard = np.unique(prepared.negatives[queries])
    columns = np.concatenate([passages, hard[hard != NO_NEGATIVE]])
    query_ids, query_starts = drop_tokens(
        *prepared.texts.take(queries, plan.query_tokens), plan.token_dropout, rng
    )
    whole = prepared.texts.take(columns, plan.passage_tokens, rng)
    column_ids, column_starts = drop_tokens(*whole, plan.token_dropout, rng)
    tokens, places = np.unique(np.concatenate([query_ids, column_ids]), return_inverse=True)
    rows = table.rows(tokens)
    left = _pool(rows, places[: len(query_ids)], query_starts)
    right = _pool(rows, places[len(query_ids) :], column_starts)
    mask = torch.from_numpy(wrong_negatives(queries, passages, columns)).to(table.device)
    overlap = torch.from_numpy(_overlap(query_ids, query_starts, column_ids, column_starts, idf)).to(
        table.device
    )
    loss, scale = 0.0, table.scale.exp().clamp(max=60)
    for dim in plan.dims:
        a, b = (torch.nn.functional.normalize(side[:, :dim], dim=-1) for side in (left, right))
        logits = (scale * a @ b.T).masked_fill(mask, -1e4)
        alone = two_way_loss(logits)
        beside = two_way_loss((logits + table.lexical_scale.exp() * overlap).masked_fill(mask, -1e4))
        part = (1 - plan.lexical_share) * alone + plan.lexical_share * beside
        loss = loss + part * (1.0 if dim == plan.dims[0] else 0.3)
    return loss


def drop_tokens(
    ids: np.ndarray, starts: np.ndarray, part: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Ids and starts with a random ``part`` of the tokens left out: no single word can be leaned on."""
    kept = rng.random(len(ids)) >= part
    before = np.concatenate([[0], np.cumsum(kept)])
    return ids[kept], before[starts]


def wrong_negatives(queries: np.ndarray, passages: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Which (query, column) must not count as negatives: the same passage, or a passage of the same query.

    The first ``len(passages)`` columns are the passages themselves; their diagonal is the right answer.
    """
    asked_again = (
        queries[:, None] == np.concatenate([queries, np.full(len(columns) - len(queries), -2)])[None, :]
    )
    wrong = (columns[None, :] == passages[:, None]) | (columns[None, :] == queries[:, None]) | asked_again
    np.fill_diagonal(wrong, False)
    return wrong


def two_way_loss(logits: torch.Tensor) -> torch.Tensor:
    """Cross-entropy of finding the passage for the query (0.7) and the query for the passage (0.3)."""
    import torch

    target = torch.arange(len(logits), device=logits.device)
    forward = torch.nn.functional.cross_entropy(logits, target)
    backward = torch.nn.functional.cross_entropy(logits[:, : len(logits)].T, target)
    return 0.7 * forward + 0.3 * backward


def _pool(rows, ids, starts):  # noqa: ANN001
    import torch

    device = rows.device
    return torch.nn.functional.embedding_bag(
        torch.from_numpy(ids).to(device), rows, torch.from_numpy(starts).to(device), mode="mean"
    )


def _overlap(query_ids, query_starts, column_ids, column_starts, idf) -> np.ndarray:  # noqa: ANN001
    """BM25 of every query with every column of a batch over tokens that tell something (idf above 1.5)."""
    q = _counts(query_ids, query_starts, idf)
    c = _counts(column_ids, column_starts, idf)
    q.data[:] = 1.0
    lengths = np.diff(np.append(column_starts, len(column_ids)))
    per_row = np.repeat(1.2 * (0.25 + 0.75 * lengths / max(lengths.mean(), 1)), np.diff(c.indptr))
    c.data = (idf[c.indices] * c.data * 2.2 / (c.data + per_row)).astype(np.float32)
    return (q @ c.T).toarray().astype(np.float32)


def _counts(ids: np.ndarray, starts: np.ndarray, idf: np.ndarray) -> csr_matrix:
    from scipy.sparse import csr_matrix

    owner = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(ids))))
    keep = (idf[ids] > 1.5) & (ids > 0)
    matrix = csr_matrix(
        (np.ones(int(keep.sum()), np.float32), (owner[keep], ids[keep])), shape=(len(starts), len(idf))
    )
    matrix.sum_duplicates()
    return matrix


WEIGHTS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)  # of the cosine beside the batch BM25, words alone


def dev_figures(prepared: Prepared, vectors: np.ndarray, idf: np.ndarray, *, pool: int = 6000) -> dict:
    """nDCG@10 on each held-out set among its passages and ``pool`` others: lexical, dense, and both fused.

    Translations are asked from English to Chinese. "dev" is the mean of dense and fused figures;
    "weight" is the weight of the cosine, among ``WEIGHTS``, with the best mean of the fused ones.
    """
    rng = np.random.default_rng(0)
    skipped = ("un_enzh", "terms", "reworded", "lawyer_llama")
    others = [rows[:, 1] for name, rows in prepared.sets.items() if len(rows) and name not in skipped]
    if not prepared.dev or not others:
        return {"dev": 0.0}
    asked_in = {name: rows[:, ::-1] if name == "un_enzh" else rows for name, rows in prepared.dev.items()}
    sampled = rng.permutation(np.unique(np.concatenate(others)))[:pool]
    fused_by_weight, figures = [], {}
    for name, rows in asked_in.items():
        passages = np.unique(np.concatenate([sampled, rows[:, 1]]))
        held = prepared.texts.take(passages, 400)
        held_vectors = _mean(vectors, *held)
        gold = [set(np.searchsorted(passages, rows[rows[:, 0] == q, 1]).tolist()) for q in rows[:, 0]]
        asked = prepared.texts.take(rows[:, 0], 64)
        most = np.add.reduceat(idf[asked[0]], asked[1]) * 2.2
        lexical, dense = _overlap(*asked, *held, idf) / most[:, None], _mean(vectors, *asked) @ held_vectors.T
        fused_by_weight.append([float(ndcg_at_10(fuse(lexical, dense, w), gold).mean()) for w in WEIGHTS])
        figures[name] = [float(ndcg_at_10(scores, gold).mean()) for scores in (lexical, dense)]
    best = int(np.mean(fused_by_weight, axis=0).argmax())
    for name, by_weight in zip(figures, fused_by_weight, strict=True):
        figures[name] = [round(value, 4) for value in (*figures[name], by_weight[best])]
    mean = np.mean([(dense + fused) / 2 for _, dense, fused in figures.values()])
    return {"dev": round(float(mean), 4), "weight": WEIGHTS[best]} | figures


def _mean(vectors: np.ndarray, ids: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Unit vectors of texts as means of token vectors, shape (texts, dim)."""
    from scipy.sparse import csr_matrix

    bags = csr_matrix(
        (np.ones(len(ids), np.float32), ids, np.append(starts, len(ids))), shape=(len(starts), len(vectors))
    )
    sums = bags @ vectors
    return sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)


def _resume(path: Path, table: TokenTable, optimizers: list, average: dict[str, torch.Tensor]) -> dict:
    import torch

    if not path.exists():
        return {"step": 0, "seconds": 0, "best": -1.0}
    saved = torch.load(path, map_location=table.device, weights_only=True)
    with torch.no_grad():
        for name, parameter in table.parameters().items():
            parameter.copy_(saved["parameters"][name])
            average[name].copy_(saved["average"][name])
    for optimizer, kept in zip(optimizers, saved["optimizers"], strict=True):
        optimizer.load_state_dict(kept)
    return saved["state"]


def _save(
    folder: Path,
    table: TokenTable,
    average: dict[str, torch.Tensor],
    optimizers: list,
    figures: dict,
    state: dict,
) -> None:
    import torch

    if figures["dev"] > state["best"]:
        state["best"] = figures["dev"]
        torch.save({"parameters": average, "figures": figures}, folder / "best.pt")
    new = {"step": figures["step"], "seconds": figures["seconds"], "best": state["best"]}
    partial = folder / "checkpoint.partial"
    parameters = {name: parameter.detach() for name, parameter in table.parameters().items()}
    kept = [optimizer.state_dict() for optimizer in optimizers]
    torch.save({"parameters": parameters, "average": average, "optimizers": kept, "state": new}, partial)
    partial.replace(folder / "checkpoint.pt")
