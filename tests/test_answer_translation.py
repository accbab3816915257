import pytest
from answer_fakes import TEXTS, Scripted

from answer.answerer import framed, same_numbers
from answer.answers import Citation, Sentence
from answer.llm import LLM

LABEL = "TEST/WG/2023/1，第6段"
SENTENCE = Sentence(
    TEXTS["6"], (Citation("TEST/WG/2023/1#6", TEXTS["6"], "verbatim", "", LABEL),), "verbatim"
)
GOOD = "The fifth meeting was held in Bangkok on 6 to 8 June 2023; 41 countries attended."


def test_without_a_model_the_quotation_stands_alone():
    (made,) = framed([SENTENCE])
    assert made.text == f"The documents say ({LABEL}): “{TEXTS['6']}” "


def test_a_translation_stands_before_the_quotation_which_stays_the_evidence():
    (made,) = framed([SENTENCE], LLM(Scripted(GOOD), timeout=2.0))
    assert made.text == (
        f"The documents say ({LABEL}), in machine translation: {GOOD} Original: “{TEXTS['6']}” "
    )
    assert made.citations == SENTENCE.citations
    assert made.verdict == "verbatim"


def test_a_translation_with_another_number_is_left_out():
    (made,) = framed([SENTENCE], LLM(Scripted(GOOD.replace("41", "14")), timeout=2.0))
    assert "machine translation" not in made.text


def test_after_a_failure_no_other_translation_is_asked_for():
    model = Scripted("", error=RuntimeError("connection refused"))
    made = framed([SENTENCE, SENTENCE], LLM(model, timeout=2.0))
    assert [m.text for m in made] == [f"The documents say ({LABEL}): “{TEXTS['6']}” "] * 2
    assert len(model.seen) == 1


@pytest.mark.parametrize(
    ("translation", "quotation", "same"),
    [
        ("in 2 schools", "在两所学校", True),
        ("30,000 copies", "3万册", True),
        ("in 3 schools", "在两所学校", False),
        ("on 6 June", "2023年6月6日", True),
        ("on 7 June", "2023年6月6日", False),
    ],
)
def test_numbers_of_a_translation_stand_in_the_quotation(translation, quotation, same):
    assert same_numbers(translation, quotation) is same
