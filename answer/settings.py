"""What the answer stage is told by command line, environment or ``.env``."""

from __future__ import annotations

from dataclasses import dataclass

from index.settings import setting


@dataclass(frozen=True, slots=True)
class LLMSettings:
    """Which chat model to use; an empty ``model`` and ``base_url`` mean extractive answers.

    ``timeout`` is in seconds for the whole reply, ``max_tokens`` bounds its length, ``context`` is the
    number of characters of sources that are sent.
    """

    model: str = ""
    base_url: str = ""
    api_key: str = ""
    timeout: float = 60.0
    max_tokens: int = 1024
    context: int = 12_000

    @property
    def wanted(self) -> bool:
        """Whether a model is configured at all."""
        return bool(self.model or self.base_url)


def llm_settings(model: str = "", base_url: str = "", api_key: str = "") -> LLMSettings:
    """The settings given, else LLM_MODEL, LLM_BASE_URL, LLM_API_KEY, LLM_TIMEOUT.

    Raises ValueError when LLM_TIMEOUT is no number of seconds.
    """
    timeout = setting("LLM_TIMEOUT", "60")
    try:
        seconds = float(timeout)
    except ValueError:
        raise ValueError(f"LLM_TIMEOUT is {timeout!r}; give a number of seconds, for example 60.") from None
    return LLMSettings(
        model=model or setting("LLM_MODEL"),
        base_url=base_url or setting("LLM_BASE_URL"),
        api_key=api_key or setting("LLM_API_KEY"),
        timeout=seconds,
    )


def index_folder(folder: str = "") -> str:
    """The index folder given, else INDEX_DIR, else ``data/index``."""
    return folder or setting("INDEX_DIR", "data/index")
