"""What a United Nations text points at, in one spelling: years, dates, resolutions, articles, symbols.

``第六十三条第七款``, ``第63条第7款`` and ``article 63 (7)`` all become ``art:63(7)``; the tokens are matched
exactly, so a question about resolution 3/2 is not answered with 2/3. All functions expect folded text
(``index.normalise.fold``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.metadata import MONTHS

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "○": 0}
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
_CN = "零〇○一二三四五六七八九十百千两"
_NUMBER = rf"(?:\d+|[{_CN}]+)"
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
             "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth",
             "eighteenth", "nineteenth", "twentieth")  # fmt: skip

_SYMBOL = re.compile(r"(?<![a-z0-9/.])[a-z]{1,8}(?:/[a-z0-9][a-z0-9.\-]*)+")
_RESOLUTION = re.compile(rf"(?<![\d/.a-z])({_NUMBER})/({_NUMBER})(?![\d/.])")
_ARTICLES = re.compile(
    rf"第({_NUMBER})(?:条)?(?:至|到|-)第?({_NUMBER})条"
    rf"|第({_NUMBER})条(?:第?({_NUMBER})款)?(?:第?\(?([a-z])\)?项)?"
    r"|articles?\s*(\d+)(?:\s*\((\d+)\)|,?\s*para(?:graph|\.)?\s*(\d+))?(?:\s*\(([a-z])\))?"
    r"|(?<=[^\d/.])(\d{1,2})\((\d{1,2})\)"
)
_ARTICLE_LIST = re.compile(rf"((?:第{_NUMBER}(?:条)?[、,和及与]\s*)+)第?{_NUMBER}条")
_YEAR = re.compile(
    r"(?<![\d/.])((?:19|20)\d\d)(?![\d/])(?!\.\d)|([一二][〇○零九一二][〇○零一二三四五六七八九]{2})年?"
)
_DATE = re.compile(
    rf"(?:(\d{{4}}|[一二][〇○零九][〇○零一二三四五六七八九]{{2}})年)?({_NUMBER})月"
    rf"(?:({_NUMBER})[日号]?(?:(?:至|到|-)({_NUMBER}))?[日号])?"
)
_ISO_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)[-./](\d{1,2})(?:[-./](\d{1,2}))?(?!\d)")
_ENGLISH_DATE = re.compile(
    rf"(?:(\d{{1,2}})\s+)?({'|'.join(MONTHS)})(?:\s+(\d{{1,2}})(?!\d))?,?(?:\s+((?:19|20)\d\d))?"
)
_SESSION = re.compile(
    rf"第({_NUMBER})(次|届)(?!续)"
    rf"|\b({'|'.join(ORDINALS)}|\d{{1,2}}(?:st|nd|rd|th))\s+(?:\w+\s+)?(session|meeting|conference)"
)
_PERCENT = re.compile(rf"百分之({_NUMBER})|(\d+(?:\.\d+)?)\s*(?:%|per\s?cent)")


def chinese_number(text: str) -> int | None:
    """The value of digits or Chinese numerals (``六十三`` -> 63, ``二〇一二`` -> 2012), or None."""
    if text.isdigit():
        return int(text)
    if not text or any(char not in _DIGITS and char not in _UNITS for char in text):
        return None
    if not any(char in _UNITS for char in text):  # digit by digit, as years are written
        return int("".join(str(_DIGITS[char]) for char in text))
    total, digit = 0, 0
    for char in text:
        if char in _UNITS:
            total += (digit or 1) * _UNITS[char] if char != "万" else (total + digit) * 9_999 + digit
            digit = 0
        else:
            digit = _DIGITS[char]
    return total + digit


def symbols(text: str) -> list[str]:
    """Document symbols in the folded text, without trailing punctuation: ``cac/cosp/2017/4``."""
    found = (match.group().rstrip(".-") for match in _SYMBOL.finditer(text))
    return [symbol for symbol in found if any(char.isdigit() for char in symbol)]


def resolutions(text: str) -> list[str]:
    """Resolution and decision numbers: ``第3/2号决议``, ``第三/二号`` and ``resolution 3/2`` give ``3/2``."""
    found = re.findall(r"a/res/(\d+)/(\d+)", text)
    found += [(m[1], m[2]) for m in _RESOLUTION.finditer(_SYMBOL.sub(" ", text))]
    pairs = ((chinese_number(session), chinese_number(number)) for session, number in found)
    return [f"{session}/{number}" for session, number in pairs if session and number is not None]


def articles(text: str) -> list[str]:
    """Articles with paragraph and letter where named: ``63``, ``63(7)``, ``12(2)(b)``; ranges are listed."""
    found: list[str] = []
    for match in _ARTICLE_LIST.finditer(text):
        numbers = (chinese_number(part) for part in re.findall(_NUMBER, match[1]))
        found.extend(str(number) for number in numbers if number)
    for match in _ARTICLES.finditer(text):
        low, high, cn, cn_paragraph, cn_letter, en, en_brackets, en_words, en_letter, bare, bare_par = (
            match.groups()
        )
        if low:
            first, last = chinese_number(low), chinese_number(high)
            if first and last and 0 < last - first <= 60:
                found.extend(str(number) for number in range(first, last + 1))
            continue
        article = chinese_number(cn or en or bare)
        paragraph = chinese_number(cn_paragraph or en_brackets or en_words or bare_par or "")
        letter = cn_letter or en_letter
        if article:
            found.append(str(article))
            if paragraph:
                found.append(f"{article}({paragraph})")
            if paragraph and letter:
                found.append(f"{article}({paragraph})({letter})")
    return list(dict.fromkeys(found))


_SHORT_YEAR = re.compile(
    r"(?<!\d,)(?<![\d.年期近过前后满头整第约达超逾去了每共经历时])([0-2]\d)年"
    r"(?=那|[这两三][份次届个]|的?(?:报告|文件|会|说明|决议|议程|材料|讨论|结论)|[说讲提谈底初末开]|通过"
    r"|\d{1,2}月|[一二三四五六七八九十]{1,2}月|[上下]半年|[春夏秋冬]|[、和与跟][0-2]\d年)"
)


def full_years(text: str) -> str:
    """The text with years of two digits written out: 19年那份报告, 17年底; not 近12年, a span of time."""
    return _SHORT_YEAR.sub(r"20\1年", text)


def years(text: str) -> list[int]:
    """Years 1900 to 2099, in digits or Chinese numerals; figures inside symbols do not count."""
    found = (chinese_number(match[1] or match[2]) for match in _YEAR.finditer(_SYMBOL.sub(" ", text)))
    return [year for year in dict.fromkeys(found) if year and 1900 <= year < 2100]


def dates(text: str) -> list[str]:
    """Dates as ``2019-09-04``, ``2019-09``, ``09-04`` or ``09``, as much as the text gives.

    A day or month without a year of its own takes the year named last before it
    (``2019年9月4日至11月6日``) and is also given without a year.
    """
    found: list[str] = []
    year: int | None = None
    for own_year, month, day in _raw_dates(text):
        year = own_year or year
        if not 1 <= month <= 12 or not (day is None or 1 <= day <= 31):
            continue
        short = f"{month:02d}" if day is None else f"{month:02d}-{day:02d}"
        found.append(short)
        if year:
            found.append(f"{year}-{short}")
            found.append(f"{year}-{month:02d}")
    return list(dict.fromkeys(found))


def _raw_dates(text: str) -> Iterator[tuple[int | None, int, int | None]]:
    for match in _DATE.finditer(text):
        month = chinese_number(match[2])
        if month:
            yield chinese_number(match[1] or ""), month, chinese_number(match[3] or "")
        if month and match[4]:  # 9月4日至6日: the last day too
            yield None, month, chinese_number(match[4])
    for match in _ISO_DATE.finditer(_SYMBOL.sub(" ", text)):
        yield int(match[1]), int(match[2]), int(match[3]) if match[3] else None
    for match in _ENGLISH_DATE.finditer(text):
        if match[1] or match[3] or match[4]:  # "may" alone is a verb
            day = match[1] or match[3]
            yield int(match[4]) if match[4] else None, MONTHS.index(match[2]) + 1, int(day) if day else None


def sessions(text: str) -> list[str]:
    """Ordinals of sessions and meetings: ``10届`` (第十届会议), ``10次`` (第十次会议); English gives both."""
    found: list[str] = []
    for match in _SESSION.finditer(text):
        if match[1]:
            number = chinese_number(match[1])
            found.extend([f"{number}{match[2]}"] if number else [])
        else:
            word = match[3]
            number = ORDINALS.index(word) + 1 if word in ORDINALS else int(re.sub(r"\D", "", word))
            found.extend([f"{number}届", f"{number}次"])
    return list(dict.fromkeys(found))


def percentages(text: str) -> list[str]:
    """Percentages as ``40%``, however written."""
    found = (match[2] or chinese_number(match[1] or "") for match in _PERCENT.finditer(text))
    return [f"{value}%" for value in found if value is not None]


def exact_tokens(text: str) -> list[str]:
    """All references of the folded text as prefixed tokens, with repetitions of mentions removed."""
    tokens = [f"sym:{value}" for value in symbols(text)]
    tokens += [f"res:{value}" for value in resolutions(text)]
    tokens += [f"art:{value}" for value in articles(text)]
    tokens += [f"year:{value}" for value in years(text)]
    tokens += [f"date:{value}" for value in dates(text)]
    tokens += [f"ord:{value}" for value in sessions(text)]
    tokens += [f"pct:{value}" for value in percentages(text)]
    return tokens
