"""What answers while the application is still being imported: a page that says so and comes back by itself.

Importing the chat page's framework and opening the index take seconds; a reader who opens the address at
once sees that something is coming, and a supervisor gets proper status codes.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from html import escape
from typing import Any

log = logging.getLogger("serve")
PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="1">
<title>{title}</title><style>body{{margin:0;min-height:100vh;display:grid;place-items:center;background:#f5f7f9;color:#17212b;
font:18px/1.8 "Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;text-align:center}}
@media (prefers-color-scheme:dark){{body{{background:#10161c;color:#e6ebf0}}}}</style></head>
<body><main><h1>{title}</h1><p role="status">{text}</p></main></body></html>"""
POLICY = b"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


class Front:
    """An ASGI application that hands over to the one ``make`` returns, once it is there."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._app: Any = None
        self._fault = ""
        self._stop = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve the application, or the waiting page."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif self._app is not None:
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._wait(scope, send)

    async def _lifespan(self, receive: Any, send: Any) -> None:
        running: asyncio.Task[None] | None = None
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                running = asyncio.create_task(self._run())
                await send({"type": "lifespan.startup.complete"})
            else:
                self._stop.set()
                if running is not None:
                    await running
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _run(self) -> None:
        """Make the application in a thread and keep its lifespan open until the server stops."""
        try:
            app = await asyncio.to_thread(self._make)
            async with app.router.lifespan_context(app):
                self._app = app
                await self._stop.wait()
        except Exception as error:  # the waiting page must say so instead of waiting for ever
            log.exception("the application could not be made")
            self._fault = f"{type(error).__name__}: {error}"

    async def _wait(self, scope: Any, send: Any) -> None:
        html = b"text/html" in dict(scope["headers"]).get(b"accept", b"")
        alive = scope["path"] == "/healthz"
        text = f"无法启动 / cannot start: {self._fault}" if self._fault else "正在启动，请稍候…… / Starting …"
        # "error" is where chat clients look for words to show; FastAPI's own errors are not imported yet
        told = {"status": "starting"} if alive else {"status": "starting", "error": {"message": text}}
        page = PAGE.format(title="联合国反腐败文件问答", text=escape(text))
        body = page if html else json.dumps(told, ensure_ascii=False)
        status = 200 if alive or (html and not self._fault) else 503
        headers = [
            (b"content-type", b"text/html; charset=utf-8" if html else b"application/json"),
            (b"cache-control", b"no-store"), (b"retry-after", b"1"), (b"content-security-policy", POLICY),
        ]  # fmt: skip
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body.encode()})
