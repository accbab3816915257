"""The baseline: retrieval-augmented answering as most tutorials build it with LangChain.

RecursiveCharacterTextSplitter with its default separators over the raw document text, the same
encoder, a flat FAISS index (faiss itself: LangChain's wrapper loads pickles), the best chunk as the
answer, and no verification, no paragraph numbers, no refusal. A chunk is credited with every paragraph it
holds at least half of and the one it overlaps most, which is generous: the tutorial would cite the file.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from eval.questions import Question
from eval.records import Cited, Record, Statement
from ingest import Paragraph

if TYPE_CHECKING:
    from eval.run import Responder, RunOptions
    from index.retrieval import Index

CHUNK_SIZE = 500
OVERLAP = 50
CHUNKS = 20


def langchain_system(index: Index, options: RunOptions) -> Responder:
    """A responder over chunks of the index's documents; the index's own search is not used."""
    import faiss
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    encoder = index.encoder
    splitter = RecursiveCharacterTextSplitter(
        chunk_size=CHUNK_SIZE, chunk_overlap=OVERLAP, add_start_index=True
    )
    chunks = splitter.create_documents(
        [document.text for document in index.documents], [{"document": item.id} for item in index.documents]
    )
    owners = _Owners(index.paragraphs)
    places = [
        owners.of(chunk.metadata["document"], chunk.metadata["start_index"], len(chunk.page_content))
        for chunk in chunks
    ]
    vectors = encoder.encode([chunk.page_content for chunk in chunks], "document", progress=True)
    flat = faiss.IndexFlatIP(encoder.dimension)
    flat.add(vectors)

    def respond(question: Question) -> Record:
        scores, rows = flat.search(encoder.encode([question.question], "query"), min(CHUNKS, len(chunks)))
        found = [(int(row), float(score)) for row, score in zip(rows[0], scores[0], strict=True) if row >= 0]
        best: dict[str, float] = {}
        for row, score in found:
            for paragraph_id in places[row]:
                best.setdefault(paragraph_id, score)
        first = found[0][0]
        text = chunks[first].page_content
        statement = Statement(text, tuple(Cited(paragraph_id, text) for paragraph_id in places[first]))
        return Record(question.id, text, statements=(statement,), hits=tuple(best.items()), mode="langchain")

    return respond


class _Owners:
    """Which paragraphs a stretch of a document's text points at."""

    def __init__(self, paragraphs: tuple[Paragraph, ...]) -> None:
        self._by_document: dict[str, list[Paragraph]] = defaultdict(list)
        for paragraph in sorted(paragraphs, key=lambda item: item.start):
            self._by_document[paragraph.doc_id].append(paragraph)

    def of(self, document: str, start: int, length: int) -> tuple[str, ...]:
        """The ids of those it holds at least half of and of the one it overlaps most, that one first."""
        own, end = self._by_document[document], start + length

        def overlap(paragraph: Paragraph) -> int:
            return max(0, min(end, paragraph.end) - max(start, paragraph.start))

        held = [item for item in own if 2 * overlap(item) >= max(1, item.end - item.start)]
        most = max(own, key=lambda item: (overlap(item), -abs(item.start - start)))
        return tuple(dict.fromkeys([most.id, *(item.id for item in held)]))
