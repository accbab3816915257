"""The whole server as one ASGI application: pages, programs' interfaces, and the chat page."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from serve.feedback import FeedbackStore
from serve.gate import Gate, Keys
from serve.service import Service
from serve.settings import ServeSettings

if TYPE_CHECKING:
    import gradio as gr

STATIC = Path(__file__).with_name("static")


@dataclass(frozen=True, slots=True)
class Context:
    """What every route may need."""

    settings: ServeSettings
    service: Service
    gate: Gate
    keys: Keys
    feedback: FeedbackStore


def make_context(settings: ServeSettings, service: Service) -> Context:
    """The context of a server with these settings."""
    return Context(
        settings,
        service,
        Gate(settings.in_flight),
        Keys.of(settings),
        FeedbackStore(Path(settings.state_dir) / "feedback.sqlite", settings.log_questions),
    )


def create_app(settings: ServeSettings, service: Service, *, ui: bool = True) -> FastAPI:
    """The application; ``ui`` False leaves the chat page out (tests of the programs' interfaces)."""
    from serve.web import web_routes

    context = make_context(settings, service)
    app = FastAPI(title="UNCAC documents", version="1.0.0")
    app.state.context = context
    app.mount("/ui/static", StaticFiles(directory=STATIC), name="static")
    app.include_router(web_routes(context))
    if ui:
        mount_ui(app, context)
    return app


def mount_ui(app: FastAPI, context: Context) -> None:
    """The Chinese page at ``/`` and the English one at ``/en``."""
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    import gradio as gr

    from serve.ui import Page, build_ui, head, theme

    def is_admin(request: gr.Request) -> bool:
        return context.keys.role(dict(request.headers), dict(request.cookies)) == "admin"

    options: dict[str, Any] = {
        "theme": theme(), "footer_links": [], "show_error": False,
        "max_file_size": context.settings.max_upload, "ssr_mode": False,
        "enable_monitoring": False, "mcp_server": False,
    }  # fmt: skip
    for lang, path in (("en", "/en"), ("zh", "/")):
        page = Page(context.service, context.gate, lang, is_admin)  # type: ignore[arg-type]
        blocks = build_ui(page)
        blocks.queue(default_concurrency_limit=8, max_size=256)
        gr.mount_gradio_app(app, blocks, path, head=head(page.lang), **options)
