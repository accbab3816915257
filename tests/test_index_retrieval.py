"""Searching a small corpus: what must come first, and what a hit says about itself."""

from dataclasses import replace

import numpy as np
import pytest
from index_corpus import SmallCorpus, small_corpus

from index.config import SearchConfig
from index.encoder import HashingEncoder
from index.query import Filters
from index.retrieval import Index, merged


@pytest.fixture(scope="module")
def index():
    return Index.build(small_corpus(), encoder=HashingEncoder(), config=SearchConfig())


def ids(hits):
    return [hit.paragraph.id for hit in hits]


def test_plain_words_find_their_paragraph(index):
    assert ids(index.search("资产申报", 3))[0] == "r2019#3"


def test_traditional_characters_find_simplified_text(index):
    assert ids(index.search("資產申報制度", 3))[0] == "r2019#3"


@pytest.mark.parametrize(
    ("question", "expected"), [("2019年会议由谁主持？", "r2019#1"), ("2021年会议由谁主持？", "r2021#1")]
)
def test_the_year_decides_between_documents(index, question, expected):
    assert ids(index.search(question, 3))[0] == expected


def test_the_session_decides_between_documents(index):
    assert ids(index.search("第十二次会议由谁主持？", 3))[0] == "r2021#1"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("第3/2号决议", "CAC/COSP/2017/4#1"),
        ("第2/3号决议", "CAC/COSP/2017/4#3"),
        ("公约第63条第7款", "CAC/COSP/2017/4#1"),
        ("article 63 (7)", "CAC/COSP/2017/4#1"),
    ],
)
def test_references_are_exact(index, question, expected):
    assert ids(index.search(question, 3))[0] == expected


def test_names_from_the_thesaurus_and_from_the_documents(index):
    assert ids(index.search("财产公示", 3))[0] == "r2019#3"
    assert ids(index.search("asset declaration", 3))[0] == "r2019#3"
    assert ids(index.search("南共体", 3))[0] == "r2021#3"
    assert index.defined == {"南共体": "南部非洲发展共同体"}


def test_footnotes_are_searched(index):
    assert ids(index.search("国际货币基金组织", 3))[0] == "r2021#3"


def test_copies_do_not_fill_the_first_places_and_the_asked_year_wins(index):
    found = ids(index.search("2021年国际观察站收集良好做法", 5))
    assert found[0] == "r2021#2"
    assert found.index("r2019#2") > 1
    without = index.with_config(replace(index.config, dedup=False))
    assert ids(without.search("2021年国际观察站收集良好做法", 5))[:2] == ["r2021#2", "r2019#2"]


def test_hits_are_ranked_scored_and_explained(index):
    hits = index.search("工作组的职能", 5)
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert hits[0].score == pytest.approx(sum(hits[0].parts.values()), abs=0.01)
    assert hits[0].parts["words"] > 0


def test_a_hit_carries_the_cosine_of_query_and_paragraph(index):
    hit = index.search("秘书处审查了多少份采购合同？", 1)[0]
    row = index.paragraphs.index(hit.paragraph)
    vector = index.encoder.encode(["秘书处审查了多少份采购合同？"], "query")[0]
    assert hit.cosine == pytest.approx(
        float(index.encoder.encode([index.context(row)])[0] @ vector), abs=1e-3
    )
    assert index.with_config(SearchConfig(dense=False)).search("采购", 1)[0].cosine is None


def test_same_question_same_answer(index):
    assert index.search("会议主席", 9) == index.search("会议主席", 9)


def test_filters_are_hard(index):
    hits = index.search("会议由谁主持", 9, filters=Filters(years=frozenset({2021})))
    assert {hit.paragraph.doc_id for hit in hits} == {"r2021"}
    assert index.search("会议", 9, filters=Filters(years=frozenset({1999}))) == []


def test_empty_questions_find_nothing(index):
    assert index.search("", 5) == []
    assert index.search("  ", 5) == []
    assert index.search("会议", 0) == []


@pytest.mark.parametrize("question", ["？？？", "🙂", "a", "的", "\x00\u202e", "会" * 3000, "(((", "\ud800"])
def test_odd_questions_do_not_fail(index, question):
    assert len(index.search(question, 3)) <= 3


@pytest.mark.parametrize(
    "switch",
    ["lexical", "bigrams", "exact", "fields", "thesaurus", "metadata", "neighbours", "proximity", "answer_kind",
     "dense", "dedup", "fusion"],
)  # fmt: skip
def test_every_part_can_be_switched_off(index, switch):
    from index.fusion import SWITCHES

    reduced = index.with_config(replace(SearchConfig(), **{switch: False}))
    hits = reduced.search("2019年资产申报制度", 5)
    assert hits
    silent = set(SWITCHES.get(switch, ()))
    assert not silent & {name for hit in hits for name in hit.parts}


def test_paragraphs_documents_and_neighbours(index):
    assert index.paragraph("r2019#2").number == "2"
    assert index.document("r2021").title == "工作组第十二次会议报告"
    assert [p.id for p in index.neighbours("r2019#2")] == ["r2019#1", "r2019#3"]
    assert [p.id for p in index.neighbours("r2021#1", 2)] == ["r2021#2", "r2021#3"]
    with pytest.raises(KeyError):
        index.paragraph("r2019#99")
    with pytest.raises(KeyError):
        index.document("none")


def test_fingerprint_follows_texts_and_encoder(index):
    corpus = small_corpus()
    assert Index.build(corpus, encoder=HashingEncoder()).fingerprint == index.fingerprint
    assert Index.build(corpus, encoder=HashingEncoder(64)).fingerprint != index.fingerprint
    changed = replace(corpus.documents[0], text="别的内容")
    other = SmallCorpus((changed, *corpus.documents[1:]), corpus.paragraphs)
    assert Index.build(other, encoder=HashingEncoder()).fingerprint != index.fingerprint


class CountingEncoder(HashingEncoder):
    """Remembers how many documents it was asked to embed."""

    def __init__(self):
        super().__init__()
        self.embedded = 0

    def encode(self, texts, kind="document", *, progress=False):
        self.embedded += len(texts) if kind == "document" else 0
        return super().encode(texts, kind)


def test_unchanged_paragraphs_are_not_embedded_again(index):
    corpus, encoder = small_corpus(), CountingEncoder()
    new = replace(corpus.paragraphs[0], text="会议由丙先生主持。")
    changed = SmallCorpus(corpus.documents, (new, *corpus.paragraphs[1:]))
    again = Index.build(changed, encoder=encoder, reuse=index)
    assert encoder.embedded == 1
    fresh = Index.build(changed, encoder=HashingEncoder())
    assert again.signals.dense.vectors() == pytest.approx(fresh.signals.dense.vectors(), abs=1e-6)


def test_merging_says_what_changed(index):
    corpus = small_corpus()
    changed = replace(corpus.documents[0], title="新题目")
    added = replace(corpus.documents[1], id="new")
    new = SmallCorpus(
        (changed, corpus.documents[1], added), tuple(p for p in corpus.paragraphs if p.doc_id != "new")
    )
    together, changes = merged(index, new, ["CAC/COSP/2017/4"])
    assert changes == {
        "added": ["new"],
        "changed": ["r2019"],
        "unchanged": ["r2021"],
        "removed": ["CAC/COSP/2017/4"],
    }
    assert [d.id for d in together.documents] == ["r2019", "r2021", "new"]
    assert len(together.paragraphs) == 6


def test_faulty_corpora_are_refused():
    corpus = small_corpus()
    with pytest.raises(ValueError, match="nothing to index"):
        Index.build(SmallCorpus(corpus.documents, ()), encoder=HashingEncoder())
    with pytest.raises(ValueError, match="used twice"):
        Index.build(SmallCorpus(corpus.documents, corpus.paragraphs[:1] * 2), encoder=HashingEncoder())
    with pytest.raises(ValueError, match="unknown document"):
        Index.build(SmallCorpus(corpus.documents[1:], corpus.paragraphs), encoder=HashingEncoder())


def test_long_paragraphs_are_embedded_in_windows_but_found_whole():
    class Narrow(HashingEncoder):
        def __init__(self):
            super().__init__()
            self.window = 60

    corpus = small_corpus()
    long = replace(corpus.paragraphs[0], text="无关的话写在这里。" * 40 + "审计机关核查了账目。")
    index = Index.build(SmallCorpus(corpus.documents, (long, *corpus.paragraphs[1:])), encoder=Narrow())
    windows = np.bincount(index.signals.dense.owners)
    assert windows[0] > 5
    assert windows[1:].max() <= 3
    dense_only = index.with_config(replace(SearchConfig(), lexical=False))
    assert ids(dense_only.search("审计机关核查了账目", 3))[0] == "r2019#1"
