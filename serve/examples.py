"""Example questions made from whatever documents are loaded, kept only when they are really answered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from serve.service import Engine, Lang

if TYPE_CHECKING:
    from ingest.paragraphs import Document, Paragraph

WANTED = 6
TRIED = 40
SURE = 0.6
_NUMBERING = re.compile(
    r"^\s*(?:第?[一二三四五六七八九十百\d]+[.、．章节部]\s*分?|[A-Z]\.|[(（][^)）]{1,4}[)）])\s*"
)
_EMPTY_HEADINGS = re.compile(
    r"^(?:导言|引言|序言|前言|背景|摘要|概述|概要|结论|结语|附件.*|目录|文件|说明|总则|议程|封面|建议|结论和建议|其他事项|参考.*|注|介绍)$"
)
_DEFINED = re.compile(r"(?:^|[。；\n])“?([^的，、。；：“”\W]{2,12}?)”?是指(?=[\u3400-\u9fff])")


def example_questions(engine: Engine, lang: Lang = "zh", wanted: int = WANTED) -> list[str]:
    """Up to ``wanted`` questions the loaded documents answer, from different documents first.

    They come from headings, lists and definitions; each is asked once, and kept when the answer cites the
    document it was made from.
    """
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


def answered(engine: Engine, question: str, doc_id: str) -> bool:
    """Whether the answer is given with some confidence and cites the document."""
    answer = engine.answer(question)
    cited = {c.paragraph_id.rpartition("#")[0] for s in answer.sentences for c in s.citations}
    return not answer.refused and (answer.confidence or 1.0) >= SURE and doc_id in cited


def candidates(engine: Engine, document: Document) -> Iterator[tuple[str, str]]:
    """Questions a document might answer: definitions, then lists under their headings, then headings."""
    own = [p for p in engine.index.paragraphs if p.doc_id == document.id and p.kind == "paragraph"]
    for paragraph in own:
        for match in _DEFINED.finditer(paragraph.text):
            yield f"什么是{match[1]}？", document.id
            break
    seen: set[str] = set()
    for paragraph in sorted(own, key=lambda p: not p.sub_items):
        heading = topic(paragraph)
        if heading and heading not in seen:
            seen.add(heading)
            shape = "{}包括哪些内容？" if paragraph.sub_items else "关于{}，文件提出了什么要求？"
            yield shape.format(heading), document.id


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
