"""The chain as a LangChain Runnable: a question in, a message with citation annotations out.

    chain = AnswerRunnable(Answerer(index))
    chain.invoke("工作组是根据哪项决议设立的？").content
    chain.batch([{"question": "…", "history": [{"question": "…", "answer": "…"}]}])
    async for chunk in chain.astream("…"): ...

``ainvoke``, ``abatch`` and ``astream`` run in threads; the answerer keeps no state between questions.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote as url_quote

from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.messages.content import create_citation
from langchain_core.runnables import Runnable, RunnableConfig

from answer.answerer import Answerer
from answer.answers import Answer, Sentence
from answer.conversation import Turn
from answer.export import contract

Input = str | Mapping[str, Any]


def paragraph_url(paragraph_id: str, base: str = "") -> str:
    """The route of the server that shows a paragraph in its document."""
    return f"{base}/paragraphs/{url_quote(paragraph_id, safe='')}"


def _block(sentence: Sentence, offset: int, base: str) -> dict[str, Any]:
    """A text block; ``start_index`` and ``end_index`` count in the whole answer's text."""
    annotations = [
        create_citation(
            url=paragraph_url(citation.paragraph_id, base),
            title=citation.label or citation.paragraph_id,
            start_index=offset,
            end_index=offset + len(sentence.text),
            cited_text=citation.quote,
            paragraph_id=citation.paragraph_id,
            verdict=citation.verdict,
        )
        for citation in sentence.citations
    ]
    return {"type": "text", "text": sentence.text, "annotations": annotations}


def to_message(answer: Answer, base: str = "") -> AIMessage:
    """The answer as a message: one text block a sentence, with citations; the contract as metadata."""
    blocks: list[str | dict[str, Any]] = []
    offset = 0
    for sentence in answer.sentences:
        blocks.append(_block(sentence, offset, base))
        offset += len(sentence.text)
    return AIMessage(content=blocks, response_metadata=contract("", answer))


class AnswerRunnable(Runnable[Input, AIMessage]):
    """Questions to cited messages.

    Input is the question, or ``{"question", "history", "filters"}`` with history as a list of
    ``{"question", "answer"}``. ``base`` is put before the citations' paths.
    """

    def __init__(self, answerer: Answerer, *, base: str = "") -> None:
        self.answerer = answerer
        self.base = base

    def invoke(self, input: Input, config: RunnableConfig | None = None, **kwargs: Any) -> AIMessage:
        """The whole answer as one message."""
        return self._call_with_config(self._message, input, config)

    def _message(self, given: Input) -> AIMessage:
        question, history, filters = _read(given)
        return to_message(self.answerer.answer(question, history, filters=filters), self.base)

    def stream(
        self, input: Input, config: RunnableConfig | None = None, **kwargs: Any
    ) -> Iterator[AIMessage]:
        """One chunk for each verified sentence, then one without text that carries the metadata."""
        question, history, filters = _read(input)
        offset = 0
        streamed: list[Sentence] = []
        for event in self.answerer.stream(question, history, filters=filters):
            if event.sentence is not None:
                streamed.append(event.sentence)
                yield AIMessageChunk(content=[_block(event.sentence, offset, self.base)])
                offset += len(event.sentence.text)
            if event.answer is not None:
                late = [s for s in event.answer.sentences if s not in streamed]
                for sentence in late:
                    yield AIMessageChunk(content=[_block(sentence, offset, self.base)])
                    offset += len(sentence.text)
                yield AIMessageChunk(content=[], response_metadata=contract("", event.answer))

    async def astream(
        self,
        input: Input,
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[AIMessage]:
        """The same chunks without blocking the event loop between them."""
        import asyncio

        chunks = self.stream(input, config, **kwargs)
        done = object()
        while (chunk := await asyncio.to_thread(next, chunks, done)) is not done:
            assert isinstance(chunk, AIMessage)
            yield chunk


def _read(given: Input) -> tuple[str, Sequence[Turn], Any]:
    """Question, history and filters of an input; ``ValueError`` where there is no question."""
    if isinstance(given, str):
        return given, (), None
    question = given.get("question", given.get("input"))
    if not isinstance(question, str):
        raise ValueError('The input is a question, or {"question": …, "history": […]}.')
    history = [
        turn if isinstance(turn, Turn) else Turn(str(turn["question"]), str(turn.get("answer", "")))
        for turn in given.get("history") or ()
    ]
    return question, history, given.get("filters")
