"""Whether one sentence says what is asked, and how near words come in meaning."""

import pytest
from answer_fakes import Given, ask_of, document, given, paragraph

from answer.evidence import rarity
from answer.nearness import INFERRED, nearness
from answer.wording import wording

ASKED = "2031年护林员培训了多少人？"


def worded(question, *texts, section=("一. 活动",)):
    index = given(*texts, section=section)
    return wording(index, ask_of(index, question), index.paragraphs, rarity(index))


def test_a_word_said_is_quite_near_and_a_like_one_less():
    said, like, unlike = nearness(["合同", "讲习班", "鲸鱼"], "秘书处办了培训班，审查了合同")
    assert (said, unlike) == (1.0, 0.0)
    assert 0.4 < like < INFERRED


def test_only_words_that_tell_something_come_near():
    assert nearness(["学校", "合同"], "2021年，的、和").tolist() == [0.0, 0.0]
    assert nearness(["学校"], "").tolist() == [0.0]


def test_a_sentence_with_all_that_is_asked_has_every_value_at_its_best():
    found = worded(ASKED, "2031年护林员培训了142人。")
    assert (found.holds, found.said, found.focus, found.bound, found.whole, found.lost) == (1, 1, 1, 1, 1, 0)
    assert found.answers == pytest.approx(1.15)


@pytest.mark.parametrize(
    ("text", "section", "bound"),
    [
        ("2031年护林员培训了142人。", "一. 活动", 1.0),
        ("护林员培训了142人。", "2031年", 0.85),
        ("护林员培训了142人。2031年修了瞭望塔。", "一. 活动", 0.85),
        ("护林员培训了142人。", "一. 活动", 0.5),
        ("2030年护林员培训了142人。2031年修了瞭望塔。", "一. 活动", 0.5),
        ("2030年护林员培训了142人。", "一. 活动", 0.2),
    ],
)
def test_a_sentence_is_bound_to_the_year_asked_for(text, section, bound):
    found = worded(ASKED, text, section=(section,))
    assert (found.bound, found.holds) == (bound, 1.0)


def test_what_the_sentence_before_or_the_headings_say_counts_less():
    question, counted = "护林员培训了多少人？", "来的有142人。"
    before = worded(question, "护林员参加了培训。" + counted).said
    above = worded(question, counted, section=("护林员培训",)).said
    nowhere = worded(question, counted).said
    assert 1.0 > before > above > nowhere


def test_the_sentence_that_holds_the_thing_is_chosen_over_the_one_that_says_the_words():
    found = worded("护林员培训在哪里举行？", "护林员培训办了三期。", "大会在肯尼亚举行。")
    assert found.holds == 1.0
    assert found.said < 0.5
    apart = worded("护林员培训在哪里举行？", "护林员培训办了三期。大会在肯尼亚举行。")
    assert apart.whole == 1.0
    assert apart.said < 1.0


def test_focus_is_on_the_words_beside_the_question_word():
    beside = worded("护林员在山区种了多少棵云杉？", "云杉有30棵。")
    apart = worded("护林员在山区种了多少棵云杉？", "护林员有30人。")
    assert beside.focus > beside.said
    assert apart.focus < apart.said


def test_a_word_that_no_paragraph_says_is_lost():
    told = "护林员培训在肯尼亚举行。"
    assert worded("护林员培训在哪里举行？", told, "大会休会。").lost == 0.0
    assert worded("护林员的潜水艇培训在哪里举行？", told, "大会休会。").lost == pytest.approx(0.2, abs=0.02)


def test_a_row_is_one_sentence_with_the_names_of_its_columns():
    row = paragraph("T", "1", "甲省 | 142 | 97", ("省份 | 2030年学员 | 2031年学员",), "row")
    index = Given([document("T", "统计")], [row])
    found = wording(index, ask_of(index, "甲省2031年有多少名学员？"), [row], rarity(index))
    assert (found.bound, found.said, found.holds) == (1.0, 1.0, 0.9)
