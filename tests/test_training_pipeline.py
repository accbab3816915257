"""The whole recipe at reduced size, on invented data: every stage runs, resumes, and learns something."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

TOPICS = {
    "举报": ("谁可以检举违法行为？", "任何人发现违法行为，都可以向主管机关举报，机关应当为举报人保密。"),
    "引渡": ("逃犯怎样交给外国？", "外国请求引渡的，由外交部转交法院审查，法院裁定是否符合引渡条件。"),
    "采购": ("政府买东西要招标吗？", "政府采购应当以公开招标为主要方式，供应商不足三家的应予废标。"),
    "审计": ("谁来查账？", "审计机关对国有企业的资产和财务收支进行审计监督。"),
    "洗钱": ("银行要上报什么？", "金融机构发现可疑交易的，应当及时向反洗钱信息中心报告。"),
}


def write_data(folder: Path) -> Path:
    """A data folder with a question set, translations and raw text, many near copies of five topics."""
    (folder / "pairs").mkdir(parents=True)
    (folder / "text").mkdir()
    rows = [
        {"q": f"{question}（第{n}问）", "p": f"{passage}本条为第{n}号规定。"}
        for n in range(40)
        for question, passage in TOPICS.values()
    ]
    english = [
        {"q": passage, "p": f"{name} rule number {n}"}
        for n in range(20)
        for name, (_, passage) in TOPICS.items()
    ]
    text = [{"title": "试验法", "text": row["p"]} for row in rows]
    files = {"pairs/lawyer_llama": rows, "pairs/un_enzh": english, "text/laws": text}
    for name, items in files.items():
        with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as out:
            out.writelines(json.dumps(item, ensure_ascii=False) + "\n" for item in items)
    return folder


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, list[str]]:
    from training.__main__ import main

    folder = tmp_path_factory.mktemp("training")
    common = [
        "--data",
        str(write_data(folder / "data")),
        "--work",
        str(folder / "work"),
        "--out",
        str(folder / "model"),
    ]
    common += [
        "--vocabulary",
        "1500",
        "--dim",
        "32",
        "--batch",
        "64",
        "--limit",
        "200",
        "--epochs",
        "2",
        "--threads",
        "1",
    ]
    assert main(["all", *common, "--steps", "60", "--rate", "0.005"]) == 0
    return folder / "work", folder / "model", common


def test_training_resumes_where_it_stopped(trained: tuple[Path, Path, list[str]]) -> None:
    from training.__main__ import main

    work, _, common = trained
    assert main(["train", *common, "--steps", "70"]) == 0
    steps = [json.loads(line)["step"] for line in (work / "run" / "log.jsonl").read_text().splitlines()]
    assert steps == [60, 70]


def test_model_finds_the_passage_of_each_topic(trained: tuple[Path, Path, list[str]]) -> None:
    from training.evaluate import StaticEncoder

    encode = StaticEncoder(trained[1])
    scores = (
        encode([question for question, _ in TOPICS.values()])
        @ encode([passage for _, passage in TOPICS.values()]).T
    )
    assert scores.argmax(axis=1).tolist() == [0, 1, 2, 3, 4]


def test_sentence_transformers_gives_the_same_vectors(trained: tuple[Path, Path, list[str]]) -> None:
    from sentence_transformers import SentenceTransformer

    from training.evaluate import StaticEncoder

    texts = ["谁可以举报？", "Whistle-blowers and CAC/COSP/2017/4", "审计" * 200]
    expected = SentenceTransformer(str(trained[1]), device="cpu").encode(texts)
    np.testing.assert_allclose(StaticEncoder(trained[1])(texts), expected, atol=1e-5)


def test_transformer_recipe_runs_resumes_and_loads(
    trained: tuple[Path, Path, list[str]], tmp_path: Path
) -> None:
    from sentence_transformers import SentenceTransformer

    from training.__main__ import main

    work, _, common = trained
    small = [
        "--layers",
        "1",
        "--width",
        "64",
        "--length",
        "32",
        "--run",
        "gpu",
        "--out",
        str(tmp_path / "model"),
    ]
    small += ["--batch", "16", "--pretrain-steps", "3"]
    assert main(["transformer", *common, *small, "--steps", "2"]) == 0
    assert main(["transformer", *common, *small, "--steps", "3"]) == 0
    log = [json.loads(line) for line in (work / "gpu" / "log.jsonl").read_text().splitlines()]
    assert [(row["stage"], row["step"]) for row in log] == [("pretrain", 3), ("contrast", 2), ("contrast", 3)]
    vectors = SentenceTransformer(str(tmp_path / "model"), device="cpu").encode(["谁来查账？", "谁来查账？"])
    assert vectors.shape == (2, 64)
    assert float(vectors[0] @ vectors[1]) == pytest.approx(1.0, abs=0.01)


def test_missing_data_is_said_and_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from training.__main__ import main

    assert main(["tokenizer", "--data", str(tmp_path)]) == 2
    assert "--data" in capsys.readouterr().err
