"""Limits: how many questions at a time, how many requests a minute from one client, and who may ask."""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from serve.settings import ServeSettings

Role = Literal["admin", "user"]
COOKIE = "uncac_session"
SESSION_SECONDS = 12 * 3600
CLIENTS = 10_000


class TooBusy(RuntimeError):
    """More questions are being answered than MAX_IN_FLIGHT; ``retry_after`` is in seconds."""

    retry_after = 2


@dataclass(slots=True)
class Gate:
    """Lets at most ``limit`` questions in at a time; the next is turned away rather than queued."""

    limit: int
    inside: int = 0
    turned_away: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @contextmanager
    def enter(self) -> Iterator[None]:
        """Hold a place while the block runs; raises TooBusy when there is none."""
        self.take()
        try:
            yield
        finally:
            self.leave()

    def take(self) -> None:
        """Take a place that ``leave`` gives back; raises TooBusy when there is none."""
        with self._lock:
            if self.inside >= self.limit:
                self.turned_away += 1
                raise TooBusy(f"{self.limit} questions are being answered; try again in a moment.")
            self.inside += 1

    def leave(self) -> None:
        """Give a place back."""
        with self._lock:
            self.inside -= 1


@dataclass(slots=True)
class RateLimit:
    """A token bucket for each client: ``per_minute`` requests on average, as many in one burst."""

    per_minute: int
    now: Callable[[], float] = time.monotonic
    _buckets: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def wait(self, client: str) -> int:
        """0 when the client may go on, else the seconds until it may; the oldest clients are forgotten."""
        if not self.per_minute:
            return 0
        with self._lock:
            now, speed = self.now(), self.per_minute / 60
            tokens, before = self._buckets.pop(client, (float(self.per_minute), now))
            tokens = min(float(self.per_minute), tokens + (now - before) * speed)
            allowed = tokens >= 1
            self._buckets[client] = (tokens - 1 if allowed else tokens, now)
            if len(self._buckets) > CLIENTS:
                self._buckets.popitem(last=False)
            return 0 if allowed else max(1, math.ceil((1 - tokens) / speed))


@dataclass(frozen=True, slots=True)
class Keys:
    """Who may ask: hashes of access keys, and signed cookies for browsers that have shown one.

    ``secret`` signs the cookies; a new one at each start ends all sessions.
    """

    users: frozenset[str] = frozenset()
    admins: frozenset[str] = frozenset()
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    @classmethod
    def of(cls, settings: ServeSettings) -> Keys:
        """The keys of the settings."""
        return cls(settings.keys, settings.admin_keys)

    def role(self, headers: Mapping[str, str], cookies: Mapping[str, str]) -> Role | None:
        """The role of a request; None when a key is needed and none that is valid was given.

        Looked at are ``Authorization: Bearer KEY``, ``X-API-Key: KEY`` and the session cookie. Without any
        configured key everybody is an administrator.
        """
        if not self.users and not self.admins:
            return "admin"
        scheme, _, token = headers.get("authorization", "").partition(" ")
        given = token.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")
        if given:
            return self.role_of_key(given)
        return self._role_of_cookie(cookies.get(COOKIE, ""))

    def role_of_key(self, key: str) -> Role | None:
        """The role of an access key, compared in constant time."""
        return self._role_of_hash(hash_key(key))

    def _role_of_hash(self, digest: str) -> Role | None:
        if self._among(digest, self.admins):
            return "admin"
        if self._among(digest, self.users):
            return "user"
        return None

    @staticmethod
    def _among(digest: str, known: frozenset[str]) -> bool:
        """Whether it is one of them; all are compared, so that the time says nothing."""
        found = False
        for one in known:
            found |= hmac.compare_digest(digest, one)
        return found

    def cookie(self, key: str) -> str:
        """The value of a session cookie for a valid key."""
        body = f"{hash_key(key)}.{int(time.time()) + SESSION_SECONDS}"
        return f"{body}.{self._sign(body)}"

    def _role_of_cookie(self, value: str) -> Role | None:
        body, _, signature = value.rpartition(".")
        digest, _, until = body.partition(".")
        if not body or not hmac.compare_digest(signature.encode(), self._sign(body).encode()):
            return None
        return self._role_of_hash(digest) if until.isdigit() and int(until) > time.time() else None

    def _sign(self, body: str) -> str:
        return hmac.new(self.secret, body.encode(), hashlib.sha256).hexdigest()


def hash_key(key: str) -> str:
    """SHA-256 of an access key. Keys are long and random (``new_key``), so a slow hash adds nothing."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def new_key() -> tuple[str, str]:
    """A fresh key and its hash."""
    key = "uq-" + secrets.token_urlsafe(32)
    return key, hash_key(key)
