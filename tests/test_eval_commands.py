"""The commands around a run: report, gate, verifier, ablation, noise, baseline, outside sets, review, judge."""

from __future__ import annotations

import gzip
import json
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from eval import review
from eval.__main__ import main
from eval.ablate import ablate, configurations, legs
from eval.gate import baseline_of, gate, read_baseline, write_baseline
from eval.judge import judge_run, judge_table, prompt, read_labels, read_opinion
from eval.noise import Restricted, mixed_hits, noise_table
from eval.outside import find_sets, foreign_questions, outside_table, sample
from eval.plots import bars, lines
from eval.questions import Question, QuestionError, Score, load, question_from_json
from eval.records import Cited, Record, Statement
from eval.report import html_report, markdown_report, worst, write_report
from eval.run import RunFolder, RunOptions, describe, finish, load_index, prepare, read_run, run
from eval.verifier import Judged, flagging, read_pairs, verifier_report
from index.encoder import HashingEncoder
from index.retrieval import Index
from ingest import Document, Paragraph
from ingest.corpus import Corpus

TEXTS = (
    "工作组于2019年9月4日至6日在维也纳举行了第十次会议。",
    "各国应当建立公职人员财产申报制度，并定期核查申报内容。",
    "采购程序应当透明，中标结果应当公布。",
    "<script>alert(1)</script>秘书处提供技术援助和培训。",
)
DOCUMENT = Document("甲/1", "甲/1", "示例报告", "2019-09-16", None, "zh", "\n".join(TEXTS), "a.txt")


def offsets():
    start = 0
    for text in TEXTS:
        yield start, start + len(text)
        start += len(text) + 1


PARAGRAPHS = tuple(
    Paragraph(f"甲/1#{number}", "甲/1", str(number), f"第{number}段", ("导言",), text, start=low, end=high)
    for number, (text, (low, high)) in enumerate(zip(TEXTS, offsets(), strict=True), 1)
)
CORPUS = Corpus((DOCUMENT,), PARAGRAPHS, ())


def ask(identifier, text, source, fact, split="dev", kind="date") -> Question:
    row = {"id": identifier, "question": text, "kind": kind, "split": split, "low_overlap": split == "test"}
    row |= {"sources": [[source]] if source else [], "key_facts": [[fact]] if fact else []}
    return question_from_json(row)


QUESTIONS = [
    ask("q1", "第十次会议在哪里举行？", "甲/1#1", "维也纳"),
    ask("q2", "谁要申报财产？", "甲/1#2", "公职人员", kind="who"),
    ask("q3", "中标结果怎么办？", "甲/1#3", "公布", split="test", kind="list"),
    ask("q4", "火星上有水吗？", "", "", split="test", kind="off_topic"),
]


@pytest.fixture(scope="module")
def built() -> Index:
    return Index.build(CORPUS, encoder=HashingEncoder(64))


@pytest.fixture
def finished(tmp_path) -> RunFolder:
    """A run: q1 right, q2 cites the wrong paragraph, q3 refused, q4 answered though it should not be."""

    def say(identifier, text, cited, ranked, score=1.0):
        statement = Statement(text, (Cited(cited, text.strip("。"), f"甲/1，第{cited[-1]}段"),), "verbatim")
        return Record(identifier, text, statements=(statement,), hits=tuple((r, score) for r in ranked))

    outputs = {
        "q1": say("q1", "在维也纳举行了第十次会议。", "甲/1#1", ["甲/1#1", "甲/1#2"], 2.0),
        "q2": say("q2", "秘书处提供技术援助和培训。", "甲/1#4", ["甲/1#4", "甲/1#2"]),
        "q3": Record("q3", refused=True, hits=(("甲/1#3", 1.0),)),
        "q4": say("q4", "采购程序应当透明。", "甲/1#3", ["甲/1#3"], 0.5),
    }
    manifest = {"date": "2026-11-20", "commit": "abc", "n": 4, "questions": "q.jsonl", "seed": 1}
    (tmp_path / "run.json").write_text(json.dumps(manifest), encoding="utf-8")
    from eval.questions import write_jsonl
    from eval.records import to_json

    write_jsonl(tmp_path / "answers.jsonl", [to_json(record) for record in outputs.values()])
    finish(tmp_path, QUESTIONS, outputs, CORPUS)
    return read_run(tmp_path)


class Checker(HTMLParser):
    """Collects tags and everything a page would load."""

    def __init__(self):
        super().__init__()
        self.tags: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.loaded += [value for name, value in attrs if name in ("src", "href") and value]


def test_report_is_one_page_that_loads_nothing_and_escapes_documents(finished):
    page, text = write_report(finished)
    checker = Checker()
    checker.feed(page.read_text(encoding="utf-8"))
    assert checker.loaded == []
    assert "script" not in checker.tags
    assert checker.tags.count("svg") >= 4
    html = html_report(finished)
    assert "&lt;script&gt;alert(1)" in html
    assert "风险—覆盖率" in html
    assert "甲/1，第2段" in html
    assert "`q2` (who) 谁要申报财产？ — gold at rank 2" in text.read_text(encoding="utf-8")
    assert "`q3`" not in markdown_report(finished)
    opened = replace(finished, questions=tuple(replace(item, split="dev") for item in QUESTIONS))
    assert "refused, gold at rank 1" in markdown_report(opened)


def test_report_against_an_earlier_run(finished):
    html = html_report(finished, finished)
    assert "比较 Comparison: dev: A = " in html
    assert "| correct | 2 | 0.500 | 0.500 | +0.000 |" in markdown_report(finished, finished)


def test_worst_questions_leave_out_the_right_ones(finished):
    assert [question.id for question in worst(finished)] == ["q2"]  # q3 and q4 are test questions
    opened = replace(finished, questions=tuple(replace(item, split="dev") for item in QUESTIONS))
    assert [question.id for question in worst(opened)] == ["q2", "q3", "q4"]


def test_plots_draw_values_to_scale():
    drawing = bars({"日期": (0.5, 0.25, 0.75)}, "标题", counts={"日期": 8})
    assert "日期 (n=8)" in drawing
    width = float(re.search(r'<rect x="210" [^>]*width="([\d.]+)"', drawing)[1])
    full = 640 - 210 - 70
    assert width == pytest.approx(full / 2)
    curve = lines({"a<b": [(0, 0.0), (10, 1.0)]}, "t", "x", "y")
    assert "a&lt;b" in curve
    points = re.search(r'points="([^"]+)"', curve)[1].split()
    assert [point.split(",")[0] for point in points] == ["60.0", "490.0"]


def shifted(original: RunFolder, change) -> RunFolder:
    """The same run over 40 development questions whose values are changed."""
    questions = tuple(ask(f"n{i}", f"问{i}", "甲/1#1", "x") for i in range(40))
    scores = tuple(Score(q.id, "correct", change(i)) for i, q in enumerate(questions))
    return RunFolder(original.path, original.manifest, questions, {}, scores, {}, {})


def test_gate_fails_on_significant_losses_only(finished, tmp_path):
    before = shifted(finished, lambda i: 1.0)
    path = tmp_path / "baseline.json"
    write_baseline(before, path)
    baseline = read_baseline(path)
    assert baseline["means"] == {"correct": 1.0}
    assert (baseline["date"], baseline["commit"]) == ("2026-11-20", "abc")
    assert gate(before, baseline).passed
    assert gate(shifted(finished, lambda i: float(i > 1)), baseline).passed  # two lost of 40: chance
    verdict = gate(shifted(finished, lambda i: float(i > 9)), baseline)
    assert [item.metric for item in verdict.losses] == ["correct"]
    # better is never a failure
    low = baseline_of(shifted(finished, lambda i: 0.0))
    assert gate(before, low).passed


def test_gate_never_looks_at_test_questions_and_misses_gone_measures(finished):
    recorded = baseline_of(finished)
    assert set(recorded["values"]["correct"]) == {"q1", "q2"}
    recorded["values"]["vanished"] = {"q1": 1.0}
    recorded["values"]["correct"]["q3"] = 1.0  # a test question in an old file: it is not compared
    assert next(item.n for item in gate(finished, recorded).differences if item.metric == "correct") == 2
    assert gate(finished, recorded).gone == ("vanished",)
    with pytest.raises(QuestionError, match="no baseline"):
        read_baseline(Path("missing.json"))


def test_gate_command_exit_codes(finished, tmp_path, capsys):
    path = tmp_path / "b.json"
    assert main(["gate", str(finished.path), "--baseline", str(path), "--record"]) == 0
    assert main(["gate", str(finished.path), "--baseline", str(path)]) == 0
    assert "passed" in capsys.readouterr().out
    assert main(["gate", str(finished.path), "--baseline", str(tmp_path / "none.json")]) == 2


def test_ablation_switches_each_part_off(built):
    names = [name for name, _ in configurations()]
    assert names[0] == "all parts"
    assert {"without dense", "without lexical", "BM25 alone", "dense alone"} <= set(names)
    alone = legs()
    assert (alone["BM25 alone"].dense, alone["BM25 alone"].lexical) == (False, True)
    assert (alone["dense alone"].dense, alone["dense alone"].lexical) == (True, False)
    tables = ablate(built, QUESTIONS)
    assert "| all parts | 1.000 [1.000, 1.000] | 1.000" in tables["dev"]
    assert set(tables) == {"dev", "test"}


def test_noise_keeps_gold_and_adds_the_hardest_others(built):
    hits = mixed_hits(QUESTIONS[0], built, 2)
    assert len(hits) == 3
    assert "甲/1#1" in {hit.paragraph.id for hit in hits}
    assert "甲/1#1" not in {hit.paragraph.id for hit in mixed_hits(QUESTIONS[0], built, 2, gold=False)}
    view = Restricted(built, hits)
    assert [hit.rank for hit in view.search("x", 2)] == [1, 2]
    assert view.document("甲/1").title == "示例报告"
    table = noise_table(QUESTIONS, built, [0, 3])
    assert "| gold + 0 other | 3 |" in table
    assert "no gold (refusing is right) | 3 | – | – |" in table


def test_langchain_baseline_credits_the_paragraphs_a_chunk_holds(built, tmp_path):
    pytest.importorskip("langchain_text_splitters", reason="langchain-text-splitters is not installed")
    from eval.baseline_langchain import _Owners, langchain_system

    owners = _Owners(PARAGRAPHS)
    second = PARAGRAPHS[1]
    assert owners.of("甲/1", second.start - 3, 20) == ("甲/1#2",)
    assert owners.of("甲/1", second.start, 48) == ("甲/1#2", "甲/1#3")
    respond = langchain_system(built, RunOptions(questions=tmp_path, out=tmp_path))
    record = respond(QUESTIONS[0])
    # the whole document fits one chunk, whose longest paragraph is the fourth
    assert record.cited == ("甲/1#4", "甲/1#1", "甲/1#2", "甲/1#3")
    assert record.text == DOCUMENT.text
    assert not record.refused


def test_outside_sets_leg_by_leg(tmp_path):
    folder = tmp_path / "tiny"
    folder.mkdir()
    passages = [{"_id": f"p{i}", "title": "", "text": text} for i, text in enumerate(TEXTS)]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, passages)), encoding="utf-8")
    (folder / "queries.jsonl").write_text(json.dumps({"_id": "q", "text": "财产申报制度"}), encoding="utf-8")
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq\tp1\t1\n", encoding="utf-8")
    table = outside_table(find_sets(tmp_path))
    for leg in ("BM25 alone", "dense alone", "hybrid"):
        assert f"| tiny | 4 / 1 | {leg} | 1.000 [1.000, 1.000] | 1.000 | 1.000 | 1.000 |" in table
    with pytest.raises(QuestionError, match="nothere"):
        find_sets(tmp_path, ["nothere"])
    assert len(sample(QUESTIONS, 2)) == 2
    assert sample(QUESTIONS, 2) == sample(QUESTIONS, 2)


def test_run_and_score_on_files(tmp_path, capsys):
    folder = tmp_path / "docs"
    folder.mkdir()
    numbered = "\n\n".join(f"{number}. {text}" for number, text in enumerate(TEXTS[:3], 1))
    (folder / "报告.txt").write_text(f"示例报告\n\n一、导言\n\n{numbered}\n", encoding="utf-8")
    rows = [
        {"id": "a", "question": "第十次会议在哪里举行？", "sources": [["报告#1"]], "key_facts": [["维也纳"]]},
        {"id": "b", "question": "中标结果应当如何？", "sources": [["报告.txt#3"]], "key_facts": [["公布"]]},
    ]
    questions = tmp_path / "q.jsonl"
    questions.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    options = RunOptions(questions=questions, documents=(folder,), out=tmp_path / "out")
    summary = run(options)
    assert summary["errors"] == {}
    assert summary["splits"]["all"]["metrics"]["hit@1"]["mean"] == 1.0
    manifest = read_run(tmp_path / "out").manifest
    assert {"commit", "machine", "seed", "code_sha256", "index", "settings"} <= set(manifest)
    answers = tmp_path / "theirs.jsonl"
    line = {"id": "a", "text": "维也纳", "citations": ["报告.txt#1"], "hits": [{"paragraph_id": "报告#1"}]}
    answers.write_text(json.dumps(line), encoding="utf-8")
    arguments = ["--documents", str(folder), "--questions", str(questions), "--out", str(tmp_path / "theirs")]
    assert main(["score", "--answers", str(answers), *arguments]) == 0
    theirs = read_run(tmp_path / "theirs")
    assert theirs.summary["splits"]["all"]["metrics"]["citation_f1"]["mean"] == 0.5
    assert theirs.summary["errors"] == {"b": "no answer was given"}
    index, resolved = load_index(options)
    assert resolved[1].gold == {index.paragraphs[-1].id}
    assert main(["compare", str(tmp_path / "theirs"), str(tmp_path / "out")]) == 0
    assert "| citation_f1 | 2 | 0.500 |" in capsys.readouterr().out


def test_verifier_measures(tmp_path):
    rows = [
        {
            "id": 1,
            "claim": "会议在维也纳举行",
            "paragraph_id": "报告#1",
            "label": "supported",
            "kind": "same",
        },
        {
            "id": 2,
            "claim": "会议在日内瓦举行",
            "paragraph_id": "报告#1",
            "verdict": "unsupported",
            "kind": "place",
        },
        {
            "id": 3,
            "claim": "会议在巴黎举行",
            "text": "会议在维也纳举行",
            "label": "unsupported",
            "kind": "place",
        },
        {"id": 4, "claim": "别处", "paragraph_id": "没有的#1", "label": "partial", "kind": "place"},
    ]
    path = tmp_path / "pairs.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    pairs = read_pairs(path, {"A#1": "会议在维也纳举行"}, {}, lambda name: name.replace("报告", "A"))
    assert [pair.id for pair in pairs] == ["1", "2", "3"]
    verdicts = [Judged("supported", 0.9), Judged("unsupported", 0.2), Judged("supported", 0.95)]
    prf = flagging(pairs, verdicts)
    assert (prf.precision, prf.recall) == (1.0, 0.5)
    table = verifier_report(pairs, lambda pair: verdicts[int(pair.id) - 1])
    # of the two pairs (supported, unsupported) one is ordered right: AUROC 0.5
    mixed = [*pairs[:1], replace(pairs[0], id="9", kind="place"), *pairs[1:]]
    told = verifier_report(mixed, lambda pair: verdicts[min(int(pair.id), 3) - 1])
    # the supported pair of the kind itself stands on one side only: two supported, two not
    assert "| place | 3 | 0.625 |" in told
    assert "| **all** | 3 | 0.500 | 1.000 | 0.500 | 0.667 | 0.667" in table
    assert "| place | 2 | 0.500 | 1.000 | 0.500 | 0.667 | 0.500" in table
    assert "| same | 1 | – | – | – | – | 1.000" in table
    path.write_text('{"claim": "x", "label": "maybe"}', encoding="utf-8")
    with pytest.raises(QuestionError, match=r"pairs\.jsonl:1"):
        read_pairs(path, {}, {})


def test_feedback_becomes_candidates_that_two_people_review():
    feedback = [
        {
            "question": "谁要申报？",
            "answer": "公职人员",
            "rating": "up",
            "citations": [{"paragraph_id": "A#2"}],
        },
        {"question": "在哪里？", "answer": "巴黎", "rating": "down", "citations": ["A#3"]},
        {"question": "何时？", "rating": "down", "corrected_sources": ["A#1"], "comment": "见第1段"},
    ]
    items = review.merge_feedback([], feedback)
    assert [item["sources"] for item in items] == [[["A#2"]], [], [["A#1"]]]
    assert review.merge_feedback(items, feedback) == items
    replies = iter(["a", "c", "A#1 A#2 | A#3", "s"])
    said: list[str] = []
    items = review.walk(items, "li", lambda item: item["question"], lambda text: next(replies), said.append)
    assert [item["status"] for item in items] == ["accepted", "accepted", "candidate"]
    assert items[1]["sources"] == [["A#1", "A#2"], ["A#3"]]
    second = iter(["a", "r", "q"])
    items = review.walk(items, "wu", lambda item: "", lambda text: next(second), said.append)
    assert items[1]["status"] == "rejected"
    again = review.decide(items[0], "li", "reject")
    assert [(one["annotator"], one["decision"]) for one in again["reviews"]] == [
        ("wu", "accept"),
        ("li", "reject"),
    ]
    report = review.agreement(items)
    assert report.startswith("li and wu: 2 items, same decision 1, same sources 2")
    assert len(review.accepted(items)) == 1
    assert "status" not in review.accepted(items)[0]
    with pytest.raises(QuestionError, match="unknown decision"):
        review.decide(items[0], "li", "maybe")


def test_feedback_of_the_chat_page_is_read(tmp_path):
    path = tmp_path / "feedback.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "create table feedback (at text, thumb text, reason text, question text, paragraphs text)"
        )
        rows = [
            ("1", "up", "", "谁？", "A#1\nA#2"),
            ("2", "down", "source", None, ""),
            ("3", "down", "wrong", "何时？", "A#3"),
        ]
        connection.executemany("insert into feedback values (?, ?, ?, ?, ?)", rows)
    items = review.merge_feedback([], review.read_feedback(path))
    assert [(item["question"], item["sources"], item["comment"]) for item in items] == [
        ("谁？", [["A#1", "A#2"]], ""),
        ("何时？", [], "wrong"),
    ]
    path.write_bytes(b"no database")
    with pytest.raises(QuestionError, match="no feedback file"):
        review.read_feedback(path)


def test_review_command(tmp_path, capsys):
    feedback = tmp_path / "f.jsonl"
    feedback.write_text(
        json.dumps({"question": "谁？", "rating": "up", "citations": ["A#1"]}), encoding="utf-8"
    )
    candidates = tmp_path / "c.jsonl"
    assert main(["review", str(candidates)]) == 2
    assert main(["review", str(candidates), "--feedback", str(feedback), "--agreement"]) == 0
    assert "1 candidates" in capsys.readouterr().out
    assert review.read_candidates(candidates)[0]["status"] == "candidate"


def test_judge_is_only_reported_beside_its_agreement(finished, tmp_path):
    replies = iter(
        ['好的 {"faithful": true, "correct": false}', "不知道", '{"faithful": true, "correct": true}']
    )
    opinions = judge_run(finished, lambda text: next(replies))
    assert set(opinions) == {"q1", "q2", "q4"}
    assert opinions["q1"].faithful
    assert opinions["q2"] is None
    assert "维也纳" in prompt(QUESTIONS[0], finished.records["q1"], {"甲/1#1": TEXTS[0]})
    assert read_opinion('{"faithful": "yes"}') is None
    path = tmp_path / "labels.jsonl"
    path.write_text(json.dumps({"id": "q1", "faithful": True, "correct": True}), encoding="utf-8")
    with pytest.raises(QuestionError, match="at least 10"):
        read_labels(path)
    names = [f"n{i}" for i in range(10)]
    people = {name: read_opinion('{"faithful": true, "correct": false}') for name in names}
    machine = people | {names[0]: read_opinion('{"faithful": false, "correct": false}')}
    table = judge_table(machine, people)
    assert re.search(r"\| faithful \| 10 \| 0.900 \[.*\] \| 10 \| 0.900 \| 0.000 \|", table)
    with pytest.raises(QuestionError, match="label at least 10"):
        judge_table(opinions, people)


def test_results_page_names_date_and_commit(finished, tmp_path):
    out = tmp_path / "results.md"
    assert main(["results", str(finished.path), "-o", str(out)]) == 0
    text = out.read_text(encoding="utf-8")
    assert "2026-11-20 · commit abc · 4 questions" in text
    assert "| citation_f1 | 0.333 [" in text


def test_documentation_names_every_command_measure_and_field():
    from eval.__main__ import build_parser
    from eval.questions import to_json
    from eval.summary import CHECKS, HEADLINE

    text = Path("docs/evaluation.md").read_text(encoding="utf-8")
    commands = next(action for action in build_parser()._actions if action.choices).choices
    assert [name for name in commands if f"python -m eval {name}" not in text] == []
    measures = {re.sub(r"^(document|sub_item|citation|raw)_|@.*", "", name) for name in (*HEADLINE, *CHECKS)}
    assert (
        sorted(name for name in measures if name not in text.replace("nDCG", "ndcg").replace("MRR", "mrr"))
        == []
    )
    fields = to_json(ask("x", "?", "a#1", "b"))
    assert [name for name in fields if f"`{name}`" not in text] == []


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        (["--index", "nowhere"], "There is no index in nowhere"),
        (["--documents", "corpus", "--encoder", "/nonexistent"], "/nonexistent"),
        (["--documents", "nowhere"], "no such documents: nowhere"),
        ([], "give --documents"),
    ],
)
def test_what_cannot_be_run_is_one_message(tmp_path, capsys, monkeypatch, extra, message):
    monkeypatch.setenv("ENCODER", "")  # restored afterwards: --encoder sets it
    questions = tmp_path / "q.jsonl"
    questions.write_text('{"id": "a", "question": "谁？"}', encoding="utf-8")
    out = tmp_path / "out"
    assert main(["run", "--questions", str(questions), "--out", str(out), *extra]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    # nothing was answered: the folder does not stand in the way of the next try
    prepare(out, describe(RunOptions(questions=questions, out=out, limit=1), QUESTIONS), fresh=False)


def test_foreign_questions_are_drawn_from_training_pairs(tmp_path):
    path = tmp_path / "pairs.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as out:
        out.writelines(json.dumps({"q": f"第{i}号问题的答案是什么？", "p": "答"}) + "\n" for i in range(9))
        out.write(json.dumps({"q": "短", "p": "答"}) + "\n")
    target = tmp_path / "foreign.jsonl"
    assert main(["foreign", str(path), "-n", "4", "-o", str(target)]) == 0
    questions = load(target)
    assert len({question.question for question in questions}) == 4
    assert {(q.kind, q.split, q.answerable) for q in questions} == {("off_topic", "dev", False)}
    assert foreign_questions([path], 4) == foreign_questions([path], 4)
    with pytest.raises(QuestionError, match="no pair"):
        foreign_questions([target], 4)
