"""Words, character bigrams and exact references of a text, for the lexical leg.

Words come from jieba with a domain dictionary on top of its own; bigrams catch what segmentation gets
wrong; exact tokens (``index.references``) keep resolution 3/2 apart from 2/3.
"""

from __future__ import annotations

import getpass
import re
import tempfile
from collections.abc import Iterable
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from index.normalise import fold
from index.references import exact_tokens

_CHINESE_RUN = re.compile(r"[\u3400-\u9fff]+")
_WORD_CHARACTER = re.compile(r"[\u3400-\u9fffa-z0-9]")

# Function words: they carry no topic, and in a question they would count as words not found.
_FUNCTION_WORDS = """
的 了 在 是 和 与 及 或 等 有 被 把 对 于 从 以 其 该 这 那 之 而 并 也 就 都 还 为 由 向 到 中 上 下 个
一个 一些 这个 那个 这些 那些 此 我 你 您 他 她 它 我们 他们 它们 请 请问 问 一下 告诉 什么 哪些 哪个 哪
哪里 哪儿 哪位 哪年 如何 怎么 怎样 怎么样 多少 几 谁 是否 吗 呢 吧 啊 为什么 为何 何时 何地 何 什么时候
有没有 能否 可否 是不是 有关 关于 以及 进行 开展 方面 情况 问题 主要 具体 哪一 哪次 某 每 各 将 会 能 可
可以 应 应当 应该 要 需要 曾 曾经 已 已经 所 里 内 时 后 前 说 提到 提及 指出 the a an of in on at to
for and or by with from is are was were be been do does did what which who whom whose when where why how
many much that this these those it its as about has have had any there please tell me under into than
not
"""
STOP_WORDS = frozenset(_FUNCTION_WORDS.split())
_QUESTION_PHRASE = re.compile(
    r"请问|是什么时候|什么时候|为什么|是什么|什么样的?|什么|哪些|哪个|哪几个|哪一[年次届个]|哪[里儿位年次届]|如何|怎么样|怎样|怎么|多少|"
    r"是否|有没有|是不是|能否|可否|为何|何时|何地|几[个次名项届]|吗|呢|谁|的话|一下|告诉我|我想知道|说明了?|提到了?|提及了?"
)


@lru_cache(maxsize=1)
def jieba_words() -> Any:
    """jieba with its own dictionary, read once a process."""
    import logging

    import jieba

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    # jieba's default cache lies in the shared temporary folder, where another user's file may stop it
    cache = Path(tempfile.gettempdir()) / f"uncac-rag-jieba-{getpass.getuser()}"
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    tokenizer.tmp_dir = str(cache)
    tokenizer.initialize()
    return tokenizer


class Tokeniser:
    """Splits folded text; one instance per index, because the dictionary is part of the index."""

    def __init__(self, dictionary: Iterable[str] = ()) -> None:
        self._known: dict[str, tuple[str, ...]] = {}
        self.dictionary = tuple(sorted({word for word in map(fold, dictionary) if 2 <= len(word) <= 8}))

    @cached_property
    def _jieba(self) -> Any:
        import jieba

        base = jieba_words()
        tokenizer = jieba.Tokenizer()
        tokenizer.FREQ, tokenizer.total, tokenizer.initialized = base.FREQ.copy(), base.total, True
        for word in self.dictionary:
            if _CHINESE_RUN.fullmatch(word):
                tokenizer.add_word(word)
        return tokenizer

    def words(self, folded: str) -> list[str]:
        """Words of the folded text in order, stop words and punctuation left out."""
        return [
            word
            for word in self._jieba.cut_for_search(folded)
            if word not in STOP_WORDS and _WORD_CHARACTER.search(word)
        ]

    def distinct(self, folded: str) -> tuple[str, ...]:
        """The words of a name, each once; remembered, as the same names come up again and again."""
        if folded not in self._known:
            self._known[folded] = tuple(dict.fromkeys(self.words(folded)))
        return self._known[folded]

    def terms(self, folded: str) -> list[str]:
        """Words and exact references, as the word leg indexes them."""
        return self.words(folded) + exact_tokens(folded)


def bigrams(folded: str) -> list[str]:
    """Character bigrams of each run of Chinese characters; a run of one character gives itself."""
    found: list[str] = []
    for run in _CHINESE_RUN.findall(folded):
        found.extend(run[i : i + 2] for i in range(len(run) - 1)) if len(run) > 1 else found.append(run)
    return found


def runs(folded: str, size: int) -> list[str]:
    """Every run of ``size`` Chinese characters in the folded text."""
    return [run[i : i + size] for run in _CHINESE_RUN.findall(folded) for i in range(len(run) - size + 1)]


def without_question_words(folded: str) -> str:
    """The folded question with its question phrases replaced by spaces (什么时候, 哪些, 如何 …)."""
    return _QUESTION_PHRASE.sub(" ", folded)
