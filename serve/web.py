"""What the chat page fetches for itself, and the document pages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import quote as percent

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from serve import pages, render
from serve.feedback import Opinion
from serve.gate import COOKIE, SESSION_SECONDS
from serve.rows import from_row
from serve.service import Lang

if TYPE_CHECKING:
    from serve.application import Context

STATIC = Path(__file__).with_name("static")
EXPORT_TYPES = {
    "md": "text/markdown; charset=utf-8",
    "json": "application/json",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


class PanelRequest(BaseModel):
    """A citation that was clicked, and the question it answers."""

    id: str = Field(max_length=500)
    quote: str = Field("", max_length=20_000)
    verdict: str = Field("", max_length=20)
    reason: str = Field("", max_length=1000)
    question: str = Field("", max_length=4000)
    lang: Lang = "zh"


class ExportRequest(BaseModel):
    """Answers to write out, in the form the page holds them."""

    format: Literal["md", "docx", "json"]
    rows: list[dict[str, Any]] = Field(min_length=1, max_length=50)


class FeedbackRequest(BaseModel):
    """A thumb and the answer it is about."""

    thumb: Literal["up", "down"]
    reason: Literal["", "source", "wrong", "incomplete", "refused", "other"] = ""
    question: str = Field("", max_length=4000)
    paragraphs: list[Annotated[str, Field(max_length=500)]] = Field(default_factory=list, max_length=100)
    refused: bool = False
    fingerprint: str = Field("", max_length=100)


def web_routes(context: Context) -> APIRouter:
    """Routes for people's browsers."""
    router = APIRouter(include_in_schema=False)

    @router.get("/doc/{document:path}", response_class=HTMLResponse)
    def document(document: str, request: Request, span: str = "", lang: Lang = "zh") -> HTMLResponse:
        index = context.service.engine.index
        try:
            found = index.document(document)
        except KeyError:
            return HTMLResponse(pages.not_found_page(lang), 404)
        return HTMLResponse(pages.document_page(index, found, lang, span))

    @router.post("/ui/panel", response_class=HTMLResponse)
    def panel(asked: PanelRequest) -> HTMLResponse:
        index = context.service.engine.index
        hits = index.search(asked.question, 10) if asked.question.strip() else []
        expansions = index.expansions(asked.question) if hits else ()
        try:
            shown = render.panel(
                index, asked.id, asked.lang, quotation=asked.quote, verdict=asked.verdict,
                reason=asked.reason, hits=hits, expansions=expansions,
            )  # fmt: skip
        except KeyError:
            raise HTTPException(404, "The index has no such paragraph.") from None
        return HTMLResponse(shown)

    @router.post("/ui/export")
    def export(asked: ExportRequest) -> Response:
        name = f"filename=\"answer.{asked.format}\"; filename*=UTF-8''{percent('问答')}.{asked.format}"
        headers = {"Content-Disposition": f"attachment; {name}"}
        return Response(exported(context, asked), media_type=EXPORT_TYPES[asked.format], headers=headers)

    @router.post("/ui/feedback", status_code=204)
    def feedback(asked: FeedbackRequest) -> Response:
        context.feedback.add(
            Opinion(
                asked.thumb,
                asked.reason,
                asked.question,
                tuple(asked.paragraphs),
                asked.refused,
                asked.fingerprint,
            )
        )
        return Response(status_code=204)

    _shared_routes(router, context)
    return router


def _shared_routes(router: APIRouter, context: Context) -> None:
    """Sign-in, the widget, and the description of the programs' interfaces."""

    @router.get("/login", response_class=HTMLResponse)
    def login_form(target: str = "/", lang: Lang = "zh") -> HTMLResponse:
        return HTMLResponse(pages.login_page(lang, target=_own(target)))

    @router.post("/login", response_class=HTMLResponse)
    async def login(request: Request) -> Response:
        form = await request.form()
        key, target = str(form.get("key", "")), _own(str(form.get("target", "/")))
        if context.keys.role_of_key(key) is None:
            return HTMLResponse(pages.login_page("zh", wrong=True, target=target), 401)
        reply = RedirectResponse(target, 303)
        secure = request.url.scheme == "https" or context.settings.public_url.startswith("https")
        reply.set_cookie(
            COOKIE,
            context.keys.cookie(key),
            max_age=SESSION_SECONDS,
            httponly=True,
            samesite="lax",
            secure=secure,
        )
        return reply

    @router.post("/logout")
    def logout() -> Response:
        reply = RedirectResponse("/login", 303)
        reply.delete_cookie(COOKIE)
        return reply

    @router.get("/widget.js")
    def widget() -> FileResponse:
        return FileResponse(
            STATIC / "widget.js", media_type="text/javascript", headers={"Cache-Control": "max-age=300"}
        )

    @router.get("/widget-demo", response_class=HTMLResponse)
    def widget_demo(lang: Lang = "zh") -> HTMLResponse:
        return HTMLResponse(pages.widget_demo_page(lang))

    @router.get("/docs", response_class=HTMLResponse)
    def docs(request: Request, lang: Lang = "zh") -> HTMLResponse:
        return HTMLResponse(pages.api_page(request.app.openapi(), lang))


def _own(target: str) -> str:
    """A path on this server; anything else becomes the front page."""
    plain = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return percent(target, safe="/%?=&#()") if plain else "/"


def exported(context: Context, asked: ExportRequest) -> bytes:
    """The file; raises HTTPException 422 for rows that are no answers."""
    import tempfile

    from answer.export import to_docx, to_json, to_markdown

    index = context.service.engine.index
    try:
        answers = [from_row(row, index) for row in asked.rows]
    except ValueError as error:
        raise HTTPException(422, str(error)) from None
    if asked.format == "md":
        return to_markdown(answers, index).encode()
    if asked.format == "json":
        return to_json(answers).encode()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "answer.docx")
        to_docx(answers, index, path)
        return path.read_bytes()
