"""Reading question files, resolving gold ids, and the checker."""

from __future__ import annotations

import gzip
import json

import pytest

from eval.check import check, longest_shared_run
from eval.questions import (
    Question,
    QuestionError,
    load,
    load_beir_corpus,
    question_from_json,
    resolve,
    split_pinpoint,
    to_json,
)
from eval.score import Passages
from ingest import Document, Footnote, Paragraph, SubItem

DOCUMENT = Document("A/1", "A/1", "年度会议报告", "2019-09-16", None, "zh", "", "papers/000_abc.txt")
PARAGRAPHS = (
    Paragraph("A/1#1", "A/1", "1", "第1段", ("导言",), "工作组于2019年9月举行会议。"),
    Paragraph(
        *("A/1#2", "A/1", "2", "第2段", ("导言",), "职能如下：(a) 积累知识；(b) 交流经验。"),
        sub_items=(SubItem("(a)", "积累知识；", 5, 14), SubItem("(b)", "交流经验。", 14, 23)),
        footnotes=(Footnote("1", "另见第3/2号决议。", 3),),
    ),
    Paragraph("A/1#2(a)/1", "A/1", "2(a)/1", "议程项目2(a)，第1段", (), "秘书处提交背景文件。"),
)
PASSAGES = Passages.of([DOCUMENT], PARAGRAPHS)


def question(identifier="q1", text="会议是哪一年开的？", **fields) -> Question:
    row = {"id": identifier, "question": text, "sources": [["A/1#1"]], "key_facts": [["2019"]]}
    return question_from_json({**row, "kind": "date", "split": "dev"} | fields)


def found(*questions: Question) -> str:
    resolved = resolve(questions, [DOCUMENT], PASSAGES.texts)
    return "\n".join(check(resolved, PASSAGES).errors)


def test_jsonl_fields_and_round_trip(tmp_path):
    row = {
        "id": "c1",
        "question": "那第二项呢？",
        "history": [{"question": "职能有哪些？", "answer": "两项。"}],
        "sources": [["A/1#1", "A/1#2"], ["A/1#2(b)"]],
        "key_facts": [["经验", "交流"], ["2019"]],
        "kind": "conversation",
        "split": "test",
        "lang": "zh",
        "low_overlap": True,
    }
    path = tmp_path / "q.jsonl"
    path.write_text("\n" + json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8-sig")
    [loaded] = load(path)
    assert loaded.sources == (frozenset({"A/1#1", "A/1#2"}), frozenset({"A/1#2(b)"}))
    assert loaded.history[0].question == "职能有哪些？"
    assert loaded.documents == ("A/1",)
    assert to_json(loaded) == row


def test_flat_sources_are_alternatives_and_missing_sources_are_unlabelled():
    assert question(sources=["x#1", "x#2"]).sources == (frozenset({"x#1"}), frozenset({"x#2"}))
    plain = question_from_json({"id": 1, "question": "?"})
    assert not plain.labelled
    assert not plain.answerable
    assert question(sources=[]).labelled


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"id": "a"}', 'needs "id" and "question"'),
        ("[1]", "expected a JSON object"),
        ("{", "not valid JSON"),
        ('{"id": "a", "question": "b", "history": [1]}', "wrong shape"),
    ],
)
def test_bad_lines_name_file_and_line(tmp_path, line, message):
    path = tmp_path / "q.jsonl"
    path.write_text('{"id": "ok", "question": "?"}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(QuestionError, match=message) as caught:
        load(path)
    assert "q.jsonl:2" in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_csv(tmp_path, encoding):
    path = tmp_path / "q.csv"
    path.write_text(
        "id,question,sources,key_facts,kind\n"
        "q1,何时？,A/1#1 + A/1#2|A/1#3,2019年/一九年|九月,date\n"
        "q2,谁？,,,who\n",
        encoding=encoding,
    )
    first, second = load(path)
    assert first.sources == (frozenset({"A/1#1", "A/1#2"}), frozenset({"A/1#3"}))
    assert first.key_facts == (("2019年", "一九年"), ("九月",))
    assert second.labelled
    assert not second.answerable


def test_beir_folder(tmp_path):
    with gzip.open(tmp_path / "queries.jsonl.gz", "wt", encoding="utf-8") as out:
        out.write(
            '{"_id": "q1", "text": "谁？", "answers": ["甲", "乙"]}\n{"_id": "q2", "text": "不在本组"}\n'
        )
    (tmp_path / "qrels.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq1\tc2\t1\nq1\tc1\t1\nq1\tc0\t0\n", encoding="utf-8"
    )
    (tmp_path / "corpus.jsonl").write_text(
        '{"_id": "c1", "title": "标题", "text": "正文"}\n', encoding="utf-8"
    )
    [loaded] = load(tmp_path)
    assert loaded.sources == (frozenset({"c1"}), frozenset({"c2"}))
    assert loaded.key_facts == (("甲", "乙"),)
    documents, paragraphs = load_beir_corpus(tmp_path)
    assert (documents[0].title, paragraphs[0].id, paragraphs[0].text) == ("标题", "c1", "正文")


def test_documents_may_be_named_by_stem_and_sub_items_become_pinpoints():
    [done] = resolve(
        [question(sources=[["000_abc#2(b)"], ["000_abc.txt#2(a)/1"]])], [DOCUMENT], PASSAGES.texts
    )
    assert done.sources == (frozenset({"A/1#2"}), frozenset({"A/1#2(a)/1"}))
    assert done.pinpoints == (frozenset({"A/1#2(b)"}), frozenset({"A/1#2(a)/1"}))
    assert split_pinpoint("A/1#2(a)(二)", frozenset({"A/1#2"})) == ("A/1#2", "(a)(二)")
    assert split_pinpoint("A/1#9(a)", frozenset({"A/1#2"})) == ("A/1#9(a)", "")


def test_checker_accepts_a_good_set():
    assert (
        found(question(), question("q2", "依据的是哪项决议？", sources=[["A/1#2"]], key_facts=[["3/2"]]))
        == ""
    )


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"sources": [["A/1#77"]]}, "unknown paragraph A/1#77"),
        ({"key_facts": [["2035年"]]}, "fact 2035年 stands in no gold paragraph"),
        ({"key_facts": []}, "no key facts"),
        ({"kind": "unanswerable"}, "has sources"),
        ({"kind": "false_premise", "key_facts": []}, "no key facts"),
        ({"sources": []}, "kind date has no sources"),
        ({"kind": "when"}, "unknown kind"),
        ({"split": "train"}, "split must be dev or test"),
        ({"history": [{"question": "a", "answer": "b"}]}, "only conversations"),
    ],
)
def test_checker_rejects(fields, message):
    assert message in found(question(**fields))


def test_checker_rejects_duplicates_and_leaks():
    assert "the id is used twice" in found(question(), question(text="会议由谁主持？"))
    assert "the same question as q1" in found(question(), question("q2", "会议是哪一年开的?"))
    leak = found(question(), question("q2", "会议是哪一年开的呢？", split="test"))
    assert "nearly the same question" in leak


def test_checker_rejects_copied_sentences():
    long = "秘书处提交了关于在预防腐败领域开展的工作的背景文件供会议审议"
    passages = Passages.of([DOCUMENT], [Paragraph("A/1#1", "A/1", "1", "第1段", (), long + "2019")])
    copied = question(text=f"为什么{long}？")
    assert "copies from A/1#1" in "\n".join(check([copied], passages).errors)
    assert longest_shared_run("甲乙丙丁", "乙 丙戊") == "乙丙"


def test_checker_warns_of_unbalanced_kinds_and_documents():
    questions = [question(f"q{i}", f"第{i}个问题是什么？", split="dev") for i in range(4)]
    warnings = check(resolve(questions, [DOCUMENT], PASSAGES.texts), None).warnings
    assert "kind date is unbalanced: 4 dev, 0 test" in warnings
    assert "document A/1 is unbalanced: 4 dev, 0 test" in warnings
    even = [question(f"q{i}", f"第{i}个问题是什么？", split=("dev", "test")[i % 2]) for i in range(4)]
    assert check(even, None).warnings == ()
