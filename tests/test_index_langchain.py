"""The LangChain retriever, alone and in a chain, synchronous and asynchronous."""

import asyncio

import pytest
from index_corpus import small_corpus

from index.encoder import HashingEncoder
from index.langchain import ParagraphRetriever
from index.query import Filters
from index.retrieval import Index


@pytest.fixture(scope="module")
def index():
    return Index.build(small_corpus(), encoder=HashingEncoder())


def test_documents_carry_everything_needed_to_cite(index):
    first = ParagraphRetriever(index=index, k=2).invoke("公约第63条第7款")[0]
    assert first.id == "CAC/COSP/2017/4#1"
    assert first.page_content == index.paragraph(first.id).text
    assert first.metadata["citation"] == "CAC/COSP/2017/4，第1段"
    assert first.metadata["rank"] == 1
    assert first.metadata["section"] == ["一. 导言"]
    assert first.metadata["symbol"] == "CAC/COSP/2017/4"


def test_asynchronous_and_batched_results_are_the_same(index):
    retriever = ParagraphRetriever(index=index, k=3)
    expected = retriever.invoke("资产申报")
    assert asyncio.run(retriever.ainvoke("资产申报")) == expected
    assert retriever.batch(["资产申报", "资产申报"]) == [expected, expected]


def test_in_a_chain_with_filters(index):
    chain = ParagraphRetriever(index=index, k=5, filters=Filters(years=frozenset({2021}))) | (
        lambda documents: {document.metadata["doc_id"] for document in documents}
    )
    assert chain.invoke("会议") == {"r2021"}
