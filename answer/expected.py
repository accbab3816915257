"""Which thing a question asks for, and whether a text holds such a thing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from answer.facts import Fact, agrees, facts
from answer.questions import Part, Question
from answer.stance import actors

FACT_OF = {
    "when": "date",
    "how_many": "number",
    "where": "state",
    "resolution": "resolution",
    "symbol": "symbol",
    "article": "article",
    "session": "session",
}
_MONEY = re.compile(
    r"美元|欧元|卢比|英镑|日元|多少钱|钱|经费|预算|资金|款|费用?|usd|dollar|cost|budget|fund|contribution"
)
_MONEY_UNITS = frozenset({"usd", "eur", "cny", "gbp"})
_CONTACT = re.compile(r"电话|手机号|邮箱|电邮|电子邮件地址|传真|邮编|微信|phone|e-?mail|fax")
_ROLE = re.compile(
    r"主席|主任|部长|司长|秘书长|总统|总理|主持人?|代表团团长|负责人|(?<!工)作者|得主|获奖者|法官|院长|会长|大使|署长|处长"
)
_SHARE = re.compile(r"比例|百分之|百分比|占多[少大]|percent|share|proportion")
_LENGTH = re.compile(
    r"多久|多长(?:时间|期限)?|几(?:年(?!几)|个月|天|周|小时)|多少(?:年|个月|天|周|小时)|how long"
)
_TIME_UNITS = frozenset({"year", "month", "week", "day", "workday", "quarter", "hour", "minute"})
_CLASSIFIER = re.compile(r"(?:多少|几)(?P<c>册|起|条|页|场|公里|米|公斤|吨|倍|岁|轮|届|卷|项|篇|所|家)")
_GENERIC_NOUN = (
    ("人", re.compile(r"人|名|位|代表|者|员|法官|学者|记者|青年|专家|官员|嘉宾|行家")),
    ("国", re.compile(r"国|缔约方|法域")),
)
_PERSON = re.compile(r"女士|先生|[a-z][a-z'.-]+ [a-z][a-z'.-]+|博士|教授|阁下")
_REASONS = (
    "因为",
    "由于",
    "旨在",
    "以便",
    "目的",
    "鉴于",
    "从而",
    "为了",
    "以期",
    "因此",
    "以避免",
    "原因",
    "力求",
    "有助于",
    "意在",
    "为此",
)
_DAY = re.compile(r"哪[一几两]?[天日]|几号|几月几[日号]|具体日期")
_MONTH = re.compile(r"几月|哪个?月|哪年哪月")


def new_facts(question: Question, text: str, kind: str) -> list[Fact]:
    """Facts of one kind in a text (normal form) that the question does not state itself."""
    stated = [fact for fact in question.facts if fact.kind == kind]
    found = facts(text)
    titles = [f for f in found if f.kind == "title"] if kind in ("state", "date", "number") else []
    return [
        f
        for f in found
        if f.kind == kind
        and not any(agrees(f, s) for s in stated)
        and not any(t.start <= f.start and f.end <= t.end for t in titles)  # 《马拉喀什宣言》 names no place
    ]


def holds_answer(question: Question, part: Part, text: str) -> float:
    """1 where a text (normal form) holds the kind of thing asked for, 0 where not, between where unsure."""
    kinds = part.kinds
    if _CONTACT.search(part.text):
        return 1.0 if re.search(r"@|\d{3}[- ]?\d{4,}", text) else 0.0
    if "url" in kinds:
        return 1.0 if "www." in text or "http" in text else 0.0
    if "how_many" in kinds or _LENGTH.search(part.text):
        return _quantity(question, part, text)
    if "when" in kinds:
        return _time(question, part, text)
    for kind in ("resolution", "symbol", "article", "session"):
        if kind in kinds:
            return 1.0 if new_facts(question, text, FACT_OF[kind]) else 0.0
    if "where" in kinds:
        return 1.0 if new_facts(question, text, "state") else 0.2
    if "who" in kinds:
        return _agent(question, part, text)
    return _loosely(kinds, text)


_DEFINED = re.compile(
    r"^(?:什么(?:是|叫|叫做)|何谓|何为)(?P<a>.{2,20}?)[?？。]*$"
    r"|^(?P<b>.{2,20}?)(?:是什么(?:意思)?|(?:是)?指什么|的定义(?:是什么)?)[?？。]*$"
)


def defines(part: Part, text: str) -> bool:
    """Whether a text (normal form) says what the asked term means: ``X是指…``, also with 的 inside X."""
    match = _DEFINED.match(part.text)
    if match is None:
        return False
    term = "的?".join(map(re.escape, (match["a"] or match["b"]).strip('“”"《》')))
    return re.search(rf"{term}[^，。；]{{0,8}}(?:是指|系指|指的是|意指|的定义)", text) is not None


def _loosely(kinds: Sequence[str], text: str) -> float:
    """For kinds of answer that have no form of their own: a hint of them, never a lack."""
    if "list" in kinds:
        return 1.0 if text.count("、") >= 2 or "(a)" in text or text.count(";") >= 2 else 0.4
    if "why" in kinds:
        return 1.0 if any(word in text for word in _REASONS) else 0.4
    if "title" in kinds:
        return 1.0 if '"' in text or "《" in text else 0.3
    return 0.5


def _quantity(question: Question, part: Part, text: str) -> float:
    """Whether a number of the asked unit or noun stands in the text."""
    found = new_facts(question, text, "number")
    if _MONEY.search(part.text) and not _LENGTH.search(part.text):
        return 1.0 if any(f.value[2] in _MONEY_UNITS for f in found) else 0.0
    if _SHARE.search(part.text):
        return 1.0 if any(f.value[2] == "percent" for f in found) else 0.0
    if _LENGTH.search(part.text):
        ranged = any(f.kind == "date" and f.value[3] is not None for f in facts(text))
        return 1.0 if ranged or any(f.value[2] in _TIME_UNITS for f in found) else 0.2
    if not found:  # 第三十份批准书交存后: the number asked for as an ordinal
        return (
            0.7
            if any(f.value[1] in ("份", "位", "家", "个") for f in new_facts(question, text, "session"))
            else 0.0
        )
    return max(_counts(part, text, fact) for fact in found)


def _counts(part: Part, text: str, fact: Fact) -> float:
    """Whether a number counts what is asked: its classifier or the noun after it."""
    after = text[fact.start : fact.end + 10]
    classifier = _CLASSIFIER.search(part.text)
    noun = part.noun[:2]
    for general, pattern in _GENERIC_NOUN:
        if part.noun.startswith(general) or (
            general == "国" and part.noun[:3] in ("缔约国", "会员国", "成员国")
        ):
            return 1.0 if pattern.search(after) else 0.3
    if noun and noun in after:
        return 1.0
    if noun and any(char in after for char in noun):
        return 0.8
    if classifier is not None:
        return 0.9 if classifier["c"] in after else 0.15
    return 0.4 if noun else 0.7


def _time(question: Question, part: Part, text: str) -> float:
    found = new_facts(question, text, "date")
    if _DAY.search(part.text):
        return 1.0 if any(f.value[2] is not None for f in found) else 0.2 if found else 0.0
    if _MONTH.search(part.text):
        return 1.0 if any(f.value[1] is not None for f in found) else 0.2 if found else 0.0
    return 1.0 if found else 0.0


def _agent(question: Question, part: Part, text: str) -> float:
    if re.search(r"哪一?个国家|哪国|which country", part.text):
        return 1.0 if new_facts(question, text, "state") else 0.0
    if re.search(r"哪一?位|姓名|叫什么名字|何人", part.text) or (
        _ROLE.search(part.text) and "谁" in part.text
    ):
        role = _ROLE.search(part.text)
        person = bool(_PERSON.search(text) or new_facts(question, text, "latin"))
        return 1.0 if person and (role is None or role[0][:2] in text) else 0.5 if person else 0.2
    named: Sequence[object] = [
        *new_facts(question, text, "body"),
        *new_facts(question, text, "state"),
        *actors(text),
        *re.findall(r"[会处组部局署院团]", text),
    ]
    return 1.0 if named else 0.2
