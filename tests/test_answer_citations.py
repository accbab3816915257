import pytest

from answer.citations import HoldBack, marked_sentences, numbered, parse_markers

TEXT = "甲说了话[1]。乙说了话【2】[3]。丙说[a]了话［１，３］。\n丁[1-3]。"


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("甲[1]", [1]),
        ("甲[1,3]", [1, 3]),
        ("甲[1][3]", [1, 3]),
        ("甲【1】", [1]),
        ("甲［１］", [1]),
        ("甲[１、２]", [1, 2]),
        ("甲[1-3]", [1, 2, 3]),
        ("甲[1–2]", [1, 2]),
        ("甲[^2]", [2]),
        ("甲[来源3]", [3]),
        ("甲 [ 2 ]", [2]),
        ("甲[1][1]", [1]),
    ],
)
def test_every_form_of_marker(text, marks):
    found = parse_markers(text, 3)
    assert found.text == "甲"
    assert [number for _, number in found.marks] == marks
    assert found.unknown == ()


def test_unknown_numbers_are_kept_as_data_and_dropped_from_the_text():
    found = parse_markers("甲[0]乙[4]丙[2]", 3)
    assert found.text == "甲乙丙"
    assert found.marks == ((3, 2),)
    assert found.unknown == (0, 4)


def test_links_and_words_in_brackets_are_left_alone():
    assert parse_markers("见[1](http://a.b)和[附件]", 3).text == "见[1](http://a.b)和[附件]"


def test_a_range_that_is_too_long_names_its_ends_only():
    assert parse_markers("甲[1-999]", 3).unknown == (999,)


def test_sentences_with_markers_before_and_after_the_full_stop():
    found = marked_sentences("甲[1]。乙。[2][3]丙。\n[1]", 3)
    assert [(s.text, s.sources) for s in found] == [("甲。", (1,)), ("乙。", (2, 3)), ("丙。", (1,))]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_streaming_gives_the_same_sentences_however_it_is_cut(size):
    whole = HoldBack()
    expected = [*whole.push(TEXT), *whole.finish()]
    buffer = HoldBack()
    found: list[str] = []
    for start in range(0, len(TEXT), size):
        found.extend(buffer.push(TEXT[start : start + size]))
    found.extend(buffer.finish())
    assert (
        found == expected == ["甲说了话[1]。", "乙说了话【2】[3]。", "丙说[a]了话［１，３］。", "丁[1-3]。"]
    )


def test_text_is_held_back_from_an_opening_bracket():
    buffer = HoldBack()
    assert buffer.push("甲。[") == []
    assert buffer.push("1") == []
    assert buffer.push("]乙") == ["甲。[1]"]


def test_a_stream_without_a_full_stop_does_not_grow_without_end():
    buffer = HoldBack(longest=50)
    assert "".join(buffer.push("甲" * 60)) == "甲" * 60


def test_numbered():
    assert numbered([1, 3]) == "[1][3]"
