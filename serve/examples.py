"""Example questions made from whatever documents are loaded, kept only when they are really answered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from serve.service import Engine

if TYPE_CHECKING:
    from ingest.paragraphs import Document, Paragraph

WANTED = 6
TRIED = 40
SURE = 0.6
RELATED, RELATED_TRIED = 3, 8
_NUMBERING = re.compile(
    r"^\s*(?:第?[一二三四五六七八九十百\d]+[.、．章节部]\s*分?|[A-Z]\.|[(（][^)）]{1,4}[)）])\s*"
)
_EMPTY_HEADINGS = re.compile(
    r"^(?:导言|引言|序言|前言|背景|摘要|概述|概要|结论|结语|附件.*|目录|文件|说明|总则|议程|封面|建议|结论和建议|其他事项|参考.*|注|介绍|"
    r".*[开闭]幕.*|.*工作安排|今后的工作|(?:通过|选举).*|出席情况|与会情况)$"
)
_DEFINED = re.compile(r"(?:^|[。；\n])“?([^的，、。；：“”\W]{2,12}?)”?是指(?=[\u3400-\u9fff])")
_EVENT = re.compile(
    r"(?:^|[。；])([^的，、。；：“”\s\d]{4,24}?)(?<![分别也还均曾已将])\s?于\s?\d{4}\s?年[^，。；]{0,40}?(举行|通过|生效|成立|设立|启动)"
)


def example_questions(engine: Engine, wanted: int = WANTED) -> list[str]:
    """Up to ``wanted`` questions the loaded documents answer, from different documents first.

    They come from definitions, dates, lists and headings; each is asked once, and kept when the answer
    cites the document it was made from.
    """
    engine = Engine(engine.index)  # without a model: they are made at every start
    queues = [candidates(engine, document) for document in engine.index.documents]
    found: list[str] = []
    tried = 0
    while queues and len(found) < wanted and tried < TRIED:
        queue = queues.pop(0)
        for question, doc_id in queue:
            tried += 1
            if question not in found and answered(engine, question, doc_id):
                found.append(question)
                queues.append(queue)
                break
            if tried >= TRIED:
                break
    return found


def related_questions(engine: Engine, asked: Sequence[str], wanted: int = RELATED) -> list[str]:
    """Up to ``wanted`` questions about what stands near the last questions asked, each really answered.

    Empty for questions without Chinese: the questions are made of the documents' own words.
    """
    recent = " ".join(asked[-2:])[-400:]
    if not re.search(r"[\u3400-\u9fff]", recent):
        return []
    engine = Engine(engine.index)
    near = [hit.paragraph for hit in engine.index.search(recent, 20) if hit.paragraph.kind == "paragraph"]
    found: list[str] = []
    for question, doc_id in islice(_near(near, asked), RELATED_TRIED):
        if answered(engine, question, doc_id):
            found.append(question)
            if len(found) == wanted:
                break
    return found


def _near(paragraphs: Sequence[Paragraph], asked: Sequence[str]) -> Iterator[tuple[str, str]]:
    """A question for each definition and each heading, with the document; none that was asked already."""
    headings: set[str] = set()
    for paragraph in paragraphs:
        made = list(_definitions([paragraph]))
        if (heading := topic(paragraph)) not in headings:
            headings.add(heading)
            made += _topics([paragraph], lists=bool(paragraph.sub_items))
        yield from ((question, paragraph.doc_id) for question in made if question not in asked)


def answered(engine: Engine, question: str, doc_id: str) -> bool:
    """Whether the answer is given with some confidence and cites the document."""
    answer = engine.answer(question)
    cited = {c.paragraph_id.rpartition("#")[0] for s in answer.sentences for c in s.citations}
    return not answer.refused and (answer.confidence or 1.0) >= SURE and doc_id in cited


def candidates(engine: Engine, document: Document) -> Iterator[tuple[str, str]]:
    """Questions a document might answer, one of each kind in turn: definitions, dates, lists, headings."""
    own = [p for p in engine.index.paragraphs if p.doc_id == document.id and p.kind == "paragraph"]
    kinds = [_definitions(own), _events(own), _topics(own, lists=True), _topics(own, lists=False)]
    while kinds:
        kind = kinds.pop(0)
        question = next(kind, None)
        if question is not None:
            yield question, document.id
            kinds.append(kind)


def _definitions(paragraphs: Sequence[Paragraph]) -> Iterator[str]:
    for paragraph in paragraphs:
        for match in _DEFINED.finditer(paragraph.text):
            yield f"什么是{match[1]}？"


def _events(paragraphs: Sequence[Paragraph]) -> Iterator[str]:
    for paragraph in paragraphs:
        for match in _EVENT.finditer(paragraph.text):
            yield f"{match[1]}是何时{match[2]}的？"


def _topics(paragraphs: Sequence[Paragraph], *, lists: bool) -> Iterator[str]:
    seen: set[str] = set()
    for paragraph in paragraphs:
        heading = topic(paragraph)
        if bool(paragraph.sub_items) is lists and heading and heading not in seen:
            seen.add(heading)
            yield f"{heading}包括哪些内容？" if lists else f"关于{heading}，文件是怎么说的？"


def topic(paragraph: Paragraph) -> str:
    """The innermost heading without its number, or "" where it says nothing to ask about."""
    for heading in reversed(paragraph.section):
        bare = heading
        while (shorter := _NUMBERING.sub("", bare)) != bare:
            bare = shorter
        bare = re.sub(r"[（(][^（）()]*[)）]$", "", bare).strip(" ：:。")
        if (
            4 <= len(bare) <= 18
            and not _EMPTY_HEADINGS.match(bare)
            and re.search(r"[\u3400-\u9fff]{3}", bare)
        ):
            return bare
    return ""
