"""The OpenAI-compatible interface: any chat client can talk to the documents and gets the citations.

Citations travel three ways, because clients differ: ``annotations`` (url_citation, as OpenAI sends
them), ``event: source`` chunks (Open WebUI), and Markdown footnotes in the text. Open WebUI makes a source
of every annotation too, which would put its numbers out of step with the markers: it gets the events only.
"""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from answer.export import sentence_row
from serve.api import ERRORS, NOT_BUFFERED, base_url
from serve.chat_tasks import attached_sources, own_words, read_task, task_reply
from serve.problems import problem_body
from serve.rows import to_row
from serve.schemas import with_urls
from serve.service import Engine, Lang
from serve.texts import text

if TYPE_CHECKING:
    from answer.answerer import StreamEvent
    from answer.conversation import Turn
    from serve.application import Context

MODEL = "uncac-documents"
LONGEST = 2000
# What would make a chat client load an image, follow a link, read HTML or see a marker that a document
# brought along.
_ACTIVE = re.compile(r"(?=!\[|\]\(|<[A-Za-z/!?]|\[\^?\d)")
_OURS = re.compile(r"\n+\[\^\d+\]: .*|\n+> .*|\[\^?\d{1,3}\]")


class MessageIn(BaseModel):
    """A message of the conversation; parts that are no text are passed over."""

    model_config = ConfigDict(extra="allow")
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[dict[str, Any]] | None = None

    def plain(self) -> str:
        """The text of the message."""
        if isinstance(self.content, list):
            return "\n".join(str(part.get("text", "")) for part in self.content if part.get("type") == "text")
        return self.content or ""


class StreamOptions(BaseModel):
    """Whether the stream ends with a chunk that counts tokens."""

    include_usage: bool = False


class ChatIn(BaseModel):
    """A chat completion as OpenAI clients ask for it; sampling parameters are accepted and have no effect.

    ``inline_sources``: Markdown footnotes in the text always, never, or (auto) unless the client is known
    to show sources by itself.
    """

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "example": {"model": MODEL, "messages": [{"role": "user", "content": "什么是资产追回？"}]}
        },
    )
    model: str = Field(MODEL, max_length=200)
    messages: list[MessageIn] = Field(min_length=1, max_length=400)
    stream: bool = False
    stream_options: StreamOptions | None = None
    inline_sources: Literal["auto", "always", "never"] | None = None
    lang: Lang = "zh"


@dataclass(slots=True)
class Writer:
    """Writes sentences as message text with markers, and keeps track of the offsets they come to stand at.

    ``footnotes`` False writes plain ``[1]`` markers, which clients with a source list link themselves. The
    first ``taken`` numbers of that list are the client's own sources.
    """

    footnotes: bool
    lang: Lang = "zh"
    taken: int = 0
    text: str = ""
    numbers: dict[str, int] = field(default_factory=dict)
    cited: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _open: bool = False

    def sentence(self, row: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]]:
        """The piece of text for a sentence and its annotations; indices are offsets into the whole text.

        ``text[start_index:end_index]`` is the sentence that the citation supports.
        """
        said = _ACTIVE.sub(r"\\", row["text"])
        lead = self._lead(said)
        start = len(self.text) + len(lead)
        end = start + len(said)
        marks, annotations = "", []
        for citation in row["citations"]:
            identifier = citation["paragraph_id"]
            if identifier not in self.numbers:
                self.numbers[identifier] = self.taken + len(self.numbers) + 1
                self.cited[identifier] = citation
            mark = f"[^{self.numbers[identifier]}]" if self.footnotes else f"[{self.numbers[identifier]}]"
            marks += "" if mark in marks else mark
            annotations.append(_annotation(citation, start, end))
        piece = lead + said + marks
        self._open = said.rstrip()[-1:] not in "。！？；.!?;”’）)："
        self.text += piece
        return piece, annotations

    def _lead(self, said: str) -> str:
        """What sets a sentence off: a new line for an item of a list, a blank line after an open end."""
        if not self.text or self.text.endswith("\n"):
            return ""
        if self._open:
            return "\n\n"
        return "\n" if said[:1] in "(（-•" else ""

    def add(self, piece: str) -> str:
        """Text of our own, without citations."""
        self.text += piece
        return piece

    def ending(self, notices: Sequence[str]) -> str:
        """Notices and footnotes after the last sentence."""
        piece = "".join(f"\n\n> {notice}" for notice in notices)
        if self.footnotes and self.numbers:
            # a word before the link: without it, programs that know no footnotes take the line for the
            # definition of a link, and show nothing
            see = "见 " if self.lang == "zh" else "See "
            piece += "\n\n" + "\n".join(
                f"[^{number}]: {see}[{self.cited[i]['label']}]({self.cited[i]['url']})"
                for i, number in self.numbers.items()
            )
        return self.add(piece)


def _annotation(citation: Mapping[str, Any], start: int, end: int) -> dict[str, Any]:
    return {
        "type": "url_citation",
        "url_citation": {
            "url": citation["url"], "title": citation["label"], "start_index": start, "end_index": end,
            "paragraph_id": citation["paragraph_id"], "quote": citation["quote"],
            "verdict": citation["verdict"],
        },
    }  # fmt: skip


def source_event(citation: Mapping[str, Any], text: str) -> dict[str, Any]:
    """What Open WebUI lists as a source: the whole paragraph under its citation.

    It counts one source for each ``metadata.source``. An address there would be shown instead of the label,
    and its page would ask a search engine for the icon of that address.
    """
    url, label = citation["url"], citation["label"]
    metadata = {"source": citation["paragraph_id"], "name": label, "paragraph_id": citation["paragraph_id"]}
    source = {"source": {"name": label, "url": url}, "document": [text], "metadata": [metadata]}
    return {"type": "source", "data": source}


def conversation(messages: Sequence[MessageIn]) -> tuple[str, list[Turn]]:
    """The last question and the exchanges before it; system messages have no effect on what is cited.

    Raises HTTPException 422 when no user message ends the conversation.
    """
    from answer.conversation import Turn

    said = [m for m in messages if m.role in ("user", "assistant") and m.plain().strip()]
    if not said or said[-1].role != "user":
        raise HTTPException(422, "The last message must be a question of the user.")
    turns: list[Turn] = []
    asked = ""
    for message in said[:-1]:
        if message.role == "user":
            asked = own_words(message.plain())
        elif asked:
            turns.append(Turn(asked[:LONGEST], _OURS.sub("", message.plain())))
            asked = ""
    question = own_words(said[-1].plain()).strip()
    if len(question) > LONGEST:
        size = f"问题有 {len(question)} 个字，最多 {LONGEST} 个字"
        raise HTTPException(422, f"{size} (the question has {len(question)} characters; {LONGEST} at most).")
    return question, turns[-20:]


def openai_routes(context: Context) -> APIRouter:
    """``/v1/models`` and ``/v1/chat/completions``."""
    router = APIRouter(prefix="/v1", tags=["openai"], responses=ERRORS)

    @router.get("/models")
    def models() -> dict[str, Any]:
        """The one model: these documents."""
        return {"object": "list", "data": [_model()]}

    @router.get("/models/{name}")
    def model(name: str) -> dict[str, Any]:
        """The model by its name."""
        if name != MODEL:
            raise HTTPException(404, f"There is no model {name!r}; use {MODEL}.")
        return _model()

    @router.post("/chat/completions")
    async def completions(asked: ChatIn, request: Request) -> Any:
        """An answer with citations; ``stream`` sends it sentence by sentence, each verified before."""
        engine, base = context.service.engine, base_url(context, request)
        task = read_task(asked.messages[-1].plain())
        question, history = ("", []) if task else conversation(asked.messages)
        listed = _lists_sources(asked, request)
        footnotes = _footnotes(context, asked, listed)
        reply = _Reply(context, engine, base, asked, question, history, footnotes, listed)
        pool = context.workers.pool(engine, writes=task is None)
        if task is not None:
            content = await context.workers.run(pool, lambda: task_reply(engine, task))
            chunks = reply.said(content)
            return _events(chunks) if asked.stream else JSONResponse(reply.completion(content))
        if asked.stream:
            return _events(reply.stream(context.workers.stream(pool, reply.events)))
        return JSONResponse(await context.workers.run(pool, reply.whole))

    return router


def _model() -> dict[str, Any]:
    return {"id": MODEL, "object": "model", "created": 0, "owned_by": "this server"}


def _events(chunks: AsyncIterator[str]) -> StreamingResponse:
    return StreamingResponse(chunks, media_type="text/event-stream", headers=NOT_BUFFERED)


def _lists_sources(asked: ChatIn, request: Request) -> bool:
    """Whether the client is taken to be Open WebUI, which lists the sources of a stream by itself.

    Unless told to forward its users' names, it gives only the name of its HTTP library. A program of one's
    own with that library says what it wants in ``inline_sources``.
    """
    agent = request.headers.get("user-agent", "").lower()
    named = any(name in agent for name in ("open webui", "open-webui", "aiohttp"))
    return asked.stream and asked.inline_sources is None and (
        named or any(name.startswith("x-openwebui") for name in request.headers)
    )  # fmt: skip


def _footnotes(context: Context, asked: ChatIn, listed: bool) -> bool:
    """Whether footnotes are written into the text."""
    wanted = asked.inline_sources or context.settings.inline_sources
    return not listed if wanted == "auto" else wanted == "always"


@dataclass(slots=True)
class _Reply:
    """One completion on its way; ``listed``: the client makes its list of sources from the events."""

    context: Context
    engine: Engine
    base: str
    asked: ChatIn
    question: str
    history: list[Turn]
    footnotes: bool
    listed: bool
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid.uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))

    def whole(self) -> dict[str, Any]:
        """The completion in one piece."""
        answer = self.engine.answer(self.question, self.history, None, self.asked.lang)
        row = with_urls(to_row(answer), self.engine.index, self.base)
        writer = self._writer()
        annotations = [a for sentence in row["sentences"] for a in writer.sentence(sentence)[1]]
        writer.ending(self._notices(row))
        sources = [self._source(c) for c in writer.cited.values()]
        completion = self.completion(writer.text, annotations)
        return {**completion, "system_fingerprint": row["fingerprint"], "sources": sources}

    def completion(self, content: str, annotations: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
        """The completion with this message."""
        message = {"role": "assistant", "content": content, "refusal": None, "annotations": [*annotations]}
        return {
            "id": self.id, "object": "chat.completion", "created": self.created, "model": MODEL,
            "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
            "usage": self._usage(content),
        }  # fmt: skip

    async def said(self, content: str) -> AsyncIterator[str]:
        """A finished text as server-sent events."""
        yield self._chunk({"role": "assistant", "content": content})
        for chunk in self._close(content):
            yield chunk

    def events(self) -> Iterator[StreamEvent]:
        """The answer step by step."""
        return self.engine.stream(self.question, self.history, None, self.asked.lang)

    async def stream(self, items: AsyncIterator[StreamEvent]) -> AsyncIterator[str]:
        """The completion as server-sent events."""
        writer = self._writer()
        yield self._chunk({"role": "assistant", "content": ""})
        try:
            sent = 0
            async for event in items:
                chunks, sent = self._step(writer, event, sent)
                for chunk in chunks:
                    yield chunk
        except Exception:  # the status line has been sent: the fault can only be told in the stream
            self.context.log.exception("a streamed completion broke off")
            yield f"data: {json.dumps(problem_body(500, 'The answer broke off; try again.'))}\n\n"
            return
        for chunk in self._close(writer.text):
            yield chunk

    def _close(self, written: str) -> Iterator[str]:
        """What ends a stream."""
        yield self._chunk({}, finish="stop")
        if self.asked.stream_options is not None and self.asked.stream_options.include_usage:
            yield self._chunk(None, usage=self._usage(written))
        yield "data: [DONE]\n\n"

    def _writer(self) -> Writer:
        taken = max(map(attached_sources, self._received()), default=0) if self.listed else 0
        return Writer(self.footnotes, self.asked.lang, taken)

    def _notices(self, row: Mapping[str, Any]) -> list[str]:
        """The notices of the answer, and that attached files are not what it was made from."""
        attached = any(attached_sources(said) or own_words(said) != said for said in self._received())
        return [*row["notices"], *([text("attached", self.asked.lang)] if attached else [])]

    def _received(self) -> list[str]:
        return [message.plain() for message in self.asked.messages if message.role != "assistant"]

    def _step(self, writer: Writer, event: StreamEvent, sent: int) -> tuple[list[str], int]:
        """The chunks for one event, and how many sentences of the answer have been sent after it."""
        if event.sentence is not None:
            return self._sentence(writer, sentence_row(event.sentence)), sent + 1
        if event.kind == "status" and event.status == "fallback" and sent:
            return [self._chunk({"content": writer.add("\n\n")})], 0
        if event.answer is None:
            return [], sent
        row = to_row(event.answer)
        chunks = [chunk for sentence in row["sentences"][sent:] for chunk in self._sentence(writer, sentence)]
        ending = writer.ending(self._notices(row))
        return [*chunks, self._chunk({"content": ending})] if ending else chunks, len(row["sentences"])

    def _sentence(self, writer: Writer, row: dict[str, Any]) -> list[str]:
        """A source event for each paragraph that is cited here first, then the text whose markers name it."""
        with_urls({"sentences": [row], "table": None}, self.engine.index, self.base)
        known = set(writer.cited)
        piece, annotations = writer.sentence(row)
        delta: dict[str, Any] = {"content": piece}
        if annotations and not self.listed:
            delta["annotations"] = annotations
        fresh = [c for i, c in writer.cited.items() if i not in known]
        return [*(self._chunk({}, event=self._source(c)) for c in fresh), self._chunk(delta)]

    def _source(self, citation: Mapping[str, Any]) -> dict[str, Any]:
        return source_event(citation, self.engine.index.paragraph(citation["paragraph_id"]).text)

    def _chunk(self, delta: dict[str, Any] | None, finish: str | None = None, **extra: Any) -> str:
        choices = (
            [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}]
        )
        body = {
            "id": self.id, "object": "chat.completion.chunk", "created": self.created, "model": MODEL,
            "choices": choices, **extra,
        }  # fmt: skip
        return f"data: {json.dumps(body, ensure_ascii=False)}\n\n"

    def _usage(self, written: str) -> dict[str, int]:
        """Sizes in characters, for want of tokens: nothing is billed here."""
        asked = sum(len(message.plain()) for message in self.asked.messages)
        return {
            "prompt_tokens": asked,
            "completion_tokens": len(written),
            "total_tokens": asked + len(written),
        }
