from answer_fakes import FakeIndex

from answer.quote import shown, to_dict, verify_quote


def test_a_verbatim_quotation_is_found_with_its_place():
    check = verify_quote("“来自 29 个国家的 164 名代表出席”", FakeIndex())
    assert check.verdict == "verbatim"
    match = check.matches[0]
    assert match.paragraph_id == "TEST/WG/2023/1#1"
    assert match.label == "TEST/WG/2023/1，第1段"
    assert FakeIndex().paragraph(match.paragraph_id).text[match.start : match.end] == match.quote


def test_a_near_quotation_shows_every_difference():
    check = verify_quote("秘书处2020年审查了97份采购合同，其中31份没有按规定公开。", FakeIndex())
    assert check.verdict == "near"
    changes = [(c.kind, c.text) for c in check.matches[0].changes if c.kind != "same"]
    assert changes == [("missing", "8"), ("added", "9"), ("missing", "布"), ("added", "开")]
    assert "[-8-]{+9+}7份" in shown(check)
    assert 0.9 < check.matches[0].similarity < 1


def test_an_absent_quotation_shows_the_nearest():
    check = verify_quote("各国应当在两年内废除所有关税壁垒。", FakeIndex())
    assert check.verdict == "absent"
    assert check.matches[0].similarity < 0.72
    assert shown(check).startswith("文件中没有")


def test_an_empty_draft_is_absent():
    assert verify_quote("  。", FakeIndex()).matches == ()


def test_the_result_is_plain_data():
    data = to_dict(verify_quote("几位发言者强调培训经费不足", FakeIndex()))
    assert data["verdict"] == "verbatim"
    assert data["matches"][0]["paragraph_id"].endswith("#2")
