import io
import json
import subprocess
import sys

import pytest
from answer_fakes import FakeIndex

from answer import __main__ as command
from answer.entailment import open_entailment


@pytest.fixture(autouse=True)
def index(monkeypatch):
    monkeypatch.setattr(command, "_open_index", lambda folder: FakeIndex())
    for name in ("LLM_MODEL", "LLM_BASE_URL", "NLI"):
        monkeypatch.delenv(name, raising=False)


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_question_prints_markers_and_sources(capsys):
    assert command.main(["秘书处审查了多少份采购合同？"]) == 0
    out = capsys.readouterr().out
    assert "87份[1]" in out
    assert "[1] TEST/WG/2023/1，第5段" in out


def test_json_is_the_contract(capsys):
    assert command.main(["秘书处审查了多少份采购合同？", "--json"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert row["sentences"][0]["citations"][0]["paragraph_id"] == "TEST/WG/2023/1#5"
    assert row["refused"] is False


def test_bulk_with_history_keeps_ids_and_order(tmp_path):
    rows = [
        {"id": "a", "question": "第五次会议在哪里举行？", "sources": [["ignored"]]},
        {
            "id": "b",
            "question": "那第四次呢？",
            "history": [{"question": "第五次会议在哪里举行？", "answer": "曼谷"}],
        },
    ]
    source, target = tmp_path / "q.jsonl", tmp_path / "out" / "a.jsonl"
    source.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    assert command.main(["--questions", str(source), "-o", str(target)]) == 0
    first, second = lines(target)
    assert (first["id"], second["id"]) == ("a", "b")
    assert "曼谷" in first["text"]
    assert "内罗毕" in second["text"]


def test_verify_writes_the_verdict_contract(tmp_path):
    text = "来自29个国家的164名代表出席会议。"
    rows = [
        {"id": 1, "claim": "来自29个国家的164名代表出席会议", "text": text},
        {"id": 2, "claim": "来自39个国家的代表出席会议。", "text": text},
        {"id": 3, "claim": "87份采购合同受到审查。", "paragraph_id": "TEST/WG/2023/1#5"},
    ]
    pairs, target = tmp_path / "pairs.jsonl", tmp_path / "v.jsonl"
    pairs.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    assert command.main(["verify", "--pairs", str(pairs), "-o", str(target)]) == 0
    found = lines(target)
    assert [row["verdict"] for row in found] == ["supported", "unsupported", "supported"]
    assert set(found[0]) == {"id", "verdict", "score", "span", "reason"}
    assert found[0]["span"] == [0, len(text) - 1]
    assert "39" in found[1]["reason"]


def test_a_dash_is_standard_input_and_output(monkeypatch, capsys):
    monkeypatch.setattr(
        "sys.stdin", io.StringIO('{"id": 1, "claim": "甲国批准公约", "text": "甲国批准公约。"}\n')
    )
    assert command.main(["verify", "--pairs", "-", "-o", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == "supported"


def test_quote_shows_the_place(capsys):
    assert command.main(["quote", "几位发言者强调培训经费不足"]) == 0
    assert "逐字相符" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ([], "either a question or --questions"),
        (["--questions", "/nowhere/q.jsonl"], "cannot be read"),
        (["问题", "-k", "0"], "at least one paragraph"),
        (["问题", "--filter", "jahr=2019"], "not understood"),
        (["问题", "--export", "x.exe"], "export to .md"),
        (["verify", "--pairs", "/nowhere"], "cannot be read"),
        (["calibrate"], "give --pairs"),
    ],
)
def test_bad_input_is_one_message_and_exit_code_2(arguments, part, capsys):
    assert command.main(arguments) == 2
    error = capsys.readouterr().err
    assert part in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ("", "is empty"),
        ("{]", "line 1 is not JSON"),
        ("[1]", "not a JSON object"),
        ('{"id": 1}', 'needs "id" and a "question"'),
    ],
)
def test_a_broken_file_names_its_line(content, part, tmp_path, capsys):
    path = tmp_path / "q.jsonl"
    path.write_text(content, encoding="utf-8")
    assert command.main(["--questions", str(path)]) == 2
    assert part in capsys.readouterr().err


def test_exports_are_written(tmp_path):
    for suffix in ("md", "json", "docx"):
        target = tmp_path / f"answer.{suffix}"
        assert command.main(["第五次会议在哪里举行？", "--export", str(target)]) == 0
        assert target.stat().st_size > 200


def test_help_imports_nothing_heavy():
    code = "import sys; sys.argv=['x','--help']\ntry:\n import answer.__main__ as m; m.main(['--help'])\nexcept SystemExit: pass\n"
    code += "assert not {'numpy','torch','jieba','langchain_core','docx'} & set(sys.modules), 'heavy'"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


def test_no_entailment_model_is_needed():
    assert open_entailment() is None
