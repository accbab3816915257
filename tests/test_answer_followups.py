"""Which of eighty short conversations are read right: follow-ups get their context, new topics do not."""

import json
from pathlib import Path

import pytest

from answer.conversation import Turn, standalone
from answer.questions import topic

CONVERSATIONS = Path(__file__).parent / "data" / "conversations_dev.jsonl"


def reads_right(row):
    """Whether the standalone question holds one of each needed group of words and none of the forbidden."""
    history = [Turn(turn["question"], turn["answer"]) for turn in row["history"]]
    text = standalone(row["question"], history).text
    needed = all(any(word in text for word in group) for group in row["needed"])
    return needed and not any(word in text for word in row["forbidden"])


def test_follow_ups_get_their_context_and_new_topics_do_not():
    rows = [json.loads(line) for line in CONVERSATIONS.read_text(encoding="utf-8").splitlines()]
    wrong = [row["id"] for row in rows if not reads_right(row)]
    assert len(rows) == 80
    assert len(wrong) <= 2, wrong


@pytest.mark.parametrize("question", ["比较第五条和第六条的要求", "公职人员申报财产的范围包括哪些？"])
def test_a_new_topic_drags_nothing_along(question):
    told = standalone(question, [Turn("雅加达声明是什么时候通过的？", "2012年11月。")])
    assert told.text == question
    assert not told.followed


def test_the_topic_keeps_no_copula():
    assert topic("什么是资产追回？") == "资产追回"
