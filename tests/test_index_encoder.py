"""Encoders: unit vectors, the same numbers as sentence-transformers, clear and quick failures."""

import json
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest

from index.encoder import (
    EncoderError,
    EndpointEncoder,
    HashingEncoder,
    StaticEncoder,
    open_encoder,
    unit_rows,
)


def test_hashing_is_deterministic_unit_and_tells_texts_apart():
    encoder = HashingEncoder()
    vectors = encoder.encode(["资产申报制度", "資產申報", "完全不同的话题", ""])
    assert vectors.shape == (4, 512)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1, 0], abs=1e-6)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.3
    assert (HashingEncoder().encode(["资产申报制度"])[0] == vectors[0]).all()
    assert vectors[0, :3] == pytest.approx(encoder.encode(["资产申报制度"])[0, :3])


def test_unit_rows_keep_zero():
    assert unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]], np.float32)).tolist() == [
        pytest.approx([0.6, 0.8]), [0.0, 0.0]
    ]  # fmt: skip


def save_static_model(folder):
    """A tiny StaticEmbedding model, written by sentence-transformers itself."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer, models, pre_tokenizers

    letters = {char: number for number, char in enumerate(["[UNK]", *"预防腐败资产申报会议主席abc"])}
    tokenizer = Tokenizer(models.WordLevel(letters, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    weights = np.random.default_rng(2).normal(size=(len(letters), 8)).astype(np.float32)
    model = SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_weights=weights)], device="cpu")
    model.save(str(folder))
    return model


def test_static_model_gives_the_vectors_of_sentence_transformers(tmp_path):
    model = save_static_model(tmp_path / "m")
    encoder = open_encoder(str(tmp_path / "m"))
    assert isinstance(encoder, StaticEncoder)
    texts = ["预防腐败", "资产申报会议", "abc？", "会"]
    expected = unit_rows(model.encode(texts))
    assert encoder.encode(texts) == pytest.approx(expected, abs=1e-5)
    assert encoder.encode(texts, "query") == pytest.approx(expected, abs=1e-5)
    assert encoder.encode([""]).tolist() == [[0.0] * 8]


def test_static_model_does_not_import_torch(tmp_path):
    save_static_model(tmp_path / "m")
    code = (
        "import sys; from index.encoder import open_encoder;"
        f"open_encoder({str(tmp_path / 'm')!r}).encode(['会议']); print('torch' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"


def test_fingerprint_follows_the_weights_not_the_model_card(tmp_path):
    save_static_model(tmp_path / "m")
    first = open_encoder(str(tmp_path / "m")).fingerprint
    (tmp_path / "m" / "README.md").write_text("other words", encoding="utf-8")
    assert open_encoder(str(tmp_path / "m")).fingerprint == first
    with next((tmp_path / "m").rglob("*.safetensors")).open("r+b") as file:
        file.seek(-1, 2)
        last = file.read(1)
        file.seek(-1, 2)
        file.write(bytes([last[0] ^ 1]))
    assert open_encoder(str(tmp_path / "m")).fingerprint != first


@pytest.mark.parametrize("name", ["./nowhere", "/no/such/folder", "a/b/c"])
def test_absent_folder_is_named(name):
    with pytest.raises(EncoderError, match="no model folder"):
        open_encoder(name)


def test_offline_failure_is_immediate_and_says_what_to_do(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    start = time.perf_counter()
    with pytest.raises(EncoderError, match=r"no-such-org/no-such-model.*HF_HUB_OFFLINE.*ENCODER empty"):
        open_encoder("no-such-org/no-such-model")
    assert time.perf_counter() - start < 5


def save_transformer(folder):
    """A tiny BERT with random weights and a prompt for questions, written by sentence-transformers."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder.mkdir()
    letters = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"问预防腐败资产申报会议主席"]
    (folder / "vocab.txt").write_text("\n".join(letters), encoding="utf-8")
    BertTokenizerFast(vocab_file=str(folder / "vocab.txt"), model_max_length=16).save_pretrained(
        folder / "bert"
    )
    config = BertConfig(
        vocab_size=len(letters), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=32,
    )  # fmt: skip

    BertModel(config).save_pretrained(folder / "bert")
    parts = [modules.Transformer(str(folder / "bert"), max_seq_length=16), modules.Pooling(16)]
    model = SentenceTransformer(modules=parts, prompts={"query": "问", "document": ""}, device="cpu")
    model.save(str(folder / "m"))
    return model


def test_transformer_applies_its_own_prompts_and_window(tmp_path):
    model = save_transformer(tmp_path / "t")
    encoder = open_encoder(str(tmp_path / "t" / "m"))
    assert encoder.dimension == 16
    assert encoder.window == 19  # 16 tokens at 1.2 characters
    texts = ["资产申报", "会议主席"]
    with_prompt = unit_rows(model.encode(["问" + text for text in texts], prompt=""))
    assert encoder.encode(texts, "query") == pytest.approx(with_prompt, abs=1e-5)
    assert encoder.encode(texts) == pytest.approx(unit_rows(model.encode(texts, prompt="")), abs=1e-5)
    assert encoder.fingerprint == open_encoder(str(tmp_path / "t" / "m")).fingerprint


class Embeddings(BaseHTTPRequestHandler):
    """Answers out of order, as servers may; the vector tells length and first character."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(
            (self.path, body["model"], len(body["input"]), self.headers["Authorization"])
        )
        rows = [{"index": i, "embedding": [float(len(t)), 1.0, 0.0]} for i, t in enumerate(body["input"])]
        answer = json.dumps({"data": rows[::-1] if self.server.complete else rows[:-1]}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_args):
        pass


@pytest.fixture
def server():
    http = HTTPServer(("127.0.0.1", 0), Embeddings)
    http.requests, http.complete = [], True
    threading.Thread(target=http.serve_forever, daemon=True).start()
    yield http
    http.shutdown()
    http.server_close()


def test_endpoint_is_batched_ordered_and_authorised(server, monkeypatch):
    monkeypatch.setenv("ENCODER_API_KEY", "secret")
    encoder = open_encoder(f"http://127.0.0.1:{server.server_port}/v1#bge-m3")
    assert isinstance(encoder, EndpointEncoder)
    assert encoder.dimension == 3
    texts = ["字" * (1 + i % 3) for i in range(130)]
    vectors = encoder.encode(texts)
    assert vectors == pytest.approx(unit_rows(np.array([[len(t), 1, 0] for t in texts], np.float32)))
    assert [request[2] for request in server.requests[1:]] == [64, 64, 2]
    assert server.requests[0][:2] == ("/v1/embeddings", "bge-m3")
    assert server.requests[0][3] == "Bearer secret"
    assert "secret" not in encoder.name + encoder.fingerprint


def test_endpoint_that_answers_wrongly_or_not_at_all(server):
    url = f"http://127.0.0.1:{server.server_port}/v1"
    with pytest.raises(EncoderError, match="Name the model after a #"):
        open_encoder(url)
    server.complete = False
    with pytest.raises(EncoderError, match="0 vectors for 1 texts"):
        open_encoder(f"{url}#m")
    with pytest.raises(EncoderError, match="Is it running"):
        open_encoder("http://127.0.0.1:9/v1#m")
