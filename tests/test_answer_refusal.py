"""Questions about something the documents do not treat are declined, with what is missing named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from answer_fakes import given

from answer.answerer import Answerer
from answer.extractive import extract
from answer.nearness import cosines
from answer.questions import read_question
from answer.refusal import FAINT, FEATURES, MISSED, SIGNS, decide
from index.retrieval import Index
from ingest import load

DEVELOPMENT = [
    json.loads(line)
    for line in Path("tests/data/off_topic_dev.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.fixture(scope="module")
def answerer():
    return Answerer(Index.build(load([Path("corpus")])))


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("今天纽约天气如何？", "天气"),
        ("联合国气候变化大会在哪里举行？", "联合国气候变化大会"),
        ("火星上有多少个缔约国？", "火星"),
        ("世界卫生组织总部设在哪里？", "世界卫生组织"),
        ("《巴黎协定》什么时候生效？", "巴黎协定"),
    ],
)
def test_what_the_documents_do_not_treat_is_named(answerer, question, missing):
    answer = answerer.answer(question)
    assert answer.refused
    assert missing in answer.missing
    assert missing in answer.text


@pytest.mark.parametrize(
    "question",
    [
        "雅加达声明是什么时候通过的？",
        "国际反腐败学院设在哪里？",
        "吹哨人受到哪些保护？",
        "埃格蒙特集团哪一年成立？",
    ],
)
def test_names_and_everyday_words_of_the_documents_are_no_reason_to_decline(answerer, question):
    assert not answerer.answer(question).refused


def test_most_questions_on_other_subjects_are_declined_and_few_others(answerer):
    refused = {"off_topic": 0, "answerable": 0}
    for row in DEVELOPMENT:
        refused[row["kind"]] += answerer.answer(row["question"]).refused
    assert refused["off_topic"] >= 28
    assert refused["answerable"] <= 6


def test_cosines_are_those_of_the_nearest_word():
    near = cosines(["举报人", "天气"], "证人和举报人受到保护")
    assert near[0] == pytest.approx(1.0, abs=1e-3)
    assert near[1] < 0.2
    assert cosines(["天气"], "") is None


def test_a_refusal_names_whole_words_and_does_not_call_a_near_question_out_of_scope(answerer):
    """合同 stands in the documents, 同要 does not: half a word must not be shown as missing."""
    near = answerer.work("合同要多付一成以上的钱，得由谁点头？").decision
    assert not near.answer
    assert near.missing[0].startswith("要")
    assert not near.elsewhere
    assert answerer.work("红楼梦里林黛玉几岁").decision.elsewhere


TRAINED = "护林员参加了培训。"


def decided(question, *texts, best_hit=20.0):
    index, read = given(*(texts or (TRAINED, "会议休会。"))), read_question(question)
    return decide(index, read, extract(index, read, index.hits(), lambda _: index.hits()), best_hit)


def weighed(question, *texts, best_hit=20.0):
    return decided(question, *texts, best_hit=best_hit).features


@pytest.mark.parametrize(
    ("question", "feature", "value"),
    [
        ("护林员培训了多少人？", "missed_number", 1.0),
        ("哪些国家培训了护林员？", "missed_states", 1.0),
        ("谁培训了护林员？", "missed_who", 0.9),
        ("护林员培训是哪一年？", "missed_when", 1.0),
        ("护林员培训花了多少钱？", "missed_amount", 1.0),
        ("为什么培训护林员？", "missed_why", 0.7),
        ("护林员培训有哪些内容？", "missed_list", 0.6),
        ("护林员怎么培训？", None, 0.0),
    ],
)
def test_the_sort_of_thing_that_is_missed_has_a_feature_of_its_own(question, feature, value):
    missed = {name: v for name, v in weighed(question).items() if name in MISSED and v}
    assert missed == ({feature: value} if feature else {})


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("护林员培训了多少人？", "护林员培训了142人。"),
        ("护林员培训是哪一年？", "护林员培训是2031年。"),
        ("护林员培训占百分之几？", "护林员培训占百分之三十。"),
        ("护林员培训在哪里举行？", "护林员培训在肯尼亚举行。"),
    ],
)
def test_nothing_speaks_against_a_sentence_that_says_what_is_asked(question, text):
    values = weighed(question, text, "会议休会。")
    assert {name: values[name] for name, sign in SIGNS.items() if sign < 0 and values[name]} == {}
    assert (values["bound"], values["answers"]) == (1.0, pytest.approx(1.15, abs=0.01))


def test_words_scattered_over_sentences_speak_against_an_answer():
    question = "护林员培训经费的拨款是多少？"
    together = weighed(question, "护林员培训经费的拨款为300万美元。", "会议休会。")
    apart = weighed(question, "护林员参加了培训。经费由各省筹措。会后收到300万美元。拨款未到。", "会议休会。")
    assert (together["scattered"], together["beside"]) == (0.0, 0.0)
    assert apart["scattered"] > 0.3
    assert apart["beside"] > 0.5


def test_one_rare_word_unsaid_is_odd():
    told = ("护林员培训在肯尼亚举行。", "会议休会。")
    assert weighed("护林员培训在哪里举行？", *told)["odd"] == 0.0
    one = weighed("护林员的潜水艇培训在哪里举行？", *told)["odd"]
    assert one == pytest.approx(0.11, abs=0.01)
    assert weighed("潜水艇在哪里？", *told)["odd"] < one  # where all is unsaid it is not the one odd word


@pytest.mark.parametrize(("best_hit", "faint"), [(20.0, 0.0), (20 * FAINT, 0.0), (6.0, 0.5), (0.0, 1.0)])
def test_a_weak_best_paragraph_is_faint(best_hit, faint):
    values = weighed("护林员培训了多少人？", "护林员培训了142人。", best_hit=best_hit)
    assert values["faint"] == pytest.approx(faint)
    assert values["remote"] == 0.0  # the paragraph says all the words


def test_remote_is_faint_and_hardly_said():
    question, told = "潜水艇驾驶员体检了多少人？", ("护林员培训了142人。", "会议休会。")
    assert weighed(question, *told, best_hit=20)["remote"] == 0.0
    faint = weighed(question, *told, best_hit=6)
    assert (faint["faint"], faint["remote"]) == (0.5, pytest.approx(0.29, abs=0.02))


def test_the_worst_part_of_a_question_counts():
    texts = ("护林员培训了142人。", "会议休会。")
    both = weighed("护林员培训了多少人？护林员培训花了多少钱？", *texts)
    assert (both["missed_amount"], both["missed_number"], both["parts"]) == (1.0, 0.0, 1.0)


def test_every_feature_is_given_whatever_is_found():
    assert tuple(weighed("护林员怎么培训？")) == FEATURES
    index, read = given(TRAINED), read_question("护林员怎么培训？")
    nothing = decide(index, read, extract(index, read, [], lambda _: []), 0.0)
    assert (nothing.answer, nothing.confidence, nothing.elsewhere) == (False, 0.0, True)
    assert dict(nothing.features) == dict.fromkeys(FEATURES, 0.0)


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("护林员的潜水艇培训在哪里举行？", ("潜水艇",)),
        ("护林员培训有哪些内容？", ("内容",)),
        ("护林员培训在哪里举行？", ()),
        ("2030年护林员培训在哪里举行？", ("2030年",)),
        ("护林员的潜水艇和热气球培训在哪里举行？", ("潜水艇", "热气球")),
    ],
)
def test_what_is_missing_is_whole_words_of_the_question_without_the_question_word(question, missing):
    assert decided(question, "护林员培训在肯尼亚举行。", "会议休会。").missing == missing


def test_a_sentence_of_another_year_makes_an_answer_less_sure():
    question = "2033年护林员培训了多少人？"
    right = decided(question, "2033年护林员培训了142人。")
    wrong = decided(question, "2030年护林员培训了142人。")
    assert (right.features["bound"], wrong.features["bound"]) == (1.0, 0.2)
    assert right.confidence > 2 * wrong.confidence
    assert wrong.premise.text == "2033年"


@pytest.mark.parametrize(("cosine", "strange"), [(None, 0.0), (0.5, 0.0), (0.125, 0.5), (-0.1, 1.0)])
def test_a_question_unlike_every_paragraph_is_strange_and_less_sure(cosine, strange):
    index, read = given(TRAINED, "会议休会。"), read_question("护林员参加了什么？")
    found = extract(index, read, index.hits(), lambda _: index.hits())
    unsure, sure = decide(index, read, found, 12.0, cosine), decide(index, read, found, 12.0)
    assert unsure.features["strange"] == strange
    assert (unsure.confidence < sure.confidence) == (strange > 0)


def test_a_year_is_never_answered_with_another(answerer):
    answer = answerer.answer("2030年的会议在哪里举行？")
    assert answer.refused
    assert "2030年" in answer.missing
