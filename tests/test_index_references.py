"""References are recognised in every script and come out in one spelling."""

import pytest

from index.normalise import fold, simplify
from index.references import (
    articles,
    chinese_number,
    dates,
    exact_tokens,
    full_years,
    resolutions,
    sessions,
    symbols,
    years,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("63", 63), ("六十三", 63), ("十", 10), ("十五", 15), ("二十", 20), ("一百零五", 105), ("一百二十三", 123),
        ("二〇一二", 2012), ("两千", 2000), ("一万二千", 12_000), ("三万", 30_000), ("猫", None), ("", None),
    ],
)  # fmt: skip
def test_chinese_number(text, value):
    assert chinese_number(text) == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("《公约》第六十三条第七款", ["63", "63(7)"]),
        ("第63條第7款", ["63", "63(7)"]),
        ("article 63 (7)", ["63", "63(7)"]),
        ("Article 12, paragraph 2 (b)", ["12", "12(2)", "12(2)(b)"]),
        ("第五至八条", ["5", "6", "7", "8"]),
        ("第5至7条", ["5", "6", "7"]),
        ("第七、第八、第十和第十三条", ["7", "8", "10", "13"]),
        ("见63(7)", ["63", "63(7)"]),
        ("第三次会议", []),
    ],
)
def test_articles(text, expected):
    assert articles(fold(text)) == expected


@pytest.mark.parametrize(
    "text", ["第3/2号决议", "第 3/2 号決議", "第三/二号决议", "第３／２号", "resolution 3/2", "根据3/2号决定"]
)
def test_resolution_in_any_script(text):
    assert resolutions(fold(text)) == ["3/2"]


def test_general_assembly_symbol_gives_its_resolution_number():
    assert resolutions(fold("见A/RES/58/4")) == ["58/4"]
    assert resolutions(fold("CAC/COSP/2017/4")) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("（CAC/COSP/WG.4/2024/CRP.1）。", ["cac/cosp/wg.4/2024/crp.1"]),
        ("见 CAC/COSP/2017/4.", ["cac/cosp/2017/4"]),
        ("www.unodc.org/corruption/en", []),
        ("和/或", []),
    ],
)
def test_symbols(text, expected):
    assert symbols(fold(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019年和二〇一二年", [2019, 2012]),
        ("二○一二年", [2012]),
        ("CAC/COSP/2017/4", []),
        ("2013-2020年", [2013, 2020]),
        ("共12019人", []),
    ],
)
def test_years(text, expected):
    assert years(fold(text)) == expected


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("19年那份报告", "2019年那份报告"),
        ("17年底", "2017年底"),
        ("21年5月", "2021年5月"),
        ("20年上半年", "2020年上半年"),
        ("19年、21年的会议", "2019年、2021年的会议"),
        ("22年说明了什么", "2022年说明了什么"),
        ("近12年来", "近12年来"),
        ("近12年的报告", "近12年的报告"),
        ("过去10年的会议", "过去10年的会议"),
        ("10年战略", "10年战略"),
        ("每10年通过一次", "每10年通过一次"),
        ("39年那份报告", "39年那份报告"),
        ("2019年底", "2019年底"),
        ("1,310年底", "1,310年底"),
        ("13,10年的材料", "13,10年的材料"),
    ],
)
def test_years_of_two_digits_are_told_from_spans_of_time(text, full):
    assert full_years(text) == full


def test_dates_keep_the_year_across_a_range():
    assert dates(fold("2019年9月4日至6日")) == ["09-04", "2019-09-04", "2019-09", "09-06", "2019-09-06"]
    assert dates(fold("4 September 2019")) == ["09-04", "2019-09-04", "2019-09"]
    assert dates(fold("二〇一九年九月四日")) == ["09-04", "2019-09-04", "2019-09"]
    assert "2024-06-13" in dates(fold("2024-06-13"))
    assert dates(fold("parties may agree")) == []


def test_sessions_keep_sessions_and_meetings_apart():
    assert sessions(fold("第十届会议")) == ["10届"]
    assert sessions(fold("第15次会议")) == ["15次"]
    assert sessions(fold("the fifteenth meeting")) == ["15届", "15次"]


def test_exact_tokens_do_not_confuse_numbers():
    assert "res:3/2" in exact_tokens(fold("第3/2号决议"))
    assert "res:2/3" not in exact_tokens(fold("第3/2号决议"))
    assert exact_tokens(fold("百分之四十"))[0] == exact_tokens(fold("40%"))[0] == "pct:40%"


def test_folding_is_for_search_only_and_keeps_length_of_simplified_text():
    assert fold("ＵＮＯＤＣ 聯合國") == "unodc 联合国"
    assert simplify("預防腐敗問題") == "预防腐败问题"
    assert fold("2016 年 5月在 中国") == "2016年5月在中国"
