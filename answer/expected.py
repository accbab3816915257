"""Which sort of thing a question asks for, and whether a text holds such a thing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from answer.facts import Fact, agrees, facts
from answer.names import states
from answer.nearness import nearness
from answer.questions import Part, Question, tagged

FACT_OF = {
    "when": "date",
    "how_many": "number",
    "where": "state",
    "resolution": "resolution",
    "symbol": "symbol",
    "article": "article",
    "session": "session",
}
_COUNT = r"[两二三四五六七八九十几\d]*"
_CLASSIFIERS = "公里|公斤|" + "|".join(
    "个名位项份次届种家场所篇类条起件道页册支座轮组批宗笔处款门套回期架米吨倍"
)
# The first that matches decides; what the part's own kinds say comes between the two tables.
_FIRST: tuple[tuple[str, str], ...] = (
    (
        "contact",  # 举报电话什么时候开通 asks for a day
        r"(?:电话|手机|邮箱|电邮|电子邮件|传真|邮编|微信)(?:号码?|地址)?(?:是|为|有)?(?:多少|几号|什么(?!时)|哪个)"
        r"|(?:哪个|什么|多少)(?:电话|手机|邮箱|电邮|传真)|(?:phone|e-?mail|fax)(?: number| address)",
    ),
    (
        "language",
        r"(?:哪[几些]?|几|什么|多少)种?(?:语言|语文|文字|文本|语种|文版)|which languages?|what languages?",
    ),
    (
        "states",  # neither 中国是哪一年批准的 nor 各国为什么这样选 nor 缔约国有哪些义务
        rf"(?:哪{_COUNT}|哪些|什么)个?(?:成员|缔约|会员|捐助|受援|沿海|岛屿)?(?:国家(?!集团|机|战略|级)|国(?![际会家]))"
        r"|国家?(?:都|又|具体|分别)?(?:是|有|叫|包括)"
        r"(?:谁|哪[两二三四五六几][个国]|(?:哪[些国]?|什么(?:名字)?)(?![\u4e00-\u9fff]))"
        r"|which (?:\w+ ){0,2}(?:countr|state)|what countr",
    ),
    (
        "share",
        r"百分之几|百分比|比例|占(?:了)?多[少大]|几成(?!员|功|立|果|为)|比率|(?<![频效])率(?:是|为|有|达)?多[少大高]"
        r"|percent|per cent|what (?:share|proportion)",
    ),
    (
        "money",
        r"多少钱|几块钱|多少(?:美元|欧元|资金|款|经费|贿款|捐款)|(?:费用|花费|造价|经费|预算|贿款|金额|款额|缺口|捐款|罚款)[^,。?？]{0,4}"
        r"(?:多[少大高]|几何|合计|总额[是为]?$)|(?:花|罚|捐|拨|筹)了?(?:款|到)?多少(?!人|名|位|个|次)|多少[万亿](?![人名份件次])"
        r"|how much (?:money|did .* (?:cost|pay|give|contribute))|\bcosts?\b.*how much|how much .*\bcosts?\b",
    ),
    (
        "length",
        r"多久|多长(?:时间|期限)?|(?<![哪这那近])几(?:年(?!几)|个月|天|周|小时|个工作日)|多少(?:年|个月|天|周|小时)|判几年"
        r"|how long",
    ),
)
_LAST: tuple[tuple[str, str], ...] = (
    (
        "person",
        r"哪一?位|姓名|何人|(?:主席|主持人?|报告员|组长|团长|负责人|主讲人|秘书长|主任|司长|部长|院长|大使|作者)(?:是|为|叫|姓)谁"
        r"|谁(?:来|是|在)?(?:主持|担任|任|当选|当|牵头|领导|执笔|致辞|致开幕词)|由谁(?:主持|担任|领导|牵头|致)"
        r"|who (?:chaired|presided|headed|led|moderated|was elected|opened)",
    ),
    ("agent", r"谁|由哪|哪[一几些]?[个家所](?!月|方面|阶段|环节|步)|哪方|哪家|\bwho\b|by whom"),
)
_FIRST_PATTERNS = [(sort, re.compile(pattern)) for sort, pattern in _FIRST]
_LAST_PATTERNS = [(sort, re.compile(pattern)) for sort, pattern in _LAST]
_KINDS = {
    "url": "url",
    "resolution": "resolution",
    "symbol": "symbol",
    "article": "article",
    "session": "session",
    "when": "when",
    "where": "where",
    "how_many": "number",
    "why": "why",
    "title": "title",
}
_MONEY_UNITS = frozenset({"usd", "eur", "cny", "gbp"})
_MONEY_WORD = re.compile(r"[万亿多余]*(?:瑞郎|日元|先令|卢比|比索|克朗|法郎|澳元|加元|雷亚尔|第纳尔|兰特|元)")
_SHARES = frozenset({"percent", "tenth", "point"})
_TIME_UNITS = frozenset({"year", "month", "week", "day", "workday", "quarter", "hour", "minute"})
_PERSON = re.compile(
    r"女士|先生|[a-z][a-z'.-]+ [a-z][a-z'.-]+|博士|教授|阁下|·|[a-zà-ÿ]{3,}(?=\()"
    r"|[\u4e00-\u9fff]{2,5}(?:专家|代表|大使)(?=[,]?(?:当选|主持|担任|任主席))"
)
_ORGAN = re.compile(
    r"[\u4e00-\u9fff]{2,12}?(?:委员会|办公室|局|司|署|厅|银行|组织|协会|联合会|大学|学院|公司|基金会|中心|理事会|议会"
    r"|法院|检察院|秘书处|联盟|机构|机关|参议院|众议院|审计院|专家组|工作组|审议组|主席团|集团|代表团?|发言者|部(?![分门长]))"
)
_REASONS = re.compile(
    r"因为|由于|旨在|以便|目的|鉴于|从而|为了|以期|因此|避免|防止|原因|理由|力求|有助于|意在|为此|致使|导致|担心|归因|使得"
    r"|考虑到|解释|因(?![素此])|没有足够|不足|争议"
)
_DAY = re.compile(r"哪[一几两]?[天日]|几号|几月几[日号]|具体日期|what (?:date|day)|exact date")
_MONTH = re.compile(r"几月|哪个?月|哪年哪月|which month")
_HELD_AT = re.compile(r"在[^,。]{2,12}(?:举行|举办|召开|召集|设立|颁)|总部|中心|会议厅")


@lru_cache(maxsize=4096)
def sort_of(part: Part) -> str:
    """The sort of thing that answers the part: a key of ``_CHECKS`` or ``FACT_OF``, or open."""
    text = part.text
    for kind in ("url", "resolution", "symbol", "article", "session"):
        if kind in part.kinds:
            return kind
    sort = next((sort for sort, pattern in _FIRST_PATTERNS if pattern.search(text)), "")
    sort = sort or next((_KINDS[kind] for kind in part.kinds if kind in ("when", "where", "how_many")), "")
    sort = sort or next((sort for sort, pattern in _LAST_PATTERNS if pattern.search(text)), "")
    sort = sort or next((_KINDS[kind] for kind in part.kinds if kind in _KINDS), "")
    return sort or ("list" if "list" in part.kinds else "open")


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
    sort = sort_of(part)
    check = _CHECKS.get(sort)
    if check is not None:
        return check(question, part, text)
    if sort in FACT_OF:
        return 1.0 if new_facts(question, text, FACT_OF[sort]) else 0.0
    return 0.5


def _contact(question: Question, part: Part, text: str) -> float:
    return 1.0 if re.search(r"@|\d{3}[- ]?\d{4,}", text) else 0.0


def _url(question: Question, part: Part, text: str) -> float:
    return 1.0 if "www." in text or "http" in text else 0.0


def _language(question: Question, part: Part, text: str) -> float:
    return 1.0 if any(f.kind == "language" for f in facts(text)) else 0.0


def _states(question: Question, part: Part, text: str) -> float:
    return 1.0 if any(f.value[0] in states() for f in new_facts(question, text, "state")) else 0.0


def _share(question: Question, part: Part, text: str) -> float:
    return 1.0 if any(f.value[2] in _SHARES for f in new_facts(question, text, "number")) else 0.0


def _money(question: Question, part: Part, text: str) -> float:
    return 1.0 if any(is_money(text, f) for f in new_facts(question, text, "number")) else 0.0


def is_money(text: str, fact: Fact) -> bool:
    """Whether a number of the text is a sum of money."""
    return fact.value[2] in _MONEY_UNITS or _MONEY_WORD.match(text, fact.end) is not None


def _length(question: Question, part: Part, text: str) -> float:
    ranged = any(f.kind == "date" and f.value[3] is not None for f in facts(text))
    spans = any(f.value[2] in _TIME_UNITS for f in new_facts(question, text, "number"))
    return 1.0 if ranged or spans else 0.0


def _time(question: Question, part: Part, text: str) -> float:
    found = new_facts(question, text, "date")
    if _DAY.search(part.text):
        return 1.0 if any(f.value[2] is not None for f in found) else 0.2 if found else 0.0
    if _MONTH.search(part.text):
        return 1.0 if any(f.value[1] is not None for f in found) else 0.2 if found else 0.0
    return 1.0 if found else 0.0


def _place(question: Question, part: Part, text: str) -> float:
    return 1.0 if new_facts(question, text, "state") else 0.6 if _HELD_AT.search(text) else 0.1


def _someone(question: Question, part: Part, text: str) -> float:
    if _PERSON.search(text):
        return 1.0
    named = any(new_facts(question, text, kind) for kind in ("body", "state", "latin"))
    return 0.4 if named or re.search(r"司长|主任|秘书长|部长|大使|专家", text) else 0.1


def _agent(question: Question, part: Part, text: str) -> float:
    if any(new_facts(question, text, kind) for kind in ("body", "state", "latin")) or _PERSON.search(text):
        return 1.0
    return 0.8 if any(m[0] not in question.normal for m in _ORGAN.finditer(text)) else 0.1


def _reason(question: Question, part: Part, text: str) -> float:
    return 1.0 if _REASONS.search(text) else 0.3


def _title(question: Question, part: Part, text: str) -> float:
    return 1.0 if re.search(r"\"|《|题为|名为|(?:主题|专题|议题|题目)[是为]?", text) else 0.3


def _items(question: Question, part: Part, text: str) -> float:
    """For a list there is no form of its own: a hint of items, never a lack."""
    return 1.0 if text.count("、") >= 2 or "(a)" in text or text.count(";") >= 2 else 0.4


def _quantity(question: Question, part: Part, text: str) -> float:
    """Whether a number of the asked unit or noun stands in the text; of several asked, the mean."""
    found = new_facts(question, text, "number")
    if not found:  # 第三十份批准书交存后: the number asked for as an ordinal
        ordinals = [f.value[1] for f in new_facts(question, text, "session")]
        return 0.7 if {"份", "位", "家", "个"} & set(ordinals) else 0.0
    wanted = things_counted(part.text) or (Counted("", ""),)
    return sum(max(counts(thing, text, fact) for fact in found) for thing in wanted) / len(wanted)


@dataclass(frozen=True, slots=True)
class Counted:
    """What is to be counted: the noun after 多少 or 几 and its classifier, "" where there is none."""

    noun: str
    classifier: str


_ASKED = re.compile(
    rf"(?:多少|(?<![哪这那])几)(?P<c>{_CLASSIFIERS}|人|国)?(?:不同的|成员)?(?=(?P<n>[\u4e00-\u9fff]{{0,8}}))"
)
_TOTAL = re.compile(r"(?P<n>[\u4e00-\u9fff]{1,4}?)(?:总数|人数|数量|票数|数(?=$|[,。?是为]))")
_OF_STATES = re.compile(r"国$|国家|缔约|会员国|法域")
_OF_PEOPLE = re.compile(r"人$|人员|代表$|学员$|专家$|名$")
_PEOPLE = re.compile(r"人|名|位|代表|者|员|法官|学者|记者|青年|专家|官员|嘉宾|行家|学生|教师|检察官")
_STATE_WORD = re.compile(r"国|缔约方|法域")


_OF_ACTS = frozenset("件项起宗笔")  # 多少件投诉: what is filed or done is counted as a thing


@lru_cache(maxsize=4096)
def things_counted(text: str) -> tuple[Counted, ...]:
    """What a question wants counted, at most two things: ``几回`` has no noun, ``多少国家`` no classifier."""
    found = []
    for match in _ASKED.finditer(text):
        classifier = match["c"] or ""
        noun = _first_noun(match["n"], verbs=classifier in _OF_ACTS)
        if classifier in ("人", "国"):
            noun, classifier = {"人": "人", "国": "国家"}[classifier], ""
        if not noun and not classifier:  # 名额还剩多少: the noun stands before
            before = [word for word, flag in tagged(text[: match.start()]) if flag[0] == "n"]
            noun = before[-1] if before else ""
        found.append(Counted(noun, classifier))
    if not found and (total := _TOTAL.search(text)):
        noun = next((of for of in "人票" if f"{of}数" in total[0]), total["n"][-3:])
        found.append(Counted(noun, ""))
    return tuple(found[:2])


def _first_noun(text: str, *, verbs: bool) -> str:
    """The nouns a text begins with, run together; with ``verbs`` a verb that stands for a thing too."""
    noun = ""
    for word, flag in tagged(text):
        if flag[0] == "n" or (verbs and flag == "v") or flag in ("vn", "j", "l", "i", "an", "b", "eng"):
            noun += word
        elif word != "的" or noun:
            break
    return noun


def counts(thing: Counted, text: str, fact: Fact) -> float:
    """Whether a number of the text counts the thing: by its classifier, the noun after it or before it."""
    after = re.split(r"[,。;:、()]", text[fact.end : fact.end + 12])[0]
    number, classifier = fact.text, thing.classifier
    least = 0.2
    if classifier in ("次", "回"):
        least = 0.9 if re.search(r"[次回场]", number + after[:1]) else least
    elif classifier in ("名", "位"):
        least = 0.7 if re.search(r"[名位人]", number + after[:1]) else least
    elif classifier and classifier in number + after[:1]:
        least = 0.45 if classifier in "个项种家" else 0.85
    if not thing.noun:
        return max(least, 0.5)
    for asked, words in ((_OF_STATES, _STATE_WORD), (_OF_PEOPLE, _PEOPLE)):
        if asked.search(thing.noun):
            return 1.0 if words.search(number[-1:] + after[:4]) else _named_before(words, text, fact, after)
    head = thing.noun[-2:]
    if head in after[:8] or thing.noun in after:
        return 1.0
    nouns = [word for word, flag in tagged(after)[:3] if flag[0] == "n" or flag in ("vn", "j")]
    if nouns:
        return max(least, 0.9 * float(nearness([head], after).max()))
    clause = re.split(r"[,。;:]", text[: fact.start])[-1]
    return 0.9 if head in clause else max(least, 0.7 * float(nearness([head], clause)[0]))


def _named_before(words: re.Pattern[str], text: str, fact: Fact, after: str) -> float:
    """What a figure without a unit counts stands before it: 出席人数为164, 学员97 in a row of a table."""
    bare = not after and fact.text[-1].isdigit()
    return 0.9 if bare and words.search(re.split(r"[,。;]", text[: fact.start])[-1]) else 0.1


SUITS = 0.45  # how surely a number has to count the thing asked for before it is given as the answer


def suits(part: Part, text: str, fact: Fact) -> bool:
    """Whether a fact of the text is of the very sort the part asks for: a sum, a share, a day, so many."""
    sort = sort_of(part)
    if fact.kind == "number":
        if sort == "money":
            return is_money(text, fact)
        if sort == "share":
            return fact.value[2] in _SHARES
        if sort == "length":
            return fact.value[2] in _TIME_UNITS
        named = [thing for thing in things_counted(part.text) if thing.noun or thing.classifier]
        alone = sum(other.kind == "number" for other in facts(text)) == 1
        return max((counts(thing, text, fact) for thing in named), default=float(alone)) >= SUITS
    if fact.kind == "date":
        return fact.value[2] is not None or not _DAY.search(part.text)
    return True


_CHECKS: Mapping[str, Callable[[Question, Part, str], float]] = {
    "contact": _contact,
    "url": _url,
    "language": _language,
    "states": _states,
    "share": _share,
    "money": _money,
    "length": _length,
    "when": _time,
    "where": _place,
    "number": _quantity,
    "person": _someone,
    "agent": _agent,
    "why": _reason,
    "title": _title,
    "list": _items,
}

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
