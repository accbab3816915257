import pytest

from answer.facts import agrees, chinese_number, facts, with_year
from answer.sentences import normalise


def found(text, kind):
    return [f.value for f in facts(normalise(text).text) if f.kind == kind]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("十", 10),
        ("二十三", 23),
        ("一千八百", 1800),
        ("一百零五", 105),
        ("三万二千", 32000),
        ("二零一九", 2019),
        ("47", 47),
        ("两", 2),
    ],
)
def test_chinese_numbers(text, value):
    assert chinese_number(text) == value


def test_chinese_number_refuses_words():
    with pytest.raises(ValueError, match="not a Chinese numeral"):
        chinese_number("许多")


def test_dates_and_ranges():
    assert found("2009 年 11 月 9 日至 13 日", "date") == [(2009, 11, 9, 2009, 11, 13)]
    assert found("2020年8月31日至9月2日", "date") == [(2020, 8, 31, 2020, 9, 2)]
    assert found("2011年10月24至28日", "date") == [(2011, 10, 24, 2011, 10, 28)]
    assert found("2019 年 9 月 4 日 6 日", "date") == [(2019, 9, 4, 2019, 9, 6)]  # 至 lost in the extraction
    assert found("2013-2018年战略", "date") == [(2013, None, None, 2018, None, None)]
    assert found("2021、2022和2023年", "date") == [
        (y, None, None, None, None, None) for y in (2021, 2022, 2023)
    ]


def test_a_month_takes_the_year_said_before():
    filled = with_year(facts(normalise("2023年2月磋商，8月出版。").text))
    assert [f.value[:2] for f in filled if f.kind == "date"] == [(2023, 2), (2023, 8)]


def test_numbers_with_units_bounds_and_powers():
    assert found("逾1,400名", "number") == [(1400.0, 1400.0, "thing", ">")]
    assert found("5,400 多万人", "number") == [(54_000_000.0, 54_000_000.0, "thing", ">")]
    assert found("至多25名", "number") == [(25.0, 25.0, "thing", "<=")]
    assert found("18岁至30岁", "number") == [(18.0, 30.0, "age", "")]
    assert found("百分之十五", "number") == [(15.0, 15.0, "percent", "")]
    assert found("350万欧元", "number") == [(3_500_000.0, 3_500_000.0, "eur", "")]


def test_one_as_an_article_and_words_with_numerals_are_no_numbers():
    assert found("编写一份关于统一标准的文件，进一步讨论", "number") == []


def test_sessions_and_articles_in_lists():
    assert found("第六、第七和第十三次会议", "session") == [(6, "次"), (7, "次"), (13, "次")]
    assert found("《公约》第九、第十和第十三条", "article") == [(n, "条", None, None) for n in (9, 10, 13)]
    assert found("第十二条第二款第(四)项", "article") == [(12, "条", 2, "4")]


def test_symbols_and_resolutions():
    assert found("CAC/COSP/WG.4/2022/CRP.1", "symbol") == [("cac/cosp/wg.4/2022/crp.1",)]
    assert found("第9/3和9/6号决议", "resolution") == [("9/3",), ("9/6",)]
    assert found("大会S-32/1号决议", "resolution") == [("s-32/1",)]


def test_names_of_states_and_bodies_have_one_value():
    assert found("联合王国与英国", "state")[0] == found("大不列颠及北爱尔兰联合王国", "state")[0]
    assert found("毒罪办", "body") == found("联合国毒品和犯罪问题办公室", "body")


def one(text, kind):
    return next(f for f in facts(normalise(text).text) if f.kind == kind)


def test_agreement_allows_less_and_not_other():
    assert agrees(one("2019年", "date"), one("2019年9月4日", "date"))
    assert not agrees(one("2019年9月5日", "date"), one("2019年9月4日", "date"))
    assert agrees(one("13日", "date"), one("2009年11月9日至13日", "date"))
    assert agrees(one("第十二条", "article"), one("第12条第2款", "article"))
    assert not agrees(one("至多25名", "number"), one("至少25名", "number"))
    assert not agrees(one("25天", "number"), one("25周", "number"))
    assert agrees(one("四十多个", "number"), one("40个", "number"))
