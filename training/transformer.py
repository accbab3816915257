"""The recipe for a machine with a GPU: a small transformer, pretrained on text, then trained on the pairs.

Two stages that resume: ``pretrain`` (masked prediction over packed text) and ``contrast`` (the same pairs,
masks and hard negatives as the static model). The default, 6 layers of width 384 with
16,000 tokens, is 17 million parameters, 34 MB in half precision. On two CPU cores it is only run at reduced
size, as a test.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tokenizers import Tokenizer

from training.train import NO_NEGATIVE, Batches, Prepared, Texts, two_way_loss, wrong_negatives

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerFast


@dataclass(frozen=True, slots=True)
class Shape:
    """The size of the model; ``length`` is the longest input in tokens."""

    layers: int = 6
    width: int = 384
    heads: int = 6
    length: int = 256


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long each stage runs and on what; steps are optimizer steps."""

    pretrain_steps: int = 40_000
    pretrain_batch: int = 256
    contrast_steps: int = 6_000
    contrast_batch: int = 1024
    mask: float = 0.3
    pretrain_rate: float = 5e-4
    contrast_rate: float = 2e-4
    checkpoint_every: int = 500
    device: str = "cpu"


def fast_tokenizer(tokenizer: Tokenizer, length: int) -> PreTrainedTokenizerFast:
    """The word tokenizer with the special tokens that a masked model needs, appended to its vocabulary."""
    from transformers import PreTrainedTokenizerFast

    return PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(tokenizer.to_str()),
        unk_token="[UNK]",
        pad_token="[PAD]",
        mask_token="[MASK]",
        model_max_length=length,
    )


def build(tokenizer: Tokenizer, shape: Shape) -> torch.nn.Module:
    """A BERT with a masked-prediction head, randomly initialised."""
    from transformers import BertConfig, BertForMaskedLM

    size = len(fast_tokenizer(tokenizer, shape.length))
    config = BertConfig(
        vocab_size=size,
        hidden_size=shape.width,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=4 * shape.width,
        max_position_embeddings=shape.length,
        pad_token_id=size - 2,
        type_vocab_size=1,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return BertForMaskedLM(config)


def pretrain(model: torch.nn.Module, texts: Texts, shape: Shape, schedule: Schedule, folder: Path) -> None:
    """Masked prediction over the texts joined end to end; goes on from ``folder/pretrain.pt``."""
    import torch

    size = model.config.vocab_size
    model.to(schedule.device).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=schedule.pretrain_rate, weight_decay=0.01)
    first = _resume(folder / "pretrain.pt", model, optimizer)
    rng = np.random.default_rng(first)
    for step in _steps(first, schedule.pretrain_steps, "pretrain"):
        starts = rng.integers(0, max(1, len(texts.ids) - shape.length), schedule.pretrain_batch)
        ids = torch.from_numpy(
            np.stack([texts.ids[s : s + shape.length] for s in starts]).astype(np.int64)
        ).to(schedule.device)
        hidden = torch.rand(ids.shape, device=ids.device) < schedule.mask
        labels = torch.where(hidden, ids, torch.full_like(ids, -100))
        with _autocast(schedule.device):
            loss = model(
                input_ids=torch.where(hidden, torch.full_like(ids, size - 1), ids), labels=labels
            ).loss
        _update(optimizer, loss, model, schedule.pretrain_rate, step, schedule.pretrain_steps)
        _keep(
            folder,
            "pretrain",
            model,
            optimizer,
            step + 1,
            schedule.pretrain_steps,
            schedule.checkpoint_every,
            float(loss.detach()),
        )


def contrast(
    model: torch.nn.Module, prepared: Prepared, shape: Shape, schedule: Schedule, folder: Path
) -> None:
    """InfoNCE over the pairs, starting from the pretrained weights; goes on from ``folder/contrast.pt``."""
    import torch

    model.to(schedule.device).train()
    scale = torch.nn.Parameter(torch.tensor(3.0, device=schedule.device))
    optimizer = torch.optim.AdamW([*model.parameters(), scale], lr=schedule.contrast_rate, weight_decay=0.01)
    first = _resume(folder / "contrast.pt", model, optimizer)
    batches, rng = iter(Batches(prepared, schedule.contrast_batch, first)), np.random.default_rng(first)
    for step in _steps(first, schedule.contrast_steps, "contrast"):
        queries, passages = next(batches)
        hard = np.unique(prepared.negatives[queries])
        columns = np.concatenate([passages, hard[hard != NO_NEGATIVE]])
        mask = torch.from_numpy(wrong_negatives(queries, passages, columns)).to(schedule.device)
        loss = torch.zeros((), device=schedule.device)
        with _autocast(schedule.device):
            left = embed(model, prepared.texts, queries, 64, shape)
            right = embed(model, prepared.texts, columns, shape.length, shape, rng)
        for dim in (shape.width, shape.width // 2, shape.width // 4):
            a, b = (torch.nn.functional.normalize(side[:, :dim].float(), dim=-1) for side in (left, right))
            loss = loss + two_way_loss((scale.exp().clamp(max=60) * a @ b.T).masked_fill(mask, -1e4))
        _update(optimizer, loss, model, schedule.contrast_rate, step, schedule.contrast_steps)
        _keep(
            folder,
            "contrast",
            model,
            optimizer,
            step + 1,
            schedule.contrast_steps,
            schedule.checkpoint_every,
            float(loss.detach()),
        )


def embed(
    model: torch.nn.Module,
    texts: Texts,
    rows: np.ndarray,
    limit: int,
    shape: Shape,
    rng: np.random.Generator | None = None,
) -> torch.Tensor:
    """Mean-pooled vectors of texts, shape (rows, width); encoded by length, so that little is padding."""
    import torch

    device = next(model.parameters()).device
    ids, starts = texts.take(rows, min(limit, shape.length), rng)
    lengths = np.diff(np.append(starts, len(ids)))
    order, parts = np.argsort(lengths), []
    for chunk in np.array_split(order, max(1, len(order) // 128)):
        width = max(1, int(lengths[chunk].max()))
        padded = np.full((len(chunk), width), model.config.pad_token_id, np.int64)
        for line, row in enumerate(chunk):
            padded[line, : lengths[row]] = ids[starts[row] : starts[row] + lengths[row]]
        batch = torch.from_numpy(padded).to(device)
        seen = (batch != model.config.pad_token_id).long()
        states = model.bert(input_ids=batch, attention_mask=seen).last_hidden_state
        parts.append((states * seen[..., None]).sum(1) / seen.sum(1, keepdim=True).clamp(min=1))
    back = torch.from_numpy(np.argsort(order)).to(device)
    return torch.cat(parts)[back]


def export_transformer(model: torch.nn.Module, tokenizer: Tokenizer, shape: Shape, folder: Path) -> None:
    """Save as a SentenceTransformer folder (Transformer, mean Pooling, Normalize) in half precision."""
    import tempfile

    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

    with tempfile.TemporaryDirectory() as base:
        model.bert.half().cpu().save_pretrained(base)
        fast_tokenizer(tokenizer, shape.length).save_pretrained(base)
        body = Transformer(base, max_seq_length=shape.length)
        SentenceTransformer(modules=[body, Pooling(shape.width, "mean"), Normalize()], device="cpu").save(
            str(folder)
        )


def _steps(first: int, last: int, name: str) -> Iterator[int]:
    from tqdm import tqdm

    return iter(tqdm(range(first, last), initial=first, total=last, desc=name))


def _autocast(device: str):
    import torch

    return torch.autocast("cuda" if device.startswith("cuda") else "cpu", torch.bfloat16)


def _update(optimizer, loss, model, rate: float, step: int, last: int) -> None:  # noqa: ANN001
    import torch

    factor = min(1.0, (step + 1) / max(1, last // 50)) * (
        0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / last))
    )
    for group in optimizer.param_groups:
        group["lr"] = rate * factor
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()


def _resume(path: Path, model, optimizer) -> int:  # noqa: ANN001
    import torch

    if not path.exists():
        return 0
    saved = torch.load(path, map_location=next(model.parameters()).device, weights_only=True)
    model.load_state_dict(saved["model"])
    optimizer.load_state_dict(saved["optimizer"])
    return int(saved["step"])


def _keep(folder: Path, name: str, model, optimizer, step: int, last: int, every: int, loss: float) -> None:  # noqa: ANN001
    import torch

    if step % every and step != last:
        return
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f"{name}.partial"
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step}, partial)
    partial.replace(folder / f"{name}.pt")
    with (folder / "log.jsonl").open("a", encoding="utf-8") as log:
        log.write(
            json.dumps({"stage": name, "step": step, "loss": round(loss, 4), "time": round(time.time())})
            + "\n"
        )
