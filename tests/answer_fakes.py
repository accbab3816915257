"""A tiny index and scripted chat models for the tests of the answer stage."""

from __future__ import annotations

import time
from collections.abc import Iterator

from answer.sentences import bigrams, normalise
from index.hits import Hit
from index.query import Filters
from ingest import Document, Footnote, Paragraph, SubItem

TEXTS = {
    "1": "工作组第四次会议于2021年5月10日至12日在内罗毕举行，来自29个国家的164名代表出席。会议由肯尼亚的奥蒂诺女士主持。",
    "2": "一位发言者指出，公开实益所有权信息有助于预防腐败。几位发言者强调培训经费不足。",
    "3": "工作组请秘书处在可获得预算外资源的情况下编写一份关于举报人保护的指南，并鼓励缔约国提交统计数据。",
    "4": "工作组的职能如下：\n(a) 收集良好做法；\n(b) 便利缔约国交流信息；\n(c) 向缔约国会议提供建议。",
    "5": "秘书处2020年审查了87份采购合同，其中31份没有按规定公布。",
    "6": "工作组第五次会议于2023年6月6日至8日在曼谷举行，来自41个国家的代表出席。",
    "7": "有关材料可在网站上查阅。",
}


def corpus() -> tuple[Document, tuple[Paragraph, ...]]:
    """One invented document of seven paragraphs."""
    document = Document(
        id="TEST/WG/2023/1",
        symbol="TEST/WG/2023/1",
        title="工作组活动报告",
        date="2023-07-01",
        session=None,
        language="zh",
        text="\n".join(TEXTS.values()),
        source="memory",
    )
    paragraphs = []
    for number, text in TEXTS.items():
        items = ()
        notes = ()
        if number == "4":
            starts = [text.index(mark) for mark in ("(a)", "(b)", "(c)")]
            ends = [*(s - 1 for s in starts[1:]), len(text)]
            items = tuple(
                SubItem(text[s : s + 3], text[s:e], s, e) for s, e in zip(starts, ends, strict=True)
            )
        if number == "7":
            notes = (Footnote("1", "见 www.example.org/materials。", 8),)
        paragraphs.append(
            Paragraph(
                f"{document.id}#{number}",
                document.id,
                number,
                f"第{number}段",
                ("一. 会议",),
                text,
                items,
                notes,
            )
        )
    return document, tuple(paragraphs)


class FakeIndex:
    """Search by shared character pairs, scored from 0 to 20 as the real search does; what answering uses of
    ``index.retrieval.Index``.
    """

    def __init__(self, extra: tuple[Paragraph, ...] = ()) -> None:
        document, paragraphs = corpus()
        self.documents = (document,)
        self.paragraphs = (*paragraphs, *extra)
        self.fingerprint = f"fake-{len(self.paragraphs)}-{hash(tuple(p.text for p in extra))}"
        self.queries: list[str] = []

    def search(self, query: str, k: int = 10, *, filters: Filters | None = None) -> list[Hit]:
        self.queries.append(query)
        wanted = set(bigrams(normalise(query).text))
        scored = []
        for order, paragraph in enumerate(self.paragraphs):
            shared = len(wanted & set(bigrams(normalise(paragraph.text).text)))
            scored.append((-shared, order, paragraph))
        scored.sort(key=lambda row: row[:2])
        scale = 20 / max(1, len(wanted))
        return [Hit(p, -s * scale, rank) for rank, (s, _, p) in enumerate(scored[:k], 1)]

    def paragraph(self, paragraph_id: str) -> Paragraph:
        return {p.id: p for p in self.paragraphs}[paragraph_id]

    def document(self, doc_id: str) -> Document:
        return {d.id: d for d in self.documents}[doc_id]

    def neighbours(self, paragraph_id: str, n: int = 1) -> list[Paragraph]:
        at = [p.id for p in self.paragraphs].index(paragraph_id)
        return [p for i, p in enumerate(self.paragraphs) if i != at and abs(i - at) <= n]


class Scripted:
    """A chat model that writes a given text in chunks, then fails or stalls if told to."""

    def __init__(
        self, text: str, *, size: int = 7, error: Exception | None = None, stall: float = 0.0
    ) -> None:
        self.text, self.size, self.error, self.stall = text, size, error, stall
        self.seen: list[list[tuple[str, str]]] = []

    def stream(self, messages: list[tuple[str, str]]) -> Iterator[str]:
        self.seen.append(messages)
        for start in range(0, len(self.text), self.size):
            yield self.text[start : start + self.size]
        if self.stall:
            time.sleep(self.stall)
        if self.error is not None:
            raise self.error
