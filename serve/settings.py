"""What the server is told by command line, environment or ``.env``, checked before anything starts."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from index.settings import setting

InlineSources = Literal["auto", "always", "never"]
DEFAULT_DOCS = "corpus"
KEY_HASH = re.compile(r"[0-9a-f]{64}")


class SettingsError(ValueError):
    """One or more settings are wrong; ``problems`` lists each with what to do."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """Where and how to serve.

    ``keys`` and ``admin_keys`` are SHA-256 hashes in hexadecimal (``python -m serve key`` makes one);
    without any, everybody who reaches the server is an administrator, which is why it then listens on
    the loopback interface only. ``rate`` is requests per minute and client (0: no limit), ``in_flight``
    questions answered at a time, ``max_body`` and ``max_upload`` bytes.
    """

    host: str = "127.0.0.1"
    port: int = 7860
    docs: str = DEFAULT_DOCS
    index_dir: str = "data/index"
    state_dir: str = "data/serve"
    public_url: str = ""
    keys: frozenset[str] = frozenset()
    admin_keys: frozenset[str] = frozenset()
    origins: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    rate: int = 0
    in_flight: int = 64
    max_body: int = 256 * 1024
    max_upload: int = 50 * 1024 * 1024
    inline_sources: InlineSources = "auto"
    log_questions: bool = False
    log_requests: bool = False
    problems: tuple[str, ...] = field(default=(), repr=False)

    @property
    def loopback(self) -> bool:
        """Whether only programs on this machine can connect."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def guarded(self) -> bool:
        """Whether a key is asked for."""
        return bool(self.keys or self.admin_keys)

    @property
    def url(self) -> str:
        """The address to open in a browser."""
        if self.public_url:
            return self.public_url
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


def serve_settings(
    host: str = "", port: str = "", docs: str = "", index_dir: str = "", *, check: bool = True
) -> ServeSettings:
    """The settings given, else those of environment and ``.env``, else the defaults.

    Raises SettingsError naming everything that is wrong, unless ``check`` is False: then the wrong ones
    keep their defaults and are listed in ``problems``.
    """
    problems: list[str] = []
    made = ServeSettings(
        host=host or setting("HOST", "127.0.0.1"),
        port=_number("PORT", port or setting("PORT", "7860"), 0, 65535, problems, 7860),
        docs=docs or setting("DOCS", DEFAULT_DOCS),
        index_dir=index_dir or setting("INDEX_DIR", "data/index"),
        state_dir=setting("STATE_DIR", "data/serve"),
        public_url=_url("PUBLIC_URL", problems),
        keys=_hashes("API_KEYS", problems),
        admin_keys=_hashes("ADMIN_KEYS", problems),
        origins=_origins(problems),
        hosts=tuple(part.strip().lower() for part in setting("ALLOWED_HOSTS").split(",") if part.strip()),
        rate=_number("RATE_LIMIT", setting("RATE_LIMIT", "0"), 0, 10**6, problems, 0),
        in_flight=_number("MAX_IN_FLIGHT", setting("MAX_IN_FLIGHT", "64"), 1, 10**4, problems, 64),
        max_upload=_number("MAX_UPLOAD_MB", setting("MAX_UPLOAD_MB", "50"), 1, 1000, problems, 50) << 20,
        inline_sources=_inline(problems),
        log_questions=_on("LOG_QUESTIONS"),
        log_requests=_on("LOG_REQUESTS"),
    )
    problems += _contradictions(made)
    if problems and check:
        raise SettingsError(problems)
    return _with_problems(made, problems)


def _with_problems(settings: ServeSettings, problems: list[str]) -> ServeSettings:
    from dataclasses import replace

    return replace(settings, problems=tuple(problems))


def _contradictions(settings: ServeSettings) -> list[str]:
    problems = []
    if not settings.loopback and not settings.guarded:
        problems.append(
            f"HOST={settings.host} can be reached from other machines, but no key is set. Make one with "
            "`python -m serve key` and put its hash into API_KEYS or ADMIN_KEYS, or keep HOST=127.0.0.1."
        )
    if not Path(settings.index_dir, "manifest.json").exists() and not Path(settings.docs).exists():
        problems.append(
            f"There is neither an index in INDEX_DIR={settings.index_dir} nor a document folder "
            f"DOCS={settings.docs}; name a folder of documents with --docs FOLDER."
        )
    return problems


def _on(name: str) -> bool:
    return setting(name, "0").lower() in ("1", "true", "yes", "on")


def _number(name: str, text: str, low: int, high: int, problems: list[str], default: int) -> int:
    try:
        value = int(text)
    except ValueError:
        value = low - 1
    if low <= value <= high:
        return value
    problems.append(f"{name} is {text!r}; give a whole number from {low} to {high}.")
    return default


def _hashes(name: str, problems: list[str]) -> frozenset[str]:
    hashes = {
        part.strip().removeprefix("sha256:").lower() for part in setting(name).split(",") if part.strip()
    }
    if any(not KEY_HASH.fullmatch(part) for part in hashes):
        problems.append(
            f"{name} must hold SHA-256 hashes (64 hexadecimal digits), not keys; `python -m serve key` makes "
            "a key and its hash."
        )
    return frozenset(part for part in hashes if KEY_HASH.fullmatch(part))


def _url(name: str, problems: list[str]) -> str:
    value = setting(name).rstrip("/")
    if value and not re.fullmatch(r"https?://[^\s/]+(?:/\S*)?", value):
        problems.append(f"{name} is {value!r}; give an address such as https://docs.example.org.")
        return ""
    return value


def _origins(problems: list[str]) -> tuple[str, ...]:
    origins = tuple(part.strip().rstrip("/") for part in setting("CORS_ORIGINS").split(",") if part.strip())
    for origin in origins:
        if not re.fullmatch(r"https?://[^\s/]+", origin):
            problems.append(
                f"CORS_ORIGINS holds {origin!r}; give origins such as https://www.example.org (never *)."
            )
    return origins


def _inline(problems: list[str]) -> InlineSources:
    value = setting("INLINE_SOURCES", "auto")
    for known in get_args(InlineSources):
        if value == known:
            return known  # type: ignore[no-any-return]
    problems.append(f"INLINE_SOURCES is {value!r}; it is auto, always or never.")
    return "auto"
