"""The bundled model: it loads both ways, is small enough, and puts questions near the passage that answers them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from training.evaluate import StaticEncoder

MODEL = Path("models/default")
# question in everyday Chinese, question in English, a passage written for this test
ASKED = (
    ("揭发坏事的人会不会被报复？", "How are whistle-blowers protected from retaliation?", "缔约国应当为检举人提供保护，使其免受任何不公正的待遇。"),
    ("贪官藏在国外的钱怎么要回来？", "How can stolen assets hidden abroad be recovered?", "资产追回章规定了没收和返还犯罪所得的国际合作办法。"),
    ("逃到外国的嫌疑人能送回来吗？", "Can a suspect who fled abroad be extradited?", "请求国可以根据双边条约提出引渡申请，由法院审查。"),
    ("政府买东西怎样防止串通？", "How is collusion in public procurement prevented?", "公共采购应当采用公开招标，并设立申诉机制。"),
    ("公司行贿会不会受罚？", "Can companies be punished for bribery?", "法人因参与贿赂犯罪应当承担刑事、民事或者行政责任。"),
    ("开会花的钱从哪里出？", "How is the meeting financed?", "本届会议的费用由经常预算和自愿捐款支付。"),
    ("当官的要不要上报自己的家产？", "Must officials declare their assets?", "公职人员应当每年提交财产申报表并说明利益冲突。"),
    ("法官怎样才能不被收买？", "How is the integrity of judges ensured?", "为加强审判机关人员的廉正，可以制定行为规则。"),
    ("银行发现可疑的钱怎么办？", "What must banks do about suspicious transactions?", "金融机构应当向金融情报机构报告可疑交易。"),
    ("下一次大会在哪个国家开？", "Which country will host the next session?", "会议接受了某国政府提出的承办下一届会议的提议。"),
)  # fmt: skip


@pytest.fixture(scope="module")
def encode() -> StaticEncoder:
    if not (MODEL / "model.safetensors").exists():
        pytest.skip("the bundled model is not there; make it with `python -m training all`")
    return StaticEncoder(MODEL)


def test_model_is_small_and_its_rows_finite(encode: StaticEncoder) -> None:
    assert sum(path.stat().st_size for path in MODEL.rglob("*") if path.is_file()) < 40e6
    assert encode.rows.shape == (encode.tokenizer.get_vocab_size(), 384)
    assert np.isfinite(encode.rows).all()
    assert not encode.rows[0].any()  # unknown characters say nothing


def test_sentence_transformers_and_the_index_give_the_same_vectors(encode: StaticEncoder) -> None:
    from sentence_transformers import SentenceTransformer

    from index.encoder import open_encoder

    texts = [question for row in ASKED for question in row] + ["CAC/COSP/2017/4 第12段", ""]
    expected = SentenceTransformer(str(MODEL), device="cpu").encode(texts)
    np.testing.assert_allclose(encode(texts), expected, atol=1e-5)
    np.testing.assert_allclose(open_encoder(str(MODEL)).encode(texts), expected, atol=1e-5)


@pytest.mark.parametrize("language", [0, 1])
def test_everyday_and_english_questions_find_their_passage(encode: StaticEncoder, language: int) -> None:
    scores = encode([row[language] for row in ASKED]) @ encode([row[2] for row in ASKED]).T
    assert (scores.argmax(axis=1) == np.arange(len(ASKED))).mean() >= 0.7


def test_first_96_numbers_still_find_most_passages(encode: StaticEncoder) -> None:
    questions, passages = (encode([row[side] for row in ASKED])[:, :96] for side in (0, 2))
    cosine = (
        questions @ passages.T / np.linalg.norm(questions, axis=1)[:, None] / np.linalg.norm(passages, axis=1)
    )
    assert (cosine.argmax(axis=1) == np.arange(len(ASKED))).mean() >= 0.6
