import pytest
from answer_fakes import FakeIndex

from answer.answerer import Answerer
from answer.conversation import Turn
from answer.prompts import CANNOT_ANSWER


@pytest.fixture(scope="module")
def answerer():
    return Answerer(FakeIndex())


def cited(answer):
    return [c.paragraph_id.split("#")[1] for s in answer.sentences for c in s.citations]


def test_a_number_comes_first_and_then_its_sentence(answerer):
    answer = answerer.answer("工作组第四次会议有多少名代表出席？")
    assert not answer.refused
    assert answer.sentences[0].text == "164名"
    assert "164名代表出席" in answer.sentences[1].text
    assert set(cited(answer)) == {"1"}


def test_every_sentence_is_verbatim_and_quoted_from_its_paragraph(answerer):
    index = answerer.index
    for question in ("第五次会议在哪里举行？", "秘书处审查了多少份采购合同？", "工作组的职能有哪些？"):
        answer = answerer.answer(question)
        assert not answer.refused
        for sentence in answer.sentences:
            citation = sentence.citations[0]
            assert citation.quote in index.paragraph(citation.paragraph_id).text
            assert sentence.text == citation.quote
            assert sentence.verdict == "verbatim"
            assert citation.label == f"TEST/WG/2023/1，第{citation.paragraph_id.split('#')[1]}段"


def test_the_session_asked_for_is_the_session_cited(answerer):
    assert set(cited(answerer.answer("工作组第五次会议是哪几天举行的？"))) == {"6"}
    assert set(cited(answerer.answer("工作组第四次会议是哪几天举行的？"))) == {"1"}


def test_a_list_is_given_whole_and_in_order(answerer):
    texts = [s.text for s in answerer.answer("工作组的职能有哪些？").sentences]
    assert texts == [
        "工作组的职能如下：",
        "(a) 收集良好做法；",
        "(b) 便利缔约国交流信息；",
        "(c) 向缔约国会议提供建议。",
    ]


def test_a_comparison_has_one_cited_cell_for_each(answerer):
    answer = answerer.answer("第四次会议和第五次会议分别有多少个国家的代表出席？")
    assert answer.table is not None
    assert [label for label, _ in answer.table.rows] == ["第四次", "第五次"]
    cells = [row[1][0] for row in answer.table.rows]
    assert [c.citations[0].paragraph_id.split("#")[1] for c in cells] == ["1", "6"]
    assert "29个国家" in cells[0].text
    assert "41个国家" in cells[1].text


def test_a_footnote_is_shown_with_the_sentence_that_carries_it(answerer):
    answer = answerer.answer("有关材料可在哪个网址查阅？")
    assert "www.example.org/materials" in answer.text
    assert answer.sentences[0].verdict == "supported"
    assert answer.sentences[0].citations[0].quote == "有关材料可在网站上查阅。"


@pytest.mark.parametrize(
    "question", ["月球基地的氧气储备有多少吨？", "巴西队去年世界杯踢进几个球？", "会议花了多少美元？"]
)
def test_what_the_documents_do_not_say_is_refused_with_what_is_missing(answerer, question):
    answer = answerer.answer(question)
    assert answer.refused
    assert answer.text.startswith(CANNOT_ANSWER)
    assert cited(answer) == []
    assert answer.missing
    assert any("最接近的段落" in notice for notice in answer.notices)
    assert answer.confidence < 0.5


def test_a_follow_up_takes_over_the_topic(answerer):
    history = [Turn("工作组第四次会议什么时候举行？", "2021年5月10日至12日。")]
    answer = answerer.answer("那第五次呢？", history)
    assert "第五次" in answer.standalone_question
    assert "第四次" not in answer.standalone_question
    assert set(cited(answer)) == {"6"}
    assert any("按此理解" in notice for notice in answer.notices)


@pytest.mark.parametrize(
    ("question", "part"),
    [
        ("你好", "请就已载入的文件提问"),
        ("谢谢！", "不客气"),
        ("你能做什么？", "1 份文件"),
        ("hello", "Ask about"),
    ],
)
def test_small_talk_gets_a_short_reply_without_a_search(question, part):
    index = FakeIndex()
    answer = Answerer(index).answer(question)
    assert part in answer.text
    assert not answer.refused
    assert answer.mode == "reply"
    assert index.queries == []


@pytest.mark.parametrize("question", ["", "？？？", "   ", "\x00\x01", "a" * 5000, "。" * 300, "😀"])
def test_no_input_breaks_it(answerer, question):
    answer = answerer.answer(question)
    assert isinstance(answer.text, str)


def test_streaming_gives_the_same_sentences(answerer):
    events = list(answerer.stream("秘书处审查了多少份采购合同？"))
    assert events[0].kind == "status"
    assert events[-1].kind == "answer"
    streamed = [e.sentence for e in events if e.kind == "sentence"]
    assert tuple(streamed) == events[-1].answer.sentences


def test_an_english_question_gets_an_english_frame(answerer):
    answer = answerer.answer("TEST/WG/2023/1 工作组 meeting report?")
    assert answer.text.isascii() is False
    english = Answerer(FakeIndex(), lang="en").answer("月球基地的氧气储备有多少吨？")
    assert english.text.startswith("The documents at hand do not answer")


def test_the_fingerprint_names_index_and_configuration():
    one, other = Answerer(FakeIndex()), Answerer(FakeIndex(), k=3)
    assert one.fingerprint() == Answerer(FakeIndex()).fingerprint()
    assert one.fingerprint() != other.fingerprint()
    assert one.fingerprint().startswith(FakeIndex().fingerprint)


def test_timings_name_every_step(answerer):
    assert set(answerer.answer("职能有哪些？").timings) == {"understand", "search", "extract", "decide"}


def test_what_a_further_search_found_is_among_the_hits_when_it_is_cited():
    found = Answerer(FakeIndex(), k=1).answer("第四次会议和第五次会议分别在哪里举行？")
    cited = {citation.paragraph_id for sentence in found.sentences for citation in sentence.citations}
    assert len(cited) > 1
    assert cited <= {hit.paragraph.id for hit in found.hits}
    assert [hit.rank for hit in found.hits] == list(range(1, len(found.hits) + 1))
