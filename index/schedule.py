"""The places of a programme of work: which day, weekday, half-day and hour a table row stands for.

A programme says ``2024年9月4日，星期三`` once and the hours in each row; people ask for 第二天上午, 周三早上,
the last afternoon or 4号. Both are read into the same slots: ``day:2``, ``day:last``, ``weekday:3``, ``am``,
``dom:4`` (day of the month), ``hour:10``. All functions expect folded text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from index.normalise import fold
from index.references import ORDINALS, chinese_number, exact_tokens
from ingest import Paragraph

DATED_ROW = "row"  # what every row of a table with dates holds
_WEEKDAYS = {
    day: number for number, days in enumerate(("一", "二", "三", "四", "五", "六", "日天"), 1) for day in days
}
_ENGLISH_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBER = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_WEEKDAY = re.compile(
    rf"(?:星期|周|礼拜)([{''.join(_WEEKDAYS)}])(?![年期边])|\b({'|'.join(_ENGLISH_DAYS)})s?\b"
)
_DAY = re.compile(
    rf"第({_NUMBER})天|\bday (\d{{1,2}})\b|\b({'|'.join(ORDINALS)}) (?:day|morning|afternoon)\b"
)
_FIRST = re.compile(r"头一?天|首日|第一日(?!期)|开幕(?:当|那|的?第一)?[天日]")
_LAST = re.compile(
    r"最后[一]?[天日]|[末尾][天日]|末一天|闭幕(?:当|那)?[天日]|收尾那?天"
    r"|\blast (?:day|morning|afternoon)\b|\bfinal day\b"
)
_MORNING = re.compile(r"上午|上下午|早上|早晨|上半[天日]|午前|\bmorning\b|\ba\.?m\b")
_AFTERNOON = re.compile(
    r"下午|午后|下半[天日]|吃[过完]午饭|午饭(?:以|之)?后|午餐后|\bafternoon\b|\bp\.?m\b|after lunch"
)
_DAY_OF_MONTH = re.compile(r"(?<![\d月第/年.])(\d{1,2})[号日](?!决议|文件|楼|令|馆|线|公报|[a-z])")
_HOUR = re.compile(
    rf"(?<![\d.])({_NUMBER})\s*[点时](?![间期代候机而]|\d*%)|\b(\d{{1,2}})(?::\d\d)?\s?[ap]\.?m\b"
)
_CLOCK = re.compile(
    r"几点|几时|钟点|时段|哪(?:一?个)?半天|上午还是下午|下午还是上午|星期几|周几|礼拜几|第几天|哪(?:一)?天|几号|日程|议程安排|排在|安排在"
    r"|what time|which day|morning or afternoon|agenda for"
)  # fmt: skip


def asked_slots(question: str) -> tuple[str, ...]:
    """The slots a question names, in a fixed order."""
    return tuple(sorted(_slots(question) | {f"dom:{int(m[1])}" for m in _DAY_OF_MONTH.finditer(question)}))


def asks_for_slot(question: str) -> bool:
    """Whether a time, a day or the place in a programme is asked for."""
    return bool(_CLOCK.search(question))


def row_slots(paragraphs: Sequence[Paragraph]) -> list[list[str]]:
    """The slots of every paragraph, ``DATED_ROW`` first; [] for all but rows of tables with dates.

    Days count within one table: the second date of a table is its second day.
    """
    found: list[list[str]] = [[] for _ in paragraphs]
    days: dict[tuple[str, str], dict[str, list[int]]] = {}
    for place, paragraph in enumerate(paragraphs):
        if paragraph.kind != "row":
            continue
        text = fold(" | ".join([*paragraph.section, paragraph.text]))
        dates = [token[5:] for token in exact_tokens(text) if re.fullmatch(r"date:\d{4}-\d\d-\d\d", token)]
        if not dates:
            continue
        found[place] = [DATED_ROW, *sorted(_slots(text) | _of_date(dates[-1]))]
        table = (paragraph.doc_id, paragraph.section[0] if paragraph.section else "")
        days.setdefault(table, {}).setdefault(dates[-1], []).append(place)
    for dated in days.values():
        for number, day in enumerate(sorted(dated), 1):
            last = ["day:last"] if number == len(dated) > 1 else []
            for place in dated[day]:
                found[place] += [f"day:{number}", *last]
    return found


def _of_date(iso: str) -> set[str]:
    year, month, day = map(int, iso.split("-"))
    try:
        return {f"weekday:{date(year, month, day).isoweekday()}", f"dom:{day}"}
    except ValueError:  # 31 September in a misprinted table
        return {f"dom:{day}"}


def _slots(text: str) -> set[str]:
    found = {name for name, said in (("am", _MORNING), ("pm", _AFTERNOON)) if said.search(text)}
    found |= {name for name, said in (("day:1", _FIRST), ("day:last", _LAST)) if said.search(text)}
    for match in _WEEKDAY.finditer(text):
        found.add(f"weekday:{_WEEKDAYS[match[1]] if match[1] else _ENGLISH_DAYS.index(match[2]) + 1}")
    for match in _DAY.finditer(text):
        number = ORDINALS.index(match[3]) + 1 if match[3] else chinese_number(match[1] or match[2])
        found.add(f"day:{number}")
    for match in _HOUR.finditer(text):
        found.add(f"hour:{(chinese_number(match[1] or match[2]) or 0) % 12}")
    for token in exact_tokens(text):
        if matched := re.fullmatch(r"date:(?:\d{4}-)?\d\d-(\d\d)", token):
            found.add(f"dom:{int(matched[1])}")
    return found
