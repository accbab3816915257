"""A whole run over a fake index and answerer: rows, resuming, failures, comparison."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from answer.answers import Answer, Citation, Sentence
from eval import records
from eval.__main__ import main
from eval.compare import changed_questions, compare_runs, compare_scores, compare_table
from eval.questions import QuestionError, Score, question_from_json
from eval.run import RunOptions, answering, collect, describe, finish, prepare, read_records, read_run, select
from eval.score import Passages, score_record
from eval.summary import by_metric, means, split_table
from index.hits import Hit
from ingest import Document, Paragraph, SubItem

DOCUMENT = Document("A", None, "示例报告", "2019", None, "zh", "", "a.txt")
PARAGRAPHS = (
    Paragraph("A#1", "A", "1", "第1段", (), "会议于2019年在维也纳举行。"),
    Paragraph(
        *("A#2", "A", "2", "第2段", (), "(a) 积累知识；(b) 交流经验。"),
        sub_items=(SubItem("(a)", "积累知识；", 0, 8), SubItem("(b)", "交流经验。", 8, 17)),
    ),
    Paragraph("A#3", "A", "3", "第3段", (), "秘书处提供支助。"),
)
PASSAGES = Passages.of([DOCUMENT], PARAGRAPHS)
QUESTIONS = [
    question_from_json(row)
    for row in (
        {"id": "q1", "question": "哪年？", "sources": [["A#1"]], "key_facts": [["2019"]], "kind": "date"},
        {"id": "q2", "question": "坏", "sources": [["A#2"]], "key_facts": [["经验"]], "kind": "list"},
        {"id": "q3", "question": "火星？", "sources": [], "kind": "off_topic"},
    )
]


class FakeIndex:
    documents = (DOCUMENT,)
    paragraphs = PARAGRAPHS
    fingerprint = "fake"

    def search(self, query, k=10):
        return [Hit(paragraph, 3.0 - rank, rank) for rank, paragraph in enumerate(PARAGRAPHS[:k], 1)]


class FakeAnswerer:
    llm = None

    def __init__(self, function):
        self.answer = function


def answer(question, history):
    """Right on the first question, an exception on "坏", a refusal otherwise."""
    if question == "坏":
        raise RuntimeError("no luck")
    hits = tuple(FakeIndex().search(question))
    if question != "哪年？":
        return Answer(question, (), True, hits, question, "f")
    cited = Citation("A#1", "2019年在维也纳举行", "verbatim", label="《示例报告》，第1段")
    return Answer(question, (Sentence("2019年。", (cited,), "verbatim"),), False, hits, question, "f")


def run_once(out, answer=answer):
    options = RunOptions(questions=out / "q.jsonl", out=out)
    prepare(out, describe(options, QUESTIONS), fresh=False)
    respond = answering(FakeAnswerer(answer), FakeIndex())
    outputs = collect(QUESTIONS, respond, out / "answers.jsonl")
    return finish(out, QUESTIONS, outputs, FakeIndex())


def test_a_run_writes_rows_first_and_counts_failures_as_zero(tmp_path):
    summary = run_once(tmp_path)
    table = by_metric(read_run(tmp_path).scores)
    assert table["citation_f1"] == {"q1": 1.0, "q2": 0.0}
    assert table["key_facts"] == {"q1": 1.0, "q2": 0.0}
    assert table["correct"] == {"q1": 1.0, "q2": 0.0, "q3": 1.0}
    assert table["hit@1"] == {"q1": 1.0, "q2": 0.0}
    assert table["alce_recall"] == {"q1": 1.0, "q2": 0.0}
    assert table["locator"]["q1"] == table["verbatim"]["q1"] == table["figure_agreement"]["q1"] == 1.0
    assert table["false_refusal"] == {"q1": 0.0, "q2": 1.0}
    assert summary["errors"] == {"q2": "RuntimeError: no luck"}
    everything = summary["splits"]["all"]
    assert everything["metrics"]["citation_f1"]["mean"] == 0.5
    assert everything["refusal"]["precision"] == everything["refusal"]["recall"] == 1.0
    # the sure answer first with no loss, then the failure and the refusal
    assert everything["aurc"] == pytest.approx((0 + 1 / 2 + 2 / 3) / 3)
    assert "| citation_f1 | 0.500 [" in split_table(summary)


def test_a_stopped_run_goes_on_and_retries_failures(tmp_path):
    run_once(tmp_path)
    path = tmp_path / "answers.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(lines[:2]) + "\n" + lines[2][:20], encoding="utf-8")
    asked = []

    def counting(question, history):
        asked.append(question)
        return answer("哪年？", history)

    run_once(tmp_path, counting)
    assert asked == ["坏", "火星？"]
    assert {name: record.error for name, record in read_records(path).items()} == {
        "q1": "",
        "q2": "",
        "q3": "",
    }


def test_a_folder_with_another_run_is_refused(tmp_path):
    run_once(tmp_path)
    options = RunOptions(questions=tmp_path, out=tmp_path)
    with pytest.raises(QuestionError, match="--fresh"):
        prepare(tmp_path, describe(options, QUESTIONS[:1]), fresh=False)
    prepare(tmp_path, describe(options, QUESTIONS[:1]), fresh=True)
    with pytest.raises(QuestionError, match="no finished run"):
        read_run(tmp_path)


def test_foreign_questions_are_all_to_be_declined(tmp_path):
    chosen = select(QUESTIONS, RunOptions(questions=tmp_path, out=tmp_path, foreign=True))
    assert [question.answerable for question in chosen] == [False, False, False]
    scores = [score_record(question, records.from_json({"id": question.id}), PASSAGES) for question in chosen]
    assert {item.metric: item.value for item in scores[0]}["declined"] == 0.0


def test_sub_items_are_found_through_the_quote():
    asked = question_from_json({"id": "s", "question": "?", "sources": [["A#2(b)"]], "key_facts": [["经验"]]})
    from eval.questions import resolve

    [asked] = resolve([asked], [DOCUMENT], PASSAGES.texts)
    for quote, expected in (("交流经验", 1.0), ("积累知识", 0.0)):
        row = {
            "id": "s",
            "sentences": [{"text": "x", "citations": [{"paragraph_id": "A#2", "quote": quote}]}],
        }
        scores = {item.metric: item.value for item in score_record(asked, records.from_json(row), PASSAGES)}
        assert scores["sub_item_f1"] == expected
        assert scores["citation_f1"] == 1.0


def test_a_plain_answer_without_sentences_is_read():
    record = records.from_json(
        {"id": 7, "text": "答", "citations": ["A#1", "A#1"], "hits": [{"paragraph_id": "A#3"}]}
    )
    assert record.cited == ("A#1",)
    assert record.ranked == ("A#3",)
    assert records.from_json(records.to_json(record)) == record
    with pytest.raises(ValueError, match="wrong shape"):
        records.from_json({"id": 1, "hits": [3]})


def test_a_refusal_earns_no_citations():
    asked = question_from_json({"id": "r", "question": "?", "sources": [["A#1"]], "key_facts": [["2019"]]})
    row = {"id": "r", "text": "没有找到2019。", "citations": ["A#1"], "refused": True}
    scores = {item.metric: item.value for item in score_record(asked, records.from_json(row), PASSAGES)}
    assert scores["citation_f1"] == scores["key_facts"] == scores["correct"] == 0.0
    assert scores["false_refusal"] == 1.0
    assert "verbatim" not in scores


def test_the_raw_answer_of_a_model_is_measured_apart():
    row = {
        "id": "r",
        "text": "会议于2019年举行。",
        "raw_text": "会议于2019年举行[1]。会议于2025年举行[2][9]。",
        "mode": "llm",
        "sentences": [{"text": "会议于2019年举行。", "citations": [{"paragraph_id": "A#1"}]}],
        "hits": [{"paragraph_id": "A#1"}, {"paragraph_id": "A#3"}],
    }
    record = records.from_json(row)
    raw = records.raw_statements(record)
    assert [[item.paragraph_id for item in one.citations] for one in raw] == [["A#1"], ["A#3", "[9]"]]

    def supports(ids, sentence):
        return "2019" in sentence and "A#1" in ids

    asked = question_from_json({"id": "r", "question": "?", "sources": [["A#1"]], "key_facts": [["2019"]]})
    scores = {item.metric: item.value for item in score_record(asked, record, PASSAGES, supports)}
    assert (scores["alce_recall"], scores["raw_alce_recall"]) == (1.0, 1 / 2)
    assert scores["raw_alce_precision"] == 1 / 3
    assert (scores["figure_agreement"], scores["raw_figure_agreement"]) == (1.0, 1 / 2)
    fallen = replace(record, refused=True, text="没有找到。", statements=())
    scores = {item.metric: item.value for item in score_record(asked, fallen, PASSAGES, supports)}
    assert scores["raw_alce_recall"] == 1 / 2
    assert "alce_recall" not in scores
    assert records.raw_statements(replace(record, raw_text=record.text)) == ()


def test_fewer_false_refusals_are_wins():
    before, after = {"false_refusal": {"a": 1.0, "b": 0.0}}, {"false_refusal": {"a": 0.0, "b": 0.0}}
    [item] = compare_scores(before, after, ["false_refusal"])
    assert (item.difference, item.wins, item.losses) == (-0.5, 1, 0)


def test_means_are_over_the_questions_a_measure_applies_to():
    rows = [Score("a", "m", 1.0), Score("b", "m", 0.0), Score("c", "other", 1.0)]
    assert means(rows)["m"].mean == 0.5
    assert means(rows, {"a", "c"})["m"].mean == 1.0


def test_compare_two_runs(tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    second.mkdir()
    run_once(first)
    run_once(second, lambda question, history: answer("火星？", history))
    runs = read_run(first), read_run(second)
    [item] = compare_runs(*runs, metrics=["correct"])
    assert (item.n, item.first, item.second, item.wins, item.losses) == (3, 2 / 3, 1 / 3, 0, 1)
    assert item.difference == pytest.approx(-1 / 3)
    assert "| correct | 3 | 0.667 | 0.333 | -0.333 |" in compare_table([item])
    assert changed_questions(*runs, "correct") == [("q1", "哪年？", 1.0, 0.0)]
    with pytest.raises(QuestionError, match="no such measure"):
        compare_runs(*runs, metrics=["magic"])
    with pytest.raises(QuestionError, match="split"):
        compare_runs(*runs, split="test")


def test_bad_input_is_one_message_and_code_2(tmp_path, capsys):
    assert main(["compare", str(tmp_path), str(tmp_path)]) == 2
    assert "holds no finished run" in capsys.readouterr().err
    bad = tmp_path / "bad.jsonl"
    bad.write_text("{", encoding="utf-8")
    assert main(["check", str(bad)]) == 2
    assert "bad.jsonl:1" in capsys.readouterr().err


def test_check_command_reports_errors(tmp_path, capsys):
    path = tmp_path / "q.jsonl"
    row = {"id": "a", "question": "?", "sources": [["A#1"]], "key_facts": [], "kind": "date", "split": "dev"}
    path.write_text(json.dumps(row), encoding="utf-8")
    assert main(["check", str(path)]) == 1
    assert "a: no key facts" in capsys.readouterr().out


def test_putting_a_false_premise_right_counts_as_declining():
    row = {"id": "f", "question": "为何在日内瓦？", "sources": [["A#1"]], "key_facts": [["维也纳"]]}
    asked = question_from_json({**row, "kind": "false_premise"})
    assert not asked.answerable
    for text, expected in (("在维也纳举行。", 1.0), ("在日内瓦举行。", 0.0)):
        record = records.from_json({"id": "f", "text": text, "citations": ["A#1"]})
        scores = {item.metric: item.value for item in score_record(asked, record, PASSAGES)}
        assert scores["declined"] == scores["correct"] == expected
        assert "citation_f1" not in scores
    refusal = records.from_json({"id": "f", "refused": True})
    scores = {item.metric: item.value for item in score_record(asked, refusal, PASSAGES)}
    assert scores == {"declined": 1.0, "correct": 1.0, "premise_corrected": 0.0}
