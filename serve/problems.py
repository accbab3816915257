"""Errors as problem JSON (RFC 9457), which OpenAI clients understand too."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from serve.gate import TooBusy
from serve.service import NotReady

log = logging.getLogger("serve")
KINDS = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}


def problem_body(status: int, detail: str) -> dict[str, Any]:
    """The body of an error reply."""
    kind = KINDS.get(status, "invalid_request_error" if status < 500 else "server_error")
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "error": {"message": detail, "type": kind, "param": None, "code": status},
    }


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """An error reply."""
    return JSONResponse(problem_body(status, detail), status, headers, media_type="application/problem+json")


def add_handlers(app: FastAPI) -> None:
    """Every error of the application leaves it as a problem; nothing internal is told."""

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        return problem(error.status_code, str(error.detail), dict(error.headers or {}))

    @app.exception_handler(RequestValidationError)
    async def validation(request: Request, error: RequestValidationError) -> JSONResponse:
        # where and what, never the value: it may be a question or a key
        told = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:5])
        return problem(422, told)

    @app.exception_handler(NotReady)
    async def not_ready(request: Request, error: NotReady) -> JSONResponse:
        return problem(503, "The index is being loaded; try again in a few seconds.", {"Retry-After": "2"})

    @app.exception_handler(TooBusy)
    async def too_busy(request: Request, error: TooBusy) -> JSONResponse:
        return problem(429, str(error), {"Retry-After": str(error.retry_after)})

    @app.exception_handler(Exception)
    async def fault(request: Request, error: Exception) -> JSONResponse:
        log.error("a request failed", exc_info=error)
        return problem(500, "Something failed here; the log says what.")
