"""Text as search sees it; what people read is never changed.

Both the paragraphs and the question are folded the same way: Unicode NFKC (full-width letters and
digits become plain), lower case, and traditional characters to simplified ones.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files

_SPACE_INSIDE_CHINESE = re.compile(
    r"(?<=[\u3400-\u9fff\d])[ \t\u3000]+(?=[\u3400-\u9fff])|(?<=[\u3400-\u9fff])[ \t\u3000]+(?=\d)"
)
_DASHES = str.maketrans({"‐": "-", "‑": "-", "–": "-", "—": "-", "―": "-", "－": "-", "’": "'", "‘": "'"})


@lru_cache(maxsize=1)
def _simplified() -> dict[int, str]:
    """The character table traditional -> simplified of OpenCC, as ``str.translate`` wants it."""
    table = files("opencc").joinpath("dictionary/TSCharacters.txt").read_text(encoding="utf-8")
    pairs = (line.split("\t") for line in table.splitlines() if "\t" in line)
    return {ord(old): new.split()[0] for old, new in pairs if len(old) == 1 and new.split()[0] != old}


def simplify(text: str) -> str:
    """The text with each traditional character replaced by its simplified form; same length."""
    return text.translate(_simplified())


def fold(text: str) -> str:
    """The text as it is matched: NFKC, lower case, simplified, no spaces between Chinese and digits."""
    plain = simplify(unicodedata.normalize("NFKC", text).translate(_DASHES).lower())
    return _SPACE_INSIDE_CHINESE.sub("", plain)
