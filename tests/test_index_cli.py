"""The command line: contracts, messages and exit codes."""

import json
import subprocess
import sys
import time

import pytest
from index_corpus import small_corpus

from index.__main__ import main
from index.encoder import HashingEncoder
from index.fusion import FEATURES
from index.retrieval import Index


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli") / "index"
    Index.build(small_corpus(), encoder=HashingEncoder()).save(folder)
    return folder


def run(capsys, *args):
    code = main([str(arg) for arg in args])
    out, err = capsys.readouterr()
    return code, out, err


def test_help_is_quick():
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "index", "--help"], check=True, capture_output=True)
    assert time.perf_counter() - start < 1.5  # aim 0.5 s; a busy machine is not a failure


def test_search_as_json(saved, capsys):
    code, out, _ = run(capsys, "search", "资产申报", "-k", 2, "--json", "--index", saved)
    row = json.loads(out)
    assert code == 0
    assert row["query"] == "资产申报"
    assert [hit["rank"] for hit in row["hits"]] == [1, 2]
    assert row["hits"][0]["paragraph_id"] == "r2019#3"
    assert row["hits"][0]["citation"] == "《工作组第十次会议报告》，第3段"


def test_search_as_text(saved, capsys):
    code, out, _ = run(capsys, "search", "资产申报", "-k", 1, "--index", saved)
    assert code == 0
    assert "《工作组第十次会议报告》，第3段" in out
    assert any(f"{name} " in out for name in FEATURES)


def test_search_in_bulk(saved, capsys, tmp_path):
    questions, hits = tmp_path / "q.jsonl", tmp_path / "hits.jsonl"
    rows = [
        {"id": "a", "question": "资产申报", "kind": "x"},
        {"id": 2, "question": "第3/2号决议", "history": []},
    ]
    questions.write_text("\ufeff" + "\n".join(map(json.dumps, rows)) + "\n\n", encoding="utf-8")
    code, out, _ = run(
        capsys, "search", "--questions", questions, "-k", 3, "--json", "-o", hits, "--index", saved
    )
    found = [json.loads(line) for line in hits.read_text(encoding="utf-8").splitlines()]
    assert code == 0
    assert out == ""
    assert [row["id"] for row in found] == ["a", 2]
    assert found[0]["hits"][0].keys() == {"paragraph_id", "score", "rank"}
    assert [row["hits"][0]["paragraph_id"] for row in found] == ["r2019#3", "CAC/COSP/2017/4#1"]


def test_filter(saved, capsys):
    _, out, _ = run(capsys, "search", "会议由谁主持", "--json", "--filter", "year=2021", "--index", saved)
    assert {hit["paragraph_id"].split("#")[0] for hit in json.loads(out)["hits"]} == {"r2021"}


def test_info(saved, capsys):
    code, out, _ = run(capsys, "info", "--index", saved)
    assert code == 0
    assert "hashed character n-grams, no trained model" in out
    assert "9 in 3 documents" in out
    _, out, _ = run(capsys, "info", "--json", "--index", saved)
    assert json.loads(out)["paragraphs"] == 9


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("search", "x", "--index", "nowhere"), "no index in nowhere"),
        (("search",), "Give one question"),
        (("search", "x", "-k", "0"), "-k must be 1 or more"),
        (("search", "x", "--filter", "colour=red"), "colour=red"),
        (("search", "--questions", "nowhere.jsonl"), "nowhere.jsonl"),
        (("update", "--index", "nowhere"), "Name documents"),
        (("build", "nowhere-at-all", "--index", "nowhere"), "nowhere-at-all"),
        (("build", ".", "--encoder", "./no-model"), "no-model"),
    ],
)
def test_bad_input_is_one_message_and_exit_code_2(args, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, *args)
    assert code == 2
    assert out == ""
    assert message in err
    assert "Traceback" not in err


def test_faulty_question_lines_are_named(saved, capsys, tmp_path):
    path = tmp_path / "q.jsonl"
    for text in ('{"id": 1}', "[1]", "{", '{"id": 1, "question": 5}'):
        path.write_text('{"id": 0, "question": "会议"}\n' + text + "\n", encoding="utf-8")
        code, _, err = run(capsys, "search", "--questions", path, "--index", saved)
        assert code == 2
        assert f"{path}:2" in err


def test_build_update_and_remove(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("ENCODER", "hashing")
    docs, folder = tmp_path / "docs", tmp_path / "index"
    docs.mkdir()
    (docs / "a.txt").write_text("1. 会议由甲主持。\n\n2. 各国讨论了资产申报。\n", encoding="utf-8")
    assert run(capsys, "build", docs, "--index", folder)[0] == 0
    first = Index.open(folder)
    assert [p.number for p in first.paragraphs if p.number] == ["1", "2"]
    (docs / "b.txt").write_text("1. 采购改革。\n\n2. 审计机关。\n", encoding="utf-8")
    code, _, err = run(capsys, "update", docs, "--index", folder)
    assert code == 0
    assert "1 added, 0 changed, 1 unchanged, 0 removed" in err
    second = Index.open(folder)
    assert {d.id for d in second.documents} == {"a", "b"}
    assert second.fingerprint != first.fingerprint
    code, _, err = run(capsys, "update", "--remove", "a", "--index", folder)
    assert code == 0
    assert [d.id for d in Index.open(folder).documents] == ["b"]
    assert run(capsys, "update", "--remove", "zzz", "--index", folder)[0] == 2


def test_thesaurus_look_up_and_export(capsys):
    code, out, _ = run(capsys, "thesaurus", "财产公示")
    assert code == 0
    assert "资产申报" in out
    code, out, _ = run(capsys, "thesaurus", "--export", "skos")
    assert code == 0
    assert out.startswith("@prefix skos:")
