import asyncio

import pytest
from answer_fakes import FakeIndex

from answer.answerer import Answerer
from answer.runnable import AnswerRunnable, paragraph_url

QUESTION = "秘书处审查了多少份采购合同？"


@pytest.fixture(scope="module")
def chain():
    return AnswerRunnable(Answerer(FakeIndex()), base="http://host")


def text_of(message):
    return "".join(block["text"] for block in message.content)


def test_invoke_gives_text_blocks_with_citations(chain):
    message = chain.invoke(QUESTION)
    block = message.content[-1]
    annotation = block["annotations"][0]
    assert annotation["type"] == "citation"
    assert annotation["url"] == "http://host/paragraphs/TEST%2FWG%2F2023%2F1%235"
    assert annotation["title"] == "TEST/WG/2023/1，第5段"
    assert text_of(message)[annotation["start_index"] : annotation["end_index"]] == block["text"]
    assert message.response_metadata["refused"] is False


def test_batch_and_history(chain):
    history = [{"question": "第四次会议什么时候举行？", "answer": "2021年5月。"}]
    one, two = chain.batch([QUESTION, {"question": "那第五次呢？", "history": history}])
    assert "87份" in text_of(one)
    assert "2023年6月6日至8日" in text_of(two)


def test_stream_adds_up_to_the_answer(chain):
    chunks = list(chain.stream(QUESTION))
    streamed = "".join(block["text"] for chunk in chunks for block in chunk.content)
    assert streamed == text_of(chain.invoke(QUESTION))
    assert chunks[-1].response_metadata["fingerprint"]


def test_async(chain):
    async def run():
        message = await chain.ainvoke(QUESTION)
        chunks = [chunk async for chunk in chain.astream(QUESTION)]
        return message, chunks

    message, chunks = asyncio.run(run())
    assert "87份" in text_of(message)
    assert len(chunks) >= 2


def test_an_input_without_a_question_is_refused(chain):
    with pytest.raises(ValueError, match="question"):
        chain.invoke({"history": []})


def test_paragraph_url_escapes_slashes():
    assert paragraph_url("A/B#1") == "/paragraphs/A%2FB%231"
