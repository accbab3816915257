"""A tiny index and scripted chat models for the tests of the answer stage."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from answer.evidence import Ask, ask
from answer.questions import read_question
from answer.sentences import bigrams, normalise
from index.hits import Hit
from index.query import Filters
from ingest import Document, Footnote, Paragraph, SubItem
from ingest.paragraphs import ParagraphKind

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


class Given:
    """An index of given paragraphs, found in the order in which they stand unless scores are given."""

    def __init__(
        self, documents: Sequence[Document], paragraphs: Sequence[Paragraph], scores: Sequence[float] = ()
    ) -> None:
        self.documents, self.paragraphs = tuple(documents), tuple(paragraphs)
        self.fingerprint = f"given-{hash(tuple(p.id + p.text for p in paragraphs))}"
        self.scores = scores or [10.0] * len(self.paragraphs)

    def document(self, doc_id: str) -> Document:
        return next(d for d in self.documents if d.id == doc_id)

    def hits(self) -> list[Hit]:
        found = sorted(zip(self.scores, self.paragraphs, strict=True), key=lambda pair: -pair[0])
        return [Hit(p, score, rank) for rank, (score, p) in enumerate(found, 1)]


def document(name: str, title: str, date: str = "2031-01-01") -> Document:
    """An invented document without a text of its own."""
    return Document(
        id=name, symbol=None, title=title, date=date, session=None, language="zh", text="", source="memory"
    )


def paragraph(
    name: str,
    number: str,
    text: str,
    section: tuple[str, ...] = ("一. 活动",),
    kind: ParagraphKind = "paragraph",
) -> Paragraph:
    """A numbered paragraph or row of the document of that name."""
    return Paragraph(
        f"{name}#{number}", name, number, f"第{number}段", section, text, kind=kind, start=10 * int(number)
    )


def given(*texts: str, section: tuple[str, ...] = ("一. 活动",), scores: Sequence[float] = ()) -> Given:
    """One document, 《林业座谈》, of the given paragraphs L#1, L#2, …"""
    paragraphs = [paragraph("L", str(number), text, section) for number, text in enumerate(texts, 1)]
    return Given([document("L", "林业座谈")], paragraphs, scores)


def ask_of(index: Given, question: str) -> Ask:
    """The first part of a question, weighed by the index."""
    read = read_question(question)
    return ask(index, read, read.parts[0])


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
