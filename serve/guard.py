"""What every request passes (host, size, key, rate) and every reply carries (headers, a log line)."""

from __future__ import annotations

import json
import logging
import time
import uuid
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import quote as percent
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serve.problems import problem_body

if TYPE_CHECKING:
    from serve.application import Context

log = logging.getLogger("serve.access")

OPEN_PATHS = frozenset(("/healthz", "/readyz", "/login", "/logout", "/widget.js", "/favicon.ico"))
OPEN_PREFIXES = ("/ui/static/",)
ADMIN_PATHS = frozenset(("/metrics",))
# Gradio's own uploads, and ours: larger than any other request
UPLOAD_PREFIXES = ("/gradio_api/upload", "/en/gradio_api/upload")
COUNTED = (
    "/search", "/answer", "/verify", "/quote", "/v1/", "/mcp", "/login", "/ui/panel", "/ui/export",
    "/ui/feedback",
    "/gradio_api/queue/join", "/en/gradio_api/queue/join",
)  # fmt: skip

# Gradio compiles its templates in the page, which needs eval; pages of our own get along without.
GRADIO_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
DOCS_POLICY = "default-src 'none'; frame-ancestors 'none'"


class BodyTooLarge(HTTPException):
    """More bytes arrived than are allowed. An HTTPException, because frameworks let those through."""

    def __init__(self, limit: int) -> None:
        super().__init__(413, f"More than {limit} bytes were sent.")


class Guard:
    """ASGI middleware around the whole application.

    Pure ASGI, because wrapping responses (``BaseHTTPMiddleware``) would hold back streams.
    """

    def __init__(self, app: ASGIApp, context: Context) -> None:
        self.app = app
        self.context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer it with a problem."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return  # no websockets are served
        request = _Request(scope, self.context)
        sender = request.sender(send)
        try:
            refusal = request.refusal()
            if refusal is not None:
                await refusal(sender)
            else:
                await self.app(scope, request.limited(receive), sender)
        except BodyTooLarge as error:
            await request.problem(413, error.detail)(sender)
        finally:
            request.finish()


class _Request:
    """One request on its way through the guard."""

    def __init__(self, scope: Scope, context: Context) -> None:
        self.scope = scope
        self.context = context
        self.path: str = scope["path"]
        self.headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        self.id = uuid.uuid4().hex[:12]
        self.status = 0
        self.role: str | None = None
        self.began = time.perf_counter()
        upload = self.path.startswith(UPLOAD_PREFIXES)
        self.max_body = context.settings.max_upload if upload else context.settings.max_body

    # --- on the way in ------------------------------------------------------------------------

    def refusal(self) -> Any:
        """Why the request is not let through, as something to send; None when it is."""
        if not self._host_known():
            return self.problem(421, "This host name is not served; set ALLOWED_HOSTS or PUBLIC_URL.")
        length = self.headers.get("content-length", "0")
        if length.isdigit() and int(length) > self.max_body:
            return self.problem(413, f"The request has {length} bytes; at most {self.max_body} are allowed.")
        open_path = self.path in OPEN_PATHS or self.path.startswith(OPEN_PREFIXES)
        self.role = self.context.keys.role(self.headers, self._cookies())
        if self.role is None and not open_path:
            return self._ask_for_key()
        if self.role != "admin" and (self.path in ADMIN_PATHS or self.path.startswith(UPLOAD_PREFIXES)):
            return self.problem(403, "Only an administrator's key opens this.")
        if self._forged():
            return self.problem(403, "This page may not ask here; list its origin in CORS_ORIGINS.")
        return self._too_often()

    def _host_known(self) -> bool:
        """Whether the Host header is ours: a page elsewhere must not reach a loopback server by DNS."""
        settings = self.context.settings
        name = urlsplit(f"//{self.headers.get('host', '')}").hostname or ""
        known = {"localhost", "127.0.0.1", "::1", settings.host, *settings.hosts}
        if settings.public_url:
            known.add(urlsplit(settings.public_url).hostname or "")
        if not settings.loopback and not settings.hosts:
            return True  # the key protects; the name is the proxy's business
        return name in known

    def _forged(self) -> bool:
        """Whether a page of another site uses what the browser brings along: its cookie, or being here."""
        origin = self.headers.get("origin", "")
        if not origin or self.scope["method"] in ("GET", "HEAD", "OPTIONS"):
            return False
        if self.role is not None and ("authorization" in self.headers or "x-api-key" in self.headers):
            return False
        public = urlsplit(self.context.settings.public_url)
        known = {f"http://{self.headers.get('host')}", f"https://{self.headers.get('host')}"}
        known |= {*self.context.settings.origins, f"{public.scheme}://{public.netloc}"}
        return origin not in known

    def _cookies(self) -> dict[str, str]:
        cookie: SimpleCookie = SimpleCookie()
        try:
            cookie.load(self.headers.get("cookie", ""))
        except CookieError:
            return {}
        return {name: morsel.value for name, morsel in cookie.items()}

    def _ask_for_key(self) -> Any:
        if self.scope["method"] == "GET" and "text/html" in self.headers.get("accept", ""):
            return _redirect(f"/login?target={percent(self.path, safe='/')}")
        return self.problem(
            401, "Give a valid key: Authorization: Bearer KEY.", {"www-authenticate": "Bearer"}
        )

    def _too_often(self) -> Any:
        if not self.path.startswith(COUNTED):
            return None
        wait = self.context.rate.wait(self._client())
        if not wait:
            return None
        return self.problem(429, f"Too many requests; try again in {wait} s.", {"retry-after": str(wait)})

    def _client(self) -> str:
        from serve.gate import hash_key

        given = self.headers.get("authorization") or self.headers.get("x-api-key")
        if given and self.role is not None and self.context.settings.guarded:
            return hash_key(given)
        return str((self.scope.get("client") or ("unknown",))[0])

    def limited(self, receive: Receive) -> Receive:
        """``receive`` that counts the bytes of the body."""
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.max_body:
                raise BodyTooLarge(self.max_body)
            return message

        return counted

    # --- on the way out -----------------------------------------------------------------------

    def sender(self, send: Send) -> Send:
        """``send`` that adds the security headers and notes the status."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                if self.status:
                    return  # too late for another status line: the reply has begun
                self.status = message["status"]
                present = {name.lower() for name, _ in message["headers"]}
                extra = [(k.encode(), v.encode("latin-1")) for k, v in self._security_headers().items()]
                message = {
                    **message,
                    "headers": [*message["headers"], *((k, v) for k, v in extra if k not in present)],
                }
            await send(message)

        return with_headers

    def _security_headers(self) -> dict[str, str]:
        if self.path.startswith(("/doc/", "/login", "/widget-demo")):
            policy = PAGE_POLICY
        elif self.path == "/docs":
            policy = GRADIO_POLICY
        else:
            policy = (
                GRADIO_POLICY
                if self.path in ("/", "/en", "/en/") or "gradio_api" in self.path
                else DOCS_POLICY
            )
        return {
            "content-security-policy": policy,
            "x-content-type-options": "nosniff",
            # "no-referrer" would make browsers send "Origin: null" with our own sign-in form
            "referrer-policy": "same-origin",
            "permissions-policy": "camera=(), microphone=(), geolocation=()",
            "x-request-id": self.id,
        }

    def problem(self, status: int, detail: str, headers: dict[str, str] | None = None) -> Any:
        """A problem reply, ready to be sent."""
        body = json.dumps(problem_body(status, detail)).encode()
        raw = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
        raw += [(k.encode(), v.encode()) for k, v in (headers or {}).items()]
        return _reply(status, raw, body)

    def finish(self) -> None:
        """Count the request and write one log line, without query, body or key."""
        seconds = time.perf_counter() - self.began
        route = getattr(self.scope.get("route"), "path", None) or (
            "unmatched" if self.status == 404 else "page"
        )
        self.context.metrics.observe(self.scope["method"], route, self.status or 499, seconds)
        if self.path.startswith(("/ui/static", "/assets", "/gradio_api/heartbeat", "/en/assets")):
            return
        line = {"id": self.id, "method": self.scope["method"], "route": route, "status": self.status or 499,
                "ms": round(seconds * 1000, 1), "role": self.role}  # fmt: skip
        log.info(json.dumps(line))


def _reply(status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> Any:
    async def reply(send: Send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return reply


def _redirect(target: str) -> Any:
    return _reply(303, [(b"location", target.encode()), (b"content-length", b"0")], b"")
