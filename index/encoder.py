"""The dense leg's encoders: one method, ``encode``, rows of unit length.

``open_encoder`` takes what the user names:

- ``""``: the bundled model in ``models/default`` (``hashing`` where it is absent);
- a folder or a model name: any sentence-transformers model, with the query and document prompts
  its own configuration gives;
- ``http://host/v1#model``: an OpenAI-compatible embeddings endpoint;
- ``hashing``: no model at all, character n-grams hashed into 512 numbers. It knows nothing about
  meaning; it exists so that everything works without a model, and says so in ``index info``.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import zlib
from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from index.normalise import fold
from index.settings import setting

FloatArray = NDArray[np.float32]
Kind = Literal["query", "document"]
DEFAULT_MODEL = Path(__file__).parent.parent / "models" / "default"
BATCH = 64


class EncoderError(RuntimeError):
    """The encoder cannot be opened or answered wrongly; the message says what to do."""


class Encoder(Protocol):
    """Anything that turns texts into vectors.

    ``name`` is how to open it again, ``fingerprint`` changes whenever its vectors would change,
    ``dimension`` is the length of a vector, ``window`` how many characters of a text it takes in.
    """

    name: str
    fingerprint: str
    dimension: int
    window: int

    def encode(self, texts: Sequence[str], kind: Kind = "document", *, progress: bool = False) -> FloatArray:
        """Vectors of shape ``[len(texts), dimension]``, each of length 1 (or 0 for an empty text)."""
        ...


def unit_rows(vectors: FloatArray) -> FloatArray:
    """Each row divided by its length; rows of zeros stay zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.ascontiguousarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)


def encodable(text: str) -> str:
    """The text with lone surrogates, which no tokenizer accepts, replaced by question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


class HashingEncoder:
    """Character 1- to 3-grams hashed with a sign into ``dimension`` numbers (Weinberger et al. 2009)."""

    def __init__(self, dimension: int = 512) -> None:
        self.name, self.dimension, self.window = "hashing", dimension, 100_000
        self.fingerprint = f"hashing-{dimension}-v1"

    def encode(self, texts: Sequence[str], kind: Kind = "document", *, progress: bool = False) -> FloatArray:
        """See ``Encoder``; queries and documents are treated alike."""
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in enumerate(texts):
            folded = re.sub(r"[^\w]+", " ", fold(text))
            counts: dict[str, int] = {}
            for size in (1, 2, 3):
                for start in range(len(folded) - size + 1):
                    gram = folded[start : start + size]
                    counts[gram] = counts.get(gram, 0) + 1
            for gram, count in counts.items():
                code = zlib.crc32(gram.encode())
                # longer n-grams say more; the logarithm keeps a repeated one from drowning the rest
                value = (1.0, 2.0, 3.0)[len(gram) - 1] * (1 + np.log(count))
                vectors[row, code % self.dimension] += value if code >> 31 else -value
        return unit_rows(vectors)


class StaticEncoder:
    """A sentence-transformers ``StaticEmbedding`` folder computed with numpy: the mean of token vectors.

    The same vectors as sentence-transformers gives (a test compares them), without importing torch,
    which alone costs seconds at start-up.
    """

    def __init__(self, folder: Path, modules: Sequence[str], name: str) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        part = folder / modules[0]
        self._tokenizer = Tokenizer.from_file(str(part / "tokenizer.json"))
        self._tokenizer.no_padding()
        tensors = load_file(str(part / "model.safetensors"))
        # the layout of sentence-transformers, or of model2vec: rows shared by tokens, one weight a token
        self._rows: NDArray[Any] = tensors[
            "embedding.weight" if "embedding.weight" in tensors else "embeddings"
        ]
        self._mapping: NDArray[Any] | None = tensors.get("mapping")
        self._weights: NDArray[Any] | None = tensors.get("weights")
        self._count = self._tokenizer.get_vocab_size()
        self._prompts = _prompts(folder)
        self.name, self.dimension, self.window = name, int(self._rows.shape[1]), 600
        self.fingerprint = fingerprint_of(folder)

    def encode(self, texts: Sequence[str], kind: Kind = "document", *, progress: bool = False) -> FloatArray:
        """See ``Encoder``."""
        prompt = self._prompts[kind]
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for start in _batches(len(texts), 1024, progress):
            batch = [prompt + text for text in texts[start : start + 1024]]
            for row, encoding in enumerate(
                self._tokenizer.encode_batch(batch, add_special_tokens=False), start
            ):
                if encoding.ids:
                    vectors[row] = self.token_vectors(np.array(encoding.ids)).mean(axis=0)
        return unit_rows(vectors)

    def tokens(self, texts: Sequence[str]) -> list[NDArray[np.int64]]:
        """The token numbers of each text, in its order."""
        encoded = self._tokenizer.encode_batch([encodable(text) for text in texts], add_special_tokens=False)
        return [np.array(encoding.ids, np.int64) for encoding in encoded]

    @cached_property
    def token_lengths(self) -> FloatArray:
        """The length of every token's vector; training made it the weight of the token."""
        blocks = np.array_split(np.arange(self._count), max(1, self._count // 4096))
        lengths = [np.linalg.norm(self.token_vectors(block), axis=1) for block in blocks]
        return np.concatenate(lengths).astype(np.float32)

    def token_vectors(self, ids: NDArray[Any]) -> FloatArray:
        """One vector a token; small integers are scaled here, so the table keeps its size on disk."""
        rows: FloatArray = self._rows[ids if self._mapping is None else self._mapping[ids]].astype(np.float32)
        return rows if self._weights is None else rows * self._weights[ids, None].astype(np.float32)


class TransformerEncoder:
    """Any sentence-transformers model by name or folder; its own prompts for queries and documents."""

    def __init__(self, name: str) -> None:
        refuse_absent_model(name)
        from sentence_transformers import SentenceTransformer

        try:
            self._model: Any = SentenceTransformer(name)
        except Exception as error:
            raise EncoderError(f"Cannot load the encoder {name!r}: {error}") from error
        self.name = name
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        # about 1.3 Chinese characters a token; a little less, so that nothing is cut off
        self.window = int(1.2 * (self._model.max_seq_length or 512))
        folder = Path(name)
        self.fingerprint = fingerprint_of(folder) if folder.is_dir() else _revision(self._model, name)

    def encode(self, texts: Sequence[str], kind: Kind = "document", *, progress: bool = False) -> FloatArray:
        """See ``Encoder``."""
        encode = self._model.encode_query if kind == "query" else self._model.encode_document
        vectors = encode(list(texts), batch_size=BATCH, show_progress_bar=progress, convert_to_numpy=True)
        return unit_rows(np.asarray(vectors, np.float32).reshape(len(texts), self.dimension))


class EndpointEncoder:
    """An OpenAI-compatible ``/embeddings`` endpoint, named ``http://host/v1#model``.

    The key is ``ENCODER_API_KEY`` (or ``LLM_API_KEY``); it is sent, never stored.
    """

    def __init__(self, name: str) -> None:
        self._base, _, self._model = name.partition("#")
        if not self._model:
            raise EncoderError(f"Name the model after a #, as in {name.rstrip('/')}#bge-m3")
        self.name, self.window = name, 1_500
        self.dimension = int(self._request(["维度"]).shape[1])
        self.fingerprint = f"{name}-{self.dimension}"

    def encode(self, texts: Sequence[str], kind: Kind = "document", *, progress: bool = False) -> FloatArray:
        """See ``Encoder``; raises ``EncoderError`` when the endpoint does not answer."""
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        starts = _batches(len(texts), BATCH, progress)
        return unit_rows(np.concatenate([self._request(texts[s : s + BATCH]) for s in starts]))

    def _request(self, texts: Sequence[str]) -> FloatArray:
        from urllib.error import URLError
        from urllib.request import Request, urlopen

        url = f"{self._base.rstrip('/')}/embeddings"
        headers = {"Content-Type": "application/json"}
        if key := setting("ENCODER_API_KEY") or setting("LLM_API_KEY"):
            headers["Authorization"] = f"Bearer {key}"
        body = json.dumps({"model": self._model, "input": list(texts)}).encode()
        try:
            with urlopen(Request(url, body, headers), timeout=120) as reply:
                rows = sorted(json.load(reply)["data"], key=lambda row: int(row["index"]))
            vectors = np.array([row["embedding"] for row in rows], np.float32)
        except (URLError, OSError, ValueError, KeyError) as error:
            raise EncoderError(f"The embeddings endpoint {url} failed: {error}. Is it running?") from error
        if len(vectors) != len(texts):
            raise EncoderError(
                f"The embeddings endpoint {url} sent {len(vectors)} vectors for {len(texts)} texts."
            )
        return vectors


def open_encoder(name: str = "") -> Encoder:
    """The encoder of that name (see the module's docstring); ``EncoderError`` where there is none."""
    if not name:
        name = str(DEFAULT_MODEL) if (DEFAULT_MODEL / "modules.json").is_file() else "hashing"
    if name == "hashing":
        return HashingEncoder()
    if name.startswith(("http://", "https://")):
        return EndpointEncoder(name)
    folder = Path(name)
    shown = "" if folder.resolve() == DEFAULT_MODEL.resolve() else name
    if not shown and (bundled := bundled_words()):
        return bundled
    if folder.is_dir() and (static := _static_modules(folder)):
        return StaticEncoder(folder, static, shown)
    encoder = TransformerEncoder(name)
    encoder.name = shown
    return encoder


@lru_cache(maxsize=1)
def bundled_words() -> StaticEncoder | None:
    """The token vectors of the bundled model, whatever encoder is in use; None where it is absent."""
    modules = _static_modules(DEFAULT_MODEL)
    return StaticEncoder(DEFAULT_MODEL, modules, "") if modules else None


def fingerprint_of(folder: Path) -> str:
    """A hash over the model's files (names and contents); documentation does not count."""
    digest = hashlib.sha256()
    for path in sorted(
        p for p in folder.rglob("*") if p.is_file() and p.suffix not in {".md", ".txt.gz", ".png"}
    ):
        digest.update(path.relative_to(folder).as_posix().encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]


def _static_modules(folder: Path) -> list[str]:
    """Module paths of a plain StaticEmbedding model, [] for anything else."""
    try:
        modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    kinds = [str(module["type"]).rsplit(".", 1)[-1] for module in modules]
    return (
        [str(module["path"]) for module in modules]
        if kinds in (["StaticEmbedding"], ["StaticEmbedding", "Normalize"])
        else []
    )


def _prompts(folder: Path) -> dict[Kind, str]:
    path = folder / "config_sentence_transformers.json"
    prompts = json.loads(path.read_text(encoding="utf-8")).get("prompts", {}) if path.is_file() else {}
    return {"query": prompts.get("query") or "", "document": prompts.get("document") or ""}


def refuse_absent_model(name: str, role: str = "encoder") -> None:
    """Without a network the hub library retries for more than a minute; say at once what is wrong."""
    variable = role.upper()
    if Path(name).is_dir():
        return
    if name.startswith((".", "/", "~")) or "\\" in name or name.count("/") > 1:
        raise EncoderError(
            f"There is no model folder {name!r}. Give a folder or a model name, or leave {variable} empty."
        )
    offline = os.environ.get("HF_HUB_OFFLINE", "").lower() in {"1", "true", "yes", "on"}
    if offline:
        from huggingface_hub import try_to_load_from_cache

        names = (name, f"sentence-transformers/{name}") if "/" not in name else (name,)
        if not any(isinstance(try_to_load_from_cache(n, "config.json"), str) for n in names):
            raise EncoderError(
                f"The {role} {name!r} is not on this machine and HF_HUB_OFFLINE forbids downloading it. "
                f"Download it once with a network, give a local folder, or leave {variable} empty."
            )


def _revision(model: Any, name: str) -> str:
    commit = getattr(getattr(model[0], "auto_model", None), "config", None)
    return f"{name}@{getattr(commit, '_commit_hash', None) or 'local'}"


def _batches(count: int, size: int, progress: bool) -> Sequence[int]:
    starts = range(0, count, size)
    if not progress or count <= size:
        return starts
    from tqdm import tqdm

    return tqdm(starts, desc="embedding", unit="batch", disable=None)  # type: ignore[no-any-return]
