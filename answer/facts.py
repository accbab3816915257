"""The checkable facts in a text as comparable values: numbers, dates, sessions, symbols, names.

Every function works on the normal form of :mod:`answer.sentences` (no white space, half-width
punctuation, lower case); offsets are offsets into that form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from answer.names import bodies, places
from ingest.metadata import MONTHS

FactKind = Literal[
    "date",
    "session",
    "symbol",
    "resolution",
    "article",
    "number",
    "state",
    "body",
    "title",
    "latin",
    "language",
]
Value = tuple[str | int | float | None, ...]

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2}
_POWERS = {"十": 10, "百": 100, "千": 1000}
_CN = "零一二两三四五六七八九十百千万亿"
_ROMAN_LIKE = str.maketrans({"㈠": "一", "㈡": "二", "㈢": "三", "㈣": "四", "㈤": "五"})


@dataclass(frozen=True, slots=True)
class Fact:
    """One checkable fact: what sort it is, its value, and where it stands in the normal form.

    Values by kind: date ``(year, month, day, year2, month2, day2)`` with None for what is not said;
    session ``(number, body word)``; article ``(article, paragraph, sub-paragraph)``; number
    ``(low, high, unit class, bound)`` with bound one of "", ">", "<", "~"; otherwise one string.
    """

    kind: FactKind
    value: Value
    start: int
    end: int
    text: str


def chinese_number(text: str) -> int:
    """The value of a Chinese numeral (``二十三`` is 23, ``一千八百`` is 1800) or of ASCII digits.

    Raises ValueError when the text is no numeral.
    """
    if text.isascii() and text.isdigit():
        return int(text)
    if not text or any(c not in _CN for c in text):
        raise ValueError(f"not a Chinese numeral: {text!r}")
    if len(text) > 1 and all(c in _DIGITS for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))
    total, section, digit = 0, 0, 0
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _POWERS:
            section += (digit or 1) * _POWERS[char]
            digit = 0
        else:
            total = (total + section + digit) * (10_000 if char == "万" else 100_000_000)
            section = digit = 0
    return total + section + digit


_NUMERAL = rf"(?:\d+|[{_CN}]+)"
_YEAR = r"(?:\d{4}|[零一二三四五六七八九]{4})"
_TO = r"(?:至|到|-)"
_DATE = re.compile(
    rf"(?:(?P<y>{_YEAR})年(?:度)?)?(?P<m>\d{{1,2}}|十[一二]?|[一二三四五六七八九])月(?:份)?(?:(?P<d>\d{{1,2}}|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])(?:[日号]|(?={_TO}\d{{1,2}}[日号])))?"
    rf"(?:(?:{_TO}|(?<=日)(?=\d{{1,2}}日))(?:(?P<y2>{_YEAR})年)?(?:(?P<m2>\d{{1,2}})月(?:份)?)?(?:(?P<d2>\d{{1,2}})[日号])?(?<=[月日号份]))?"
)
_DAY_ONLY = re.compile(r"(?<![\d月第])(?P<d>\d{1,2})[日号](?!决议|决定|文件)(?:至(?P<d2>\d{1,2})[日号])?")
_YEARS = re.compile(rf"(?P<y>{_YEAR})(?:年(?:度)?)?{_TO}(?P<y2>{_YEAR})年|(?P<y1>{_YEAR})年")
_YEAR_LIST = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)年?(?=(?:[、,和及与](?:19|20)\d\d年?)*[、,和及与](?:19|20)\d\d(?:年|这|[两三四五六](?:份|年|个年)))"
    r"|(?<=[、和及与])(?P<y1>(?:19|20)\d\d)(?=这|[两三四五六](?:份|年|个年))"
)
_ENGLISH_DATE = re.compile(rf"(?<!\d)(?P<d>\d{{1,2}})(?P<name>{'|'.join(MONTHS)})(?P<y>\d{{4}})")
_ISO_DATE = re.compile(r"(?P<y>(?:19|20)\d\d)-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?!\d)")
_SYMBOL = re.compile(
    r"(?<![a-z0-9])(?:[a-z]{1,5}/)+(?:[a-z0-9.]+(?:\([a-z0-9]+\))?/)*[a-z0-9.]+(?:-[a-z0-9]+)?(?:/add\.\d+)?"
)
_RESOLUTION = re.compile(
    r"(?<![\d/])第?(?P<n>s-\d{1,2}/\d{1,2}|\d{1,3}/\d{1,3}|\d{3,4}\(\d{4}\))号?(?=决议|决定|、|和|与|及|号|题|主题|的|两|中|$|[,。;:)])"
)
_SESSION = re.compile(rf"第(?P<n>{_NUMERAL})(?P<t>届|次|期|阶段|轮|卷|批|份|步|本|位|家|场)")
_ORDINAL_LIST = re.compile(
    rf"第(?P<first>{_NUMERAL})(?:届|次|条)?(?P<more>(?:(?:、|和|及|与|至|或|,)第?{_NUMERAL}(?:届|次|条)?)+)(?<=(?P<t>届|次|条))"
)
_ARTICLE = re.compile(
    rf"第(?P<a>{_NUMERAL})(?P<k>条|章|节|款|项|段|周期|部分)(?:第?\(?(?P<b>{_NUMERAL})\)?款)?(?:第?\(?(?P<c>[一二三四五六七八九十\d]+|[a-z])\)?项)?"
)
_GENERIC = "个名位项次份种部本场所件篇笔处款门套组批支座条类轮期"
_UNITS = {
    "年": "year", "周年": "year", "个月": "month", "周": "week", "星期": "week", "天": "day", "日": "day",
    "个工作日": "workday", "工作日": "workday", "季度": "quarter",
    "小时": "hour", "时": "clock", "分钟": "minute", "%": "percent", "个百分点": "point", "百分点": "point",
    "美元": "usd", "欧元": "eur", "元": "cny", "人民币": "cny", "英镑": "gbp", "倍": "times", "成": "tenth",
    "公里": "km", "米": "m", "公斤": "kg", "吨": "t", "页": "page", "岁": "age", "字": "char", "公顷": "ha",
}  # fmt: skip
_PLURAL_THINGS = (
    "人|国|家|会议|国家|缔约国|语言|语文|代表|法官|学者|记者|学生|官员|大学|学校|机构|组织|文件|"
    "条款|决议|议题|讲习班|讲座|法域|部委"
)
_UNIT = "|".join(
    sorted((*_UNITS, *_GENERIC, "方面", "届", *_PLURAL_THINGS.split("|")), key=len, reverse=True)
)
_NUMBER_CORE = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+(?:\.\d+)?)"  # not 142,203 of 142,2031年
_ARABIC = re.compile(
    rf"(?<![\d./a-z-])(?P<a>{_NUMBER_CORE})(?P<m>[万亿千百]*)"
    rf"(?:(?:{_UNIT})?(?:至|到|-)(?P<b>{_NUMBER_CORE})(?P<mb>[万亿千百]*))?(?P<more>多|余|几|来)?(?P<mm>[万亿]*)(?P<u>{_UNIT})?"
    rf"(?P<post>以上|以下|以内|左右|上下)?"
)
_CHINESE = re.compile(
    rf"(?<![第{_CN}几数进统])(?P<a>[{_CN}]+)(?:(?:至|到)(?P<b>[{_CN}]+))?(?P<more>多|余|几|来)?(?P<u>{_UNIT})(?P<post>以上|以下|以内|左右|上下)?"
)
_PERCENT = re.compile(rf"百分之(?P<a>{_NUMERAL}|\d+\.\d+)")
_FRACTION = re.compile(rf"(?P<b>[{_CN}]+)分之(?P<a>[{_CN}]+)")
_ABOVE = re.compile(r"(?:逾|超过|多于|高于|大于|不止|突破)$")
_ATLEAST = re.compile(
    r"(?:至少|不少于|最少|不低于|起码|最低|至少(?:再)?(?:举行|召开|包括|有|开|提供|需|用|为)(?:了)?)$"
)
_BELOW = re.compile(r"(?:不到|不足|少于|低于|小于|近|将近|接近|未满)$")
_ATMOST = re.compile(r"(?:至多|最多|不超过|不多于|不高于|上限为|最高|(?:至多|最多)(?:有|为|举行|包括)?)$")
_ABOUT = re.compile(r"(?:约|大约|大概|左右)$")


def _int(text: str | None) -> int | None:
    return None if text is None else chinese_number(text)


def _dates(text: str) -> Iterator[Fact]:
    taken: list[tuple[int, int]] = []
    for pattern in (_ENGLISH_DATE, _DATE, _ISO_DATE, _YEARS, _YEAR_LIST, _DAY_ONLY):
        for match in pattern.finditer(text):
            if _overlaps(match.span(), taken):
                continue
            group = match.groupdict()
            y = _int(group.get("y") or group.get("y1"))
            m, d = _int(group.get("m")), _int(group.get("d"))
            if group.get("name"):
                m = MONTHS.index(group["name"]) + 1
            y2, m2, d2 = _int(group.get("y2")), _int(group.get("m2")), _int(group.get("d2"))
            if (m or 1) > 12 or (d or 1) > 31 or (d2 or 1) > 31 or (m2 or 1) > 12:
                continue
            if d2 is not None and m2 is None:
                m2 = m
            if (d2 or m2) and y2 is None:
                y2 = y
            taken.append(match.span())
            yield Fact("date", (y, m, d, y2, m2, d2), *match.span(), match.group())


def _overlaps(span: tuple[int, int], taken: Iterable[tuple[int, int]]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in taken)


def _sessions(text: str) -> Iterator[Fact]:
    for match in _SESSION.finditer(text):
        try:
            number = chinese_number(match["n"])
        except ValueError:
            continue
        end = match.end("t")
        yield Fact("session", (number, match["t"]), match.start(), end, text[match.start() : end])


def _ordinal_lists(text: str) -> Iterator[Fact]:
    """The members of 第七和第八次会议 and 第九、第十和第十三条, which share one word at the end."""
    for match in _ORDINAL_LIST.finditer(text):
        for numeral in re.finditer(rf"第?({_NUMERAL})(?:届|次|条)?", match.group()):
            start, end = match.start() + numeral.start(), match.start() + numeral.end()
            try:
                number = chinese_number(numeral[1])
            except ValueError:
                continue
            if match["t"] == "条":
                yield Fact("article", (number, "条", None, None), start, end, numeral.group())
            else:
                yield Fact("session", (number, match["t"]), start, end, numeral.group())


def _articles(text: str) -> Iterator[Fact]:
    for match in _ARTICLE.finditer(text):
        try:
            value = (chinese_number(match["a"]), match["k"], _int(match["b"]), match["c"])
        except ValueError:
            continue
        third = value[3]
        if third is not None and third[0] in _CN:
            third = str(chinese_number(third))
        yield Fact("article", (value[0], value[1], value[2], third), *match.span(), match.group())


def _bound(text: str, match: re.Match[str]) -> str:
    before = text[max(0, match.start() - 8) : match.start()]
    post = match.groupdict().get("post") or ""
    if match.groupdict().get("more") or _ABOVE.search(before):
        return ">"
    if _ATLEAST.search(before) or post == "以上":
        return ">="
    if _ATMOST.search(before) or post in ("以下", "以内"):
        return "<="
    if _BELOW.search(before):
        return "<"
    return "~" if _ABOUT.search(before) or post in ("左右", "上下") else ""


def _unit_class(unit: str | None) -> str:
    return _UNITS.get(unit or "", "thing")


def _scaled(number: str, power: str) -> float:
    value = float(number.replace(",", ""))
    for char in power:
        value *= {"万": 1e4, "亿": 1e8, "千": 1e3, "百": 1e2}[char]
    return value


def _arabic_numbers(text: str, taken: list[tuple[int, int]]) -> Iterator[Fact]:
    for match in _ARABIC.finditer(text):
        if _overlaps(match.span("a"), taken):
            continue
        low = _scaled(match["a"], (match["m"] or match["mb"] or "") + match["mm"])
        high = _scaled(match["b"], (match["mb"] or "") + match["mm"]) if match["b"] else low
        unit = match["u"]
        yield Fact(
            "number", (low, high, _unit_class(unit), _bound(text, match)), *match.span(), match.group()
        )


def _chinese_numbers(text: str, taken: list[tuple[int, int]]) -> Iterator[Fact]:
    for match in _CHINESE.finditer(text):
        if _overlaps(match.span(), taken):
            continue
        unit = match["u"]
        if match["a"] == "一" and text[match.start() - 1 : match.start()] in tuple("上前下同每另某头"):
            continue  # 上一年, 每一名
        if match["a"] in ("万", "亿", "千", "百", "零"):
            continue
        low = float(chinese_number(match["a"]))
        high = float(chinese_number(match["b"])) if match["b"] else low
        article = low == high == 1 and _unit_class(unit) == "thing" and not match["more"]
        if article and not re.search(r"(?:仅|只有|唯|只|共|共有)$", text[: match.start()][-3:]):
            continue  # 一个, 一项 are articles of Chinese, 一些 and 一位 quantifiers
        yield Fact(
            "number", (low, high, _unit_class(unit), _bound(text, match)), *match.span(), match.group()
        )


def _numbers(text: str, taken: list[tuple[int, int]]) -> Iterator[Fact]:
    for match in _PERCENT.finditer(text):
        value = float(match["a"]) if match["a"][0].isdigit() else float(chinese_number(match["a"]))
        taken.append(match.span())
        yield Fact("number", (value, value, "percent", _bound(text, match)), *match.span(), match.group())
    for match in _FRACTION.finditer(text):
        if not _overlaps(match.span(), taken):
            share = 100.0 * chinese_number(match["a"]) / max(1, chinese_number(match["b"]))
            taken.append(match.span())
            yield Fact("number", (share, share, "percent", _bound(text, match)), *match.span(), match.group())
    for match in re.finditer(r"(?:半数|一半)", text):
        yield Fact("number", (50.0, 50.0, "percent", _bound(text, match)), *match.span(), match.group())
    yield from _arabic_numbers(text, taken)
    yield from _chinese_numbers(text, taken)


def _alternation(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)))


@lru_cache(maxsize=2)
def _name_pattern(kind: Literal["state", "body"]) -> re.Pattern[str]:
    return _alternation(places() if kind == "state" else bodies())


_TITLE = re.compile(r"《([^》]{2,80})》")
_QUOTED = re.compile(r'"([^"]{4,80})"')
_LANGUAGE = re.compile(
    r"(阿拉伯|西班牙|葡萄牙|中|汉|英|法|俄|德|日)(?:文|语)(?=[版文、,。;和与及两等的(]|本(?!身))"
)
_LATIN_NAME = re.compile(r"[a-z][a-z0-9'.-]*(?: [a-z][a-z0-9'.-]*)*")


def _names(text: str, taken: list[tuple[int, int]]) -> Iterator[Fact]:
    named: list[tuple[int, int]] = []
    for match in _name_pattern("body").finditer(text):
        named.append(match.span())
        yield Fact("body", (bodies()[match.group()],), *match.span(), match.group())
    for match in _name_pattern("state").finditer(text):
        if not _overlaps(match.span(), named):
            yield Fact("state", (places()[match.group()],), *match.span(), match.group())
    for match in _LANGUAGE.finditer(text):
        yield Fact("language", (match[1].replace("汉", "中"),), *match.span(), match.group())
    for match in _TITLE.finditer(text):
        yield Fact("title", (match[1],), *match.span(), match.group())
    for match in _QUOTED.finditer(text):
        yield Fact("title", (match[1],), *match.span(), match.group())
    for match in _LATIN_NAME.finditer(text):
        if len(match.group()) > 1 and not _overlaps(match.span(), taken):
            yield Fact("latin", (match.group(),), *match.span(), match.group())


@lru_cache(maxsize=8192)
def facts(text: str) -> tuple[Fact, ...]:
    """All facts of a text in normal form, in order of their position."""
    text = text.translate(_ROMAN_LIKE)
    found: list[Fact] = []
    taken: list[tuple[int, int]] = []
    for match in _SYMBOL.finditer(text):
        if re.search(r"\d", match.group()) or "/" in match.group()[4:]:
            taken.append(match.span())
            found.append(Fact("symbol", (match.group().strip("."),), *match.span(), match.group()))
    for match in _RESOLUTION.finditer(text):
        if not _overlaps(match.span(), taken):
            taken.append(match.span())
            found.append(Fact("resolution", (match["n"],), *match.span(), match.group()))
    for maker in (_dates, _ordinal_lists, _articles, _sessions):
        new = [fact for fact in maker(text) if not _overlaps((fact.start, fact.end), taken)]
        taken.extend((fact.start, fact.end) for fact in new)
        found.extend(new)
    found.extend(_numbers(text, taken))
    taken.extend((fact.start, fact.end) for fact in found if fact.kind == "number")
    found.extend(_names(text, taken))
    return tuple(sorted(found, key=lambda fact: (fact.start, fact.end)))


def with_year(found: Iterable[Fact]) -> list[Fact]:
    """The facts with the year (and month) of the preceding date filled in where a date says none."""
    year: str | int | float | None = None
    month: str | int | float | None = None
    filled = []
    for fact in found:
        if fact.kind == "date":
            y, m, d, y2, m2, d2 = fact.value
            y = year if y is None else y
            m = month if m is None and d is not None else m
            y2 = y if y2 is None and (m2 is not None or d2 is not None) else y2
            m2 = m if m2 is None and d2 is not None else m2
            fact = Fact("date", (y, m, d, y2, m2, d2), fact.start, fact.end, fact.text)
            year, month = (y2 or y), (m2 or m)
        filled.append(fact)
    return filled


def _date_within(claim: Value, source: Value) -> bool:
    """Whether every part that the claim's date states is what the source's date states."""
    y, m, d, y2, m2, d2 = claim
    sy, sm, sd, sy2, sm2, sd2 = source
    if y2 is None and m2 is None and d2 is None:
        first = all(c is None or c == s for c, s in zip((y, m, d), (sy, sm, sd), strict=True))
        last = sy2 is not None and all(
            c is None or c == s for c, s in zip((y, m, d), (sy2, sm2, sd2), strict=True)
        )
        return first or last
    return all(c is None or c == s for c, s in zip(claim, source, strict=True))


def _number_agrees(claim: Value, source: Value) -> bool:
    low, high, unit, bound = claim
    slow, shigh, sunit, sbound = source
    if unit != sunit and not {unit, sunit} <= {"thing", "times"}:
        return False
    loose = {"": "", "~": "", ">": "+", ">=": "+", "<": "-", "<=": "-"}
    opposite = {loose[str(bound)], loose[str(sbound)]} == {"+", "-"}
    return (low, high) == (slow, shigh) and not opposite


def agrees(claim: Fact, source: Fact) -> bool:
    """Whether the source's fact entails the claim's: equal, or the claim says less of the same."""
    if claim.kind != source.kind:
        return False
    if claim.kind == "date":
        return _date_within(claim.value, source.value)
    if claim.kind == "number":
        return _number_agrees(claim.value, source.value)
    if claim.kind == "article":
        return all(c is None or c == s for c, s in zip(claim.value, source.value, strict=True))
    if claim.kind == "title":
        a, b = str(claim.value[0]), str(source.value[0])
        return a == b or (len(a) >= 4 and (a in b or b in a))
    return claim.value == source.value
