from answer.sentences import bigrams, normalise, split_clauses, split_sentences, strip_ending


def test_sentences_keep_their_offsets_and_closing_quotes():
    text = "他说：“可以。”会议结束了。 第二条！"
    spans = split_sentences(text)
    assert [s.text for s in spans] == ["他说：“可以。”", "会议结束了。", "第二条！"]
    assert all(text[s.start : s.end] == s.text for s in spans)


def test_lines_of_a_list_are_sentences():
    assert [s.text for s in split_sentences("职能：\n(a) 甲；\n(b) 乙。")] == [
        "职能：",
        "(a) 甲；",
        "(b) 乙。",
    ]


def test_clauses_are_not_cut_inside_brackets_quotes_and_numbers():
    text = "共有1,400人，来自（甲，乙）两国；题为“丙，丁”的文件"
    assert [s.text for s in split_clauses(text)] == [
        "共有1,400人，",
        "来自（甲，乙）两国；",
        "题为“丙，丁”的文件",
    ]


def test_normal_form_drops_spaces_and_leads_back():
    normal = normalise("第 3/2 号（决议）， Open Data　２０１９")
    assert normal.text == "第3/2号(决议),open data2019"
    start = normal.text.index("open")
    assert normal.original(start, start + 9) == (13, 22)


def test_normal_form_of_an_expanding_character_keeps_one_offset_each():
    normal = normalise("㈢甲")
    assert normal.text == "(三)甲"
    assert normal.offsets == (0, 0, 0, 1, 2)


def test_bigrams_keep_latin_words_whole():
    assert bigrams("审计 undp3/2号") == ["审计", "undp3/2", "号"]


def test_strip_ending():
    assert strip_ending(" 到此为止。；") == "到此为止"
