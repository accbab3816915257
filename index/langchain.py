"""The index as a LangChain retriever, for use in anyone's chain.

retriever = ParagraphRetriever(index=Index.open("data/index"), k=5)
documents = retriever.invoke("2019年的会议由谁主持？")
"""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document as LangChainDocument
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import run_in_executor
from pydantic import ConfigDict

from index.hits import Hit
from index.query import Filters
from index.retrieval import Index


class ParagraphRetriever(BaseRetriever):
    """Returns numbered paragraphs as LangChain documents; ``id`` is the paragraph id."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    index: Any
    k: int = 10
    filters: Any = None

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[LangChainDocument]:
        index: Index = self.index
        filters: Filters | None = self.filters
        return [to_langchain(index, hit) for hit in index.search(query, self.k, filters=filters)]

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun
    ) -> list[LangChainDocument]:
        # a search holds the processor for some milliseconds; the event loop must not wait for it
        return await run_in_executor(
            None, lambda: self._get_relevant_documents(query, run_manager=run_manager.get_sync())
        )


def to_langchain(index: Index, hit: Hit) -> LangChainDocument:
    """A hit with everything needed to cite it in the metadata."""
    paragraph, document = hit.paragraph, index.document(hit.paragraph.doc_id)
    metadata = {
        "paragraph_id": paragraph.id, "doc_id": document.id, "number": paragraph.number,
        "label": paragraph.label,
        "citation": document.cite(paragraph), "section": list(paragraph.section), "symbol": document.symbol,
        "title": document.title, "date": document.date, "session": document.session, "start": paragraph.start,
        "end": paragraph.end, "page": paragraph.page, "score": hit.score, "rank": hit.rank,
        "parts": dict(hit.parts),
    }  # fmt: skip
    return LangChainDocument(id=paragraph.id, page_content=paragraph.text, metadata=metadata)
