"""Questions about something the documents do not treat are declined, with what is missing named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from answer.answerer import Answerer
from answer.nearness import cosines
from index.retrieval import Index
from ingest import load

DEVELOPMENT = [
    json.loads(line)
    for line in Path("tests/data/off_topic_dev.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.fixture(scope="module")
def answerer():
    return Answerer(Index.build(load([Path("corpus")])))


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("今天纽约天气如何？", "天气"),
        ("联合国气候变化大会在哪里举行？", "联合国气候变化大会"),
        ("火星上有多少个缔约国？", "火星"),
        ("世界卫生组织总部设在哪里？", "世界卫生组织"),
        ("《巴黎协定》什么时候生效？", "巴黎协定"),
    ],
)
def test_what_the_documents_do_not_treat_is_named(answerer, question, missing):
    answer = answerer.answer(question)
    assert answer.refused
    assert missing in answer.missing
    assert missing in answer.text


@pytest.mark.parametrize(
    "question",
    [
        "雅加达声明是什么时候通过的？",
        "国际反腐败学院设在哪里？",
        "吹哨人受到哪些保护？",
        "埃格蒙特集团哪一年成立？",
    ],
)
def test_names_and_everyday_words_of_the_documents_are_no_reason_to_decline(answerer, question):
    assert not answerer.answer(question).refused


def test_most_questions_on_other_subjects_are_declined_and_few_others(answerer):
    refused = {"off_topic": 0, "answerable": 0}
    for row in DEVELOPMENT:
        refused[row["kind"]] += answerer.answer(row["question"]).refused
    assert refused["off_topic"] >= 28
    assert refused["answerable"] <= 6


def test_cosines_are_those_of_the_nearest_word():
    near = cosines(["举报人", "天气"], "证人和举报人受到保护")
    assert near[0] == pytest.approx(1.0, abs=1e-3)
    assert near[1] < 0.2
    assert cosines(["天气"], "") is None


def test_a_refusal_names_whole_words_and_does_not_call_a_near_question_out_of_scope(answerer):
    """合同 stands in the documents, 同要 does not: half a word must not be shown as missing."""
    near = answerer.work("合同要多付一成以上的钱，得由谁点头？").decision
    assert not near.answer
    assert near.missing[0].startswith("要")
    assert not near.elsewhere
    assert answerer.work("红楼梦里林黛玉几岁").decision.elsewhere
