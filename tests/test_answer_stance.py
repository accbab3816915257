from answer.sentences import normalise
from answer.stance import (
    actor_distance,
    actors,
    modal_distance,
    modalities,
    negations,
    quantifier_distance,
    quantifiers,
)


def names(finder, text):
    return [op.name for op in finder(normalise(text).text)]


def test_words_that_contain_a_negation_are_none():
    assert names(negations, "不断扩大非政府组织和不限成员名额工作组，在东非和中非举办未来论坛") == []
    assert names(negations, "尚未公布，也没有讨论，并不有效") == ["not", "not", "not"]


def test_modality_classes():
    text = "应审查，可以延期，必须提交，鼓励参加，请秘书处编写，似宜讨论，或许有用，促请各国，建议修订"
    assert names(modalities, text) == [
        "should", "may", "must", "encourage", "request", "soft", "might", "urge", "recommend",
    ]  # fmt: skip


def test_words_that_contain_a_modal_are_none():
    assert names(modalities, "相应的反应，可持续发展，根据请求，许可，尽可能，需求，提出建议") == []


def test_quantifiers_and_actors():
    assert names(quantifiers, "所有国家，一些代表，几位专家，许多机构，一位发言者") == [
        "all",
        "some",
        "several",
        "many",
        "one",
    ]
    assert names(actors, "秘书处代表向缔约国会议和工作组报告") == ["秘书处", "缔约国会议", "工作组"]


def test_distances_are_symmetric_and_zero_for_the_same():
    assert modal_distance("must", "should") == modal_distance("should", "must") == 0.9
    assert quantifier_distance("some", "several") == 0.2
    assert actor_distance("工作组", "工作组") == 0.0
    assert actor_distance("工作组", "秘书处") == 1.0
