"""Write the trained table as a folder that plain ``SentenceTransformer(folder)`` loads.

Rows are stored as int8 with one scale a row: ``StaticEmbedding`` multiplies them back when it loads.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

MODULES = [
    {
        "idx": 0,
        "name": "0",
        "path": "",
        "type": "sentence_transformers.sentence_transformer.modules.StaticEmbedding",
    },
    {
        "idx": 1,
        "name": "1",
        "path": "1_Normalize",
        "type": "sentence_transformers.sentence_transformer.modules.Normalize",
    },
]


def quantize(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Int8 rows and their scales, float32: ``rows ≈ quantized * scales[:, None]``."""
    scales = np.abs(rows).max(axis=1) / 127
    scales[scales == 0] = 1.0
    return np.round(rows / scales[:, None]).astype(np.int8), scales.astype(np.float32)


def export(rows: np.ndarray, tokenizer: Tokenizer, folder: Path) -> int:
    """Write tokenizer.json, model.safetensors and the three settings files; returns the bytes written.

    The row of the unknown token is zeroed, so that unknown characters do not pull texts together.
    """
    from safetensors.numpy import save_file

    if len(rows) != tokenizer.get_vocab_size():
        raise ValueError(f"{len(rows)} token vectors for a tokenizer of {tokenizer.get_vocab_size()} tokens")
    rows = rows.copy()
    rows[0] = 0.0
    rows /= np.abs(
        rows
    ).mean()  # only direction matters; a mean size of 1 keeps float16 readers out of trouble
    quantized, scales = quantize(rows)
    (folder / "1_Normalize").mkdir(parents=True, exist_ok=True)
    save_file({"embeddings": quantized, "weights": scales}, folder / "model.safetensors")
    (folder / "model.safetensors").chmod(0o644)  # save_file leaves it readable by its owner alone
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    _write(folder / "modules.json", MODULES)
    _write(folder / "1_Normalize" / "config.json", {})
    _write(
        folder / "config_sentence_transformers.json",
        {
            "model_type": "SentenceTransformer",
            "similarity_fn_name": "cosine",
            "prompts": {},
            "default_prompt_name": None,
        },
    )
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
