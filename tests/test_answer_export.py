import json
import zipfile
from xml.etree import ElementTree

import docx
from answer_fakes import FakeIndex

from answer.answerer import Answerer
from answer.answers import Answer, Citation, Sentence
from answer.export import contract, numbered, to_docx, to_json, to_markdown

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def two_answers():
    answerer = Answerer(FakeIndex())
    return [
        answerer.answer("秘书处审查了多少份采购合同？"),
        answerer.answer("第四次和第五次会议分别有多少个国家的代表出席？"),
    ]


def test_the_contract_has_every_promised_field():
    row = contract("q1", two_answers()[0])
    assert row["id"] == "q1"
    assert row["refused"] is False
    assert set(row["sentences"][0]) == {"text", "verdict", "citations"}
    assert {"paragraph_id", "quote", "verdict"} <= set(row["sentences"][0]["citations"][0])
    assert {"paragraph_id", "score"} == set(row["hits"][0])
    json.dumps(row)


def test_paragraphs_are_numbered_by_first_citation():
    numbers = numbered(two_answers())
    assert numbers == {"TEST/WG/2023/1#5": 1, "TEST/WG/2023/1#1": 2, "TEST/WG/2023/1#6": 3}


def test_markdown_has_footnotes_a_table_and_the_annex():
    text = to_markdown(two_answers(), FakeIndex())
    assert "[^1]: TEST/WG/2023/1，第5段" in text
    assert "| 第四次 |" in text
    assert "## 附件：所引段落全文" in text
    assert "其中31份没有按规定公布" in text


def test_markdown_leaves_no_markup_of_a_document_active():
    citation = Citation("TEST/WG/2023/1#1", "x", "verbatim", "", "甲")
    sentence = Sentence("<script>alert(1)</script> [a](http://b) *c*", (citation,), "verbatim")
    answer = Answer("问# <b>", (sentence,), False, (), "问", "f")
    text = to_markdown([answer], FakeIndex())
    assert "<script>" not in text
    assert "\\[a\\]" in text


def test_json_is_a_list_of_contract_rows():
    rows = json.loads(to_json(two_answers()))
    assert [row["id"] for row in rows] == ["1", "2"]
    assert rows[1]["table"]["rows"][0]["label"] == "第四次"


def test_word_has_real_footnotes_and_the_annex(tmp_path):
    path = tmp_path / "answer.docx"
    to_docx(two_answers(), FakeIndex(), path)
    document = docx.Document(str(path))
    text = "\n".join(p.text for p in document.paragraphs)
    assert "附件：所引段落全文" in text
    assert "其中31份没有按规定公布" in text
    with zipfile.ZipFile(path) as package:
        notes = ElementTree.fromstring(package.read("word/footnotes.xml"))
        body = ElementTree.fromstring(package.read("word/document.xml"))
        types = package.read("[Content_Types].xml").decode()
        relations = package.read("word/_rels/document.xml.rels").decode()
    ids = [ref.get(f"{W}id") for ref in body.iter(f"{W}footnoteReference")]
    found = {note.get(f"{W}id"): "".join(note.itertext()).strip() for note in notes}
    assert ids
    assert set(ids) <= set(found)
    assert found[ids[0]] == "TEST/WG/2023/1，第5段。"
    assert "footnotes+xml" in types
    assert "footnotes.xml" in relations


def test_word_survives_control_characters(tmp_path):
    answer = Answer("问\x00题", (Sentence("甲\x0b乙", (), "supported"),), False, (), "问", "f")
    to_docx([answer], FakeIndex(), tmp_path / "x.docx")
    assert "甲乙" in [p.text for p in docx.Document(str(tmp_path / "x.docx")).paragraphs]
