"""The chat model behind a small, safe face: streamed text, a deadline, and one kind of failure.

Any model of ``langchain.chat_models.init_chat_model`` serves: OpenAI-compatible endpoints (DeepSeek,
Qwen, vLLM, LM Studio) by ``LLM_BASE_URL``, Ollama by ``ollama:qwen3``, Anthropic by ``anthropic:…``.
"""

from __future__ import annotations

import queue
import re
import threading
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from answer.prompts import REWRITE_SYSTEM, TRANSLATE_SYSTEM, rewrite_prompt
from answer.settings import LLMSettings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

LONGEST_REPLY = 6000  # characters; a reply that grows longer is cut, its finished sentences are kept
REPEATS = 3  # a sentence written this often means that the model loops


class LLMUnavailable(RuntimeError):
    """No model can be opened with these settings; the message says what to change."""


class LLMFailure(RuntimeError):
    """The model did not finish its reply; ``cause`` is a short Chinese phrase for the reader."""

    def __init__(self, cause: str, detail: str = "") -> None:
        super().__init__(f"{cause}: {detail}" if detail else cause)
        self.cause = cause


_CAUSES: tuple[tuple[str, str], ...] = (
    (r"timeout|timed out|deadline", "超时"),
    (r"rate.?limit|429|too many requests|quota", "调用次数受限"),
    (r"context.{0,20}(?:length|window)|maximum context|too many tokens|413", "内容过长"),
    (r"401|403|unauthori[sz]ed|invalid.{0,10}api.?key|authentication|permission", "密钥无效或无权限"),
    (r"404|not found|does not exist|unknown model", "找不到该模型"),
    (r"content.?filter|content.?policy|safety|refus", "模型拒绝"),
    (r"connect|refused|unreachable|resolve|network|disconnected|peer closed", "无法连接"),
    (r"json|decode|parse|malformed|unexpected", "返回内容损坏"),
    (r"50[0-4]|server error|overloaded|bad gateway", "服务端出错"),
)  # fmt: skip


def cause_of(error: BaseException) -> str:
    """A short Chinese phrase for what went wrong with a model."""
    text = f"{type(error).__name__} {error}".lower()
    return next((cause for pattern, cause in _CAUSES if re.search(pattern, text)), "模型出错")


class LLM:
    """A chat model with a deadline for each reply.

    ``timeout`` is in seconds for a whole reply, ``name`` identifies the model in fingerprints,
    ``context`` is the number of characters of sources it is sent. ``tokens`` counts the input and output
    tokens that the provider has reported so far (0 for providers that report none).
    """

    def __init__(
        self, model: BaseChatModel, *, name: str = "", timeout: float = 60.0, context: int = 12_000
    ) -> None:
        self._model = model
        self.name = name or type(model).__name__
        self.timeout = timeout
        self.context = context
        self.tokens = 0

    def stream(self, system: str, user: str) -> Iterator[str]:
        """The reply in pieces as they arrive; raises LLMFailure when it breaks off or the time is up."""
        pieces: queue.Queue[str | BaseException | None] = queue.Queue()
        stop = threading.Event()
        threading.Thread(target=self._pump, args=(system, user, pieces, stop), daemon=True).start()
        deadline = time.monotonic() + self.timeout
        written = ""
        try:
            while True:
                try:
                    piece = pieces.get(timeout=max(0.0, deadline - time.monotonic()))
                except queue.Empty:
                    raise LLMFailure("超时", f"no complete reply within {self.timeout:g} s") from None
                if piece is None:
                    return
                if isinstance(piece, BaseException):
                    raise LLMFailure(cause_of(piece), str(piece)[:300]) from piece
                written += piece
                if len(written) > LONGEST_REPLY or _loops(written):
                    return
                yield piece
        finally:
            stop.set()

    def _pump(
        self, system: str, user: str, pieces: queue.Queue[str | BaseException | None], stop: threading.Event
    ) -> None:
        try:
            for chunk in self._model.stream([("system", system), ("human", user)]):
                if stop.is_set():
                    return
                self.tokens += (getattr(chunk, "usage_metadata", None) or {}).get("total_tokens", 0)
                text = _text(chunk)
                if text:
                    pieces.put(text)
            pieces.put(None)
        except Exception as error:  # every provider raises its own kinds; the reader gets one notice
            pieces.put(error)

    def complete(self, system: str, user: str) -> str:
        """The whole reply; raises LLMFailure."""
        return "".join(self.stream(system, user)).strip()

    def rewrite(self, question: str, history: Sequence[tuple[str, str]]) -> str | None:
        """The follow-up as a standalone question, or None when the model fails or writes something else."""
        try:
            reply = self.complete(REWRITE_SYSTEM, rewrite_prompt(question, history))
        except LLMFailure:
            return None  # the caller then uses the rules; the question is still answered
        reply = reply.strip().strip("“”\"'")
        usable = 2 <= len(reply) <= 4 * len(question) + 120 and "\n" not in reply
        return reply if usable else None

    def translate(self, text: str) -> str | None:
        """A Chinese quotation in English, or None when the model fails."""
        try:
            return self.complete(TRANSLATE_SYSTEM, text) or None
        except LLMFailure:
            return None  # the quotation stands without a translation


def _text(chunk: Any) -> str:
    content = getattr(chunk, "content", chunk)
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(
            b if isinstance(b, str) else str(b.get("text", "")) for b in content if isinstance(b, str | dict)
        )
    return ""


def _loops(written: str) -> bool:
    """Whether the last finished sentence has been written ``REPEATS`` times."""
    sentences = [
        s.strip()
        for s in re.split(r"[。！？\n]", re.sub(r"[\[【][^\]】]{0,12}[\]】]", "", written))
        if s.strip()
    ]
    if len(sentences) < REPEATS:
        return bool(re.search(r"(.{4,40}?)\1{6,}$", written))
    complete = sentences if written.rstrip()[-1:] in "。！？" else sentences[:-1]
    return bool(complete) and len(complete[-1]) >= 4 and complete.count(complete[-1]) >= REPEATS


def open_llm(settings: LLMSettings) -> LLM:
    """The configured model; nothing is contacted yet.

    Raises LLMUnavailable when the provider's package is missing or the name is not understood.
    """
    from langchain.chat_models import init_chat_model

    options: dict[str, Any] = {
        "timeout": settings.timeout,
        "max_tokens": settings.max_tokens,
        "temperature": 0,
    }
    name = settings.model or "default"
    if settings.base_url:
        options |= {"base_url": settings.base_url, "model_provider": "openai", "max_retries": 1}
        options["api_key"] = settings.api_key or "not-needed"
        name = name.removeprefix("openai:")
    elif settings.api_key:
        options["api_key"] = settings.api_key
    if name.startswith("ollama:"):
        options = {"temperature": 0}
    try:
        model = init_chat_model(name, **options)
    except ImportError as error:
        raise LLMUnavailable(f"The package for LLM_MODEL={name!r} is not installed: {error}.") from error
    except Exception as error:  # providers validate keys and names with exceptions of their own
        raise LLMUnavailable(f"LLM_MODEL={name!r} cannot be opened: {str(error)[:200]}.") from error
    return LLM(model, name=name, timeout=settings.timeout, context=settings.context)
