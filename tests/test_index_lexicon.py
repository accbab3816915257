"""The learned English-Chinese words: Model 1 on a toy corpus, and what the bundled table does for a question."""

import gzip
import json

import pytest

from index.__main__ import main
from index.lexicon import bundled_lexicon, content_stems, learn_lexicon, stem
from index.query import parse_query
from index.retrieval import Index


def test_model1_tells_apart_words_that_always_stand_together_with_others():
    pairs = [(["主席", "会议"], ["chair", "meeting"]), (["会议", "报告"], ["meeting", "report"]),
             (["主席", "报告"], ["chair", "report"])] * 2  # fmt: skip
    table = learn_lexicon(pairs)
    assert {word: entries[0][0] for word, entries in table.items()} == {
        "chair": "主席", "meeting": "会议", "report": "报告"
    }  # fmt: skip
    assert table["chair"][0][1] > 0.9


@pytest.mark.parametrize(
    ("forms", "expected"),
    [
        (("publish", "published", "publishing"), "publish"),
        (("train", "training", "trained"), "train"),
        (("stop", "stopped", "stopping"), "stop"),
        (("chaired", "chair"), "chair"),
        (("red", "bed"), None),
    ],
)
def test_stem(forms, expected):
    stems = {stem(form) for form in forms}
    assert stems == ({expected} if expected else set(forms))


def test_content_stems_leave_out_function_words_and_numbers():
    assert content_stems("what was recommended in 2019 by the chair") == ["recommend", "chair"]


def test_bundled_lexicon_knows_ordinary_words():
    table = bundled_lexicon()
    assert len(table) > 2000
    assert "主席" in dict(table[stem("chair")])
    assert "培训" in dict(table[stem("training")])
    assert all(0 < p <= 1 for entries in table.values() for _, p in entries)


def test_english_questions_find_chinese_paragraphs():
    from index_corpus import small_corpus

    from index.encoder import HashingEncoder

    index = Index.build(small_corpus(), encoder=HashingEncoder())
    question = "What did States recommend on procurement reform in 2021?"
    assert parse_query(question).language == "en"
    assert index.search(question, 1)[0].paragraph.id == "r2021#3"
    assert index.search("Who chaired the meeting in 2019?", 1)[0].paragraph.id == "r2019#1"


def test_command_writes_the_table(tmp_path, capsys):
    pairs = [{"q": "主席致辞", "p": "chair"}, {"q": "meeting", "p": "会议"}] * 3
    with gzip.open(tmp_path / "p.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(pair) + "\n" for pair in pairs)
    assert main(["lexicon", "--pairs", str(tmp_path / "p.jsonl.gz"), "-o", str(tmp_path / "l.tsv")]) == 0
    assert "会议=1.00" in (tmp_path / "l.tsv").read_text(encoding="utf-8")
