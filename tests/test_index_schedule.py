"""Days, half-days and hours of a programme of work, as rows hold them and as people ask for them."""

import pytest

from index.encoder import HashingEncoder
from index.normalise import fold
from index.retrieval import Index, Merged
from index.schedule import asked_slots, asks_for_slot, row_slots
from ingest import Document, Paragraph


@pytest.mark.parametrize(
    ("question", "slots"),
    [
        ("第二天上午讨论什么？", ("am", "day:2")),
        ("周三早上排的是哪一项", ("am", "weekday:3")),
        ("最后一天下午要干什么？", ("day:last", "pm")),
        ("第三天上下午各谈什么", ("am", "day:3", "pm")),
        ("5月6号吃过午饭还开会吗", ("dom:6", "pm")),
        ("我4号要出门", ("dom:4",)),
        ("上午10点那场", ("am", "hour:10")),
        ("What is on the second morning?", ("am", "day:2")),
        ("第4号决议说了什么", ()),
        ("第二次会议通过了什么", ()),
        ("周期是几年，时期多长", ()),
    ],
)
def test_questions_name_slots(question, slots):
    assert asked_slots(fold(question)) == slots


def test_what_asks_for_a_place_in_the_programme():
    assert asks_for_slot("那一场几点开始")
    assert asks_for_slot("是上午还是下午")
    assert not asks_for_slot("谁主持会议")


def row(number, day, text):
    return Paragraph(f"D#附件/{number}", "D", f"附件/{number}", "附件", ("附件", day), text, kind="row")


def test_rows_stand_for_the_days_of_their_table():
    rows = [
        row(1, "2030年5月6日，星期一", "下午3时至6时 | 开幕"),
        row(2, "2030年5月7日", "上午10时至下午1时 | 技术援助"),
        row(3, "2030年5月7日", "下午3时至6时 | 通过报告"),
        row(4, "说明", "没有日期的一行"),
    ]
    first, second, third, none = row_slots(rows)
    assert {"day:1", "dom:6", "weekday:1", "pm", "hour:3"} <= set(first)
    assert "day:last" not in first
    assert {"day:2", "day:last", "dom:7", "weekday:2", "am", "hour:10"} <= set(second)
    assert "am" not in third
    assert "day:2" in third
    assert none == []


def test_the_row_of_the_day_and_half_day_asked_for_comes_first():
    rows = (
        row(1, "2030年5月6日，星期一", "上午10时至下午1时 | 工作安排与开幕"),
        row(2, "2030年5月7日", "下午3时至6时 | 通过结论"),
        row(3, "2030年5月7日", "上午10时至下午1时 | 技术援助"),
        row(4, "2030年5月8日", "上午10时至下午1时 | 会议的报告"),
    )
    document = Document("D", None, "会议的工作安排", None, None, "zh", "", "memory", "txt")
    index = Index.build(Merged((document,), rows), encoder=HashingEncoder())
    assert index.search("第二天上午讨论什么？", 1)[0].paragraph.id == "D#附件/3"
