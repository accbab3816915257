"""Expansion on a small thesaurus by hand, and the soundness of the one that ships."""

import pytest

from index.definitions import definitions, expand_defined
from index.normalise import fold
from index.thesaurus import Concept, Thesaurus, ThesaurusError, problems, read_concepts, singular, to_skos

UNODC = Concept(
    "body/unodc", "联合国毒品和犯罪问题办公室", ("毒品和犯罪问题办公室",), ("毒罪办",), ("UNODC", "毒罪办公室"),
    "United Nations Office on Drugs and Crime", kind="body",
)  # fmt: skip
DECLARATION = Concept(
    "concept/asset-declaration", "资产申报", ("财产申报",), ("财产公示",), (), "asset declaration",
    ("financial disclosure",), broader=("concept/transparency",), kind="concept",
)  # fmt: skip
TRANSPARENCY = Concept("concept/transparency", "透明度", en="transparency", kind="concept")
SMALL = Thesaurus([UNODC, DECLARATION, TRANSPARENCY])


def weights(text):
    return {expansion.term: expansion.weight for expansion in SMALL.expand(fold(text))}


def test_everyday_wording_leads_to_the_official_term_at_a_lower_weight():
    found = weights("公务员财产公示")
    assert found["资产申报"] == 0.6
    assert found["财产申报"] == pytest.approx(0.6 * 0.8)
    assert found["透明度"] == pytest.approx(0.6 * 0.2)


def test_abbreviation_and_english_lead_to_chinese():
    assert weights("UNODC做了什么")["联合国毒品和犯罪问题办公室"] == 0.7
    assert weights("What are asset declarations?")["资产申报"] == 1.0
    assert weights("Asset-declaration systems")["财产申报"] == 0.8


def test_the_longest_name_wins_and_nothing_expands_to_itself():
    names = [name for name, _, _ in SMALL.matches(fold("联合国毒品和犯罪问题办公室"))]
    assert names == ["联合国毒品和犯罪问题办公室"]
    assert "资产申报" not in weights("资产申报")
    assert weights("天气") == {}


def test_narrower_terms_weigh_less():
    assert weights("透明度")["资产申报"] == 0.3


@pytest.mark.parametrize(
    ("word", "expected"),
    [("bodies", "body"), ("offences", "offence"), ("processes", "process"), ("corruption", "corruption"),
     ("states", "state"), ("campus", "campus"), ("analysis", "analysis"), ("gas", "gas")],
)  # fmt: skip
def test_singular(word, expected):
    assert singular(word) == expected


def test_problems_are_all_reported():
    faulty = [
        Concept("a", "甲", en="A", broader=("b",), kind="concept"),
        Concept("b", "乙", en="B", broader=("a",), kind="concept"),
        Concept("c", "甲", en="C", kind="concept"),
        Concept("d", "丁", en="", kind="concept"),
        Concept("e", "戊", en="E", kind="thing", related=("nowhere",)),
        Concept("e", "己", en="F", kind="concept"),
    ]
    report = "\n".join(problems(faulty))
    for part in ("a: is broader than itself", "b: is broader than itself", "c: preferred term", "d: needs",
                 "unknown kind 'thing'", "unknown 'nowhere'", "e: the id is used twice"):  # fmt: skip
        assert part in report
    assert problems([UNODC, DECLARATION, TRANSPARENCY]) == []


def test_files_that_break_the_format_are_named_by_line(tmp_path):
    header = "id\tpref_zh\talt_zh\teveryday_zh\tabbr\ten\talt_en\tfr\tbroader\trelated\tkind\tnote\n"
    (tmp_path / "a.tsv").write_text(
        header + "x\t甲\t乙|丙\t\t\tX\t\t\t\t\tconcept\t\n\t无\n", encoding="utf-8"
    )
    with pytest.raises(ThesaurusError, match=r"a\.tsv:3: an entry needs an id"):
        read_concepts(tmp_path)
    (tmp_path / "a.tsv").write_text(header + "x\t甲\t乙|丙\t\t\tX\t\t\t\t\tconcept\t\n", encoding="utf-8")
    assert read_concepts(tmp_path) == [Concept("x", "甲", ("乙", "丙"), en="X", kind="concept")]


def test_skos_holds_labels_and_relations():
    text = to_skos([DECLARATION])
    assert 'skos:prefLabel "资产申报"@zh' in text
    assert 'skos:hiddenLabel "财产公示"@zh' in text
    assert "skos:broader <https://example.org/thesaurus/concept/transparency>" in text
    assert text.rstrip().endswith(".")


def test_bundled_thesaurus_is_sound():
    concepts = read_concepts()
    assert problems(concepts) == []
    assert len(concepts) >= 2500


@pytest.mark.parametrize(
    ("question", "term"),
    [
        ("UNODC", "联合国毒品和犯罪问题办公室"),
        ("联合国人权高专办", "联合国人权事务高级专员办事处"),
        ("WCO", "世界海关组织"),
        ("财产公示", "资产申报"),
        ("招投标", "采购"),
        ("whistleblowers", "举报人"),
        ("Conference of the States Parties", "缔约国会议"),
        ("money laundering", "洗钱"),
    ],
)
def test_bundled_thesaurus_knows_names_outside_the_sample_documents(question, term):
    found = {expansion.term for expansion in Thesaurus(read_concepts()).expand(fold(question))}
    assert any(term in name for name in found), sorted(found)


def test_definitions_inside_documents():
    text = fold(
        "南部非洲发展共同体（南共体）与国际反腐败学院（IACA）合作。经济合作与发展组织（下称“经合组织”）"
    )
    found = definitions([text])
    assert found["南共体"] == "南部非洲发展共同体"
    assert found["iaca"] == "国际反腐败学院"
    assert found["经合组织"] == "经济合作与发展组织"


@pytest.mark.parametrize("text", ["会议在维也纳举行（见下文）", "主席（危地马拉）致辞", "预防措施（第二章）"])
def test_not_every_bracket_is_a_definition(text):
    assert definitions([fold(text)]) == {}


def test_defined_names_work_both_ways():
    defined = {"南共体": "南部非洲发展共同体", "iaca": "国际反腐败学院"}
    assert [e.term for e in expand_defined("南共体的会议", defined)] == ["南部非洲发展共同体"]
    assert [e.term for e in expand_defined("南部非洲发展共同体的会议", defined)] == ["南共体"]
    assert [e.term for e in expand_defined("iaca成立", defined)] == ["国际反腐败学院"]
    assert expand_defined("giaca", defined) == []
