"""What a language model read and wrote is counted for every question."""

from __future__ import annotations

from types import SimpleNamespace

from langchain_core.messages import AIMessageChunk

from answer.llm import LLM
from eval.questions import Question
from eval.records import Record, from_json, to_json
from eval.score import Passages, score_record


class Reporting:
    """A chat model whose last chunk reports its usage, as providers do."""

    def stream(self, messages):
        yield AIMessageChunk(content="工作组")
        yield AIMessageChunk(
            content="。", usage_metadata={"input_tokens": 12, "output_tokens": 3, "total_tokens": 15}
        )


def test_the_model_adds_up_what_its_provider_reports():
    llm = LLM(Reporting(), name="reporting")
    assert llm.complete("", "谁？") == "工作组。"
    llm.complete("", "谁？")
    assert llm.tokens == 30


def test_a_provider_that_reports_nothing_counts_zero():
    llm = LLM(SimpleNamespace(stream=lambda messages: iter(["工作组。"])), name="silent")
    llm.complete("", "谁？")
    assert llm.tokens == 0


def test_tokens_survive_the_record_and_become_a_measure():
    record = from_json(to_json(Record("q", text="工作组。", tokens=15)))
    scores = score_record(Question("q", "谁？"), record, Passages({}, {}, {}, {}), answers=False)
    assert [score.value for score in scores if score.metric == "tokens"] == [15]
    silent = score_record(Question("q", "谁？"), Record("q"), Passages({}, {}, {}, {}), answers=False)
    assert "tokens" not in {score.metric for score in silent}
