"""The baseline: retrieval-augmented answering as most tutorials build it with LangChain.

RecursiveCharacterTextSplitter with its default separators over the raw document text, the same
encoder, a flat FAISS index (faiss itself: LangChain's wrapper loads pickles), the best chunk as the
answer, and no verification, no paragraph numbers, no refusal. A chunk is credited with the paragraph it
overlaps most, which is generous: the tutorial would cite the file.
"""

from __future__ import annotations

from bisect import bisect_left
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
            best.setdefault(places[row], score)
        text = chunks[found[0][0]].page_content
        statement = Statement(text, (Cited(places[found[0][0]], text),))
        return Record(question.id, text, statements=(statement,), hits=tuple(best.items()), mode="langchain")

    return respond


class _Owners:
    """Which paragraph a stretch of a document's text overlaps most."""

    def __init__(self, paragraphs: tuple[Paragraph, ...]) -> None:
        self._by_document: dict[str, list[Paragraph]] = defaultdict(list)
        for paragraph in sorted(paragraphs, key=lambda item: item.start):
            self._by_document[paragraph.doc_id].append(paragraph)

    def of(self, document: str, start: int, length: int) -> str:
        """The paragraph id; the nearest one where the stretch touches none."""
        own, end = self._by_document[document], start + length

        def overlap(paragraph: Paragraph) -> tuple[int, int]:
            shared = min(end, paragraph.end) - max(start, paragraph.start)
            return max(shared, 0), -abs(paragraph.start - start)

        first = max(0, bisect_left(own, start, key=lambda item: item.end) - 1)
        return max(own[first : first + 40] or own[-1:], key=overlap).id
