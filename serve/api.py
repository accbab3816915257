"""The interface for programs: search, answer, verify, quote, documents, paragraphs, health."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from answer.export import sentence_row
from serve.problems import problem_body
from serve.rows import to_row
from serve.schemas import (
    AnswerIn,
    AnswerOut,
    DocumentsOut,
    ExpansionOut,
    FiltersIn,
    ParagraphOut,
    Problem,
    QuoteIn,
    QuoteOut,
    SearchIn,
    SearchOut,
    VerifyIn,
    VerifyOut,
    documents_out,
    hit_out,
    paragraph_out,
    with_urls,
)  # fmt: skip
from serve.service import Engine, describe

if TYPE_CHECKING:
    from answer.answerer import StreamEvent
    from serve.application import Context

NOT_BUFFERED = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": text}
    for status, text in (
        (401, "No valid key"), (413, "The request is too large"), (422, "The request is not understood"),
        (429, "Too many requests; see Retry-After"), (503, "The index is still being loaded"),
    )
}  # fmt: skip


def base_url(context: Context, request: Request) -> str:
    """The address under which the caller reaches this server, without a slash at its end."""
    return context.settings.public_url or str(request.base_url).rstrip("/")


def api_routes(context: Context) -> APIRouter:
    """The routes for programs."""
    router = APIRouter(responses=ERRORS)
    _search_routes(router, context)
    _answer_routes(router, context)
    _document_routes(router, context)
    return router


def _search_routes(router: APIRouter, context: Context) -> None:
    service, workers = context.service, context.workers

    async def search(asked: SearchIn, request: Request) -> SearchOut:
        engine, base = service.engine, base_url(context, request)
        return await workers.run(workers.quick, lambda: searched(engine, asked, base))

    @router.post("/search", tags=["search"])
    async def post_search(asked: SearchIn, request: Request) -> SearchOut:
        """Paragraphs for a question, best first, with what each signal contributed."""
        return await search(asked, request)

    @router.get("/search", tags=["search"])
    async def get_search(
        request: Request,
        q: Annotated[str, Query(min_length=1, max_length=2000, examples=["资产追回"])],
        k: Annotated[int, Query(ge=1, le=50)] = 10,
    ) -> SearchOut:
        """The same with the question in the address; simple to try, but addresses end up in histories."""
        return await search(SearchIn(query=q, k=k, filters=FiltersIn()), request)


def _answer_routes(router: APIRouter, context: Context) -> None:
    service, workers = context.service, context.workers

    @router.post("/answer", tags=["answer"], response_model=AnswerOut)
    async def post_answer(asked: AnswerIn, request: Request) -> Any:
        """A cited answer, whole or (``stream``) as server-sent events."""
        engine, base = service.engine, base_url(context, request)
        pool = workers.pool(engine, writes=True)
        if asked.stream:
            items = workers.stream(pool, lambda: streamed(engine, asked))
            events = _events(context, items, engine, base)
            return StreamingResponse(events, media_type="text/event-stream", headers=NOT_BUFFERED)
        return JSONResponse(await workers.run(pool, lambda: answered(engine, asked, base)))

    @router.post("/verify", tags=["answer"])
    async def post_verify(asked: VerifyIn) -> VerifyOut:
        """Does a text, or a paragraph of the index, support a claim?"""
        engine = service.engine
        if bool(asked.text) == bool(asked.paragraph_id):
            raise HTTPException(422, "Give either text or paragraph_id.")
        return await workers.run(workers.quick, lambda: verified(engine, asked))

    @router.post("/quote", tags=["answer"])
    async def post_quote(asked: QuoteIn) -> QuoteOut:
        """Is a sentence of a draft word for word in the documents, and where does it differ?"""
        from answer.quote import to_dict, verify_quote

        engine = service.engine
        checked = await workers.run(workers.quick, lambda: verify_quote(asked.text, engine.index))
        return QuoteOut.model_validate(to_dict(checked))


def _document_routes(router: APIRouter, context: Context) -> None:
    service = context.service

    @router.get("/documents", tags=["documents"])
    def get_documents(request: Request) -> DocumentsOut:
        """The loaded documents."""
        return documents_out(service.engine.index, base_url(context, request))

    @router.get("/paragraphs/{paragraph_id:path}", tags=["documents"], responses={404: {"model": Problem}})
    def get_paragraph(
        paragraph_id: Annotated[str, Path(examples=["CAC/COSP/2017/4#12"], max_length=500)], request: Request
    ) -> ParagraphOut:
        """A paragraph by its id; the # is written %23 in an address."""
        index = service.engine.index
        try:
            return paragraph_out(index.paragraph(paragraph_id), index, base_url(context, request))
        except KeyError:
            raise HTTPException(404, f"The index has no paragraph {paragraph_id!r}.") from None


def health_routes(context: Context) -> APIRouter:
    """Routes for supervisors; they need no key and say nothing about the documents' content."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz")
    def healthz() -> dict[str, str]:
        """The process is alive."""
        return {"status": "ok"}

    @router.get("/readyz", responses={503: {"model": Problem}})
    def readyz() -> Response:
        """Questions can be answered (200), or not yet (503)."""
        service = context.service
        if not service.ready:
            body = {"status": service.state, "detail": "" if service.state == "loading" else service.message}
            return JSONResponse(body, 503, headers={"Retry-After": "2"})
        return JSONResponse(
            {"status": "ready", **describe(service.engine), "loaded_after": service.loaded_after}
        )

    @router.get("/metrics", response_class=PlainTextResponse)
    def metrics() -> PlainTextResponse:
        """Counts and durations for Prometheus."""
        return PlainTextResponse(context.metrics.exposition(context), media_type="text/plain; version=0.0.4")

    return router


def searched(engine: Engine, asked: SearchIn, base: str) -> SearchOut:
    """The hits for a search."""
    index = engine.index
    hits = index.search(asked.query, asked.k, filters=asked.filters.made())
    return SearchOut(
        query=asked.query,
        hits=[hit_out(hit, index, base) for hit in hits],
        expansions=[
            ExpansionOut(matched=e.matched, term=e.term, weight=e.weight, relation=e.relation)
            for e in index.expansions(asked.query)
        ],
        fingerprint=index.fingerprint,
    )


def answered(engine: Engine, asked: AnswerIn, base: str) -> dict[str, Any]:
    """The answer as plain data."""
    answer = engine.answer(asked.question, asked.turns(), asked.filters.made(), asked.lang)
    return with_urls(to_row(answer), engine.index, base)


def streamed(engine: Engine, asked: AnswerIn) -> Iterator[StreamEvent]:
    """The answer step by step."""
    return engine.stream(asked.question, asked.turns(), asked.filters.made(), asked.lang)


def verified(engine: Engine, asked: VerifyIn) -> VerifyOut:
    """The verdict; raises HTTPException 404 for an unknown paragraph."""
    from answer.verify import verify

    source = asked.text
    if asked.paragraph_id:
        try:
            source = engine.index.paragraph(asked.paragraph_id).text
        except KeyError:
            raise HTTPException(404, f"The index has no paragraph {asked.paragraph_id!r}.") from None
    found = verify(asked.claim, source)
    return VerifyOut(verdict=found.verdict, score=found.score, span=found.span, reason=found.reason)


async def _events(
    context: Context, items: AsyncIterator[StreamEvent], engine: Engine, base: str
) -> AsyncIterator[str]:
    """Server-sent events of an answer under way; a fault becomes an ``error`` event."""
    try:
        async for event in items:
            if event.kind == "status":
                yield sse("status", {"status": event.status})
            elif event.sentence is not None:
                row = {"sentences": [sentence_row(event.sentence)], "table": None}
                yield sse("sentence", with_urls(row, engine.index, base)["sentences"][0])
            elif event.answer is not None:
                yield sse("answer", with_urls(to_row(event.answer), engine.index, base))
    except Exception:  # the status line has been sent: the fault can only be told in the stream
        context.log.exception("a streamed answer broke off")
        yield sse("error", problem_body(500, "The answer broke off; try again."))


def sse(kind: str, payload: Any) -> str:
    """One server-sent event."""
    return f"event: {kind}\ndata: {json.dumps(payload, ensure_ascii=False)}\n\n"
