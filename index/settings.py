"""Configuration by environment or ``.env``; command-line options win over both.

Names are the same everywhere: ENCODER, RERANKER, INDEX_DIR here; LLM_MODEL, LLM_BASE_URL,
LLM_API_KEY in the answer stage; HOST, PORT and the rest in the serve stage.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=1)
def _dotenv(path: str = ".env") -> dict[str, str]:
    """The pairs of the ``.env`` file in the working folder; empty when there is none."""
    if not Path(path).is_file():
        return {}
    from dotenv import dotenv_values

    return {name: value for name, value in dotenv_values(path).items() if value is not None}


def setting(name: str, default: str = "") -> str:
    """The value of a setting: the environment first, then ``.env``, then ``default``."""
    return os.environ.get(name) or _dotenv().get(name) or default
