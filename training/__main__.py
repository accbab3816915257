"""Make the bundled retrieval model, stage by stage; a stage whose result is there is skipped.

    python -m training all --data ../shared/data --work data/training --out models/default
    python -m training all --steps 40 --limit 300 --vocabulary 4000 --dim 64     # a trial in under a minute
    python -m training train --steps 1000          # goes on from the last checkpoint
    python -m training evaluate --data ../shared/data --model models/default
    python -m training heldout     # development questions for `python -m index train --passages`

Stages: tokenizer, vectors, pairs, negatives, train, export. ``--force`` makes a stage again.

With a GPU, a small transformer instead (stages of its own that resume as well):

    python -m training all --work data/gpu --vocabulary 16000 --steps 1500 --out data/gpu/static
    python -m training transformer --work data/gpu --device cuda --out data/gpu/model
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

SKIPGRAM_DIM = 256  # more of it taught nothing new; the rest comes from the pretrained encoder
STAGES = ("tokenizer", "vectors", "pairs", "negatives", "train", "export")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one stage or all of them; 2 when the training data is not there."""
    argv = list(sys.argv[1:] if argv is None else argv)
    if argv[:1] == ["evaluate"]:
        from training.evaluate import main as evaluate_main

        return evaluate_main(argv[1:])
    args = _parser().parse_args(argv)
    if not (args.data / "pairs").is_dir():
        print(f"error: no folder {args.data / 'pairs'}; give the training data with --data", file=sys.stderr)
        return 2
    os.environ.setdefault("OMP_NUM_THREADS", str(args.threads))
    args.work.mkdir(parents=True, exist_ok=True)
    for stage in STAGES if args.stage == "all" else (args.stage,):
        started = time.perf_counter()
        done = globals()[f"run_{stage}"](args)
        print(f"{stage}: {done} ({time.perf_counter() - started:.0f} s)", file=sys.stderr, flush=True)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("stage", choices=(*STAGES, "all", "heldout", "transformer", "evaluate"))
    parser.add_argument(
        "--data", type=Path, default=Path("../shared/data"), help="folder with pairs/ and text/"
    )
    parser.add_argument(
        "--work", type=Path, default=Path("data/training"), help="where stages keep their results"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("models/default"), help="where export writes the model"
    )
    parser.add_argument("--run", default="run", help="name of the training run below --work")
    parser.add_argument("--vocabulary", type=int, default=72_000, help="largest number of tokens")
    parser.add_argument("--dim", type=int, default=384, help="vector size")
    parser.add_argument("--epochs", type=int, default=4, help="passes of skip-gram over the text")
    parser.add_argument("--steps", type=int, default=700, help="contrastive steps")
    parser.add_argument("--batch", type=int, default=1536, help="pairs a step")
    parser.add_argument("--rate", type=float, default=2e-3, help="learning rate")
    parser.add_argument(
        "--lexical-share", type=float, default=0.5, help="part of the loss that looks at cosine plus BM25"
    )
    parser.add_argument(
        "--limit", type=int, default=None, help="use only so many pairs of each set (for trials)"
    )
    parser.add_argument("--layers", type=int, default=6, help="transformer: layers")
    parser.add_argument("--width", type=int, default=384, help="transformer: width (64 a head)")
    parser.add_argument("--length", type=int, default=256, help="transformer: longest input in tokens")
    parser.add_argument(
        "--pretrain-steps", type=int, default=40_000, help="transformer: masked-prediction steps"
    )
    parser.add_argument("--threads", type=int, default=2, help="CPU threads")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--force", action="store_true", help="make the stage again")
    return parser


def run_tokenizer(args: argparse.Namespace) -> str:
    """Count words and build tokenizer.json; English words of translations and terms are kept however rare."""
    from collections import Counter
    from itertools import islice

    from training.data import raw_texts, read_pairs, term_groups, written_pairs
    from training.tokenizer import build_tokenizer, count_words

    path = args.work / "tokenizer.json"
    if path.exists() and not args.force:
        return f"kept {path}"
    terms = [term for group in term_groups() for term in group]
    own = [pair.query for pair in written_pairs(args.data)]
    texts = [*islice(raw_texts(args.data), args.limit and 10 * args.limit), *own, *terms]
    counts = count_words(texts, extra_words=terms)
    english = Counter(
        word for pair in read_pairs(args.data, "un_enzh", args.limit) for word in pair.passage.lower().split()
    )
    words = {word for text in (*terms, *own) for word in text.lower().split()}
    words |= {word for word, count in english.items() if count > 1}
    tokenizer = build_tokenizer(counts, size=args.vocabulary, extra_words=words)
    tokenizer.save(str(path))
    return f"{tokenizer.get_vocab_size()} tokens"


def run_vectors(args: argparse.Namespace) -> str:
    """Skip-gram over the tokenised text, completed by spelling, beside a pretrained encoder's vectors."""
    from itertools import islice

    import numpy as np

    from training.data import is_dev, raw_texts, read_pairs
    from training.pretrained import encode_tokens, join
    from training.vectors import complete, train_skipgram, write_lines

    path = args.work / f"vectors{args.dim}.npy"
    if path.exists() and not args.force:
        return f"kept {path}"
    tokenizer = _tokenizer(args)
    parallel = [
        (pair.query, pair.passage)
        for name in ("un_enzh", "terms")
        for pair in read_pairs(args.data, name, args.limit)
        if not is_dev(pair)
    ]
    lines = args.work / "lines.txt"
    total = write_lines(
        lines, tokenizer, islice(raw_texts(args.data), args.limit and 10 * args.limit), parallel
    )
    size = tokenizer.get_vocab_size()
    vectors, counts = train_skipgram(
        lines, size, min(args.dim, SKIPGRAM_DIM), epochs=args.epochs, threads=args.threads
    )
    tokens = [tokenizer.id_to_token(i) for i in range(size)]
    other, known = encode_tokens(tokens)
    np.save(path, join(complete(vectors, counts, tokens), other, known, counts, args.dim))
    return f"{total} tokens read, {int((counts > 0).sum())} of {size} with a vector of their own"


def run_pairs(args: argparse.Namespace) -> str:
    """Tokenise all pairs into one file, with the development pairs apart."""
    from training.train import prepare, save_prepared

    path = args.work / "pairs.npz"
    if path.exists() and not args.force:
        return f"kept {path}"
    prepared = prepare(args.data, _tokenizer(args), limit=args.limit)
    save_prepared(prepared, path)
    counts = ", ".join(f"{name} {len(rows)}" for name, rows in prepared.sets.items() if len(rows))
    return f"{len(prepared.texts)} texts, {len(prepared.texts.ids)} tokens; {counts}"


def run_negatives(args: argparse.Namespace) -> str:
    """Mine one hard negative passage for each question with BM25."""
    import numpy as np

    from training.negatives import mine
    from training.train import load_prepared

    path = args.work / "negatives.npz"
    prepared = load_prepared(args.work / "pairs.npz")
    if path.exists() and str(np.load(path)["key"]) == prepared.key and not args.force:
        return f"kept {path}"
    negatives = mine(prepared, _tokenizer(args).get_vocab_size())
    np.savez(path, negatives=negatives, key=prepared.key)
    return f"{int((negatives >= 0).sum())} questions with a hard negative"


def run_train(args: argparse.Namespace) -> str:
    """Contrastive training; goes on from the last checkpoint of the same run."""
    import numpy as np
    import torch

    from training.train import Plan, TokenTable, inverse_document_frequency, load_prepared, train
    from training.vectors import spelling_features

    torch.set_num_threads(args.threads)
    tokenizer = _tokenizer(args)
    prepared = load_prepared(args.work / "pairs.npz", args.work / "negatives.npz")
    size = tokenizer.get_vocab_size()
    spelling = spelling_features([tokenizer.id_to_token(i) for i in range(size)])
    start = np.load(args.work / f"vectors{args.dim}.npy")
    table = TokenTable(start, inverse_document_frequency(prepared.texts, size), spelling, args.device)
    dims = tuple(dim for dim in (args.dim, args.dim // 2, args.dim // 4))
    plan = Plan(
        steps=args.steps,
        batch=args.batch,
        learning_rate=args.rate,
        lexical_share=args.lexical_share,
        dims=dims,
    )
    train(prepared, table, plan, args.work / args.run)
    return (args.work / args.run / "log.jsonl").read_text(encoding="utf-8").splitlines()[-1]


def run_export(args: argparse.Namespace) -> str:
    """Write the best checkpoint as a SentenceTransformer folder."""
    import numpy as np
    import torch

    from training.export import export
    from training.train import TokenTable
    from training.vectors import spelling_features

    tokenizer = _tokenizer(args)
    size = tokenizer.get_vocab_size()
    best = torch.load(args.work / args.run / "best.pt", weights_only=True)
    spelling = spelling_features([tokenizer.id_to_token(i) for i in range(size)])
    table = TokenTable(best["parameters"]["own"].numpy(), np.ones(size, np.float32), spelling, "cpu")
    written = export(table.table(best["parameters"]), tokenizer, args.out)
    return f"{args.out}: {written / 1e6:.1f} MB, step {best['figures']['step']}, dev {best['figures']['dev']}"


def run_heldout(args: argparse.Namespace) -> str:
    """Write development questions on other text, for the search's ranker to learn from."""
    import json

    from training.data import heldout

    rows = list(heldout(args.data))
    path = args.work / "heldout.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return f"{path}: {sum(len(row['questions']) for row in rows)} questions, {len(rows)} passages"


def run_transformer(args: argparse.Namespace) -> str:
    """Pretrain a small transformer on the text, train it on the pairs, export it."""
    import torch

    from training.train import load_prepared
    from training.transformer import Schedule, Shape, build, contrast, export_transformer, pretrain

    torch.set_num_threads(args.threads)
    tokenizer = _tokenizer(args)
    prepared = load_prepared(args.work / "pairs.npz", args.work / "negatives.npz")
    shape = Shape(args.layers, args.width, max(1, args.width // 64), args.length)
    schedule = Schedule(
        pretrain_steps=args.pretrain_steps, contrast_steps=args.steps, contrast_batch=args.batch,
        pretrain_batch=min(256, args.batch), device=args.device,
    )  # fmt: skip
    model, folder = build(tokenizer, shape), args.work / args.run
    pretrain(model, prepared.texts, shape, schedule, folder)
    contrast(model, prepared, shape, schedule, folder)
    export_transformer(model, tokenizer, shape, args.out)
    return str(args.out)


def _tokenizer(args: argparse.Namespace) -> Tokenizer:
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(args.work / "tokenizer.json"))


if __name__ == "__main__":
    raise SystemExit(main())
