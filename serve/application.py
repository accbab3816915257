"""The whole server as one ASGI application: pages, programs' interfaces, and the chat page."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles

from serve.feedback import FeedbackStore
from serve.gate import Gate, Keys, RateLimit
from serve.metrics import Metrics
from serve.service import Service
from serve.settings import ServeSettings
from serve.work import Workers

if TYPE_CHECKING:
    import gradio as gr

STATIC = Path(__file__).with_name("static")


DESCRIPTION = """Ask numbered paragraphs of United Nations documents on the fight against corruption.
Every sentence of an answer names the paragraph that supports it, and is checked against it. Where keys
are configured, send `Authorization: Bearer KEY`. Errors are problem JSON (RFC 9457)."""


@dataclass(frozen=True, slots=True)
class Context:
    """What every route may need."""

    settings: ServeSettings
    service: Service
    gate: Gate
    workers: Workers
    keys: Keys
    rate: RateLimit
    feedback: FeedbackStore
    metrics: Metrics = field(default_factory=Metrics)
    log: logging.Logger = field(default_factory=lambda: logging.getLogger("serve"))


def make_context(settings: ServeSettings, service: Service) -> Context:
    """The context of a server with these settings."""
    gate = Gate(settings.in_flight)
    return Context(
        settings=settings,
        service=service,
        gate=gate,
        workers=Workers.of(gate),
        keys=Keys.of(settings),
        rate=RateLimit(settings.rate),
        feedback=FeedbackStore(Path(settings.state_dir) / "feedback.sqlite", settings.log_questions),
    )


def create_app(settings: ServeSettings, service: Service, *, ui: bool = True) -> FastAPI:
    """The application; ``ui`` False leaves the chat page out (tests of the programs' interfaces)."""
    from serve.api import api_routes, health_routes
    from serve.guard import Guard
    from serve.openai_api import openai_routes
    from serve.problems import add_handlers
    from serve.web import web_routes

    context = make_context(settings, service)
    mcp = _mcp(context)
    app = FastAPI(
        title="UNCAC documents", version="1.0.0", description=DESCRIPTION, docs_url=None, redoc_url=None,
        lifespan=_lifespan(context, mcp.session_manager.run),
    )  # fmt: skip
    app.state.context = context
    app.mount("/ui/static", StaticFiles(directory=STATIC), name="static")
    for routes in (health_routes(context), api_routes(context), openai_routes(context), web_routes(context)):
        app.include_router(routes)
    app.router.routes.extend(mcp.streamable_http_app().routes)
    add_handlers(app)
    if ui:
        mount_ui(app, context)
    app.add_middleware(Guard, context=context)
    if settings.origins:
        from fastapi.middleware.cors import CORSMiddleware

        app.add_middleware(
            CORSMiddleware, allow_origins=list(settings.origins), allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "X-API-Key"], expose_headers=["Retry-After"],
            max_age=3600,
        )  # fmt: skip
    return app


def _mcp(context: Context) -> Any:
    """The MCP server at ``/mcp``; its links need an absolute address, which a tool call does not carry."""
    from serve.mcp_server import mcp_server

    workers, service = context.workers, context.service

    async def run(work: Callable[[], Any], writes: bool) -> Any:
        return await workers.run(workers.pool(service.engine, writes=writes), work)

    server = mcp_server(service, context.settings.url, run=run)
    server.streamable_http_app()  # makes the session manager
    return server


def _lifespan(context: Context, sessions: Callable[[], Any]) -> Callable[[FastAPI], Any]:
    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with sessions():
            yield
        for pool in (context.workers.quick, context.workers.slow):
            pool.shutdown(wait=False, cancel_futures=True)

    return lifespan


def mount_ui(app: FastAPI, context: Context) -> None:
    """The Chinese page at ``/`` and the English one at ``/en``."""
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    import gradio as gr

    from serve.ui import Page, build_ui, head, theme
    from serve.ui_settings import settings_tab

    def is_admin(request: gr.Request) -> bool:
        return context.keys.role(dict(request.headers), dict(request.cookies)) == "admin"

    options: dict[str, Any] = {
        "theme": theme(), "footer_links": [], "show_error": False,
        "max_file_size": context.settings.max_upload, "ssr_mode": False,
        "enable_monitoring": False, "mcp_server": False,
    }  # fmt: skip
    app.add_api_route("/en", lambda: RedirectResponse("/en/"), include_in_schema=False)
    for lang, path in (("en", "/en"), ("zh", "/")):
        page = Page(context.service, context.gate, lang, is_admin)  # type: ignore[arg-type]
        blocks = build_ui(page, settings_tab(context))
        blocks.queue(default_concurrency_limit=8, max_size=256)
        gr.mount_gradio_app(app, blocks, path, head=head(page.lang), **options)
